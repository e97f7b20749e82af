//! Sums of one thread, and the synapses onto them.
//!
//! Rows lie by source population, then delay, then source; a row is what one member's event adds in this thread, one tick. A tick
//! so touches only the rows that are due, each from end to end, and scatters into sums that stay in the cache.

use super::layout::BANK;
use super::ring::{Ring, Slot};
use bouton_targets::image::unpack_synapse;

/// Synapses of one source population onto one bank.
#[derive(Clone, Debug, Default)]
pub(super) struct Connection {
    /// Position of the source population.
    pub source: usize,
    /// Members of it.
    pub count: usize,
    /// Delays, ascending.
    pub delays: Vec<u32>,
    /// Row `d * count + s` is `rows[..] .. rows[.. + 1]` of the words.
    pub rows: Vec<u32>,
    /// Sum in the low half, weight in the high half.
    pub words: Vec<u32>,
}

impl Connection {
    #[inline(always)]
    fn row(&self, rows: &[u32], member: u32) -> &[u32] {
        let at = member as usize;
        &self.words[rows[at] as usize..rows[at + 1] as usize]
    }

    fn rows_of(&self, delay: usize) -> &[u32] {
        &self.rows[delay * self.count..=(delay + 1) * self.count]
    }
}

/// Sums of a kind and what adds to them.
#[derive(Clone, Debug)]
pub(super) struct Bank<T> {
    /// Latency of its populations.
    pub latency: u32,
    /// Sums in use.
    pub used: usize,
    /// The sums; there are always [`BANK`], so that no 16-bit number lies outside.
    pub sums: Vec<T>,
    /// Synapses, by source.
    pub connections: Vec<Connection>,
    /// For each delay: positions of connections, and of the delay in them.
    pub due: Vec<(u32, Vec<(usize, usize)>)>,
}

impl<T: Copy + Default> Bank<T> {
    pub fn new(latency: u32, used: usize, connections: Vec<Connection>) -> Self {
        let mut due: Vec<(u32, Vec<(usize, usize)>)> = Vec::new();
        let mut all: Vec<(u32, usize, usize)> = Vec::new();
        for (c, connection) in connections.iter().enumerate() {
            // A delay without synapses, as a recipe may have it, is none to look at in every tick.
            let used = |d: &usize| connection.rows_of(*d).first() != connection.rows_of(*d).last();
            all.extend((0..connection.delays.len()).filter(used).map(|d| (connection.delays[d], c, d)));
        }
        all.sort_unstable();
        for (delay, c, d) in all {
            match due.last_mut().filter(|(last, _)| *last == delay) {
                Some((_, list)) => list.push((c, d)),
                None => due.push((delay, vec![(c, d)])),
            }
        }
        Bank { latency, used, sums: vec![T::default(); BANK], connections, due }
    }

    /// Sums of tick `tick`, from what was emitted before. Counts synapses.
    #[inline(always)]
    fn arrive(&mut self, tick: u64, ring: &Ring, add: impl Fn(&Connection, &[u32], &Slot, &mut [T; BANK]) -> u64) -> u64 {
        self.sums[..self.used].fill(T::default());
        let Some(sums) = self.sums.first_chunk_mut::<BANK>() else { return 0 };
        let mut events = 0;
        for (delay, list) in &self.due {
            let Some(emitted) = tick.checked_sub((*delay).into()) else { break };
            for slot in ring.past(emitted) {
                for (c, d) in list {
                    let connection = &self.connections[*c];
                    events += add(connection, connection.rows_of(*d), &slot, sums);
                }
            }
        }
        events
    }
}

impl Bank<i32> {
    /// Adds the weights of spikes.
    pub fn arrive_spikes(&mut self, tick: u64, ring: &Ring) -> u64 {
        self.arrive(tick, ring, |connection, rows, slot, sums| {
            let mut events = 0;
            for member in &slot.spikes[connection.source] {
                let row = connection.row(rows, *member);
                for word in row {
                    let (sum, weight) = unpack_synapse(*word);
                    sums[sum] = sums[sum].wrapping_add(weight);
                }
                events += row.len() as u64;
            }
            events
        })
    }
}

impl Bank<i64> {
    /// Adds weight · value of graded events.
    pub fn arrive_values(&mut self, tick: u64, ring: &Ring) -> u64 {
        self.arrive(tick, ring, |connection, rows, slot, sums| {
            let mut events = 0;
            for (member, value) in &slot.graded[connection.source] {
                let row = connection.row(rows, *member);
                for word in row {
                    let (sum, weight) = unpack_synapse(*word);
                    sums[sum] = sums[sum].wrapping_add(i64::from(weight) * i64::from(*value));
                }
                events += row.len() as u64;
            }
            events
        })
    }
}
