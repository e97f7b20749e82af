//! The description section: names, units and positions, for people and hosts.

use bincode::config::{Configuration, Fixint, Limit, LittleEndian};
use bincode::{Decode, Encode};

/// More than this is not decoded: bad lengths must not ask for memory.
const LIMIT: usize = 256 << 20;
const CONFIG: Configuration<LittleEndian, Fixint, Limit<LIMIT>> =
    bincode::config::standard().with_fixed_int_encoding().with_limit::<LIMIT>();

/// What an image is about.
#[derive(Clone, PartialEq, Debug, Default, Encode, Decode)]
pub struct Description {
    /// Name of the circuit.
    pub circuit: String,
    /// Name of the target.
    pub target: String,
    /// Length of a tick in seconds.
    pub tick_s: f64,
    /// Seed of all draws.
    pub seed: u64,
    /// Largest latency of a population, in ticks: a run of n ticks takes n + this many.
    pub latency: u32,
    /// Number of synapses.
    pub synapses: u64,
    /// The populations, by number.
    pub populations: Vec<PopulationDescription>,
    /// What is recorded, by number.
    pub records: Vec<RecordDescription>,
    /// What goes to the outside world.
    pub outputs: Vec<OutputDescription>,
    /// The cores, by number.
    pub cores: Vec<CoreDescription>,
}

/// A population.
#[derive(Clone, PartialEq, Debug, Default, Encode, Decode)]
pub struct PopulationDescription {
    /// Its path.
    pub name: String,
    /// Name of its model, or of its kind of input.
    pub model: String,
    /// Its shape.
    pub shape: Vec<u32>,
    /// Key of its first member.
    pub key: u32,
    /// A [`super::BlockKind`].
    pub kind: u32,
    /// A [`super::EventKind`].
    pub output: u32,
    /// Format of the values that it emits or is given.
    pub value: ValueDescription,
    /// It computes tick `t - latency` at tick `t`.
    pub latency: u32,
    /// Its states, by slot.
    pub states: Vec<ValueDescription>,
}

impl PopulationDescription {
    /// Number of members.
    #[must_use]
    pub fn size(&self) -> u32 {
        self.shape.iter().fold(1, |n, d| n.saturating_mul(*d))
    }
}

/// What a raw integer means: `raw · 2^-frac / unit_si` units.
#[derive(Clone, PartialEq, Debug, Default, Encode, Decode)]
pub struct ValueDescription {
    /// Its name.
    pub name: String,
    /// Name of the unit, empty for numbers.
    pub unit: String,
    /// SI value of one unit.
    pub unit_si: f64,
    /// Fraction bits of the SI value.
    pub frac: i8,
}

impl ValueDescription {
    /// The value of `raw` in units.
    #[must_use]
    pub fn value(&self, raw: i32) -> f64 {
        f64::from(raw) * 2f64.powi(-i32::from(self.frac)) / self.unit_si
    }
}

/// Something that is recorded.
#[derive(Clone, PartialEq, Debug, Default, Encode, Decode)]
pub struct RecordDescription {
    /// Number of the population.
    pub population: u32,
    /// State slot; [`super::NONE`] for spikes.
    pub state: u32,
    /// Period in ticks.
    pub every: u32,
    /// The members, ascending; empty for all.
    pub members: Vec<u32>,
}

/// A population that the outside world hears.
#[derive(Clone, PartialEq, Debug, Default, Encode, Decode)]
pub struct OutputDescription {
    /// Name of the port.
    pub name: String,
    /// Number of the population.
    pub population: u32,
}

/// Where a core is.
#[derive(Clone, PartialEq, Debug, Default, Encode, Decode)]
pub struct CoreDescription {
    /// Column of its chip.
    pub x: u16,
    /// Row of its chip.
    pub y: u16,
    /// Number on its chip.
    pub processor: u16,
    /// Bytes of memory that change, as [`super::MemoryLayout`] counts them.
    pub memory_bytes: u32,
}

/// Why words are not a description.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DescriptionError(pub String);

impl Description {
    /// Decodes a section.
    ///
    /// # Errors
    /// When the bytes do not decode, or are of unsound lengths.
    pub fn from_words(words: &[u32]) -> Result<Self, DescriptionError> {
        let bytes = bytemuck::cast_slice(words);
        bincode::decode_from_slice(bytes, CONFIG).map(|(d, _)| d).map_err(|e| DescriptionError(e.to_string()))
    }

    /// The words of its section, padded with zeros.
    ///
    /// # Errors
    /// When it is too large.
    pub fn to_words(&self) -> Result<Vec<u32>, DescriptionError> {
        let mut bytes = bincode::encode_to_vec(self, CONFIG).map_err(|e| DescriptionError(e.to_string()))?;
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        Ok(bytes.as_chunks::<4>().0.iter().map(|b| u32::from_le_bytes(*b)).collect())
    }
}
