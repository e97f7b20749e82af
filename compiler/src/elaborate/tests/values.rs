//! Values of compile time.

use super::*;

fn each(values: Values) -> Vec<f64> {
    match values {
        Values::Each(xs) => xs,
        Values::Uniform(x) => panic!("the same for all: {x}"),
    }
}

/// Values of e_l of four neurons.
#[track_caller]
fn e_l(value: &str) -> Values {
    let c = body(&format!("population e[4]: lif_delta(e_l = {value}, v = 0)\nrecord e.spike"));
    values(&c, "e", "e_l")
}

#[test]
fn defaults_are_computed_by_functions_of_both_kinds() {
    let neuron =
        "neuron m { param n: number = heaviside(1 mV) + round(2.4) + ceil(0.5)\n state x: number = n in 0 .. 9\n x = n }";
    let c = made(&format!("{neuron}\ncircuit c {{ tick 1 ms\n population e[2]: m\nrecord e.x }}"));
    assert_eq!(values(&c, "e", "n"), Values::Uniform(4.0));
    assert_eq!(e_l("heaviside(-2 mV) * 1 mV"), Values::Uniform(0.0));
}

#[test]
fn values_for_each_neuron() {
    assert_eq!(e_l("-65 mV"), Values::Uniform(-0.065));
    assert_eq!(e_l("0"), Values::Uniform(0.0));
    assert_eq!(each(e_l("[1 mV, 2 mV, 3 mV, 4 mV] * 2")), [0.002, 0.004, 0.006, 0.008]);
    assert_eq!(each(e_l("from \"v.npy\" * 1 mV")), [0.001, 0.002, 0.003, 0.004]);
    assert_eq!(each(e_l("from \"column.csv\"")), [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(each(e_l("choice([1 mV, 1 mV])")), [0.001; 4]);
    let drawn = each(e_l("normal(0 mV, 5 mV) within 0 mV .. 1 mV"));
    assert!(drawn.iter().all(|x| (0.0..=0.001).contains(x)) && drawn[0] != drawn[1]);
}

#[test]
fn a_value_depends_on_the_seed_and_on_nothing_else() {
    let text = |rest: &str| {
        format!(
            "import std.neurons\ncircuit c {{ tick 1 ms; population e[4]: lif_delta(v = uniform(0, 1 mV))\n{rest}\nrecord e.spike }}"
        )
    };
    let with = |seed: u64, rest: &str| values(&made_with(&text(rest), &Options { seed, ..Options::default() }), "e", "v");
    assert_eq!(with(1, ""), with(1, "population f[9]: lif_delta(v = uniform(0, 1 mV)); record f.spike"));
    assert_ne!(with(1, ""), with(2, ""));
}

#[test]
fn settings_replace_parameters_of_the_top_circuit() {
    let text = "import std.neurons\nlet k = 3\ncircuit c(n: count = 2, w: voltage = 1 mV) { tick 1 ms; population e[n]: lif_delta(v = w); record e.spike }";
    let set = |n: &str, w: &str| Options {
        settings: vec![("n".to_string(), n.to_string()), ("w".to_string(), w.to_string())],
        ..Options::default()
    };
    let c = made_with(text, &set("2 * k", "0.5 mV"));
    assert_eq!((population(&c, "e").size(), values(&c, "e", "v")), (6, Values::Uniform(0.0005)));
    let bad = |options: &Options| run(text, options).1.as_slice().iter().map(|d| d.code).collect::<Vec<_>>();
    assert_eq!(bad(&set("2.5", "1 mV")), ["E0503"]);
    assert_eq!(bad(&set("2", "1 mV\nlet y = 2")), ["E0406"]);
    assert_eq!(bad(&Options { settings: vec![("m".to_string(), "1".to_string())], ..Options::default() }), ["E0406"]);
    assert_eq!(bad(&Options { top: Some("d".to_string()), ..Options::default() }), ["E0405"]);
}

#[test]
fn functions_and_imports() {
    let c = made(
        "import \"cells.circuit\"
        fn factorial(n: count): number = if n == 0 then 1 else n * factorial(n - 1)
        circuit c { tick 1 ms; population e[factorial(4)]: fast(tau_m = half(8 ms)); record e.spike }",
    );
    assert_eq!(population(&c, "e").size(), 24);
    assert_eq!(values(&c, "e", "tau_m"), Values::Uniform(0.004));
}

#[test]
fn file_spikes_are_rounded_and_merged() {
    let (c, diagnostics, _) =
        run("circuit c { tick 0.5 ms; population s[2]: spikes from \"times.csv\"; record s.spike }", &Options::default());
    let c = c.expect("a warning only");
    assert!(matches!(&population(&c, "s").kind, PopulationKind::SpikeList(s) if *s == [(2, 0), (4, 1)]));
    assert_eq!(diagnostics.as_slice()[0].code, "W0501");
}

#[test]
fn a_poisoned_value_is_reported_once() {
    assert_eq!(body_codes("let x = 1 mV + 1 nA\nlet y = x * 2\npopulation e[4]: lif_delta(v = y)\nrecord e.spike"), ["E0501"]);
    let two =
        "population e[2]: lif_delta(v = 1 nA)\npopulation f[2]: lif_delta(q = 1)\nproject e -> f.syn by all_to_all\nrecord e.v";
    assert_eq!(body_codes(two), ["E0501", "E0406"]);
}

#[test]
fn nothing_runs_forever() {
    assert_eq!(body_codes("for i in 0 .. 1000000000 { let x = i }"), ["E0415"]);
    assert_eq!(body_codes("for i in 0 .. 9000000000000000 { let x = nothing }"), ["E0401"]);
    let endless = "fn f(x: number): number = f(x)\ncircuit c { tick 1 ms; let y = f(1) }";
    assert_eq!(codes(endless), ["E0415"]);
    let doubling = "fn f(x: number): number = if x == 0 then 1 else f(x - 1) + f(x - 1)\ncircuit c { tick 1 ms; let y = f(50) }";
    assert_eq!(codes(doubling), ["E0415"]);
    assert_eq!(codes("circuit c { tick 1 ms; instance a: c }"), ["E0415"]);
    assert_eq!(codes("let a = b\nlet b = a\ncircuit c { tick 1 ms }"), ["E0417"]);
    let tower = (0..20).map(|i| format!("let a{} = [a{i}, a{i}, a{i}, a{i}]\n", i + 1)).collect::<String>();
    assert_eq!(body_codes(&format!("let a0 = [1, 2]\n{tower}let b = a20 * 2")), ["E0415"]);
}
