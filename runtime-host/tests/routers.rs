//! Images with routers: what flat gives as long as nothing is dropped, and exact counts when something is.
#![allow(clippy::expect_used, reason = "a test ends where something is not as expected")]

mod support;

use bouton_runtime_host::machine::{MachineOptions, MachineStats};
use bouton_runtime_host::recording::Recording;
use bouton_runtime_host::{EngineError, EngineKind, OptionError, RunOptions, run};
use bouton_targets::image::testing::{Torus, routed};
use bouton_targets::image::{
    AlignedBytes, BlockKind, BlockRecord, CoreBuilder, EventKind, FabricBuilder, GroupRecord, ImageBuilder, ImageView, NONE,
    RouterBuilder, RouterRecord, SectionKind, SourceRecord, pack_synapse,
};
use bouton_targets::program::Program;
use std::sync::atomic::AtomicBool;
use support::{image, random_circuit};

fn untimed() -> MachineOptions {
    MachineOptions { timed: false, ..MachineOptions::default() }
}

fn try_run(
    bytes: &AlignedBytes,
    ticks: u64,
    engine: EngineKind,
    threads: usize,
    machine: MachineOptions,
) -> Result<Recording, EngineError> {
    let view = ImageView::new_checked(bytes.as_slice()).expect("sound");
    let (stop, input) = (AtomicBool::new(false), Vec::new());
    run(&view, RunOptions { ticks, threads, engine, machine, input, progress: &mut |_| {}, stop: &stop })
}

/// Times are not compared; the machine's counts are given apart.
fn runs(
    bytes: &AlignedBytes,
    ticks: u64,
    engine: EngineKind,
    threads: usize,
    machine: MachineOptions,
) -> (Recording, MachineStats) {
    let mut recording = try_run(bytes, ticks, engine, threads, machine).expect("it runs");
    (recording.stats.build_seconds, recording.stats.run_seconds) = (0.0, 0.0);
    let stats = recording.stats.machine.take().unwrap_or_default();
    (recording, stats)
}

#[test]
fn routed_images_give_what_flat_gives() {
    let (mut spikes, mut routed_packets, mut straight) = (0, 0, 0);
    for seed in 0..25 {
        let listed = image(&random_circuit(seed), 7, seed + 1000);
        let (width, height) = [(1, 1), (2, 2), (3, 2), (4, 4), (8, 1)][seed as usize % 5];
        let positions = if width * height < 4 { 7 } else { 2 + (seed as u32 % 3) * 60 };
        let bytes = routed(&listed, Torus { width, height, positions, seed });
        let (expected, _) = runs(&listed, 40, EngineKind::Flat, 1, MachineOptions::default());
        spikes += expected.spikes.len();
        assert_eq!(runs(&bytes, 40, EngineKind::Flat, 1, untimed()).0, expected, "flat does not look at routers, seed {seed}");
        let (untimed, logical) = runs(&bytes, 40, EngineKind::Machine, 1, untimed());
        assert_eq!(untimed, expected, "untimed, seed {seed}");
        let (timed, stats) = runs(&bytes, 40, EngineKind::Machine, 1, MachineOptions::default());
        assert_eq!((stats.lost(), stats.late()), (0, 0));
        assert_eq!(timed, expected, "timed, seed {seed}");
        assert_eq!(runs(&bytes, 40, EngineKind::Machine, 3, MachineOptions::default()), (timed, stats.clone()), "threads");
        for (a, b) in logical.chips.iter().zip(&stats.chips) {
            assert_eq!((a.routed, a.default_routed, a.links), (b.routed, b.default_routed, b.links), "seed {seed}");
        }
        routed_packets += stats.chips.iter().map(|c| c.routed).sum::<u64>();
        straight += stats.chips.iter().map(|c| c.default_routed).sum::<u64>();
    }
    assert!(spikes > 1000 && routed_packets > 10_000 && straight > 100, "{spikes} {routed_packets} {straight}");
}

/// Sources that each spike once, all in tick 2, and listeners on cores of their own with one synapse from each source: so a packet
/// that a core gets is a synaptic event, and nothing comes of it.
fn burst(sources: u32, listeners: u32) -> AlignedBytes {
    let mut image = ImageBuilder::default();
    image.section(SectionKind::Program, 0, Program::default().to_words());
    let mut sender = CoreBuilder::default();
    let spikes = sender.data((0..sources).flat_map(|s| [2, s]));
    let block = BlockRecord { count: sources, program: NONE, key: 0x1000, ring: 1, ..BlockRecord::default() };
    let (kind, output) = (BlockKind::SpikeList as u32, EventKind::Spike as u32);
    sender.blocks.push(BlockRecord { kind, output, input_at: spikes, input_words: sources * 2, ..block });
    image.section(SectionKind::Core, 0, sender.finish());
    for core in 1..=listeners {
        let mut listener = CoreBuilder::default();
        listener.core = core;
        let source = SourceRecord::contiguous(0x1000, sources, EventKind::Spike as u32, 0);
        listener.sources.push(SourceRecord { groups: 1, ..source });
        listener.blocks.push(BlockRecord { population: core, count: 1, narrow: 1, ring: 1, ..BlockRecord::default() });
        let lags_at = listener.data([0]);
        let rows_at = listener.data(0..=sources);
        let synapses_at = listener.data((0..sources).map(|_| pack_synapse(0, 1)));
        let group = GroupRecord {
            source: 0,
            block: 0,
            lags_at,
            lags: 1,
            rows_at,
            synapses_at,
            synapses: sources,
            ..GroupRecord::default()
        };
        listener.groups.push(group);
        image.section(SectionKind::Core, core, listener.finish());
    }
    let mut fabric = FabricBuilder::default();
    fabric.route(0x1000, sources, &(1..=listeners).collect::<Vec<_>>());
    image.section(SectionKind::Fabric, 0, fabric.finish());
    image.finish().expect("small")
}

const TORUS: Torus = Torus { width: 3, height: 3, positions: 2, seed: 5 };

#[test]
fn drops_are_sent_again_or_counted() {
    let (sources, listeners) = (300, 12);
    let bytes = routed(&burst(sources, listeners), TORUS);
    let all = u64::from(sources * listeners);
    let calm = runs(&bytes, 10, EngineKind::Machine, 1, MachineOptions::default());
    assert_eq!((calm.0.stats.synaptic_events, calm.1.dropped()), (all, 0));
    // 50,000 packets a second: 20 microseconds each, and a router waits for 3.6.
    let narrow = MachineOptions { link_rate: Some(50_000.0), ..MachineOptions::default() };
    let (again, stats) = runs(&bytes, 10, EngineKind::Machine, 1, narrow);
    assert!(stats.dropped() > 100, "{stats:?}");
    assert_eq!(again.stats.synaptic_events + stats.lost(), all);
    assert_eq!(stats.dropped(), stats.reinjected() + stats.chips.iter().map(|c| c.lost).sum::<u64>());
    assert_eq!((stats.lost(), &again), (0, &calm.0), "the monitors are faster than the wait of routers");
    let (gone, stats) = runs(&bytes, 10, EngineKind::Machine, 1, MachineOptions { reinjection: false, ..narrow });
    assert!(stats.lost() > 100, "{stats:?}");
    assert_eq!(gone.stats.synaptic_events + stats.lost(), all, "what is lost is what is missing");
    assert_eq!(stats.dropped(), stats.chips.iter().map(|c| c.lost).sum::<u64>());
    assert_eq!(stats.populations[0].dropped, stats.dropped(), "the first population sends all");
    let (_, patient) = runs(&bytes, 10, EngineKind::Machine, 1, MachineOptions { wait1: 0xBF, ..narrow });
    assert_eq!(patient.dropped(), 0, "whoever waits long enough drops nothing");
}

#[test]
fn drops_that_come_too_fast_for_the_monitor_are_lost() {
    let bytes = routed(&burst(300, 12), TORUS);
    // Without waiting, packets are dropped with every clock of the router.
    let rash = MachineOptions { link_rate: Some(50_000.0), wait1: 0, ..MachineOptions::default() };
    let (recording, stats) = runs(&bytes, 10, EngineKind::Machine, 1, rash);
    assert!(stats.lost() > 0 && stats.reinjected() > 0, "{stats:?}");
    assert_eq!(recording.stats.synaptic_events + stats.lost(), 300 * 12);
    assert_eq!(stats.dropped(), stats.reinjected() + stats.chips.iter().map(|c| c.lost).sum::<u64>());
}

#[test]
fn what_comes_late_is_counted_and_comes() {
    let bytes = routed(&burst(300, 12), TORUS);
    let clocked = MachineOptions { link_rate: Some(50_000.0), time_scale: Some(1.0), wait1: 0xBF, ..MachineOptions::default() };
    let (recording, stats) = runs(&bytes, 60, EngineKind::Machine, 1, clocked);
    assert!(stats.late() > 100 && stats.populations[0].late == stats.late(), "{stats:?}");
    assert_eq!((recording.stats.synaptic_events, stats.dropped()), (300 * 12, 0));
    assert!((stats.seconds - 60e-3).abs() < 1e-9, "60 ticks by the clock");
    let slow = MachineOptions { time_scale: Some(20.0), ..clocked };
    assert_eq!(runs(&bytes, 60, EngineKind::Machine, 1, slow).1.late(), 0, "a slower machine has the time");
    let waiting = MachineOptions { time_scale: None, ..clocked };
    let (_, stats) = runs(&bytes, 60, EngineKind::Machine, 1, waiting);
    assert!(stats.late() == 0 && stats.slowest_tick_s > 2e-3 && stats.seconds > 60e-3, "it waits instead");
}

#[test]
fn cores_that_compute_longer_than_a_tick_overrun() {
    let bytes = routed(&burst(300, 12), TORUS);
    let mut options = MachineOptions::default();
    let (_, stats) = runs(&bytes, 10, EngineKind::Machine, 1, options);
    assert_eq!(stats.overruns(), 0);
    let busiest = stats.cores.iter().map(|c| c.busiest).max().expect("there are cores");
    // Every listener takes 300 packets in tick 2 and adds 300 synapses from 300 rows.
    let cost = options.hardware.cost;
    let packets = cost.tick + 300 * (cost.interrupt + cost.packet + cost.row + cost.synapse);
    assert!((packets..packets + cost.update(std::iter::empty(), 1) + 1).contains(&busiest), "{busiest} {packets}");
    options.hardware.core_hz = 20e6;
    let (recording, stats) = runs(&bytes, 10, EngineKind::Machine, 1, options);
    assert_eq!(stats.overruns(), 12, "each listener has 20,000 cycles and takes 63,000 for packets and 23,000 for rows");
    assert_eq!(recording.stats.synaptic_events, 3600);
    assert!(stats.energy.total_j() > 0.0);
}

#[test]
fn packets_in_a_circle_end() {
    // Three chips in a ring; the first sends east, and nobody has an entry: straight on for ever.
    let mut image = ImageBuilder::default();
    let listed = burst(4, 1);
    let view = ImageView::new_checked(listed.as_slice()).expect("sound");
    for kind in [SectionKind::Program, SectionKind::Core] {
        view.sections(kind).for_each(|(id, words)| image.section(kind, id, words.to_vec()));
    }
    for x in 0..3 {
        let head = RouterRecord { x, width: 3, height: 1, links: 0b00_1001, core_words: 1, ..RouterRecord::default() };
        let mut router = RouterBuilder::new(head);
        if x == 0 {
            router.cores = vec![[0, 0], [1, 1]];
            router.entry(0x1000, u32::MAX, 0b00_0001, [1]);
            router.entry(0x1001, u32::MAX, 0, [1]);
        }
        image.section(SectionKind::Router, x, router.finish());
    }
    let bytes = image.finish().expect("small");
    for options in [untimed(), MachineOptions::default()] {
        let (recording, stats) = runs(&bytes, 10, EngineKind::Machine, 1, options);
        assert_eq!((recording.stats.synaptic_events, stats.astray, stats.unheard), (3, 1, 2), "one comes twice");
        let routed: Vec<u64> = stats.chips.iter().map(|c| c.routed).collect();
        assert_eq!(routed, [3, 1, 1], "the packet of 0x1000 comes back once, by a link that it had not come by");
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let bytes = routed(&burst(4, 3), TORUS);
    let refused = |options| try_run(&bytes, 1, EngineKind::Machine, 1, options).expect_err("it cannot be kept");
    let options = MachineOptions::default();
    let emergency = EngineError::Option(OptionError::EmergencyRouting { clocks: 240 });
    assert_eq!(refused(MachineOptions { wait2: 0x40, ..options }), emergency);
    assert_eq!(refused(MachineOptions { time_scale: Some(0.0), ..options }), EngineError::Option(OptionError::TimeScale));
    assert_eq!(refused(MachineOptions { link_rate: Some(f64::NAN), ..options }), EngineError::Option(OptionError::LinkRate));
    assert_eq!(refused(MachineOptions { time_scale: Some(1e30), ..options }), EngineError::Option(OptionError::TooLong));
    // A core without a chip; a chip with a core that is nowhere; a link that the other side does not know.
    let changed = |change: fn(u32, &mut RouterBuilder)| {
        let view = ImageView::new_checked(bytes.as_slice()).expect("sound");
        let mut image = ImageBuilder::default();
        for kind in [SectionKind::Program, SectionKind::Core, SectionKind::Router] {
            for (id, words) in view.sections(kind) {
                let mut words = words.to_vec();
                if kind == SectionKind::Router {
                    let router = bouton_targets::image::RouterView::new_checked(&words).expect("sound");
                    let mut router = RouterBuilder::of(&router);
                    change(id, &mut router);
                    words = router.finish();
                }
                image.section(kind, id, words);
            }
        }
        try_run(&image.finish().expect("small"), 1, EngineKind::Machine, 1, MachineOptions::default()).err()
    };
    let doubled = |id: u32, r: &mut RouterBuilder| {
        if id == 4 {
            r.cores = vec![[0, 0], [1, 0]]
        }
    };
    assert_eq!(changed(doubled), Some(EngineError::Misplaced { core: 0 }));
    let elsewhere = |id: u32, r: &mut RouterBuilder| {
        if id == 4 {
            r.cores = vec![[0, 77]]
        }
    };
    assert_eq!(changed(elsewhere), Some(EngineError::Misplaced { core: 77 }));
    let cut = |id: u32, r: &mut RouterBuilder| {
        if id == 4 {
            r.head = RouterRecord { links: 0, ..r.head }
        }
    };
    assert!(matches!(changed(cut), Some(EngineError::Link { .. } | EngineError::Router { .. })));
    let twice = |id: u32, r: &mut RouterBuilder| {
        if id == 1 {
            r.head = RouterRecord { x: 0, ..r.head }
        }
    };
    assert_eq!(changed(twice), Some(EngineError::Grid { x: 0, y: 0 }));
}
