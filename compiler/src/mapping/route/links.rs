//! Links as the router needs them: both ways, with the load that the trees found so far put on them.
//!
//! Takes: [`Board`].  Gives: [`Links`].
//! Invariants: a chip has no link to itself; `into[next[c][d]][(d + 3) % 6] == c`.
//! Cost: O(chips). Price: the fourth power of the load in units of the wanted maximum, so that links far below it cost next to
//!   nothing and those at it as much as they may.
//! Source: own; prices that grow with use as in PathFinder (McMurchie, Ebeling: "PathFinder: a negotiation-based
//!   performance-driven router for FPGAs", FPGA 1995).

use crate::mapping::board::NO_CHIP;
use crate::mapping::{Board, TreeNode};

/// Links and their loads.
pub(super) struct Links {
    /// By chip and link: where it leads.
    pub(super) next: Vec<[u32; 6]>,
    /// By chip and link: who sends in by that side.
    pub(super) into: Vec<[u32; 6]>,
    /// Whether every link works both ways.
    pub(super) mutual: bool,
    /// By chip and link: packets in a tick.
    pub(super) load: Vec<[f64; 6]>,
    /// One over the load that a link should not exceed.
    per_limit: f64,
}

impl Links {
    /// Links of a board, without load.
    pub(super) fn of(board: &Board) -> Links {
        let mut next = board.neighbours.clone();
        let mut into = vec![[NO_CHIP; 6]; next.len()];
        for (chip, row) in (0..).zip(&mut next) {
            for (d, to) in row.iter_mut().enumerate() {
                if *to == chip {
                    *to = NO_CHIP;
                }
                if *to != NO_CHIP {
                    into[*to as usize][(d + 3) % 6] = chip;
                }
            }
        }
        let mutual = next == into;
        let load = vec![[0.0; 6]; next.len()];
        Links { next, into, mutual, load, per_limit: 0.0 }
    }

    /// What `rate` more packets on a link cost.
    pub(super) fn price(&self, chip: u32, d: usize, rate: f64) -> f32 {
        let use_ = ((self.load[chip as usize][d] + rate) * self.per_limit) as f32;
        let square = use_ * use_;
        square * square
    }

    /// Adds `rate` packets on every link of a tree; takes them off if negative.
    pub(super) fn add(&mut self, tree: &[TreeNode], rate: f64) {
        for node in tree {
            let row = &mut self.load[node.chip as usize];
            let mut links = node.links;
            while links != 0 {
                row[links.trailing_zeros() as usize] += rate;
                links &= links - 1;
            }
        }
    }

    /// Sets the load that a link should not exceed.
    pub(super) fn set_limit(&mut self, limit: f64) {
        self.per_limit = 1.0 / limit.max(f64::MIN_POSITIVE);
    }

    /// The highest load.
    pub(super) fn highest(&self) -> f64 {
        self.load.iter().flatten().fold(0.0, |a, b| b.max(a))
    }
}
