//! Makes trees shorter, then moves them off busy links: takes a piece out, joins the rest again, keeps what is better.
//!
//! Takes: [`Links`] with the load of all trees, the trees.  Gives: better trees, the loads with them.
//! Invariants: of equally long trees the cheaper is kept; what a tree reaches stays as it is. A tree only gets longer while searches
//!   avoid full links, where that saves more than it costs and something is spare for it.
//! Cost: for each path between two chips that must stay (targets, forks) one search around the tree, about a microsecond for
//!   trees of ten chips and five for trees of sixty. Trying the chips beside a tree takes as long as growing it for each of them.
//! Source: the exchange of key paths and the elimination of key vertices for Steiner trees (Uchoa, Werneck: "Fast local search for
//!   the Steiner problem in graphs", ACM JEA 17, 2012), here by searching again rather than by their data structures.

use super::grow::{Piece, Sketch, TURN};
use super::jobs::Jobs;
use super::links::{Links, bits};
use crate::mapping::TreeNode;
use crate::mapping::board::NO_CHIP;

/// The price that a link more of a detour must save: half of what a link at its limit costs.
const EXTRA: f32 = 0.5;

/// A price counts as less from this part of another on: sums of prices are not exact.
const LESS: f32 = 0.999;

/// What is needed to improve trees one after the other.
pub(super) struct Improver<'a> {
    pub(super) links: &'a mut Links,
    sketch: &'a mut Sketch,
    /// By place in the tree: the place of the chip before it.
    parents: Vec<u32>,
    /// By place in the tree: whether it is to be taken out.
    removed: Vec<bool>,
    /// By chip, its place in the tree.
    place_of: Vec<u32>,
    draft: Vec<TreeNode>,
    /// Links, of all nets, by which trees may get longer while searches avoid full links.
    pub(super) spare: u64,
}

/// Which pieces are worth taking out.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Aim {
    /// Those that have chips which are no targets.
    Shorter,
    /// Those with a link from this price on.
    Cheaper(f32),
}

impl<'a> Improver<'a> {
    /// For trees on these links.
    pub(super) fn new(links: &'a mut Links, sketch: &'a mut Sketch) -> Self {
        let place_of = vec![0; links.next.len()];
        Improver { links, sketch, parents: Vec::new(), removed: Vec::new(), place_of, draft: Vec::new(), spare: 0 }
    }

    /// Grows the tree of a job and puts its load on the links.
    ///
    /// # Errors
    /// A target that cannot be reached.
    pub(super) fn grow(&mut self, jobs: &Jobs, at: usize, tree: &mut Vec<TreeNode>) -> Result<(), u32> {
        let (job, targets) = (&jobs.all[at], jobs.targets(at));
        self.sketch.start(job.source, targets);
        if self.sketch.grow(self.links, job.rate, targets.len()) > 0 {
            let waits = |chip: &&u32| self.sketch.piece[**chip as usize] == Piece::Waiting;
            return Err(targets.iter().find(waits).copied().unwrap_or(job.source));
        }
        self.sketch.write(self.links, job.source, tree);
        self.links.add(tree, job.rate);
        Ok(())
    }

    /// Improves a tree until nothing more is found; its load is on the links before and after.
    pub(super) fn improve(&mut self, jobs: &Jobs, at: usize, tree: &mut Vec<TreeNode>, aim: Aim) {
        let job = &jobs.all[at];
        self.sketch.start(job.source, jobs.targets(at));
        self.links.add(tree, -job.rate);
        let mut cost = self.cost(tree, job.rate);
        self.index(tree);
        let (mut place, mut since_better) = (0, 0);
        while since_better < tree.len() {
            place = (place + 1) % tree.len();
            since_better += 1;
            let Some(cut) = self.take_out(tree, place, aim) else { continue };
            let waiting = self.rebuild(tree, cut);
            if self.sketch.grow(self.links, job.rate, waiting) > 0 {
                continue;
            }
            self.sketch.write(self.links, job.source, &mut self.draft);
            let new = self.cost(&self.draft, job.rate);
            if self.is_better(new, cost, job.nets) {
                cost = new;
                std::mem::swap(tree, &mut self.draft);
                self.index(tree);
                since_better = 0;
            }
        }
        self.links.add(tree, job.rate);
    }

    /// Tries trees by way of each chip beside the tree that at least two of its chips have links to.
    pub(super) fn try_neighbours(&mut self, jobs: &Jobs, at: usize, tree: &mut Vec<TreeNode>) {
        let (job, targets) = (&jobs.all[at], jobs.targets(at));
        self.links.add(tree, -job.rate);
        self.sketch.start(job.source, targets);
        let mut cost = self.cost(tree, job.rate);
        let mut beside: Vec<u32> = tree.iter().flat_map(|node| self.links.next[node.chip as usize]).collect();
        beside.sort_unstable();
        let on_tree: Vec<u32> = tree.iter().map(|node| node.chip).collect();
        let beside: Vec<u32> = beside
            .chunk_by(|a, b| a == b)
            .filter(|same| same.len() > 1 && same[0] != NO_CHIP && !on_tree.contains(&same[0]))
            .map(|same| same[0])
            .collect();
        for chip in beside {
            self.sketch.start(job.source, targets);
            self.sketch.put(chip, Piece::Waiting);
            if self.sketch.grow(self.links, job.rate, targets.len() + 1) > 0 {
                continue;
            }
            self.sketch.prune(self.links, chip);
            self.sketch.write(self.links, job.source, &mut self.draft);
            let new = self.cost(&self.draft, job.rate);
            if self.is_better(new, cost, job.nets) {
                cost = new;
                std::mem::swap(tree, &mut self.draft);
            }
        }
        self.links.add(tree, job.rate);
    }

    /// Whether a tree of a job of so many nets is better than another; takes what it is longer by from what is spare.
    fn is_better(&mut self, new: (usize, f32), old: (usize, f32), nets: u32) -> bool {
        let detour = new.0.saturating_sub(old.0) as u64 * u64::from(nets);
        let length = (new.0 as f32 - old.0 as f32) * EXTRA;
        let better = if self.links.avoids_full {
            detour <= self.spare && new.1 + length < old.1 * LESS
        } else {
            new.0 < old.0 || new.0 == old.0 && new.1 < old.1 * LESS
        };
        if better {
            self.spare -= detour;
        }
        better
    }

    /// Undoes what was done to a tree.
    pub(super) fn put_back(&mut self, jobs: &Jobs, at: usize, tree: &mut Vec<TreeNode>, old: Vec<TreeNode>) {
        self.links.add(tree, -jobs.all[at].rate);
        self.links.add(&old, jobs.all[at].rate);
        *tree = old;
    }

    /// Chips of a tree and, with its job's load off the links, what it costs.
    fn cost(&self, tree: &[TreeNode], rate: f64) -> (usize, f32) {
        let mut price = 0.0;
        for node in tree {
            price += bits(node.links).map(|d| self.links.price(node.chip, d, rate)).sum::<f32>();
            let straight = node.links == 1 << ((node.from + 3) % 6);
            if !straight && !self.sketch.terminal[node.chip as usize] {
                price += TURN;
            }
        }
        (tree.len(), price)
    }

    /// Notes where each chip of a tree is.
    fn index(&mut self, tree: &[TreeNode]) {
        self.removed.clear();
        self.removed.resize(tree.len(), false);
        self.parents.clear();
        for (place, node) in (0..).zip(tree) {
            self.place_of[node.chip as usize] = place;
            let before =
                if place == 0 { 0 } else { self.place_of[self.links.into[node.chip as usize][usize::from(node.from)] as usize] };
            self.parents.push(before);
        }
    }

    /// Whether a chip must stay while its paths are exchanged.
    fn stays(&self, node: &TreeNode) -> bool {
        self.sketch.terminal[node.chip as usize] || node.links.count_ones() > 1
    }

    /// Chooses what to take out at a place: the path that leads to it, or, if it is a fork that is no target, all its paths.
    /// Gives the place before which the tree is cut.
    fn take_out(&mut self, tree: &[TreeNode], place: usize, aim: Aim) -> Option<usize> {
        let node = &tree[place];
        if place == 0 || !self.stays(node) {
            return None;
        }
        self.removed.fill(false);
        let mut at = place;
        let (mut length, mut highest) = (0, 0.0f32);
        loop {
            let before = self.parents[at] as usize;
            length += 1;
            let link = usize::from((tree[at].from + 3) % 6);
            highest = highest.max(self.links.price_of_load(tree[before].chip, link, 0.0));
            if self.stays(&tree[before]) {
                break;
            }
            self.removed[before] = true;
            at = before;
        }
        let worth = match aim {
            Aim::Shorter => length > 1,
            Aim::Cheaper(from) => highest >= from,
        };
        if aim == Aim::Shorter && !self.sketch.terminal[node.chip as usize] {
            self.removed[place] = true;
            for (below, node) in tree.iter().enumerate().skip(place + 1) {
                let before = self.parents[below] as usize;
                self.removed[below] = self.removed[before] && before >= place && !self.stays(node);
            }
            return Some(usize::MAX);
        }
        worth.then_some(place)
    }

    /// Puts on the sketch what is left of a tree. Gives the number of pieces without the source.
    fn rebuild(&mut self, tree: &[TreeNode], cut: usize) -> usize {
        let mut waiting = 0;
        self.sketch.clear_tree();
        for (place, node) in tree.iter().enumerate().filter(|(place, _)| !self.removed[*place]) {
            let before = self.parents[place] as usize;
            let piece = if place == 0 {
                Piece::Joined
            } else if place == cut || self.removed[before] {
                waiting += 1;
                Piece::Waiting
            } else {
                let before = tree[before].chip as usize;
                self.sketch.links[before] |= 1 << ((node.from + 3) % 6);
                self.sketch.links[node.chip as usize] |= 1 << node.from;
                self.sketch.piece[before]
            };
            self.sketch.put(node.chip, piece);
        }
        waiting
    }
}
