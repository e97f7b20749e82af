//! The neurons of the language's description, and some from the literature.

use super::*;

const LIF_EXP: &str = "
    neuron lif_exp {
      param tau_m: time = 20 ms
      param tau_exc: time = 5 ms
      param tau_inh: time = 5 ms
      param t_ref: time = 2 ms
      param e_l: voltage = -65 mV
      param v_th: voltage = -50 mV
      param v_reset: voltage = -65 mV
      receptor exc: voltage                 // the exact sum of what arrived in this tick
      receptor inh: voltage
      state v: voltage = e_l in -200 mV .. 100 mV
      state g_e: voltage = 0 mV in -1 V .. 1 V
      state g_i: voltage = 0 mV in -1 V .. 1 V

      d v   = (e_l - v + g_e + g_i) / tau_m  // consecutive d-lines are one system, integrated over one tick
      d g_e = -g_e / tau_exc
      d g_i = -g_i / tau_inh
      g_e += exc
      g_i += inh
      spike when v >= v_th { v = v_reset; hold v for t_ref }
    }";

#[test]
fn lif_exp() {
    let template = template(LIF_EXP);
    let model = &template.model;
    assert_eq!((model.params.len(), model.states.len(), model.receptors.len()), (7, 3, 2));
    assert_eq!(model.output, OutputType::Spikes);
    assert_eq!(model.states[StateId::from_index(0)].range, Some((-0.2, 0.1)));
    assert_eq!(model.body.len(), 4);
    let systems = systems_of(model);
    assert_eq!((systems.len(), systems[0].method, systems[0].equations.len()), (1, Method::Exact, 3));
    let Some(Statement::Spike { then, .. }) = model.body.last() else { panic!("a spike") };
    assert!(matches!(then[..], [Statement::Assign(_), Statement::Hold(_)]));
    assert!(template.initial[StateId::from_index(0)].is_some());
}

#[test]
fn izhikevich() {
    let model = template(
        "neuron izhikevich {
      param a: rate = 0.02 / ms;  param b: number = 0.2
      param c: voltage = -65 mV;  param d: voltage = 8 mV        // u in mV, its coupling 1/ms
      receptor syn: voltage
      state v: voltage = c in -120 mV .. 60 mV
      state u: voltage = b * c in -60 mV .. 60 mV
      integrate euler, substeps 2
      d v = 0.04 / (ms * mV) * v^2 + 5 / ms * v + 140 mV / ms - u / ms
      d u = a * (b * v - u)
      v += syn
      spike when v >= 30 mV { v = c; u += d }
    }",
    )
    .model;
    let systems = systems_of(&model);
    assert_eq!((systems[0].method, systems[0].substeps), (Method::Euler, 2));
}

#[test]
fn adaptive_exponential() {
    model(
        "param g_l: conductance = 30 nS; param c_m: capacitance = 281 pF; param e_l: voltage = -70.6 mV
         param v_t: voltage = -50.4 mV; param delta_t: voltage = 2 mV; param tau_w: time = 144 ms
         param a: conductance = 4 nS; param b: current = 80 pA
         receptor syn: current
         state v: voltage = e_l in -200 mV .. 50 mV
         state w: current = 0 in -10 nA .. 10 nA
         integrate euler, substeps 10
         let i_exp = g_l * delta_t * exp((v - v_t) / delta_t)
         d v = (g_l * (e_l - v) + i_exp - w + syn) / c_m
         d w = (a * (v - e_l) - w) / tau_w
         spike when v > 20 mV { v = e_l; w += b; refractory 2 ms }",
    );
}

#[test]
fn hodgkin_huxley_with_functions() {
    template(
        "fn vtrap(x: number): number = if abs(x) < 0.000001 then 1 - x / 2 else x / (exp(x) - 1)
         neuron hh {
           param c_m: capacitance = 100 pF
           receptor syn: current
           state v: voltage = e_rest in -200 mV .. 100 mV
           state m: number = 0.05 in 0 .. 1
           state h: number = 0.6 in 0 .. 1
           integrate exponential_euler
           let alpha = vtrap(-(v + 40 mV) / (10 mV)) / ms
           let beta = 4 * exp(-(v + 65 mV) / (18 mV)) / ms
           d v = (12 uS * m^3 * h * (50 mV - v) + 0.3 uS * (-54 mV - v) + syn) / c_m
           d m = alpha * (1 - m) - beta * m
           d h = 0.07 * exp(-(v + 65 mV) / (20 mV)) / ms * (1 - h) - h / ms
           emit v
         }",
    );
}

#[test]
fn gap_junction_infers_what_arrives() {
    let template = template(
        "neuron coupled {
           receptor gap: current
           state v: voltage = -65 mV in -200 mV .. 100 mV
           d v = (1 nS * (-65 mV - v) + gap - total(gap) * v) / (100 pF)
           emit v
         }",
    );
    assert_eq!(template.total_per, BTreeMap::from([(ReceptorId::from_index(0), Dimension::VOLTAGE)]));
    assert_eq!(template.output(), OutputType::Graded(Dimension::VOLTAGE));
}

#[test]
fn total_of_spikes_is_in_the_receptors_unit() {
    let template = template(
        "neuron normalised {
           receptor r: current
           state x: number in 0 .. 1
           x = if total(r) > 0 then r / total(r) else 0
           emit x
         }",
    );
    assert_eq!(template.total_per, BTreeMap::from([(ReceptorId::from_index(0), Dimension::NUMBER)]));
}

#[test]
fn a_modulator_becomes_a_constant_when_nothing_is_bound() {
    let template =
        template("neuron m { modulator a: number = 1; modulator b: number = 2; state x: number in 0 .. 9; x = a + b; emit x }");
    let model = template.with_constant_modulators(&BTreeMap::from([(ModulatorId::from_index(0), 5.0)]));
    assert_eq!(model.modulators.len(), 1);
    assert!(model.exprs.values().iter().any(|e| e.kind == ExprKind::Constant(5.0)));
    let read: Vec<_> =
        model.exprs.values().iter().filter(|e| matches!(e.kind, ExprKind::Modulator(_))).map(|e| &e.kind).collect();
    assert_eq!(read, [&ExprKind::Modulator(ModulatorId::from_index(0))]);
}
