//! A core section, checked once and then read without failing.

use super::records::{
    ArrayRecord, BlockKind, BlockRecord, BroadcastRecord, CONFIG, CoreRecord, EventKind, GroupRecord, ModulatorRecord, NONE,
    Record, RecordKind, RecordRecord, SourceRecord, unpack_synapse,
};
use super::{ImageView, SectionKind};
use crate::program::{ProgramError, ProgramView, Slots};
use crate::random::Seed;

/// Why words are not a core section.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CoreError {
    /// There is no such section in the image.
    Missing,
    /// The section is shorter or longer than its head says.
    Length,
    /// A block's record is not sound.
    Block {
        /// Its position.
        at: u32,
    },
    /// A block's program is missing or not sound.
    Program {
        /// Position of the block.
        block: u32,
        /// What is wrong; `None` when there is no such section.
        error: Option<ProgramError>,
    },
    /// An array does not lie within the data.
    Array {
        /// Its position.
        at: u32,
    },
    /// A modulator or broadcast names something that does not exist.
    Modulator {
        /// Its position.
        at: u32,
    },
    /// A source is empty, overlaps the one before, or has no depth.
    Source {
        /// Its position.
        at: u32,
    },
    /// A group's delays, rows or synapses are not sound.
    Group {
        /// Its position.
        at: u32,
    },
    /// A record names something that does not exist.
    Record {
        /// Its position.
        at: u32,
    },
    /// Sizes add up to more than an address can hold.
    TooLarge,
}

/// A checked core section in place.
#[derive(Clone, Copy, Debug)]
pub struct CoreView<'a> {
    image: ImageView<'a>,
    head: CoreRecord,
    blocks: &'a [u32],
    arrays: &'a [u32],
    modulators: &'a [u32],
    broadcasts: &'a [u32],
    sources: &'a [u32],
    groups: &'a [u32],
    records: &'a [u32],
    data: &'a [u32],
}

/// Whether `right` holds for each item and the next. (The core library's own test of order links a panic.)
pub(super) fn in_order<T>(items: &[T], right: impl Fn(&T, &T) -> bool) -> bool {
    items.iter().zip(items.iter().skip(1)).all(|(a, b)| right(a, b))
}

/// Record `at` of an array of records.
#[inline]
pub(super) fn record<T: Record>(words: &[u32], at: u32) -> Option<T> {
    let start = (at as usize).checked_mul(T::WORDS)?;
    let words = words.get(start..)?.get(..T::WORDS)?;
    bincode::decode_from_slice(bytemuck::cast_slice(words), CONFIG).ok().map(|(record, _)| record)
}

impl<'a> CoreView<'a> {
    /// Checks every record and index of core `core`, and the programs that its blocks run.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn new_checked(image: ImageView<'a>, core: u32) -> Result<Self, CoreError> {
        let words = image.section(SectionKind::Core, core).ok_or(CoreError::Missing)?;
        let head: CoreRecord = record(words, 0).ok_or(CoreError::Length)?;
        let mut rest = words.get(CoreRecord::WORDS..).ok_or(CoreError::Length)?;
        let mut take = |count: u32, size: usize| -> Result<&'a [u32], CoreError> {
            let length = (count as usize).checked_mul(size).ok_or(CoreError::Length)?;
            let (front, back) = rest.split_at_checked(length).ok_or(CoreError::Length)?;
            rest = back;
            Ok(front)
        };
        let view = CoreView {
            image,
            head,
            blocks: take(head.blocks, BlockRecord::WORDS)?,
            arrays: take(head.arrays, ArrayRecord::WORDS)?,
            modulators: take(head.modulators, ModulatorRecord::WORDS)?,
            broadcasts: take(head.broadcasts, BroadcastRecord::WORDS)?,
            sources: take(head.sources, SourceRecord::WORDS)?,
            groups: take(head.groups, GroupRecord::WORDS)?,
            records: take(head.records, RecordRecord::WORDS)?,
            data: take(head.data, 1)?,
        };
        if !rest.is_empty() || head.core != core {
            return Err(CoreError::Length);
        }
        view.check()?;
        Ok(view)
    }

    fn check(&self) -> Result<(), CoreError> {
        let first_bad = |count: u32, sound: &dyn Fn(u32) -> bool| (0..count).find(|at| !sound(*at));
        if let Some(at) = first_bad(self.head.blocks, &|at| self.block_is_sound(at)) {
            return Err(CoreError::Block { at });
        }
        for at in 0..self.head.blocks {
            self.check_program(at)?;
        }
        if let Some(at) = first_bad(self.head.sources, &|at| self.source_is_sound(at)) {
            return Err(CoreError::Source { at });
        }
        if let Some(at) = first_bad(self.head.modulators, &|at| self.modulator_is_sound(at)) {
            return Err(CoreError::Modulator { at });
        }
        if let Some(at) = first_bad(self.head.groups, &|at| self.group_is_sound(at).is_some()) {
            return Err(CoreError::Group { at });
        }
        if let Some(at) = first_bad(self.head.records, &|at| self.record_is_sound(at).is_some()) {
            return Err(CoreError::Record { at });
        }
        super::MemoryLayout::of(self).map(|_| ()).ok_or(CoreError::TooLarge)
    }

    fn block_is_sound(&self, at: u32) -> bool {
        let Some(b) = self.block(at) else { return false };
        let within = |first: u32, count: u32, all: u32| first.checked_add(count).is_some_and(|end| end <= all);
        let sums = b.narrow.max(b.wide).checked_mul(b.count).is_some_and(|n| n <= 1 << 16);
        let neurons = b.kind == BlockKind::Neurons as u32;
        let arrays = b.states.checked_add(b.params).is_some_and(|n| within(b.first_array, n, self.head.arrays));
        let input = b.input_at.checked_add(b.input_words).is_some_and(|end| end <= self.head.data);
        b.count > 0
            && b.first.checked_add(b.count).is_some()
            && b.key.checked_add(b.count).is_some()
            && BlockKind::from_code(b.kind).is_some()
            && EventKind::from_code(b.output).is_some()
            && (b.program == NONE) != neurons
            && (neurons || b.states | b.params | b.narrow | b.wide | b.modulators | b.broadcasts == 0)
            && sums
            && arrays
            && input
            && within(b.first_modulator, b.modulators, self.head.modulators)
            && within(b.first_broadcast, b.broadcasts, self.head.broadcasts)
            && (b.first_array..b.first_array + b.states + b.params).all(|a| self.array_is_sound(a, b.count))
            && (0..b.broadcasts).all(|i| self.broadcast_is_sound(&b, i))
            && self.input_is_sound(&b)
    }

    fn array_is_sound(&self, at: u32, count: u32) -> bool {
        match record::<ArrayRecord>(self.arrays, at) {
            Some(ArrayRecord { each: 0, .. }) => true,
            Some(ArrayRecord { each: 1, value }) => self.data_at(value, count).is_some(),
            _ => false,
        }
    }

    fn broadcast_is_sound(&self, block: &BlockRecord, i: u32) -> bool {
        self.broadcast(block, i).is_some_and(|b| b.state < block.states && b.lane < block.count)
    }

    fn input_is_sound(&self, block: &BlockRecord) -> bool {
        let Some(words) = self.data_at(block.input_at, block.input_words) else { return false };
        match BlockKind::from_code(block.kind) {
            Some(BlockKind::SpikeList) => {
                let (pairs, rest) = words.as_chunks::<2>();
                rest.is_empty() && in_order(pairs, |a, b| a < b) && pairs.iter().all(|p| p[1] < block.count)
            }
            Some(BlockKind::Signal) => words.len().is_multiple_of(block.count as usize),
            _ => words.is_empty(),
        }
    }

    fn check_program(&self, at: u32) -> Result<(), CoreError> {
        let Some(b) = self.block(at).filter(|b| b.program != NONE) else { return Ok(()) };
        let words = self.image.section(SectionKind::Program, b.program).ok_or(CoreError::Program { block: at, error: None })?;
        let slots = Slots { states: b.states, params: b.params, narrow: b.narrow, wide: b.wide, modulators: b.modulators };
        ProgramView::new_checked(words)
            .and_then(|p| p.check_slots(slots))
            .map_err(|error| CoreError::Program { block: at, error: Some(error) })
    }

    fn source_is_sound(&self, at: u32) -> bool {
        let Some(s) = self.source(at) else { return false };
        let after_last = at == 0 || self.source(at - 1).is_some_and(|before| before.key + before.count <= s.key);
        let event = s.kind == EventKind::Spike as u32 || s.kind == EventKind::Graded as u32;
        s.count > 0 && s.depth > 0 && s.key.checked_add(s.count).is_some() && event && after_last
    }

    fn modulator_is_sound(&self, at: u32) -> bool {
        let Some(m) = record::<ModulatorRecord>(self.modulators, at) else { return false };
        let Some(s) = self.source(m.source) else { return false };
        s.kind == EventKind::Graded as u32 && s.count == 1 && (1..=s.depth).contains(&m.delay)
    }

    fn group_is_sound(&self, at: u32) -> Option<()> {
        let g = self.group(at)?;
        let (source, block) = (self.source(g.source)?, self.block(g.block)?);
        let delays = self.data_at(g.delays_at, g.delays)?;
        let rows = self.data_at(g.rows_at, g.delays.checked_mul(source.count)?.checked_add(1)?)?;
        let synapses = self.data_at(g.synapses_at, g.synapses)?;
        let receptors = if source.kind == EventKind::Spike as u32 { block.narrow } else { block.wide };
        let sums = (receptors * block.count) as usize;
        let sound = in_order(delays, |a, b| a < b)
            && delays.iter().all(|d| (1..=source.depth).contains(d))
            && in_order(rows, |a, b| a <= b)
            && rows.last().is_some_and(|end| *end <= g.synapses)
            && synapses.iter().all(|word| unpack_synapse(*word).0 < sums);
        sound.then_some(())
    }

    fn record_is_sound(&self, at: u32) -> Option<()> {
        let r = self.record(at)?;
        let block = self.block(r.block)?;
        let lanes_sound = match r.lanes_at {
            NONE => true,
            lanes_at => {
                let lanes = self.data_at(lanes_at, r.lanes)?;
                in_order(lanes, |a, b| a < b) && lanes.iter().all(|lane| *lane < block.count)
            }
        };
        let kind_sound = match RecordKind::from_code(r.kind)? {
            RecordKind::Spikes => block.output == EventKind::Spike as u32,
            RecordKind::State => r.state < block.states,
        };
        (lanes_sound && kind_sound && r.every > 0).then_some(())
    }

    /// The head.
    #[must_use]
    pub fn head(&self) -> &CoreRecord {
        &self.head
    }

    /// The seed.
    #[must_use]
    pub fn seed(&self) -> Seed {
        Seed(u64::from(self.head.seed_low) | u64::from(self.head.seed_high) << 32)
    }

    /// Block `at`.
    #[inline]
    #[must_use]
    pub fn block(&self, at: u32) -> Option<BlockRecord> {
        record(self.blocks, at)
    }

    /// All blocks.
    pub fn blocks(&self) -> impl Iterator<Item = BlockRecord> + use<'a> {
        let words = self.blocks;
        (0..self.head.blocks).filter_map(move |at| record(words, at))
    }

    /// The program of a block of neurons.
    #[must_use]
    pub fn program(&self, block: &BlockRecord) -> Option<ProgramView<'a>> {
        ProgramView::new_checked(self.image.section(SectionKind::Program, block.program)?).ok()
    }

    /// The image that it lies in.
    #[must_use]
    pub fn image(&self) -> &ImageView<'a> {
        &self.image
    }

    /// Values of array `i` of a block: its states, then its parameters.
    #[inline]
    #[must_use]
    pub fn array(&self, block: &BlockRecord, i: u32) -> Option<Array<'a>> {
        let a: ArrayRecord = record(self.arrays, block.first_array.checked_add(i)?)?;
        if a.each == 0 {
            return Some(Array::Uniform(a.value as i32));
        }
        Some(Array::Each(bytemuck::cast_slice(self.data_at(a.value, block.count)?)))
    }

    /// Modulator `i` of a block.
    #[inline]
    #[must_use]
    pub fn modulator(&self, block: &BlockRecord, i: u32) -> Option<ModulatorRecord> {
        record(self.modulators, block.first_modulator.checked_add(i)?)
    }

    /// Broadcast `i` of a block.
    #[inline]
    #[must_use]
    pub fn broadcast(&self, block: &BlockRecord, i: u32) -> Option<BroadcastRecord> {
        record(self.broadcasts, block.first_broadcast.checked_add(i)?)
    }

    /// Source `at`.
    #[inline]
    #[must_use]
    pub fn source(&self, at: u32) -> Option<SourceRecord> {
        record(self.sources, at)
    }

    /// The source that hears `key`, and the key's position in it.
    #[must_use]
    pub fn source_of_key(&self, key: u32) -> Option<(u32, u32)> {
        let (mut low, mut high) = (0, self.head.sources);
        while low < high {
            let middle = low + (high - low) / 2;
            let s = self.source(middle)?;
            if key < s.key {
                high = middle;
            } else if key - s.key < s.count {
                return Some((middle, key - s.key));
            } else {
                low = middle + 1;
            }
        }
        None
    }

    /// Group `at`.
    #[inline]
    #[must_use]
    pub fn group(&self, at: u32) -> Option<GroupRecord> {
        record(self.groups, at)
    }

    /// Record `at`.
    #[inline]
    #[must_use]
    pub fn record(&self, at: u32) -> Option<RecordRecord> {
        record(self.records, at)
    }

    /// `count` words of data from `at`.
    #[inline]
    #[must_use]
    pub fn data_at(&self, at: u32, count: u32) -> Option<&'a [u32]> {
        self.data.get(at as usize..)?.get(..count as usize)
    }
}

/// Values of an array.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Array<'a> {
    /// The same for all members.
    Uniform(i32),
    /// One for each.
    Each(&'a [i32]),
}
