//! How long circuits take from text to integers, and how much memory: `cargo run --release --example front_end -- NAME`.
//!
//! `pd` is the cortical microcircuit of Potjans and Diesmann (Cereb. Cortex 24:785, 2014) at full scale: 77,169 neurons, about
//! 299 million synapses. `modules N` is N modules of four populations of 250 neurons, each with 40 projections of 25,000
//! synapses: 1,000 modules are 1,000,000 neurons and 1,000,000,000 synapses. `cells N MODEL` is N populations of ten cells of a model
//! of the library, each with initial values of its own.
#![allow(clippy::expect_used, reason = "an example stops at the first thing that goes wrong")]

use bouton_compiler::circuit::Circuit;
use bouton_compiler::elaborate::{MemoryLoader, Options, elaborate};
use bouton_compiler::lower::{LowerOptions, lower};
use bouton_compiler::source::SourceMap;
use std::time::Instant;

const PD: &str = "import std.neurons
import std.sources

circuit microcircuit {
  tick 0.1 ms
  let names = [20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948]
  let external = [1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100]
  let p = [
    [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0000, 0.0076, 0.0000],
    [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0000, 0.0042, 0.0000],
    [0.0077, 0.0059, 0.0497, 0.1350, 0.0067, 0.0003, 0.0453, 0.0000],
    [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0000, 0.1057, 0.0000],
    [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0000],
    [0.0548, 0.0269, 0.0257, 0.0022, 0.0600, 0.3158, 0.0086, 0.0000],
    [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
    [0.0364, 0.0010, 0.0034, 0.0005, 0.0277, 0.0080, 0.0658, 0.1443]]
  let cell = lif_psc_exp()
  fn_populations
  let pops = [l23e, l23i, l4e, l4i, l5e, l5i, l6e, l6i]
  for t in 0 .. 8 { for s in 0 .. 8 {
    if p[t][s] > 0 {
      let pairs = size(pops[s]) * size(pops[t])
      let total = round(ln(1 - p[t][s]) / ln(1 - 1 / pairs))
      let scale = if t == 0 and s == 2 then 2 else 1
      if s % 2 == 0 {
        project pops[s] -> pops[t].syn by fixed_total(n = total), self {
          weight normal(scale * 87.81 pA, scale * 8.781 pA) within 0 pA .. 10 nA
          delay normal(1.5 ms, 0.75 ms) within 0.1 ms .. 1 s
        }
      } else {
        project pops[s] -> pops[t].syn by fixed_total(n = total), self {
          weight normal(-351.24 pA, 35.124 pA) within -10 nA .. 0 pA
          delay normal(0.75 ms, 0.375 ms) within 0.1 ms .. 1 s
        }
      }
    }
  } }
}
";

fn pd() -> String {
    let names = ["l23e", "l23i", "l4e", "l4i", "l5e", "l5i", "l6e", "l6i"];
    let initial = [
        (-68.28, 5.36),
        (-63.16, 4.57),
        (-63.33, 4.74),
        (-63.45, 4.94),
        (-63.11, 4.94),
        (-61.66, 4.55),
        (-66.72, 5.46),
        (-61.43, 4.48),
    ];
    let one = |(at, name): (usize, &str)| {
        let (mean, std) = initial[at];
        let sign = if at % 2 == 0 { "excitatory" } else { "inhibitory" };
        format!(
            "population {name}[names[{at}]]: cell(v = normal({mean} mV, {std} mV), \
             syn <- poisson(rate = external[{at}] * 8 Hz, weight = 87.81 pA)), {sign}\n  "
        )
    };
    let populations: String = names.into_iter().enumerate().map(one).collect();
    PD.replace("fn_populations", &populations)
}

fn modules(count: usize) -> String {
    format!(
        "import std.neurons
import std.sources

circuit module {{
  tick 0.1 ms
  let cell = lif_exp(v = normal(-65 mV, 3 mV), exc <- poisson(rate = 500 Hz, weight = 0.5 mV))
  population a[250]: cell
  population b[250]: cell
  population c[250]: cell
  population d[250]: cell
  let pops = [a, b, c, d]
  for s in 0 .. 4 {{ for t in 0 .. 4 {{
    project pops[s] -> pops[t].exc by fixed_in(k = 100) {{
      weight normal(0.1 mV, 0.01 mV) within 0 mV .. 1 mV
      delay normal(1.5 ms, 0.75 ms) within 0.1 ms .. 10 ms
    }}
  }} }}
  port in in_a = a.inh
  port in in_b = b.inh
  port in in_c = c.inh
  port in in_d = d.inh
  port out out_a = a
  port out out_b = b
  port out out_c = c
  port out out_d = d
}}

circuit many {{
  tick 0.1 ms
  instance m[{count}]: module()
  for k in 0 .. {count} {{
    for step in 1 .. 7 {{
      let n = (k + step * step) % {count}
      project m[k].out_a -> m[n].in_a by fixed_in(k = 100) {{ weight -0.2 mV; delay 2 ms }}
      project m[k].out_b -> m[n].in_b by fixed_in(k = 100) {{ weight -0.2 mV; delay 2 ms }}
      project m[k].out_c -> m[n].in_c by fixed_in(k = 100) {{ weight normal(-0.2 mV, 0.02 mV) within -1 mV .. 0 mV; delay 2 ms }}
      project m[k].out_d -> m[n].in_d by random(p = 0.4) {{ weight -0.2 mV; delay 2 ms }}
    }}
  }}
}}
"
    )
}

fn cells(count: usize, model: &str) -> String {
    format!(
        "import std.neurons
circuit cells {{
  tick 0.1 ms
  for k in 0 .. {count} {{ population p[10]: {model}(v = normal(-65 mV, 3 mV)) }}
}}
"
    )
}

/// A line of /proc/self/status, in MB: zero where there is none.
fn megabytes(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) / 1024
}

fn elaborated(text: &str) -> Circuit {
    let loader = MemoryLoader::default().with("example.circuit", text);
    let mut sources = SourceMap::default();
    let (circuit, diagnostics) = elaborate(&loader, "example.circuit", &Options::default(), &mut sources);
    println!("{}", diagnostics.render(&sources, false));
    circuit.expect("a sound circuit")
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let count = arguments.get(1).and_then(|n| n.parse().ok()).unwrap_or(1000);
    let text = match arguments.first().map(String::as_str) {
        Some("modules") => modules(count),
        Some("cells") => cells(count, arguments.get(2).map_or("adex", String::as_str)),
        _ => pd(),
    };
    let start = Instant::now();
    let circuit = elaborated(&text);
    println!("elaborate: {:.2} s, {} MB", start.elapsed().as_secs_f64(), megabytes("VmHWM"));
    let start = Instant::now();
    let (graph, diagnostics) = lower(&circuit, 1, &LowerOptions::default());
    println!("lower: {:.2} s, {} MB at most", start.elapsed().as_secs_f64(), megabytes("VmHWM"));
    println!("{} warnings", diagnostics.as_slice().len());
    let graph = graph.expect("a sound circuit");
    let neurons: u64 = graph.populations.values().iter().map(|p| u64::from(p.size())).sum();
    let synapses: u64 = graph.projections.iter().map(|p| p.synapses.total()).sum();
    let delays = graph.projections.iter().filter_map(|p| p.synapses.delay_bounds()).map(|(_, longest)| longest).max();
    println!(
        "{} populations, {neurons} neurons, {} projections, {synapses} synapses, longest delay {delays:?} ticks, {} programs, {} MB held",
        graph.populations.len(),
        graph.projections.len(),
        graph.programs.len(),
        megabytes("VmRSS"),
    );
}
