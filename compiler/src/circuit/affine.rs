//! Writes an expression as a sum of coefficients times states, plus a rest.
//!
//! Takes: a model, one of its expressions, some of its states. Gives: a coefficient for each of these states that occurs and a rest,
//!   as new expressions of the same model; or the place that is not linear.
//! Invariants: kept: everything that was in the model. New: coefficients and rest are free of the given states; the sum
//!   equals the expression in real arithmetic; children stand before parents.
//! Cost: linear in the expressions below the given one, times the states.
//! Source: own. Example: `(e_l - v + g_e) / tau` in v, g_e: coefficients `-1 / tau`, `1 / tau`, rest `e_l / tau`.

use super::model::{BinaryOp, Expr, ExprId, ExprKind, Model, StateId, UnaryOp};
use super::walk::{Lets, below, lets_of, varies};
use crate::source::Span;
use crate::table::{Id, Table};
use crate::units::Dimension;
use std::collections::BTreeMap;

/// Sum of `coefficient * state`, plus `rest`.
#[derive(Clone, PartialEq, Debug)]
pub struct AffineForm {
    /// One for each state that occurs, by state.
    pub coefficients: Vec<(StateId, ExprId)>,
    /// Everything that is free of the states; absent where it is zero.
    pub rest: Option<ExprId>,
}

/// An expression is not linear in the states.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Nonlinear {
    /// The smallest part of it that is not.
    pub at: ExprId,
}

/// `expr` as a linear form in `states`. `let`s that depend on them are looked through.
///
/// The coefficients are appended to the model's expressions: give a copy of a model that must stay as it is.
///
/// # Errors
/// The part that is not linear.
pub fn affine(model: &mut Model, expr: ExprId, states: &[StateId]) -> Result<AffineForm, Nonlinear> {
    let lets = lets_of(model);
    Decomposition { exprs: &mut model.exprs, lets: &lets, states, forms: BTreeMap::new() }.run(expr)
}

/// The first part of an expression that can change from tick to tick, through `let`s; `None` when it depends on parameters,
/// constants, the tick's length and weight totals only.
#[must_use]
pub fn varying(model: &Model, expr: ExprId) -> Option<ExprId> {
    below(&model.exprs, &lets_of(model), expr).into_iter().find(|id| varies(&model.exprs[*id].kind))
}

struct Decomposition<'a> {
    exprs: &'a mut Table<ExprId, Expr>,
    lets: &'a Lets,
    states: &'a [StateId],
    forms: BTreeMap<ExprId, AffineForm>,
}

impl Decomposition<'_> {
    fn run(mut self, root: ExprId) -> Result<AffineForm, Nonlinear> {
        // Ascending order: children come first, so no recursion is needed however deep the expression is.
        for id in below(self.exprs, self.lets, root) {
            let form = self.form(id)?;
            self.forms.insert(id, form);
        }
        self.forms.remove(&root).ok_or(Nonlinear { at: root })
    }

    /// The form of `id`, whose children have theirs.
    fn form(&mut self, id: ExprId) -> Result<AffineForm, Nonlinear> {
        let Expr { kind, span, .. } = self.exprs[id].clone();
        if let ExprKind::State(state) = kind
            && self.states.contains(&state)
        {
            let one = self.push(ExprKind::Constant(1.0), Dimension::NUMBER, span);
            return Ok(AffineForm { coefficients: vec![(state, one)], rest: None });
        }
        let through = match kind {
            ExprKind::Local(local) => self.lets.get(local).copied().flatten(),
            _ => None,
        };
        if !kind.children().chain(through).any(|child| self.depends(child)) {
            return Ok(AffineForm { coefficients: Vec::new(), rest: Some(id) });
        }
        match kind {
            ExprKind::Local(_) => through.and_then(|value| self.forms.get(&value).cloned()).ok_or(Nonlinear { at: id }),
            ExprKind::Unary(UnaryOp::Negate, a) => Ok(self.map(a, |d, x| d.unary(UnaryOp::Negate, x, span))),
            ExprKind::Binary(op @ (BinaryOp::Add | BinaryOp::Subtract), a, b) => Ok(self.sum(op, a, b, span)),
            ExprKind::Binary(BinaryOp::Multiply, a, b) if !self.depends(b) => {
                Ok(self.map(a, |d, x| d.binary(BinaryOp::Multiply, x, b, span)))
            }
            ExprKind::Binary(BinaryOp::Multiply, a, b) if !self.depends(a) => {
                Ok(self.map(b, |d, x| d.binary(BinaryOp::Multiply, a, x, span)))
            }
            ExprKind::Binary(BinaryOp::Divide, a, b) if !self.depends(b) => {
                Ok(self.map(a, |d, x| d.binary(BinaryOp::Divide, x, b, span)))
            }
            ExprKind::If(condition, a, b) if !self.depends(condition) => Ok(self.choice(condition, a, b, span)),
            _ => Err(Nonlinear { at: id }),
        }
    }

    fn depends(&self, id: ExprId) -> bool {
        self.forms.get(&id).is_some_and(|form| !form.coefficients.is_empty())
    }

    /// The form of `a`, or of a leaf that stands for itself.
    fn form_of(&self, a: ExprId) -> AffineForm {
        self.forms.get(&a).cloned().unwrap_or(AffineForm { coefficients: Vec::new(), rest: Some(a) })
    }

    /// The form of `a` with `f` applied to each coefficient and the rest.
    fn map(&mut self, a: ExprId, mut f: impl FnMut(&mut Self, ExprId) -> ExprId) -> AffineForm {
        let form = self.form_of(a);
        let coefficients = form.coefficients.into_iter().map(|(state, c)| (state, f(self, c))).collect();
        AffineForm { coefficients, rest: form.rest.map(|rest| f(self, rest)) }
    }

    fn sum(&mut self, op: BinaryOp, a: ExprId, b: ExprId, span: Span) -> AffineForm {
        self.merge(a, b, |d, x, y| match (x, y) {
            (Some(x), Some(y)) => Some(d.binary(op, x, y, span)),
            (None, Some(y)) if op == BinaryOp::Subtract => Some(d.unary(UnaryOp::Negate, y, span)),
            (one, other) => one.or(other),
        })
    }

    fn choice(&mut self, condition: ExprId, a: ExprId, b: ExprId, span: Span) -> AffineForm {
        self.merge(a, b, |d, x, y| {
            let dimension = d.exprs[x.or(y)?].dimension;
            let mut or_zero = |e: Option<ExprId>| e.unwrap_or_else(|| d.push(ExprKind::Constant(0.0), dimension, span));
            let (x, y) = (or_zero(x), or_zero(y));
            Some(d.push(ExprKind::If(condition, x, y), dimension, span))
        })
    }

    /// The forms of `a` and `b`, put together state by state.
    fn merge(
        &mut self,
        a: ExprId,
        b: ExprId,
        mut f: impl FnMut(&mut Self, Option<ExprId>, Option<ExprId>) -> Option<ExprId>,
    ) -> AffineForm {
        let (a, b) = (self.form_of(a), self.form_of(b));
        let of = |form: &AffineForm, state: StateId| form.coefficients.iter().find(|(s, _)| *s == state).map(|(_, c)| *c);
        let mut states: Vec<StateId> = a.coefficients.iter().chain(&b.coefficients).map(|(s, _)| *s).collect();
        states.sort_unstable();
        states.dedup();
        let coefficients = states.into_iter().filter_map(|s| Some((s, f(self, of(&a, s), of(&b, s))?))).collect();
        AffineForm { coefficients, rest: f(self, a.rest, b.rest) }
    }

    fn unary(&mut self, op: UnaryOp, a: ExprId, span: Span) -> ExprId {
        let dimension = self.exprs[a].dimension;
        self.push(ExprKind::Unary(op, a), dimension, span)
    }

    fn binary(&mut self, op: BinaryOp, a: ExprId, b: ExprId, span: Span) -> ExprId {
        let (left, right) = (self.exprs[a].dimension, self.exprs[b].dimension);
        // Exponents that do not fit were refused when the expression itself was checked; a part of it has smaller ones.
        let dimension = match op {
            BinaryOp::Multiply => left.times(right).unwrap_or(left),
            BinaryOp::Divide => left.over(right).unwrap_or(left),
            _ => left,
        };
        self.push(ExprKind::Binary(op, a, b), dimension, span)
    }

    fn push(&mut self, kind: ExprKind, dimension: Dimension, span: Span) -> ExprId {
        debug_assert!(kind.children().all(|child| child.index() < self.exprs.len()));
        self.exprs.push(Expr { kind, dimension, truth: false, span })
    }
}
