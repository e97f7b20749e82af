//! The interpreter: a loop over a program's instructions around loops over lanes.
//!
//! One source for devices and hosts. It is generic over the width of a chunk `W` (at most 64) and the number of chunks `C`,
//! and always inlined: a device instantiates it with few lanes for little stack, an engine with many and inside functions that
//! are compiled for the host's vector units. Results do not depend on either number: each lane is computed alone, by the
//! functions of [`bouton_targets::arith`], `lookup` and `random` and no other arithmetic.
//!
//! Nothing here can fail or panic, also on programs that were never checked: register numbers are masked, and slots that do not
//! exist read as zero and are written nowhere.

mod lanes;

pub use lanes::{Register, Registers};

use bouton_targets::arith::{self, Rounding};
use bouton_targets::image::Array;
use bouton_targets::instruction::{FLOOR, Instruction, Op};
use bouton_targets::lookup::Lookup;
use bouton_targets::program::ProgramView;
use bouton_targets::random::{self, Purpose, Seed};
use lanes::{any, bits, load, store};

/// What is the same for all lanes of a block in a tick.
pub trait Shared {
    /// Values of parameter `slot`.
    fn param(&self, slot: u32) -> Array<'_>;
    /// Present value of modulator `slot`.
    fn modulator(&self, slot: u32) -> i32;
}

/// The arrays of a block, and which of its members are computed.
///
/// Element `slot · stride + lane` is the value of a member; this call computes members from `lane` on.
#[derive(Debug)]
pub struct Lanes<'a> {
    /// States, read and written.
    pub states: &'a mut [i32],
    /// 32-bit sums.
    pub narrow: &'a [i32],
    /// 64-bit sums.
    pub wide: &'a [i64],
    /// Distance between two arrays.
    pub stride: usize,
    /// First member.
    pub lane: usize,
    /// How many members have room in memory; at most `W · C` of them are used. The others read as zero.
    pub present: usize,
    /// How many of those count: saturations and emissions of the others are dropped.
    pub active: usize,
}

/// Where random words come from, for lane 0.
#[derive(Clone, Copy, Debug)]
pub struct Draw {
    /// The seed.
    pub seed: Seed,
    /// Stream of the population.
    pub stream: u32,
    /// Index in the population of the first lane.
    pub index: u32,
    /// Logical tick.
    pub tick: u32,
}

/// Registers, and what the last call emitted.
///
/// It is kept between calls, because clearing it would cost as much as several instructions; programs write a register
/// before they read it.
#[derive(Clone, Debug)]
pub struct Interpreter<const W: usize, const C: usize> {
    registers: Registers<W, C>,
    /// For each chunk, a bit for each lane that spiked.
    pub spikes: [u64; C],
    /// For each chunk, a bit for each lane that emitted a value.
    pub graded: [u64; C],
    /// The values emitted.
    pub values: Register<W, C>,
    /// How many lanes were outside of the range of a `saturate`.
    pub saturations: u32,
}

impl<const W: usize, const C: usize> Default for Interpreter<W, C> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const W: usize, const C: usize> Interpreter<W, C> {
    /// Lanes of a call.
    pub const LANES: usize = W * C;

    /// An interpreter that has not run.
    #[must_use]
    pub const fn new() -> Self {
        Interpreter { registers: Registers::new(), spikes: [0; C], graded: [0; C], values: [[0; W]; C], saturations: 0 }
    }

    /// Runs `instructions`, those of `program`, over the lanes. What is emitted is left in the public fields.
    #[inline(always)]
    pub fn run(
        &mut self,
        instructions: impl Iterator<Item = Instruction>,
        program: &ProgramView<'_>,
        shared: &impl Shared,
        lanes: &mut Lanes<'_>,
        draw: Draw,
    ) {
        self.spikes = [0; C];
        self.graded = [0; C];
        self.saturations = 0;
        for i in instructions {
            self.step(i, program, shared, lanes, draw);
        }
    }

    /// One instruction: one match over all operations, so that it costs one jump.
    #[inline(always)]
    fn step(&mut self, i: Instruction, program: &ProgramView<'_>, shared: &impl Shared, lanes: &mut Lanes<'_>, draw: Draw) {
        let Instruction { op, dst: d, a, b, imm } = i;
        let (shift, rounding) = shift_of(imm as u8);
        let (shift_b, rounding_b) = shift_of(b);
        let width = lanes.present.min(W * C);
        let at = |slot: i32| (slot as usize).wrapping_mul(lanes.stride).wrapping_add(lanes.lane);
        let r = &mut self.registers;
        match op {
            Op::LoadState => load_register(r.set(d), slice(lanes.states, at(imm), width)),
            Op::LoadNarrow => load_register(r.set(d), slice(lanes.narrow, at(imm), width)),
            Op::LoadWide => load_wide(r.set(d), slice(lanes.wide, at(imm & 0xFF), width), imm),
            Op::LoadParam => match shared.param(imm as u32) {
                Array::Uniform(value) => r.fill(d, value),
                Array::Each(values) => load_register(r.set(d), slice(values, lanes.lane, width)),
            },
            Op::LoadModulator => r.fill(d, shared.modulator(imm as u32)),
            Op::StoreState => {
                let start = at(imm);
                let place = lanes.states.get_mut(start..).and_then(|s| s.get_mut(..width)).unwrap_or(&mut []);
                store_register(r.get(a), place);
            }
            Op::Constant => r.fill(d, imm),
            Op::Random | Op::Normal => self.draw(i, draw),
            Op::Saturate => self.saturate(i, program.range(imm), lanes.active),
            Op::Lookup => self.lookup(i, program.table(imm)),
            Op::Steps => self.steps(i, program.thresholds(imm)),
            Op::EmitSpike | Op::EmitValue => self.emit(i, lanes.active),
            Op::Move => r.unary(d, a, |x| x),
            Op::Add => r.binary(d, a, b, i32::wrapping_add),
            Op::Subtract => r.binary(d, a, b, i32::wrapping_sub),
            Op::AddSaturating => r.binary(d, a, b, i32::saturating_add),
            Op::SubtractSaturating => r.binary(d, a, b, i32::saturating_sub),
            Op::AddConstant => r.unary(d, a, |x| x.wrapping_add(imm)),
            Op::SubtractFrom => r.unary(d, a, |x| imm.wrapping_sub(x)),
            Op::Absolute => r.unary(d, a, i32::saturating_abs),
            Op::Multiply => r.multiply(d, a, b, (shift, rounding)),
            Op::MultiplyConstant => r.multiply_constant(d, a, imm, (shift_b, rounding_b)),
            Op::MultiplyAdd => r.multiply_add(d, a, imm, (shift_b, rounding_b)),
            Op::Divide => r.binary(d, a, b, |x, y| arith::divide(x, y, shift, rounding)),
            Op::ShiftLeft => r.unary(d, a, |x| arith::shift_left(x, imm as u32)),
            Op::ShiftRight => r.unary(d, a, |x| arith::shift_right(x, shift, rounding)),
            Op::ShiftLeftSaturating => r.unary(d, a, |x| arith::saturate_to_i32(i64::from(x) << (imm & 31))),
            Op::Min => r.binary(d, a, b, i32::min),
            Op::Max => r.binary(d, a, b, i32::max),
            Op::Clip => {
                let [low, high] = program.range(imm);
                r.unary(d, a, |x| x.max(low).min(high));
            }
            Op::GreaterEqual => r.binary(d, a, b, |x, y| arith::mask(x >= y)),
            Op::Greater => r.binary(d, a, b, |x, y| arith::mask(x > y)),
            Op::Equal => r.binary(d, a, b, |x, y| arith::mask(x == y)),
            Op::GreaterEqualConstant => r.unary(d, a, |x| arith::mask(x >= imm)),
            Op::EqualConstant => r.unary(d, a, |x| arith::mask(x == imm)),
            Op::Select => r.ternary(d, [a, b, imm as u8], arith::select),
            Op::And => r.binary(d, a, b, |x, y| x & y),
            Op::Or => r.binary(d, a, b, |x, y| x | y),
            Op::Not => r.unary(d, a, |x| !x),
        }
    }

    #[inline(always)]
    fn draw(&mut self, i: Instruction, draw: Draw) {
        let Draw { seed, stream, index, tick } = draw;
        let word = |l: u32| random::word(seed, Purpose::Program, stream, index.wrapping_add(l), tick, i.imm as u32);
        match i.op {
            Op::Random => self.registers.by_lane(i.dst, |l| (word(l) >> 1) as i32),
            _ => self.registers.by_lane(i.dst, |l| random::standard_normal(word(l))),
        }
    }

    #[inline(always)]
    fn saturate(&mut self, i: Instruction, [low, high]: [i32; 2], active: usize) {
        // Counted by lane and summed once: a sum across lanes in every chunk would cost more than the rest.
        let mut outside = [0i32; W];
        for c in 0..C {
            let x = self.registers.get(i.a)[c];
            let mut out = [0; W];
            for l in 0..W {
                out[l] = x[l].max(low).min(high);
                let counted = arith::mask(((c * W + l) as u32) < active as u32);
                outside[l] = outside[l].wrapping_sub(arith::mask(out[l] != x[l]) & counted);
            }
            self.registers.set(i.dst)[c] = out;
        }
        let sum = outside.iter().fold(0i32, |sum, x| sum.wrapping_add(*x));
        self.saturations = self.saturations.wrapping_add(sum as u32);
    }

    #[inline(always)]
    fn lookup(&mut self, i: Instruction, table: Option<Lookup<'_>>) {
        match table {
            Some(table) => self.registers.unary(i.dst, i.a, |x| table.at(x)),
            None => self.registers.fill(i.dst, 0),
        }
    }

    /// As [`bouton_targets::lookup::steps`], with the loop over thresholds outside, where it leaves vectors to the lanes.
    #[inline(always)]
    fn steps(&mut self, i: Instruction, thresholds: &[i32]) {
        for c in 0..C {
            let x = self.registers.get(i.a)[c];
            let mut count = [0; W];
            for threshold in thresholds {
                for l in 0..W {
                    count[l] -= arith::mask(*threshold <= x[l]);
                }
            }
            self.registers.set(i.dst)[c] = count;
        }
    }

    /// Emissions of lanes whose mask is not zero. A later value of the same lane takes the place of an earlier one.
    #[inline(always)]
    fn emit(&mut self, i: Instruction, active: usize) {
        let mask = if i.op == Op::EmitSpike { i.a } else { i.b };
        let mut emitting = [0; W];
        for c in 0..C {
            let x = self.registers.get(mask)[c];
            for l in 0..W {
                emitting[l] |= x[l];
            }
        }
        // Nearly always: spikes are rare, and this costs far less than gathering bits.
        if !any(&emitting) {
            return;
        }
        for c in 0..C {
            let mask = self.registers.get(mask)[c];
            let emitted = bits(&mask) & low_bits(active.saturating_sub(c * W));
            if i.op == Op::EmitSpike {
                self.spikes[c] |= emitted;
                continue;
            }
            self.graded[c] |= emitted;
            let value = self.registers.get(i.a)[c];
            for l in 0..W {
                self.values[c][l] = if mask[l] != 0 { value[l] } else { self.values[c][l] };
            }
        }
    }
}

/// Shift and rounding of an operand.
#[inline(always)]
fn shift_of(operand: u8) -> (u32, Rounding) {
    let rounding = if operand & FLOOR == 0 { Rounding::HalfUp } else { Rounding::Floor };
    (u32::from(operand & 0x3F), rounding)
}

/// Ones in the lowest `n` places.
#[inline(always)]
fn low_bits(n: usize) -> u64 {
    if n >= 64 { u64::MAX } else { (1 << n) - 1 }
}

/// `width` elements from `at`; none when they are not all there.
#[inline(always)]
fn slice<T>(from: &[T], at: usize, width: usize) -> &[T] {
    from.get(at..).and_then(|s| s.get(..width)).unwrap_or(&[])
}

#[inline(always)]
fn load_register<const W: usize, const C: usize>(d: &mut Register<W, C>, mut from: &[i32]) {
    if let Some(all) = from.as_chunks::<W>().0.first_chunk::<C>() {
        *d = *all;
        return;
    }
    for chunk in d {
        *chunk = load(from);
        from = from.get(W..).unwrap_or(&[]);
    }
}

#[inline(always)]
fn store_register<const W: usize, const C: usize>(a: &Register<W, C>, mut to: &mut [i32]) {
    if let Some(all) = to.as_chunks_mut::<W>().0.first_chunk_mut::<C>() {
        *all = *a;
        return;
    }
    for chunk in a {
        store(to, chunk);
        to = to.get_mut(W..).unwrap_or(&mut []);
    }
}

/// Narrows 64-bit sums: shift `imm >> 8 & 0x3F`, bit 14 for floor.
#[inline(always)]
fn load_wide<const W: usize, const C: usize>(d: &mut Register<W, C>, from: &[i64], imm: i32) {
    let (shift, rounding) = shift_of((imm >> 8) as u8);
    let mut from = from.iter();
    for x in d.iter_mut().flatten() {
        *x = from.next().map_or(0, |sum| arith::narrow(*sum, shift, rounding));
    }
}
