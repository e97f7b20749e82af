//! Regroups the synapses of an image for one thread.
//!
//! Three passes over the rows of all groups, in the order of the image: which delays there are, how many synapses each row will
//! hold, and then the synapses. Each thread makes its own part. Rows of the image hold the delays of a ring together; here each delay
//! has rows of its own, so that there is no ring of sums and the sums of a tick stay in the cache.

use super::bank::Connection;
use super::layout::Share;
use crate::EngineError;
use crate::network::Network;
use bouton_targets::image::{BlockRecord, CoreView, EventKind, GroupRecord, SourceRecord, pack_synapse, unpack_synapse};
use std::collections::{BTreeMap, BTreeSet};

/// No sum of this thread.
const ELSEWHERE: u32 = u32::MAX;

/// Connections of all banks of one kind.
pub(super) struct Synapses<'n> {
    network: &'n Network<'n>,
    share: &'n Share,
    kind: EventKind,
    /// By (bank, source population).
    connections: BTreeMap<(usize, usize), Connection>,
}

/// A row of the image, and who sends to it.
struct Row<'a> {
    population: usize,
    member: u32,
    lag: u32,
    synapses: &'a [u32],
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
        self.for_each_group(|target, rows| {
            // Rows come by lag: one look into the sets for each lag, not for each synapse.
            for rows in rows.chunk_by(|a, b| (a.population, a.lag) == (b.population, b.lag)) {
                let mut residuals = vec![false; target.ring as usize];
                for word in rows.iter().flat_map(|row| row.synapses) {
                    residuals[target.places[unpack_synapse(*word).0].residual as usize] = true;
                }
                let Row { population, lag, .. } = rows[0];
                for bank in &target.banks {
                    let delays = (0..).zip(&residuals).filter(|(_, there)| **there).map(|(residual, _)| 1 + lag + residual);
                    found.entry((*bank, population)).or_default().extend(delays);
                }
            }
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
        self.for_each_group(|target, rows| {
            for bank in &target.banks {
                for rows in rows.chunk_by(|a, b| (a.population, a.lag) == (b.population, b.lag)) {
                    let Some(connection) = connections.get_mut(&(*bank, rows[0].population)) else { continue };
                    let first_rows = first_rows(connection, rows[0].lag, target.ring);
                    for row in rows {
                        for word in row.synapses {
                            let (place, weight) = unpack_synapse(*word);
                            let place = target.places[place];
                            if place.is_in(*bank) {
                                let at = first_rows[place.residual as usize] + row.member as usize;
                                f(connection, at, place.sum as u16, weight as i16);
                            }
                        }
                    }
                }
            }
        })?;
        self.connections = connections;
        Ok(())
    }

    /// Calls `f` for every group onto a block of this thread, with its rows.
    fn for_each_group(&self, mut f: impl FnMut(&Target, &[Row<'_>])) -> Result<(), EngineError> {
        for core in &self.network.cores {
            let mut targets: BTreeMap<u32, Target> = BTreeMap::new();
            for group in (0..core.head().groups).filter_map(|at| core.group(at)) {
                let (Some(source), Some(block)) = (core.source(group.source), core.block(group.block)) else { continue };
                if source.kind != self.kind as u32 {
                    continue;
                }
                let target = targets.entry(group.block).or_insert_with(|| self.target(&block));
                if !target.banks.is_empty() {
                    f(target, &self.rows(core, &group, &source)?);
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

    /// The rows of a group that hold synapses and whose sender emits events of this kind, by lag.
    fn rows<'a>(&self, core: &CoreView<'a>, group: &GroupRecord, source: &SourceRecord) -> Result<Vec<Row<'a>>, EngineError> {
        let lags = core.data_at(group.lags_at, group.lags).unwrap_or(&[]);
        let starts = core.data_at(group.rows_at, group.lags * source.count + 1).unwrap_or(&[]);
        let synapses = core.data_at(group.synapses_at, group.synapses).unwrap_or(&[]);
        let mut rows = Vec::new();
        for (i, lag) in lags.iter().enumerate() {
            for s in 0..source.count {
                let at = i * source.count as usize + s as usize;
                let row = &synapses[starts[at] as usize..starts[at + 1] as usize];
                if row.is_empty() {
                    continue;
                }
                let key = source.key_of(s).unwrap_or(source.key);
                let (population, member) = self.network.member_of_key(key).ok_or(EngineError::UnknownKey { key })?;
                // The kernel drops events that are not of the kind that it listens for.
                if self.network.populations[population].emits(self.kind) {
                    rows.push(Row { population, member, lag: *lag, synapses: row });
                }
            }
        }
        Ok(rows)
    }
}

/// By residual: the row of member 0 in a connection; of delays that it does not have, none is asked for.
fn first_rows(connection: &Connection, lag: u32, ring: u32) -> Vec<usize> {
    let row = |residual| connection.delays.partition_point(|delay| *delay < 1 + lag + residual) * connection.count;
    (0..ring).map(row).collect()
}
