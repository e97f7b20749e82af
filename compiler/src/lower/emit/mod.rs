//! Real-valued nodes to integer steps: chooses every binary point and bounds every error.
//!
//! Takes: a [`Tick`], the range of every state and of everything that comes from outside.  Gives: [`Emitted`].
//! Invariants: kept: the order and meaning of the graph, up to rounding that is bounded. New: the raw integer of every value
//!   lies within 32 bits for all states, inputs and draws within their ranges; each range includes the rounding before it.
//! Cost: linear in the nodes, and the tables' entries.
//! Source: own. Example: `0.995·v + 0.005·g` is one multiplication and one multiply-add, both products in the result's format.

mod compare;
mod draw;
mod linear;
mod node;
mod raw;

use super::build::{Constants, Tick};
use super::code::{Code, Step, StepId, slot};
use super::format::{Layout, best_frac};
use super::graph::{Function, Lin, NodeId, Op};
use super::interval::Interval;
use super::table::{Fitted, TableReport};
use crate::circuit::model::{Model, StateId};
use crate::diagnostic::Diagnostic;
use crate::table::Table;
use bouton_targets::instruction::Op as Code_;

/// A value in a register.
#[derive(Clone, Debug)]
pub(crate) struct Value {
    /// The step that makes it.
    pub(crate) step: StepId,
    /// Its fraction bits.
    pub(crate) frac: i8,
    /// Its range in SI, rounding included.
    pub(crate) range: Interval,
    /// Bound on what rounding in this tick adds to it (SI), as long as no comparison turns out differently.
    pub(crate) error: f64,
    /// Bound on its derivative by each state at the start of the tick.
    pub(crate) slopes: Vec<f64>,
    /// The same for each side of the choices that it comes from, where it is chosen and not computed: error, slopes.
    pub(crate) sides: Vec<(f64, Vec<f64>)>,
}

impl Value {
    /// Error and slopes of what it is chosen from.
    pub(crate) fn sides(&self) -> Vec<(f64, Vec<f64>)> {
        if self.sides.is_empty() { vec![(self.error, self.slopes.clone())] } else { self.sides.clone() }
    }

    /// Error and slopes but for the sides on which it is state `at` untouched: those keep any bound that held before.
    pub(crate) fn moved(&self, at: usize) -> (f64, Vec<f64>) {
        let stays = |(error, slopes): &(f64, Vec<f64>)| {
            *error == 0.0 && slopes.iter().enumerate().all(|(i, s)| *s == f64::from(u8::from(i == at)))
        };
        let mut moved = (0.0, vec![0.0; self.slopes.len()]);
        for (error, slopes) in self.sides().into_iter().filter(|side| !stays(side)) {
            moved.0 = f64::max(moved.0, error);
            moved.1.iter_mut().zip(slopes).for_each(|(m, s)| *m = f64::max(*m, s));
        }
        moved
    }
}

/// The steps of a tick and what is known of its results.
#[derive(Clone, Debug)]
pub(crate) struct Emitted {
    /// The steps.
    pub(crate) code: Code,
    /// What each state becomes: range, error and slopes; states first, then holds.
    pub(crate) next: Vec<Option<Value>>,
    /// The value that is emitted.
    pub(crate) payload: Option<Value>,
    /// Every table with its error.
    pub(crate) tables: Vec<TableReport>,
    /// The fewest fraction bits that anything comes with that is written to each state.
    pub(crate) written: Table<StateId, Option<i8>>,
}

/// Makes the steps of `tick`, with state formats as in `layout`; `payload_frac` is given when the emitted value's format is.
pub(crate) fn emit(
    model: &Model,
    tick: &Tick,
    constants: &Constants<'_>,
    layout: &Layout,
    payload_frac: Option<i8>,
) -> Result<Emitted, Vec<Diagnostic>> {
    let mut emitter = Emitter {
        model,
        tick,
        constants,
        layout,
        code: Code::default(),
        values: tick.graph.nodes.ids().map(|_| None).collect(),
        wanted: wanted_formats(tick, layout),
        tables: Vec::new(),
        fitted: Vec::new(),
        written: model.states.ids().map(|_| None).collect(),
        errors: Vec::new(),
    };
    let live = live_nodes(tick);
    for id in tick.graph.nodes.ids().filter(|n| live[*n]) {
        let value = emitter.node(id);
        emitter.values[id] = Some(value);
        // What follows from an error says nothing new.
        if !emitter.errors.is_empty() {
            return Err(emitter.errors);
        }
    }
    let next = emitter.stores();
    let payload = emitter.emissions(payload_frac);
    if emitter.errors.is_empty() {
        Ok(Emitted { code: emitter.code, next, payload, tables: emitter.tables, written: emitter.written })
    } else {
        Err(emitter.errors)
    }
}

struct Emitter<'a> {
    model: &'a Model,
    tick: &'a Tick,
    constants: &'a Constants<'a>,
    layout: &'a Layout,
    code: Code,
    values: Table<NodeId, Option<Value>>,
    /// Most fraction bits that any reader of a node can use, where that is known.
    wanted: Table<NodeId, Option<i8>>,
    tables: Vec<TableReport>,
    /// Tables made so far: function, range and fraction bits of the argument.
    fitted: Vec<(Function, Interval, i8, Fitted)>,
    written: Table<StateId, Option<i8>>,
    errors: Vec<Diagnostic>,
}

impl Emitter<'_> {
    /// A value that no state acts on.
    fn fixed_value(&self, step: StepId, frac: i8, range: Interval, error: f64) -> Value {
        Value { step, frac, range, error, slopes: vec![0.0; self.model.states.len()], sides: Vec::new() }
    }

    /// The stores of states and holds, and what is known of them.
    fn stores(&mut self) -> Vec<Option<Value>> {
        let mut next = Vec::new();
        for (id, lin) in self.tick.next.iter() {
            let value = self.linear_exactly(lin, self.layout.states[id].frac);
            if lin.as_node().is_none_or(|n| self.tick.graph.nodes[n].op != Op::State(id)) {
                self.code.stores.push((slot(id), value.step));
            }
            next.push(Some(value));
        }
        for (n, (id, lin)) in (self.model.states.len() as u32..).zip(self.tick.holds.iter()) {
            let value = self.linear_in(lin, 0);
            if lin.as_node().is_none_or(|n| self.tick.graph.nodes[n].op != Op::HoldCount(id)) {
                self.code.stores.push((n, value.step));
            }
            next.push(Some(value));
        }
        next
    }

    /// The emissions; the value of the last `emit` when there is one.
    fn emissions(&mut self, payload_frac: Option<i8>) -> Option<Value> {
        if let Some(mask) = self.tick.spike {
            let mask = self.mask(mask);
            self.code.spikes.push(mask);
        }
        let (lin, mask, _) = self.tick.emit.as_ref()?;
        let range = self.range_of(lin);
        let frac = payload_frac.unwrap_or_else(|| best_frac(range.widened(range.magnitude() * 1e-6)));
        let value = self.linear_exactly(lin, frac);
        let mask = self.mask(*mask);
        self.code.emits.push((value.step, mask));
        Some(value)
    }

    /// The mask of a truth value.
    fn mask(&mut self, node: NodeId) -> StepId {
        match &self.values[node] {
            Some(value) => value.step,
            None => self.code.push(Step::leaf(Code_::Constant, 0)),
        }
    }
}

/// Either of two values.
fn joined(a: &Value, b: &Value) -> Value {
    Value {
        range: a.range.hull(b.range),
        error: a.error.max(b.error),
        slopes: a.slopes.iter().zip(&b.slopes).map(|(x, y)| x.max(*y)).collect(),
        sides: Vec::new(),
        ..a.clone()
    }
}

/// The nodes that something reads.
fn live_nodes(tick: &Tick) -> Table<NodeId, bool> {
    let mut live: Table<NodeId, bool> = tick.graph.nodes.ids().map(|_| false).collect();
    let mut open: Vec<NodeId> = roots(tick).into_iter().flat_map(|l| l.terms.iter().map(|(n, _)| *n)).collect();
    open.extend(tick.spike);
    open.extend(tick.emit.iter().map(|(_, mask, _)| *mask));
    while let Some(node) = open.pop() {
        if !live[node] {
            live[node] = true;
            open.extend(tick.graph.nodes[node].op.reads());
        }
    }
    live
}

fn roots(tick: &Tick) -> Vec<&Lin> {
    let emitted = tick.emit.iter().map(|(lin, ..)| lin);
    tick.next.values().iter().chain(tick.holds.values()).chain(emitted).collect()
}

/// Formats that readers ask for, from the results back to what they are made of.
///
/// A choice, a limit or a write passes on what is asked of it; anything else reads every bit it can get.
fn wanted_formats(tick: &Tick, layout: &Layout) -> Table<NodeId, Option<i8>> {
    let mut wanted: Table<NodeId, Option<i8>> = tick.graph.nodes.ids().map(|_| None).collect();
    let mut free: Table<NodeId, bool> = tick.graph.nodes.ids().map(|_| false).collect();
    let ask = |lin: &Lin, frac: Option<i8>, wanted: &mut Table<NodeId, Option<i8>>, free: &mut Table<NodeId, bool>| {
        for (node, _) in &lin.terms {
            match frac {
                Some(f) if lin.as_node().is_some() => wanted[*node] = Some(wanted[*node].map_or(f, |w| w.max(f))),
                _ => free[*node] = true,
            }
        }
    };
    for (id, lin) in tick.next.iter() {
        ask(lin, Some(layout.states[id].frac), &mut wanted, &mut free);
    }
    if let Some((lin, ..)) = &tick.emit {
        ask(lin, None, &mut wanted, &mut free);
    }
    for id in tick.graph.nodes.ids().rev() {
        let own = if free[id] { None } else { wanted[id] };
        let op = &tick.graph.nodes[id].op;
        let passed = match op {
            Op::Write(state, _) => Some(layout.states[*state].frac),
            Op::Choose(..) | Op::Min(..) | Op::Max(..) | Op::Clip(..) => own,
            _ => None,
        };
        for lin in op.forms() {
            ask(lin, passed, &mut wanted, &mut free);
        }
    }
    for id in tick.graph.nodes.ids().filter(|n| free[*n]) {
        wanted[id] = None;
    }
    wanted
}
