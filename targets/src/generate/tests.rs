//! Statistics of the patterns and laws, and that nothing but the target decides a column.

use super::*;
use crate::random::{DrawSource, Purpose, Seed};
use proptest::prelude::*;

fn made(pattern: Pattern<'_>, sources: u32, targets: u32) -> Recipe<'_> {
    Recipe {
        seed: Seed(5),
        stream: 3,
        sources: Members { first: 0, count: sources },
        targets: Members { first: 0, count: targets },
        pattern,
        no_self: false,
        weight: Weight::Constant(1.0),
        format: WeightFormat { frac: 8, bits: 16 },
        delay: Delay::Ticks(1),
        ticks_per_second: 1e4,
        extra: 0,
    }
}

fn column(recipe: &Recipe<'_>, target: u32) -> Vec<(u32, i16, u32)> {
    let mut found = Vec::new();
    let mut scratch = vec![u32::MAX; recipe.scratch_words()];
    recipe.column(target, &mut scratch, |source, weight, delay| found.push((source, weight, delay))).unwrap();
    found
}

fn sources(recipe: &Recipe<'_>, target: u32) -> Vec<u32> {
    column(recipe, target).into_iter().map(|s| s.0).collect()
}

/// Distance of counts from equal ones: about as large as the counts are many.
fn chi_squared(counts: &[u32]) -> f64 {
    let mean = f64::from(counts.iter().sum::<u32>()) / counts.len() as f64;
    counts.iter().map(|c| (f64::from(*c) - mean).powi(2) / mean).sum()
}

#[test]
fn plain_patterns_leave_the_target_itself_out() {
    let with = |pattern, no_self| Recipe {
        sources: Members { first: 2, count: 3 },
        targets: Members { first: 3, count: 3 },
        no_self,
        ..made(pattern, 0, 0)
    };
    assert_eq!([3, 4, 5, 6].map(|t| sources(&with(Pattern::OneToOne, true), t)), [vec![2], vec![3], vec![4], vec![]]);
    assert_eq!(sources(&with(Pattern::AllToAll, false), 3), [2, 3, 4]);
    assert_eq!(sources(&with(Pattern::AllToAll, true), 3), [2, 4]);
    assert_eq!(sources(&with(Pattern::AllToAll, true), 5), [2, 3, 4]);
    assert!(sources(&with(Pattern::AllToAll, true), 2).is_empty());
    for k in 0..3 {
        assert!(!sources(&with(Pattern::FixedIn { k }, true), 3).contains(&3));
        assert!(!sources(&with(Pattern::FixedInMultiple { k: 40 }, true), 4).contains(&4));
    }
    assert_eq!(
        sources(&Recipe { sources: Members { first: 3, count: 1 }, ..with(Pattern::FixedInMultiple { k: 9 }, true) }, 3),
        []
    );
}

#[test]
fn random_is_binomial_and_every_source_is_as_likely() {
    let (n, p) = (1000u32, 0.03);
    let recipe = made(Pattern::random(p), n, 2000);
    let (mut degrees, mut of_source) = (Vec::new(), vec![0u32; n as usize]);
    for target in 0..2000 {
        let column = sources(&recipe, target);
        assert!(column.is_sorted_by(|a, b| a < b));
        degrees.push(column.len() as f64);
        column.iter().for_each(|s| of_source[*s as usize] += 1);
    }
    let mean = degrees.iter().sum::<f64>() / 2000.0;
    let variance = degrees.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / 2000.0;
    assert!((mean - 30.0).abs() < 0.5, "{mean}");
    assert!((variance / 29.1 - 1.0).abs() < 0.15, "{variance}");
    // 999 degrees of freedom: standard deviation 45.
    assert!((chi_squared(&of_source) - 999.0).abs() < 200.0);
    assert_eq!(Pattern::random(1.0), Pattern::AllToAll);
    assert_eq!(Pattern::random(f64::NAN), Pattern::FixedIn { k: 0 });
    assert!(sources(&made(Pattern::random(1e-300), 1000, 1), 0).is_empty());
}

#[test]
fn fixed_degrees_choose_every_source_as_often() {
    for pattern in
        [Pattern::FixedIn { k: 40 }, Pattern::FixedInMultiple { k: 40 }, Pattern::FixedTotal { first: 0, counts: &[40; 2000] }]
    {
        let recipe = made(pattern, 100, 2000);
        let mut of_source = vec![0u32; 100];
        for target in 0..2000 {
            let mut column = sources(&recipe, target);
            assert_eq!(column.len(), 40);
            column.iter().for_each(|s| of_source[*s as usize] += 1);
            column.sort_unstable();
            column.dedup();
            assert_eq!(matches!(pattern, Pattern::FixedIn { .. }), column.len() == 40, "{pattern:?}");
        }
        assert!(chi_squared(&of_source) < 150.0, "{pattern:?}: {}", chi_squared(&of_source));
    }
}

#[test]
fn values_follow_their_laws_and_bounds() {
    let normal = Law::Normal { mean: 2.0, std: 1.0 };
    let recipe = Recipe {
        weight: Weight::Drawn(normal, Some(Within { low: 1.0, high: 3.0 })),
        delay: Delay::Drawn(Law::Exponential { mean: 1e-3 }, Some(Within { low: 1e-4, high: f64::INFINITY })),
        extra: -3,
        ..made(Pattern::AllToAll, 20_000, 1)
    };
    let column = column(&recipe, 0);
    assert!(column.iter().all(|(_, w, d)| (256..=768).contains(w) && *d >= 1));
    let mean = |of: &dyn Fn(&(u32, i16, u32)) -> f64| column.iter().map(of).sum::<f64>() / 20_000.0;
    assert!((mean(&|s| f64::from(s.1)) / 512.0 - 1.0).abs() < 0.01);
    // Delays are at least one tick, ten on average above it, and three less on hardware, at least one.
    assert!((mean(&|s| f64::from(s.2)) - 8.25).abs() < 0.25, "{}", mean(&|s| f64::from(s.2)));
    let never = Recipe { weight: Weight::Drawn(normal, Some(Within { low: 50.0, high: 60.0 })), ..recipe };
    let mut visited = 0;
    assert!(matches!(never.column(0, &mut [], |_, _, _| visited += 1), Err(ColumnError::Weight(_))));
    assert_eq!(visited, 0);
    assert_eq!(made(Pattern::FixedIn { k: 1 }, 33, 1).column(0, &mut [0], |_, _, _| ()), Err(ColumnError::Scratch));
}

#[test]
fn moments_are_those_of_the_laws() {
    let mean = |law: Law| {
        let value = |i| law.draw(&mut DrawSource::new(Seed(1), Purpose::Value, 3, i));
        (0..20_000).map(value).sum::<f64>() / 20_000.0
    };
    assert!((mean(Law::Normal { mean: 3.0, std: 2.0 }) - 3.0).abs() < 0.05);
    assert!((mean(Law::Uniform { low: 1.0, high: 2.0 }) - 1.5).abs() < 0.01);
    assert!((mean(Law::Exponential { mean: 2.0 }) - 2.0).abs() < 0.05);
    assert!((mean(Law::Lognormal { median: 2.0, sigma: 0.5 }) - 2.0 * libm::exp(0.125)).abs() < 0.05);
}

#[test]
fn batches_hold_what_single_draws_give() {
    let within = Some(Within { low: 0.5, high: 3.0 });
    for law in [
        Law::Normal { mean: 3.0, std: 2.0 },
        Law::Uniform { low: 0.0, high: 2.0 },
        Law::Exponential { mean: 2.0 },
        Law::Lognormal { median: 2.0, sigma: 0.5 },
    ] {
        let recipe = Recipe { weight: Weight::Drawn(law, within), ..made(Pattern::AllToAll, 100, 10) };
        let mut draws = DrawSource::new(Seed(5), Purpose::Weight, 3, 7);
        recipe
            .real_column(7, &mut [], |_, weight, _| assert_eq!(draw_within(within, &mut draws, |d| law.draw(d)), Ok(weight)))
            .unwrap();
    }
}

fn any_law() -> impl Strategy<Value = Law> {
    let number = || 0.1f64..4.0;
    prop_oneof![
        (number(), number()).prop_map(|(mean, std)| Law::Normal { mean, std }),
        (number(), number()).prop_map(|(low, high)| Law::Uniform { low, high }),
        (number(), number()).prop_map(|(median, sigma)| Law::Lognormal { median, sigma }),
        number().prop_map(|mean| Law::Exponential { mean }),
    ]
}

fn any_within() -> impl Strategy<Value = Option<Within>> {
    prop::option::of((-1.0f64..0.5, 3.0f64..9.0).prop_map(|(low, high)| Within { low, high }))
}

fn any_recipe() -> impl Strategy<Value = Recipe<'static>> {
    let pattern = prop_oneof![
        Just(Pattern::OneToOne),
        Just(Pattern::AllToAll),
        (0.0f64..1.2).prop_map(Pattern::random),
        (0u32..60).prop_map(|k| Pattern::FixedIn { k }),
        (0u32..60).prop_map(|k| Pattern::FixedInMultiple { k }),
        (0u32..9).prop_map(|first| Pattern::FixedTotal { first, counts: &[3, 0, 7, 1, 12, 5] }),
    ];
    let members = || (0u32..20, 0u32..50).prop_map(|(first, count)| Members { first, count });
    let weight = prop_oneof![
        any::<i8>().prop_map(|w| Weight::Constant(w.into())),
        (any_law(), any_within()).prop_map(|(l, w)| Weight::Drawn(l, w))
    ];
    let delay = prop_oneof![(0u32..99).prop_map(Delay::Ticks), (any_law(), any_within()).prop_map(|(l, w)| Delay::Drawn(l, w))];
    let format = (any::<i8>(), 2u8..=16).prop_map(|(frac, bits)| WeightFormat { frac, bits });
    ((any::<u64>(), any::<u32>(), members(), members()), (pattern, any::<bool>(), weight, format), (delay, any::<i16>()))
        .prop_map(|((seed, stream, sources, targets), (pattern, no_self, weight, format), (delay, extra))| Recipe {
            seed: Seed(seed),
            stream,
            sources,
            targets,
            pattern,
            no_self,
            weight,
            format,
            delay,
            ticks_per_second: 10.0,
            extra: extra.into(),
        })
}

proptest! {
    #[test]
    fn words_and_parts_make_the_same_columns(recipe in any_recipe(), first in 0u32..60, count in 0u32..60) {
        let words = recipe.to_words();
        let (read, length) = Recipe::from_words(&words).unwrap();
        prop_assert_eq!((read, length), (recipe, words.len()));
        let part = recipe.part(first, count);
        let words = part.to_words();
        let (part, _) = Recipe::from_words(&words).unwrap();
        for target in first..first + count {
            let whole = column(&recipe, target);
            prop_assert_eq!(&whole, &column(&part, target));
            prop_assert!(recipe.count(target).is_none_or(|n| n as usize == whole.len()));
            let end = recipe.sources.first + recipe.sources.count;
            prop_assert!(whole.iter().all(|(s, _, d)| (recipe.sources.first..end).contains(s) && (1..=MAX_DELAY).contains(d)));
            let mut values = Vec::new();
            recipe.values(target, whole.len() as u32, |w, _| values.push(recipe.format.raw(w))).unwrap();
            prop_assert!(whole.iter().map(|s| s.1).eq(values));
        }
    }

    #[test]
    fn words_that_are_damaged_give_no_endless_column(recipe in any_recipe(), at in 0usize..RECIPE_WORDS, bit in 0u32..32) {
        let mut words = recipe.to_words();
        words[at] ^= 1 << bit;
        if let Some((read, _)) = Recipe::from_words(&words) {
            prop_assert_eq!(read.to_words(), &words[..read.to_words().len()]);
        }
    }

    #[test]
    fn quantised_weights_are_those_of_the_formula(weight in -300.0f64..300.0, frac in -4i8..12, bits in 2u8..=16) {
        let most = f64::from((1i32 << (bits - 1)) - 1);
        let expected = (libm::scalbn(weight, frac.into()) + 0.5).floor().clamp(-most - 1.0, most);
        prop_assert_eq!(f64::from(WeightFormat { frac, bits }.raw(weight)), expected);
    }

    #[test]
    fn picks_lie_below_their_limit(limit in 1u32.., index: u32) {
        prop_assert!(DrawSource::new(Seed(0), Purpose::Connect, 0, index).below(limit) < limit);
    }
}
