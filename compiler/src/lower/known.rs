//! Numbers known at compile time: one for all neurons of a population, or one for each.

use crate::circuit::Values;
use std::cmp::Ordering;
use std::sync::Arc;

/// A number that does not change over time.
#[derive(Clone, Debug)]
pub(crate) enum Known {
    /// The same for every neuron.
    Same(f64),
    /// One for each neuron, by index; not all equal.
    Each(Arc<[f64]>),
}

impl Known {
    /// Zero.
    pub(crate) const ZERO: Known = Known::Same(0.0);
    /// One.
    pub(crate) const ONE: Known = Known::Same(1.0);

    /// One value for each neuron; a single number where they are all equal.
    pub(crate) fn each(values: Vec<f64>) -> Known {
        match values.split_first() {
            None => Known::ZERO,
            // Bits, so that the two zeros stay what they are and a NaN is found later.
            Some((first, rest)) if rest.iter().all(|x| x.to_bits() == first.to_bits()) => Known::Same(*first),
            Some(_) => Known::Each(values.into()),
        }
    }

    /// The values of a population.
    pub(crate) fn from_values(values: &Values) -> Known {
        match values {
            Values::Uniform(x) => Known::Same(*x),
            Values::Each(xs) => Known::each(xs.clone()),
        }
    }

    /// The value of neuron `index`; zero for a neuron that does not exist.
    pub(crate) fn at(&self, index: usize) -> f64 {
        match self {
            Known::Same(x) => *x,
            Known::Each(xs) => xs.get(index).copied().unwrap_or(0.0),
        }
    }

    /// The single number, when it is one.
    pub(crate) fn same(&self) -> Option<f64> {
        match self {
            Known::Same(x) => Some(*x),
            Known::Each(_) => None,
        }
    }

    /// Whether it is `x` for every neuron.
    pub(crate) fn is(&self, x: f64) -> bool {
        self.same() == Some(x)
    }

    /// How many numbers it holds: 1 when they are all the same.
    pub(crate) fn len(&self) -> usize {
        match self {
            Known::Same(_) => 1,
            Known::Each(xs) => xs.len(),
        }
    }

    /// Smallest and largest.
    pub(crate) fn bounds(&self) -> (f64, f64) {
        match self {
            Known::Same(x) => (*x, *x),
            Known::Each(xs) => xs.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(*x), h.max(*x))),
        }
    }

    /// Largest magnitude.
    pub(crate) fn magnitude(&self) -> f64 {
        let (low, high) = self.bounds();
        low.abs().max(high.abs())
    }

    /// `f` of each.
    pub(crate) fn map(&self, f: impl Fn(f64) -> f64) -> Known {
        match self {
            Known::Same(x) => Known::Same(f(*x)),
            Known::Each(xs) => Known::each(xs.iter().map(|x| f(*x)).collect()),
        }
    }

    /// `f` of each pair.
    pub(crate) fn zip(&self, other: &Known, f: impl Fn(f64, f64) -> f64) -> Known {
        match (self, other) {
            (Known::Same(x), Known::Same(y)) => Known::Same(f(*x, *y)),
            (Known::Each(xs), Known::Same(y)) => Known::each(xs.iter().map(|x| f(*x, *y)).collect()),
            (Known::Same(x), Known::Each(ys)) => Known::each(ys.iter().map(|y| f(*x, *y)).collect()),
            (Known::Each(xs), Known::Each(ys)) => Known::each(xs.iter().zip(ys.iter()).map(|(x, y)| f(*x, *y)).collect()),
        }
    }

    /// Sum.
    pub(crate) fn plus(&self, other: &Known) -> Known {
        self.zip(other, |a, b| a + b)
    }

    /// Product.
    pub(crate) fn times(&self, other: &Known) -> Known {
        self.zip(other, |a, b| a * b)
    }
}

/// Total order by bits: only for finding equal ones.
impl Ord for Known {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Known::Same(a), Known::Same(b)) => a.total_cmp(b),
            (Known::Same(_), Known::Each(_)) => Ordering::Less,
            (Known::Each(_), Known::Same(_)) => Ordering::Greater,
            (Known::Each(a), Known::Each(b)) if Arc::ptr_eq(a, b) => Ordering::Equal,
            (Known::Each(a), Known::Each(b)) => {
                let differ = a.iter().zip(b.iter()).map(|(x, y)| x.total_cmp(y)).find(|o| o.is_ne());
                differ.unwrap_or(a.len().cmp(&b.len()))
            }
        }
    }
}

impl PartialOrd for Known {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Known {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Known {}
