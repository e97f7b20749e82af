//! Whole circuits against the f64 reference.

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
    program.instructions.iter().for_each(|i| println!("{i}"));
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
