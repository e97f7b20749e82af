//! Plans to a spike graph: initial values, parameters and synapses as integers, equal programs once.

use super::code::Meaning;
use super::format::StateLayout;
use super::known::Known;
use super::weights::{self, sum_frac};
use super::{Cell, Lowered, registers};
use crate::circuit::{IndexSet, PopId, PopulationKind, ProjId, RecordedVariable};
use crate::connect::{self, Connections, Generated, Synapses};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::retime::Retiming;
use crate::spike_graph::*;
use crate::table::{Id, Table};
use crate::units::Dimension;
use bouton_targets::generate::{MAX_DELAY, Recipe, WeightFormat};
use std::collections::BTreeMap;

/// The spike graph.
pub(super) fn assemble(
    lowered: &Lowered<'_>,
    seed: u64,
    connections: Table<ProjId, Connections>,
    retiming: &Retiming,
    diagnostics: &mut Diagnostics,
) -> Option<SpikeGraph> {
    let circuit = lowered.circuit;
    let mut parts = Parts { lowered, retiming, programs: Table::new(), known: BTreeMap::new() };
    let mut populations = Table::new();
    for id in circuit.populations.ids() {
        populations.push(parts.population(id, diagnostics)?);
    }
    let mut projections = Vec::new();
    for (id, connections) in connections.into_values().into_iter().enumerate() {
        projections.push(parts.projection(ProjId::from_index(id), connections, diagnostics)?);
    }
    Some(SpikeGraph {
        name: circuit.name.clone(),
        tick_s: circuit.tick,
        seed,
        programs: parts.programs,
        populations,
        projections,
        records: records(circuit),
        outputs: circuit.outputs.iter().map(|o| (o.name.clone(), o.population)).collect(),
    })
}

fn records(circuit: &crate::circuit::Circuit) -> Vec<SpikeRecord> {
    let one = |record: &crate::circuit::Record| {
        let size = circuit.populations[record.population].size();
        let members = (record.indices != IndexSet::all(size)).then(|| record.indices.iter().collect());
        let state = match record.variable {
            RecordedVariable::Spikes => None,
            RecordedVariable::State(s) => Some(s.index() as u32),
        };
        SpikeRecord { population: record.population, members, state, every: record.every }
    };
    circuit.records.iter().map(one).collect()
}

struct Parts<'a> {
    lowered: &'a Lowered<'a>,
    retiming: &'a Retiming,
    programs: Table<ProgramId, bouton_targets::program::Program>,
    known: BTreeMap<Vec<u32>, ProgramId>,
}

/// How a value of `dimension` with `frac` fraction bits is shown.
pub(super) fn format(name: &str, dimension: Dimension, frac: i8) -> Format {
    let (unit, unit_si) = dimension.display_unit();
    Format { name: name.to_string(), frac, unit, unit_si }
}

/// A constant as raw integers.
fn raw(known: &Known, meaning: Meaning) -> Raw {
    match known {
        Known::Same(x) => Raw::Uniform(meaning.raw(*x)),
        Known::Each(xs) => Raw::Each(xs.iter().map(|x| meaning.raw(*x)).collect()),
    }
}

impl Parts<'_> {
    fn population(&mut self, id: PopId, diagnostics: &mut Diagnostics) -> Option<SpikePopulation> {
        let population = &self.lowered.circuit.populations[id];
        let frac = self.lowered.payloads[id].map_or(0, |(frac, _)| frac);
        let graded = |dimension: &Dimension| Output::Graded(format("value", *dimension, frac));
        let (model, output, kind) = match &population.kind {
            PopulationKind::Neurons(neurons) => {
                let model = &self.lowered.circuit.models[neurons.model];
                let output = match &model.output {
                    crate::circuit::model::OutputType::None => Output::None,
                    crate::circuit::model::OutputType::Spikes => Output::Spikes,
                    crate::circuit::model::OutputType::Graded(d) => graded(d),
                };
                (model.name.clone(), output, SpikeKind::Neurons(self.neurons(id, diagnostics)?))
            }
            PopulationKind::SpikeList(list) => ("spikes".into(), Output::Spikes, SpikeKind::SpikeList(list.clone())),
            PopulationKind::LiveSpikes => ("live spikes".into(), Output::Spikes, SpikeKind::LiveSpikes),
            PopulationKind::LiveGraded { dimension, .. } => ("live".into(), graded(dimension), SpikeKind::LiveGraded),
            PopulationKind::Signal { dimension, values } => {
                let values = values.iter().map(|x| Meaning::Number(frac).raw(*x)).collect();
                ("signal".into(), graded(dimension), SpikeKind::Signal(values))
            }
        };
        Some(SpikePopulation {
            name: population.name.clone(),
            model,
            shape: population.shape.clone(),
            kind,
            output,
            latency: self.retiming.latency[id],
        })
    }

    fn neurons(&mut self, id: PopId, diagnostics: &mut Diagnostics) -> Option<SpikeNeurons> {
        let cell = self.lowered.cells[id].as_ref()?;
        let plan = cell.plan.as_ref()?;
        let program = match registers::program(&plan.emitted.code) {
            Ok(program) => program,
            Err(too_many) => {
                let text = format!("`{}` needs {} registers, a program has 32", cell.model.name, too_many.needed);
                let help = "split the model into two populations, or use fewer states at once";
                diagnostics.push(Diagnostic::error("E0805", text, cell.model.span).help(help));
                return None;
            }
        };
        let words = program.to_words();
        let program = match self.known.get(&words) {
            Some(id) => *id,
            None => {
                let id = self.programs.push(program);
                self.known.insert(words, id);
                id
            }
        };
        let params = plan.emitted.code.params.iter().map(|(known, meaning)| raw(known, *meaning)).collect();
        let [narrow, wide] = self.receptors(cell);
        let modulators = self.modulators(id, cell, diagnostics);
        Some(SpikeNeurons { program, states: states(cell, plan, diagnostics), params, narrow, wide, modulators })
    }

    fn receptors(&self, cell: &Cell<'_>) -> [Vec<ReceptorFormat>; 2] {
        let mut formats = [Vec::new(), Vec::new()];
        for receptor in &cell.receptors {
            let name = cell.model.receptors[receptor.id].name.clone();
            let frac = if receptor.graded { self.sum_frac(receptor) } else { receptor.weight_frac };
            formats[usize::from(receptor.graded)].push(ReceptorFormat { name, frac, weight_frac: receptor.weight_frac });
        }
        formats
    }

    fn sum_frac(&self, receptor: &weights::Receptor) -> i8 {
        let payload = |p: PopId| self.lowered.payloads[p].unwrap_or((0, super::interval::Interval::ZERO));
        sum_frac(self.lowered.circuit, receptor, &payload)
    }

    fn modulators(&self, id: PopId, cell: &Cell<'_>, diagnostics: &mut Diagnostics) -> Vec<ModulatorSource> {
        let mut sources = Vec::new();
        for (at, binding) in cell.neurons.modulators.iter() {
            let extra = self.retiming.modulators[id].get(at).copied().unwrap_or(0);
            let span = self.lowered.circuit.populations[id].span;
            let delay = hardware_delay(binding.delay, extra, span, diagnostics);
            let source = self.lowered.cells[binding.population].as_ref();
            let layout = source.and_then(|s| s.plan.as_ref()).map(|p| p.layout.states[binding.state]);
            let initial = match (source, layout) {
                (Some(s), Some(layout)) => initial_raw(layout, s.initial[binding.state].at(binding.index as usize)),
                _ => 0,
            };
            sources.push(ModulatorSource {
                population: binding.population,
                member: binding.index,
                state: binding.state.index() as u32,
                delay,
                initial,
            });
        }
        sources
    }

    fn projection(&self, id: ProjId, connections: Connections, diagnostics: &mut Diagnostics) -> Option<SpikeProjection> {
        let circuit = self.lowered.circuit;
        let projection = &circuit.projections[id];
        let cell = self.lowered.cells[projection.target].as_ref()?;
        let at = cell.receptors.iter().position(|r| r.id == projection.receptor)?;
        let receptor = &cell.receptors[at];
        let slot = cell.receptors[..at].iter().filter(|r| r.graded == receptor.graded).count() as u32;
        let weight_frac = if receptor.graded {
            let payload = self.lowered.payloads[projection.source].map_or(0, |(frac, _)| frac);
            (i32::from(self.sum_frac(receptor)) - i32::from(payload)).clamp(-127, 127) as i8
        } else {
            receptor.weight_frac
        };
        let format = weights::format(circuit, id, weight_frac);
        Some(SpikeProjection {
            name: projection.name.clone(),
            source: projection.source,
            target: projection.target,
            receptor: if receptor.graded { ReceptorSlot::Wide(slot) } else { ReceptorSlot::Narrow(slot) },
            synapses: match connections {
                Connections::Written(synapses) => SpikeSynapses::Written(self.written(id, synapses, format, diagnostics)),
                Connections::Generated(generated) => {
                    SpikeSynapses::Generated(Box::new(self.generated(id, generated, format, diagnostics)))
                }
            },
        })
    }

    fn written(&self, id: ProjId, synapses: Synapses, format: WeightFormat, diagnostics: &mut Diagnostics) -> WrittenSynapses {
        let circuit = self.lowered.circuit;
        let (extra, span) = (self.retiming.extra[id], circuit.projections[id].span);
        let mut hardware = |d: u32| hardware_delay(d, extra, span, diagnostics);
        let delay = match &synapses.delay {
            connect::Delays::Uniform(d) => Delays::Uniform(hardware(*d)),
            connect::Delays::Each(ds) => Delays::Each(ds.iter().map(|d| hardware(*d) as u16).collect()),
        };
        WrittenSynapses {
            row_start: synapses.row_start.iter().map(|r| *r as u32).collect(),
            weight: weights::quantise(circuit, id, &synapses.weight, format, diagnostics),
            post: synapses.target,
            delay,
        }
    }

    fn generated(&self, id: ProjId, made: Generated, format: WeightFormat, diagnostics: &mut Diagnostics) -> GeneratedSynapses {
        let circuit = self.lowered.circuit;
        let projection = &circuit.projections[id];
        let extra = self.retiming.extra[id];
        weights::judge(circuit, id, &made, format, diagnostics);
        let mut hardware = |d: u32| hardware_delay(d, extra, projection.span, diagnostics);
        GeneratedSynapses {
            bare: Recipe { format, extra, ..made.bare_recipe() },
            source_size: circuit.populations[projection.source].size(),
            total: made.total,
            delay_bounds: made.delays.map_or((1, 1), |(least, longest)| (hardware(least), hardware(longest))),
            in_degrees: made.in_degrees,
        }
    }
}

fn hardware_delay(delay: u32, extra: i32, span: crate::source::Span, diagnostics: &mut Diagnostics) -> u32 {
    let ticks = i64::from(delay) + i64::from(extra);
    if !(1..=i64::from(MAX_DELAY)).contains(&ticks) {
        diagnostics.push(
            Diagnostic::error("E0809", format!("a delay of {ticks} ticks cannot be kept"), span)
                .note(format!("delays are 1 to {MAX_DELAY} ticks"))
                .help("use a shorter delay, or a longer tick"),
        );
    }
    ticks.clamp(1, MAX_DELAY.into()) as u32
}

fn initial_raw(layout: StateLayout, x: f64) -> i32 {
    let scaled = libm::floor(libm::scalbn(x, layout.frac.into()) + 0.5);
    scaled.clamp(layout.low.into(), layout.high.into()) as i32
}

fn states(cell: &Cell<'_>, plan: &super::Plan, diagnostics: &mut Diagnostics) -> Vec<StateArray> {
    let mut arrays = Vec::new();
    for (id, state) in cell.model.states.iter() {
        let layout = plan.layout.states[id];
        let (low, high) = cell.initial[id].bounds();
        if let Some((least, most)) = state.range.filter(|(least, most)| low < *least || high > *most) {
            let text = format!("initial values of `{}` lie outside its range and saturate", state.name);
            diagnostics.push(
                Diagnostic::warning("W0803", text, state.span)
                    .note(format!("they lie between {low} and {high}, the range is {least} .. {most} (SI)")),
            );
        }
        let initial = match &cell.initial[id] {
            Known::Same(x) => Raw::Uniform(initial_raw(layout, *x)),
            Known::Each(xs) => Raw::Each(xs.iter().map(|x| initial_raw(layout, *x)).collect()),
        };
        arrays.push(StateArray { format: format(&state.name, state.dimension, layout.frac), initial, hidden: false });
    }
    for (n, hold) in (0..).zip(cell.model.holds.values()) {
        let kind = if hold.suppresses_spikes { "refractory" } else { "hold" };
        let format = Format { name: format!("{kind}{n}"), frac: 0, unit: String::new(), unit_si: 1.0 };
        arrays.push(StateArray { format, initial: Raw::Uniform(0), hidden: true });
    }
    arrays
}
