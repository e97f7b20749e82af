//! What tests and fuzz targets share: random valid images, damage behind the checksums, and a reader that touches everything.
//!
//! Compiled for tests of this crate and with the feature `testing` only.
#![allow(clippy::expect_used, reason = "a promise of the checks that does not hold is what it is here to find")]

mod program;
mod repair;
mod routed;
mod sample;
mod walk;

pub use program::sample_program;
pub use repair::repair;
pub use routed::{Torus, routed};
pub use sample::sample_image;
pub use walk::walk;

use crate::program::Slots;
use crate::random::philox4x32;

/// A sequence of choices that a seed fixes.
#[derive(Clone, Copy, Debug)]
pub struct Choices {
    seed: u64,
    next: u32,
}

impl Choices {
    /// The choices of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Choices { seed, next: 0 }
    }

    /// Any word.
    pub fn word(&mut self) -> u32 {
        let [word, ..] = philox4x32([self.next, 0, 0, 0], [self.seed as u32, (self.seed >> 32) as u32]);
        self.next = self.next.wrapping_add(1);
        word
    }

    /// A number below `n`, which counts as 1 when it is 0.
    pub fn below(&mut self, n: u32) -> u32 {
        ((u64::from(self.word()) * u64::from(n.max(1))) >> 32) as u32
    }

    /// A number in `low ..= high`.
    pub fn from_to(&mut self, low: u32, high: u32) -> u32 {
        low.saturating_add(self.below(high.saturating_sub(low).saturating_add(1)))
    }

    /// One of some things.
    pub fn one_of<T: Copy>(&mut self, things: &[T]) -> Option<T> {
        things.get(self.below(things.len() as u32) as usize).copied()
    }

    /// Ascending numbers below `n`, each with the chance `1 / rarity`.
    pub fn some_below(&mut self, n: u32, rarity: u32) -> Vec<u32> {
        (0..n).filter(|_| self.below(rarity) == 0).collect()
    }

    /// How many of each thing a program may name.
    fn slots(&mut self) -> Slots {
        Slots {
            states: self.below(4),
            params: self.below(3),
            narrow: self.below(3),
            wide: self.below(3),
            modulators: self.below(2),
        }
    }
}
