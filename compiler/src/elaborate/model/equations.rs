//! `d x = …` and `integrate …`: consecutive equations become one system.

use super::names::Checker;
use super::value::{Type, Value};
use crate::circuit::model::{ExprId, Method, StateId, Statement, System};
use crate::diagnostic::Diagnostic;
use crate::language::ast;
use crate::source::Span;
use crate::units::Dimension;

/// More would take longer than any smaller tick.
const MAX_SUBSTEPS: u32 = 1000;

/// The equations of the system at hand and what was said about integration.
#[derive(Debug)]
pub(super) struct Equations {
    method: Method,
    substeps: u32,
    /// The last `integrate` with no equation after it yet.
    pending: Option<Span>,
    open: Vec<(StateId, ExprId)>,
    span: Option<Span>,
    /// The states that have an equation, with its place.
    all: Vec<(StateId, Span)>,
    /// The first equation of the model.
    pub(super) first: Option<Span>,
}

impl Default for Equations {
    fn default() -> Self {
        Equations {
            method: Method::Exact,
            substeps: 1,
            pending: None,
            open: Vec::new(),
            span: None,
            all: Vec::new(),
            first: None,
        }
    }
}

impl Checker<'_> {
    pub(super) fn integrate(&mut self, integrate: &ast::Integrate, span: Span, equations: &mut Equations) {
        self.unused_integrate(equations);
        equations.pending = Some(span);
        equations.method = match integrate.method {
            ast::Method::Exact => Method::Exact,
            ast::Method::Euler => Method::Euler,
            ast::Method::Midpoint => Method::Midpoint,
            ast::Method::ExponentialEuler => Method::ExponentialEuler,
        };
        equations.substeps = 1;
        let Some(substeps) = &integrate.substeps else { return };
        if equations.method == Method::Exact {
            self.error(
                Diagnostic::error("E0314", "an exact solution has no substeps", substeps.span)
                    .said("one step is as good as many")
                    .help("write `integrate exact`"),
            );
            return;
        }
        let Some(n) = self.constant(substeps, Dimension::NUMBER, "the number of substeps") else { return };
        if n.fract() == 0.0 && n >= 1.0 && n <= f64::from(MAX_SUBSTEPS) {
            equations.substeps = n as u32;
            return;
        }
        self.error(
            Diagnostic::error("E0314", "this is not a possible number of substeps", substeps.span)
                .said(format!("{n}"))
                .help(format!("a tick is cut into a whole number of steps, 1 to {MAX_SUBSTEPS}")),
        );
    }

    pub(super) fn unused_integrate(&mut self, equations: &Equations) {
        if let Some(span) = equations.pending {
            self.error(
                Diagnostic::warning("W0306", "this `integrate` has no equation after it", span)
                    .said("it applies to the `d` lines below it")
                    .help("move it above the equations, or remove it"),
            );
        }
    }

    pub(super) fn derivative(&mut self, line: &ast::Derivative, span: Span, equations: &mut Equations) {
        equations.first = equations.first.or(Some(span));
        equations.pending = None;
        let state = self.target(&line.name, "integrated");
        let value = self.expression(&line.value);
        let Some(state) = state else { return };
        self.used.states.insert(state);
        if let Some(first) = equations.all.iter().find(|(s, _)| *s == state).map(|(_, first)| *first) {
            self.error(
                Diagnostic::error("E0311", format!("`{}` has two equations", line.name.text), line.name.span)
                    .said("again here")
                    .label(first, "first here")
                    .help("add the right-hand sides"),
            );
        }
        equations.all.push((state, line.name.span));
        if self.model.states[state].fixed.is_some() {
            self.error(
                Diagnostic::error("E0312", format!("`{}` is fixed-point: it has no equation", line.name.text), line.name.span)
                    .said("its arithmetic is spelled out")
                    .label(self.model.states[state].span, "declared `fixed`")
                    .help("assign to it with `mul` and `shift`, or declare it a quantity"),
            );
            return;
        }
        let Some(value) = value.and_then(|v| self.rate_of(v, state, &line.name)) else { return };
        equations.open.push((state, value.id));
        equations.span = Some(equations.span.map_or(span, |first| first.to(span)));
    }

    /// `value` as the derivative of `state`.
    fn rate_of(&mut self, value: Value, state: StateId, name: &ast::Ident) -> Option<Value> {
        let dimension = self.model.states[state].dimension;
        let rate = dimension.over(Dimension::TIME)?;
        self.quantity(value)?;
        if let Some(value) = self.adapt(value, Type::Real(rate)) {
            return Some(value);
        }
        let (found, _) = self.real(value, "fixed-point values have no part in equations")?;
        let Type::Real(found) = found.ty else { return None };
        let help = if found == dimension {
            format!("divide by a time constant: `d {} = (…) / tau`", name.text)
        } else if found.over(Dimension::CURRENT) == Some(Dimension::NUMBER) && dimension == Dimension::VOLTAGE {
            "divide the current by a capacitance: `d v = (…) / c_m`".to_string()
        } else {
            super::hints::way_out(rate, found)
        };
        self.error(
            Diagnostic::error("E0210", format!("`d {}` must be {rate}: its unit per time", name.text), value.span)
                .said(found.to_string())
                .label(name.span, dimension.to_string())
                .help(help),
        );
        None
    }

    /// Closes the system at hand.
    pub(super) fn end_system(&mut self, equations: &mut Equations) -> Option<Statement> {
        let open = std::mem::take(&mut equations.open);
        let span = equations.span.take()?;
        let states: Vec<StateId> = open.iter().map(|(state, _)| *state).collect();
        let mut written = Vec::new();
        for (state, value) in open {
            self.check_lets(value, &states);
            written.push((state, self.write_out(value, &states)));
        }
        states.into_iter().for_each(|state| self.change(state));
        let (method, substeps) = (equations.method, equations.substeps);
        Some(Statement::Integrate(System { method, substeps, equations: written, span }))
    }
}
