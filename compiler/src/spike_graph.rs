//! What will be computed: every value an integer with a binary point, every model a program, every delay whole ticks.
//!
//! From here on nothing is approximate: partition, placement and routes cannot change a result. Delays include the latency
//! that [`crate::retime`] gave to zero-delay paths. Ids of populations are those of the circuit.

use crate::circuit::PopId;
use crate::table::Table;
use bouton_targets::program::Program;

mod synapses;

pub use synapses::{Delays, GeneratedSynapses, SpikeSynapses, Weights, WrittenSynapses};

crate::ids! {
    /// A program; equal models with equal folded constants share one.
    ProgramId "program",
}

/// An integer circuit.
#[derive(Clone, Debug)]
pub struct SpikeGraph {
    /// Name of the circuit.
    pub name: String,
    /// Length of a tick in seconds.
    pub tick_s: f64,
    /// Seed of all draws.
    pub seed: u64,
    /// Programs.
    pub programs: Table<ProgramId, Program>,
    /// Populations, with the circuit's ids.
    pub populations: Table<PopId, SpikePopulation>,
    /// Projections, in the circuit's order.
    pub projections: Vec<SpikeProjection>,
    /// What is recorded, in the circuit's order.
    pub records: Vec<SpikeRecord>,
    /// Name of each port out, and its population.
    pub outputs: Vec<(String, PopId)>,
}

/// A population.
#[derive(Clone, Debug)]
pub struct SpikePopulation {
    /// Path.
    pub name: String,
    /// Name of its model, or kind of input.
    pub model: String,
    /// Shape.
    pub shape: Vec<u32>,
    /// What it is.
    pub kind: SpikeKind,
    /// What it emits.
    pub output: Output,
    /// It computes tick `t - latency` at tick `t`.
    pub latency: u32,
}

impl SpikePopulation {
    /// Number of members.
    #[must_use]
    pub fn size(&self) -> u32 {
        self.shape.iter().product()
    }
}

/// What a population is.
#[derive(Clone, Debug)]
pub enum SpikeKind {
    /// Neurons.
    Neurons(SpikeNeurons),
    /// (tick, member), sorted, without repetition.
    SpikeList(Vec<(u32, u32)>),
    /// Raw values `[tick * size + member]`; the format is that of [`Output::Graded`].
    Signal(Vec<i32>),
    /// Spikes from outside.
    LiveSpikes,
    /// Values from outside; the format is that of [`Output::Graded`].
    LiveGraded,
}

/// Neurons that run a program.
#[derive(Clone, Debug)]
pub struct SpikeNeurons {
    /// The program.
    pub program: ProgramId,
    /// State arrays by slot: the model's states first, in its order, then hidden ones (hold counts).
    pub states: Vec<StateArray>,
    /// Parameter arrays by slot: only what differs between neurons; the rest is folded into the program.
    pub params: Vec<Raw>,
    /// Receptors with 32-bit sums, by slot.
    pub narrow: Vec<ReceptorFormat>,
    /// Receptors with 64-bit sums, by slot.
    pub wide: Vec<ReceptorFormat>,
    /// Modulators, by slot.
    pub modulators: Vec<ModulatorSource>,
}

/// A state.
#[derive(Clone, PartialEq, Debug)]
pub struct StateArray {
    /// Its format.
    pub format: Format,
    /// Initial values.
    pub initial: Raw,
    /// Whether it is not in the text of the model.
    pub hidden: bool,
}

/// Raw integers: one for all members, or one for each.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Raw {
    /// The same for all.
    Uniform(i32),
    /// By member.
    Each(Vec<i32>),
}

impl Raw {
    /// The value of member `index`.
    ///
    /// # Panics
    /// When `index` is not below the population's size: a broken invariant of ours.
    #[must_use]
    pub fn at(&self, index: u32) -> i32 {
        match self {
            Raw::Uniform(x) => *x,
            Raw::Each(xs) => xs[index as usize],
        }
    }
}

/// What a raw integer means: `raw · 2^-frac` in SI, shown in a unit.
#[derive(Clone, PartialEq, Debug)]
pub struct Format {
    /// Name of the value.
    pub name: String,
    /// Fraction bits of the SI value.
    pub frac: i8,
    /// Unit it is shown in; empty for numbers.
    pub unit: String,
    /// SI value of one unit.
    pub unit_si: f64,
}

/// A receptor.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReceptorFormat {
    /// Its name.
    pub name: String,
    /// Fraction bits of its sum (SI).
    pub frac: i8,
    /// Fraction bits of the weights; for spikes the same as `frac`, for values `frac` less those of the payload.
    pub weight_frac: i8,
}

/// What a modulator reads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ModulatorSource {
    /// Population of the neuron.
    pub population: PopId,
    /// Its index.
    pub member: u32,
    /// State slot.
    pub state: u32,
    /// Delay in ticks, at least 1, latencies included.
    pub delay: u32,
    /// Raw value until the first arrives.
    pub initial: i32,
}

/// What a population emits.
#[derive(Clone, PartialEq, Debug)]
pub enum Output {
    /// Nothing.
    None,
    /// Spikes.
    Spikes,
    /// Values in this format.
    Graded(Format),
}

/// Synapses of one population onto one receptor of another.
#[derive(Clone, PartialEq, Debug)]
pub struct SpikeProjection {
    /// Its name.
    pub name: String,
    /// Source population.
    pub source: PopId,
    /// Target population.
    pub target: PopId,
    /// Slot of the receptor.
    pub receptor: ReceptorSlot,
    /// The synapses.
    pub synapses: SpikeSynapses,
}

/// A receptor slot of a program.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ReceptorSlot {
    /// 32-bit sums of weights.
    Narrow(u32),
    /// 64-bit sums of weight · value.
    Wide(u32),
}

/// Something that is recorded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SpikeRecord {
    /// The population.
    pub population: PopId,
    /// Members, ascending; `None` for all.
    pub members: Option<Vec<u32>>,
    /// State slot; `None` for spikes.
    pub state: Option<u32>,
    /// Period in ticks, at least 1.
    pub every: u32,
}

#[cfg(test)]
pub(crate) mod testing {
    //! Small graphs by hand.

    use super::*;
    use bouton_targets::generate::{Delay, Members, Pattern, Recipe, Weight, WeightFormat};
    use bouton_targets::instruction::{Instruction, Op};
    use bouton_targets::random::Seed;

    /// Neurons that add what arrives to their only state, never spike, and may start with different values.
    pub(crate) fn counters(graph: &mut SpikeGraph, size: u32, initial: Raw) -> PopId {
        let i = |op, dst, a, b, imm| Instruction { op, dst, a, b, imm };
        let instructions = vec![
            i(Op::LoadState, 0, 0, 0, 0),
            i(Op::LoadNarrow, 1, 0, 0, 0),
            i(Op::Add, 0, 0, 1, 0),
            i(Op::StoreState, 0, 0, 0, 0),
            i(Op::Constant, 2, 0, 0, 0),
            i(Op::EmitSpike, 0, 2, 0, 0),
        ];
        let program = graph.programs.push(Program { instructions, ..Program::default() });
        let format = Format { name: "x".into(), frac: 0, unit: String::new(), unit_si: 1.0 };
        let receptor = ReceptorFormat { name: "in".into(), frac: 0, weight_frac: 0 };
        graph.populations.push(SpikePopulation {
            name: format!("counters{}", graph.populations.len()),
            model: "counter".into(),
            shape: vec![size],
            kind: SpikeKind::Neurons(SpikeNeurons {
                program,
                states: vec![StateArray { format, initial, hidden: false }],
                params: Vec::new(),
                narrow: vec![receptor],
                wide: Vec::new(),
                modulators: Vec::new(),
            }),
            output: Output::Spikes,
            latency: 0,
        })
    }

    /// No populations yet.
    pub(crate) fn empty() -> SpikeGraph {
        SpikeGraph {
            name: "test".into(),
            tick_s: 1e-3,
            seed: 7,
            programs: Table::new(),
            populations: Table::new(),
            projections: Vec::new(),
            records: Vec::new(),
            outputs: Vec::new(),
        }
    }

    /// A projection onto receptor 0 by a pattern that says how many synapses each of `targets` has, of weight and delay 1.
    pub(crate) fn describe(graph: &mut SpikeGraph, source: PopId, target: PopId, targets: Members, pattern: Pattern<'static>) {
        let source_size = graph.populations[source].size();
        let bare = Recipe {
            seed: Seed(graph.seed),
            stream: graph.projections.len() as u32,
            sources: Members { first: 0, count: source_size },
            targets,
            pattern,
            no_self: false,
            weight: Weight::Constant(1.0),
            format: WeightFormat { frac: 0, bits: 16 },
            delay: Delay::Ticks(1),
            ticks_per_second: 1.0 / graph.tick_s,
            extra: 0,
        };
        let members = targets.first..targets.first + targets.count;
        let in_degrees: Vec<u32> = members.map(|member| bare.count(member).expect("the pattern says it")).collect();
        let total = in_degrees.iter().map(|degree| u64::from(*degree)).sum();
        let made = GeneratedSynapses { bare, source_size, in_degrees, total, delay_bounds: (1, 1) };
        graph.projections.push(SpikeProjection {
            name: "test".into(),
            source,
            target,
            receptor: ReceptorSlot::Narrow(0),
            synapses: SpikeSynapses::Generated(Box::new(made)),
        });
    }

    /// A synapse: source, target, delay, weight.
    pub(crate) type Edge = (u32, u32, u16, i16);

    /// A projection onto receptor 0, of edges sorted by source, delay and target.
    pub(crate) fn project(graph: &mut SpikeGraph, source: PopId, target: PopId, edges: &[Edge]) {
        let size = graph.populations[source].size();
        let row_start = (0..=size).map(|s| edges.iter().filter(|e| e.0 < s).count() as u32).collect();
        graph.projections.push(SpikeProjection {
            name: "test".into(),
            source,
            target,
            receptor: ReceptorSlot::Narrow(0),
            synapses: SpikeSynapses::Written(WrittenSynapses {
                row_start,
                post: edges.iter().map(|e| e.1).collect(),
                delay: Delays::Each(edges.iter().map(|e| e.2).collect()),
                weight: Weights::Each(edges.iter().map(|e| e.3).collect()),
            }),
        });
    }
}
