//! The machine graph: what has to be placed and who sends to whom.

crate::ids! {
    /// A vertex: what needs a core of its own.
    VertexId "vertex",
    /// A net: packets of one source with one set of targets.
    NetId "net",
    /// A group of vertices that were cut from one population, and whose nets' keys lie together.
    GroupId "group",
}

use crate::table::Table;

/// Vertices and nets.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct MachineGraph {
    /// Groups; the vertices of each follow each other.
    pub groups: Table<GroupId, Group>,
    /// Vertices.
    pub vertices: Table<VertexId, Vertex>,
    /// Nets, by source.
    pub nets: Table<NetId, Net>,
    /// Inclusive ranges of target vertices, ascending and not touching within a net.
    pub ranges: Vec<(u32, u32)>,
}

/// Vertices cut from one population.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Group {
    /// Name, for reports.
    pub name: String,
    /// First vertex.
    pub first: u32,
    /// Number of vertices.
    pub count: u32,
}

/// What needs a core.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Vertex {
    /// Bytes that it needs of its chip's shared memory.
    pub shared_bytes: u64,
}

/// Packets from one vertex to some.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Net {
    /// Who sends.
    pub source: VertexId,
    /// The group whose keys its keys lie among. A group's nets are consecutive; their order is that of their keys.
    pub keys_with: u32,
    /// Expected packets in a tick.
    pub rate: f64,
    /// It needs `2^key_bits` keys.
    pub key_bits: u8,
    /// First of its ranges in [`MachineGraph::ranges`].
    pub first_range: u32,
    /// Number of its ranges.
    pub ranges: u32,
}

impl MachineGraph {
    /// Adds a net with its targets, ascending and each once; what the net says of ranges is replaced.
    pub fn add_net(&mut self, net: Net, targets: impl IntoIterator<Item = u32>) -> NetId {
        let first = self.ranges.len();
        for target in targets {
            match self.ranges[first..].last_mut() {
                Some((_, last)) if *last + 1 == target => *last = target,
                _ => self.ranges.push((target, target)),
            }
        }
        self.nets.push(Net { first_range: first as u32, ranges: (self.ranges.len() - first) as u32, ..net })
    }

    /// Target ranges of a net.
    #[must_use]
    pub fn ranges_of(&self, net: &Net) -> &[(u32, u32)] {
        &self.ranges[net.first_range as usize..][..net.ranges as usize]
    }

    /// Targets of a net, ascending.
    pub fn targets_of(&self, net: &Net) -> impl Iterator<Item = VertexId> + '_ {
        use crate::table::Id;
        self.ranges_of(net).iter().flat_map(|(first, last)| *first..=*last).map(|v| VertexId::from_index(v as usize))
    }
}
