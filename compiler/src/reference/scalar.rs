//! The operations on one value each. `libm` only: the reference has the same bits on every host.

use super::tape::OpKind;
use crate::circuit::model::{BinaryOp, UnaryOp};
use bouton_targets::arith::Rounding;

fn truth(c: bool) -> f64 {
    f64::from(u8::from(c))
}

/// A function of one value.
pub(crate) fn unary(op: UnaryOp, x: f64) -> f64 {
    match op {
        UnaryOp::Negate => -x,
        UnaryOp::Not => truth(x == 0.0),
        UnaryOp::Absolute => x.abs(),
        UnaryOp::Exp => libm::exp(x),
        UnaryOp::Log => libm::log(x),
        UnaryOp::Sqrt => libm::sqrt(x),
        UnaryOp::Tanh => libm::tanh(x),
        UnaryOp::Sigmoid => 1.0 / (1.0 + libm::exp(-x)),
        UnaryOp::Floor => libm::floor(x),
        UnaryOp::Heaviside => truth(x >= 0.0),
    }
}

/// A function of two values.
pub(crate) fn binary(op: BinaryOp, x: f64, y: f64) -> f64 {
    match op {
        BinaryOp::Add => x + y,
        BinaryOp::Subtract => x - y,
        BinaryOp::Multiply => x * y,
        BinaryOp::Divide => x / y,
        BinaryOp::Power => libm::pow(x, y),
        BinaryOp::Min => x.min(y),
        BinaryOp::Max => x.max(y),
        BinaryOp::Less => truth(x < y),
        BinaryOp::LessEqual => truth(x <= y),
        BinaryOp::Greater => truth(x > y),
        BinaryOp::GreaterEqual => truth(x >= y),
        BinaryOp::Equal => truth(x == y),
        BinaryOp::NotEqual => truth(x != y),
        BinaryOp::And => truth(x != 0.0 && y != 0.0),
        BinaryOp::Or => truth(x != 0.0 || y != 0.0),
    }
}

/// Any operation that depends on its operands only; those that read the tick or a modulator give the first operand.
pub(crate) fn operate(kind: OpKind, a: f64, b: f64, c: f64) -> f64 {
    match kind {
        OpKind::Unary(op) => unary(op, a),
        OpKind::Binary(op) => binary(op, a, b),
        OpKind::PowerInt(n) => (1..n).fold(a, |power, _| power * a),
        OpKind::Select => {
            if a != 0.0 {
                b
            } else {
                c
            }
        }
        OpKind::Clip => limit(a, b, c),
        OpKind::RawMultiply { frac, shift, rounding } => {
            let product = i128::from(raw(a, frac[0])) * i128::from(raw(b, frac[1]));
            value(round_shift(product, shift.into(), rounding), frac[0] + frac[1] - i16::from(shift))
        }
        OpKind::RawShift { frac, by, rounding } => {
            let shifted = match by {
                0.. => round_shift(raw(a, frac).into(), by.unsigned_abs().into(), rounding),
                _ => i128::from(raw(a, frac)) << by.unsigned_abs().min(63),
            };
            value(shifted, frac)
        }
        OpKind::Modulator(_) | OpKind::Normal(_) | OpKind::Uniform(_) => a,
    }
}

/// `x` limited to `low ..= high`; what is not a number stays so.
pub(crate) fn limit(x: f64, low: f64, high: f64) -> f64 {
    if x < low {
        low
    } else if x > high {
        high
    } else {
        x
    }
}

/// 2^n.
pub(crate) fn power_of_two(n: i16) -> f64 {
    libm::ldexp(1.0, n.into())
}

/// The raw integer of a value with `frac` fraction bits, to the nearest.
pub(crate) fn raw(x: f64, frac: i16) -> i64 {
    libm::floor(x * power_of_two(frac) + 0.5) as i64
}

fn value(raw: i128, frac: i16) -> f64 {
    raw as f64 * power_of_two(-frac)
}

fn round_shift(x: i128, shift: u32, rounding: Rounding) -> i128 {
    let half = match rounding {
        Rounding::HalfUp if shift > 0 => 1i128 << (shift.min(64) - 1),
        _ => 0,
    };
    (x + half) >> shift.min(64)
}
