//! The interpreter, compiled several times: for AVX-512, for AVX2 and for what every processor has.
//!
//! `multiversion` compiles the function below once for each and picks one when it is first called; the generic interpreter is
//! inlined into it, so its loops over lanes become loops over the vectors of that processor.

use bouton_runtime_embedded::interpret::{Draw, Interpreter, Lanes, Shared};
use bouton_targets::image::Array;
use bouton_targets::instruction::Instruction;
use bouton_targets::program::ProgramView;
use multiversion::multiversion;

/// Lanes of a chunk: a vector of AVX-512.
pub const WIDTH: usize = 16;
/// Chunks of a call.
pub const CHUNKS: usize = 8;
/// Lanes of a call. Arrays of the engine are padded to a multiple.
pub const LANES: usize = WIDTH * CHUNKS;

/// The interpreter of this engine.
pub type Vector = Interpreter<WIDTH, CHUNKS>;

/// What a block's members share in a tick.
#[derive(Clone, Copy, Debug)]
pub struct Common<'a> {
    /// Parameter arrays, padded like states.
    pub params: &'a [Array<'a>],
    /// Modulators, at their present values.
    pub modulators: &'a [i32],
}

impl Shared for Common<'_> {
    #[inline(always)]
    fn param(&self, slot: u32) -> Array<'_> {
        self.params.get(slot as usize).copied().unwrap_or(Array::Uniform(0))
    }

    #[inline(always)]
    fn modulator(&self, slot: u32) -> i32 {
        self.modulators.get(slot as usize).copied().unwrap_or(0)
    }
}

/// Runs `instructions`, those of `program`, over the lanes.
#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl+avx2+bmi1+bmi2+lzcnt+popcnt",
    "x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"
))]
pub fn run(
    vector: &mut Vector,
    instructions: &[Instruction],
    program: &ProgramView<'_>,
    common: &Common<'_>,
    lanes: &mut Lanes<'_>,
    draw: Draw,
) {
    vector.run(instructions.iter().copied(), program, common, lanes, draw);
}
