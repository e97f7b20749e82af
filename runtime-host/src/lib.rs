//! Runs images on a host, with the bits of a device.
//!
//! - [`flat`]: the whole circuit as one address space; the fastest way to run it.
//! - [`machine`]: every core runs the kernel of devices on its section, and events go by their keys.
//! - [`recording`]: what a run gives back, and its files.
//!
//! [`run`] is the one door to both. Their recordings are equal, whatever the engine, the number of threads and the partition.

pub mod flat;
pub mod machine;
pub mod network;
pub mod recording;

mod barrier;
mod error;
mod input;

pub use error::{EngineError, InputError, OptionError};
pub use input::InputEvent;

use bouton_targets::image::ImageView;
use machine::MachineOptions;
use network::Network;
use recording::Recording;
use std::sync::atomic::AtomicBool;

/// What runs an image.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum EngineKind {
    /// See [`flat`].
    #[default]
    Flat,
    /// See [`machine`].
    Machine,
}

/// How to run an image.
pub struct RunOptions<'o> {
    /// Logical ticks.
    pub ticks: u64,
    /// Threads, at least 1. Results do not depend on it.
    pub threads: usize,
    /// The engine.
    pub engine: EngineKind,
    /// How the machine engine runs images with routers.
    pub machine: MachineOptions,
    /// Events from outside, in any order. An event given twice counts once; of two values for one member and tick the later in the
    /// list counts. Events after the end are passed over.
    pub input: Vec<InputEvent>,
    /// Called after each tick with the number of ticks run.
    pub progress: &'o mut dyn FnMut(u64),
    /// When it becomes true, the run ends after the present tick, with what was recorded until then.
    pub stop: &'o AtomicBool,
}

/// Runs an image.
///
/// # Errors
/// When the image does not fit together, or an input event has no place in it.
pub fn run(image: &ImageView<'_>, options: RunOptions<'_>) -> Result<Recording, EngineError> {
    let start = std::time::Instant::now();
    let network = Network::new(image)?;
    match options.engine {
        EngineKind::Flat => flat::run(&network, options, start),
        EngineKind::Machine => machine::run(&network, options, start),
    }
}
