//! The engines, as `run` uses them: one function from an image to a recording.

use crate::failure::Failure;
use crate::recording::Recording;
use bouton_targets::image::AlignedBytes;
use clap::ValueEnum;
use indicatif::ProgressBar;
use std::sync::atomic::AtomicBool;

/// Which engine.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Engine {
    /// The whole circuit in one address space, the fastest
    Flat,
    /// Every core runs the device's kernel on its part of the image
    Machine,
}

impl Engine {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Engine::Flat => "flat",
            Engine::Machine => "machine",
        }
    }
}

/// What is to be run.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// The image.
    pub image: &'a AlignedBytes,
    /// Which engine.
    pub engine: Engine,
    /// Threads, at least 1.
    pub threads: usize,
    /// Ticks.
    pub ticks: u32,
    /// Spikes of live populations: (tick, population, member), sorted.
    pub input: &'a [(u32, u32, u32)],
    /// Set when the user has seen enough.
    pub stop: &'a AtomicBool,
    /// Told of each tick.
    pub progress: &'a ProgressBar,
}

/// What a run gives.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// What was recorded, until the end or until it was stopped.
    pub recording: Recording,
    /// Spikes of each population, recorded or not.
    pub spikes: Vec<u64>,
    /// Events that arrived at a synapse's target.
    pub synaptic_events: u64,
    /// Values that were cut to the range of their state.
    pub saturations: u64,
}

/// Runs an image.
///
/// # Errors
/// When the engine refuses the image or the input.
pub fn run(job: &Job) -> Result<Outcome, Failure> {
    let _ = (job.image, job.threads, job.ticks, job.input, job.stop, job.progress);
    Err(Failure::Device("this build has no engine yet".to_string()))
}
