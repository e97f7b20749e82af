//! Arrive: synapses onto the blocks' rings of sums.
//!
//! Sums are exact: the compiler proved that they fit, so wrapping additions never wrap, and their order does not matter.

use super::Kernel;
use super::memory::{BlockTable, part, part_mut, slot_of};
use bouton_targets::image::{BlockRecord, CoreView, GroupKind, SourceRecord, unpack_synapse};

/// An event of a member of a source.
#[derive(Clone, Copy)]
struct Event {
    member: usize,
    /// Its value; `None` for spikes.
    value: Option<i32>,
}

impl Kernel<'_, '_> {
    /// Adds the synapses without a lag of an event that was emitted in the tick just run.
    pub(super) fn add_event(&mut self, source: &SourceRecord, member: u32, value: Option<i32>) {
        let event = Event { member: member as usize, value };
        for at in source.first_group..source.first_group.saturating_add(source.groups) {
            let Some(group) = Group::open(&self.core, self.synaptic, source, at) else { continue };
            if group.lags.first() == Some(&0) {
                self.add_row(&group, group.rows_of(0), event);
            }
        }
    }

    /// Adds the synapses with lags whose first arrive in tick `now`, which runs next.
    pub(super) fn add_lagging(&mut self) {
        for at in 0..self.core.head().groups {
            let source = self.core.group(at).and_then(|g| self.core.source(g.source));
            let Some(source) = source.filter(|source| source.depth > 0) else { continue };
            let Some(group) = Group::open(&self.core, self.synaptic, &source, at) else { continue };
            for (i, lag) in group.lags.iter().enumerate().filter(|(_, lag)| **lag > 0) {
                self.add_past(&group, &source, *lag, group.rows_of(i));
            }
        }
    }

    /// Adds the rows of what a source emitted `lag` ticks before the tick just run.
    fn add_past(&mut self, group: &Group<'_>, source: &SourceRecord, lag: u32, rows: &[u32]) {
        let (start, length) = slot_of(source, self.memory.source(group.source), lag);
        let words = (source.count as usize).div_ceil(32);
        for at in 0..words {
            let mut rest = part(self.memory.history, start, length).get(at).copied().unwrap_or(0);
            while rest != 0 {
                let member = at.wrapping_mul(32).wrapping_add(rest.trailing_zeros() as usize);
                let value = part(self.memory.history, start, length).get(words.wrapping_add(member)).map(|value| *value as i32);
                self.add_row(group, rows, Event { member, value });
                rest &= rest.wrapping_sub(1);
            }
        }
    }

    /// Adds a row, and counts its synapses.
    fn add_row(&mut self, group: &Group<'_>, rows: &[u32], event: Event) {
        let (Some(start), Some(end)) = (rows.get(event.member), rows.get(event.member.wrapping_add(1))) else { return };
        let Some(row) = group.synapses.get(*start as usize..*end as usize).filter(|row| !row.is_empty()) else { return };
        let table = self.memory.block(group.block_at);
        let added = match event.value {
            None => {
                let ring = self.ring(&group.block, table, group.block.narrow);
                let places = part_mut(self.memory.narrow, table.narrow as usize, ring.length);
                ring.add(row, places, |sum, weight| sum.wrapping_add(weight))
            }
            Some(value) => {
                let ring = self.ring(&group.block, table, group.block.wide);
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

/// A group, opened.
struct Group<'a> {
    source: u32,
    block_at: u32,
    block: BlockRecord,
    /// Members of the source.
    count: usize,
    lags: &'a [u32],
    /// Row starts of all lags.
    rows: &'a [u32],
    synapses: &'a [u32],
}

impl<'a> Group<'a> {
    fn open(core: &CoreView<'a>, synaptic: &'a [u32], source: &SourceRecord, at: u32) -> Option<Self> {
        let group = core.group(at)?;
        let rows = group.lags.checked_mul(source.count)?.checked_add(1)?;
        let (rows, synapses) = if group.kind == GroupKind::Written as u32 {
            (core.data_at(group.rows_at, rows)?, core.data_at(group.synapses_at, group.synapses)?)
        } else {
            let part = |at: u32, count: u32| synaptic.get(at as usize..)?.get(..count as usize);
            (part(group.rows_at, rows)?, part(group.synapses_at, group.synapses)?)
        };
        Some(Group {
            source: group.source,
            block_at: group.block,
            block: core.block(group.block)?,
            count: source.count as usize,
            lags: core.data_at(group.lags_at, group.lags)?,
            rows,
            synapses,
        })
    }

    /// Starts of the rows of the i-th lag, and the end of the last.
    fn rows_of(&self, i: usize) -> &'a [u32] {
        self.rows.get(i.wrapping_mul(self.count)..).unwrap_or(&[])
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
        let mut added = 0u64;
        let all = self.from == 0 && self.to >= self.length as u64;
        for word in row {
            let (place, weight) = unpack_synapse(*word);
            if !all && !(self.from..self.to).contains(&(place as u64)) {
                continue;
            }
            let at = self.next.wrapping_add(place);
            let at = if at >= self.length { at.wrapping_sub(self.length) } else { at };
            if let Some(sum) = places.get_mut(at) {
                *sum = add(*sum, weight);
            }
            added = added.wrapping_add(1);
        }
        added
    }
}
