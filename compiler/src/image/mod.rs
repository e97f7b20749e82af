//! Writes the board image.
//!
//! Takes: SpikeGraph, Partition, Placement, Keys, Machine.  Gives: the bytes of the image.
//! Invariants: what is read back says the same as the graph; same input, same bytes on every host.
//! Cost: time and memory in the number of synapses that are written out, one pass over each projection to count and one to write;
//!   for those that cores make, in the number of their targets.
//! Source: own; docs/src/image-format.md has the format.

mod core;
mod describe;
mod keys;
pub mod routers;
mod rows;

use crate::partition::{Heard, Partition, Shortfall, Shortfalls, Sources};
use crate::place::Placement;
use crate::spike_graph::SpikeGraph;
use crate::table::Id;
use bouton_targets::image::{
    AlignedBytes, CoreError, CoreView, FabricBuilder, ImageBuilder, ImageError, ImageView, MemoryLayout, SectionKind,
};
use bouton_targets::machine::Machine;
use std::collections::BTreeMap;

pub use keys::{Keys, PopulationKeys};

/// Why there is no image.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ImageFailure {
    /// The machine is too small.
    DoesNotFit(Shortfalls),
    /// The image that was written is refused when it is read back: a bug of ours.
    ReadBack(String),
}

impl From<ImageError> for ImageFailure {
    fn from(error: ImageError) -> Self {
        ImageFailure::ReadBack(format!("{error:?}"))
    }
}

impl From<CoreError> for ImageFailure {
    fn from(error: CoreError) -> Self {
        ImageFailure::ReadBack(format!("{error:?}"))
    }
}

/// How events find the cores that hear them.
#[derive(Clone, Copy, Debug)]
pub enum Routes<'a> {
    /// As if every event reached every core that hears it at once: written as lists of cores.
    Ideal,
    /// By the tables of routers: the words of each chip's section.
    Tables(&'a [Vec<u32>]),
}

/// What a core needs of its machine.
#[derive(Clone, Copy)]
struct Needs {
    /// Fast memory, for what changes.
    memory_bytes: u32,
    /// Shared memory, in which rows are made.
    synaptic_words: u32,
    /// Shared memory, for the section.
    section_bytes: u64,
}

impl Needs {
    fn synaptic_bytes(&self) -> u64 {
        u64::from(self.synaptic_words) * 4
    }
}

/// Writes the image and checks it by reading it back.
///
/// # Errors
/// When chips or the machine have too little memory for it, or when reading it back fails.
pub fn run(
    graph: &SpikeGraph,
    sources: &Sources,
    partition: &Partition,
    placement: &Placement,
    keys: &Keys,
    routes: Routes<'_>,
    machine: &Machine,
) -> Result<AlignedBytes, ImageFailure> {
    let mut image = ImageBuilder::default();
    for (id, program) in graph.programs.iter() {
        image.section(SectionKind::Program, id.index() as u32, program.to_words());
    }
    let mut rows = rows::split(graph, partition, sources)
        .ok_or_else(|| too_large("synapses of one projection or slice", u64::from(u32::MAX)))?;
    let mut needs = Vec::with_capacity(partition.cores.len());
    for (id, slices) in partition.cores.iter() {
        let core = core::Context { graph, partition, sources, keys }.build(id, slices, &mut rows);
        let synaptic_words = core.synaptic_words.ok_or_else(|| too_large("synapses of one core", u64::from(u32::MAX)))?;
        needs.push(Needs { memory_bytes: core.memory_bytes, synaptic_words, section_bytes: core.words.len() as u64 * 4 });
        image.section(SectionKind::Core, id.index() as u32, core.words);
    }
    check_chips(machine, placement, &needs)?;
    match routes {
        Routes::Ideal => image.section(SectionKind::Fabric, 0, fabric(graph, partition, sources, keys)?),
        Routes::Tables(routers) => {
            (0..).zip(routers).for_each(|(chip, words)| image.section(SectionKind::Router, chip, words.clone()));
        }
    }
    let description = describe::description(graph, placement, (&machine.name, partition.time_scale), keys, &needs);
    let words = description.to_words().map_err(|e| ImageFailure::ReadBack(e.0))?;
    image.section(SectionKind::Description, 0, words);
    let bytes = image.finish().ok_or_else(|| too_large("image", u64::from(u32::MAX)))?;
    check_image(machine, &bytes)?;
    read_back(&bytes, &needs)?;
    Ok(bytes)
}

/// Keys for a partition, as [`Keys::of`] hands them out.
///
/// # Errors
/// When 32 bits are not enough.
pub fn keys(graph: &SpikeGraph, partition: &Partition) -> Result<Keys, ImageFailure> {
    Keys::of(graph, partition).ok_or_else(|| too_large("keys of 32 bits", u64::from(u32::MAX)))
}

fn too_large(what: &str, has: u64) -> ImageFailure {
    ImageFailure::DoesNotFit(Shortfalls(vec![Shortfall { what: what.into(), needs: has + 1, has, unit: "" }]))
}

/// A route for each population and broadcast that is heard. Keys between slices are nobody's, so a population needs but one.
fn fabric(graph: &SpikeGraph, partition: &Partition, sources: &Sources, keys: &Keys) -> Result<Vec<u32>, ImageFailure> {
    let mut listeners = BTreeMap::<Heard, Vec<u32>>::new();
    for (core, slices) in partition.cores.iter() {
        for slice in slices {
            for heard in sources.heard_by(partition.slices[*slice].population).keys() {
                let list = listeners.entry(*heard).or_default();
                if list.last() != Some(&(core.index() as u32)) {
                    list.push(core.index() as u32);
                }
            }
        }
    }
    let mut fabric = FabricBuilder::default();
    for (heard, cores) in &listeners {
        let source = keys.source(graph, *heard);
        let end = source.end().ok_or_else(|| too_large("keys of 32 bits", u64::from(u32::MAX)))?;
        fabric.route(source.key, end - source.key, cores);
    }
    Ok(fabric.finish())
}

fn check_chips(machine: &Machine, placement: &Placement, needs: &[Needs]) -> Result<(), ImageFailure> {
    let Some(has) = machine.shared_bytes else { return Ok(()) };
    let mut chips = BTreeMap::<(u16, u16), u64>::new();
    for ((_, place), needs) in placement.iter().zip(needs) {
        *chips.entry((place.x, place.y)).or_default() += needs.section_bytes + needs.synaptic_bytes();
    }
    let short = |((x, y), needs): ((u16, u16), u64)| {
        (needs > has).then(|| Shortfall { what: format!("shared memory of chip {x},{y}"), needs, has, unit: "bytes" })
    };
    let shortfalls: Vec<Shortfall> = chips.into_iter().filter_map(short).collect();
    if shortfalls.is_empty() { Ok(()) } else { Err(ImageFailure::DoesNotFit(Shortfalls(shortfalls))) }
}

fn check_image(machine: &Machine, bytes: &AlignedBytes) -> Result<(), ImageFailure> {
    let needs = bytes.as_slice().len() as u64;
    match machine.image_bytes {
        Some(has) if needs > has => {
            let shortfall = Shortfall { what: "memory for the image".into(), needs, has, unit: "bytes" };
            Err(ImageFailure::DoesNotFit(Shortfalls(vec![shortfall])))
        }
        _ => Ok(()),
    }
}

fn read_back(bytes: &AlignedBytes, needs: &[Needs]) -> Result<(), ImageFailure> {
    let image = ImageView::new_checked(bytes.as_slice())?;
    for (core, needs) in (0..).zip(needs) {
        let view = CoreView::new_checked(image, core)?;
        let layout = MemoryLayout::of(&view).and_then(|l| l.bytes());
        if (layout, view.head().synaptic) != (Some(needs.memory_bytes as usize), needs.synaptic_words) {
            return Err(ImageFailure::ReadBack(format!(
                "core{core} needs {layout:?} bytes and {} words, planned {} and {}",
                view.head().synaptic,
                needs.memory_bytes,
                needs.synaptic_words
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spike_graph::{Raw, SpikeRecord, testing};
    use crate::{partition, place};

    fn image(graph: &SpikeGraph, neurons_per_core: u32) -> AlignedBytes {
        let machine = Machine::named("host").expect("it is listed").expect("it is sound");
        let options = partition::Options { neurons_per_core: Some(neurons_per_core), ..Default::default() };
        let sources = Sources::of(graph, machine.processor.generates);
        let parts = partition::run(graph, &sources, &machine, &options).expect("it fits");
        let keys = keys(graph, &parts).expect("they are few");
        run(graph, &sources, &parts, &place::run(&parts, &machine), &keys, Routes::Ideal, &machine).expect("it is sound")
    }

    fn graph() -> SpikeGraph {
        let mut graph = testing::empty();
        let a = testing::counters(&mut graph, 3, Raw::Uniform(4));
        let b = testing::counters(&mut graph, 4, Raw::Each(vec![1, 2, 3, 4]));
        let edges = [(0, 0, 1, 5), (0, 3, 1, -6), (0, 1, 3, 7), (2, 2, 3, 8), (2, 3, 3, 9)];
        testing::project(&mut graph, a, b, &edges);
        graph.records.push(SpikeRecord { population: b, members: Some(vec![1, 3]), state: Some(0), every: 2 });
        graph
    }

    /// Every synapse of an image as (source member, delay, block's population, member, weight), sorted.
    fn synapses(image: &ImageView<'_>, cores: u32) -> Vec<(u32, u32, u32, u32, i32)> {
        let mut found = Vec::new();
        for core in 0..cores {
            let core = CoreView::new_checked(*image, core).expect("it is sound");
            for g in (0..core.head().groups).filter_map(|g| core.group(g)) {
                let (source, block) = (core.source(g.source).expect("checked"), core.block(g.block).expect("checked"));
                let starts = core.data_at(g.rows_at, g.lags * source.count + 1).expect("checked");
                let words = core.data_at(g.synapses_at, g.synapses).expect("checked");
                for (i, lag) in core.data_at(g.lags_at, g.lags).expect("checked").iter().enumerate() {
                    for s in 0..source.count {
                        let row = i * source.count as usize + s as usize;
                        for word in &words[starts[row] as usize..starts[row + 1] as usize] {
                            let (place, weight) = bouton_targets::image::unpack_synapse(*word);
                            let (residual, sum) = (place as u32 / block.count, place as u32 % block.count);
                            found.push((s, 1 + lag + residual, block.population, block.first + sum, weight));
                        }
                    }
                }
            }
        }
        found.sort_unstable();
        found
    }

    #[test]
    fn every_synapse_is_found_again_in_any_partition() {
        let expected = vec![(0, 1, 1, 0, 5), (0, 1, 1, 3, -6), (0, 3, 1, 1, 7), (2, 3, 1, 2, 8), (2, 3, 1, 3, 9)];
        for (neurons_per_core, cores) in [(100, 1), (3, 3), (1, 7)] {
            let bytes = image(&graph(), neurons_per_core);
            let view = ImageView::new_checked(bytes.as_slice()).expect("it is sound");
            assert_eq!(view.sections(SectionKind::Core).count(), cores);
            assert_eq!(synapses(&view, cores as u32), expected);
        }
    }

    #[test]
    fn slices_have_blocks_of_keys() {
        let (mut graph, machine) = (graph(), Machine::named("host").expect("it is listed").expect("it is sound"));
        let c = testing::counters(&mut graph, 5, Raw::Uniform(0));
        let parts = partition::testing::run_alone(
            &graph,
            &machine,
            &partition::Options { neurons_per_core: Some(3), ..Default::default() },
        )
        .expect("it fits");
        let keys = keys(&graph, &parts).expect("they are few");
        let of = |population| keys.populations[population];
        // Populations of 3, 4 and 5 in slices of 3, 2 and 3: one block of 4 keys, two of 2, two of 4.
        assert_eq!(
            keys.populations.values().iter().map(|k| (k.first, k.slice_bits)).collect::<Vec<_>>(),
            [(0, 2), (4, 1), (8, 2)]
        );
        assert_eq!((0..5).map(|member| of(c).of(member)).collect::<Vec<_>>(), [8, 9, 10, 12, 13]);
    }

    #[test]
    fn the_same_graph_gives_the_same_bytes() {
        assert_eq!(image(&graph(), 2), image(&graph(), 2));
    }

    #[test]
    fn records_name_the_lanes_of_their_block() {
        let bytes = image(&graph(), 2);
        let view = ImageView::new_checked(bytes.as_slice()).expect("it is sound");
        let lanes = |core| {
            let core = CoreView::new_checked(view, core).expect("it is sound");
            core.record(0).map(|r| (r.every, core.data_at(r.lanes_at, r.lanes).expect("checked").to_vec()))
        };
        // Cores: a[0..2], a[2], b[0..2], b[2..4].
        assert_eq!([0, 1, 2, 3].map(lanes), [None, None, Some((2, vec![1])), Some((2, vec![1]))]);
    }
}
