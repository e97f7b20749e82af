//! Splits the synapses of projections by target slice.

use crate::circuit::PopId;
use crate::partition::{Partition, SliceId};
use crate::spike_graph::{Delays, ReceptorSlot, SpikeGraph, SpikeProjection, WrittenSynapses};
use crate::table::Table;
use bouton_targets::image::pack_synapse;

/// The synapses of one projection onto one slice: what a group record describes.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    /// Source population.
    pub(super) source: PopId,
    /// The distinct delays, ascending.
    pub(super) delays: Vec<u32>,
    /// `delays · sources + 1` row starts.
    pub(super) starts: Vec<u32>,
    /// Packed synapses.
    pub(super) synapses: Vec<u32>,
}

/// The rows of each slice, by projection. Taken out as the cores are written, so that they are held once.
pub(super) type SplitRows = Table<SliceId, Vec<Rows>>;

/// Splits all projections; `None` when one of them has too many synapses to be written out. Those that are described are
/// written out one at a time.
pub(super) fn split(graph: &SpikeGraph, partition: &Partition) -> Option<SplitRows> {
    let mut split: SplitRows = partition.slices.ids().map(|_| Vec::new()).collect();
    for projection in graph.projections.iter().filter(|p| !p.synapses.is_empty()) {
        let synapses = projection.synapses.expand()?;
        let slices: Vec<SliceId> =
            partition.slices.iter().filter(|(_, s)| s.population == projection.target).map(|(id, _)| id).collect();
        let size = graph.populations[projection.target].size();
        let splitter = Splitter {
            projection,
            synapses: &synapses,
            partition,
            slices: &slices,
            position: positions(partition, &slices, size),
        };
        for (id, rows) in slices.iter().zip(splitter.run()) {
            if !rows.synapses.is_empty() {
                split[*id].push(rows);
            }
        }
    }
    Some(split)
}

/// For each member of a population the position of its slice.
fn positions(partition: &Partition, slices: &[SliceId], size: u32) -> Vec<u32> {
    let mut position = vec![0; size as usize];
    for (at, id) in slices.iter().enumerate() {
        let slice = &partition.slices[*id];
        position[slice.first as usize..(slice.first + slice.count) as usize].fill(at as u32);
    }
    position
}

struct Splitter<'a> {
    projection: &'a SpikeProjection,
    synapses: &'a WrittenSynapses,
    partition: &'a Partition,
    slices: &'a [SliceId],
    position: Vec<u32>,
}

impl Splitter<'_> {
    fn run(&self) -> Vec<Rows> {
        let p = self.synapses;
        let sources = p.row_start.len() - 1;
        let delays = self.delays_by_slice();
        let mut all: Vec<Rows> = delays
            .into_iter()
            .map(|delays| Rows {
                source: self.projection.source,
                starts: vec![0; delays.len() * sources + 1],
                delays,
                synapses: Vec::new(),
            })
            .collect();
        // Counts, then starts, then the words: rows of equal source and delay keep the order of their targets.
        self.for_each(|slice, source, synapse| {
            let row = row_of(&all[slice].delays, p.delay.at(synapse), source, sources);
            all[slice].starts[row + 1] += 1;
        });
        let mut cursors = Vec::with_capacity(all.len());
        for rows in &mut all {
            for i in 1..rows.starts.len() {
                rows.starts[i] += rows.starts[i - 1];
            }
            rows.synapses = vec![0; rows.starts.last().map_or(0, |n| *n as usize)];
            cursors.push(rows.starts.clone());
        }
        self.for_each(|slice, source, synapse| {
            let rows = &mut all[slice];
            let row = row_of(&rows.delays, p.delay.at(synapse), source, sources);
            let at = &mut cursors[slice][row];
            rows.synapses[*at as usize] = self.word(slice, synapse);
            *at += 1;
        });
        all
    }

    fn for_each(&self, mut f: impl FnMut(usize, usize, usize)) {
        let p = self.synapses;
        for (source, range) in p.row_start.windows(2).enumerate() {
            for synapse in range[0] as usize..range[1] as usize {
                f(self.position[p.post[synapse] as usize] as usize, source, synapse);
            }
        }
    }

    fn delays_by_slice(&self) -> Vec<Vec<u32>> {
        match &self.synapses.delay {
            Delays::Uniform(d) => vec![vec![*d]; self.slices.len()],
            Delays::Each(delays) => {
                let longest = delays.iter().copied().max().unwrap_or(0);
                let mut used = vec![vec![false; usize::from(longest) + 1]; self.slices.len()];
                self.for_each(|slice, _, synapse| used[slice][usize::from(delays[synapse])] = true);
                let ascending = |used: Vec<bool>| used.iter().enumerate().filter(|(_, u)| **u).map(|(d, _)| d as u32).collect();
                used.into_iter().map(ascending).collect()
            }
        }
    }

    fn word(&self, slice: usize, synapse: usize) -> u32 {
        let p = self.synapses;
        let slice = &self.partition.slices[self.slices[slice]];
        let (ReceptorSlot::Narrow(receptor) | ReceptorSlot::Wide(receptor)) = self.projection.receptor;
        let sum = receptor * slice.count + (p.post[synapse] - slice.first);
        // The partition keeps receptors · members of a slice within 16 bits.
        pack_synapse(sum as u16, p.weight.at(synapse))
    }
}

fn row_of(delays: &[u32], delay: u32, source: usize, sources: usize) -> usize {
    // Every delay was collected into the list before.
    let at = if delays.len() == 1 { 0 } else { delays.binary_search(&delay).unwrap_or(0) };
    at * sources + source
}

/// Number of synapses of a graph.
pub(super) fn synapse_count(graph: &SpikeGraph) -> u64 {
    graph.projections.iter().map(|p| p.synapses.total()).sum()
}
