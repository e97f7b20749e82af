//! Keys of events: one for each member of each population, then one for each broadcast state.

use crate::circuit::PopId;
use crate::partition::{Heard, Sources};
use crate::spike_graph::SpikeGraph;
use crate::table::Table;
use std::collections::BTreeMap;

/// First key of everything that is heard.
pub(super) struct Keys {
    populations: Table<PopId, u32>,
    broadcasts: BTreeMap<Heard, u32>,
}

impl Keys {
    /// Hands them out in order; `None` when 32 bits are not enough.
    pub(super) fn of(graph: &SpikeGraph, sources: &Sources) -> Option<Self> {
        let mut next = 0u32;
        let mut populations = Table::new();
        for (_, population) in graph.populations.iter() {
            populations.push(next);
            next = next.checked_add(population.size())?;
        }
        let mut broadcasts = BTreeMap::new();
        for heard in sources.broadcasts() {
            broadcasts.insert(heard, next);
            next = next.checked_add(1)?;
        }
        Some(Keys { populations, broadcasts })
    }

    /// Key of the first member of a population.
    pub(super) fn population(&self, id: PopId) -> u32 {
        self.populations[id]
    }

    /// First key of what is heard. A broadcast that nobody reads has none; it is never asked for.
    pub(super) fn first(&self, heard: Heard) -> u32 {
        match heard {
            Heard::Events(id) => self.populations[id],
            Heard::Broadcast { .. } => self.broadcasts.get(&heard).copied().unwrap_or(u32::MAX),
        }
    }

    /// The broadcasts with their keys, in order.
    pub(super) fn broadcasts(&self) -> impl Iterator<Item = (Heard, u32)> + '_ {
        self.broadcasts.iter().map(|(heard, key)| (*heard, *key))
    }
}
