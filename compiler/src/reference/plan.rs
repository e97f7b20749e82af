//! What a population does in a tick, ready to run: tapes and what to do with their results.

use super::tape::{Op, Operand};
use crate::numeric::expm::Matrix;

/// The plan of one population.
pub(crate) struct Plan {
    pub steps: Vec<Step>,
    /// Blocks of copies of numbers.
    pub fixed: Vec<f64>,
    /// Columns of numbers that differ between neurons.
    pub constant: Vec<Vec<f64>>,
    /// Number of temporaries.
    pub temps: usize,
    /// Largest number of equations of a system.
    pub stages: usize,
    /// Length of each hold in ticks, for each neuron.
    pub holds: Vec<HoldPlan>,
    /// How each state is written.
    pub states: Vec<StatePlan>,
    /// Number of exactly integrated systems.
    pub exact_systems: usize,
}

/// A hold or a refractory time.
pub(crate) struct HoldPlan {
    pub states: Vec<usize>,
    pub suppresses_spikes: bool,
    pub ticks: Vec<u32>,
}

/// How a state is written.
#[derive(Clone, Copy)]
pub(crate) struct StatePlan {
    pub range: Option<(f64, f64)>,
    pub fixed: Option<i8>,
    /// Whether any hold names it.
    pub can_be_held: bool,
}

/// A value to be written to a state.
pub(crate) struct Write {
    pub state: usize,
    pub value: Operand,
    /// Power of two that reinterprets a raw integer with another binary point; 1 otherwise.
    pub scale: f64,
}

/// One statement.
pub(crate) enum Step {
    Integrate(SystemPlan),
    Assign { tape: Vec<Op>, writes: Vec<Write> },
    Let { tape: Vec<Op>, local: usize, value: Operand },
    Spike { tape: Vec<Op>, condition: Operand, then: Vec<Step> },
    On { receptor: usize, then: Vec<Step> },
    Hold(usize),
    Emit { tape: Vec<Op>, value: Operand, when: Option<Operand> },
}

/// A system and how it is integrated.
pub(crate) struct SystemPlan {
    pub states: Vec<usize>,
    /// Length of a substep in seconds.
    pub h: f64,
    pub substeps: u32,
    pub method: MethodPlan,
}

/// The method with its tapes.
pub(crate) enum MethodPlan {
    /// x' = A·x + b: `rest` is b; `system` numbers the exact systems of the model.
    Exact { tape: Vec<Op>, rest: Vec<Operand>, propagators: Propagators, system: usize },
    /// `slopes` are the derivatives.
    Euler { tape: Vec<Op>, slopes: Vec<Operand> },
    /// The second tape reads the states half-way.
    Midpoint { tape: Vec<Op>, slopes: Vec<Operand>, half: Vec<Op>, half_slopes: Vec<Operand> },
    /// `own` are the coefficients of each state in its own derivative.
    Exponential { tape: Vec<Op>, slopes: Vec<Operand>, own: Vec<Operand> },
}

/// The exact solutions of one system, for each distinct set of coefficients.
pub(crate) struct Propagators {
    /// Length of a tick in seconds.
    pub h: f64,
    /// The matrix of each class.
    pub matrices: Vec<Matrix>,
    /// Class of each neuron; empty when there is one class only.
    pub class: Vec<u32>,
    /// (row, column, coefficient) of what is not zero in e^(A·h) and in its integral.
    pub terms: [Vec<(usize, usize, Operand)>; 2],
}

impl Propagators {
    /// The class of a neuron.
    pub(crate) fn class_of(&self, neuron: usize) -> u32 {
        self.class.get(neuron).copied().unwrap_or(0)
    }

    /// The matrix of a class with the rows of held states (bits of `held`) set to zero.
    pub(crate) fn held_matrix(&self, class: u32, held: u64) -> Matrix {
        let mut matrix = self.matrices[class as usize].clone();
        for i in (0..matrix.size()).filter(|i| held >> i & 1 == 1) {
            (0..matrix.size()).for_each(|j| matrix.set(i, j, 0.0));
        }
        matrix
    }
}
