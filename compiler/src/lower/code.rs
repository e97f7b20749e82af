//! Instructions before they have registers: every result is a step of its own, and equal steps are one.

use crate::circuit::model::StateId;
use crate::lower::known::Known;
use bouton_targets::instruction::{Instruction, Op};
use bouton_targets::program::OwnedLookup;
use std::collections::BTreeMap;

crate::ids! {
    /// A step.
    StepId "s",
}

/// One instruction whose operands are the results of earlier steps.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Step {
    /// Code of the operation.
    code: u8,
    /// Operands: `a`, `b`, and the third of `Select`. `MultiplyAdd` has the old value of its destination last.
    pub(crate) args: [Option<StepId>; 3],
    /// Immediate.
    pub(crate) imm: i32,
    /// Shift in the place of `b`.
    pub(crate) shift: u8,
}

impl Step {
    /// A step without operands.
    pub(crate) fn leaf(op: Op, imm: i32) -> Step {
        Step { code: op as u8, args: [None; 3], imm, shift: 0 }
    }

    /// A step of one operand.
    pub(crate) fn one(op: Op, a: StepId, imm: i32) -> Step {
        Step { args: [Some(a), None, None], ..Step::leaf(op, imm) }
    }

    /// A step of one operand, an immediate and a shift.
    pub(crate) fn shifted(op: Op, a: StepId, imm: i32, shift: u8) -> Step {
        Step { shift, ..Step::one(op, a, imm) }
    }

    /// A step of two operands.
    pub(crate) fn two(op: Op, a: StepId, b: StepId, imm: i32) -> Step {
        Step { args: [Some(a), Some(b), None], ..Step::leaf(op, imm) }
    }

    /// `acc + (a · imm >> shift)`
    pub(crate) fn multiply_add(acc: StepId, a: StepId, imm: i32, shift: u8) -> Step {
        Step { args: [Some(a), None, Some(acc)], shift, ..Step::leaf(Op::MultiplyAdd, imm) }
    }

    /// `a` where the mask is set, else `b`
    pub(crate) fn select(mask: StepId, a: StepId, b: StepId) -> Step {
        Step { args: [Some(mask), Some(a), Some(b)], ..Step::leaf(Op::Select, 0) }
    }

    /// What it does.
    pub(crate) fn op(&self) -> Op {
        Op::from_code(self.code).unwrap_or(Op::Move)
    }

    /// The instruction, with these registers.
    pub(crate) fn instruction(&self, dst: u8, args: [u8; 3]) -> Instruction {
        let op = self.op();
        let [a, b, c] = args;
        match op {
            Op::Select => Instruction { op, dst, a, b, imm: c.into() },
            Op::MultiplyConstant | Op::MultiplyAdd => Instruction { op, dst, a, b: self.shift, imm: self.imm },
            _ => Instruction { op, dst, a, b, imm: self.imm },
        }
    }
}

/// How a constant becomes a raw integer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Meaning {
    /// `round(x · 2^frac)`, low 32 bits.
    Number(i8),
    /// The least raw integer that is not below x, limited to 32 bits.
    AtLeast(i8),
    /// All ones for 1, zero for 0.
    Mask,
}

impl Meaning {
    /// The raw integer of `x`.
    pub(crate) fn raw(self, x: f64) -> i32 {
        match self {
            Meaning::Number(frac) => wrap(libm::floor(libm::scalbn(x, frac.into()) + 0.5)),
            Meaning::AtLeast(frac) => libm::ceil(libm::scalbn(x, frac.into())).clamp(i32::MIN.into(), i32::MAX.into()) as i32,
            Meaning::Mask => -i32::from(x != 0.0),
        }
    }
}

/// The low 32 bits of a whole number.
pub(crate) fn wrap(x: f64) -> i32 {
    x as i64 as i32
}

/// A program without registers.
#[derive(Clone, Default, Debug)]
pub(crate) struct Code {
    /// The steps, in an order of evaluation.
    pub(crate) steps: Vec<Step>,
    known: BTreeMap<Step, StepId>,
    /// Ranges of `Saturate` and `Clip`.
    pub(crate) ranges: Vec<[i32; 2]>,
    /// Tables.
    pub(crate) tables: Vec<OwnedLookup>,
    /// Thresholds of `Steps`.
    pub(crate) thresholds: Vec<Vec<i32>>,
    /// Constants that differ between neurons, and what their raw integers mean.
    pub(crate) params: Vec<(Known, Meaning)>,
    /// What is stored at the end: state slot, value.
    pub(crate) stores: Vec<(u32, StepId)>,
    /// Masks under which a spike is emitted.
    pub(crate) spikes: Vec<StepId>,
    /// Values emitted, and their masks.
    pub(crate) emits: Vec<(StepId, StepId)>,
}

impl Code {
    /// The step, made unless it is there already.
    pub(crate) fn push(&mut self, step: Step) -> StepId {
        if let Some(id) = self.known.get(&step) {
            return *id;
        }
        let id = <StepId as crate::table::Id>::from_index(self.steps.len());
        self.steps.push(step);
        self.known.insert(step, id);
        id
    }

    /// A constant, one per neuron where they differ.
    pub(crate) fn constant(&mut self, known: &Known, meaning: Meaning) -> StepId {
        match known.same() {
            Some(x) => self.push(Step::leaf(Op::Constant, meaning.raw(x))),
            None => {
                let wanted = (known.clone(), meaning);
                let slot = position_or_push(&mut self.params, wanted);
                self.push(Step::leaf(Op::LoadParam, slot))
            }
        }
    }

    /// Number of a range.
    pub(crate) fn range(&mut self, low: i32, high: i32) -> i32 {
        position_or_push(&mut self.ranges, [low, high])
    }

    /// Number of a table.
    pub(crate) fn table(&mut self, table: OwnedLookup) -> i32 {
        position_or_push(&mut self.tables, table)
    }

    /// Number of a list of thresholds.
    pub(crate) fn thresholds(&mut self, list: Vec<i32>) -> i32 {
        position_or_push(&mut self.thresholds, list)
    }
}

fn position_or_push<T: PartialEq>(list: &mut Vec<T>, wanted: T) -> i32 {
    let at = list.iter().position(|x| *x == wanted).unwrap_or_else(|| {
        list.push(wanted);
        list.len() - 1
    });
    at as i32
}

/// Slot of a model's state.
pub(crate) fn slot(state: StateId) -> u32 {
    crate::table::Id::index(state) as u32
}
