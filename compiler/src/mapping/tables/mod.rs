//! Routing tables: what every router has to do, then as few entries as do it.
//!
//! Takes: [`PlainTables`] (nets that come by each chip, where they go), [`Keys`].  Gives: [`Tables`].
//! Invariants: all keys of a net that comes by a chip leave it by the links and cores of the plain tables: by the first entry that
//!   matches, or by default (no entry matches, straight on). Any other key may do anything there: on one chip only the nets that come
//!   by matter, and every algorithm here lives on that. Chips are minimised apart from each other, so results do not depend on threads.
//! Cost: see `trie` (linear, for all efforts) and `list` (quadratic in the nets of a chip, from the default effort on).
//! Source: the order-exploiting idea is that of Mundy, Heathcote, Garside: "On-chip order-exploiting routing table minimization for a
//!   multicast supercomputer network", IEEE HPSR 2016; the algorithms are others, named in their files.

mod list;
mod plain;
mod trie;

#[cfg(test)]
mod check;
#[cfg(test)]
mod tests;

pub use plain::{PlainTable, PlainTables, Visit, plain};

use super::{Board, Effort, Keys, MachineGraph, MapFailure, NetId, Options, THREADS};
use crate::parallel::in_order;
use crate::partition::{Shortfall, Shortfalls};
use crate::table::Id;
use bouton_targets::machine::ProcessorSet;

/// Cores of a chip, by the number of [`super::Site::core`].
pub type CoreSet = ProcessorSet;

/// An entry: keys with `key & mask == entry.key` go to these links and cores. The first that matches wins.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Entry {
    /// Bits that the key must have.
    pub key: u32,
    /// Bits that are looked at.
    pub mask: u32,
    /// Links, a bit each.
    pub links: u8,
    /// Cores.
    pub cores: CoreSet,
}

/// The table of each chip, by its number.
pub type Tables = Vec<Vec<Entry>>;

/// Keys that share the bits of a mask: the block of a net, or what an entry matches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Cube {
    key: u32,
    mask: u32,
    /// Which of the chip's routes.
    route: u32,
}

impl Cube {
    /// Whether some key is in both.
    fn meets(&self, other: &Cube) -> bool {
        (self.key ^ other.key) & self.mask & other.mask == 0
    }

    /// Whether all keys of the other are among its own.
    fn covers(&self, other: &Cube) -> bool {
        self.mask & !other.mask == 0 && self.meets(other)
    }
}

/// A net that comes by: its block of keys, where it goes, and whether it would go there by default.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Point {
    cube: Cube,
    straight: bool,
}

/// Visits of all chips that are worth a second thread: starting one can take as long as the tables of a board.
const VISITS_FOR_TWO: usize = 8192;

/// Minimises every table.
///
/// # Errors
/// When a table does not fit its router.
pub fn minimise(
    graph: &MachineGraph,
    board: &Board,
    plain: &PlainTables,
    keys: &Keys,
    options: &Options,
) -> Result<Tables, MapFailure> {
    let tables = all(graph, plain, keys, options.effort);
    let over: Vec<Shortfall> = board.chips.iter().zip(&tables).filter_map(|(c, t)| too_long(board, (c.x, c.y), t)).collect();
    if over.is_empty() { Ok(tables) } else { Err(Shortfalls(over).into()) }
}

/// The table of every chip, however long.
fn all(graph: &MachineGraph, plain: &PlainTables, keys: &Keys, effort: Effort) -> Tables {
    let threads = if plain.visits() < VISITS_FOR_TWO { 1 } else { THREADS };
    in_order(threads, plain.0.len(), |chip| table(graph, &plain.0[chip], keys, effort))
}

/// Entries of the fullest table with these keys times those of all tables, to compare keys: a share of either counts alike.
pub(super) fn size(graph: &MachineGraph, plain: &PlainTables, keys: &Keys) -> usize {
    let tables = all(graph, plain, keys, Effort::Default);
    let lengths = || tables.iter().map(Vec::len);
    lengths().max().unwrap_or(0) * lengths().sum::<usize>()
}

/// Entries that every fourth chip needs with these keys, to compare keys.
pub(super) fn sample(graph: &MachineGraph, plain: &PlainTables, keys: &Keys) -> usize {
    let length = |plain: &PlainTable| table(graph, plain, keys, Effort::Default).len();
    plain.0.iter().step_by(4).map(length).sum()
}

fn too_long(board: &Board, (x, y): (u16, u16), table: &[Entry]) -> Option<Shortfall> {
    let (needs, has) = (table.len() as u64, u64::from(board.router_entries));
    (needs > has).then(|| Shortfall { what: format!("router entries of chip {x},{y}"), needs, has, unit: "" })
}

/// The table of one chip.
fn table(graph: &MachineGraph, plain: &PlainTable, keys: &Keys, effort: Effort) -> Vec<Entry> {
    let mut points: Vec<Point> = plain
        .visits
        .iter()
        .map(|visit| {
            let id = NetId::from_index(visit.net as usize);
            let mask = u32::MAX.checked_shl(graph.nets[id].key_bits.into()).unwrap_or(0);
            Point { cube: Cube { key: keys[id], mask, route: visit.route }, straight: visit.straight }
        })
        .collect();
    points.sort_unstable_by_key(|p| p.cube.key);
    let mut cubes = trie::minimise(&points);
    if effort != Effort::Fast {
        let shorter = list::minimise(&points, plain.routes.len(), seeds(effort, points.len()));
        if shorter.len() < cubes.len() {
            cubes = shorter;
        }
    }
    let entry = |cube: &Cube| {
        let (links, cores) = plain.routes[cube.route as usize];
        Entry { key: cube.key, mask: cube.mask, links, cores }
    };
    cubes.iter().map(entry).collect()
}

/// From how many seeds each entry is grown: fewer on crowded chips, where each costs more and all of them less matter.
fn seeds(effort: Effort, points: usize) -> usize {
    let most = if effort == Effort::Best { 64 } else { 6 };
    (most * 1024 / points.max(1)).clamp(1, most)
}
