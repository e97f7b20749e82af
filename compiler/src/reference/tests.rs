//! The reference against formulas and small cases worked by hand.

use super::*;
use crate::circuit::model::*;
use crate::circuit::{Delay, Drive, Edges, ModulatorBinding, Pattern, RecordedVariable, Values};
use crate::testing::{Build, BuildCircuit, lif_exp};
use bouton_targets::arith::Rounding;
use bouton_targets::random::{Purpose, standard_normal, word};

const TICK: f64 = 1e-4;

fn uniform(values: &[f64]) -> Vec<Values> {
    values.iter().map(|x| Values::Uniform(*x)).collect()
}

fn lif_params() -> Vec<Values> {
    uniform(&[20e-3, 5e-3, 10e-3, 5e-3, -49e-3, -50e-3, -60e-3])
}

fn state(n: usize) -> StateId {
    StateId::from_index(n)
}

fn run(b: &BuildCircuit, ticks: u32) -> (Reference, Recording) {
    let mut reference = Reference::new(&b.0, 1, LiveInput::default()).unwrap();
    let recording = reference.run(ticks);
    (reference, recording)
}

fn values(recording: &Recording, trace: usize) -> Vec<f64> {
    recording.traces[trace].samples.iter().map(|s| s.value).collect()
}

/// A model whose only state grows by what arrives, and spikes when something does.
fn relay() -> Model {
    let mut b = Build::new("relay");
    let (_, syn) = b.receptor("syn");
    let (x, x_now) = b.state("x", None, None);
    let sum = b.add(x_now, syn);
    b.say(Statement::Assign(vec![(x, sum)]));
    let zero = b.number(0.0);
    let condition = b.binary(BinaryOp::Greater, syn, zero);
    b.say(Statement::Spike { condition, then: vec![] });
    b.0
}

fn spikes_at(ticks: &[u32]) -> PopulationKind {
    PopulationKind::SpikeList(ticks.iter().map(|t| (*t, 0)).collect())
}

/// One state that follows `body`.
fn one_state(initial: f64, body: impl FnOnce(&mut Build, StateId, ExprId)) -> BuildCircuit {
    let mut m = Build::new("one");
    let (x, x_now) = m.state("x", None, None);
    body(&mut m, x, x_now);
    let mut b = BuildCircuit::new(TICK);
    let p = b.neurons(1, m.0, vec![], uniform(&[initial]));
    b.record(p, RecordedVariable::State(x));
    b
}

#[test]
fn a_leaky_neuron_follows_its_closed_form() {
    let mut b = BuildCircuit::new(TICK);
    let input = b.population(1, spikes_at(&[9]));
    let mut params = lif_params();
    params[5] = Values::Uniform(1.0);
    let p = b.neurons(1, lif_exp(), params, uniform(&[-60e-3, 2e-3, -1e-3]));
    b.project(input, p, Pattern::AllToAll, 3e-3, Delay::Ticks(1));
    for n in 0..3 {
        b.record(p, RecordedVariable::State(state(n)));
    }
    let (_, recording) = run(&b, 400);
    let (tm, te, ti, el) = (20e-3, 5e-3, 10e-3, -49e-3);
    let response = |t: f64, tau: f64| tau / (tau - tm) * ((-t / tau).exp() - (-t / tm).exp());
    for (tick, v) in values(&recording, 0).into_iter().enumerate() {
        let t = (tick + 1) as f64 * TICK;
        let mut expected = el + (-60e-3 - el) * (-t / tm).exp() + 2e-3 * response(t, te) - 1e-3 * response(t, ti);
        let mut g_e = 2e-3 * (-t / te).exp();
        // The spike of tick 9 arrives in tick 10, after that tick's integration.
        if tick >= 10 {
            let since = (tick - 10) as f64 * TICK;
            expected += 3e-3 * response(since, te);
            g_e += 3e-3 * (-since / te).exp();
        }
        assert!((v - expected).abs() < 1e-12 * 60e-3, "tick {tick}: {v} is not {expected}");
        assert!((values(&recording, 1)[tick] - g_e).abs() < 1e-14);
    }
}

#[test]
fn a_hold_lasts_from_the_next_tick_for_its_time() {
    let mut b = BuildCircuit::new(TICK);
    let p = b.neurons(1, lif_exp(), lif_params(), uniform(&[-50e-3 - 1e-9, 0.0, 0.0]));
    b.record(p, RecordedVariable::State(state(0)));
    b.record(p, RecordedVariable::Spikes);
    let (_, recording) = run(&b, 300);
    let spike = recording.spikes[0].tick as usize;
    let v = values(&recording, 0);
    assert_eq!(spike, 0);
    // 5 ms are 50 ticks: held in ticks 1 ..= 50, and moving in tick 51.
    assert!(v[0..=50].iter().all(|x| *x == -60e-3));
    let expected = -49e-3 - 11e-3 * (-TICK / 20e-3f64).exp();
    assert!((v[51] - expected).abs() < 1e-15);
}

#[test]
fn held_states_are_constants_for_the_others() {
    // y' = x, x' = 1; x is held after the first spike: y grows by x·h per tick.
    let mut m = Build::new("m");
    let (x, x_now) = m.state("x", None, None);
    let (y, y_now) = m.state("y", None, None);
    let one = m.number(1.0);
    m.integrate(Method::Exact, 1, vec![(x, one), (y, x_now)]);
    let zero = m.number(0.0);
    let positive = m.at_least(x_now, zero);
    let second = m.number(3.0 * TICK);
    let hold = m.hold(vec![x], true, second);
    m.say(Statement::Spike { condition: positive, then: vec![hold] });
    let bumped = m.add(x_now, one);
    m.say(Statement::Assign(vec![(x, bumped)]));
    let _ = y_now;
    let mut b = BuildCircuit::new(TICK);
    let p = b.neurons(1, m.0, vec![], uniform(&[0.0, 0.0]));
    b.record(p, RecordedVariable::State(x));
    b.record(p, RecordedVariable::State(y));
    b.record(p, RecordedVariable::Spikes);
    let (_, recording) = run(&b, 5);
    let (x, y) = (values(&recording, 0), values(&recording, 1));
    let x0 = 1.0 + TICK;
    assert!((x[0] - x0).abs() < 1e-15 && x[1..4].iter().all(|v| *v == x[0]) && x[4] > x0 + 0.5);
    for t in 1..4 {
        assert!((y[t] - y[t - 1] - x0 * TICK).abs() < 1e-15);
    }
    let ticks: Vec<u32> = recording.spikes.iter().map(|s| s.tick).collect();
    assert_eq!(ticks, [0, 4]);
}

#[test]
fn delays_count_from_emission_and_zero_is_within_the_tick() {
    let mut b = BuildCircuit::new(TICK);
    // The chain's text order is against its direction, so only the topological order can be right.
    let late = b.neurons(1, relay(), vec![], uniform(&[0.0]));
    let middle = b.neurons(1, relay(), vec![], uniform(&[0.0]));
    let first = b.population(1, spikes_at(&[2, 5]));
    b.project(first, middle, Pattern::AllToAll, 1.0, Delay::Ticks(0));
    b.project(middle, late, Pattern::AllToAll, 1.0, Delay::Ticks(0));
    b.project(first, late, Pattern::AllToAll, 10.0, Delay::Ticks(3));
    b.record(late, RecordedVariable::State(state(0)));
    b.record(late, RecordedVariable::Spikes);
    b.record(first, RecordedVariable::Spikes);
    let (_, recording) = run(&b, 10);
    assert_eq!(values(&recording, 0), [0.0, 0.0, 1.0, 1.0, 1.0, 12.0, 12.0, 12.0, 22.0, 22.0]);
    let spikes: Vec<(u32, usize)> = recording.spikes.iter().map(|s| (s.tick, s.population.index())).collect();
    assert_eq!(spikes, [(2, 0), (2, 2), (5, 0), (5, 2), (8, 0)]);
    b.project(late, middle, Pattern::AllToAll, 1.0, Delay::Ticks(0));
    let error = Reference::new(&b.0, 1, LiveInput::default()).err().unwrap();
    assert!(matches!(error, ReferenceError::ZeroDelayCycle { .. }) && error.diagnostic().is_some());
}

#[test]
fn listed_delays_are_each_their_own() {
    let mut b = BuildCircuit::new(TICK);
    let first = b.population(1, spikes_at(&[0]));
    let p = b.neurons(1, relay(), vec![], uniform(&[0.0]));
    let edges = Edges { pre: vec![0, 0], post: vec![0, 0], weight: Some(vec![1.0, 2.0]), delay: Some(vec![4, 1]) };
    let id = b.project(first, p, Pattern::Edges(edges), 1.0, Delay::Ticks(1));
    b.0.projections[id].allow_multiple = true;
    b.record(p, RecordedVariable::State(state(0)));
    assert_eq!(values(&run(&b, 6).1, 0), [0.0, 2.0, 2.0, 2.0, 3.0, 3.0]);
}

#[test]
fn methods_take_their_steps() {
    // x' = -k·x² is not linear; one step of each by hand.
    let square = |b: &mut Build, x: ExprId| {
        let two = b.number(2.0);
        let square = b.binary(BinaryOp::Power, x, two);
        let k = b.number(-1000.0);
        b.mul(k, square)
    };
    let run_with = |method, substeps| {
        let b = one_state(3.0, |m, x, now| {
            let rate = square(m, now);
            m.integrate(method, substeps, vec![(x, rate)]);
        });
        Reference::new(&b.0, 1, LiveInput::default()).map(|mut r| values(&r.run(1), 0)[0])
    };
    let f = |x: f64| -1000.0 * x * x;
    assert_eq!(run_with(Method::Euler, 1).unwrap(), 3.0 + TICK * f(3.0));
    let half = TICK / 2.0;
    let once = 3.0 + half * f(3.0);
    assert_eq!(run_with(Method::Euler, 2).unwrap(), once + half * f(once));
    assert_eq!(run_with(Method::Midpoint, 1).unwrap(), 3.0 + TICK * f(3.0 + half * f(3.0)));
    assert!(matches!(run_with(Method::Exact, 1), Err(ReferenceError::NotLinear { .. })));
    assert!(matches!(run_with(Method::ExponentialEuler, 1), Err(ReferenceError::NotLinear { .. })));
}

#[test]
fn a_long_sum_does_not_exhaust_the_stack() {
    let mut b = one_state(1.0, |m, x, now| {
        let minus = m.unary(UnaryOp::Negate, now);
        let zero = m.number(0.0);
        let sum = (0..50_000).fold(minus, |sum, _| m.add(sum, zero));
        m.integrate(Method::Exact, 1, vec![(x, sum)]);
        let sum = (0..50_000).fold(now, |sum, _| m.add(sum, now));
        m.say(Statement::Assign(vec![(x, sum)]));
    });
    b.0.tick = 1.0;
    let x = values(&run(&b, 1).1, 0)[0];
    assert!((x / (50_001.0 * (-1.0f64).exp()) - 1.0).abs() < 1e-10, "{x}");
}

#[test]
fn exponential_euler_solves_each_line_for_its_own_state() {
    // x' = -x·y, y' = 3 - y/τ through a `let` that depends on both.
    let mut m = Build::new("m");
    let (x, x_now) = m.state("x", None, None);
    let (y, y_now) = m.state("y", None, None);
    let product = m.mul(x_now, y_now);
    let (define, product) = m.local(product);
    m.say(define);
    let dx = m.unary(UnaryOp::Negate, product);
    let tau = m.number(1e-3);
    let (three, leak) = (m.number(3.0), m.div(y_now, tau));
    let dy = m.sub(three, leak);
    m.integrate(Method::ExponentialEuler, 2, vec![(x, dx), (y, dy)]);
    let mut b = BuildCircuit::new(TICK);
    let p = b.neurons(3, m.0, vec![], vec![Values::Uniform(2.0), Values::Each(vec![100.0, 0.0, 50.0])]);
    let (reference, _) = run(&b, 1);
    for (n, y0) in [100.0, 0.0, 50.0].into_iter().enumerate() {
        let (mut xs, mut ys) = (2.0f64, y0);
        for _ in 0..2 {
            let h = TICK / 2.0;
            let x_new = xs * (-ys * h).exp();
            ys = 3e-3 + (ys - 3e-3) * (-h / 1e-3f64).exp();
            xs = x_new;
        }
        assert!((reference.state(p, x)[n] - xs).abs() < 1e-14);
        assert!((reference.state(p, y)[n] - ys).abs() < 1e-12);
    }
}

#[test]
fn parameters_may_differ_between_neurons() {
    let mut b = BuildCircuit::new(TICK);
    let n = 300;
    let taus: Vec<f64> = (0..n).map(|i| 10e-3 + f64::from(i % 7) * 1e-3).collect();
    let mut params = lif_params();
    params[0] = Values::Each(taus.clone());
    params[5] = Values::Uniform(1.0);
    let p = b.neurons(n, lif_exp(), params, uniform(&[-60e-3, 0.0, 0.0]));
    let (reference, _) = run(&b, 100);
    for (v, tau) in reference.state(p, state(0)).iter().zip(taus) {
        assert!((v - (-49e-3 - 11e-3 * (-0.01 / tau).exp())).abs() < 1e-14);
    }
}

#[test]
fn assignments_of_a_block_are_simultaneous() {
    let mut m = Build::new("swap");
    let (x, x_now) = m.state("x", None, None);
    let (y, y_now) = m.state("y", Some((-5.0, 5.0)), None);
    m.say(Statement::Assign(vec![(x, y_now), (y, x_now)]));
    let ten = m.number(10.0);
    let (define, sum) = m.local(ten);
    m.say(define);
    let more = m.add(y_now, sum);
    m.say(Statement::Assign(vec![(y, more)]));
    let mut b = BuildCircuit::new(TICK);
    let p = b.neurons(1, m.0, vec![], uniform(&[1.0, 2.0]));
    let (reference, _) = run(&b, 2);
    // Tick 0: (2, 1), then y = 11 saturates at 5. Tick 1: (5, 2), then 12 saturates at 5.
    assert_eq!((reference.state(p, x), reference.state(p, y)), (&[5.0][..], &[5.0][..]));
    assert_eq!(reference.saturations(p), &[0, 2]);
}

#[test]
fn on_happens_only_when_something_arrives() {
    let mut m = Build::new("on");
    let (syn, syn_now) = m.receptor("syn");
    let (x, x_now) = m.state("x", None, None);
    let one = m.number(1.0);
    let more = m.add(x_now, one);
    m.say(Statement::On { receptor: syn, body: vec![Statement::Assign(vec![(x, more)])] });
    let _ = syn_now;
    let mut b = BuildCircuit::new(TICK);
    let first = b.population(1, spikes_at(&[0, 3, 4]));
    let p = b.neurons(1, m.0, vec![], uniform(&[0.0]));
    b.project(first, p, Pattern::AllToAll, -2.0, Delay::Ticks(1));
    b.record(p, RecordedVariable::State(x));
    assert_eq!(values(&run(&b, 6).1, 0), [0.0, 1.0, 1.0, 1.0, 2.0, 3.0]);
}

#[test]
fn graded_coupling_relaxes_through_totals() {
    // Two cells with v' = Σ g·v_other - total(g)·v: their difference decays, their sum stays.
    let mut m = Build::new("gap");
    m.0.output = OutputType::Graded(crate::units::Dimension::NUMBER);
    let (gap, gap_now) = m.receptor("gap");
    let (v, v_now) = m.state("v", None, None);
    let total = m.expr(ExprKind::Total(gap));
    let leak = m.mul(total, v_now);
    let current = m.sub(gap_now, leak);
    m.integrate(Method::Euler, 1, vec![(v, current)]);
    m.say(Statement::Emit { value: v_now, when: None });
    let mut b = BuildCircuit::new(TICK);
    let p = b.neurons(2, m.0, vec![], vec![Values::Each(vec![1.0, 3.0])]);
    b.project(p, p, Pattern::AllToAll, 50.0, Delay::Ticks(1));
    let (reference, _) = run(&b, 20_000);
    let v = reference.state(p, v);
    assert!((v[0] - v[1]).abs() < 1e-9, "{v:?}");
}

#[test]
fn signals_and_live_input_arrive() {
    let mut b = BuildCircuit::new(TICK);
    let dimension = crate::units::Dimension::NUMBER;
    let signal = b.population(2, PopulationKind::Signal { dimension, values: vec![1.0, 2.0, 3.0, 4.0] });
    let eye = b.population(1, PopulationKind::LiveGraded { dimension, limit: 5.0 });
    let live = b.population(3, PopulationKind::LiveSpikes);
    let p = b.neurons(1, relay(), vec![], uniform(&[0.0]));
    for (source, weight) in [(signal, 1.0), (eye, 100.0), (live, 1000.0)] {
        b.project(source, p, Pattern::AllToAll, weight, Delay::Ticks(1));
    }
    b.record(p, RecordedVariable::State(state(0)));
    let input =
        LiveInput { spikes: vec![(4, live, 2), (4, live, 2), (4, live, 0)], graded: vec![(3, eye, 0, 1.0), (3, eye, 0, 9.0)] };
    let recording = Reference::new(&b.0, 1, input).unwrap().run(6);
    assert_eq!(values(&recording, 0), [0.0, 3.0, 10.0, 10.0, 510.0, 2510.0]);
    let bad = LiveInput { spikes: vec![(0, live, 3)], graded: vec![] };
    assert!(matches!(Reference::new(&b.0, 1, bad), Err(ReferenceError::BadInput { index: 3, .. })));
}

#[test]
fn draws_are_those_of_the_contract() {
    let mut m = Build::new("noise");
    let (x, _) = m.state("x", None, None);
    let (y, _) = m.state("y", None, None);
    let (mean, std) = (m.number(1.0), m.number(2.0));
    let normal = m.draw(DrawKind::Normal { mean, std });
    let flat = m.draw(DrawKind::Uniform { low: mean, high: std });
    m.say(Statement::Assign(vec![(x, normal), (y, flat)]));
    let mut b = BuildCircuit::new(TICK);
    b.neurons(1, lif_exp(), lif_params(), uniform(&[-60e-3, 0.0, 0.0]));
    let p = b.neurons(200, m.0, vec![], uniform(&[0.0, 0.0]));
    let (reference, _) = run(&b, 3);
    for index in [0u32, 127, 128, 199] {
        let draw = |number| word(Seed(1), Purpose::Program, 1, index, 2, number);
        let normal = 1.0 + 2.0 * (f64::from(standard_normal(draw(0))) / f64::from(1u32 << 27));
        assert_eq!(reference.state(p, x)[index as usize], normal);
        assert_eq!(reference.state(p, y)[index as usize], 1.0 + f64::from(draw(1) >> 1) / 2_147_483_648.0);
    }
}

#[test]
fn drives_have_their_rate() {
    let mut b = BuildCircuit::new(TICK);
    let n = 500;
    let p = b.neurons(n, relay(), vec![], uniform(&[0.0]));
    let rates: Vec<f64> = (0..n).map(|i| if i < 250 { 8.0 * 1600.0 } else { 0.0 }).collect();
    let receptor = ReceptorId::from_index(0);
    b.neurons_mut(p).drives.push(Drive { receptor, rate: Values::Each(rates), weight: Values::Uniform(2.0) });
    let (reference, _) = run(&b, 1000);
    let sums = reference.state(p, state(0));
    let mean = sums[..250].iter().sum::<f64>() / 250.0;
    let variance = sums[..250].iter().map(|s| (s - mean).powi(2)).sum::<f64>() / 249.0;
    // 1280 events of weight 2 in 0.1 s.
    assert!((mean - 2560.0).abs() < 4.0 * (4.0 * 1280.0f64 / 250.0).sqrt(), "{mean}");
    assert!((variance / 5120.0 - 1.0).abs() < 0.4, "{variance}");
    assert!(sums[250..].iter().all(|s| *s == 0.0));
    b.neurons_mut(p).drives[0].rate = Values::Uniform(f64::NAN);
    assert!(matches!(Reference::new(&b.0, 1, LiveInput::default()), Err(ReferenceError::BadRate { .. })));
}

#[test]
fn modulators_are_late_by_their_delay() {
    let mut b = one_state(7.0, |m, x, now| {
        let one = m.number(1.0);
        let more = m.add(now, one);
        m.say(Statement::Assign(vec![(x, more)]));
    });
    let mut m = Build::new("reader");
    let gain = m.modulator("gain");
    let (y, _) = m.state("y", None, None);
    m.say(Statement::Assign(vec![(y, gain)]));
    for delay in [1, 3] {
        let p = b.neurons(1, m.0.clone(), vec![], uniform(&[0.0]));
        let population = PopId::from_index(0);
        b.neurons_mut(p).modulators.push(ModulatorBinding { population, index: 0, state: state(0), delay });
        b.record(p, RecordedVariable::State(y));
    }
    let (_, recording) = run(&b, 5);
    assert_eq!(values(&recording, 0), [8.0, 9.0, 10.0, 11.0, 12.0]);
    assert_eq!(values(&recording, 1), [7.0, 8.0, 9.0, 10.0, 11.0]);
    assert_eq!(values(&recording, 2), [7.0, 7.0, 7.0, 8.0, 9.0]);
}

#[test]
fn raw_arithmetic_is_exact() {
    let mut m = Build::new("raw");
    let (v, v_now) = m.state("v", None, Some(15));
    let (k, k_now) = m.state("k", None, Some(15));
    let product = m.expr(ExprKind::RawMultiply { a: v_now, b: k_now, rounding: Rounding::Floor, shift: 15 });
    let shifted = m.expr(ExprKind::RawShift { a: v_now, by: 3, rounding: Rounding::Floor });
    let next = m.sub(product, shifted);
    m.say(Statement::Assign(vec![(v, next)]));
    let _ = k;
    let mut b = BuildCircuit::new(TICK);
    let p = b.neurons(1, m.0, vec![], uniform(&[-1234.567, 0.9]));
    let mut reference = Reference::new(&b.0, 1, LiveInput::default()).unwrap();
    let mut raw = (-1234.567f64 * 32768.0 + 0.5).floor() as i64;
    let factor = (0.9f64 * 32768.0 + 0.5).floor() as i64;
    for _ in 0..40 {
        reference.step();
        raw = ((raw * factor) >> 15) - (raw >> 3);
        assert_eq!(reference.state(p, v), &[raw as f64 / 32768.0]);
    }
}

/// Vogels and Abbott's network, benchmark 2 of Brette et al. 2007, made smaller by `share`.
fn balanced(share: u32) -> BuildCircuit {
    let mut b = BuildCircuit::new(TICK);
    let (n_e, n_i) = (3200 / share, 800 / share);
    let volts = |n: u32| Values::Each((0..n).map(|i| -60e-3 + 10e-3 * f64::from(i) / f64::from(n)).collect());
    let initial = |n| vec![volts(n), Values::Uniform(0.0), Values::Uniform(0.0)];
    let e = b.neurons(n_e, lif_exp(), lif_params(), initial(n_e));
    let i = b.neurons(n_i, lif_exp(), lif_params(), initial(n_i));
    let p = 80.0 / f64::from(n_e + n_i);
    for target in [e, i] {
        b.project(e, target, Pattern::Random { p }, 1.62e-3, Delay::Ticks(1));
        let inhibitory = b.project(i, target, Pattern::Random { p }, -9e-3, Delay::Ticks(1));
        b.0.projections[inhibitory].receptor = ReceptorId::from_index(1);
    }
    b.record(e, RecordedVariable::Spikes);
    b.record(i, RecordedVariable::Spikes);
    b
}

#[test]
fn a_balanced_network_is_active_and_repeats() {
    let b = balanced(4);
    let (_, first) = run(&b, 5000);
    let rate = first.spikes.len() as f64 / 1000.0 / 0.5;
    // NEST and Brian2 give 5.5 to 5.6 Hz for the network of 4000 cells (in-degree kept).
    assert!((4.5..7.0).contains(&rate), "{rate} Hz");
    let mut again = Reference::new(&b.0, 1, LiveInput::default()).unwrap();
    let mut spikes = again.run(1234).spikes;
    spikes.extend(again.run(5000 - 1234).spikes);
    assert_eq!(spikes, first.spikes);
    assert_ne!(Reference::new(&b.0, 2, LiveInput::default()).unwrap().run(5000), first);
}
