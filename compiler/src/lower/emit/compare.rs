//! Truth values: comparisons in the formats of what they compare.

use super::{Code_ as Code, Emitter, Value};
use crate::lower::code::{Meaning, Step, StepId};
use crate::lower::graph::{Lin, NodeId, Op};
use crate::lower::interval::Interval;
use crate::lower::known::Known;

/// With this many fraction bits a threshold is taken at its nearest raw integer, as the same number is where it is assigned;
/// coarser values are counts, and compare as real numbers do.
const FINE: i8 = 12;

/// Which comparison with zero.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Test {
    AtLeast,
    Above,
    Zero,
}

impl Emitter<'_> {
    /// The mask of a truth node.
    pub(super) fn truth(&mut self, op: &Op) -> Value {
        let step = match op {
            Op::AtLeast(lin) => self.test(lin, Test::AtLeast),
            Op::Above(lin) => self.test(lin, Test::Above),
            Op::IsZero(lin) => self.test(lin, Test::Zero),
            Op::And(a, b) | Op::Or(a, b) => {
                let (a, b) = (self.mask(*a), self.mask(*b));
                let code = if matches!(op, Op::And(..)) { Code::And } else { Code::Or };
                self.code.push(Step::two(code, a, b, 0))
            }
            Op::Not(a) => {
                let a = self.mask(*a);
                self.code.push(Step::one(Code::Not, a, 0))
            }
            Op::Truth(known) => self.code.constant(known, Meaning::Mask),
            _ => self.code.push(Step::leaf(Code::Constant, 0)),
        };
        self.fixed_value(step, 0, Interval::new(-1.0, 0.0), 0.0)
    }

    fn test(&mut self, lin: &Lin, test: Test) -> StepId {
        match lin.terms.as_slice() {
            [(node, c)] => {
                if let Some(step) = self.against_constant(*node, c, &lin.bias, test) {
                    return step;
                }
            }
            [(x, cx), (y, cy)] if lin.bias.is(0.0) => {
                if let Some(step) = self.against_each_other(*x, cx, *y, cy, test) {
                    return step;
                }
            }
            _ => {}
        }
        let step = self.best(lin).step;
        self.code.push(match test {
            Test::AtLeast => Step::one(Code::GreaterEqualConstant, step, 0),
            Test::Above => Step::one(Code::GreaterEqualConstant, step, 1),
            Test::Zero => Step::one(Code::EqualConstant, step, 0),
        })
    }

    /// c·x + bias against zero: x against -bias/c.
    fn against_constant(&mut self, node: NodeId, c: &Known, bias: &Known, test: Test) -> Option<StepId> {
        let value = self.values[node].clone()?;
        let c = c.same().filter(|c| *c != 0.0)?;
        let threshold = bias.map(|b| -b / c);
        if test == Test::Zero {
            return self.equal_to(&value, &threshold);
        }
        // x ≤ t is not (x > t), and x < t is not (x ≥ t).
        let (strict, inverted) = ((test == Test::Above) == (c > 0.0), c < 0.0);
        let mask = self.not_below(&value, &threshold, strict);
        Some(if inverted { self.code.push(Step::one(Code::Not, mask, 0)) } else { mask })
    }

    /// x ≥ t, or x > t.
    fn not_below(&mut self, value: &Value, threshold: &Known, strict: bool) -> StepId {
        let fine = value.frac >= FINE;
        let Some(t) = threshold.same() else {
            let meaning = if fine { Meaning::Number(value.frac) } else { Meaning::AtLeast(value.frac) };
            let t = self.code.constant(threshold, meaning);
            return self.code.push(Step::two(if strict { Code::Greater } else { Code::GreaterEqual }, value.step, t, 0));
        };
        let scaled = libm::scalbn(t, value.frac.into());
        let least = match (fine, strict) {
            (true, _) => libm::floor(scaled + 0.5) + f64::from(u8::from(strict)),
            (false, false) => libm::ceil(scaled),
            (false, true) => libm::floor(scaled) + 1.0,
        };
        if least > f64::from(i32::MAX) {
            self.code.push(Step::leaf(Code::Constant, 0))
        } else if least <= f64::from(i32::MIN) {
            self.code.push(Step::leaf(Code::Constant, -1))
        } else {
            self.code.push(Step::one(Code::GreaterEqualConstant, value.step, least as i32))
        }
    }

    fn equal_to(&mut self, value: &Value, threshold: &Known) -> Option<StepId> {
        let t = threshold.same()?;
        let scaled = libm::scalbn(t, value.frac.into());
        let raw = libm::floor(scaled + 0.5);
        let possible = raw.abs() < 2_147_483_648.0 && (value.frac >= FINE || raw == scaled);
        Some(self.code.push(if possible {
            Step::one(Code::EqualConstant, value.step, raw as i32)
        } else {
            Step::leaf(Code::Constant, 0)
        }))
    }

    /// c·x - c·y against zero, in one format.
    fn against_each_other(&mut self, x: NodeId, cx: &Known, y: NodeId, cy: &Known, test: Test) -> Option<StepId> {
        let (cx, cy) = (cx.same()?, cy.same()?);
        let (x, y) = (self.values[x].clone()?, self.values[y].clone()?);
        if cx != -cy || x.frac != y.frac {
            return None;
        }
        let (x, y) = if cx > 0.0 { (x, y) } else { (y, x) };
        let code = match test {
            Test::AtLeast => Code::GreaterEqual,
            Test::Above => Code::Greater,
            Test::Zero => Code::Equal,
        };
        Some(self.code.push(Step::two(code, x.step, y.step, 0)))
    }
}
