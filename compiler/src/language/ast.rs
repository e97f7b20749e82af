//! The syntax tree of a circuit file: what was written and where, with nothing resolved and nothing computed.
//!
//! Two trees are equal when they say the same thing: spans do not count, comments and blank lines do.
//! After an error the parser leaves the guilty statement out, so a tree with errors is for tools that want what is left
//! (an editor, the formatter refuses), not for elaboration.
//!
//! | what is written | node |
//! |---|---|
//! | a file | [`File`], whose body is a [`Block`] of [`Item`]s of [`Definition`] |
//! | `import std.neurons`, `import "other.circuit"` | [`Import`] |
//! | `circuit c(n: count = 4) { … }` | [`Circuit`], [`Parameter`], [`CircuitStatement`] |
//! | `neuron m { … }` | [`Neuron`], [`NeuronStatement`] |
//! | `synapse s { … }` | [`Synapse`], [`SynapseStatement`] |
//! | `let x = e`, `fn f(x: voltage): current = e` | [`Let`], [`Function`] |
//! | `tick 0.1 ms` | [`CircuitStatement::Tick`] |
//! | `population e[3, 4]: cell(…), excitatory` | [`Population`], [`Model`], [`Polarity`] |
//! | `spikes from "f"`, `spikes at […]`, `signal from "f"`, `live spikes`, `live graded(t)` | [`Model`] |
//! | `project n: a -> b.exc by random(p = 0.1), self, no multiple { … }` | [`Project`], [`Pattern`], [`ProjectSetting`] |
//! | `weight e`, `delay e`, `bits e`, `learn s(…)`, `on macro "m"`, `on core` | [`ProjectSetting`] |
//! | `instance s[6]: c(…)` | [`Instance`] |
//! | `port in x: spikes = e.exc` | [`Port`] |
//! | `record e.spike, e[0..5].v every 1 ms` | [`Record`] |
//! | `for x in e { … }`, `if c { … } else if d { … } else { … }` | [`For`], [`If`] |
//! | `param x: t = e`, `state x: t = e in lo .. hi` | [`Param`], [`State`] |
//! | `receptor r: t`, `modulator m: t = e` | [`Receptor`], [`Modulator`] |
//! | `integrate euler, substeps 4` | [`Integrate`] |
//! | `d x = e`, `x += e` | [`Derivative`], [`Assign`] |
//! | `spike when c { … }`, `emit e when c` | [`Spike`], [`Emit`] |
//! | `hold x, y for t`, `refractory t` | [`Hold`], [`NeuronStatement::Refractory`] |
//! | `on r { … }`, `update { … }` | [`NeuronStatement::On`], [`NeuronStatement::Update`] |
//! | `weight w: t in lo .. hi`, `pre state x: t`, `on pre { … }` | [`SynapseStatement`] |
//! | `20 ms`, `"text"`, `true` | [`ExprKind::Number`], [`ExprKind::Text`], [`ExprKind::Bool`] |
//! | `x`, `ms`, `s[k - 1].burst`, `img[.., 3..5]`, `p[t][s]` | [`ExprKind::Path`], [`Path`], [`Step`], [`Subscript`] |
//! | `f(a, k = b, exc <- c)`, `cell(gain = m[0].ca delay 5 ms)` | [`ExprKind::Call`], [`Call`], [`Arg`] |
//! | `[a, b]`, `a .. b`, `e within lo .. hi` | [`ExprKind::Array`], [`ExprKind::Range`], [`ExprKind::Within`] |
//! | `-a`, `not a`, `a + b`, `if c then a else b` | [`ExprKind::Unary`], [`ExprKind::Binary`], [`ExprKind::If`] |
//! | `from "file.npy"`, `random normal(0, 1)` | [`ExprKind::From`], [`ExprKind::Random`] |
//! | `voltage / time`, `fixed 32.15`, `graded(number)`, `spikes` | [`Type`], [`TypeKind`] |
//! | `// comment`, a blank line, `/// docs` | [`Lead`], [`Item::docs`], [`Item::trailing`], [`Block::dangling`] |

mod circuit;
mod expression;
mod neuron;

pub use circuit::*;
pub use expression::*;
pub use neuron::*;

use crate::source::{FileId, Span};

/// Equality of the named fields: of everything but the span.
macro_rules! equal_but_for_span {
    ($($type:ident $(<$of:ident>)? { $($field:ident),* })*) => {$(
        impl $(<$of: PartialEq>)? PartialEq for $type $(<$of>)? {
            fn eq(&self, other: &Self) -> bool {
                $(self.$field == other.$field)&&*
            }
        }
    )*};
}
pub(crate) use equal_but_for_span;

equal_but_for_span! {
    Ident { text }
    Text { value }
    Item<T> { lead, docs, node, trailing }
    Block<T> { items, dangling }
    File { body }
}

/// A name as written.
#[derive(Clone, Debug)]
pub struct Ident {
    /// The name.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// A string literal.
#[derive(Clone, Debug)]
pub struct Text {
    /// What it says, escapes resolved.
    pub value: String,
    /// With its quotes.
    pub span: Span,
}

/// What stands on the lines before a statement, in order. Never starts with a blank line in a block's first item, never
/// has two blank lines in a row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Lead {
    /// One empty line (or several).
    Blank,
    /// The text after `//`, without trailing white space.
    Comment(String),
}

/// A definition or statement with its documentation and comments.
#[derive(Clone, Debug)]
pub struct Item<T> {
    /// Blank lines and comments before it; comments from inside a statement are moved here.
    pub lead: Vec<Lead>,
    /// The lines of `///` before it, without the slashes and one space.
    pub docs: Vec<String>,
    /// The thing itself.
    pub node: T,
    /// The text after `//` at the end of its last line.
    pub trailing: Option<String>,
    /// From its first to its last token; comments are outside.
    pub span: Span,
}

/// What stands between `{` and `}`, or in a whole file.
#[derive(Clone, Debug)]
pub struct Block<T> {
    /// Its statements, in order.
    pub items: Vec<Item<T>>,
    /// Comments after the last statement; never ends with a blank line.
    pub dangling: Vec<Lead>,
    /// With its braces; the place after the head where an optional block was left out.
    pub span: Span,
}

impl<T> Block<T> {
    /// Whether there is neither a statement nor a comment in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty() && self.dangling.is_empty()
    }

    /// Its statements without their comments.
    pub fn nodes(&self) -> impl Iterator<Item = &T> {
        self.items.iter().map(|item| &item.node)
    }
}

/// A whole file.
#[derive(Clone, Debug)]
pub struct File {
    /// Which one.
    pub file: FileId,
    /// Its definitions, in order.
    pub body: Block<Definition>,
}

/// What a file consists of.
#[derive(Clone, PartialEq, Debug)]
pub enum Definition {
    /// `import …`
    Import(Import),
    /// `circuit …`
    Circuit(Circuit),
    /// `neuron …`
    Neuron(Neuron),
    /// `synapse …`
    Synapse(Synapse),
    /// `let …`
    Let(Let),
    /// `fn …`
    Function(Function),
}

/// `import std.neurons` or `import "other.circuit"`.
#[derive(Clone, PartialEq, Debug)]
pub enum Import {
    /// A file of the library, by its dotted name.
    Library(Vec<Ident>),
    /// A file, relative to this one.
    File(Text),
}

/// `let name: type = value`.
#[derive(Clone, PartialEq, Debug)]
pub struct Let {
    /// What it is called from here on.
    pub name: Ident,
    /// Its type, if written.
    pub ty: Option<Type>,
    /// What it stands for.
    pub value: Expr,
}

/// `fn name(x: type): type = value`: a function of numbers, gone after elaboration.
#[derive(Clone, PartialEq, Debug)]
pub struct Function {
    /// Its name.
    pub name: Ident,
    /// What it takes.
    pub parameters: Vec<Parameter>,
    /// What it gives, if written.
    pub result: Option<Type>,
    /// What it computes.
    pub value: Expr,
}

/// `name: type = default`, in the head of a circuit or function.
#[derive(Clone, PartialEq, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: Ident,
    /// Its type.
    pub ty: Type,
    /// Its value when the caller gives none.
    pub default: Option<Expr>,
}
