//! A model's statements as a graph of real-valued operations.
//!
//! Takes: a [`Model`] and the constants of one population.  Gives: [`Tick`].
//! Invariants: kept: the meaning of the statements in real arithmetic. New: no statement is left, only values; what depends on
//!   constants alone is a number, one per neuron where they differ.
//! Cost: linear in the statements and the neurons whose constants differ; one matrix exponential per distinct system.
//! Source: own. Example: `v += exc` gives `Write(v, n_v + n_exc)`.

mod expr;
mod function;
mod integrate;
mod system;

use super::graph::{Graph, Lin, NodeId, Op};
use super::known::Known;
use crate::circuit::Drive;
use crate::circuit::model::{ExprId, HoldId, LocalId, Model, ParamId, ReceptorId, StateId, Statement};
use crate::circuit::walk::{Lets, lets_of};
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::table::Table;
use expr::Number;
use std::collections::BTreeSet;

/// What is constant in time for one population.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Constants<'a> {
    /// Length of a tick in seconds.
    pub(crate) tick: f64,
    /// Error of a function's table that is good enough, as a part of its largest magnitude.
    pub(crate) table_error: f64,
    /// Parameters.
    pub(crate) params: Table<ParamId, Known>,
    /// `total(r)` of each receptor; zero in models that do not ask.
    pub(crate) totals: Table<ReceptorId, Known>,
    /// Receptors at which nothing can arrive.
    pub(crate) silent: Table<ReceptorId, bool>,
    /// Poisson drives.
    pub(crate) drives: &'a [Drive],
}

/// One tick of a model.
#[derive(Clone, Debug)]
pub(crate) struct Tick {
    /// Everything that is computed.
    pub(crate) graph: Graph,
    /// States as the tick ends.
    pub(crate) next: Table<StateId, Lin>,
    /// Counts of ticks as the tick ends.
    pub(crate) holds: Table<HoldId, Lin>,
    /// Longest duration of each hold, in ticks.
    pub(crate) durations: Table<HoldId, Known>,
    /// Whether a spike is emitted.
    pub(crate) spike: Option<NodeId>,
    /// The value emitted, and when.
    pub(crate) emit: Option<(Lin, NodeId, Span)>,
    /// What every integrated system became, for `explain`.
    pub(crate) updates: Vec<Update>,
}

/// The discrete update of one differential equation, or one substep of it.
#[derive(Clone, Debug)]
pub(crate) struct Update {
    /// The state.
    pub(crate) state: StateId,
    /// How it was integrated.
    pub(crate) method: &'static str,
    /// Its value after the step, unless held.
    pub(crate) value: Lin,
    /// Which step it is, from 1, of how many.
    pub(crate) step: (u32, u32),
    /// Whether it is the middle of that step.
    pub(crate) half: bool,
    /// The value as later steps read it; `None` for the last step.
    pub(crate) becomes: Option<NodeId>,
}

/// Builds the tick of a model.
pub(crate) fn build(model: &Model, constants: &Constants<'_>) -> Result<Tick, Vec<Diagnostic>> {
    let mut builder = Builder::new(model, constants);
    let body = &model.body;
    builder.statements(body);
    if builder.errors.is_empty() { Ok(builder.finish()) } else { Err(builder.errors) }
}

/// The values as they stand at one statement.
pub(super) struct Builder<'a> {
    model: &'a Model,
    constants: &'a Constants<'a>,
    graph: Graph,
    current: Table<StateId, Lin>,
    locals: Table<LocalId, Option<Number>>,
    /// What each `let` stands for.
    lets: Lets,
    /// `let`s that are evaluated anew wherever they are read.
    through: BTreeSet<LocalId>,
    held: Table<HoldId, NodeId>,
    holds: Table<HoldId, Lin>,
    durations: Table<HoldId, Known>,
    inputs: Table<ReceptorId, Lin>,
    /// The mask under which statements happen; `None` when they always do.
    guard: Option<NodeId>,
    spike: Option<NodeId>,
    emit: Option<(Lin, NodeId, Span)>,
    updates: Vec<Update>,
    errors: Vec<Diagnostic>,
}

impl<'a> Builder<'a> {
    fn new(model: &'a Model, constants: &'a Constants<'a>) -> Self {
        let mut graph = Graph::default();
        let current = model.states.iter().map(|(id, s)| graph.number(Op::State(id), s.span)).collect();
        let held = model.holds.iter().map(|(id, hold)| held_mask(&mut graph, id, hold.span)).collect();
        let holds = model.holds.iter().map(|(id, hold)| graph.number(Op::HoldNext(id), hold.span)).collect();
        let mut builder = Builder {
            model,
            constants,
            graph,
            current,
            locals: model.locals.ids().map(|_| None).collect(),
            lets: lets_of(model),
            through: BTreeSet::new(),
            held,
            holds,
            durations: Table::new(),
            inputs: Table::new(),
            guard: None,
            spike: None,
            emit: None,
            updates: Vec::new(),
            errors: Vec::new(),
        };
        builder.inputs = model.receptors.ids().map(|r| builder.input(r)).collect();
        builder.durations = model.holds.values().iter().map(|hold| builder.duration(hold.duration)).collect();
        // A hold that never lasts costs nothing.
        for (id, hold) in model.holds.iter().filter(|(id, _)| builder.durations[*id].is(0.0)) {
            builder.held[id] = builder.graph.truth_of(Known::ZERO, hold.span);
            builder.holds[id] = builder.graph.number(Op::HoldCount(id), hold.span);
        }
        builder
    }

    fn finish(self) -> Tick {
        Tick {
            graph: self.graph,
            next: self.current,
            holds: self.holds,
            durations: self.durations,
            spike: self.spike,
            emit: self.emit,
            updates: self.updates,
        }
    }

    /// What arrives at a receptor, drives included.
    fn input(&mut self, receptor: ReceptorId) -> Lin {
        let span = self.model.receptors[receptor].span;
        let mut sum =
            if self.constants.silent[receptor] { Lin::known(Known::ZERO) } else { self.graph.number(Op::Input(receptor), span) };
        for (n, drive) in (0..).zip(self.constants.drives) {
            if drive.receptor == receptor && Known::from_values(&drive.rate).magnitude() > 0.0 {
                let events = self.graph.number(Op::Events(self.model.draws + n, n), span);
                sum = sum.plus_scaled(&events, &Known::from_values(&drive.weight));
            }
        }
        sum
    }

    /// A duration in whole ticks; none below half a tick.
    fn duration(&mut self, expr: ExprId) -> Known {
        let tick = self.constants.tick;
        match self.number(expr).lin.as_known() {
            Some(t) => t.map(|t| libm::floor(t / tick + 0.5).max(0.0)),
            None => {
                let span = self.model.exprs[expr].span;
                self.errors.push(
                    Diagnostic::error("E0802", "a duration must not change over time", span)
                        .help("use parameters and constants only"),
                );
                Known::ONE
            }
        }
    }

    fn statements(&mut self, body: &[Statement]) {
        for statement in body {
            self.statement(statement);
        }
    }

    fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Integrate(system) => self.integrate(system),
            Statement::Assign(pairs) => {
                let values: Vec<_> = pairs.iter().map(|(state, expr)| (*state, self.number(*expr), *expr)).collect();
                for (state, value, expr) in values {
                    self.write(state, value.lin, self.model.exprs[expr].span);
                }
            }
            Statement::Let(local, expr) => self.locals[*local] = Some(self.number(*expr)),
            Statement::Spike { condition, then } => self.spike(*condition, then),
            Statement::On { receptor, body } => {
                let span = self.model.receptors[*receptor].span;
                let zero = self.is_zero(self.inputs[*receptor].clone(), span);
                let mask = self.graph.not(zero, span);
                self.under(mask, span, body);
            }
            Statement::Hold(hold) if self.durations[*hold].is(0.0) => {}
            Statement::Hold(hold) => {
                let span = self.model.holds[*hold].span;
                let begin = Lin::known(self.durations[*hold].clone());
                self.holds[*hold] = self.guarded(begin, self.holds[*hold].clone(), span);
            }
            Statement::Emit { value, when } => {
                let span = self.model.exprs[*value].span;
                let number = self.number(*value).lin;
                let always = self.graph.truth_of(Known::ONE, span);
                let mask = when.map_or(always, |w| self.truth(w));
                let mask = self.guard.map_or(mask, |g| self.graph.and(g, mask, span));
                // A neuron emits once in a tick: of several values the last counts.
                self.emit = Some(match self.emit.take() {
                    Some((old, before, _)) => {
                        (self.graph.choose(mask, number, old, span), self.graph.or(before, mask, span), span)
                    }
                    None => (number, mask, span),
                });
            }
        }
    }

    fn spike(&mut self, condition: ExprId, then: &[Statement]) {
        let span = self.model.exprs[condition].span;
        let mut mask = self.truth(condition);
        for (id, hold) in self.model.holds.iter().filter(|(_, h)| h.suppresses_spikes) {
            let free = self.graph.not(self.held[id], hold.span);
            mask = self.graph.and(mask, free, span);
        }
        if let Some(guard) = self.guard {
            mask = self.graph.and(guard, mask, span);
        }
        self.spike = Some(self.spike.map_or(mask, |s| self.graph.or(s, mask, span)));
        self.under(mask, span, then);
    }

    /// The statements of a block that happens where `mask` is set.
    fn under(&mut self, mask: NodeId, span: Span, body: &[Statement]) {
        let outer = self.guard;
        self.guard = Some(outer.map_or(mask, |g| self.graph.and(g, mask, span)));
        self.statements(body);
        self.guard = outer;
    }

    /// `new` where the statement happens, `old` elsewhere.
    fn guarded(&mut self, new: Lin, old: Lin, span: Span) -> Lin {
        match self.guard {
            Some(guard) => self.graph.choose(guard, new, old, span),
            None => new,
        }
    }

    /// The mask of the holds of `state`, if it has any.
    fn hold_of(&mut self, state: StateId) -> Option<NodeId> {
        let holds: Vec<(NodeId, Span)> =
            self.model.holds.iter().filter(|(_, h)| h.states.contains(&state)).map(|(id, h)| (self.held[id], h.span)).collect();
        holds.into_iter().fold(None, |mask, (held, span)| Some(mask.map_or(held, |m| self.graph.or(m, held, span))))
    }

    /// `state = new`, as far as the statement happens and the state is not held.
    fn write(&mut self, state: StateId, new: Lin, span: Span) {
        let old = self.current[state].clone();
        let value = self.guarded(new, old.clone(), span);
        let value = match self.hold_of(state) {
            Some(held) => self.graph.choose(held, old, value, span),
            None => value,
        };
        self.current[state] = self.graph.number(Op::Write(state, value), span);
    }
}

fn held_mask(graph: &mut Graph, id: HoldId, span: Span) -> NodeId {
    let count = graph.number(Op::HoldCount(id), span);
    graph.node(Op::AtLeast(count.plus(&Lin::known(Known::Same(-1.0)))), span)
}
