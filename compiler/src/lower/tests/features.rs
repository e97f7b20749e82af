//! Each feature of the language through lowering, against the reference or a known number.

use super::{circuit, compare, lowered, neurons};
use crate::circuit::Circuit;
use crate::elaborate::{FileLoader, Options, elaborate};
use crate::lower::eval::Eval;
use crate::lower::{LowerOptions, explain, lower};
use crate::reference::{LiveInput, Reference};
use crate::source::SourceMap;
use crate::spike_graph::SpikeGraph;
use crate::table::Id;

/// A circuit file of the repository.
#[track_caller]
fn published(path: &str) -> Circuit {
    let path = format!("{}/../circuits/{path}", env!("CARGO_MANIFEST_DIR"));
    let mut sources = SourceMap::default();
    let (circuit, diagnostics) = elaborate(&FileLoader, &path, &Options::default(), &mut sources);
    circuit.unwrap_or_else(|| panic!("{}", diagnostics.render(&sources, false)))
}

/// One population of a model that is written out, without input.
fn alone(neuron: &str, settings: &str) -> String {
    format!("{neuron}\ncircuit c {{ tick 1 ms\n population p[3]: m({settings})\n record p.x }}")
}

/// The codes of a text's errors and warnings in lowering.
fn codes(text: &str) -> Vec<&'static str> {
    let (_, diagnostics) = lower(&circuit(text), 1, &LowerOptions::default());
    diagnostics.as_slice().iter().map(|d| d.code).collect()
}

/// How many events a graph emits.
fn events(graph: &SpikeGraph, ticks: u32) -> usize {
    let mut eval = Eval::new(graph);
    eval.run(ticks);
    eval.spikes.len() + eval.values.len()
}

#[test]
fn published_circuits_are_lowered() {
    let half_centre = published("half_centre/half_centre.circuit");
    assert!(events(&lowered(&half_centre), 2000) > 0);
    let worm = published("celegans/celegans.circuit");
    assert!(events(&lowered(&worm), 20) > 0);
    lowered(&published("vogels_abbott/vogels_abbott.circuit"));
}

#[test]
fn an_undeclared_state_gets_a_proven_range() {
    let (_, worst, _) = compare(&alone("neuron m { state x: number = 3\n d x = (1 - x) / 20 ms }", ""), 200);
    assert!(worst[0] < 1e-7, "{worst:?}");
    let circuit = circuit(&alone("neuron m { state x: number = 3\n d x = (1 - x) / 20 ms }", ""));
    let explanation = explain(&circuit, 1, &LowerOptions::default(), Id::from_index(0)).expect("no errors");
    let (low, high) = explanation.values[0].range;
    assert!(low > 0.9 && high < 3.1, "{low} .. {high}");
}

#[test]
fn a_state_without_bounds_is_an_error() {
    assert_eq!(codes(&alone("neuron m { state x: number = 3\n x += 1 }", "")), ["E0801"]);
}

#[test]
fn what_is_not_defined_is_an_error() {
    let m = |e: &str| alone(&format!("neuron m {{ state x: number = 0 in -1 .. 1\n x = {e} }}"), "");
    assert_eq!(codes(&m("1 / x")), ["E0803"]);
    assert_eq!(codes(&m("log(x)")), ["E0804"]);
    assert_eq!(codes(&m("exp(1000 * x)")), ["E0804"]);
    assert_eq!(codes(&m("1 / (x + 2)")), Vec::<&str>::new());
}

#[test]
fn fixed_point_by_hand_is_bit_exact() {
    let neuron = "neuron m { state x: fixed 32.15 = 1.5\n state k: fixed 32.15 = 0.9765625\n \
                  x = mul(x, k, round = down, shift = 15) + 1 }";
    let circuit = circuit(&alone(neuron, ""));
    let graph = lowered(&circuit);
    let mut eval = Eval::new(&graph);
    let mut reference = Reference::new(&circuit, 1, LiveInput::default()).expect("a reference");
    let p = Id::from_index(0);
    let mut expected = 3i64 << 14;
    for _ in 0..100 {
        eval.run(1);
        reference.step();
        expected = ((expected * 32000) >> 15) + (1 << 15);
        assert_eq!(i64::from(eval.states[p][0][0]), expected);
        assert_eq!(eval.state(p, 0, 0), reference.state(p, Id::from_index(0))[0]);
    }
}

#[test]
fn values_go_round_in_circles() {
    let text = "import std.graded\ncircuit c { tick 1 ms\n population r[4]: rate_tanh(gain = 2, bias = 0.1, r = uniform(-1, 1))\n \
                project r -> r.input by all_to_all { weight -0.4; delay 1 ms } }";
    let (_, worst, _) = compare(text, 200);
    // The weights have 15 bits.
    assert!(worst[0] < 1e-4, "{worst:?}");
}

#[test]
fn a_gap_junction_draws_potentials_together() {
    let text = "neuron m { receptor gap: voltage\n state x: voltage = 0 mV in -1 V .. 1 V\n \
                d x = (gap - total(gap) * x) / 10 ms\n emit x }\n\
                circuit c { tick 1 ms\n population p[2]: m(x = uniform(-100 mV, 100 mV))\n \
                project p -> p.gap by all_to_all { weight 0.5; delay 1 ms } }";
    let (_, worst, _) = compare(text, 300);
    assert!(worst[0] < 1e-4, "{worst:?}");
}

#[test]
fn drives_and_draws_are_those_of_the_reference() {
    let text = "import std.neurons\ncircuit c { tick 0.1 ms\n \
                population p[5]: lif_exp(exc <- poisson(rate = 8 kHz, weight = 1 mV), inh <- poisson(rate = 1 kHz, weight = -2 mV)) }";
    let (_, worst, spikes) = compare(text, 300);
    assert!(worst[1] < 1e-6 && worst[2] < 1e-6 && spikes > 0, "{worst:?} {spikes}");
    let noisy = "neuron m { state x: number = 0 in -10 .. 10\n x = 0.5 * x + random normal(0, 1) + random uniform(-1, 1) }";
    let (_, worst, _) = compare(&alone(noisy, ""), 300);
    assert!(worst[0] < 1e-7, "{worst:?}");
}

#[test]
fn a_modulator_is_read_one_tick_late() {
    let text = "neuron a { state y: number = 0 in 0 .. 1000\n y += 1 }\n\
                neuron m { modulator gain: number\n state x: number = 0 in -1000 .. 1000\n x = 2 * gain }\n\
                circuit c { tick 1 ms\n population source[2]: a(y = 5)\n population p[3]: m(gain = source[1].y) }";
    let (_, worst, _) = compare(text, 20);
    assert_eq!(worst, [0.0]);
}

#[test]
fn layers_of_one_tick_keep_their_meaning() {
    let text = "import std.neurons\ncircuit c { tick 1 ms\n population x[2]: spikes at [[1 ms, 5 ms], [2 ms]]\n \
                population h[3]: lif_delta(v_th = 1 mV)\n population y[2]: readout()\n \
                project x -> h.syn by all_to_all { weight 2 mV; delay 0 ms }\n project h -> y.syn by all_to_all { weight 1 mV; delay 0 ms } }";
    let circuit = circuit(text);
    let graph = lowered(&circuit);
    assert_eq!(graph.populations.values().iter().map(|p| p.latency).collect::<Vec<_>>(), [0, 1, 2]);
    let mut eval = Eval::new(&graph);
    let mut reference = Reference::new(&circuit, 1, LiveInput::default()).expect("a reference");
    let y = Id::from_index(2);
    eval.run(2);
    for _ in 0..20 {
        eval.run(1);
        reference.step();
        let off = eval.state(y, 0, 0) - reference.state(y, Id::from_index(0))[0];
        assert!(off.abs() < 1e-6, "{off}");
    }
}

#[test]
fn weights_that_vanish_are_told() {
    let text = "import std.neurons\ncircuit c { tick 1 ms\n population x[2]: spikes at [[1 ms], [2 ms]]\n population y[2]: readout()\n \
                project x -> y.syn by one_to_one { weight 1 mV; delay 1 ms }\n \
                project x[0..1] -> y[1..2].syn by one_to_one { weight 1 nV; delay 1 ms } }";
    assert_eq!(codes(text), ["W0801"]);
}

#[test]
fn equal_programs_are_one() {
    let text = "import std.neurons\ncircuit c { tick 1 ms\n population x[2]: spikes at [[1 ms], [2 ms]]\n \
                population a[2]: readout()\n population b[3]: readout()\n \
                project x -> a.syn by all_to_all { weight 1 mV; delay 1 ms }\n project x -> b.syn by all_to_all { weight 1 mV; delay 1 ms } }";
    let graph = lowered(&circuit(text));
    assert_eq!(graph.programs.len(), 1);
    let (n, _) = neurons(&graph, Id::from_index(1));
    assert_eq!(n.states.len(), 1);
}

#[test]
fn parameters_that_differ_become_arrays() {
    let text = "import std.neurons\ncircuit c { tick 0.1 ms\n population p[6]: lif_exp(tau_m = uniform(10 ms, 30 ms), e_l = normal(-49 mV, 1 mV), \
                v_th = uniform(-52 mV, -50 mV), t_ref = uniform(1 ms, 3 ms), g_e = 3 mV) }";
    let circuit = circuit(text);
    let graph = lowered(&circuit);
    let (n, _) = neurons(&graph, Id::from_index(0));
    // Four coefficients and the bias of v, the threshold, the refractory time.
    assert!((5..=7).contains(&n.params.len()), "{}", n.params.len());
    let (_, worst, spikes) = compare(text, 1000);
    assert!(worst.iter().all(|e| *e < 1e-6) && spikes > 0, "{worst:?} {spikes}");
}

#[test]
fn conditions_choose_and_blocks_happen() {
    let neuron = "neuron m { param a: number = 2\n state x: number = 0.5 in -8 .. 8\n state n: number = 0 in 0 .. 100\n \
                  let up = x >= 0\n x = if up and not (x > 3) then x + 0.375 * a else if x < -2 then -x else x - 5\n \
                  n = floor(abs(x)) + heaviside(x - 1)\n spike when x > 3 { n += 1; refractory 3 ms } }";
    let (_, worst, spikes) = compare(&alone(neuron, "x = uniform(-4, 4)").replace("record p.x", "record p.spike"), 100);
    assert!(worst[0] < 1e-8 && worst[1] == 0.0 && spikes > 0, "{worst:?} {spikes}");
}

#[test]
fn held_states_change_the_others_propagator() {
    let neuron = "neuron m { state x: number = 2 in -20 .. 20\n state y: number = 0 in -20 .. 20\n \
                  d x = (12 - x - y) / 10 ms\n d y = (x - y) / 20 ms\n spike when x >= 4 { x = 0; hold x for 5 ms } }";
    let (_, worst, spikes) = compare(&alone(neuron, "").replace("record p.x", "record p.spike"), 300);
    assert!(worst.iter().all(|e| *e < 1e-7) && spikes > 0, "{worst:?} {spikes}");
}

#[test]
fn too_many_registers_is_an_error() {
    let states: String = (0..40).map(|n| format!("state x{n}: number = 0.5 in -1 .. 1\n")).collect();
    let sum: Vec<String> = (0..40).map(|n| format!("x{n} * x{}", (n + 7) % 40)).collect();
    let lines: String = (0..40).map(|n| format!("x{n} = 0.02 * ({})\n", sum[n..].join(" + "))).collect();
    let text = alone(&format!("neuron m {{ {states} {lines} }}"), "").replace("record p.x", "record p.x0");
    assert!(matches!(codes(&text).as_slice(), [] | ["E0805"]));
}

#[test]
fn every_projection_keeps_its_own_bits() {
    let weights = |first: &str, second: &str| {
        let text = format!(
            "import std.neurons\ncircuit c {{ tick 1 ms\n population x[1]: regular(period = 5 ms)\n population y[1]: readout()\n \
             project a: x -> y.syn by all_to_all {{ weight {first} }}\n project b: x -> y.syn by all_to_all {{ weight {second} }} }}"
        );
        let graph = lowered(&circuit(&text));
        graph.projections.iter().map(|p| p.synapses.expand().expect("few").weight.at(0)).collect::<Vec<_>>()
    };
    // The strong one does not lose the bits that the weak one never had.
    assert_eq!(weights("1 V; bits 16", "0.1 V; bits 8"), [1024, 102]);
    assert_eq!(weights("1 V; bits 16", "0.001 V; bits 8"), [16384, 16]);
    assert_eq!(weights("1 V; bits 8", "0.1 V; bits 16"), [64, 6]);
}

#[test]
fn what_weights_inputs_and_delays_cannot_be_is_an_error() {
    let onto = |neuron: &str, lines: &str| {
        format!(
            "{neuron}\nneuron g {{ state x: number = 0.5 in 0 .. 1\n emit x }}\ncircuit c {{ tick 1 ms\n population s[2]: regular(period = 5 ms)\n {lines} }}"
        )
    };
    let sum = "neuron m { receptor r: number\n state x: number = 0 in 0 .. 1\n x = r }";
    let mixed = "population a[2]: g\n population p[2]: m\n project a -> p.r by one_to_one { weight 1 }\n project s -> p.r by one_to_one { weight 1 }";
    assert_eq!(codes(&onto(sum, mixed)), ["E0806"]);
    let fixed = "neuron m { receptor r: fixed 32.15\n state x: fixed 32.15 = 0\n x = r }";
    let two = "population p[2]: m\n project s -> p.r by one_to_one { weight 3 }\n project s -> p.r by one_to_one { weight 0.01; bits 8 }";
    assert_eq!(codes(&onto(fixed, two)), ["E0807", "E0807"]);
    let rates = "population p[2]: m(r <- poisson(rate = uniform(1 Hz, 9 Hz), weight = 1))";
    assert_eq!(codes(&onto(sum, rates)), ["E0808"]);
    let late = "population p[2]: m\n project s -> p.r by one_to_one { weight 1; delay 600 s }";
    assert_eq!(codes(&onto(sum, late)), ["E0809"]);
    let circuit = circuit(&onto(sum, "population p[2]: m\n population w[1]: live spikes"));
    let live = explain::find(&circuit, "w").expect("a population");
    let errors = explain(&circuit, 1, &LowerOptions::default(), live).expect_err("an input");
    assert_eq!(errors.as_slice()[0].code, "E0810");
    let grows = "neuron m { state x: number = 1 in 0 .. 1\n d x = x * 1e9 / (1 ms) }";
    assert_eq!(codes(&alone(grows, "")), ["E0802"]);
}

#[test]
fn dense_linear_systems_have_registers_enough() {
    for n in [12, 20, 24] {
        let states: String = (0..n).map(|i| format!("state x{i}: number = 0.{} in -1 .. 1\n", i % 9)).collect();
        let terms = |i: usize| (0..n).map(|j| format!("0.0{} * x{j}", 1 + (i * 7 + j * 3) % 9)).collect::<Vec<_>>().join(" - ");
        let lines: String = (0..n).map(|i| format!("d x{i} = ({} - 2 * x{i}) / (20 ms)\n", terms(i))).collect();
        let text = alone(&format!("neuron m {{ {states} {lines} }}"), "").replace("record p.x", "record p.x0");
        let (_, worst, _) = compare(&text, 50);
        assert!(worst.iter().all(|e| *e < 1e-7), "{worst:?}");
    }
}
