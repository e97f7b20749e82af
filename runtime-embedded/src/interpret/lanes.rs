//! Registers, and the loops over their lanes.
//!
//! A register is `C` chunks of `W` lanes. Every loop takes whole chunks out by value, computes, and puts the result back, so
//! a destination may be one of the sources, and the compiler may keep a chunk in vector registers: with `W` the width of the
//! vector unit each loop becomes a few vector instructions; on a microcontroller it becomes a plain loop.

use bouton_targets::instruction::REGISTERS;

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

/// A bit for each lane that is not zero.
#[inline(always)]
pub(super) fn bits<const W: usize>(chunk: &[i32; W]) -> u64 {
    let any = chunk.iter().fold(0, |all, x| all | x);
    if any == 0 {
        // Nearly always: spikes are rare, and this reduction costs far less than gathering bits.
        return 0;
    }
    let mut bits = 0;
    for (l, x) in chunk.iter().enumerate() {
        bits |= u64::from(*x != 0) << (l & 63);
    }
    bits
}
