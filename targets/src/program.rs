//! A program: a neuron model as straight-line integer instructions with their constants and tables.
//!
//! In an image it is one section of words: the header, the instructions, the ranges, the records of tables and of steps, the
//! tables' entries, the steps' thresholds. [`ProgramView`] checks all of it once; after that nothing in it can fail.

use crate::in_order;
use crate::instruction::{Form, Instruction, Op, REGISTERS};
use crate::lookup::{LOOKUP_WORDS, Lookup};

/// Words of a program's header: instructions, ranges, tables, steps, entries, thresholds.
const HEADER_WORDS: usize = 6;
/// Words of a steps record: first threshold, thresholds.
const STEPS_WORDS: usize = 2;
/// More instructions than any model has: blocks that share a program must not make the check of an image long.
const MAX_INSTRUCTIONS: usize = 1 << 16;

/// What a program is run against: how many of each thing its instructions may name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Slots {
    /// State arrays.
    pub states: u32,
    /// Parameter arrays.
    pub params: u32,
    /// Receptors with 32-bit sums.
    pub narrow: u32,
    /// Receptors with 64-bit sums.
    pub wide: u32,
    /// Modulators.
    pub modulators: u32,
}

/// Why bytes are not a program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProgramError {
    /// The section is shorter or longer than its header says.
    Length,
    /// Instruction `at` is unknown, or names a register, slot, range, table or shift that does not exist.
    Instruction {
        /// Position of the instruction.
        at: u32,
    },
    /// Table `at` is not sound, or its entries do not follow those of the table before.
    Table {
        /// Position of the table.
        at: u32,
    },
    /// The low end of range `at` is above its high end.
    Range {
        /// Position of the range.
        at: u32,
    },
    /// The thresholds of steps `at` are not ascending, or do not follow those of the steps before.
    Steps {
        /// Position of the steps.
        at: u32,
    },
}

/// A checked program in place.
#[derive(Clone, Copy, Debug)]
pub struct ProgramView<'a> {
    instructions: &'a [[u32; 2]],
    ranges: &'a [[i32; 2]],
    tables: &'a [[u32; LOOKUP_WORDS]],
    steps: &'a [[u32; STEPS_WORDS]],
    entries: &'a [[i32; 2]],
    thresholds: &'a [i32],
}

impl<'a> ProgramView<'a> {
    /// Checks a section's words.
    ///
    /// # Errors
    /// When the lengths do not add up or a table or range is not sound. Slots are checked by [`ProgramView::check_slots`].
    pub fn new_checked(words: &'a [u32]) -> Result<Self, ProgramError> {
        let view = Self::open(words)?;
        view.check_tables()?;
        Ok(view)
    }

    /// The view of a section that was checked before, without looking at its tables again: for those who open it in every
    /// tick. What is wrong in a section that was never checked reads as empty tables and unlimited ranges.
    ///
    /// # Errors
    /// When the lengths do not add up.
    #[inline]
    pub fn open(words: &'a [u32]) -> Result<Self, ProgramError> {
        let mut rest = words;
        let counts: [u32; HEADER_WORDS] =
            take::<u32, HEADER_WORDS>(&mut rest, 1)?.first().copied().ok_or(ProgramError::Length)?;
        let [instructions, ranges, tables, steps, entries, thresholds] = counts.map(|n| n as usize);
        let view = ProgramView {
            instructions: take(&mut rest, instructions)?,
            ranges: bytemuck::cast_slice(take::<u32, 2>(&mut rest, ranges)?),
            tables: take(&mut rest, tables)?,
            steps: take(&mut rest, steps)?,
            entries: bytemuck::cast_slice(take::<u32, 2>(&mut rest, entries)?),
            thresholds: bytemuck::cast_slice(take::<u32, 1>(&mut rest, thresholds)?),
        };
        if !rest.is_empty() || view.instructions.len() > MAX_INSTRUCTIONS {
            return Err(ProgramError::Length);
        }
        Ok(view)
    }

    /// Tables and steps own their entries and thresholds one after the other, so that a section has one way to be written.
    fn check_tables(&self) -> Result<(), ProgramError> {
        let mut entries = 0;
        for (at, record) in (0..).zip(self.tables) {
            let [.., first, count] = *record;
            let table = Lookup::from_words(record, self.entries).filter(|_| first == entries);
            entries = table.and(first.checked_add(count)).ok_or(ProgramError::Table { at })?;
        }
        for (at, [low, high]) in (0..).zip(self.ranges) {
            if low > high {
                return Err(ProgramError::Range { at });
            }
        }
        let mut thresholds = 0;
        for (at, record) in (0..).zip(self.steps) {
            let [first, count] = *record;
            let steps = self.steps_of(record).filter(|steps| first == thresholds && in_order(steps, |a, b| a <= b));
            thresholds = steps.and(first.checked_add(count)).ok_or(ProgramError::Steps { at })?;
        }
        let all = entries as usize == self.entries.len() && thresholds as usize == self.thresholds.len();
        if all { Ok(()) } else { Err(ProgramError::Length) }
    }

    fn steps_of(&self, record: &[u32; STEPS_WORDS]) -> Option<&'a [i32]> {
        let [first, count] = *record;
        self.thresholds.get(first as usize..)?.get(..count as usize)
    }

    /// Checks that every instruction names only registers, ranges, tables and `slots` that exist, and reads only registers
    /// that one before it wrote: what a register holds at the start is nobody's business, so interpreters need not clear them.
    ///
    /// # Errors
    /// [`ProgramError::Instruction`] for the first that does not.
    pub fn check_slots(&self, slots: Slots) -> Result<(), ProgramError> {
        let mut written = 0u32;
        for (at, words) in (0..).zip(self.instructions) {
            let wrong = ProgramError::Instruction { at };
            let i = Instruction::decode(*words).filter(|i| self.is_sound(*i, slots)).ok_or(wrong)?;
            if i.reads() & !written != 0 {
                return Err(wrong);
            }
            written |= i.writes();
        }
        Ok(())
    }

    fn is_sound(&self, i: Instruction, slots: Slots) -> bool {
        let register = |r: u8| usize::from(r) < REGISTERS;
        let below = |n: usize| usize::try_from(i.imm).is_ok_and(|at| at < n);
        let shift = |s: u32, most: u32| s & !0x7F == 0 && s & 0x3F <= most;
        let registers = match i.op.form() {
            Form::DImm => register(i.dst),
            Form::DA | Form::DAImm => register(i.dst) && register(i.a),
            Form::DAImmShift | Form::DdAImmShift => register(i.dst) && register(i.a) && shift(i.b.into(), 32),
            Form::DAB | Form::DABImm => register(i.dst) && register(i.a) && register(i.b),
            Form::DABReg => register(i.dst) && register(i.a) && register(i.b) && below(REGISTERS),
            Form::AImm | Form::A => register(i.a),
            Form::AB => register(i.a) && register(i.b),
        };
        registers
            && match i.op {
                Op::LoadState | Op::StoreState => below(slots.states as usize),
                Op::LoadParam => below(slots.params as usize),
                Op::LoadNarrow => below(slots.narrow as usize),
                Op::LoadWide => i.imm & !0x7FFF == 0 && ((i.imm & 0xFF) as u32) < slots.wide,
                Op::LoadModulator => below(slots.modulators as usize),
                Op::Random | Op::Normal => below(1 << 24),
                Op::Multiply | Op::ShiftRight => shift(i.imm as u32, 32),
                Op::Divide => shift(i.imm as u32, 31),
                Op::ShiftLeft => below(64),
                Op::ShiftLeftSaturating => below(32),
                Op::Saturate | Op::Clip => below(self.ranges.len()),
                Op::Lookup => below(self.tables.len()),
                Op::Steps => below(self.steps.len()),
                _ => true,
            }
    }

    /// Words of the instructions.
    #[inline]
    #[must_use]
    pub fn instruction_words(&self) -> &'a [[u32; 2]] {
        self.instructions
    }

    /// The instructions, in order.
    pub fn instructions(&self) -> impl Iterator<Item = Instruction> + use<'a> {
        self.instructions.iter().filter_map(|words| Instruction::decode(*words))
    }

    /// Low and high end of range `at`; everything for a range that does not exist.
    #[inline]
    #[must_use]
    pub fn range(&self, at: i32) -> [i32; 2] {
        self.ranges.get(at as usize).copied().unwrap_or([i32::MIN, i32::MAX])
    }

    /// Table `at`.
    #[inline]
    #[must_use]
    pub fn table(&self, at: i32) -> Option<Lookup<'a>> {
        Lookup::from_words(self.tables.get(at as usize)?, self.entries)
    }

    /// Thresholds of steps `at`; none for steps that do not exist.
    #[inline]
    #[must_use]
    pub fn thresholds(&self, at: i32) -> &'a [i32] {
        self.steps.get(at as usize).and_then(|record| self.steps_of(record)).unwrap_or(&[])
    }
}

/// Takes `n` groups of `N` words from the front of `rest`.
fn take<'a, T: bytemuck::Pod, const N: usize>(rest: &mut &'a [T], n: usize) -> Result<&'a [[T; N]], ProgramError> {
    let length = n.checked_mul(N).ok_or(ProgramError::Length)?;
    let (front, back) = rest.split_at_checked(length).ok_or(ProgramError::Length)?;
    *rest = back;
    Ok(front.as_chunks().0)
}

/// A program that owns its parts: what the compiler builds and writes.
#[cfg(feature = "std")]
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Program {
    /// The instructions.
    pub instructions: Vec<Instruction>,
    /// Low and high ends of [`Op::Saturate`] and [`Op::Clip`].
    pub ranges: Vec<[i32; 2]>,
    /// Piecewise-linear tables.
    pub tables: Vec<OwnedLookup>,
    /// Ascending thresholds of [`Op::Steps`].
    pub steps: Vec<Vec<i32>>,
}

/// A [`Lookup`] that owns its entries.
#[cfg(feature = "std")]
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnedLookup {
    /// See [`Lookup::low`].
    pub low: i32,
    /// See [`Lookup::high`].
    pub high: i32,
    /// See [`Lookup::shift`].
    pub shift: u8,
    /// See [`Lookup::slope_shift`].
    pub slope_shift: u8,
    /// See [`Lookup::entries`].
    pub entries: Vec<[i32; 2]>,
}

#[cfg(feature = "std")]
impl From<Lookup<'_>> for OwnedLookup {
    fn from(t: Lookup<'_>) -> Self {
        OwnedLookup { low: t.low, high: t.high, shift: t.shift, slope_shift: t.slope_shift, entries: t.entries.to_vec() }
    }
}

#[cfg(feature = "std")]
impl OwnedLookup {
    /// The table, to look up in.
    #[must_use]
    pub fn view(&self) -> Lookup<'_> {
        Lookup { low: self.low, high: self.high, shift: self.shift, slope_shift: self.slope_shift, entries: &self.entries }
    }
}

#[cfg(feature = "std")]
impl Program {
    /// What a section says; `None` when it has an unknown instruction.
    #[must_use]
    pub fn of(view: &ProgramView<'_>) -> Option<Self> {
        let table = |record| Lookup::from_words(record, view.entries).map(|t| t.into());
        Some(Program {
            instructions: view.instructions.iter().map(|words| Instruction::decode(*words)).collect::<Option<_>>()?,
            ranges: view.ranges.to_vec(),
            tables: view.tables.iter().map(table).collect::<Option<_>>()?,
            steps: view.steps.iter().map(|record| view.steps_of(record).map(<[i32]>::to_vec)).collect::<Option<_>>()?,
        })
    }

    /// The words of its section.
    #[must_use]
    pub fn to_words(&self) -> Vec<u32> {
        let entries: usize = self.tables.iter().map(|t| t.entries.len()).sum();
        let thresholds: usize = self.steps.iter().map(Vec::len).sum();
        let counts = [self.instructions.len(), self.ranges.len(), self.tables.len(), self.steps.len(), entries, thresholds];
        let mut words: Vec<u32> = counts.iter().map(|n| *n as u32).collect();
        words.extend(self.instructions.iter().flat_map(|i| i.encode()));
        words.extend(self.ranges.iter().flatten().map(|x| *x as u32));
        let mut first = 0;
        for table in &self.tables {
            words.extend(table.view().to_words(first));
            first += table.entries.len() as u32;
        }
        let mut first = 0;
        for steps in &self.steps {
            words.extend([first, steps.len() as u32]);
            first += steps.len() as u32;
        }
        words.extend(self.tables.iter().flat_map(|t| &t.entries).flatten().map(|x| *x as u32));
        words.extend(self.steps.iter().flatten().map(|x| *x as u32));
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(instructions: Vec<Instruction>) -> Result<(), ProgramError> {
        let words = Program { instructions, ..Program::default() }.to_words();
        ProgramView::new_checked(&words).and_then(|p| p.check_slots(Slots { states: 1, ..Slots::default() }))
    }

    #[test]
    fn a_register_is_written_before_it_is_read() {
        let i = |op, dst, a, b, imm| Instruction { op, dst, a, b, imm };
        let sound = vec![i(Op::Constant, 3, 0, 0, 1), i(Op::MultiplyAdd, 3, 3, 31, 5), i(Op::StoreState, 0, 3, 0, 0)];
        assert_eq!(check(sound), Ok(()));
        for unsound in [
            i(Op::Move, 1, 2, 0, 0),
            i(Op::MultiplyAdd, 4, 3, 31, 5),
            i(Op::Select, 1, 3, 3, 4),
            i(Op::EmitValue, 0, 3, 1, 0),
            i(Op::StoreState, 0, 4, 0, 0),
        ] {
            assert_eq!(check(vec![i(Op::Constant, 3, 0, 0, 1), unsound]), Err(ProgramError::Instruction { at: 1 }), "{unsound}");
        }
    }
}
