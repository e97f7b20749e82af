//! What annealing draws: the sequence of SplitMix64.

use crate::mapping::{GOLDEN, mix};

/// A sequence of numbers from a seed, the same on every host.
pub(super) struct Draw {
    state: u64,
    /// −ln of (i + ½) / 256.
    exponential: Vec<f64>,
}

impl Draw {
    pub(super) fn new(seed: u64) -> Draw {
        let exponential = (0..256).map(|i| -libm::log((f64::from(i) + 0.5) / 256.0)).collect();
        Draw { state: seed, exponential }
    }

    fn next(&mut self) -> u64 {
        let drawn = mix(self.state);
        self.state = self.state.wrapping_add(GOLDEN);
        drawn
    }

    /// One of `0 .. n`, n > 0.
    pub(super) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }

    /// Whether a change that costs so much is taken at a temperature.
    pub(super) fn takes(&mut self, cost: i64, temperature: f64) -> bool {
        if cost <= 0 {
            return true;
        }
        let drawn = (self.next() >> 56) as usize;
        (cost as f64) < temperature * self.exponential[drawn]
    }
}
