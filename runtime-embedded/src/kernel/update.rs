//! Update: a block's program over its members, some at a time.

use super::memory::{Memory, SourceTable, part, part_mut, slot_of, sums_of, table_of};
use super::{Kernel, LANES, Output, Scratch};
use crate::interpret::{Draw, Lanes, Shared};
use bouton_targets::image::{Array, BlockRecord, CoreView, SOURCE_TABLE_WORDS};
use bouton_targets::program::ProgramView;

impl Kernel<'_, '_> {
    /// Runs logical tick `tick` of block `at`, and emits.
    pub(super) fn update(&mut self, at: u32, block: &BlockRecord, tick: u32, scratch: &mut Scratch, output: &mut impl Output) {
        let table = self.memory.block(at);
        // The section was checked when the core was opened.
        let Some(words) = self.core.image().section_at(table.program) else { return };
        let Ok(program) = ProgramView::open(words) else { return };
        let mut lane = 0;
        let mut saturations = 0u32;
        while lane < block.count {
            self.update_lanes(at, block, &program, (lane, tick), scratch);
            saturations = saturations.wrapping_add(scratch.saturations);
            self.emit(at, block, (lane, tick), scratch, output);
            lane = lane.saturating_add(LANES as u32);
        }
        if saturations > 0 {
            self.counters.saturations = self.counters.saturations.wrapping_add(saturations.into());
            output.saturated(block.population, saturations);
        }
    }

    fn update_lanes(
        &mut self,
        at: u32,
        block: &BlockRecord,
        program: &ProgramView<'_>,
        (lane, tick): (u32, u32),
        scratch: &mut Scratch,
    ) {
        let table = self.memory.block(at);
        let count = block.count as usize;
        let active = count.saturating_sub(lane as usize).min(LANES);
        let (narrow_at, narrow_sums) = sums_of(table.narrow, table.slot, block, block.narrow);
        let (wide_at, wide_sums) = sums_of(table.wide, table.slot, block, block.wide);
        let Memory { states, narrow, wide, history, sources, .. } = &mut self.memory;
        let shared = BlockShared { core: &self.core, block, history, sources };
        let mut lanes = Lanes {
            states: part_mut(states, table.states as usize, count.wrapping_mul(block.states as usize)),
            narrow: part(narrow, narrow_at, narrow_sums),
            wide: part(wide, wide_at, wide_sums),
            stride: count,
            lane: lane as usize,
            present: active,
            active,
        };
        let draw = Draw { seed: self.core.seed(), stream: block.stream, index: block.first.wrapping_add(lane), tick };
        scratch.run(program.instructions(), program, &shared, &mut lanes, draw);
    }
}

/// Parameters and modulators of a block.
struct BlockShared<'k, 'a> {
    core: &'k CoreView<'a>,
    block: &'k BlockRecord,
    history: &'k [u32],
    sources: &'k [[u32; SOURCE_TABLE_WORDS]],
}

impl Shared for BlockShared<'_, '_> {
    fn param(&self, slot: u32) -> Array<'_> {
        self.core.array(self.block, self.block.states.wrapping_add(slot)).unwrap_or(Array::Uniform(0))
    }

    /// The value that was sent `delay` ticks ago, or the initial one if none was.
    fn modulator(&self, slot: u32) -> i32 {
        let Some(modulator) = self.core.modulator(self.block, slot) else { return 0 };
        let sent = self.core.source(modulator.source).and_then(|source| {
            let table: SourceTable = table_of(self.sources, modulator.source);
            let (start, length) = slot_of(&source, table, modulator.delay);
            match part(self.history, start, length) {
                [bits, value, ..] if bits & 1 != 0 => Some(*value),
                _ => None,
            }
        });
        sent.unwrap_or(modulator.initial) as i32
    }
}
