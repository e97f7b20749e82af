//! Synapses of a written group: its rows, with whoever sends to them.

use super::{Connections, Target};
use crate::EngineError;
use crate::flat::bank::Connection;
use crate::network::Network;
use bouton_targets::image::{CoreView, EventKind, GroupRecord, SourceRecord, unpack_synapse};

/// A row of the image, and who sends to it.
struct Row<'a> {
    population: usize,
    member: u32,
    lag: u32,
    synapses: &'a [u32],
}

/// The rows of a group that hold synapses and whose senders emit events of the right kind, by lag.
pub(super) struct Written<'a>(Vec<Row<'a>>);

impl<'a> Written<'a> {
    /// Opens a group.
    pub fn open(
        network: &Network<'_>,
        kind: EventKind,
        core: &CoreView<'a>,
        group: &GroupRecord,
        source: &SourceRecord,
    ) -> Result<Self, EngineError> {
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
                let (population, member) = network.member_of_key(key).ok_or(EngineError::UnknownKey { key })?;
                // The kernel drops events that are not of the kind that it listens for.
                if network.populations[population].emits(kind) {
                    rows.push(Row { population, member, lag: *lag, synapses: row });
                }
            }
        }
        Ok(Written(rows))
    }

    /// Rows of one population and lag together.
    fn parts(&self) -> impl Iterator<Item = &[Row<'a>]> {
        self.0.chunk_by(|a, b| (a.population, a.lag) == (b.population, b.lag))
    }

    /// Calls `found` with every delay that occurs, and the population that sends.
    pub fn delays(&self, target: &Target, mut found: impl FnMut(usize, u32)) {
        for rows in self.parts() {
            // A delay is found once for each lag, not for each synapse.
            let mut residuals = vec![false; target.ring as usize];
            for word in rows.iter().flat_map(|row| row.synapses) {
                residuals[target.places[unpack_synapse(*word).0].residual as usize] = true;
            }
            let there = (0..).zip(residuals).filter(|(_, there)| *there);
            there.for_each(|(residual, _)| found(rows[0].population, 1 + rows[0].lag + residual));
        }
    }

    /// Calls `f` for every synapse onto a sum of this thread.
    pub fn for_each(&self, target: &Target, connections: &mut Connections, f: &mut impl FnMut(&mut Connection, usize, u16, i16)) {
        for (bank, rows) in target.banks.iter().flat_map(|bank| self.parts().map(move |rows| (*bank, rows))) {
            let Some(connection) = connections.get_mut(&(bank, rows[0].population)) else { continue };
            let first_rows = first_rows(connection, rows[0].lag, target.ring);
            for row in rows {
                for word in row.synapses {
                    let (place, weight) = unpack_synapse(*word);
                    let place = target.places[place];
                    if place.is_in(bank) {
                        let at = first_rows[place.residual as usize] + row.member as usize;
                        f(connection, at, place.sum as u16, weight as i16);
                    }
                }
            }
        }
    }
}

/// By residual: the row of member 0 in a connection; of delays that it does not have, none is asked for.
fn first_rows(connection: &Connection, lag: u32, ring: u32) -> Vec<usize> {
    let row = |residual| connection.delays.partition_point(|delay| *delay < 1 + lag + residual) * connection.count;
    (0..ring).map(row).collect()
}
