//! Cuts populations into slices that fit a core alone, and says which limit cut them.

use super::{CoreCost, Loads, Options, Shortfall, Shortfalls, Slice, SliceId, Sources};
use crate::circuit::PopId;
use crate::spike_graph::{SpikeGraph, SpikeKind};
use crate::table::Table;
use bouton_targets::image::MAX_SUMS;
use bouton_targets::machine::{Family, Machine};
use std::fmt;

/// What a core may hold.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Limits {
    /// Neurons and inputs.
    pub neurons: u64,
    /// Bytes of memory that changes.
    pub bytes: u64,
    /// Cycles of a tick; infinite where no tick has to be kept.
    pub cycles: f64,
}

impl Limits {
    /// The limits of a machine's cores, for ticks that may last `tick_s`.
    #[must_use]
    pub fn of(machine: &Machine, options: &Options, tick_s: f64) -> Limits {
        let asked = options.neurons_per_core.unwrap_or(u32::MAX).max(1);
        let most = machine.processor.max_neurons.unwrap_or(u32::MAX).min(asked);
        Limits {
            neurons: if most == u32::MAX { u64::MAX } else { most.into() },
            bytes: machine.processor.circuit_bytes.unwrap_or(u64::MAX),
            cycles: match (machine.family, machine.processor.clock_hz) {
                (Family::ManyCore, Some(clock)) => clock as f64 * tick_s,
                _ => f64::INFINITY,
            },
        }
    }
}

/// What keeps the slices of a population from being larger.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Binding {
    /// Nothing: the population is one slice.
    Population,
    /// The number of neurons on a core.
    Neurons,
    /// The sums that a synapse can name.
    Sums,
    /// Memory of a core.
    Memory,
    /// The time of a tick.
    Time,
}

impl fmt::Display for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Binding::Population => "the population's size",
            Binding::Neurons => "neurons per core",
            Binding::Sums => "sums per core",
            Binding::Memory => "memory of a core",
            Binding::Time => "time of a tick",
        })
    }
}

/// Slices, and by population what bound their size.
pub(super) type Cut = (Table<SliceId, Slice>, Table<PopId, Binding>);

/// Cuts every population into as few equal slices as the limits allow.
pub(super) fn cut(graph: &SpikeGraph, sources: &Sources, loads: &Loads<'_>, limits: &Limits) -> Result<Cut, Shortfalls> {
    let (mut slices, mut bindings, mut shortfalls) = (Table::new(), Table::new(), Vec::new());
    for (id, population) in graph.populations.iter() {
        match largest(graph, sources, loads, limits, id) {
            Ok((largest, binding)) => {
                even_slices(id, population.size(), largest).for_each(|slice| {
                    slices.push(slice);
                });
                bindings.push(binding);
            }
            Err(shortfall) => {
                bindings.push(Binding::Population);
                shortfalls.push(shortfall);
            }
        }
    }
    if shortfalls.is_empty() { Ok((slices, bindings)) } else { Err(Shortfalls(shortfalls)) }
}

/// The most members of a population that fit a core wherever it is cut, and what keeps more out.
fn largest(
    graph: &SpikeGraph,
    sources: &Sources,
    loads: &Loads<'_>,
    limits: &Limits,
    id: PopId,
) -> Result<(u32, Binding), Shortfall> {
    let population = &graph.populations[id];
    let receptors = match &population.kind {
        SpikeKind::Neurons(n) => n.narrow.len().max(n.wide.len()) as u32,
        _ => 0,
    };
    let mut best = (population.size(), Binding::Population);
    let mut bound = |most: u32, binding| best = if most < best.0 { (most, binding) } else { best };
    bound(u32::try_from(limits.neurons).unwrap_or(u32::MAX), Binding::Neurons);
    bound(MAX_SUMS / receptors.max(1), Binding::Sums);
    let bytes = |count: u32| CoreCost::of_any(graph, sources, id, count).bytes();
    // Drawn in-degrees differ, so slices of one size differ in time.
    let cycles = |most: u32| {
        let each = even_slices(id, population.size(), most).map(|slice| loads.cycles(&slice));
        each.fold(0.0, f64::max) + loads.core_cycles()
    };
    let short = |what: &str, needs, has, unit| Shortfall {
        what: format!("{what} of a core for one neuron of `{}`", population.name),
        needs,
        has,
        unit,
    };
    if limits.bytes != u64::MAX {
        let most = most(best.0, |count| bytes(count) <= limits.bytes);
        let most = most.ok_or_else(|| short("memory", bytes(1), limits.bytes, "bytes"))?;
        best = if most < best.0 { (most, Binding::Memory) } else { best };
    }
    if limits.cycles.is_finite() {
        let most = most(best.0, |count| cycles(count) <= limits.cycles);
        let most = most.ok_or_else(|| short("time", cycles(1).ceil() as u64, limits.cycles as u64, "cycles in a tick"))?;
        best = if most < best.0 { (most, Binding::Time) } else { best };
    }
    Ok(best)
}

/// A count of `1 ..= limit` that fits, the largest if all that are less fit too; `None` when one does not.
fn most(limit: u32, fits: impl Fn(u32) -> bool) -> Option<u32> {
    if fits(limit) {
        return Some(limit);
    }
    let (mut good, mut bad) = (0, limit);
    while bad - good > 1 {
        let middle = good + (bad - good) / 2;
        if fits(middle) { good = middle } else { bad = middle }
    }
    (good > 0).then_some(good)
}

/// As few slices as `largest` allows, all of one size but the last, which has the rest.
fn even_slices(population: PopId, size: u32, largest: u32) -> impl Iterator<Item = Slice> {
    let pieces = size.div_ceil(largest.max(1));
    let each = size.div_ceil(pieces.max(1)).max(1);
    (0..size).step_by(each as usize).map(move |first| Slice { population, first, count: each.min(size - first) })
}
