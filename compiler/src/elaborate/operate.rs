//! Operators on values; on arrays they work element by element.

use super::context::Elaborator;
use super::scope::Scope;
use super::value::{Eval, Numbers, Poisoned, Value};
use crate::diagnostic::Diagnostic;
use crate::language::ast::{BinaryOp, Expr, UnaryOp};
use crate::source::Span;
use crate::units::Dimension;
use std::rc::Rc;

/// Why two quantities do not combine.
enum Mismatch {
    /// Their dimensions do not fit.
    Dimensions,
    /// Division by zero.
    ByZero,
    /// No finite number comes out.
    NotFinite,
    /// An exponent that is not a whole number, of something with a unit.
    Exponent,
}

impl<'a> Elaborator<'a> {
    /// `-a`, `not a`
    pub(super) fn unary(&mut self, op: UnaryOp, value: Value<'a>, span: Span) -> Eval<Value<'a>> {
        match (op, value) {
            (UnaryOp::Not, Value::Truth(truth)) => Ok(Value::Truth(!truth)),
            (UnaryOp::Not, other) => Err(self.expected("true or false", &other, span)),
            (UnaryOp::Negate, Value::Number(x, dimension)) => Ok(Value::Number(-x, dimension)),
            (UnaryOp::Negate, Value::Zero) => Ok(Value::Zero),
            (UnaryOp::Negate, Value::Table(numbers)) => {
                let mut numbers = (*numbers).clone();
                numbers.values.iter_mut().for_each(|x| *x = -*x);
                Ok(Value::Table(Rc::new(numbers)))
            }
            (UnaryOp::Negate, Value::List(items)) => {
                self.step(items.len() as u64, span)?;
                let items = items.iter().map(|item| self.unary(op, item.clone(), span)).collect::<Eval<_>>()?;
                Ok(Value::list(items))
            }
            (UnaryOp::Negate, other) => Err(self.expected("a number", &other, span)),
        }
    }

    /// An operator with two operands; `and` and `or` look at the second only when they must.
    pub(super) fn binary(
        &mut self,
        scope: &Scope<'a>,
        op: BinaryOp,
        left: &'a Expr,
        right: &'a Expr,
        span: Span,
    ) -> Eval<Value<'a>> {
        match op {
            BinaryOp::And => Ok(Value::Truth(self.truth(scope, left)? && self.truth(scope, right)?)),
            BinaryOp::Or => Ok(Value::Truth(self.truth(scope, left)? || self.truth(scope, right)?)),
            _ => {
                let (a, b) = (self.eval(scope, left), self.eval(scope, right));
                let places = Places { left: left.span, right: right.span, all: span };
                self.combine(op, &a?, &b?, places)
            }
        }
    }

    fn combine(&mut self, op: BinaryOp, a: &Value<'a>, b: &Value<'a>, places: Places) -> Eval<Value<'a>> {
        match (a, b) {
            (Value::Poison, _) | (_, Value::Poison) => Err(Poisoned),
            (Value::Number(x, p), Value::Number(y, q)) => self.combine_numbers(op, (*x, *p), (*y, *q), places),
            (Value::Zero, _) => self.combine(op, &zero_beside(op, b), b, places),
            (_, Value::Zero) => self.combine(op, a, &zero_beside(op, a), places),
            (Value::Text(x), Value::Text(y)) if op == BinaryOp::Equal => Ok(Value::Truth(x == y)),
            (Value::Text(x), Value::Text(y)) if op == BinaryOp::NotEqual => Ok(Value::Truth(x != y)),
            (Value::Text(x), Value::Text(y)) if op == BinaryOp::Add => Ok(Value::Text(format!("{x}{y}").into())),
            (Value::Truth(x), Value::Truth(y)) if op == BinaryOp::Equal => Ok(Value::Truth(x == y)),
            (Value::Truth(x), Value::Truth(y)) if op == BinaryOp::NotEqual => Ok(Value::Truth(x != y)),
            (Value::Table(_), _) | (_, Value::Table(_)) => self.combine_tables(op, a, b, places),
            (Value::List(xs), Value::List(ys)) if xs.len() == ys.len() => {
                self.step(xs.len() as u64, places.all)?;
                let items = xs.iter().zip(ys.iter()).map(|(x, y)| self.combine(op, x, y, places)).collect::<Eval<_>>()?;
                Ok(Value::list(items))
            }
            (Value::List(xs), Value::List(ys)) => {
                let message = format!("these arrays differ in length: {} and {}", xs.len(), ys.len());
                Err(self.fail(Diagnostic::error("E0510", message, places.all)))
            }
            (Value::List(xs), Value::Number(..)) => {
                self.step(xs.len() as u64, places.all)?;
                let items = xs.iter().map(|x| self.combine(op, x, b, places)).collect::<Eval<_>>()?;
                Ok(Value::list(items))
            }
            (Value::Number(..), Value::List(ys)) => {
                self.step(ys.len() as u64, places.all)?;
                let items = ys.iter().map(|y| self.combine(op, a, y, places)).collect::<Eval<_>>()?;
                Ok(Value::list(items))
            }
            (Value::Drawn(_), _) | (_, Value::Drawn(_)) => {
                let error = Diagnostic::error("E0506", "a distribution cannot be calculated with", places.all);
                Err(self.fail(error.help("calculate with its parameters: `normal(2 * w, 2 * s)`")))
            }
            (Value::Number(..), other) => Err(self.expected("a number", other, places.right)),
            (other, _) => Err(self.expected("a number", other, places.left)),
        }
    }

    fn combine_numbers(&mut self, op: BinaryOp, a: (f64, Dimension), b: (f64, Dimension), places: Places) -> Eval<Value<'a>> {
        if op.is_comparison() {
            return match a.1 == b.1 {
                true => Ok(Value::Truth(compare(op, a.0, b.0))),
                false => Err(self.mismatch(op, &Mismatch::Dimensions, a.1, b.1, places)),
            };
        }
        match arithmetic(op, a, b) {
            Ok((x, dimension)) => Ok(Value::Number(x, dimension)),
            Err(why) => Err(self.mismatch(op, &why, a.1, b.1, places)),
        }
    }

    fn combine_tables(&mut self, op: BinaryOp, a: &Value<'a>, b: &Value<'a>, places: Places) -> Eval<Value<'a>> {
        if op.is_comparison() {
            return Err(self.fail(Diagnostic::error("E0502", "tables cannot be compared", places.all)));
        }
        let (a, b) = (self.numbers(a, places.left)?, self.numbers(b, places.right)?);
        let single = |n: &Numbers| n.shape.is_empty();
        if a.shape != b.shape && !single(&a) && !single(&b) {
            let message = format!("these tables differ in shape: {:?} and {:?}", a.shape, b.shape);
            return Err(self.fail(Diagnostic::error("E0510", message, places.all)));
        }
        let (p, q) = (a.dimension.unwrap_or_default(), b.dimension.unwrap_or_default());
        let shape = if single(&a) { b.shape.clone() } else { a.shape.clone() };
        let at = |n: &Numbers, i: usize| n.values.get(if single(n) { 0 } else { i }).copied().unwrap_or(f64::NAN);
        let mut dimension = Dimension::NUMBER;
        let mut values = Vec::with_capacity(a.values.len().max(b.values.len()));
        for i in 0..shape.iter().product() {
            match arithmetic(op, (at(&a, i), p), (at(&b, i), q)) {
                Ok((x, d)) => {
                    values.push(x);
                    dimension = d;
                }
                Err(why) => return Err(self.mismatch(op, &why, p, q, places)),
            }
        }
        Ok(Value::Table(Rc::new(Numbers { shape, values, dimension: Some(dimension) })))
    }

    fn mismatch(&mut self, op: BinaryOp, why: &Mismatch, a: Dimension, b: Dimension, places: Places) -> Poisoned {
        let error = match why {
            Mismatch::Dimensions => {
                let verb = match op {
                    BinaryOp::Add => "added",
                    BinaryOp::Sub => "subtracted",
                    op if op.is_comparison() => "compared",
                    _ => "combined",
                };
                Diagnostic::error("E0501", format!("these units cannot be {verb}"), places.left)
                    .said(a.to_string())
                    .label(places.right, b.to_string())
                    .help("both sides must measure the same thing")
            }
            Mismatch::ByZero => {
                let error = Diagnostic::error("E0504", "division by zero", places.right)
                    .said("this is zero")
                    .help("where it may be zero, say what is meant then: `if n > 0 then a / n else 0`");
                error.help("choose with `if … then … else …` where it can be zero")
            }
            Mismatch::NotFinite => Diagnostic::error("E0504", "no finite number comes out here", places.all),
            Mismatch::Exponent => Diagnostic::error("E0501", format!("a {a} can be raised to a whole power only"), places.right)
                .help("divide it by its unit first"),
        };
        self.fail(error)
    }
}

/// A literal `0` takes the unit of what it is added to or compared with.
fn zero_beside<'a>(op: BinaryOp, other: &Value<'a>) -> Value<'a> {
    match (op, other) {
        (BinaryOp::Mul | BinaryOp::Div | BinaryOp::Power, _) => Value::number(0.0),
        (_, Value::Number(_, dimension)) => Value::Number(0.0, *dimension),
        (_, Value::Table(numbers)) => Value::Number(0.0, numbers.dimension.unwrap_or_default()),
        _ => Value::number(0.0),
    }
}

/// Where an operation stands.
#[derive(Clone, Copy)]
struct Places {
    left: Span,
    right: Span,
    all: Span,
}

fn compare(op: BinaryOp, x: f64, y: f64) -> bool {
    match op {
        BinaryOp::Equal => x == y,
        BinaryOp::NotEqual => x != y,
        BinaryOp::Less => x < y,
        BinaryOp::LessEqual => x <= y,
        BinaryOp::Greater => x > y,
        _ => x >= y,
    }
}

fn arithmetic(op: BinaryOp, (x, p): (f64, Dimension), (y, q): (f64, Dimension)) -> Result<(f64, Dimension), Mismatch> {
    let same = || if p == q { Ok(p) } else { Err(Mismatch::Dimensions) };
    let (value, dimension) = match op {
        BinaryOp::Add => (x + y, same()?),
        BinaryOp::Sub => (x - y, same()?),
        BinaryOp::Mul => (x * y, p.times(q).ok_or(Mismatch::NotFinite)?),
        BinaryOp::Div | BinaryOp::Rem if y == 0.0 => return Err(Mismatch::ByZero),
        BinaryOp::Div => (x / y, p.over(q).ok_or(Mismatch::NotFinite)?),
        // The sign of the divisor: -1 % 8 is 7, as for the indices of a ring.
        BinaryOp::Rem => (x - y * libm::floor(x / y), same()?),
        _ => power(x, p, y, q)?,
    };
    if value.is_finite() { Ok((value, dimension)) } else { Err(Mismatch::NotFinite) }
}

fn power(x: f64, p: Dimension, y: f64, q: Dimension) -> Result<(f64, Dimension), Mismatch> {
    if !q.is_number() {
        return Err(Mismatch::Dimensions);
    }
    let dimension = if p.is_number() {
        p
    } else if y.fract() == 0.0 && y.abs() <= 127.0 {
        p.power(y as i8).ok_or(Mismatch::Exponent)?
    } else if y == 0.5 {
        p.root().ok_or(Mismatch::Exponent)?
    } else {
        return Err(Mismatch::Exponent);
    };
    Ok((libm::pow(x, y), dimension))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(op: BinaryOp, x: f64, y: f64) -> Option<f64> {
        arithmetic(op, (x, Dimension::NUMBER), (y, Dimension::NUMBER)).ok().map(|(x, _)| x)
    }

    #[test]
    fn remainders_have_the_sign_of_the_divisor() {
        assert_eq!(number(BinaryOp::Rem, -1.0, 8.0), Some(7.0));
        assert_eq!(number(BinaryOp::Rem, 9.0, 8.0), Some(1.0));
        assert_eq!(number(BinaryOp::Rem, 9.0, 0.0), None);
    }

    #[test]
    fn powers_raise_the_unit_too() {
        let square = arithmetic(BinaryOp::Power, (2.0, Dimension::VOLTAGE), (2.0, Dimension::NUMBER)).ok();
        assert_eq!(square, Some((4.0, Dimension::VOLTAGE.power(2).expect("small exponents"))));
        assert!(arithmetic(BinaryOp::Power, (2.0, Dimension::VOLTAGE), (0.3, Dimension::NUMBER)).is_err());
    }
}
