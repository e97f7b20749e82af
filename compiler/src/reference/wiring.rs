//! Between populations: events on their way, modulators, and the order within a tick.

use super::error::ReferenceError;
use crate::circuit::model::StateId;
use crate::circuit::{Circuit, ModulatorBinding, PopId, PopulationKind, ProjId};
use crate::connect::{Synapses, Weights};
use crate::source::Span;
use crate::table::{Id, Table};
use petgraph::algo::toposort;

/// Longest delay that is run, in ticks: a population of a thousand neurons then needs half a gigabyte.
const MAX_DELAY: u32 = 1 << 16;

/// Sums of what arrives at a population in the ticks to come, `[slot][receptor][neuron]`.
#[derive(Default)]
pub(crate) struct Ring {
    slots: Vec<Vec<f64>>,
    /// Neurons of the population.
    size: usize,
}

impl Ring {
    fn slot(&self, tick: u64) -> usize {
        (tick % self.slots.len().max(1) as u64) as usize
    }

    /// The sums of tick `tick`, to be given back.
    pub(crate) fn take(&mut self, tick: u32) -> Vec<f64> {
        let slot = self.slot(tick.into());
        self.slots.get_mut(slot).map(std::mem::take).unwrap_or_default()
    }

    /// Gives the room of [`Ring::take`] back, for a later tick.
    pub(crate) fn give_back(&mut self, tick: u32, mut sums: Vec<f64>) {
        sums.fill(0.0);
        let slot = self.slot(tick.into());
        self.slots[slot] = sums;
    }

    /// Sends an event of `value` at `tick` from neuron `source` over a projection's synapses.
    pub(crate) fn deliver(&mut self, tick: u32, receptor: usize, synapses: &Synapses, source: u32, value: f64) {
        let from = receptor * self.size;
        for at in synapses.row(source) {
            let slot = self.slot(u64::from(tick) + u64::from(synapses.delay_at(at)));
            let weight = match &synapses.weight {
                Weights::Uniform(w) => *w,
                Weights::Each(ws) => ws[at],
            };
            if let Some(sum) = self.slots.get_mut(slot).and_then(|s| s.get_mut(from + synapses.target[at] as usize)) {
                *sum += weight * value;
            }
        }
    }
}

/// Room for what may be on its way to a population; `width` is receptors times neurons.
pub(crate) fn ring(
    circuit: &Circuit,
    synapses: &Table<ProjId, Synapses>,
    population: PopId,
    width: usize,
) -> Result<Ring, ReferenceError> {
    let mut longest = 0;
    for (id, projection) in circuit.projections.iter().filter(|(_, p)| p.target == population) {
        let (_, last) = synapses[id].delay_bounds().unwrap_or((0, 0));
        if last > MAX_DELAY {
            return Err(ReferenceError::BadDelay { ticks: last, span: projection.span });
        }
        longest = longest.max(last);
    }
    let size = circuit.populations[population].size() as usize;
    Ok(Ring { slots: vec![vec![0.0; width]; longest as usize + 1], size })
}

/// The past of a state that a modulator reads.
pub(crate) struct History {
    pub population: PopId,
    pub index: usize,
    pub state: StateId,
    /// Values at the ends of the last ticks, by tick modulo the delay.
    values: Vec<f64>,
}

impl History {
    /// The value that is seen in `tick`: as of the delay before, the initial value at first.
    pub(crate) fn read(&self, tick: u32) -> f64 {
        self.values[tick as usize % self.values.len()]
    }

    /// Keeps the value at the end of `tick`. It is read when the delay has passed, at the same place.
    pub(crate) fn write(&mut self, tick: u32, value: f64) {
        let at = tick as usize % self.values.len();
        self.values[at] = value;
    }
}

pub(crate) fn history(circuit: &Circuit, binding: &ModulatorBinding, span: Span) -> Result<History, ReferenceError> {
    if binding.delay == 0 || binding.delay > MAX_DELAY {
        return Err(ReferenceError::BadDelay { ticks: binding.delay, span });
    }
    let bad = ReferenceError::BadInput { population: binding.population, index: binding.index };
    let bound = circuit.populations.get(binding.population).filter(|p| binding.index < p.size());
    let Some(PopulationKind::Neurons(neurons)) = bound.map(|p| &p.kind) else { return Err(bad) };
    let values = neurons.initial.get(binding.state).ok_or(bad)?;
    let states = circuit.model_of(binding.population).map(|m| &m.states);
    let state = states
        .and_then(|s| s.get(binding.state))
        .ok_or(ReferenceError::BadInput { population: binding.population, index: binding.index })?;
    let index = binding.index;
    if matches!(values, crate::circuit::Values::Each(xs) if xs.len() <= index as usize) {
        return Err(ReferenceError::BadInput { population: binding.population, index });
    }
    let initial = super::initial_value(state, values.at(index));
    let values = vec![initial; binding.delay as usize];
    Ok(History { population: binding.population, index: index as usize, state: binding.state, values })
}

/// Populations in an order in which events without delay arrive before they are needed.
pub(crate) fn order(circuit: &Circuit, synapses: &Table<ProjId, Synapses>) -> Result<Vec<PopId>, ReferenceError> {
    let immediate = |id: &ProjId| synapses[*id].delay_bounds().is_some_and(|(least, _)| least == 0);
    let graph = circuit.graph().filter_map(|_, p| Some(*p), |_, id| immediate(id).then_some(*id));
    match toposort(&graph, None) {
        Ok(nodes) => Ok(nodes.into_iter().map(|node| graph[node]).collect()),
        Err(cycle) => {
            let population = &circuit.populations[PopId::from_index(cycle.node_id().index())];
            Err(ReferenceError::ZeroDelayCycle { population: population.name.clone(), span: population.span })
        }
    }
}
