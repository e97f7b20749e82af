//! The machine engine: every core runs the kernel of devices on its own section, and events go by their keys.
//!
//! In an image with router sections packets go by the tables of chips: [`MachineOptions`] says with how much of what happens to
//! them on a board. Without router sections the fabric is ideal: every event reaches every core of its route within the tick; an
//! image without routes (a board with one core) is run as if every event went everywhere.
//!
//! One tick: threads run the kernels of their cores; then one of them lets the packets go (`exchange`), along trees that are
//! followed through the tables once for each key (`trees`, `paths`), with time (`packets`, `load`) or without; then every thread
//! gives its cores what arrived. Events are taken in the order of cores, so that threads change nothing.
//!
//! What was dropped and not sent again is missing; what comes after the next tick has begun counts as sent in the tick before its
//! arrival, as on a board. When neither happens, recordings are those of [`crate::flat`].

mod chips;
mod exchange;
mod load;
mod options;
mod packets;
mod paths;
mod stats;
mod team;
mod trees;

pub use options::{Hardware, MachineOptions, wait_clocks};
pub use stats::{ChipStats, CoreStats, EnergyStats, MachineStats, TrafficStats};

use crate::barrier::Barrier;
use crate::error::OptionError;
use crate::input::schedule;
use crate::network::Network;
use crate::recording::Recording;
use crate::{EngineError, RunOptions};
use bouton_runtime_embedded::kernel::Kernel;
use bouton_targets::image::{CoreView, MemoryLayout};
use exchange::Exchange;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use team::{Post, Worker};

/// Cores that are worth a thread of their own.
const CORES_PER_THREAD: usize = 8;
/// Slowest link, in packets a second: below, time could not be counted.
const LEAST_LINK_RATE: f64 = 1e3;

/// How many threads an image of `cores` cores is best run with: no more than this computer has processors.
#[must_use]
pub fn suggested_threads(cores: usize) -> usize {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    (cores / CORES_PER_THREAD).clamp(1, processors)
}

/// Runs a network.
///
/// # Errors
/// When a core cannot be run, routers do not fit together, an option cannot be kept, or an input event has no place.
pub fn run(network: &Network<'_>, options: RunOptions<'_>, start: Instant) -> Result<Recording, EngineError> {
    check(&options.machine).map_err(EngineError::Option)?;
    let input = schedule(network, &options.input, options.ticks)?;
    let ticks = network.hardware_ticks(options.ticks);
    let cores = network.cores.len();
    let threads = options.threads.clamp(1, cores.max(1));
    let shares: Vec<Range<usize>> = (0..threads).map(|i| cores * i / threads..cores * (i + 1) / threads).collect();
    let thread_of = shares.iter().enumerate().flat_map(|(thread, share)| share.clone().map(move |_| thread)).collect();
    let senders = paths::senders(network);
    let exchange = Exchange::new(network, &senders, options.machine, thread_of, ticks)?;
    let mut memories = memories(network)?;
    let mut memories = memories.iter_mut();
    let mut workers = Vec::with_capacity(threads);
    for share in shares {
        let mut kernels = Vec::with_capacity(share.len());
        for (core, (memory, synaptic)) in network.cores[share.clone()].iter().zip(&mut memories) {
            let kernel =
                Kernel::new(*core, memory, synaptic).map_err(|error| EngineError::Kernel { core: core.head().core, error })?;
            kernels.push(kernel.with_ticks(options.ticks));
        }
        let input = team::injected(network, &input, &share);
        workers.push(Worker::new(network, &senders, share.start, kernels, input, exchange.timed()));
    }
    let mut recording = Recording::new(network);
    recording.stats.build_seconds = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let (parts, ticks, machine) = run_all(workers, exchange, ticks, options);
    recording.stats.run_seconds = start.elapsed().as_secs_f64();
    recording.stats.ticks = ticks;
    recording.stats.machine = machine;
    parts.into_iter().for_each(|part| recording.merge(part));
    recording.sort();
    Ok(recording)
}

fn check(options: &MachineOptions) -> Result<(), OptionError> {
    if wait_clocks(options.wait2) != 0 {
        return Err(OptionError::EmergencyRouting { clocks: wait_clocks(options.wait2) });
    }
    if options.time_scale.is_some_and(|scale| !(scale.is_finite() && scale > 0.0)) {
        return Err(OptionError::TimeScale);
    }
    if options.link_rate.is_some_and(|rate| !(rate.is_finite() && rate >= LEAST_LINK_RATE)) {
        return Err(OptionError::LinkRate);
    }
    Ok(())
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

/// A thread that panicked ends the run, so what it left is looked at by nobody.
fn lock(post: &Mutex<Post>) -> MutexGuard<'_, Post> {
    post.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs all ticks, the first worker and the exchange on this thread. Gives recordings, the number of ticks, what was counted.
fn run_all(
    workers: Vec<Worker<'_, '_, '_>>,
    mut exchange: Exchange<'_, '_>,
    ticks: u64,
    options: RunOptions<'_>,
) -> (Vec<Recording>, u64, Option<MachineStats>) {
    let barrier = Barrier::new(workers.len());
    let posts: Vec<Mutex<Post>> = workers.iter().map(|_| Mutex::default()).collect();
    // Lowered before the threads meet, so that all see the same end.
    let end = AtomicU64::new(ticks);
    let mut workers = workers.into_iter();
    let Some(mut first) = workers.next() else { return (Vec::new(), 0, None) };
    std::thread::scope(|scope| {
        let (barrier, end, posts) = (&barrier, &end, &posts);
        let others: Vec<_> = workers
            .zip(&posts[1..])
            .map(|(mut worker, post)| {
                scope.spawn(move || {
                    let _presence = barrier.presence();
                    let mut now = 0;
                    while now < end.load(Ordering::Relaxed) {
                        worker.tick(now, &mut lock(post));
                        now += 1;
                        // All have sent; then the exchange is over.
                        if !(barrier.wait() && barrier.wait()) {
                            break;
                        }
                    }
                    worker.finish()
                })
            })
            .collect();
        let _presence = barrier.presence();
        let mut now = 0;
        while now < end.load(Ordering::Relaxed) {
            first.tick(now, &mut lock(&posts[0]));
            if !barrier.wait() {
                break;
            }
            let mut guards: Vec<_> = posts.iter().map(lock).collect();
            exchange.exchange(now, &mut guards.iter_mut().map(|guard| &mut **guard).collect::<Vec<_>>());
            drop(guards);
            now += 1;
            if options.stop.load(Ordering::Relaxed) {
                end.store(now, Ordering::Relaxed);
            }
            if !barrier.wait() {
                break;
            }
            (options.progress)(now);
        }
        let mut recordings = vec![first.finish()];
        for other in others {
            recordings.push(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        (recordings, now, exchange.finish())
    })
}
