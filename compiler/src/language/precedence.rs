//! How strongly operators bind, the one table that the parser and the printer share.

use super::ast::{BinaryOp, Expr, ExprKind, UnaryOp};

/// `if … then … else …`: takes everything to its right.
pub(super) const IF: u8 = 0;
/// `a .. b`
pub(super) const RANGE: u8 = 1;
/// `a within b .. c`
pub(super) const WITHIN: u8 = 2;
const OR: u8 = 3;
const AND: u8 = 4;
/// `not a`
pub(super) const NOT: u8 = 5;
/// Comparisons do not chain.
pub(super) const COMPARISON: u8 = 6;
/// Sums; also the ends of an interval.
pub(super) const SUM: u8 = 7;
const PRODUCT: u8 = 8;
/// `-a`
pub(super) const NEGATE: u8 = 9;
/// `a ^ b`, from right to left
pub(super) const POWER: u8 = 10;
/// Names, numbers, calls, brackets.
pub(super) const PRIMARY: u8 = 11;

/// How strongly `op` binds.
pub(super) fn of_binary(op: BinaryOp) -> u8 {
    match op {
        BinaryOp::Or => OR,
        BinaryOp::And => AND,
        op if op.is_comparison() => COMPARISON,
        BinaryOp::Add | BinaryOp::Sub => SUM,
        BinaryOp::Power => POWER,
        _ => PRODUCT,
    }
}

/// What the operands must bind at least, left and right.
pub(super) fn operands(op: BinaryOp) -> (u8, u8) {
    let own = of_binary(op);
    match op {
        BinaryOp::Power => (PRIMARY, POWER),
        op if op.is_comparison() => (SUM, SUM),
        _ => (own, own + 1),
    }
}

/// How strongly `op` binds.
pub(super) fn of_unary(op: UnaryOp) -> u8 {
    match op {
        UnaryOp::Negate => NEGATE,
        UnaryOp::Not => NOT,
    }
}

/// How strongly the outermost operator of `expr` binds.
pub(super) fn of(expr: &Expr) -> u8 {
    match &expr.kind {
        ExprKind::If { .. } => IF,
        ExprKind::Range { .. } => RANGE,
        ExprKind::Within { .. } => WITHIN,
        ExprKind::Unary { op, .. } => of_unary(*op),
        ExprKind::Binary { op, .. } => of_binary(*op),
        _ => PRIMARY,
    }
}
