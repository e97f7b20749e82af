//! The machine graph as placing sees it: nets with equal targets share one tree, and each vertex knows its nets.
//!
//! Takes: [`MachineGraph`].  Gives: [`Hypergraph`].
//! Invariants: every net of the graph is one sender of one net here. A net of one sender has it among its pins; the tree of a net of
//!   several joins their targets, and each sender comes to it on its own way: so what shares targets is looked at once.
//! Cost: linear in the edges, times the logarithm of the nets.
//! Source: own. A weight counts a hop half by itself and half by its packets.

use super::super::MachineGraph;
use crate::table::Id;
use std::collections::BTreeMap;

/// Most senders of a net; bounds what the move of one of them costs.
const SENDERS: usize = 32;

/// Weight of a net of mean rate.
pub(super) const MEAN_WEIGHT: u64 = 64;

/// Nets over vertices by number.
pub(super) struct Hypergraph {
    /// Weight of each net: the sum of its senders'.
    pub(super) weight: Vec<u32>,
    start: Vec<u32>,
    /// End of the pins and start of the senders that are no pins.
    middle: Vec<u32>,
    vertices: Vec<u32>,
    pins_of: Lists,
    senders: Lists,
    sends: Lists,
    /// By sender its weight.
    sender_weight: Vec<u32>,
    /// Group of each vertex.
    pub(super) group: Vec<u32>,
    /// The net here of each net of the graph.
    pub(super) joint: Vec<u32>,
}

/// Lists of numbers, one after the other.
#[derive(Default)]
struct Lists {
    start: Vec<u32>,
    items: Vec<u32>,
}

impl Lists {
    /// Lists by second number of pairs, in the order of the pairs.
    fn by_second(lists: usize, pairs: impl Iterator<Item = (u32, u32)> + Clone) -> Lists {
        let mut start = vec![0; lists + 1];
        pairs.clone().for_each(|(_, to)| start[to as usize + 1] += 1);
        for i in 0..lists {
            start[i + 1] += start[i];
        }
        let mut at = start.clone();
        let mut items = vec![0; start[lists] as usize];
        for (item, to) in pairs {
            items[at[to as usize] as usize] = item;
            at[to as usize] += 1;
        }
        Lists { start, items }
    }

    fn of(&self, list: usize) -> &[u32] {
        &self.items[self.start[list] as usize..self.start[list + 1] as usize]
    }
}

impl Hypergraph {
    /// The hypergraph of a graph.
    pub(super) fn of(graph: &MachineGraph) -> Hypergraph {
        let vertices = graph.vertices.len();
        let mut group = vec![0; vertices];
        for (id, of) in graph.groups.iter() {
            group[of.first as usize..][..of.count as usize].fill(id.index() as u32);
        }
        let nets = graph.nets.values();
        let joint = joint(graph, &group);
        let mean = nets.iter().map(|n| n.rate).sum::<f64>() / nets.len().max(1) as f64;
        let weight_of = |net: u32| {
            let share = if mean > 0.0 { nets[net as usize].rate / mean } else { 1.0 };
            ((share + 1.0) / 2.0 * MEAN_WEIGHT as f64).clamp(1.0, 1e6) as u32
        };
        let mut all = Hypergraph {
            weight: Vec::with_capacity(joint.len()),
            start: vec![0],
            middle: Vec::with_capacity(joint.len()),
            vertices: Vec::new(),
            pins_of: Lists::default(),
            senders: Lists::default(),
            sends: Lists::default(),
            sender_weight: Vec::new(),
            group,
            joint: vec![0; nets.len()],
        };
        let mut senders = Vec::new();
        for (id, members) in (0..).zip(&joint) {
            members.iter().for_each(|n| all.joint[*n as usize] = id);
            all.weight.push(members.iter().map(|n| weight_of(*n)).sum());
            let ranges = graph.ranges_of(&nets[members[0] as usize]);
            let sources = members.iter().map(|n| nets[*n as usize].source.index() as u32);
            all.push_vertices(ranges, sources.clone(), members.len() > 1);
            if members.len() > 1 {
                senders.extend(sources.map(|s| (s, id)));
                all.sender_weight.extend(members.iter().map(|n| weight_of(*n)));
            }
        }
        let ids = 0..joint.len() as u32;
        all.pins_of = Lists::by_second(vertices, ids.flat_map(|net| all.pins(net as usize).iter().map(move |v| (net, *v))));
        all.senders = Lists::by_second(joint.len(), senders.iter().copied());
        all.sends = Lists::by_second(vertices, senders.iter().map(|(s, net)| (*net, *s)));
        all
    }

    /// Adds a net's targets, then those sources that are not among them.
    fn push_vertices(&mut self, ranges: &[(u32, u32)], sources: impl Iterator<Item = u32>, several: bool) {
        for (first, last) in ranges {
            self.vertices.extend(*first..=*last);
        }
        let targets = self.vertices.len();
        for source in sources {
            let after = ranges.partition_point(|(first, _)| *first <= source);
            if after == 0 || ranges[after - 1].1 < source {
                self.vertices.push(source);
            }
        }
        self.middle.push(if several { targets } else { self.vertices.len() } as u32);
        self.start.push(self.vertices.len() as u32);
    }

    /// Number of nets.
    pub(super) fn len(&self) -> usize {
        self.weight.len()
    }

    /// Number of vertices.
    pub(super) fn vertices(&self) -> usize {
        self.group.len()
    }

    /// Vertices whose chips the tree of a net joins, each once.
    pub(super) fn pins(&self, net: usize) -> &[u32] {
        &self.vertices[self.start[net] as usize..self.middle[net] as usize]
    }

    /// Vertices of a net, each once, senders included.
    pub(super) fn vertices_of(&self, net: usize) -> &[u32] {
        &self.vertices[self.start[net] as usize..self.start[net + 1] as usize]
    }

    /// Senders that come to a net's tree on their own way, with their weights.
    pub(super) fn senders(&self, net: usize) -> impl ExactSizeIterator<Item = (u32, u32)> + '_ {
        let weights = &self.sender_weight[self.senders.start[net] as usize..];
        self.senders.of(net).iter().copied().zip(weights.iter().copied())
    }

    /// Nets that a vertex is a pin of, ascending.
    pub(super) fn nets_of(&self, vertex: u32) -> &[u32] {
        self.pins_of.of(vertex as usize)
    }

    /// Nets that a vertex is a sender of.
    pub(super) fn sends(&self, vertex: u32) -> &[u32] {
        self.sends.of(vertex as usize)
    }
}

/// Nets of one group with the same targets, by the first of them.
fn joint(graph: &MachineGraph, group: &[u32]) -> Vec<Vec<u32>> {
    let mut joint: Vec<Vec<u32>> = Vec::new();
    let mut known: BTreeMap<_, usize> = BTreeMap::new();
    for (id, net) in (0..).zip(graph.nets.values()) {
        let ranges = graph.ranges_of(net);
        let at = known.entry((group[net.source.index()], ranges)).or_insert(joint.len());
        match joint.get_mut(*at).filter(|nets| nets.len() < SENDERS) {
            Some(nets) => nets.push(id),
            None => {
                *at = joint.len();
                joint.push(vec![id]);
            }
        }
    }
    joint
}
