//! Distances between chips, and the length of the shortest tree that joins some.
//!
//! Takes: [`Board`], which of its chips count.  Gives: [`Metric`].
//! Invariants: on boards of up to [`EXACT_CHIPS`] chips distances are those over working links; on larger ones those of the same board
//!   without damage, so that the table stays small.
//! Cost: one breadth-first search a chip, or one lookup for each pair of offsets; a tree of k chips costs k².
//! Source: Prim's algorithm; distances of a torus of hexagons.

use super::super::Board;
use super::super::board::NO_CHIP;

/// Largest board with exact distances: its table has a byte for each pair.
const EXACT_CHIPS: usize = 1536;

/// Distances between chips in hops, up to 255.
pub(super) struct Metric {
    /// What to add to [`Metric::column`] for an index into [`Metric::table`]; may wrap.
    row: Vec<u32>,
    column: Vec<u32>,
    table: Vec<u8>,
}

/// Memory for [`Metric::tree`].
#[derive(Default)]
pub(super) struct TreeScratch {
    columns: Vec<u32>,
    nearest: Vec<u8>,
}

impl Metric {
    /// Distances on a board, over links that work both ways.
    pub(super) fn of(board: &Board) -> Metric {
        if board.chips.len() <= EXACT_CHIPS { Metric::exact(board) } else { Metric::by_offset(board) }
    }

    pub(super) fn exact(board: &Board) -> Metric {
        let n = board.chips.len();
        let mut table = vec![u8::MAX; n * n];
        let mut queue = Vec::with_capacity(n);
        for (source, row) in table.chunks_exact_mut(n.max(1)).enumerate() {
            row[source] = 0;
            queue.clear();
            queue.push(source as u32);
            let mut next = 0;
            while let Some(&at) = queue.get(next) {
                next += 1;
                for chip in board.neighbours[at as usize] {
                    if chip != NO_CHIP && row[chip as usize] == u8::MAX {
                        row[chip as usize] = row[at as usize].saturating_add(1).min(254);
                        queue.push(chip);
                    }
                }
            }
        }
        Metric { row: (0..n as u32).map(|a| a * n as u32).collect(), column: (0..n as u32).collect(), table }
    }

    pub(super) fn by_offset(board: &Board) -> Metric {
        let (width, height) = (i32::from(board.width), i32::from(board.height));
        let wraps = board.chips.iter().zip(&board.neighbours).any(|(chip, row)| {
            let far = |other: u16, here: u16| other.abs_diff(here) > 1;
            let others = row.iter().filter(|n| **n != NO_CHIP).map(|n| board.chips[*n as usize]);
            others.into_iter().any(|other| far(other.x, chip.x) || far(other.y, chip.y))
        });
        let span = 2 * height - 1;
        let mut table = Vec::with_capacity(((2 * width - 1) * span) as usize);
        for dx in 1 - width..width {
            for dy in 1 - height..height {
                let images = |d: i32, size: i32| if wraps { [d, d - size, d + size] } else { [d; 3] };
                let all = images(dx, width).into_iter().flat_map(|x| images(dy, height).map(|y| hexagons(x, y)));
                table.push(all.min().unwrap_or(0).min(254) as u8);
            }
        }
        let place = |chip: &super::super::BoardChip| i32::from(chip.x) * span + i32::from(chip.y);
        let centre = (width - 1) * span + height - 1;
        Metric {
            row: board.chips.iter().map(|c| (centre - place(c)) as u32).collect(),
            column: board.chips.iter().map(|c| place(c) as u32).collect(),
            table,
        }
    }

    /// Hops between two chips.
    pub(super) fn distance(&self, a: u32, b: u32) -> u32 {
        u32::from(self.table[self.row[a as usize].wrapping_add(self.column[b as usize]) as usize])
    }

    /// Hops from a chip to the nearest of some.
    pub(super) fn nearest(&self, from: u32, chips: &[u32]) -> u32 {
        chips.iter().map(|c| self.distance(from, *c)).min().unwrap_or(0)
    }

    /// Length of the shortest tree whose nodes are the chips, each given once.
    pub(super) fn tree(&self, chips: &[u32], scratch: &mut TreeScratch) -> u32 {
        match *chips {
            [] | [_] => return 0,
            [a, b] => return self.distance(a, b),
            [a, b, c] => {
                let (ab, bc, ca) = (self.distance(a, b), self.distance(b, c), self.distance(c, a));
                return ab + bc + ca - ab.max(bc).max(ca);
            }
            _ => {}
        }
        let TreeScratch { columns, nearest } = scratch;
        columns.clear();
        columns.extend_from_slice(&chips[1..]);
        nearest.clear();
        nearest.resize(columns.len(), u8::MAX);
        let (mut at, mut length) = (chips[0], 0);
        while !columns.is_empty() {
            let row = self.row[at as usize];
            let (mut best, mut place) = (u8::MAX, 0);
            for (i, (chip, near)) in columns.iter().zip(nearest.iter_mut()).enumerate() {
                let distance = self.table[row.wrapping_add(self.column[*chip as usize]) as usize];
                *near = (*near).min(distance);
                if *near < best {
                    (best, place) = (*near, i);
                }
            }
            length += u32::from(best);
            at = columns.swap_remove(place);
            nearest.swap_remove(place);
        }
        length
    }
}

/// Hops on an unbounded board: one diagonal step does for a step in both.
fn hexagons(x: i32, y: i32) -> i32 {
    x.abs().max(y.abs()).max((x - y).abs())
}
