//! Registers, and the loops over their lanes.
//!
//! A register is `C` chunks of `W` lanes. Every loop takes whole chunks out by value, computes, and puts the result back, so
//! a destination may be one of the sources, and the compiler may keep a chunk in vector registers: with `W` the width of the
//! vector unit each loop becomes a few vector instructions; on a microcontroller it becomes a plain loop.

use bouton_targets::arith::{MAX_SHIFT, Rounding, rounding_term};
use bouton_targets::instruction::REGISTERS;

/// Right shift of a product, and its rounding.
pub(super) type Scale = (u32, Rounding);

/// Lanes that are multiplied in pairs at once: a vector of AVX-512.
const PAIRED: usize = 16;

/// One `i32` for each lane.
pub type Register<const W: usize, const C: usize> = [[i32; W]; C];

/// All registers.
///
/// Aligned as the widest vectors want it.
#[derive(Clone, Debug)]
#[repr(align(64))]
pub struct Registers<const W: usize, const C: usize>([Register<W, C>; REGISTERS]);

impl<const W: usize, const C: usize> Registers<W, C> {
    /// All zero.
    #[must_use]
    pub const fn new() -> Self {
        Registers([[[0; W]; C]; REGISTERS])
    }

    /// Register `r`, taken modulo their number: a mask costs less than a check, and checked programs name none beyond.
    #[inline(always)]
    pub fn get(&self, r: u8) -> &Register<W, C> {
        &self.0[r as usize % REGISTERS]
    }

    #[inline(always)]
    pub(super) fn set(&mut self, r: u8) -> &mut Register<W, C> {
        &mut self.0[r as usize % REGISTERS]
    }

    #[inline(always)]
    pub(super) fn fill(&mut self, d: u8, value: i32) {
        *self.set(d) = [[value; W]; C];
    }

    /// d ← f(a).
    #[inline(always)]
    pub(super) fn unary(&mut self, d: u8, a: u8, f: impl Fn(i32) -> i32) {
        for c in 0..C {
            let x = self.get(a)[c];
            let mut out = [0; W];
            for l in 0..W {
                out[l] = f(x[l]);
            }
            self.set(d)[c] = out;
        }
    }

    /// d ← a·b, shifted and rounded.
    #[inline(always)]
    pub(super) fn multiply(&mut self, d: u8, a: u8, b: u8, scale: Scale) {
        for c in 0..C {
            self.set(d)[c] = multiply(&self.get(a)[c], &self.get(b)[c], scale);
        }
    }

    /// d ← a·constant, shifted and rounded.
    #[inline(always)]
    pub(super) fn multiply_constant(&mut self, d: u8, a: u8, constant: i32, scale: Scale) {
        for c in 0..C {
            self.set(d)[c] = multiply(&self.get(a)[c], &[constant; W], scale);
        }
    }

    /// d ← d + (a·constant, shifted and rounded).
    #[inline(always)]
    pub(super) fn multiply_add(&mut self, d: u8, a: u8, constant: i32, scale: Scale) {
        if scale.0 == 0 {
            // What is not shifted needs the low half of the product only, which is a third of the work. Inputs are like that.
            return self.binary(d, d, a, |sum, x| sum.wrapping_add(x.wrapping_mul(constant)));
        }
        for c in 0..C {
            let product = multiply(&self.get(a)[c], &[constant; W], scale);
            let sum = &mut self.set(d)[c];
            for l in 0..W {
                sum[l] = sum[l].wrapping_add(product[l]);
            }
        }
    }

    /// d ← f(a, b).
    #[inline(always)]
    pub(super) fn binary(&mut self, d: u8, a: u8, b: u8, f: impl Fn(i32, i32) -> i32) {
        for c in 0..C {
            let (x, y) = (self.get(a)[c], self.get(b)[c]);
            let mut out = [0; W];
            for l in 0..W {
                out[l] = f(x[l], y[l]);
            }
            self.set(d)[c] = out;
        }
    }

    /// d ← f(a, b, e).
    #[inline(always)]
    pub(super) fn ternary(&mut self, d: u8, [a, b, e]: [u8; 3], f: impl Fn(i32, i32, i32) -> i32) {
        for c in 0..C {
            let (x, y, z) = (self.get(a)[c], self.get(b)[c], self.get(e)[c]);
            let mut out = [0; W];
            for l in 0..W {
                out[l] = f(x[l], y[l], z[l]);
            }
            self.set(d)[c] = out;
        }
    }

    /// d ← f(number of the lane).
    #[inline(always)]
    pub(super) fn by_lane(&mut self, d: u8, f: impl Fn(u32) -> i32) {
        for c in 0..C {
            let mut out = [0; W];
            for (l, x) in (0..).zip(&mut out) {
                *x = f((c * W) as u32 + l);
            }
            self.set(d)[c] = out;
        }
    }
}

impl<const W: usize, const C: usize> Default for Registers<W, C> {
    fn default() -> Self {
        Self::new()
    }
}

/// [`bouton_targets::arith::mul_shift`] of every lane of two chunks.
///
/// The multiplication of vector units takes the low halves of 64-bit lanes. So the even lanes of a pair are multiplied where
/// they are and the odd ones a half further down, and the result of an odd lane is shifted to where it belongs: no lane is
/// moved to another vector and back, which costs more than the product. Scalar machines see two plain products.
#[inline(always)]
fn multiply<const W: usize>(x: &[i32; W], y: &[i32; W], (shift, rounding): Scale) -> [i32; W] {
    const { assert!(W.is_multiple_of(PAIRED)) };
    let shift = shift.min(MAX_SHIFT);
    let half = rounding_term(shift, rounding);
    let mut out = [0; W];
    let chunks = x.as_chunks::<PAIRED>().0.iter().zip(y.as_chunks::<PAIRED>().0);
    for (out, (x, y)) in out.as_chunks_mut::<PAIRED>().0.iter_mut().zip(chunks) {
        let x: [i64; PAIRED / 2] = bytemuck::cast(*x);
        let y: [i64; PAIRED / 2] = bytemuck::cast(*y);
        let mut pairs = [0i64; PAIRED / 2];
        for (pair, (x, y)) in pairs.iter_mut().zip(x.iter().zip(&y)) {
            let even = i64::from(*x as i32).wrapping_mul(i64::from(*y as i32)).wrapping_add(half);
            let odd = (*x >> 32).wrapping_mul(*y >> 32).wrapping_add(half);
            let low = (even as u64 >> shift) & u64::from(u32::MAX);
            let high = ((odd as u64) << (32 - shift)) & !u64::from(u32::MAX);
            *pair = (low | high) as i64;
        }
        *out = bytemuck::cast(pairs);
    }
    out
}

/// A chunk from the front of `from`; zeros where it ends.
#[inline(always)]
pub(super) fn load<const W: usize>(from: &[i32]) -> [i32; W] {
    if let Some(chunk) = from.first_chunk::<W>() {
        return *chunk;
    }
    let mut out = [0; W];
    for (x, y) in out.iter_mut().zip(from) {
        *x = *y;
    }
    out
}

/// As much of a chunk as fits to the front of `to`.
#[inline(always)]
pub(super) fn store<const W: usize>(to: &mut [i32], chunk: &[i32; W]) {
    if let Some(place) = to.first_chunk_mut::<W>() {
        *place = *chunk;
        return;
    }
    for (x, y) in to.iter_mut().zip(chunk) {
        *x = *y;
    }
}

/// Whether any lane is not zero.
#[inline(always)]
pub(super) fn any<const W: usize>(chunk: &[i32; W]) -> bool {
    chunk.iter().fold(0, |all, x| all | x) != 0
}

/// A bit for each lane that is not zero.
#[inline(always)]
pub(super) fn bits<const W: usize>(chunk: &[i32; W]) -> u64 {
    let mut bits = 0;
    for (l, x) in chunk.iter().enumerate() {
        bits |= u64::from(*x != 0) << (l & 63);
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;
    use bouton_targets::arith::mul_shift;

    #[test]
    fn products_in_pairs_are_those_of_single_lanes() {
        let extremes = [i32::MIN, i32::MIN + 1, -65_537, -3, -1, 0, 1, 2, 77_777, i32::MAX];
        for shift in 0..=32 {
            for rounding in [Rounding::HalfUp, Rounding::Floor] {
                for (n, a) in extremes.iter().enumerate() {
                    let x: [i32; 16] = core::array::from_fn(|l| a.wrapping_add(l as i32));
                    let y: [i32; 16] = core::array::from_fn(|l| extremes[(n + l) % extremes.len()]);
                    let expected: [i32; 16] = core::array::from_fn(|l| mul_shift(x[l], y[l], shift, rounding));
                    assert_eq!(multiply(&x, &y, (shift, rounding)), expected);
                }
            }
        }
    }
}
