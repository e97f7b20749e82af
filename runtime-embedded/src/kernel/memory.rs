//! The memory of a core: one piece of words that the caller owns, carved once by the layout that the compiler counted.

use bouton_targets::image::{
    Array, BLOCK_TABLE_WORDS, BlockRecord, CoreView, MemoryLayout, SOURCE_TABLE_WORDS, SectionKind, SourceRecord,
    history_slot_words,
};

use super::KernelError;

/// The regions of [`MemoryLayout`], in its order.
#[derive(Debug)]
pub(super) struct Memory<'m> {
    /// 64-bit sums.
    pub wide: &'m mut [i64],
    /// States.
    pub states: &'m mut [i32],
    /// 32-bit sums.
    pub narrow: &'m mut [i32],
    /// Events of past ticks.
    pub history: &'m mut [u32],
    /// See [`BlockTable`].
    pub blocks: &'m mut [[u32; BLOCK_TABLE_WORDS]],
    /// See [`SourceTable`].
    pub sources: &'m mut [[u32; SOURCE_TABLE_WORDS]],
}

/// Where a block's arrays begin, the position of its program's section, its place in its input, and the slot of its ring that
/// belongs to the present tick or, between two, to the next.
///
/// All of it follows from the image, but finding it again in every tick would cost a walk over all records before it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct BlockTable {
    pub states: u32,
    pub narrow: u32,
    pub wide: u32,
    pub program: u32,
    pub cursor: u32,
    pub slot: u32,
}

/// Where a source's history begins, and which of its slots belongs to the present tick.
///
/// The slot is kept rather than computed from the tick: a division for every source and delay is dear on a small core.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SourceTable {
    pub history: u32,
    pub slot: u32,
}

impl<'m> Memory<'m> {
    /// Carves `words` and brings them to the state before tick 0.
    pub fn carve(core: &CoreView<'_>, words: &'m mut [u64]) -> Result<Self, KernelError> {
        let (layout, words) = needed(core, words)?;
        words.fill(0);
        // As long as the layout says, so that all regions are there.
        let mut memory = Self::regions(&layout, core.head().blocks as usize, words).ok_or(KernelError::TooLarge)?;
        memory.place_blocks(core).ok_or(KernelError::TooLarge)?;
        memory.place_sources(core).ok_or(KernelError::TooLarge)?;
        for at in 0..core.head().blocks {
            memory.load_states(core, at);
        }
        Ok(memory)
    }

    /// The same words, for what is done before they are carved.
    pub fn scratch<'w>(core: &CoreView<'_>, words: &'w mut [u64]) -> Result<&'w mut [u32], KernelError> {
        let (layout, words) = needed(core, words)?;
        let words: &mut [u32] = bytemuck::try_cast_slice_mut(words).map_err(|_| KernelError::TooLarge)?;
        words.get_mut(..layout.scratch).ok_or(KernelError::TooLarge)
    }

    fn regions(layout: &MemoryLayout, blocks: usize, words: &'m mut [u64]) -> Option<Self> {
        let (wide, rest) = words.split_at_mut_checked(layout.wide)?;
        let rest: &mut [u32] = bytemuck::try_cast_slice_mut(rest).ok()?;
        let (states, rest) = rest.split_at_mut_checked(layout.states)?;
        let (narrow, rest) = rest.split_at_mut_checked(layout.narrow)?;
        let (history, rest) = rest.split_at_mut_checked(layout.history)?;
        let (tables, _) = rest.split_at_mut_checked(layout.tables)?;
        let (blocks, sources) = tables.split_at_mut_checked(blocks.checked_mul(BLOCK_TABLE_WORDS)?)?;
        Some(Memory {
            wide: bytemuck::try_cast_slice_mut(wide).ok()?,
            states: bytemuck::try_cast_slice_mut(states).ok()?,
            narrow: bytemuck::try_cast_slice_mut(narrow).ok()?,
            history,
            blocks: blocks.as_chunks_mut().0,
            sources: sources.as_chunks_mut().0,
        })
    }

    /// Fills the tables of blocks. `None` when an offset does not fit its word.
    fn place_blocks(&mut self, core: &CoreView<'_>) -> Option<()> {
        let mut so_far = MemoryLayout::default();
        for (block, words) in core.blocks().zip(self.blocks.iter_mut()) {
            let [states, narrow, wide, program, _cursor, _slot] = words;
            *states = u32::try_from(so_far.states).ok()?;
            *narrow = u32::try_from(so_far.narrow).ok()?;
            *wide = u32::try_from(so_far.wide).ok()?;
            *program = core.image().position(SectionKind::Program, block.program).unwrap_or(u32::MAX);
            so_far.add_block(&block)?;
        }
        Some(())
    }

    fn place_sources(&mut self, core: &CoreView<'_>) -> Option<()> {
        let mut so_far = MemoryLayout::default();
        for (at, [history, _slot]) in (0..).zip(self.sources.iter_mut()) {
            *history = u32::try_from(so_far.history).ok()?;
            so_far.add_source(&core.source(at)?)?;
        }
        Some(())
    }

    /// Initial states of block `at`.
    fn load_states(&mut self, core: &CoreView<'_>, at: u32) {
        let Some(block) = core.block(at) else { return };
        let start = self.block(at).states as usize;
        let Some(mut states) = self.states.get_mut(start..) else { return };
        for i in 0..block.states {
            let Some((array, rest)) = states.split_at_mut_checked(block.count as usize) else { return };
            match core.array(&block, i) {
                Some(Array::Uniform(value)) => array.fill(value),
                Some(Array::Each(values)) => array.iter_mut().zip(values).for_each(|(x, value)| *x = *value),
                None => {}
            }
            states = rest;
        }
    }

    /// Table of block `at`.
    pub fn block(&self, at: u32) -> BlockTable {
        let [states, narrow, wide, program, cursor, slot] = self.blocks.get(at as usize).copied().unwrap_or_default();
        BlockTable { states, narrow, wide, program, cursor, slot }
    }

    /// Clears the sums of the tick just run, and goes on to those of the next.
    pub fn next_sums(&mut self, core: &CoreView<'_>) {
        for at in 0..core.head().blocks {
            let Some(block) = core.block(at) else { continue };
            let table = self.block(at);
            let (start, length) = sums_of(table.narrow, table.slot, &block, block.narrow);
            part_mut(self.narrow, start, length).fill(0);
            let (start, length) = sums_of(table.wide, table.slot, &block, block.wide);
            part_mut(self.wide, start, length).fill(0);
            if let Some([.., slot]) = self.blocks.get_mut(at as usize) {
                let next = slot.wrapping_add(1);
                *slot = if next >= block.ring { 0 } else { next };
            }
        }
    }

    /// Moves the place in its input of block `at`.
    pub fn set_cursor(&mut self, at: u32, to: u32) {
        if let Some([.., cursor, _slot]) = self.blocks.get_mut(at as usize) {
            *cursor = to;
        }
    }

    /// Table of source `at`.
    pub fn source(&self, at: u32) -> SourceTable {
        table_of(self.sources, at)
    }

    /// State `slot` of member `lane` of a block.
    pub fn state(&self, table: BlockTable, block: &BlockRecord, slot: u32, lane: u32) -> i32 {
        let at = (slot as usize).wrapping_mul(block.count as usize).wrapping_add(lane as usize);
        self.states.get(at.wrapping_add(table.states as usize)).copied().unwrap_or(0)
    }
}

/// The layout of a core, and as many of `words` as it needs.
fn needed<'w>(core: &CoreView<'_>, words: &'w mut [u64]) -> Result<(MemoryLayout, &'w mut [u64]), KernelError> {
    let layout = MemoryLayout::of(core).ok_or(KernelError::TooLarge)?;
    let needed = layout.bytes().ok_or(KernelError::TooLarge)?;
    let found = words.len().saturating_mul(8);
    let words = words.get_mut(..needed / 8).ok_or(KernelError::Memory { needed, found })?;
    Ok((layout, words))
}

/// Table of source `at`.
pub(super) fn table_of(sources: &[[u32; SOURCE_TABLE_WORDS]], at: u32) -> SourceTable {
    let [history, slot] = sources.get(at as usize).copied().unwrap_or_default();
    SourceTable { history, slot }
}

/// `length` elements from `at`; none when they are not all there, which a checked image excludes.
pub(super) fn part<T>(from: &[T], at: usize, length: usize) -> &[T] {
    from.get(at..).and_then(|s| s.get(..length)).unwrap_or(&[])
}

/// As [`part`], to change.
pub(super) fn part_mut<T>(from: &mut [T], at: usize, length: usize) -> &mut [T] {
    from.get_mut(at..).and_then(|s| s.get_mut(..length)).unwrap_or(&mut [])
}

/// Where the sums of a slot begin, in a ring that begins at `first` and has the sums of `receptors` in each slot; and how many.
pub(super) fn sums_of(first: u32, slot: u32, block: &BlockRecord, receptors: u32) -> (usize, usize) {
    let sums = receptors.wrapping_mul(block.count) as usize;
    ((first as usize).wrapping_add(sums.wrapping_mul(slot as usize)), sums)
}

/// Where the slot of `delay` ticks before the present one's begins in the history of a source, and its length.
pub(super) fn slot_of(source: &SourceRecord, table: SourceTable, delay: u32) -> (usize, usize) {
    let slot = if table.slot >= delay { table.slot - delay } else { table.slot.wrapping_add(source.depth).wrapping_sub(delay) };
    let words = history_slot_words(source).unwrap_or(0);
    ((table.history as usize).wrapping_add((slot as usize).wrapping_mul(words)), words)
}
