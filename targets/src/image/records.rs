//! Records of a core section: fixed numbers of 32-bit words, as bincode encodes them.

use bincode::Encode;
use bincode::config::{Configuration, Fixint, LittleEndian, NoLimit};

/// Fixed-width little-endian integers: a record of `n` 32-bit fields is `n` words.
pub(crate) const CONFIG: Configuration<LittleEndian, Fixint, NoLimit> = bincode::config::standard().with_fixed_int_encoding();

/// Places of one size that a block's ring of sums may have: a synapse names one with 16 bits.
pub const MAX_SUMS: u32 = 1 << 16;

/// Stands for "no such thing" where a record holds an index or an offset.
pub const NONE: u32 = u32::MAX;

/// A record of fixed size.
pub(crate) trait Record: Copy {
    /// Its size in words.
    const WORDS: usize;

    /// The record that starts `words`.
    fn read(words: &[u32]) -> Option<Self>;
}

macro_rules! records {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode)]
        pub struct $name { $($(#[$field_doc])* pub $field: $type),* }
        impl Record for $name {
            const WORDS: usize = size_of::<$name>() / 4;

            // Records are read for every event: words in place, of which only those are loaded that are wanted.
            #[inline(always)]
            fn read(words: &[u32]) -> Option<Self> {
                let [$($field),*] = *words.first_chunk()?;
                Some($name { $($field),* })
            }
        }
    )*};
}

records! {
    /// Head of a core section: how many of each record follow, in this order, and how many words of data after them.
    CoreRecord {
        /// Number of the core; equals the section's id.
        core: u32,
        /// Low word of the seed.
        seed_low: u32,
        /// High word of the seed.
        seed_high: u32,
        /// [`BlockRecord`]s.
        blocks: u32,
        /// [`ArrayRecord`]s.
        arrays: u32,
        /// [`ModulatorRecord`]s.
        modulators: u32,
        /// [`BroadcastRecord`]s.
        broadcasts: u32,
        /// [`SourceRecord`]s, sorted by key.
        sources: u32,
        /// [`GroupRecord`]s, in the order of their sources.
        groups: u32,
        /// [`RecordRecord`]s.
        records: u32,
        /// Words of data.
        data: u32,
        /// Words of synaptic memory: rows that the core makes for itself when it is loaded.
        synaptic: u32,
    }

    /// A slice of a population that lives on this core.
    BlockRecord {
        /// Number of the population.
        population: u32,
        /// Index in the population of its first member.
        first: u32,
        /// Number of members.
        count: u32,
        /// A [`BlockKind`].
        kind: u32,
        /// It computes tick `t - latency` at tick `t`, and nothing before.
        latency: u32,
        /// Id of the program section, [`NONE`] for inputs.
        program: u32,
        /// Random stream; the index of a draw is the index in the population.
        stream: u32,
        /// Key of its first member's events.
        key: u32,
        /// An [`EventKind`]: what it emits.
        output: u32,
        /// First of its arrays: states, then parameters.
        first_array: u32,
        /// Number of states.
        states: u32,
        /// Number of parameters.
        params: u32,
        /// Number of receptors with 32-bit sums.
        narrow: u32,
        /// Number of receptors with 64-bit sums.
        wide: u32,
        /// Slots of its ring of sums, at least 1: as many ticks ahead a synapse can add.
        ring: u32,
        /// First of its modulators.
        first_modulator: u32,
        /// Number of modulators.
        modulators: u32,
        /// First of its broadcasts.
        first_broadcast: u32,
        /// Number of broadcasts.
        broadcasts: u32,
        /// Data of an input: see [`BlockKind`].
        input_at: u32,
        /// Words of it.
        input_words: u32,
    }

    /// A state's initial values or a parameter's values.
    ArrayRecord {
        /// 0: `value` for all; 1: one word for each member, in data at `value`.
        each: u32,
        /// The value, or where the values are.
        value: u32,
    }

    /// A scalar that a block reads.
    ModulatorRecord {
        /// The source (of values, with one member) that brings it.
        source: u32,
        /// Read this many ticks after it was sent.
        delay: u32,
        /// Its value until one arrives.
        initial: u32,
    }

    /// A state of one member that is sent as an event in every tick, for modulators elsewhere.
    BroadcastRecord {
        /// The state.
        state: u32,
        /// The member.
        lane: u32,
        /// Key of the event.
        key: u32,
    }

    /// Keys of a population that this core hears: slices of it have blocks of `2^slice_bits` keys each, one after the other.
    ///
    /// Member m has the key `key + (m / per_slice << slice_bits) + m % per_slice`; keys between are nobody's.
    SourceRecord {
        /// Key of the first member.
        key: u32,
        /// Number of members.
        count: u32,
        /// Members of each slice but the last, at least 1 and at most `2^slice_bits`.
        per_slice: u32,
        /// Logarithm of the distance between the first keys of two slices, below 32.
        slice_bits: u32,
        /// An [`EventKind`]: spikes or values.
        kind: u32,
        /// Ticks that its events are kept for: the longest lag of its groups and delay of its modulators; 0 for not at all.
        depth: u32,
        /// First of its groups.
        first_group: u32,
        /// Number of its groups.
        groups: u32,
    }

    /// The synapses of one source onto one block.
    ///
    /// A synapse with a delay of d ticks lies in a row of a lag l and has the residual r: d = 1 + l + r. Row `i·count + s` holds the
    /// synapses of member s with the i-th lag: words `rows[r] .. rows[r + 1]` from the first synapse. Rows and synapses of a
    /// written group lie in the data, those of a generated one in synaptic memory, where they follow those of the one before.
    GroupRecord {
        /// The source.
        source: u32,
        /// The block.
        block: u32,
        /// A [`GroupKind`].
        kind: u32,
        /// Data: the lags in ticks, ascending.
        lags_at: u32,
        /// Number of lags.
        lags: u32,
        /// `lags · count + 1` row starts, ascending.
        rows_at: u32,
        /// The synapses, see [`pack_synapse`].
        synapses_at: u32,
        /// Number of synapses.
        synapses: u32,
        /// Data of a generated group: its recipe, whose neurons are members of the source and of the block's population.
        recipe_at: u32,
        /// Words of it; 0 for a written group.
        recipe: u32,
        /// Receptor of a generated group's synapses; 0 for a written group.
        receptor: u32,
    }

    /// Something that is recorded on this core.
    RecordRecord {
        /// Number of the record in the description.
        record: u32,
        /// The block.
        block: u32,
        /// A [`RecordKind`].
        kind: u32,
        /// The state.
        state: u32,
        /// Period in ticks, at least 1.
        every: u32,
        /// Data: the members recorded, ascending; [`NONE`] for all.
        lanes_at: u32,
        /// Number of them.
        lanes: u32,
    }

    /// A route of the fabric section: events with these keys go to these cores.
    RouteRecord {
        /// First key.
        key: u32,
        /// Number of keys.
        count: u32,
        /// Where its cores begin in the list after the routes.
        cores_at: u32,
        /// Number of cores.
        cores: u32,
    }

    /// Head of a router section: a chip.
    RouterRecord {
        /// Column.
        x: u32,
        /// Row.
        y: u32,
        /// Columns of the machine. Link d of (x, y) leads to (x, y) plus its step, modulo columns and rows.
        width: u32,
        /// Rows of the machine.
        height: u32,
        /// Links that work, a bit each.
        links: u32,
        /// Column of the first chip of its board.
        board_x: u32,
        /// Row of the first chip of its board.
        board_y: u32,
        /// Words of cores in each entry.
        core_words: u32,
        /// Number of cores that the image has on this chip.
        cores: u32,
        /// Number of entries.
        entries: u32,
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident { $($(#[$case_doc:meta])* $case:ident = $code:literal),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u32)]
        pub enum $name { $($(#[$case_doc])* $case = $code),* }
        impl $name {
            /// The case with this code.
            #[inline]
            #[must_use]
            pub const fn from_code(code: u32) -> Option<Self> {
                match code { $($code => Some($name::$case),)* _ => None }
            }
        }
    )*};
}

codes! {
    /// What a block is.
    BlockKind {
        /// Neurons that run a program.
        Neurons = 0,
        /// Spikes known beforehand. Data: pairs (tick, member), sorted.
        SpikeList = 1,
        /// Values known beforehand. Data: one word for each member, tick by tick.
        Signal = 2,
        /// Spikes from outside.
        LiveSpikes = 3,
        /// Values from outside.
        LiveGraded = 4,
    }

    /// What kind of event.
    EventKind {
        /// No events.
        None = 0,
        /// Events without a payload.
        Spike = 1,
        /// Events with a value.
        Graded = 2,
    }

    /// Where the synapses of a group come from.
    GroupKind {
        /// They are written out.
        Written = 0,
        /// The core makes them from a [`crate::generate::Recipe`] when it is loaded.
        Generated = 1,
    }

    /// What a record records.
    RecordKind {
        /// Spikes.
        Spikes = 0,
        /// A state, after the update.
        State = 1,
    }
}

/// A synapse: place in the block's ring of sums in the low half, weight in the high half.
///
/// The place is `residual · sums + receptor · count + member`, where `sums` are those of a tick (receptors · count), counted from the
/// tick at which a residual of 0 arrives. A spike adds the weight to a narrow sum, a value adds weight · value to a wide one:
/// which, the source's kind says.
#[inline(always)]
#[must_use]
pub const fn pack_synapse(place: u16, weight: i16) -> u32 {
    place as u32 | (weight as u16 as u32) << 16
}

/// Place in the block's ring of sums, and weight.
#[inline(always)]
#[must_use]
pub const fn unpack_synapse(word: u32) -> (usize, i32) {
    ((word & 0xFFFF) as usize, word as i32 >> 16)
}
