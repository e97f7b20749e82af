//! Tables that stand for nonlinear functions: piecewise linear, and steps.

use crate::arith::{Rounding, rounding_term};

/// Words of a table's record in a program: see [`Lookup::from_words`].
pub const LOOKUP_WORDS: usize = 5;

/// A piecewise-linear function over equal segments of 2^`shift` raw inputs.
///
/// Entry i is (value at the segment's start, slope); inputs outside `low ..= high` take the value at the nearer end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lookup<'a> {
    /// Start of the first segment.
    pub low: i32,
    /// Last input of the last segment.
    pub high: i32,
    /// log2 of a segment's width, at most 31.
    pub shift: u8,
    /// The product of slope and offset in the segment is shifted right by this, at most 62.
    pub slope_shift: u8,
    /// The segments.
    pub entries: &'a [[i32; 2]],
}

impl<'a> Lookup<'a> {
    /// Reads the record `low, high, shift | slope_shift << 8, first entry, entries`, the first entry counted in entries from
    /// the start of `entries`. `None` when it does not describe a table within `entries`.
    #[must_use]
    pub fn from_words(record: &[u32; LOOKUP_WORDS], entries: &'a [[i32; 2]]) -> Option<Self> {
        let [low, high, shifts, first, count] = *record;
        let (shift, slope_shift) = ((shifts & 0xFF) as u8, (shifts >> 8 & 0xFF) as u8);
        let entries = entries.get(first as usize..)?.get(..count as usize)?;
        let lookup = Lookup { low: low as i32, high: high as i32, shift, slope_shift, entries };
        let width = u64::from((high as i32).wrapping_sub(low as i32) as u32);
        let sound = low as i32 <= high as i32
            && shift <= 31
            && slope_shift <= 62
            && shifts >> 16 == 0
            && width >> shift < entries.len() as u64;
        sound.then_some(lookup)
    }

    /// The record for a table whose entries begin at `first`.
    #[must_use]
    pub fn to_words(&self, first: u32) -> [u32; LOOKUP_WORDS] {
        let shifts = u32::from(self.shift) | u32::from(self.slope_shift) << 8;
        [self.low as u32, self.high as u32, shifts, first, self.entries.len() as u32]
    }

    /// The function at `x`: `value + slope·offset >> slope_shift`, rounded half up, wrapping.
    #[inline]
    #[must_use]
    pub fn at(&self, x: i32) -> i32 {
        let offset = x.max(self.low).min(self.high).wrapping_sub(self.low) as u32;
        let [value, slope] = self.entries.get((offset >> (self.shift & 31)) as usize).copied().unwrap_or([0; 2]);
        let within = offset & ((1u32 << (self.shift & 31)) - 1);
        let product = i64::from(slope) * i64::from(within);
        let shift = u32::from(self.slope_shift & 63);
        value.wrapping_add((product.wrapping_add(rounding_term(shift, Rounding::HalfUp)) >> shift) as i32)
    }
}

/// How many of the ascending `thresholds` are ≤ `x`.
///
/// ```
/// assert_eq!(bouton_targets::lookup::steps(&[10, 20, 30], 20), 2);
/// ```
#[inline]
#[must_use]
pub fn steps(thresholds: &[i32], x: i32) -> i32 {
    thresholds.iter().fold(0, |count, t| count + i32::from(*t <= x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interpolates_and_holds_at_the_ends() {
        let entries = [[0, 10], [40, -4]];
        let t = Lookup::from_words(&[100, 107, 2, 0, 2], &entries).expect("a sound table");
        assert_eq!([99, 100, 101, 103, 104, 107, 200].map(|x| t.at(x)), [0, 0, 10, 30, 40, 28, 28]);
        assert_eq!(Lookup::from_words(&t.to_words(0), &entries), Some(t));
    }

    #[test]
    fn refuses_a_table_with_too_few_entries() {
        let entries = [[0, 10], [40, -4]];
        assert_eq!(Lookup::from_words(&[100, 108, 2, 0, 2], &entries), None);
        assert_eq!(Lookup::from_words(&[100, 107, 2, 1, 2], &entries), None);
        assert_eq!(Lookup::from_words(&[100, 107, 32, 0, 2], &entries), None);
    }
}
