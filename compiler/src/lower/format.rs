//! Binary points: the most fraction bits that an interval allows.

use super::interval::Interval;
use crate::circuit::model::{HoldId, ModulatorId, ReceptorId, StateId};
use crate::table::Table;

/// Fraction bits stay within ± this: scaling by two to it is exact in f64, and differences fit an `i8`.
pub(crate) const MOST_FRAC: i8 = 60;

/// Whether every value of `range` fits 32 bits with `frac` fraction bits.
pub(crate) fn fits(range: Interval, frac: i8) -> bool {
    libm::scalbn(range.low, frac.into()) >= f64::from(i32::MIN) && libm::scalbn(range.high, frac.into()) <= f64::from(i32::MAX)
}

/// The most fraction bits with which every value of `range` fits 32 bits.
pub(crate) fn best_frac(range: Interval) -> i8 {
    let (_, exponent) = libm::frexp(range.magnitude());
    // Magnitude < 2^exponent, so 31 - exponent always fits; one more may when the only extreme is -2^n.
    let start = if range.magnitude() == 0.0 { 30 } else { (32 - exponent).clamp(-i32::from(MOST_FRAC), MOST_FRAC.into()) };
    let mut frac = start as i8;
    while frac > -MOST_FRAC && !fits(range, frac) {
        frac -= 1;
    }
    frac
}

/// One unit in the last place.
pub(crate) fn ulp(frac: i8) -> f64 {
    libm::scalbn(1.0, -i32::from(frac))
}

/// The range of the raw integers from `low` to `high` with `frac` fraction bits.
pub(crate) fn raw_range(low: i32, high: i32, frac: i8) -> Interval {
    Interval::new(f64::from(low) * ulp(frac), f64::from(high) * ulp(frac))
}

/// All of 32 bits.
pub(crate) fn full_range(frac: i8) -> Interval {
    raw_range(i32::MIN, i32::MAX, frac)
}

/// A state's format and range.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct StateLayout {
    /// Fraction bits.
    pub(crate) frac: i8,
    /// Raw ends.
    pub(crate) low: i32,
    /// Raw ends.
    pub(crate) high: i32,
    /// Whether values outside saturate: the range was declared.
    pub(crate) declared: bool,
}

impl StateLayout {
    /// A layout for a range; its ends are rounded outwards, or to the nearest where they were declared.
    pub(crate) fn new(range: Interval, frac: Option<i8>, declared: bool) -> StateLayout {
        let frac = frac.unwrap_or_else(|| best_frac(range));
        let raw =
            |x: f64, round: fn(f64) -> f64| round(libm::scalbn(x, frac.into())).clamp(i32::MIN.into(), i32::MAX.into()) as i32;
        let nearest = |x: f64| libm::floor(x + 0.5);
        let (low, high) = if declared {
            (raw(range.low, nearest), raw(range.high, nearest))
        } else {
            (raw(range.low, libm::floor), raw(range.high, libm::ceil))
        };
        StateLayout { frac, low, high, declared }
    }

    /// The range that its raw integers stand for.
    pub(crate) fn range(self) -> Interval {
        raw_range(self.low, self.high, self.frac)
    }
}

/// How what arrives at a receptor enters the program.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum ReceptorLayout {
    /// A 32-bit sum.
    Narrow {
        /// Slot.
        slot: u32,
        /// Fraction bits.
        frac: i8,
        /// Range of the sum.
        range: Interval,
    },
    /// A 64-bit sum.
    Wide {
        /// Slot.
        slot: u32,
        /// Fraction bits of the sum.
        frac: i8,
        /// Range of the sum.
        range: Interval,
    },
}

/// Ranges and formats of everything that a program reads.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Layout {
    /// States.
    pub(crate) states: Table<StateId, StateLayout>,
    /// Longest hold, in ticks.
    pub(crate) holds: Table<HoldId, i32>,
    /// Receptors.
    pub(crate) receptors: Table<ReceptorId, ReceptorLayout>,
    /// Modulators: fraction bits and range.
    pub(crate) modulators: Table<ModulatorId, (i8, Interval)>,
}
