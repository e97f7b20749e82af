//! The description section.

use super::Needs;
use super::keys::Keys;
use super::rows::synapse_count;
use crate::circuit::PopId;
use crate::place::Placement;
use crate::spike_graph::{Format, Output, SpikeGraph, SpikeKind, SpikePopulation};
use crate::table::Id;
use bouton_targets::image::{
    BlockKind, CoreDescription, Description, EventKind, NONE, OutputDescription, PopulationDescription, RecordDescription,
    ValueDescription,
};

/// Describes a graph as it was placed.
pub(super) fn description(
    graph: &SpikeGraph,
    placement: &Placement,
    (target, time_scale): (&str, f64),
    keys: &Keys,
    needs: &[Needs],
) -> Description {
    let core = |((_, place), needs): ((_, &crate::place::Processor), &Needs)| CoreDescription {
        x: place.x,
        y: place.y,
        processor: place.processor,
        memory_bytes: needs.memory_bytes,
        synaptic_bytes: needs.synaptic_bytes(),
    };
    Description {
        circuit: graph.name.clone(),
        target: target.to_string(),
        tick_s: graph.tick_s,
        time_scale,
        seed: graph.seed,
        latency: graph.populations.values().iter().map(|p| p.latency).max().unwrap_or(0),
        synapses: synapse_count(graph),
        populations: graph.populations.iter().map(|(id, p)| population(id, p, keys)).collect(),
        records: graph
            .records
            .iter()
            .map(|r| RecordDescription {
                population: r.population.index() as u32,
                state: r.state.unwrap_or(NONE),
                every: r.every,
                members: r.members.clone().unwrap_or_default(),
            })
            .collect(),
        outputs: graph
            .outputs
            .iter()
            .map(|(name, id)| OutputDescription { name: name.clone(), population: id.index() as u32 })
            .collect(),
        cores: placement.iter().zip(needs).map(core).collect(),
    }
}

fn population(id: PopId, p: &SpikePopulation, keys: &Keys) -> PopulationDescription {
    let (kind, states) = match &p.kind {
        SpikeKind::Neurons(n) => (BlockKind::Neurons, n.states.iter().map(|s| value(&s.format)).collect()),
        SpikeKind::SpikeList(_) => (BlockKind::SpikeList, Vec::new()),
        SpikeKind::Signal(_) => (BlockKind::Signal, Vec::new()),
        SpikeKind::LiveSpikes => (BlockKind::LiveSpikes, Vec::new()),
        SpikeKind::LiveGraded => (BlockKind::LiveGraded, Vec::new()),
    };
    let (output, emitted) = match &p.output {
        Output::None => (EventKind::None, ValueDescription::default()),
        Output::Spikes => (EventKind::Spike, ValueDescription::default()),
        Output::Graded(format) => (EventKind::Graded, value(format)),
    };
    PopulationDescription {
        name: p.name.clone(),
        model: p.model.clone(),
        shape: p.shape.clone(),
        key: keys.populations[id].first,
        per_slice: keys.populations[id].per_slice,
        slice_bits: keys.populations[id].slice_bits,
        kind: kind as u32,
        output: output as u32,
        value: emitted,
        latency: p.latency,
        states,
    }
}

fn value(format: &Format) -> ValueDescription {
    ValueDescription { name: format.name.clone(), unit: format.unit.clone(), unit_si: format.unit_si, frac: format.frac }
}
