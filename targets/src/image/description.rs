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
    /// How many times longer a tick may take on the target.
    pub time_scale: f64,
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
    /// Members of each of its slices but the last; see [`super::SourceRecord`].
    pub per_slice: u32,
    /// Logarithm of the distance between the first keys of two slices.
    pub slice_bits: u32,
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

    /// The keys of its members, of which there are `size`.
    fn keys(&self, size: u32) -> super::SourceRecord {
        let Self { key, per_slice, slice_bits, output, .. } = *self;
        super::SourceRecord { key, count: size, per_slice, slice_bits, kind: output, ..Default::default() }
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
    /// Bytes of synaptic memory, where the core makes the rows of generated groups.
    pub synaptic_bytes: u64,
}

/// Why words are not a description.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DescriptionError(pub String);

impl Description {
    /// Decodes a section and checks that what it names exists.
    ///
    /// # Errors
    /// When the bytes do not decode, are of unsound lengths, or name a population, state or member that is not there.
    pub fn from_words(words: &[u32]) -> Result<Self, DescriptionError> {
        let bytes: &[u8] = bytemuck::cast_slice(words);
        let (description, length): (Description, usize) =
            bincode::decode_from_slice(bytes, CONFIG).map_err(|e| DescriptionError(e.to_string()))?;
        let rest = bytes.get(length..).unwrap_or(&[]);
        if rest.len() >= 4 || rest.iter().any(|byte| *byte != 0) {
            return Err(DescriptionError("there is something after its end".into()));
        }
        description.check()?;
        Ok(description)
    }

    fn check(&self) -> Result<(), DescriptionError> {
        let wrong = |what: String| Err(DescriptionError(what));
        if !(self.tick_s.is_finite() && self.tick_s > 0.0) {
            return wrong(format!("a tick of {} seconds", self.tick_s));
        }
        for (at, p) in self.populations.iter().enumerate() {
            let size = p.shape.iter().try_fold(1u32, |n, d| n.checked_mul(*d));
            let known = super::BlockKind::from_code(p.kind).is_some() && super::EventKind::from_code(p.output).is_some();
            if !known || size.and_then(|n| p.keys(n).end()).is_none() {
                return wrong(format!("population {at} is of no known kind, or too large"));
            }
        }
        for (at, r) in self.records.iter().enumerate() {
            let population = self.populations.get(r.population as usize);
            let sound = population.is_some_and(|p| {
                let state = r.state == super::NONE || (r.state as usize) < p.states.len();
                let members = r.members.is_sorted_by(|a, b| a < b) && r.members.last().is_none_or(|m| *m < p.size());
                state && members && r.every > 0
            });
            if !sound {
                return wrong(format!("record {at} names what is not there"));
            }
        }
        match self.outputs.iter().position(|o| o.population as usize >= self.populations.len()) {
            Some(at) => wrong(format!("output {at} names a population that is not there")),
            None => Ok(()),
        }
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
