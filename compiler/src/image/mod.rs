//! Writes the board image.
//!
//! Takes: SpikeGraph, Partition, Placement, Machine.  Gives: the bytes of the image.
//! Invariants: what is read back says the same as the graph; same input, same bytes on every host.
//! Cost: time and memory in the number of synapses, one pass over each projection to count and one to write.
//! Source: own; docs/src/image-format.md has the format.

mod core;
mod describe;
mod keys;
mod rows;

use crate::partition::{Heard, Partition, Shortfall, Shortfalls, Sources, source_record};
use crate::place::Placement;
use crate::spike_graph::SpikeGraph;
use crate::table::Id;
use bouton_targets::image::{
    AlignedBytes, CoreError, CoreView, FabricBuilder, ImageBuilder, ImageError, ImageView, MemoryLayout, SectionKind,
};
use bouton_targets::machine::Machine;
use keys::Keys;
use std::collections::BTreeMap;

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

/// Writes the image and checks it by reading it back.
///
/// # Errors
/// When chips or the machine have too little memory for it, or when reading it back fails.
pub fn run(
    graph: &SpikeGraph,
    partition: &Partition,
    placement: &Placement,
    machine: &Machine,
) -> Result<AlignedBytes, ImageFailure> {
    let sources = Sources::of(graph);
    let keys = Keys::of(graph, &sources).ok_or_else(|| too_large("keys of 32 bits", u64::from(u32::MAX)))?;
    let mut image = ImageBuilder::default();
    for (id, program) in graph.programs.iter() {
        image.section(SectionKind::Program, id.index() as u32, program.to_words());
    }
    let mut rows = rows::split(graph, partition).ok_or_else(|| too_large("synapses of one projection", u64::from(u32::MAX)))?;
    let mut memory_bytes = Vec::with_capacity(partition.cores.len());
    let mut section_bytes = Vec::with_capacity(partition.cores.len());
    for (id, slices) in partition.cores.iter() {
        let core = core::Context { graph, partition, sources: &sources, keys: &keys }.build(id, slices, &mut rows);
        memory_bytes.push(core.memory_bytes);
        section_bytes.push(core.words.len() as u64 * 4);
        image.section(SectionKind::Core, id.index() as u32, core.words);
    }
    check_chips(machine, placement, &section_bytes)?;
    image.section(SectionKind::Fabric, 0, fabric(graph, partition, &sources, &keys));
    let description = describe::description(graph, placement, &machine.name, &keys, &memory_bytes);
    let words = description.to_words().map_err(|e| ImageFailure::ReadBack(e.0))?;
    image.section(SectionKind::Description, 0, words);
    let bytes = image.finish().ok_or_else(|| too_large("image", u64::from(u32::MAX)))?;
    check_image(machine, &bytes)?;
    read_back(&bytes, partition.cores.len(), &memory_bytes)?;
    Ok(bytes)
}

fn too_large(what: &str, has: u64) -> ImageFailure {
    ImageFailure::DoesNotFit(Shortfalls(vec![Shortfall { what: what.into(), needs: has + 1, has, unit: "" }]))
}

fn fabric(graph: &SpikeGraph, partition: &Partition, sources: &Sources, keys: &Keys) -> Vec<u32> {
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
    let mut routes: Vec<(u32, u32, Vec<u32>)> =
        listeners.into_iter().map(|(heard, cores)| (keys.first(heard), source_record(graph, heard).count, cores)).collect();
    routes.sort();
    let mut fabric = FabricBuilder::default();
    for (key, count, cores) in &routes {
        fabric.route(*key, *count, cores);
    }
    fabric.finish()
}

fn check_chips(machine: &Machine, placement: &Placement, section_bytes: &[u64]) -> Result<(), ImageFailure> {
    let Some(has) = machine.shared_bytes else { return Ok(()) };
    let mut chips = BTreeMap::<(u16, u16), u64>::new();
    for ((_, place), bytes) in placement.iter().zip(section_bytes) {
        *chips.entry((place.x, place.y)).or_default() += bytes;
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

fn read_back(bytes: &AlignedBytes, cores: usize, memory_bytes: &[u32]) -> Result<(), ImageFailure> {
    let image = ImageView::new_checked(bytes.as_slice())?;
    for core in 0..cores {
        let view = CoreView::new_checked(image, core as u32)?;
        let layout = MemoryLayout::of(&view).and_then(|l| l.bytes());
        if layout != memory_bytes.get(core).map(|b| *b as usize) {
            return Err(ImageFailure::ReadBack(format!(
                "core{core} needs {layout:?} bytes, planned {:?}",
                memory_bytes.get(core)
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
        let options = partition::Options { neurons_per_core: Some(neurons_per_core) };
        let parts = partition::run(graph, &machine, &options).expect("it fits");
        run(graph, &parts, &place::run(&parts, &machine), &machine).expect("it is sound")
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

    /// Every synapse of an image as (source key, delay, block's population, member, weight), sorted.
    fn synapses(image: &ImageView<'_>, cores: u32) -> Vec<(u32, u32, u32, u32, i32)> {
        let mut found = Vec::new();
        for core in 0..cores {
            let core = CoreView::new_checked(*image, core).expect("it is sound");
            for g in (0..core.head().groups).filter_map(|g| core.group(g)) {
                let (source, block) = (core.source(g.source).expect("checked"), core.block(g.block).expect("checked"));
                let starts = core.data_at(g.rows_at, g.delays * source.count + 1).expect("checked");
                let words = core.data_at(g.synapses_at, g.synapses).expect("checked");
                for (d, delay) in core.data_at(g.delays_at, g.delays).expect("checked").iter().enumerate() {
                    for s in 0..source.count {
                        let row = d * source.count as usize + s as usize;
                        for word in &words[starts[row] as usize..starts[row + 1] as usize] {
                            let (sum, weight) = bouton_targets::image::unpack_synapse(*word);
                            found.push((source.key + s, *delay, block.population, block.first + sum as u32, weight));
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
        // Cores: a[0], a[1..3], b[0..2], b[2..4].
        assert_eq!([0, 1, 2, 3].map(lanes), [None, None, Some((2, vec![1])), Some((2, vec![1]))]);
    }
}
