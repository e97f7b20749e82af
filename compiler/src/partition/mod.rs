//! Cuts populations into slices that fit one core, and gathers slices on cores.
//!
//! Takes: SpikeGraph (verified), Machine, Options.  Gives: Partition.
//! Invariants: kept: no number of the circuit changes. New: the slices of a population are contiguous, in order, disjoint, all of
//!   one size but the last, and cover it; what each core must keep fits its memory, and what it is expected to do fits a tick;
//!   same input, same partition on every host.
//! Cost: time in the number of slices and projections; per synapse one look at in-degrees and delays of written projections.
//! Source: own. Memory is counted by the kernel's own layout, time by the emulator's own cost model.
//! Example: 3200 and 800 neurons with at most 256 a core give 13 and 4 slices on 17 cores.

mod activity;
mod cost;
mod cut;
mod joined;
mod load;
mod pack;
mod shared;
mod shortfall;

pub use activity::{ASSUMED_RATE_HZ, Activity};
pub use cost::{CoreCost, Heard, Sources, broadcasts, source_record};
pub use cut::{Binding, Limits};
pub use joined::Joined;
pub use load::Loads;
pub use shared::SharedMemory;
pub use shortfall::{Shortfall, Shortfalls};

use crate::circuit::PopId;
use crate::spike_graph::SpikeGraph;
use crate::table::Table;
use bouton_targets::cost::CostModel;
use bouton_targets::machine::Machine;

crate::ids! {
    /// A slice of a population.
    SliceId "slice",
    /// A core that holds slices; its number in the image.
    CoreId "core",
}

/// How often the time of a tick is doubled in search of one that would do, before the machine is called too small.
const TIME_SCALE_DOUBLINGS: u32 = 10;

/// What the user may ask of a partition.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Options {
    /// Most neurons on a core, at least 1; the machine's own limit holds too.
    pub neurons_per_core: Option<u32>,
    /// How many times longer than in the circuit a tick may take on the machine; `None` for as few as the machine needs.
    pub time_scale: Option<f64>,
    /// Spikes per second that a neuron is assumed to emit.
    pub rate_hz: f64,
}

impl Default for Options {
    fn default() -> Self {
        Options { neurons_per_core: None, time_scale: None, rate_hz: ASSUMED_RATE_HZ }
    }
}

/// Which neurons live together.
#[derive(Clone, PartialEq, Debug)]
pub struct Partition {
    /// The slices, by population and then by first member.
    pub slices: Table<SliceId, Slice>,
    /// The cores with their slices, in order.
    pub cores: Table<CoreId, Vec<SliceId>>,
    /// What keeps the slices of each population from being larger.
    pub bindings: Table<PopId, Binding>,
    /// Expected cycles of a tick on each core.
    pub cycles: Table<CoreId, f64>,
    /// What a core may hold.
    pub limits: Limits,
    /// How many times longer than in the circuit a tick may take.
    pub time_scale: f64,
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
/// When a single neuron does not fit a core, or there are not enough cores: with the time scale that was asked for, or with any.
pub fn run(graph: &SpikeGraph, sources: &Sources, machine: &Machine, options: &Options) -> Result<Partition, Shortfalls> {
    let activity = Activity::of(graph, options.rate_hz);
    let loads = Loads::of(graph, sources, &activity, CostModel::ARM968);
    let has = machine.processor_count();
    let fits = |partition: &Partition| has.is_none_or(|has| partition.cores.len() <= has);
    let divide = |time_scale: f64| {
        let limits = Limits::of(machine, options, graph.tick_s * time_scale);
        match divide(graph, sources, &loads, limits, time_scale) {
            Ok(partition) if fits(&partition) => Ok(partition),
            Ok(partition) => Err(too_few_cores(graph, &partition, has.unwrap_or(0))),
            Err(shortfalls) => Err(shortfalls),
        }
    };
    let first = options.time_scale.unwrap_or(1.0);
    let mut shortfalls = match divide(first) {
        Ok(partition) => return Ok(partition),
        Err(shortfalls) => shortfalls,
    };
    if !Limits::of(machine, options, graph.tick_s).cycles.is_finite() {
        return Err(shortfalls);
    }
    let slower = (1..=TIME_SCALE_DOUBLINGS).find_map(|n| divide(first * f64::from(1u32 << n)).ok());
    match slower {
        Some(partition) if options.time_scale.is_none() => Ok(partition),
        Some(partition) => {
            let nanoseconds = |scale: f64| (graph.tick_s * scale * 1e9).round() as u64;
            let what = format!("time of a tick (--time-scale {})", partition.time_scale);
            let (needs, has) = (nanoseconds(partition.time_scale), nanoseconds(first));
            shortfalls.0.push(Shortfall { what, needs, has, unit: "ns" });
            Err(shortfalls)
        }
        None => Err(shortfalls),
    }
}

fn divide(
    graph: &SpikeGraph,
    sources: &Sources,
    loads: &Loads<'_>,
    limits: Limits,
    time_scale: f64,
) -> Result<Partition, Shortfalls> {
    let (slices, bindings) = cut::cut(graph, sources, loads, &limits)?;
    let loads_of: Table<SliceId, f64> = slices.values().iter().map(|slice| loads.cycles(slice)).collect();
    let packer =
        pack::Packer { graph, sources, slices: &slices, cycles: &loads_of, core_cycles: loads.core_cycles(), limits: &limits };
    let cores = packer.run();
    let cycles_of = |own: &Vec<SliceId>| loads.core_cycles() + own.iter().map(|s| loads_of[*s]).sum::<f64>();
    let cycles = cores.values().iter().map(cycles_of).collect();
    Ok(Partition { slices, cores, bindings, cycles, limits, time_scale })
}

/// Says how many cores are missing, and what cuts the slices that need them.
fn too_few_cores(graph: &SpikeGraph, partition: &Partition, has: usize) -> Shortfalls {
    let mut rows = vec![Shortfall { what: "cores".into(), needs: partition.cores.len() as u64, has: has as u64, unit: "" }];
    for binding in [Binding::Neurons, Binding::Sums, Binding::Memory, Binding::Time] {
        let cut = graph.populations.ids().filter(|id| partition.bindings[*id] == binding);
        let slices: usize = cut.map(|id| partition.slices_of(id).count()).sum();
        if slices > 0 {
            let what = format!("slices cut by {binding}");
            rows.push(Shortfall { what, needs: slices as u64, has: has as u64, unit: "" });
        }
    }
    Shortfalls(rows)
}

#[cfg(test)]
pub(crate) mod testing {
    //! Partitions alone.

    use super::*;

    /// A partition of a graph whose sources are not needed afterwards.
    pub(crate) fn run_alone(graph: &SpikeGraph, machine: &Machine, options: &Options) -> Result<Partition, Shortfalls> {
        run(graph, &Sources::of(graph, machine.processor.generates), machine, options)
    }
}

#[cfg(test)]
mod tests {
    use super::testing::run_alone;
    use super::*;
    use crate::spike_graph::{Raw, testing};
    use crate::table::Id;
    use bouton_targets::generate::{Members, Pattern};

    fn machine(name: &str) -> Machine {
        Machine::named(name).expect("it is listed").expect("it is sound")
    }

    fn sizes(partition: &Partition) -> Vec<u32> {
        partition.slices.values().iter().map(|s| s.count).collect()
    }

    #[test]
    fn slices_are_even_and_cover_the_population() {
        let mut graph = testing::empty();
        testing::counters(&mut graph, 1000, Raw::Uniform(0));
        let partition = run_alone(&graph, &machine("spinn5"), &Options::default()).expect("it fits");
        assert_eq!(sizes(&partition), [250, 250, 250, 250]);
        let partition =
            run_alone(&graph, &machine("host"), &Options { neurons_per_core: Some(300), ..Options::default() }).expect("it fits");
        assert_eq!((sizes(&partition), partition.cores.len()), (vec![250; 4], 4));
        assert_eq!(partition.slices.values()[3], Slice { population: PopId::from_index(0), first: 750, count: 250 });
    }

    #[test]
    fn small_populations_share_a_core() {
        let mut graph = testing::empty();
        for _ in 0..5 {
            testing::counters(&mut graph, 100, Raw::Uniform(0));
        }
        let partition = run_alone(&graph, &machine("spinn5"), &Options::default()).expect("it fits");
        assert_eq!(partition.cores.values().iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
    }

    #[test]
    fn memory_of_long_delays_cuts_slices() {
        let mut graph = testing::empty();
        let a = testing::counters(&mut graph, 2000, Raw::Uniform(0));
        testing::project(&mut graph, a, a, &[(0, 0, 230, 1)]);
        // A history of 230 ticks of 63 words does not fit; rings of 230 sums for each neuron do, for 61 of them.
        let partition = run_alone(&graph, &machine("spinn5"), &Options::default()).expect("it fits");
        assert_eq!((sizes(&partition)[0], partition.bindings[a]), (61, Binding::Memory));
        testing::project(&mut graph, a, a, &[(0, 0, 60_000, 1)]);
        let shortfalls = run_alone(&graph, &machine("spinn5"), &Options::default()).expect_err("not even one neuron fits");
        assert!(shortfalls.to_string().contains("one neuron of `counters0`"), "{shortfalls}");
    }

    #[test]
    fn memory_for_making_synapses_counts_when_the_first_members_have_none() {
        let mut graph = testing::empty();
        let a = testing::counters(&mut graph, 2000, Raw::Uniform(0));
        let b = testing::counters(&mut graph, 20, Raw::Uniform(0));
        // Drawing distinct sources needs a bit for each of a; members 10 and above of b draw, those before do not.
        testing::describe(&mut graph, a, b, Members { first: 10, count: 10 }, Pattern::FixedIn { k: 3 });
        let mut machine = machine("spinn5");
        let options = Options { neurons_per_core: Some(10), ..Options::default() };
        assert_eq!(run_alone(&graph, &machine, &options).map(|partition| partition.slices_of(b).count()), Ok(2));
        machine.processor.circuit_bytes = Some(255);
        let shortfalls = run_alone(&graph, &machine, &options).expect_err("64 words do not fit");
        let rows: Vec<_> = shortfalls.0.iter().map(|s| (s.what.as_str(), s.needs, s.has)).collect();
        assert_eq!(rows, [("memory of a core for one neuron of `counters1`", 256, 255)]);
    }

    #[test]
    fn every_slice_fits_a_tick_when_some_members_hear_more() {
        let mut graph = testing::empty();
        let a = testing::counters(&mut graph, 20, Raw::Uniform(0));
        let b = testing::counters(&mut graph, 200, Raw::Uniform(0));
        // Members 100 and above of b have 400 synapses each, those before none.
        let heard: Vec<_> = (0..20).flat_map(|i| (0..2000).map(move |k| (i, 100 + k % 100, 1, 1))).collect();
        testing::project(&mut graph, a, b, &heard);
        let asked = Options { time_scale: Some(1.0), rate_hz: 1000.0, ..Options::default() };
        let partition = run_alone(&graph, &machine("spinn5"), &asked).expect("it fits");
        assert_eq!(partition.bindings[b], Binding::Time);
        assert!(partition.cycles.values().iter().all(|cycles| *cycles <= partition.limits.cycles), "{:?}", partition.cycles);
    }

    #[test]
    fn a_machine_that_is_too_slow_runs_slower_unless_that_is_refused() {
        let mut graph = testing::empty();
        graph.tick_s = 1e-5;
        testing::counters(&mut graph, 5000, Raw::Uniform(0));
        let partition = run_alone(&graph, &machine("spinn3"), &Options::default()).expect("it fits");
        assert!(partition.time_scale > 1.0 && partition.bindings.values() == [Binding::Time]);
        let asked = Options { time_scale: Some(1.0), ..Options::default() };
        let shortfalls = run_alone(&graph, &machine("spinn3"), &asked).expect_err("2,000 cycles are too few");
        assert!(shortfalls.to_string().contains(&format!("--time-scale {}", partition.time_scale)), "{shortfalls}");
    }

    #[test]
    fn too_many_neurons_say_how_many_cores_are_missing() {
        let mut graph = testing::empty();
        testing::counters(&mut graph, 64 * 256 + 1, Raw::Uniform(0));
        let asked = Options { time_scale: Some(1.0), ..Options::default() };
        let shortfalls = run_alone(&graph, &machine("spinn3"), &asked).expect_err("spinn3 has 64 cores");
        let rows: Vec<_> = shortfalls.0.iter().map(|s| (s.what.as_str(), s.needs, s.has)).collect();
        assert_eq!(rows, [("cores", 65, 64), ("slices cut by neurons per core", 65, 64)]);
    }
}
