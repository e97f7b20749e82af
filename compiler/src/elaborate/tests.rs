//! Whole circuits through one door: [`made`] for what must elaborate, [`codes`] for what must not.

mod composition;
mod errors;
mod language;
mod projections;
mod robust;
mod values;

use super::{MemoryLoader, Options, elaborate, npy};
use crate::circuit::{Circuit, Neurons, Population, PopulationKind, Projection, Values};
use crate::diagnostic::Diagnostics;
use crate::source::SourceMap;

/// Files that the circuits of these tests name.
pub(super) fn files() -> MemoryLoader {
    MemoryLoader::default()
        .with("touch.csv", "tick,index\n3,1\n0,5\n")
        .with("times.csv", "time_ms,index\n1.04,0\n0.96,0\n2,1\n")
        .with("drive.npy", npy::write(&[4, 10], &[0.5; 40]))
        .with("v.npy", npy::write(&[4], &[1.0, 2.0, 3.0, 4.0]))
        .with("column.csv", "# a comment\n1\n2\n3\n4\n")
        .with("w1.npy", npy::write(&[784, 128], &vec![0.001; 784 * 128]))
        .with("w2.npy", npy::write(&[128, 10], &vec![-0.001; 1280]))
        .with("w.npy", npy::write(&[2, 3], &[1.0, 0.0, 2.0, 0.0, 3.0, 0.0]))
        .with("m.npy", npy::write(&[2, 1], &[1.0, 2.0]))
        .with("n.npy", npy::write(&[3, 1], &[1.0, 2.0, 3.0]))
        .with("edges.csv", "pre,post,weight,delay\n0,1,2.5,3\n1,2,1,4\n")
        .with("bare.csv", "pre,post\n0,0\n1,2\n")
        .with("ms.csv", "pre,post,delay_ms\n0,0,0.2\n")
        .with("cells.circuit", "import std.neurons\nlet fast = lif_delta(tau_m = 5 ms)\nfn half(x: time): time = x / 2\n")
}

fn run(text: &str, options: &Options) -> (Option<Circuit>, Diagnostics, SourceMap) {
    let mut sources = SourceMap::default();
    let (circuit, diagnostics) = elaborate(&files().with("top.circuit", text), "top.circuit", options, &mut sources);
    (circuit, diagnostics, sources)
}

/// The circuit of a text without errors.
#[track_caller]
fn made(text: &str) -> Circuit {
    made_with(text, &Options::default())
}

#[track_caller]
fn made_with(text: &str, options: &Options) -> Circuit {
    let (circuit, diagnostics, sources) = run(text, options);
    circuit.unwrap_or_else(|| panic!("it has errors:\n{}", diagnostics.render(&sources, false)))
}

/// A circuit with this body, a tick of 0.1 ms, and the library's neurons.
#[track_caller]
fn body(statements: &str) -> Circuit {
    made(&format!("import std.neurons\ncircuit c {{\n  tick 0.1 ms\n{statements}\n}}\n"))
}

/// The codes of a text, in order.
fn codes(text: &str) -> Vec<&'static str> {
    run(text, &Options::default()).1.as_slice().iter().map(|d| d.code).collect()
}

/// The codes of a circuit with this body.
fn body_codes(statements: &str) -> Vec<&'static str> {
    codes(&format!("import std.neurons\ncircuit c {{\n  tick 0.1 ms\n{statements}\n}}\n"))
}

#[track_caller]
fn population<'c>(circuit: &'c Circuit, name: &str) -> &'c Population {
    let found = circuit.populations.values().iter().find(|p| p.name == name);
    found.unwrap_or_else(|| panic!("no population {name} in {:?}", names(circuit)))
}

#[track_caller]
fn neurons<'c>(circuit: &'c Circuit, name: &str) -> &'c Neurons {
    match &population(circuit, name).kind {
        PopulationKind::Neurons(neurons) => neurons,
        other => panic!("{name} is {other:?}"),
    }
}

/// Values of a parameter or state.
#[track_caller]
fn values(circuit: &Circuit, population: &str, name: &str) -> Values {
    let neurons = neurons(circuit, population);
    let model = &circuit.models[neurons.model];
    if let Some((id, _)) = model.params.iter().find(|(_, p)| p.name == name) {
        return neurons.params[id].clone();
    }
    let (id, _) = model.states.iter().find(|(_, s)| s.name == name).expect("a parameter or state");
    neurons.initial[id].clone()
}

fn names(circuit: &Circuit) -> Vec<&str> {
    circuit.populations.values().iter().map(|p| p.name.as_str()).collect()
}

#[track_caller]
fn projection<'c>(circuit: &'c Circuit, name: &str) -> &'c Projection {
    let all = circuit.projections.values();
    all.iter()
        .find(|p| p.name == name)
        .unwrap_or_else(|| panic!("no {name} in {:?}", all.iter().map(|p| &p.name).collect::<Vec<_>>()))
}
