//! What expressions of a circuit stand for: everything here is gone once the circuit is flat.

use crate::circuit::model::{OutputType, ReceptorId, StateId};
use crate::circuit::{Distribution, IndexSet, PopId, Within};
use crate::language::ast;
use crate::source::Span;
use crate::units::Dimension;
use std::collections::BTreeMap;
use std::rc::Rc;

/// It has been reported; what depends on it stays silent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Poisoned;

/// A result whose failure has been reported.
pub(super) type Eval<T> = Result<T, Poisoned>;

/// A definition: its file and its place among the file's items.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct DefId {
    /// Index of the file.
    pub file: usize,
    /// Index of the item.
    pub item: usize,
}

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Value<'a> {
    /// Of something that was reported.
    Poison,
    /// A quantity, in SI.
    Number(f64, Dimension),
    /// A literal `0`: it has every unit.
    Zero,
    /// A truth value.
    Truth(bool),
    /// A string.
    Text(Rc<str>),
    /// An array of anything.
    List(Rc<List<'a>>),
    /// Numbers of a file.
    Table(Rc<Numbers>),
    /// `low .. high`
    Range(i64, i64),
    /// A distribution.
    Drawn(Rc<Drawn>),
    /// `fn …`
    Function(&'a ast::Function, usize),
    /// A neuron, perhaps with some of its parameters given.
    Cell(Rc<Cell<'a>>),
    /// `circuit …`
    Circuit(DefId, &'a ast::Circuit),
    /// `synapse …`
    Synapse,
    /// A population, or a range of one.
    Population(View),
    /// A receptor, or a port that leads to one.
    Receptor(Input),
    /// A state of a population.
    State(View, StateId),
    /// The spikes of a population.
    Spikes(View),
    /// An instance of a circuit.
    Instance(Rc<Instance<'a>>),
}

/// An array and how deep arrays are nested in it.
#[derive(Clone, Debug)]
pub(super) struct List<'a> {
    items: Vec<Value<'a>>,
    depth: u32,
}

impl List<'_> {
    /// 1 for an array without arrays in it.
    pub fn depth(&self) -> u32 {
        self.depth
    }
}

impl<'a> std::ops::Deref for List<'a> {
    type Target = [Value<'a>];

    fn deref(&self) -> &[Value<'a>] {
        &self.items
    }
}

impl<'a> Value<'a> {
    /// An array.
    pub fn list(items: Vec<Value<'a>>) -> Self {
        let inner = items.iter().map(|item| if let Value::List(list) = item { list.depth } else { 0 }).max();
        Value::List(Rc::new(List { items, depth: inner.unwrap_or(0) + 1 }))
    }

    /// A pure number.
    pub fn number(x: f64) -> Self {
        Value::Number(x, Dimension::NUMBER)
    }

    /// What it is, for messages.
    pub fn kind(&self) -> String {
        match self {
            Value::Poison => "something unknown".to_string(),
            Value::Zero => "a number".to_string(),
            Value::Number(_, dimension) if dimension.is_number() => "a number".to_string(),
            Value::Number(_, dimension) => format!("a {dimension}"),
            Value::Truth(_) => "a truth value".to_string(),
            Value::Text(_) => "a text".to_string(),
            Value::List(items) => format!("an array of {}", items.len()),
            Value::Table(numbers) => format!("a table of shape {:?}", numbers.shape),
            Value::Range(..) => "a range".to_string(),
            Value::Drawn(_) => "a distribution".to_string(),
            Value::Function(..) => "a function".to_string(),
            Value::Cell(_) => "a neuron model".to_string(),
            Value::Circuit(..) => "a circuit".to_string(),
            Value::Synapse => "a synapse model".to_string(),
            Value::Population(_) => "a population".to_string(),
            Value::Receptor(_) => "a receptor".to_string(),
            Value::State(..) => "a state".to_string(),
            Value::Spikes(_) => "the spikes of a population".to_string(),
            Value::Instance(_) => "an instance of a circuit".to_string(),
        }
    }
}

/// Numbers with a shape, row-major, SI.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Numbers {
    /// Extents, slowest first.
    pub shape: Vec<usize>,
    /// The numbers.
    pub values: Vec<f64>,
    /// What they measure. `None`: bare numbers of a file, in the SI unit of whatever they are used for.
    pub dimension: Option<Dimension>,
}

/// A distribution with what its values measure.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Drawn {
    /// The distribution.
    pub distribution: Distribution,
    /// What its values measure.
    pub dimension: Dimension,
    /// Where its values must lie.
    pub within: Option<Within>,
}

/// Some neurons of a population, in the shape in which they are indexed.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct View {
    /// The population.
    pub population: PopId,
    /// Extents, slowest first.
    pub shape: Rc<[u32]>,
    /// Which neurons.
    pub indices: Rc<IndexSet>,
}

/// Where a projection can end.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Input {
    /// The neurons.
    pub view: View,
    /// Their receptor.
    pub receptor: ReceptorId,
    /// What a port that leads here lets through; anything when it does not say.
    pub accepts: Option<OutputType>,
}

/// A neuron model with what it was given so far; a call of it gives more.
#[derive(Clone, Debug)]
pub(super) struct Cell<'a> {
    /// Its definition.
    pub neuron: DefId,
    /// Values of parameters and states by name, and where they were given.
    pub values: BTreeMap<String, (Value<'a>, Span)>,
    /// Drives by receptor.
    pub drives: BTreeMap<String, GivenDrive<'a>>,
    /// Modulators by name.
    pub modulators: BTreeMap<String, GivenModulator>,
}

/// `exc <- poisson(rate = …, weight = …)`
#[derive(Clone, Debug)]
pub(super) struct GivenDrive<'a> {
    /// Events per second.
    pub rate: (Value<'a>, Span),
    /// Weight of an event.
    pub weight: (Value<'a>, Span),
}

/// `gain = astro[0].ca delay 5 ms`, or a number.
#[derive(Clone, Debug)]
pub(super) struct GivenModulator {
    /// What is read.
    pub source: ModulatorSource,
    /// All of it.
    pub span: Span,
}

/// What a modulator reads.
#[derive(Clone, Debug)]
pub(super) enum ModulatorSource {
    /// Always the same number.
    Constant(f64),
    /// A state of one neuron, some ticks late.
    State {
        /// The neuron: a view of one.
        view: View,
        /// Its state.
        state: StateId,
        /// At least 1.
        delay: u32,
    },
}

/// An instance of a circuit, after it was made.
#[derive(Clone, Debug)]
pub(super) struct Instance<'a> {
    /// Its path.
    pub path: String,
    /// Its ports.
    pub ports: BTreeMap<String, Value<'a>>,
    /// Its populations and instances, for `record` only.
    pub inside: BTreeMap<String, Value<'a>>,
}
