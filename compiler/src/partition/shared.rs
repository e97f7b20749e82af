//! Bytes of its chip's shared memory that a core needs: its section of the image, and the rows that it makes there itself.

use super::{Partition, Slice, SliceId, Sources};
use crate::circuit::PopId;
use crate::spike_graph::{Raw, SpikeGraph, SpikeKind};
use crate::table::Table;
use bouton_targets::image::{BlockRecord, SourceRecord, lag_and_residual};

/// Words of records that a slice has besides what is counted one by one.
const FIXED_WORDS: u64 = 64;

/// What the shared memory of slices depends on.
#[derive(Clone, Debug)]
pub struct SharedMemory<'a> {
    graph: &'a SpikeGraph,
    sources: &'a Sources,
    /// By population: what is projected onto it.
    onto: Table<PopId, Vec<Onto>>,
}

/// A projection, as its target sees it.
#[derive(Clone, Debug)]
struct Onto {
    source_size: u64,
    longest: u32,
    /// Synapses of all members before each, one more than there are members.
    before: Vec<u64>,
}

impl<'a> SharedMemory<'a> {
    /// Collects it. Cost: one look at every projection's in-degrees.
    #[must_use]
    pub fn of(graph: &'a SpikeGraph, sources: &'a Sources) -> Self {
        let mut onto: Table<PopId, Vec<Onto>> = graph.populations.ids().map(|_| Vec::new()).collect();
        for projection in &graph.projections {
            let Some((_, longest)) = projection.synapses.delay_bounds() else { continue };
            let mut before = vec![0];
            let mut total = 0;
            for degree in projection.synapses.in_degrees(graph.populations[projection.target].size()) {
                total += u64::from(degree);
                before.push(total);
            }
            let source_size = graph.populations[projection.source].size().into();
            onto[projection.target].push(Onto { source_size, longest, before });
        }
        SharedMemory { graph, sources, onto }
    }

    /// Bytes of a slice, no less than it will need.
    #[must_use]
    pub fn bytes(&self, slice: &Slice) -> u64 {
        let ring = self.sources.ring(self.graph, slice.population, slice.count);
        let count = u64::from(slice.count);
        let mut words = FIXED_WORDS + (size_of::<BlockRecord>() / 4) as u64;
        for onto in &self.onto[slice.population] {
            let lags = u64::from(lag_and_residual(onto.longest, ring).0 / ring) + 1;
            let synapses = onto.before[(slice.first + slice.count) as usize] - onto.before[slice.first as usize];
            words += FIXED_WORDS + lags * (onto.source_size + 1) + synapses;
        }
        words += self.sources.heard_by(slice.population).len() as u64 * (size_of::<SourceRecord>() / 4) as u64;
        words += match &self.graph.populations[slice.population].kind {
            SpikeKind::Neurons(neurons) => {
                let arrays = neurons.states.iter().map(|s| &s.initial).chain(&neurons.params);
                arrays.map(|values| if matches!(values, Raw::Each(_)) { 2 + count } else { 2 }).sum()
            }
            SpikeKind::SpikeList(spikes) => {
                let own = |(_, member): &&(u32, u32)| (slice.first..slice.first + slice.count).contains(member);
                2 * spikes.iter().filter(own).count() as u64
            }
            SpikeKind::Signal(values) => values.len() as u64 / u64::from(self.graph.populations[slice.population].size()) * count,
            SpikeKind::LiveSpikes | SpikeKind::LiveGraded => 0,
        };
        4 * words
    }

    /// Bytes of a core's slices.
    #[must_use]
    pub fn of_core(&self, partition: &Partition, slices: &[SliceId]) -> u64 {
        slices.iter().map(|slice| self.bytes(&partition.slices[*slice])).sum()
    }
}
