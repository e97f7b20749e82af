//! Projections: who connects to whom, how strongly and how late.

use super::model::ReceptorId;
use super::{IndexSet, PopId};
use crate::source::Span;
pub use bouton_targets::generate::{Law, Within};

/// Synapses from one population onto a receptor of another.
#[derive(Clone, Debug)]
pub struct Projection {
    /// Path: the name given in the text, or `source -> target.receptor`.
    pub name: String,
    /// Source population.
    pub source: PopId,
    /// The source neurons that take part; patterns count within these.
    pub source_indices: IndexSet,
    /// Target population.
    pub target: PopId,
    /// The target neurons that take part; patterns count within these.
    pub target_indices: IndexSet,
    /// Receptor of the target's model.
    pub receptor: ReceptorId,
    /// Who connects to whom.
    pub pattern: Pattern,
    /// Whether a neuron may connect to itself.
    pub allow_self: bool,
    /// Whether a pair may have more than one synapse.
    pub allow_multiple: bool,
    /// Weight of each synapse, in the receptor's unit over the event's unit (SI).
    pub weight: Quantity,
    /// Delay of each synapse.
    pub delay: Delay,
    /// Bits of a weight: 4, 8 or 16.
    pub bits: u8,
    /// Where the user wants it to live.
    pub placement: Option<Placement>,
    /// Where the text defines it.
    pub span: Span,
    /// Where the text gives the weight.
    pub weight_span: Span,
}

/// Who connects to whom; indices count within the projection's source and target indices.
#[derive(Clone, PartialEq, Debug)]
pub enum Pattern {
    /// n-th source to n-th target.
    OneToOne,
    /// Every source to every target.
    AllToAll,
    /// Each pair with probability p.
    Random {
        /// Probability, 0 ..= 1.
        p: f64,
    },
    /// Each target from k sources.
    FixedIn {
        /// In-degree.
        k: u32,
    },
    /// Each source to k targets.
    FixedOut {
        /// Out-degree.
        k: u32,
    },
    /// n synapses in all, each of a random source and a random target.
    FixedTotal {
        /// Number of synapses.
        n: u64,
    },
    /// Each pair with a probability that depends on the distance of their grid positions.
    Distance {
        /// Probability for each source (row) and target (column), row-major; evaluated from the user's expression.
        probability: Vec<f64>,
    },
    /// Synapses written out.
    Edges(Edges),
    /// A dense matrix `[sources, targets]` of weights; zeros are no synapses.
    Matrix {
        /// SI weights, row-major.
        weights: Vec<f64>,
    },
    /// Weight of pair (i, j) is the sum over k of `m[i, k] * n[j, k]`; every pair connects.
    LowRank(LowRank),
}

/// Synapses written out, in the order of the file.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Edges {
    /// Source of each synapse.
    pub pre: Vec<u32>,
    /// Target of each synapse.
    pub post: Vec<u32>,
    /// Factor on the projection's weight (a pure number) when the file gives one.
    pub weight: Option<Vec<f64>>,
    /// Delay in ticks when the file gives one.
    pub delay: Option<Vec<u32>>,
}

/// Factors of a low-rank matrix, row-major `[sources, rank]` and `[targets, rank]`.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct LowRank {
    /// Number of columns of both.
    pub rank: u32,
    /// Source factors.
    pub m: Vec<f64>,
    /// Target factors.
    pub n: Vec<f64>,
}

/// A number, or a distribution that each synapse draws from. For `list` and `matrix` with weights this is a factor on them.
#[derive(Clone, PartialEq, Debug)]
pub enum Quantity {
    /// The same for all.
    Constant(f64),
    /// Drawn.
    Drawn(Distribution, Option<Within>),
}

/// What is drawn from; SI values.
#[derive(Clone, PartialEq, Debug)]
pub enum Distribution {
    /// A continuous law.
    Law(Law),
    /// One of these, equally likely.
    Choice(Vec<f64>),
}

/// Delay of each synapse, in ticks.
#[derive(Clone, PartialEq, Debug)]
pub enum Delay {
    /// The same for all; zero only along acyclic paths.
    Ticks(u32),
    /// Drawn in seconds, rounded to the nearest tick, at least one.
    Drawn(Distribution, Option<Within>),
}

/// Where a projection should live.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Placement {
    /// On an in-memory-compute macro of this kind.
    Macro(String),
    /// On cores.
    Core,
}
