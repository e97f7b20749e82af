//! Projections: patterns, weights, delays, ends.

use super::*;
use crate::circuit::{Delay, IndexSet, Pattern, Quantity, Within};

/// The projection of `project {text}` between a[2] and b[3].
#[track_caller]
fn one(text: &str) -> Projection {
    let c = body(&format!("population a[2]: lif_delta\npopulation b[3]: lif_delta\nproject {text}\nrecord b.spike"));
    c.projections.values()[0].clone()
}

fn errors(text: &str) -> Vec<&'static str> {
    body_codes(&format!("population a[2]: lif_delta\npopulation b[3]: lif_delta\nproject {text}\nrecord b.spike"))
}

#[test]
fn lists_bring_factors_and_delays() {
    let p = one("a -> b.syn by list(\"edges.csv\") { weight 2 mV }");
    let Pattern::Edges(edges) = p.pattern else { panic!("{:?}", p.pattern) };
    assert_eq!((edges.pre, edges.post), (vec![0, 1], vec![1, 2]));
    assert_eq!((edges.weight, edges.delay), (Some(vec![2.5, 1.0]), Some(vec![3, 4])));
    let p = one("a -> b.syn by list(\"ms.csv\") { weight 2 mV }");
    assert!(matches!(p.pattern, Pattern::Edges(e) if e.delay == Some(vec![2]) && e.weight.is_none()));
    assert_eq!(errors("a -> b.syn by list(\"edges.csv\")"), ["E0604"]);
    assert_eq!(errors("a -> b.syn by list(\"bare.csv\")"), ["E0604"]);
    assert_eq!(errors("a -> b.syn by list(\"edges.csv\") { weight 1 mV; delay 1 ms }"), ["E0611"]);
    assert_eq!(errors("a -> a.syn by list(\"edges.csv\") { weight 1 mV }"), ["E0508"]);
    assert_eq!(errors("b -> b.syn by list(\"bare.csv\") { weight 1 mV }"), ["E0612"]);
}

#[test]
fn matrices_are_in_si_unless_said_otherwise() {
    assert_eq!(one("a -> b.syn by matrix(\"w.npy\")").weight, Quantity::Constant(1.0));
    assert_eq!(one("a -> b.syn by matrix(\"w.npy\") { weight 1 mV }").weight, Quantity::Constant(0.001));
    let p = one("a -> b.syn by matrix(from \"w.npy\" * 1 mV)");
    assert!(matches!(p.pattern, Pattern::Matrix { weights } if weights == [0.001, 0.0, 0.002, 0.0, 0.003, 0.0]));
    assert!(matches!(one("a -> b.syn by matrix([[1, 2, 3], [4, 5, 6]]) { weight 1 mV }").pattern, Pattern::Matrix { .. }));
    assert_eq!(errors("a -> b.syn by matrix([[1, 2, 3], [4, 5, 6]])"), ["E0603"]);
    assert_eq!(errors("b -> a.syn by matrix(\"w.npy\")"), ["E0510"]);
    let p = one("a -> b.syn by low_rank(\"m.npy\", \"n.npy\") { weight 1 mV }");
    assert!(matches!(p.pattern, Pattern::LowRank(f) if f.rank == 1 && f.n == [1.0, 2.0, 3.0]));
}

#[test]
fn ranges_follow_the_shape() {
    let c = body(
        "population img[4, 6]: live spikes\npopulation a[8]: lif_delta
        project img[.., 3..5] -> a.syn by one_to_one { weight 1 mV }
        project x: img[1, ..] -> a[2..].syn by one_to_one { weight 1 mV }
        record a.spike",
    );
    assert_eq!(c.projections.values()[0].source_indices, IndexSet::List(vec![3, 4, 9, 10, 15, 16, 21, 22]));
    let x = projection(&c, "x");
    assert_eq!(
        (&x.source_indices, &x.target_indices),
        (&IndexSet::Range { start: 6, end: 12 }, &IndexSet::Range { start: 2, end: 8 })
    );
    assert_eq!(errors("a[1..3] -> b.syn by all_to_all { weight 1 mV }"), ["E0413"]);
}

#[test]
fn distance_is_that_of_the_grid() {
    let c = body(
        "population s[4]: lif_delta\npopulation g[2, 2]: lif_delta
        project s -> s.syn by distance(exp(-d)) { weight 1 mV }
        project g -> g.syn by distance(if d < 1.2 then 1 else 0), self { weight 1 mV }
        record s.spike, g.spike",
    );
    let Pattern::Distance { probability } = &c.projections.values()[0].pattern else { panic!() };
    assert_eq!(probability[..3], [1.0, libm::exp(-1.0), libm::exp(-2.0)]);
    let Pattern::Distance { probability } = &c.projections.values()[1].pattern else { panic!() };
    assert_eq!(probability[..4], [1.0, 1.0, 1.0, 0.0]);
    // Two sources over three targets: the first sits at 0.25 of their grid.
    let p = one("a -> b.syn by distance(d / 10) { weight 1 mV }");
    assert!(matches!(p.pattern, Pattern::Distance { probability } if (probability[0] - 0.025).abs() < 1e-12));
}

#[test]
fn dales_law_bounds_what_is_drawn() {
    let law = |sign: &str, weight: &str| {
        format!(
            "population a[2]: lif_delta, {sign}\npopulation b[3]: lif_delta\nproject a -> b.syn by all_to_all {{ weight {weight} }}\nrecord b.spike"
        )
    };
    let c = body(&law("excitatory", "normal(1 mV, 1 mV) within -1 mV .. 5 mV"));
    assert!(matches!(c.projections.values()[0].weight, Quantity::Drawn(_, Some(Within { low: 0.0, high })) if high == 0.005));
    assert!(body_codes(&law("inhibitory", "-1 mV")).is_empty());
    assert_eq!(body_codes(&law("excitatory", "-1 mV")), ["E0605"]);
    assert_eq!(body_codes(&law("inhibitory", "uniform(1 mV, 2 mV)")), ["E0605"]);
    let matrix = "population a[2]: lif_delta, inhibitory\npopulation b[3]: lif_delta\nproject a -> b.syn by matrix(\"w.npy\")\nrecord b.spike";
    assert_eq!(body_codes(matrix), ["E0605"]);
}

#[test]
fn graded_weights_measure_what_is_left() {
    let c = body(
        "population j[2]: live graded(current)\npopulation r[3]: readout
        project j -> r.syn by all_to_all { weight 2 Mohm }\nrecord r.v",
    );
    assert_eq!(c.projections.values()[0].weight, Quantity::Constant(2e6));
    assert_eq!(
        body_codes(
            "population j[2]: live graded(current)\npopulation r[3]: readout\nproject j -> r.syn by all_to_all { weight 2 mV }\nrecord r.v"
        ),
        ["E0603"]
    );
}

#[test]
fn delays_are_whole_ticks() {
    assert_eq!(one("a -> b.syn by all_to_all { weight 1 mV; delay 0.3 ms }").delay, Delay::Ticks(3));
    assert_eq!(one("a -> b.syn by all_to_all { weight 1 mV }").delay, Delay::Ticks(1));
    assert_eq!(errors("a -> b.syn by all_to_all { weight 1 mV; delay 0.25 ms }"), ["E0511"]);
    assert_eq!(errors("a -> b.syn by all_to_all { weight 1 mV; delay -1 ms }"), ["E0511"]);
    assert_eq!(errors("a -> b.syn by all_to_all { weight 1 mV; delay 1 mV }"), ["E0501"]);
}
