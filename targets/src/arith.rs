//! The integer operations of every program, each a plain function.
//!
//! A value is an `i32` whose binary point is known at compile time. Kernel, engines and generated code call these and define
//! no arithmetic of their own, so that one source says what a target computes.

/// How a result between two integers is rounded.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Rounding {
    /// To the nearest, halves towards plus infinity: `floor(x + 1/2)`.
    #[default]
    HalfUp,
    /// Towards minus infinity.
    Floor,
}

/// The largest shift of a multiplication or of [`shift_right`].
pub const MAX_SHIFT: u32 = 32;

/// The largest shift of a [`divide`]: the numerator then fits 63 bits.
pub const MAX_DIVIDE_SHIFT: u32 = 31;

/// Half of the last place at `shift`, or nothing when rounding is towards minus infinity.
#[inline(always)]
#[must_use]
pub const fn rounding_term(shift: u32, rounding: Rounding) -> i64 {
    match rounding {
        Rounding::HalfUp if shift > 0 => 1 << (shift - 1),
        _ => 0,
    }
}

/// `a·b / 2^shift`, rounded, the low 32 bits of it; `shift` is at most [`MAX_SHIFT`].
///
/// The product is exact in 64 bits. The compiler proves that the result fits 32 bits; where it cannot, it saturates after.
///
/// ```
/// use bouton_targets::arith::{mul_shift, Rounding};
/// assert_eq!(mul_shift(3, 3, 1, Rounding::HalfUp), 5); // 4.5 rounds up
/// assert_eq!(mul_shift(-3, 3, 1, Rounding::HalfUp), -4); // -4.5 rounds up too
/// assert_eq!(mul_shift(-3, 3, 1, Rounding::Floor), -5);
/// ```
#[inline(always)]
#[must_use]
pub const fn mul_shift(a: i32, b: i32, shift: u32, rounding: Rounding) -> i32 {
    // Only bits below 64 reach the result, so a logical shift gives the same low half; it is what vector units have.
    let shift = if shift > MAX_SHIFT { MAX_SHIFT } else { shift };
    ((a as i64 * b as i64).wrapping_add(rounding_term(shift, rounding)) as u64 >> shift) as i32
}

/// `a / 2^shift`, rounded; `shift` is at most [`MAX_SHIFT`].
///
/// ```
/// use bouton_targets::arith::{shift_right, Rounding};
/// assert_eq!(shift_right(-5, 1, Rounding::HalfUp), -2);
/// assert_eq!(shift_right(-5, 1, Rounding::Floor), -3);
/// ```
#[inline(always)]
#[must_use]
pub const fn shift_right(a: i32, shift: u32, rounding: Rounding) -> i32 {
    let shift = if shift > MAX_SHIFT { MAX_SHIFT } else { shift };
    ((a as i64 + rounding_term(shift, rounding)) >> shift) as i32
}

/// `a·2^shift`, the low 32 bits of it; zero for shifts of 32 and more.
///
/// ```
/// assert_eq!(bouton_targets::arith::shift_left(-3, 2), -12);
/// ```
#[inline(always)]
#[must_use]
pub const fn shift_left(a: i32, shift: u32) -> i32 {
    ((a as u32 as u64) << (shift & 63)) as i32
}

/// `a / 2^shift` of a 64-bit sum, rounded, saturated to 32 bits; `shift` is at most 63.
///
/// This is how an exact sum of weight·value products enters a program.
///
/// ```
/// use bouton_targets::arith::{narrow, Rounding};
/// assert_eq!(narrow(5, 1, Rounding::HalfUp), 3);
/// assert_eq!(narrow(i64::MIN, 1, Rounding::HalfUp), i32::MIN);
/// ```
#[inline(always)]
#[must_use]
pub const fn narrow(a: i64, shift: u32, rounding: Rounding) -> i32 {
    saturate_to_i32(a.saturating_add(rounding_term(shift & 63, rounding)) >> (shift & 63))
}

/// `a·2^shift / b`, rounded, saturated to 32 bits; `shift` is at most [`MAX_DIVIDE_SHIFT`].
///
/// A divisor of zero gives the largest value of the numerator's sign, and zero for 0/0.
///
/// ```
/// use bouton_targets::arith::{divide, Rounding};
/// assert_eq!(divide(7, 2, 0, Rounding::HalfUp), 4);
/// assert_eq!(divide(-7, 2, 0, Rounding::HalfUp), -3);
/// assert_eq!(divide(-7, 0, 0, Rounding::HalfUp), i32::MIN);
/// ```
#[inline]
#[must_use]
pub const fn divide(a: i32, b: i32, shift: u32, rounding: Rounding) -> i32 {
    let shift = if shift > MAX_DIVIDE_SHIFT { MAX_DIVIDE_SHIFT } else { shift };
    let numerator = (a as i64) << shift;
    // With a positive divisor, floor and half-up need no case for its sign.
    let (numerator, divisor) = if b < 0 { (-numerator, -(b as i64)) } else { (numerator, b as i64) };
    let biased = match rounding {
        Rounding::HalfUp => numerator + divisor / 2,
        Rounding::Floor => numerator,
    };
    match (biased.checked_div(divisor), biased.checked_rem(divisor)) {
        (Some(quotient), Some(rest)) => saturate_to_i32(if rest < 0 { quotient - 1 } else { quotient }),
        _ if a > 0 => i32::MAX,
        _ if a < 0 => i32::MIN,
        _ => 0,
    }
}

/// `a` limited to what an `i32` holds.
#[inline(always)]
#[must_use]
pub const fn saturate_to_i32(a: i64) -> i32 {
    if a > i32::MAX as i64 {
        i32::MAX
    } else if a < i32::MIN as i64 {
        i32::MIN
    } else {
        a as i32
    }
}

/// All ones when `c`, else zero: the truth values of programs.
///
/// ```
/// assert_eq!(bouton_targets::arith::mask(true), -1);
/// ```
#[inline(always)]
#[must_use]
pub const fn mask(c: bool) -> i32 {
    -(c as i32)
}

/// `a` where `mask` is all ones, `b` where it is zero.
///
/// ```
/// assert_eq!(bouton_targets::arith::select(-1, 3, 4), 3);
/// ```
#[inline(always)]
#[must_use]
pub const fn select(mask: i32, a: i32, b: i32) -> i32 {
    (a & mask) | (b & !mask)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn floor_div(a: i128, b: i128) -> i128 {
        a.div_euclid(b) - i128::from(b < 0 && a.rem_euclid(b) != 0)
    }

    proptest! {
        #[test]
        fn mul_shift_is_the_rounded_product(a: i32, b: i32, shift in 0u32..=32) {
            let exact = i128::from(a) * i128::from(b);
            let half_up = floor_div(2 * exact + (1 << shift), 2 << shift);
            prop_assert_eq!(mul_shift(a, b, shift, Rounding::HalfUp), half_up as i32);
            prop_assert_eq!(mul_shift(a, b, shift, Rounding::Floor), floor_div(exact, 1 << shift) as i32);
        }

        #[test]
        fn shift_right_is_the_rounded_quotient(a: i32, shift in 0u32..=32) {
            prop_assert_eq!(shift_right(a, shift, Rounding::HalfUp), mul_shift(a, 1, shift, Rounding::HalfUp));
            prop_assert_eq!(shift_right(a, shift, Rounding::Floor), floor_div(a.into(), 1 << shift) as i32);
        }

        #[test]
        fn divide_is_the_rounded_quotient(a: i32, b: i32, shift in 0u32..=31) {
            prop_assume!(b != 0);
            let (n, d) = if b < 0 { (-(i128::from(a) << shift), -i128::from(b)) } else { (i128::from(a) << shift, b.into()) };
            let limit = |x: i128| x.clamp(i32::MIN.into(), i32::MAX.into()) as i32;
            prop_assert_eq!(divide(a, b, shift, Rounding::HalfUp), limit((n + d / 2).div_euclid(d)));
            prop_assert_eq!(divide(a, b, shift, Rounding::Floor), limit(n.div_euclid(d)));
        }

        #[test]
        fn narrow_is_the_rounded_and_limited_sum(a: i64, shift in 0u32..=63) {
            let half = if shift > 0 { 1i128 << (shift - 1) } else { 0 };
            let exact = ((i128::from(a) + half).min(i64::MAX.into()) >> shift).clamp(i32::MIN.into(), i32::MAX.into()) as i32;
            prop_assert_eq!(narrow(a, shift, Rounding::HalfUp), exact);
        }
    }
}
