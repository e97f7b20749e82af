//! Takes trees off the busiest links, round by round.
//!
//! Takes: trees, their loads on [`Links`](super::links::Links), the load that is good enough.  Gives: trees as long, the highest load
//!   lower.
//! Invariants: those of [`mod@super::improve`]; stops when the load is good enough or rounds gain little.
//! Cost: a round improves the trees on links above five sixths of the highest load, and in them only the paths with such a link.
//! Source: rip-up and reroute with negotiated prices as in PathFinder (McMurchie, Ebeling, FPGA 1995), here without ever making a
//!   tree longer.

use super::improve::{Aim, Improver};
use super::jobs::Jobs;
use super::links::bits;
use crate::mapping::TreeNode;

/// The limit of a round in units of the highest load before it.
const LOWER: f64 = 0.9;

/// A link is busy from this price on: 0.92 of the limit.
const BUSY: f32 = 0.5;

/// A round that lowers the highest load by less than this part does not count as a gain.
const LITTLE: f64 = 0.02;

/// Lowers the highest load. Ends when it is good enough, or after so many rounds without gain.
pub(super) fn run(improver: &mut Improver, jobs: &Jobs, trees: &mut [Vec<TreeNode>], good_enough: f64, patience: usize) {
    let (mut lowest, mut idle) = (improver.links.highest(), 0);
    while lowest > good_enough && idle < patience {
        improver.links.set_limit((improver.links.highest() * LOWER).max(good_enough));
        for at in 0..trees.len() {
            let busy = |node: &TreeNode| bits(node.links).any(|d| improver.links.price_of_load(node.chip, d, 0.0) >= BUSY);
            if trees[at].iter().any(busy) {
                improver.links.follow(&trees[at.saturating_sub(1)]);
                improver.improve(jobs, at, &mut trees[at], Aim::Cheaper(BUSY));
            }
        }
        let now = improver.links.highest();
        idle = if now < lowest * (1.0 - LITTLE) { 0 } else { idle + 1 };
        lowest = lowest.min(now);
    }
}
