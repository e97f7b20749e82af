//! Joins pieces of a tree by the cheapest paths, nearest piece first.
//!
//! Takes: [`Links`], a [`Sketch`] with the source's piece and others that wait.  Gives: the sketch as one tree.
//! Invariants: no chip twice, no cycle, only links that work, in the direction in which they work. Of two paths the one with fewer
//!   links wins, whatever they cost; among equals the one with the lower price of load and turns.
//! Cost: O(chips within the distance of the farthest piece) for each time that a chip comes nearer to the tree, which is rarely
//!   more than twice. Breadth first by levels: exact on any board, with faults or without, and no table of distances. What is farther
//!   than [`FAR_FROM`] links is left to [`mod@super::far`].
//! Source: the growing of Takahashi and Matsuyama ("An approximate solution for the Steiner problem in graphs", Math. Japonica 24,
//!   1980), as a way of neighbour-exploring routing (Navaridas and others, "SpiNNaker: enhanced multicast routing", Parallel
//!   Computing 45, 2015) with the tree, not each target, looking for the nearest; pieces instead of targets are own.

use super::far::Far;
use super::links::{Links, bits};
use crate::mapping::TreeNode;
use crate::mapping::board::NO_CHIP;

/// What a turn costs where packets would have gone straight on without a table entry, in units of a link at its limit.
pub(super) const TURN: f32 = 0.05;

/// Where a chip is while a tree is made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    /// Not on the tree.
    Outside,
    /// On a piece that is not joined to the source.
    Waiting,
    /// On the source's piece.
    Joined,
}

/// How a search reached a chip.
#[derive(Clone, Copy)]
struct Reach {
    /// Links from the joined piece.
    distance: u32,
    /// Price of them.
    price: f32,
    /// Side by which the last link comes in.
    from: u8,
}

/// Searches look at all chips up to this distance from the tree; what is farther is searched for with a direction.
const FAR_FROM: usize = 8;

const UNREACHED: Reach = Reach { distance: u32::MAX, price: f32::INFINITY, from: TreeNode::HERE };

/// A tree in the making, on boards of one size.
pub(super) struct Sketch {
    /// By chip: where it is.
    pub(super) piece: Vec<Piece>,
    /// By chip: links of the tree, a bit each, at both ends.
    pub(super) links: Vec<u8>,
    /// By chip: whether it is the source or a target.
    pub(super) terminal: Vec<bool>,
    /// Chips that were ever on the tree since it was cleared.
    pub(super) chips: Vec<u32>,
    reach: Vec<Reach>,
    levels: Vec<Level>,
    far: Far,
}

/// Chips reached at one distance; those before `done` were gone on from.
#[derive(Default)]
struct Level {
    chips: Vec<u32>,
    done: usize,
}

impl Sketch {
    /// An empty sketch.
    pub(super) fn new(chips: usize) -> Sketch {
        Sketch {
            piece: vec![Piece::Outside; chips],
            links: vec![0; chips],
            terminal: vec![false; chips],
            chips: Vec::new(),
            reach: vec![UNREACHED; chips],
            levels: Vec::new(),
            far: Far::default(),
        }
    }

    /// Empties it.
    pub(super) fn clear(&mut self) {
        for chip in self.chips.drain(..) {
            let at = chip as usize;
            (self.piece[at], self.links[at], self.terminal[at]) = (Piece::Outside, 0, false);
        }
    }

    /// Empties it, but for what is a terminal.
    pub(super) fn clear_tree(&mut self) {
        for chip in self.chips.drain(..) {
            let at = chip as usize;
            (self.piece[at], self.links[at]) = (Piece::Outside, 0);
        }
    }

    /// Puts a source and its targets on it, each a piece of its own.
    pub(super) fn start(&mut self, source: u32, targets: &[u32]) {
        self.clear();
        self.put(source, Piece::Joined);
        self.terminal[source as usize] = true;
        for target in targets {
            self.put(*target, Piece::Waiting);
            self.terminal[*target as usize] = true;
        }
    }

    /// Puts a chip on it.
    pub(super) fn put(&mut self, chip: u32, piece: Piece) {
        if self.piece[chip as usize] == Piece::Outside {
            self.chips.push(chip);
        }
        self.piece[chip as usize] = piece;
    }

    /// Joins all pieces; `waiting` of them are not joined yet. Gives how many cannot be.
    pub(super) fn grow(&mut self, links: &Links, rate: f64, mut waiting: usize) -> usize {
        self.reach_joined();
        let mut level = 0;
        while waiting > 0 && level < self.levels.len() {
            let near = if level < FAR_FROM { self.nearest_waiting(level) } else { self.far_waiting(links, rate) };
            if let Some(chip) = near {
                self.join(links, chip);
                waiting -= 1;
                level = 0;
            } else if level < FAR_FROM {
                self.go_on_from(links, rate, level);
                level += 1;
            } else {
                break;
            }
        }
        for level in &mut self.levels {
            for chip in level.chips.drain(..) {
                self.reach[chip as usize] = UNREACHED;
            }
            level.done = 0;
        }
        waiting
    }

    fn reach_joined(&mut self) {
        for at in 0..self.chips.len() {
            let chip = self.chips[at];
            if self.piece[chip as usize] == Piece::Joined {
                self.reach_here(chip);
            }
        }
    }

    fn reach_here(&mut self, chip: u32) {
        self.reach[chip as usize] = Reach { distance: 0, price: 0.0, from: TreeNode::HERE };
        self.note(0, chip);
    }

    fn note(&mut self, level: usize, chip: u32) {
        if self.levels.len() <= level {
            self.levels.resize_with(level + 1, Level::default);
        }
        self.levels[level].chips.push(chip);
    }

    /// The cheapest chip of a waiting piece at this distance.
    fn nearest_waiting(&self, level: usize) -> Option<u32> {
        let Level { chips, done } = &self.levels[level];
        let waits = |chip: &&u32| self.piece[**chip as usize] == Piece::Waiting;
        let price = |chip: &u32| self.reach[*chip as usize].price;
        chips[*done..].iter().filter(waits).copied().min_by(|a, b| price(a).total_cmp(&price(b)).then(a.cmp(b)))
    }

    /// A chip of a waiting piece that no search by levels has found, with the way to it.
    fn far_waiting(&mut self, links: &Links, rate: f64) -> Option<u32> {
        let mut far = std::mem::take(&mut self.far);
        let way = far.search(self, links, rate);
        self.far = far;
        let way = way?;
        for (chip, from) in &way {
            self.reach[*chip as usize].from = *from;
        }
        way.first().map(|(chip, _)| *chip)
    }

    /// Draws the path to a chip and takes in its piece.
    fn join(&mut self, links: &Links, chip: u32) {
        let first = self.levels[0].chips.len();
        self.take_in(links, chip);
        let mut at = chip;
        loop {
            let from = self.reach[at as usize].from as usize;
            let before = links.into[at as usize][from];
            self.links[at as usize] |= 1 << from;
            self.links[before as usize] |= 1 << ((from + 3) % 6);
            if self.piece[before as usize] == Piece::Joined {
                break;
            }
            self.put(before, Piece::Joined);
            self.note(0, before);
            at = before;
        }
        for at in first..self.levels[0].chips.len() {
            let chip = self.levels[0].chips[at];
            self.reach[chip as usize] = Reach { distance: 0, price: 0.0, from: TreeNode::HERE };
        }
    }

    /// Marks the chips of a waiting piece as joined.
    fn take_in(&mut self, links: &Links, chip: u32) {
        let first = self.levels.first().map_or(0, |level| level.chips.len());
        self.piece[chip as usize] = Piece::Joined;
        self.note(0, chip);
        let mut at = first;
        while let Some(chip) = self.levels[0].chips.get(at).copied() {
            at += 1;
            for d in bits(self.links[chip as usize]) {
                let next = links.next[chip as usize][d];
                if self.piece[next as usize] == Piece::Waiting {
                    self.piece[next as usize] = Piece::Joined;
                    self.note(0, next);
                }
            }
        }
    }

    /// Looks one link further from all chips at a distance.
    fn go_on_from(&mut self, links: &Links, rate: f64, level: usize) {
        let distance = level as u32 + 1;
        while let Some(chip) = self.levels[level].chips.get(self.levels[level].done).copied() {
            self.levels[level].done += 1;
            let here = self.reach[chip as usize];
            if here.distance != level as u32 {
                continue;
            }
            for (d, next) in links.next[chip as usize].into_iter().enumerate() {
                if next == NO_CHIP || self.reach[next as usize].distance < distance {
                    continue;
                }
                if links.avoids(chip, d, rate) {
                    continue;
                }
                let turn = if self.goes_straight(chip, here, d) { 0.0 } else { TURN };
                let price = here.price + links.price(chip, d, rate) + turn;
                let from = (d as u8 + 3) % 6;
                let known = &mut self.reach[next as usize];
                if known.distance > distance {
                    *known = Reach { distance, price, from };
                    self.note(distance as usize, next);
                } else if price < known.price {
                    (known.price, known.from) = (price, from);
                }
            }
        }
    }

    /// Whether leaving a chip by link `d` needs no entry of its own.
    fn goes_straight(&self, chip: u32, here: Reach, d: usize) -> bool {
        if here.from == TreeNode::HERE { self.terminal[chip as usize] } else { usize::from(here.from) == (d + 3) % 6 }
    }

    /// Takes away an end that is no terminal, and the path to it.
    pub(super) fn prune(&mut self, links: &Links, mut end: u32) {
        while !self.terminal[end as usize] && self.links[end as usize].count_ones() == 1 {
            let d = self.links[end as usize].trailing_zeros() as usize;
            let before = links.next[end as usize][d];
            self.links[end as usize] = 0;
            self.piece[end as usize] = Piece::Outside;
            self.links[before as usize] &= !(1 << ((d + 3) % 6));
            end = before;
        }
    }

    /// Writes it as a tree from its source: a chip comes after the one before it, branches in order of links.
    pub(super) fn write(&self, links: &Links, source: u32, tree: &mut Vec<TreeNode>) {
        tree.clear();
        let mut open = vec![(source, TreeNode::HERE)];
        while let Some((chip, from)) = open.pop() {
            let all = self.links[chip as usize];
            let out = if from == TreeNode::HERE { all } else { all & !(1 << from) };
            tree.push(TreeNode { chip, links: out, from });
            for d in (0..6u8).rev().filter(|d| out >> d & 1 == 1) {
                open.push((links.next[chip as usize][usize::from(d)], (d + 3) % 6));
            }
        }
    }
}
