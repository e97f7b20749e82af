//! Why a circuit cannot be run by the reference interpreter.

use crate::circuit::PopId;
use crate::connect::ConnectError;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use std::fmt;

/// The diagnostics of the reference: stable code and title.
pub const CODES: &[(&str, &str)] = &[
    ("E0731", "a cycle without delay"),
    ("E0732", "equations that are not linear"),
    ("E0733", "a value that must not change over time"),
    ("E0734", "a system without an exact solution"),
    ("E0735", "values that are not one for each neuron"),
    ("E0736", "a Poisson drive that cannot be drawn"),
    ("E0737", "a delay that cannot be run"),
    ("E0738", "live input for what takes none"),
];

/// Why a circuit cannot be run.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum ReferenceError {
    /// A projection cannot be made.
    Connect {
        /// Its name.
        projection: String,
        /// Where it stands.
        span: Span,
        /// Why.
        error: ConnectError,
    },
    /// Zero delays form a cycle; [`crate::retime`] names its projections.
    ZeroDelayCycle {
        /// One population of it.
        population: String,
        /// Where it stands.
        span: Span,
    },
    /// An equation that its method needs to be linear is not.
    NotLinear {
        /// The part that is not.
        span: Span,
    },
    /// A coefficient of an exactly integrated system, or the length of a hold, changes in time.
    NotConstant {
        /// The expression.
        span: Span,
    },
    /// An exactly integrated system that has no finite solution over a tick, or more than 64 equations.
    NoPropagator {
        /// The system.
        span: Span,
    },
    /// A population has another number of values than neurons, parameters, states or modulators.
    WrongLength {
        /// The population.
        population: String,
        /// Where it stands.
        span: Span,
    },
    /// A Poisson rate that gives more than a million events per tick, is negative or no number.
    BadRate {
        /// The population.
        population: String,
        /// Where it stands.
        span: Span,
        /// Mean number of events per tick.
        mean: f64,
    },
    /// Delays so long that they do not fit memory, or a modulator without delay.
    BadDelay {
        /// The delay in ticks.
        ticks: u32,
        /// Where it stands.
        span: Span,
    },
    /// Live input for something that is not a live population of that kind or size.
    BadInput {
        /// The population.
        population: PopId,
        /// The neuron.
        index: u32,
    },
}

impl fmt::Display for ReferenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect { projection, error, .. } => write!(f, "`{projection}`: {error}"),
            Self::ZeroDelayCycle { population, .. } => write!(f, "`{population}` lies on a cycle without delay"),
            Self::NotLinear { .. } => f.write_str("this is not linear in the states of its system"),
            Self::NotConstant { .. } => f.write_str("this must depend on parameters only"),
            Self::NoPropagator { .. } => f.write_str("this system has no exact solution over one tick"),
            Self::WrongLength { population, .. } => write!(f, "`{population}` has the wrong number of values"),
            Self::BadRate { population, mean, .. } => write!(f, "a Poisson drive of `{population}` has {mean} events per tick"),
            Self::BadDelay { ticks, .. } => write!(f, "a delay of {ticks} ticks cannot be run"),
            Self::BadInput { population, index } => write!(f, "{population} takes no such live input at index {index}"),
        }
    }
}

impl std::error::Error for ReferenceError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Connect { error, .. } => Some(error),
            _ => None,
        }
    }
}

impl ReferenceError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Connect { error, .. } => error.code(),
            Self::ZeroDelayCycle { .. } => "E0731",
            Self::NotLinear { .. } => "E0732",
            Self::NotConstant { .. } => "E0733",
            Self::NoPropagator { .. } => "E0734",
            Self::WrongLength { .. } => "E0735",
            Self::BadRate { .. } => "E0736",
            Self::BadDelay { .. } => "E0737",
            Self::BadInput { .. } => "E0738",
        }
    }

    /// The error as the user sees it; `None` for live input, which stands in no text.
    #[must_use]
    pub fn diagnostic(&self) -> Option<Diagnostic> {
        let (span, help) = match self {
            Self::Connect { span, .. } => (*span, "see the pattern of this projection"),
            Self::ZeroDelayCycle { span, .. } => (*span, "give one projection of the cycle a delay of one tick"),
            Self::NotLinear { span } => (*span, "integrate it by `euler` or `midpoint`"),
            Self::NotConstant { span } => (*span, "use parameters and numbers only, or another method of integration"),
            Self::NoPropagator { span } => (*span, "check its time constants"),
            Self::WrongLength { span, .. } => (*span, "give one value for all, or one for each"),
            Self::BadRate { span, .. } => (*span, "choose a rate between 0 and a million events per tick"),
            Self::BadDelay { span, .. } => (*span, "choose a shorter delay, at least one tick for modulators"),
            Self::BadInput { .. } => return None,
        };
        Some(Diagnostic::error(self.code(), self.to_string(), span).help(help))
    }
}
