//! Which slices send to which.

use super::{Partition, SliceId};
use crate::circuit::PopId;
use crate::spike_graph::{SpikeGraph, SpikeProjection};
use crate::table::Table;

/// For each slice the slices that have a synapse from it, ascending.
#[derive(Clone, Debug)]
pub struct Joined {
    targets: Table<SliceId, Vec<SliceId>>,
}

impl Joined {
    /// Finds them: from the synapses where they are written out; a generator joins every pair of slices that it may.
    #[must_use]
    pub fn of(graph: &SpikeGraph, partition: &Partition) -> Joined {
        let mut targets: Table<SliceId, Vec<SliceId>> = partition.slices.ids().map(|_| Vec::new()).collect();
        for projection in graph.projections.iter().filter(|p| !p.post.is_empty()) {
            written(projection, partition, &mut targets);
        }
        for (_, list) in targets.iter_mut() {
            list.sort_unstable();
            list.dedup();
        }
        Joined { targets }
    }

    /// Slices that hear a slice.
    #[must_use]
    pub fn targets(&self, source: SliceId) -> &[SliceId] {
        &self.targets[source]
    }
}

fn written(projection: &SpikeProjection, partition: &Partition, targets: &mut Table<SliceId, Vec<SliceId>>) {
    let slices: Vec<SliceId> = partition.slices_of(projection.target).collect();
    let per_slice = partition.per_slice(projection.target);
    let mut seen = vec![false; slices.len()];
    for source in partition.slices_of(projection.source) {
        let slice = partition.slices[source];
        seen.fill(false);
        let row = |member: u32| projection.row_start[member as usize] as usize;
        for post in &projection.post[row(slice.first)..row(slice.first + slice.count)] {
            seen[(post / per_slice) as usize] = true;
        }
        targets[source].extend(slices.iter().zip(&seen).filter(|(_, seen)| **seen).map(|(target, _)| *target));
    }
}

impl Partition {
    /// The slices of a population, in order.
    pub fn slices_of(&self, population: PopId) -> impl Iterator<Item = SliceId> + use<> {
        use crate::table::Id;
        let all = self.slices.values();
        let from = all.partition_point(|s| s.population < population);
        let to = all.partition_point(|s| s.population <= population);
        (from..to).map(SliceId::from_index)
    }

    /// Members in each slice of a population but the last, which may have fewer.
    #[must_use]
    pub fn per_slice(&self, population: PopId) -> u32 {
        self.slices_of(population).next().map_or(1, |first| self.slices[first].count)
    }

    /// Bits that number the members of a slice of a population.
    #[must_use]
    pub fn slice_bits(&self, population: PopId) -> u8 {
        self.per_slice(population).next_power_of_two().trailing_zeros() as u8
    }

    /// The slice that holds a member.
    ///
    /// # Panics
    /// When the population is empty: a broken invariant of ours.
    #[must_use]
    pub fn slice_of_member(&self, population: PopId, member: u32) -> SliceId {
        use crate::table::Id;
        let first = self.slices.values().partition_point(|s| s.population < population);
        SliceId::from_index(first + (member / self.per_slice(population)) as usize)
    }
}
