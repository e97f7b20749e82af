//! What a run gives: spikes and traces.

use crate::circuit::model::StateId;
use crate::circuit::{Circuit, IndexSet, PopId, RecordedVariable};
use crate::table::Table;

/// An event.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Spike {
    /// Logical tick.
    pub tick: u32,
    /// Population.
    pub population: PopId,
    /// Neuron.
    pub index: u32,
}

/// A value at the end of a tick.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Sample {
    /// Logical tick.
    pub tick: u32,
    /// Neuron.
    pub index: u32,
    /// Value (SI).
    pub value: f64,
}

/// What one `record` of a state recorded.
#[derive(Clone, PartialEq, Debug)]
pub struct Trace {
    /// Place of the record in [`Circuit::records`].
    pub record: usize,
    /// Population.
    pub population: PopId,
    /// State.
    pub state: StateId,
    /// Samples by tick, then index: at ticks that are multiples of the record's period, from 0 on.
    pub samples: Vec<Sample>,
}

/// What the circuit asked to be recorded.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Recording {
    /// Spikes of recorded neurons, sorted.
    pub spikes: Vec<Spike>,
    /// One for each record of a state, in order.
    pub traces: Vec<Trace>,
}

/// Which neurons of each population have their spikes recorded.
pub(crate) fn recorded_spikes(circuit: &Circuit) -> Table<PopId, Vec<bool>> {
    let mut all: Table<PopId, Vec<bool>> = circuit.populations.iter().map(|_| Vec::new()).collect();
    for record in circuit.records.iter().filter(|r| r.variable == RecordedVariable::Spikes) {
        let flags = &mut all[record.population];
        flags.resize(circuit.populations[record.population].size() as usize, false);
        for index in record.indices.iter() {
            if let Some(flag) = flags.get_mut(index as usize) {
                *flag = true;
            }
        }
    }
    all
}

/// A record of a state.
pub(crate) struct Probe {
    pub population: PopId,
    pub state: StateId,
    pub indices: IndexSet,
    pub every: u32,
}

/// The records of states, with an empty recording for them.
pub(crate) fn probes(circuit: &Circuit) -> (Vec<Probe>, Recording) {
    let (mut probes, mut recording) = (Vec::new(), Recording::default());
    for (number, record) in circuit.records.iter().enumerate() {
        if let RecordedVariable::State(state) = record.variable {
            let population = record.population;
            probes.push(Probe { population, state, indices: record.indices.clone(), every: record.every.max(1) });
            recording.traces.push(Trace { record: number, population, state, samples: Vec::new() });
        }
    }
    (probes, recording)
}
