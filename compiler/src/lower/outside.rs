//! What populations see of each other: ranges of emitted values and of modulators, until none of them grows.
//!
//! Takes: cells without plans.  Gives: the same with plans, and the format of everything that is emitted.
//! Invariants: new: every value that a population can emit lies in the range that its receivers were planned with, and every
//!   modulator has the format of the state that it reads.
//! Cost: one plan per population where values do not go in circles; a few more where they do.

use super::format::{ReceptorLayout, best_frac};
use super::interval::Interval;
use super::plan::{Externals, Plan, first_layout};
use super::share::Plans;
use super::weights::{self, Payload};
use super::{Cell, Lowered};
use crate::circuit::model::OutputType;
use crate::circuit::{Circuit, PopId, Population, PopulationKind, ProjId};
use crate::connect::Connections;
use crate::diagnostic::Diagnostic;
use crate::table::{Id, Table};
use petgraph::unionfind::UnionFind;
use std::sync::Arc;

/// Times that a population is planned again before its range is given up.
const MOST_ROUNDS: usize = 120;
/// Rounds that take a grown range as it is; later ones reach beyond it.
const EXACT_ROUNDS: usize = 4;

/// Whether a population emits values.
pub(super) fn is_graded(circuit: &Circuit, population: PopId) -> bool {
    match &circuit.populations[population].kind {
        PopulationKind::Neurons(n) => matches!(circuit.models[n.model].output, OutputType::Graded(_)),
        PopulationKind::Signal { .. } | PopulationKind::LiveGraded { .. } => true,
        PopulationKind::SpikeList(_) | PopulationKind::LiveSpikes => false,
    }
}

/// Format and range of the values of an input; nothing yet for neurons.
pub(super) fn input_payload(circuit: &Circuit, population: PopId) -> Option<Payload> {
    let range = match &circuit.populations[population].kind {
        PopulationKind::Signal { values, .. } => values.iter().fold(Interval::ZERO, |r, x| r.hull(Interval::new(*x, *x))),
        PopulationKind::LiveGraded { limit, .. } => Interval::new(-limit.abs(), limit.abs()),
        _ => return None,
    };
    let frac = best_frac(range.widened(range.magnitude() * 1e-9));
    let half = super::format::ulp(frac) / 2.0;
    Some((frac, range.widened(half)))
}

/// For each population those whose values meet its own at some receptor, itself included: sums need one binary point, so these
/// share the format of what they emit, and no weight loses bits to a difference between them.
fn kin(circuit: &Circuit, cells: &Table<PopId, Option<Cell<'_>>>) -> Table<PopId, Vec<PopId>> {
    let mut sets = UnionFind::new(circuit.populations.len());
    for receptor in cells.values().iter().flatten().flat_map(|c| &c.receptors).filter(|r| r.graded) {
        let mut sources = receptor.projections.iter().map(|p| circuit.projections[*p].source.index());
        if let Some(first) = sources.next() {
            sources.for_each(|other| {
                sets.union(first, other);
            });
        }
    }
    let label: Vec<usize> = sets.into_labeling();
    let same = |id: PopId| circuit.populations.ids().filter(|other| label[other.index()] == label[id.index()]).collect();
    circuit.populations.ids().map(same).collect()
}

/// Gives `id` and its kin the most fraction bits with which all their values fit.
fn share_format(lowered: &mut Lowered<'_>, kin: &[PopId]) {
    let ranges = kin.iter().filter_map(|p| lowered.payloads[*p]).map(|(_, range)| range);
    // Who only ever sends zero needs no bits and takes none from the others.
    let frac = ranges.filter(|r| r.magnitude() > 0.0).map(best_frac).min().unwrap_or_else(|| best_frac(Interval::ZERO));
    for p in kin {
        if let Some(payload) = &mut lowered.payloads[*p] {
            payload.0 = frac;
        }
    }
}

/// Plans every cell until nothing that one sees of another changes.
pub(super) fn settle(lowered: &mut Lowered<'_>, synapses: &Table<ProjId, Connections>) -> Result<(), Vec<Diagnostic>> {
    let circuit = lowered.circuit;
    for id in circuit.populations.ids() {
        if is_graded(circuit, id) && lowered.payloads[id].is_none() {
            lowered.payloads[id] = Some((best_frac(Interval::ZERO), Interval::ZERO));
        }
    }
    let kin = kin(circuit, &lowered.cells);
    for id in circuit.populations.ids() {
        share_format(lowered, &kin[id]);
    }
    let mut plans = Plans::default();
    let mut planned: Table<PopId, Option<Externals>> = circuit.populations.ids().map(|_| None).collect();
    for round in 0..MOST_ROUNDS {
        let mut settled = true;
        let mut errors = Vec::new();
        for id in circuit.populations.ids() {
            let Some(cell) = &lowered.cells[id] else { continue };
            let externals = externals(lowered, id, cell, synapses);
            if planned[id].as_ref() == Some(&externals) {
                continue;
            }
            settled = false;
            match plans.plan(cell.model, &cell.built, &cell.constants, &externals, &cell.initial) {
                Ok(plan) => {
                    accept(lowered, id, plan, round);
                    share_format(lowered, &kin[id]);
                }
                Err(found) => errors.extend(found.into_iter().map(|error| used_here(error, &circuit.populations[id]))),
            }
            planned[id] = Some(externals);
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        if settled {
            return Ok(());
        }
    }
    Err(vec![endless(circuit)])
}

/// Says which population has the error where the model stands in another file, as those of the library do.
fn used_here(error: Diagnostic, population: &Population) -> Diagnostic {
    let elsewhere = error.labels.first().is_some_and(|main| main.span.file != population.span.file);
    if elsewhere { error.label(population.span, format!("in `{}`", population.name)) } else { error }
}

fn endless(circuit: &Circuit) -> Diagnostic {
    let graded = circuit.populations.ids().find(|p| is_graded(circuit, *p));
    let subject = graded.or(circuit.populations.ids().next()).unwrap_or(PopId::from_index(0));
    let span = circuit.populations.get(subject).map(|p| p.span);
    let span = span.unwrap_or(crate::source::Span { file: crate::source::FileId(0), start: 0, end: 0 });
    Diagnostic::error("E0801", "the values that populations send each other have no range that can be proven", span)
        .help("declare ranges: `state x: … in LOW .. HIGH`, or emit `clip(x, low, high)`")
}

/// Takes a plan; where the emitted value leaves its range, the range grows.
fn accept(lowered: &mut Lowered<'_>, id: PopId, plan: Arc<Plan>, round: usize) {
    if let (Some(value), Some((_, known))) = (&plan.emitted.payload, lowered.payloads[id])
        && !value.range.within(known)
    {
        let hull = known.hull(value.range);
        let by = if round < EXACT_ROUNDS { 0.0 } else { (hull.high - hull.low) / 2.0 };
        let reached = Interval::new(
            if hull.low < known.low { hull.low - by } else { hull.low },
            if hull.high > known.high { hull.high + by } else { hull.high },
        );
        // Room for the rounding in the new format, so that the next plan finds the range as it is.
        let grown = reached.widened(reached.magnitude() * 1e-8);
        lowered.payloads[id] = Some((best_frac(grown), grown));
    }
    if let Some(cell) = &mut lowered.cells[id] {
        cell.plan = Some(plan);
    }
}

/// What a cell sees of the others as they stand.
fn externals(lowered: &Lowered<'_>, id: PopId, cell: &Cell<'_>, synapses: &Table<ProjId, Connections>) -> Externals {
    let payload = |p: PopId| lowered.payloads[p].unwrap_or((0, Interval::ZERO));
    let mut slots = [0u32; 2];
    let receptors = cell
        .model
        .receptors
        .ids()
        .map(|r| match cell.receptors.iter().find(|x| x.id == r) {
            Some(receptor) => {
                let slot = &mut slots[usize::from(receptor.graded)];
                *slot += 1;
                weights::layout(lowered.circuit, receptor, *slot - 1, synapses, payload)
            }
            None => ReceptorLayout::Narrow { slot: 0, frac: 0, range: Interval::ZERO },
        })
        .collect();
    let modulators = cell.neurons.modulators.values().iter().map(|m| modulator(lowered, m)).collect();
    Externals { receptors, modulators, payload: lowered.payloads[id].map(|(frac, _)| frac) }
}

/// Format and range of the state that a modulator reads.
fn modulator(lowered: &Lowered<'_>, binding: &crate::circuit::ModulatorBinding) -> (i8, Interval) {
    let Some(source) = &lowered.cells[binding.population] else { return (0, Interval::ZERO) };
    let layout = match &source.plan {
        Some(plan) => plan.layout.states[binding.state],
        None => first_layout(source.model, binding.state, &source.initial[binding.state]),
    };
    (layout.frac, layout.range())
}
