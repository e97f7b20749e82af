//! Linear forms and nodes as a person writes them.

use super::{is_named, short};
use crate::circuit::model::{Model, StateId};
use crate::lower::graph::{Graph, Lin, NodeId, Op, RawOp};
use crate::lower::known::Known;
use crate::lower::table;
use crate::units::Dimension;
use std::collections::BTreeMap;

/// Nested operations deeper than this are not written out.
const MOST_DEPTH: usize = 8;

/// Finds names for nodes.
pub(super) struct Names<'a> {
    pub(super) model: &'a Model,
    pub(super) graph: &'a Graph,
    /// Values within a tick, with their states: `v[1]` is v after the first substep.
    pub(super) between: BTreeMap<NodeId, (String, StateId)>,
}

impl Names<'_> {
    /// The form in the display unit of its result; coefficients of named values are per display unit of theirs.
    pub(super) fn update(&self, lin: &Lin, dimension: Dimension) -> String {
        let (_, si) = dimension.display_unit();
        let scale = |node: NodeId| self.dimension(node).map_or(1.0, |d| d.display_unit().1) / si;
        let unit = |node: NodeId| match self.dimension(node) {
            Some(d) if d != dimension => format!(" {}/{}", shown(dimension), shown(d)),
            _ => String::new(),
        };
        self.sum(lin, scale, unit, 1.0 / si, 0)
    }

    fn si(&self, lin: &Lin, depth: usize) -> String {
        self.sum(lin, |_| 1.0, |_| String::new(), 1.0, depth)
    }

    fn sum(&self, lin: &Lin, scale: impl Fn(NodeId) -> f64, unit: impl Fn(NodeId) -> String, bias: f64, depth: usize) -> String {
        let mut text = String::new();
        for (node, c) in &lin.terms {
            let c = c.map(|c| c * scale(*node));
            let name = self.node(*node, depth + 1);
            let (minus, factor) = coefficient(&c);
            let factor = if factor.is_empty() { name } else { format!("{factor}{}·{name}", unit(*node)) };
            push(&mut text, minus, &factor);
        }
        let constant = lin.bias.map(|b| b * bias);
        if !constant.is(0.0) || text.is_empty() {
            let (minus, factor) = coefficient(&constant);
            push(&mut text, minus, if factor.is_empty() { "1" } else { &factor });
        }
        text
    }

    fn dimension(&self, node: NodeId) -> Option<Dimension> {
        if let Some((_, state)) = self.between.get(&node) {
            return Some(self.model.states[*state].dimension);
        }
        match &self.graph.nodes[node].op {
            Op::State(s) | Op::Write(s, _) => Some(self.model.states[*s].dimension),
            Op::Input(r) => Some(self.model.receptors[*r].dimension),
            Op::Modulator(m) => Some(self.model.modulators[*m].dimension),
            _ => None,
        }
    }

    fn node(&self, node: NodeId, depth: usize) -> String {
        if let Some((name, _)) = self.between.get(&node) {
            return name.clone();
        }
        let op = &self.graph.nodes[node].op;
        if depth > MOST_DEPTH && !is_named(op) {
            return "…".to_string();
        }
        let part = |lin: &Lin| self.si(lin, depth + 1);
        let factor = |lin: &Lin| if lin.as_node().is_some() { part(lin) } else { format!("({})", part(lin)) };
        match op {
            Op::State(s) | Op::Write(s, _) => self.model.states[*s].name.clone(),
            Op::Input(r) => self.model.receptors[*r].name.clone(),
            Op::Modulator(m) => self.model.modulators[*m].name.clone(),
            Op::HoldCount(_) | Op::HoldNext(_) => "ticks held".to_string(),
            Op::Uniform(n) => format!("uniform{n}"),
            Op::Normal(n) => format!("normal{n}"),
            Op::Events(_, n) => format!("events{n}"),
            Op::Keep(lin) => factor(lin),
            Op::Product(a, b) if a == b => format!("{}²", factor(a)),
            Op::Product(a, b) => format!("{}·{}", factor(a), factor(b)),
            Op::Quotient(a, b) => format!("{}/{}", factor(a), factor(b)),
            Op::Apply(f, a) => format!("{}[{}]", table::name(*f), part(a)),
            Op::Min(a, b) => format!("min({}, {})", part(a), part(b)),
            Op::Max(a, b) => format!("max({}, {})", part(a), part(b)),
            Op::Absolute(a) => format!("|{}|", part(a)),
            Op::Floor(a) => format!("floor({})", part(a)),
            Op::Clip(a, low, high) => {
                format!("clip({}, {}, {})", part(a), short(f64::from_bits(*low)), short(f64::from_bits(*high)))
            }
            Op::Choose(m, a, b) => format!("(if {} then {} else {})", self.node(*m, depth + 1), part(a), part(b)),
            Op::Raw(RawOp::Add, a, b, _) => format!("({} + {})", part(a), part(b)),
            Op::Raw(RawOp::Subtract, a, b, _) => format!("({} - {})", part(a), part(b)),
            Op::Raw(RawOp::Multiply { shift, .. }, a, b, _) => format!("mul({}, {}, shift = {shift})", part(a), part(b)),
            Op::Raw(RawOp::Shift { by, .. }, a, ..) => format!("shift({}, {by})", part(a)),
            Op::AtLeast(a) => format!("{} >= 0", part(a)),
            Op::Above(a) => format!("{} > 0", part(a)),
            Op::IsZero(a) => format!("{} = 0", part(a)),
            Op::And(a, b) => format!("({} and {})", self.node(*a, depth + 1), self.node(*b, depth + 1)),
            Op::Or(a, b) => format!("({} or {})", self.node(*a, depth + 1), self.node(*b, depth + 1)),
            Op::Not(a) => format!("not ({})", self.node(*a, depth + 1)),
            Op::Truth(_) => "known".to_string(),
        }
    }
}

fn shown(dimension: Dimension) -> String {
    let (unit, _) = dimension.display_unit();
    if unit.is_empty() { "1".to_string() } else { unit }
}

/// Whether it is subtracted, and the factor; nothing for one.
fn coefficient(c: &Known) -> (bool, String) {
    match c.same() {
        Some(c) if c.abs() == 1.0 => (c < 0.0, String::new()),
        Some(c) => (c < 0.0, short(c.abs())),
        None => {
            let (low, high) = c.bounds();
            (false, format!("[{} .. {}]", short(low), short(high)))
        }
    }
}

fn push(text: &mut String, minus: bool, term: &str) {
    match (text.is_empty(), minus) {
        (true, false) => {}
        (true, true) => text.push('-'),
        (false, false) => text.push_str(" + "),
        (false, true) => text.push_str(" - "),
    }
    text.push_str(term);
}
