//! Splits the synapses of projections by target slice.

use crate::circuit::PopId;
use crate::partition::{Partition, Slice, SliceId, Sources};
use crate::spike_graph::{
    Delays, GeneratedSynapses, ReceptorSlot, SpikeGraph, SpikeKind, SpikeProjection, SpikeSynapses, WrittenSynapses,
};
use crate::table::Table;
use bouton_targets::image::{lag_and_residual, pack_synapse};

/// The synapses of one projection onto one slice: what a group record describes.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    /// Source population.
    pub(super) source: PopId,
    /// The lags, ascending.
    pub(super) lags: Vec<u32>,
    /// The synapses.
    pub(super) synapses: RowSynapses,
}

/// Synapses of [`Rows`].
#[derive(Clone, Debug)]
pub(super) enum RowSynapses {
    Written {
        /// `lags · sources + 1` row starts.
        starts: Vec<u32>,
        /// Packed synapses.
        words: Vec<u32>,
    },
    Generated {
        /// Words of the recipe for the slice.
        recipe: Vec<u32>,
        /// Receptor.
        receptor: u32,
        /// Number of synapses.
        count: u32,
    },
}

/// The rows of each slice, by projection. Taken out as the cores are written, so that they are held once.
pub(super) type SplitRows = Table<SliceId, Vec<Rows>>;

/// Splits all projections; `None` when one of them has too many synapses to be written out, or a slice too many to be numbered.
/// Those that are described stay descriptions where cores can make them, or are written out one at a time.
pub(super) fn split(graph: &SpikeGraph, partition: &Partition, sources: &Sources) -> Option<SplitRows> {
    let mut split: SplitRows = partition.slices.ids().map(|_| Vec::new()).collect();
    for projection in graph.projections.iter().filter(|p| !p.synapses.is_empty()) {
        let ids = partition.slices_of(projection.target);
        let targets = ids.clone().map(|id| target(graph, sources, projection, &partition.slices[id])).collect::<Vec<_>>();
        if let (true, SpikeSynapses::Generated(generated)) = (sources.generates(), &projection.synapses) {
            for (id, target) in ids.zip(&targets) {
                split[id].extend(generated_rows(projection, generated, target)?);
            }
            continue;
        }
        let synapses = projection.synapses.expand()?;
        let per_slice = partition.per_slice(projection.target);
        let splitter = Splitter { projection, synapses: &synapses, targets, per_slice };
        for (id, rows) in ids.zip(splitter.run()) {
            split[id].extend(rows);
        }
    }
    Some(split)
}

/// The description of the synapses onto one slice, if there are any; `None` when they are too many to be numbered.
fn generated_rows(projection: &SpikeProjection, generated: &GeneratedSynapses, target: &Target) -> Option<Option<Rows>> {
    let count = (target.first..target.first + target.count).map(|member| u64::from(generated.in_degree(member))).sum::<u64>();
    let (ReceptorSlot::Narrow(receptor) | ReceptorSlot::Wide(receptor)) = projection.receptor;
    let (least, longest) = generated.delay_bounds;
    let [first, last] = [least, longest].map(|delay| lag_and_residual(delay, target.ring).0);
    let rows = Rows {
        source: projection.source,
        lags: (first..=last).step_by(target.ring as usize).collect(),
        synapses: RowSynapses::Generated {
            recipe: generated.recipe().part(target.first, target.count).to_words(),
            receptor,
            count: u32::try_from(count).ok()?,
        },
    };
    Some((count > 0).then_some(rows))
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

struct Splitter<'a> {
    projection: &'a SpikeProjection,
    synapses: &'a WrittenSynapses,
    /// The slices of the target population.
    targets: Vec<Target>,
    /// Members of each of them but the last.
    per_slice: u32,
}

impl Splitter<'_> {
    /// The rows of each slice, if it has any.
    fn run(&self) -> Vec<Option<Rows>> {
        let sources = self.synapses.row_start.len() - 1;
        let lags = self.lags_by_slice();
        let mut starts: Vec<Vec<u32>> = lags.iter().map(|lags| vec![0; lags.len() * sources + 1]).collect();
        // Counts, then starts, then the words, while each start walks to the end of its row, which is the start of the next:
        // rows of equal source and lag keep the order of their synapses.
        self.for_each(|slice, source, synapse| starts[slice][self.row_of(&lags[slice], slice, source, synapse).0] += 1);
        let mut words: Vec<Vec<u32>> = Vec::with_capacity(starts.len());
        for starts in &mut starts {
            let mut end = 0;
            for start in starts.iter_mut() {
                end += std::mem::replace(start, end);
            }
            words.push(vec![0; end as usize]);
        }
        self.for_each(|slice, source, synapse| {
            let (row, residual) = self.row_of(&lags[slice], slice, source, synapse);
            let cursor = &mut starts[slice][row];
            words[slice][*cursor as usize] = self.word(slice, synapse, residual);
            *cursor += 1;
        });
        let rows = lags.into_iter().zip(starts).zip(words).map(|((lags, mut starts), words)| {
            starts.rotate_right(1);
            starts[0] = 0;
            let source = self.projection.source;
            (!words.is_empty()).then_some(Rows { source, lags, synapses: RowSynapses::Written { starts, words } })
        });
        rows.collect()
    }

    fn for_each(&self, mut f: impl FnMut(usize, usize, usize)) {
        let p = self.synapses;
        for (source, range) in p.row_start.windows(2).enumerate() {
            for synapse in range[0] as usize..range[1] as usize {
                f((p.post[synapse] / self.per_slice) as usize, source, synapse);
            }
        }
    }

    fn lags_by_slice(&self) -> Vec<Vec<u32>> {
        let lag = |slice: usize, delay: u32| lag_and_residual(delay, self.targets[slice].ring).0;
        match &self.synapses.delay {
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
        let (lag, residual) = lag_and_residual(self.synapses.delay.at(synapse), self.targets[slice].ring);
        // Every lag was collected into the list before.
        let at = if lags.len() == 1 { 0 } else { lags.partition_point(|other| *other < lag) };
        (at * (self.synapses.row_start.len() - 1) + source, residual)
    }

    fn word(&self, slice: usize, synapse: usize, residual: u32) -> u32 {
        let target = &self.targets[slice];
        let place = residual * target.sums + target.first_sum + self.synapses.post[synapse] - target.first;
        // The ring is chosen so that its places are within 16 bits.
        pack_synapse(place as u16, self.synapses.weight.at(synapse))
    }
}

/// Number of synapses of a graph.
pub(super) fn synapse_count(graph: &SpikeGraph) -> u64 {
    graph.projections.iter().map(|p| p.synapses.total()).sum()
}
