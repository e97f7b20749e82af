//! The f64 interpreter of a circuit: what the circuit means in real arithmetic.
//!
//! Takes: a checked [`Circuit`], a seed, live input.  Gives: a [`Recording`] in logical ticks, states, counts of saturations.
//! It follows the tick contract on the circuit's own delays; populations joined by zero delays run in topological order within
//! a tick. It shares no code with kernels: only the definitions of random words and normal numbers are common to both.
//! Choices that the contract leaves to it:
//! - A state saturates when it is written: by an assignment, or at the end of each substep of a system. Initial values too.
//! - `let`s are evaluated where they stand; within a `d` line, one that depends on the system's states is looked through.
//! - A neuron emits at most one event per tick: spikes of several `spike when` are one, of several `emit` the last counts.
//! - `fixed` states hold raw/2^frac; what is assigned is rounded half up to that grid, and a raw product of another binary
//!   point keeps its raw integer.
//! - Draw numbers of drives follow the model's own: `model.draws` + number of the drive.
//!
//! Cost: 4000 current-based cells with 80 synapses each take 1.5 s per second at a tick of 0.1 ms (release build,
//! one thread of a shared x86-64 server).

mod compare;
mod compile;
mod drive;
mod error;
mod input;
mod integrate;
mod linear;
mod neurons;
mod plan;
mod record;
mod scalar;
mod tape;
mod values;
mod wiring;

#[cfg(test)]
mod tests;

pub use compare::{Comparison, Difference, compare};
pub use error::{CODES, ReferenceError};
pub use input::LiveInput;
pub use record::{Recording, Sample, Spike, Trace};

use crate::circuit::model::StateId;
use crate::circuit::{Circuit, PopId, PopulationKind, ProjId};
use crate::connect::{self, ReceptorTotals, Synapses};
use crate::table::{Id, Table};
use bouton_targets::random::Seed;
use compile::Subject;
use drive::DriveAtWork;
use neurons::NeuronsAtWork;
use record::Probe;
use wiring::{History, Ring};

/// A circuit that runs in f64.
pub struct Reference {
    circuit: Circuit,
    seed: Seed,
    live: LiveInput,
    tick: u32,
    synapses: Table<ProjId, Synapses>,
    outgoing: Table<PopId, Vec<ProjId>>,
    order: Vec<PopId>,
    populations: Table<PopId, Member>,
    probes: Vec<Probe>,
    recorded_spikes: Table<PopId, Vec<bool>>,
    recording: Recording,
}

/// A population at work.
struct Member {
    neurons: Option<NeuronsAtWork>,
    drives: Vec<DriveAtWork>,
    modulators: Vec<History>,
    ring: Ring,
}

impl Reference {
    /// Makes the synapses and compiles the models.
    ///
    /// # Errors
    /// See [`ReferenceError`]: patterns that cannot be met, systems that are not linear where their method needs it, zero-delay
    /// cycles, live input that does not fit.
    pub fn new(circuit: &Circuit, seed: u64, input: LiveInput) -> Result<Self, ReferenceError> {
        let made = circuit.projections.iter().map(|(id, projection)| {
            connect::synapses(circuit, id, seed).map_err(|error| ReferenceError::Connect {
                projection: projection.name.clone(),
                span: projection.span,
                error,
            })
        });
        let synapses = made.collect::<Result<Table<_, _>, _>>()?;
        Self::with_synapses(circuit, synapses, seed, input)
    }

    /// The same with synapses that were made before, one entry for each projection.
    ///
    /// # Errors
    /// As [`Reference::new`].
    pub fn with_synapses(
        circuit: &Circuit,
        synapses: Table<ProjId, Synapses>,
        seed: u64,
        input: LiveInput,
    ) -> Result<Self, ReferenceError> {
        let live = input.checked(circuit)?;
        let order = wiring::order(circuit, &synapses)?;
        let totals = connect::totals(circuit, &synapses);
        let mut populations = Table::new();
        for id in circuit.populations.ids() {
            populations.push(member(circuit, &synapses, &totals[id], id)?);
        }
        let mut outgoing: Table<PopId, Vec<ProjId>> = circuit.populations.iter().map(|_| Vec::new()).collect();
        for (id, projection) in circuit.projections.iter() {
            outgoing[projection.source].push(id);
        }
        let (probes, recording) = record::probes(circuit);
        Ok(Reference {
            circuit: circuit.clone(),
            seed: Seed(seed),
            live,
            tick: 0,
            synapses,
            outgoing,
            order,
            populations,
            probes,
            recorded_spikes: record::recorded_spikes(circuit),
            recording,
        })
    }

    /// The tick that [`Reference::step`] computes next.
    #[must_use]
    pub fn tick(&self) -> u32 {
        self.tick
    }

    /// A state of all neurons of a population as it stands now (SI); empty when there is no such state.
    #[must_use]
    pub fn state(&self, population: PopId, state: StateId) -> &[f64] {
        let neurons = self.populations.get(population).and_then(|m| m.neurons.as_ref());
        neurons.and_then(|n| n.columns.state.get(state.index())).map_or(&[], Vec::as_slice)
    }

    /// How often each state of a population was saturated so far; empty for inputs.
    #[must_use]
    pub fn saturations(&self, population: PopId) -> &[u64] {
        let neurons = self.populations.get(population).and_then(|m| m.neurons.as_ref());
        neurons.map_or(&[], |n| &n.columns.saturations)
    }

    /// The synapses of every projection.
    #[must_use]
    pub fn synapses(&self) -> &Table<ProjId, Synapses> {
        &self.synapses
    }

    /// Computes `ticks` ticks and gives what was recorded since the last call.
    pub fn run(&mut self, ticks: u32) -> Recording {
        for _ in 0..ticks {
            self.step();
        }
        let (_, empty) = record::probes(&self.circuit);
        std::mem::replace(&mut self.recording, empty)
    }

    /// Computes one tick; what it records is given by the next [`Reference::run`].
    pub fn step(&mut self) {
        let first = self.recording.spikes.len();
        for at in 0..self.order.len() {
            self.step_population(self.order[at]);
        }
        self.recording.spikes[first..].sort_unstable();
        self.remember();
        self.sample();
        self.tick += 1;
    }

    fn step_population(&mut self, id: PopId) {
        let (tick, seed) = (self.tick, self.seed);
        let member = &mut self.populations[id];
        let (mut spikes, mut graded) = (Vec::new(), Vec::new());
        match &mut member.neurons {
            Some(neurons) => {
                let slot = member.ring.take(tick);
                neurons.columns.input = slot;
                for drive in &member.drives {
                    drive.add(id.index() as u32, tick, seed, &mut neurons.columns.input);
                }
                for (value, history) in neurons.columns.modulators.iter_mut().zip(&member.modulators) {
                    *value = history.read(tick);
                }
                neurons.update(tick, seed);
                member.ring.give_back(tick, std::mem::take(&mut neurons.columns.input));
                std::mem::swap(&mut spikes, &mut neurons.columns.spikes);
                std::mem::swap(&mut graded, &mut neurons.columns.graded);
            }
            None => input::emissions(&self.circuit, &self.live, id, tick, &mut spikes, &mut graded),
        }
        let recorded = &self.recorded_spikes[id];
        let heard = spikes.iter().filter(|i| recorded.get(**i as usize) == Some(&true));
        self.recording.spikes.extend(heard.map(|index| Spike { tick, population: id, index: *index }));
        self.deliver(id, &spikes, &graded);
        if let Some(neurons) = &mut self.populations[id].neurons {
            // Their room is used again in the next tick.
            (neurons.columns.spikes, neurons.columns.graded) = (spikes, graded);
        }
    }

    fn deliver(&mut self, source: PopId, spikes: &[u32], graded: &[(u32, f64)]) {
        if spikes.is_empty() && graded.is_empty() {
            return;
        }
        for id in &self.outgoing[source] {
            let projection = &self.circuit.projections[*id];
            let ring = &mut self.populations[projection.target].ring;
            let events = spikes.iter().map(|i| (*i, 1.0)).chain(graded.iter().copied());
            for (index, value) in events.filter(|(_, value)| *value != 0.0) {
                ring.deliver(self.tick, projection.receptor.index(), &self.synapses[*id], index, value);
            }
        }
    }

    /// Modulators see states as they stand at the end of a tick.
    fn remember(&mut self) {
        let tick = self.tick;
        for id in self.circuit.populations.ids() {
            let mut modulators = std::mem::take(&mut self.populations[id].modulators);
            for history in &mut modulators {
                let value = self.state(history.population, history.state).get(history.index).copied();
                history.write(tick, value.unwrap_or(0.0));
            }
            self.populations[id].modulators = modulators;
        }
    }

    fn sample(&mut self) {
        let tick = self.tick;
        let mut recording = std::mem::take(&mut self.recording);
        for (probe, trace) in self.probes.iter().zip(&mut recording.traces) {
            if tick.is_multiple_of(probe.every) {
                let column = self.state(probe.population, probe.state);
                let sample = |index: u32| column.get(index as usize).map(|value| Sample { tick, index, value: *value });
                trace.samples.extend(probe.indices.iter().filter_map(sample));
            }
        }
        self.recording = recording;
    }
}

fn member(
    circuit: &Circuit,
    synapses: &Table<ProjId, Synapses>,
    totals: &ReceptorTotals,
    id: PopId,
) -> Result<Member, ReferenceError> {
    let population = &circuit.populations[id];
    let (PopulationKind::Neurons(values), Some(model)) = (&population.kind, circuit.model_of(id)) else {
        return Ok(Member { neurons: None, drives: Vec::new(), modulators: Vec::new(), ring: Ring::default() });
    };
    let subject = Subject { population, neurons: values, model, totals, tick: circuit.tick };
    let plan = compile::compile(&subject)?;
    let size = population.size() as usize;
    let initial = values.initial.iter().map(|(state, v)| {
        let at = |i: u32| initial_value(&model.states[state], v.at(i));
        (0..size as u32).map(at).collect()
    });
    let counts = [model.locals.len(), model.receptors.len(), model.modulators.len()];
    let neurons = NeuronsAtWork::new(plan, initial.collect(), size, id.index() as u32, counts);
    let drives = values.drives.iter().enumerate().map(|(n, d)| drive::prepare(&subject, d, model.draws + n as u32));
    let histories = values.modulators.iter().map(|(_, binding)| wiring::history(circuit, binding, population.span));
    Ok(Member {
        neurons: Some(neurons),
        drives: drives.collect::<Result<_, _>>()?,
        modulators: histories.collect::<Result<_, _>>()?,
        ring: wiring::ring(circuit, synapses, id, model.receptors.len() * size)?,
    })
}

/// An initial value on the grid and in the range of its state.
fn initial_value(state: &crate::circuit::model::State, x: f64) -> f64 {
    let on_grid = state.fixed.map_or(x, |f| scalar::raw(x, f.into()) as f64 / scalar::power_of_two(f.into()));
    state.range.map_or(on_grid, |(low, high)| scalar::limit(on_grid, low, high))
}
