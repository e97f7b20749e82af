//! The section of one core.

use super::keys::Keys;
use super::rows::{RowSynapses, Rows, SplitRows};
use crate::partition::{CoreCost, CoreId, Heard, Partition, Slice, SliceId, Sources};
use crate::spike_graph::{Output, Raw, SpikeGraph, SpikeKind, SpikeNeurons, SpikeRecord};
use crate::table::Id;
use bouton_targets::image::{
    BlockKind, BlockRecord, BroadcastRecord, CoreBuilder, EventKind, GroupKind, GroupRecord, ModulatorRecord, NONE, RecordKind,
    RecordRecord, SourceRecord,
};
use bouton_targets::random::Seed;
use std::collections::BTreeMap;

/// What is the same for all cores.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) graph: &'a SpikeGraph,
    pub(super) partition: &'a Partition,
    pub(super) sources: &'a Sources,
    pub(super) keys: &'a Keys,
}

/// A core's section, and the memory that it needs besides.
pub(super) struct Core {
    pub(super) words: Vec<u32>,
    pub(super) memory_bytes: u32,
    /// Words of synaptic memory; `None` when they are more than 32 bits can count.
    pub(super) synaptic_words: Option<u32>,
}

impl Context<'_> {
    pub(super) fn build(&self, id: CoreId, slices: &[SliceId], rows: &mut SplitRows) -> Core {
        let mut core = CoreBuilder::default();
        (core.core, core.seed) = (id.index() as u32, Seed(self.graph.seed));
        let positions = self.add_sources(&mut core, slices);
        let mut cost = CoreCost::default();
        for slice_id in slices {
            let slice = &self.partition.slices[*slice_id];
            cost.add(self.graph, self.sources, slice);
            self.add_block(&mut core, slice, &positions);
            let block = core.blocks.len() as u32 - 1;
            for group in std::mem::take(&mut rows[*slice_id]) {
                let source = positions.get(&Heard::Events(group.source)).copied().unwrap_or(NONE);
                add_group(&mut core, source, block, group);
            }
            self.add_records(&mut core, slice, block);
        }
        let memory_bytes = u32::try_from(cost.bytes()).unwrap_or(u32::MAX);
        let synaptic_words = core.synaptic_words();
        Core { words: core.finish(), memory_bytes, synaptic_words }
    }

    /// Adds the sources in the order of their keys, and gives the position of each.
    fn add_sources(&self, core: &mut CoreBuilder, slices: &[SliceId]) -> BTreeMap<Heard, u32> {
        let mut depths = BTreeMap::<Heard, u32>::new();
        for slice in slices {
            for (heard, depth) in self.sources.depths(self.graph, &self.partition.slices[*slice]) {
                let deepest = depths.entry(heard).or_default();
                *deepest = (*deepest).max(depth);
            }
        }
        let source = |(heard, depth)| (heard, SourceRecord { depth, ..self.keys.source(self.graph, heard) });
        let mut sorted: Vec<(Heard, SourceRecord)> = depths.into_iter().map(source).collect();
        sorted.sort_by_key(|(heard, source)| (source.key, *heard));
        core.sources.extend(sorted.iter().map(|(_, source)| *source));
        sorted.into_iter().map(|(heard, _)| heard).zip(0..).collect()
    }

    fn add_block(&self, core: &mut CoreBuilder, slice: &Slice, positions: &BTreeMap<Heard, u32>) {
        let population = &self.graph.populations[slice.population];
        let mut block = BlockRecord {
            population: slice.population.index() as u32,
            first: slice.first,
            count: slice.count,
            latency: population.latency,
            program: NONE,
            stream: slice.population.index() as u32,
            key: self.keys.populations[slice.population].of(slice.first),
            ring: self.sources.ring(self.graph, slice.population, slice.count),
            output: match population.output {
                Output::None => EventKind::None,
                Output::Spikes => EventKind::Spike,
                Output::Graded(_) => EventKind::Graded,
            } as u32,
            ..BlockRecord::default()
        };
        let kind = match &population.kind {
            SpikeKind::Neurons(neurons) => {
                self.add_neurons(core, &mut block, slice, neurons, positions);
                BlockKind::Neurons
            }
            SpikeKind::SpikeList(spikes) => {
                let own = |(_, member): &&(u32, u32)| (slice.first..slice.first + slice.count).contains(member);
                block.input_at = core.data(spikes.iter().filter(own).flat_map(|(tick, member)| [*tick, member - slice.first]));
                block.input_words = spikes.iter().filter(own).count() as u32 * 2;
                BlockKind::SpikeList
            }
            SpikeKind::Signal(values) => {
                let ticks = values.chunks_exact(population.size() as usize);
                let own = slice.first as usize..(slice.first + slice.count) as usize;
                block.input_words = ticks.len() as u32 * slice.count;
                block.input_at = core.data(ticks.flat_map(|row| row[own.clone()].iter().map(|v| *v as u32)));
                BlockKind::Signal
            }
            SpikeKind::LiveSpikes => BlockKind::LiveSpikes,
            SpikeKind::LiveGraded => BlockKind::LiveGraded,
        };
        block.kind = kind as u32;
        core.blocks.push(block);
    }

    fn add_neurons(
        &self,
        core: &mut CoreBuilder,
        block: &mut BlockRecord,
        slice: &Slice,
        neurons: &SpikeNeurons,
        positions: &BTreeMap<Heard, u32>,
    ) {
        block.program = neurons.program.index() as u32;
        (block.states, block.params) = (neurons.states.len() as u32, neurons.params.len() as u32);
        (block.narrow, block.wide) = (neurons.narrow.len() as u32, neurons.wide.len() as u32);
        block.first_array = core.arrays.len() as u32;
        for values in neurons.states.iter().map(|s| &s.initial).chain(&neurons.params) {
            match values {
                Raw::Uniform(value) => core.array(&[*value]),
                Raw::Each(values) => core.array(&values[slice.first as usize..(slice.first + slice.count) as usize]),
            }
        }
        block.first_modulator = core.modulators.len() as u32;
        block.modulators = neurons.modulators.len() as u32;
        for m in &neurons.modulators {
            let heard = Heard::Broadcast { population: m.population, member: m.member, state: m.state };
            let source = positions.get(&heard).copied().unwrap_or(NONE);
            core.modulators.push(ModulatorRecord { source, delay: m.delay, initial: m.initial as u32 });
        }
        block.first_broadcast = core.broadcasts.len() as u32;
        for (heard, key) in &self.keys.broadcasts {
            let Heard::Broadcast { population, member, state } = *heard else { continue };
            if population == slice.population && (slice.first..slice.first + slice.count).contains(&member) {
                core.broadcasts.push(BroadcastRecord { state, lane: member - slice.first, key: *key });
                block.broadcasts += 1;
            }
        }
    }

    fn add_records(&self, core: &mut CoreBuilder, slice: &Slice, block: u32) {
        for (number, record) in self.graph.records.iter().enumerate().filter(|(_, r)| r.population == slice.population) {
            let Some((lanes_at, lanes)) = lanes(core, slice, record) else { continue };
            let (kind, state) = match record.state {
                None => (RecordKind::Spikes, 0),
                Some(state) => (RecordKind::State, state),
            };
            core.records.push(RecordRecord {
                record: number as u32,
                block,
                kind: kind as u32,
                state,
                every: record.every,
                lanes_at,
                lanes,
            });
        }
    }
}

/// Where the recorded lanes of a slice are listed, and how many; `None` when none of the slice is recorded.
fn lanes(core: &mut CoreBuilder, slice: &Slice, record: &SpikeRecord) -> Option<(u32, u32)> {
    let Some(members) = &record.members else { return Some((NONE, slice.count)) };
    let from = members.partition_point(|m| *m < slice.first);
    let to = members.partition_point(|m| *m < slice.first + slice.count);
    let own = members.get(from..to).filter(|own| !own.is_empty())?;
    Some((core.data(own.iter().map(|m| m - slice.first)), own.len() as u32))
}

fn add_group(core: &mut CoreBuilder, source: u32, block: u32, rows: Rows) {
    let lags = rows.lags.len() as u32;
    let bare = GroupRecord { source, block, lags_at: core.data(rows.lags), lags, ..GroupRecord::default() };
    let group = match rows.synapses {
        RowSynapses::Written { starts, words } => {
            let (rows_at, synapses) = (core.data(starts), words.len() as u32);
            GroupRecord { kind: GroupKind::Written as u32, rows_at, synapses_at: core.data(words), synapses, ..bare }
        }
        RowSynapses::Generated { recipe, receptor, count } => {
            let (kind, length) = (GroupKind::Generated as u32, recipe.len() as u32);
            GroupRecord { kind, synapses: count, recipe_at: core.data(recipe), recipe: length, receptor, ..bare }
        }
    };
    core.groups.push(group);
}
