//! A recipe as 32-bit words, for images: docs/src/image-format.md has the table.

use super::law::{Law, Within};
use super::pattern::Pattern;
use super::recipe::{Delay, Members, Recipe, Weight, WeightFormat};
use crate::random::Seed;

/// Words of a recipe before its counts.
pub const RECIPE_WORDS: usize = 32;

const ONE_TO_ONE: u32 = 0;
const ALL_TO_ALL: u32 = 1;
const RANDOM: u32 = 2;
const FIXED_IN: u32 = 3;
const FIXED_IN_MULTIPLE: u32 = 4;
const FIXED_TOTAL: u32 = 5;

const CONSTANT: u32 = 0;
const NORMAL: u32 = 1;
const UNIFORM: u32 = 2;
const LOGNORMAL: u32 = 3;
const EXPONENTIAL: u32 = 4;

/// Set in the code of a law whose values have bounds.
const BOUNDED: u32 = 0x80;

/// Code, two numbers, bounds: nine words, of which the code is kept apart.
type LawWords = (u32, [f64; 4]);

fn law_words(law: Law, within: Option<Within>) -> LawWords {
    let (code, a, b) = match law {
        Law::Normal { mean, std } => (NORMAL, mean, std),
        Law::Uniform { low, high } => (UNIFORM, low, high),
        Law::Lognormal { median, sigma } => (LOGNORMAL, median, sigma),
        Law::Exponential { mean } => (EXPONENTIAL, mean, 0.0),
    };
    match within {
        Some(w) => (code | BOUNDED, [a, b, w.low, w.high]),
        None => (code, [a, b, 0.0, 0.0]),
    }
}

fn law_of((code, [a, b, low, high]): LawWords) -> Option<(Law, Option<Within>)> {
    let law = match code & !BOUNDED {
        NORMAL => Law::Normal { mean: a, std: b },
        UNIFORM => Law::Uniform { low: a, high: b },
        LOGNORMAL => Law::Lognormal { median: a, sigma: b },
        EXPONENTIAL => Law::Exponential { mean: a },
        _ => return None,
    };
    Some((law, (code & BOUNDED != 0).then_some(Within { low, high })))
}

fn low(x: f64) -> u32 {
    x.to_bits() as u32
}

fn high(x: f64) -> u32 {
    (x.to_bits() >> 32) as u32
}

impl<'a> Recipe<'a> {
    /// The recipe's words: [`RECIPE_WORDS`], then its counts.
    #[cfg(feature = "std")]
    #[must_use]
    pub fn to_words(&self) -> Vec<u32> {
        let mut words = self.head().to_vec();
        if let Pattern::FixedTotal { counts, .. } = self.pattern {
            words.extend_from_slice(counts);
        }
        words
    }

    /// What stands before the counts.
    fn head(&self) -> [u32; RECIPE_WORDS] {
        let (pattern, a, b) = match self.pattern {
            Pattern::OneToOne => (ONE_TO_ONE, 0, 0),
            Pattern::AllToAll => (ALL_TO_ALL, 0, 0),
            Pattern::Random { gap_scale } => (RANDOM, low(gap_scale), high(gap_scale)),
            Pattern::FixedIn { k } => (FIXED_IN, k, 0),
            Pattern::FixedInMultiple { k } => (FIXED_IN_MULTIPLE, k, 0),
            Pattern::FixedTotal { first, counts } => (FIXED_TOTAL, first, counts.len() as u32),
        };
        let (weight, [w0, w1, w2, w3]) = match self.weight {
            Weight::Constant(w) => (CONSTANT, [w, 0.0, 0.0, 0.0]),
            Weight::Drawn(law, within) => law_words(law, within),
        };
        let (delay, [d0, d1, d2, d3]) = match self.delay {
            Delay::Ticks(ticks) => (CONSTANT, [f64::from(ticks), 0.0, 0.0, 0.0]),
            Delay::Drawn(law, within) => law_words(law, within),
        };
        let format = u32::from(self.format.frac as u8) | u32::from(self.format.bits) << 8 | u32::from(self.no_self) << 16;
        [
            pattern | weight << 8 | delay << 16,
            a,
            b,
            self.seed.0 as u32,
            (self.seed.0 >> 32) as u32,
            self.stream,
            self.sources.first,
            self.sources.count,
            self.targets.first,
            self.targets.count,
            format,
            self.extra as u32,
            low(w0),
            high(w0),
            low(w1),
            high(w1),
            low(w2),
            high(w2),
            low(w3),
            high(w3),
            low(d0),
            high(d0),
            low(d1),
            high(d1),
            low(d2),
            high(d2),
            low(d3),
            high(d3),
            low(self.ticks_per_second),
            high(self.ticks_per_second),
            0,
            0,
        ]
    }

    /// The recipe that starts `words`, with its length in words; `None` for what is no recipe, or not in its one form.
    /// Whatever the words say, the columns of what comes back end, name sources below `sources.first + sources.count`, and have
    /// delays of 1 to 65,535 ticks.
    #[must_use]
    pub fn from_words(words: &'a [u32]) -> Option<(Self, usize)> {
        let (head, rest) = words.split_at_checked(RECIPE_WORDS)?;
        let head: &[u32; RECIPE_WORDS] = head.try_into().ok()?;
        let [codes, a, b, seed_low, seed_high, stream, source, sources, target, targets, format, extra, ..] = *head;
        let number = |at: usize| -> Option<f64> {
            let bits = u64::from(*head.get(at)?) | u64::from(*head.get(at + 1)?) << 32;
            let x = f64::from_bits(bits);
            (!x.is_nan()).then_some(x)
        };
        let numbers = |at: usize| Some([number(at)?, number(at + 2)?, number(at + 4)?, number(at + 6)?]);
        let (weight, weights) = (codes >> 8 & 0xFF, numbers(12)?);
        let (delay, delays) = (codes >> 16 & 0xFF, numbers(20)?);
        let mut length = RECIPE_WORDS;
        let pattern = match codes & 0xFF {
            ONE_TO_ONE => Pattern::OneToOne,
            ALL_TO_ALL => Pattern::AllToAll,
            RANDOM => Pattern::Random { gap_scale: number(1).filter(|scale| *scale < 0.0)? },
            FIXED_IN => Pattern::FixedIn { k: a },
            FIXED_IN_MULTIPLE => Pattern::FixedInMultiple { k: a },
            FIXED_TOTAL => {
                let counts = rest.get(..b as usize)?;
                length += counts.len();
                Pattern::FixedTotal { first: a, counts }
            }
            _ => return None,
        };
        source.checked_add(sources)?;
        target.checked_add(targets)?;
        let bits = (format >> 8) as u8;
        let recipe = Recipe {
            seed: Seed(u64::from(seed_low) | u64::from(seed_high) << 32),
            stream,
            sources: Members { first: source, count: sources },
            targets: Members { first: target, count: targets },
            pattern,
            no_self: format >> 16 & 1 == 1,
            weight: match weight {
                CONSTANT => Weight::Constant(weights[0]),
                _ => law_of((weight, weights)).map(|(law, within)| Weight::Drawn(law, within))?,
            },
            format: WeightFormat { frac: format as u8 as i8, bits },
            delay: match delay {
                CONSTANT => Delay::Ticks(delays[0] as u32),
                _ => law_of((delay, delays)).map(|(law, within)| Delay::Drawn(law, within))?,
            },
            ticks_per_second: number(28)?,
            extra: extra as i32,
        };
        // What is written again is the same, so nothing was left unread.
        ((2..=16).contains(&bits) && recipe.head() == *head).then_some((recipe, length))
    }
}
