//! Regroups the synapses of an image for one thread.
//!
//! Three passes over all groups, in the order of the image: which delays there are, how many synapses each row will
//! hold, and then the synapses. Each thread makes its own part. Rows of the image hold the delays of a ring together; here each delay
//! has rows of its own, so that there is no ring of sums and the sums of a tick stay in the cache.

mod generated;
mod written;

use super::bank::Connection;
use super::layout::Share;
use crate::EngineError;
use crate::network::Network;
use bouton_targets::image::{BlockRecord, EventKind, GroupKind, pack_synapse};
use generated::Generated;
use std::collections::{BTreeMap, BTreeSet};
use written::Written;

/// No sum of this thread.
const ELSEWHERE: u32 = u32::MAX;

/// By (bank, source population).
type Connections = BTreeMap<(usize, usize), Connection>;

/// Connections of all banks of one kind.
pub(super) struct Synapses<'n> {
    network: &'n Network<'n>,
    share: &'n Share,
    kind: EventKind,
    connections: Connections,
}

/// What a place in a block's ring of sums is in this thread.
#[derive(Clone, Copy)]
struct Place {
    /// Bank in the high half, sum in the low half, or [`ELSEWHERE`].
    sum: u32,
    residual: u32,
}

impl Place {
    fn is_in(self, bank: usize) -> bool {
        self.sum != ELSEWHERE && (self.sum >> 16) as usize == bank
    }
}

/// A block, as this thread sees it.
struct Target {
    /// Banks that hold sums of it.
    banks: Vec<usize>,
    /// Slots of its ring.
    ring: u32,
    /// By place in its ring of sums.
    places: Vec<Place>,
}

/// A group onto a block of this thread.
enum Group<'n> {
    Written(Written<'n>),
    Generated(Box<Generated<'n>>),
}

impl<'n> Synapses<'n> {
    /// The connections of `share` whose sources emit events of `kind`, by bank.
    pub fn build(network: &'n Network<'n>, share: &'n Share, kind: EventKind) -> Result<Vec<Vec<Connection>>, EngineError> {
        let mut synapses = Synapses { network, share, kind, connections: BTreeMap::new() };
        synapses.find_delays()?;
        synapses.count_rows()?;
        synapses.fill_rows()?;
        let banks = if kind == EventKind::Spike { share.narrow.len() } else { share.wide.len() };
        let mut by_bank = vec![Vec::new(); banks];
        for ((bank, _), connection) in synapses.connections {
            by_bank[bank].push(connection);
        }
        Ok(by_bank)
    }

    fn find_delays(&mut self) -> Result<(), EngineError> {
        let mut found: BTreeMap<(usize, usize), BTreeSet<u32>> = BTreeMap::new();
        self.for_each_group(|target, group| {
            let mut add = |population, delay| {
                for bank in &target.banks {
                    found.entry((*bank, population)).or_default().insert(delay);
                }
            };
            match group {
                Group::Written(rows) => rows.delays(target, add),
                Group::Generated(made) => made.delays(&mut add)?,
            }
            Ok(())
        })?;
        for ((bank, source), delays) in found {
            let count = self.network.populations[source].size as usize;
            let rows = vec![0; count * delays.len() + 1];
            let delays = delays.into_iter().collect();
            self.connections.insert((bank, source), Connection { source, count, delays, rows, words: Vec::new() });
        }
        Ok(())
    }

    /// Leaves in `rows[r]` where row r begins.
    fn count_rows(&mut self) -> Result<(), EngineError> {
        self.for_each_synapse(|connection, row, _, _| connection.rows[row] += 1)?;
        for connection in self.connections.values_mut() {
            let mut sum = 0u32;
            for count in &mut connection.rows {
                let start = sum;
                sum = sum.checked_add(*count).ok_or(EngineError::TooLarge)?;
                *count = start;
            }
            connection.words = vec![0; sum as usize];
        }
        Ok(())
    }

    /// Fills each row; meanwhile its start walks to its end, which is the start of the next.
    fn fill_rows(&mut self) -> Result<(), EngineError> {
        self.for_each_synapse(|connection, row, sum, weight| {
            let cursor = &mut connection.rows[row];
            connection.words[*cursor as usize] = pack_synapse(sum, weight);
            *cursor += 1;
        })?;
        for connection in self.connections.values_mut() {
            connection.rows.rotate_right(1);
            if let Some(first) = connection.rows.first_mut() {
                *first = 0;
            }
        }
        Ok(())
    }

    /// Calls `f` for every synapse with its connection, its row there, its sum in the bank and its weight.
    fn for_each_synapse(&mut self, mut f: impl FnMut(&mut Connection, usize, u16, i16)) -> Result<(), EngineError> {
        let mut connections = std::mem::take(&mut self.connections);
        self.for_each_group(|target, group| {
            match group {
                Group::Written(rows) => rows.for_each(target, &mut connections, &mut f),
                Group::Generated(made) => made.for_each(target, &mut connections, &mut f)?,
            }
            Ok(())
        })?;
        self.connections = connections;
        Ok(())
    }

    /// Calls `f` for every group onto a block of this thread.
    fn for_each_group(&self, mut f: impl FnMut(&Target, &Group<'_>) -> Result<(), EngineError>) -> Result<(), EngineError> {
        for core in &self.network.cores {
            let mut targets: BTreeMap<u32, Target> = BTreeMap::new();
            for (at, group) in (0..core.head().groups).filter_map(|at| Some((at, core.group(at)?))) {
                let (Some(source), Some(block)) = (core.source(group.source), core.block(group.block)) else { continue };
                if source.kind != self.kind as u32 {
                    continue;
                }
                let target = targets.entry(group.block).or_insert_with(|| self.target(&block));
                if target.banks.is_empty() {
                    continue;
                }
                if group.kind == GroupKind::Written as u32 {
                    f(target, &Group::Written(Written::open(self.network, self.kind, core, &group, &source)?))?;
                } else if let Some(made) = Generated::open(self.network, self.kind, core, (at, &group), (&source, &block))? {
                    f(target, &Group::Generated(Box::new(made)))?;
                }
            }
        }
        Ok(())
    }

    /// The part of a block that this thread has.
    fn target(&self, block: &BlockRecord) -> Target {
        let narrow = self.kind == EventKind::Spike;
        let receptors = if narrow { block.narrow } else { block.wide };
        let (mut banks, mut sums) = (Vec::new(), vec![ELSEWHERE; (receptors * block.count) as usize]);
        for (_, slice) in self.share.slices_of(block.population as usize) {
            let place = if narrow { slice.narrow } else { slice.wide };
            let from = slice.first.max(block.first);
            let to = (slice.first + slice.count).min(block.first + block.count);
            if from >= to || receptors == 0 {
                continue;
            }
            banks.push(place.bank);
            for (receptor, member) in (0..receptors).flat_map(|r| (from..to).map(move |m| (r, m))) {
                let sum = place.base + receptor as usize * slice.stride + (member - slice.first) as usize;
                sums[(receptor * block.count + member - block.first) as usize] = (place.bank << 16 | sum) as u32;
            }
        }
        banks.sort_unstable();
        banks.dedup();
        let places = (0..block.ring).flat_map(|residual| sums.iter().map(move |sum| Place { sum: *sum, residual })).collect();
        Target { banks, ring: block.ring, places }
    }
}
