//! Takes trees off the busiest links, round by round: first by paths as long, then by detours.
//!
//! Takes: trees, their loads on [`Links`](super::links::Links).  Gives: trees with a lower highest load.
//! Invariants: those of [`mod@super::improve`]. All detours together add no more than [`DETOURS`]. A round that costs more than it
//!   gains is taken back: what it gains is the share of the highest load; what it costs is the share of different shapes (links that
//!   a chip sends on by), since each needs entries, and [`LENGTH`] times the share of links crossed.
//! Cost: a round improves the trees on links above five sixths of the highest load, and in them only the paths with such a link.
//! Source: rip-up and reroute with negotiated prices as in PathFinder (McMurchie, Ebeling, FPGA 1995); what a round may cost is own.

use super::improve::{Aim, Improver};
use super::jobs::Jobs;
use super::links::bits;
use crate::mapping::TreeNode;

/// The limit of a round in units of the highest load before it.
const LOWER: f64 = 0.9;

/// A link is busy from this price on: 0.92 of the limit.
const BUSY: f32 = 0.5;

/// A round that lowers the highest load by less than this share is not worth another like it.
const LITTLE: f64 = 0.02;

/// Links that detours may add, as a share of all that are crossed.
const DETOURS: f64 = 0.02;

/// How many times more a share of length costs than the same share of load gains.
const LENGTH: f64 = 4.0;

/// What rounds are judged by.
struct State {
    highest: f64,
    shapes: f64,
    length: f64,
}

impl State {
    fn of(improver: &Improver, jobs: &Jobs, trees: &[Vec<TreeNode>]) -> State {
        let mut seen = vec![0_u64; improver.links.next.len()];
        trees.iter().flatten().for_each(|node| seen[node.chip as usize] |= 1 << node.links);
        State {
            highest: improver.links.highest(),
            shapes: f64::from(seen.iter().map(|shapes| shapes.count_ones()).sum::<u32>()),
            length: length(jobs, trees) as f64,
        }
    }

    /// Share of the highest load that was gained since `before`, and the share that it cost.
    fn since(&self, before: &State) -> (f64, f64) {
        let grown = |now: f64, then: f64| now / then.max(1.0) - 1.0;
        let cost = grown(self.shapes, before.shapes) + LENGTH * grown(self.length, before.length);
        (1.0 - self.highest / before.highest.max(f64::MIN_POSITIVE), cost)
    }
}

/// Links that packets of all nets cross, each counted once a net.
fn length(jobs: &Jobs, trees: &[Vec<TreeNode>]) -> u64 {
    jobs.all.iter().zip(trees).map(|(job, tree)| u64::from(job.nets) * (tree.len() as u64).saturating_sub(1)).sum()
}

/// Lowers the highest load, until so many rounds in a row gained little.
pub(super) fn run(improver: &mut Improver, jobs: &Jobs, trees: &mut [Vec<TreeNode>], patience: usize) {
    rounds(improver, jobs, trees, patience);
    improver.links.avoids_full = true;
    improver.spare = (length(jobs, trees) as f64 * DETOURS) as u64;
    rounds(improver, jobs, trees, patience);
}

fn rounds(improver: &mut Improver, jobs: &Jobs, trees: &mut [Vec<TreeNode>], patience: usize) {
    let (mut before, mut idle) = (State::of(improver, jobs, trees), 0);
    while before.highest > 0.0 && idle < patience {
        let changed = round(improver, jobs, trees);
        let now = State::of(improver, jobs, trees);
        let (gain, cost) = now.since(&before);
        if changed.is_empty() || gain < cost {
            changed.into_iter().for_each(|(at, old)| improver.put_back(jobs, at, &mut trees[at], old));
            return;
        }
        idle = if gain < LITTLE { idle + 1 } else { 0 };
        before = now;
    }
}

/// One round; gives the trees that were changed as they were.
fn round(improver: &mut Improver, jobs: &Jobs, trees: &mut [Vec<TreeNode>]) -> Vec<(usize, Vec<TreeNode>)> {
    let mut changed = Vec::new();
    improver.links.set_limit(improver.links.highest() * LOWER);
    for at in 0..trees.len() {
        let busy = |node: &TreeNode| bits(node.links).any(|d| improver.links.price_of_load(node.chip, d, 0.0) >= BUSY);
        if trees[at].iter().any(busy) {
            let old = trees[at].clone();
            improver.links.follow(&trees[at.saturating_sub(1)]);
            improver.improve(jobs, at, &mut trees[at], Aim::Cheaper(BUSY));
            if old != trees[at] {
                changed.push((at, old));
            }
        }
    }
    changed
}
