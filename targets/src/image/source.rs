//! Keys of a source: which member a key is, and which key a member has.

use super::SourceRecord;

impl SourceRecord {
    /// A source whose keys follow each other without gaps, with no groups yet.
    #[must_use]
    pub fn contiguous(key: u32, count: u32, kind: u32, depth: u32) -> Self {
        SourceRecord { key, count, per_slice: count, slice_bits: slice_bits(count), kind, depth, ..SourceRecord::default() }
    }

    /// The member that has this key, by shifts and one product: small cores divide slowly.
    #[inline]
    #[must_use]
    pub fn member_of(&self, key: u32) -> Option<u32> {
        let from_first = key.checked_sub(self.key)?;
        let slice = from_first.checked_shr(self.slice_bits)?;
        let within = from_first.wrapping_sub(slice << (self.slice_bits & 31));
        let member = slice.wrapping_mul(self.per_slice).wrapping_add(within);
        (within < self.per_slice && member < self.count).then_some(member)
    }

    /// The key of a member; `None` when there is no such member, or its key would not fit 32 bits.
    #[must_use]
    pub fn key_of(&self, member: u32) -> Option<u32> {
        let slice = member.checked_div(self.per_slice)?;
        let within = member.wrapping_sub(slice.wrapping_mul(self.per_slice));
        let first = u32::try_from(u64::from(slice).checked_shl(self.slice_bits)?).ok()?;
        (member < self.count).then_some(())?;
        self.key.checked_add(first)?.checked_add(within)
    }

    /// The first key after those of its members; `None` when that would not fit 32 bits.
    #[must_use]
    pub fn end(&self) -> Option<u32> {
        self.key_of(self.count.checked_sub(1)?)?.checked_add(1)
    }
}

/// The smallest number of bits that can name as many members as a slice has.
#[must_use]
pub fn slice_bits(per_slice: u32) -> u32 {
    per_slice.saturating_sub(1).checked_ilog2().map_or(0, |bits| bits.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keys_of_slices_have_gaps() {
        let source = SourceRecord { key: 1000, count: 8, per_slice: 3, slice_bits: 2, ..SourceRecord::default() };
        let keys = [1000, 1001, 1002, 1004, 1005, 1006, 1008, 1009];
        assert_eq!((0..8).map(|m| source.key_of(m)).collect::<Vec<_>>(), keys.map(Some));
        let heard: Vec<u32> = (990..1020).filter(|key| source.member_of(*key).is_some()).collect();
        assert_eq!(heard, keys);
        assert_eq!((source.end(), source.key_of(8)), (Some(1010), None));
    }

    #[test]
    fn sizes_of_slices_round_up_to_bits() {
        assert_eq!([0, 1, 2, 3, 4, 5, 1 << 31, u32::MAX].map(slice_bits), [0, 0, 1, 2, 2, 3, 31, 32]);
    }

    proptest! {
        #[test]
        fn members_are_found_by_their_keys(key: u32, count in 1..5000_u32, per_slice in 1..300_u32, spare in 0..3_u32) {
            let slice_bits = slice_bits(per_slice) + spare;
            let source = SourceRecord { key, count, per_slice, slice_bits, ..SourceRecord::default() };
            prop_assume!(source.end().is_some());
            let mut next = key;
            for member in 0..count {
                let key = source.key_of(member).expect("it has an end");
                prop_assert!(key >= next);
                prop_assert_eq!(source.member_of(key), Some(member));
                next = key + 1;
            }
            prop_assert_eq!(source.end(), Some(next));
            prop_assert_eq!(source.member_of(next), None);
        }
    }
}
