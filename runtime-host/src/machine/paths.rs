//! Who sends which key, and the tree of each: followed when it is first needed, then remembered.

use super::chips::Chips;
use super::trees::Tree;
use crate::EngineError;
use crate::network::Network;
use bouton_targets::image::{EventKind, FabricView, SectionKind};
use std::collections::BTreeMap;

/// Keys that a core sends: those of a block's members, or of a broadcast.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Sender {
    /// First key.
    pub key: u32,
    /// Number of keys.
    pub count: u32,
    /// Place of the first among the keys of all senders.
    pub slot: usize,
    /// The population.
    pub population: u32,
    /// The block on its core.
    pub block: u32,
    /// The member whose state is broadcast; `None` for emissions.
    pub broadcast: Option<u32>,
}

impl Sender {
    /// The member of the block whose event has the key `offset` keys after the first.
    pub fn lane(&self, offset: u32) -> u32 {
        self.broadcast.unwrap_or(offset)
    }
}

/// The senders of each core, in the order in which it sends.
pub(super) fn senders(network: &Network<'_>) -> Vec<Vec<Sender>> {
    let mut slot = 0;
    let mut all = Vec::with_capacity(network.cores.len());
    for core in &network.cores {
        let mut senders = Vec::new();
        let mut add = |key, count, block, population, broadcast| {
            senders.push(Sender { key, count, slot, population, block, broadcast });
            slot += count as usize;
        };
        for (at, block) in (0..).zip(core.blocks()) {
            if block.output != EventKind::None as u32 {
                add(block.key, block.count, at, block.population, None);
            }
            for broadcast in (0..block.broadcasts).filter_map(|i| core.broadcast(&block, i)) {
                add(broadcast.key, 1, at, block.population, Some(broadcast.lane));
            }
        }
        all.push(senders);
    }
    all
}

/// Stands for a tree that was not yet looked for.
const UNKNOWN: u32 = u32::MAX;

/// How events find their cores.
enum Ways<'a> {
    /// By the tables of routers.
    Routers(Chips<'a>),
    /// By the image's list: first key, number of keys, positions of cores.
    Listed(Vec<(u32, u32, Vec<u32>)>),
    /// Everything goes everywhere: a board with one core, which drops what it does not listen to.
    Everywhere(u32),
}

/// The trees.
pub(super) struct Paths<'a> {
    ways: Ways<'a>,
    /// Trees that were found, each once.
    pub trees: Vec<Tree>,
    known: BTreeMap<Tree, u32>,
    of_slot: Vec<u32>,
}

impl<'a> Paths<'a> {
    /// Reads router sections, or else the fabric section. A core that the image does not hold hears nothing.
    pub fn new(network: &Network<'a>, senders: &[Vec<Sender>]) -> Result<Self, EngineError> {
        let ways = match Chips::new(network)? {
            Some(chips) => Ways::Routers(chips),
            None => match network.image.section(SectionKind::Fabric, 0) {
                Some(words) => Ways::Listed(listed(network, words)?),
                None => Ways::Everywhere(network.cores.len() as u32),
            },
        };
        let slots = senders.iter().flatten().map(|s| s.count as usize).sum();
        Ok(Paths { ways, trees: Vec::new(), known: BTreeMap::new(), of_slot: vec![UNKNOWN; slots] })
    }

    /// The chips, if the image has any.
    pub fn chips(&self) -> Option<&Chips<'a>> {
        match &self.ways {
            Ways::Routers(chips) => Some(chips),
            _ => None,
        }
    }

    /// The number of the tree of a sender's key.
    #[inline]
    pub fn tree(&mut self, core: u32, sender: &Sender, offset: u32) -> u32 {
        match self.of_slot.get(sender.slot + offset as usize) {
            Some(tree) if *tree != UNKNOWN => *tree,
            _ => self.find(core, sender, offset),
        }
    }

    fn find(&mut self, core: u32, sender: &Sender, offset: u32) -> u32 {
        let key = sender.key.wrapping_add(offset);
        // Nearly always all keys of a sender go the same way. They lie within the smallest aligned power of two that has them.
        let last = sender.key.wrapping_add(sender.count - 1);
        let free = (sender.key ^ last).checked_ilog2().map_or(0, |bit| u32::MAX >> (31 - bit));
        let common = match &self.ways {
            Ways::Routers(chips) => Tree::follow(chips, chips.places[core as usize].0, sender.key, free),
            Ways::Listed(routes) => {
                let whole = |(first, count, _): &&(u32, u32, Vec<u32>)| last.wrapping_sub(*first) < *count;
                route(routes, sender.key).filter(whole).map(|(_, _, cores)| Tree::of_cores(cores.clone()))
            }
            Ways::Everywhere(cores) => Some(Tree::of_cores((0..*cores).collect())),
        };
        if let Some(tree) = common {
            let tree = self.remember(tree);
            self.of_slot[sender.slot..][..sender.count as usize].fill(tree);
            return tree;
        }
        let own = match &self.ways {
            Ways::Routers(chips) => Tree::follow(chips, chips.places[core as usize].0, key, 0).unwrap_or_default(),
            Ways::Listed(routes) => Tree::of_cores(route(routes, key).map_or_else(Vec::new, |(_, _, cores)| cores.clone())),
            Ways::Everywhere(_) => Tree::default(),
        };
        let tree = self.remember(own);
        self.of_slot[sender.slot + offset as usize] = tree;
        tree
    }

    fn remember(&mut self, tree: Tree) -> u32 {
        let next = self.trees.len() as u32;
        let known = *self.known.entry(tree.clone()).or_insert(next);
        if known == next {
            self.trees.push(tree);
        }
        known
    }
}

fn listed(network: &Network<'_>, words: &[u32]) -> Result<Vec<(u32, u32, Vec<u32>)>, EngineError> {
    let view = FabricView::new_checked(words).map_err(EngineError::Fabric)?;
    let positions: BTreeMap<u32, u32> = (0..).zip(&network.cores).map(|(at, core)| (core.head().core, at)).collect();
    let routes = (0..view.routes()).filter_map(|at| view.route(at));
    let cores = |route| view.cores(&route).iter().filter_map(|core| positions.get(core).copied()).collect();
    Ok(routes.map(|route| (route.key, route.count, cores(route))).collect())
}

/// The route that names a key.
fn route(routes: &[(u32, u32, Vec<u32>)], key: u32) -> Option<&(u32, u32, Vec<u32>)> {
    let after = routes.partition_point(|(first, _, _)| *first <= key);
    routes.get(after.checked_sub(1)?).filter(|(first, count, _)| key - first < *count)
}
