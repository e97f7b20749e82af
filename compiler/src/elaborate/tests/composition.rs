//! Circuits within circuits.

use super::*;
use crate::circuit::{ModulatorBinding, PopId};
use crate::table::Id;

const INNER: &str = "import std.neurons
circuit inner(n: count = 2, w: voltage = 1 mV * n) {
  population p[n]: lif_delta(v = w)
  port in  first = p[0..1].syn
  port in  all: spikes = p.syn
  port out out: spikes = p
}
";

#[test]
fn defaults_read_parameters_above_and_names_are_flat() {
    let c = made(&format!(
        "{INNER}circuit top {{ tick 1 ms; instance a[2, 3]: inner(n = 1 + index[1]); instance b: inner; record a[.., 1].p.v, b.p.v }}"
    ));
    assert_eq!(names(&c)[..3], ["a[0,0].p", "a[0,1].p", "a[0,2].p"]);
    assert_eq!(values(&c, "a[1,2].p", "v"), Values::Uniform(0.003));
    assert_eq!(c.records.len(), 3);
}

#[test]
fn ports_lead_to_what_they_name() {
    let c = made(&format!(
        "{INNER}circuit outer {{ instance x: inner; port in deep = x.first; port out up = x.out }}
        circuit top {{ tick 1 ms; instance o: outer; project o.up[1..2] -> o.deep by all_to_all {{ weight 1 mV }}; port out y = o.up }}"
    ));
    let p = &c.projections.values()[0];
    assert_eq!((p.source_indices.nth(0), p.target_indices.len()), (1, 1));
    assert_eq!(p.name, "o.x.p -> o.x.p.syn");
    assert_eq!((c.outputs[0].name.as_str(), c.outputs[0].population), ("y", PopId::from_index(0)));
}

#[test]
fn loops_number_their_populations() {
    let c = body("for k in [1, 2] { for j in 0 .. 2 { population p[k]: lif_delta; record p.spike } }");
    assert_eq!(names(&c), ["p[0][0]", "p[0][1]", "p[1][0]", "p[1][1]"]);
}

#[test]
fn modulators_are_bound_or_constant() {
    let c = made(
        "neuron slow { state ca: number = 1 in 0 .. 2; d ca = -ca / 100 ms }
        neuron gated { modulator gain: number = 0.5; receptor syn: voltage; state v: voltage = 0 in -1 V .. 1 V
          d v = -v / 10 ms
          v += gain * syn
          spike when v > 1 mV { v = 0 mV } }
        circuit top { tick 1 ms
          population astro[3]: slow
          population a[2]: gated
          population b[2]: gated(gain = astro[1].ca delay 5 ms)
          population c[2]: gated(gain = 2)
          record a.spike, b.spike, c.spike }",
    );
    assert!(neurons(&c, "a").modulators.is_empty());
    assert_ne!(neurons(&c, "a").model, neurons(&c, "c").model);
    let bound = &neurons(&c, "b").modulators.values()[0];
    assert_eq!(*bound, ModulatorBinding { population: PopId::from_index(0), index: 1, state: Id::from_index(0), delay: 5 });
}

#[test]
fn the_inside_of_an_instance_is_closed() {
    let top =
        |statement: &str| codes(&format!("{INNER}circuit top {{ tick 1 ms; instance a: inner; record a.p.v; {statement} }}"));
    assert_eq!(top("project a.p -> a.all by all_to_all { weight 1 mV }"), ["E0411"]);
    assert_eq!(top("project a.ou -> a.all by all_to_all { weight 1 mV }"), ["E0410"]);
    assert_eq!(top("project a.out -> a.all by all_to_all { weight 1 mV }"), [] as [&str; 0]);
    let graded = "population g[1]: live graded(voltage); project g -> a.all by all_to_all { weight 1 }";
    assert_eq!(top(graded), ["E0608"]);
}

#[test]
fn lints_name_what_has_no_effect() {
    assert_eq!(body_codes("population a[2]: lif_delta"), ["W0402"]);
    assert_eq!(body_codes("population a[2]: lif_delta\npopulation b[2]: lif_delta\nrecord a.v"), ["W0401"]);
}
