//! The statements of a neuron and of a synapse.

use super::{Block, Expr, Ident, Interval, Let, Type};

/// `neuron name { … }`: what happens in one tick, top to bottom.
#[derive(Clone, PartialEq, Debug)]
pub struct Neuron {
    /// Its name.
    pub name: Ident,
    /// Declarations and the lines of the tick, in order.
    pub body: Block<NeuronStatement>,
}

/// One statement of a neuron. Declarations and `integrate` stand only at the top level of the neuron, `refractory` only
/// in the block of a `spike`; the parser sees to both.
#[derive(Clone, PartialEq, Debug)]
pub enum NeuronStatement {
    /// `param …`
    Param(Param),
    /// `state …`
    State(State),
    /// `receptor …`
    Receptor(Receptor),
    /// `modulator …`
    Modulator(Modulator),
    /// `integrate …`
    Integrate(Integrate),
    /// `d x = …`
    Derivative(Derivative),
    /// `x = …`, `x += …`
    Assign(Assign),
    /// `let …`
    Let(Let),
    /// `spike when …`
    Spike(Spike),
    /// `emit …`
    Emit(Emit),
    /// `hold x, y for t`
    Hold(Hold),
    /// `refractory t`
    Refractory(Expr),
    /// `on receptor { … }`
    On(On),
    /// `update { … }`
    Update(Block<NeuronStatement>),
}

/// `param name: type = default`.
#[derive(Clone, PartialEq, Debug)]
pub struct Param {
    /// Its name.
    pub name: Ident,
    /// Its type.
    pub ty: Type,
    /// Its value when a population gives none.
    pub default: Option<Expr>,
}

/// `state name: type = initial in lo .. hi`; also a synapse's `weight`.
#[derive(Clone, PartialEq, Debug)]
pub struct State {
    /// Its name.
    pub name: Ident,
    /// Its type.
    pub ty: Type,
    /// Its first value when a population gives none; zero if not said.
    pub initial: Option<Expr>,
    /// Where it saturates.
    pub range: Option<Box<Interval>>,
}

/// `receptor name: type`.
#[derive(Clone, PartialEq, Debug)]
pub struct Receptor {
    /// Its name.
    pub name: Ident,
    /// The type of what arrives.
    pub ty: Type,
}

/// `modulator name: type = default`.
#[derive(Clone, PartialEq, Debug)]
pub struct Modulator {
    /// Its name.
    pub name: Ident,
    /// Its type.
    pub ty: Type,
    /// Its value when nothing is bound.
    pub default: Option<Expr>,
}

/// `integrate euler, substeps 4`.
#[derive(Clone, PartialEq, Debug)]
pub struct Integrate {
    /// How.
    pub method: Method,
    /// In how many equal parts of a tick; one if not said.
    pub substeps: Option<Expr>,
}

/// How `d` lines are integrated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Method {
    /// `exact`, as without an `integrate` line.
    Exact,
    /// `euler`
    Euler,
    /// `midpoint`
    Midpoint,
    /// `exponential_euler`
    ExponentialEuler,
}

impl Method {
    /// Every method with its name in the language.
    pub const ALL: [(Method, &'static str); 4] = [
        (Method::Exact, "exact"),
        (Method::Euler, "euler"),
        (Method::Midpoint, "midpoint"),
        (Method::ExponentialEuler, "exponential_euler"),
    ];

    /// As written.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Method::Exact => "exact",
            Method::Euler => "euler",
            Method::Midpoint => "midpoint",
            Method::ExponentialEuler => "exponential_euler",
        }
    }
}

/// `d name = value`: dx/dt.
#[derive(Clone, PartialEq, Debug)]
pub struct Derivative {
    /// The state.
    pub name: Ident,
    /// Its derivative with respect to time.
    pub value: Expr,
}

/// `name = value`, `name += value`, ….
#[derive(Clone, PartialEq, Debug)]
pub struct Assign {
    /// The state.
    pub name: Ident,
    /// How the value is combined with it.
    pub op: AssignOp,
    /// The value.
    pub value: Expr,
}

/// The assignment operators.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AssignOp {
    /// `=`
    Set,
    /// `+=`
    Add,
    /// `-=`
    Sub,
    /// `*=`
    Mul,
    /// `/=`
    Div,
}

impl AssignOp {
    /// As written.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            AssignOp::Set => "=",
            AssignOp::Add => "+=",
            AssignOp::Sub => "-=",
            AssignOp::Mul => "*=",
            AssignOp::Div => "/=",
        }
    }
}

/// `spike when condition { … }`.
#[derive(Clone, PartialEq, Debug)]
pub struct Spike {
    /// When the neuron fires.
    pub condition: Expr,
    /// What happens then; empty where no block was written.
    pub body: Block<NeuronStatement>,
}

/// `emit value when condition`: a graded event.
#[derive(Clone, PartialEq, Debug)]
pub struct Emit {
    /// What is sent.
    pub value: Expr,
    /// When; in every tick if not said.
    pub when: Option<Expr>,
}

/// `hold x, y for duration`.
#[derive(Clone, PartialEq, Debug)]
pub struct Hold {
    /// The states that keep their value; at least one.
    pub names: Vec<Ident>,
    /// For how long.
    pub duration: Expr,
}

/// `on receptor { … }`.
#[derive(Clone, PartialEq, Debug)]
pub struct On {
    /// The receptor.
    pub receptor: Ident,
    /// What happens when something arrives there.
    pub body: Block<NeuronStatement>,
}

/// `synapse name { … }`: a learning rule.
#[derive(Clone, PartialEq, Debug)]
pub struct Synapse {
    /// Its name.
    pub name: Ident,
    /// Declarations, equations and reactions, in order.
    pub body: Block<SynapseStatement>,
}

/// One statement of a synapse.
#[derive(Clone, PartialEq, Debug)]
pub enum SynapseStatement {
    /// `param …`
    Param(Param),
    /// `weight w: current in lo .. hi`
    Weight(State),
    /// `pre state …`, `post state …`, or `state …` of the synapse itself.
    State {
        /// Who keeps it; the synapse itself if not said.
        side: Option<Side>,
        /// The state.
        state: State,
    },
    /// `modulator …`
    Modulator(Modulator),
    /// `integrate …`
    Integrate(Integrate),
    /// `d x = …`
    Derivative(Derivative),
    /// `x += …`, once in a tick
    Assign(Assign),
    /// `let …`
    Let(Let),
    /// `on pre { … }`, `on post { … }`
    On {
        /// Whose spike.
        side: Side,
        /// What happens then: assignments and `let` only.
        body: Block<NeuronStatement>,
    },
}

/// One end of a synapse.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// `pre`
    Pre,
    /// `post`
    Post,
}
