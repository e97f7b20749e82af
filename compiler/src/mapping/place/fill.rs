//! Filling chips with vertices in given orders, and what is missing when they do not fit.
//!
//! Takes: orders of chips and vertices.  Gives: a chip for every vertex.
//! Invariants: no chip gets more vertices than it has cores, nor more bytes than it has.
//! Cost: linear; where memory is tight, vertices times chips.
//! Source: next fit; worst fit of the largest first (Coffman and others) when that fails.

use super::super::board::NO_CHIP;
use super::super::{Board, MachineGraph};
use crate::partition::{Shortfall, Shortfalls};

/// Chips that can be used together: those of the largest part that working links join, most cores first.
pub(super) fn usable(board: &Board) -> Vec<u32> {
    let n = board.chips.len();
    let (mut seen, mut best, mut most) = (vec![false; n], Vec::new(), 0);
    for start in 0..n {
        if std::mem::replace(&mut seen[start], true) {
            continue;
        }
        let mut part = vec![start as u32];
        let mut next = 0;
        while let Some(&at) = part.get(next) {
            next += 1;
            for chip in board.neighbours[at as usize] {
                if chip != NO_CHIP && board.neighbours[chip as usize].contains(&at) && !seen[chip as usize] {
                    seen[chip as usize] = true;
                    part.push(chip);
                }
            }
        }
        let cores: u64 = part.iter().map(|c| u64::from(board.chips[*c as usize].cores)).sum();
        if cores > most {
            (best, most) = (part, cores);
        }
    }
    best.retain(|c| board.chips[*c as usize].cores > 0);
    best.sort_unstable();
    best
}

/// What a board cannot hold whatever the order.
pub(super) fn check(graph: &MachineGraph, board: &Board, usable: &[u32]) -> Result<(), Shortfalls> {
    let chips = || usable.iter().map(|c| &board.chips[*c as usize]);
    let mut missing = Vec::new();
    let (needs, has) = (graph.vertices.len() as u64, chips().map(|c| u64::from(c.cores)).sum());
    if needs > has {
        let what = if board.cores() > has { "cores that working links join" } else { "cores" };
        missing.push(Shortfall { what: what.into(), needs, has, unit: "" });
    }
    let bytes = || graph.vertices.values().iter().map(|v| v.shared_bytes);
    let largest = chips().map(|c| c.shared_bytes).max().unwrap_or(0);
    if let Some((v, needs)) = bytes().enumerate().max_by_key(|(v, b)| (*b, std::cmp::Reverse(*v))).filter(|(_, b)| *b > largest) {
        let what = format!("shared memory of one chip, for vertex {v}");
        missing.push(Shortfall { what, needs, has: largest, unit: "bytes" });
    }
    let (needs, has) = (bytes().fold(0, u64::saturating_add), chips().map(|c| c.shared_bytes).fold(0, u64::saturating_add));
    if needs > has {
        missing.push(Shortfall { what: "shared memory".into(), needs, has, unit: "bytes" });
    }
    if missing.is_empty() { Ok(()) } else { Err(Shortfalls(missing)) }
}

/// Fills one chip after the other, up to so many cores of each; nothing when that or memory leaves vertices over.
pub(super) fn in_order(graph: &MachineGraph, board: &Board, vertices: &[u32], chips: &[u32], most: u16) -> Option<Vec<u32>> {
    let mut chip_of = vec![NO_CHIP; vertices.len()];
    let mut chips =
        chips.iter().map(|c| (*c, board.chips[*c as usize])).map(|(c, chip)| (c, chip.cores.min(most), chip.shared_bytes));
    let (mut at, mut cores, mut shared_bytes) = chips.next()?;
    for (vertex, bytes) in vertices.iter().map(|v| (*v as usize, graph.vertices.values()[*v as usize].shared_bytes)) {
        while cores == 0 || shared_bytes < bytes {
            (at, cores, shared_bytes) = chips.next()?;
        }
        cores -= 1;
        shared_bytes -= bytes;
        chip_of[vertex] = at;
    }
    Some(chip_of)
}

/// Largest vertices first, each to the chip with most memory left.
pub(super) fn by_memory(graph: &MachineGraph, board: &Board, usable: &[u32]) -> Result<Vec<u32>, Shortfalls> {
    let vertices = graph.vertices.values();
    let mut order: Vec<usize> = (0..vertices.len()).collect();
    order.sort_by_key(|v| std::cmp::Reverse(vertices[*v].shared_bytes));
    let left =
        usable.iter().map(|c| (board.chips[*c as usize].shared_bytes, std::cmp::Reverse(*c), board.chips[*c as usize].cores));
    let mut left: std::collections::BinaryHeap<_> = left.collect();
    let mut chip_of = vec![NO_CHIP; vertices.len()];
    for v in order {
        let needs = vertices[v].shared_bytes;
        match left.pop() {
            Some((has, chip, cores)) if needs <= has => {
                chip_of[v] = chip.0;
                if cores > 1 {
                    left.push((has - needs, chip, cores - 1));
                }
            }
            other => {
                let what = format!("shared memory in one piece on a chip with a free core, for vertex {v}");
                return Err(Shortfalls(vec![Shortfall { what, needs, has: other.map_or(0, |o| o.0), unit: "bytes" }]));
            }
        }
    }
    Ok(chip_of)
}
