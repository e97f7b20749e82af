//! circuits/vogels_abbott against NEST and Brian2: mean rates over 10 s.

use bouton_compiler::circuit::Circuit;
use bouton_tests::observe::{Observed, in_f64, in_fixed_point};
use bouton_tests::run::circuit_of_file;

/// 10 s in ticks of 0.1 ms.
const TICKS: u32 = 100_000;
/// Rates (Hz) of NEST 3.10 and Brian2 2.9 on the same network over 10 s, one seed each: see circuits/vogels_abbott/README.md.
const NEST: [f64; 2] = [5.63, 5.55];
const BRIAN2: [f64; 2] = [5.51, 5.60];
const TOLERANCE: f64 = 0.04;

fn circuit() -> Circuit {
    circuit_of_file("circuits/vogels_abbott/vogels_abbott.circuit", &[]).unwrap_or_else(|e| panic!("{e}"))
}

fn check_rates(observed: &Observed) {
    let rate = |name: &str, size: f64| observed.spikes[name].len() as f64 / size / 10.0;
    let rates = [rate("e", 3200.0), rate("i", 800.0)];
    for other in [NEST, BRIAN2] {
        for (ours, theirs) in rates.iter().zip(other) {
            assert!((ours / theirs - 1.0).abs() < TOLERANCE, "rates {rates:?} Hz, expected {other:?}");
        }
    }
}

#[test]
fn rates_in_fixed_point() {
    let observed = in_fixed_point(&circuit(), "spinn5", 0, TICKS).expect("it fits and runs");
    check_rates(&observed);
    assert_eq!(observed.saturations, 0, "no value leaves its range");
}

#[test]
fn rates_in_real_arithmetic() {
    check_rates(&in_f64(&circuit(), 0, TICKS).expect("it runs"));
}
