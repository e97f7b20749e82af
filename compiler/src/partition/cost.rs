//! Memory that a core needs for its slices, by the kernel's own layout.

use super::Slice;
use crate::circuit::PopId;
use crate::spike_graph::{GeneratedSynapses, ModulatorSource, Output, SpikeGraph, SpikeKind, SpikeSynapses};
use crate::table::Table;
use bouton_targets::image::{BlockRecord, EventKind, MemoryLayout, RingChoices, SourceRecord, lag_and_residual};
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

/// For each population what it hears, with the longest delay, and the rings that may serve it.
#[derive(Clone, Debug)]
pub struct Sources {
    heard: Table<PopId, BTreeMap<Heard, u32>>,
    rings: Table<PopId, RingChoices>,
    generates: bool,
    /// Projections onto each population whose synapses its cores make, and need memory for meanwhile.
    made: Table<PopId, Vec<usize>>,
}

/// Every state that some modulator reads, in order.
#[must_use]
pub fn broadcasts(graph: &SpikeGraph) -> BTreeSet<Heard> {
    let neurons = graph.populations.values().iter().filter_map(|p| match &p.kind {
        SpikeKind::Neurons(neurons) => Some(neurons),
        _ => None,
    });
    neurons.flat_map(|neurons| neurons.modulators.iter().map(heard_by_modulator)).collect()
}

fn heard_by_modulator(m: &ModulatorSource) -> Heard {
    Heard::Broadcast { population: m.population, member: m.member, state: m.state }
}

impl Sources {
    /// Collects them. `generates` says whether cores make what is described.
    #[must_use]
    pub fn of(graph: &SpikeGraph, generates: bool) -> Self {
        let mut heard: Table<PopId, BTreeMap<Heard, u32>> = graph.populations.ids().map(|_| BTreeMap::new()).collect();
        for projection in &graph.projections {
            let Some((_, longest)) = projection.synapses.delay_bounds() else { continue };
            let so_far = heard[projection.target].entry(Heard::Events(projection.source)).or_insert(1);
            *so_far = (*so_far).max(longest);
        }
        for (id, population) in graph.populations.iter() {
            let SpikeKind::Neurons(neurons) = &population.kind else { continue };
            for m in &neurons.modulators {
                let longest = heard[id].entry(heard_by_modulator(m)).or_insert(1);
                *longest = (*longest).max(m.delay);
            }
        }
        let rings = heard.values().iter().map(|heard| {
            let events = heard.iter().filter(|(heard, _)| matches!(heard, Heard::Events(_)));
            RingChoices::of(events.map(|(heard, longest)| (source_record(graph, *heard), *longest)))
        });
        let mut made: Table<PopId, Vec<usize>> = graph.populations.ids().map(|_| Vec::new()).collect();
        for (at, projection) in graph.projections.iter().enumerate() {
            if generates && projection.synapses.recipe().is_some_and(|recipe| recipe.scratch_words() > 0) {
                made[projection.target].push(at);
            }
        }
        Sources { rings: rings.collect(), heard, generates, made }
    }

    /// Whether cores make what is described.
    #[must_use]
    pub fn generates(&self) -> bool {
        self.generates
    }

    /// What a population hears, with the longest delay of each.
    #[must_use]
    pub fn heard_by(&self, population: PopId) -> &BTreeMap<Heard, u32> {
        &self.heard[population]
    }

    /// Slots of the ring of sums of `count` members of a population.
    #[must_use]
    pub fn ring(&self, graph: &SpikeGraph, population: PopId, count: u32) -> u32 {
        match &graph.populations[population].kind {
            SpikeKind::Neurons(n) => {
                let sums = |receptors: usize| u32::try_from(receptors as u64 * u64::from(count)).unwrap_or(u32::MAX);
                self.rings[population].choose(sums(n.narrow.len()), sums(n.wide.len()))
            }
            _ => 1,
        }
    }

    /// What is projected onto a population and made by its cores, which need memory for it meanwhile.
    fn made<'a>(&'a self, graph: &'a SpikeGraph, population: PopId) -> impl Iterator<Item = &'a GeneratedSynapses> {
        self.made[population].iter().filter_map(|at| match &graph.projections[*at].synapses {
            SpikeSynapses::Generated(made) => Some(&**made),
            SpikeSynapses::Written(_) => None,
        })
    }

    /// How many ticks a core keeps the events that a slice hears.
    pub fn depths(&self, graph: &SpikeGraph, slice: &Slice) -> impl Iterator<Item = (Heard, u32)> + '_ {
        let ring = self.ring(graph, slice.population, slice.count);
        self.heard[slice.population].iter().map(move |(heard, longest)| match heard {
            Heard::Events(_) => (*heard, lag_and_residual(*longest, ring).0),
            Heard::Broadcast { .. } => (*heard, *longest),
        })
    }
}

/// Running sum of what a core needs.
#[derive(Clone, Debug, Default)]
pub struct CoreCost {
    blocks: MemoryLayout,
    sources: BTreeMap<Heard, SourceRecord>,
}

impl CoreCost {
    /// The cost of a core with nothing but `count` members of a population that hear everything that it hears.
    #[must_use]
    pub fn of_any(graph: &SpikeGraph, sources: &Sources, population: PopId, count: u32) -> Self {
        let mut cost = CoreCost::default();
        cost.add(graph, sources, &Slice { population, first: 0, count });
        sources.made(graph, population).for_each(|made| cost.blocks.add_recipe(&made.bare));
        cost
    }

    /// Adds a slice.
    pub fn add(&mut self, graph: &SpikeGraph, sources: &Sources, slice: &Slice) {
        let mut block = BlockRecord { count: slice.count, ..BlockRecord::default() };
        if let SpikeKind::Neurons(n) = &graph.populations[slice.population].kind {
            (block.states, block.narrow, block.wide) = (n.states.len() as u32, n.narrow.len() as u32, n.wide.len() as u32);
            block.ring = sources.ring(graph, slice.population, slice.count);
        }
        // Sizes that overflow a word do not occur below 2^32 members; a core of that size fails the later limit anyway.
        let _ = self.blocks.add_block(&block);
        let hears = |made: &&GeneratedSynapses| (slice.first..slice.first + slice.count).any(|member| made.in_degree(member) > 0);
        sources.made(graph, slice.population).filter(hears).for_each(|made| self.blocks.add_recipe(&made.bare));
        for (heard, depth) in sources.depths(graph, slice) {
            let record = self.sources.entry(heard).or_insert_with(|| source_record(graph, heard));
            record.depth = record.depth.max(depth);
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

/// The record of a source but for its keys, with a depth of 0.
#[must_use]
pub fn source_record(graph: &SpikeGraph, heard: Heard) -> SourceRecord {
    match heard {
        Heard::Broadcast { .. } => SourceRecord::contiguous(0, 1, EventKind::Graded as u32, 0),
        Heard::Events(id) => {
            let population = &graph.populations[id];
            let kind = if matches!(population.output, Output::Graded(_)) { EventKind::Graded } else { EventKind::Spike };
            SourceRecord::contiguous(0, population.size(), kind as u32, 0)
        }
    }
}
