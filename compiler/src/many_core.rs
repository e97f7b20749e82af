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
use bouton_targets::machine::Machine;
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
    partition: &Partition,
    machine: &Machine,
    assumed: &partition::Options,
    options: &mapping::Options,
) -> Result<Mapped, MapFailure> {
    let activity = Activity::of(graph, assumed.rate_hz);
    let circuit = machine_graph::build(graph, &Sources::of(graph, machine.processor.generates), partition, &activity);
    let board = Board::of(machine);
    let mapping = mapping::run(&circuit.graph, &board, &mapping::Options { keys_grouped: true, ..*options })?;
    let placement = mapping.placement.values().iter().map(|site| processor(machine, &board, *site)).collect();
    let keys = keys(graph, partition, &circuit, &mapping)?;
    let routers = routers::sections(&mapping, &board);
    Ok(Mapped { placement, keys, routers, graph: circuit, board, mapping })
}

/// The processor at a site: vertices take those of a chip in ascending order of their numbers.
fn processor(machine: &Machine, board: &Board, site: mapping::Site) -> Processor {
    let chip = &board.chips[site.chip as usize];
    let own = machine.chips.iter().find(|c| (c.x, c.y) == (chip.x, chip.y));
    let number = own.and_then(|c| c.processors.nth(site.core));
    Processor { x: chip.x, y: chip.y, processor: number.unwrap_or(u16::MAX) }
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
