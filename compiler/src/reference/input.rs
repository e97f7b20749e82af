//! Populations that emit what is known beforehand or comes from outside.

use super::error::ReferenceError;
use crate::circuit::{Circuit, PopId, PopulationKind};

/// What the outside world sends while the circuit runs, known beforehand. Order does not matter.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct LiveInput {
    /// Spikes of `live spikes` populations: (tick, population, index); repetitions count once.
    pub spikes: Vec<(u32, PopId, u32)>,
    /// Values of `live graded` populations: (tick, population, index, SI value); of several in a tick the last counts.
    pub graded: Vec<(u32, PopId, u32, f64)>,
}

impl LiveInput {
    /// Checks it against the circuit; sorts it.
    pub(crate) fn checked(mut self, circuit: &Circuit) -> Result<Self, ReferenceError> {
        let size = |p: PopId| circuit.populations.get(p).map_or(0, |p| p.size());
        let kind = |p: PopId| circuit.populations.get(p).map(|p| &p.kind);
        for (_, population, index) in &self.spikes {
            if !matches!(kind(*population), Some(PopulationKind::LiveSpikes)) || *index >= size(*population) {
                return Err(ReferenceError::BadInput { population: *population, index: *index });
            }
        }
        for (_, population, index, _) in &self.graded {
            if !matches!(kind(*population), Some(PopulationKind::LiveGraded { .. })) || *index >= size(*population) {
                return Err(ReferenceError::BadInput { population: *population, index: *index });
            }
        }
        self.spikes.sort_unstable();
        self.spikes.dedup();
        self.graded.sort_by_key(|(tick, population, index, _)| (*tick, *population, *index));
        // Later of equal keys stands after earlier; keeping the last means dropping the one before it.
        self.graded.reverse();
        self.graded.dedup_by_key(|(tick, population, index, _)| (*tick, *population, *index));
        self.graded.reverse();
        Ok(self)
    }

    fn spikes_of(&self, tick: u32, population: PopId) -> impl Iterator<Item = u32> + '_ {
        let start = self.spikes.partition_point(|s| (s.0, s.1) < (tick, population));
        self.spikes[start..].iter().take_while(move |s| (s.0, s.1) == (tick, population)).map(|s| s.2)
    }

    fn graded_of(&self, tick: u32, population: PopId) -> impl Iterator<Item = (u32, f64)> + '_ {
        let start = self.graded.partition_point(|g| (g.0, g.1) < (tick, population));
        self.graded[start..].iter().take_while(move |g| (g.0, g.1) == (tick, population)).map(|g| (g.2, g.3))
    }
}

/// What an input population emits in a tick.
pub(crate) fn emissions(
    circuit: &Circuit,
    live: &LiveInput,
    population: PopId,
    tick: u32,
    spikes: &mut Vec<u32>,
    graded: &mut Vec<(u32, f64)>,
) {
    let size = circuit.populations[population].size();
    match &circuit.populations[population].kind {
        PopulationKind::Neurons(_) => {}
        PopulationKind::SpikeList(list) => {
            let start = list.partition_point(|(t, _)| *t < tick);
            spikes.extend(list[start..].iter().take_while(|(t, _)| *t == tick).map(|(_, i)| *i).filter(|i| *i < size));
        }
        PopulationKind::Signal { values, .. } => {
            let row = tick as usize * size as usize;
            if let Some(row) = values.get(row..row + size as usize) {
                graded.extend((0..size).zip(row.iter().copied()));
            }
        }
        PopulationKind::LiveSpikes => spikes.extend(live.spikes_of(tick, population)),
        PopulationKind::LiveGraded { limit, .. } => {
            let limited = |(i, x): (u32, f64)| (i, super::scalar::limit(x, -limit, *limit));
            graded.extend(live.graded_of(tick, population).map(limited));
        }
    }
}
