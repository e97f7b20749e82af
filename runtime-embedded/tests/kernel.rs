//! The kernel on small images made by hand.
#![allow(clippy::expect_used, reason = "a test ends where something is not as expected")]

use bouton_runtime_embedded::kernel::{Kernel, KernelError, Output};
use bouton_targets::image::{
    AlignedBytes, BlockKind, BlockRecord, BroadcastRecord, CoreBuilder, CoreView, EventKind, GroupRecord, ImageBuilder,
    ImageView, MemoryLayout, ModulatorRecord, NONE, RecordKind, RecordRecord, SectionKind, SourceRecord, pack_synapse,
};
use bouton_targets::instruction::{Instruction, Op};
use bouton_targets::program::Program;
use bouton_targets::random::{Purpose, Seed, word};

#[derive(Default)]
struct Log {
    events: Vec<(u32, Option<i32>)>,
    spikes: Vec<(u32, u32)>,
    states: Vec<(u32, u32, i32)>,
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
    let mut kernel = Kernel::new(core, &mut memory).expect("enough memory").with_ticks(ticks);
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
    log
}

/// A block of 20 members that keeps its sum: a spike list (members 0 and 19) drives it with delays 1, 3 and 5.
fn delays() -> CoreBuilder {
    let mut b = CoreBuilder::default();
    let list = b.data([2, 0, 2, 19, 4, 19]);
    let input = BlockRecord {
        population: 0,
        count: 20,
        kind: BlockKind::SpikeList as u32,
        program: NONE,
        key: 100,
        ..Default::default()
    };
    b.blocks.push(BlockRecord { output: EventKind::Spike as u32, input_at: list, input_words: 6, ..input });
    b.blocks.push(BlockRecord { population: 1, first: 7, count: 20, states: 1, narrow: 1, ..Default::default() });
    b.array(&[0; 20]);
    b.sources.push(SourceRecord { key: 100, count: 20, kind: EventKind::Spike as u32, depth: 5 });
    let mut rows = vec![0; 61];
    // Delay 1: member 0 to 0; delay 3: member 19 to 17; delay 5: member 19 to 17 and to 1.
    rows[1..].fill(1);
    rows[40..].fill(2);
    rows[60] = 4;
    let words = [pack_synapse(0, 5), pack_synapse(17, -7), pack_synapse(17, 100), pack_synapse(1, 9)];
    let group = GroupRecord {
        source: 0,
        block: 1,
        delays_at: b.data([1, 3, 5]),
        delays: 3,
        rows_at: b.data(rows),
        synapses_at: b.data(words),
        synapses: 4,
    };
    b.groups.push(group);
    let lanes_at = b.data([0, 1, 17]);
    b.records.push(RecordRecord { block: 1, kind: RecordKind::State as u32, every: 1, lanes_at, lanes: 3, ..Default::default() });
    record_all(&mut b, RecordRecord { block: 0, kind: RecordKind::Spikes as u32, every: 1, ..Default::default() });
    b
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
fn events_arrive_after_their_delays_and_once() {
    let log = run(&bytes(delays(), &[keep_sum()]), 12, 12, &[]);
    assert_eq!(log.spikes, [(2, 0), (2, 19), (4, 19)]);
    let sums: Vec<_> = log.states.into_iter().filter(|s| s.2 != 0).collect();
    assert_eq!(sums, [(3, 7, 5), (5, 24, -7), (7, 8, 9), (7, 24, 93), (9, 8, 9), (9, 24, 100)]);
}

#[test]
fn latency_moves_nothing_in_logical_time() {
    let mut core = delays();
    // Two ticks later, and its input too.
    core.blocks[1].latency = 2;
    core.blocks[0].latency = 2;
    let log = run(&bytes(core, &[keep_sum()]), 8, 20, &[]);
    let sums: Vec<_> = log.states.iter().copied().filter(|s| s.2 != 0).collect();
    assert_eq!(sums, [(3, 7, 5), (5, 24, -7), (7, 8, 9), (7, 24, 93)]);
    assert_eq!(log.states.len(), 8 * 3, "it ends after its last logical tick");
}

#[test]
fn live_spikes_are_emissions_of_their_tick() {
    let mut core = delays();
    core.blocks[0].kind = BlockKind::LiveSpikes as u32;
    core.blocks[0].input_words = 0;
    // Twice in a tick counts once in sums; a member that is not there is refused.
    let log = run(&bytes(core, &[keep_sum()]), 12, 12, &[(2, 0, 0), (2, 0, 0), (4, 0, 19), (4, 0, 20), (5, 1, 0)]);
    let sums: Vec<_> = log.states.into_iter().filter(|s| s.2 != 0).collect();
    assert_eq!(sums, [(3, 7, 5), (7, 24, -7), (9, 8, 9), (9, 24, 100)]);
}

/// A signal (1 member) into a block of 2 with a wide sum; the block's state is broadcast to a modulator of a third, 2 ticks later.
fn graded() -> CoreBuilder {
    let mut b = CoreBuilder::default();
    let values = b.data([10u32, (-20i32) as u32, 1 << 30]);
    let signal = BlockKind::Signal as u32;
    let spare = BlockRecord { count: 1, ..Default::default() };
    let graded = EventKind::Graded as u32;
    b.blocks.push(BlockRecord { kind: signal, program: NONE, key: 5, output: graded, input_at: values, input_words: 3, ..spare });
    b.blocks.push(BlockRecord { population: 1, count: 2, states: 1, wide: 1, broadcasts: 1, ..spare });
    b.blocks.push(BlockRecord { population: 2, program: 1, first_array: 1, states: 1, modulators: 1, ..spare });
    b.array(&[3, 4]);
    b.array(&[0]);
    b.broadcasts.push(BroadcastRecord { state: 0, lane: 1, key: 900 });
    b.sources.push(SourceRecord { key: 5, count: 1, kind: graded, depth: 1 });
    b.sources.push(SourceRecord { key: 900, count: 1, kind: graded, depth: 2 });
    b.modulators.push(ModulatorRecord { source: 1, delay: 2, initial: 77 });
    let group = GroupRecord {
        source: 0,
        block: 1,
        delays_at: b.data([1]),
        delays: 1,
        rows_at: b.data([0, 3]),
        synapses_at: b.data([pack_synapse(1, 30_000), pack_synapse(1, 30_000), pack_synapse(0, -1)]),
        synapses: 3,
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
    b.blocks.push(BlockRecord { first: 1000, count: 37, latency: 3, stream: 9, states: 1, ..Default::default() });
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
    let bytes = bytes(delays(), &[keep_sum()]);
    let core = CoreView::new_checked(ImageView::new_checked(bytes.as_slice()).expect("sound"), 0).expect("sound");
    let needed = MemoryLayout::of(&core).and_then(|l| l.bytes()).expect("small");
    let mut memory = vec![0; needed / 8 - 1];
    let error = Kernel::new(core, &mut memory).err();
    assert_eq!(error, Some(KernelError::Memory { needed, found: needed - 8 }));
}

/// Any word of the core or program section replaced: the image is refused, or runs to its end.
#[test]
fn corrupted_sections_never_panic() {
    let program = Program { instructions: keep_sum(), ranges: vec![[-100, 100]], ..Program::default() }.to_words();
    let cores = [delays().finish(), graded().finish()];
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
    let Ok(mut kernel) = Kernel::new(core, &mut memory) else { return false };
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
