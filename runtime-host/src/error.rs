//! Why an image cannot be run.

use bouton_runtime_embedded::kernel::KernelError;
use bouton_targets::image::{CoreError, FabricError};
use std::fmt;

/// Why an image cannot be run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EngineError {
    /// A core's section is not sound.
    Core {
        /// Its number.
        core: u32,
        /// What is wrong.
        error: CoreError,
    },
    /// A core cannot be run.
    Kernel {
        /// Its number.
        core: u32,
        /// What is wrong.
        error: KernelError,
    },
    /// The fabric section is not sound.
    Fabric(FabricError),
    /// The slices of a population do not fit together.
    Inconsistent {
        /// Its number.
        population: u32,
    },
    /// Synapses or modulators name a key that nothing in the image sends.
    UnknownKey {
        /// The key.
        key: u32,
    },
    /// An input event that the circuit has no place for.
    Input {
        /// Its position in the list.
        at: usize,
        /// What is wrong.
        error: InputError,
    },
    /// More synapses, members or records than this engine can number.
    TooLarge,
}

/// Why an event is no input of a circuit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InputError {
    /// There is no population with this number.
    NoPopulation(u32),
    /// The population takes no events from outside.
    NotLive(u32),
    /// The population has fewer members.
    NoMember {
        /// Index given.
        member: u32,
        /// Members there are.
        size: u32,
    },
    /// The population takes spikes, and the event has a value.
    UnwantedValue,
    /// The population takes values, and the event has none.
    NoValue,
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InputError::NoPopulation(p) => write!(f, "there is no population {p}"),
            InputError::NotLive(p) => write!(f, "population {p} takes no events from outside"),
            InputError::NoMember { member, size } => write!(f, "member {member} of a population of {size}"),
            InputError::UnwantedValue => write!(f, "a value for a population that takes spikes"),
            InputError::NoValue => write!(f, "no value for a population that takes values"),
        }
    }
}

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EngineError::Core { core, error } => write!(f, "core {core} of the image is not sound: {error}"),
            EngineError::Kernel { core, error } => write!(f, "core {core} cannot be run: {error:?}"),
            EngineError::Fabric(error) => write!(f, "the routes of the image are not sound: {error}"),
            EngineError::Inconsistent { population } => write!(f, "the slices of population {population} do not fit together"),
            EngineError::UnknownKey { key } => write!(f, "nothing in the image sends key {key:#010x}, which something waits for"),
            EngineError::Input { at, error } => write!(f, "input event {at}: {error}"),
            EngineError::TooLarge => write!(f, "the image has more than this engine can number"),
        }
    }
}

impl std::error::Error for InputError {}
impl std::error::Error for EngineError {}
