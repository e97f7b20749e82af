//! circuits/half_centre takes turns: the bounds of its README.

use bouton_compiler::circuit::Circuit;
use bouton_tests::observe::{Observed, in_f64, in_fixed_point};
use bouton_tests::run::circuit_of_file;

/// 6 s in ticks of 0.1 ms; the first second does not count.
const TICKS: u32 = 60_000;
const FIRST: u32 = 10_000;
/// 25 ms.
const WINDOW: u32 = 250;
const CELLS: f64 = 12.0;

fn circuit() -> Circuit {
    circuit_of_file("circuits/half_centre/half_centre.circuit", &[]).unwrap_or_else(|e| panic!("{e}"))
}

/// Spikes of a side in each window.
fn counts(observed: &Observed, side: &str) -> Vec<f64> {
    let mut counts = vec![0.0; ((TICKS - FIRST) / WINDOW) as usize];
    for (tick, _) in observed.spikes_of(side).filter(|(tick, _)| *tick >= FIRST) {
        counts[((tick - FIRST) / WINDOW) as usize] += 1.0;
    }
    counts
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let (ma, mb) = (mean(a), mean(b));
    let covariance = |x: &[f64], mx: f64, y: &[f64], my: f64| x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum::<f64>();
    covariance(a, ma, b, mb) / (covariance(a, ma, a, ma) * covariance(b, mb, b, mb)).sqrt()
}

/// Mean time between takeovers by the left side, ms; counts are smoothed over three windows.
fn period(left: &[f64], right: &[f64]) -> f64 {
    let lead: Vec<f64> = left.iter().zip(right).map(|(l, r)| l - r).collect();
    let smooth = |k: usize| lead[k.saturating_sub(1)..(k + 2).min(lead.len())].iter().sum::<f64>();
    let (mut takeovers, mut leader) = (Vec::new(), 0.0);
    for k in 0..lead.len() {
        let now = smooth(k);
        if now > 0.0 && leader < 0.0 {
            takeovers.push(k as f64);
        }
        if now != 0.0 {
            leader = now;
        }
    }
    let span = takeovers.last().expect("it takes turns") - takeovers.first().expect("it takes turns");
    span / (takeovers.len() - 1) as f64 * f64::from(WINDOW) / 10.0
}

fn check(observed: &Observed) {
    let (left, right) = (counts(observed, "left"), counts(observed, "right"));
    let total = left.iter().chain(&right).sum::<f64>();
    let within = |what: &str, value: f64, low: f64, high: f64| assert!((low..=high).contains(&value), "{what}: {value}");
    within("correlation of the sides", correlation(&left, &right), -1.0, -0.65);
    within("share of a window's winner", left.iter().zip(&right).map(|(l, r)| l.max(*r)).sum::<f64>() / total, 0.9, 1.0);
    within("share of the left side", left.iter().sum::<f64>() / total, 0.4, 0.6);
    within("period, ms", period(&left, &right), 480.0, 680.0);
    within("rate of a cell, Hz", total / CELLS / 5.0, 20.0, 30.0);
}

#[test]
fn takes_turns_in_fixed_point() {
    check(&in_fixed_point(&circuit(), "spinn5", 0, TICKS).expect("it fits and runs"));
}

#[test]
fn takes_turns_in_real_arithmetic() {
    check(&in_f64(&circuit(), 0, TICKS).expect("it runs"));
}
