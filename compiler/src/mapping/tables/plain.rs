//! Plain tables: which nets come by each chip, and where they go from there.
//!
//! Takes: [`MachineGraph`], [`Board`], [`Placement`], [`Routes`].  Gives: [`PlainTables`]. Keys do not exist yet: they are chosen by
//!   what is here.
//! Invariants: visits of a chip ascend by net; equal routes of a chip have one number.
//! Cost: O(targets + tree nodes).

use super::CoreSet;
use crate::mapping::{Board, MachineGraph, Placement, Routes, TreeNode};

/// A net that comes by a chip.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Visit {
    /// Number of the net.
    pub net: u32,
    /// Where it goes: place in [`PlainTable::routes`].
    pub route: u32,
    /// Whether a packet that matches no entry would go there: one link, opposite to where it comes in, and no core.
    pub straight: bool,
}

/// What one router has to do.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PlainTable {
    /// Links, a bit each, and cores: each combination once.
    pub routes: Vec<(u8, CoreSet)>,
    /// Nets that come by, ascending.
    pub visits: Vec<Visit>,
}

/// What each router has to do, by the number of its chip.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PlainTables(pub Vec<PlainTable>);

impl PlainTables {
    /// Visits of all chips.
    #[must_use]
    pub fn visits(&self) -> usize {
        self.0.iter().map(|table| table.visits.len()).sum()
    }
}

/// What each router has to do.
#[must_use]
pub fn plain(graph: &MachineGraph, board: &Board, placement: &Placement, routes: &Routes) -> PlainTables {
    let mut builders = vec![Builder::default(); board.chips.len()];
    let mut cores = vec![CoreSet::default(); board.chips.len()];
    let sites = placement.values();
    for ((net, of), id) in (0..).zip(graph.nets.values()).zip(graph.nets.ids()) {
        for (first, last) in graph.ranges_of(of) {
            sites[*first as usize..=*last as usize].iter().for_each(|site| cores[site.chip as usize].insert(site.core));
        }
        for node in routes.of(id) {
            let cores = std::mem::take(&mut cores[node.chip as usize]);
            let straight = node.from != TreeNode::HERE && node.links == 1 << ((node.from + 3) % 6) && cores.is_empty();
            let builder = &mut builders[node.chip as usize];
            let route = builder.number((node.links, cores));
            builder.table.visits.push(Visit { net, route, straight });
        }
    }
    PlainTables(builders.into_iter().map(|b| b.table).collect())
}

/// A table under way. Finds the number of a route by open addressing; numbers follow first use, so nothing depends on the hash.
#[derive(Clone, Default)]
struct Builder {
    table: PlainTable,
    /// Number of a route plus 1, or 0; a power of two, at most half full.
    slots: Vec<u32>,
}

impl Builder {
    fn number(&mut self, route: (u8, CoreSet)) -> u32 {
        if self.slots.len() <= 2 * self.table.routes.len() {
            self.slots = vec![0; (4 * self.table.routes.len()).next_power_of_two().max(8)];
            for number in 1..=self.table.routes.len() {
                let slot = self.slot(self.table.routes[number - 1]);
                self.slots[slot] = number as u32;
            }
        }
        let slot = self.slot(route);
        if self.slots[slot] == 0 {
            self.table.routes.push(route);
            self.slots[slot] = self.table.routes.len() as u32;
        }
        self.slots[slot] - 1
    }

    /// Where the route is, or where it would go.
    fn slot(&self, route: (u8, CoreSet)) -> usize {
        const ODD: u64 = 0x9E37_79B9_7F4A_7C15;
        let (links, cores) = route;
        let hash = cores.words().iter().fold(u64::from(links), |hash, word| (hash.rotate_left(23) ^ word).wrapping_mul(ODD));
        let mask = self.slots.len() - 1;
        let mut at = (hash >> 32) as usize & mask;
        while self.slots[at] != 0 && self.table.routes[self.slots[at] as usize - 1] != route {
            at = (at + 1) & mask;
        }
        at
    }
}
