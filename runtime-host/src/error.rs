//! Why an image cannot be run.

use bouton_runtime_embedded::kernel::KernelError;
use bouton_targets::image::{CoreError, FabricError, RouterError};
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
    /// A router section is not sound.
    Router {
        /// Number of its chip.
        chip: u32,
        /// What is wrong.
        error: RouterError,
    },
    /// Two chips are at one place, or they do not agree about the size of the machine.
    Grid {
        /// Column of the chip.
        x: u32,
        /// Row of the chip.
        y: u32,
    },
    /// A link is said to work, but there is no chip behind it, or one that does not know of it.
    Link {
        /// Column of the chip.
        x: u32,
        /// Row of the chip.
        y: u32,
        /// The link.
        link: u32,
    },
    /// A core has no place on a chip or more than one, or a chip has a core that the image does not hold.
    Misplaced {
        /// Number of the core.
        core: u32,
    },
    /// An option of the machine engine cannot be kept.
    Option(OptionError),
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

/// Why an option of the machine engine cannot be kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OptionError {
    /// Emergency routing is not modelled; boards run without it.
    EmergencyRouting {
        /// What was asked for.
        clocks: u64,
    },
    /// The time scale is not a number above 0.
    TimeScale,
    /// The rate of links is not a number, or below 1,000 packets a second.
    LinkRate,
    /// More time than can be counted.
    TooLong,
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

impl fmt::Display for OptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OptionError::EmergencyRouting { clocks } => write!(
                f,
                "emergency routing for {clocks} clocks is not modelled, and boards run without it: set the second wait to 0"
            ),
            OptionError::TimeScale => f.write_str("the time scale has to be a number above 0"),
            OptionError::LinkRate => f.write_str("links have to carry at least 1000 packets a second"),
            OptionError::TooLong => f.write_str("so many ticks of this length are more time than can be counted"),
        }
    }
}

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EngineError::Core { core, error } => write!(f, "core {core} of the image is not sound: {error}"),
            EngineError::Kernel { core, error } => write!(f, "core {core} cannot be run: {error:?}"),
            EngineError::Fabric(error) => write!(f, "the routes of the image are not sound: {error}"),
            EngineError::Router { chip, error } => write!(f, "the router of chip {chip} of the image is not sound: {error}"),
            EngineError::Grid { x, y } => {
                write!(f, "chip {x},{y} is there twice, or does not agree with the others about the size of the machine")
            }
            EngineError::Link { x, y, link } => {
                write!(f, "link {link} of chip {x},{y} should work, but the chip behind it is missing or does not know of it")
            }
            EngineError::Misplaced { core } => {
                write!(f, "core {core} has no place on a chip, or more than one, or a chip has it and the image has not")
            }
            EngineError::Option(error) => error.fmt(f),
            EngineError::Inconsistent { population } => write!(f, "the slices of population {population} do not fit together"),
            EngineError::UnknownKey { key } => write!(f, "nothing in the image sends key {key:#010x}, which something waits for"),
            EngineError::Input { at, error } => write!(f, "input event {at}: {error}"),
            EngineError::TooLarge => write!(f, "the image has more than this engine can number"),
        }
    }
}

impl std::error::Error for InputError {}
impl std::error::Error for OptionError {}
impl std::error::Error for EngineError {}
