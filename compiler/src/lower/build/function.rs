//! Functions of one or two values, folded where their arguments are constants.

use super::Builder;
use crate::lower::graph::{Function, Lin, Op};
use crate::lower::known::Known;
use crate::lower::table::value_of;
use crate::source::Span;

/// Whole powers up to this are products.
const MOST_FACTORS: u32 = 16;

impl Builder<'_> {
    /// `f` of a constant, else the node.
    pub(super) fn known_or(&mut self, lin: Lin, f: impl Fn(f64) -> f64, op: fn(Lin) -> Op, span: Span) -> Lin {
        match lin.as_known() {
            Some(k) => Lin::known(k.map(f)),
            None => self.graph.number(op(lin), span),
        }
    }

    /// `f` of two constants, else the node.
    pub(super) fn either(&mut self, a: Lin, b: Lin, f: impl Fn(f64, f64) -> f64, op: fn(Lin, Lin) -> Op, span: Span) -> Lin {
        match (a.as_known(), b.as_known()) {
            (Some(x), Some(y)) => Lin::known(x.zip(y, f)),
            _ if a == b => a,
            _ => self.graph.number(op(a, b), span),
        }
    }

    /// `function` of `lin`.
    pub(super) fn apply(&mut self, function: Function, lin: Lin, span: Span) -> Lin {
        match lin.as_known() {
            Some(k) => Lin::known(k.map(|x| value_of(function, x))),
            None => self.graph.number(Op::Apply(function, lin), span),
        }
    }

    /// x limited to low .. high.
    pub(super) fn clip(&mut self, x: Lin, low: Lin, high: Lin, span: Span) -> Lin {
        let ends = (low.as_known().and_then(Known::same), high.as_known().and_then(Known::same));
        match ends {
            (Some(l), Some(h)) if x.as_known().is_none() && l <= h => {
                self.graph.number(Op::Clip(x, l.to_bits(), h.to_bits()), span)
            }
            _ => {
                let above = self.either(x, low, f64::max, Op::Max, span);
                self.either(above, high, f64::min, Op::Min, span)
            }
        }
    }

    /// x^p.
    pub(super) fn power(&mut self, x: Lin, p: f64, span: Span) -> Lin {
        if let Some(k) = x.as_known() {
            return Lin::known(k.map(|x| libm::pow(x, p)));
        }
        if p == 0.0 {
            return Lin::known(Known::ONE);
        }
        if p == libm::floor(p) && p.abs() <= f64::from(MOST_FACTORS) {
            let whole = self.whole_power(&x, p.abs() as u32, span);
            return if p < 0.0 { self.graph.quotient(&Lin::known(Known::ONE), &whole, span) } else { whole };
        }
        let function = if p == 0.5 { Function::Sqrt } else { Function::Power(p.to_bits()) };
        self.apply(function, x, span)
    }

    /// x^n by squaring.
    fn whole_power(&mut self, x: &Lin, n: u32, span: Span) -> Lin {
        let (mut result, mut square, mut n) = (None::<Lin>, x.clone(), n);
        while n > 0 {
            if n & 1 == 1 {
                result = Some(match result {
                    Some(r) => self.graph.product(&r, &square, span),
                    None => square.clone(),
                });
            }
            n >>= 1;
            if n > 0 {
                square = self.graph.product(&square, &square, span);
            }
        }
        result.unwrap_or(Lin::known(Known::ONE))
    }
}
