//! The flat engine: the whole circuit as one address space, threads over slices of every population.
//!
//! A thread owns some members of every population: their states, their sums and all synapses onto them. In a tick it adds what
//! is due to its sums, runs the programs, and leaves what its members emitted in its slot of a ring; the threads meet once. Which
//! thread has which member changes nothing: sums are exact, draws are counted, and recordings are sorted.

mod bank;
mod build;
mod inputs;
mod layout;
mod ring;
mod scalars;
pub mod vector;
mod worker;

use crate::barrier::Barrier;
use crate::input::schedule;
use crate::network::Network;
use crate::recording::Recording;
use crate::{EngineError, RunOptions};
use bouton_targets::image::SectionKind;
use bouton_targets::program::ProgramView;
use inputs::Input;
use layout::Share;
use ring::Ring;
use scalars::Scalars;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use vector::Code;
use worker::{Shared, Worker};

/// Members that are worth a thread of their own: below, waiting for each other in every tick costs more than it saves.
const MEMBERS_PER_THREAD: u64 = 16_384;

/// How many threads a circuit of `members` neurons and inputs is best run with: no more than this computer has processors.
#[must_use]
pub fn suggested_threads(members: u64) -> usize {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    usize::try_from(members / MEMBERS_PER_THREAD).unwrap_or(usize::MAX).clamp(1, processors)
}

/// Runs a network.
///
/// # Errors
/// When an input event has no place, or the image names keys that nobody sends.
pub fn run(network: &Network<'_>, options: RunOptions<'_>, start: Instant) -> Result<Recording, EngineError> {
    let threads = options.threads.max(1);
    let live = schedule(network, &options.input, options.ticks)?;
    let shares = layout::shares(network, threads);
    let scalars = Scalars::new(network, &shares)?;
    let codes = codes(network);
    let recorded = recorded(network);
    let shared = Shared { network, scalars: &scalars, codes: &codes, recorded: &recorded, ticks: options.ticks };
    let mut parts: Vec<(usize, Share, Vec<Input>)> = Vec::new();
    for (thread, share) in shares.into_iter().enumerate() {
        let inputs = share.inputs.iter().map(|population| Input::new(network, *population, &live)).collect();
        parts.push((thread, share, inputs));
    }
    let workers = build(shared, parts)?;
    let modulators = scalars.modulators.iter().flatten().map(|m| m.delay());
    let longest = workers.iter().map(Worker::longest_delay).chain(modulators).max().unwrap_or(0);
    let ring = Ring::new(longest, threads, network.populations.len(), scalars.broadcasts.len());
    let mut recording = Recording::new(network);
    recording.stats.build_seconds = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let (parts, ticks) = run_all(workers, &ring, network.hardware_ticks(options.ticks), options);
    recording.stats.run_seconds = start.elapsed().as_secs_f64();
    recording.stats.ticks = ticks;
    parts.into_iter().for_each(|part| recording.merge(part));
    recording.sort();
    Ok(recording)
}

/// Each thread builds its own part.
fn build<'n>(shared: Shared<'n>, parts: Vec<(usize, Share, Vec<Input>)>) -> Result<Vec<Worker<'n>>, EngineError> {
    if parts.len() == 1 {
        return parts.into_iter().map(|(thread, share, inputs)| Worker::new(shared, thread, share, inputs)).collect();
    }
    std::thread::scope(|scope| {
        let start = |(thread, share, inputs)| scope.spawn(move || Worker::new(shared, thread, share, inputs));
        let handles: Vec<_> = parts.into_iter().map(start).collect();
        handles.into_iter().map(|handle| handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    })
}

/// Runs all ticks, the first worker on this thread. Gives what was recorded, and the number of ticks.
fn run_all(workers: Vec<Worker<'_>>, ring: &Ring, ticks: u64, options: RunOptions<'_>) -> (Vec<Recording>, u64) {
    let barrier = Barrier::new(workers.len());
    // Lowered by the first worker before it meets the others, so that all see the same end.
    let end = AtomicU64::new(ticks);
    let mut workers = workers.into_iter();
    let Some(mut first) = workers.next() else { return (Vec::new(), 0) };
    std::thread::scope(|scope| {
        let (barrier, end) = (&barrier, &end);
        let others: Vec<_> = workers
            .map(|mut worker| {
                scope.spawn(move || {
                    let _presence = barrier.presence();
                    let mut now = 0;
                    while now < end.load(Ordering::Relaxed) {
                        worker.tick(now, ring);
                        if !barrier.wait() {
                            break;
                        }
                        now += 1;
                    }
                    worker.recording
                })
            })
            .collect();
        let _presence = barrier.presence();
        let mut now = 0;
        while now < end.load(Ordering::Relaxed) {
            first.tick(now, ring);
            now += 1;
            if options.stop.load(Ordering::Relaxed) {
                end.store(now, Ordering::Relaxed);
            }
            if !barrier.wait() {
                break;
            }
            (options.progress)(now);
        }
        let mut recordings = vec![first.recording];
        for other in others {
            recordings.push(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        (recordings, now)
    })
}

/// The programs of populations, decoded.
fn codes<'n>(network: &Network<'n>) -> Vec<Option<Code<'n>>> {
    let code = |program: u32| {
        // Programs were checked with the cores whose blocks run them.
        let words = network.image.section(SectionKind::Program, program)?;
        ProgramView::open(words).ok().map(Code::new)
    };
    network.populations.iter().map(|p| code(p.block.program)).collect()
}

/// By population: which members' spikes are recorded.
fn recorded(network: &Network<'_>) -> Vec<Option<Vec<bool>>> {
    let mut all = vec![None; network.populations.len()];
    for record in network.records.iter().filter(|r| r.state.is_none()) {
        let Some(population) = network.populations.get(record.population) else { continue };
        let members = all[record.population].get_or_insert_with(|| vec![false; population.size as usize]);
        record.members.iter().for_each(|m| members[*m as usize] = true);
    }
    all
}
