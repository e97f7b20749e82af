//! The machine graph as placing sees it: nets that run alike are one, and each vertex knows its nets.
//!
//! Takes: [`MachineGraph`].  Gives: [`Hypergraph`].
//! Invariants: nets are joined only if their targets are equal and their sources follow each other in one group, and no more of them
//!   than there are targets: the tree of the joint net then stands for each of them.
//! Cost: linear in the edges.
//! Source: own; weights count a hop half by itself and half by its packets.

use super::super::MachineGraph;
use crate::table::Id;

/// Nets that are joined at most: a chip's worth of sources.
const JOINED: usize = 16;

/// Weight of a net of mean rate.
const MEAN_WEIGHT: f64 = 64.0;

/// Nets over vertices by number.
pub(super) struct Hypergraph {
    /// Weight of each net.
    pub(super) weight: Vec<u32>,
    /// How many nets each stands for.
    pub(super) stands_for: Vec<u32>,
    start: Vec<u32>,
    pins: Vec<u32>,
    first: Vec<u32>,
    nets: Vec<u32>,
    /// Group of each vertex.
    pub(super) group: Vec<u32>,
}

impl Hypergraph {
    /// The hypergraph of a graph.
    pub(super) fn of(graph: &MachineGraph) -> Hypergraph {
        let vertices = graph.vertices.len();
        let nets = graph.nets.values();
        let mean = nets.iter().map(|n| n.rate).sum::<f64>() / nets.len().max(1) as f64;
        let mut all = Hypergraph {
            weight: Vec::new(),
            stands_for: Vec::new(),
            start: vec![0],
            pins: Vec::new(),
            first: Vec::new(),
            nets: Vec::new(),
            group: vec![0; vertices],
        };
        for (id, group) in graph.groups.iter() {
            all.group[group.first as usize..][..group.count as usize].fill(id.index() as u32);
        }
        let mut next = 0;
        while next < nets.len() {
            let ranges = graph.ranges_of(&nets[next]);
            let targets: u32 = ranges.iter().map(|(first, last)| last - first + 1).sum();
            let same = |n: &&super::super::Net| {
                graph.ranges_of(n) == ranges && all.group[n.source.index()] == all.group[nets[next].source.index()]
            };
            let alike = nets[next..].iter().take(JOINED.min(targets as usize).max(1)).take_while(same).count().max(1);
            let joint = &nets[next..next + alike];
            let rate: f64 = joint.iter().map(|n| n.rate).sum();
            let share = if mean > 0.0 { rate / mean } else { 0.0 };
            all.weight.push(((share + alike as f64) / 2.0 * MEAN_WEIGHT).clamp(1.0, 1e6) as u32);
            all.stands_for.push(alike as u32);
            all.push_pins(ranges, joint.iter().map(|n| n.source.index() as u32));
            next += alike;
        }
        all.turn_round(vertices);
        all
    }

    /// Adds a net's targets and those sources that are not among them.
    fn push_pins(&mut self, ranges: &[(u32, u32)], sources: impl Iterator<Item = u32>) {
        for (first, last) in ranges {
            self.pins.extend(*first..=*last);
        }
        for source in sources {
            let after = ranges.partition_point(|(first, _)| *first <= source);
            if after == 0 || ranges[after - 1].1 < source {
                self.pins.push(source);
            }
        }
        self.start.push(self.pins.len() as u32);
    }

    /// Nets by vertex.
    fn turn_round(&mut self, vertices: usize) {
        self.first = vec![0; vertices + 1];
        for pin in &self.pins {
            self.first[*pin as usize + 1] += 1;
        }
        for v in 0..vertices {
            self.first[v + 1] += self.first[v];
        }
        let mut at = self.first.clone();
        self.nets = vec![0; self.pins.len()];
        for net in 0..self.len() {
            for pin in &self.pins[self.start[net] as usize..self.start[net + 1] as usize] {
                let place = &mut at[*pin as usize];
                self.nets[*place as usize] = net as u32;
                *place += 1;
            }
        }
    }

    /// Number of nets.
    pub(super) fn len(&self) -> usize {
        self.weight.len()
    }

    /// Number of vertices.
    pub(super) fn vertices(&self) -> usize {
        self.group.len()
    }

    /// Vertices of a net, each once.
    pub(super) fn pins(&self, net: usize) -> &[u32] {
        &self.pins[self.start[net] as usize..self.start[net + 1] as usize]
    }

    /// Nets of a vertex, ascending.
    pub(super) fn nets_of(&self, vertex: u32) -> &[u32] {
        &self.nets[self.first[vertex as usize] as usize..self.first[vertex as usize + 1] as usize]
    }
}
