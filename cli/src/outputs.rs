//! What a run leaves: files and a summary.

use crate::failure::Failure;
use crate::job::Job;
use crate::recording;
use crate::values::TraceRequest;
use crate::wording::{aligned, count, seconds};
use bouton_runtime_host::recording::{CsvError, Recording, write_spikes as write_spikes_csv, write_trace as write_trace_csv};
use bouton_targets::image::{Description, EventKind};
use std::path::Path;

/// A run that is over.
#[derive(Clone, Copy, Debug)]
pub struct Run<'r> {
    /// What it recorded.
    pub recording: &'r Recording,
    /// What was run.
    pub job: &'r Job,
    /// Logical ticks.
    pub ticks: u32,
    /// Seconds it took.
    pub wall_s: f64,
}

/// Ticks of the circuit that were run; the machine runs some more for populations with latency.
#[must_use]
pub fn logical_ticks(recording: &Recording, description: &Description) -> u32 {
    u32::try_from(recording.stats.ticks.saturating_sub(description.latency.into())).unwrap_or(u32::MAX)
}

/// A failure of a CSV file.
#[must_use]
pub fn csv_failure(error: CsvError) -> Failure {
    match error {
        CsvError::Io { .. } => Failure::Device(error.to_string()),
        CsvError::Line { .. } => Failure::Input(format!("error: {error}")),
    }
}

/// Writes the recorded spikes.
///
/// # Errors
/// When the file cannot be written.
pub fn write_spikes(path: &Path, run: &Run) -> Result<(), Failure> {
    let populations = &run.job.description.populations;
    let name = |p: u32| populations.get(p as usize).map_or_else(|| p.to_string(), |p| p.name.clone());
    write_spikes_csv(path, &run.recording.spikes, name).map_err(csv_failure)
}

/// Writes a recorded variable.
///
/// # Errors
/// When it was not recorded, or the file cannot be written.
pub fn write_trace(trace: &TraceRequest, run: &Run) -> Result<(), Failure> {
    let description = &run.job.description;
    let missing = || Failure::Usage(format!("--trace {}.{}: the image does not record it", trace.population, trace.variable));
    let at = recording::find(description, &trace.population, &trace.variable).ok_or_else(missing)?;
    let record = &description.records[at];
    let population = description.populations.get(record.population as usize).ok_or_else(missing)?;
    let value = recording::state_of(population, record).ok_or_else(missing)?;
    let samples = run.recording.traces.get(at).ok_or_else(missing)?;
    write_trace_csv(&trace.path, samples, value).map_err(csv_failure)
}

/// The table for a person.
#[must_use]
pub fn summary(run: &Run) -> String {
    let d = &run.job.description;
    let stats = &run.recording.stats;
    let duration = f64::from(run.ticks) * d.tick_s;
    let head = format!(
        "{} on {}: {}, {}, {} in {}\n",
        d.circuit,
        d.target,
        count(stats.neurons, "neuron"),
        count(stats.synapses, "synapse"),
        seconds(duration),
        count(run.ticks.into(), "tick")
    );
    let mut rows = vec![["population", "neurons", "spikes", "rate", "saturations"].map(String::from).to_vec()];
    for (p, counts) in d.populations.iter().zip(&stats.populations) {
        let spiking = p.output == EventKind::Spike as u32;
        let rate = counts.spikes as f64 / duration / f64::from(p.size().max(1));
        let of_spikes = |text: String| if spiking { text } else { "-".to_string() };
        rows.push(vec![
            p.name.clone(),
            p.size().to_string(),
            of_spikes(counts.spikes.to_string()),
            of_spikes(format!("{rate:.2} Hz")),
            counts.saturations.to_string(),
        ]);
    }
    let speed = format!(
        "{} synaptic events in {:.3} s, {:.2} times as fast as real time\n",
        stats.synaptic_events,
        run.wall_s,
        duration / run.wall_s.max(1e-9)
    );
    let machine = stats.machine.as_ref().map_or_else(String::new, |machine| crate::machine::summary(machine, d));
    head + &aligned(&rows) + &speed + &machine
}
