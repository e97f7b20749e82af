//! Whole networks on the flat engine: nanoseconds for each neuron step and for each synaptic event.
//!
//! `va` is the network of Vogels and Abbott (4,000 neurons, 320,000 synapses, ticks of 0.1 ms); `delivery` is 12,500 neurons
//! that spike at random with 15.6 million synapses, which shows what an event costs beyond the caches.

use bouton_runtime_host::machine::MachineOptions;
use bouton_runtime_host::{EngineKind, RunOptions, run};
use bouton_targets::image::{
    AlignedBytes, BlockKind, BlockRecord, CoreBuilder, EventKind, GroupRecord, ImageBuilder, ImageView, SectionKind,
    SourceRecord, pack_synapse,
};
use bouton_targets::instruction::{Instruction, Op};
use bouton_targets::program::Program;
use bouton_targets::random::{Purpose, Seed, word};
use std::sync::atomic::AtomicBool;

const SEED: Seed = Seed(1);

/// Makes an image.
type Make = fn() -> AlignedBytes;

fn main() {
    // `cargo bench` hands over `--bench`; a name picks the networks that begin with it.
    let wanted = std::env::args().skip(1).find(|a| !a.starts_with('-')).unwrap_or_default();
    let networks: [(&str, Make, u64, usize); 3] =
        [("va", va, 1000, 20), ("delivery", || random_net(1250), 100, 20), ("no synapses", || random_net(0), 100, 20)];
    for (name, image, ticks, repeats) in networks.into_iter().filter(|n| n.0.starts_with(&wanted)) {
        report(name, &image(), ticks, repeats);
    }
}

fn report(name: &str, image: &AlignedBytes, ticks: u64, repeats: usize) {
    let Ok(view) = ImageView::new_checked(image.as_slice()) else { return };
    for (engine, threads) in [(EngineKind::Flat, 1), (EngineKind::Flat, 2), (EngineKind::Machine, 1)] {
        let mut runs = Vec::new();
        for _ in 0..if engine == EngineKind::Machine { 1 } else { repeats } {
            let stop = AtomicBool::new(false);
            let mut progress = |_| {};
            let options = RunOptions {
                ticks,
                threads,
                engine,
                machine: MachineOptions::default(),
                input: Vec::new(),
                progress: &mut progress,
                stop: &stop,
            };
            match run(&view, options) {
                Ok(recording) => runs.push(recording.stats),
                Err(error) => return println!("{name}: {error}"),
            }
        }
        runs.sort_by(|a, b| a.run_seconds.total_cmp(&b.run_seconds));
        let stats = &runs[runs.len() / 2];
        let (best, build) = (runs[0].run_seconds, stats.build_seconds);
        let steps = (stats.neurons * ticks) as f64;
        let spikes: u64 = stats.populations.iter().map(|p| p.spikes).sum();
        println!(
            "{name}: {engine:?}, {threads} threads: {:.3} s (best {best:.3}), build {build:.3} s, {:.2} ns/step, {:.2} ns/event (medians), \
             {spikes} spikes, {} events",
            stats.run_seconds,
            stats.run_seconds * 1e9 / steps,
            stats.run_seconds * 1e9 / stats.synaptic_events.max(1) as f64,
            stats.synaptic_events,
        );
    }
}

fn i(op: Op, dst: u8, a: u8, b: u8, imm: i32) -> Instruction {
    Instruction { op, dst, a, b, imm }
}

fn draw(purpose: Purpose, a: u32, b: u32) -> u32 {
    word(SEED, purpose, 0, a, b, 0)
}

struct Pop {
    size: u32,
    program: u32,
    states: Vec<Vec<i32>>,
    narrow: u32,
}

/// One core with these populations; `weight` gives the sum and weight of a synapse.
fn build(pops: &[Pop], programs: &[Program], row: impl Fn(usize, u32, usize) -> Vec<u32>) -> AlignedBytes {
    let mut b = CoreBuilder::default();
    b.seed = SEED;
    let mut key = 0;
    for (at, pop) in (0..).zip(pops) {
        let first_array = b.arrays.len() as u32;
        pop.states.iter().for_each(|values| b.array(values));
        b.blocks.push(BlockRecord {
            population: at,
            count: pop.size,
            kind: BlockKind::Neurons as u32,
            program: pop.program,
            stream: at,
            key,
            output: EventKind::Spike as u32,
            first_array,
            states: pop.states.len() as u32,
            narrow: pop.narrow,
            ring: 1,
            ..BlockRecord::default()
        });
        b.sources.push(SourceRecord::contiguous(key, pop.size, EventKind::Spike as u32, 0));
        key += pop.size;
    }
    for source in 0..pops.len() {
        for target in 0..pops.len() {
            let (mut rows, mut words) = (vec![0], Vec::new());
            for member in 0..pops[source].size {
                words.extend(row(source, member, target));
                rows.push(words.len() as u32);
            }
            let group = GroupRecord {
                source: source as u32,
                block: target as u32,
                lags: 1,
                synapses: words.len() as u32,
                lags_at: b.data([0]),
                rows_at: b.data(rows),
                synapses_at: b.data(words),
                ..GroupRecord::default()
            };
            b.groups.push(group);
        }
    }
    let mut image = ImageBuilder::default();
    for (id, program) in (0..).zip(programs) {
        image.section(SectionKind::Program, id, program.to_words());
    }
    image.section(SectionKind::Core, 0, b.finish());
    image.finish().unwrap_or_default()
}

/// Voltages in mV above the resting potential, 16 fraction bits; weights with 11.
fn va() -> AlignedBytes {
    let q31 = |x: f64| (x * 2f64.powi(31)).round() as i32;
    let (m, e, g) = ((-0.1f64 / 20.0).exp(), (-0.1f64 / 5.0).exp(), (-0.1f64 / 10.0).exp());
    let (reset, threshold) = (-11 << 16, -1 << 16);
    let instructions = vec![
        i(Op::LoadState, 0, 0, 0, 0),
        i(Op::LoadState, 1, 0, 0, 1),
        i(Op::LoadState, 2, 0, 0, 2),
        i(Op::LoadState, 3, 0, 0, 3),
        i(Op::LoadNarrow, 4, 0, 0, 0),
        i(Op::ShiftLeft, 4, 4, 0, 5),
        i(Op::LoadNarrow, 5, 0, 0, 1),
        i(Op::ShiftLeft, 5, 5, 0, 5),
        i(Op::MultiplyConstant, 6, 0, 31, q31(m)),
        i(Op::MultiplyAdd, 6, 1, 31, q31(5.0 / (5.0 - 20.0) * (e - m))),
        i(Op::MultiplyAdd, 6, 2, 31, q31(10.0 / (10.0 - 20.0) * (g - m))),
        i(Op::Saturate, 6, 6, 0, 0),
        i(Op::MultiplyConstant, 1, 1, 31, q31(e)),
        i(Op::Add, 1, 1, 4, 0),
        i(Op::Saturate, 1, 1, 0, 0),
        i(Op::MultiplyConstant, 2, 2, 31, q31(g)),
        i(Op::Add, 2, 2, 5, 0),
        i(Op::Saturate, 2, 2, 0, 0),
        i(Op::GreaterEqualConstant, 7, 3, 0, 1),
        i(Op::Constant, 8, 0, 0, reset),
        i(Op::Select, 6, 7, 8, 6),
        i(Op::GreaterEqualConstant, 9, 6, 0, threshold),
        i(Op::Select, 6, 9, 8, 6),
        i(Op::AddConstant, 10, 3, 0, -1),
        i(Op::Constant, 11, 0, 0, 0),
        i(Op::Max, 10, 10, 11, 0),
        i(Op::Constant, 12, 0, 0, 50),
        i(Op::Select, 3, 9, 12, 10),
        i(Op::StoreState, 0, 6, 0, 0),
        i(Op::StoreState, 0, 1, 0, 1),
        i(Op::StoreState, 0, 2, 0, 2),
        i(Op::StoreState, 0, 3, 0, 3),
        i(Op::EmitSpike, 0, 9, 0, 0),
    ];
    let program = Program { instructions, ranges: vec![[-300 << 16, 300 << 16]], ..Program::default() };
    let pop = |size: u32, first: u32| {
        let v = (0..size).map(|n| reset + (draw(Purpose::Value, first + n, 0) >> 16) as i32 * 10).collect();
        let zero = vec![0; size as usize];
        Pop { size, program: 0, states: vec![v, zero.clone(), zero.clone(), zero], narrow: 2 }
    };
    let pops = [pop(3200, 0), pop(800, 3200)];
    let sizes = [3200, 800];
    build(&pops, &[program], |source, member, target| {
        let (receptor, weight) = [(0, 3318), (1, -18432)][source];
        let first = [0, 3200];
        let connected = |t: &u32| draw(Purpose::Connect, first[source] + member, first[target] + t) < u32::MAX / 50;
        let targets = (0..sizes[target]).filter(connected);
        targets.map(|t| pack_synapse((receptor * sizes[target] + t) as u16, weight)).collect()
    })
}

/// Neurons that spike with probability 0.004 in a tick, each with `fan_out` random targets.
fn random_net(fan_out: u32) -> AlignedBytes {
    let instructions = vec![
        i(Op::Random, 0, 0, 0, 0),
        i(Op::Constant, 1, 0, 0, (0.004 * 2f64.powi(31)) as i32),
        i(Op::Greater, 2, 1, 0, 0),
        i(Op::LoadNarrow, 3, 0, 0, 0),
        i(Op::StoreState, 0, 3, 0, 0),
        i(Op::EmitSpike, 0, 2, 0, 0),
    ];
    let program = Program { instructions, ..Program::default() };
    let size = 12_500;
    let pops = [Pop { size, program: 0, states: vec![vec![0; size as usize]], narrow: 1 }];
    build(&pops, &[program], |_, member, _| {
        let mut row: Vec<u32> = (0..fan_out).map(|n| draw(Purpose::Connect, member, n) % size).collect();
        row.sort_unstable();
        row.into_iter().map(|t| pack_synapse(t as u16, t as i16)).collect()
    })
}
