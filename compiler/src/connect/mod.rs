//! Connection patterns to synapses, by counter-based draws.
//!
//! Takes: a checked [`Circuit`], its projections, the seed.  Gives: [`Connections`] (descriptions with sums where a description
//!   says all, else [`Synapses`]), or the [`Synapses`] of one projection.
//! Invariants: rows are sorted by source, then delay, then target, then the order in which they were drawn; the same circuit
//!   and seed give the same synapses, whoever makes them and whatever else is made.
//! By target column: `one_to_one`, `all_to_all`, `random`, `fixed_in`, and `fixed_total` with `multiple`. By source row:
//!   `fixed_out`, `distance`, `matrix`, `low_rank`, lists, and `fixed_total` of distinct pairs. Columns are drawn by
//!   `bouton_targets::generate`, so a device can make them: such a projection stays a description unless a weight or delay is
//!   drawn from `choice`, or a part of a population is no range.
//! Draws: stream = the projection's id; index = the index of the line's neuron in its population. A line (column or row) draws
//!   its topology with `Purpose::Connect`, then its weights with `Purpose::Weight` and its delays with `Purpose::Delay`, each
//!   numbered from 0 in the order in which the line's synapses were generated: any line can be made alone. `fixed_total` with
//!   `multiple` draws the target of every synapse first, at tick 1 (`total_pairs::counts`), and keeps their number only; of
//!   distinct pairs it draws synapse number s at index s, and weights and delays by row in the order of the numbers.
//! Flags: drawn patterns, `all_to_all`, `one_to_one` and `low_rank` leave self-connections out unless `self` allows them, and
//!   draw pairs once unless `multiple` allows more. A list or a matrix that contradicts the flags is an error, for what a user
//!   wrote out must not be dropped in silence.
//! Cost: O(synapses + neurons) time, `all_to_all`-like patterns O(pairs); no allocation per synapse. Descriptions take memory
//!   per target neuron only, and time only for what is drawn: about 8 ns for a weight or delay, on each of the host's threads.

mod assemble;
mod error;
mod generated;
mod line;
mod total_pairs;
mod totals;

#[cfg(test)]
mod tests;

pub use error::{CODES, ConnectError};
pub use generated::{Connections, Generated, WeightSums, connections};
pub use totals::{ReceptorTotals, Totals, totals, totals_of};

use crate::circuit::{Circuit, ProjId};
use crate::table::Id;
use line::Generator;
use std::ops::Range;

/// The synapses of one projection, as rows by source neuron.
#[derive(Clone, PartialEq, Debug)]
pub struct Synapses {
    /// Row `i` is `row_start[i] .. row_start[i + 1]`; one row for each neuron of the whole source population.
    pub row_start: Vec<u64>,
    /// Target of each synapse: its index in the whole target population.
    pub target: Vec<u32>,
    /// Delays in ticks.
    pub delay: Delays,
    /// Weights in the receptor's unit over the event's unit (SI).
    pub weight: Weights,
}

/// The delays of a projection's synapses, in ticks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Delays {
    /// The same for all.
    Uniform(u32),
    /// One each.
    Each(Vec<u32>),
}

/// The weights of a projection's synapses, SI.
#[derive(Clone, PartialEq, Debug)]
pub enum Weights {
    /// The same for all.
    Uniform(f64),
    /// One each.
    Each(Vec<f64>),
}

impl Synapses {
    /// Number of synapses.
    #[must_use]
    pub fn len(&self) -> usize {
        self.target.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.target.is_empty()
    }

    /// Places of the synapses of source neuron `source`; empty when there is no such neuron.
    #[must_use]
    pub fn row(&self, source: u32) -> Range<usize> {
        let at = source as usize;
        match (self.row_start.get(at), self.row_start.get(at + 1)) {
            (Some(start), Some(end)) => *start as usize..*end as usize,
            _ => 0..0,
        }
    }

    /// Delay of synapse `at` in ticks.
    #[inline]
    #[must_use]
    pub fn delay_at(&self, at: usize) -> u32 {
        match &self.delay {
            Delays::Uniform(d) => *d,
            Delays::Each(ds) => ds[at],
        }
    }

    /// Weight of synapse `at`.
    #[inline]
    #[must_use]
    pub fn weight_at(&self, at: usize) -> f64 {
        match &self.weight {
            Weights::Uniform(w) => *w,
            Weights::Each(ws) => ws[at],
        }
    }

    /// Smallest and largest delay in ticks; `None` without synapses.
    #[must_use]
    pub fn delay_bounds(&self) -> Option<(u32, u32)> {
        match &self.delay {
            _ if self.is_empty() => None,
            Delays::Uniform(d) => Some((*d, *d)),
            Delays::Each(ds) => Some(ds.iter().fold((u32::MAX, 0), |(l, h), d| (l.min(*d), h.max(*d)))),
        }
    }
}

/// The synapses of one projection.
///
/// # Errors
/// When the pattern cannot be met (too few candidates, a draw that never falls within its bounds) or what is written out does
/// not fit the populations or the flags.
pub fn synapses(circuit: &Circuit, projection: ProjId, seed: u64) -> Result<Synapses, ConnectError> {
    let generator = Generator::new(circuit, projection, seed)?;
    assemble::assemble(&generator)
}

/// The stream that a projection's draws come from.
fn stream(projection: ProjId) -> u32 {
    projection.index() as u32
}
