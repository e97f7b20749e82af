//! Which sources one target has, by number: the topology of patterns that are drawn by target column.

use super::ColumnError;
use crate::random::DrawSource;

/// Who connects to whom. Sources and targets are numbered from 0 within those that take part.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Pattern<'a> {
    /// n-th source to n-th target. No words.
    OneToOne,
    /// Every source to every target. No words.
    AllToAll,
    /// Each pair with one probability: gaps between chosen sources are geometric, floor(ln u · `gap_scale`), u uniform in (0, 1]
    /// with 53 bits. Two words and a logarithm per source. (Devroye, "Non-uniform random variate generation", 1986, X.2.)
    Random {
        /// 1 / ln(1 - p): negative.
        gap_scale: f64,
    },
    /// `k` distinct sources, every set equally likely. One word each, whatever `k`.
    /// (Floyd's algorithm: Bentley, "Programming pearls: a sample of brilliance", CACM 30, 1987.)
    FixedIn {
        /// In-degree.
        k: u32,
    },
    /// `k` sources, each drawn of all. One word each.
    FixedInMultiple {
        /// In-degree.
        k: u32,
    },
    /// A fixed total: how many sources each target has was drawn before; each is drawn of all. One word each.
    FixedTotal {
        /// Number of the target that the first count is of.
        first: u32,
        /// Sources of each target from there on; others have none.
        counts: &'a [u32],
    },
}

/// Whose sources are asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Column {
    /// Number of the target.
    pub target: u32,
    /// Number of sources that take part.
    pub sources: u32,
    /// Number of the source that is the target itself, where a neuron may not connect to itself.
    pub own: Option<u32>,
}

impl Column {
    /// Sources that may be chosen.
    #[inline]
    #[must_use]
    pub fn candidates(&self) -> u32 {
        self.sources.saturating_sub(u32::from(self.own.is_some()))
    }

    /// The number of candidate `n`: a target that may not meet itself is left out, not drawn again.
    #[inline]
    fn candidate(&self, n: u32) -> u32 {
        n.wrapping_add(u32::from(self.own.is_some_and(|own| n >= own)))
    }
}

impl Pattern<'_> {
    /// The pattern that connects each pair with probability `p`; none for what is not a number.
    #[must_use]
    pub fn random(p: f64) -> Self {
        if p >= 1.0 {
            Pattern::AllToAll
        } else if p > 0.0 {
            Pattern::Random { gap_scale: 1.0 / libm::log1p(-p) }
        } else {
            Pattern::FixedIn { k: 0 }
        }
    }

    /// How many sources a target has, where that is known without drawing them.
    #[inline]
    #[must_use]
    pub fn count(&self, column: &Column) -> Option<u32> {
        match *self {
            Pattern::OneToOne => Some(u32::from(column.target < column.sources && column.own != Some(column.target))),
            Pattern::AllToAll => Some(column.candidates()),
            Pattern::Random { .. } => None,
            Pattern::FixedIn { k } => Some(k.min(column.candidates())),
            Pattern::FixedInMultiple { k } => Some(if column.candidates() == 0 { 0 } else { k }),
            Pattern::FixedTotal { first, counts } => {
                let count = column.target.checked_sub(first).and_then(|at| counts.get(at as usize)).copied().unwrap_or(0);
                Some(if column.candidates() == 0 { 0 } else { count })
            }
        }
    }

    /// Words of scratch that [`Pattern::sources`] needs for columns of `sources` sources.
    #[must_use]
    pub fn scratch_words(&self, sources: u32) -> usize {
        match self {
            Pattern::FixedIn { .. } => sources.div_ceil(32) as usize,
            _ => 0,
        }
    }

    /// Visits the number of every source of a target, in the order in which they are drawn; `visit` says whether to go on.
    ///
    /// # Errors
    /// When `scratch` has less than [`Pattern::scratch_words`].
    #[inline]
    pub fn sources(
        &self,
        column: &Column,
        draws: &mut DrawSource,
        scratch: &mut [u32],
        mut visit: impl FnMut(u32) -> bool,
    ) -> Result<(), ColumnError> {
        let count = self.count(column).unwrap_or(0);
        match *self {
            Pattern::OneToOne => (0..count).for_each(|_| _ = visit(column.target)),
            Pattern::AllToAll => {
                let _ = (0..count).all(|n| visit(column.candidate(n)));
            }
            Pattern::Random { gap_scale } => geometric(column, draws, gap_scale, visit),
            Pattern::FixedIn { .. } => return distinct(column, count, draws, scratch, visit),
            Pattern::FixedInMultiple { .. } | Pattern::FixedTotal { .. } => {
                let candidates = column.candidates();
                let _ = (0..count).all(|_| visit(column.candidate(draws.below(candidates))));
            }
        }
        Ok(())
    }
}

#[inline]
fn geometric(column: &Column, draws: &mut DrawSource, gap_scale: f64, mut visit: impl FnMut(u32) -> bool) {
    let mut next = 0u64;
    loop {
        let gap = libm::log(1.0 - draws.unit()) * gap_scale;
        // A gap beyond every limit saturates here, so that the sum cannot overflow.
        next += gap.min(f64::from(u32::MAX)) as u64;
        if next >= u64::from(column.sources) {
            return;
        }
        let source = next as u32;
        if column.own != Some(source) && !visit(source) {
            return;
        }
        next += 1;
    }
}

#[inline]
fn distinct(
    column: &Column,
    count: u32,
    draws: &mut DrawSource,
    scratch: &mut [u32],
    mut visit: impl FnMut(u32) -> bool,
) -> Result<(), ColumnError> {
    let candidates = column.candidates();
    let seen = scratch.get_mut(..candidates.div_ceil(32) as usize).ok_or(ColumnError::Scratch)?;
    seen.fill(0);
    for last in candidates.wrapping_sub(count)..candidates {
        let mut drawn = draws.below(last.wrapping_add(1));
        if is_set(seen, drawn) {
            drawn = last;
        }
        if let Some(word) = seen.get_mut((drawn >> 5) as usize) {
            *word |= 1 << (drawn & 31);
        }
        if !visit(column.candidate(drawn)) {
            break;
        }
    }
    Ok(())
}

#[inline]
fn is_set(bits: &[u32], n: u32) -> bool {
    bits.get((n >> 5) as usize).is_some_and(|word| word >> (n & 31) & 1 == 1)
}
