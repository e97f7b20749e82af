//! Neurons of the library against solutions that are not ours: see `tests/oracles/README.md`.

use bouton_compiler::circuit::Circuit;
use bouton_tests::observe::{Observed, Stated, in_f64, in_fixed_point, stated};
use bouton_tests::run::{circuit_of_file, root};
use std::collections::BTreeMap;

/// Ticks of the golden files of `linear.py`.
const TICKS: u32 = 600;
/// Relative distance of the reference from them.
const CLOSE: f64 = 1e-9;
/// Events that arrive at each receptor there, and their sizes' largest rounding, in resolutions.
const ARRIVALS: f64 = 8.0;
const ROUNDING: f64 = 0.5;

fn circuit(name: &str, settings: &[(&str, &str)]) -> Circuit {
    circuit_of_file(&format!("tests/oracles/{name}.circuit"), settings).unwrap_or_else(|e| panic!("{e}"))
}

/// Rows of numbers of a golden file, without comments and header.
fn rows(file: &str) -> Vec<Vec<f64>> {
    let text = std::fs::read_to_string(root().join("tests/oracles").join(file)).expect("a golden file");
    let lines = text.lines().filter(|l| !l.starts_with('#')).skip(1);
    lines.map(|l| l.split(',').map(|x| x.parse().expect("a number")).collect()).collect()
}

/// The ticks in which the golden cell fires.
fn golden_spikes(name: &str) -> Vec<(u32, u32)> {
    let text = std::fs::read_to_string(root().join(format!("tests/oracles/{name}_spikes.csv"))).expect("a golden file");
    text.lines().skip(1).map(|l| (l.split(',').next().and_then(|t| t.parse().ok()).expect("a tick"), 0)).collect()
}

/// Compares every state with its file; `allowed` gives the distance from a value, by name and value.
fn check(name: &str, states: &[&str], observed: &Observed, allowed: impl Fn(&str, f64) -> f64) {
    assert_eq!(observed.spikes["cell"], golden_spikes(name), "{name}: spikes");
    assert_eq!(observed.saturations, 0, "{name}: no value leaves its range");
    for state in states {
        let trace = observed.trace(&format!("cell.{state}"), 0);
        let golden = rows(&format!("{name}_{state}.csv"));
        assert_eq!(golden.len(), TICKS as usize, "{name}: rows of {state}");
        for row in golden {
            let (tick, expected) = (row[0] as u32, row[1]);
            let (value, most) = (trace[&tick], allowed(state, expected));
            assert!((value - expected).abs() <= most, "{name}, tick {tick}: {state} is {value}, not {expected} within {most}");
        }
    }
}

fn check_reference(name: &str, states: &[&str]) {
    let observed = in_f64(&circuit(name, &[]), 0, TICKS).expect("it runs");
    check(name, states, &observed, |_, value| CLOSE * value.abs());
}

/// The bound is the one that `bouton explain` states in the long run, and what rounding the weights adds: `gains` says, by state,
/// how far it is moved at most by an event of size 1 at `exc` and at `inh`.
fn check_fixed_point(name: &str, gains: &[(&str, f64, f64)]) {
    let circuit = circuit(name, &[]);
    let bounds = stated(&circuit, "cell", 0).expect("it is explained");
    let weight = |receptor: &str| ARRIVALS * ROUNDING * bounds[receptor].resolution;
    let allowed: BTreeMap<&str, f64> = gains
        .iter()
        .map(|(state, exc, inh)| {
            let Stated { long_run, .. } = bounds[*state];
            (*state, long_run.expect("an accumulated bound") + exc * weight("exc") + inh * weight("inh"))
        })
        .collect();
    let observed = in_fixed_point(&circuit, "spinn5", 0, TICKS).expect("it fits and runs");
    let states: Vec<&str> = gains.iter().map(|(state, ..)| *state).collect();
    check(name, &states, &observed, |state, value| allowed[state] + CLOSE * value.abs());
}

const LIF_EXP: &[&str] = &["v", "g_e", "g_i"];
const LIF_ALPHA: &[&str] = &["v", "i_exc", "a_exc", "i_inh", "a_inh"];

#[test]
fn lif_exp_in_real_arithmetic() {
    check_reference("lif_exp", LIF_EXP);
}

#[test]
fn lif_alpha_in_real_arithmetic() {
    check_reference("lif_alpha", LIF_ALPHA);
}

#[test]
fn lif_alpha_with_equal_rates_in_real_arithmetic() {
    check_reference("lif_alpha_equal", LIF_ALPHA);
}

#[test]
fn lif_exp_in_fixed_point() {
    check_fixed_point("lif_exp", &[("v", 1.0, 1.0), ("g_e", 1.0, 0.0), ("g_i", 0.0, 1.0)]);
}

/// The membrane's resistance is 10 ms / 250 pF; an alpha current peaks at the weight, and what feeds it begins at e times that.
const ALPHA_GAINS: &[(&str, f64, f64)] = &[
    ("v", 4e7, 4e7),
    ("i_exc", 1.0, 0.0),
    ("a_exc", std::f64::consts::E, 0.0),
    ("i_inh", 0.0, 1.0),
    ("a_inh", 0.0, std::f64::consts::E),
];

#[test]
fn lif_alpha_in_fixed_point() {
    check_fixed_point("lif_alpha", ALPHA_GAINS);
}

#[test]
fn lif_alpha_with_equal_rates_in_fixed_point() {
    check_fixed_point("lif_alpha_equal", ALPHA_GAINS);
}

/// Ticks of the last halvings, ms.
const STEPS: [f64; 3] = [0.25, 0.125, 0.0625];

/// Halving the tick divides the error of v by 2^order at every time of the file, the better the shorter the tick is.
fn check_order(name: &str, order: f64) {
    let golden = rows(&format!("{name}.csv"));
    let errors = STEPS.map(|step| {
        let circuit = circuit(name, &[("step", &format!("{step}ms"))]);
        let last = golden.last().expect("a time")[0];
        let observed = in_f64(&circuit, 0, (last / step) as u32).expect("it runs");
        let trace = observed.trace("cell.v", 0);
        golden.iter().map(|row| (trace[&((row[0] / step) as u32 - 1)] - row[1]).abs()).collect::<Vec<f64>>()
    });
    for (time, row) in golden.iter().enumerate() {
        let seen = [0, 1].map(|k| (errors[k][time] / errors[k + 1][time]).log2());
        assert!((seen[1] - order).abs() < 0.15, "{name} at {} ms: orders {seen:?}, not {order}", row[0]);
    }
}

#[test]
fn izhikevich_is_of_order_one() {
    check_order("izhikevich", 1.0);
}

#[test]
fn adex_is_of_order_two() {
    check_order("adex", 2.0);
}

#[test]
fn lif_cond_exp_is_of_order_one() {
    check_order("lif_cond_exp", 1.0);
}
