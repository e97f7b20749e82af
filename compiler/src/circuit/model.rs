//! A neuron model: what happens in one tick, with names resolved and units checked.
//!
//! The statements run top to bottom once per neuron and tick. Expressions live in an arena so that each knows its dimension
//! and the text it came from.

use crate::source::Span;
use crate::table::Table;
use crate::units::Dimension;
use bouton_targets::arith::Rounding;

crate::ids! {
    /// A parameter of a model.
    ParamId "param",
    /// A state of a model.
    StateId "state",
    /// A receptor of a model.
    ReceptorId "receptor",
    /// A modulator of a model.
    ModulatorId "modulator",
    /// A `let` of a model.
    LocalId "local",
    /// An expression of a model.
    ExprId "expr",
    /// A `hold` or `refractory` of a model: each has its own count of ticks.
    HoldId "hold",
}

/// A neuron model.
#[derive(Clone, Debug)]
pub struct Model {
    /// Its name.
    pub name: String,
    /// Its `///` text.
    pub doc: String,
    /// Parameters.
    pub params: Table<ParamId, Param>,
    /// States.
    pub states: Table<StateId, State>,
    /// Receptors.
    pub receptors: Table<ReceptorId, Receptor>,
    /// Modulators.
    pub modulators: Table<ModulatorId, Modulator>,
    /// Sub-expressions that have names.
    pub locals: Table<LocalId, Local>,
    /// Every `hold` and `refractory`.
    pub holds: Table<HoldId, Hold>,
    /// Every expression.
    pub exprs: Table<ExprId, Expr>,
    /// What happens in a tick.
    pub body: Vec<Statement>,
    /// What it emits.
    pub output: OutputType,
    /// Random draws made per neuron and tick; `Draw::number` is below this.
    pub draws: u32,
    /// Where it is defined.
    pub span: Span,
}

/// A parameter: constant in time, may differ between neurons.
#[derive(Clone, Debug)]
pub struct Param {
    /// Its name.
    pub name: String,
    /// Its dimension.
    pub dimension: Dimension,
    /// Its `///` text.
    pub doc: String,
    /// Where it is defined.
    pub span: Span,
}

/// A state.
#[derive(Clone, Debug)]
pub struct State {
    /// Its name.
    pub name: String,
    /// Its dimension.
    pub dimension: Dimension,
    /// `in LOW .. HIGH` (SI): it saturates there. Without it the compiler must prove a range.
    pub range: Option<(f64, f64)>,
    /// `fixed 32.15`: the format is given by hand; its fraction bits. The value is then a pure number raw/2^frac.
    pub fixed: Option<i8>,
    /// Its `///` text.
    pub doc: String,
    /// Where it is defined.
    pub span: Span,
}

/// A receptor: the exact sum of what arrives in a tick.
#[derive(Clone, Debug)]
pub struct Receptor {
    /// Its name.
    pub name: String,
    /// Its dimension.
    pub dimension: Dimension,
    /// `fixed …`: the binary point of the sum (and so of the weights) is given by hand.
    pub fixed: Option<i8>,
    /// Where it is defined.
    pub span: Span,
}

/// A scalar that is read from elsewhere.
#[derive(Clone, Debug)]
pub struct Modulator {
    /// Its name.
    pub name: String,
    /// Its dimension.
    pub dimension: Dimension,
    /// Where it is defined.
    pub span: Span,
}

/// A `let`: evaluated once, where it stands.
#[derive(Clone, Debug)]
pub struct Local {
    /// Its name.
    pub name: String,
    /// Where it is defined.
    pub span: Span,
}

/// A `hold` or a `refractory`.
#[derive(Clone, Debug)]
pub struct Hold {
    /// States that keep their value while it lasts; empty for `refractory`.
    pub states: Vec<StateId>,
    /// Whether spikes are suppressed while it lasts (`refractory`).
    pub suppresses_spikes: bool,
    /// How long, a time that depends on parameters only; whole ticks, rounded to the nearest; a time below half a tick holds nothing.
    pub duration: ExprId,
    /// Where it stands.
    pub span: Span,
}

/// What a model emits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OutputType {
    /// Nothing.
    None,
    /// Spikes.
    Spikes,
    /// Graded values of this dimension.
    Graded(Dimension),
}

/// One thing that happens in a tick.
#[derive(Clone, Debug)]
pub enum Statement {
    /// Consecutive `d` lines: one system, integrated over one tick.
    Integrate(System),
    /// `state = value` (`+=` and the like are written out). In an `update` block all values are computed before any is assigned.
    Assign(Vec<(StateId, ExprId)>),
    /// `let`.
    Let(LocalId, ExprId),
    /// `spike when condition { … }`. While a `refractory` lasts the condition counts as false.
    Spike {
        /// When.
        condition: ExprId,
        /// What then happens; only assignments, lets and holds.
        then: Vec<Statement>,
    },
    /// `on RECEPTOR { … }`: happens in ticks in which the receptor's sum is not zero; assignments and lets only.
    On {
        /// The receptor.
        receptor: ReceptorId,
        /// What happens.
        body: Vec<Statement>,
    },
    /// `hold …` or `refractory …` begins to count; from the next tick on it lasts. Only within `spike when`.
    Hold(HoldId),
    /// `emit value [when condition]`.
    Emit {
        /// The value.
        value: ExprId,
        /// Only then; always when absent.
        when: Option<ExprId>,
    },
}

/// A system of differential equations.
#[derive(Clone, Debug)]
pub struct System {
    /// How it is integrated.
    pub method: Method,
    /// Steps per tick, at least 1.
    pub substeps: u32,
    /// The states and their time derivatives.
    pub equations: Vec<(StateId, ExprId)>,
    /// Where it stands.
    pub span: Span,
}

/// How a system is integrated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Method {
    /// Exactly; the system is linear in its states with coefficients that depend on parameters only, and everything else in it
    /// is constant over the tick.
    Exact,
    /// x + h·f(x)
    Euler,
    /// x + h·f(x + h/2·f(x))
    Midpoint,
    /// x + h·f·φ(a·h), φ(z) = (e^z - 1)/z, where f = a·x + b is linear in its own x.
    ExponentialEuler,
}

/// An expression with its type and place.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its dimension; truth values are numbers.
    pub dimension: Dimension,
    /// Whether it is a truth value.
    pub truth: bool,
    /// Where it stands.
    pub span: Span,
}

/// What an expression is.
#[derive(Clone, PartialEq, Debug)]
pub enum ExprKind {
    /// A number (SI).
    Constant(f64),
    /// The length of a tick.
    Tick,
    /// A parameter.
    Param(ParamId),
    /// A state.
    State(StateId),
    /// What arrived at a receptor in this tick.
    Input(ReceptorId),
    /// Sum of the weights that arrive at a receptor of this neuron, from all its synapses; a constant of the neuron.
    Total(ReceptorId),
    /// A modulator.
    Modulator(ModulatorId),
    /// A `let`.
    Local(LocalId),
    /// A function of one value.
    Unary(UnaryOp, ExprId),
    /// A function of two.
    Binary(BinaryOp, ExprId, ExprId),
    /// `if c then a else b`.
    If(ExprId, ExprId, ExprId),
    /// `clip(x, low, high)`.
    Clip(ExprId, ExprId, ExprId),
    /// A fresh draw per neuron and tick.
    Draw {
        /// Draw number within the model.
        number: u32,
        /// What is drawn.
        kind: DrawKind,
    },
    /// `mul(a, b, round = …, shift = …)`: on raw integers; all three are `fixed`.
    RawMultiply {
        /// First factor.
        a: ExprId,
        /// Second factor.
        b: ExprId,
        /// Rounding.
        rounding: Rounding,
        /// Right shift of the product, at most 32.
        shift: u8,
    },
    /// `shift(a, by, round = …)`: on raw integers; positive `by` to the right.
    RawShift {
        /// What is shifted.
        a: ExprId,
        /// By how much.
        by: i8,
        /// Rounding of a right shift.
        rounding: Rounding,
    },
}

/// What a draw draws.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum DrawKind {
    /// `random normal(mean, std)`.
    Normal {
        /// Mean.
        mean: ExprId,
        /// Standard deviation.
        std: ExprId,
    },
    /// `random uniform(low, high)`.
    Uniform {
        /// Low end.
        low: ExprId,
        /// High end.
        high: ExprId,
    },
}

/// A function of one value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnaryOp {
    /// -x
    Negate,
    /// Truth value: not x.
    Not,
    /// |x|
    Absolute,
    /// e^x
    Exp,
    /// Natural logarithm.
    Log,
    /// Square root.
    Sqrt,
    /// tanh
    Tanh,
    /// 1/(1 + e^-x)
    Sigmoid,
    /// Largest whole number not above x.
    Floor,
    /// 1 where x ≥ 0, else 0.
    Heaviside,
}

/// A function of two values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BinaryOp {
    /// a + b
    Add,
    /// a - b
    Subtract,
    /// a·b
    Multiply,
    /// a/b
    Divide,
    /// a^b; b is a constant of the model.
    Power,
    /// The smaller.
    Min,
    /// The larger.
    Max,
    /// a < b
    Less,
    /// a ≤ b
    LessEqual,
    /// a > b
    Greater,
    /// a ≥ b
    GreaterEqual,
    /// a = b
    Equal,
    /// a ≠ b
    NotEqual,
    /// Both.
    And,
    /// Either.
    Or,
}
