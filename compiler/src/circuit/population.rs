//! Populations: neurons that run a model, and inputs.

use super::model::{ModulatorId, ParamId, ReceptorId, StateId};
use super::{ModelId, PopId};
use crate::source::Span;
use crate::table::Table;
use crate::units::Dimension;

/// A group of cells with one model or one kind of input.
#[derive(Clone, Debug)]
pub struct Population {
    /// Path from the top circuit: `segment[0].left`.
    pub name: String,
    /// Shape; the size is its product, indices are row-major.
    pub shape: Vec<u32>,
    /// What its members are.
    pub kind: PopulationKind,
    /// Dale's law: the sign of every weight that leaves it.
    pub sign: Option<Sign>,
    /// Where the text defines it.
    pub span: Span,
}

impl Population {
    /// Number of members.
    #[must_use]
    pub fn size(&self) -> u32 {
        self.shape.iter().product()
    }
}

/// The sign of the weights of a population's outgoing projections.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sign {
    /// No weight below zero.
    Excitatory,
    /// No weight above zero.
    Inhibitory,
}

/// What the members of a population are.
#[derive(Clone, Debug)]
pub enum PopulationKind {
    /// Cells that run a model (sources like `poisson` are models too).
    Neurons(Neurons),
    /// Spikes known beforehand: (tick, index), sorted, without repetition.
    SpikeList(Vec<(u32, u32)>),
    /// Graded values known beforehand, `values[tick * size + index]`; after the last row nothing is emitted.
    Signal {
        /// What the values measure.
        dimension: Dimension,
        /// SI values, row-major by tick.
        values: Vec<f64>,
    },
    /// Spikes from outside while it runs.
    LiveSpikes,
    /// Graded values from outside while it runs.
    LiveGraded {
        /// What the values measure.
        dimension: Dimension,
        /// Largest magnitude that can be given (SI); larger ones saturate.
        limit: f64,
    },
}

/// Cells that run a model.
#[derive(Clone, Debug)]
pub struct Neurons {
    /// The model.
    pub model: ModelId,
    /// Value of each parameter of the model.
    pub params: Table<ParamId, Values>,
    /// Initial value of each state of the model.
    pub initial: Table<StateId, Values>,
    /// Poisson drives that need no synapse: `exc <- poisson(rate = …, weight = …)`.
    pub drives: Vec<Drive>,
    /// What each modulator of the model reads.
    pub modulators: Table<ModulatorId, ModulatorBinding>,
}

/// One value for every member, or one for each.
#[derive(Clone, PartialEq, Debug)]
pub enum Values {
    /// The same for all.
    Uniform(f64),
    /// One each, by index.
    Each(Vec<f64>),
}

impl Values {
    /// The value of member `index`.
    ///
    /// # Panics
    /// When `index` is not below the population's size: a broken invariant of ours.
    #[must_use]
    pub fn at(&self, index: u32) -> f64 {
        match self {
            Values::Uniform(x) => *x,
            Values::Each(xs) => xs[index as usize],
        }
    }

    /// Smallest and largest value.
    #[must_use]
    pub fn bounds(&self) -> (f64, f64) {
        match self {
            Values::Uniform(x) => (*x, *x),
            Values::Each(xs) => xs.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(*x), h.max(*x))),
        }
    }
}

/// An independent Poisson drive onto a receptor of each neuron: in each tick a Poisson number of events of one weight.
#[derive(Clone, PartialEq, Debug)]
pub struct Drive {
    /// The receptor.
    pub receptor: ReceptorId,
    /// Events per second, not negative.
    pub rate: Values,
    /// Weight of each event, in the receptor's unit (SI).
    pub weight: Values,
}

/// What a modulator reads: a state of one neuron.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ModulatorBinding {
    /// The neuron's population.
    pub population: PopId,
    /// Its index.
    pub index: u32,
    /// The state that is read.
    pub state: StateId,
    /// Delay in ticks, at least 1.
    pub delay: u32,
}

/// Some of the indices 0..n of a population, ascending.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum IndexSet {
    /// `start .. end`.
    Range {
        /// First.
        start: u32,
        /// One past the last.
        end: u32,
    },
    /// Any others, ascending and distinct.
    List(Vec<u32>),
}

impl IndexSet {
    /// All of `0 .. size`.
    #[must_use]
    pub fn all(size: u32) -> Self {
        IndexSet::Range { start: 0, end: size }
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> u32 {
        match self {
            IndexSet::Range { start, end } => end.saturating_sub(*start),
            IndexSet::List(list) => list.len() as u32,
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The `n`-th of them, `n` below [`IndexSet::len`].
    #[must_use]
    pub fn nth(&self, n: u32) -> u32 {
        match self {
            IndexSet::Range { start, .. } => start + n,
            IndexSet::List(list) => list[n as usize],
        }
    }

    /// Ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.len()).map(|n| self.nth(n))
    }
}
