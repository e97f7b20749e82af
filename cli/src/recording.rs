//! What a run recorded, and its CSV files.

use bouton_targets::image::{Description, NONE, ValueDescription};
use std::fmt::Write;

/// What a run recorded.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    /// Ticks that were run.
    pub ticks: u32,
    /// (tick, population, member), sorted.
    pub spikes: Vec<(u32, u32, u32)>,
    /// By record of the image; empty for those of spikes.
    pub traces: Vec<Trace>,
}

/// Samples of one record.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// Tick of each sample.
    pub ticks: Vec<u32>,
    /// The members, ascending.
    pub members: Vec<u32>,
    /// Raw values by sample, then by member.
    pub raw: Vec<i32>,
}

/// Number of the record of a variable; the finest and fullest when there are several.
#[must_use]
pub fn find_record(description: &Description, population: &str, variable: &str) -> Option<usize> {
    let matches = |record: &bouton_targets::image::RecordDescription| {
        let population_of = description.populations.get(record.population as usize);
        population_of.is_some_and(|p| {
            p.name == population && p.states.get(record.state as usize).is_some_and(|s| s.name == variable)
        })
    };
    let fullness = |record: &bouton_targets::image::RecordDescription| match record.members.len() {
        0 => usize::MAX,
        n => n,
    };
    let candidates = description.records.iter().enumerate().filter(|(_, r)| r.state != NONE && matches(r));
    candidates.max_by_key(|(at, r)| (fullness(r), std::cmp::Reverse(r.every), std::cmp::Reverse(*at))).map(|(at, _)| at)
}

/// Spikes as CSV: `tick,population,index`.
#[must_use]
pub fn spikes_csv(recording: &Recording, description: &Description) -> String {
    let names: Vec<String> = description.populations.iter().map(|p| quoted(&p.name)).collect();
    let mut out = String::from("tick,population,index\n");
    for (tick, population, index) in &recording.spikes {
        let name = names.get(*population as usize).map_or("?", String::as_str);
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{tick},{name},{index}");
    }
    out
}

/// A trace as CSV: `tick,index,raw,value`, with the meaning of the numbers in a comment.
#[must_use]
pub fn trace_csv(trace: &Trace, population: &str, value: &ValueDescription) -> String {
    let unit = if value.unit.is_empty() { "1" } else { &value.unit };
    let mut out = format!(
        "# {population}.{}: value in {unit} = raw * 2^{} / {}\ntick,index,raw,value\n",
        value.name,
        -i32::from(value.frac),
        value.unit_si
    );
    let width = trace.members.len().max(1);
    for (tick, row) in trace.ticks.iter().zip(trace.raw.chunks(width)) {
        for (index, raw) in trace.members.iter().zip(row) {
            let _ = writeln!(out, "{tick},{index},{raw},{}", value.value(*raw));
        }
    }
    out
}

fn quoted(name: &str) -> String {
    if name.contains([',', '"', '\n']) { format!("\"{}\"", name.replace('"', "\"\"")) } else { name.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bouton_targets::image::{PopulationDescription, RecordDescription};

    fn description() -> Description {
        let v = ValueDescription { name: "v".into(), unit: "mV".into(), unit_si: 1e-3, frac: 20 };
        let e = PopulationDescription { name: "e".into(), shape: vec![4], states: vec![v], ..Default::default() };
        let record = |state, every, members| RecordDescription { population: 0, state, every, members };
        let records = vec![record(NONE, 1, vec![]), record(0, 1, vec![1, 2]), record(0, 10, vec![]), record(0, 5, vec![])];
        Description { populations: vec![e], records, ..Default::default() }
    }

    #[test]
    fn the_fullest_and_finest_record_is_found() {
        assert_eq!(find_record(&description(), "e", "v"), Some(3));
        assert_eq!(find_record(&description(), "e", "u"), None);
        assert_eq!(find_record(&description(), "i", "v"), None);
    }

    #[test]
    fn csv_files_have_the_published_columns() {
        let recording = Recording { ticks: 10, spikes: vec![(1, 0, 3), (4, 0, 0)], traces: Vec::new() };
        assert_eq!(spikes_csv(&recording, &description()), "tick,population,index\n1,e,3\n4,e,0\n");
        let trace = Trace { ticks: vec![0, 5], members: vec![1, 2], raw: vec![1 << 20, 0, -(1 << 19), 1] };
        let value = ValueDescription { name: "v".into(), unit: "mV".into(), unit_si: 1.0 / 1024.0, frac: 20 };
        let text = trace_csv(&trace, "e", &value);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "# e.v: value in mV = raw * 2^-20 / 0.0009765625");
        assert_eq!(lines[1..], ["tick,index,raw,value", "0,1,1048576,1024", "0,2,0,0", "5,1,-524288,-512", "5,2,1,0.0009765625"]);
    }
}
