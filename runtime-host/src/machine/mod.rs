//! The machine engine: every core runs the kernel of devices on its own section, and events go by their keys.
//!
//! The fabric is ideal so far: every event reaches every core of its route within the tick. An image without routes (a board with
//! one core) is run as if every event went everywhere; a kernel drops keys that it does not listen to.

mod fabric;

use crate::input::{Timed, schedule};
use crate::network::Network;
use crate::recording::{Recording, Sample, Spike};
use crate::{EngineError, RunOptions};
use bouton_runtime_embedded::kernel::{Kernel, Output};
use bouton_targets::image::{CoreView, MemoryLayout};
use fabric::Fabric;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// Collects what kernels send and record.
struct Collector<'n> {
    network: &'n Network<'n>,
    recording: Recording,
    events: Vec<(u32, Option<i32>)>,
}

impl Output for Collector<'_> {
    fn event(&mut self, key: u32, payload: Option<i32>) {
        if payload.is_none()
            && let Some((population, _)) = self.network.member_of_key(key)
        {
            self.recording.stats.populations[population].spikes += 1;
        }
        self.events.push((key, payload));
    }

    fn spike(&mut self, record: u32, tick: u32, member: u32) {
        let population = self.network.records[record as usize].population as u32;
        self.recording.spikes.push(Spike { tick, population, index: member });
    }

    fn state(&mut self, record: u32, tick: u32, member: u32, raw: i32) {
        self.recording.traces[record as usize].push(Sample { tick, index: member, raw });
    }

    fn saturated(&mut self, population: u32, count: u32) {
        self.recording.stats.populations[population as usize].saturations += u64::from(count);
    }
}

/// Runs a network.
///
/// # Errors
/// When a core cannot be run or an input event has no place.
pub fn run(network: &Network<'_>, options: RunOptions<'_>, start: Instant) -> Result<Recording, EngineError> {
    let input = schedule(network, &options.input, options.ticks)?;
    let fabric = Fabric::new(network)?;
    let mut memories = memories(network)?;
    let mut kernels = Vec::new();
    for (core, (memory, synaptic)) in network.cores.iter().zip(&mut memories) {
        let kernel =
            Kernel::new(*core, memory, synaptic).map_err(|error| EngineError::Kernel { core: core.head().core, error })?;
        kernels.push(kernel.with_ticks(options.ticks));
    }
    let mut out = Collector { network, recording: Recording::new(network), events: Vec::new() };
    out.recording.stats.build_seconds = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let mut rest = input.as_slice();
    for tick in 0..network.hardware_ticks(options.ticks) {
        kernels.iter_mut().for_each(|kernel| kernel.tick(&mut out));
        let (now, later) = rest.split_at(rest.partition_point(|timed| timed.at <= tick));
        rest = later;
        inject(network, now, &mut kernels, &mut out);
        for (key, payload) in out.events.drain(..) {
            fabric.cores_of_key(key, |core| kernels[core].receive(key, payload));
        }
        out.recording.stats.ticks = tick + 1;
        (options.progress)(tick + 1);
        if options.stop.load(Ordering::Relaxed) {
            break;
        }
    }
    out.recording.stats.run_seconds = start.elapsed().as_secs_f64();
    out.recording.stats.synaptic_events = kernels.iter().map(|kernel| kernel.counters().synaptic_events).sum();
    out.recording.sort();
    Ok(out.recording)
}

/// The fast and the synaptic memory of a core.
type Memories = (Vec<u64>, Vec<u32>);

fn memories(network: &Network<'_>) -> Result<Vec<Memories>, EngineError> {
    let words = |core: &CoreView<'_>| {
        let bytes = MemoryLayout::of(core).and_then(|layout| layout.bytes())?;
        Some((vec![0; bytes / 8], vec![0; core.head().synaptic as usize]))
    };
    network.cores.iter().map(words).collect::<Option<_>>().ok_or(EngineError::TooLarge)
}

/// Gives events of the tick just run to the kernels of their members.
fn inject(network: &Network<'_>, events: &[Timed], kernels: &mut [Kernel<'_, '_>], out: &mut Collector<'_>) {
    for Timed { event, .. } in events {
        let Some((core, at, block)) = network.populations[event.population as usize].slice_of(event.member) else { continue };
        let lane = event.member - block.first;
        match event.value {
            None => kernels[*core].inject_spike(*at, lane, out),
            Some(value) => kernels[*core].inject_value(*at, lane, value, out),
        };
    }
}
