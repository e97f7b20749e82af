//! Cycles of a tick that slices are expected to cost, by the cost model that the emulator counts with.
//!
//! Takes: SpikeGraph, Activity, CostModel.  Gives: cycles of any slice.
//! Source: own; expected numbers of events times the costs of [`CostModel`]. Inputs that hear nothing cost only their events.

use super::{Activity, Slice, Sources};
use crate::circuit::PopId;
use crate::partition::Heard;
use crate::spike_graph::{SpikeGraph, SpikeKind};
use crate::table::Table;
use bouton_targets::cost::{CostModel, Work};

/// Expected loads of slices.
#[derive(Clone, Debug)]
pub struct Loads<'a> {
    graph: &'a SpikeGraph,
    model: CostModel,
    /// Packets that each slice of a population takes in a tick, and rows that it reads for them.
    packets: Table<PopId, (f64, f64)>,
    activity: &'a Activity,
    /// By population: running sums over its members of expected synaptic events in a tick, one more than there are members.
    events: Table<PopId, Vec<f64>>,
}

impl<'a> Loads<'a> {
    /// Prepares them. Cost: one look at every projection's in-degrees.
    #[must_use]
    pub fn of(graph: &'a SpikeGraph, sources: &Sources, activity: &'a Activity, model: CostModel) -> Self {
        let mut rows: Table<PopId, f64> = graph.populations.ids().map(|_| 0.0).collect();
        let mut events: Table<PopId, Vec<f64>> =
            graph.populations.values().iter().map(|p| vec![0.0; p.size() as usize + 1]).collect();
        for projection in graph.projections.iter().filter(|p| !p.synapses.is_empty()) {
            let rate = activity.per_tick(projection.source);
            rows[projection.target] += rate * f64::from(graph.populations[projection.source].size());
            let sums = &mut events[projection.target];
            for (sum, degree) in
                sums.iter_mut().skip(1).zip(projection.synapses.in_degrees(graph.populations[projection.target].size()).iter())
            {
                *sum += rate * f64::from(*degree);
            }
        }
        for (_, sums) in events.iter_mut() {
            let mut total = 0.0;
            for sum in sums {
                total += *sum;
                *sum = total;
            }
        }
        let heard = |id: PopId| {
            let each = sources.heard_by(id).keys().map(|heard| match heard {
                Heard::Events(source) => activity.per_tick(*source) * f64::from(graph.populations[*source].size()),
                Heard::Broadcast { .. } => 1.0,
            });
            (each.sum(), rows[id])
        };
        let packets = graph.populations.ids().map(heard).collect();
        Loads { graph, model, packets, activity, events }
    }

    /// Expected cycles of a tick that a slice costs, without what every core costs once.
    #[must_use]
    pub fn cycles(&self, slice: &Slice) -> f64 {
        let (packets, rows) = self.packets[slice.population];
        let events = &self.events[slice.population];
        let synapses = events[(slice.first + slice.count) as usize] - events[slice.first as usize];
        let update = match &self.graph.populations[slice.population].kind {
            SpikeKind::Neurons(neurons) => {
                let operations = self.graph.programs[neurons.program].instructions.iter().map(|i| i.op);
                self.model.update(operations, slice.count)
            }
            _ => 0,
        };
        let sent = self.activity.per_tick(slice.population) * f64::from(slice.count);
        let whole = |expected: f64| expected.ceil() as u64;
        let work = Work { update, packets: whole(packets), rows: whole(rows), synapses: whole(synapses), sent: whole(sent) };
        self.model.cycles(&work).saturating_sub(self.model.tick) as f64
    }

    /// Cycles of a tick that a core costs whatever is on it.
    #[must_use]
    pub fn core_cycles(&self) -> f64 {
        self.model.tick as f64
    }
}
