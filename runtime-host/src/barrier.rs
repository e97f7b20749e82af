//! Where threads meet once in a tick.
//!
//! They spin first: a tick is shorter than what waking a sleeping thread costs. After a while they yield, so that a busy
//! machine, on which the others may not even be running, loses little.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Turns of spinning before yielding.
const SPINS: u32 = 512;

/// A barrier for a fixed number of threads.
pub(crate) struct Barrier {
    threads: usize,
    arrived: AtomicUsize,
    round: AtomicUsize,
    broken: AtomicBool,
}

/// Breaks the barrier when its thread panics: the others must not wait for it for ever.
pub(crate) struct Presence<'b>(&'b Barrier);

impl Drop for Presence<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.broken.store(true, Ordering::Relaxed);
        }
    }
}

impl Barrier {
    pub fn new(threads: usize) -> Self {
        Barrier { threads, arrived: AtomicUsize::new(0), round: AtomicUsize::new(0), broken: AtomicBool::new(false) }
    }

    /// To be held by each thread that will wait here.
    pub fn presence(&self) -> Presence<'_> {
        Presence(self)
    }

    /// Waits until all threads are here. With one thread it is nothing. False when a thread was lost and there is no going on.
    pub fn wait(&self) -> bool {
        if self.threads == 1 {
            return true;
        }
        let round = self.round.load(Ordering::Relaxed);
        if self.arrived.fetch_add(1, Ordering::AcqRel) + 1 == self.threads {
            // The last: the counter is reset before the others may come again.
            self.arrived.store(0, Ordering::Relaxed);
            self.round.store(round.wrapping_add(1), Ordering::Release);
            return true;
        }
        let mut turns = 0;
        while self.round.load(Ordering::Acquire) == round {
            if turns < SPINS {
                turns += 1;
                std::hint::spin_loop();
            } else if self.broken.load(Ordering::Relaxed) {
                return false;
            } else {
                std::thread::yield_now();
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_thread_does_not_hold_the_others() {
        let barrier = Barrier::new(2);
        std::thread::scope(|scope| {
            let lost = scope.spawn(|| {
                let _presence = barrier.presence();
                assert!(barrier.wait());
                panic!("lost");
            });
            assert!(barrier.wait());
            assert!(!barrier.wait());
            assert!(lost.join().is_err());
        });
    }
}
