//! Arrive: synapses onto the blocks' rings of sums.
//!
//! Sums are exact: the compiler proved that they fit, so wrapping additions never wrap, and their order does not matter.

use super::Kernel;
use super::memory::{BlockTable, part, part_mut, slot_of};
use bouton_targets::image::{BlockRecord, GroupKind, GroupRecord, SourceRecord, unpack_synapse};

impl Kernel<'_, '_> {
    /// Adds the synapses without a lag of an event that was emitted in the tick just run. Spikes have no value.
    pub(super) fn add_event(&mut self, source: &SourceRecord, member: u32, value: Option<i32>) {
        for at in source.first_group..source.first_group.saturating_add(source.groups) {
            let Some(group) = self.core.group(at) else { continue };
            // Lags ascend: that of 0 is the first.
            if group.lags > 0 && self.core.data().get(group.lags_at as usize) == Some(&0) {
                self.add_row(&group, member, value);
            }
        }
    }

    /// Adds the synapses with lags whose first arrive in tick `now`, which runs next.
    pub(super) fn add_lagging(&mut self) {
        for at in 0..self.core.head().sources {
            let Some(source) = self.core.source(at).filter(|source| source.depth > 0) else { continue };
            for group in source.first_group..source.first_group.saturating_add(source.groups) {
                let Some(group) = self.core.group(group) else { continue };
                let lags = self.core.data_at(group.lags_at, group.lags).unwrap_or(&[]);
                for (i, lag) in (0..).zip(lags).filter(|(_, lag)| **lag > 0) {
                    self.add_past(&group, &source, *lag, source.count.wrapping_mul(i));
                }
            }
        }
    }

    /// Adds the rows, from `first_row` on, of what a source emitted `lag` ticks before the tick just run.
    fn add_past(&mut self, group: &GroupRecord, source: &SourceRecord, lag: u32, first_row: u32) {
        let (start, length) = slot_of(source, self.memory.source(group.source), lag);
        let words = (source.count as usize).div_ceil(32);
        for at in 0..words {
            let mut rest = part(self.memory.history, start, length).get(at).copied().unwrap_or(0);
            while rest != 0 {
                let member = (at as u32).wrapping_mul(32).wrapping_add(rest.trailing_zeros());
                let value = part(self.memory.history, start, length).get(words.wrapping_add(member as usize));
                let value = value.map(|value| *value as i32);
                self.add_row(group, first_row.wrapping_add(member), value);
                rest &= rest.wrapping_sub(1);
            }
        }
    }

    /// Adds a row, and counts its synapses.
    #[inline]
    fn add_row(&mut self, group: &GroupRecord, row: u32, value: Option<i32>) {
        let words = if group.kind == GroupKind::Written as u32 { self.core.data() } else { self.synaptic };
        let starts = words.get((group.rows_at as usize).wrapping_add(row as usize)..).and_then(|rows| rows.first_chunk());
        let Some([start, end]) = starts.copied() else { return };
        if start >= end {
            return;
        }
        let first = (group.synapses_at as usize).wrapping_add(start as usize);
        let row = part(words, first, end.wrapping_sub(start) as usize);
        let Some(block) = self.core.block(group.block) else { return };
        let table = self.memory.block(group.block);
        let added = match value {
            None => {
                let ring = self.ring(&block, table, block.narrow);
                let places = part_mut(self.memory.narrow, table.narrow as usize, ring.length);
                ring.add(row, places, |sum, weight| sum.wrapping_add(weight))
            }
            Some(value) => {
                let ring = self.ring(&block, table, block.wide);
                let places = part_mut(self.memory.wide, table.wide as usize, ring.length);
                ring.add(row, places, |sum, weight| sum.wrapping_add(i64::from(weight).wrapping_mul(value.into())))
            }
        };
        self.counters.synaptic_events = self.counters.synaptic_events.wrapping_add(added);
    }

    /// The ring of a block that has `receptors` of a size, as it stands before tick `now`.
    fn ring(&self, block: &BlockRecord, table: BlockTable, receptors: u32) -> Ring {
        let sums = receptors.wrapping_mul(block.count);
        let latency = u64::from(block.latency);
        // Residuals whose arrival is within the run of the block.
        let from = latency.saturating_sub(self.now);
        let to = self.ticks.saturating_add(latency).saturating_sub(self.now);
        Ring {
            length: sums.wrapping_mul(block.ring) as usize,
            next: sums.wrapping_mul(table.slot) as usize,
            from: from.saturating_mul(sums.into()),
            to: to.saturating_mul(sums.into()),
        }
    }
}

/// Where the places that synapses name lie in a ring of sums.
struct Ring {
    /// Places in all.
    length: usize,
    /// Where place 0 lies: the sums of the next tick.
    next: usize,
    /// Places before this arrive before the block starts.
    from: u64,
    /// Places from here on arrive after it ends.
    to: u64,
}

impl Ring {
    /// Adds a row and counts its synapses. What arrives when the block does not run is neither added nor counted: what counts
    /// must not depend on latencies.
    #[inline]
    fn add<T: Copy>(&self, row: &[u32], places: &mut [T], add: impl Fn(T, i32) -> T) -> u64 {
        if self.from == 0 && self.to >= self.length as u64 {
            row.iter().for_each(|word| self.add_word(*word, places, &add));
            return row.len() as u64;
        }
        let mut added = 0u64;
        for word in row {
            let (place, _) = unpack_synapse(*word);
            if (self.from..self.to).contains(&(place as u64)) {
                self.add_word(*word, places, &add);
                added = added.wrapping_add(1);
            }
        }
        added
    }

    #[inline(always)]
    fn add_word<T: Copy>(&self, word: u32, places: &mut [T], add: &impl Fn(T, i32) -> T) {
        let (place, weight) = unpack_synapse(word);
        let at = self.next.wrapping_add(place);
        let at = if at >= self.length { at.wrapping_sub(self.length) } else { at };
        if let Some(sum) = places.get_mut(at) {
            *sum = add(*sum, weight);
        }
    }
}
