//! How often members of a population emit: what loads of cores and traffic of nets are estimated from.
//!
//! Takes: SpikeGraph, an assumed rate.  Gives: events for each member and tick.
//! Inputs that are known beforehand are counted; values that are sent in every tick count as one; for everything that spikes when
//!   it will, the rate is an assumption of the user's. A wrong assumption costs time on the machine, never a result.

use crate::circuit::PopId;
use crate::spike_graph::{Output, SpikeGraph, SpikeKind};
use crate::table::Table;

/// Spikes per second that neurons are assumed to emit when nothing is said: the order of what cortical circuits do.
pub const ASSUMED_RATE_HZ: f64 = 10.0;

/// Events of one member in one tick, by population.
#[derive(Clone, PartialEq, Debug)]
pub struct Activity {
    per_tick: Table<PopId, f64>,
}

impl Activity {
    /// Estimates it; `rate_hz` is that of neurons and of spikes from outside.
    #[must_use]
    pub fn of(graph: &SpikeGraph, rate_hz: f64) -> Activity {
        let assumed = (rate_hz * graph.tick_s).min(1.0);
        let one = |population: &crate::spike_graph::SpikePopulation| match (&population.kind, &population.output) {
            (_, Output::None) => 0.0,
            (SpikeKind::SpikeList(spikes), _) => {
                let ticks = spikes.last().map_or(1.0, |(tick, _)| f64::from(*tick) + 1.0);
                spikes.len() as f64 / ticks / f64::from(population.size().max(1))
            }
            (_, Output::Graded(_)) => 1.0,
            (_, Output::Spikes) => assumed,
        };
        Activity { per_tick: graph.populations.values().iter().map(one).collect() }
    }

    /// Events of one member of a population in one tick.
    #[must_use]
    pub fn per_tick(&self, population: PopId) -> f64 {
        self.per_tick[population]
    }
}
