//! Picks: whole numbers below a limit, distinct ones, and geometric gaps.

use crate::draw::DrawSource;

/// A whole number in `0 .. limit`, without bias; `limit` is at least 1.
///
/// Source: Lemire, "Fast random integer generation in an interval", ACM TOMACS 29 (2019), with 32-bit words.
#[inline]
pub(crate) fn below(source: &mut DrawSource, limit: u32) -> u32 {
    let scaled = |word: u32| u64::from(word) * u64::from(limit);
    let mut product = scaled(source.word());
    if (product as u32) < limit {
        let threshold = limit.wrapping_neg() % limit.max(1);
        while (product as u32) < threshold {
            product = scaled(source.word());
        }
    }
    (product >> 32) as u32
}

/// A set of whole numbers that is emptied by naming its members, so that one serves every line.
#[derive(Default)]
pub(crate) struct Seen {
    bits: Vec<u64>,
}

impl Seen {
    /// Makes room for `0 .. limit`.
    pub(crate) fn reserve(&mut self, limit: u32) {
        let words = limit as usize / 64 + 1;
        if self.bits.len() < words {
            self.bits.resize(words, 0);
        }
    }

    /// Adds `n`; whether it is new.
    #[inline]
    pub(crate) fn insert(&mut self, n: u32) -> bool {
        let (word, bit) = (&mut self.bits[n as usize / 64], 1 << (n % 64));
        let new = *word & bit == 0;
        *word |= bit;
        new
    }

    /// Removes `n`.
    #[inline]
    pub(crate) fn remove(&mut self, n: u32) {
        self.bits[n as usize / 64] &= !(1 << (n % 64));
    }
}

/// Appends `k` distinct numbers of `0 .. limit` to `out`, every set equally likely; `k` is at most `limit`.
///
/// Source: Floyd's algorithm, Bentley, "Programming pearls: a sample of brilliance", CACM 30 (1987): `k` draws, whatever `k`.
pub(crate) fn distinct(source: &mut DrawSource, k: u32, limit: u32, seen: &mut Seen, out: &mut Vec<u32>) {
    let start = out.len();
    seen.reserve(limit);
    for last in limit - k..limit {
        let drawn = below(source, last + 1);
        if seen.insert(drawn) {
            out.push(drawn);
        } else {
            seen.insert(last);
            out.push(last);
        }
    }
    for n in &out[start..] {
        seen.remove(*n);
    }
}

/// Calls `take` with each of `0 .. limit` that is chosen with probability `p`, ascending.
///
/// The gaps are geometric: floor(ln u / ln(1 - p)), u uniform in (0, 1] with 53 bits. Cost: two words and a logarithm per
/// chosen number. (Devroye, "Non-uniform random variate generation", 1986, X.2.)
pub(crate) fn bernoulli(source: &mut DrawSource, p: f64, limit: u32, mut take: impl FnMut(u32)) {
    if p >= 1.0 {
        (0..limit).for_each(take);
        return;
    }
    if p.is_nan() || p <= 0.0 {
        return;
    }
    let scale = 1.0 / libm::log1p(-p);
    let mut next = 0u64;
    loop {
        let gap = libm::log(1.0 - source.unit()) * scale;
        // A gap beyond every limit saturates here, so that the sum cannot overflow.
        next += gap.min(f64::from(u32::MAX)) as u64;
        if next >= u64::from(limit) {
            return;
        }
        take(next as u32);
        next += 1;
    }
}
