//! The lines of the tick, top to bottom.

use super::equations::Equations;
use super::names::{Checker, Symbol};
use super::types::declared_type;
use super::value::{Type, Value};
use crate::circuit::model::{ExprId, ExprKind, Hold, Local, OutputType, StateId, Statement};
use crate::circuit::walk::containing;
use crate::diagnostic::Diagnostic;
use crate::language::ast;
use crate::source::Span;
use crate::units::Dimension;
use ast::NeuronStatement as Line;

type Block = ast::Block<Line>;

/// Where a line stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    Spike,
    On,
    Update,
}

impl Place {
    fn name(self) -> &'static str {
        match self {
            Place::Spike => "spike when",
            Place::On => "on",
            Place::Update => "update",
        }
    }
}

impl Checker<'_> {
    /// Checks the lines of the tick into the model's body.
    pub(super) fn body(&mut self, body: &Block) {
        let mut sections = Equations::default();
        let mut statements = Vec::new();
        let mut output: Option<(Span, bool)> = None;
        let mut update: Option<Span> = None;
        for item in &body.items {
            if !matches!(
                item.node,
                Line::Derivative(_) | Line::Param(_) | Line::State(_) | Line::Receptor(_) | Line::Modulator(_)
            ) {
                statements.extend(self.end_system(&mut sections));
            }
            match &item.node {
                Line::Param(_) | Line::State(_) | Line::Receptor(_) | Line::Modulator(_) => {}
                Line::Integrate(integrate) => self.integrate(integrate, item.span, &mut sections),
                Line::Derivative(derivative) => self.derivative(derivative, item.span, &mut sections),
                Line::Spike(spike) => {
                    self.one_output(&mut output, item.span, true);
                    statements.extend(self.spike(spike));
                }
                Line::Emit(emit) => {
                    self.one_output(&mut output, item.span, false);
                    statements.extend(self.emit(emit));
                }
                Line::On(on) => statements.extend(self.on(on)),
                Line::Update(block) => {
                    update = update.or(Some(item.span));
                    statements.extend(self.update(block));
                }
                Line::Assign(assign) => statements.extend(self.assign(assign)),
                Line::Let(binding) => statements.extend(self.let_line(binding)),
                Line::Hold(_) | Line::Refractory(_) => {
                    self.misplaced(&item.node, item.span, "belongs in the block of a `spike when`")
                }
            }
        }
        statements.extend(self.end_system(&mut sections));
        self.unused_integrate(&sections);
        if let (Some(update), Some(first)) = (update, sections.first) {
            self.error(
                Diagnostic::error("E0308", "a model has equations or an `update` block, not both", update)
                    .said("computes the states of the next tick")
                    .label(first, "so does this equation")
                    .help("write the assignments as lines of their own, or integrate by hand in the `update`"),
            );
        }
        self.model.body = statements;
    }

    /// A block of lines within another line; names of its `let`s end with it.
    fn block(&mut self, block: &Block, place: Place) -> Vec<Statement> {
        let outer = self.scope.len();
        let mut statements = Vec::new();
        for item in &block.items {
            match &item.node {
                Line::Assign(assign) => statements.extend(self.assign(assign)),
                Line::Let(binding) => statements.extend(self.let_line(binding)),
                Line::Update(inner) => statements.extend(self.update(inner)),
                Line::Hold(hold) if place == Place::Spike => statements.extend(self.hold(hold, item.span)),
                Line::Refractory(time) if place == Place::Spike => statements.extend(self.refractory(time, item.span)),
                other => self.misplaced(other, item.span, &format!("cannot stand in the block of `{}`", place.name())),
            }
        }
        self.scope.truncate(outer);
        statements
    }

    fn misplaced(&mut self, line: &Line, span: Span, why: &str) {
        let (what, help) = match line {
            Line::Hold(_) | Line::Refractory(_) => {
                ("this", "it begins to count when the neuron spikes: `spike when … { hold v for t_ref }`")
            }
            Line::Derivative(_) => ("an equation", "equations hold in every tick; assign to a state here, with `=` or `+=`"),
            Line::Spike(_) | Line::Emit(_) => ("an output", "write it as a line of its own, with its condition after `when`"),
            _ => ("this", "only assignments and `let` can stand here"),
        };
        self.error(Diagnostic::error("E0306", format!("{what} {why}"), span).said("misplaced").help(help));
    }

    fn let_line(&mut self, binding: &ast::Let) -> Option<Statement> {
        let value = self.expression(&binding.value);
        let declared = binding.ty.as_ref().map(|ty| declared_type(ty, self.diagnostics));
        let value = match (value, declared) {
            (Some(value), Some(Some(declared))) => {
                let to = declared.fraction_bits().map_or(Type::Real(declared.dimension()), Type::Fixed);
                self.wanted(value, to, &format!("`{}`", binding.name.text))
            }
            (_, Some(None)) => None,
            (value, _) => value,
        };
        let local = self.model.locals.push(Local { name: binding.name.text.clone(), span: binding.name.span });
        self.lets.push(value.map(|v| v.id));
        self.let_values.push(value);
        self.let_times.insert(local, self.clock);
        self.define(&binding.name, Symbol::Local(local));
        value.map(|v| Statement::Let(local, v.id))
    }

    fn assign(&mut self, assign: &ast::Assign) -> Option<Statement> {
        let (state, value) = self.assignment(assign)?;
        self.change(state);
        Some(Statement::Assign(vec![(state, value)]))
    }

    pub(super) fn change(&mut self, state: StateId) {
        self.clock += 1;
        self.changed.insert(state, self.clock);
    }

    /// The state and its new value, with `+=` and the like written out.
    fn assignment(&mut self, assign: &ast::Assign) -> Option<(StateId, ExprId)> {
        let state = self.target(&assign.name, "assigned to");
        let value = self.expression(&assign.value);
        let state = state?;
        self.used.states.insert(state);
        let op = match assign.op {
            ast::AssignOp::Set => return self.for_state(value?, state, &assign.name),
            ast::AssignOp::Add => ast::BinaryOp::Add,
            ast::AssignOp::Sub => ast::BinaryOp::Sub,
            ast::AssignOp::Mul => ast::BinaryOp::Mul,
            ast::AssignOp::Div => ast::BinaryOp::Div,
        };
        let old = self.name(&assign.name)?;
        let value = value?;
        let value = self.binary_operator(op, old, value, assign.name.span.to(value.span))?;
        self.for_state(value, state, &assign.name)
    }

    fn for_state(&mut self, value: Value, state: StateId, name: &ast::Ident) -> Option<(StateId, ExprId)> {
        let declared = &self.model.states[state];
        let to = declared.fixed.map_or(Type::Real(declared.dimension), Type::Fixed);
        self.wanted(value, to, &format!("`{}`", name.text)).map(|v| (state, v.id))
    }

    /// The state called `name`, which is to be `done` (assigned to, held).
    pub(super) fn target(&mut self, name: &ast::Ident, done: &str) -> Option<StateId> {
        let Some(entry) = self.find(&name.text) else {
            // Says that the name is unknown, or defined further down.
            if self.name(name).is_some() {
                self.error(
                    Diagnostic::error("E0303", format!("`{}` cannot be {done}", name.text), name.span)
                        .said("not a state of this neuron")
                        .help(format!("declare `state {}: …`", name.text)),
                );
            }
            return None;
        };
        let (what, help) = match entry.symbol {
            Symbol::State(state) => return Some(state),
            Symbol::Poison => return None,
            Symbol::Param(_) => ("a parameter is constant in time", "declare it `state` if it changes"),
            Symbol::Receptor(_) => ("a receptor is what arrived in this tick", "add it to a state: `g += r`"),
            Symbol::Modulator(_) => ("a modulator is read, not owned", "change it where it is computed"),
            Symbol::Local(_) | Symbol::Argument(_) => {
                ("a `let` names one value", "use another `let` with a new name, or a state")
            }
        };
        let declared = entry.span;
        self.error(
            Diagnostic::error("E0303", format!("`{}` cannot be {done}", name.text), name.span)
                .said(what)
                .label(declared, "declared here")
                .help(help),
        );
        None
    }

    /// Simultaneous assignment: every value is computed before any state changes.
    fn update(&mut self, block: &Block) -> Vec<Statement> {
        let outer = self.scope.len();
        let mut statements = Vec::new();
        let mut together: Vec<(StateId, ExprId, Span)> = Vec::new();
        for item in &block.items {
            match &item.node {
                Line::Let(binding) => statements.extend(self.let_line(binding)),
                Line::Assign(assign) => {
                    let Some((state, value)) = self.assignment(assign) else { continue };
                    let earlier = together.iter().find(|(s, ..)| *s == state).map(|(.., span)| *span);
                    if let Some(earlier) = earlier {
                        self.error(
                            Diagnostic::error(
                                "E0311",
                                format!("`{}` gets two values at once", assign.name.text),
                                assign.name.span,
                            )
                            .said("again here")
                            .label(earlier, "first here")
                            .help("the lines of an `update` happen together: write one for each state"),
                        );
                    }
                    together.push((state, value, assign.name.span));
                }
                other => self.misplaced(other, item.span, &format!("cannot stand in the block of `{}`", Place::Update.name())),
            }
        }
        self.scope.truncate(outer);
        together.iter().for_each(|(state, ..)| self.change(*state));
        if !together.is_empty() {
            statements.push(Statement::Assign(together.into_iter().map(|(state, value, _)| (state, value)).collect()));
        }
        statements
    }

    fn spike(&mut self, spike: &ast::Spike) -> Option<Statement> {
        let condition = self.expression(&spike.condition).and_then(|c| self.truth(c, "the condition of a spike"));
        let then = self.block(&spike.body, Place::Spike);
        self.model.output = OutputType::Spikes;
        Some(Statement::Spike { condition: condition?.id, then })
    }

    fn emit(&mut self, emit: &ast::Emit) -> Option<Statement> {
        let value = self.expression(&emit.value).and_then(|v| self.quantity(v));
        let when = emit.when.as_ref().map(|when| self.expression(when).and_then(|w| self.truth(w, "the condition of an `emit`")));
        let value = value?;
        self.model.output = OutputType::Graded(value.ty.dimension());
        let when = match when {
            Some(when) => Some(when?.id),
            None => None,
        };
        Some(Statement::Emit { value: value.id, when })
    }

    /// A model has one output, of one kind.
    fn one_output(&mut self, output: &mut Option<(Span, bool)>, span: Span, spikes: bool) {
        let Some((first, first_spikes)) = *output else {
            *output = Some((span, spikes));
            return;
        };
        let error = if first_spikes == spikes {
            let help = if spikes { "join the conditions with `or`" } else { "emit one value: join them in one expression" };
            Diagnostic::error("E0305", "a model has one output", span).help(help)
        } else {
            Diagnostic::error("E0304", "a model emits spikes or graded values, not both", span)
                .help("make two models, or read the state from outside as a modulator or by `record`")
        };
        self.error(error.said("second output").label(first, "first output"));
    }

    fn on(&mut self, on: &ast::On) -> Option<Statement> {
        let receptor = match self.find(&on.receptor.text).map(|entry| entry.symbol) {
            Some(Symbol::Receptor(receptor)) => Some(receptor),
            Some(Symbol::Poison) => None,
            _ => {
                let names: Vec<&str> = self.model.receptors.values().iter().map(|r| r.name.as_str()).collect();
                let help = match crate::diagnostic::did_you_mean(&on.receptor.text, names.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if names.is_empty() => "declare `receptor NAME: …`".to_string(),
                    None => format!("the receptors are {}", names.join(", ")),
                };
                let error = Diagnostic::error("E0315", format!("`{}` is not a receptor", on.receptor.text), on.receptor.span);
                self.error(error.said("events arrive at receptors").help(help));
                None
            }
        };
        let body = self.block(&on.body, Place::On);
        let receptor = receptor?;
        self.used.receptors.insert(receptor);
        Some(Statement::On { receptor, body })
    }

    fn hold(&mut self, hold: &ast::Hold, span: Span) -> Option<Statement> {
        let states: Vec<Option<StateId>> = hold.names.iter().map(|name| self.target(name, "held")).collect();
        let duration = self.duration(&hold.duration);
        let mut states = states.into_iter().collect::<Option<Vec<_>>>()?;
        self.used.states.extend(states.iter().copied());
        states.sort_unstable();
        states.dedup();
        let hold = Hold { states, suppresses_spikes: false, duration: duration?, span };
        Some(Statement::Hold(self.model.holds.push(hold)))
    }

    fn refractory(&mut self, time: &ast::Expr, span: Span) -> Option<Statement> {
        let duration = self.duration(time)?;
        Some(Statement::Hold(self.model.holds.push(Hold { states: Vec::new(), suppresses_spikes: true, duration, span })))
    }

    /// A time that depends on parameters only: the number of ticks is known before the first.
    fn duration(&mut self, expr: &ast::Expr) -> Option<ExprId> {
        let value = self.expression(expr)?;
        let value = self.wanted(value, Type::Real(Dimension::TIME), "a duration")?;
        let not_known = |kind: &ExprKind| crate::circuit::walk::varies(kind) || matches!(kind, ExprKind::Total(_));
        let guilty = containing(&self.model.exprs, &self.lets, value.id, not_known).into_iter().next();
        if let Some(guilty) = guilty {
            let at = self.model.exprs[guilty].span;
            let error = Diagnostic::error("E0307", "a duration can depend on parameters only", expr.span)
                .said("the number of ticks must be known before the first")
                .help("use a parameter; a period that varies needs a state that counts down");
            self.error(if at == expr.span { error } else { error.label(at, "this changes in time") });
            return None;
        }
        Some(value.id)
    }
}
