//! Patterns, one by one and against counting.

use super::line::Lines;
use super::*;
use crate::circuit::{Delay, Distribution, Edges, IndexSet, Law, LowRank, Pattern, PopulationKind, Projection, Quantity, Within};
use crate::table::Table;
use crate::testing::{BuildCircuit, lif_exp};

/// One projection between two populations, or from a population onto itself when `targets` is `None`.
fn circuit(sources: u32, targets: Option<u32>, pattern: Pattern) -> (Circuit, ProjId) {
    let mut b = BuildCircuit::new(1e-4);
    let e = match targets {
        Some(_) => b.population(sources, PopulationKind::LiveSpikes),
        None => b.neurons(sources, lif_exp(), vec![], vec![]),
    };
    let i = targets.map_or(e, |n| b.neurons(n, lif_exp(), vec![], vec![]));
    let id = b.project(e, i, pattern, 2.0, Delay::Ticks(3));
    (b.0, id)
}

fn made(sources: u32, targets: Option<u32>, pattern: Pattern, change: impl FnOnce(&mut Projection)) -> Synapses {
    let (mut c, id) = circuit(sources, targets, pattern);
    change(&mut c.projections[id]);
    let made = synapses(&c, id, 7).unwrap();
    check_order(&made, sources);
    made
}

fn fails(sources: u32, targets: Option<u32>, pattern: Pattern) -> ConnectError {
    let (c, id) = circuit(sources, targets, pattern);
    let error = synapses(&c, id, 7).unwrap_err();
    assert!(error.diagnostic(&c.projections[id]).help.is_some());
    error
}

fn pairs(s: &Synapses) -> Vec<(u32, u32)> {
    (0..s.row_start.len() as u32 - 1).flat_map(|i| s.row(i).map(move |at| (i, s.target[at]))).collect()
}

#[track_caller]
fn check_order(s: &Synapses, sources: u32) {
    assert_eq!(s.row_start.len(), sources as usize + 1);
    assert_eq!(*s.row_start.last().unwrap() as usize, s.len());
    for i in 0..sources {
        assert!(s.row(i).map(|at| (s.delay_at(at), s.target[at])).is_sorted());
    }
}

fn has_repeats(s: &Synapses) -> bool {
    let mut all = pairs(s);
    all.sort_unstable();
    all.windows(2).any(|w| w[0] == w[1])
}

fn has_self(s: &Synapses) -> bool {
    pairs(s).iter().any(|(a, b)| a == b)
}

fn in_degrees(s: &Synapses, n: u32) -> Vec<u32> {
    let mut count = vec![0; n as usize];
    s.target.iter().for_each(|t| count[*t as usize] += 1);
    count
}

#[test]
fn plain_patterns() {
    let s = made(3, Some(3), Pattern::OneToOne, |_| ());
    assert_eq!(pairs(&s), [(0, 0), (1, 1), (2, 2)]);
    assert_eq!((s.delay.clone(), s.weight.clone()), (Delays::Uniform(3), Weights::Uniform(2.0)));
    assert_eq!(pairs(&made(2, Some(2), Pattern::AllToAll, |_| ())), [(0, 0), (0, 1), (1, 0), (1, 1)]);
    assert_eq!(pairs(&made(2, None, Pattern::AllToAll, |_| ())), [(0, 1), (1, 0)]);
    assert_eq!(made(2, None, Pattern::AllToAll, |p| p.allow_self = true).len(), 4);
    assert!(matches!(fails(2, Some(3), Pattern::OneToOne), ConnectError::SizesDiffer { sources: 2, targets: 3 }));
}

#[test]
fn ranges_choose_who_takes_part() {
    let s = made(5, Some(6), Pattern::OneToOne, |p| {
        p.source_indices = IndexSet::List(vec![1, 4]);
        p.target_indices = IndexSet::Range { start: 3, end: 5 };
    });
    assert_eq!(pairs(&s), [(1, 3), (4, 4)]);
    let s = made(50, None, Pattern::FixedIn { k: 9 }, |p| {
        p.source_indices = IndexSet::Range { start: 10, end: 20 };
        p.target_indices = IndexSet::List(vec![2, 15]);
    });
    // 15 has nine candidates other than itself.
    assert_eq!(s.len(), 18);
    assert!(!has_self(&s) && pairs(&s).iter().all(|(i, j)| (10..20).contains(i) && [2, 15].contains(j)));
    let s = made(50, None, Pattern::FixedTotal { n: 40 }, |p| p.target_indices = IndexSet::Range { start: 49, end: 50 });
    assert_eq!(in_degrees(&s, 50)[49], 40);
}

#[test]
fn random_has_the_binomial_statistics() {
    let (n, p) = (2000u32, 0.02);
    let s = made(n, None, Pattern::Random { p }, |_| ());
    let expected = f64::from(n) * f64::from(n - 1) * p;
    assert!((s.len() as f64 - expected).abs() < 4.0 * (expected * (1.0 - p)).sqrt(), "{} of {expected}", s.len());
    assert!(!has_self(&s) && !has_repeats(&s));
    let degrees = in_degrees(&s, n);
    let mean = f64::from(n - 1) * p;
    let variance = degrees.iter().map(|d| (f64::from(*d) - mean).powi(2)).sum::<f64>() / f64::from(n);
    assert!((variance / (mean * (1.0 - p)) - 1.0).abs() < 0.15, "{variance}");
    assert_eq!(made(30, Some(30), Pattern::Random { p: 1.0 }, |_| ()).len(), 900);
    assert_eq!(made(30, Some(30), Pattern::Random { p: 0.0 }, |_| ()).len(), 0);
    assert_eq!(made(30, Some(30), Pattern::Random { p: f64::NAN }, |_| ()).len(), 0);
    assert_eq!(made(30, Some(30), Pattern::Random { p: 1e-300 }, |_| ()).len(), 0);
    let own = made(1000, None, Pattern::Random { p: 0.5 }, |p| p.allow_self = true);
    assert!((400..600).contains(&pairs(&own).iter().filter(|(a, b)| a == b).count()));
}

#[test]
fn fixed_degrees() {
    let s = made(100, None, Pattern::FixedIn { k: 99 }, |_| ());
    assert_eq!(s.len(), 9900);
    assert!(!has_self(&s) && !has_repeats(&s));
    let s = made(100, Some(40), Pattern::FixedIn { k: 25 }, |_| ());
    assert_eq!(in_degrees(&s, 40), vec![25; 40]);
    assert!(!has_repeats(&s));
    // Every source is equally likely: 1000 picks over 100 sources, 10 each.
    let chi: f64 = (0..100).map(|i| (s.row(i).len() as f64 - 10.0).powi(2) / 10.0).sum();
    assert!(chi < 150.0, "{chi}");
    let s = made(60, None, Pattern::FixedOut { k: 30 }, |_| ());
    assert!((0..60).all(|i| s.row(i).len() == 30) && !has_self(&s) && !has_repeats(&s));
    let s = made(10, None, Pattern::FixedOut { k: 30 }, |p| p.allow_multiple = true);
    assert!((0..10).all(|i| s.row(i).len() == 30) && !has_self(&s) && has_repeats(&s));
    assert!(matches!(
        fails(100, None, Pattern::FixedIn { k: 100 }),
        ConnectError::TooFewCandidates { wanted: 100, candidates: 99 }
    ));
    assert!(matches!(fails(1, None, Pattern::FixedOut { k: 1 }), ConnectError::TooFewCandidates { .. }));
}

#[test]
fn fixed_total_with_and_without_multiples() {
    let s = made(50, Some(20), Pattern::FixedTotal { n: 5000 }, |p| p.allow_multiple = true);
    assert_eq!(s.len(), 5000);
    assert!(has_repeats(&s));
    let chi: f64 = in_degrees(&s, 20).iter().map(|d| (f64::from(*d) - 250.0).powi(2) / 250.0).sum();
    assert!(chi < 44.0, "{chi}");
    for n in [0, 10, 300, 700, 2449, 2450] {
        let s = made(50, None, Pattern::FixedTotal { n }, |_| ());
        assert_eq!(s.len() as u64, n);
        assert!(!has_self(&s) && !has_repeats(&s));
    }
    assert!(matches!(fails(50, None, Pattern::FixedTotal { n: 2451 }), ConnectError::TooFewCandidates { candidates: 2450, .. }));
    assert!(matches!(fails(50, None, Pattern::FixedTotal { n: u64::MAX }), ConnectError::TooMany));
}

#[test]
fn distance_uses_its_table() {
    let probability: Vec<f64> =
        (0..100 * 100).map(|at| if at / 100 < 50 { 0.25 } else { f64::from(u8::from(at % 2 == 0)) }).collect();
    let s = made(100, Some(100), Pattern::Distance { probability }, |_| ());
    let drawn: usize = (0..50).map(|i| s.row(i).len()).sum();
    assert!((1100..1400).contains(&drawn), "{drawn}");
    assert!((50..100).all(|i| s.row(i).len() == 50));
    assert!(matches!(fails(2, Some(2), Pattern::Distance { probability: vec![1.0] }), ConnectError::WrongLength { .. }));
}

#[test]
fn written_out_synapses() {
    let edges = Edges { pre: vec![2, 0, 2], post: vec![1, 0, 0], weight: Some(vec![1.0, 2.0, 3.0]), delay: Some(vec![5, 6, 7]) };
    let s = made(3, Some(2), Pattern::Edges(edges.clone()), |_| ());
    assert_eq!(pairs(&s), [(0, 0), (2, 1), (2, 0)]);
    assert_eq!((s.weight, s.delay), (Weights::Each(vec![4.0, 2.0, 6.0]), Delays::Each(vec![6, 5, 7])));
    assert!(matches!(fails(3, None, Pattern::Edges(edges.clone())), ConnectError::SelfConnection { index: 0 }));
    let twice = Edges { pre: vec![1, 1], post: vec![0, 0], weight: None, delay: None };
    assert!(matches!(fails(3, None, Pattern::Edges(twice.clone())), ConnectError::Repeated { source: 1, target: 0 }));
    assert_eq!(made(3, None, Pattern::Edges(twice), |p| p.allow_multiple = true).len(), 2);
    let far = Edges { pre: vec![3], post: vec![0], weight: None, delay: None };
    assert!(matches!(fails(3, None, Pattern::Edges(far)), ConnectError::IndexOutOfRange { index: 3, size: 3, .. }));
    let s = made(2, Some(2), Pattern::Matrix { weights: vec![0.0, 1.5, -2.5, 0.0] }, |_| ());
    assert_eq!((pairs(&s), s.weight), (vec![(0, 1), (1, 0)], Weights::Each(vec![3.0, -5.0])));
    let factors = LowRank { rank: 2, m: vec![1.0, 2.0, 3.0, 4.0], n: vec![1.0, 0.0, 0.0, 1.0] };
    let s = made(2, Some(2), Pattern::LowRank(factors), |_| ());
    assert_eq!(s.weight, Weights::Each(vec![2.0, 4.0, 6.0, 8.0]));
}

fn drawn(p: &mut Projection) {
    let within = Some(Within { low: 0.0, high: 10.0 });
    p.weight = Quantity::Drawn(Distribution::Law(Law::Normal { mean: 3.0, std: 1.0 }), within);
    p.delay = Delay::Drawn(Distribution::Law(Law::Normal { mean: 1.5e-3, std: 0.75e-3 }), None);
}

#[test]
fn values_are_drawn_by_their_laws() {
    let s = made(200, Some(200), Pattern::FixedTotal { n: 20_000 }, |p| {
        drawn(p);
        p.allow_multiple = true;
    });
    let Weights::Each(w) = &s.weight else { panic!("drawn") };
    let mean = w.iter().sum::<f64>() / 20_000.0;
    assert!((mean - 3.0).abs() < 0.03 && w.iter().all(|w| (0.0..=10.0).contains(w)), "{mean}");
    let Delays::Each(d) = &s.delay else { panic!("drawn") };
    assert_eq!(d.iter().min(), Some(&1));
    let mean = d.iter().map(|d| f64::from(*d)).sum::<f64>() / 20_000.0;
    assert!((mean - 15.1).abs() < 0.3, "{mean}");
    let (mut c, id) = circuit(2, Some(2), Pattern::AllToAll);
    let never = Some(Within { low: 50.0, high: 51.0 });
    c.projections[id].weight = Quantity::Drawn(Distribution::Law(Law::Normal { mean: 0.0, std: 1.0 }), never);
    assert!(matches!(synapses(&c, id, 1), Err(ConnectError::NeverWithin { what: "weight", .. })));
}

#[test]
fn delays_round_to_the_nearest_tick() {
    let ticks = |seconds| bouton_targets::generate::delay_ticks(seconds, 1.0 / 1e-4);
    assert_eq!([0.0, 1.4e-4, 1.6e-4, 2.5e-4, -1.0, f64::NAN].map(ticks), [1, 1, 2, 3, 1, 1]);
}

#[test]
fn a_row_made_alone_is_the_row_of_the_whole() {
    for pattern in [Pattern::FixedOut { k: 7 }, Pattern::Distance { probability: vec![0.5; 1600] }] {
        let (mut c, id) = circuit(40, None, pattern);
        drawn(&mut c.projections[id]);
        let whole = synapses(&c, id, 7).unwrap();
        let generator = Generator::new(&c, id, 7).unwrap();
        for row in [0, 17, 39] {
            let mut alone = Lines::default();
            generator.line(row, &mut alone).unwrap();
            let mut rows: Vec<_> = (0..alone.other.len()).map(|i| (alone.delay[i], alone.other[i], alone.weight[i])).collect();
            rows.sort_by_key(|(d, t, _)| (*d, *t));
            let expected: Vec<_> = whole.row(row).map(|at| (whole.delay_at(at), whole.target[at], whole.weight_at(at))).collect();
            assert_eq!(rows, expected);
        }
    }
}

#[test]
fn a_description_has_the_synapses_of_the_whole() {
    for (pattern, multiple) in [
        (Pattern::OneToOne, false),
        (Pattern::AllToAll, false),
        (Pattern::Random { p: 0.3 }, false),
        (Pattern::FixedIn { k: 7 }, false),
        (Pattern::FixedIn { k: 7 }, true),
        (Pattern::FixedTotal { n: 300 }, true),
    ] {
        let (mut c, id) = circuit(40, None, pattern);
        drawn(&mut c.projections[id]);
        c.projections[id].allow_multiple = multiple;
        c.projections[id].source_indices = IndexSet::Range { start: 3, end: 33 };
        c.projections[id].target_indices = IndexSet::Range { start: 5, end: 35 };
        let whole = synapses(&c, id, 7).unwrap();
        let Ok(Connections::Generated(generated)) = &connections(&c, 7)[id] else { panic!("a description") };
        let (mut columns, mut scratch) = (Vec::new(), vec![0; generated.recipe().scratch_words()]);
        for target in 0..40 {
            let add = |source, weight: f64, delay| columns.push((source, delay, target, weight.to_bits()));
            generated.recipe().real_column(target, &mut scratch, add).unwrap();
        }
        columns.sort_by_key(|s| (s.0, s.1, s.2));
        let row = |i: u32| {
            whole
                .row(i)
                .map(|at| (whole.delay_at(at), whole.target[at], whole.weight_at(at).to_bits()))
                .map(move |s| (i, s.0, s.1, s.2))
        };
        assert_eq!(columns, (0..40).flat_map(row).collect::<Vec<_>>());
        check_sums(&c, id, generated, &whole);
        // The same pairs from the same numbers in a list, which devices cannot read.
        c.projections[id].target_indices = IndexSet::List((5..35).collect());
        assert!(matches!(&connections(&c, 7)[id], Ok(Connections::Written(s)) if *s == whole));
    }
}

fn check_sums(c: &Circuit, id: ProjId, generated: &Generated, whole: &Synapses) {
    assert_eq!((generated.total, generated.delays), (whole.len() as u64, whole.delay_bounds()));
    let degrees = in_degrees(whole, 40);
    assert!((0..40).all(|t| generated.in_degree(t) == degrees[t as usize]));
    let weights: Vec<f64> = (0..whole.len()).map(|at| whole.weight_at(at)).collect();
    let range = weights.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), w| (w.min(l), w.max(h)));
    assert_eq!(generated.weight_range, Some(range));
    let of = |s: Table<crate::circuit::PopId, ReceptorTotals>| s[c.projections[id].target].values()[0].clone();
    let exact = of(totals(c, &[whole.clone()].into_iter().collect()));
    let summed = of(totals_of(c, &[Connections::Generated(generated.clone())].into_iter().collect()));
    let near = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-12 * a.abs());
    assert!(near(&exact.sum, &summed.sum) && near(&exact.absolute, &summed.absolute));
}

#[test]
fn large_descriptions_are_drawn_in_pieces() {
    let (mut c, id) = circuit(3000, None, Pattern::FixedTotal { n: 1_200_000 });
    drawn(&mut c.projections[id]);
    c.projections[id].allow_multiple = true;
    let Ok(Connections::Generated(generated)) = &connections(&c, 7)[id] else { panic!("a description") };
    let WeightSums::Each { sum, .. } = &generated.weights else { panic!("drawn") };
    let alone = |target: u32| {
        let mut sum = 0.0;
        generated.recipe().values(target, generated.in_degree(target), |w, _| sum += w).unwrap();
        sum
    };
    assert!([0, 1, 655, 656, 2999].into_iter().all(|t| sum[t as usize] == alone(t)));
    let chi: f64 = generated.in_degrees.iter().map(|d| (f64::from(*d) - 400.0).powi(2) / 400.0).sum();
    assert!((chi - 3000.0).abs() < 320.0, "{chi}");
}

#[test]
fn seeds_and_projections_differ() {
    let (c, id) = circuit(100, None, Pattern::Random { p: 0.1 });
    assert_eq!(synapses(&c, id, 1), synapses(&c, id, 1));
    assert_ne!(synapses(&c, id, 1), synapses(&c, id, 2));
}

#[test]
fn totals_are_sums_over_all_projections() {
    let mut b = BuildCircuit::new(1e-4);
    let e = b.population(4, PopulationKind::LiveSpikes);
    let i = b.neurons(2, lif_exp(), vec![], vec![]);
    b.project(e, i, Pattern::AllToAll, 0.5, Delay::Ticks(1));
    b.project(e, i, Pattern::Matrix { weights: vec![1.0, 0.0, -3.0, 0.0, 0.0, 0.0, 0.0, 2.0] }, 1.0, Delay::Ticks(1));
    let all = b.0.projections.ids().map(|id| synapses(&b.0, id, 0).unwrap()).collect();
    let totals = totals(&b.0, &all);
    let exc = &totals[i].values()[0];
    assert_eq!((exc.sum.as_slice(), exc.absolute.as_slice()), (&[0.0, 4.0][..], &[6.0, 4.0][..]));
    assert_eq!(totals[i].values()[1].sum, [0.0, 0.0]);
    assert!(totals[e].is_empty());
}

proptest::proptest! {
    #[test]
    fn degrees_and_flags_hold(n in 2u32..40, k in 0u32..40, own: bool, multiple: bool, by_source: bool, seed: u64) {
        let pattern = if by_source { Pattern::FixedOut { k } } else { Pattern::FixedIn { k } };
        let (mut c, id) = circuit(n, None, pattern);
        (c.projections[id].allow_self, c.projections[id].allow_multiple) = (own, multiple);
        let candidates = n - u32::from(!own);
        match synapses(&c, id, seed) {
            Ok(s) => {
                check_order(&s, n);
                proptest::prop_assert_eq!(s.len() as u32, n * k);
                proptest::prop_assert!(own || !has_self(&s));
                proptest::prop_assert!(multiple || !has_repeats(&s));
            }
            Err(_) => proptest::prop_assert!(!multiple && k > candidates),
        }
    }
}
