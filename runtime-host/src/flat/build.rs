//! Regroups the synapses of an image for one thread.
//!
//! Three passes over the rows of all groups, in the order of the image: which delays there are, how many synapses each row will
//! hold, and then the synapses. Each thread makes its own part.

use super::bank::Connection;
use super::layout::Share;
use crate::EngineError;
use crate::network::Network;
use bouton_targets::image::{BlockRecord, CoreView, EventKind, GroupRecord, SourceRecord, pack_synapse, unpack_synapse};
use std::collections::BTreeMap;

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
    delay: u32,
    synapses: &'a [u32],
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
        let mut found: BTreeMap<(usize, usize), Vec<u32>> = BTreeMap::new();
        self.for_each_group(|banks, _, rows| {
            let mut last = None;
            for row in rows {
                // Rows come by delay: one look for each delay, not for each row.
                if last == Some((row.population, row.delay)) {
                    continue;
                }
                last = Some((row.population, row.delay));
                for bank in banks {
                    let delays = found.entry((*bank, row.population)).or_default();
                    if let Err(at) = delays.binary_search(&row.delay) {
                        delays.insert(at, row.delay);
                    }
                }
            }
        })?;
        for ((bank, source), delays) in found {
            let count = self.network.populations[source].size as usize;
            let rows = vec![0; count * delays.len() + 1];
            self.connections.insert((bank, source), Connection { source, count, delays, rows, words: Vec::new() });
        }
        Ok(())
    }

    /// Leaves in `rows[r]` where row r begins.
    fn count_rows(&mut self) -> Result<(), EngineError> {
        let mut connections = std::mem::take(&mut self.connections);
        self.for_each_group(|banks, table, rows| {
            for row in rows {
                for bank in banks {
                    let Some(connection) = connections.get_mut(&(*bank, row.population)) else { continue };
                    let here = row.synapses.iter().filter(|word| is_in(table, **word, *bank)).count();
                    let at = row_at(connection, &row);
                    connection.rows[at] += here as u32;
                }
            }
        })?;
        for connection in connections.values_mut() {
            let mut sum = 0u32;
            for count in &mut connection.rows {
                let start = sum;
                sum = sum.checked_add(*count).ok_or(EngineError::TooLarge)?;
                *count = start;
            }
            connection.words = vec![0; sum as usize];
        }
        self.connections = connections;
        Ok(())
    }

    /// Fills each row; meanwhile its start walks to its end, which is the start of the next.
    fn fill_rows(&mut self) -> Result<(), EngineError> {
        let mut connections = std::mem::take(&mut self.connections);
        self.for_each_group(|banks, table, rows| {
            for row in rows {
                for bank in banks {
                    let Some(connection) = connections.get_mut(&(*bank, row.population)) else { continue };
                    let at = row_at(connection, &row);
                    let mut cursor = connection.rows[at] as usize;
                    for word in row.synapses.iter().filter(|word| is_in(table, **word, *bank)) {
                        let (sum, weight) = unpack_synapse(*word);
                        connection.words[cursor] = pack_synapse(table[sum] as u16, weight as i16);
                        cursor += 1;
                    }
                    connection.rows[at] = cursor as u32;
                }
            }
        })?;
        for connection in connections.values_mut() {
            connection.rows.rotate_right(1);
            if let Some(first) = connection.rows.first_mut() {
                *first = 0;
            }
        }
        self.connections = connections;
        Ok(())
    }

    /// Calls `f` for every group with the banks of its block, the table from the block's sums to those of banks, and its rows.
    fn for_each_group(&self, mut f: impl FnMut(&[usize], &[u32], Vec<Row<'_>>)) -> Result<(), EngineError> {
        for core in &self.network.cores {
            let mut of_block: BTreeMap<u32, (Vec<usize>, Vec<u32>)> = BTreeMap::new();
            for group in (0..core.head().groups).filter_map(|at| core.group(at)) {
                let (Some(source), Some(block)) = (core.source(group.source), core.block(group.block)) else { continue };
                if source.kind != self.kind as u32 {
                    continue;
                }
                let (banks, table) = of_block.entry(group.block).or_insert_with(|| self.table_of(&block));
                if !banks.is_empty() {
                    f(banks, table, self.rows(core, &group, &source)?);
                }
            }
        }
        Ok(())
    }

    /// The banks that hold sums of a block, and for each sum of the block its bank and number there, or [`ELSEWHERE`].
    fn table_of(&self, block: &BlockRecord) -> (Vec<usize>, Vec<u32>) {
        let narrow = self.kind == EventKind::Spike;
        let receptors = if narrow { block.narrow } else { block.wide };
        let (mut banks, mut table) = (Vec::new(), vec![ELSEWHERE; (receptors * block.count) as usize]);
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
                table[(receptor * block.count + member - block.first) as usize] = (place.bank << 16 | sum) as u32;
            }
        }
        banks.sort_unstable();
        banks.dedup();
        (banks, table)
    }

    /// The rows of a group that hold synapses and whose sender emits events of this kind, by delay.
    fn rows<'a>(&self, core: &CoreView<'a>, group: &GroupRecord, source: &SourceRecord) -> Result<Vec<Row<'a>>, EngineError> {
        let delays = core.data_at(group.delays_at, group.delays).unwrap_or(&[]);
        let starts = core.data_at(group.rows_at, group.delays * source.count + 1).unwrap_or(&[]);
        let synapses = core.data_at(group.synapses_at, group.synapses).unwrap_or(&[]);
        let mut rows = Vec::new();
        for (d, delay) in delays.iter().enumerate() {
            for s in 0..source.count {
                let at = d * source.count as usize + s as usize;
                let row = &synapses[starts[at] as usize..starts[at + 1] as usize];
                if row.is_empty() {
                    continue;
                }
                let key = source.key + s;
                let (population, member) = self.network.member_of_key(key).ok_or(EngineError::UnknownKey { key })?;
                // The kernel drops events that are not of the kind that it listens for.
                if self.network.populations[population].emits(self.kind) {
                    rows.push(Row { population, member, delay: *delay, synapses: row });
                }
            }
        }
        Ok(rows)
    }
}

fn is_in(table: &[u32], word: u32, bank: usize) -> bool {
    let sum = table[unpack_synapse(word).0];
    sum != ELSEWHERE && (sum >> 16) as usize == bank
}

/// Number of a row in a connection that has its delay.
fn row_at(connection: &Connection, row: &Row<'_>) -> usize {
    let delay = connection.delays.partition_point(|d| *d < row.delay);
    delay * connection.count + row.member as usize
}
