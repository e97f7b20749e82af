//! The kernel on small images made by hand.
#![allow(clippy::expect_used, reason = "a test ends where something is not as expected")]

use bouton_runtime_embedded::kernel::{Kernel, KernelError, Output};
use bouton_targets::generate::{Delay, Law, Members, Pattern, Recipe, Weight, WeightFormat};
use bouton_targets::image::{
    AlignedBytes, BlockKind, BlockRecord, BroadcastRecord, CoreBuilder, CoreView, EventKind, GroupKind, GroupRecord,
    ImageBuilder, ImageView, MemoryLayout, ModulatorRecord, NONE, RecordKind, RecordRecord, SectionKind, SourceRecord,
    lag_and_residual, pack_synapse,
};
use bouton_targets::instruction::{Instruction, Op};
use bouton_targets::program::Program;
use bouton_targets::random::{Purpose, Seed, word};

#[derive(Default)]
struct Log {
    events: Vec<(u32, Option<i32>)>,
    spikes: Vec<(u32, u32)>,
    states: Vec<(u32, u32, i32)>,
    synapses: u64,
}

impl Output for Log {
    fn event(&mut self, key: u32, payload: Option<i32>) {
        self.events.push((key, payload));
    }
    fn spike(&mut self, _: u32, tick: u32, member: u32) {
        self.spikes.push((tick, member));
    }
    fn state(&mut self, _: u32, tick: u32, member: u32, raw: i32) {
        self.states.push((tick, member, raw));
    }
}

fn i(op: Op, dst: u8, a: u8, b: u8, imm: i32) -> Instruction {
    Instruction { op, dst, a, b, imm }
}

fn bytes(core: CoreBuilder, programs: &[Vec<Instruction>]) -> AlignedBytes {
    let mut image = ImageBuilder::default();
    for (id, instructions) in (0..).zip(programs) {
        let program = Program { instructions: instructions.clone(), ranges: vec![[-100, 100]], ..Program::default() };
        image.section(SectionKind::Program, id, program.to_words());
    }
    image.section(SectionKind::Core, 0, core.finish());
    image.finish().expect("small")
}

/// Runs ticks, hands every event back, and injects `live` spikes (tick, block, lane).
fn run(bytes: &AlignedBytes, ticks: u64, hardware: u64, live: &[(u64, u32, u32)]) -> Log {
    let image = ImageView::new_checked(bytes.as_slice()).expect("sound");
    let core = CoreView::new_checked(image, 0).expect("sound");
    let mut memory = vec![u64::MAX; MemoryLayout::of(&core).and_then(|l| l.bytes()).expect("small") / 8];
    let mut synaptic = vec![u32::MAX; core.head().synaptic as usize];
    let mut kernel = Kernel::new(core, &mut memory, &mut synaptic).expect("enough memory").with_ticks(ticks);
    let mut log = Log::default();
    for now in 0..hardware {
        kernel.tick(&mut log);
        for (_, block, lane) in live.iter().filter(|l| l.0 == now) {
            kernel.inject_spike(*block, *lane, &mut log);
        }
        for (key, payload) in log.events.drain(..) {
            kernel.receive(key, payload);
        }
    }
    log.synapses = kernel.counters().synaptic_events;
    log
}

/// A block of 20 members that keeps its sum, with a ring of `ring` slots: a spike list (members 0 and 19) drives it with delays 1,
/// 3 and 5.
fn delays(ring: u32) -> CoreBuilder {
    let mut b = CoreBuilder::default();
    let list = b.data([2, 0, 2, 19, 4, 19]);
    let input = BlockRecord {
        population: 0,
        count: 20,
        kind: BlockKind::SpikeList as u32,
        program: NONE,
        key: 100,
        ring: 1,
        ..Default::default()
    };
    b.blocks.push(BlockRecord { output: EventKind::Spike as u32, input_at: list, input_words: 6, ..input });
    b.blocks.push(BlockRecord { population: 1, first: 7, count: 20, states: 1, narrow: 1, ring, ..Default::default() });
    b.array(&[0; 20]);
    // Delay 1: member 0 to 0; delay 3: member 19 to 17; delay 5: member 19 to 17 and to 1.
    let synapses = [(1, 0, 0, 5), (3, 19, 17, -7), (5, 19, 17, 100), (5, 19, 1, 9)];
    let group =
        group(&mut b, 20, ring, &synapses.map(|(delay, from, to, weight)| (lag_and_residual(delay, ring), from, to, weight)));
    b.groups.push(group);
    b.sources.push(SourceRecord::contiguous(100, 20, EventKind::Spike as u32, lag_and_residual(5, ring).0));
    let lanes_at = b.data([0, 1, 17]);
    b.records.push(RecordRecord { block: 1, kind: RecordKind::State as u32, every: 1, lanes_at, lanes: 3, ..Default::default() });
    record_all(&mut b, RecordRecord { block: 0, kind: RecordKind::Spikes as u32, every: 1, ..Default::default() });
    b
}

/// ((Lag, residual), source member, target member, weight).
type Synapse = ((u32, u32), u32, u32, i16);

/// The group of source 0, of 20 members, onto the one receptor of block 1, of `count` members.
fn group(b: &mut CoreBuilder, count: u32, ring: u32, synapses: &[Synapse]) -> GroupRecord {
    let lags: Vec<u32> = (0..8).map(|n| n * ring).filter(|lag| synapses.iter().any(|s| s.0.0 == *lag)).collect();
    let (mut rows, mut words) = (vec![0], Vec::new());
    for (lag, member) in lags.iter().flat_map(|lag| (0..20).map(move |member| (*lag, member))) {
        let row = synapses.iter().filter(|s| s.0.0 == lag && s.1 == member);
        words.extend(row.map(|((_, residual), _, to, weight)| pack_synapse((residual * count + to) as u16, *weight)));
        rows.push(words.len() as u32);
    }
    GroupRecord {
        source: 0,
        block: 1,
        lags: lags.len() as u32,
        lags_at: b.data(lags),
        rows_at: b.data(rows),
        synapses: words.len() as u32,
        synapses_at: b.data(words),
        ..GroupRecord::default()
    }
}

/// Adds a record of all members of its block.
fn record_all(b: &mut CoreBuilder, record: RecordRecord) {
    let lanes = b.blocks[record.block as usize].count;
    b.records.push(RecordRecord { lanes_at: NONE, lanes, ..record });
}

fn keep_sum() -> Vec<Instruction> {
    vec![i(Op::LoadNarrow, 0, 0, 0, 0), i(Op::StoreState, 0, 0, 0, 0)]
}

#[test]
fn events_arrive_after_their_delays_whatever_the_ring() {
    for ring in 1..=6 {
        let log = run(&bytes(delays(ring), &[keep_sum()]), 12, 12, &[]);
        assert_eq!(log.spikes, [(2, 0), (2, 19), (4, 19)]);
        let sums: Vec<_> = log.states.into_iter().filter(|s| s.2 != 0).collect();
        assert_eq!(sums, [(3, 7, 5), (5, 24, -7), (7, 8, 9), (7, 24, 93), (9, 8, 9), (9, 24, 100)], "ring of {ring}");
        assert_eq!(log.synapses, 7);
    }
}

#[test]
fn latency_moves_nothing_in_logical_time() {
    for ring in 1..=6 {
        let mut core = delays(ring);
        // Two ticks later, and its input too.
        core.blocks[1].latency = 2;
        core.blocks[0].latency = 2;
        let log = run(&bytes(core, &[keep_sum()]), 8, 20, &[]);
        let sums: Vec<_> = log.states.iter().copied().filter(|s| s.2 != 0).collect();
        assert_eq!(sums, [(3, 7, 5), (5, 24, -7), (7, 8, 9), (7, 24, 93)]);
        assert_eq!(log.states.len(), 8 * 3, "it ends after its last logical tick");
        assert_eq!(log.synapses, 5, "what arrives after the end does not count, ring of {ring}");
    }
}

#[test]
fn what_arrives_before_its_block_starts_is_lost_and_not_counted() {
    for ring in 1..=6 {
        let mut core = delays(ring);
        core.blocks[1].latency = 6;
        let log = run(&bytes(core, &[keep_sum()]), 12, 18, &[]);
        let sums: Vec<_> = log.states.iter().copied().filter(|s| s.2 != 0).collect();
        // Ticks 3 and 5 are before its start.
        assert_eq!(sums, [(1, 8, 9), (1, 24, 93), (3, 8, 9), (3, 24, 100)], "ring of {ring}");
        assert_eq!(log.synapses, 5, "ring of {ring}");
    }
}

#[test]
fn live_spikes_are_emissions_of_their_tick() {
    let mut core = delays(1);
    core.blocks[0].kind = BlockKind::LiveSpikes as u32;
    core.blocks[0].input_words = 0;
    // A member that is not there is refused, and so is a block that takes nothing.
    let log = run(&bytes(core, &[keep_sum()]), 12, 12, &[(2, 0, 0), (4, 0, 19), (4, 0, 20), (5, 1, 0)]);
    let sums: Vec<_> = log.states.into_iter().filter(|s| s.2 != 0).collect();
    assert_eq!(sums, [(3, 7, 5), (7, 24, -7), (9, 8, 9), (9, 24, 100)]);
}

#[test]
fn keys_between_slices_are_not_heard() {
    let mut core = delays(1);
    // 7 slices of 3 with 4 keys each: member 19 has the key 100 + 6 * 4 + 1.
    (core.sources[0].per_slice, core.sources[0].slice_bits) = (3, 2);
    let bytes = bytes(core, &[keep_sum()]);
    let core = CoreView::new_checked(ImageView::new_checked(bytes.as_slice()).expect("sound"), 0).expect("sound");
    let mut memory = vec![0; MemoryLayout::of(&core).and_then(|l| l.bytes()).expect("small") / 8];
    let mut kernel = Kernel::new(core, &mut memory, &mut []).expect("enough memory");
    let mut log = Log::default();
    kernel.tick(&mut log);
    let heard: Vec<u32> = (90..140).filter(|key| kernel.receive(*key, None)).collect();
    assert_eq!(heard, (0..20).map(|m| 100 + m / 3 * 4 + m % 3).collect::<Vec<_>>());
    assert!(!kernel.receive(100, Some(1)), "values are not for a source of spikes");
    kernel.tick(&mut log);
    assert_eq!(log.states.last(), Some(&(1, 24, 0)));
    assert_eq!(kernel.counters().synaptic_events, 1, "member 0 with delay 1");
}

/// A signal (1 member) into a block of 2 with a wide sum; the block's state is broadcast to a modulator of a third, 2 ticks later.
fn graded() -> CoreBuilder {
    let mut b = CoreBuilder::default();
    let values = b.data([10u32, (-20i32) as u32, 1 << 30]);
    let signal = BlockKind::Signal as u32;
    let spare = BlockRecord { count: 1, ring: 1, ..Default::default() };
    let graded = EventKind::Graded as u32;
    b.blocks.push(BlockRecord { kind: signal, program: NONE, key: 5, output: graded, input_at: values, input_words: 3, ..spare });
    b.blocks.push(BlockRecord { population: 1, count: 2, states: 1, wide: 1, broadcasts: 1, ..spare });
    b.blocks.push(BlockRecord { population: 2, program: 1, first_array: 1, states: 1, modulators: 1, ..spare });
    b.array(&[3, 4]);
    b.array(&[0]);
    b.broadcasts.push(BroadcastRecord { state: 0, lane: 1, key: 900 });
    b.sources.push(SourceRecord::contiguous(5, 1, graded, 0));
    b.sources.push(SourceRecord::contiguous(900, 1, graded, 2));
    b.modulators.push(ModulatorRecord { source: 1, delay: 2, initial: 77 });
    let group = GroupRecord {
        source: 0,
        block: 1,
        lags_at: b.data([0]),
        lags: 1,
        rows_at: b.data([0, 3]),
        synapses_at: b.data([pack_synapse(1, 30_000), pack_synapse(1, 30_000), pack_synapse(0, -1)]),
        synapses: 3,
        ..GroupRecord::default()
    };
    b.groups.push(group);
    for block in [1, 2] {
        record_all(&mut b, RecordRecord { record: block, block, kind: 1, every: 1, ..Default::default() });
    }
    b
}

#[test]
fn values_are_multiplied_and_modulators_read_late() {
    let wide = vec![i(Op::LoadWide, 0, 0, 0, 1 << 8), i(Op::StoreState, 0, 0, 0, 0)];
    let modulated = vec![i(Op::LoadModulator, 0, 0, 0, 0), i(Op::StoreState, 0, 0, 0, 0)];
    let log = run(&bytes(graded(), &[wide, modulated]), 6, 6, &[]);
    let of = |tick| log.states.iter().filter(|s| s.0 == tick).map(|s| s.2).collect::<Vec<_>>();
    // Tick 0: both sums are zero. -20 and 2^30 arrive in ticks 2 and 3; half of 60,000 times 2^30 saturates.
    assert_eq!(of(0), [0, 0, 77]);
    assert_eq!(of(1), [-5, 300_000, 77]);
    assert_eq!(of(2), [10, -600_000, 0]);
    assert_eq!(of(3), [-(1 << 29), i32::MAX, 300_000]);
    assert_eq!(of(4), [0, 0, -600_000]);
    assert_eq!(of(5), [0, 0, i32::MAX]);
}

#[test]
fn draws_count_members_and_logical_ticks() {
    let mut b = CoreBuilder::default();
    b.seed = Seed(0x1234_5678_9ABC);
    b.blocks.push(BlockRecord { first: 1000, count: 37, latency: 3, stream: 9, states: 1, ring: 1, ..Default::default() });
    b.array(&[0; 37]);
    record_all(&mut b, RecordRecord { kind: 1, every: 2, ..Default::default() });
    let log = run(&bytes(b, &[vec![i(Op::Random, 4, 0, 0, 6), i(Op::StoreState, 0, 4, 0, 0)]]), 5, 8, &[]);
    assert_eq!(log.states.len(), 3 * 37);
    for (tick, member, raw) in log.states {
        assert_eq!(raw as u32, word(Seed(0x1234_5678_9ABC), Purpose::Program, 9, member, tick, 6) >> 1);
    }
}

#[test]
fn too_little_memory_is_refused() {
    let bytes = bytes(delays(1), &[keep_sum()]);
    let core = CoreView::new_checked(ImageView::new_checked(bytes.as_slice()).expect("sound"), 0).expect("sound");
    let needed = MemoryLayout::of(&core).and_then(|l| l.bytes()).expect("small");
    let mut memory = vec![0; needed / 8 - 1];
    let error = Kernel::new(core, &mut memory, &mut []).err();
    assert_eq!(error, Some(KernelError::Memory { needed, found: needed - 8 }));
}

/// A spike list of 20 members onto 20 members as in [`delays`], with the synapses of a recipe: made by the kernel, or written out.
fn from_recipe(pattern: Pattern<'_>, ring: u32, written: bool) -> CoreBuilder {
    let mut core = delays(ring);
    let recipe = Recipe {
        seed: Seed(5),
        stream: 3,
        sources: Members { first: 1, count: 18 },
        targets: Members { first: 9, count: 100 },
        pattern,
        no_self: true,
        weight: Weight::Drawn(Law::Normal { mean: 100.0, std: 30.0 }, None),
        format: WeightFormat { frac: 0, bits: 16 },
        delay: Delay::Drawn(Law::Uniform { low: 1.0, high: 6.0 }, None),
        ticks_per_second: 1.0,
        extra: 0,
    };
    let (count, first) = (core.blocks[1].count, core.blocks[1].first);
    let mut scratch = vec![0; recipe.scratch_words()];
    let mut synapses = Vec::new();
    for lane in 0..count {
        let visit = |source, weight, delay| synapses.push((lag_and_residual(delay, ring), source, lane, weight));
        recipe.column(first + lane, &mut scratch, visit).expect("it is sound");
    }
    core.groups[0] = group(&mut core, count, ring, &synapses);
    core.sources[0].depth = lag_and_residual(6, ring).0;
    let input: Vec<u32> = (0..20).flat_map(|member| [member / 3, member]).collect();
    (core.blocks[0].input_words, core.blocks[0].input_at) = (input.len() as u32, core.data(input));
    (core.records[0].lanes_at, core.records[0].lanes) = (NONE, count);
    if !written {
        let words = recipe.part(first, count).to_words();
        let (recipe, recipe_at) = (words.len() as u32, core.data(words));
        core.groups[0] = GroupRecord { kind: GroupKind::Generated as u32, recipe, recipe_at, ..core.groups[0] };
    }
    core
}

#[test]
fn generated_synapses_are_those_of_the_recipe() {
    let total = Pattern::FixedTotal { first: 0, counts: &[3, 0, 7, 1, 12, 5, 2, 9] };
    for pattern in [Pattern::FixedIn { k: 6 }, Pattern::random(0.4), total, Pattern::OneToOne] {
        for ring in [1, 2, 4, 6] {
            let [made, written] =
                [false, true].map(|written| run(&bytes(from_recipe(pattern, ring, written), &[keep_sum()]), 15, 15, &[]));
            assert!(written.synapses > 5 && written.states.iter().any(|s| s.2 != 0));
            assert_eq!((made.states, made.synapses), (written.states, written.synapses), "{pattern:?}, ring of {ring}");
        }
    }
}

#[test]
fn recipes_need_their_memory_and_give_what_was_promised() {
    let kernel = |core: CoreBuilder, spare: u32| {
        let bytes = bytes(core, &[keep_sum()]);
        let core = CoreView::new_checked(ImageView::new_checked(bytes.as_slice()).expect("sound"), 0).expect("sound");
        let mut memory = vec![0; MemoryLayout::of(&core).and_then(|l| l.bytes()).expect("small") / 8];
        let mut synaptic = vec![0; (core.head().synaptic - spare) as usize];
        Kernel::new(core, &mut memory, &mut synaptic).map(|_| ()).err()
    };
    let core = || from_recipe(Pattern::FixedIn { k: 6 }, 4, false);
    let rows = 2 * 20 + 1;
    // 18 targets take part, and 17 of them could meet themselves.
    let needed = rows + 18 * 6;
    assert_eq!(kernel(core(), 0), None);
    assert_eq!(kernel(core(), 1), Some(KernelError::Synaptic { needed, found: needed - 1 }));
    let mut other = core();
    other.groups[0].synapses += 1;
    assert_eq!(kernel(other, 0), Some(KernelError::Recipe { group: 0 }), "another number of synapses");
    let mut other = core();
    other.groups[0].lags -= 1;
    assert_eq!(kernel(other, 0), Some(KernelError::Recipe { group: 0 }), "a delay without its lag");
}

/// Any word of the core or program section replaced: the image is refused, or runs to its end.
#[test]
fn corrupted_sections_never_panic() {
    let program = Program { instructions: keep_sum(), ranges: vec![[-100, 100]], ..Program::default() }.to_words();
    let cores = [delays(3).finish(), from_recipe(Pattern::FixedIn { k: 2 }, 3, false).finish(), graded().finish()];
    let (mut refused, mut ran) = (0, 0);
    for core in &cores {
        for at in 0..core.len() + program.len() {
            for value in [0, 1, 2, 3, 4, 7, 21, 0x100, 0xFFFF, 0x7FFF_FFFF, u32::MAX] {
                let (mut core, mut program) = (core.clone(), program.clone());
                match at.checked_sub(core.len()) {
                    Some(at) => program[at] = value,
                    None => core[at] = value,
                }
                let mut image = ImageBuilder::default();
                image.section(SectionKind::Program, 0, program.clone());
                image.section(SectionKind::Program, 1, program);
                image.section(SectionKind::Core, 0, core);
                if survives(&image.finish().expect("small")) { ran += 1 } else { refused += 1 }
            }
        }
    }
    assert!(refused > 100 && ran > 100, "{refused} refused, {ran} ran");
}

fn survives(bytes: &AlignedBytes) -> bool {
    let image = ImageView::new_checked(bytes.as_slice()).expect("sums are right");
    let Ok(core) = CoreView::new_checked(image, 0) else { return false };
    let Some(needed) = MemoryLayout::of(&core).and_then(|l| l.bytes()) else { return false };
    if needed > 1 << 20 {
        return true;
    }
    let mut memory = vec![0; needed / 8];
    let mut synaptic = vec![0; core.head().synaptic.min(1 << 20) as usize];
    let Ok(mut kernel) = Kernel::new(core, &mut memory, &mut synaptic) else { return false };
    let mut log = Log::default();
    for _ in 0..8 {
        kernel.tick(&mut log);
        kernel.inject_spike(0, 3, &mut log);
        kernel.inject_value(0, 0, 5, &mut log);
        for (key, payload) in log.events.drain(..) {
            kernel.receive(key, payload);
        }
    }
    true
}
