//! Router sections: one for each chip of a many-core machine, with its place, its links, its cores and its table.
//!
//! ```text
//! RouterRecord │ (core's position on the chip, core's number in the image) pairs │ entries: key, mask, links, core_words of cores
//! ```
//!
//! The first entry whose masked bits equal its key says where a packet goes: links 0 to 5 (E, NE, N, W, SW, S) by a bit each, and
//! cores of the chip by a bit for each position. A packet that no entry matches goes on straight, by the link opposite to the one
//! that it came in by.

use super::core_view::record;
use super::records::{Record, RouterRecord};

/// Bits of all links of a chip.
pub const LINKS: u32 = 0x3F;

/// Why words are not a router section.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RouterError {
    /// The section is not as long as its head says.
    Length,
    /// The chip or its board lies outside of the machine, or it has links that no chip has.
    Chip,
    /// The position of core `at` does not ascend, or entries have no bit for it.
    Core {
        /// Its position in the list.
        at: u32,
    },
    /// Entry `at` can never match, or names a link that does not work or a core that is not there.
    Entry {
        /// Its position.
        at: u32,
    },
}

/// An entry of a routing table.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RouterEntry<'a> {
    /// Bits that a key must have.
    pub key: u32,
    /// Bits that are looked at.
    pub mask: u32,
    /// Links, a bit each.
    pub links: u32,
    /// Cores, a bit for each position on the chip.
    pub cores: &'a [u32],
}

impl RouterEntry<'_> {
    /// Whether it says where a key goes.
    #[inline]
    #[must_use]
    pub fn matches(&self, key: u32) -> bool {
        key & self.mask == self.key
    }

    /// Positions of its cores on the chip, ascending.
    pub fn positions(&self) -> impl Iterator<Item = u32> + '_ {
        (0u32..).zip(self.cores).flat_map(|(at, word)| {
            let set = (0..32u32).filter(move |bit| word >> bit & 1 == 1);
            set.map(move |bit| at.wrapping_mul(32).wrapping_add(bit))
        })
    }
}

/// A checked router section in place.
#[derive(Clone, Copy, Debug)]
pub struct RouterView<'a> {
    head: RouterRecord,
    cores: &'a [[u32; 2]],
    entries: &'a [u32],
}

impl<'a> RouterView<'a> {
    /// Checks the chip, its cores and every entry.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn new_checked(words: &'a [u32]) -> Result<Self, RouterError> {
        let head: RouterRecord = record(words, 0).ok_or(RouterError::Length)?;
        let rest = words.get(RouterRecord::WORDS..).ok_or(RouterError::Length)?;
        let cores = (head.cores as usize).checked_mul(2).ok_or(RouterError::Length)?;
        let (cores, entries) = rest.split_at_checked(cores).ok_or(RouterError::Length)?;
        let view = RouterView { head, cores: cores.as_chunks().0, entries };
        let length = (head.entries as usize).checked_mul(view.entry_words().ok_or(RouterError::Length)?);
        if length != Some(entries.len()) {
            return Err(RouterError::Length);
        }
        let within = |x: u32, y: u32| x < head.width && y < head.height;
        let on_a_grid = head.width <= 1 << 16 && head.height <= 1 << 16;
        if !on_a_grid || !within(head.x, head.y) || !within(head.board_x, head.board_y) || head.links & !LINKS != 0 {
            return Err(RouterError::Chip);
        }
        view.check_cores()?;
        (0..head.entries).try_for_each(|at| view.check_entry(at).ok_or(RouterError::Entry { at }))?;
        Ok(view)
    }

    fn entry_words(&self) -> Option<usize> {
        (self.head.core_words as usize).checked_add(3)
    }

    fn check_cores(&self) -> Result<(), RouterError> {
        let mut free = 0;
        for (at, [position, _]) in (0..).zip(self.cores) {
            if *position < free || position / 32 >= self.head.core_words {
                return Err(RouterError::Core { at });
            }
            free = position.wrapping_add(1);
        }
        Ok(())
    }

    fn check_entry(&self, at: u32) -> Option<()> {
        let entry = self.entry(at)?;
        let sound = entry.key & !entry.mask == 0
            && entry.links & !self.head.links == 0
            && entry.positions().all(|position| self.core_at(position).is_some());
        sound.then_some(())
    }

    /// The chip, and how many of what there are.
    #[must_use]
    pub fn head(&self) -> &RouterRecord {
        &self.head
    }

    /// Cores of the chip that the image holds: position on the chip, ascending, and number in the image.
    #[must_use]
    pub fn cores(&self) -> &'a [[u32; 2]] {
        self.cores
    }

    /// The image's number of the core at a position on the chip.
    #[must_use]
    pub fn core_at(&self, position: u32) -> Option<u32> {
        let at = self.cores.partition_point(|[p, _]| *p < position);
        self.cores.get(at).filter(|[p, _]| *p == position).map(|[_, core]| *core)
    }

    /// Entry `at`.
    #[inline]
    #[must_use]
    pub fn entry(&self, at: u32) -> Option<RouterEntry<'a>> {
        let words = self.entry_words()?;
        let start = (at as usize).checked_mul(words)?;
        match self.entries.get(start..)?.get(..words)? {
            [key, mask, links, cores @ ..] => Some(RouterEntry { key: *key, mask: *mask, links: *links, cores }),
            _ => None,
        }
    }

    /// The entry for a key: the first that matches. `None` stands for default routing.
    #[must_use]
    pub fn find(&self, key: u32) -> Option<RouterEntry<'a>> {
        (0..self.head.entries).filter_map(|at| self.entry(at)).find(|entry| entry.matches(key))
    }
}

/// Collects what a router section holds.
#[cfg(feature = "std")]
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RouterBuilder {
    /// The chip; its numbers of entries and cores are counted when it is finished.
    pub head: RouterRecord,
    /// Positions on the chip and numbers in the image of its cores, in any order.
    pub cores: Vec<[u32; 2]>,
    entries: Vec<u32>,
}

#[cfg(feature = "std")]
impl RouterBuilder {
    /// A router without cores and entries. `head.core_words` has to have a bit for every position that entries name.
    #[must_use]
    pub fn new(head: RouterRecord) -> Self {
        RouterBuilder { head: RouterRecord { entries: 0, cores: 0, ..head }, ..RouterBuilder::default() }
    }

    /// What a checked section says: finishing it gives the same words.
    #[must_use]
    pub fn of(view: &RouterView<'_>) -> Self {
        let mut builder = RouterBuilder::new(*view.head());
        builder.cores = view.cores().to_vec();
        for entry in (0..view.head().entries).filter_map(|at| view.entry(at)) {
            builder.entry(entry.key, entry.mask, entry.links, entry.positions());
        }
        builder
    }

    /// Adds an entry behind those that there are. Positions beyond `head.core_words` are passed over.
    pub fn entry(&mut self, key: u32, mask: u32, links: u32, positions: impl IntoIterator<Item = u32>) {
        let mut cores = vec![0u32; self.head.core_words as usize];
        for position in positions {
            if let Some(word) = cores.get_mut(position as usize / 32) {
                *word |= 1 << (position % 32);
            }
        }
        self.entries.extend([key, mask, links]);
        self.entries.extend(cores);
        self.head.entries = self.head.entries.wrapping_add(1);
    }

    /// The words of the section, with cores by their position.
    #[must_use]
    pub fn finish(mut self) -> Vec<u32> {
        self.cores.sort_unstable();
        let mut words = super::write::words_of(&RouterRecord { cores: self.cores.len() as u32, ..self.head });
        words.extend(self.cores.iter().flatten());
        words.extend(&self.entries);
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> RouterBuilder {
        let head = RouterRecord { x: 1, y: 0, width: 2, height: 2, links: 0b10_0111, core_words: 5, ..RouterRecord::default() };
        let mut router = RouterBuilder::new(head);
        router.cores = vec![[151, 7], [3, 9]];
        router.entry(0x100, 0xFFFF_FF00, 0b10_0001, [3, 151]);
        router.entry(0, 0xFFFF_F000, 0b00_0010, [3]);
        router.entry(0, 0, 0, []);
        router
    }

    #[test]
    fn the_first_entry_that_matches_counts() {
        let words = sample().finish();
        let router = RouterView::new_checked(&words).expect("sound");
        let found = |key| router.find(key).map(|e| (e.links, e.positions().collect::<Vec<_>>()));
        assert_eq!(found(0x1FF), Some((0b10_0001, vec![3, 151])));
        assert_eq!(found(0x2FF), Some((0b00_0010, vec![3])));
        assert_eq!(found(0x12FF), Some((0, vec![])), "the entry for everything that sends it nowhere");
        assert_eq!(router.cores(), [[3, 9], [151, 7]]);
        assert_eq!([3, 151, 4].map(|p| router.core_at(p)), [Some(9), Some(7), None]);
        assert_eq!(RouterBuilder::of(&router).finish(), words);
    }

    #[test]
    fn without_an_entry_there_is_none() {
        let words = RouterBuilder::new(RouterRecord { width: 1, height: 1, ..RouterRecord::default() }).finish();
        assert_eq!(RouterView::new_checked(&words).expect("sound").find(5), None);
    }

    #[test]
    fn unsound_sections_are_refused() {
        let changed = |at: usize, value: u32| {
            let mut words = sample().finish();
            words[at] = value;
            RouterView::new_checked(&words).err()
        };
        assert_eq!(RouterView::new_checked(&[]).err(), Some(RouterError::Length));
        for (at, value) in [(8, 3), (8, u32::MAX), (9, 2), (9, u32::MAX), (7, 4), (7, u32::MAX)] {
            assert_eq!(changed(at, value), Some(RouterError::Length), "word {at} = {value}");
        }
        for (at, value) in [(0, 2), (1, 2), (2, 1), (3, 1 << 17), (4, 64), (5, 2), (6, 2)] {
            assert_eq!(changed(at, value), Some(RouterError::Chip), "word {at} = {value}");
        }
        assert_eq!(changed(12, 3), Some(RouterError::Core { at: 1 }), "positions ascend");
        assert_eq!(changed(12, 160), Some(RouterError::Core { at: 1 }), "no bit for it");
        assert_eq!(changed(12, 150), Some(RouterError::Entry { at: 0 }), "an entry names a core that is not there");
        assert_eq!(changed(15, 0), Some(RouterError::Entry { at: 0 }), "bits beyond the mask");
        assert_eq!(changed(16, 0b1000), Some(RouterError::Entry { at: 0 }), "a link that does not work");
    }
}
