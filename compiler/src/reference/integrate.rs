//! Systems of differential equations over one tick.
//!
//! A held state has derivative zero and is not written; everything that is not a state of the system is constant over the tick.
//! States are written, and so saturate, at the end of each substep.

use super::neurons::Block;
use super::plan::{MethodPlan, Propagators, SystemPlan};
use super::tape::{LANES, Operand};
use crate::numeric::expm::{phi, propagator};

impl Block<'_> {
    /// Integrates a system over one tick.
    pub(crate) fn integrate(&mut self, system: &SystemPlan) {
        for _ in 0..system.substeps {
            match &system.method {
                MethodPlan::Exact { tape, rest, propagators, system: number } => {
                    self.evaluate(tape);
                    self.exact(system, rest, propagators, *number);
                }
                MethodPlan::Euler { tape, slopes } => {
                    self.evaluate(tape);
                    self.advance(system, slopes, None);
                }
                MethodPlan::Midpoint { tape, slopes, half, half_slopes } => {
                    self.evaluate(tape);
                    self.half_way(system, slopes);
                    self.evaluate(half);
                    self.advance(system, half_slopes, None);
                }
                MethodPlan::Exponential { tape, slopes, own } => {
                    self.evaluate(tape);
                    self.advance(system, slopes, Some(own));
                }
            }
        }
    }

    /// x + h·slope, or x + h·slope·φ(own·h), for all states at once.
    fn advance(&mut self, system: &SystemPlan, slopes: &[Operand], own: Option<&Vec<Operand>>) {
        let (len, h) = (self.frame.len, system.h);
        let [before, rest, mut values] = self.take_room();
        for (i, out) in values.chunks_mut(LANES).take(slopes.len()).enumerate() {
            let (x, slope) = (self.result(Operand::State(system.states[i])), self.result(slopes[i]));
            match own.map(|own| self.result(own[i])) {
                None => (0..len).for_each(|n| out[n] = x[n] + h * slope[n]),
                Some(a) => (0..len).for_each(|n| out[n] = x[n] + h * slope[n] * phi(a[n] * h)),
            }
        }
        for (state, values) in system.states.iter().zip(values.chunks(LANES)) {
            self.write(*state, &values[..len], None);
        }
        self.give_room([before, rest, values]);
    }

    /// Sets the stages to x + h/2·slope; held states stay.
    fn half_way(&mut self, system: &SystemPlan, slopes: &[Operand]) {
        let len = self.frame.len;
        for (i, state) in system.states.iter().enumerate() {
            let mut out = [0.0; LANES];
            let (x, slope) = (self.result(Operand::State(*state)), self.result(slopes[i]));
            (0..len).for_each(|n| out[n] = x[n] + 0.5 * system.h * slope[n]);
            if let Some(held) = self.held(*state) {
                (0..len).filter(|n| held[*n]).for_each(|n| out[n] = x[n]);
            }
            self.stage()[i * LANES..][..len].copy_from_slice(&out[..len]);
        }
    }

    /// e^(A·h)·x + (∫e^(A·s)ds)·b for all states at once; neurons with held states have solutions of their own.
    fn exact(&mut self, system: &SystemPlan, rest: &[Operand], propagators: &Propagators, number: usize) {
        let len = self.frame.len;
        let [mut before, mut b, mut values] = self.take_room();
        for (i, state) in system.states.iter().enumerate() {
            before[i * LANES..][..len].copy_from_slice(self.result(Operand::State(*state)));
            b[i * LANES..][..len].copy_from_slice(self.result(rest[i]));
        }
        values[..system.states.len() * LANES].fill(0.0);
        for (terms, from) in propagators.terms.iter().zip([&before, &b]) {
            for (i, j, operand) in terms {
                let coefficient = self.result(*operand);
                let out = &mut values[i * LANES..][..len];
                for ((out, c), x) in out.iter_mut().zip(coefficient).zip(&from[j * LANES..][..len]) {
                    *out += c * x;
                }
            }
        }
        for lane in 0..len {
            let held = self.held_equations(system, lane);
            if held != 0 {
                self.exact_held(propagators, number, (lane, held), [&before, &b], &mut values);
            }
        }
        for (state, values) in system.states.iter().zip(values.chunks(LANES)) {
            self.write(*state, &values[..len], None);
        }
        self.give_room([before, b, values]);
    }

    /// The equations of a system whose states are held, as bits.
    fn held_equations(&self, system: &SystemPlan, lane: usize) -> u64 {
        let held = |state: &usize| self.held(*state).is_some_and(|h| h[lane]);
        system.states.iter().enumerate().fold(0, |bits, (i, state)| bits | u64::from(held(state)) << i)
    }

    /// One neuron with held states: their rows and rests are zero.
    fn exact_held(
        &mut self,
        propagators: &Propagators,
        number: usize,
        (lane, held): (usize, u64),
        [before, b]: [&[f64]; 2],
        values: &mut [f64],
    ) {
        let class = propagators.class_of(self.frame.start + lane);
        let solutions = self.solutions(number);
        let solve = || propagator(&propagators.held_matrix(class, held), propagators.h);
        // A system that has a solution has one with rows of it set to zero, save for overflow: the state then stays.
        let Some((p, q)) = solutions.entry((class, held)).or_insert_with(solve) else { return };
        let n = p.size();
        for i in 0..n {
            let mut sum = 0.0;
            for j in 0..n {
                let rest = if held >> j & 1 == 1 { 0.0 } else { b[j * LANES + lane] };
                sum += p.get(i, j) * before[j * LANES + lane] + q.get(i, j) * rest;
            }
            values[i * LANES + lane] = sum;
        }
    }
}
