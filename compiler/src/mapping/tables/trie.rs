//! Smallest table of prefixes: the longest prefix that matches wins, nothing matters outside the blocks of the nets that come by.
//!
//! Takes: points, ascending by key, disjoint.  Gives: entries, longer prefixes first.
//! Invariants: no table of prefixes is shorter.
//! Cost: O(points × routes that tie); a pass up and a pass down the compressed trie.
//! Source: Draves, King, Venkatachary, Zill: "Constructing optimal IP routing tables", IEEE INFOCOM 1999 (ORTC). Departures: an absent
//!   subtree is a don't-care, so it adds no constraint and chains of the trie vanish; default routing is a second state of the pass up:
//!   under no entry a point that goes straight costs nothing, under any entry it costs as any other.

use super::{Cube, Point};

/// A node of the compressed trie.
#[derive(Clone, Copy)]
struct Node {
    cube: Cube,
    /// Children, or `LEAF`.
    children: [u32; 2],
    /// Range in `Trie::sets`: routes of an entry above that cost least.
    set: (u32, u32),
    /// Entries needed below an entry with a route of the set.
    closed: u32,
    /// Entries needed where no entry is above.
    open: u32,
}

const LEAF: u32 = u32::MAX;

struct Trie<'a> {
    points: &'a [Point],
    nodes: Vec<Node>,
    sets: Vec<u32>,
    cubes: Vec<Cube>,
}

/// A smallest table of prefixes.
pub(super) fn minimise(points: &[Point]) -> Vec<Cube> {
    if points.is_empty() {
        return Vec::new();
    }
    let size = 2 * points.len();
    let mut trie = Trie { points, nodes: Vec::with_capacity(size), sets: Vec::with_capacity(size), cubes: Vec::new() };
    let root = trie.build(0, points.len());
    trie.emit(root, None);
    trie.cubes
}

impl Trie<'_> {
    /// The node of points `first .. end`; at most 32 deep.
    fn build(&mut self, first: usize, end: usize) -> u32 {
        let node = if end - first == 1 { self.leaf(self.points[first]) } else { self.inner(first, end) };
        self.nodes.push(node);
        self.nodes.len() as u32 - 1
    }

    fn leaf(&mut self, point: Point) -> Node {
        let from = self.sets.len() as u32;
        self.sets.push(point.cube.route);
        let open = u32::from(!point.straight);
        Node { cube: point.cube, children: [LEAF; 2], set: (from, from + 1), closed: 0, open }
    }

    fn inner(&mut self, first: usize, end: usize) -> Node {
        let points = &self.points[first..end];
        let (low, high) = (points[0].cube.key, points[points.len() - 1].cube.key);
        let bit = (low ^ high).leading_zeros();
        let mask = u32::MAX.checked_shl(32 - bit).unwrap_or(0);
        let upper = high & (mask >> 1 | 1 << 31);
        let middle = first + points.partition_point(|p| p.cube.key < upper);
        let children = [self.build(first, middle), self.build(middle, end)];
        let [a, b] = children.map(|child| self.nodes[child as usize]);
        let from = self.sets.len() as u32;
        let shared = self.join(a.set, b.set);
        let closed = a.closed + b.closed + u32::from(!shared);
        let open = (a.open + b.open).min(closed + 1);
        Node { cube: Cube { key: low & mask, mask, route: 0 }, children, set: (from, self.sets.len() as u32), closed, open }
    }

    /// Appends what is in both sets, else what is in one; whether some was in both. Sets ascend.
    fn join(&mut self, a: (u32, u32), b: (u32, u32)) -> bool {
        let from = self.sets.len();
        let (mut i, mut j) = (a.0 as usize, b.0 as usize);
        let (a_end, b_end) = (a.1 as usize, b.1 as usize);
        while i < a_end && j < b_end {
            let (x, y) = (self.sets[i], self.sets[j]);
            if x == y {
                self.sets.push(x);
            }
            i += usize::from(x <= y);
            j += usize::from(y <= x);
        }
        if self.sets.len() > from {
            return true;
        }
        (i, j) = (a.0 as usize, b.0 as usize);
        while i < a_end || j < b_end {
            let take_a = j == b_end || i < a_end && self.sets[i] < self.sets[j];
            let at = if take_a { &mut i } else { &mut j };
            self.sets.push(self.sets[*at]);
            *at += 1;
        }
        false
    }

    /// Adds the entries of a subtree below an entry with that route, or below none.
    fn emit(&mut self, at: u32, above: Option<u32>) {
        let node = self.nodes[at as usize];
        let set = &self.sets[node.set.0 as usize..node.set.1 as usize];
        let stays = match above {
            Some(route) => set.binary_search(&route).is_ok(),
            None => node.open <= node.closed,
        };
        let route = if stays { above } else { Some(set[0]) };
        if node.children != [LEAF; 2] {
            node.children.iter().for_each(|child| self.emit(*child, route));
        }
        if let (false, Some(route)) = (stays, route) {
            self.cubes.push(Cube { route, ..node.cube });
        }
    }
}
