//! Which slices send to which.

use super::{Partition, Slice, SliceId};
use crate::circuit::PopId;
use crate::spike_graph::{GeneratedSynapses, SpikeGraph, SpikeProjection, SpikeSynapses, WrittenSynapses};
use crate::table::{Id, Table};
use bouton_targets::generate::{Members, Pattern};
use bouton_targets::image::slice_bits;
use std::ops::Range;

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
        for projection in graph.projections.iter().filter(|p| !p.synapses.is_empty()) {
            match &projection.synapses {
                SpikeSynapses::Written(synapses) => written(projection, synapses, partition, &mut targets),
                SpikeSynapses::Generated(synapses) => generated(projection, synapses, partition, &mut targets),
            }
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

fn written(
    projection: &SpikeProjection,
    synapses: &WrittenSynapses,
    partition: &Partition,
    targets: &mut Table<SliceId, Vec<SliceId>>,
) {
    let slices: Vec<SliceId> = partition.slices_of(projection.target).collect();
    let per_slice = partition.per_slice(projection.target);
    let mut seen = vec![false; slices.len()];
    for source in partition.slices_of(projection.source) {
        let slice = partition.slices[source];
        seen.fill(false);
        let row = |member: u32| synapses.row_start[member as usize] as usize;
        for post in &synapses.post[row(slice.first)..row(slice.first + slice.count)] {
            seen[(post / per_slice) as usize] = true;
        }
        targets[source].extend(slices.iter().zip(&seen).filter(|(_, seen)| **seen).map(|(target, _)| *target));
    }
}

fn generated(
    projection: &SpikeProjection,
    synapses: &GeneratedSynapses,
    partition: &Partition,
    targets: &mut Table<SliceId, Vec<SliceId>>,
) {
    let recipe = &synapses.bare;
    let one_to_one = matches!(recipe.pattern, Pattern::OneToOne);
    // The part of a slice that takes part, as numbers among those that do.
    let part = |slice: &Slice, members: Members| {
        let first = slice.first.max(members.first);
        let end = (slice.first + slice.count).min(members.first + members.count);
        (first < end).then(|| first - members.first..end - members.first)
    };
    let slices = partition.slices_of(projection.target);
    let parts: Vec<_> =
        slices.filter_map(|id| part(&partition.slices[id], recipe.targets).map(|numbers| (id, numbers))).collect();
    for source in partition.slices_of(projection.source) {
        let Some(from) = part(&partition.slices[source], recipe.sources) else { continue };
        let meets = |to: &Range<u32>| !one_to_one || (from.start < to.end && to.start < from.end);
        targets[source].extend(parts.iter().filter(|(_, numbers)| meets(numbers)).map(|(id, _)| *id));
    }
}

impl Partition {
    /// The slices of a population, in order.
    pub fn slices_of(&self, population: PopId) -> impl Iterator<Item = SliceId> + Clone + use<> {
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
    pub fn slice_bits(&self, population: PopId) -> u32 {
        slice_bits(self.per_slice(population))
    }

    /// The slice that holds a member.
    ///
    /// # Panics
    /// When the population is empty: a broken invariant of ours.
    #[must_use]
    pub fn slice_of_member(&self, population: PopId, member: u32) -> SliceId {
        let first = self.slices.values().partition_point(|s| s.population < population);
        SliceId::from_index(first + (member / self.per_slice(population)) as usize)
    }
}
