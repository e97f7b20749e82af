//! Routes: a tree of links for every net.

mod grow;
mod improve;
mod jobs;
mod links;

use super::{Board, Effort, Link, MachineGraph, MapFailure, NetId, Options, Placement};
use crate::table::Id;
use grow::{Piece, Sketch};
use improve::Improver;
use jobs::Jobs;
use links::Links;

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
    let mut trees = vec![Vec::new(); jobs.all.len()];
    for (at, job) in jobs.all.iter().enumerate() {
        let targets = jobs.targets(at);
        sketch.start(job.source, targets);
        if sketch.grow(&links, job.rate, targets.len(), u32::MAX).is_err() {
            return Err(unreachable(board, &sketch, job.source, targets));
        }
        sketch.write(&links, job.source, &mut trees[at]);
        links.add(&trees[at], job.rate);
        links.set_limit(links.highest());
    }
    let rounds = match options.effort {
        Effort::Fast => None,
        Effort::Default => Some(8),
        Effort::Best => Some(64),
    };
    if let Some(rounds) = rounds {
        Improver::new(&mut links, &mut sketch).run(&jobs, &mut trees, rounds);
    }
    Ok(Routes::of_jobs(&jobs, &trees))
}

fn unreachable(board: &Board, sketch: &Sketch, source: u32, targets: &[u32]) -> MapFailure {
    let place = |chip: u32| (board.chips[chip as usize].x, board.chips[chip as usize].y);
    let waits = |chip: &&u32| sketch.piece[**chip as usize] == Piece::Waiting;
    let to = targets.iter().find(waits).copied().unwrap_or(source);
    MapFailure::Unreachable { from: place(source), to: place(to) }
}
