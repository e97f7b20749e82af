//! Laws that weights, delays, parameters and initial values are drawn from.
//!
//! Only `libm` computes transcendental functions, so that every host and every device draws the same bits.

use crate::random::DrawSource;

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
    /// One value, whatever its bounds: one word for the normal laws, two for the others.
    #[inline]
    pub fn draw(&self, draws: &mut DrawSource) -> f64 {
        match *self {
            Law::Normal { mean, std } => mean + std * draws.normal(),
            Law::Uniform { low, high } => low + (high - low) * draws.unit(),
            Law::Lognormal { median, sigma } => median * libm::exp(sigma * draws.normal()),
            Law::Exponential { mean } => -mean * libm::log(1.0 - draws.unit()),
        }
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
    // Finite numbers are those between the largest two, so one comparison asks for both.
    let (low, high) = match within {
        Some(w) => (w.low.max(f64::MIN), w.high.min(f64::MAX)),
        None => (f64::MIN, f64::MAX),
    };
    for _ in 0..=MAX_REDRAWS {
        let value = draw(draws);
        if low <= value && value <= high {
            return Ok(value);
        }
    }
    Err(NoDrawWithin { within, draws: MAX_REDRAWS + 1 })
}
