//! Which chip lies where, and who is whose neighbour.

use super::{Chip, STEPS};

const NONE: u32 = u32::MAX;

/// Where link `d` of the chip at (x, y) leads on a grid of `size` columns and rows that closes in both directions.
#[must_use]
pub fn beyond((x, y): (u16, u16), d: usize, size: (u16, u16)) -> (u16, u16) {
    let wrap = |at: u16, step: i32, size: u16| (i32::from(at) + step).rem_euclid(i32::from(size.max(1))) as u16;
    (wrap(x, STEPS[d].0, size.0), wrap(y, STEPS[d].1, size.1))
}

/// The number of the chip at each place, in constant time.
pub(super) struct Grid {
    size: (u16, u16),
    at: Vec<u32>,
}

impl Grid {
    /// Of chips that lie in `size` columns and rows.
    pub(super) fn of(chips: &[Chip], size: (u16, u16)) -> Grid {
        let mut grid = Grid { size, at: vec![NONE; usize::from(size.0) * usize::from(size.1)] };
        for (number, chip) in (0..).zip(chips) {
            let place = grid.place((chip.x, chip.y));
            grid.at[place] = number;
        }
        grid
    }

    fn place(&self, (x, y): (u16, u16)) -> usize {
        usize::from(y) * usize::from(self.size.0) + usize::from(x)
    }

    /// The chip at (x, y).
    pub(super) fn chip(&self, (x, y): (u16, u16)) -> Option<usize> {
        let inside = x < self.size.0 && y < self.size.1;
        let number = *self.at.get(self.place((x, y)))?;
        (inside && number != NONE).then_some(number as usize)
    }

    /// The chip that link `d` of a chip leads to.
    pub(super) fn neighbour(&self, chip: &Chip, d: usize) -> Option<usize> {
        self.chip(beyond((chip.x, chip.y), d, self.size))
    }

    /// Kills link `d` of a chip, in both directions.
    pub(super) fn cut(&self, chips: &mut [Chip], number: usize, d: usize) {
        let other = self.neighbour(&chips[number], d);
        chips[number].links &= !(1 << d);
        if let Some(other) = other {
            chips[other].links &= !(1 << ((d + 3) % 6));
        }
    }

    /// Joins neighbours, over the edges only when `wrap`.
    pub(super) fn join(&self, chips: &mut [Chip], wrap: bool) {
        let size = (i32::from(self.size.0), i32::from(self.size.1));
        for chip in chips {
            for (d, (dx, dy)) in STEPS.iter().enumerate() {
                let inside = (0..size.0).contains(&(i32::from(chip.x) + dx)) && (0..size.1).contains(&(i32::from(chip.y) + dy));
                chip.links |= u8::from((wrap || inside) && self.neighbour(chip, d).is_some()) << d;
            }
        }
    }
}
