//! The binary points that a model spells out: fraction bits of every expression of `fixed` values.
//!
//! | expression | fraction bits |
//! |---|---|
//! | a `fixed` state, receptor or `total` | as declared |
//! | a constant | none of its own: it takes those of the other operand; in `mul`, zero |
//! | `-` `abs` `+` `min` `max` `clip` `if` `shift` | those of the operands, which are equal |
//! | `mul(a, b, shift = n)` | those of a plus those of b minus n |
//! | everything else | not fixed |

use super::model::{BinaryOp, Expr, ExprId, ExprKind, Model, UnaryOp};
use super::walk::lets_of;
use crate::table::Table;

/// Fraction bits of every expression of `model`; `None` for real ones and for constants.
#[must_use]
pub fn formats_of(model: &Model) -> Table<ExprId, Option<i8>> {
    let lets = lets_of(model);
    let mut formats = Table::new();
    for (_, expr) in model.exprs.iter() {
        let format = format_of(model, &lets, &formats, expr);
        formats.push(format);
    }
    formats
}

fn format_of(model: &Model, lets: &super::walk::Lets, below: &Table<ExprId, Option<i8>>, expr: &Expr) -> Option<i8> {
    let of = |id: ExprId| below.get(id).copied().flatten();
    match expr.kind {
        ExprKind::State(state) => model.states[state].fixed,
        ExprKind::Input(receptor) | ExprKind::Total(receptor) => model.receptors[receptor].fixed,
        ExprKind::Local(local) => lets.get(local).copied().flatten().and_then(of),
        ExprKind::Unary(UnaryOp::Negate | UnaryOp::Absolute, a) | ExprKind::RawShift { a, .. } => of(a),
        ExprKind::Binary(BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Min | BinaryOp::Max, a, b) => of(a).or(of(b)),
        ExprKind::If(_, a, b) => of(a).or(of(b)),
        ExprKind::Clip(a, low, high) => of(a).or(of(low)).or(of(high)),
        ExprKind::RawMultiply { a, b, shift, .. } => {
            let bits = i16::from(of(a).unwrap_or(0)) + i16::from(of(b).unwrap_or(0)) - i16::from(shift);
            i8::try_from(bits).ok()
        }
        _ => None,
    }
}
