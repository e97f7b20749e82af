//! Closed intervals of real numbers, rounded outwards enough to bound what f64 evaluates.

/// `low ..= high`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Interval {
    /// Low end.
    pub(crate) low: f64,
    /// High end.
    pub(crate) high: f64,
}

/// Relative widening after a computation in f64: far above its rounding, far below one unit of 31 bits.
const SLACK: f64 = 1e-14;

impl Interval {
    /// Only zero.
    pub(crate) const ZERO: Interval = Interval { low: 0.0, high: 0.0 };

    /// `low ..= high`.
    pub(crate) const fn new(low: f64, high: f64) -> Self {
        Interval { low, high }
    }

    /// From the ends in either order.
    pub(crate) fn spanning(a: f64, b: f64) -> Self {
        Interval { low: a.min(b), high: a.max(b) }
    }

    /// Largest magnitude in it.
    pub(crate) fn magnitude(self) -> f64 {
        self.low.abs().max(self.high.abs())
    }

    /// The smallest interval that holds both.
    pub(crate) fn hull(self, other: Self) -> Self {
        Interval { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    /// What lies in both; the nearer end of `other` where nothing does.
    pub(crate) fn clamped(self, other: Self) -> Self {
        Interval { low: self.low.clamp(other.low, other.high), high: self.high.clamp(other.low, other.high) }
    }

    /// Whether all of it lies in `other`.
    pub(crate) fn within(self, other: Self) -> bool {
        self.low >= other.low && self.high <= other.high
    }

    /// Whether `x` lies in it.
    pub(crate) fn contains(self, x: f64) -> bool {
        self.low <= x && x <= self.high
    }

    /// Whether both ends are numbers.
    pub(crate) fn is_finite(self) -> bool {
        self.low.is_finite() && self.high.is_finite()
    }

    /// Both ends moved out by `by`.
    pub(crate) fn widened(self, by: f64) -> Self {
        Interval { low: self.low - by, high: self.high + by }
    }

    /// Sum.
    pub(crate) fn plus(self, other: Self) -> Self {
        Interval { low: self.low + other.low, high: self.high + other.high }
    }

    /// Product.
    pub(crate) fn times(self, other: Self) -> Self {
        let ends = [self.low * other.low, self.low * other.high, self.high * other.low, self.high * other.high];
        // 0·∞ has no place in a bound: it is taken as zero.
        let ends = ends.map(|x| if x.is_nan() { 0.0 } else { x });
        Interval {
            low: ends.iter().fold(f64::INFINITY, |l, x| l.min(*x)),
            high: ends.iter().fold(f64::NEG_INFINITY, |h, x| h.max(*x)),
        }
        .slack()
    }

    /// Square.
    pub(crate) fn squared(self) -> Self {
        let high = self.magnitude() * self.magnitude();
        let least = if self.contains(0.0) { 0.0 } else { self.low.abs().min(self.high.abs()) };
        Interval { low: least * least, high }.slack()
    }

    /// Quotient; `other` does not contain zero.
    pub(crate) fn over(self, other: Self) -> Self {
        self.times(Interval::spanning(1.0 / other.low, 1.0 / other.high))
    }

    /// `f` of it, for a function that rises.
    pub(crate) fn rising(self, f: impl Fn(f64) -> f64) -> Self {
        Interval { low: f(self.low), high: f(self.high) }.slack()
    }

    /// Range of `a·x² + b·x` for x in it.
    pub(crate) fn quadratic(self, a: f64, b: f64) -> Self {
        let at = |x: f64| a * x * x + b * x;
        let ends = Interval::spanning(at(self.low), at(self.high));
        let vertex = -b / (2.0 * a);
        let all = if self.contains(vertex) { ends.hull(Interval::spanning(at(vertex), at(vertex))) } else { ends };
        all.widened(SLACK * (a.abs() * self.magnitude() * self.magnitude() + b.abs() * self.magnitude()))
    }

    /// Widened by the rounding of f64.
    pub(crate) fn slack(self) -> Self {
        // Each end by its own size: an end at zero stays there.
        Interval { low: self.low - SLACK * self.low.abs(), high: self.high + SLACK * self.high.abs() }
    }

    /// The part of it that is not below zero, when `is` says that nothing is.
    pub(crate) fn above_zero_if(self, is: bool) -> Self {
        if is { Interval { low: self.low.max(0.0), high: self.high.max(0.0) } } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quadratic_knows_its_vertex() {
        let i = Interval::new(-2.0, 1.0).quadratic(1.0, 2.0);
        assert!((i.low + 1.0).abs() < 1e-12 && (i.high - 3.0).abs() < 1e-12);
    }
}
