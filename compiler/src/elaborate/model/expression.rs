//! Checks an expression: one case per form.

use super::names::Checker;
use super::value::{Meeting, Type, Value};
use crate::circuit::model::ExprKind;
use crate::diagnostic::Diagnostic;
use crate::language::ast;
use crate::source::Span;
use crate::units::{self, Dimension};

/// Expressions within expressions, functions written out included: bounds the stack.
const MAX_DEPTH: u32 = 320;
/// Expressions of one neuron, functions written out each time: bounds the time, also where errors keep the model small.
const MAX_WORK: u32 = 1 << 18;

impl Checker<'_> {
    /// Checks an expression; `None` after an error.
    pub(super) fn expression(&mut self, expr: &ast::Expr) -> Option<Value> {
        self.work += 1;
        if self.depth >= MAX_DEPTH || self.work > MAX_WORK {
            self.error(
                Diagnostic::error("E0316", "this expression is too large with its functions written out", expr.span)
                    .said("given up here")
                    .help("name parts of it with `let`, and call fewer functions from functions"),
            );
            return None;
        }
        self.depth += 1;
        let value = self.form(expr);
        self.depth -= 1;
        // The whole text, also where the value was made from another one.
        value.map(|v| Value { span: expr.span, ..v })
    }

    fn form(&mut self, expr: &ast::Expr) -> Option<Value> {
        use ast::ExprKind as Form;
        match &expr.kind {
            Form::Number { value, unit } => self.literal(*value, unit.as_ref(), expr.span),
            Form::Bool(value) => self.push(ExprKind::Constant(f64::from(u8::from(*value))), Type::Truth, expr.span),
            Form::Path(path) => match path.as_name() {
                Some(name) => self.name(name),
                None => self.foreign(path),
            },
            Form::Call(call) => self.call(call),
            Form::Unary { op, operand } => {
                let operand = self.expression(operand)?;
                self.unary_operator(*op, operand, expr.span)
            }
            Form::Binary { op, left, right } => {
                let (left, right) = (self.expression(left), self.expression(right));
                self.binary_operator(*op, left?, right?, expr.span)
            }
            Form::If { condition, yes, no } => self.choice(condition, yes, no, expr.span),
            Form::Random(call) => self.random(call, expr.span),
            Form::Text(_) => self.not_here("a text", "write a number with its unit", expr.span),
            Form::Array(_) => {
                self.not_here("an array", "tables belong to the circuit; give each neuron its value there", expr.span)
            }
            Form::Range { .. } => self.not_here("a range", "compare with both ends: `x >= low and x < high`", expr.span),
            Form::Within { .. } => self.not_here("`within`", "say `clip(x, low, high)`", expr.span),
            Form::From(_) => {
                self.not_here("a file", "give it where the population is made: `cell(x = from \"x.npy\")`", expr.span)
            }
        }
    }

    pub(super) fn literal(&mut self, value: f64, unit: Option<&ast::Ident>, span: Span) -> Option<Value> {
        let Some(unit) = unit else {
            let number = self.push(ExprKind::Constant(value), Type::NUMBER, span)?;
            return Some(Value { zero: value == 0.0, ..number });
        };
        let Some(known) = units::unit(&unit.text) else {
            self.error(Diagnostic::error("E0220", format!("there is no unit `{}`", unit.text), unit.span).said("unknown unit"));
            return None;
        };
        self.push(ExprKind::Constant(units::scaled(value, known.si)), Type::Real(known.dimension), span)
    }

    fn choice(&mut self, condition: &ast::Expr, yes: &ast::Expr, no: &ast::Expr, span: Span) -> Option<Value> {
        let condition = self.expression(condition).and_then(|c| self.truth(c, "the condition of an `if`"));
        let (yes, no) = (self.expression(yes), self.expression(no));
        let meeting = Meeting { code: "E0203", message: "both branches of an `if` must have the same unit", truths: true };
        let (yes, no) = self.meet(yes?, no?, &meeting)?;
        self.push(ExprKind::If(condition?.id, yes.id, no.id), yes.ty, span)
    }

    fn foreign(&mut self, path: &ast::Path) -> Option<Value> {
        self.error(
            Diagnostic::error("E0221", "a neuron reads only its own names", path.span)
                .said("a field or an element of something else")
                .help("declare a `modulator` and bind it where the population is made: `cell(gain = other[0].level)`"),
        );
        None
    }

    fn not_here(&mut self, what: &str, help: &str, span: Span) -> Option<Value> {
        self.error(
            Diagnostic::error("E0221", format!("{what} cannot stand in a neuron's expression"), span)
                .said("not a number, a name or an operation")
                .help(help),
        );
        None
    }

    /// The value of a constant expression of dimension `wanted`; `what` names it in errors.
    pub(super) fn constant(&mut self, expr: &ast::Expr, wanted: Dimension, what: &str) -> Option<f64> {
        let kept = (self.reads, std::mem::take(&mut self.model.exprs));
        self.reads = super::names::Reads::Constants;
        let value = self.expression(expr).and_then(|v| self.wanted(v, Type::Real(wanted), what));
        (self.reads, self.model.exprs) = kept;
        let value = value?;
        if value.constant.is_none() {
            self.error(
                Diagnostic::error("E0222", "this must be a constant", value.span)
                    .said("its value is not known at compile time")
                    .help("write the number, or a constant defined outside the neuron"),
            );
        }
        value.constant
    }

    /// `value` as a value of type `to`, or the error that it is in another unit; `what` says whose it is.
    pub(super) fn wanted(&mut self, value: Value, to: Type, what: &str) -> Option<Value> {
        self.quantity(value)?;
        if let Some(value) = self.adapt(value, to) {
            return Some(value);
        }
        let (Type::Real(want), Type::Real(found)) = (to, value.ty) else {
            self.fixed_wanted(value, to, what);
            return None;
        };
        let hint = match value.constant {
            Some(_) if found.is_number() => super::hints::give_unit(want),
            Some(_) if want.is_number() => "leave the unit out, or divide by it".to_string(),
            Some(_) => format!("write it in {}", want.display_unit().0),
            None => super::hints::way_out(want, found),
        };
        self.error(Diagnostic::error("E0209", format!("{what} must be {want}"), value.span).said(found.to_string()).help(hint));
        None
    }
}
