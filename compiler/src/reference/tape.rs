//! Expressions as flat tapes over blocks of neurons.

use super::scalar;
use crate::circuit::model::{BinaryOp, UnaryOp};
use bouton_targets::arith::Rounding;
use bouton_targets::random::{NORMAL_FRAC, Purpose, Seed, standard_normal, word};

/// Neurons per block: the registers of a model then stay in the first-level cache.
pub(crate) const LANES: usize = 128;

/// Where a value of each neuron of a block stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Operand {
    /// The same for all neurons, for ever: a block of copies.
    Fixed(usize),
    /// Different between neurons, for ever.
    Constant(usize),
    /// A state.
    State(usize),
    /// The sum at a receptor.
    Input(usize),
    /// A `let`.
    Local(usize),
    /// A state half-way through a step.
    Stage(usize),
    /// An intermediate result.
    Temp(usize),
}

/// What an operation does with up to three operands.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum OpKind {
    Unary(UnaryOp),
    Binary(BinaryOp),
    /// `a` to a small whole power, by multiplication.
    PowerInt(u32),
    /// `b` where `a` holds, else `c`.
    Select,
    /// `a` limited to `b ..= c`.
    Clip,
    RawMultiply {
        frac: [i16; 2],
        shift: u8,
        rounding: Rounding,
    },
    RawShift {
        frac: i16,
        by: i8,
        rounding: Rounding,
    },
    Modulator(usize),
    /// Mean `a`, standard deviation `b`.
    Normal(u32),
    /// From `a` to `b`.
    Uniform(u32),
}

/// One operation; its result is temporary number `out`, above those of its operands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Op {
    pub kind: OpKind,
    pub args: [Operand; 3],
    pub out: usize,
}

/// Everything that operations read, for one block.
pub(crate) struct View<'a> {
    pub fixed: &'a [f64],
    pub constant: &'a [Vec<f64>],
    pub state: &'a [Vec<f64>],
    pub local: &'a [Vec<f64>],
    pub input: &'a [f64],
    pub stage: &'a [f64],
    pub modulators: &'a [f64],
    pub frame: Frame,
}

/// Which block, in which tick.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    pub start: usize,
    pub len: usize,
    pub population: u32,
    pub size: usize,
    pub tick: u32,
    pub seed: Seed,
}

impl Frame {
    /// Random word number `draw` of the neuron in `lane`.
    pub(crate) fn word(&self, lane: usize, draw: u32) -> u32 {
        word(self.seed, Purpose::Program, self.population, (self.start + lane) as u32, self.tick, draw)
    }
}

impl<'a> View<'a> {
    /// The values of an operand, one for each neuron of the block.
    #[inline]
    pub(crate) fn get(&self, operand: Operand, temps: &'a [f64]) -> &'a [f64] {
        let Frame { start, len, size, .. } = self.frame;
        match operand {
            Operand::Fixed(i) => &self.fixed[i * LANES..][..len],
            Operand::Constant(i) => &self.constant[i][start..][..len],
            Operand::State(i) => &self.state[i][start..][..len],
            Operand::Input(i) => &self.input[i * size + start..][..len],
            Operand::Local(i) => &self.local[i][start..][..len],
            Operand::Stage(i) => &self.stage[i * LANES..][..len],
            Operand::Temp(i) => &temps[i * LANES..][..len],
        }
    }

    /// Runs a tape.
    pub(crate) fn run(&self, tape: &[Op], temps: &mut [f64]) {
        for op in tape {
            let (before, after) = temps.split_at_mut(op.out * LANES);
            let view = View { ..*self };
            let [a, b, c] = op.args.map(|operand| view.get(operand, before));
            self.operate(op.kind, a, b, c, &mut after[..self.frame.len]);
        }
    }

    fn operate(&self, kind: OpKind, a: &[f64], b: &[f64], c: &[f64], out: &mut [f64]) {
        match kind {
            OpKind::Unary(op) => unary(op, a, out),
            OpKind::Binary(op) => binary(op, a, b, out),
            OpKind::Modulator(i) => out.fill(self.modulators[i]),
            OpKind::Normal(number) => {
                for (lane, out) in out.iter_mut().enumerate() {
                    let normal = f64::from(standard_normal(self.frame.word(lane, number)));
                    *out = a[lane] + b[lane] * (normal / f64::from(1u32 << NORMAL_FRAC));
                }
            }
            OpKind::Uniform(number) => {
                for (lane, out) in out.iter_mut().enumerate() {
                    let unit = f64::from(self.frame.word(lane, number) >> 1) / 2_147_483_648.0;
                    *out = a[lane] + (b[lane] - a[lane]) * unit;
                }
            }
            other => {
                for (lane, out) in out.iter_mut().enumerate() {
                    *out = scalar::operate(other, a[lane], b[lane], c[lane]);
                }
            }
        }
    }
}

// One loop per operation, so that the compiler can make vector code of each.
#[inline(always)]
fn each2(a: &[f64], b: &[f64], out: &mut [f64], f: impl Fn(f64, f64) -> f64) {
    for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
        *out = f(*a, *b);
    }
}

fn unary(op: UnaryOp, a: &[f64], out: &mut [f64]) {
    match op {
        UnaryOp::Negate => each2(a, a, out, |x, _| -x),
        UnaryOp::Absolute => each2(a, a, out, |x, _| x.abs()),
        _ => each2(a, a, out, |x, _| scalar::unary(op, x)),
    }
}

fn binary(op: BinaryOp, a: &[f64], b: &[f64], out: &mut [f64]) {
    match op {
        BinaryOp::Add => each2(a, b, out, |x, y| x + y),
        BinaryOp::Subtract => each2(a, b, out, |x, y| x - y),
        BinaryOp::Multiply => each2(a, b, out, |x, y| x * y),
        BinaryOp::Divide => each2(a, b, out, |x, y| x / y),
        BinaryOp::GreaterEqual => each2(a, b, out, |x, y| f64::from(u8::from(x >= y))),
        _ => each2(a, b, out, |x, y| scalar::binary(op, x, y)),
    }
}
