//! Linear forms to chains of multiply-adds whose products all land in the result's format.

use super::{Code_ as Code, Emitter, Value};
use crate::lower::code::{Meaning, Step, StepId, wrap};
use crate::lower::format::{best_frac, fits, ulp};
use crate::lower::graph::{Lin, NodeId, Op};
use crate::lower::interval::Interval;
use crate::lower::known::Known;

/// Largest shift of a product.
const MOST_SHIFT: i32 = 32;

/// How one term enters a sum.
enum Part {
    /// The value itself, or less it.
    Whole { step: StepId, minus: bool },
    /// value · imm >> shift.
    Scaled { step: StepId, imm: i32, shift: u8 },
    /// value · parameter >> shift.
    Each { step: StepId, param: StepId, shift: u8 },
}

impl Emitter<'_> {
    /// Range of a form whose nodes have values, before its own rounding.
    pub(super) fn range_of(&self, lin: &Lin) -> Interval {
        let (low, high) = lin.bias.bounds();
        let mut range = Interval::new(low, high);
        let mut size = range.magnitude();
        let mut paired: Vec<NodeId> = Vec::new();
        for (node, c) in &lin.terms {
            let Some((x, b)) = self.square_with_linear(lin, *node) else { continue };
            let (Some(a), Some(value)) = (c.same(), &self.values[x]) else { continue };
            range = range.plus(value.range.quadratic(a, b));
            size += range.magnitude();
            paired.extend([*node, x]);
        }
        for (node, c) in lin.terms.iter().filter(|(n, _)| !paired.contains(n)) {
            let (low, high) = c.bounds();
            let Some(value) = &self.values[*node] else { continue };
            let term = value.range.times(Interval::new(low, high));
            range = range.plus(term);
            size += term.magnitude();
        }
        range.widened(size * 1e-14).above_zero_if(self.is_positive(lin))
    }

    /// Whether no term is below zero: then rounding, which keeps the order of numbers, cannot go below it either.
    fn is_positive(&self, lin: &Lin) -> bool {
        let positive =
            |(node, c): &(NodeId, Known)| c.bounds().0 >= 0.0 && self.values[*node].as_ref().is_some_and(|v| v.range.low >= 0.0);
        lin.bias.bounds().0 >= 0.0 && lin.terms.iter().all(positive)
    }

    /// The node x and its coefficient, when `node` is x² and x stands in the same form.
    fn square_with_linear(&self, lin: &Lin, node: NodeId) -> Option<(NodeId, f64)> {
        let Op::Product(a, b) = &self.tick.graph.nodes[node].op else { return None };
        let x = a.as_node().filter(|_| a == b)?;
        let (_, c) = lin.terms.iter().find(|(n, _)| *n == x)?;
        Some((x, c.same()?))
    }

    /// The form in the most fraction bits that its range allows.
    pub(super) fn best(&mut self, lin: &Lin) -> Value {
        self.linear_in(lin, i8::MAX)
    }

    /// The form with at most `most` fraction bits; a lone node keeps its format.
    pub(super) fn linear_in(&mut self, lin: &Lin, most: i8) -> Value {
        if let Some(value) = lin.as_node().and_then(|n| self.values[n].clone()) {
            return value;
        }
        let range = self.range_of(lin);
        let mut frac = best_frac(range).min(most);
        loop {
            let error = self.own_error(lin, frac);
            if (fits(range.widened(error), frac) && self.constants_fit(lin, frac)) || frac <= -crate::lower::format::MOST_FRAC {
                let range = range.widened(error).above_zero_if(self.is_positive(lin));
                return self.sum(lin, frac, range, error);
            }
            frac -= 1;
        }
    }

    /// Whether every coefficient and the bias of a form fit 32 bits with `frac` fraction bits of the result.
    ///
    /// Larger ones would act through their low bits alone, and be right; but then nothing could check the sum on its way.
    fn constants_fit(&self, lin: &Lin, frac: i8) -> bool {
        let (low, high) = lin.bias.bounds();
        let fits_in = |(node, c): &(NodeId, Known)| {
            let Some(value) = &self.values[*node] else { return true };
            match c.same() {
                Some(c) => scaled(c, value.frac, frac).0.abs() <= f64::from(i32::MAX),
                None => {
                    let (bits, _) = param_format(c.magnitude(), value.frac, frac);
                    fits(Interval::new(c.bounds().0, c.bounds().1), bits)
                }
            }
        };
        fits(Interval::new(low, high), frac) && lin.terms.iter().all(fits_in)
    }

    /// The form with `frac` fraction bits, which its range allows.
    pub(super) fn linear_exactly(&mut self, lin: &Lin, frac: i8) -> Value {
        let value = self.linear_in(lin, frac);
        self.converted(value, frac)
    }

    /// The same value with other fraction bits.
    pub(super) fn converted(&mut self, value: Value, frac: i8) -> Value {
        let by = i32::from(value.frac) - i32::from(frac);
        match by {
            0 => value,
            1.. => {
                let step = self.code.push(Step::one(Code::ShiftRight, value.step, by.min(MOST_SHIFT)));
                let error = ulp(frac) / 2.0;
                Value { step, frac, range: value.range.widened(error), error: value.error + error, sides: Vec::new(), ..value }
            }
            _ => {
                let step = self.code.push(Step::one(Code::ShiftLeft, value.step, (-by).min(63)));
                Value { step, frac, ..value }
            }
        }
    }

    fn sum(&mut self, lin: &Lin, frac: i8, range: Interval, own: f64) -> Value {
        let mut parts = Vec::new();
        let (mut error, mut slopes) = (own, vec![0.0; self.model.states.len()]);
        for (node, c) in &lin.terms {
            let Some(value) = self.values[*node].clone() else { continue };
            error += c.magnitude() * value.error;
            for (sum, slope) in slopes.iter_mut().zip(&value.slopes) {
                *sum += c.magnitude() * slope;
            }
            parts.extend(self.part(&value, c, frac));
        }
        let step = self.chain(parts, &lin.bias, frac);
        Value { step, frac, range, error, slopes, sides: Vec::new() }
    }

    /// Bound on the rounding of a form's own coefficients, products and bias.
    fn own_error(&self, lin: &Lin, frac: i8) -> f64 {
        let terms = lin.terms.iter().filter_map(|(node, c)| Some(term_error(self.values[*node].as_ref()?, c, frac)));
        let exact = lin.bias.same().is_some_and(|b| libm::scalbn(b, frac.into()) == libm::floor(libm::scalbn(b, frac.into())));
        terms.sum::<f64>() + if exact { 0.0 } else { ulp(frac) / 2.0 }
    }

    fn part(&mut self, value: &Value, c: &Known, frac: i8) -> Option<Part> {
        let step = value.step;
        match c.same() {
            Some(c) if c.abs() == 1.0 && value.frac == frac => Some(Part::Whole { step, minus: c < 0.0 }),
            Some(c) => {
                let (imm, shift) = coefficient(c, value.frac, frac);
                (imm != 0).then_some(Part::Scaled { step, imm, shift })
            }
            None => {
                let (bits, shift) = param_format(c.magnitude(), value.frac, frac);
                let param = self.code.constant(c, Meaning::Number(bits));
                Some(Part::Each { step, param, shift })
            }
        }
    }

    fn chain(&mut self, mut parts: Vec<Part>, bias: &Known, frac: i8) -> StepId {
        // A product begins a chain without a copy, a plain value continues one without a product.
        parts.sort_by_key(|p| match p {
            Part::Each { .. } => 0,
            // A power of two at the front would be a shift and then a sum.
            Part::Scaled { imm, .. } => 1 + 2 * i32::from(imm.unsigned_abs().is_power_of_two()),
            Part::Whole { minus, .. } => 2 + 2 * i32::from(*minus),
        });
        let number = Meaning::Number(frac);
        if let [Part::Whole { step, minus: true }] = parts.as_slice() {
            return match bias.same() {
                Some(b) => self.code.push(Step::one(Code::SubtractFrom, *step, number.raw(b))),
                None => {
                    let bias = self.code.constant(bias, number);
                    self.code.push(Step::two(Code::Subtract, bias, *step, 0))
                }
            };
        }
        let acc = parts.into_iter().fold(None, |acc, part| Some(self.link(acc, part)));
        match (acc, bias.same()) {
            (None, _) => self.code.constant(bias, number),
            (Some(acc), Some(b)) if number.raw(b) == 0 => acc,
            (Some(acc), Some(b)) => self.code.push(Step::one(Code::AddConstant, acc, number.raw(b))),
            (Some(acc), None) => {
                let bias = self.code.constant(bias, number);
                self.code.push(Step::two(Code::Add, acc, bias, 0))
            }
        }
    }

    fn link(&mut self, acc: Option<StepId>, part: Part) -> StepId {
        let code = &mut self.code;
        match (acc, part) {
            (None, Part::Whole { step, minus: false }) => step,
            (None, Part::Whole { step, minus: true }) => code.push(Step::one(Code::SubtractFrom, step, 0)),
            (Some(acc), Part::Whole { step, minus }) => {
                code.push(Step::two(if minus { Code::Subtract } else { Code::Add }, acc, step, 0))
            }
            (None, Part::Scaled { step, imm: 1, shift }) => code.push(Step::one(Code::ShiftRight, step, shift.into())),
            (None, Part::Scaled { step, imm, shift: 0 }) if imm > 0 && imm & (imm - 1) == 0 => {
                code.push(Step::one(Code::ShiftLeft, step, imm.trailing_zeros() as i32))
            }
            (None, Part::Scaled { step, imm, shift }) => code.push(Step::shifted(Code::MultiplyConstant, step, imm, shift)),
            (Some(acc), Part::Scaled { step, imm, shift }) => code.push(Step::multiply_add(acc, step, imm, shift)),
            (acc, Part::Each { step, param, shift }) => {
                let product = code.push(Step::two(Code::Multiply, step, param, shift.into()));
                acc.map_or(product, |acc| code.push(Step::two(Code::Add, acc, product, 0)))
            }
        }
    }
}

/// `c` as a whole number and a right shift that take `from` fraction bits to `to`.
fn scaled(c: f64, from: i8, to: i8) -> (f64, i32) {
    let gap = i32::from(to) - i32::from(from);
    let (_, exponent) = libm::frexp(c);
    // |c| < 2^exponent, so 31 - exponent fraction bits of c fit; the shift follows from what the formats need.
    let shift = (31 - exponent - gap).clamp(0, MOST_SHIFT);
    let raw = |shift: i32| libm::floor(libm::scalbn(c, gap + shift) + 0.5);
    let too_large = shift > 0 && raw(shift) > f64::from(i32::MAX);
    if too_large { (raw(shift - 1), shift - 1) } else { (raw(shift), shift) }
}

/// `c` as an immediate and a right shift that take `from` fraction bits to `to`.
fn coefficient(c: f64, from: i8, to: i8) -> (i32, u8) {
    let (raw, mut shift) = scaled(c, from, to);
    let mut imm = wrap(raw);
    while shift > 0 && imm & 1 == 0 && imm != 0 {
        imm /= 2;
        shift -= 1;
    }
    (imm, shift as u8)
}

/// Fraction bits of a parameter and the shift that take `from` fraction bits to `to`.
fn param_format(magnitude: f64, from: i8, to: i8) -> (i8, u8) {
    let best = i32::from(best_frac(Interval::new(-magnitude, magnitude)));
    let gap = i32::from(to) - i32::from(from);
    let bits = best.min(gap + MOST_SHIFT).max(gap).clamp(-127, 127);
    (bits as i8, (bits - gap).clamp(0, MOST_SHIFT) as u8)
}

/// Bound on the rounding of one product and its coefficient (SI).
fn term_error(value: &Value, c: &Known, frac: i8) -> f64 {
    let gap = i32::from(frac) - i32::from(value.frac);
    let half = ulp(frac) / 2.0;
    match c.same() {
        Some(c) => {
            let (raw, shift) = scaled(c, value.frac, frac);
            let rounded = libm::scalbn(raw, -(gap + shift));
            let product = if coefficient(c, value.frac, frac).1 == 0 { 0.0 } else { half };
            (rounded - c).abs() * value.range.magnitude() + product
        }
        None => {
            let (bits, shift) = param_format(c.magnitude(), value.frac, frac);
            ulp(bits) / 2.0 * value.range.magnitude() + if shift == 0 { 0.0 } else { half }
        }
    }
}
