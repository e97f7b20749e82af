//! Equal results: every engine, any number of threads, any partition.
#![allow(clippy::expect_used, reason = "a test ends where something is not as expected")]

mod support;

use bouton_runtime_host::machine::MachineOptions;
use bouton_runtime_host::recording::Recording;
use bouton_runtime_host::{EngineKind, InputEvent, RunOptions, run};
use bouton_targets::image::{AlignedBytes, BlockKind, ImageView};
use std::sync::atomic::AtomicBool;
use support::{Circuit, Dice, image, random_circuit};

const TICKS: u32 = 50;

fn input(circuit: &Circuit) -> Vec<InputEvent> {
    let mut dice = Dice::new(circuit.seed ^ 77);
    let mut events = Vec::new();
    for (population, pop) in (0..).zip(&circuit.pops) {
        let graded = match pop.kind {
            BlockKind::LiveSpikes => false,
            BlockKind::LiveGraded => true,
            _ => continue,
        };
        for _ in 0..60 {
            let value = graded.then(|| dice.below(5000) as i32 - 2500);
            events.push(InputEvent { tick: dice.below(TICKS + 5), population, member: dice.below(pop.size), value });
        }
    }
    events
}

fn run_on(bytes: &AlignedBytes, input: &[InputEvent], engine: EngineKind, threads: usize) -> Recording {
    let view = ImageView::new_checked(bytes.as_slice()).expect("sound");
    let stop = AtomicBool::new(false);
    let mut progress = |_| {};
    let options = RunOptions {
        ticks: TICKS.into(),
        threads,
        engine,
        machine: MachineOptions::default(),
        input: input.to_vec(),
        progress: &mut progress,
        stop: &stop,
    };
    let mut recording = run(&view, options).expect("runs");
    recording.stats.build_seconds = 0.0;
    recording.stats.run_seconds = 0.0;
    recording
}

#[test]
fn flat_and_machine_agree_on_random_circuits() {
    let (mut spikes, mut events, mut saturations) = (0, 0, 0);
    for seed in 0..40 {
        let circuit = random_circuit(seed);
        let input = input(&circuit);
        let one = image(&circuit, 1, seed);
        let expected = run_on(&one, &input, EngineKind::Machine, 1);
        spikes += expected.spikes.len();
        events += expected.stats.synaptic_events;
        saturations += expected.stats.populations.iter().map(|p| p.saturations).sum::<u64>();
        for cores in [2, 5] {
            let many = image(&circuit, cores, seed + 1000);
            assert_eq!(run_on(&many, &input, EngineKind::Machine, 1), expected, "machine, {cores} cores, seed {seed}");
            for threads in [1, 2, 7] {
                let flat = run_on(&many, &input, EngineKind::Flat, threads);
                assert_eq!(flat, expected, "flat, {threads} threads, {cores} cores, seed {seed}");
            }
        }
        assert_eq!(run_on(&one, &input, EngineKind::Flat, 1), expected, "flat, seed {seed}");
    }
    assert!(spikes > 5_000 && events > 100_000 && saturations > 1000, "{spikes} {events} {saturations}");
}

#[test]
fn a_stopped_run_keeps_what_it_has() {
    let circuit = random_circuit(3);
    let bytes = image(&circuit, 3, 3);
    let view = ImageView::new_checked(bytes.as_slice()).expect("sound");
    for engine in [EngineKind::Flat, EngineKind::Machine] {
        let stop = AtomicBool::new(false);
        let mut progress = |ticks| stop.store(ticks >= 10, std::sync::atomic::Ordering::Relaxed);
        let options = RunOptions {
            ticks: 1000,
            threads: 2,
            engine,
            machine: MachineOptions::default(),
            input: Vec::new(),
            progress: &mut progress,
            stop: &stop,
        };
        let ticks = run(&view, options).expect("runs").stats.ticks;
        assert!((10..=11).contains(&ticks), "{engine:?} stopped after {ticks}");
    }
}
