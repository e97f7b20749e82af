//! Which processors of a chip there are.

use std::fmt;

const WORDS: usize = 3;

/// A set of processors of a chip, by number; numbers may be missing where a processor is dead.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct ProcessorSet([u64; WORDS]);

impl ProcessorSet {
    /// Numbers are below this.
    pub const LIMIT: u16 = 64 * WORDS as u16;

    /// Processors 0 to `count` - 1; at most [`ProcessorSet::LIMIT`].
    #[must_use]
    pub fn first(count: u16) -> Self {
        (0..count).collect()
    }

    /// Adds processor `number`; those from [`ProcessorSet::LIMIT`] on cannot be named.
    pub fn insert(&mut self, number: u16) {
        if let Some(word) = self.0.get_mut(usize::from(number / 64)) {
            *word |= 1 << (number % 64);
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> u16 {
        self.0.iter().map(|word| word.count_ones() as u16).sum()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether processor `number` is there.
    #[must_use]
    pub fn contains(&self, number: u16) -> bool {
        self.0.get(usize::from(number / 64)).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    /// Those of either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut set = *self;
        set.0.iter_mut().zip(other.0).for_each(|(word, more)| *word |= more);
        set
    }

    /// Those of both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let mut set = *self;
        set.0.iter_mut().zip(other.0).for_each(|(word, kept)| *word &= kept);
        set
    }

    /// Those that are not in `other`.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        let mut set = *self;
        set.0.iter_mut().zip(other.0).for_each(|(word, less)| *word &= !less);
        set
    }

    /// The same without processor `number`.
    pub fn remove(&mut self, number: u16) {
        if let Some(word) = self.0.get_mut(usize::from(number / 64)) {
            *word &= !(1 << (number % 64));
        }
    }

    /// Those with the `count` lowest numbers, or all when there are fewer.
    #[must_use]
    pub fn lowest(&self, count: u16) -> Self {
        let mut set = *self;
        self.iter().skip(count.into()).for_each(|number| set.remove(number));
        set
    }

    /// Number of the processor that has `index` others before it.
    #[must_use]
    pub fn nth(&self, index: u16) -> Option<u16> {
        self.iter().nth(index.into())
    }

    /// A bit for each number, 64 to a word.
    #[must_use]
    pub fn words(&self) -> [u64; WORDS] {
        self.0
    }

    /// Their numbers, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u16> + use<> {
        (0..).zip(self.0).flat_map(|(at, word)| {
            let rest = |word: &u64| (*word != 0).then_some(word & word.wrapping_sub(1));
            let words = std::iter::successors(Some(word), rest).take_while(|word| *word != 0);
            words.map(move |word| at * 64 + word.trailing_zeros() as u16)
        })
    }
}

impl FromIterator<u16> for ProcessorSet {
    fn from_iter<I: IntoIterator<Item = u16>>(numbers: I) -> Self {
        let mut set = Self::default();
        numbers.into_iter().for_each(|number| set.insert(number));
        set
    }
}

/// As ranges: `0-3, 5`; `none` when empty.
impl fmt::Display for ProcessorSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut ranges: Vec<(u16, u16)> = Vec::new();
        for number in self.iter() {
            match ranges.last_mut() {
                Some((_, last)) if *last + 1 == number => *last = number,
                _ => ranges.push((number, number)),
            }
        }
        let text = |(first, last): &(u16, u16)| if first == last { format!("{first}") } else { format!("{first}-{last}") };
        let texts: Vec<String> = ranges.iter().map(text).collect();
        f.write_str(if texts.is_empty() { "none".to_string() } else { texts.join(", ") }.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn behaves_as_a_set_of_numbers(
            count in 0..=ProcessorSet::LIMIT,
            dead in prop::collection::btree_set(0u16..250, 0..40),
            lowest in 0u16..200,
        ) {
            let mut set = ProcessorSet::first(count);
            dead.iter().for_each(|number| set.remove(*number));
            let model: BTreeSet<u16> = (0..count).filter(|n| !dead.contains(n)).collect();
            prop_assert_eq!(set.iter().collect::<Vec<_>>(), model.iter().copied().collect::<Vec<_>>());
            prop_assert_eq!((usize::from(set.len()), set.is_empty()), (model.len(), model.is_empty()));
            prop_assert!((0..300).all(|n| set.contains(n) == model.contains(&n)));
            prop_assert_eq!(set.nth(lowest), model.iter().nth(lowest.into()).copied());
            let low = set.lowest(lowest);
            prop_assert_eq!(low.iter().collect::<Vec<_>>(), model.iter().copied().take(lowest.into()).collect::<Vec<_>>());
            prop_assert_eq!(set.without(&low).union(&low), set);
        }
    }

    #[test]
    fn prints_ranges() {
        let mut set = ProcessorSet::first(8);
        set.remove(4);
        set.remove(6);
        assert_eq!((set.to_string(), ProcessorSet::default().to_string()), ("0-3, 5, 7".into(), "none".into()));
    }
}
