//! Finds the way to a piece that is far from the tree, where a search by levels would look at most of the board.
//!
//! Takes: a [`Sketch`] with joined and waiting pieces.  Gives: the way to the nearest waiting chip.
//! Invariants: a shortest way to it on any board; of ways as long it takes what is cheaper link by link, not as a whole.
//! Cost: O(links of the way) without faults, more around them.
//! Source: A* (Hart, Nilsson, Raphael 1968) from all joined chips; the distance on a hexagonal torus without faults never is too long.

use super::grow::{Piece, Sketch};
use super::links::Links;
use crate::mapping::TreeNode;
use crate::mapping::board::NO_CHIP;

/// Searches that start at a tree and know where they go.
#[derive(Default)]
pub(super) struct Far {
    /// By chip: links from the tree, and the side by which the last comes in.
    ways: Vec<(u32, u8)>,
    touched: Vec<u32>,
    /// Chips by the least length of a way through them.
    open: Vec<Vec<u32>>,
}

const NO_WAY: (u32, u8) = (u32::MAX, TreeNode::HERE);

impl Far {
    /// Finds the way from the joined pieces to the waiting chip that is nearest without faults, or to another that is met before.
    /// Gives the sides by which it comes in, from its end to its start.
    pub(super) fn search(&mut self, sketch: &Sketch, links: &Links, rate: f64) -> Option<Vec<(u32, u8)>> {
        let (joined, waiting): (Vec<u32>, Vec<u32>) = sketch
            .chips
            .iter()
            .filter(|chip| sketch.piece[**chip as usize] != Piece::Outside)
            .partition(|chip| sketch.piece[**chip as usize] == Piece::Joined);
        let pairs = waiting.iter().flat_map(|to| joined.iter().map(move |from| (links.least_distance(*from, *to), *to)));
        let (_, to) = pairs.min()?;
        self.ways.resize(sketch.piece.len(), NO_WAY);
        for chip in joined {
            self.open(chip, (0, TreeNode::HERE), links.least_distance(chip, to));
        }
        let end = self.run(sketch, links, rate, to);
        let way = end.map(|end| self.way(links, end));
        self.touched.drain(..).for_each(|chip| self.ways[chip as usize] = NO_WAY);
        self.open.iter_mut().for_each(Vec::clear);
        way
    }

    fn open(&mut self, chip: u32, way: (u32, u8), rest: u32) {
        self.ways[chip as usize] = way;
        self.touched.push(chip);
        let least = (way.0 + rest) as usize;
        if self.open.len() <= least {
            self.open.resize_with(least + 1, Vec::new);
        }
        self.open[least].push(chip);
    }

    fn run(&mut self, sketch: &Sketch, links: &Links, rate: f64, to: u32) -> Option<u32> {
        let mut least = 0;
        while least < self.open.len() {
            let Some(chip) = self.open[least].pop() else {
                least += 1;
                continue;
            };
            if sketch.piece[chip as usize] == Piece::Waiting {
                return Some(chip);
            }
            let (length, _) = self.ways[chip as usize];
            if (length + links.least_distance(chip, to)) as usize != least {
                continue;
            }
            let mut on = [(0.0, 0); 6];
            on.iter_mut().enumerate().for_each(|(d, on)| *on = (links.price(chip, d, rate), d));
            // The last to be opened is the first to be looked at.
            on.sort_by(|a, b| b.0.total_cmp(&a.0));
            for (_, d) in on {
                let next = links.next[chip as usize][d];
                if next != NO_CHIP && self.ways[next as usize].0 > length + 1 && !links.avoids(chip, d, rate) {
                    self.open(next, (length + 1, (d as u8 + 3) % 6), links.least_distance(next, to));
                }
            }
        }
        None
    }

    fn way(&self, links: &Links, end: u32) -> Vec<(u32, u8)> {
        let (mut way, mut at) = (Vec::new(), end);
        while self.ways[at as usize].1 != TreeNode::HERE {
            let from = self.ways[at as usize].1;
            way.push((at, from));
            at = links.into[at as usize][usize::from(from)];
        }
        way
    }
}
