//! Whole circuits against the f64 reference.

mod features;
mod generated;
mod random;

use super::eval::Eval;
use super::*;
use crate::circuit::*;
use crate::reference::{LiveInput, Reference};
use crate::spike_graph::{SpikeKind, SpikeNeurons};
use crate::table::Id;
use crate::testing::{BuildCircuit, lif_exp};
use bouton_targets::program::Program;

const TICK: f64 = 1e-4;

fn uniform(values: &[f64]) -> Vec<Values> {
    values.iter().map(|x| Values::Uniform(*x)).collect()
}

fn lowered(circuit: &Circuit) -> SpikeGraph {
    let (graph, diagnostics) = lower(circuit, 1, &LowerOptions::default());
    let graph = graph.unwrap_or_else(|| panic!("{:?}", diagnostics.as_slice()));
    assert_eq!(verify::verify(&graph), Vec::<String>::new());
    graph
}

fn neurons(graph: &SpikeGraph, population: PopId) -> (&SpikeNeurons, &Program) {
    let SpikeKind::Neurons(n) = &graph.populations[population].kind else { panic!("not neurons") };
    (n, &graph.programs[n.program])
}

fn lif_circuit() -> (BuildCircuit, PopId) {
    let mut b = BuildCircuit::new(TICK);
    let list = (0..40).map(|t| (t * 10, t % 4)).collect();
    let input = b.population(4, PopulationKind::SpikeList(list));
    let params = uniform(&[20e-3, 5e-3, 10e-3, 5e-3, -49e-3, -50e-3, -60e-3]);
    let p = b.neurons(3, lif_exp(), params, uniform(&[-60e-3, 2e-3, -1e-3]));
    b.project(input, p, Pattern::AllToAll, 1.62e-3, Delay::Ticks(1));
    b.project(p, p, Pattern::AllToAll, -9e-3, Delay::Ticks(2));
    let inh = b.0.projections.ids().last().expect("a projection");
    b.0.projections[inh].receptor = Id::from_index(1);
    (b, p)
}

#[test]
fn a_leaky_neuron_spikes_as_its_reference_does() {
    let (b, p) = lif_circuit();
    let graph = lowered(&b.0);
    let (_, program) = neurons(&graph, p);
    assert!(program.instructions.len() <= 30, "{} instructions", program.instructions.len());
    let mut eval = Eval::new(&graph);
    let mut reference = Reference::new(&b.0, 1, LiveInput::default()).expect("a reference");
    for _ in 0..2000 {
        eval.run(1);
        reference.step();
        for s in 0..3 {
            let exact = reference.state(p, Id::from_index(s))[0];
            let got = eval.state(p, s, 0);
            assert!((got - exact).abs() < 1e-6, "state {s}: {got} is not {exact}");
        }
    }
    assert!(eval.spikes.iter().filter(|s| s.1 == p).count() > 10);
    assert_eq!(eval.saturations, 0);
}

/// The circuit of a text.
#[track_caller]
fn circuit(text: &str) -> Circuit {
    let loader = crate::elaborate::MemoryLoader::default().with("test.circuit", text);
    let mut sources = crate::source::SourceMap::default();
    let (circuit, diagnostics) =
        crate::elaborate::elaborate(&loader, "test.circuit", &crate::elaborate::Options::default(), &mut sources);
    circuit.unwrap_or_else(|| panic!("{}", diagnostics.render(&sources, false)))
}

/// Runs a circuit both ways; gives the number of instructions of the last population, and its largest error of each state
/// in units of the state's declared range.
#[track_caller]
fn compare(text: &str, ticks: u32) -> (usize, Vec<f64>, usize) {
    let circuit = circuit(text);
    let graph = lowered(&circuit);
    let p = circuit.populations.ids().last().expect("a population");
    let (_, program) = neurons(&graph, p);
    let mut eval = Eval::new(&graph);
    let mut reference = Reference::new(&circuit, 1, LiveInput::default()).expect("a reference");
    let model = circuit.model_of(p).expect("a model");
    let mut worst = vec![0.0; model.states.len()];
    for _ in 0..ticks {
        eval.run(1);
        reference.step();
        for (s, state) in model.states.iter() {
            for member in 0..circuit.populations[p].size() as usize {
                let off = (eval.state(p, s.index(), member) - reference.state(p, s)[member]).abs();
                let size = state.range.map_or(1.0, |(low, high)| high - low);
                worst[s.index()] = f64::max(worst[s.index()], off / size);
            }
        }
    }
    (program.instructions.len(), worst, eval.spikes.iter().filter(|s| s.1 == p).count())
}

fn library(model: &str, settings: &str, weight: &str) -> String {
    format!(
        "import std.neurons\nimport std.graded\nimport std.sources\ncircuit c {{ tick 0.1 ms\n population noise[8]: poisson(rate = 100 Hz)\n \
         population cell[4]: {model}({settings})\n project noise -> cell.{weight} }}\n record cell.spike }}"
    )
}

#[test]
fn the_library_follows_its_reference() {
    // Model, settings, input, most instructions, most error of a state as a part of its range.
    for (model, settings, weight, most, error) in [
        ("lif_delta", "e_l = 15 mV", "syn by all_to_all { weight 1.3 mV; delay 1 ms", 21, 1e-6),
        ("lif_exp", "e_l = -49 mV", "exc by all_to_all { weight 1.62 mV; delay 1 ms", 27, 1e-6),
        ("lif_alpha", "i_ext = 300 pA", "exc by all_to_all { weight 87 pA; delay 1 ms", 40, 1e-6),
        ("lif_psc_exp", "i_ext = 390 pA", "syn by all_to_all { weight 87 pA; delay 1 ms", 23, 1e-6),
        ("lif_cond_exp", "i_ext = 100 pA", "exc by all_to_all { weight 6 nS; delay 1 ms", 40, 1e-6),
        // Upstrokes turn the rounding of weights into errors in time, and those into errors of the membrane.
        ("adex", "i_ext = 0.8 nA", "exc by all_to_all { weight 50 pA; delay 1 ms", 46, 1e-2),
        ("izhikevich", "", "syn by all_to_all { weight 8 mV; delay 1 ms", 30, 1e-2),
    ] {
        let (instructions, worst, spikes) = compare(&library(model, settings, weight), 1500);
        assert!(instructions <= most && spikes > 0, "{model}: {instructions} instructions, {spikes} spikes");
        assert!(worst.iter().all(|e| *e < error), "{model}: {worst:?}");
    }
}

#[test]
fn explains_what_it_did() {
    for (model, settings, weight) in [
        ("lif_exp", "e_l = -49 mV", "exc by all_to_all { weight 1.62 mV; delay 1 ms"),
        ("adex", "i_ext = normal(0.8 nA, 0.1 nA)", "exc by all_to_all { weight 50 pA; delay 1 ms"),
        ("izhikevich", "", "syn by all_to_all { weight 1 mV; delay 1 ms"),
    ] {
        let circuit = circuit(&library(model, settings, weight));
        let text = explain(&circuit, 1, &LowerOptions::default(), explain::find(&circuit, model).expect("a population"))
            .expect("no errors")
            .to_string();
        assert!(text.contains("update") && text.contains("values"));
    }
}

#[test]
fn explains_every_substep_and_why_there_is_no_bound() {
    let explained = |model: &str| {
        let text = format!("import std.neurons\ncircuit c {{ tick 1 ms\n population p[1]: {model}() }}");
        let circuit = circuit(&text);
        explain(&circuit, 1, &LowerOptions::default(), Id::from_index(0)).expect("no errors")
    };
    let izhikevich = explained("izhikevich");
    assert_eq!(izhikevich.updates[0], "v[1] = 3.5·v - 0.5·u + 20000·v² + 70  [mV]  (euler, substep 1 of 2)");
    assert_eq!(izhikevich.updates[2], "v' = 3.5·v[1] - 0.5·u[1] + 20000·v[1]² + 70  [mV]  (euler, substep 2 of 2)");
    assert!(izhikevich.doc.contains("Izhikevich") && !izhikevich.parameters[0].doc.is_empty());
    assert!(izhikevich.values[1].no_bound.as_ref().is_some_and(|why| why.contains("it reads `v`")));
    let adex = explained("adex");
    assert!(adex.updates.iter().any(|u| u.starts_with("v[0.5] = ")), "{:?}", adex.updates);
}

#[test]
fn a_model_is_lowered_without_a_circuit() {
    let loader = crate::elaborate::MemoryLoader::default().with("m.circuit", "import std.neurons\nlet a = 1");
    let alone =
        |name: &str| crate::elaborate::alone(&loader, "m.circuit", name, 1e-3, &mut crate::source::SourceMap::default()).0;
    let circuit = alone("lif_exp").expect("such a model").expect("no errors");
    assert_eq!(circuit.populations.len(), 1);
    lowered(&circuit);
    assert!(alone("a").is_none() && alone("nothing").is_none());
    assert!(crate::elaborate::outline(&loader, "m.circuit").models.contains(&"adex".to_string()));
}
