//! The statements of a circuit.

use super::{Block, Call, Expr, Ident, Let, Parameter, Path, Text, Type, equal_but_for_span};
use crate::source::Span;

equal_but_for_span! {
    Polarity { sign }
    Flag { allowed }
}

/// `circuit name(parameters) { … }`.
#[derive(Clone, PartialEq, Debug)]
pub struct Circuit {
    /// Its name.
    pub name: Ident,
    /// What an instance of it is given.
    pub parameters: Vec<Parameter>,
    /// What it consists of.
    pub body: Block<CircuitStatement>,
}

/// One statement of a circuit.
#[derive(Clone, PartialEq, Debug)]
pub enum CircuitStatement {
    /// `tick 0.1 ms`
    Tick(Expr),
    /// `let …`
    Let(Let),
    /// `population …`
    Population(Population),
    /// `project …`
    Project(Project),
    /// `instance …`
    Instance(Instance),
    /// `port …`
    Port(Port),
    /// `record …`
    Record(Record),
    /// `for …`
    For(For),
    /// `if …`
    If(If),
}

/// `population name[shape]: model, excitatory`.
#[derive(Clone, PartialEq, Debug)]
pub struct Population {
    /// Its name.
    pub name: Ident,
    /// Its extents, slowest first; empty where no brackets were written (one neuron).
    pub shape: Vec<Expr>,
    /// What its neurons are.
    pub model: Model,
    /// Dale's law, if it is to hold.
    pub polarity: Option<Polarity>,
}

/// What the members of a population are.
#[derive(Clone, PartialEq, Debug)]
pub enum Model {
    /// A neuron or generator: `lif_exp(tau_m = 20 ms)`, `poisson(rate = 8 Hz)`, `cell`.
    Cell(Expr),
    /// `spikes from "touch.csv"`
    SpikesFrom(Text),
    /// `spikes at [[1 ms, 5 ms], []]`
    SpikesAt(Expr),
    /// `signal from "drive.npy"`
    SignalFrom(Text),
    /// `live spikes`
    LiveSpikes,
    /// `live graded(number)`, with the type of the values.
    LiveGraded(Type),
}

/// The sign that all weights of a population have, and where that was said.
#[derive(Clone, Copy, Debug)]
pub struct Polarity {
    /// Which sign.
    pub sign: Sign,
    /// The word.
    pub span: Span,
}

/// Dale's two kinds of neurons.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sign {
    /// `excitatory`: no weight below zero.
    Excitatory,
    /// `inhibitory`: no weight above zero.
    Inhibitory,
}

/// `project name: source -> target by pattern { settings }`.
#[derive(Clone, PartialEq, Debug)]
pub struct Project {
    /// Its name, if it has one.
    pub name: Option<Ident>,
    /// A population, port, or range of one.
    pub source: Path,
    /// A receptor or input port: the last step says which (`e[0..5].exc`, `segment[k].tonic_left`).
    pub target: Path,
    /// Who is connected to whom.
    pub pattern: Pattern,
    /// What the connections are; empty where no block was written.
    pub settings: Block<ProjectSetting>,
}

/// `random(p = 0.1), self, no multiple`.
#[derive(Clone, PartialEq, Debug)]
pub struct Pattern {
    /// The rule with its arguments; none where no parentheses were written (`one_to_one`).
    pub rule: Call,
    /// `self` or `no self`: whether a neuron may connect to itself.
    pub own: Option<Flag>,
    /// `multiple` or `no multiple`: whether a pair may be connected more than once.
    pub multiple: Option<Flag>,
}

/// A permission, and where it was said.
#[derive(Clone, Copy, Debug)]
pub struct Flag {
    /// False after `no`.
    pub allowed: bool,
    /// The words.
    pub span: Span,
}

/// One line of a projection's block.
#[derive(Clone, PartialEq, Debug)]
pub enum ProjectSetting {
    /// `weight 1.62 mV`
    Weight(Expr),
    /// `delay 0.1 ms`
    Delay(Expr),
    /// `bits 8`
    Bits(Expr),
    /// `learn stdp(reward = …)`; no parentheses means no arguments.
    Learn(Call),
    /// `on macro`, `on macro "rram"`: on an in-memory computing macro, perhaps a named one.
    OnMacro(Option<Text>),
    /// `on core`, `on core "name"`: on a processor core, perhaps a named one.
    OnCore(Option<Text>),
}

/// `instance name[shape]: circuit(arguments)`.
#[derive(Clone, PartialEq, Debug)]
pub struct Instance {
    /// Its name.
    pub name: Ident,
    /// Extents of an array of instances; empty where no brackets were written (one instance).
    pub shape: Vec<Expr>,
    /// The circuit and its arguments; no parentheses means no arguments.
    pub circuit: Call,
}

/// `port in name: type = endpoint`.
#[derive(Clone, PartialEq, Debug)]
pub struct Port {
    /// Which way.
    pub direction: Direction,
    /// Its name for the outside.
    pub name: Ident,
    /// Its type, if written.
    pub ty: Option<Type>,
    /// What it is an alias of.
    pub endpoint: Path,
}

/// Which way a port goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// `port in`: an alias of a receptor.
    In,
    /// `port out`: an alias of a population.
    Out,
}

/// `record e.spike, e[0..5].v every 1 ms`.
#[derive(Clone, PartialEq, Debug)]
pub struct Record {
    /// What is recorded, each with the variable (or `spike`) as its last step.
    pub endpoints: Vec<Path>,
    /// How often; every tick if not said.
    pub every: Option<Expr>,
}

/// `for name in values { … }`.
#[derive(Clone, PartialEq, Debug)]
pub struct For {
    /// What each value is called.
    pub name: Ident,
    /// An array or a range.
    pub values: Expr,
    /// What is repeated.
    pub body: Block<CircuitStatement>,
}

/// `if … { … } else if … { … } else { … }`.
#[derive(Clone, PartialEq, Debug)]
pub struct If {
    /// Conditions with their blocks, in order; at least one.
    pub branches: Vec<Branch>,
    /// What holds when no condition does.
    pub otherwise: Option<Block<CircuitStatement>>,
}

/// A condition and what holds then.
#[derive(Clone, PartialEq, Debug)]
pub struct Branch {
    /// When.
    pub condition: Expr,
    /// What.
    pub body: Block<CircuitStatement>,
}
