//! Expressions that are linear in some states: coefficients and a rest.

use super::error::ReferenceError;
use super::tape::OpKind;
use super::values::{Compiler, Of, Value};
use crate::circuit::model::{BinaryOp, ExprId, ExprKind, UnaryOp};
use std::collections::BTreeMap;

/// Coefficients of the unknowns and the rest; `None` is zero.
#[derive(Clone)]
pub(crate) struct Linear {
    pub coefficients: Vec<Option<Value>>,
    pub rest: Option<Value>,
}

/// The forms of the expressions that depend on an unknown.
type Forms = BTreeMap<ExprId, Linear>;

impl Linear {
    fn map(self, mut f: impl FnMut(Value) -> Value) -> Linear {
        let coefficients = self.coefficients.into_iter().map(|c| c.map(&mut f)).collect();
        Linear { coefficients, rest: self.rest.map(f) }
    }

    fn merge(self, other: Linear, mut f: impl FnMut(Option<Value>, Option<Value>) -> Option<Value>) -> Linear {
        let mut f = |x: Option<Value>, y: Option<Value>| if x.is_none() && y.is_none() { None } else { f(x, y) };
        let pairs = self.coefficients.into_iter().zip(other.coefficients);
        let coefficients = pairs.map(|(x, y)| f(x, y)).collect();
        Linear { coefficients, rest: f(self.rest, other.rest) }
    }
}

impl Compiler<'_> {
    /// An expression as coefficients of the unknowns (`None` is zero) and a rest.
    pub(crate) fn linear(&mut self, root: ExprId) -> Result<Linear, ReferenceError> {
        self.depends(root, Of::Unknowns);
        let mut forms = Forms::new();
        // Children first: as deep as an expression may be, nothing recurses.
        for id in self.ordered(root, Self::has_unknowns) {
            if self.has_unknowns(id) {
                let form = self.form(id, &forms)?;
                forms.insert(id, form);
            }
        }
        Ok(self.form_of(root, &forms))
    }

    fn has_unknowns(&self, id: ExprId) -> bool {
        self.known_to_depend(id, Of::Unknowns)
    }

    /// The form of an expression whose children have theirs.
    fn form_of(&mut self, id: ExprId, forms: &Forms) -> Linear {
        match forms.get(&id) {
            Some(form) => form.clone(),
            None => Linear { coefficients: vec![None; self.unknowns.len()], rest: Some(self.value(id)) },
        }
    }

    fn form(&mut self, id: ExprId, forms: &Forms) -> Result<Linear, ReferenceError> {
        let model = self.model;
        let not_linear = ReferenceError::NotLinear { span: model.exprs[id].span };
        match &model.exprs[id].kind {
            ExprKind::State(s) => {
                let coefficients = self.unknowns.iter().map(|x| (x == s).then_some(Value::Uniform(1.0))).collect();
                Ok(Linear { coefficients, rest: None })
            }
            ExprKind::Local(local) => {
                let value = self.locals.get(local).copied().ok_or(not_linear)?;
                Ok(self.form_of(value, forms))
            }
            ExprKind::Unary(UnaryOp::Negate, a) => {
                let a = self.form_of(*a, forms);
                Ok(a.map(|x| self.apply(OpKind::Unary(UnaryOp::Negate), &[x])))
            }
            ExprKind::Binary(op @ (BinaryOp::Add | BinaryOp::Subtract), a, b) => {
                let (a, b) = (self.form_of(*a, forms), self.form_of(*b, forms));
                Ok(a.merge(b, |x, y| self.sum(*op, x, y)))
            }
            ExprKind::Binary(BinaryOp::Multiply, a, b) if !self.has_unknowns(*a) => {
                Ok(self.scale(BinaryOp::Multiply, *b, *a, forms))
            }
            ExprKind::Binary(op @ (BinaryOp::Multiply | BinaryOp::Divide), a, b) if !self.has_unknowns(*b) => {
                Ok(self.scale(*op, *a, *b, forms))
            }
            ExprKind::If(c, a, b) if !self.has_unknowns(*c) => {
                let (c, a, b) = (self.value(*c), self.form_of(*a, forms), self.form_of(*b, forms));
                let zero = Value::Uniform(0.0);
                Ok(a.merge(b, |x, y| Some(self.apply(OpKind::Select, &[c, x.unwrap_or(zero), y.unwrap_or(zero)]))))
            }
            _ => Err(not_linear),
        }
    }

    fn scale(&mut self, op: BinaryOp, a: ExprId, by: ExprId, forms: &Forms) -> Linear {
        let (a, by) = (self.form_of(a, forms), self.value(by));
        a.map(|x| self.binary(op, x, by))
    }

    fn sum(&mut self, op: BinaryOp, x: Option<Value>, y: Option<Value>) -> Option<Value> {
        match (x, y) {
            (x, None) => x,
            (None, Some(y)) if op == BinaryOp::Add => Some(y),
            (x, Some(y)) => Some(self.binary(op, x.unwrap_or(Value::Uniform(0.0)), y)),
        }
    }
}
