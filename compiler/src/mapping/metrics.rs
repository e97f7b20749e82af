//! How good a mapping is, by what its packets do.
//!
//! Takes: graph, board, placement, keys, tables; never the trees.  Gives: [`Metrics`].
//! Invariants: every figure comes from following all keys of every net through the tables.
//! Cost: as the proof of [`super::verify`], on one thread, so that sums of rates are the same everywhere.
//! Source: docs/src/mapping.md defines each figure.

use super::walk::{Event, Keyset, Scan, Visit, Walker};
use super::{Board, CoreSet, Keys, MachineGraph, Net, Placement, Tables, TreeNode};
use serde::Serialize;

/// Figures of a mapping. A net's links are the directed links that any of its packets crosses.
#[derive(Clone, Copy, PartialEq, Default, Debug, Serialize)]
pub struct Metrics {
    /// Links of all nets.
    pub hops: u64,
    /// Links crossed in a tick: each net's links times its rate.
    pub weighted_hops: f64,
    /// Packets in a tick on the busiest directed link.
    pub max_link: f64,
    /// Links of all nets that join chips of different boards.
    pub board_hops: u64,
    /// The same times their nets' rates.
    pub weighted_board_hops: f64,
    /// Most links from a source to where a packet of it ends.
    pub max_depth: u32,
    /// Chips of all nets, sources included.
    pub visits: u64,
    /// Visits that default routing alone does not serve.
    pub needed: u64,
    /// Most of them on one chip.
    pub needed_max: u64,
    /// Entries of the fullest table.
    pub after_max: u64,
    /// Entries of all tables.
    pub after_sum: u64,
    /// Tables with more entries than their router has.
    pub after_over: u64,
    /// Visits that end in an entry without link and core.
    pub dead_ends: u64,
    /// Targets of nets that some key of the net does not reach.
    pub missing: u64,
    /// Cores that a key reaches though they are no targets.
    pub extra: u64,
    /// Whether nothing is missing or extra, no table is too long, no key visits a chip twice or leaves by a dead link.
    pub valid: bool,
}

/// What a net does on a chip.
#[derive(Clone, Copy, Default)]
struct Here {
    /// Net, from 1; 0 is none.
    net: u32,
    links: u8,
    needed: bool,
    dead_end: bool,
    keys: u64,
    /// Cores that some key reaches.
    any: CoreSet,
    /// Cores that every key so far reaches.
    all: CoreSet,
    targets: CoreSet,
}

struct Measure<'a> {
    board: &'a Board,
    here: Vec<Here>,
    chips: Vec<u32>,
    link_rates: Vec<[f64; 6]>,
    needed: Vec<u64>,
    metrics: Metrics,
}

impl Metrics {
    /// The figures of tables on a board.
    #[must_use]
    pub fn of(graph: &MachineGraph, board: &Board, placement: &Placement, keys: &Keys, tables: &Tables) -> Metrics {
        let scan = Scan::new(board, tables);
        let mut walker = Walker::new(&scan);
        let chips = board.chips.len();
        let mut measure = Measure {
            board,
            here: vec![Here::default(); chips],
            chips: Vec::new(),
            link_rates: vec![[0.0; 6]; chips],
            needed: vec![0; chips],
            metrics: Metrics { valid: true, ..Metrics::default() },
        };
        for ((id, net), stamp) in graph.nets.iter().zip(1..) {
            for target in graph.targets_of(net) {
                measure.at(placement[target].chip, stamp).targets.insert(placement[target].core);
            }
            let block = Keyset::block(keys[id], net.key_bits);
            let followed = walker.follow(placement[net.source].chip, block, &mut |event| {
                measure.note(event, stamp);
                Ok::<(), std::convert::Infallible>(())
            });
            let Ok(()) = followed;
            measure.end(net, block);
        }
        measure.finish(tables)
    }
}

impl Measure<'_> {
    fn at(&mut self, chip: u32, net: u32) -> &mut Here {
        let here = &mut self.here[chip as usize];
        if here.net != net {
            *here = Here { net, ..Here::default() };
            self.chips.push(chip);
        }
        here
    }

    fn note(&mut self, event: Event, net: u32) {
        let Event::Visit(Visit { chip, from, depth, keys, matched, links, cores }) = event else {
            self.metrics.valid = false;
            return;
        };
        self.metrics.max_depth = self.metrics.max_depth.max(depth);
        let working = self.board.links(chip as usize);
        let straight = from != TreeNode::HERE && links == 1 << ((from + 3) % 6) && cores.is_empty();
        let here = self.at(chip, net);
        here.links |= links & working;
        here.needed |= !straight;
        here.dead_end |= matched && links == 0 && cores.is_empty();
        here.all = if here.keys == 0 { cores } else { here.all.intersection(&cores) };
        here.any = here.any.union(&cores);
        here.keys += keys.count();
    }

    /// Adds up a net.
    fn end(&mut self, net: &Net, block: Keyset) {
        let sum = &mut self.metrics;
        let (mut hops, mut board_hops) = (0, 0);
        for chip in self.chips.drain(..).map(|chip| chip as usize) {
            let here = &self.here[chip];
            let all = if here.keys == block.count() { here.all } else { CoreSet::default() };
            sum.missing += u64::from(here.targets.without(&all).len());
            sum.extra += u64::from(here.any.without(&here.targets).len());
            if here.keys == 0 {
                continue;
            }
            sum.visits += 1;
            sum.dead_ends += u64::from(here.dead_end);
            self.needed[chip] += u64::from(here.needed);
            for d in (0..6).filter(|d| here.links >> d & 1 == 1) {
                hops += 1;
                self.link_rates[chip][d] += net.rate;
                let there = self.board.neighbours[chip][d] as usize;
                board_hops += u64::from(self.board.chips[chip].board != self.board.chips[there].board);
            }
        }
        sum.hops += hops;
        sum.weighted_hops += net.rate * hops as f64;
        sum.board_hops += board_hops;
        sum.weighted_board_hops += net.rate * board_hops as f64;
    }

    fn finish(self, tables: &Tables) -> Metrics {
        let lengths = || tables.iter().map(|table| table.len() as u64);
        let after_over = lengths().filter(|n| *n > u64::from(self.board.router_entries)).count() as u64;
        let sum = self.metrics;
        Metrics {
            max_link: self.link_rates.iter().flatten().copied().fold(0.0, f64::max),
            needed: self.needed.iter().sum(),
            needed_max: self.needed.iter().copied().max().unwrap_or(0),
            after_max: lengths().max().unwrap_or(0),
            after_sum: lengths().sum(),
            after_over,
            valid: sum.valid && sum.missing == 0 && sum.extra == 0 && after_over == 0,
            ..sum
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::testing::line_of_three;

    #[test]
    fn figures_of_a_line_of_chips_are_those_counted_by_hand() {
        let small = line_of_three();
        let found = small.metrics();
        let counted = Metrics {
            hops: 3,
            weighted_hops: 2.0 * 2.0 + 5.0,
            max_link: 5.0,
            board_hops: 1,
            weighted_board_hops: 2.0,
            max_depth: 2,
            visits: 5,
            needed: 5,
            needed_max: 2,
            after_max: 2,
            after_sum: 5,
            valid: true,
            ..Metrics::default()
        };
        assert_eq!(found, counted);
    }

    #[test]
    fn what_default_routing_serves_is_not_needed() {
        let mut small = line_of_three();
        small.tables[1][0].cores = CoreSet::default();
        let found = small.metrics();
        assert_eq!((found.visits, found.needed, found.missing, found.valid), (5, 4, 1, false));
    }

    #[test]
    fn keys_that_go_different_ways_count_the_links_of_all() {
        let mut small = line_of_three();
        // The upper two of four keys go west from chip 2 instead of ending there.
        let mut upper = small.tables[2][0];
        (upper.key, upper.mask) = (upper.key | 2, upper.mask | 2);
        (upper.links, upper.cores) = (1 << 3, CoreSet::default());
        small.tables[2].insert(0, upper);
        let found = small.metrics();
        assert_eq!((found.hops, found.visits, found.missing, found.extra, found.valid), (4, 5, 1, 0, false));
        small.tables[2][0].links = 0;
        let found = small.metrics();
        assert_eq!((found.hops, found.dead_ends, found.after_sum), (3, 1, 6));
    }
}
