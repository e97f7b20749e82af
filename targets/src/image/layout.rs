//! Where a core keeps what changes: one layout for the compiler, which counts it, and the kernel, which carves it.

use super::records::EventKind;
use super::{BlockRecord, CoreView, SourceRecord};
use crate::generate::Recipe;

/// Words that the kernel keeps for each block: offsets of its states, narrow sums and wide sums, the position of its program's
/// section in the image, its input cursor, and the slot of its ring that belongs to the next tick.
pub const BLOCK_TABLE_WORDS: usize = 6;
/// Words that the kernel keeps for each source: offset of its history, and the slot of the present tick.
pub const SOURCE_TABLE_WORDS: usize = 2;

/// Sizes of the regions of a core's memory, in elements.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct MemoryLayout {
    /// 64-bit sums, of all slots of the rings.
    pub wide: usize,
    /// States, 32 bits.
    pub states: usize,
    /// 32-bit sums, of all slots of the rings.
    pub narrow: usize,
    /// Events kept until their lags have passed, words.
    pub history: usize,
    /// [`BLOCK_TABLE_WORDS`] for each block, then [`SOURCE_TABLE_WORDS`] for each source.
    pub tables: usize,
    /// Words that making the rows of generated groups needs, before anything else is in the memory.
    pub scratch: usize,
}

impl MemoryLayout {
    /// The layout of a core; `None` when the sizes overflow.
    #[must_use]
    pub fn of(core: &CoreView<'_>) -> Option<Self> {
        let mut layout = MemoryLayout::default();
        for block in core.blocks() {
            layout.add_block(&block)?;
        }
        for at in 0..core.head().sources {
            layout.add_source(&core.source(at)?)?;
        }
        for recipe in (0..core.head().groups).filter_map(|at| core.group(at).and_then(|group| core.recipe(&group))) {
            layout.add_recipe(&recipe);
        }
        layout.bytes()?;
        Some(layout)
    }

    /// Adds what a block needs.
    pub fn add_block(&mut self, block: &BlockRecord) -> Option<()> {
        let times = |n: u32| (n as usize).checked_mul(block.count as usize);
        self.states = self.states.checked_add(times(block.states)?)?;
        let ring = block.ring as usize;
        self.narrow = self.narrow.checked_add(times(block.narrow)?.checked_mul(ring)?)?;
        self.wide = self.wide.checked_add(times(block.wide)?.checked_mul(ring)?)?;
        self.tables = self.tables.checked_add(BLOCK_TABLE_WORDS)?;
        Some(())
    }

    /// Adds what a source needs.
    pub fn add_source(&mut self, source: &SourceRecord) -> Option<()> {
        self.history = self.history.checked_add((source.depth as usize).checked_mul(history_slot_words(source)?)?)?;
        self.tables = self.tables.checked_add(SOURCE_TABLE_WORDS)?;
        Some(())
    }

    /// Adds what making the rows of a generated group needs.
    pub fn add_recipe(&mut self, recipe: &Recipe<'_>) {
        self.scratch = self.scratch.max(recipe.scratch_words());
    }

    /// Bytes of all regions, a multiple of 8.
    #[must_use]
    pub fn bytes(&self) -> Option<usize> {
        let words = self.states.checked_add(self.narrow)?.checked_add(self.history)?.checked_add(self.tables)?;
        words.div_ceil(2).checked_add(self.wide)?.max(self.scratch.div_ceil(2)).checked_mul(8)
    }
}

/// Words of one tick's events of a source: a bit for each member, and for values a word for each.
#[must_use]
pub fn history_slot_words(source: &SourceRecord) -> Option<usize> {
    let count = source.count as usize;
    let values = if source.kind == EventKind::Graded as u32 { count } else { 0 };
    count.div_ceil(32).checked_add(values)
}
