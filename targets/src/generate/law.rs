//! Laws that weights, delays, parameters and initial values are drawn from.
//!
//! Only `libm` computes transcendental functions, so that every host and every device draws the same bits.

use crate::random::{DrawSource, normal, unit};

/// How often a value is drawn again before its bounds count as out of reach.
pub const MAX_REDRAWS: u32 = 10_000;

/// A continuous distribution, in the unit of what is drawn.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Law {
    /// mean + std · z
    Normal {
        /// Mean.
        mean: f64,
        /// Standard deviation, not negative.
        std: f64,
    },
    /// low + (high - low) · u
    Uniform {
        /// Low end.
        low: f64,
        /// High end.
        high: f64,
    },
    /// median · exp(sigma · z)
    Lognormal {
        /// exp of the mean of the logarithm.
        median: f64,
        /// Standard deviation of the logarithm, a pure number.
        sigma: f64,
    },
    /// -mean · ln(1 - u)
    Exponential {
        /// Mean.
        mean: f64,
    },
}

impl Law {
    /// Words that a value takes.
    #[inline]
    fn words(&self) -> usize {
        match self {
            Law::Normal { .. } | Law::Lognormal { .. } => 1,
            Law::Uniform { .. } | Law::Exponential { .. } => 2,
        }
    }

    /// The value of one or two words.
    #[inline(always)]
    fn value(&self, first: u32, second: u32) -> f64 {
        match *self {
            Law::Normal { mean, std } => mean + std * normal(first),
            Law::Uniform { low, high } => low + (high - low) * unit(first, second),
            Law::Lognormal { median, sigma } => median * libm::exp(sigma * normal(first)),
            Law::Exponential { mean } => -mean * libm::log(1.0 - unit(first, second)),
        }
    }

    /// One value, whatever its bounds: one word for the normal laws, two for the others.
    #[inline]
    pub fn draw(&self, draws: &mut DrawSource) -> f64 {
        let first = draws.word();
        self.value(first, if self.words() == 2 { draws.word() } else { 0 })
    }
}

/// Words that [`LawDraws`] makes at once.
const BATCH: usize = 16;

/// The values of one law, one after the other: what [`Law::draw`] gives, made in batches, so that each is cheap.
pub(super) struct LawDraws {
    law: Law,
    within: Option<Within>,
    /// Of `within`, for finite values.
    bounds: (f64, f64),
    words: DrawSource,
    values: [f64; BATCH],
    at: usize,
}

impl LawDraws {
    #[inline]
    pub(super) fn new(law: Law, within: Option<Within>, words: DrawSource) -> Self {
        LawDraws { law, within, bounds: finite(within), words, values: [0.0; BATCH], at: BATCH }
    }

    fn refill(&mut self) {
        let words: [u32; BATCH] = self.words.batch();
        if self.law.words() == 1 {
            for (value, word) in self.values.iter_mut().zip(words) {
                *value = self.law.value(word, 0);
            }
            self.at = 0;
        } else {
            // Half as many values, in the second half.
            self.at = BATCH / 2;
            for (value, pair) in self.values[BATCH / 2..].iter_mut().zip(words.as_chunks::<2>().0) {
                *value = self.law.value(pair[0], pair[1]);
            }
        }
    }

    /// The next value within the bounds.
    #[inline]
    pub(super) fn next(&mut self) -> Result<f64, NoDrawWithin> {
        let (bounds, within) = (self.bounds, self.within);
        redraw(bounds, within, || self.any())
    }

    /// The next value, whatever its bounds.
    #[inline]
    fn any(&mut self) -> f64 {
        if self.at >= BATCH {
            self.refill();
        }
        let value = self.values[self.at % BATCH];
        self.at += 1;
        value
    }
}

/// Draws outside are drawn again.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Within {
    /// Low end, included.
    pub low: f64,
    /// High end, included.
    pub high: f64,
}

/// No draw fell within its bounds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct NoDrawWithin {
    /// The bounds, when there are any.
    pub within: Option<Within>,
    /// How many draws were made.
    pub draws: u32,
}

/// A value of `draw`, drawn again while it is outside `within` or not finite, at most [`MAX_REDRAWS`] times.
///
/// # Errors
/// When no draw falls within the bounds.
#[inline]
pub fn draw_within(
    within: Option<Within>,
    draws: &mut DrawSource,
    mut draw: impl FnMut(&mut DrawSource) -> f64,
) -> Result<f64, NoDrawWithin> {
    redraw(finite(within), within, || draw(draws))
}

/// The first of the values that lies between `low` and `high`, the bounds of finite values of `within`.
#[inline]
fn redraw((low, high): (f64, f64), within: Option<Within>, mut value: impl FnMut() -> f64) -> Result<f64, NoDrawWithin> {
    for _ in 0..=MAX_REDRAWS {
        let value = value();
        if low <= value && value <= high {
            return Ok(value);
        }
    }
    Err(NoDrawWithin { within, draws: MAX_REDRAWS + 1 })
}

/// The bounds of finite values: those between the largest two numbers, so one comparison asks for both.
#[inline]
fn finite(within: Option<Within>) -> (f64, f64) {
    within.map_or((f64::MIN, f64::MAX), |w| (w.low.max(f64::MIN), w.high.min(f64::MAX)))
}
