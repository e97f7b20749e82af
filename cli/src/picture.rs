//! From a recording to a picture.

use crate::failure::Failure;
use crate::files;
use crate::plot::{Band, BandKind, Raster, Role, Traces};
use crate::recording;
use crate::wording::{count, seconds};
use bouton_compiler::circuit::{Circuit, Sign};
use bouton_runtime_host::recording::{Recording, Sample};
use bouton_targets::image::{Description, NONE, PopulationDescription, RecordDescription};
use std::path::Path;

/// Formats of pictures, by the end of the file's name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// Scalable; text stays text.
    Svg,
    /// Pixels.
    Png,
}

impl Format {
    /// The format of a file.
    ///
    /// # Errors
    /// When its name says neither.
    pub fn of(path: &Path) -> Result<Format, Failure> {
        let end = path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
        match end.as_str() {
            "svg" => Ok(Format::Svg),
            "png" => Ok(Format::Png),
            _ => Err(Failure::Usage(format!("--raster {}: the name must end in .svg or .png", path.display()))),
        }
    }
}

/// Draws and writes the picture.
///
/// # Errors
/// When it cannot be written.
pub fn write(path: &Path, raster: &Raster) -> Result<(), Failure> {
    let bytes = match Format::of(path)? {
        Format::Svg => raster.to_svg().into_bytes(),
        Format::Png => raster.to_png().map_err(|e| Failure::Device(format!("cannot draw {}: {e}", path.display())))?,
    };
    files::write(path, &bytes)
}

/// The picture of a recording of so many ticks. The circuit, where it is known, says who excites and who inhibits.
#[must_use]
pub fn raster(recording: &Recording, ticks: u32, description: &Description, circuit: Option<&Circuit>) -> Raster {
    let mut by_population: Vec<Vec<(u32, u32)>> = vec![Vec::new(); description.populations.len()];
    for spike in &recording.spikes {
        if let Some(spikes) = by_population.get_mut(spike.population as usize) {
            spikes.push((spike.tick, spike.index));
        }
    }
    let mut bands: Vec<(u32, Band)> = Vec::new();
    for (at, record) in description.records.iter().enumerate() {
        let Some(population) = description.populations.get(record.population as usize) else { continue };
        let role = role(circuit, record.population);
        let kind = if record.state == NONE {
            // Of several records of spikes of one population the first shows them all.
            match by_population.get_mut(record.population as usize).map(std::mem::take) {
                Some(spikes) if !bands.iter().any(|(p, b)| *p == record.population && is_spikes(b)) => BandKind::Spikes(spikes),
                _ => continue,
            }
        } else {
            match recording.traces.get(at) {
                Some(samples) => BandKind::Traces(traces(samples, population, record)),
                None => continue,
            }
        };
        bands.push((record.population, band(description, population, record, role, kind)));
    }
    Raster {
        title: description.circuit.clone(),
        subtitle: subtitle(ticks, description),
        tick_s: description.tick_s,
        ticks,
        bands: bands.into_iter().map(|(_, band)| band).collect(),
    }
}

fn is_spikes(band: &Band) -> bool {
    matches!(band.kind, BandKind::Spikes(_))
}

fn band(description: &Description, p: &PopulationDescription, record: &RecordDescription, role: Role, kind: BandKind) -> Band {
    let members = match &kind {
        BandKind::Spikes(_) => recorded_spikes(description, record.population),
        BandKind::Traces(_) => Some(record.members.clone()).filter(|members| !members.is_empty()),
    };
    let name = recording::state_of(p, record).map_or_else(|| p.name.clone(), |state| format!("{}.{}", p.name, state.name));
    Band { name, size: p.size(), members, role, kind }
}

/// The members of a population whose spikes any record asks for; `None` for all.
fn recorded_spikes(description: &Description, population: u32) -> Option<Vec<u32>> {
    let mut members = Vec::new();
    for record in description.records.iter().filter(|r| r.population == population && r.state == NONE) {
        if record.members.is_empty() {
            return None;
        }
        members.extend(&record.members);
    }
    members.sort_unstable();
    members.dedup();
    Some(members)
}

fn role(circuit: Option<&Circuit>, population: u32) -> Role {
    let sign = circuit.and_then(|c| c.populations.iter().nth(population as usize)).and_then(|(_, p)| p.sign);
    match sign {
        Some(Sign::Excitatory) => Role::Excitatory,
        Some(Sign::Inhibitory) => Role::Inhibitory,
        None => Role::Neutral,
    }
}

fn traces(samples: &[Sample], population: &PopulationDescription, record: &RecordDescription) -> Traces {
    let value = recording::state_of(population, record).cloned().unwrap_or_default();
    let mut ticks: Vec<u32> = samples.iter().map(|s| s.tick).collect();
    ticks.dedup();
    let values = samples.iter().map(|s| value.value(s.raw) as f32).collect();
    Traces { unit: value.unit, ticks, values }
}

fn subtitle(ticks: u32, description: &Description) -> String {
    let members: u64 = description.populations.iter().map(|p| u64::from(p.size())).sum();
    let duration = f64::from(ticks) * description.tick_s;
    [
        count(members, "neuron"),
        count(description.synapses, "synapse"),
        format!("{} in ticks of {}", seconds(duration), seconds(description.tick_s)),
        format!("target {}", description.target),
        format!("seed {}", description.seed),
    ]
    .join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use bouton_runtime_host::recording::Spike;
    use bouton_targets::image::ValueDescription;

    #[test]
    fn bands_follow_the_records() {
        let v = ValueDescription { name: "v".into(), unit: "mV".into(), unit_si: 1e-3, frac: 10 };
        let e = PopulationDescription { name: "e".into(), shape: vec![2, 3], states: vec![v], ..Default::default() };
        let record = |state, members| RecordDescription { population: 0, state, every: 1, members };
        let description = Description {
            circuit: "c".into(),
            tick_s: 1e-3,
            populations: vec![e],
            records: vec![record(NONE, vec![0, 1]), record(NONE, vec![1, 4]), record(0, vec![2])],
            ..Default::default()
        };
        let recording = Recording {
            spikes: vec![Spike { tick: 1, population: 0, index: 4 }],
            traces: vec![Vec::new(), Vec::new(), vec![Sample { tick: 0, index: 2, raw: 1024 }]],
            ..Default::default()
        };
        let raster = raster(&recording, 5, &description, None);
        let names: Vec<&str> = raster.bands.iter().map(|b| b.name.as_str()).collect();
        assert_eq!(names, ["e", "e.v"]);
        assert_eq!(raster.bands[0].members, Some(vec![0, 1, 4]));
        assert!(matches!(&raster.bands[0].kind, BandKind::Spikes(s) if s == &[(1, 4)]));
        assert!(matches!(&raster.bands[1].kind, BandKind::Traces(t) if t.values == [1000.0]));
    }

    #[test]
    fn the_name_says_the_format() {
        assert_eq!(Format::of(Path::new("a.SVG")).expect("it is one"), Format::Svg);
        assert_eq!(Format::of(Path::new("a.jpg")).expect_err("it is none").code(), 2);
    }
}
