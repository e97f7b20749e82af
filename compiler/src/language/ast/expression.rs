//! Expressions, paths and types.

use super::{Ident, Text, equal_but_for_span};
use crate::source::Span;

equal_but_for_span! {
    Expr { kind }
    Path { root, steps }
    Step { kind }
    Call { callee, args }
    Arg { binding, value, delay }
    Interval { low, high }
    Type { kind }
}

/// An expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its text, with the parentheses around it if there are any.
    pub span: Span,
}

/// The forms of an expression.
#[derive(Clone, PartialEq, Debug)]
pub enum ExprKind {
    /// `1.5`, `20 ms`; never negative, never infinite.
    Number {
        /// The number before the unit, not scaled by it.
        value: f64,
        /// The unit, one that [`crate::units::unit`] knows.
        unit: Option<Ident>,
    },
    /// `"text"`
    Text(String),
    /// `true`, `false`
    Bool(bool),
    /// A name, perhaps with fields and subscripts; also a unit by itself, as in `0.02 / ms`.
    Path(Path),
    /// `f(a, k = b)`
    Call(Call),
    /// `[a, b, c]`
    Array(Vec<Expr>),
    /// `-a`, `not a`
    Unary {
        /// Which.
        op: UnaryOp,
        /// Of what.
        operand: Box<Expr>,
    },
    /// `a + b`
    Binary {
        /// Which.
        op: BinaryOp,
        /// Left of it.
        left: Box<Expr>,
        /// Right of it.
        right: Box<Expr>,
    },
    /// `if condition then yes else no`
    If {
        /// Which of the two.
        condition: Box<Expr>,
        /// When it holds.
        yes: Box<Expr>,
        /// When it does not.
        no: Box<Expr>,
    },
    /// `low .. high`, the second left out of it
    Range {
        /// First.
        low: Box<Expr>,
        /// One past the last.
        high: Box<Expr>,
    },
    /// `normal(w, 0.1 * w) within low .. high`
    Within {
        /// A distribution.
        value: Box<Expr>,
        /// Where a drawn value may lie, both ends included.
        bounds: Box<Interval>,
    },
    /// `from "file.npy"`: one value per member
    From(Text),
    /// `random normal(0 mV, 1 mV)`: a fresh draw per neuron and tick
    Random(Call),
}

/// A name with fields and subscripts: `segment[k - 1].left.spike`.
#[derive(Clone, Debug)]
pub struct Path {
    /// The first name.
    pub root: Ident,
    /// What follows it.
    pub steps: Vec<Step>,
    /// All of it.
    pub span: Span,
}

impl Path {
    /// The name, when there is nothing but a name.
    #[must_use]
    pub fn as_name(&self) -> Option<&Ident> {
        self.steps.is_empty().then_some(&self.root)
    }
}

/// One step along a path.
#[derive(Clone, Debug)]
pub struct Step {
    /// What it is.
    pub kind: StepKind,
    /// With its dot or brackets.
    pub span: Span,
}

/// The forms of a step.
#[derive(Clone, PartialEq, Debug)]
pub enum StepKind {
    /// `.name`
    Field(Ident),
    /// `[i, lo..hi, ..]`, one per dimension; at least one
    Index(Vec<Subscript>),
}

/// What selects along one dimension.
#[derive(Clone, PartialEq, Debug)]
pub enum Subscript {
    /// `i`
    At(Expr),
    /// `lo..hi`, `lo..`, `..hi`, `..`; the second is left out of it
    Range {
        /// First; zero if not said.
        low: Option<Expr>,
        /// One past the last; the extent if not said.
        high: Option<Expr>,
    },
}

/// `callee(arguments)`.
#[derive(Clone, Debug)]
pub struct Call {
    /// What is called.
    pub callee: Ident,
    /// With what.
    pub args: Vec<Arg>,
    /// All of it.
    pub span: Span,
}

/// One argument.
#[derive(Clone, Debug)]
pub struct Arg {
    /// What it is for.
    pub binding: Binding,
    /// The value.
    pub value: Expr,
    /// `gain = astro[0].ca delay 5 ms`: how much later a modulator is seen.
    pub delay: Option<Expr>,
    /// All of it.
    pub span: Span,
}

/// What an argument is for.
#[derive(Clone, PartialEq, Debug)]
pub enum Binding {
    /// `value`: by its position.
    Position,
    /// `name = value`
    Name(Ident),
    /// `receptor <- value`: a drive without a synapse per event.
    Drive(Ident),
}

/// `low .. high`, both ends included: bounds of a value, not a range of indices.
#[derive(Clone, Debug)]
pub struct Interval {
    /// Lower end.
    pub low: Expr,
    /// Upper end.
    pub high: Expr,
    /// All of it.
    pub span: Span,
}

/// Operators with one operand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnaryOp {
    /// `-`
    Negate,
    /// `not`
    Not,
}

/// Operators with two operands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BinaryOp {
    /// `or`
    Or,
    /// `and`
    And,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `%`
    Rem,
    /// `^`
    Power,
}

impl BinaryOp {
    /// As written.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            BinaryOp::Or => "or",
            BinaryOp::And => "and",
            BinaryOp::Equal => "==",
            BinaryOp::NotEqual => "!=",
            BinaryOp::Less => "<",
            BinaryOp::LessEqual => "<=",
            BinaryOp::Greater => ">",
            BinaryOp::GreaterEqual => ">=",
            BinaryOp::Add => "+",
            BinaryOp::Sub => "-",
            BinaryOp::Mul => "*",
            BinaryOp::Div => "/",
            BinaryOp::Rem => "%",
            BinaryOp::Power => "^",
        }
    }

    /// Whether it compares its operands and gives a truth value.
    #[must_use]
    pub fn is_comparison(self) -> bool {
        use BinaryOp::{Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
        matches!(self, Equal | NotEqual | Less | LessEqual | Greater | GreaterEqual)
    }
}

/// A type as written.
#[derive(Clone, Debug)]
pub struct Type {
    /// What it is.
    pub kind: TypeKind,
    /// Its text.
    pub span: Span,
}

/// The forms of a type.
#[derive(Clone, PartialEq, Debug)]
pub enum TypeKind {
    /// `voltage`
    Name(Ident),
    /// `1`, as in `1 / time`
    One,
    /// `current * time`
    Product(Box<Type>, Box<Type>),
    /// `voltage / time`
    Quotient(Box<Type>, Box<Type>),
    /// `voltage^2`, `length^-3`
    Power(Box<Type>, i8),
    /// `fixed 32.15`: a number of 32 bits, 15 of them after the point
    Fixed {
        /// All bits, with the sign.
        bits: u8,
        /// Bits after the point.
        fraction: u8,
    },
    /// `spikes`
    Spikes,
    /// `graded(voltage)`
    Graded(Box<Type>),
}
