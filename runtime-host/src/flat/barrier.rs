//! Where threads meet once in a tick.
//!
//! They spin first: a tick is shorter than what waking a sleeping thread costs. After a while they yield, so that a busy
//! machine, on which the others may not even be running, loses little.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Turns of spinning before yielding.
const SPINS: u32 = 512;

/// A barrier for a fixed number of threads.
pub(super) struct Barrier {
    threads: usize,
    arrived: AtomicUsize,
    round: AtomicUsize,
}

impl Barrier {
    pub fn new(threads: usize) -> Self {
        Barrier { threads, arrived: AtomicUsize::new(0), round: AtomicUsize::new(0) }
    }

    /// Waits until all threads are here. With one thread it is nothing.
    pub fn wait(&self) {
        if self.threads == 1 {
            return;
        }
        let round = self.round.load(Ordering::Relaxed);
        if self.arrived.fetch_add(1, Ordering::AcqRel) + 1 == self.threads {
            // The last: the counter is reset before the others may come again.
            self.arrived.store(0, Ordering::Relaxed);
            self.round.store(round.wrapping_add(1), Ordering::Release);
            return;
        }
        let mut turns = 0;
        while self.round.load(Ordering::Acquire) == round {
            if turns < SPINS {
                turns += 1;
                std::hint::spin_loop();
            } else {
                std::thread::yield_now();
            }
        }
    }
}
