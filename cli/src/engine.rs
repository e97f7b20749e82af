//! The engines, as `run` uses them: threads, progress, Ctrl-C.

use crate::failure::Failure;
use crate::terminal;
use bouton_runtime_host::machine::MachineOptions;
use bouton_runtime_host::recording::Recording;
use bouton_runtime_host::{EngineError, EngineKind, InputEvent, RunOptions};
use bouton_targets::image::ImageView;
use clap::ValueEnum;
use std::sync::atomic::{AtomicBool, Ordering};

/// Set by Ctrl-C.
static STOP: AtomicBool = AtomicBool::new(false);
/// Ticks between two looks at the clock for the progress bar.
const BAR_EVERY: u64 = 16;

/// Which engine.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Engine {
    /// The whole circuit in one address space: the fastest
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

/// Where an image comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// It was just made.
    Compiled,
    /// It was read.
    File,
}

/// What runs an image, and how.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The engine.
    pub engine: Engine,
    /// Its threads.
    pub threads: usize,
    /// How the machine engine runs images with routers.
    pub machine: MachineOptions,
}

/// Runs an image for so many ticks, or until Ctrl-C.
///
/// # Errors
/// When the engine refuses the image, the input or an option.
pub fn run(
    image: &ImageView<'_>,
    origin: Origin,
    setting: Setting,
    ticks: u32,
    input: Vec<InputEvent>,
) -> Result<Recording, Failure> {
    let Setting { engine, threads, machine } = setting;
    // Without a handler Ctrl-C ends the process at once, which is also what it is for.
    let _ = ctrlc::set_handler(interrupt);
    let bar = terminal::tick_bar(ticks.into());
    let mut progress = |done: u64| {
        if done.is_multiple_of(BAR_EVERY) {
            bar.set_position(done);
        }
    };
    let engine = match engine {
        Engine::Flat => EngineKind::Flat,
        Engine::Machine => EngineKind::Machine,
    };
    let options = RunOptions { ticks: ticks.into(), threads, engine, machine, input, progress: &mut progress, stop: &STOP };
    let recording = bouton_runtime_host::run(image, options);
    bar.finish_and_clear();
    recording.map_err(|error| failure(&error, origin))
}

/// The first Ctrl-C ends the run, the second the process.
fn interrupt() {
    if STOP.swap(true, Ordering::Relaxed) {
        std::process::exit(130);
    }
}

/// What an engine refuses is the fault of the events, or of whoever made the image.
fn failure(error: &EngineError, origin: Origin) -> Failure {
    match (error, origin) {
        (EngineError::Option(option), _) => Failure::Usage(option.to_string()),
        (EngineError::Input { .. }, _) | (_, Origin::File) => Failure::Input(format!("error: this cannot be run: {error}")),
        (_, Origin::Compiled) => Failure::Bug(format!("an engine refuses an image that was just made: {error}")),
    }
}
