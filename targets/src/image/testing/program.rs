//! Random valid programs.

use super::Choices;
use crate::instruction::{FLOOR, Form, Instruction, Op, REGISTERS};
use crate::program::{OwnedLookup, Program, Slots};

/// A program that may be run against `slots`, of up to about 40 instructions.
#[must_use]
pub fn sample_program(choices: &mut Choices, slots: Slots) -> Program {
    let mut program = Program {
        ranges: (0..choices.below(3)).map(|_| range(choices)).collect(),
        tables: (0..choices.below(3)).map(|_| table(choices)).collect(),
        steps: (0..choices.below(3)).map(|_| steps(choices)).collect(),
        ..Program::default()
    };
    let mut written = Vec::new();
    for _ in 0..choices.below(40) {
        let Some(op) = choices.one_of(Op::ALL) else { break };
        if let Some(instruction) = instruction(choices, op, &program, slots, &written) {
            program.instructions.push(instruction);
            if instruction.writes() != 0 && !written.contains(&instruction.dst) {
                written.push(instruction.dst);
            }
        }
    }
    program
}

fn range(choices: &mut Choices) -> [i32; 2] {
    let (a, b) = (choices.word() as i32, choices.word() as i32);
    [a.min(b), a.max(b)]
}

fn table(choices: &mut Choices) -> OwnedLookup {
    let shift = choices.below(32) as u8;
    let entries: Vec<[i32; 2]> = (0..choices.from_to(1, 6)).map(|_| [choices.word() as i32, choices.word() as i32]).collect();
    let width = u64::from(u32::MAX).min(((entries.len() as u64) << shift) - 1) as u32;
    let low = choices.word() as i32;
    let most = i32::MAX.wrapping_sub(low) as u32;
    let high = low.wrapping_add(choices.below(width.min(most)) as i32);
    OwnedLookup { low, high, shift, slope_shift: choices.below(63) as u8, entries }
}

fn steps(choices: &mut Choices) -> Vec<i32> {
    let mut thresholds: Vec<i32> = (0..choices.below(5)).map(|_| choices.word() as i32).collect();
    thresholds.sort_unstable();
    thresholds
}

/// An instruction of this operation; `None` when there is nothing that it could name.
fn instruction(choices: &mut Choices, op: Op, program: &Program, slots: Slots, written: &[u8]) -> Option<Instruction> {
    let dst = choices.below(REGISTERS as u32) as u8;
    let mut i = Instruction { op, dst, a: 0, b: 0, imm: choices.word() as i32 };
    let rounding = choices.one_of(&[0, FLOOR])?;
    match op.form() {
        Form::DImm => {}
        Form::DA | Form::DAImm | Form::AImm | Form::A => i.a = choices.one_of(written)?,
        Form::DAImmShift => (i.a, i.b) = (choices.one_of(written)?, choices.below(33) as u8 | rounding),
        Form::DdAImmShift => {
            (i.dst, i.a) = (choices.one_of(written)?, choices.one_of(written)?);
            i.b = choices.below(33) as u8 | rounding;
        }
        Form::DAB | Form::DABImm | Form::AB => (i.a, i.b) = (choices.one_of(written)?, choices.one_of(written)?),
        Form::DABReg => {
            (i.a, i.b) = (choices.one_of(written)?, choices.one_of(written)?);
            i.imm = i32::from(choices.one_of(written)?);
        }
    }
    if let Some(n) = count_of(op, program, slots) {
        i.imm = choices.below((n > 0).then_some(n)?) as i32;
    }
    match op {
        Op::LoadWide => i.imm |= (choices.below(64) << 8 | u32::from(rounding) << 8) as i32,
        Op::Multiply | Op::ShiftRight | Op::Divide => i.imm |= i32::from(rounding),
        _ => {}
    }
    Some(i)
}

/// How many values the immediate of an operation may have; `None` for any.
fn count_of(op: Op, program: &Program, slots: Slots) -> Option<u32> {
    Some(match op {
        Op::LoadState | Op::StoreState => slots.states,
        Op::LoadParam => slots.params,
        Op::LoadNarrow => slots.narrow,
        Op::LoadWide => slots.wide.min(256),
        Op::LoadModulator => slots.modulators,
        Op::Random | Op::Normal => 1 << 24,
        Op::Multiply | Op::ShiftRight => 33,
        Op::Divide | Op::ShiftLeftSaturating => 32,
        Op::ShiftLeft => 64,
        Op::Saturate | Op::Clip => program.ranges.len() as u32,
        Op::Lookup => program.tables.len() as u32,
        Op::Steps => program.steps.len() as u32,
        _ => return None,
    })
}
