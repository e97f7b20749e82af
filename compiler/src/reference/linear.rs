//! Expressions that are linear in some states: coefficients and a rest.

use super::error::ReferenceError;
use super::tape::OpKind;
use super::values::{Compiler, Of, Value};
use crate::circuit::model::{BinaryOp, ExprId, ExprKind, UnaryOp};

/// Coefficients of the unknowns and the rest; `None` is zero.
pub(crate) struct Linear {
    pub coefficients: Vec<Option<Value>>,
    pub rest: Option<Value>,
}

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
    pub(crate) fn linear(&mut self, id: ExprId) -> Result<Linear, ReferenceError> {
        let count = self.unknowns.len();
        if !self.depends(id, Of::Unknowns) {
            return Ok(Linear { coefficients: vec![None; count], rest: Some(self.value(id)) });
        }
        let model = self.model;
        let not_linear = ReferenceError::NotLinear { span: model.exprs[id].span };
        match &model.exprs[id].kind {
            ExprKind::State(s) => {
                let coefficients = self.unknowns.iter().map(|x| (x == s).then_some(Value::Uniform(1.0))).collect();
                Ok(Linear { coefficients, rest: None })
            }
            ExprKind::Local(local) => match self.locals.get(local).copied() {
                Some(value) => self.linear(value),
                None => Err(not_linear),
            },
            ExprKind::Unary(UnaryOp::Negate, a) => {
                let a = self.linear(*a)?;
                Ok(a.map(|x| self.apply(OpKind::Unary(UnaryOp::Negate), &[x])))
            }
            ExprKind::Binary(op @ (BinaryOp::Add | BinaryOp::Subtract), a, b) => {
                let (a, b) = (self.linear(*a)?, self.linear(*b)?);
                Ok(a.merge(b, |x, y| self.sum(*op, x, y)))
            }
            ExprKind::Binary(BinaryOp::Multiply, a, b) if !self.depends(*b, Of::Unknowns) => {
                self.scale(BinaryOp::Multiply, *a, *b)
            }
            ExprKind::Binary(BinaryOp::Multiply, a, b) if !self.depends(*a, Of::Unknowns) => {
                self.scale(BinaryOp::Multiply, *b, *a)
            }
            ExprKind::Binary(BinaryOp::Divide, a, b) if !self.depends(*b, Of::Unknowns) => self.scale(BinaryOp::Divide, *a, *b),
            ExprKind::If(c, a, b) if !self.depends(*c, Of::Unknowns) => {
                let (c, a, b) = (self.value(*c), self.linear(*a)?, self.linear(*b)?);
                let zero = Value::Uniform(0.0);
                Ok(a.merge(b, |x, y| Some(self.apply(OpKind::Select, &[c, x.unwrap_or(zero), y.unwrap_or(zero)]))))
            }
            _ => Err(not_linear),
        }
    }

    fn scale(&mut self, op: BinaryOp, a: ExprId, by: ExprId) -> Result<Linear, ReferenceError> {
        let (a, by) = (self.linear(a)?, self.value(by));
        Ok(a.map(|x| self.binary(op, x, by)))
    }

    fn sum(&mut self, op: BinaryOp, x: Option<Value>, y: Option<Value>) -> Option<Value> {
        match (x, y) {
            (x, None) => x,
            (None, Some(y)) if op == BinaryOp::Add => Some(y),
            (x, Some(y)) => Some(self.binary(op, x.unwrap_or(Value::Uniform(0.0)), y)),
        }
    }
}
