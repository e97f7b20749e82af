//! Keys: a block of keys for every net, chosen so that tables become small.
//!
//! Takes: [`MachineGraph`], [`Board`], [`Placement`], [`PlainTables`].  Gives: [`Keys`].
//! Invariants: blocks are disjoint; each is aligned to its size of `2^key_bits`. With [`Options::keys_grouped`] the nets of a group lie
//!   in one block that is aligned to its size, at a stride of 2^b, b the largest `key_bits` among them, in their order: the member is
//!   the offset divided by the stride.
//! The way: what is given a code is a net, or a group; [`mod@code`] chooses codes by the plain tables, [`mod@order`] is the fast way
//!   that looks at the source's chip only. If codes do not fit 32 bits, blocks are packed without gaps, largest first.

mod code;
mod order;

use super::tables::PlainTables;
use super::{Board, Effort, MachineGraph, MapFailure, NetId, Options, Placement};
use crate::partition::{Shortfall, Shortfalls};
use crate::table::Table;
use std::collections::BTreeMap;

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
            unit.bits = unit.stride + unit.members.next_power_of_two().trailing_zeros();
        }
        all
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
    let codes = match (options.effort, options.keys_grouped) {
        _ if low > 32 => None,
        (Effort::Fast, true) => None,
        (Effort::Fast, false) => order::codes(graph, board, placement, 32 - low),
        _ => code::codes(&units, plain, 32 - low, options.seed),
    };
    let bases: Vec<u32> = match codes {
        Some(codes) => codes.into_iter().map(|code| code.checked_shl(low).unwrap_or(0)).collect(),
        None => packed(&units)?,
    };
    let base = |(unit, member): &(u32, u32)| bases[*unit as usize] + (member << units.units[*unit as usize].stride);
    Ok(units.of.iter().map(base).collect())
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
