//! Codes by the place of the source: nets from one chip, and from chips that lie together, have like trees.
//!
//! Takes: [`MachineGraph`], [`Board`], [`Placement`].  Gives: a code for each net.
//! Invariants: codes differ; chips are leaves of a tree of bisections, each an aligned block of codes.
//! Cost: O(nets log nets).

use crate::mapping::{Board, MachineGraph, Placement};

/// Codes of the nets, or none when they need more bits.
pub(super) fn codes(graph: &MachineGraph, board: &Board, placement: &Placement, bits: u32) -> Option<Vec<u32>> {
    let mut sent = vec![0u32; board.chips.len()];
    let members: Vec<(u32, u32)> = graph
        .nets
        .values()
        .iter()
        .map(|net| {
            let chip = placement[net.source].chip;
            sent[chip as usize] += 1;
            (chip, sent[chip as usize] - 1)
        })
        .collect();
    let mut chips: Vec<u32> = (0..).zip(&sent).filter(|(_, sent)| **sent > 0).map(|(chip, _)| chip).collect();
    let low = sent.iter().max().map_or(0, |most| most.next_power_of_two().trailing_zeros());
    let high = chips.len().next_power_of_two().trailing_zeros();
    if low + high > bits {
        return None;
    }
    let mut code = vec![0u32; board.chips.len()];
    bisect(board, &mut chips, 0, high, &mut code);
    Some(members.into_iter().map(|(chip, member)| code[chip as usize] << low | member).collect())
}

/// Halves chips across the longer side of where they lie, until each has a code of its own of so many bits more.
fn bisect(board: &Board, chips: &mut [u32], code: u32, bits: u32, codes: &mut [u32]) {
    if let [chip] = chips {
        codes[*chip as usize] = code << bits;
    }
    if chips.len() < 2 {
        return;
    }
    let at = |chip: &u32| (board.chips[*chip as usize].x, board.chips[*chip as usize].y);
    let spread = |value: fn((u16, u16)) -> u16| {
        let (low, high) = chips.iter().map(|c| value(at(c))).fold((u16::MAX, 0), |(l, h), v| (l.min(v), h.max(v)));
        high - low
    };
    if spread(|c| c.0) >= spread(|c| c.1) {
        chips.sort_unstable_by_key(at);
    } else {
        chips.sort_unstable_by_key(|c| (at(c).1, at(c).0));
    }
    let (low, high) = chips.split_at_mut(chips.len().div_ceil(2));
    bisect(board, low, code << 1, bits - 1, codes);
    bisect(board, high, code << 1 | 1, bits - 1, codes);
}
