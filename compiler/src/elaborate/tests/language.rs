//! The circuits of the language's own page.

use super::*;
use crate::circuit::{Delay, Distribution, IndexSet, Law, Pattern, Placement, Quantity, RecordedVariable, Sign, Within};

#[test]
fn vogels_abbott() {
    let c = made(
        "import std.neurons
        circuit vogels_abbott(n: count = 4000) {
          tick 0.1 ms
          let cell = lif_exp(e_l = -49 mV, v_th = -50 mV, v_reset = -60 mV, tau_m = 20 ms, t_ref = 5 ms,
                             tau_exc = 5 ms, tau_inh = 10 ms, v = uniform(-60 mV, -50 mV))
          population e[n * 4 / 5]: cell, excitatory
          population i[n / 5]: cell, inhibitory
          for target in [e, i] {
            project e -> target.exc by random(p = 80 / n) { weight 1.62 mV; delay 0.1 ms }
            project i -> target.inh by random(p = 80 / n) { weight -9 mV;   delay 0.1 ms }
          }
          record e.spike, i.spike, e[0..5].v every 1 ms
        }",
    );
    assert_eq!((c.name.as_str(), c.tick), ("vogels_abbott", 1e-4));
    assert_eq!(c.models.len(), 1);
    assert_eq!(population(&c, "e").size(), 3200);
    assert_eq!(population(&c, "i").sign, Some(Sign::Inhibitory));
    assert_eq!(values(&c, "e", "tau_m"), Values::Uniform(0.02));
    let (low, high) = values(&c, "e", "v").bounds();
    assert!((-0.06..-0.059).contains(&low) && (-0.051..=-0.05).contains(&high));
    assert_ne!(values(&c, "e", "v").at(0), values(&c, "i", "v").at(0));
    assert_eq!(c.projections.len(), 4);
    let p = projection(&c, "i -> e.inh");
    assert_eq!((&p.pattern, &p.weight, &p.delay), (&Pattern::Random { p: 0.02 }, &Quantity::Constant(-9e-3), &Delay::Ticks(1)));
    assert_eq!(c.records.len(), 3);
    assert_eq!(c.records[2].indices, IndexSet::Range { start: 0, end: 5 });
    assert_eq!((c.records[0].variable, c.records[0].every), (RecordedVariable::Spikes, 1));
    assert_eq!(c.records[2].every, 10);
}

#[test]
fn izhikevich() {
    let c = made(
        "neuron izhikevich {
          param a: rate = 0.02 / ms;  param b: number = 0.2
          param c: voltage = -65 mV;  param d: voltage = 8 mV
          receptor syn: voltage
          state v: voltage = c in -120 mV .. 60 mV
          state u: voltage = b * c in -60 mV .. 60 mV
          integrate euler, substeps 2
          d v = 0.04 / (ms * mV) * v^2 + 5 / ms * v + 140 mV / ms - u / ms
          d u = a * (b * v - u)
          v += syn
          spike when v >= 30 mV { v = c; u += d }
        }
        circuit top { tick 1 ms; population e[4]: izhikevich(b = from \"v.npy\" * 0.1); record e.spike }",
    );
    // The default of u reads b, which differs from neuron to neuron.
    let Values::Each(u) = values(&c, "e", "u") else { panic!("one value for each") };
    assert!((u[0] - -0.0065).abs() < 1e-12 && (u[3] - -0.026).abs() < 1e-12);
}

#[test]
fn inputs() {
    let c = body(
        "population touch[6]: spikes from \"touch.csv\"
        population noise[100]: poisson(rate = 8 Hz)
        population clock[1]: regular(period = 100 ms, first = 5 ms)
        population cue[3]: spikes at [[1 ms, 5 ms], [2 ms], []]
        population drive[10]: signal from \"drive.npy\"
        population eye[28, 28]: live spikes
        population joint[5]: live graded(number)
        population column[1000]: lif_exp(exc <- poisson(rate = 8 Hz * 1600, weight = 0.1 mV))
        record column.spike, touch.spike, noise.spike, clock.spike, cue.spike, eye.spike",
    );
    let kind = |name: &str| &population(&c, name).kind;
    assert!(matches!(kind("touch"), PopulationKind::SpikeList(s) if *s == [(0, 5), (3, 1)]));
    assert!(matches!(kind("cue"), PopulationKind::SpikeList(s) if *s == [(10, 0), (20, 1), (50, 0)]));
    assert!(matches!(kind("drive"), PopulationKind::Signal { values, .. } if values.len() == 40));
    assert!(matches!(kind("eye"), PopulationKind::LiveSpikes));
    assert!(matches!(kind("joint"), PopulationKind::LiveGraded { limit, .. } if *limit == 1000.0));
    assert_eq!(population(&c, "eye").shape, [28, 28]);
    let drive = &neurons(&c, "column").drives[0];
    assert_eq!((&drive.rate, &drive.weight), (&Values::Uniform(12800.0), &Values::Uniform(1e-4)));
    assert_eq!(values(&c, "noise", "rate"), Values::Uniform(8.0));
}

#[test]
fn chain_of_half_centres() {
    let c = made(
        "import std.neurons
        /// Two groups that inhibit each other and take turns.
        circuit half_centre(n: count = 6, w: current = 0.4 nA) {
          population left[n]: adex(b = 0.08 nA), inhibitory
          population right[n]: adex(b = 0.08 nA), inhibitory
          project left -> right.inh by all_to_all { weight -w; delay 2 ms }
          project right -> left.inh by all_to_all { weight -w; delay 2 ms }
          port in  tonic_left  = left.exc
          port in  tonic_right = right.exc
          port out burst       = left
        }
        circuit chain {
          tick 0.5 ms
          population tone[1]: regular(period = 1 ms)
          instance segment[6]: half_centre(n = 1 + index)
          for k in 0 .. 6 { project tone -> segment[k].tonic_left by all_to_all { weight 1 nA; delay 1 ms } }
          for k in 1 .. 6 { project segment[k - 1].burst -> segment[k].tonic_right by all_to_all { weight -0.2 nA; delay 10 ms } }
          record segment[..].left.spike
        }",
    );
    assert_eq!(c.name, "chain");
    assert_eq!(population(&c, "segment[3].left").size(), 4);
    assert_eq!(c.projections.len(), 12 + 6 + 5);
    assert_eq!(projection(&c, "segment[0].left -> segment[1].right.exc").delay, Delay::Ticks(20));
    assert_eq!(c.records.len(), 6);
}

#[test]
fn layers_in_one_tick() {
    let c = body(
        "population x[784]: live spikes
        population h[128]: lif_delta(tau_m = 10 ms)
        population y[10]: readout(tau_m = 10 ms)
        project x -> h.syn by matrix(\"w1.npy\") { delay 0; bits 8 }
        project h -> y.syn by matrix(\"w2.npy\") { delay 0; bits 8; on macro \"rram\" }
        record y.v",
    );
    let p = projection(&c, "h -> y.syn");
    assert_eq!((p.bits, &p.delay, &p.weight), (8, &Delay::Ticks(0), &Quantity::Constant(1.0)));
    assert_eq!(p.placement, Some(Placement::Macro("rram".to_string())));
    assert!(matches!(&p.pattern, Pattern::Matrix { weights } if weights.len() == 1280));
}

#[test]
fn microcircuit() {
    let c = made(
        "import std.neurons
        circuit micro {
          tick 0.1 ms
          let n = [200, 58]
          let p = [[0.1009, 0.1689], [0.1346, 0]]
          let w = 87.81 pA
          let cell = lif_exp_current(t_ref = 2 ms)
          population L23E[n[0]]: cell(v = normal(-68.28 mV, 5.36 mV)), excitatory
          population L23I[n[1]]: cell(v = normal(-63.16 mV, 4.57 mV)), inhibitory
          let pops = [L23E, L23I]
          for t in 0 .. 2 { for s in 0 .. 2 { if p[t][s] > 0 {
            project pops[s] -> pops[t].syn by fixed_total(n = round(ln(1 - p[t][s]) / ln(1 - 1 / (n[t] * n[s])))) {
              weight if s % 2 == 0 then normal(w, 0.1 * w) within 0 pA .. 10 nA else normal(-4 * w, 0.4 * w) within -10 nA .. 0 pA
              delay  if s % 2 == 0 then normal(1.5 ms, 0.75 ms) within 0.1 ms .. 20 ms else normal(0.75 ms, 0.375 ms) within 0.1 ms .. 20 ms
            }
          } } }
          record L23E.spike, L23I.spike
        }
        neuron lif_exp_current {
          param t_ref: time = 2 ms
          receptor syn: current
          state v: voltage = -65 mV in -200 mV .. 100 mV
          state i: current = 0 pA in -1 uA .. 1 uA
          d v = (-65 mV - v) / 10 ms + i / 250 pF
          d i = -i / 0.5 ms
          i += syn
          spike when v >= -50 mV { v = -65 mV; hold v for t_ref }
        }",
    );
    assert_eq!(c.projections.len(), 3);
    let p = projection(&c, "L23I -> L23E.syn");
    assert!(matches!(p.pattern, Pattern::FixedTotal { n: 2146 | 2145 }), "{:?}", p.pattern);
    assert!(p.allow_multiple && !p.allow_self);
    let Quantity::Drawn(Distribution::Law(Law::Normal { mean, .. }), Some(within)) = &p.weight else { panic!("{:?}", p.weight) };
    assert!((mean - -4.0 * 87.81e-12).abs() < 1e-20);
    assert_eq!(*within, Within { low: -1e-8, high: 0.0 });
    assert!(matches!(p.delay, Delay::Drawn(..)));
}
