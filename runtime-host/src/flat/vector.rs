//! The interpreter, compiled several times: for AVX-512, for AVX2 and for what every processor has.
//!
//! `multiversion` compiles each function below once for each and picks one when it is first called; the generic interpreter is
//! inlined into it, so that its loops over lanes become loops over the vectors of that processor. Two sizes: many lanes, where
//! decoding an instruction costs nothing in comparison, and one vector for what is left over and for small populations.

use bouton_runtime_embedded::interpret::{Draw, Interpreter, Lanes, Shared};
use bouton_targets::image::Array;
use bouton_targets::instruction::Instruction;
use bouton_targets::program::ProgramView;
use multiversion::multiversion;

/// Lanes of a chunk: a vector of AVX-512. Arrays of the engine are padded to a multiple.
pub const WIDTH: usize = 16;
/// Chunks of a large call. With 8 the registers (16 KiB) stay in the first cache; 4 were a quarter slower.
pub const CHUNKS: usize = 8;
/// Lanes of a large call.
pub const LANES: usize = WIDTH * CHUNKS;

/// The interpreter with many lanes.
pub type Large = Interpreter<WIDTH, CHUNKS>;
/// The interpreter with one vector.
pub type Small = Interpreter<WIDTH, 1>;

/// Values of a parameter, padded as states are.
#[derive(Clone, Debug)]
pub enum Param {
    /// The same for all.
    Uniform(i32),
    /// One for each.
    Each(Vec<i32>),
}

/// What a slice's members share in a tick.
#[derive(Clone, Copy, Debug)]
pub struct Common<'a> {
    /// Parameters.
    pub params: &'a [Param],
    /// Modulators, at their present values.
    pub modulators: &'a [i32],
}

impl Shared for Common<'_> {
    #[inline(always)]
    fn param(&self, slot: u32) -> Array<'_> {
        match self.params.get(slot as usize) {
            Some(Param::Uniform(value)) => Array::Uniform(*value),
            Some(Param::Each(values)) => Array::Each(values),
            None => Array::Uniform(0),
        }
    }

    #[inline(always)]
    fn modulator(&self, slot: u32) -> i32 {
        self.modulators.get(slot as usize).copied().unwrap_or(0)
    }
}

/// A program, decoded once.
#[derive(Clone, Debug)]
pub struct Code<'a> {
    /// Its instructions.
    pub instructions: Vec<Instruction>,
    /// The rest of it.
    pub view: ProgramView<'a>,
}

impl<'a> Code<'a> {
    /// Decodes a checked program.
    #[must_use]
    pub fn new(view: ProgramView<'a>) -> Self {
        Code { instructions: view.instructions().collect(), view }
    }
}

/// Runs a program over up to [`LANES`] lanes.
#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl+avx2+bmi1+bmi2+lzcnt+popcnt",
    "x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"
))]
pub fn run_large(large: &mut Large, code: &Code<'_>, common: &Common<'_>, lanes: &mut Lanes<'_>, draw: Draw) {
    large.run(code.instructions.iter().copied(), &code.view, common, lanes, draw);
}

/// Runs a program over up to [`WIDTH`] lanes.
#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl+avx2+bmi1+bmi2+lzcnt+popcnt",
    "x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"
))]
pub fn run_small(small: &mut Small, code: &Code<'_>, common: &Common<'_>, lanes: &mut Lanes<'_>, draw: Draw) {
    small.run(code.instructions.iter().copied(), &code.view, common, lanes, draw);
}
