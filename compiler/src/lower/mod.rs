//! Circuit to integers.
//!
//! Takes: a checked [`Circuit`], the seed.  Gives: a [`SpikeGraph`], errors and warnings.
//! Invariants: kept: what the circuit means, up to rounding that [`explain()`] bounds. New: everything that [`mod@verify`] lists;
//!   every value fits 32 bits for all inputs, or saturates where the model says so; the same bytes on every host, for only
//!   basic operations and `libm` are used.
//! Cost: linear in neurons and in synapses that are written out; up to some milliseconds for each different population's model.
//! Source: own. Codes: E08xx and W08xx.
//!
//! The way of a model: statements → `build` (a graph of real-valued operations) → `plan` (ranges of states) → `emit`
//! (binary points, steps, error bounds) → `registers` (a program).

mod assemble;
mod build;
mod code;
mod emit;
mod error_bound;
pub mod explain;
mod format;
mod graph;
mod interval;
mod known;
mod outside;
mod plan;
mod registers;
mod share;
mod table;
pub mod verify;
mod weights;

#[cfg(test)]
mod eval;
#[cfg(test)]
mod tests;

pub use explain::{Explanation, explain};

use crate::circuit::model::{Model, StateId};
use crate::circuit::walk::totals_of;
use crate::circuit::{Circuit, Neurons, PopId, PopulationKind, ProjId};
use crate::connect::{self, Connections, ReceptorTotals};
use crate::diagnostic::Diagnostics;
use crate::retime::{self, Retiming};
use crate::spike_graph::SpikeGraph;
use crate::table::Table;
use build::Constants;
use known::Known;
use plan::Plan;
use share::{Built, Ticks};
use std::sync::Arc;
use weights::Receptor;

/// The codes of this stage, with what they mean.
pub const CODES: &[(&str, &str)] = &[
    ("E0801", "a range that cannot be proven"),
    ("E0802", "an equation that its method cannot integrate, or a constant that changes"),
    ("E0803", "a divisor that can be zero"),
    ("E0804", "a function beyond where it is defined, or too large"),
    ("E0805", "a model that needs too many registers"),
    ("E0806", "spikes and values at one receptor"),
    ("E0807", "weights that do not fit the receptor's format"),
    ("E0808", "a Poisson drive that no table holds"),
    ("E0809", "a delay that cannot be kept"),
    ("E0810", "an input where a model is wanted"),
    ("W0801", "weights-vanish"),
    ("W0802", "weights-coarse"),
    ("W0803", "initial-values-saturate"),
];

/// What can be chosen about lowering.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct LowerOptions {
    /// Leave [`verify`] out: it costs as much as the synapses are many.
    pub skip_verify: bool,
    /// Error of a function's table that is good enough, as a part of the function's largest magnitude. Four times the error
    /// halves a table; no table has more than 4096 pieces.
    pub table_error: f64,
}

impl Default for LowerOptions {
    fn default() -> Self {
        LowerOptions { skip_verify: false, table_error: 1.0 / 262_144.0 }
    }
}

/// Makes integers of a circuit; `None` where there are errors.
#[must_use]
pub fn lower(circuit: &Circuit, seed: u64, options: &LowerOptions) -> (Option<SpikeGraph>, Diagnostics) {
    let (retiming, mut diagnostics) = retime::retime(circuit);
    let Some(connections) = connections(circuit, seed, &mut diagnostics) else { return (None, diagnostics) };
    if diagnostics.has_errors() {
        return (None, diagnostics);
    }
    let graph = lower_with(circuit, seed, options, connections, &retiming, &mut diagnostics);
    if let (Some(graph), false) = (&graph, options.skip_verify) {
        let wrong = verify::verify(graph);
        debug_assert!(wrong.is_empty(), "{wrong:?}");
    }
    (graph.filter(|_| !diagnostics.has_errors()), diagnostics)
}

/// The same with synapses that are made already.
fn lower_with(
    circuit: &Circuit,
    seed: u64,
    options: &LowerOptions,
    connections: Table<ProjId, Connections>,
    retiming: &Retiming,
    diagnostics: &mut Diagnostics,
) -> Option<SpikeGraph> {
    let lowered = Lowered::new(circuit, options, &connections, diagnostics)?;
    assemble::assemble(&lowered, seed, connections, retiming, diagnostics)
}

/// The synapses of every projection; `None` when one of them has an error.
fn connections(circuit: &Circuit, seed: u64, diagnostics: &mut Diagnostics) -> Option<Table<ProjId, Connections>> {
    let made = connect::connections(circuit, seed).into_values().into_iter();
    let one = |(made, projection): (Result<Connections, connect::ConnectError>, &crate::circuit::Projection)| {
        made.map_err(|error| diagnostics.push(error.diagnostic(projection))).ok()
    };
    // All of them, so that every error is told.
    let all: Vec<Option<Connections>> = made.zip(circuit.projections.values()).map(one).collect();
    all.into_iter().collect()
}

/// A population of neurons on its way.
struct Cell<'a> {
    model: &'a Model,
    neurons: &'a Neurons,
    constants: Constants<'a>,
    initial: Table<StateId, Known>,
    receptors: Vec<Receptor>,
    built: Built,
    plan: Option<Arc<Plan>>,
}

/// A circuit whose populations have their steps.
struct Lowered<'a> {
    circuit: &'a Circuit,
    /// Populations of neurons; `None` for inputs.
    cells: Table<PopId, Option<Cell<'a>>>,
    /// Fraction bits and range of the values that graded populations emit.
    payloads: Table<PopId, Option<weights::Payload>>,
}

impl<'a> Lowered<'a> {
    fn new(
        circuit: &'a Circuit,
        options: &LowerOptions,
        connections: &Table<ProjId, Connections>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Lowered<'a>> {
        let is_graded: Table<PopId, bool> = circuit.populations.ids().map(|p| outside::is_graded(circuit, p)).collect();
        let totals = connect::totals_of(circuit, connections);
        let mut incoming: Table<PopId, Vec<ProjId>> = circuit.populations.ids().map(|_| Vec::new()).collect();
        for (id, projection) in circuit.projections.iter() {
            incoming[projection.target].push(id);
        }
        let mut ticks = Ticks::default();
        let mut cells: Table<PopId, Option<Cell<'a>>> = Table::new();
        for (id, population) in circuit.populations.iter() {
            let cell = match &population.kind {
                PopulationKind::Neurons(neurons) => {
                    let receptors = weights::receptors(circuit, id, &incoming[id], connections, &is_graded, diagnostics);
                    Cell::new(circuit, options, neurons, (&totals[id], receptors), &mut ticks, diagnostics)
                }
                _ => None,
            };
            cells.push(cell);
        }
        if diagnostics.has_errors() {
            return None;
        }
        let payloads = circuit.populations.ids().map(|p| outside::input_payload(circuit, p)).collect();
        let mut lowered = Lowered { circuit, cells, payloads };
        match outside::settle(&mut lowered, connections) {
            Ok(()) => Some(lowered),
            Err(errors) => {
                errors.into_iter().for_each(|e| diagnostics.push(e));
                None
            }
        }
    }
}

impl<'a> Cell<'a> {
    fn new(
        circuit: &'a Circuit,
        options: &LowerOptions,
        neurons: &'a Neurons,
        (totals, receptors): (&ReceptorTotals, Vec<Receptor>),
        ticks: &mut Ticks<'a>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Cell<'a>> {
        let model = &circuit.models[neurons.model];
        let reads_totals = !totals_of(model).is_empty();
        let total = |t: &connect::Totals| if reads_totals { Known::each(t.sum.clone()) } else { Known::ZERO };
        let constants = Constants {
            tick: circuit.tick,
            table_error: options.table_error,
            params: neurons.params.values().iter().map(Known::from_values).collect(),
            totals: totals.values().iter().map(total).collect(),
            silent: model.receptors.ids().map(|r| receptors.iter().all(|x| x.id != r)).collect(),
            drives: &neurons.drives,
        };
        let initial = neurons.initial.values().iter().map(Known::from_values).collect();
        match ticks.tick(neurons.model, model, &constants) {
            Ok(built) => Some(Cell { model, neurons, constants, initial, receptors, built, plan: None }),
            Err(errors) => {
                errors.into_iter().for_each(|e| diagnostics.push(e));
                None
            }
        }
    }
}
