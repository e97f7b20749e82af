//! One tick of a model as a graph of real-valued operations: what will be computed, before any binary point is chosen.
//!
//! Every number is a linear form over nodes. Sums and products with constants never make a node: they stay in the form, so
//! that a chain of them becomes one chain of multiply-adds and its interval sees what cancels. Equal nodes are one node; a
//! node's operands are older than itself, so that the order of the table is an order of evaluation.

use super::known::Known;
use crate::circuit::model::{HoldId, ModulatorId, ReceptorId, StateId};
use crate::source::Span;
use crate::table::Table;
use bouton_targets::arith::Rounding;
use std::collections::BTreeMap;

crate::ids! {
    /// A node.
    NodeId "n",
}

/// Sum of coefficient · node, plus a bias.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Lin {
    /// By node, no coefficient zero everywhere.
    pub(crate) terms: Vec<(NodeId, Known)>,
    /// What is added.
    pub(crate) bias: Known,
}

impl Lin {
    /// A constant.
    pub(crate) fn known(bias: Known) -> Lin {
        Lin { terms: Vec::new(), bias }
    }

    /// A node.
    pub(crate) fn node(node: NodeId) -> Lin {
        Lin { terms: vec![(node, Known::ONE)], bias: Known::ZERO }
    }

    /// Its value, when it is a constant.
    pub(crate) fn as_known(&self) -> Option<&Known> {
        self.terms.is_empty().then_some(&self.bias)
    }

    /// The node that it is, when it is nothing but one.
    pub(crate) fn as_node(&self) -> Option<NodeId> {
        match self.terms.as_slice() {
            [(node, c)] if c.is(1.0) && self.bias.is(0.0) => Some(*node),
            _ => None,
        }
    }

    /// `self · k`.
    pub(crate) fn scaled(&self, k: &Known) -> Lin {
        let terms = self.terms.iter().map(|(n, c)| (*n, c.times(k))).filter(|(_, c)| !c.is(0.0)).collect();
        Lin { terms, bias: self.bias.times(k) }
    }

    /// `self + k · other`.
    pub(crate) fn plus_scaled(&self, other: &Lin, k: &Known) -> Lin {
        let mut terms: BTreeMap<NodeId, Known> = self.terms.iter().cloned().collect();
        for (node, c) in &other.terms {
            let c = c.times(k);
            let sum = terms.get(node).map_or_else(|| c.clone(), |old| old.plus(&c));
            terms.insert(*node, sum);
        }
        let terms = terms.into_iter().filter(|(_, c)| !c.is(0.0) && !c.is(-0.0)).collect();
        Lin { terms, bias: self.bias.plus(&other.bias.times(k)) }
    }

    /// `self + other`.
    pub(crate) fn plus(&self, other: &Lin) -> Lin {
        self.plus_scaled(other, &Known::ONE)
    }

    /// `self - other`.
    pub(crate) fn minus(&self, other: &Lin) -> Lin {
        self.plus_scaled(other, &Known::Same(-1.0))
    }

    /// Its factor and the rest of it, when it is one node times a factor.
    pub(crate) fn factored(&self) -> (Known, Lin) {
        match self.terms.as_slice() {
            [(node, c)] if self.bias.is(0.0) => (c.clone(), Lin::node(*node)),
            _ => (Known::ONE, self.clone()),
        }
    }
}

/// A nonlinear function of one value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Function {
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
    /// (e^x - 1)/x
    Phi,
    /// x^p; the bits of p.
    Power(u64),
}

/// An operation on raw integers whose formats are given by hand; it wraps as 32-bit registers do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum RawOp {
    /// a + b
    Add,
    /// a - b
    Subtract,
    /// a·b >> shift
    Multiply {
        /// Right shift, at most 32.
        shift: u8,
        /// Whether the shift rounds down.
        floor: bool,
    },
    /// a >> by, or a << -by
    Shift {
        /// How far.
        by: i8,
        /// Whether a right shift rounds down.
        floor: bool,
    },
}

/// Whether `rounding` is towards minus infinity.
pub(crate) fn is_floor(rounding: Rounding) -> bool {
    rounding == Rounding::Floor
}

/// What a node computes. Truth values are nodes too.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Op {
    /// A state as the tick began.
    State(StateId),
    /// Ticks left of a hold as the tick began.
    HoldCount(HoldId),
    /// The same after this tick, unless it begins again.
    HoldNext(HoldId),
    /// What arrived.
    Input(ReceptorId),
    /// A modulator.
    Modulator(ModulatorId),
    /// A uniform number in 0 ≤ x < 1.
    Uniform(u32),
    /// A standard normal number.
    Normal(u32),
    /// How many events of a drive: draw number, number of the drive.
    Events(u32, u32),
    /// The value of a state after a statement, in its format and limited to its declared range.
    Write(StateId, Lin),
    /// A value in a register of its own.
    Keep(Lin),
    /// a·b
    Product(Lin, Lin),
    /// a/b
    Quotient(Lin, Lin),
    /// A function.
    Apply(Function, Lin),
    /// The smaller.
    Min(Lin, Lin),
    /// The larger.
    Max(Lin, Lin),
    /// |x|
    Absolute(Lin),
    /// Largest whole number not above x.
    Floor(Lin),
    /// x limited to low .. high, both the same for all neurons (their bits).
    Clip(Lin, u64, u64),
    /// a where the mask is set, b elsewhere.
    Choose(NodeId, Lin, Lin),
    /// Raw integers: the operation, a, b, fraction bits of a, of b, of the result.
    Raw(RawOp, Lin, Lin, [i8; 3]),
    /// Truth: x ≥ 0.
    AtLeast(Lin),
    /// Truth: x > 0.
    Above(Lin),
    /// Truth: x = 0.
    IsZero(Lin),
    /// Truth: both.
    And(NodeId, NodeId),
    /// Truth: either.
    Or(NodeId, NodeId),
    /// Truth: not.
    Not(NodeId),
    /// Truth known beforehand: 1 or 0.
    Truth(Known),
}

impl Op {
    /// The linear forms it reads.
    pub(crate) fn forms(&self) -> Vec<&Lin> {
        match self {
            Op::Write(_, a) | Op::Keep(a) | Op::Apply(_, a) | Op::Absolute(a) | Op::Floor(a) | Op::Clip(a, ..) => vec![a],
            Op::AtLeast(a) | Op::Above(a) | Op::IsZero(a) => vec![a],
            Op::Product(a, b) | Op::Quotient(a, b) | Op::Min(a, b) | Op::Max(a, b) => vec![a, b],
            Op::Choose(_, a, b) | Op::Raw(_, a, b, _) => vec![a, b],
            _ => Vec::new(),
        }
    }

    /// The nodes it reads.
    pub(crate) fn reads(&self) -> Vec<NodeId> {
        let mut nodes: Vec<NodeId> = self.forms().into_iter().flat_map(|l| l.terms.iter().map(|(n, _)| *n)).collect();
        match self {
            Op::Choose(m, ..) | Op::Not(m) => nodes.push(*m),
            Op::And(a, b) | Op::Or(a, b) => nodes.extend([*a, *b]),
            _ => {}
        }
        nodes
    }
}

/// A node with the text it came from.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// What it computes.
    pub(crate) op: Op,
    /// Where that stands.
    pub(crate) span: Span,
}

/// Nodes, each once.
#[derive(Clone, Default, Debug)]
pub(crate) struct Graph {
    /// By age.
    pub(crate) nodes: Table<NodeId, Node>,
    known: BTreeMap<Op, NodeId>,
}

impl Graph {
    /// The node of `op`.
    pub(crate) fn node(&mut self, op: Op, span: Span) -> NodeId {
        if let Some(id) = self.known.get(&op) {
            return *id;
        }
        let id = self.nodes.push(Node { op: op.clone(), span });
        self.known.insert(op, id);
        id
    }

    /// A node as a number.
    pub(crate) fn number(&mut self, op: Op, span: Span) -> Lin {
        Lin::node(self.node(op, span))
    }

    /// What is known of a truth value.
    pub(crate) fn truth(&self, node: NodeId) -> Option<&Known> {
        match &self.nodes[node].op {
            Op::Truth(known) => Some(known),
            _ => None,
        }
    }

    /// A truth value known beforehand.
    pub(crate) fn truth_of(&mut self, known: Known, span: Span) -> NodeId {
        self.node(Op::Truth(known), span)
    }

    /// Both.
    pub(crate) fn and(&mut self, a: NodeId, b: NodeId, span: Span) -> NodeId {
        match (self.truth(a).cloned(), self.truth(b).cloned()) {
            (Some(x), Some(y)) => self.truth_of(x.times(&y), span),
            (Some(x), _) if x.is(1.0) => b,
            (_, Some(y)) if y.is(1.0) => a,
            (Some(x), _) | (_, Some(x)) if x.is(0.0) => self.truth_of(Known::ZERO, span),
            _ if a == b => a,
            _ => self.node(Op::And(a.min(b), a.max(b)), span),
        }
    }

    /// Either.
    pub(crate) fn or(&mut self, a: NodeId, b: NodeId, span: Span) -> NodeId {
        match (self.truth(a).cloned(), self.truth(b).cloned()) {
            (Some(x), Some(y)) => self.truth_of(x.zip(&y, f64::max), span),
            (Some(x), _) if x.is(0.0) => b,
            (_, Some(y)) if y.is(0.0) => a,
            (Some(x), _) | (_, Some(x)) if x.is(1.0) => self.truth_of(Known::ONE, span),
            _ if a == b => a,
            _ => self.node(Op::Or(a.min(b), a.max(b)), span),
        }
    }

    /// Not.
    pub(crate) fn not(&mut self, a: NodeId, span: Span) -> NodeId {
        match &self.nodes[a].op {
            Op::Truth(x) => {
                let x = x.map(|x| 1.0 - x);
                self.truth_of(x, span)
            }
            Op::Not(inner) => *inner,
            _ => self.node(Op::Not(a), span),
        }
    }

    /// `a` where `mask` is set, else `b`.
    pub(crate) fn choose(&mut self, mask: NodeId, a: Lin, b: Lin, span: Span) -> Lin {
        // What a choice of the same mask would not give is never seen.
        let b = match b.as_node().map(|n| &self.nodes[n].op) {
            Some(Op::Choose(inner, _, other)) if *inner == mask => other.clone(),
            _ => b,
        };
        match self.truth(mask).cloned() {
            _ if a == b => a,
            Some(m) if m.is(1.0) => a,
            Some(m) if m.is(0.0) => b,
            // A choice that differs between neurons but not in time is a sum of constants times the two.
            Some(m) => a.scaled(&m).plus_scaled(&b, &m.map(|m| 1.0 - m)),
            None => match self.nodes[mask].op {
                Op::Not(inner) => self.number(Op::Choose(inner, b, a), span),
                _ => self.number(Op::Choose(mask, a, b), span),
            },
        }
    }

    /// a·b
    pub(crate) fn product(&mut self, a: &Lin, b: &Lin, span: Span) -> Lin {
        match (a.as_known(), b.as_known()) {
            (_, Some(k)) => a.scaled(k),
            (Some(k), _) => b.scaled(k),
            _ => {
                let ((ka, a), (kb, b)) = (a.factored(), b.factored());
                let (a, b) = if a <= b { (a, b) } else { (b, a) };
                self.number(Op::Product(a, b), span).scaled(&ka.times(&kb))
            }
        }
    }

    /// a/b
    pub(crate) fn quotient(&mut self, a: &Lin, b: &Lin, span: Span) -> Lin {
        match b.as_known() {
            // Dividing once by the number itself rounds less than multiplying with its reciprocal.
            Some(k) => {
                let terms = a.terms.iter().map(|(n, c)| (*n, c.zip(k, |c, k| c / k))).collect();
                Lin { terms, bias: a.bias.zip(k, |b, k| b / k) }
            }
            None if a.as_known().is_some_and(|k| k.is(0.0)) => Lin::known(Known::ZERO),
            None => {
                let ((ka, a), (kb, b)) = (a.factored(), b.factored());
                self.number(Op::Quotient(a, b), span).scaled(&ka.zip(&kb, |x, y| x / y))
            }
        }
    }

    /// Whether `node` reads one of `sources`, directly or through others.
    ///
    /// What an earlier statement wrote into a state is a value of its own: it does not count as reading what it was made from.
    pub(crate) fn depends(&self, node: NodeId, sources: &[NodeId]) -> bool {
        let mut seen = std::collections::BTreeSet::from([node]);
        let mut open = vec![node];
        while let Some(at) = open.pop() {
            if sources.contains(&at) {
                return true;
            }
            if matches!(self.nodes[at].op, Op::Write(..)) {
                continue;
            }
            open.extend(self.nodes[at].op.reads().into_iter().filter(|n| seen.insert(*n)));
        }
        false
    }
}
