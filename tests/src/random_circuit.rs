//! Random circuits as text, for tests that compare ways of running them.
//!
//! They shrink: proptest drops projections and populations and makes numbers small until only what is needed to fail is left.

use proptest::prelude::*;
use std::fmt::Write;

/// Everything that is drawn; [`RandomCircuit::text`] writes it in the circuit language.
#[derive(Clone, Debug)]
pub struct RandomCircuit {
    tick: &'static str,
    populations: Vec<RandomPopulation>,
    projections: Vec<RandomProjection>,
}

#[derive(Clone, Debug)]
struct RandomPopulation {
    size: u32,
    cell: usize,
    spread: u32,
}

#[derive(Clone, Debug)]
struct RandomProjection {
    source: usize,
    target: usize,
    receptor: usize,
    pattern: usize,
    weight: i32,
    drawn: bool,
    delay: u32,
    drawn_delay: bool,
}

/// A model with its receptors (and the unit of their weights), and what it emits.
struct Cell {
    model: &'static str,
    receptors: &'static [(&'static str, &'static str)],
    graded: bool,
    spikes: bool,
    record: &'static str,
}

const CELLS: &[Cell] = &[
    Cell {
        model: "lif_exp(e_l = -52 mV, v = uniform(-65 mV, -50 mV), tau_m = SPREAD ms)",
        receptors: &[("exc", "mV"), ("inh", "mV")],
        graded: false,
        spikes: true,
        record: "v",
    },
    Cell {
        model: "lif_delta(v = normal(-60 mV, 3 mV) within -69 mV .. -51 mV, tau_m = SPREAD ms)",
        receptors: &[("syn", "mV")],
        graded: false,
        spikes: true,
        record: "v",
    },
    Cell { model: "izhikevich(d = SPREAD mV)", receptors: &[("syn", "mV")], graded: false, spikes: true, record: "u" },
    Cell { model: "noisy(tau = SPREAD ms)", receptors: &[("syn", "mV")], graded: false, spikes: true, record: "x" },
    Cell {
        model: "follower(tau = SPREAD ms)",
        receptors: &[("gap", "mV"), ("push", "mV")],
        graded: true,
        spikes: false,
        record: "x",
    },
    Cell { model: "poisson(rate = 120 Hz)", receptors: &[], graded: false, spikes: true, record: "" },
    Cell { model: "regular(period = SPREAD ms)", receptors: &[], graded: false, spikes: true, record: "" },
    Cell { model: "adex(i_ext = 0.9 nA)", receptors: &[("exc", "nA"), ("inh", "nA")], graded: false, spikes: true, record: "w" },
];

const OWN_MODELS: &str = "\
neuron noisy {
  param tau: time = 10 ms
  receptor syn: voltage
  state x: voltage = 0 mV in -50 mV .. 50 mV
  d x = -x / tau
  x += syn + random normal(0 mV, 2 mV) + random uniform(0 mV, 1 mV)
  spike when x >= 8 mV { x -= 8 mV; refractory 2 ms }
}

neuron follower {
  param tau: time = 10 ms
  receptor gap: voltage
  receptor push: voltage
  state x: voltage = 1 mV in -100 mV .. 100 mV
  integrate exponential_euler
  d x = (gap - (1 + abs(total(gap))) * x + 20 mV * tanh(push / 10 mV)) / tau
  emit x
}
";

impl RandomCircuit {
    /// The circuit in the circuit language, formatted by hand, not by the printer.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = format!("import std.neurons\n\n{OWN_MODELS}\ncircuit random {{\n  tick {}\n", self.tick);
        let mut line = |text: String| {
            let _ = writeln!(out, "  {text}");
        };
        for (i, p) in self.populations.iter().enumerate() {
            let model = CELLS[p.cell].model.replace("SPREAD", &p.spread.to_string());
            line(format!("population p{i}[{}]: {model}", p.size));
        }
        for p in &self.projections {
            if let Some(text) = self.projection(p) {
                line(text);
            }
        }
        for (i, p) in self.populations.iter().enumerate() {
            let cell = &CELLS[p.cell];
            if cell.spikes {
                line(format!("record p{i}.spike"));
            }
            if !cell.record.is_empty() {
                line(format!("record p{i}.{} every {}", cell.record, if i % 2 == 0 { "1 ms" } else { "2 ms" }));
            }
        }
        out.push_str("}\n");
        out
    }

    /// `None` where the drawn pair does not go together: a source that emits nothing of the kind, a target without receptors.
    fn projection(&self, p: &RandomProjection) -> Option<String> {
        let (source, target) = (p.source % self.populations.len(), p.target % self.populations.len());
        let (from, to) = (&self.populations[source], &self.populations[target]);
        let cell = &CELLS[to.cell];
        let graded = CELLS[from.cell].graded;
        let (receptor, unit) =
            *cell.receptors.get(if cell.graded { usize::from(!graded) } else { p.receptor % cell.receptors.len().max(1) })?;
        if graded && !cell.graded {
            return None;
        }
        let pattern = match p.pattern % 6 {
            0 => "all_to_all, self".to_string(),
            1 => format!("random(p = 0.{})", 1 + p.delay % 8),
            2 => format!("fixed_in(k = {}), self", 1 + p.delay % 4),
            3 if from.size == to.size => "one_to_one, self".to_string(),
            3 | 4 => format!("fixed_total(n = {}), self", 1 + p.delay * 3),
            _ if to.size >= 3 => "fixed_out(k = 2), self".to_string(),
            _ => "all_to_all".to_string(),
        };
        let weight = if graded {
            format!("0.{}", p.weight.unsigned_abs() % 10)
        } else {
            let w = format!("{}.{} {unit}", p.weight, p.delay % 10);
            if p.drawn { format!("normal({w}, 0.5 {unit})") } else { w }
        };
        let delay = if p.drawn_delay { format!("uniform(1 ms, {} ms)", p.delay + 1) } else { format!("{} ms", p.delay) };
        Some(format!("project p{source} -> p{target}.{receptor} by {pattern} {{ weight {weight}; delay {delay} }}"))
    }
}

/// Random circuits of up to four populations and six projections.
pub fn random_circuit() -> impl Strategy<Value = RandomCircuit> {
    let population =
        (1u32..30, 0..CELLS.len(), 3u32..20).prop_map(|(size, cell, spread)| RandomPopulation { size, cell, spread });
    let projection =
        (any::<usize>(), any::<usize>(), any::<usize>(), any::<usize>(), -9i32..20, any::<bool>(), 1u32..12, any::<bool>())
            .prop_map(|(source, target, receptor, pattern, weight, drawn, delay, drawn_delay)| RandomProjection {
                source,
                target,
                receptor,
                pattern,
                weight,
                drawn,
                delay,
                drawn_delay,
            });
    let tick = prop_oneof![Just("1 ms"), Just("0.5 ms")];
    (tick, prop::collection::vec(population, 1..5), prop::collection::vec(projection, 0..7))
        .prop_map(|(tick, populations, projections)| RandomCircuit { tick, populations, projections })
}
