//! What can be wrong with a projection's pattern.

use crate::circuit::{Projection, Within};
use crate::diagnostic::Diagnostic;
use std::fmt;

/// The diagnostics of this stage: stable code and title.
pub const CODES: &[(&str, &str)] = &[
    ("E0711", "more partners than there are"),
    ("E0712", "ends of different sizes"),
    ("E0713", "a list or matrix of the wrong length"),
    ("E0714", "a list that names a neuron that does not exist"),
    ("E0715", "a self-connection that was not allowed"),
    ("E0716", "a pair that is connected twice"),
    ("E0717", "bounds that no weight or delay reaches"),
    ("E0718", "too many synapses"),
];

/// Why a projection has no synapses.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum ConnectError {
    /// `fixed_in`, `fixed_out` or `fixed_total` asks for more distinct partners than there are.
    TooFewCandidates {
        /// How many are asked for.
        wanted: u64,
        /// How many there are.
        candidates: u64,
    },
    /// `one_to_one` between different numbers of neurons.
    SizesDiffer {
        /// Source neurons that take part.
        sources: u32,
        /// Target neurons that take part.
        targets: u32,
    },
    /// A table of numbers has the wrong length.
    WrongLength {
        /// Which.
        what: &'static str,
        /// What the populations need.
        expected: u64,
        /// What it has.
        found: u64,
    },
    /// A written-out synapse names a neuron that does not take part.
    IndexOutOfRange {
        /// Number of the synapse in its list, from 0.
        synapse: u64,
        /// The index.
        index: u32,
        /// Neurons that take part on that side.
        size: u32,
        /// `"source"` or `"target"`.
        side: &'static str,
    },
    /// A written-out synapse joins a neuron to itself without `self`.
    SelfConnection {
        /// The neuron's index in its population.
        index: u32,
    },
    /// Two written-out synapses join the same pair without `multiple`.
    Repeated {
        /// Source index in its population.
        source: u32,
        /// Target index in its population.
        target: u32,
    },
    /// No draw of a weight or delay falls within its bounds.
    NeverWithin {
        /// `"weight"` or `"delay"`.
        what: &'static str,
        /// The bounds, when there are any.
        within: Option<Within>,
    },
    /// More synapses than can be numbered.
    TooMany,
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFewCandidates { wanted, candidates } => {
                write!(f, "the pattern needs {wanted} distinct partners, there are {candidates}")
            }
            Self::SizesDiffer { sources, targets } => {
                write!(f, "`one_to_one` between {sources} sources and {targets} targets")
            }
            Self::WrongLength { what, expected, found } => write!(f, "{what} has {found} values, {expected} are needed"),
            Self::IndexOutOfRange { synapse, index, size, side } => {
                write!(f, "synapse {synapse} names {side} {index}, there are {size}")
            }
            Self::SelfConnection { index } => write!(f, "neuron {index} is connected to itself"),
            Self::Repeated { source, target } => write!(f, "the pair {source} -> {target} has more than one synapse"),
            Self::NeverWithin { what, within: Some(w) } => {
                write!(f, "no drawn {what} falls within {} .. {} (SI)", w.low, w.high)
            }
            Self::NeverWithin { what, within: None } => write!(f, "no drawn {what} is a number"),
            Self::TooMany => f.write_str("the projection has more synapses than can be numbered"),
        }
    }
}

impl std::error::Error for ConnectError {}

impl ConnectError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooFewCandidates { .. } => "E0711",
            Self::SizesDiffer { .. } => "E0712",
            Self::WrongLength { .. } => "E0713",
            Self::IndexOutOfRange { .. } => "E0714",
            Self::SelfConnection { .. } => "E0715",
            Self::Repeated { .. } => "E0716",
            Self::NeverWithin { .. } => "E0717",
            Self::TooMany => "E0718",
        }
    }

    /// The error as the user sees it, at the projection.
    #[must_use]
    pub fn diagnostic(&self, projection: &Projection) -> Diagnostic {
        let span = match self {
            Self::NeverWithin { what: "weight", .. } => projection.weight_span,
            _ => projection.span,
        };
        let message = match self {
            // The bounds are underlined, in the units that the user wrote.
            Self::NeverWithin { what, within: Some(_) } => format!("no {what} that is drawn falls within the bounds"),
            _ => self.to_string(),
        };
        let diagnostic = Diagnostic::error(self.code(), message, span).said(format!("in `{}`", projection.name));
        match self {
            Self::TooFewCandidates { .. } => diagnostic.help("ask for fewer, or allow `multiple` or `self`"),
            Self::SizesDiffer { .. } => diagnostic.help("choose ranges of equal length on both sides"),
            Self::WrongLength { .. } | Self::IndexOutOfRange { .. } => {
                diagnostic.help("make the file fit the ranges of this projection")
            }
            Self::SelfConnection { .. } => diagnostic.help("say `self` if this is meant"),
            Self::Repeated { .. } => diagnostic.help("say `multiple` if this is meant"),
            Self::NeverWithin { .. } => diagnostic.help("widen `within`, or move the distribution"),
            Self::TooMany => diagnostic.help("lower the number of synapses"),
        }
    }
}
