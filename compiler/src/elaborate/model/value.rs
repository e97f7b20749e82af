//! A checked expression with its type, and how types are brought together.

use super::names::Checker;
use crate::circuit::model::{Expr, ExprId, ExprKind};
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::table::Id;
use crate::units::Dimension;

/// Expressions of one model; far above any real one, low enough that a hostile file costs no more than a second.
const MAX_EXPRS: usize = 1 << 16;

/// What an expression gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Type {
    /// True or false.
    Truth,
    /// A real number with its dimension.
    Real(Dimension),
    /// A fixed-point number with this many fraction bits.
    Fixed(i8),
    /// `raw(n)`: a constant integer that has no binary point yet.
    Raw,
}

impl Type {
    pub(super) const NUMBER: Type = Type::Real(Dimension::NUMBER);

    pub(super) fn dimension(self) -> Dimension {
        match self {
            Type::Real(dimension) => dimension,
            Type::Truth | Type::Fixed(_) | Type::Raw => Dimension::NUMBER,
        }
    }
}

impl std::fmt::Display for Type {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Type::Truth => f.write_str("truth value"),
            Type::Real(dimension) => dimension.fmt(f),
            Type::Fixed(bits) => write!(f, "fixed 32.{bits}"),
            Type::Raw => f.write_str("raw integer"),
        }
    }
}

/// A checked expression. Where one is missing (`None`), an error has been reported and silences what follows from it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value {
    pub(super) id: ExprId,
    pub(super) ty: Type,
    /// Its value, if it is a compile-time constant.
    pub(super) constant: Option<f64>,
    /// Whether it is a literal `0`, which has every unit.
    pub(super) zero: bool,
    pub(super) span: Span,
}

/// Two operands whose types must agree.
pub(super) struct Meeting<'a> {
    pub(super) code: &'static str,
    /// What to say when their units differ.
    pub(super) message: &'a str,
    /// Whether two truth values may meet.
    pub(super) truths: bool,
}

impl Checker<'_> {
    /// Adds an expression to the model.
    pub(super) fn push(&mut self, kind: ExprKind, ty: Type, span: Span) -> Option<Value> {
        if self.model.exprs.len() >= MAX_EXPRS {
            self.error(
                Diagnostic::error("E0316", "this model is too large", span)
                    .said(format!("more than {MAX_EXPRS} operations with its functions written out"))
                    .help("shorten it, or name repeated parts with `let`"),
            );
            return None;
        }
        let constant = match kind {
            ExprKind::Constant(value) => Some(value),
            _ => None,
        };
        let id = self.model.exprs.push(Expr { kind, dimension: ty.dimension(), truth: ty == Type::Truth, span });
        debug_assert!(self.model.exprs[id].kind.children().all(|child| child.index() < id.index()));
        Some(Value { id, ty, constant, zero: false, span })
    }

    /// `value` as a value of type `to`; `None` when it is of another type, with nothing reported.
    pub(super) fn adapt(&mut self, value: Value, to: Type) -> Option<Value> {
        if value.ty == to {
            return Some(value);
        }
        if value.zero && matches!(to, Type::Real(_) | Type::Fixed(_)) {
            return self.push(ExprKind::Constant(0.0), to, value.span);
        }
        match to {
            Type::Fixed(bits) => self.as_fixed(value, bits),
            _ => None,
        }
    }

    /// Both operands in one type, or an error that underlines both.
    pub(super) fn meet(&mut self, a: Value, b: Value, meeting: &Meeting<'_>) -> Option<(Value, Value)> {
        if a.ty == Type::Truth || b.ty == Type::Truth {
            if a.ty == b.ty && meeting.truths {
                return Some((a, b));
            }
            self.quantity(a)?;
            self.quantity(b)?;
        }
        if a.ty == b.ty && a.ty != Type::Raw {
            return Some((a, b));
        }
        if let Some(b) = self.adapt(b, a.ty).filter(|_| a.ty != Type::Raw) {
            return Some((a, b));
        }
        if let Some(a) = self.adapt(a, b.ty).filter(|_| b.ty != Type::Raw) {
            return Some((a, b));
        }
        let (Type::Real(left), Type::Real(right)) = (a.ty, b.ty) else {
            self.fixed_clash(a, b);
            return None;
        };
        let mut error = Diagnostic::error(meeting.code, meeting.message, a.span).said(a.ty.to_string());
        error = error.label(b.span, b.ty.to_string());
        let hint = match (a.constant.filter(|_| left.is_number()), b.constant.filter(|_| right.is_number())) {
            (Some(_), _) => super::hints::give_unit(right),
            (None, Some(_)) => super::hints::give_unit(left),
            (None, None) => super::hints::way_out(left, right),
        };
        self.error(error.help(hint));
        None
    }

    /// `value`, unless it is a truth value.
    pub(super) fn quantity(&mut self, value: Value) -> Option<Value> {
        if value.ty != Type::Truth {
            return Some(value);
        }
        self.error(
            Diagnostic::error("E0208", "a truth value is not a number", value.span)
                .said("truth value; a quantity is needed here")
                .help("say `if … then 1 else 0`, or `heaviside(…)`"),
        );
        None
    }

    /// `value`, if it is a truth value.
    pub(super) fn truth(&mut self, value: Value, what: &str) -> Option<Value> {
        if value.ty == Type::Truth {
            return Some(value);
        }
        self.error(
            Diagnostic::error("E0207", format!("{what} must be true or false"), value.span)
                .said(format!("{}; a truth value is needed here", value.ty))
                .help("compare it with something, for example `x >= 0`"),
        );
        None
    }

    /// `value` as a real quantity, with its dimension.
    pub(super) fn real(&mut self, value: Value, help: &str) -> Option<(Value, Dimension)> {
        match self.quantity(value)?.ty {
            Type::Real(dimension) => Some((value, dimension)),
            Type::Fixed(_) | Type::Raw | Type::Truth => {
                self.error(
                    Diagnostic::error("E0214", "this is not defined for fixed-point values", value.span)
                        .said(value.ty.to_string())
                        .help(help),
                );
                None
            }
        }
    }

    /// `value` as a real number without unit.
    pub(super) fn number(&mut self, value: Value, what: &str) -> Option<Value> {
        let (value, dimension) = self.real(value, "only `+ - mul shift min max clip abs if` and comparisons are")?;
        if dimension.is_number() {
            return Some(value);
        }
        let (unit, _) = dimension.display_unit();
        self.error(
            Diagnostic::error("E0204", format!("{what} needs a number without unit"), value.span)
                .said(dimension.to_string())
                .help(format!("divide by a quantity in the same unit, for example `x / (1 {unit})`")),
        );
        None
    }
}
