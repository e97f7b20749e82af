//! Draws from the distributions of the language: parameters, initial states, weights and delays all come through here.
//!
//! A draw is a function of the seed and of its [`DrawSource`]'s coordinates, of nothing else. The laws themselves are those of
//! `bouton_targets::generate`, which devices draw from too; `choice` exists here alone.

use crate::circuit::{Distribution, Within};
pub use bouton_targets::generate::NoDrawWithin;
use bouton_targets::generate::draw_within;
pub use bouton_targets::random::DrawSource;

/// One value of `distribution`, drawn again while it is outside `within` or not finite, as often as `generate` allows.
///
/// # Errors
/// When no draw falls within the bounds, or `choice` has nothing to choose from.
pub fn sample(distribution: &Distribution, within: Option<Within>, source: &mut DrawSource) -> Result<f64, NoDrawWithin> {
    match distribution {
        Distribution::Law(law) => draw_within(within, source, |draws| law.draw(draws)),
        Distribution::Choice(values) => draw_within(within, source, |draws| {
            let at = (u64::from(draws.word()) * values.len() as u64) >> 32;
            values.get(at as usize).copied().unwrap_or(f64::NAN)
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::Law;
    use bouton_targets::random::{Purpose, Seed};

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
    fn a_choice_takes_all_as_often() {
        assert!((mean(&values(&Distribution::Choice(vec![1.0, 5.0]), None)) - 3.0).abs() < 0.05);
        assert!((mean(&values(&Distribution::Law(Law::Exponential { mean: 2.0 }), None)) - 2.0).abs() < 0.05);
    }

    #[test]
    fn bounds_hold_and_unreachable_ones_are_reported() {
        let normal = Distribution::Law(Law::Normal { mean: 0.0, std: 1.0 });
        let within = Within { low: 0.0, high: 0.5 };
        assert!(values(&normal, Some(within)).iter().all(|x| (0.0..=0.5).contains(x)));
        let mut source = DrawSource::new(Seed(1), Purpose::Weight, 0, 0);
        assert!(sample(&normal, Some(Within { low: 50.0, high: 60.0 }), &mut source).is_err());
        assert!(sample(&Distribution::Choice(vec![]), None, &mut source).is_err());
    }

    #[test]
    fn successive_values_continue_the_draw_numbers() {
        let mut source = DrawSource::new(Seed(9), Purpose::Weight, 4, 5).at_tick(7);
        let uniform = Distribution::Law(Law::Uniform { low: 0.0, high: 1.0 });
        let first = sample(&uniform, None, &mut source).expect("no bounds");
        assert_eq!(source.next_draw(), 2);
        let mut again = DrawSource::new(Seed(9), Purpose::Weight, 4, 5).at_tick(7).from_draw(2);
        let second = sample(&uniform, None, &mut source).expect("no bounds");
        assert_eq!(sample(&uniform, None, &mut again).expect("no bounds"), second);
        assert_ne!(first, second);
    }
}
