//! Fixed-point models: arithmetic spelled out to the bit.
//!
//! `state v: fixed 32.15` holds an integer of 32 bits; its value is a pure number, integer / 2^15. The rules:
//!
//! - `+`, `-`, comparisons, `min`, `max`, `clip`, `abs` and the branches of `if` take fixed values with equal fraction bits.
//! - A compile-time number stands for a fixed value if the other operand's format holds it exactly: `v - 65`, `v >= 0.5`.
//! - `raw(n)`, n whole and constant, is the integer n in the other operand's format.
//! - `mul(a, b, round = down | half_up, shift = n)` is the 64-bit product of the integers, shifted right by n in 0 … 32;
//!   its fraction bits are those of a plus those of b minus n. A number in it must be written `raw(n)` (no fraction bits).
//! - `shift(a, n, round = …)` shifts right by n (left where n is negative), in -31 … 32; the format stays: it divides by 2^n.
//!   To change the format and keep the value: `mul(a, raw(1), shift = n)`, which takes n fraction bits away.
//! - `round` is `down` when it is not said. Nothing else is fixed: no `*`, `/`, functions, draws, modulators, parameters, equations.
//!   A constant is a state that is never assigned: `state k: fixed 32.31 = exp(-tick / tau)`.
//! - Initial values and `in LOW .. HIGH` of a fixed state are numbers, rounded to the format when it is lowered.
//!
//! [`formats_of`](crate::circuit::formats::formats_of) gives the format of every expression of a checked model.

use super::names::Checker;
use super::value::{Type, Value};
use crate::circuit::model::ExprKind;
use crate::diagnostic::Diagnostic;
use crate::language::ast;
use crate::units::Dimension;
use bouton_targets::arith::{MAX_SHIFT, Rounding};

/// 2^bits, exact.
fn scale(bits: i8) -> f64 {
    libm::ldexp(1.0, i32::from(bits))
}

impl Checker<'_> {
    /// A constant as a fixed value; `None` when it is none, or the format cannot hold it.
    pub(super) fn as_fixed(&mut self, value: Value, bits: i8) -> Option<Value> {
        let constant = value.constant?;
        let raw = match value.ty {
            Type::Raw => constant,
            Type::Real(Dimension::NUMBER) => constant * scale(bits),
            _ => return None,
        };
        if raw.fract() != 0.0 || raw < f64::from(i32::MIN) || raw > f64::from(i32::MAX) {
            return None;
        }
        self.push(ExprKind::Constant(raw / scale(bits)), Type::Fixed(bits), value.span)
    }

    /// Reports why two operands, one of them fixed, cannot meet.
    pub(super) fn fixed_clash(&mut self, a: Value, b: Value) {
        let number = |v: &Value| v.ty == Type::NUMBER && v.constant.is_some();
        // What is wrong comes first: the number, where it is one.
        let (main, other) = if number(&b) { (b, a) } else { (a, b) };
        let error = match (main.ty, other.ty) {
            (Type::Raw, Type::Raw) => Diagnostic::error("E0217", "one of these must have a fixed-point format", main.span)
                .help("`raw(n)` takes the format of the other operand: compute the integer by hand"),
            (Type::Fixed(left), Type::Fixed(right)) => {
                let help = format!("bring both to one format: `mul(x, raw(1), shift = {})`", left.abs_diff(right));
                Diagnostic::error("E0215", "these have different binary points", main.span).help(help)
            }
            (_, Type::Fixed(bits)) if number(&main) => cannot_hold(bits, main),
            _ => Diagnostic::error("E0214", "fixed-point and real values cannot be mixed", main.span)
                .help("declare both `fixed` with the same format, or neither"),
        };
        self.error(error.said(main.ty.to_string()).label(other.span, other.ty.to_string()));
    }

    /// Reports why `value` cannot become what a name of type `to` holds.
    pub(super) fn fixed_wanted(&mut self, value: Value, to: Type, what: &str) {
        let said = value.ty.to_string();
        let error = match (to, value.ty) {
            (Type::Fixed(_), Type::Fixed(_)) => {
                Diagnostic::error("E0215", format!("{what} has another binary point"), value.span)
                    .help(format!("{what} is {to}: choose the shift of `mul` so that the fraction bits agree"))
            }
            (Type::Fixed(bits), Type::Real(Dimension::NUMBER) | Type::Raw) if value.constant.is_some() => {
                cannot_hold(bits, value)
            }
            (Type::Real(_), Type::Raw) => {
                Diagnostic::error("E0217", "`raw` makes sense among fixed-point values only", value.span)
                    .help("write the number with its unit")
            }
            _ => Diagnostic::error("E0214", format!("{what} must be {to}"), value.span)
                .help("declare everything `fixed` that meets here, or nothing"),
        };
        self.error(error.said(said));
    }

    pub(super) fn raw_multiply(&mut self, call: &ast::Call) -> Option<Value> {
        let args = self.arguments(call, &["a", "b", "round", "shift"], 2)?;
        let [a, b, round, shift] = args[..] else { return None };
        let (a, b) = (self.expression(a?), self.expression(b?));
        let (a, b) = (self.fixed_factor(a?, true), self.fixed_factor(b?, true));
        let rounding = self.rounding(round)?;
        let shift = match shift {
            Some(shift) => self.shift(shift, 0)?,
            None => 0,
        };
        let ((a, a_bits), (b, b_bits)) = (a?, b?);
        let bits = i16::from(a_bits) + i16::from(b_bits) - i16::from(shift);
        let Some(bits) = i8::try_from(bits).ok().filter(|bits| (-31..=62).contains(bits)) else {
            self.error(
                Diagnostic::error("E0217", "the product has no usable binary point", call.span)
                    .said(format!("{bits} fraction bits"))
                    .help(format!("fraction bits are {a_bits} + {b_bits} - shift: choose a shift for which -31 … 62 are left")),
            );
            return None;
        };
        let kind = ExprKind::RawMultiply { a: a.id, b: b.id, rounding, shift: shift.unsigned_abs() };
        self.push(kind, Type::Fixed(bits), call.span)
    }

    pub(super) fn raw_shift(&mut self, call: &ast::Call) -> Option<Value> {
        let args = self.arguments(call, &["a", "by", "round"], 2)?;
        let [a, by, round] = args[..] else { return None };
        let a = self.expression(a?)?;
        let (a, bits) = self.fixed_factor(a, false)?;
        let (by, rounding) = (self.shift(by?, -31), self.rounding(round));
        self.push(ExprKind::RawShift { a: a.id, by: by?, rounding: rounding? }, Type::Fixed(bits), call.span)
    }

    pub(super) fn raw_integer(&mut self, call: &ast::Call) -> Option<Value> {
        let arg = self.arguments(call, &["n"], 1)?.into_iter().flatten().next()?;
        let n = self.constant(arg, Dimension::NUMBER, "a raw integer")?;
        if n.fract() != 0.0 || n < f64::from(i32::MIN) || n > f64::from(i32::MAX) {
            self.error(
                Diagnostic::error("E0217", "`raw` needs a whole number of 32 bits", arg.span)
                    .said(format!("{n} is not one"))
                    .help("a number that the format holds exactly can stand without `raw`"),
            );
            return None;
        }
        self.push(ExprKind::Constant(n), Type::Raw, call.span)
    }

    /// An operand of `mul` or `shift` with its fraction bits.
    fn fixed_factor(&mut self, value: Value, raw: bool) -> Option<(Value, i8)> {
        match self.quantity(value)?.ty {
            Type::Fixed(bits) => Some((value, bits)),
            Type::Raw if raw => {
                // A name may stand for it; the integer itself is what the multiplication needs.
                let integer = self.push(ExprKind::Constant(value.constant?), Type::Raw, value.span)?;
                Some((integer, 0))
            }
            _ => {
                let help = match value.constant {
                    Some(_) if raw => "write a number as the integer that you mean: `raw(n)`",
                    _ => "declare the state or receptor `fixed`; a fixed constant is a state that is never assigned",
                };
                let error = Diagnostic::error("E0214", "`mul` and `shift` compute with fixed-point values", value.span);
                self.error(error.said(value.ty.to_string()).help(help));
                None
            }
        }
    }

    fn shift(&mut self, arg: &ast::Expr, least: i8) -> Option<i8> {
        let n = self.constant(arg, Dimension::NUMBER, "a shift")?;
        if n.fract() == 0.0 && n >= f64::from(least) && n <= f64::from(MAX_SHIFT) {
            return Some(n as i8);
        }
        self.error(
            Diagnostic::error("E0217", "this is not a possible shift", arg.span)
                .said(format!("{n}"))
                .help(format!("a shift is a whole number in {least} … {MAX_SHIFT}")),
        );
        None
    }

    fn rounding(&mut self, arg: Option<&ast::Expr>) -> Option<Rounding> {
        let Some(arg) = arg else { return Some(Rounding::Floor) };
        let name = match &arg.kind {
            ast::ExprKind::Path(path) => path.as_name().map(|name| name.text.as_str()),
            _ => None,
        };
        match name {
            Some("down") => Some(Rounding::Floor),
            Some("half_up") => Some(Rounding::HalfUp),
            _ => {
                let error = Diagnostic::error("E0217", "an unknown rounding", arg.span).said("not a rounding");
                self.error(error.help("say `round = down` (towards minus infinity) or `round = half_up`"));
                None
            }
        }
    }
}

fn cannot_hold(bits: i8, value: Value) -> Diagnostic {
    let number = value.constant.unwrap_or_default();
    Diagnostic::error("E0216", format!("`fixed 32.{bits}` cannot hold this number exactly"), value.span)
        .help(format!("choose the integer yourself: `raw({:.0})` is the nearest", number * scale(bits)))
}
