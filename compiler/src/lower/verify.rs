//! What must hold of every spike graph; later stages rely on it.
//!
//! Takes: a [`SpikeGraph`].  Gives: every violation, in words.
//! Invariants checked: ids, slots and indices exist; programs are sound for every population that runs them; lists are as long
//!   as their populations; rows are ascending and each sorted by delay, then target; delays are at least one tick; what
//!   arrives at a narrow receptor are spikes, at a wide one values, and its sums fit. Not checked: that no value of a program
//!   leaves 32 bits (the emitter proves it, the tests' evaluator watches it).
//!   Of a description its parts, numbers of synapses and bounds of delays; that its columns keep them is `generate`'s promise.
//! Cost: linear in neurons and in synapses that are written out.

use crate::circuit::PopId;
use crate::spike_graph::*;
use crate::table::Table;
use bouton_targets::generate::MAX_DELAY;
use bouton_targets::program::{ProgramView, Slots};

/// Every violation; empty for a sound graph.
#[must_use]
pub fn verify(graph: &SpikeGraph) -> Vec<String> {
    let mut check = Check { graph, wrong: Vec::new(), words: graph.programs.values().iter().map(|p| p.to_words()).collect() };
    for id in graph.populations.ids() {
        check.population(id);
    }
    for projection in &graph.projections {
        check.projection(projection);
    }
    for record in &graph.records {
        check.record(record);
    }
    for (name, population) in &graph.outputs {
        if graph.populations.get(*population).is_none() {
            check.wrong.push(format!("port `{name}` names {population}, which does not exist"));
        }
    }
    check.wrong
}

struct Check<'a> {
    graph: &'a SpikeGraph,
    wrong: Vec<String>,
    words: Table<ProgramId, Vec<u32>>,
}

impl Check<'_> {
    fn fail(&mut self, place: impl std::fmt::Display, what: impl std::fmt::Display) {
        self.wrong.push(format!("{place}: {what}"));
    }

    fn population(&mut self, id: PopId) {
        let population = &self.graph.populations[id];
        match &population.kind {
            SpikeKind::Neurons(neurons) => self.neurons(id, neurons, population.size()),
            SpikeKind::SpikeList(list) => {
                if !list.is_sorted_by(|a, b| a < b) || list.iter().any(|(_, i)| *i >= population.size()) {
                    self.fail(id, "its spikes are not sorted, repeat, or name a member that does not exist");
                }
            }
            SpikeKind::Signal(values) => {
                if values.len() % (population.size() as usize).max(1) != 0 {
                    self.fail(id, "its values are not a whole number of ticks");
                }
            }
            SpikeKind::LiveSpikes | SpikeKind::LiveGraded => {}
        }
        let graded = matches!(population.kind, SpikeKind::Signal(_) | SpikeKind::LiveGraded);
        if graded && !matches!(population.output, Output::Graded(_)) {
            self.fail(id, "it emits values but its output is not graded");
        }
    }

    fn neurons(&mut self, id: PopId, neurons: &SpikeNeurons, size: u32) {
        let slots = Slots {
            states: neurons.states.len() as u32,
            params: neurons.params.len() as u32,
            narrow: neurons.narrow.len() as u32,
            wide: neurons.wide.len() as u32,
            modulators: neurons.modulators.len() as u32,
        };
        match self.words.get(neurons.program).map(|w| ProgramView::new_checked(w).and_then(|p| p.check_slots(slots))) {
            None => self.fail(id, "its program does not exist"),
            Some(Err(error)) => self.fail(id, format_args!("its program is not sound: {error:?}")),
            Some(Ok(())) => {}
        }
        let lists = neurons.states.iter().map(|s| &s.initial).chain(&neurons.params);
        let wrong = lists.filter(|raw| matches!(raw, Raw::Each(xs) if xs.len() != size as usize)).count();
        if wrong > 0 {
            self.fail(id, format_args!("{wrong} lists are not as long as the population"));
        }
        for modulator in &neurons.modulators {
            let source = self.graph.populations.get(modulator.population);
            let exists = source.is_some_and(|p| {
                let states = if let SpikeKind::Neurons(n) = &p.kind { n.states.len() } else { 0 };
                modulator.member < p.size() && (modulator.state as usize) < states
            });
            if !exists || modulator.delay == 0 {
                self.fail(id, "a modulator reads what does not exist, or without delay");
            }
        }
    }

    fn projection(&mut self, projection: &SpikeProjection) {
        let name = format!("projection `{}`", projection.name);
        let (Some(source), Some(target)) =
            (self.graph.populations.get(projection.source), self.graph.populations.get(projection.target))
        else {
            return self.fail(name, "a population does not exist");
        };
        let flaw = match &projection.synapses {
            SpikeSynapses::Written(written) => flaw(written, source.size(), target.size()),
            SpikeSynapses::Generated(generated) if generated.source_size != source.size() => {
                Some("its source has another size than its population")
            }
            SpikeSynapses::Generated(generated) => generated.flaw(target.size()),
        };
        if let Some(flaw) = flaw {
            return self.fail(name, flaw);
        }
        self.receptor(&name, projection, source, target);
    }

    fn receptor(&mut self, name: &str, projection: &SpikeProjection, source: &SpikePopulation, target: &SpikePopulation) {
        let SpikeKind::Neurons(neurons) = &target.kind else {
            return self.fail(name, "its target is an input");
        };
        let graded = matches!(source.output, Output::Graded(_));
        let sound = match projection.receptor {
            ReceptorSlot::Narrow(slot) => !graded && (slot as usize) < neurons.narrow.len(),
            ReceptorSlot::Wide(slot) => graded && (slot as usize) < neurons.wide.len(),
        };
        if !sound {
            self.fail(name, "its receptor does not exist, or is of the wrong kind");
        }
    }

    fn record(&mut self, record: &SpikeRecord) {
        let Some(population) = self.graph.populations.get(record.population) else {
            return self.fail(record.population, "is recorded and does not exist");
        };
        let states = if let SpikeKind::Neurons(n) = &population.kind { n.states.len() } else { 0 };
        let members = record.members.iter().flatten();
        let sound = record.every > 0
            && record.state.is_none_or(|s| (s as usize) < states)
            && members.clone().all(|m| *m < population.size())
            && members.is_sorted_by(|a, b| a < b);
        if !sound {
            self.fail(record.population, "a record names what does not exist");
        }
    }
}

/// What is wrong with synapses that are written out.
fn flaw(synapses: &WrittenSynapses, sources: u32, targets: u32) -> Option<&'static str> {
    let n = synapses.post.len();
    let rows = &synapses.row_start;
    let ends = (rows.first().copied(), rows.last().copied());
    if rows.len() != sources as usize + 1 || ends != (Some(0), Some(n as u32)) || !rows.is_sorted() {
        return Some("its rows are not those of its source");
    }
    let lengths = match (&synapses.delay, &synapses.weight) {
        (Delays::Each(d), Weights::Each(w)) => d.len() == n && w.len() == n,
        (Delays::Each(d), _) => d.len() == n,
        (_, Weights::Each(w)) => w.len() == n,
        _ => true,
    };
    if !lengths || synapses.post.iter().any(|t| *t >= targets) {
        return Some("a list has the wrong length, or a target does not exist");
    }
    if (0..n).any(|at| !(1..=MAX_DELAY).contains(&synapses.delay.at(at))) {
        return Some("a delay is not between 1 and 65535 ticks");
    }
    let key = |at: u32| (synapses.delay.at(at as usize), synapses.post[at as usize]);
    let sorted = rows.windows(2).all(|row| (row[0]..row[1]).map(key).is_sorted());
    (!sorted).then_some("a row is not sorted by delay, then target")
}
