//! Inputs: spikes and values known beforehand, and events from outside.

use super::{Kernel, Output};
use bouton_targets::image::{BlockKind, BlockRecord};

impl Kernel<'_, '_> {
    /// Emits what a spike list has for `tick`. The list is sorted, so a cursor finds it.
    pub(super) fn play_spikes(&mut self, at: u32, block: &BlockRecord, tick: u32, output: &mut impl Output) {
        let words = self.core.data_at(block.input_at, block.input_words).unwrap_or(&[]);
        let (pairs, _) = words.as_chunks::<2>();
        let mut cursor = self.memory.block(at).cursor;
        while let Some([when, member]) = pairs.get(cursor as usize).filter(|[when, _]| *when <= tick) {
            if *when == tick {
                self.emit_spikes(at, block, (*member, tick), 1, output);
            }
            cursor = cursor.wrapping_add(1);
        }
        self.memory.set_cursor(at, cursor);
    }

    /// Emits the values of a signal at `tick`; after its end, nothing.
    pub(super) fn play_signal(&self, block: &BlockRecord, tick: u32, output: &mut impl Output) {
        let words = self.core.data_at(block.input_at, block.input_words).unwrap_or(&[]);
        let start = (tick as usize).checked_mul(block.count as usize);
        let row = start.and_then(|s| words.get(s..)).and_then(|w| w.get(..block.count as usize)).unwrap_or(&[]);
        for (key, value) in (block.key..).zip(row) {
            output.event(key, Some(*value as i32));
        }
    }

    /// A spike from outside of member `lane` of block `at`, emitted in the tick just run: call it after that tick, and deliver
    /// the event with the others of that tick. At most once for a member and tick. Says whether it was taken: there is such a member, the block is one of live spikes,
    /// and it is within the run.
    pub fn inject_spike(&mut self, at: u32, lane: u32, output: &mut impl Output) -> bool {
        let Some((block, tick)) = self.live(at, lane, BlockKind::LiveSpikes) else { return false };
        self.emit_spikes(at, &block, (lane, tick), 1, output);
        true
    }

    /// A value from outside; see [`Kernel::inject_spike`].
    pub fn inject_value(&mut self, at: u32, lane: u32, value: i32, output: &mut impl Output) -> bool {
        let Some((block, _)) = self.live(at, lane, BlockKind::LiveGraded) else { return false };
        output.event(block.key.wrapping_add(lane), Some(value));
        true
    }

    /// Block `at` and its logical tick in the tick just run, if it has this member and is of this kind.
    fn live(&self, at: u32, lane: u32, kind: BlockKind) -> Option<(BlockRecord, u32)> {
        let due = self.due(at, self.now.checked_sub(1)?)?;
        (due.0.kind == kind as u32 && lane < due.0.count).then_some(due)
    }
}
