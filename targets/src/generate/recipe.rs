//! A projection as its description, and one column of it.

use super::law::{Law, LawDraws, NoDrawWithin, Within};
use super::pattern::{Column, Pattern};
use crate::random::{DrawSource, Purpose, Seed};

/// Longest delay on hardware, in ticks.
pub const MAX_DELAY: u32 = 65_535;

/// A run of neurons of a population.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Members {
    /// Index of the first.
    pub first: u32,
    /// How many.
    pub count: u32,
}

impl Members {
    /// The number of neuron `index` among them.
    #[inline]
    #[must_use]
    pub fn number(&self, index: u32) -> Option<u32> {
        index.checked_sub(self.first).filter(|n| *n < self.count)
    }
}

/// Weights of the synapses, in the receptor's unit over the event's unit (SI).
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Weight {
    /// The same for all.
    Constant(f64),
    /// Drawn for each.
    Drawn(Law, Option<Within>),
}

/// Delays of the synapses.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Delay {
    /// The same for all, in ticks.
    Ticks(u32),
    /// Drawn for each in seconds, rounded to the nearest tick, at least one.
    Drawn(Law, Option<Within>),
}

/// How a weight becomes an integer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WeightFormat {
    /// Fraction bits.
    pub frac: i8,
    /// Bits in all, 2 to 16.
    pub bits: u8,
}

impl WeightFormat {
    /// floor(w · 2^frac + 1/2), limited to the bits.
    ///
    /// ```
    /// use bouton_targets::generate::WeightFormat;
    /// let format = WeightFormat { frac: 4, bits: 8 };
    /// assert_eq!([0.5, -0.5, 0.04, -0.03125, 9.0, -9.0].map(|w| format.raw(w)), [8, -8, 1, 0, 127, -128]);
    /// ```
    #[inline]
    #[must_use]
    pub fn raw(self, weight: f64) -> i16 {
        let most = f64::from((1i32 << (self.bits.clamp(2, 16) - 1)) - 1);
        // A power of two as its bits: every exponent of 8 bits is that of a normal number.
        let scale = f64::from_bits(((1023 + i64::from(self.frac)) as u64) << 52);
        let scaled = (weight * scale + 0.5).max(-most - 1.0).min(most);
        let toward_zero = scaled as i32;
        (toward_zero - i32::from(f64::from(toward_zero) > scaled)) as i16
    }
}

/// A delay in whole ticks: rounded to the nearest (halves up), at least one.
#[inline]
#[must_use]
pub fn delay_ticks(seconds: f64, ticks_per_second: f64) -> u32 {
    ((seconds * ticks_per_second + 0.5) as u32).max(1)
}

/// Why a column cannot be made. Where the compiler made every column before, and the scratch is as large as the recipe says,
/// none of this happens.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum ColumnError {
    /// No weight that is drawn falls within its bounds.
    Weight(NoDrawWithin),
    /// No delay that is drawn falls within its bounds.
    Delay(NoDrawWithin),
    /// The scratch is smaller than [`Recipe::scratch_words`].
    Scratch,
}

/// A projection as its description.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Recipe<'a> {
    /// Seed of the circuit.
    pub seed: Seed,
    /// Stream of the projection's draws.
    pub stream: u32,
    /// Source neurons that take part.
    pub sources: Members,
    /// Target neurons that take part.
    pub targets: Members,
    /// Who connects to whom.
    pub pattern: Pattern<'a>,
    /// Whether source and target neurons of equal index are the same neuron, which may not connect to itself.
    pub no_self: bool,
    /// Weights.
    pub weight: Weight,
    /// Integers that weights become.
    pub format: WeightFormat,
    /// Delays.
    pub delay: Delay,
    /// Ticks in a second.
    pub ticks_per_second: f64,
    /// Ticks that the latencies of source and target add to every delay.
    pub extra: i32,
}

impl Recipe<'static> {
    /// The same with these numbers of synapses by target, from the first that takes part on, where the pattern needs any.
    #[must_use]
    pub fn with_counts<'a>(&self, counts: &'a [u32]) -> Recipe<'a> {
        match self.pattern {
            Pattern::FixedTotal { .. } => Recipe { pattern: Pattern::FixedTotal { first: 0, counts }, ..*self },
            _ => *self,
        }
    }
}

impl<'a> Recipe<'a> {
    /// The same for targets `first .. first + count` of the population alone: holds no counts of others.
    #[must_use]
    pub fn part(&self, first: u32, count: u32) -> Recipe<'a> {
        let Pattern::FixedTotal { first: counted, counts } = self.pattern else { return *self };
        // Numbers of targets that have a count and lie in the part.
        let from = first.saturating_sub(self.targets.first).max(counted);
        let end = first.saturating_add(count).saturating_sub(self.targets.first);
        let at = |number: u32| (number.saturating_sub(counted) as usize).min(counts.len());
        let counts = counts.get(at(from)..at(end).max(at(from))).unwrap_or(&[]);
        Recipe { pattern: Pattern::FixedTotal { first: from, counts }, ..*self }
    }

    /// Words of scratch that a column needs, the same for every target.
    #[must_use]
    pub fn scratch_words(&self) -> usize {
        self.pattern.scratch_words(self.sources.count)
    }

    /// The column of neuron `target` of the target population; `None` when it does not take part.
    #[inline]
    #[must_use]
    pub fn line(&self, target: u32) -> Option<Column> {
        let own = if self.no_self { self.sources.number(target) } else { None };
        Some(Column { target: self.targets.number(target)?, sources: self.sources.count, own })
    }

    /// How many synapses neuron `target` has, where that is known without drawing them.
    #[must_use]
    pub fn count(&self, target: u32) -> Option<u32> {
        self.line(target).map_or(Some(0), |column| self.pattern.count(&column))
    }

    /// Visits the synapses of neuron `target` of the target population: source neuron, weight, delay on hardware in ticks
    /// (1 to [`MAX_DELAY`]). The order is fixed, and the same neuron can be visited as often as wanted.
    ///
    /// # Errors
    /// See [`ColumnError`]: not for a recipe that the compiler took into an image, with enough scratch.
    #[inline]
    pub fn column(&self, target: u32, scratch: &mut [u32], visit: impl FnMut(u32, i16, u32)) -> Result<(), ColumnError> {
        let format = self.format;
        let extra = i64::from(self.extra);
        let hardware = move |ticks: u32| (i64::from(ticks) + extra).max(1).min(MAX_DELAY.into()) as u32;
        self.visit(target, scratch, move |weight| format.raw(weight), hardware, visit)
    }

    /// The same in real numbers: source neuron, weight in SI units, delay in ticks as the circuit means it.
    ///
    /// # Errors
    /// As [`Recipe::column`].
    #[inline]
    pub fn real_column(&self, target: u32, scratch: &mut [u32], visit: impl FnMut(u32, f64, u32)) -> Result<(), ColumnError> {
        self.visit(target, scratch, |weight| weight, |ticks| ticks, visit)
    }

    /// The first `count` weights (SI) and delays (ticks) of neuron `target`, without their sources.
    ///
    /// # Errors
    /// As [`Recipe::column`].
    #[inline]
    pub fn values(&self, target: u32, count: u32, mut visit: impl FnMut(f64, u32)) -> Result<(), ColumnError> {
        let mut weights = self.weights(target, |weight| weight);
        let mut delays = self.delays(target, |ticks| ticks);
        for _ in 0..count {
            visit(weights.next().map_err(ColumnError::Weight)?, delays.next().map_err(ColumnError::Delay)?);
        }
        Ok(())
    }

    #[inline]
    fn visit<W: Copy>(
        &self,
        target: u32,
        scratch: &mut [u32],
        weight: impl Fn(f64) -> W,
        delay: impl Fn(u32) -> u32,
        mut visit: impl FnMut(u32, W, u32),
    ) -> Result<(), ColumnError> {
        let Some(column) = self.line(target) else { return Ok(()) };
        let mut weights = self.weights(target, weight);
        let mut delays = self.delays(target, delay);
        let mut draws = DrawSource::new(self.seed, Purpose::Connect, self.stream, target);
        let mut failure = None;
        let first = self.sources.first;
        self.pattern.sources(&column, &mut draws, scratch, |source| {
            let value = weights.next().map_err(ColumnError::Weight);
            match value.and_then(|w| Ok((w, delays.next().map_err(ColumnError::Delay)?))) {
                Ok((weight, delay)) => visit(first.wrapping_add(source), weight, delay),
                Err(error) => failure = Some(error),
            }
            failure.is_none()
        })?;
        failure.map_or(Ok(()), Err)
    }

    #[inline]
    fn weights<W: Copy, F: Fn(f64) -> W>(&self, target: u32, of: F) -> Values<W, F> {
        match self.weight {
            Weight::Constant(w) => Values::Constant(of(w)),
            Weight::Drawn(law, within) => {
                let draws = DrawSource::new(self.seed, Purpose::Weight, self.stream, target);
                Values::Drawn(LawDraws::new(law, within, draws), of)
            }
        }
    }

    #[inline]
    fn delays<F: Fn(u32) -> u32>(&self, target: u32, of: F) -> Values<u32, impl Fn(f64) -> u32 + use<F>> {
        let ticks_per_second = self.ticks_per_second;
        match self.delay {
            Delay::Ticks(ticks) => Values::Constant(of(ticks)),
            Delay::Drawn(law, within) => {
                let draws = DrawSource::new(self.seed, Purpose::Delay, self.stream, target);
                Values::Drawn(LawDraws::new(law, within, draws), move |seconds| of(delay_ticks(seconds, ticks_per_second)))
            }
        }
    }
}

/// Successive values of a column.
#[allow(clippy::large_enum_variant, reason = "one of them lives on the stack while a column is made; nothing can be boxed here")]
enum Values<T, F> {
    Constant(T),
    Drawn(LawDraws, F),
}

impl<T: Copy, F: Fn(f64) -> T> Values<T, F> {
    #[inline]
    fn next(&mut self) -> Result<T, NoDrawWithin> {
        match self {
            Values::Constant(value) => Ok(*value),
            Values::Drawn(draws, of) => draws.next().map(of),
        }
    }
}
