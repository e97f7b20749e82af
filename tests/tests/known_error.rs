//! What the compiler states of errors holds in the engines: integers against real arithmetic, for every model of the library.
//!
//! Weights and the initial states of single ticks are short binary fractions, so that both runs begin with the same numbers: the
//! bounds are of the arithmetic, not of what a number as written becomes.

use bouton_compiler::circuit::Circuit;
use bouton_tests::observe::{Stated, in_f64, in_fixed_point, stated};
use bouton_tests::run::circuit_of_text;

/// What f64 itself costs, relative.
const REAL: f64 = 1e-12;

/// 24 neurons of `cell`, whose parameters may differ, under random spikes of 20 sources for each of `drives`: receptor and weight.
fn driven(cell: &str, states: &[&str], drives: &[(&str, &str)]) -> Circuit {
    let mut lines = format!("  population cell[24]: {cell}\n");
    for (k, (receptor, weight)) in drives.iter().enumerate() {
        lines += &format!("  population source{k}[20]: poisson(rate = 80 Hz)\n");
        lines += &format!("  project source{k} -> cell.{receptor} by random(p = 0.5) {{ weight {weight}; delay 0.3 ms }}\n");
        lines += &format!("  record source{k}.spike\n");
    }
    lines += &records(states);
    circuit(&lines)
}

fn records(states: &[&str]) -> String {
    states.iter().map(|s| format!("  record cell.{s}\n")).collect()
}

fn circuit(lines: &str) -> Circuit {
    let text = format!("import std.neurons\nimport std.graded\nimport std.sources\n\ncircuit c {{\n  tick 0.1 ms\n{lines}}}\n");
    circuit_of_text(&text, 1).unwrap_or_else(|e| panic!("{e}"))
}

/// Compares every recorded value of both runs; gives how much of its bound each state used at most.
fn check(circuit: &Circuit, ticks: u32, states: &[&str], bound: impl Fn(&Stated) -> Option<f64>) {
    let bounds = stated(circuit, "cell", 1).expect("it is explained");
    let integers = in_fixed_point(circuit, "spinn5", 1, ticks).expect("it fits and runs");
    let real = in_f64(circuit, 1, ticks).expect("it runs");
    assert_eq!(integers.spikes, real.spikes, "no comparison turns out differently");
    assert_eq!(integers.saturations, 0, "no value leaves its range");
    for state in states {
        let most = bound(&bounds[*state]).unwrap_or_else(|| panic!("{state} has no bound"));
        let name = format!("cell.{state}");
        let (integers, real) = (&integers.traces[&name], &real.traces[&name]);
        assert_eq!(integers.len(), real.len(), "samples of {state}");
        let mut used = 0f64;
        for ((tick, index, got), (.., exact)) in integers.iter().zip(real) {
            let error = (got - exact).abs();
            assert!(error <= most + REAL * exact.abs(), "{state}[{index}], tick {tick}: {error} is beyond {most}");
            used = used.max(error / most);
        }
        println!("{state}: {used:.3} of its bound");
        assert!(used > 0.0, "{state}: nothing was rounded");
    }
}

/// The bound in the long run, in every tick of 200 ms.
fn check_long_run(cell: &str, states: &[&str], drives: &[(&str, &str)]) {
    check(&driven(cell, states, drives), 2000, states, |s| s.long_run);
}

/// The bound of one tick, in the first tick of 32 neurons with different states.
fn check_one_tick(cell: &str, states: &[&str]) {
    let circuit = circuit(&format!("  population cell[32]: {cell}\n  record cell.spike\n{}", records(states)));
    check(&circuit, 1, states, |s| s.per_tick);
}

/// 32 numbers in steps of 2^-`exponent` from `low` times that on, in an order of its own for each odd `stride`.
fn grid(exponent: i32, low: i32, stride: i32, unit: &str) -> String {
    let number = |k: i32| f64::from(low + k * stride % 32) * 0.5f64.powi(exponent);
    let values: Vec<String> = (0..32).map(|k| format!("{} {unit}", number(k))).collect();
    format!("[{}]", values.join(", "))
}

const UP: &str = "0.00390625 V";
const DOWN: &str = "-0.001953125 V";
/// 2^-34 A and half of that.
const CURRENT_UP: &str = "0.000000000058207660913467407 A";
const CURRENT_DOWN: &str = "-0.000000000029103830456733704 A";
/// 2^-30 S.
const OPENS: &str = "0.0000000009313225746154785 S";

/// Under input there is no accumulated bound: a held membrane takes and loses what arrives, and that is not seen to contract.
#[test]
fn lif_delta_in_one_tick_and_without_input_in_the_long_run() {
    check_long_run("lif_delta(tau_m = uniform(12 ms, 25 ms), v = uniform(-90 mV, 15 mV))", &["v"], &[]);
    check_one_tick(&format!("lif_delta(v = {})", grid(9, -41, 1, "V")), &["v"]);
}

#[test]
fn lif_exp_in_the_long_run() {
    let cell = "lif_exp(tau_m = uniform(12 ms, 25 ms), tau_inh = 10 ms)";
    check_long_run(cell, &["v", "g_e", "g_i"], &[("exc", UP), ("inh", DOWN)]);
}

#[test]
fn lif_alpha_in_the_long_run() {
    let (cell, drives) =
        ("lif_alpha(tau_m = uniform(8 ms, 12 ms), tau_inh = 3 ms)", [("exc", CURRENT_UP), ("inh", CURRENT_DOWN)]);
    check_long_run(cell, &["v", "i_exc", "a_exc", "i_inh", "a_inh"], &drives);
}

#[test]
fn lif_psc_exp_in_the_long_run() {
    let cell = "lif_psc_exp(tau_m = uniform(8 ms, 12 ms))";
    check_long_run(cell, &["v", "i_syn"], &[("syn", CURRENT_UP), ("syn", CURRENT_DOWN)]);
}

#[test]
fn readout_in_the_long_run() {
    check_long_run("readout(tau_m = uniform(12 ms, 25 ms))", &["v"], &[("syn", UP), ("syn", DOWN)]);
}

#[test]
fn leaky_in_the_long_run() {
    check_long_run("leaky(tau = uniform(12 ms, 25 ms), rest = -3 mV)", &["v"], &[("syn", UP), ("syn", DOWN)]);
}

#[test]
fn rate_tanh_in_the_long_run() {
    let cell = "rate_tanh(tau = uniform(12 ms, 25 ms), bias = uniform(-2, 2))";
    check_long_run(cell, &["r"], &[("input", "0.25"), ("input", "-0.125")]);
}

#[test]
fn lif_cond_exp_in_one_tick_and_its_conductances_in_the_long_run() {
    check_long_run("lif_cond_exp", &["g_e", "g_i"], &[("exc", OPENS), ("inh", OPENS)]);
    let (v, g_e, g_i) = (grid(9, -41, 1, "V"), grid(28, 0, 5, "S"), grid(28, 0, 11, "S"));
    check_one_tick(&format!("lif_cond_exp(v = {v}, g_e = {g_e}, g_i = {g_i})"), &["v", "g_e", "g_i"]);
}

#[test]
fn adex_in_one_tick_and_its_currents_in_the_long_run() {
    check_long_run("adex", &["i_exc", "i_inh"], &[("exc", CURRENT_UP), ("inh", CURRENT_DOWN)]);
    let (v, w, i_exc, i_inh) = (grid(9, -41, 1, "V"), grid(34, 0, 5, "A"), grid(33, 0, 11, "A"), grid(33, -32, 7, "A"));
    check_one_tick(&format!("adex(v = {v}, w = {w}, i_exc = {i_exc}, i_inh = {i_inh})"), &["v", "w", "i_exc", "i_inh"]);
}

#[test]
fn izhikevich_in_one_tick() {
    let (v, u) = (grid(9, -41, 1, "V"), grid(10, -24, 5, "V"));
    check_one_tick(&format!("izhikevich(v = {v}, u = {u})"), &["v", "u"]);
}
