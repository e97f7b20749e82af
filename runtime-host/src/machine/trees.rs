//! Multicast trees: where a packet goes, followed through the tables once for all packets of a key.
//!
//! A tree is what both modes are driven by: without time, its cores are all that is looked at; with time, packets walk its nodes.

use super::chips::{Chips, Found, LINKS, opposite};
use std::collections::{BTreeSet, VecDeque};

/// Comes from a core of the chip.
const HERE: u8 = LINKS as u8;

/// A chip that a packet comes to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Node {
    /// The chip.
    pub chip: u32,
    /// Link by which packets come in; 6 for those of its own cores.
    pub from: u8,
    /// No entry matched: it goes on straight.
    pub by_default: bool,
    /// Copies that end here without having reached a core.
    pub astray: u8,
    /// Links that packets leave by are `branches[from .. to]`.
    pub branches: (u32, u32),
    /// The chip's own cores that hear it are `cores[from .. to]`.
    pub cores: (u32, u32),
    /// Cores that hear it here and beyond.
    pub below: u32,
}

/// Where packets of a key go.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(super) struct Tree {
    /// Chips, each after the one that it is reached from. None without routers, and when no entry takes the packet at its source.
    pub nodes: Vec<Node>,
    /// Link, and the node behind it.
    pub branches: Vec<(u8, u32)>,
    /// Positions in the network of the cores that hear it, node by node.
    pub cores: Vec<u32>,
}

impl Tree {
    /// A tree of the ideal fabric.
    pub fn of_cores(cores: Vec<u32>) -> Tree {
        Tree { cores, ..Tree::default() }
    }

    /// Follows `key` from a core of `chip`, whatever its bits in `free` are; `None` when the way depends on them.
    ///
    /// A packet that comes to a chip a second time by the same link would go round for ever; boards drop it when it is too old.
    pub fn follow(chips: &Chips<'_>, chip: u32, key: u32, free: u32) -> Option<Tree> {
        let mut tree = Tree::default();
        let mut seen = BTreeSet::from([(chip, HERE)]);
        let mut ahead = VecDeque::from([(chip, HERE)]);
        let mut found = 1;
        while let Some((chip, from)) = ahead.pop_front() {
            let router = &chips.chips[chip as usize];
            let (cores, branches) = (tree.cores.len() as u32, tree.branches.len() as u32);
            let (links, by_default) = match router.find(key, free) {
                Found::Differs => return None,
                Found::Entry(entry) => {
                    let here = &chips.cores[chip as usize];
                    let core = |p: u32| here.binary_search_by_key(&p, |(position, _)| *position).ok().map(|at| here[at].1);
                    tree.cores.extend(entry.positions().filter_map(core));
                    (entry.links, false)
                }
                Found::Nothing if from == HERE => return Some(Tree::default()),
                Found::Nothing => (1 << opposite(from), true),
            };
            let mut astray = 0;
            for link in (0..LINKS as u8).filter(|d| links >> d & 1 == 1) {
                match router.neighbours[usize::from(link)].map(|to| (to, opposite(link))) {
                    Some(next) if seen.insert(next) => {
                        ahead.push_back(next);
                        tree.branches.push((link, found));
                        found += 1;
                    }
                    _ => astray += 1,
                }
            }
            let (cores, branches) = ((cores, tree.cores.len() as u32), (branches, tree.branches.len() as u32));
            tree.nodes.push(Node { chip, from, by_default, astray, branches, cores, below: 0 });
        }
        tree.count();
        Some(tree)
    }

    fn count(&mut self) {
        for at in (0..self.nodes.len()).rev() {
            let node = self.nodes[at];
            let beyond: u32 = self.branches_of(&node).iter().map(|(_, to)| self.nodes[*to as usize].below).sum();
            self.nodes[at].below = beyond + (node.cores.1 - node.cores.0);
        }
    }

    /// Links that packets leave a node by, and the nodes behind them.
    pub fn branches_of(&self, node: &Node) -> &[(u8, u32)] {
        &self.branches[node.branches.0 as usize..node.branches.1 as usize]
    }

    /// Cores of a node's chip that hear the packet.
    pub fn cores_of(&self, node: &Node) -> &[u32] {
        &self.cores[node.cores.0 as usize..node.cores.1 as usize]
    }
}
