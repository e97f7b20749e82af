//! What comes from outside a neuron: inputs and random numbers.

use super::{Code_ as Code, Emitter, Value};
use crate::circuit::model::ReceptorId;
use crate::diagnostic::Diagnostic;
use crate::lower::code::Step;
use crate::lower::format::{ReceptorLayout, best_frac, ulp};
use crate::lower::graph::Op;
use crate::lower::interval::Interval;
use crate::lower::known::Known;
use crate::numeric::poisson;
use bouton_targets::random::NORMAL_FRAC;

/// Fraction bits of a uniform draw.
const UNIFORM_FRAC: i8 = 31;
/// Standard normal draws lie within ± this.
const NORMAL_LIMIT: f64 = 6.4;
/// Most thresholds of a drive's table.
const MOST_EVENTS: usize = 4096;

impl Emitter<'_> {
    /// What arrived at a receptor.
    pub(super) fn input(&mut self, receptor: ReceptorId) -> Value {
        match self.layout.receptors[receptor] {
            ReceptorLayout::Narrow { slot, frac, range } => {
                let step = self.code.push(Step::leaf(Code::LoadNarrow, slot as i32));
                self.fixed_value(step, frac, range, 0.0)
            }
            ReceptorLayout::Wide { slot, frac, range } => {
                // One bit of room for the rounding of the shift.
                let target = best_frac(range.widened(range.magnitude() * 1e-8)).min(frac);
                let shift = (i32::from(frac) - i32::from(target)).clamp(0, 63);
                let step = self.code.push(Step::leaf(Code::LoadWide, slot as i32 | shift << 8));
                let half = if shift == 0 { 0.0 } else { ulp(target) / 2.0 };
                self.fixed_value(step, target, range.widened(half), half)
            }
        }
    }

    /// A draw.
    pub(super) fn random(&mut self, op: &Op) -> Value {
        match *op {
            Op::Uniform(n) => {
                let step = self.code.push(Step::leaf(Code::Random, n as i32));
                self.fixed_value(step, UNIFORM_FRAC, Interval::new(0.0, 1.0 - ulp(UNIFORM_FRAC)), 0.0)
            }
            Op::Events(draw, drive) => self.events(draw, drive),
            Op::Normal(n) => {
                let step = self.code.push(Step::leaf(Code::Normal, n as i32));
                self.fixed_value(step, NORMAL_FRAC, Interval::new(-NORMAL_LIMIT, NORMAL_LIMIT), 0.0)
            }
            _ => {
                let zero = self.code.push(Step::leaf(Code::Constant, 0));
                self.fixed_value(zero, 0, Interval::ZERO, 0.0)
            }
        }
    }

    /// How many events a Poisson drive gives in a tick.
    fn events(&mut self, draw: u32, drive: u32) -> Value {
        let Some(drive) = self.constants.drives.get(drive as usize) else {
            return self.random(&Op::Absolute(crate::lower::graph::Lin::known(Known::ZERO)));
        };
        let span = self.model.receptors[drive.receptor].span;
        let rate = Known::from_values(&drive.rate).same();
        if rate.is_none() {
            self.errors.push(
                Diagnostic::error("E0808", "the rate of a Poisson drive differs between the neurons of a population", span)
                    .help("make one population for each rate, or drive it from a population of `poisson` sources"),
            );
        }
        let mean = rate.unwrap_or(0.0) * self.constants.tick;
        let thresholds: Vec<i32> = poisson::thresholds(mean).into_iter().map(|t| t.min(i32::MAX as u32) as i32).collect();
        if thresholds.len() > MOST_EVENTS {
            self.errors.push(
                Diagnostic::error("E0808", "a Poisson drive gives thousands of events in every tick", span)
                    .help("draw their sum from `random normal` instead"),
            );
        }
        let most = thresholds.len() as f64;
        let list = self.code.thresholds(thresholds);
        let word = self.code.push(Step::leaf(Code::Random, draw as i32));
        let step = self.code.push(Step::one(Code::Steps, word, list));
        self.fixed_value(step, 0, Interval::new(0.0, most), 0.0)
    }
}
