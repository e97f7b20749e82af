//! What was emitted in the last ticks: one slot for each tick and thread.
//!
//! In tick t a thread writes its slot of tick t, and reads all threads' slots of ticks t - 1 to t - the longest delay. The ring has
//! one slot more than that, so nobody waits at a lock: the locks only show the compiler what the barrier guarantees.

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// What one thread emitted in one tick.
#[derive(Clone, Debug, Default)]
pub(super) struct Slot {
    /// By population: members that spiked.
    pub spikes: Vec<Vec<u32>>,
    /// By population: members and the values they sent.
    pub graded: Vec<Vec<(u32, i32)>>,
    /// By number of the broadcast: what was sent.
    pub broadcasts: Vec<Option<i32>>,
}

impl Slot {
    fn clear(&mut self) {
        self.spikes.iter_mut().for_each(Vec::clear);
        self.graded.iter_mut().for_each(Vec::clear);
        self.broadcasts.fill(None);
    }
}

/// Slots of all threads and ticks.
pub(super) struct Ring {
    slots: Vec<Vec<RwLock<Slot>>>,
}

impl Ring {
    pub fn new(longest_delay: u32, threads: usize, populations: usize, broadcasts: usize) -> Self {
        let slot = Slot {
            spikes: vec![Vec::new(); populations],
            graded: vec![Vec::new(); populations],
            broadcasts: vec![None; broadcasts],
        };
        let of_tick = || (0..threads).map(|_| RwLock::new(slot.clone())).collect();
        Ring { slots: (0..=longest_delay).map(|_| of_tick()).collect() }
    }

    fn of_tick(&self, tick: u64) -> &[RwLock<Slot>] {
        &self.slots[(tick % self.slots.len() as u64) as usize]
    }

    /// The slots of all threads of a past tick.
    pub fn past(&self, tick: u64) -> impl Iterator<Item = RwLockReadGuard<'_, Slot>> {
        self.of_tick(tick).iter().map(|slot| slot.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The slot of one thread of a past tick.
    pub fn past_of(&self, tick: u64, thread: usize) -> RwLockReadGuard<'_, Slot> {
        self.of_tick(tick)[thread].read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The slot of a thread for the present tick, emptied.
    pub fn present(&self, tick: u64, thread: usize) -> RwLockWriteGuard<'_, Slot> {
        let mut slot = self.of_tick(tick)[thread].write().unwrap_or_else(PoisonError::into_inner);
        slot.clear();
        slot
    }
}
