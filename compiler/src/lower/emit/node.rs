//! Nodes to values.

use super::{Code_ as Code, Emitter, Value, joined};
use crate::diagnostic::Diagnostic;
use crate::lower::code::{Meaning, Step, slot};
use crate::lower::format::{best_frac, fits, ulp};
use crate::lower::graph::{Function, Lin, NodeId, Op};
use crate::lower::interval::Interval;
use crate::lower::table::{self, Fitted, Problem, TableReport};
use crate::source::Span;

/// Sides of choices that are told apart.
const MOST_SIDES: usize = 8;

impl Emitter<'_> {
    /// The value of a node whose operands have theirs.
    pub(super) fn node(&mut self, id: NodeId) -> Value {
        let node = &self.tick.graph.nodes[id];
        let (op, span) = (node.op.clone(), node.span);
        match &op {
            Op::State(_) | Op::HoldCount(_) | Op::HoldNext(_) | Op::Input(_) | Op::Modulator(_) => self.source(&op),
            Op::Uniform(_) | Op::Normal(_) | Op::Events(..) => self.random(&op),
            Op::Write(state, lin) => {
                let layout = self.layout.states[*state];
                let value = self.linear_in(lin, layout.frac);
                let fewest = self.written[*state].map_or(value.frac, |w| w.min(value.frac));
                self.written[*state] = Some(fewest);
                if layout.declared { self.limited(value, layout.frac, layout.low, layout.high, Code::Saturate) } else { value }
            }
            Op::Keep(lin) => self.best(lin),
            Op::Product(a, b) => self.product(a, b, self.most(id)),
            Op::Quotient(a, b) => self.quotient(a, b, self.most(id), span),
            Op::Apply(function, lin) => self.apply(*function, lin, span),
            Op::Min(a, b) | Op::Max(a, b) => self.extreme(&op, a, b, self.most(id)),
            Op::Absolute(lin) => {
                let value = self.best(lin);
                let step = self.code.push(Step::one(Code::Absolute, value.step, 0));
                let least = if value.range.contains(0.0) { 0.0 } else { value.range.low.abs().min(value.range.high.abs()) };
                Value { step, range: Interval::new(least, value.range.magnitude()), ..value }
            }
            Op::Floor(lin) => self.floor(lin),
            Op::Clip(lin, low, high) => {
                let value = self.linear_in(lin, self.most(id));
                let frac = value.frac;
                let ends = [*low, *high].map(|x| saturated(f64::from_bits(x), frac));
                self.limited(value, frac, ends[0], ends[1], Code::Clip)
            }
            Op::Choose(mask, a, b) => {
                let range = self.range_of(a).hull(self.range_of(b));
                let (a, b) = self.aligned(a, b, range, self.most(id));
                let mask = self.mask(*mask);
                let step = self.code.push(Step::select(mask, a.step, b.step));
                let mut sides = a.sides();
                sides.extend(b.sides().into_iter().filter(|side| !a.sides().contains(side)));
                sides.truncate(if sides.len() > MOST_SIDES { 0 } else { MOST_SIDES });
                Value { step, sides, ..joined(&a, &b) }
            }
            Op::Raw(raw, a, b, bits) => self.raw(*raw, a, b, *bits),
            Op::AtLeast(_) | Op::Above(_) | Op::IsZero(_) | Op::And(..) | Op::Or(..) | Op::Not(_) | Op::Truth(_) => {
                self.truth(&op)
            }
        }
    }

    /// Most fraction bits that the readers of a node can use.
    fn most(&self, id: NodeId) -> i8 {
        self.wanted[id].unwrap_or(i8::MAX)
    }

    /// `value` limited to raw `low ..= high` with `frac` fraction bits, where it can lie outside.
    pub(super) fn limited(&mut self, value: Value, frac: i8, low: i32, high: i32, op: Code) -> Value {
        let ends = Interval::new(f64::from(low) * ulp(frac), f64::from(high) * ulp(frac));
        if value.range.within(ends) {
            return self.converted(value, frac);
        }
        let by = i32::from(frac) - i32::from(value.frac);
        let value = if by > 0 {
            // More than 32 bits are beyond every range, and count as outside as they should.
            let mut step = self.code.push(Step::one(Code::ShiftLeftSaturating, value.step, by.min(31)));
            if by > 31 {
                step = self.code.push(Step::one(Code::ShiftLeftSaturating, step, (by - 31).min(31)));
            }
            Value { step, frac, ..value }
        } else {
            self.converted(value, frac)
        };
        let range = self.code.range(low, high);
        let step = self.code.push(Step::one(op, value.step, range));
        Value { step, range: value.range.clamped(ends), ..value }
    }

    /// Two forms in one format in which both fit.
    pub(super) fn aligned(&mut self, a: &Lin, b: &Lin, range: Interval, most: i8) -> (Value, Value) {
        let (mut x, mut y) = (self.linear_in(a, most), self.linear_in(b, most));
        if x.frac == y.frac {
            // Both fit as they are, and formats that were given by hand stay what they are.
            return (x, y);
        }
        let range = range.hull(x.range).hull(y.range);
        let mut frac = best_frac(range).min(most);
        // More bits than a value has say nothing; a constant has as many as it needs.
        let exact = |lin: &Lin, frac: i8| {
            lin.as_known()
                .is_some_and(|k| k.map(|x| libm::scalbn(x, frac.into())) == k.map(|x| libm::floor(libm::scalbn(x, frac.into()))))
        };
        match (a.as_known().is_some(), b.as_known().is_some()) {
            (true, false) if exact(a, y.frac) => frac = frac.min(y.frac),
            (false, true) if exact(b, x.frac) => frac = frac.min(x.frac),
            (false, false) => frac = frac.min(x.frac.max(y.frac)),
            _ => {}
        }
        x = self.linear_exactly(a, frac);
        y = self.linear_exactly(b, frac);
        (x, y)
    }

    fn extreme(&mut self, op: &Op, a: &Lin, b: &Lin, most: i8) -> Value {
        let (ra, rb) = (self.range_of(a), self.range_of(b));
        let (a, b) = self.aligned(a, b, ra.hull(rb), most);
        let (code, pick): (_, fn(f64, f64) -> f64) =
            if matches!(op, Op::Min(..)) { (Code::Min, f64::min) } else { (Code::Max, f64::max) };
        let step = self.code.push(Step::two(code, a.step, b.step, 0));
        let range = Interval::new(pick(a.range.low, b.range.low), pick(a.range.high, b.range.high));
        Value { step, range, ..joined(&a, &b) }
    }

    fn floor(&mut self, lin: &Lin) -> Value {
        let value = self.best(lin);
        let range = value.range.rising(libm::floor).widened(f64::from(u8::from(value.error > 0.0)));
        if value.frac <= 0 {
            return value;
        }
        let shift = i32::from(value.frac).min(32) | 0x40;
        let step = self.code.push(Step::one(Code::ShiftRight, value.step, shift));
        // It jumps: an argument that is off by a little can be off by one after it, as a comparison can.
        self.fixed_value(step, 0, range, 0.0)
    }

    fn product(&mut self, a: &Lin, b: &Lin, most: i8) -> Value {
        let (x, y) = (self.best(a), self.best(b));
        let real = if a == b { x.range.squared() } else { x.range.times(y.range) };
        let both = i16::from(x.frac) + i16::from(y.frac);
        let mut frac = i16::from(best_frac(real).min(most)).min(both).max(both - 32);
        while frac > both - 32 && !fits(real.widened(ulp(frac as i8) / 2.0), frac as i8) {
            frac -= 1;
        }
        let frac = frac.clamp(-127, 127) as i8;
        let shift = both - i16::from(frac);
        let half = if shift == 0 { 0.0 } else { ulp(frac) / 2.0 };
        let step = self.code.push(Step::two(Code::Multiply, x.step, y.step, shift.into()));
        let (mx, my) = (x.range.magnitude(), y.range.magnitude());
        Value {
            step,
            frac,
            range: real.widened(half),
            error: half + mx * y.error + my * x.error + x.error * y.error,
            slopes: x.slopes.iter().zip(&y.slopes).map(|(s, t)| mx * t + my * s).collect(),
            sides: Vec::new(),
        }
    }

    fn quotient(&mut self, a: &Lin, b: &Lin, most: i8, span: Span) -> Value {
        let (x, y) = (self.best(a), self.best(b));
        if y.range.contains(0.0) {
            self.errors.push(
                Diagnostic::error("E0803", "the divisor can be zero", span)
                    .note(format!("it lies between {} and {} (SI)", y.range.low, y.range.high))
                    .help("keep it away from zero: `max(x, …)`, or a range of its states that leaves zero out"),
            );
            return x;
        }
        let real = x.range.over(y.range);
        let gap = i16::from(x.frac) - i16::from(y.frac);
        let mut frac = i16::from(best_frac(real).min(most)).min(gap + 31).max(gap);
        while frac > gap && !fits(real.widened(ulp(frac as i8) / 2.0), frac as i8) {
            frac -= 1;
        }
        let frac = frac.clamp(-127, 127) as i8;
        let step = self.code.push(Step::two(Code::Divide, x.step, y.step, i32::from(i16::from(frac) - gap)));
        let half = ulp(frac) / 2.0;
        let least = y.range.low.abs().min(y.range.high.abs());
        let (by_x, by_y) = (1.0 / least, x.range.magnitude() / (least * least));
        Value {
            step,
            frac,
            range: real.widened(half),
            error: half + by_x * x.error + by_y * y.error,
            slopes: x.slopes.iter().zip(&y.slopes).map(|(s, t)| by_x * s + by_y * t).collect(),
            sides: Vec::new(),
        }
    }

    fn apply(&mut self, function: Function, lin: &Lin, span: Span) -> Value {
        let x = self.best(lin);
        let (x, fitted) = match self.table_for(function, x) {
            Ok(found) => found,
            Err((problem, x)) => {
                self.errors.push(problem.diagnostic(function, x.range, span));
                return x;
            }
        };
        let table = self.code.table(fitted.table);
        let step = self.code.push(Step::one(Code::Lookup, x.step, table));
        Value {
            step,
            frac: fitted.frac,
            range: fitted.range,
            // Where the slope has no bound, the root of a distance is at most the distance of the roots.
            error: fitted.error
                + if function == Function::Sqrt {
                    (fitted.steepest * x.error).min(libm::sqrt(x.error))
                } else {
                    fitted.steepest * x.error
                },
            slopes: x.slopes.iter().map(|s| fitted.steepest * s).collect(),
            sides: Vec::new(),
        }
    }

    /// The table of a function at `x`: one that was made before for the same arguments, if only the format differs.
    fn table_for(&mut self, function: Function, x: Value) -> Result<(Value, Fitted), (Problem, Value)> {
        let same = |range: Interval, frac: i8| {
            let near = 2.0 * ulp(frac.min(x.frac));
            (range.low - x.range.low).abs() <= near && (range.high - x.range.high).abs() <= near
        };
        let old = self.fitted.iter().find(|(f, range, frac, _)| *f == function && same(*range, *frac)).cloned();
        if let Some((_, range, frac, mut fitted)) = old {
            // Arguments a unit or two beyond the table's ends take the value at the end.
            let beyond = (x.range.high - range.high).max(range.low - x.range.low).max(0.0);
            fitted.error += fitted.steepest * beyond;
            if fits(x.range, frac) && fitted.error.is_finite() {
                return Ok((self.converted(x, frac), fitted));
            }
        }
        match table::fit(function, x.range, x.frac, self.constants.table_error) {
            Ok(fitted) => {
                let (segments, error) = (fitted.table.entries.len(), fitted.error);
                self.tables.push(TableReport { function, argument: x.range, segments, error });
                self.fitted.push((function, x.range, x.frac, fitted.clone()));
                Ok((x, fitted))
            }
            Err(problem) => Err((problem, x)),
        }
    }

    fn source(&mut self, op: &Op) -> Value {
        match op {
            Op::State(id) => {
                let state = self.layout.states[*id];
                let step = self.code.push(Step::leaf(Code::LoadState, slot(*id) as i32));
                let mut value = self.fixed_value(step, state.frac, state.range(), 0.0);
                if let Some(slope) = value.slopes.get_mut(slot(*id) as usize) {
                    *slope = 1.0;
                }
                value
            }
            Op::Input(id) => self.input(*id),
            Op::Modulator(id) => {
                let (frac, range) = self.layout.modulators[*id];
                let step = self.code.push(Step::leaf(Code::LoadModulator, crate::table::Id::index(*id) as i32));
                self.fixed_value(step, frac, range, 0.0)
            }
            Op::HoldCount(id) => {
                let longest = f64::from(self.layout.holds[*id]);
                let at = self.model.states.len() + crate::table::Id::index(*id);
                let step = self.code.push(Step::leaf(Code::LoadState, at as i32));
                self.fixed_value(step, 0, Interval::new(0.0, longest), 0.0)
            }
            Op::HoldNext(id) => {
                let count = self.source(&Op::HoldCount(*id));
                // The mask is -1 where it lasts: adding it counts down and stops at zero.
                let held = self.code.push(Step::one(Code::GreaterEqualConstant, count.step, 1));
                let step = self.code.push(Step::two(Code::Add, count.step, held, 0));
                Value { step, ..count }
            }
            _ => {
                let zero = self.code.push(Step::leaf(Code::Constant, 0));
                self.fixed_value(zero, 0, Interval::ZERO, 0.0)
            }
        }
    }
}

fn saturated(x: f64, frac: i8) -> i32 {
    match Meaning::AtLeast(frac).raw(x) {
        // The nearest, but for ends that are beyond 32 bits.
        end @ (i32::MIN | i32::MAX) => end,
        _ => Meaning::Number(frac).raw(x),
    }
}
