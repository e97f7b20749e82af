//! Keys: a block of keys for every net, chosen so that tables become small.
//!
//! Takes: [`MachineGraph`], [`Board`], [`Placement`], [`PlainTables`].  Gives: [`Keys`].
//! Invariants: blocks are disjoint; each is aligned to its size of `2^key_bits`. With [`Options::keys_grouped`] the nets of a group lie
//!   in one block that is aligned to its size, at a stride of 2^b, b the largest `key_bits` among them, in their order: the member is
//!   the offset divided by the stride.
//! The way: what is given a code is a net, or a group; `code` chooses codes by the plain tables, `order` is the fast way
//!   that looks at the source's chip only. From the default effort on both ways are tried, and a sample of chips decides; where all
//!   visits are few, the better is tried from more seeds, and the tables of all chips decide. If codes do not fit 32 bits, blocks are
//!   packed without gaps, largest first.

mod code;
mod order;

use super::tables::{self, PlainTables};
use super::{Board, Effort, MachineGraph, MapFailure, NetId, Options, Placement};
use crate::partition::{Shortfall, Shortfalls};
use crate::table::Table;
use code::Visits;
use std::collections::BTreeMap;

/// From how many seeds codes are chosen with default and with best effort.
const SEEDS: [u64; 2] = [4, 16];

/// Seeds of the same keys differ above these bits.
const SEED_BITS: u32 = 48;

/// Visits of all chips that are too many for more than one seed: choosing codes takes longer than all else then.
const VISITS_FOR_SEEDS: usize = 150_000;

/// First key of each net; its block is `base .. base + 2^key_bits`.
pub type Keys = Table<NetId, u32>;

/// What gets a code of its own: a net, or the nets of a group.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Unit {
    /// Bits of a key that tell members and the keys of one member.
    bits: u32,
    /// Bits of a key that tell the keys of one member.
    stride: u32,
    members: u32,
}

/// Units, and where each net is among them.
struct Units {
    units: Vec<Unit>,
    /// By net: unit and number within it.
    of: Vec<(u32, u32)>,
}

impl Units {
    fn of(graph: &MachineGraph, grouped: bool) -> Units {
        let mut numbers = BTreeMap::new();
        let mut all = Units { units: Vec::new(), of: Vec::with_capacity(graph.nets.len()) };
        for net in graph.nets.values() {
            let next = all.units.len() as u32;
            let unit = if grouped { *numbers.entry(net.keys_with).or_insert(next) } else { next };
            if unit == next {
                all.units.push(Unit::default());
            }
            let of = &mut all.units[unit as usize];
            all.of.push((unit, of.members));
            of.members += 1;
            of.stride = of.stride.max(net.key_bits.into());
        }
        for unit in &mut all.units {
            unit.bits = unit.stride + bits_to_number(unit.members as usize);
        }
        all
    }

    /// Keys of all nets from the first keys of units.
    fn keys(&self, bases: Vec<u32>) -> Keys {
        let base = |(unit, member): &(u32, u32)| bases[*unit as usize] + (member << self.units[*unit as usize].stride);
        self.of.iter().map(base).collect()
    }
}

/// Hands out keys.
///
/// # Errors
/// When 32 bits are not enough.
pub fn run(
    graph: &MachineGraph,
    board: &Board,
    placement: &Placement,
    plain: &PlainTables,
    options: &Options,
) -> Result<Keys, MapFailure> {
    let units = Units::of(graph, options.keys_grouped);
    let low = units.units.iter().map(|u| u.bits).max().unwrap_or(0);
    let spare = 32u32.checked_sub(low);
    let ordered = spare.filter(|_| !options.keys_grouped).and_then(|bits| order::codes(graph, board, placement, bits));
    // What tells units apart needs a bit for each doubling of their number.
    let questions = spare.filter(|bits| options.effort != Effort::Fast && *bits >= bits_to_number(units.units.len()));
    let asked = questions.map(|bits| (Visits::of(&units, plain), bits));
    let codes = |seed: u64| match (&asked, options.effort) {
        (Some((visits, bits)), _) => code::codes(visits, *bits, seed, ordered.as_ref()),
        (None, Effort::Fast) => ordered.iter().map(|(codes, _)| codes.clone()).collect(),
        (None, _) => Vec::new(),
    };
    let keys = |codes: Vec<u32>| units.keys(codes.into_iter().map(|code| code.checked_shl(low).unwrap_or(0)).collect());
    let mut ways: Vec<Keys> = codes(options.seed).into_iter().map(keys).collect();
    let best = if ways.len() < 2 { 0 } else { least(&ways, |keys| tables::sample(graph, plain, keys)) };
    let seeds = match options.effort {
        Effort::Fast => 1,
        _ if plain.visits() > VISITS_FOR_SEEDS => 1,
        Effort::Default => SEEDS[0],
        Effort::Best => SEEDS[1],
    };
    if ways.is_empty() {
        return Ok(units.keys(packed(&units)?));
    }
    let mut same_way = vec![ways.swap_remove(best)];
    let others = (1..seeds).map(|number| codes(options.seed.wrapping_add(number << SEED_BITS)));
    same_way.extend(others.filter_map(|mut codes| (best < codes.len()).then(|| keys(codes.swap_remove(best)))));
    let best = if seeds == 1 { 0 } else { least(&same_way, |keys| tables::size(graph, plain, keys)) };
    Ok(same_way.swap_remove(best))
}

/// Bits that number so many things.
fn bits_to_number(count: usize) -> u32 {
    count.next_power_of_two().trailing_zeros()
}

/// The place of the keys with the least size; of equals the first.
fn least(all: &[Keys], size: impl Fn(&Keys) -> usize) -> usize {
    (0..all.len()).min_by_key(|at| size(&all[*at])).unwrap_or(0)
}

/// First keys of units without gaps: largest first, so that each is aligned.
fn packed(units: &Units) -> Result<Vec<u32>, MapFailure> {
    let mut order: Vec<usize> = (0..units.units.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(units.units[*at].bits));
    let mut bases = vec![0; order.len()];
    let needs = units.units.iter().map(|u| 1u64.checked_shl(u.bits).unwrap_or(u64::MAX)).fold(0, u64::saturating_add);
    let has = 1 << 32;
    if needs > has {
        return Err(Shortfalls(vec![Shortfall { what: "keys".into(), needs, has, unit: "" }]).into());
    }
    let mut next = 0u64;
    for at in order {
        bases[at] = next as u32;
        next += 1 << units.units[at].bits;
    }
    Ok(bases)
}
