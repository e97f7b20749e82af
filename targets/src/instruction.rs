//! The instructions of a program, and their 8-byte words.
//!
//! Every instruction works on all lanes of a block. Registers hold one `i32` per lane; truth values are masks, all ones or
//! zero. Word 0 of an instruction is `op | dst << 8 | a << 16 | b << 24`, word 1 is the immediate.

use core::fmt;

/// Number of registers of a program.
pub const REGISTERS: usize = 32;

/// Rounds towards minus infinity when set in the shift operand of an instruction.
pub const FLOOR: u8 = 0x40;

macro_rules! ops {
    ($($(#[$doc:meta])* $name:ident = $code:literal $text:literal $form:ident),* $(,)?) => {
        /// What an instruction does. `d`, `a`, `b` are registers, `imm` the immediate.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub enum Op { $($(#[$doc])* $name = $code),* }

        impl Op {
            /// All operations.
            pub const ALL: &'static [Op] = &[$(Op::$name),*];

            /// The operation with this code.
            #[inline]
            #[must_use]
            pub const fn from_code(code: u8) -> Option<Op> {
                match code { $($code => Some(Op::$name),)* _ => None }
            }

            /// Its name in text.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Op::$name => $text),* }
            }

            /// Which of its operands it uses.
            #[must_use]
            pub const fn form(self) -> Form {
                match self { $(Op::$name => Form::$form),* }
            }
        }
    };
}

/// The operands an operation uses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// `d ← imm`
    DImm,
    /// `d ← a`
    DA,
    /// `d ← a, imm`
    DAImm,
    /// `d ← a, imm`, shift in `b`
    DAImmShift,
    /// `d ← d, a, imm`, shift in `b`
    DdAImmShift,
    /// `d ← a, b`
    DAB,
    /// `d ← a, b`, shift in `imm`
    DABImm,
    /// `d ← a, b` and the register `imm`
    DABReg,
    /// `a` to slot `imm`
    AImm,
    /// `a`
    A,
    /// `a, b`
    AB,
}

ops! {
    /// d ← state `imm`.
    LoadState = 0x01 "load_state" DImm,
    /// d ← parameter `imm`.
    LoadParam = 0x02 "load_param" DImm,
    /// d ← the sum at narrow receptor `imm`.
    LoadNarrow = 0x03 "load_narrow" DImm,
    /// d ← the 64-bit sum at wide receptor `imm & 0xFF`, shifted right by `imm >> 8 & 0x3F` (bit 14: floor), saturated.
    LoadWide = 0x04 "load_wide" DImm,
    /// d ← modulator `imm`, the same for all lanes.
    LoadModulator = 0x05 "load_modulator" DImm,
    /// d ← `imm`.
    Constant = 0x06 "constant" DImm,
    /// d ← a random number in 0 ≤ x < 1 with 31 fraction bits; `imm` is the draw number.
    Random = 0x07 "random" DImm,
    /// d ← a standard normal number with 27 fraction bits; `imm` is the draw number.
    Normal = 0x08 "normal" DImm,
    /// State `imm` ← a.
    StoreState = 0x09 "store_state" AImm,

    /// d ← a.
    Move = 0x10 "move" DA,
    /// d ← a + b, wrapping.
    Add = 0x11 "add" DAB,
    /// d ← a - b, wrapping.
    Subtract = 0x12 "subtract" DAB,
    /// d ← a + b, saturating.
    AddSaturating = 0x13 "add_saturating" DAB,
    /// d ← a - b, saturating.
    SubtractSaturating = 0x14 "subtract_saturating" DAB,
    /// d ← a + `imm`, wrapping.
    AddConstant = 0x15 "add_constant" DAImm,
    /// d ← `imm` - a, wrapping.
    SubtractFrom = 0x16 "subtract_from" DAImm,
    /// d ← |a|, saturating.
    Absolute = 0x17 "absolute" DA,

    /// d ← a·b >> `imm & 0x3F` (bit 6: floor).
    Multiply = 0x20 "multiply" DABImm,
    /// d ← a·`imm` >> b (bit 6 of b: floor).
    MultiplyConstant = 0x21 "multiply_constant" DAImmShift,
    /// d ← d + (a·`imm` >> b), wrapping (bit 6 of b: floor).
    MultiplyAdd = 0x22 "multiply_add" DdAImmShift,
    /// d ← a·2^`imm` / b, `imm` at most 31 (bit 6: floor), saturating.
    Divide = 0x23 "divide" DABImm,
    /// d ← a << `imm`, low 32 bits.
    ShiftLeft = 0x24 "shift_left" DAImm,
    /// d ← a >> `imm & 0x3F` (bit 6: floor).
    ShiftRight = 0x25 "shift_right" DAImm,
    /// d ← a << `imm`, saturating; `imm` at most 31.
    ShiftLeftSaturating = 0x26 "shift_left_saturating" DAImm,

    /// d ← min(a, b).
    Min = 0x30 "min" DAB,
    /// d ← max(a, b).
    Max = 0x31 "max" DAB,
    /// d ← a limited to range `imm` of the program; lanes that were outside are counted as saturations.
    Saturate = 0x32 "saturate" DAImm,
    /// d ← a limited to range `imm` of the program, uncounted.
    Clip = 0x33 "clip" DAImm,
    /// d ← mask of a ≥ b.
    GreaterEqual = 0x34 "greater_equal" DAB,
    /// d ← mask of a > b.
    Greater = 0x35 "greater" DAB,
    /// d ← mask of a = b.
    Equal = 0x36 "equal" DAB,
    /// d ← mask of a ≥ `imm`.
    GreaterEqualConstant = 0x37 "greater_equal_constant" DAImm,
    /// d ← mask of a = `imm`.
    EqualConstant = 0x38 "equal_constant" DAImm,
    /// d ← b where mask a is set, register `imm` elsewhere.
    Select = 0x39 "select" DABReg,
    /// d ← a and b, bitwise.
    And = 0x3A "and" DAB,
    /// d ← a or b, bitwise.
    Or = 0x3B "or" DAB,
    /// d ← not a, bitwise.
    Not = 0x3C "not" DA,

    /// d ← piecewise-linear table `imm` at a.
    Lookup = 0x40 "lookup" DAImm,
    /// d ← how many thresholds of steps `imm` are ≤ a.
    Steps = 0x41 "steps" DAImm,

    /// Lanes whose mask a is set emit a spike.
    EmitSpike = 0x50 "emit_spike" A,
    /// Lanes whose mask b is set emit the value a.
    EmitValue = 0x51 "emit_value" AB,
}

/// One instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Instruction {
    /// What it does.
    pub op: Op,
    /// Register written.
    pub dst: u8,
    /// First operand.
    pub a: u8,
    /// Second operand or shift.
    pub b: u8,
    /// Immediate.
    pub imm: i32,
}

impl Instruction {
    /// Its two words.
    #[must_use]
    pub const fn encode(self) -> [u32; 2] {
        [u32::from_le_bytes([self.op as u8, self.dst, self.a, self.b]), self.imm as u32]
    }

    /// The registers that it reads, a bit for each.
    #[must_use]
    pub const fn reads(self) -> u32 {
        match self.op.form() {
            Form::DImm => 0,
            Form::DA | Form::DAImm | Form::DAImmShift | Form::AImm | Form::A => register_bit(self.a),
            Form::DdAImmShift => register_bit(self.dst) | register_bit(self.a),
            Form::DAB | Form::DABImm | Form::AB => register_bit(self.a) | register_bit(self.b),
            Form::DABReg => register_bit(self.a) | register_bit(self.b) | register_bit(self.imm as u8),
        }
    }

    /// The register that it writes, as a bit; zero for none.
    #[must_use]
    pub const fn writes(self) -> u32 {
        match self.op.form() {
            Form::AImm | Form::A | Form::AB => 0,
            _ => 1 << (self.dst & 31),
        }
    }

    /// The instruction of two words; `None` for an unknown operation.
    #[inline(always)]
    #[must_use]
    pub const fn decode(words: [u32; 2]) -> Option<Instruction> {
        let [op, dst, a, b] = words[0].to_le_bytes();
        match Op::from_code(op) {
            Some(op) => Some(Instruction { op, dst, a, b, imm: words[1] as i32 }),
            None => None,
        }
    }
}

const fn register_bit(register: u8) -> u32 {
    1 << (register & 31)
}

impl fmt::Display for Instruction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Instruction { op, dst: d, a, b, imm } = *self;
        let name = op.name();
        let shift = b & 0x3F;
        let floor = if b & FLOOR != 0 { " floor" } else { "" };
        match op.form() {
            Form::DImm => write!(f, "r{d} = {name} {imm}"),
            Form::DA => write!(f, "r{d} = {name} r{a}"),
            Form::DAImm => write!(f, "r{d} = {name} r{a}, {imm}"),
            Form::DAImmShift => write!(f, "r{d} = {name} r{a}, {imm} >> {shift}{floor}"),
            Form::DdAImmShift => write!(f, "r{d} = {name} r{d}, r{a}, {imm} >> {shift}{floor}"),
            Form::DAB => write!(f, "r{d} = {name} r{a}, r{b}"),
            Form::DABImm => write!(f, "r{d} = {name} r{a}, r{b} >> {imm}"),
            Form::DABReg => write!(f, "r{d} = {name} r{a}, r{b}, r{imm}"),
            Form::AImm => write!(f, "{name} r{a}, {imm}"),
            Form::A => write!(f, "{name} r{a}"),
            Form::AB => write!(f, "{name} r{a}, r{b}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_survives_its_word() {
        for op in Op::ALL {
            let i = Instruction { op: *op, dst: 31, a: 1, b: 2, imm: -7 };
            assert_eq!(Instruction::decode(i.encode()), Some(i));
        }
        assert_eq!(Instruction::decode([0xFF, 0]), None);
    }
}
