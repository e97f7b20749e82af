//! Memory that a core needs for its slices, by the kernel's own layout.

use super::Slice;
use crate::circuit::PopId;
use crate::spike_graph::{Output, SpikeGraph, SpikeKind};
use crate::table::Table;
use bouton_targets::image::{BlockRecord, EventKind, MemoryLayout, SourceRecord};
use std::collections::{BTreeMap, BTreeSet};

/// What a population hears: a population's own events, or the broadcast of one state of one member.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Heard {
    /// Events of a population.
    Events(PopId),
    /// A state that a modulator reads.
    Broadcast {
        /// Population of the member.
        population: PopId,
        /// The member.
        member: u32,
        /// State slot.
        state: u32,
    },
}

/// For each population what it hears, with the longest delay.
#[derive(Clone, Debug)]
pub struct Sources {
    heard: Table<PopId, BTreeMap<Heard, u32>>,
    broadcasts: BTreeSet<Heard>,
}

impl Sources {
    /// Collects them.
    #[must_use]
    pub fn of(graph: &SpikeGraph) -> Self {
        let mut heard: Table<PopId, BTreeMap<Heard, u32>> = graph.populations.ids().map(|_| BTreeMap::new()).collect();
        let mut broadcasts = BTreeSet::new();
        for projection in &graph.projections {
            let Some((_, longest)) = projection.synapses.delay_bounds() else { continue };
            let depth = heard[projection.target].entry(Heard::Events(projection.source)).or_insert(1);
            *depth = (*depth).max(longest);
        }
        for (id, population) in graph.populations.iter() {
            let SpikeKind::Neurons(neurons) = &population.kind else { continue };
            for m in &neurons.modulators {
                let what = Heard::Broadcast { population: m.population, member: m.member, state: m.state };
                broadcasts.insert(what);
                let depth = heard[id].entry(what).or_insert(1);
                *depth = (*depth).max(m.delay);
            }
        }
        Sources { heard, broadcasts }
    }

    /// What a population hears, with the longest delay of each.
    #[must_use]
    pub fn heard_by(&self, population: PopId) -> &BTreeMap<Heard, u32> {
        &self.heard[population]
    }

    /// Every state that some modulator reads, in order.
    pub fn broadcasts(&self) -> impl Iterator<Item = Heard> + '_ {
        self.broadcasts.iter().copied()
    }
}

/// Running sum of what a core needs.
#[derive(Clone, Debug, Default)]
pub struct CoreCost {
    blocks: MemoryLayout,
    sources: BTreeMap<Heard, SourceRecord>,
}

impl CoreCost {
    /// Adds a slice.
    pub fn add(&mut self, graph: &SpikeGraph, sources: &Sources, slice: &Slice) {
        let mut block = BlockRecord { count: slice.count, ..BlockRecord::default() };
        if let SpikeKind::Neurons(n) = &graph.populations[slice.population].kind {
            (block.states, block.narrow, block.wide) = (n.states.len() as u32, n.narrow.len() as u32, n.wide.len() as u32);
        }
        // Sizes that overflow a word do not occur below 2^32 members; a core of that size fails the later limit anyway.
        let _ = self.blocks.add_block(&block);
        for (heard, depth) in sources.heard_by(slice.population) {
            let record = self.sources.entry(*heard).or_insert_with(|| source_record(graph, *heard));
            record.depth = record.depth.max(*depth);
        }
    }

    /// Bytes of memory that change.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let mut layout = self.blocks;
        let all = self.sources.values().try_for_each(|s| layout.add_source(s));
        all.and_then(|()| layout.bytes()).map_or(u64::MAX, |bytes| bytes as u64)
    }
}

/// The record of a source but for its key, with a depth of one.
#[must_use]
pub fn source_record(graph: &SpikeGraph, heard: Heard) -> SourceRecord {
    match heard {
        Heard::Broadcast { .. } => SourceRecord { key: 0, count: 1, kind: EventKind::Graded as u32, depth: 1 },
        Heard::Events(id) => {
            let population = &graph.populations[id];
            let kind = if matches!(population.output, Output::Graded(_)) { EventKind::Graded } else { EventKind::Spike };
            SourceRecord { key: 0, count: population.size(), kind: kind as u32, depth: 1 }
        }
    }
}
