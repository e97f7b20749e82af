//! The machine graph of a partitioned circuit: a vertex for each core, a net for each slice or state that is sent.
//!
//! Takes: SpikeGraph, Partition, Activity, what each core needs.  Gives: [`CircuitGraph`].
//! Invariants: new: a net reaches every core on which a synapse or a modulator reads what it carries, and, for projections that
//!   are written out or one to one, no other; the slices of a population have consecutive nets in their order, so that their keys
//!   form one block.
//! Cost: time in the written synapses and in pairs of slices that are joined. Source: own.

use crate::circuit::PopId;
use crate::mapping::{Group, GroupId, MachineGraph, Net, Vertex, VertexId};
use crate::partition::{Activity, Heard, Joined, Partition, SharedMemory, SliceId, Sources, broadcasts};
use crate::spike_graph::{Output, SpikeGraph};
use crate::table::{Id, Table};

/// A machine graph, and what its nets carry.
#[derive(Clone, Debug, Default)]
pub struct CircuitGraph {
    /// The graph. Vertex n is core n of the partition.
    pub graph: MachineGraph,
    /// What each net carries, in the order of the nets.
    pub carried: Vec<Carried>,
}

/// What a net carries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Carried {
    /// Events of a slice.
    Slice(SliceId),
    /// A state that modulators read.
    Broadcast(Heard),
}

/// Builds it.
#[must_use]
pub fn build(graph: &SpikeGraph, sources: &Sources, partition: &Partition, activity: &Activity) -> CircuitGraph {
    let mut built = CircuitGraph::default();
    let memory = SharedMemory::of(graph, sources);
    for slices in partition.cores.values() {
        let shared_bytes = memory.of_core(partition, slices);
        built.graph.vertices.push(Vertex { shared_bytes });
    }
    built.graph.groups = groups(graph, partition);
    let core_of = core_of_slice(partition);
    let joined = Joined::of(graph, partition);
    let mut keys_with = 0;
    for (id, _) in graph.populations.iter().filter(|(_, p)| p.output != Output::None) {
        let key_bits = partition.slice_bits(id) as u8;
        for slice in partition.slices_of(id) {
            let cores = joined.targets(slice).iter().map(|target| core_of[*target]);
            let rate = activity.per_tick(id) * f64::from(partition.slices[slice].count);
            let net = Net { source: core_of[slice], keys_with, rate, key_bits, first_range: 0, ranges: 0 };
            built.push(net, Carried::Slice(slice), cores.collect());
        }
        keys_with += 1;
    }
    for heard in broadcasts(graph) {
        let Heard::Broadcast { population, member, .. } = heard else { continue };
        let hearing = graph.populations.ids().filter(|p| sources.heard_by(*p).contains_key(&heard));
        let cores = hearing.flat_map(|p| partition.slices_of(p)).map(|slice| core_of[slice]).collect();
        let source = core_of[partition.slice_of_member(population, member)];
        let net = Net { source, keys_with, rate: 1.0, key_bits: 0, first_range: 0, ranges: 0 };
        built.push(net, Carried::Broadcast(heard), cores);
        keys_with += 1;
    }
    built
}

impl CircuitGraph {
    fn push(&mut self, net: Net, carried: Carried, mut cores: Vec<VertexId>) {
        cores.sort_unstable();
        cores.dedup();
        self.graph.add_net(net, cores.into_iter().map(|core| core.index() as u32));
        self.carried.push(carried);
    }
}

/// The vertex of each slice.
fn core_of_slice(partition: &Partition) -> Table<SliceId, VertexId> {
    let mut core_of: Table<SliceId, VertexId> = partition.slices.ids().map(|_| VertexId::from_index(0)).collect();
    for (core, slices) in partition.cores.iter() {
        slices.iter().for_each(|slice| core_of[*slice] = VertexId::from_index(core.index()));
    }
    core_of
}

/// Runs of cores whose first slices are of one population.
fn groups(graph: &SpikeGraph, partition: &Partition) -> Table<GroupId, Group> {
    let mut groups: Vec<(PopId, Group)> = Vec::new();
    for (core, slices) in partition.cores.iter() {
        let Some(population) = slices.first().map(|s| partition.slices[*s].population) else { continue };
        match groups.last_mut() {
            Some((last, group)) if *last == population => group.count += 1,
            _ => {
                let name = graph.populations[population].name.clone();
                groups.push((population, Group { name, first: core.index() as u32, count: 1 }));
            }
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}
