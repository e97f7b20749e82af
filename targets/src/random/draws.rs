//! Words one after the other, and the numbers that are made of them.

use super::{NORMAL_FRAC, Purpose, Seed, standard_normal, words};

/// The number in `0 .. 1` with 53 bits that two words make.
#[inline(always)]
pub(crate) fn unit(high: u32, low: u32) -> f64 {
    ((u64::from(high) << 32 | u64::from(low)) >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
}

/// The standard normal number of a word.
#[inline(always)]
pub(crate) fn normal(word: u32) -> f64 {
    f64::from(standard_normal(word)) * (1.0 / (1_u32 << NORMAL_FRAC) as f64)
}

/// Where the words of one value, or of one line of values, come from; successive words have successive draw numbers.
///
/// ```
/// use bouton_targets::random::{DrawSource, Purpose, Seed, word};
/// let mut draws = DrawSource::new(Seed(1), Purpose::Weight, 2, 3);
/// assert_eq!(draws.word(), word(Seed(1), Purpose::Weight, 2, 3, 0, 0));
/// assert_eq!(draws.word(), word(Seed(1), Purpose::Weight, 2, 3, 0, 1));
/// ```
#[derive(Clone, Debug)]
pub struct DrawSource {
    seed: Seed,
    purpose: Purpose,
    stream: u32,
    index: u32,
    tick: u32,
    next: u32,
    /// The block that `next` lies in, when `next` is not the first of its block.
    block: [u32; 4],
}

impl DrawSource {
    /// The words of (seed, purpose, stream, index), tick 0, from draw number 0 on.
    #[inline]
    #[must_use]
    pub fn new(seed: Seed, purpose: Purpose, stream: u32, index: u32) -> Self {
        DrawSource { seed, purpose, stream, index, tick: 0, next: 0, block: [0; 4] }
    }

    /// The same, at another tick: a second index for what is drawn per pair. Only before the first word.
    #[inline]
    #[must_use]
    pub fn at_tick(mut self, tick: u32) -> Self {
        self.tick = tick;
        self
    }

    /// The same, from draw number `draw` on.
    #[must_use]
    pub fn from_draw(mut self, draw: u32) -> Self {
        self.next = draw;
        if draw & 3 != 0 {
            self.refill();
        }
        self
    }

    /// The draw number that comes next.
    #[must_use]
    pub fn next_draw(&self) -> u32 {
        self.next
    }

    /// The next word.
    #[inline]
    pub fn word(&mut self) -> u32 {
        if self.next & 3 == 0 {
            self.refill();
        }
        let drawn = self.block[(self.next & 3) as usize];
        self.next = self.next.wrapping_add(1);
        drawn
    }

    #[inline]
    fn refill(&mut self) {
        self.block = words(self.seed, self.purpose, self.stream, self.index, self.tick, self.next >> 2);
    }

    /// The next `N` words, a multiple of four, when as many were taken before: whole blocks, which a host makes side by side.
    #[inline]
    pub(crate) fn batch<const N: usize>(&mut self) -> [u32; N] {
        let mut batch = [0; N];
        for (block, at) in batch.as_chunks_mut::<4>().0.iter_mut().zip(self.next >> 2..) {
            *block = words(self.seed, self.purpose, self.stream, self.index, self.tick, at);
        }
        self.next = self.next.wrapping_add(N as u32);
        batch
    }

    /// A number in `0 .. 1` with 53 bits, of two words: the first gives the high bits.
    #[inline]
    pub fn unit(&mut self) -> f64 {
        let high = self.word();
        unit(high, self.word())
    }

    /// A standard normal number, of one word.
    #[inline]
    pub fn normal(&mut self) -> f64 {
        normal(self.word())
    }

    /// A whole number in `0 .. limit`, without bias; `limit` is at least 1. One word, rarely more.
    ///
    /// Source: Lemire, "Fast random integer generation in an interval", ACM TOMACS 29 (2019), with 32-bit words.
    #[inline]
    pub fn below(&mut self, limit: u32) -> u32 {
        let scaled = |word: u32| u64::from(word) * u64::from(limit);
        let mut product = scaled(self.word());
        if (product as u32) < limit {
            let threshold = limit.wrapping_neg() % limit.max(1);
            while (product as u32) < threshold {
                product = scaled(self.word());
            }
        }
        (product >> 32) as u32
    }
}
