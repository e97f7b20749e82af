//! Keys of events: a block of `2^slice_bits` keys for each slice of a population, then one key for each broadcast state.

use crate::circuit::PopId;
use crate::partition::{Heard, Partition, broadcasts, source_record};
use crate::spike_graph::SpikeGraph;
use crate::table::Table;
use bouton_targets::image::SourceRecord;
use std::collections::BTreeMap;

/// Keys of a population: the slices have blocks of `2^slice_bits` keys, one after the other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PopulationKeys {
    /// Key of the first member.
    pub first: u32,
    /// Members of each slice but the last, at most `2^slice_bits`.
    pub per_slice: u32,
    /// Logarithm of the distance between the first keys of two slices.
    pub slice_bits: u32,
}

impl PopulationKeys {
    /// Key of a member. In 32 bits, as whoever handed them out has seen to.
    #[must_use]
    pub fn of(&self, member: u32) -> u32 {
        self.first + ((member / self.per_slice) << self.slice_bits) + member % self.per_slice
    }
}

/// Keys of everything that is heard.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Keys {
    /// By population.
    pub populations: Table<PopId, PopulationKeys>,
    /// Of each state that some modulator reads.
    pub broadcasts: BTreeMap<Heard, u32>,
}

impl Keys {
    /// Hands them out in order, those of a population from a multiple of a power of two that holds them all, so that routing tables
    /// can name a population, or some slices of it, with one entry. `None` when 32 bits are not enough.
    #[must_use]
    pub fn of(graph: &SpikeGraph, partition: &Partition) -> Option<Self> {
        let mut next = 0u64;
        let mut populations = Table::new();
        for (id, population) in graph.populations.iter() {
            let (per_slice, slice_bits) = (partition.per_slice(id), partition.slice_bits(id));
            let span = u64::from(population.size().div_ceil(per_slice)) << slice_bits;
            let first = next.next_multiple_of(span.next_power_of_two());
            next = first + span;
            u32::try_from(next).ok()?;
            populations.push(PopulationKeys { first: first as u32, per_slice, slice_bits });
        }
        let broadcasts = broadcasts(graph);
        u32::try_from(next + broadcasts.len() as u64).ok()?;
        Some(Keys { populations, broadcasts: broadcasts.into_iter().zip(next as u32..).collect() })
    }

    /// The source record of what is heard, with a depth of 0. A broadcast that nobody reads has no key; it is never asked for.
    pub(super) fn source(&self, graph: &SpikeGraph, heard: Heard) -> SourceRecord {
        let record = source_record(graph, heard);
        match heard {
            Heard::Events(id) => {
                let PopulationKeys { first, per_slice, slice_bits } = self.populations[id];
                SourceRecord { key: first, per_slice, slice_bits, ..record }
            }
            Heard::Broadcast { .. } => SourceRecord { key: self.broadcasts.get(&heard).copied().unwrap_or(u32::MAX), ..record },
        }
    }
}
