//! Routes: a tree of links for every net.
//!
//! Takes: graph, board, placement.  Gives: [`Routes`].
//! Invariants: every tree reaches the chips of its targets and ends only there; no chip twice, no cycle, only working links. Nets from
//!   one chip to the same chips have the same tree. Same input, same trees on every host; no part depends on time or threads.
//! The way: `jobs` (what is the same is routed once) → `grow` (a tree to the nearest target, then to the nearest of the
//!   rest, and so on; `far` for far ones) → `improve` (shorter) → next job → `relieve` (busy links). Length comes
//!   first: load, turns and likeness to the tree before choose among trees of one length; only the last step makes detours, of 2 %
//!   at most.
//! Cost: grows with jobs, chips near their trees and, when improving, chips of the tree. No table of distances, so boards of any size.
//! Source: neighbour-exploring routing (Navaridas and others, Parallel Computing 45, 2015), Takahashi and Matsuyama 1980, PathFinder
//!   (McMurchie, Ebeling 1995); the parts name what they took. Own: prices that make trees alike for the sake of tables.

mod far;
mod grow;
mod improve;
mod jobs;
mod links;
mod relieve;
#[cfg(test)]
mod tests;

use super::{Board, Effort, Link, MachineGraph, MapFailure, NetId, Options, Placement};
use crate::table::Id;
use grow::Sketch;
use improve::{Aim, Improver};
use jobs::Jobs;
use links::Links;

/// The load from which on trees avoid a link while they grow, in units of the least that is possible: at 1, all six links of the chip
/// that receives most are equally busy, at 6 one of them has everything. Lower gives more different trees, and so longer tables.
const SPREAD: f64 = 2.25;

/// The same where trees are improved, which makes up for some of the entries.
const SPREAD_IMPROVED: f64 = 2.0;

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

    /// Gives every net the tree of its job.
    fn of_jobs(jobs: &Jobs, trees: &[Vec<TreeNode>]) -> Routes {
        let mut routes = Routes { start: Vec::with_capacity(jobs.of_net.len() + 1), nodes: Vec::new() };
        routes.nodes.reserve(jobs.of_net.iter().map(|job| trees[*job as usize].len()).sum());
        routes.start.push(0);
        for job in &jobs.of_net {
            routes.nodes.extend_from_slice(&trees[*job as usize]);
            routes.start.push(routes.nodes.len() as u32);
        }
        routes
    }
}

/// Routes all nets: exactly the chips of their targets are reached, each once.
///
/// # Errors
/// When a target cannot be reached.
pub fn run(graph: &MachineGraph, board: &Board, placement: &Placement, options: &Options) -> Result<Routes, MapFailure> {
    let jobs = Jobs::gather(graph, board, placement);
    let mut links = Links::of(board);
    let mut sketch = Sketch::new(board.chips.len());
    let improves = options.effort != Effort::Fast && links.mutual;
    let at_least = if improves { SPREAD_IMPROVED } else { SPREAD } * jobs.least_load(&links);
    let mut improver = Improver::new(&mut links, &mut sketch);
    let mut trees = vec![Vec::new(); jobs.all.len()];
    for (at, tree) in trees.iter_mut().enumerate() {
        improver.links.set_limit(improver.links.peak().max(at_least));
        improver.grow(&jobs, at, tree).map_err(|to| unreachable(board, jobs.all[at].source, to))?;
        if improves {
            improver.improve(&jobs, at, tree, Aim::Shorter);
            if options.effort == Effort::Best {
                improver.try_neighbours(&jobs, at, tree);
                improver.improve(&jobs, at, tree, Aim::Shorter);
            }
        }
        improver.links.follow(tree);
    }
    if improves {
        let patience = if options.effort == Effort::Best { 16 } else { 2 };
        relieve::run(&mut improver, &jobs, &mut trees, patience);
    }
    Ok(Routes::of_jobs(&jobs, &trees))
}

fn unreachable(board: &Board, from: u32, to: u32) -> MapFailure {
    let place = |chip: u32| (board.chips[chip as usize].x, board.chips[chip as usize].y);
    MapFailure::Unreachable { from: place(from), to: place(to) }
}
