//! `--reference`: the circuit in real arithmetic beside the integers.

use crate::failure::Failure;
use crate::front::Loaded;
use crate::outputs::Run;
use crate::terminal;
use crate::wording::aligned;
use bouton_compiler::circuit::model::StateId;
use bouton_compiler::circuit::{Circuit, PopId, RecordedVariable};
use bouton_compiler::diagnostic::Diagnostics;
use bouton_compiler::reference::{
    Comparison, Difference, LiveInput, Recording, Reference, ReferenceError, Sample, Spike, Trace, compare,
};
use bouton_compiler::table::Id;

/// The table of differences.
///
/// # Errors
/// When the reference cannot run the circuit.
pub fn table(loaded: &Loaded, seed: u64, live: LiveInput, run: &Run) -> Result<String, Failure> {
    let circuit = &loaded.circuit;
    let mut reference = Reference::new(circuit, seed, live).map_err(|error| failure(&error, loaded))?;
    let expected = reference.run(run.ticks);
    let comparisons = compare(circuit, &expected, &measured(circuit, run));
    let mut rows = vec![["variable", "largest error", "rms error", "spikes in both / in either"].map(String::from).to_vec()];
    rows.extend(comparisons.iter().map(|c| row(c, run)));
    Ok(format!("\nagainst the reference in real arithmetic\n{}", aligned(&rows)))
}

fn failure(error: &ReferenceError, loaded: &Loaded) -> Failure {
    match error.diagnostic() {
        None => Failure::Input(format!("error: {error}")),
        Some(diagnostic) => {
            let mut diagnostics = Diagnostics::default();
            diagnostics.push(diagnostic);
            Failure::Input(diagnostics.render(&loaded.sources, terminal::colors()).trim_end().to_string())
        }
    }
}

/// What the engine recorded, with SI values and the circuit's ids.
fn measured(circuit: &Circuit, run: &Run) -> Recording {
    let population = |p: u32| PopId::from_index(p as usize);
    let spikes = run.recording.spikes.iter();
    let spikes = spikes.map(|s| Spike { tick: s.tick, population: population(s.population), index: s.index }).collect();
    let mut traces = Vec::new();
    for (at, record) in circuit.records.iter().enumerate() {
        let RecordedVariable::State(state) = record.variable else { continue };
        traces.push(Trace {
            record: at,
            population: record.population,
            state,
            samples: samples(at, record.population, state, run),
        });
    }
    Recording { spikes, traces }
}

/// Records of an image are in the circuit's order, and its states by the model's slots.
fn samples(record: usize, population: PopId, state: StateId, run: &Run) -> Vec<Sample> {
    let description = run.job.description.populations.get(population.index());
    let value = description.and_then(|p| p.states.get(state.index()));
    let (Some(value), Some(samples)) = (value, run.recording.traces.get(record)) else { return Vec::new() };
    samples.iter().map(|s| Sample { tick: s.tick, index: s.index, value: value.value(s.raw) * value.unit_si }).collect()
}

fn row(comparison: &Comparison, run: &Run) -> Vec<String> {
    let name = comparison.name.clone();
    match &comparison.difference {
        Difference::Values { record, max, rms, .. } => {
            let d = &run.job.description;
            let record = d.records.get(*record);
            let unit = record.and_then(|r| crate::recording::state_of(d.populations.get(r.population as usize)?, r));
            let (unit, unit_si) = unit.map_or(("", 1.0), |value| (value.unit.as_str(), value.unit_si));
            let shown = |error: f64| format!("{:.3e} {unit}", error / unit_si).trim_end().to_string();
            vec![name, shown(*max), shown(*rms), String::new()]
        }
        Difference::Spikes { reference, measured, matched } => {
            let agreement = comparison.difference.agreement().unwrap_or(1.0);
            let text = format!("{matched} / {} = {:.2} %", reference + measured - matched, agreement * 100.0);
            vec![name, String::new(), String::new(), text]
        }
    }
}
