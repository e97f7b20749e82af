//! A partitioned circuit on a many-core machine: cores on chips, keys, routing tables.
//!
//! Takes: SpikeGraph, Partition, Machine, options of partition and mapper.  Gives: [`Mapped`].
//! Invariants: as [`crate::mapping`]'s; keys of a population's slices lie at one distance from each other, in their order, as the
//!   source tables of cores need it.
//! Cost: that of the mapper. Source: own.

use crate::image::{Keys, PopulationKeys, routers};
use crate::machine_graph::{self, Carried, CircuitGraph};
use crate::mapping::{self, Board, MapFailure, Mapping};
use crate::partition::{self, Activity, Partition, Sources};
use crate::place::{Placement, Processor};
use crate::spike_graph::SpikeGraph;
use crate::table::{Id, Table};
use bouton_targets::machine::{Chip, Machine};
use std::collections::BTreeMap;

/// A circuit on a machine.
#[derive(Clone, Debug)]
pub struct Mapped {
    /// Where each core of the partition is.
    pub placement: Placement,
    /// Keys of everything that is heard.
    pub keys: Keys,
    /// Words of the router sections, by number of the chip.
    pub routers: Vec<Vec<u32>>,
    /// The graph that was mapped.
    pub graph: CircuitGraph,
    /// The board as the mapper sees it.
    pub board: Board,
    /// The mapping.
    pub mapping: Mapping,
}

/// Maps.
///
/// # Errors
/// See [`MapFailure`].
pub fn run(
    graph: &SpikeGraph,
    sources: &Sources,
    partition: &Partition,
    machine: &Machine,
    assumed: &partition::Options,
    options: &mapping::Options,
) -> Result<Mapped, MapFailure> {
    let activity = Activity::of(graph, assumed.rate_hz);
    let circuit = machine_graph::build(graph, sources, partition, &activity);
    let board = Board::of(machine);
    let mapping = mapping::run(&circuit.graph, &board, &mapping::Options { keys_grouped: true, ..*options })?;
    let chips = Board::chips_of(machine);
    let placement = mapping.placement.values().iter().map(|site| processor(chips[site.chip as usize], site.core)).collect();
    let keys = keys(graph, partition, &circuit, &mapping)?;
    let routers = routers::sections(&mapping, &board);
    Ok(Mapped { placement, keys, routers, graph: circuit, board, mapping })
}

/// A processor of a chip: its cores are numbered in the order of its processors.
fn processor(chip: &Chip, core: u16) -> Processor {
    Processor { x: chip.x, y: chip.y, processor: chip.processors.nth(core).unwrap_or(u16::MAX) }
}

/// The keys that the mapper chose, by population and broadcast.
fn keys(graph: &SpikeGraph, partition: &Partition, circuit: &CircuitGraph, mapping: &Mapping) -> Result<Keys, MapFailure> {
    let mut populations: Table<_, PopulationKeys> = graph
        .populations
        .ids()
        .map(|id| PopulationKeys { first: 0, per_slice: partition.per_slice(id), slice_bits: partition.slice_bits(id) })
        .collect();
    let mut broadcasts = BTreeMap::new();
    for ((net, key), carried) in mapping.keys.iter().zip(&circuit.carried) {
        match carried {
            Carried::Broadcast(heard) => {
                broadcasts.insert(*heard, *key);
            }
            Carried::Slice(slice) => {
                let slice = &partition.slices[*slice];
                let own = &mut populations[slice.population];
                if slice.first == 0 {
                    own.first = *key;
                }
                if own.of(slice.first) != *key {
                    return Err(MapFailure::Wrong(format!("net{} has key {key:#x}, off its population's block", net.index())));
                }
            }
        }
    }
    Ok(Keys { populations, broadcasts })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::{self, Routes};
    use crate::partition::Binding;
    use crate::spike_graph::{Raw, testing};
    use bouton_targets::image::{CoreView, ImageView};

    fn machine() -> Machine {
        Machine::named("spinn3").expect("it is listed").expect("it is sound")
    }

    /// Three populations in a chain, each neuron onto the next population's of the same number and its neighbour.
    fn chain() -> SpikeGraph {
        let mut graph = testing::empty();
        let all: Vec<_> = (0..3).map(|_| testing::counters(&mut graph, 40, Raw::Each((0..40).collect()))).collect();
        let edges: Vec<testing::Edge> = (0..40).flat_map(|i| [(i, i, 1, 3), (i, (i + 1) % 40, 2, -1)]).collect();
        for pair in all.windows(2) {
            testing::project(&mut graph, pair[0], pair[1], &edges);
        }
        graph
    }

    fn mapped(graph: &SpikeGraph, neurons_per_core: u32) -> (Partition, Mapped) {
        let options = partition::Options { neurons_per_core: Some(neurons_per_core), ..partition::Options::default() };
        let sources = Sources::of(graph, true);
        let parts = partition::run(graph, &sources, &machine(), &options).expect("it fits");
        let mapped = run(graph, &sources, &parts, &machine(), &options, &mapping::Options::default()).expect("it fits");
        (parts, mapped)
    }

    #[test]
    fn nets_reach_the_cores_that_have_a_synapse_and_no_others() {
        let (parts, mapped) = mapped(&chain(), 10);
        let graph = &mapped.graph.graph;
        assert_eq!((parts.bindings.values(), graph.nets.len()), (&[Binding::Neurons; 3][..], 12));
        let targets = |net: usize| graph.targets_of(&graph.nets.values()[net]).map(Id::index).collect::<Vec<_>>();
        // Slice k of ten neurons reaches slice k of the next population, and with its last neuron slice k + 1.
        assert_eq!([0, 1, 3].map(targets), [vec![4, 5], vec![5, 6], vec![4, 7]]);
        assert_eq!([4, 8].map(targets), [vec![8, 9], vec![]], "the last population sends to nobody");
        let keys: Vec<u32> =
            mapped.mapping.keys.values().iter().take(4).map(|key| key - mapped.keys.populations.values()[0].first).collect();
        assert_eq!(keys, [0, 16, 32, 48]);
    }

    #[test]
    fn no_core_needs_more_shared_memory_than_it_was_placed_with() {
        let graph = chain();
        for neurons_per_core in [7, 40, 100] {
            let (parts, mapped) = mapped(&graph, neurons_per_core);
            let bytes = image::run(
                &graph,
                &Sources::of(&graph, true),
                &parts,
                &mapped.placement,
                &mapped.keys,
                Routes::Tables(&mapped.routers),
                &machine(),
            );
            let bytes = bytes.expect("it is sound");
            let image = ImageView::new_checked(bytes.as_slice()).expect("it is sound");
            for (vertex, planned) in mapped.graph.graph.vertices.iter() {
                let core = vertex.index() as u32;
                let section = image.section(bouton_targets::image::SectionKind::Core, core).expect("it is there");
                let synaptic = CoreView::new_checked(image, core).expect("it is sound").head().synaptic;
                let needs = 4 * (section.len() as u64 + u64::from(synaptic));
                assert!(needs <= planned.shared_bytes, "{vertex:?} needs {needs}, planned {}", planned.shared_bytes);
            }
        }
    }
}
