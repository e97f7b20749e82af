//! Keys: a block of `2^key_bits` keys for every net, chosen so that tables become small.

use super::{Board, MachineGraph, MapFailure, NetId, Placement, Routes};
use crate::partition::{Shortfall, Shortfalls};
use crate::table::Table;

/// First key of each net; its block is `base .. base + 2^key_bits`.
pub type Keys = Table<NetId, u32>;

/// Hands out keys.
///
/// # Errors
/// When 32 bits are not enough.
pub fn run(graph: &MachineGraph, board: &Board, placement: &Placement, routes: &Routes) -> Result<Keys, MapFailure> {
    let _ = (board, placement, routes);
    let mut keys = Table::new();
    let (mut next, mut group) = (0u64, None);
    let nets = graph.nets.values();
    for net in nets {
        if group != Some(net.keys_with) {
            group = Some(net.keys_with);
            let all: u64 = nets.iter().filter(|n| n.keys_with == net.keys_with).map(|n| 1u64 << n.key_bits).sum();
            next = next.next_multiple_of(all.next_power_of_two());
        }
        next = next.next_multiple_of(1 << net.key_bits);
        let base = u32::try_from(next).map_err(|_| too_many_keys())?;
        keys.push(base);
        next += 1 << net.key_bits;
    }
    Ok(keys)
}

fn too_many_keys() -> MapFailure {
    let all = 1 << 32;
    Shortfalls(vec![Shortfall { what: "keys".into(), needs: all + 1, has: all, unit: "" }]).into()
}
