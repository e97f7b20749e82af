//! What arrives at each receptor of each neuron if every synapse is active once: `total(r)`, and bounds on sums.

use super::{Connections, Synapses, Weights};
use crate::circuit::model::ReceptorId;
use crate::circuit::{Circuit, PopId, ProjId};
use crate::table::Table;

/// Sums over the synapses onto one receptor, one value for each neuron (SI).
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Totals {
    /// Sum of the weights: `total(r)`.
    pub sum: Vec<f64>,
    /// Sum of the weights' magnitudes: no sum of distinct spikes of one tick exceeds it.
    pub absolute: Vec<f64>,
}

/// Totals of every receptor of one population.
pub type ReceptorTotals = Table<ReceptorId, Totals>;

/// Sums of weights at every receptor of every neuron, over all projections; drives are not synapses and do not count.
///
/// Sums run by projection and within it in storage order, so they are the same on every host. Populations without a model have
/// an empty table.
#[must_use]
pub fn totals(circuit: &Circuit, synapses: &Table<ProjId, Synapses>) -> Table<PopId, ReceptorTotals> {
    collect(circuit, synapses, add)
}

/// The same from descriptions: within a projection that is one, sums run in the order of its columns.
#[must_use]
pub fn totals_of(circuit: &Circuit, connections: &Table<ProjId, Connections>) -> Table<PopId, ReceptorTotals> {
    collect(circuit, connections, |connections, totals| match connections {
        Connections::Written(synapses) => add(synapses, totals),
        Connections::Generated(generated) => {
            for target in generated.targets() {
                let (sum, absolute) = generated.sums_at(target);
                totals.sum[target as usize] += sum;
                totals.absolute[target as usize] += absolute;
            }
        }
    })
}

fn collect<T>(circuit: &Circuit, all: &Table<ProjId, T>, add: impl Fn(&T, &mut Totals)) -> Table<PopId, ReceptorTotals> {
    let mut totals: Table<PopId, ReceptorTotals> = circuit
        .populations
        .iter()
        .map(|(id, population)| {
            let zeros = || vec![0.0; population.size() as usize];
            let receptors = circuit.model_of(id).map_or(0, |model| model.receptors.len());
            (0..receptors).map(|_| Totals { sum: zeros(), absolute: zeros() }).collect()
        })
        .collect();
    for (id, projection) in circuit.projections.iter() {
        if let Some(synapses) = all.get(id) {
            add(synapses, &mut totals[projection.target][projection.receptor]);
        }
    }
    totals
}

fn add(synapses: &Synapses, totals: &mut Totals) {
    match &synapses.weight {
        // Counting first rounds once instead of once per synapse.
        Weights::Uniform(weight) => {
            let mut counts = vec![0u32; totals.sum.len()];
            for target in &synapses.target {
                counts[*target as usize] += 1;
            }
            for ((sum, absolute), count) in totals.sum.iter_mut().zip(&mut totals.absolute).zip(counts) {
                *sum += weight * f64::from(count);
                *absolute += weight.abs() * f64::from(count);
            }
        }
        Weights::Each(weights) => {
            for (target, weight) in synapses.target.iter().zip(weights) {
                totals.sum[*target as usize] += weight;
                totals.absolute[*target as usize] += weight.abs();
            }
        }
    }
}
