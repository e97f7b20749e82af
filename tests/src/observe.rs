//! Runs in the user's terms: names and SI values, whether integers or f64 computed them.

use crate::run::{description, image, record};
use bouton_compiler::circuit::{Circuit, RecordedVariable};
use bouton_compiler::lower::LowerOptions;
use bouton_compiler::lower::explain::{self, ExplainedValue};
use bouton_compiler::reference::{LiveInput, Reference};
use bouton_compiler::table::Id;
use bouton_runtime_host::EngineKind;
use std::collections::BTreeMap;

/// What a run recorded.
#[derive(Clone, Default, Debug)]
pub struct Observed {
    /// (tick, index) of the recorded spikes of each population, sorted.
    pub spikes: BTreeMap<String, Vec<(u32, u32)>>,
    /// (tick, index, SI value) of each recorded `population.state`, sorted.
    pub traces: BTreeMap<String, Vec<(u32, u32, f64)>>,
    /// Values that left their ranges.
    pub saturations: u64,
}

impl Observed {
    /// Spikes of the populations whose name begins with `prefix`.
    pub fn spikes_of<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (u32, u32)> + 'a {
        self.spikes.iter().filter(move |(name, _)| name.starts_with(prefix)).flat_map(|(_, spikes)| spikes.iter().copied())
    }

    /// Value of `population.state` of neuron `index` by tick.
    #[must_use]
    pub fn trace(&self, name: &str, index: u32) -> BTreeMap<u32, f64> {
        self.traces
            .get(name)
            .into_iter()
            .flatten()
            .filter(|(_, i, _)| *i == index)
            .map(|(tick, _, value)| (*tick, *value))
            .collect()
    }
}

/// Runs a circuit in f64.
///
/// # Errors
/// When the reference refuses it.
pub fn in_f64(circuit: &Circuit, seed: u64, ticks: u32) -> Result<Observed, String> {
    let mut reference = Reference::new(circuit, seed, LiveInput::default()).map_err(|e| e.to_string())?;
    let recording = reference.run(ticks);
    let mut observed = Observed::default();
    let name = |id| circuit.populations[id].name.clone();
    for spike in &recording.spikes {
        observed.spikes.entry(name(spike.population)).or_default().push((spike.tick, spike.index));
    }
    for trace in &recording.traces {
        let state = circuit.model_of(trace.population).map(|m| m.states[trace.state].name.clone()).unwrap_or_default();
        let samples = trace.samples.iter().map(|s| (s.tick, s.index, s.value));
        observed.traces.entry(format!("{}.{state}", name(trace.population))).or_default().extend(samples);
    }
    observed.saturations = circuit.populations.ids().flat_map(|p| reference.saturations(p).to_vec()).sum();
    Ok(observed)
}

/// Runs the image of a circuit for a target on the flat engine.
///
/// # Errors
/// When it does not compile or run.
pub fn in_fixed_point(circuit: &Circuit, target: &str, seed: u64, ticks: u32) -> Result<Observed, String> {
    let image = image(circuit, target, None, seed)?;
    let description = description(&image)?;
    let recording = record(&image, EngineKind::Flat, 1, ticks.into())?;
    let mut observed = Observed::default();
    let population = |p: u32| description.populations.get(p as usize).ok_or_else(|| format!("no population {p}"));
    for spike in &recording.spikes {
        observed.spikes.entry(population(spike.population)?.name.clone()).or_default().push((spike.tick, spike.index));
    }
    for (record, trace) in circuit.records.iter().zip(&recording.traces) {
        let RecordedVariable::State(state) = record.variable else { continue };
        let population = population(record.population.index() as u32)?;
        let format = population.states.get(state.index()).ok_or("no such state")?;
        let samples = trace.iter().map(|s| (s.tick, s.index, format.value(s.raw) * format.unit_si));
        observed.traces.entry(format!("{}.{}", population.name, format.name)).or_default().extend(samples);
    }
    observed.saturations = recording.stats.populations.iter().map(|p| p.saturations).sum();
    Ok(observed)
}

/// What `bouton explain` states of a value, in SI units.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Stated {
    /// One unit in the last place.
    pub resolution: f64,
    /// Bound on what rounding adds in one tick.
    pub per_tick: Option<f64>,
    /// Bound on what rounding adds up to.
    pub long_run: Option<f64>,
}

/// What `bouton explain` states of every value of a population, by name.
///
/// # Errors
/// When the circuit cannot be lowered, or has no such population.
pub fn stated(circuit: &Circuit, population: &str, seed: u64) -> Result<BTreeMap<String, Stated>, String> {
    let id = explain::find(circuit, population).ok_or_else(|| format!("no population `{population}`"))?;
    let explanation = explain::explain(circuit, seed, &LowerOptions::default(), id)
        .map_err(|all| all.as_slice().iter().map(|d| format!("{}: {}\n", d.code, d.message)).collect::<String>())?;
    let of = |v: &ExplainedValue| {
        let resolution = 0.5f64.powi(v.frac.into());
        let si = resolution / v.resolution;
        Stated { resolution, per_tick: v.error_per_tick.map(|e| e * si), long_run: v.error_in_the_long_run.map(|e| e * si) }
    };
    Ok(explanation.values.iter().map(|v| (v.name.clone(), of(v))).collect())
}
