//! How delays are divided between rings of sums and histories of events, so that a core needs the least memory.
//!
//! A block with a ring of `ring` slots takes a synapse up to `ring` ticks ahead when its event is received. What a delay has beyond
//! that is a lag, for which the event is kept in the history of its source. A ring costs sums for every target and slot, a
//! history a bit for every source and tick: few sources with long delays want histories, many sources want rings.

use super::{MAX_SUMS, SourceRecord, history_slot_words};
use std::collections::BTreeMap;

/// Lag and residual of a delay of at least one tick, with a ring of `ring` slots. Lags are multiples of `ring`, so that few of
/// them occur: each costs a table of rows, and a look at the history in every tick.
#[must_use]
pub fn lag_and_residual(delay: u32, ring: u32) -> (u32, u32) {
    let beyond = delay.saturating_sub(1);
    let residual = beyond.checked_rem(ring).unwrap_or(0);
    (beyond - residual, residual)
}

/// The rings that can be best for a block, whatever its size, with the words of history that each needs.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RingChoices(Vec<(u32, u64)>);

impl RingChoices {
    /// From what the block hears: sources and the longest delay of each onto the block.
    ///
    /// Between two rings at which the longest lag of some source changes both costs grow, so only those are candidates:
    /// `delay / 1`, `delay / 2`, … rounded up.
    #[must_use]
    pub fn of(heard: impl IntoIterator<Item = (SourceRecord, u32)>) -> Self {
        let mut words = BTreeMap::<u32, u64>::new();
        for (source, longest) in heard {
            *words.entry(longest.max(1)).or_default() += history_slot_words(&source).map_or(u64::MAX >> 32, |words| words as u64);
        }
        let mut rings: Vec<u32> = words.keys().flat_map(|longest| quotients(*longest)).chain([1]).collect();
        rings.sort_unstable();
        rings.dedup();
        let history =
            |ring: u32| words.iter().map(|(longest, words)| u64::from(lag_and_residual(*longest, ring).0) * words).sum();
        let mut choices: Vec<(u32, u64)> = Vec::new();
        for ring in rings {
            let history: u64 = history(ring);
            if choices.last().is_none_or(|(_, before)| history < *before) {
                choices.push((ring, history));
            }
        }
        RingChoices(choices)
    }

    /// The ring with which a block of `narrow` 32-bit and `wide` 64-bit sums needs least memory; of equal ones the longest.
    #[must_use]
    pub fn choose(&self, narrow: u32, wide: u32) -> u32 {
        let fits = |ring: u32| u64::from(narrow.max(wide)) * u64::from(ring) <= MAX_SUMS.into();
        let slot_words = u64::from(narrow) + 2 * u64::from(wide);
        let words = |(ring, history): &(u32, u64)| (u64::from(*ring) * slot_words + history, std::cmp::Reverse(*ring));
        self.0.iter().filter(|(ring, _)| fits(*ring)).min_by_key(|choice| words(choice)).map_or(1, |(ring, _)| *ring)
    }
}

/// `n / 1`, `n / 2`, … rounded up, and some more: about `2 · √n` of them.
fn quotients(n: u32) -> impl Iterator<Item = u32> {
    // Each quotient above the root has a divisor below it.
    (1..=n.isqrt()).flat_map(move |divisor| [divisor, n.div_ceil(divisor)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::EventKind;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn source(count: u32) -> SourceRecord {
        SourceRecord::contiguous(0, count, EventKind::Spike as u32, 0)
    }

    #[test]
    fn few_sources_want_histories_and_many_want_rings() {
        let choices = RingChoices::of([(source(32), 100)]);
        assert_eq!(choices.choose(1000, 0), 1, "99 words of history are less than another slot");
        let microcircuit = RingChoices::of([(source(70_000), 40), (source(7169), 64)]);
        assert_eq!(microcircuit.choose(128, 0), 64);
        assert_eq!(microcircuit.choose(2048, 0), 20, "a shorter ring, and a lag of 20 for most");
        assert_eq!(microcircuit.choose(65_536, 0), 1, "65,536 places are all that a synapse can name");
        assert_eq!(RingChoices::of([]).choose(10, 10), 1);
    }

    #[test]
    fn delays_beyond_the_ring_have_few_lags() {
        let divided: Vec<_> = (1..=7).map(|delay| lag_and_residual(delay, 3)).collect();
        assert_eq!(divided, [(0, 0), (0, 1), (0, 2), (3, 0), (3, 1), (3, 2), (6, 0)]);
    }

    proptest! {
        #[test]
        fn no_ring_needs_less(
            heard in vec((1..3000_u32, 1..90_u32), 1..4),
            (narrow, wide) in (0..3000_u32, 0..300_u32),
        ) {
            let words = |ring: u32| {
                let history = heard.iter().map(|(count, longest)| u64::from(lag_and_residual(*longest, ring).0 * count.div_ceil(32)));
                u64::from(ring * (narrow + 2 * wide)) + history.sum::<u64>()
            };
            let chosen = RingChoices::of(heard.iter().map(|(count, longest)| (source(*count), *longest))).choose(narrow, wide);
            let best = (1..=90).filter(|ring| ring * narrow.max(wide) <= MAX_SUMS).map(words).min();
            prop_assert_eq!(Some(words(chosen)), best, "ring of {}", chosen);
        }
    }
}
