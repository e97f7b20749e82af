//! Emit: what a block's members send, as events with keys.

use super::{Kernel, Output, Scratch};
use bouton_targets::image::{BlockRecord, EventKind};

impl Kernel<'_, '_> {
    /// Sends what the program left in `scratch`, if it is of the kind that the block emits.
    pub(super) fn emit(&mut self, at: u32, block: &BlockRecord, place: (u32, u32), scratch: &Scratch, output: &mut impl Output) {
        let [spikes, graded] = [scratch.spikes, scratch.graded].map(|[mask]| mask);
        if block.output == EventKind::Spike as u32 {
            self.emit_spikes(at, block, place, spikes, output);
        } else if block.output == EventKind::Graded as u32 {
            let [values] = &scratch.values;
            for (lane, value) in (0..).zip(values) {
                if graded >> (lane & 63) & 1 != 0 {
                    output.event(block.key.wrapping_add(place.0).wrapping_add(lane), Some(*value));
                }
            }
        }
    }

    /// Sends and records the spikes of the members `lane ..` whose bits are set.
    pub(super) fn emit_spikes(
        &mut self,
        at: u32,
        block: &BlockRecord,
        (lane, tick): (u32, u32),
        spikes: u64,
        output: &mut impl Output,
    ) {
        if spikes == 0 {
            return;
        }
        self.counters.spikes = self.counters.spikes.wrapping_add(spikes.count_ones().into());
        let mut rest = spikes;
        while rest != 0 {
            let member = lane.wrapping_add(rest.trailing_zeros());
            output.event(block.key.wrapping_add(member), None);
            self.record_spike(at, block, (member, tick), output);
            rest &= rest.wrapping_sub(1);
        }
    }

    /// Sends the states that modulators elsewhere read, as they stand after the update.
    pub(super) fn broadcast(&self, at: u32, block: &BlockRecord, output: &mut impl Output) {
        let table = self.memory.block(at);
        for i in 0..block.broadcasts {
            if let Some(b) = self.core.broadcast(block, i) {
                output.event(b.key, Some(self.memory.state(table, block, b.state, b.lane)));
            }
        }
    }
}
