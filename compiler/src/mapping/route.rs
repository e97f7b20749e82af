//! Routes: a tree of links for every net.

use super::board::NO_CHIP;
use super::{Board, Link, MachineGraph, MapFailure, NetId, Options, Placement};
use crate::table::Id;

/// The trees of all nets.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Routes {
    /// Nodes of net n are `start[n] .. start[n + 1]`.
    pub start: Vec<u32>,
    /// Nodes; within a net the source's chip comes first and a node comes after the one that it is reached from.
    pub nodes: Vec<TreeNode>,
}

/// A chip on a tree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TreeNode {
    /// Number of the chip.
    pub chip: u32,
    /// Links that packets leave by, a bit each.
    pub links: u8,
    /// Link that packets come in by, seen from this chip; [`TreeNode::HERE`] where the source is.
    pub from: Link,
}

impl TreeNode {
    /// Packets come from a core of this chip.
    pub const HERE: Link = 6;
}

impl Routes {
    /// The tree of a net.
    #[must_use]
    pub fn of(&self, net: NetId) -> &[TreeNode] {
        let at = net.index();
        &self.nodes[self.start[at] as usize..self.start[at + 1] as usize]
    }
}

/// Routes all nets: exactly the chips of their targets are reached, each once.
///
/// # Errors
/// When a target cannot be reached.
pub fn run(graph: &MachineGraph, board: &Board, placement: &Placement, options: &Options) -> Result<Routes, MapFailure> {
    let _ = options;
    let mut routes = Routes { start: vec![0], nodes: Vec::new() };
    for net in graph.nets.values() {
        let source = placement[net.source].chip;
        let reached = reach(board, source);
        let mut node_of = vec![NO_CHIP; board.chips.len()];
        let first = routes.nodes.len();
        routes.nodes.push(TreeNode { chip: source, links: 0, from: TreeNode::HERE });
        node_of[source as usize] = 0;
        for target in graph.targets_of(net) {
            let mut path = Vec::new();
            let mut at = placement[target].chip;
            while node_of[at as usize] == NO_CHIP {
                let (parent, link) = reached[at as usize].ok_or_else(|| unreachable(board, source, at))?;
                path.push((at, parent, link));
                at = parent;
            }
            for (at, parent, link) in path.into_iter().rev() {
                routes.nodes[first + node_of[parent as usize] as usize].links |= 1 << link;
                node_of[at as usize] = (routes.nodes.len() - first) as u32;
                routes.nodes.push(TreeNode { chip: at, links: 0, from: (link + 3) % 6 });
            }
        }
        routes.start.push(routes.nodes.len() as u32);
    }
    Ok(routes)
}

/// Breadth first: by chip the one before it and the link that leads here.
fn reach(board: &Board, source: u32) -> Vec<Option<(u32, Link)>> {
    let mut reached = vec![None; board.chips.len()];
    let mut queue = std::collections::VecDeque::from([source]);
    while let Some(at) = queue.pop_front() {
        for (link, next) in (0..).zip(board.neighbours[at as usize]) {
            if next != NO_CHIP && next != source && reached[next as usize].is_none() {
                reached[next as usize] = Some((at, link));
                queue.push_back(next);
            }
        }
    }
    reached
}

fn unreachable(board: &Board, from: u32, to: u32) -> MapFailure {
    let place = |chip: u32| (board.chips[chip as usize].x, board.chips[chip as usize].y);
    MapFailure::Unreachable { from: place(from), to: place(to) }
}
