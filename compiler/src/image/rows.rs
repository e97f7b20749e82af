//! Splits the synapses of projections by target slice.

use crate::circuit::PopId;
use crate::partition::{Partition, Slice, SliceId, Sources};
use crate::spike_graph::{Delays, ReceptorSlot, SpikeGraph, SpikeKind, SpikeProjection};
use crate::table::Table;
use bouton_targets::image::{lag_and_residual, pack_synapse};

/// The synapses of one projection onto one slice: what a group record describes.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    /// Source population.
    pub(super) source: PopId,
    /// The distinct lags, ascending.
    pub(super) lags: Vec<u32>,
    /// `lags · sources + 1` row starts.
    pub(super) starts: Vec<u32>,
    /// Packed synapses.
    pub(super) synapses: Vec<u32>,
}

/// The rows of each slice, by projection. Taken out as the cores are written, so that they are held once.
pub(super) type SplitRows = Table<SliceId, Vec<Rows>>;

/// Splits all projections.
pub(super) fn split(graph: &SpikeGraph, partition: &Partition, sources: &Sources) -> SplitRows {
    let mut split: SplitRows = partition.slices.ids().map(|_| Vec::new()).collect();
    for projection in graph.projections.iter().filter(|p| !p.post.is_empty()) {
        let slices = partition.slices.iter().filter(|(_, s)| s.population == projection.target);
        let (ids, targets): (Vec<SliceId>, Vec<Target>) =
            slices.map(|(id, s)| (id, target(graph, sources, projection, s))).unzip();
        let size = graph.populations[projection.target].size();
        let splitter = Splitter { projection, position: positions(&targets, size), targets };
        for (id, rows) in ids.iter().zip(splitter.run()) {
            if !rows.synapses.is_empty() {
                split[*id].push(rows);
            }
        }
    }
    split
}

/// A slice of the target population.
struct Target {
    first: u32,
    count: u32,
    /// Slots of its ring of sums.
    ring: u32,
    /// Sums of a slot.
    sums: u32,
    /// Sum of the first member.
    first_sum: u32,
}

fn target(graph: &SpikeGraph, sources: &Sources, projection: &SpikeProjection, slice: &Slice) -> Target {
    let Slice { population, first, count } = *slice;
    let receptors = |narrow: bool| match &graph.populations[population].kind {
        SpikeKind::Neurons(n) => {
            if narrow {
                n.narrow.len() as u32
            } else {
                n.wide.len() as u32
            }
        }
        _ => 0,
    };
    let (receptor, receptors) = match projection.receptor {
        ReceptorSlot::Narrow(receptor) => (receptor, receptors(true)),
        ReceptorSlot::Wide(receptor) => (receptor, receptors(false)),
    };
    Target { first, count, ring: sources.ring(graph, population, count), sums: receptors * count, first_sum: receptor * count }
}

/// For each member of a population the position of its slice.
fn positions(targets: &[Target], size: u32) -> Vec<u32> {
    let mut position = vec![0; size as usize];
    for (at, target) in (0..).zip(targets) {
        position[target.first as usize..(target.first + target.count) as usize].fill(at);
    }
    position
}

struct Splitter<'a> {
    projection: &'a SpikeProjection,
    targets: Vec<Target>,
    /// By member of the target population: the position of its slice.
    position: Vec<u32>,
}

impl Splitter<'_> {
    fn run(&self) -> Vec<Rows> {
        let p = self.projection;
        let sources = p.row_start.len() - 1;
        let rows =
            |lags: Vec<u32>| Rows { source: p.source, starts: vec![0; lags.len() * sources + 1], lags, synapses: Vec::new() };
        let mut all: Vec<Rows> = self.lags_by_slice().into_iter().map(rows).collect();
        // Counts, then starts, then the words, while each start walks to the end of its row, which is the start of the next:
        // rows of equal source and lag keep the order of their synapses.
        self.for_each(|slice, source, synapse| {
            let (row, _) = self.row_of(&all[slice].lags, slice, source, synapse);
            all[slice].starts[row] += 1;
        });
        for rows in &mut all {
            let mut end = 0;
            for start in &mut rows.starts {
                end += std::mem::replace(start, end);
            }
            rows.synapses = vec![0; end as usize];
        }
        self.for_each(|slice, source, synapse| {
            let rows = &mut all[slice];
            let (row, residual) = self.row_of(&rows.lags, slice, source, synapse);
            let cursor = &mut rows.starts[row];
            rows.synapses[*cursor as usize] = self.word(slice, synapse, residual);
            *cursor += 1;
        });
        for rows in &mut all {
            rows.starts.rotate_right(1);
            rows.starts[0] = 0;
        }
        all
    }

    fn for_each(&self, mut f: impl FnMut(usize, usize, usize)) {
        let p = self.projection;
        for (source, range) in p.row_start.windows(2).enumerate() {
            for synapse in range[0] as usize..range[1] as usize {
                f(self.position[p.post[synapse] as usize] as usize, source, synapse);
            }
        }
    }

    fn lags_by_slice(&self) -> Vec<Vec<u32>> {
        let lag = |slice: usize, delay: u32| lag_and_residual(delay, self.targets[slice].ring).0;
        match &self.projection.delay {
            Delays::Uniform(d) => (0..self.targets.len()).map(|slice| vec![lag(slice, *d)]).collect(),
            Delays::Each(delays) => {
                let longest = delays.iter().copied().max().unwrap_or(0).into();
                let parts =
                    |target: &Target| vec![false; lag_and_residual(longest, target.ring).0 as usize / target.ring as usize + 1];
                let mut used: Vec<Vec<bool>> = self.targets.iter().map(parts).collect();
                self.for_each(|slice, _, synapse| {
                    let ring = self.targets[slice].ring;
                    used[slice][(lag(slice, delays[synapse].into()) / ring) as usize] = true;
                });
                let ascending = |(used, target): (Vec<bool>, &Target)| {
                    let lags = used.iter().zip((0..).step_by(target.ring as usize));
                    lags.filter(|(used, _)| **used).map(|(_, lag)| lag).collect()
                };
                used.into_iter().zip(&self.targets).map(ascending).collect()
            }
        }
    }

    /// The row of a synapse, and its residual.
    fn row_of(&self, lags: &[u32], slice: usize, source: usize, synapse: usize) -> (usize, u32) {
        let (lag, residual) = lag_and_residual(self.projection.delay.at(synapse), self.targets[slice].ring);
        // Every lag was collected into the list before.
        let at = if lags.len() == 1 { 0 } else { lags.partition_point(|other| *other < lag) };
        (at * (self.projection.row_start.len() - 1) + source, residual)
    }

    fn word(&self, slice: usize, synapse: usize, residual: u32) -> u32 {
        let p = self.projection;
        let target = &self.targets[slice];
        let place = residual * target.sums + target.first_sum + p.post[synapse] - target.first;
        // The ring is chosen so that its places are within 16 bits.
        pack_synapse(place as u16, p.weight.at(synapse))
    }
}

/// Number of synapses of a graph.
pub(super) fn synapse_count(graph: &SpikeGraph) -> u64 {
    graph.projections.iter().map(|p| p.post.len() as u64).sum()
}
