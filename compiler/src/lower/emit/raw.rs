//! Operations whose formats the model gives by hand: one instruction each, wrapping as the registers do.

use super::{Code_ as Code, Emitter, Value};
use crate::lower::code::Step;
use crate::lower::format::{fits, full_range, ulp};
use crate::lower::graph::{Lin, RawOp};
use crate::lower::interval::Interval;
use bouton_targets::instruction::FLOOR;

impl Emitter<'_> {
    /// A raw operation.
    pub(super) fn raw(&mut self, op: RawOp, a: &Lin, b: &Lin, [fa, fb, bits]: [i8; 3]) -> Value {
        let x = self.linear_exactly(a, fa);
        let floor = |floor: bool| if floor { i32::from(FLOOR) } else { 0 };
        let (step, real) = match op {
            RawOp::Add | RawOp::Subtract => self.raw_sum(op, &x, b, fb),
            RawOp::Multiply { shift, floor: down } => match b.as_known().and_then(crate::lower::known::Known::same) {
                Some(k) => {
                    let imm = crate::lower::code::Meaning::Number(fb).raw(k);
                    let mode = shift | if down { FLOOR } else { 0 };
                    let step = self.code.push(Step::shifted(Code::MultiplyConstant, x.step, imm, mode));
                    (step, x.range.times(Interval::new(k, k)).widened(ulp(bits)))
                }
                None => {
                    let y = self.linear_exactly(b, fb);
                    let step = self.code.push(Step::two(Code::Multiply, x.step, y.step, i32::from(shift) | floor(down)));
                    (step, x.range.times(y.range).widened(ulp(bits)))
                }
            },
            RawOp::Shift { by, floor: down } => {
                let step = if by >= 0 {
                    Step::one(Code::ShiftRight, x.step, i32::from(by).min(32) | floor(down))
                } else {
                    Step::one(Code::ShiftLeft, x.step, -i32::from(by))
                };
                let factor = libm::scalbn(1.0, -i32::from(by));
                (self.code.push(step), x.range.times(Interval::new(factor, factor)).widened(ulp(bits)))
            }
        };
        let range = if fits(real, bits) { real } else { full_range(bits) };
        // Spelled out by hand, it is what it is: it has no error.
        Value { step, frac: bits, range, error: 0.0, slopes: vec![f64::INFINITY; x.slopes.len()], sides: Vec::new() }
    }

    fn raw_sum(&mut self, op: RawOp, x: &Value, b: &Lin, fb: i8) -> (crate::lower::code::StepId, Interval) {
        let add = op == RawOp::Add;
        let y = self.linear_exactly(b, fb);
        let step = self.code.push(Step::two(if add { Code::Add } else { Code::Subtract }, x.step, y.step, 0));
        let other = if add { y.range } else { Interval::new(-y.range.high, -y.range.low) };
        (step, x.range.plus(other))
    }
}
