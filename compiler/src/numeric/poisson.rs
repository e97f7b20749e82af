//! Poisson counts by inverting their distribution.

/// Bits of the uniform number that a count is drawn from.
pub const POISSON_BITS: u32 = 31;

/// Largest mean that is tabulated: a larger one is refused before, and here taken as this, so that no table is endless.
pub const MAX_MEAN: f64 = 1e6;

/// Largest mean for which P(0) is far from underflow; above it, probabilities are computed from their logarithms.
const DIRECT_MEAN: f64 = 600.0;

/// P(count ≤ k) for k = 0, 1, … of a Poisson number of mean `mean`, as far as P(count > k) is not below 2^-31.
///
/// The count of a uniform number u in [0, 1) is the number of these that are at most u. A mean of zero (or below, or not a
/// number) gives an empty list: the count is always zero.
///
/// ```
/// let f = bouton_compiler::numeric::poisson::cumulative(1.0);
/// assert!((f[0] - (-1.0f64).exp()).abs() < 1e-15 && f.len() < 16);
/// ```
#[must_use]
pub fn cumulative(mean: f64) -> Vec<f64> {
    let tail = 1.0 / (1u64 << POISSON_BITS) as f64;
    let mut list = Vec::new();
    if mean.is_nan() || mean <= 0.0 {
        return list;
    }
    let mean = mean.min(MAX_MEAN);
    let log_mean = libm::log(mean);
    let mut probability = libm::exp(-mean);
    let mut sum = 0.0;
    for k in 0u32.. {
        if mean > DIRECT_MEAN {
            let k = f64::from(k);
            probability = libm::exp(k * log_mean - mean - libm::lgamma(k + 1.0));
        }
        sum += probability;
        // Past the mean a vanishing probability also ends it: rounding may keep the sum just below its goal.
        if 1.0 - sum < tail || (f64::from(k) > mean && probability < f64::MIN_POSITIVE) {
            break;
        }
        list.push(sum);
        probability *= mean / f64::from(k + 1);
    }
    list
}

/// The same as whole numbers: the count of a random word w is the number of these that are at most w / 2.
///
/// `w / 2 ≥ ceil(F·2^31)` and `w / 2 / 2^31 ≥ F` are the same statement, so integers and real numbers draw the same counts.
#[must_use]
pub fn thresholds(mean: f64) -> Vec<u32> {
    cumulative(mean).into_iter().map(|f| libm::ceil(f * (1u64 << POISSON_BITS) as f64) as u32).collect()
}

/// The count that a random word draws from [`thresholds`].
#[must_use]
pub fn count(thresholds: &[u32], word: u32) -> u32 {
    thresholds.partition_point(|t| *t <= word >> 1) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(mean: f64) -> (f64, f64) {
        let f = cumulative(mean);
        let (mut m, mut square, mut before) = (0.0, 0.0, 0.0);
        for k in 0..=f.len() {
            let upto = f.get(k).copied().unwrap_or(1.0);
            m += k as f64 * (upto - before);
            square += (k * k) as f64 * (upto - before);
            before = upto;
        }
        (m, square - m * m)
    }

    #[test]
    fn mean_and_variance_are_the_rate() {
        for mean in [1e-6, 0.01, 1.28, 30.0, 599.0, 601.0, 2000.0] {
            let (m, variance) = moments(mean);
            assert!((m - mean).abs() < 1e-6 * mean.max(1.0), "{m} of {mean}");
            assert!((variance - mean).abs() < 1e-4 * mean.max(1.0), "{variance} of {mean}");
        }
    }

    #[test]
    fn integers_draw_what_real_numbers_draw() {
        for mean in [0.3, 5.0] {
            let (f, t) = (cumulative(mean), thresholds(mean));
            for word in (0..u32::MAX).step_by(7_777_777) {
                let u = f64::from(word >> 1) / 2_147_483_648.0;
                assert_eq!(count(&t, word), f.iter().filter(|f| **f <= u).count() as u32);
            }
        }
        assert!(cumulative(0.0).is_empty() && cumulative(f64::NAN).is_empty());
        assert_eq!(count(&[], u32::MAX), 0);
    }
}
