//! Record: what the circuit asks to see. Ticks are logical, members are indices in their population.

use super::{Kernel, Output};
use bouton_targets::image::{BlockRecord, NONE, RecordKind, RecordRecord};

impl Kernel<'_, '_> {
    /// The records of a kind of block `at`.
    fn records_of(&self, at: u32, kind: RecordKind) -> impl Iterator<Item = RecordRecord> + '_ {
        let records = (0..self.core.head().records).filter_map(|r| self.core.record(r));
        records.filter(move |r| r.block == at && r.kind == kind as u32)
    }

    pub(super) fn record_spike(&self, at: u32, block: &BlockRecord, (lane, tick): (u32, u32), output: &mut impl Output) {
        for record in self.records_of(at, RecordKind::Spikes) {
            let wanted = match record.lanes_at {
                NONE => true,
                lanes_at => self.core.data_at(lanes_at, record.lanes).is_some_and(|lanes| lanes.binary_search(&lane).is_ok()),
            };
            if wanted {
                output.spike(record.record, tick, block.first.wrapping_add(lane));
            }
        }
    }

    pub(super) fn record_states(&self, at: u32, block: &BlockRecord, tick: u32, output: &mut impl Output) {
        let table = self.memory.block(at);
        for record in self.records_of(at, RecordKind::State) {
            if tick.checked_rem(record.every) != Some(0) {
                continue;
            }
            let mut show = |lane: u32| {
                let raw = self.memory.state(table, block, record.state, lane);
                output.state(record.record, tick, block.first.wrapping_add(lane), raw);
            };
            match record.lanes_at {
                NONE => (0..block.count).for_each(&mut show),
                lanes_at => self.core.data_at(lanes_at, record.lanes).unwrap_or(&[]).iter().for_each(|lane| show(*lane)),
            }
        }
    }
}
