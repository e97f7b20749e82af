//! Cuts populations into slices that fit one core, and gathers slices on cores.
//!
//! Takes: SpikeGraph (verified), Machine, Options.  Gives: Partition.
//! Invariants: kept: no number of the circuit changes. New: the slices of a population are contiguous, in order, disjoint, cover
//!   it, and all but the last are of one size, so that a key says its member by a shift and a product; what each core must keep fits its memory; same input, same partition on every host.
//! Cost: time in the number of slices and projections, none per synapse except one look at the delays.
//! Source: own; next-fit packing, since consecutive populations of a text usually belong together.
//! Example: 3200 and 800 neurons on spinn5 with at most 256 a core give 13 and 4 slices on 17 cores.

mod cost;
mod shortfall;

pub use cost::{CoreCost, Heard, Sources, broadcasts, source_record};
pub use shortfall::{Shortfall, Shortfalls};

use crate::circuit::PopId;
use crate::spike_graph::{SpikeGraph, SpikeKind};
use crate::table::Table;
use bouton_targets::image::MAX_SUMS;
use bouton_targets::machine::Machine;

crate::ids! {
    /// A slice of a population.
    SliceId "slice",
    /// A core that holds slices; its number in the image.
    CoreId "core",
}

/// What the user may ask of a partition.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Options {
    /// Most neurons on a core, at least 1; the machine's own limit holds too.
    pub neurons_per_core: Option<u32>,
}

/// Which neurons live together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Partition {
    /// The slices, by population and then by first member.
    pub slices: Table<SliceId, Slice>,
    /// The cores with their slices, in order.
    pub cores: Table<CoreId, Vec<SliceId>>,
}

impl Partition {
    /// Members of each slice of a population but the last, by population.
    #[must_use]
    pub fn per_slice(&self) -> Table<PopId, u32> {
        self.slices.values().iter().filter(|slice| slice.first == 0).map(|slice| slice.count).collect()
    }
}

/// Members `first .. first + count` of a population.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Slice {
    /// The population.
    pub population: PopId,
    /// First member.
    pub first: u32,
    /// Number of members, at least 1.
    pub count: u32,
}

/// Cuts and gathers.
///
/// # Errors
/// When a single neuron does not fit a core, or there are not enough cores.
pub fn run(graph: &SpikeGraph, machine: &Machine, options: &Options) -> Result<Partition, Shortfalls> {
    let sources = Sources::of(graph, machine.processor.generates);
    let slices = cut(graph, &sources, machine, options)?;
    let cores = gather(graph, &sources, &slices, machine, options);
    match machine.processor_count() {
        Some(has) if cores.len() > has => {
            Err(Shortfalls(vec![Shortfall { what: "cores".into(), needs: cores.len() as u64, has: has as u64, unit: "" }]))
        }
        _ => Ok(Partition { slices, cores }),
    }
}

fn most_neurons(machine: &Machine, options: &Options) -> u32 {
    let asked = options.neurons_per_core.unwrap_or(u32::MAX).max(1);
    machine.processor.max_neurons.map_or(asked, |most| most.min(asked))
}

fn cut(graph: &SpikeGraph, sources: &Sources, machine: &Machine, options: &Options) -> Result<Table<SliceId, Slice>, Shortfalls> {
    let mut slices = Table::new();
    let mut shortfalls = Vec::new();
    for (id, population) in graph.populations.iter() {
        let size = population.size();
        let receptors = match &population.kind {
            SpikeKind::Neurons(n) => n.narrow.len().max(n.wide.len()) as u32,
            _ => 0,
        };
        let limit = most_neurons(machine, options).min(MAX_SUMS / receptors.max(1)).min(size);
        match largest_fit(graph, sources, machine, id, limit) {
            Ok(largest) => push_even_slices(&mut slices, id, size, largest),
            Err(shortfall) => shortfalls.push(shortfall),
        }
    }
    if shortfalls.is_empty() { Ok(slices) } else { Err(Shortfalls(shortfalls)) }
}

/// The most members of a population, at most `limit`, whose slice fits a core alone.
fn largest_fit(graph: &SpikeGraph, sources: &Sources, machine: &Machine, id: PopId, limit: u32) -> Result<u32, Shortfall> {
    let Some(has) = machine.processor.circuit_bytes else { return Ok(limit) };
    let bytes = |count: u32| {
        let mut cost = CoreCost::default();
        cost.add(graph, sources, &Slice { population: id, first: 0, count });
        cost.bytes()
    };
    if bytes(1) > has {
        let what = format!("memory of a core for one neuron of `{}`", graph.populations[id].name);
        return Err(Shortfall { what, needs: bytes(1), has, unit: "bytes" });
    }
    let (mut fits, mut beyond) = (1, limit + 1);
    while beyond - fits > 1 {
        let middle = fits + (beyond - fits) / 2;
        if bytes(middle) <= has { fits = middle } else { beyond = middle }
    }
    Ok(fits)
}

/// As few slices as `largest` allows, all but the last of one size.
fn push_even_slices(slices: &mut Table<SliceId, Slice>, population: PopId, size: u32, largest: u32) {
    let per_slice = size.div_ceil(size.div_ceil(largest.max(1)).max(1)).max(1);
    for first in (0..size).step_by(per_slice as usize) {
        slices.push(Slice { population, first, count: per_slice.min(size - first) });
    }
}

fn gather(
    graph: &SpikeGraph,
    sources: &Sources,
    slices: &Table<SliceId, Slice>,
    machine: &Machine,
    options: &Options,
) -> Table<CoreId, Vec<SliceId>> {
    let most = most_neurons(machine, options);
    let memory = machine.processor.circuit_bytes.unwrap_or(u64::MAX);
    let mut cores: Vec<Vec<SliceId>> = Vec::new();
    let (mut cost, mut neurons) = (CoreCost::default(), 0u32);
    for (id, slice) in slices.iter() {
        let mut together = cost.clone();
        together.add(graph, sources, slice);
        let fits = neurons.checked_add(slice.count).is_some_and(|n| n <= most) && together.bytes() <= memory;
        match cores.last_mut() {
            Some(core) if fits => {
                core.push(id);
                (cost, neurons) = (together, neurons + slice.count);
            }
            _ => {
                cores.push(vec![id]);
                cost = CoreCost::default();
                cost.add(graph, sources, slice);
                neurons = slice.count;
            }
        }
    }
    cores.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spike_graph::{Raw, testing};
    use crate::table::Id;

    fn machine(name: &str) -> Machine {
        Machine::named(name).expect("it is listed").expect("it is sound")
    }

    fn sizes(partition: &Partition) -> Vec<u32> {
        partition.slices.values().iter().map(|s| s.count).collect()
    }

    #[test]
    fn slices_are_equal_and_cover_the_population() {
        let mut graph = testing::empty();
        testing::counters(&mut graph, 1000, Raw::Uniform(0));
        let partition = run(&graph, &machine("spinn5"), &Options::default()).expect("it fits");
        assert_eq!(sizes(&partition), [250, 250, 250, 250]);
        let partition = run(&graph, &machine("host"), &Options { neurons_per_core: Some(300) }).expect("it fits");
        assert_eq!((sizes(&partition), partition.cores.len()), (vec![250; 4], 4));
        assert_eq!(
            run(&graph, &machine("host"), &Options { neurons_per_core: Some(334) }).map(|p| sizes(&p)),
            Ok(vec![334, 334, 332])
        );
        assert_eq!(partition.slices.values()[3], Slice { population: PopId::from_index(0), first: 750, count: 250 });
    }

    #[test]
    fn small_populations_share_a_core() {
        let mut graph = testing::empty();
        for _ in 0..5 {
            testing::counters(&mut graph, 100, Raw::Uniform(0));
        }
        let partition = run(&graph, &machine("spinn5"), &Options::default()).expect("it fits");
        assert_eq!(partition.cores.values().iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
    }

    #[test]
    fn memory_of_long_delays_cuts_slices() {
        let long = |size, delay| {
            let mut graph = testing::empty();
            let a = testing::counters(&mut graph, size, Raw::Uniform(0));
            testing::project(&mut graph, a, a, &[(0, 0, delay, 1)]);
            run(&graph, &machine("spinn5"), &Options::default())
        };
        // A core has 57,344 bytes. 229 ticks of 63 words of history are 57,708; 230 sums are 920 for each neuron.
        let sizes = sizes(&long(2000, 230).expect("62 neurons fit a core"));
        assert_eq!((sizes[0], sizes.len()), (61, 33));
        // Half a ring, and 115 ticks of 2 words of history.
        assert_eq!(long(64, 230).expect("it fits").slices.len(), 1);
        let shortfalls = long(100_000, 20_000).expect_err("not even one neuron fits");
        assert!(shortfalls.to_string().contains("one neuron of `counters0`"), "{shortfalls}");
    }

    #[test]
    fn too_many_neurons_say_how_many_cores_are_missing() {
        let mut graph = testing::empty();
        testing::counters(&mut graph, 64 * 256 + 1, Raw::Uniform(0));
        let shortfalls = run(&graph, &machine("spinn3"), &Options::default()).expect_err("spinn3 has 64 cores");
        assert_eq!(shortfalls, Shortfalls(vec![Shortfall { what: "cores".into(), needs: 65, has: 64, unit: "" }]));
    }
}
