//! What a run gives back, and the files it is kept in.

mod csv;
mod rows;

pub use csv::{CsvError, InputRow, read_input, write_spikes, write_trace};
pub use rows::input_events;

use crate::machine::MachineStats;
use crate::network::Network;

/// A recorded spike. Ordered by tick, population, index.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Spike {
    /// Logical tick.
    pub tick: u32,
    /// Number of the population.
    pub population: u32,
    /// Index in it.
    pub index: u32,
}

/// A recorded value of a state. Ordered by tick, index.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Sample {
    /// Logical tick.
    pub tick: u32,
    /// Index in the population.
    pub index: u32,
    /// The integer.
    pub raw: i32,
}

/// Counts of a population.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PopulationStats {
    /// Spikes, recorded or not.
    pub spikes: u64,
    /// Values that left their ranges.
    pub saturations: u64,
}

/// Counts of a run.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Stats {
    /// By number of the population.
    pub populations: Vec<PopulationStats>,
    /// Synapses that an event crossed.
    pub synaptic_events: u64,
    /// Neurons; inputs do not count.
    pub neurons: u64,
    /// Synapses.
    pub synapses: u64,
    /// Ticks that were run, latencies included.
    pub ticks: u64,
    /// Seconds that building the engine took.
    pub build_seconds: f64,
    /// Seconds that the ticks took.
    pub run_seconds: f64,
    /// What a machine with routers did; `None` for other engines and images.
    pub machine: Option<MachineStats>,
}

/// What a run recorded.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Recording {
    /// Spikes, sorted; a spike that several records ask for is here once.
    pub spikes: Vec<Spike>,
    /// Samples by number of the record, each sorted; empty for records of spikes.
    pub traces: Vec<Vec<Sample>>,
    /// Counts.
    pub stats: Stats,
}

impl Recording {
    /// An empty recording for a network.
    pub(crate) fn new(network: &Network<'_>) -> Self {
        let (neurons, synapses) = network.size();
        let populations = vec![PopulationStats::default(); network.populations.len()];
        Recording {
            spikes: Vec::new(),
            traces: vec![Vec::new(); network.records.len()],
            stats: Stats { populations, neurons, synapses, ..Stats::default() },
        }
    }

    /// Adds what another thread recorded.
    pub(crate) fn merge(&mut self, part: Recording) {
        self.spikes.extend(part.spikes);
        self.traces.iter_mut().zip(part.traces).for_each(|(to, from)| to.extend(from));
        self.stats.synaptic_events += part.stats.synaptic_events;
        for (to, from) in self.stats.populations.iter_mut().zip(part.stats.populations) {
            to.spikes += from.spikes;
            to.saturations += from.saturations;
        }
    }

    /// Brings spikes and samples into their order.
    pub(crate) fn sort(&mut self) {
        self.spikes.sort_unstable();
        self.spikes.dedup();
        self.traces.iter_mut().for_each(|trace| trace.sort_unstable());
    }
}
