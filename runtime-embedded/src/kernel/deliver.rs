//! Arrive: the sums of all blocks in a tick, from the events whose delays have passed.
//!
//! Sums are exact: the compiler proved that they fit, so wrapping additions never wrap, and their order does not matter.

use super::Kernel;
use super::memory::{part, part_mut, slot_of};
use bouton_targets::image::{BlockRecord, EventKind, GroupRecord, SourceRecord, unpack_synapse};

impl Kernel<'_, '_> {
    /// Computes all sums of tick `now`.
    pub(super) fn arrive(&mut self) {
        self.memory.narrow.fill(0);
        self.memory.wide.fill(0);
        for at in 0..self.core.head().groups {
            // A block that does not compute now (it starts later, or has finished) needs no sums; what it would count as
            // synaptic events must not depend on latencies.
            let Some(group) = self.core.group(at) else { continue };
            let Some((block, _)) = self.due(group.block, self.now) else { continue };
            self.deliver_group(&group, &block);
        }
    }

    fn deliver_group(&mut self, group: &GroupRecord, block: &BlockRecord) -> Option<()> {
        let source = self.core.source(group.source)?;
        let rows_length = group.delays.checked_mul(source.count)?.checked_add(1)?;
        let delays = self.core.data_at(group.delays_at, group.delays)?;
        let mut rows = self.core.data_at(group.rows_at, rows_length)?;
        let synapses = self.core.data_at(group.synapses_at, group.synapses)?;
        for delay in delays {
            let rows_of = Rows { rows, synapses };
            let events = self.deliver_slot(group, block, &source, *delay, rows_of);
            self.counters.synaptic_events = self.counters.synaptic_events.wrapping_add(events);
            rows = rows.get(source.count as usize..)?;
        }
        Some(())
    }

    /// Delivers what a source emitted `delay` ticks ago; counts synapses.
    fn deliver_slot(
        &mut self,
        group: &GroupRecord,
        block: &BlockRecord,
        source: &SourceRecord,
        delay: u32,
        rows: Rows<'_>,
    ) -> u64 {
        let table = self.memory.block(group.block);
        let (start, length) = slot_of(source, self.memory.source(group.source), delay);
        let slot = part(self.memory.history, start, length);
        let Some((bitmap, values)) = slot.split_at_checked((source.count as usize).div_ceil(32)) else { return 0 };
        let count = block.count as usize;
        let mut events = 0u64;
        if source.kind == EventKind::Spike as u32 {
            let sums = part_mut(self.memory.narrow, table.narrow as usize, count.wrapping_mul(block.narrow as usize));
            for_each_bit(bitmap, |member| events += rows.add_spike(member, sums));
        } else {
            let sums = part_mut(self.memory.wide, table.wide as usize, count.wrapping_mul(block.wide as usize));
            for_each_bit(bitmap, |member| {
                let value = values.get(member).copied().unwrap_or(0) as i32;
                events += rows.add_value(member, value, sums);
            });
        }
        events
    }
}

/// The rows of one delay of a group, and the group's synapses.
#[derive(Clone, Copy)]
struct Rows<'a> {
    rows: &'a [u32],
    synapses: &'a [u32],
}

impl Rows<'_> {
    fn row(&self, member: usize) -> &[u32] {
        let (Some(start), Some(end)) = (self.rows.get(member), self.rows.get(member.wrapping_add(1))) else { return &[] };
        self.synapses.get(*start as usize..*end as usize).unwrap_or(&[])
    }

    #[inline]
    fn add_spike(&self, member: usize, sums: &mut [i32]) -> u64 {
        let row = self.row(member);
        for word in row {
            let (sum, weight) = unpack_synapse(*word);
            if let Some(x) = sums.get_mut(sum) {
                *x = x.wrapping_add(weight);
            }
        }
        row.len() as u64
    }

    #[inline]
    fn add_value(&self, member: usize, value: i32, sums: &mut [i64]) -> u64 {
        let row = self.row(member);
        for word in row {
            let (sum, weight) = unpack_synapse(*word);
            if let Some(x) = sums.get_mut(sum) {
                *x = x.wrapping_add(i64::from(weight).wrapping_mul(value.into()));
            }
        }
        row.len() as u64
    }
}

/// Calls `f` with the number of every bit that is set.
#[inline]
fn for_each_bit(words: &[u32], mut f: impl FnMut(usize)) {
    for (at, word) in words.iter().enumerate() {
        let mut rest = *word;
        while rest != 0 {
            f(at.wrapping_mul(32).wrapping_add(rest.trailing_zeros() as usize));
            rest &= rest.wrapping_sub(1);
        }
    }
}
