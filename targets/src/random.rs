//! Counter-based random numbers: a draw is a function of (seed, stream, index, tick, draw number) and of nothing else.
//!
//! Philox4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011; checked against the
//! known answers published with it (Random123, `kat_vectors`).

mod draws;
mod normal;

pub use draws::DrawSource;
pub(crate) use draws::{normal, unit};
pub use normal::{NORMAL_FRAC, standard_normal};

const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const KEY_STEPS: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];

/// What a draw is for: draws for different purposes never share a counter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Purpose {
    /// A draw of a program, in a tick.
    Program = 0,
    /// Whether and where a projection connects.
    Connect = 1,
    /// Weights of a projection.
    Weight = 2,
    /// Delays of a projection.
    Delay = 3,
    /// A parameter or an initial state of a population.
    Value = 4,
}

/// The seed of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Seed(pub u64);

/// Four random words for one counter.
///
/// ```
/// // Random123 known answer: counter and key all zero.
/// assert_eq!(bouton_targets::random::philox4x32([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
/// ```
#[inline(always)]
#[must_use]
pub const fn philox4x32(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let [mut c0, mut c1, mut c2, mut c3] = counter;
    let [mut k0, mut k1] = key;
    let mut round = 0;
    while round < 10 {
        let p0 = MULTIPLIERS[0] as u64 * c0 as u64;
        let p1 = MULTIPLIERS[1] as u64 * c2 as u64;
        (c0, c1, c2, c3) = ((p1 >> 32) as u32 ^ c1 ^ k0, p1 as u32, (p0 >> 32) as u32 ^ c3 ^ k1, p0 as u32);
        k0 = k0.wrapping_add(KEY_STEPS[0]);
        k1 = k1.wrapping_add(KEY_STEPS[1]);
        round += 1;
    }
    [c0, c1, c2, c3]
}

/// Random word number `draw` (below 2^26) for one `index` of a `stream` at a `tick`.
///
/// The counter is (index, tick, stream, purpose·2^24 + draw/4); the word is number draw mod 4 of the block.
#[inline(always)]
#[must_use]
pub const fn word(seed: Seed, purpose: Purpose, stream: u32, index: u32, tick: u32, draw: u32) -> u32 {
    let [w0, w1, w2, w3] = words(seed, purpose, stream, index, tick, draw >> 2);
    // Choices between values rather than an index into memory: only so can a loop over indices use vectors.
    let (low, high) = if draw & 1 == 0 { (w0, w2) } else { (w1, w3) };
    if draw & 2 == 0 { low } else { high }
}

/// The four [`word`]s with draw numbers `4·block ..= 4·block + 3`, for who needs them all.
#[inline(always)]
#[must_use]
pub const fn words(seed: Seed, purpose: Purpose, stream: u32, index: u32, tick: u32, block: u32) -> [u32; 4] {
    let counter = [index, tick, stream, (purpose as u32) << 24 | block & 0x00FF_FFFF];
    philox4x32(counter, [seed.0 as u32, (seed.0 >> 32) as u32])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answers_of_random123() {
        let ones = [u32::MAX; 4];
        assert_eq!(philox4x32(ones, [u32::MAX; 2]), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
        let pi = [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344];
        assert_eq!(philox4x32(pi, [0xa409_3822, 0x299f_31d0]), [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]);
    }

    #[test]
    fn draws_differ_by_each_coordinate() {
        let base = word(Seed(1), Purpose::Program, 2, 3, 4, 5);
        let others = [
            word(Seed(2), Purpose::Program, 2, 3, 4, 5),
            word(Seed(1), Purpose::Value, 2, 3, 4, 5),
            word(Seed(1), Purpose::Program, 3, 3, 4, 5),
            word(Seed(1), Purpose::Program, 2, 4, 4, 5),
            word(Seed(1), Purpose::Program, 2, 3, 5, 5),
            word(Seed(1), Purpose::Program, 2, 3, 4, 6),
        ];
        assert!(others.iter().all(|w| *w != base));
    }
}
