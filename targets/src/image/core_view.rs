//! A core section, checked once and then read without failing.

use super::records::{
    ArrayRecord, BlockRecord, BroadcastRecord, CoreRecord, GroupRecord, ModulatorRecord, Record, RecordRecord, SourceRecord,
};
use super::{ImageView, SectionKind};
use crate::generate::Recipe;
use crate::program::{ProgramError, ProgramView};
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
    /// Records name more words of data than there are: some would be shared.
    Data,
    /// A modulator names something that does not exist.
    Modulator {
        /// Its position.
        at: u32,
    },
    /// A source is empty, overlaps the one before, or its slices or groups are not sound.
    Source {
        /// Its position.
        at: u32,
    },
    /// A group's lags, rows or synapses are not sound, or it does not follow the others of its source.
    Group {
        /// Its position.
        at: u32,
    },
    /// A record names something that does not exist.
    Record {
        /// Its position.
        at: u32,
    },
    /// The memory that the core needs is more than 32 bits can count.
    TooLarge,
}

/// A checked core section in place.
#[derive(Clone, Copy, Debug)]
pub struct CoreView<'a> {
    pub(super) image: ImageView<'a>,
    pub(super) head: CoreRecord,
    blocks: &'a [u32],
    arrays: &'a [u32],
    modulators: &'a [u32],
    broadcasts: &'a [u32],
    sources: &'a [u32],
    groups: &'a [u32],
    records: &'a [u32],
    data: &'a [u32],
}

/// Record `at` of an array of records.
#[inline]
pub(super) fn record<T: Record>(words: &[u32], at: u32) -> Option<T> {
    T::read(words.get((at as usize).checked_mul(T::WORDS)?..)?)
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

    pub(super) fn array_record(&self, at: u32) -> Option<ArrayRecord> {
        record(self.arrays, at)
    }

    pub(super) fn modulator_record(&self, at: u32) -> Option<ModulatorRecord> {
        record(self.modulators, at)
    }

    pub(super) fn broadcast_record(&self, at: u32) -> Option<BroadcastRecord> {
        record(self.broadcasts, at)
    }

    /// Values of array `i` of a block: its states, then its parameters.
    #[inline]
    #[must_use]
    pub fn array(&self, block: &BlockRecord, i: u32) -> Option<Array<'a>> {
        let a = self.array_record(block.first_array.checked_add(i)?)?;
        if a.each == 0 {
            return Some(Array::Uniform(a.value as i32));
        }
        Some(Array::Each(bytemuck::cast_slice(self.data_at(a.value, block.count)?)))
    }

    /// Modulator `i` of a block.
    #[inline]
    #[must_use]
    pub fn modulator(&self, block: &BlockRecord, i: u32) -> Option<ModulatorRecord> {
        self.modulator_record(block.first_modulator.checked_add(i)?)
    }

    /// Broadcast `i` of a block.
    #[inline]
    #[must_use]
    pub fn broadcast(&self, block: &BlockRecord, i: u32) -> Option<BroadcastRecord> {
        self.broadcast_record(block.first_broadcast.checked_add(i)?)
    }

    /// Source `at`.
    #[inline]
    #[must_use]
    pub fn source(&self, at: u32) -> Option<SourceRecord> {
        record(self.sources, at)
    }

    /// The source that hears `key`, and the member of it whose key it is.
    #[inline]
    #[must_use]
    pub fn source_of_key(&self, key: u32) -> Option<(u32, SourceRecord, u32)> {
        // Positions below `low` have first keys up to this one, those from `high` have larger ones. Only the first word of a
        // record is looked at: this runs for every event.
        let (mut low, mut high) = (0, self.head.sources);
        while low < high {
            let middle = low + (high - low) / 2;
            let first = self.sources.get((middle as usize).checked_mul(SourceRecord::WORDS)?)?;
            if *first <= key {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let at = low.checked_sub(1)?;
        let source = self.source(at)?;
        Some((at, source, source.member_of(key)?))
    }

    /// Group `at`.
    #[inline]
    #[must_use]
    pub fn group(&self, at: u32) -> Option<GroupRecord> {
        record(self.groups, at)
    }

    /// The recipe of a generated group; `None` for a written one.
    #[must_use]
    pub fn recipe(&self, group: &GroupRecord) -> Option<Recipe<'a>> {
        Recipe::from_words(self.data_at(group.recipe_at, group.recipe)?).map(|(recipe, _)| recipe)
    }

    /// Record `at`.
    #[inline]
    #[must_use]
    pub fn record(&self, at: u32) -> Option<RecordRecord> {
        record(self.records, at)
    }

    /// All words of data.
    #[inline]
    #[must_use]
    pub fn data(&self) -> &'a [u32] {
        self.data
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
