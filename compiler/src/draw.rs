//! Draws from the distributions of the language: parameters, initial states, weights and delays all come through here.
//!
//! A draw is a function of the seed and of its [`DrawSource`]'s coordinates, of nothing else; only `libm` computes
//! transcendental functions, so that every host draws the same bits.

use crate::circuit::{Distribution, Within};
use bouton_targets::random::{NORMAL_FRAC, Purpose, Seed, standard_normal, words};

/// How often a value is drawn again before its bounds count as out of reach.
pub const MAX_REDRAWS: u32 = 10_000;

/// Where the words of one value come from; successive words have successive draw numbers.
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
    #[must_use]
    pub fn new(seed: Seed, purpose: Purpose, stream: u32, index: u32) -> Self {
        DrawSource { seed, purpose, stream, index, tick: 0, next: 0, block: [0; 4] }
    }

    /// The same, at another tick: a second index for what is drawn per pair.
    #[must_use]
    pub fn at_tick(mut self, tick: u32) -> Self {
        self.tick = tick;
        self.refill();
        self
    }

    /// The same, from draw number `draw` on.
    #[must_use]
    pub fn from_draw(mut self, draw: u32) -> Self {
        self.next = draw;
        self.refill();
        self
    }

    /// The draw number that comes next.
    #[must_use]
    pub fn next_draw(&self) -> u32 {
        self.next
    }

    /// The next word.
    pub fn word(&mut self) -> u32 {
        if self.next & 3 == 0 {
            self.refill();
        }
        let drawn = self.block[(self.next & 3) as usize];
        self.next = self.next.wrapping_add(1);
        drawn
    }

    fn refill(&mut self) {
        self.block = words(self.seed, self.purpose, self.stream, self.index, self.tick, self.next >> 2);
    }

    /// A number in `0 .. 1` with 53 bits, of two words: the first gives the high bits.
    pub fn unit(&mut self) -> f64 {
        let high = u64::from(self.word());
        let low = u64::from(self.word());
        ((high << 32 | low) >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// A standard normal number, of one word.
    pub fn normal(&mut self) -> f64 {
        f64::from(standard_normal(self.word())) / f64::from(1_u32 << NORMAL_FRAC)
    }
}

/// No draw fell within its bounds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct NoDrawWithin {
    /// The bounds, when there are any.
    pub within: Option<Within>,
    /// How many draws were made.
    pub draws: u32,
}

/// One value of `distribution`, drawn again while it is outside `within` or not finite, at most [`MAX_REDRAWS`] times.
///
/// # Errors
/// When no draw falls within the bounds, or `choice` has nothing to choose from.
pub fn sample(distribution: &Distribution, within: Option<Within>, source: &mut DrawSource) -> Result<f64, NoDrawWithin> {
    for _ in 0..=MAX_REDRAWS {
        let value = draw_once(distribution, source);
        let inside = within.is_none_or(|w| w.low <= value && value <= w.high);
        if inside && value.is_finite() {
            return Ok(value);
        }
    }
    Err(NoDrawWithin { within, draws: MAX_REDRAWS + 1 })
}

fn draw_once(distribution: &Distribution, source: &mut DrawSource) -> f64 {
    match distribution {
        Distribution::Normal { mean, std } => mean + std * source.normal(),
        Distribution::Uniform { low, high } => low + (high - low) * source.unit(),
        Distribution::Lognormal { median, sigma } => median * libm::exp(sigma * source.normal()),
        Distribution::Exponential { mean } => -mean * libm::log(1.0 - source.unit()),
        Distribution::Choice(values) => {
            let at = (u64::from(source.word()) * values.len() as u64) >> 32;
            values.get(at as usize).copied().unwrap_or(f64::NAN)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(distribution: &Distribution, within: Option<Within>) -> Vec<f64> {
        (0..20_000)
            .map(|i| {
                let mut source = DrawSource::new(Seed(1), Purpose::Value, 3, i);
                sample(distribution, within, &mut source).expect("bounds are in reach")
            })
            .collect()
    }

    fn mean(xs: &[f64]) -> f64 {
        xs.iter().sum::<f64>() / xs.len() as f64
    }

    #[test]
    fn moments_are_those_of_the_distributions() {
        assert!((mean(&values(&Distribution::Normal { mean: 3.0, std: 2.0 }, None)) - 3.0).abs() < 0.05);
        assert!((mean(&values(&Distribution::Uniform { low: 1.0, high: 2.0 }, None)) - 1.5).abs() < 0.01);
        assert!((mean(&values(&Distribution::Exponential { mean: 2.0 }, None)) - 2.0).abs() < 0.05);
        assert!((mean(&values(&Distribution::Choice(vec![1.0, 5.0]), None)) - 3.0).abs() < 0.05);
        let logs = values(&Distribution::Lognormal { median: 2.0, sigma: 0.5 }, None);
        assert!((mean(&logs) - 2.0 * libm::exp(0.125)).abs() < 0.05);
    }

    #[test]
    fn bounds_hold_and_unreachable_ones_are_reported() {
        let normal = Distribution::Normal { mean: 0.0, std: 1.0 };
        let within = Within { low: 0.0, high: 0.5 };
        assert!(values(&normal, Some(within)).iter().all(|x| (0.0..=0.5).contains(x)));
        let mut source = DrawSource::new(Seed(1), Purpose::Weight, 0, 0);
        assert!(sample(&normal, Some(Within { low: 50.0, high: 60.0 }), &mut source).is_err());
        assert!(sample(&Distribution::Choice(vec![]), None, &mut source).is_err());
    }

    #[test]
    fn successive_values_continue_the_draw_numbers() {
        let mut source = DrawSource::new(Seed(9), Purpose::Weight, 4, 5).at_tick(7);
        let uniform = Distribution::Uniform { low: 0.0, high: 1.0 };
        let first = sample(&uniform, None, &mut source).expect("no bounds");
        assert_eq!(source.next_draw(), 2);
        let mut again = DrawSource::new(Seed(9), Purpose::Weight, 4, 5).at_tick(7).from_draw(2);
        let second = sample(&uniform, None, &mut source).expect("no bounds");
        assert_eq!(sample(&uniform, None, &mut again).expect("no bounds"), second);
        assert_ne!(first, second);
    }
}
