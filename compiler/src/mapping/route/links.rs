//! Links as the router needs them: both ways, with the load of the trees found so far and the way that the last of them went.
//!
//! Takes: [`Board`].  Gives: [`Links`].
//! Invariants: no link leads to its own chip; `into[next[c][d]][(d + 3) % 6] == c`; a link of the guide is in it at both ends.
//! Cost: O(chips); a price is four multiplications.
//! Prices: the eighth power of the load in units of the limit, so that a link costs next to nothing until it is nearly full and
//!   ever more beyond; [`AWAY`] for a link that the guide does not use. The guide has, for each chip, the links by which the last tree
//!   that came by went: trees of nets that follow each other then agree wherever nothing is lost by it, and what a router has to do
//!   for them is the same, which makes tables small.
//! Source: own; prices that grow with use as in PathFinder (McMurchie, Ebeling: "PathFinder: a negotiation-based
//!   performance-driven router for FPGAs", FPGA 1995).

use crate::mapping::board::NO_CHIP;
use crate::mapping::{Board, TreeNode};

/// Price of a link that the guide does not use.
const AWAY: f32 = 0.3;

/// Links, their loads, and the guide.
pub(super) struct Links {
    /// By chip and link: where it leads.
    pub(super) next: Vec<[u32; 6]>,
    /// By chip and link: who sends in by that side.
    pub(super) into: Vec<[u32; 6]>,
    /// By chip: column and row.
    places: Vec<(i32, i32)>,
    /// Columns and rows.
    size: (i32, i32),
    /// Whether every link works both ways.
    pub(super) mutual: bool,
    /// By chip and link: packets in a tick.
    load: Vec<[f64; 6]>,
    /// Highest load that there ever was.
    peak: f64,
    /// One over the load that a link should not exceed.
    per_limit: f64,
    /// Whether searches leave out links that would get more than the limit: the way to detours.
    pub(super) avoids_full: bool,
    /// By chip: links, a bit each, that the last tree there uses, whichever way.
    guide: Vec<u8>,
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
        let (mutual, chips) = (next == into, next.len());
        let places = board.chips.iter().map(|chip| (i32::from(chip.x), i32::from(chip.y))).collect();
        let size = (i32::from(board.width), i32::from(board.height));
        Links {
            next,
            into,
            places,
            size,
            mutual,
            load: vec![[0.0; 6]; chips],
            peak: 0.0,
            per_limit: 0.0,
            avoids_full: false,
            guide: vec![0; chips],
        }
    }

    /// Links between two chips on a torus of this size without faults: never more than there really are.
    pub(super) fn least_distance(&self, from: u32, to: u32) -> u32 {
        let ((x, y), (to_x, to_y)) = (self.places[from as usize], self.places[to as usize]);
        let (x, y) = ((to_x - x).rem_euclid(self.size.0), (to_y - y).rem_euclid(self.size.1));
        let length = |x: i32, y: i32| x.abs().max(y.abs()).max((x - y).abs());
        let (back_x, back_y) = (x - self.size.0, y - self.size.1);
        length(x, y).min(length(back_x, y)).min(length(x, back_y)).min(length(back_x, back_y)) as u32
    }

    /// What a tree with `rate` packets in a tick pays for a link.
    pub(super) fn price(&self, chip: u32, d: usize, rate: f64) -> f32 {
        let away = if self.guide[chip as usize] >> d & 1 == 1 { 0.0 } else { AWAY };
        away + self.price_of_load(chip, d, rate)
    }

    /// The part of it that `rate` more packets on the link make.
    pub(super) fn price_of_load(&self, chip: u32, d: usize, rate: f64) -> f32 {
        let part = ((self.load[chip as usize][d] + rate) * self.per_limit) as f32;
        let square = part * part;
        let fourth = square * square;
        fourth * fourth
    }

    /// Whether searches leave out a link.
    pub(super) fn avoids(&self, chip: u32, d: usize, rate: f64) -> bool {
        self.avoids_full && (self.load[chip as usize][d] + rate) * self.per_limit > 1.0
    }

    /// Adds `rate` packets on every link of a tree; takes them off if negative.
    pub(super) fn add(&mut self, tree: &[TreeNode], rate: f64) {
        for node in tree {
            let row = &mut self.load[node.chip as usize];
            for d in bits(node.links) {
                row[d] += rate;
                self.peak = self.peak.max(row[d]);
            }
        }
    }

    /// Makes a tree the guide on its chips.
    pub(super) fn follow(&mut self, tree: &[TreeNode]) {
        for node in tree {
            let chip = node.chip as usize;
            for d in bits(self.guide[chip] & !node.both_ways()) {
                // Links that work one way only have a chip on one of the two sides.
                let beyond = self.next[chip][d].min(self.into[chip][d]);
                self.guide[beyond as usize] &= !(1 << ((d + 3) % 6));
            }
            self.guide[chip] = node.both_ways();
        }
    }

    /// Sets the load that a link should not exceed.
    pub(super) fn set_limit(&mut self, limit: f64) {
        self.per_limit = 1.0 / limit.max(f64::MIN_POSITIVE);
    }

    /// Highest load that there ever was.
    pub(super) fn peak(&self) -> f64 {
        self.peak
    }

    /// Highest load that there is.
    pub(super) fn highest(&self) -> f64 {
        self.load.iter().flatten().fold(0.0, |a, b| b.max(a))
    }
}

impl TreeNode {
    /// Links of the tree at this chip, whichever way packets take them.
    pub(super) fn both_ways(&self) -> u8 {
        if self.from == TreeNode::HERE { self.links } else { self.links | 1 << self.from }
    }
}

/// Links of a mask, ascending.
pub(super) fn bits(mut mask: u8) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let d = (mask != 0).then(|| mask.trailing_zeros() as usize);
        mask &= mask.wrapping_sub(1);
        d
    })
}
