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
    /// Its number among the senders of all cores.
    pub number: u32,
    /// The population.
    pub population: u32,
    /// The block on its core.
    pub block: u32,
    /// Whether it is a state that is broadcast, not what the block emits.
    pub broadcast: bool,
}

/// The senders of each core, in the order in which it sends.
pub(super) fn senders(network: &Network<'_>) -> Vec<Vec<Sender>> {
    let mut number = 0;
    let mut all = Vec::with_capacity(network.cores.len());
    for core in &network.cores {
        let mut senders = Vec::new();
        let mut add = |key, count, block, population, broadcast| {
            senders.push(Sender { key, count, number, population, block, broadcast });
            number += 1;
        };
        for (at, block) in (0..).zip(core.blocks()) {
            if block.output != EventKind::None as u32 {
                add(block.key, block.count, at, block.population, false);
            }
            for broadcast in (0..block.broadcasts).filter_map(|i| core.broadcast(&block, i)) {
                add(broadcast.key, 1, at, block.population, true);
            }
        }
        all.push(senders);
    }
    all
}

/// What is known of a sender's trees.
#[derive(Clone, Debug)]
enum Known {
    /// It has not sent.
    Nothing,
    /// All its keys have this one.
    All(u32),
    /// They differ; those of the keys that it sent, by the place of the key.
    Some(BTreeMap<u32, u32>),
}

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
    numbers: BTreeMap<Tree, u32>,
    known: Vec<Known>,
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
        let known = vec![Known::Nothing; senders.iter().map(Vec::len).sum()];
        Ok(Paths { ways, trees: Vec::new(), numbers: BTreeMap::new(), known })
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
        let tree = match &self.known[sender.number as usize] {
            Known::Nothing => None,
            Known::All(tree) => Some(*tree),
            Known::Some(trees) => trees.get(&offset).copied(),
        };
        tree.unwrap_or_else(|| self.find(core, sender, offset))
    }

    fn find(&mut self, core: u32, sender: &Sender, offset: u32) -> u32 {
        if matches!(self.known[sender.number as usize], Known::Nothing) {
            if let Some(tree) = self.tree_of(core, sender.key, sender.count) {
                let tree = self.remember(tree);
                self.known[sender.number as usize] = Known::All(tree);
                return tree;
            }
            self.known[sender.number as usize] = Known::Some(BTreeMap::new());
        }
        let tree = self.tree_of(core, sender.key.wrapping_add(offset), 1).unwrap_or_default();
        let tree = self.remember(tree);
        if let Known::Some(trees) = &mut self.known[sender.number as usize] {
            trees.insert(offset, tree);
        }
        tree
    }

    /// The tree of keys that a core sends, if all of them have one: nearly always. A key that no list names has none.
    fn tree_of(&self, core: u32, key: u32, count: u32) -> Option<Tree> {
        let last = key.checked_add(count.checked_sub(1)?)?;
        match &self.ways {
            Ways::Routers(chips) => {
                // The smallest aligned power of two that has them.
                let free = (key ^ last).checked_ilog2().map_or(0, |bit| u32::MAX >> (31 - bit));
                Tree::follow(chips, chips.places[core as usize].0, key, free)
            }
            Ways::Listed(routes) => {
                let (_, _, cores) = route(routes, key).filter(|(first, count, _)| last - first < *count)?;
                Some(Tree::of_cores(cores.clone()))
            }
            Ways::Everywhere(cores) => Some(Tree::of_cores((0..*cores).collect())),
        }
    }

    fn remember(&mut self, tree: Tree) -> u32 {
        let next = self.trees.len() as u32;
        let known = *self.numbers.entry(tree.clone()).or_insert(next);
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
