//! Checks operators, and computes them where both operands are constants.

use super::names::Checker;
use super::value::{Meeting, Type, Value};
use crate::circuit::model::{BinaryOp, ExprKind, UnaryOp};
use crate::diagnostic::Diagnostic;
use crate::language::ast;
use crate::source::Span;
use crate::units::Dimension;
use ast::BinaryOp as Op;

impl Checker<'_> {
    pub(super) fn unary_operator(&mut self, op: ast::UnaryOp, operand: Value, span: Span) -> Option<Value> {
        match op {
            ast::UnaryOp::Not => {
                let operand = self.truth(operand, "what follows `not`")?;
                self.push(ExprKind::Unary(UnaryOp::Not, operand.id), Type::Truth, span)
            }
            ast::UnaryOp::Negate => {
                let operand = self.quantity(operand)?;
                if let Some(value) = operand.constant {
                    let negative = self.push(ExprKind::Constant(-value), operand.ty, span)?;
                    return Some(Value { zero: operand.zero, ..negative });
                }
                self.push(ExprKind::Unary(UnaryOp::Negate, operand.id), operand.ty, span)
            }
        }
    }

    pub(super) fn binary_operator(&mut self, op: ast::BinaryOp, left: Value, right: Value, span: Span) -> Option<Value> {
        match op {
            Op::And | Op::Or => self.connective(op, left, right, span),
            Op::Add => self.sum(BinaryOp::Add, left, right, span),
            Op::Sub => self.sum(BinaryOp::Subtract, left, right, span),
            Op::Mul => self.product(BinaryOp::Multiply, left, right, span),
            Op::Div => self.product(BinaryOp::Divide, left, right, span),
            Op::Rem => self.remainder(left, right, span),
            Op::Power => self.power(left, right, span),
            Op::Equal => self.comparison(BinaryOp::Equal, left, right, span),
            Op::NotEqual => self.comparison(BinaryOp::NotEqual, left, right, span),
            Op::Less => self.comparison(BinaryOp::Less, left, right, span),
            Op::LessEqual => self.comparison(BinaryOp::LessEqual, left, right, span),
            Op::Greater => self.comparison(BinaryOp::Greater, left, right, span),
            Op::GreaterEqual => self.comparison(BinaryOp::GreaterEqual, left, right, span),
        }
    }

    fn connective(&mut self, op: Op, left: Value, right: Value, span: Span) -> Option<Value> {
        let what = if op == Op::And { "an operand of `and`" } else { "an operand of `or`" };
        let (left, right) = (self.truth(left, what), self.truth(right, what));
        let op = if op == Op::And { BinaryOp::And } else { BinaryOp::Or };
        self.push(ExprKind::Binary(op, left?.id, right?.id), Type::Truth, span)
    }

    fn comparison(&mut self, op: BinaryOp, left: Value, right: Value, span: Span) -> Option<Value> {
        let meeting = Meeting { code: "E0202", message: "these units cannot be compared", truths: false };
        let (left, right) = self.meet(left, right, &meeting)?;
        self.push(ExprKind::Binary(op, left.id, right.id), Type::Truth, span)
    }

    pub(super) fn sum(&mut self, op: BinaryOp, left: Value, right: Value, span: Span) -> Option<Value> {
        let message = if op == BinaryOp::Add { "these units cannot be added" } else { "these units cannot be subtracted" };
        let (left, right) = self.meet(left, right, &Meeting { code: "E0201", message, truths: false })?;
        self.operation(op, left, right, left.ty, span)
    }

    fn product(&mut self, op: BinaryOp, left: Value, right: Value, span: Span) -> Option<Value> {
        const SAY: &str = "say `mul(a, b, round = down, shift = n)`, or `shift(a, n)` to divide by a power of two";
        // One after the other: the way out of the first is that of the second.
        let (left, a) = self.real(left, SAY)?;
        let (right, b) = self.real(right, SAY)?;
        let dimension = if op == BinaryOp::Multiply { a.times(b) } else { a.over(b) };
        let dimension = self.fits(dimension, span)?;
        self.operation(op, left, right, Type::Real(dimension), span)
    }

    /// a - b·floor(a/b): what is left has the sign of b.
    fn remainder(&mut self, left: Value, right: Value, span: Span) -> Option<Value> {
        const SAY: &str = "compare and subtract: `if x >= n then x - n else x`";
        let (left, right) = (self.real(left, SAY), self.real(right, SAY));
        let meeting = Meeting { code: "E0201", message: "a remainder needs both values in the same unit", truths: false };
        let (left, right) = self.meet(left?.0, right?.0, &meeting)?;
        let ratio = self.operation(BinaryOp::Divide, left, right, Type::NUMBER, span)?;
        let whole = self.function_of(UnaryOp::Floor, ratio, Type::NUMBER, span)?;
        let whole = self.operation(BinaryOp::Multiply, right, whole, right.ty, span)?;
        self.operation(BinaryOp::Subtract, left, whole, left.ty, span)
    }

    fn power(&mut self, base: Value, exponent: Value, span: Span) -> Option<Value> {
        let base = self.real(base, "multiply by hand: `mul(a, a, round = down, shift = n)`");
        let exponent = self.number(exponent, "an exponent");
        let ((base, dimension), exponent) = (base?, exponent?);
        let Some(n) = exponent.constant else {
            self.error(
                Diagnostic::error("E0206", "an exponent must be a compile-time constant", exponent.span)
                    .said("its value differs between neurons or in time")
                    .help("say `exp(y * log(x))` for x^y"),
            );
            return None;
        };
        if dimension.is_number() {
            return self.operation(BinaryOp::Power, base, exponent, Type::NUMBER, span);
        }
        if n.fract() != 0.0 || n.abs() > 127.0 {
            self.error(
                Diagnostic::error("E0206", "a quantity with a unit can only have a whole exponent", exponent.span)
                    .said(format!("{n} is not one"))
                    .label(base.span, dimension.to_string())
                    .help("use `sqrt` for a square root, or divide by the unit first"),
            );
            return None;
        }
        let dimension = self.fits(dimension.power(n as i8), span)?;
        self.operation(BinaryOp::Power, base, exponent, Type::Real(dimension), span)
    }

    fn fits(&mut self, dimension: Option<Dimension>, span: Span) -> Option<Dimension> {
        if dimension.is_none() {
            self.error(
                Diagnostic::error("E0211", "the unit of this has too large an exponent", span)
                    .said("an exponent here leaves -128 … 127")
                    .help("divide by units first, and compute with numbers"),
            );
        }
        dimension
    }

    /// Adds an operation whose operands are checked.
    pub(super) fn operation(&mut self, op: BinaryOp, a: Value, b: Value, ty: Type, span: Span) -> Option<Value> {
        let result = self.push(ExprKind::Binary(op, a.id, b.id), ty, span)?;
        let constant = a.constant.zip(b.constant).and_then(|(a, b)| compute(op, a, b));
        Some(Value { constant, ..result })
    }

    /// Adds a function whose argument is checked.
    pub(super) fn function_of(&mut self, op: UnaryOp, a: Value, ty: Type, span: Span) -> Option<Value> {
        let result = self.push(ExprKind::Unary(op, a.id), ty, span)?;
        Some(Value { constant: a.constant.and_then(|a| apply(op, a)), ..result })
    }
}

/// The value of an operation on constants, where it has one.
fn compute(op: BinaryOp, a: f64, b: f64) -> Option<f64> {
    let value = match op {
        BinaryOp::Add => a + b,
        BinaryOp::Subtract => a - b,
        BinaryOp::Multiply => a * b,
        BinaryOp::Divide => a / b,
        BinaryOp::Power => libm::pow(a, b),
        BinaryOp::Min => a.min(b),
        BinaryOp::Max => a.max(b),
        _ => return None,
    };
    value.is_finite().then_some(value)
}

fn apply(op: UnaryOp, a: f64) -> Option<f64> {
    let value = match op {
        UnaryOp::Negate => -a,
        UnaryOp::Absolute => a.abs(),
        UnaryOp::Exp => libm::exp(a),
        UnaryOp::Log => libm::log(a),
        UnaryOp::Sqrt => libm::sqrt(a),
        UnaryOp::Tanh => libm::tanh(a),
        UnaryOp::Floor => libm::floor(a),
        UnaryOp::Not | UnaryOp::Sigmoid | UnaryOp::Heaviside => return None,
    };
    value.is_finite().then_some(value)
}
