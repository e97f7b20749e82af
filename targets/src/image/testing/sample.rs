//! Random valid images: small, and with everything that the format has.

use super::{Choices, sample_program};
use crate::generate::{Delay, Members, Pattern, Recipe, Weight, WeightFormat};
use crate::image::{
    AlignedBytes, BlockKind, BlockRecord, BroadcastRecord, CoreBuilder, CoreDescription, Description, EventKind, FabricBuilder,
    GroupKind, GroupRecord, ImageBuilder, LINKS, ModulatorRecord, NONE, OutputDescription, PopulationDescription,
    RecordDescription, RecordKind, RecordRecord, RouterBuilder, RouterRecord, SectionKind, SourceRecord, ValueDescription,
    pack_synapse, slice_bits,
};
use crate::program::Slots;
use crate::random::Seed;

/// The image of a seed: up to three cores with up to four blocks each.
///
/// # Panics
/// Never: it is far below 4 GiB.
#[must_use]
pub fn sample_image(seed: u64) -> AlignedBytes {
    let choices = &mut Choices::new(seed);
    let slots: Vec<Slots> = (0..choices.from_to(1, 3)).map(|_| choices.slots()).collect();
    let mut image = ImageBuilder::default();
    for (id, slots) in (0..).zip(&slots) {
        image.section(SectionKind::Program, id, sample_program(choices, *slots).to_words());
    }
    let cores = choices.below(4);
    for core in 0..cores {
        image.section(SectionKind::Core, core, sample_core(choices, core, &slots));
    }
    image.section(SectionKind::Fabric, 0, sample_fabric(choices, cores));
    for chip in 0..choices.below(3) {
        image.section(SectionKind::Router, chip, sample_router(choices, chip, cores));
    }
    let description = sample_description(choices, cores);
    image.section(SectionKind::Description, 0, description.to_words().unwrap_or_default());
    image.finish().unwrap_or_default()
}

fn sample_core(choices: &mut Choices, id: u32, slots: &[Slots]) -> Vec<u32> {
    let seed = Seed(u64::from(choices.word()) << 32 | u64::from(choices.word()));
    let mut core = CoreBuilder::default();
    (core.core, core.seed) = (id, seed);
    let mut key = choices.below(100);
    for _ in 0..choices.below(5) {
        let kind = choices.one_of(&[EventKind::Spike, EventKind::Graded]).unwrap_or(EventKind::Spike) as u32;
        let count = if choices.below(2) == 0 { 1 } else { choices.from_to(1, 40) };
        let source = SourceRecord::contiguous(key, count, kind, choices.below(8));
        let source = sliced(choices, source);
        key = source.end().unwrap_or(key) + choices.below(2) * choices.below(1000);
        core.sources.push(source);
    }
    // What a modulator can be read from is always there.
    core.sources.push(SourceRecord::contiguous(key, 1, EventKind::Graded as u32, choices.from_to(1, 4)));
    for _ in 0..choices.below(5) {
        let block = sample_block(choices, &mut core, slots);
        core.blocks.push(block);
        sample_groups(choices, &mut core, &block);
        sample_records(choices, &mut core, &block);
    }
    core.finish()
}

/// The source with its keys in one piece, or in slices.
fn sliced(choices: &mut Choices, source: SourceRecord) -> SourceRecord {
    if choices.below(2) == 0 {
        return source;
    }
    let per_slice = choices.from_to(1, source.count);
    SourceRecord { per_slice, slice_bits: slice_bits(per_slice) + choices.below(2), ..source }
}

fn sample_block(choices: &mut Choices, core: &mut CoreBuilder, slots: &[Slots]) -> BlockRecord {
    let count = choices.from_to(1, 20);
    let mut block = BlockRecord {
        population: choices.below(5),
        first: choices.below(1000),
        count,
        latency: choices.below(3),
        program: NONE,
        stream: choices.below(5),
        ring: choices.from_to(1, 4),
        key: choices.below(5000),
        ..BlockRecord::default()
    };
    let (kind, output) = match choices.below(8) {
        0 => (BlockKind::LiveSpikes, EventKind::Spike),
        1 => (BlockKind::LiveGraded, EventKind::Graded),
        2 => {
            let mut pairs: Vec<[u32; 2]> = (0..choices.below(20)).map(|_| [choices.below(50), choices.below(count)]).collect();
            pairs.sort_unstable();
            pairs.dedup();
            block.input_words = pairs.len() as u32 * 2;
            block.input_at = core.data(pairs.concat());
            (BlockKind::SpikeList, EventKind::Spike)
        }
        3 => {
            block.input_words = choices.below(5) * count;
            block.input_at = core.data((0..block.input_words).map(|_| choices.word()));
            (BlockKind::Signal, EventKind::Graded)
        }
        _ => {
            sample_neurons(choices, core, &mut block, slots);
            let output = choices.one_of(&[EventKind::None, EventKind::Spike, EventKind::Graded]);
            (BlockKind::Neurons, output.unwrap_or(EventKind::Spike))
        }
    };
    (block.kind, block.output) = (kind as u32, output as u32);
    block
}

fn sample_neurons(choices: &mut Choices, core: &mut CoreBuilder, block: &mut BlockRecord, slots: &[Slots]) {
    let scalars: Vec<u32> = (0..)
        .zip(&core.sources)
        .filter(|(_, s)| s.kind == EventKind::Graded as u32 && s.count == 1 && s.depth > 0)
        .map(|(at, _)| at)
        .collect();
    block.program = choices.below(slots.len() as u32);
    let slots = slots.get(block.program as usize).copied().unwrap_or_default();
    (block.states, block.params, block.narrow, block.wide) = (slots.states, slots.params, slots.narrow, slots.wide);
    block.first_array = core.arrays.len() as u32;
    for _ in 0..slots.states + slots.params {
        let uniform = choices.below(2) == 0;
        let first = choices.word() as i32;
        let values: Vec<i32> = (0..block.count).map(|_| if uniform { first } else { choices.word() as i32 }).collect();
        core.array(&values);
    }
    block.first_modulator = core.modulators.len() as u32;
    block.modulators = slots.modulators;
    for _ in 0..slots.modulators {
        let source = choices.one_of(&scalars).unwrap_or(0);
        let depth = core.sources.get(source as usize).map_or(1, |s| s.depth);
        core.modulators.push(ModulatorRecord { source, delay: choices.from_to(1, depth), initial: choices.word() });
    }
    block.first_broadcast = core.broadcasts.len() as u32;
    block.broadcasts = if slots.states > 0 { choices.below(3) } else { 0 };
    for _ in 0..block.broadcasts {
        let record =
            BroadcastRecord { state: choices.below(slots.states), lane: choices.below(block.count), key: choices.word() };
        core.broadcasts.push(record);
    }
}

fn sample_groups(choices: &mut Choices, core: &mut CoreBuilder, block: &BlockRecord) {
    let number = core.blocks.len() as u32 - 1;
    for (at, source) in (0..).zip(core.sources.clone()) {
        let receptors = if source.kind == EventKind::Spike as u32 { block.narrow } else { block.wide };
        if choices.below(3) == 0 {
            continue;
        }
        let lags = choices.some_below(source.depth + 1, 2);
        if receptors > 0 && choices.below(4) == 0 {
            let group = sample_generated(choices, core, (at, &source), number, receptors);
            let group = GroupRecord { lags: lags.len() as u32, lags_at: core.data(lags), ..group };
            core.groups.push(group);
            continue;
        }
        let places = receptors * block.count * block.ring;
        let mut starts = vec![0];
        let mut synapses = Vec::new();
        for _ in 0..lags.len() as u32 * source.count {
            let row = if places > 0 { choices.below(3) } else { 0 };
            synapses.extend((0..row).map(|_| pack_synapse(choices.below(places) as u16, choices.word() as i16)));
            starts.push(synapses.len() as u32);
        }
        let record = GroupRecord {
            source: at,
            block: number,
            lags: lags.len() as u32,
            lags_at: core.data(lags),
            rows_at: core.data(starts),
            synapses: synapses.len() as u32,
            synapses_at: core.data(synapses),
            ..GroupRecord::default()
        };
        core.groups.push(record);
    }
}

/// A group that is generated, but for its lags. Its number of synapses is any: only a kernel counts them.
fn sample_generated(
    choices: &mut Choices,
    core: &mut CoreBuilder,
    (at, source): (u32, &SourceRecord),
    block: u32,
    receptors: u32,
) -> GroupRecord {
    let first = choices.below(source.count);
    let recipe = Recipe {
        seed: core.seed,
        stream: choices.word(),
        sources: Members { first, count: source.count - first },
        targets: Members { first: choices.below(1000), count: choices.below(30) },
        pattern: choices
            .one_of(&[Pattern::OneToOne, Pattern::FixedIn { k: 2 }, Pattern::random(0.5)])
            .unwrap_or(Pattern::AllToAll),
        no_self: choices.below(2) == 0,
        weight: Weight::Constant(f64::from(choices.below(100))),
        format: WeightFormat { frac: 1, bits: 16 },
        delay: Delay::Ticks(choices.from_to(1, 4)),
        ticks_per_second: 1e4,
        extra: 0,
    };
    let words = recipe.to_words();
    GroupRecord {
        source: at,
        block,
        kind: GroupKind::Generated as u32,
        synapses: choices.below(50),
        recipe: words.len() as u32,
        recipe_at: core.data(words),
        receptor: choices.below(receptors),
        ..GroupRecord::default()
    }
}

fn sample_records(choices: &mut Choices, core: &mut CoreBuilder, block: &BlockRecord) {
    let number = core.blocks.len() as u32 - 1;
    let (lanes_at, lanes) = if choices.below(2) == 0 {
        (NONE, block.count)
    } else {
        let lanes = choices.some_below(block.count, 3);
        (core.data(lanes.iter().copied()), lanes.len() as u32)
    };
    let every = choices.from_to(1, 5);
    let record = RecordRecord { record: 0, block: number, kind: RecordKind::Spikes as u32, state: 0, every, lanes_at, lanes };
    if block.output == EventKind::Spike as u32 && choices.below(2) == 0 {
        core.records.push(record);
    } else if block.states > 0 {
        core.records.push(RecordRecord { kind: RecordKind::State as u32, state: choices.below(block.states), ..record });
    }
}

fn sample_fabric(choices: &mut Choices, cores: u32) -> Vec<u32> {
    let mut fabric = FabricBuilder::default();
    let mut key = choices.below(100);
    for _ in 0..choices.below(6) {
        let count = choices.from_to(1, 50);
        fabric.route(key, count, &choices.some_below(cores, 2));
        key += count + choices.below(10);
    }
    fabric.finish()
}

fn sample_router(choices: &mut Choices, chip: u32, cores: u32) -> Vec<u32> {
    let core_words = choices.from_to(1, 5);
    let head = RouterRecord {
        x: chip,
        y: choices.below(3),
        width: 3,
        height: 3,
        links: choices.below(LINKS + 1),
        board_y: choices.below(3),
        core_words,
        ..RouterRecord::default()
    };
    let mut router = RouterBuilder::new(head);
    let positions = choices.some_below(core_words * 32, 40);
    router.cores = positions.iter().map(|position| [*position, choices.below(cores)]).collect();
    for _ in 0..choices.below(6) {
        let mask = choices.word();
        let (key, links) = (choices.word() & mask, choices.word() & head.links);
        let some: Vec<u32> = positions.iter().copied().filter(|_| choices.below(2) == 0).collect();
        router.entry(key, mask, links, some);
    }
    router.finish()
}

fn sample_description(choices: &mut Choices, cores: u32) -> Description {
    let value = |name: &str| ValueDescription { name: name.into(), unit: "mV".into(), unit_si: 1e-3, frac: 15 };
    let population = |choices: &mut Choices, at: u32| PopulationDescription {
        name: format!("population{at}"),
        model: "sample".into(),
        shape: vec![choices.from_to(1, 5), choices.from_to(1, 5)],
        key: at * 100,
        per_slice: 3,
        slice_bits: 2,
        kind: choices.below(5),
        output: choices.below(3),
        value: value("v"),
        latency: choices.below(3),
        states: (0..choices.below(3)).map(|_| value("x")).collect(),
    };
    let populations: Vec<PopulationDescription> = (0..choices.from_to(1, 4)).map(|at| population(choices, at)).collect();
    let records = (0..).zip(&populations).map(|(at, p)| RecordDescription {
        population: at,
        state: if p.states.is_empty() { NONE } else { 0 },
        every: 1 + at,
        members: if at % 2 == 0 { vec![] } else { vec![0] },
    });
    Description {
        circuit: "sample".into(),
        target: "host".into(),
        tick_s: 1e-3,
        time_scale: 1.0,
        seed: 1,
        latency: 2,
        synapses: 0,
        records: records.collect(),
        outputs: vec![OutputDescription { name: "out".into(), population: 0 }],
        cores: (0..cores)
            .map(|at| CoreDescription { x: 0, y: 0, processor: at as u16, memory_bytes: 0, synaptic_bytes: 0 })
            .collect(),
        populations,
    }
}
