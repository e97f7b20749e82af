//! Piecewise-linear tables for functions of one value, each with a proven error.
//!
//! Takes: a function, the range and binary point of its argument.  Gives: [`Fitted`].
//! Invariants: new: |table - function| ≤ `error` for every argument in the range: a chord over width h is off by at most
//!   h²/8·max|f''| (the maximum over each segment is evaluated, not sampled), and three roundings add at most 1.5 units and the
//!   slope's.
//! Cost: at most twice [`MOST_SEGMENTS`] evaluations to choose the width, and as many to fill it.
//! Source: own; the chord's bound is in any text on interpolation. Where f'' keeps its sign in a segment the chord is moved by
//!   half of its error, which halves it.

use super::format::{best_frac, ulp};
use super::graph::Function;
use super::interval::Interval;
use crate::diagnostic::Diagnostic;
use crate::numeric::expm::phi;
use crate::source::Span;
use bouton_targets::program::OwnedLookup;

/// Most segments of a table.
pub(crate) const MOST_SEGMENTS: u64 = 4096;
/// Where |tanh''| is largest: atanh(1/√3).
const TANH_BEND: f64 = 0.658_478_948_462_408_4;
/// Largest |tanh''|: 4/(3√3), rounded up.
const TANH_CURVATURE: f64 = 0.769_800_358_919_501_3;

/// A table and what is known of it.
#[derive(Clone, Debug)]
pub(crate) struct Fitted {
    /// The table.
    pub(crate) table: OwnedLookup,
    /// Fraction bits of its values.
    pub(crate) frac: i8,
    /// Range of its values.
    pub(crate) range: Interval,
    /// Largest distance from the function.
    pub(crate) error: f64,
    /// Largest slope of the function.
    pub(crate) steepest: f64,
}

/// A table, as `explain` shows it.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct TableReport {
    /// The function.
    pub(crate) function: Function,
    /// Range of the argument.
    pub(crate) argument: Interval,
    /// Number of segments.
    pub(crate) segments: usize,
    /// Largest error.
    pub(crate) error: f64,
}

/// Why a function has no table.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Problem {
    /// It is not defined on all of the argument's range.
    Domain,
    /// Its values are too large.
    TooLarge,
}

impl Problem {
    /// The error as the user sees it.
    pub(crate) fn diagnostic(self, function: Function, range: Interval, span: Span) -> Diagnostic {
        let name = name(function);
        let note = format!("its argument lies between {} and {} (SI)", range.low, range.high);
        match self {
            Problem::Domain => Diagnostic::error("E0804", format!("`{name}` is not defined for all values that can occur"), span)
                .help("limit the argument: `max(x, …)` or `clip(x, low, high)`"),
            Problem::TooLarge => Diagnostic::error("E0804", format!("`{name}` can become too large"), span)
                .help("limit the argument: `min(x, …)` or `clip(x, low, high)`"),
        }
        .note(note)
    }
}

/// Its name in text.
pub(crate) fn name(function: Function) -> String {
    match function {
        Function::Exp => "exp".to_string(),
        Function::Log => "log".to_string(),
        Function::Sqrt => "sqrt".to_string(),
        Function::Tanh => "tanh".to_string(),
        Function::Sigmoid => "sigmoid".to_string(),
        Function::Phi => "(exp(x) - 1)/x".to_string(),
        Function::Power(p) => format!("x^{}", f64::from_bits(p)),
    }
}

/// The function at `x`.
pub(crate) fn value_of(function: Function, x: f64) -> f64 {
    match function {
        Function::Exp => libm::exp(x),
        Function::Log => libm::log(x),
        Function::Sqrt => libm::sqrt(x),
        Function::Tanh => libm::tanh(x),
        Function::Sigmoid => sigmoid(x),
        Function::Phi => phi(x),
        Function::Power(p) => libm::pow(x, f64::from_bits(p)),
    }
}

fn sigmoid(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + libm::exp(-x))
    } else {
        let e = libm::exp(x);
        e / (1.0 + e)
    }
}

/// Sum of z^k/(k!·(k + n)): the derivatives of φ near zero.
fn phi_series(z: f64, n: f64) -> f64 {
    let (mut sum, mut term, mut k) = (0.0, 1.0, 0.0);
    while k < 24.0 {
        sum += term / (k + n);
        k += 1.0;
        term *= z / k;
    }
    sum
}

/// First derivative at `x`.
fn slope(function: Function, x: f64) -> f64 {
    match function {
        Function::Exp => libm::exp(x),
        Function::Log => 1.0 / x,
        Function::Sqrt => 0.5 / libm::sqrt(x),
        Function::Tanh => 1.0 - libm::tanh(x) * libm::tanh(x),
        Function::Sigmoid => sigmoid(x) * sigmoid(-x),
        Function::Phi if x.abs() < 1.0 => phi_series(x, 2.0),
        Function::Phi => (libm::exp(x) * (x - 1.0) + 1.0) / (x * x),
        Function::Power(p) => {
            let p = f64::from_bits(p);
            p * libm::pow(x, p - 1.0)
        }
    }
}

/// Second derivative at `x`.
fn bend(function: Function, x: f64) -> f64 {
    match function {
        Function::Exp => libm::exp(x),
        Function::Log => -1.0 / (x * x),
        Function::Sqrt => -0.25 / (x * libm::sqrt(x)),
        Function::Tanh => -2.0 * libm::tanh(x) * slope(Function::Tanh, x),
        // sigmoid(x) = 1/2 + tanh(x/2)/2
        Function::Sigmoid => bend(Function::Tanh, x / 2.0) / 8.0,
        Function::Phi if x.abs() < 1.0 => phi_series(x, 3.0),
        Function::Phi => (libm::exp(x) * (x * x - 2.0 * x + 2.0) - 2.0) / (x * x * x),
        Function::Power(p) => {
            let p = f64::from_bits(p);
            p * (p - 1.0) * libm::pow(x, p - 2.0)
        }
    }
}

/// Largest |f''| in a segment: all of these fall or rise between their ends, but for the bends of tanh and sigmoid.
fn curvature(function: Function, segment: Interval) -> f64 {
    let ends = bend(function, segment.low).abs().max(bend(function, segment.high).abs());
    let inner = |at: f64, most: f64| if segment.contains(at) || segment.contains(-at) { most } else { 0.0 };
    match function {
        Function::Tanh => ends.max(inner(TANH_BEND, TANH_CURVATURE)),
        Function::Sigmoid => ends.max(inner(2.0 * TANH_BEND, TANH_CURVATURE / 8.0)),
        _ => ends,
    }
}

/// Bound on the distance of the chord, and by how much to move it, over one segment.
fn chord(function: Function, segment: Interval) -> (f64, f64) {
    let h = segment.high - segment.low;
    if segment.low <= 0.0 && matches!(function, Function::Sqrt | Function::Power(_)) {
        // f'' is not bounded at zero; the function itself is.
        return (value_of(function, segment.high.max(0.0)).abs(), 0.0);
    }
    let full = h * h / 8.0 * curvature(function, segment);
    let (a, b) = (bend(function, segment.low), bend(function, segment.high));
    if a * b > 0.0 { (full / 2.0, -libm::copysign(full / 2.0, a)) } else { (full, 0.0) }
}

fn steepest(function: Function, range: Interval) -> f64 {
    let ends = slope(function, range.low).abs().max(slope(function, range.high).abs());
    match function {
        Function::Tanh if range.contains(0.0) => 1.0,
        Function::Sigmoid if range.contains(0.0) => 0.25,
        _ => ends,
    }
}

/// The part of the range on which the function is defined.
fn domain(function: Function, range: Interval, frac: i8) -> Result<Interval, Problem> {
    let least = match function {
        Function::Log => ulp(frac),
        Function::Power(p) if f64::from_bits(p) < 0.0 => ulp(frac),
        Function::Sqrt | Function::Power(_) => 0.0,
        _ => return Ok(range),
    };
    // What rounding alone takes below zero is taken as zero.
    let rounding = if least == 0.0 { range.magnitude() * 1e-6 } else { 0.0 };
    if range.low < least - rounding || range.high <= 0.0 {
        return Err(Problem::Domain);
    }
    Ok(Interval::new(range.low.max(least), range.high))
}

/// The smallest table of `function` over `range`, whose arguments have `frac` fraction bits, that is good enough: whose error
/// is at most `good` times the function's largest magnitude there.
pub(crate) fn fit(function: Function, range: Interval, frac: i8, good: f64) -> Result<Fitted, Problem> {
    let range = domain(function, range, frac)?;
    let scaled = |x: f64| libm::scalbn(x, frac.into());
    let low = libm::floor(scaled(range.low)).max(f64::from(i32::MIN)) as i32;
    let high = libm::ceil(scaled(range.high)).min(f64::from(i32::MAX)) as i32;
    let ends =
        Interval::spanning(value_of(function, f64::from(low) * ulp(frac)), value_of(function, f64::from(high) * ulp(frac)));
    if !ends.is_finite() || ends.magnitude() > ulp(-super::format::MOST_FRAC) {
        return Err(Problem::TooLarge);
    }
    let segments = Segments { function, frac, low, high };
    let (shift, error) = segments.choose(good * ends.magnitude());
    let mut out = best_frac(ends.widened(error));
    loop {
        let (table, slope_error) = segments.table(shift, out);
        let error = error + ulp(out) * (1.5 + slope_error) + ends.magnitude() * 1e-14;
        let range = ends.widened(error);
        if super::format::fits(range, out) || out <= -super::format::MOST_FRAC {
            let steepest = steepest(function, Interval::new(f64::from(low) * ulp(frac), f64::from(high) * ulp(frac)));
            return Ok(Fitted { table, frac: out, range, error, steepest });
        }
        out -= 1;
    }
}

struct Segments {
    function: Function,
    frac: i8,
    low: i32,
    high: i32,
}

impl Segments {
    fn count(&self, shift: u8) -> u64 {
        ((i64::from(self.high) - i64::from(self.low)) as u64 >> shift) + 1
    }

    fn segment(&self, at: u64, shift: u8) -> Interval {
        let start = i64::from(self.low) + ((at as i64) << shift);
        let end = start + (1i64 << shift);
        Interval::new(start as f64 * ulp(self.frac), end as f64 * ulp(self.frac))
    }

    fn error(&self, shift: u8) -> f64 {
        (0..self.count(shift)).map(|at| chord(self.function, self.segment(at, shift)).0).fold(0.0, f64::max)
    }

    /// The widest segments that are good enough, else the narrowest that there may be.
    fn choose(&self, good: f64) -> (u8, f64) {
        let mut shift = 31;
        let mut error = self.error(shift);
        while error > good && shift > 0 && self.count(shift - 1) <= MOST_SEGMENTS {
            shift -= 1;
            error = self.error(shift);
        }
        (shift, error)
    }

    /// The table, and what its rounded slopes add, in units of the last place.
    fn table(&self, shift: u8, out: i8) -> (OwnedLookup, f64) {
        let chords: Vec<(f64, f64)> = (0..self.count(shift))
            .map(|at| {
                let segment = self.segment(at, shift);
                let (_, moved) = chord(self.function, segment);
                let (a, b) = (value_of(self.function, segment.low), value_of(self.function, segment.high));
                (libm::scalbn(a + moved, out.into()), libm::scalbn(b - a, out.into()))
            })
            .collect();
        let rise = chords.iter().fold(1.0, |most: f64, (_, rise)| most.max(rise.abs()));
        let (_, exponent) = libm::frexp(rise);
        // slope·2^slope_shift must fit 32 bits; more than 16 bits beyond the last place say nothing.
        let slope_shift = (i32::from(shift) + (30 - exponent).min(16)).clamp(0, 62);
        let entries = chords
            .iter()
            .map(|(start, rise)| {
                let slope = libm::floor(libm::scalbn(*rise, slope_shift - i32::from(shift)) + 0.5);
                [super::code::wrap(libm::floor(start + 0.5)), slope.clamp(i32::MIN.into(), i32::MAX.into()) as i32]
            })
            .collect();
        let table = OwnedLookup { low: self.low, high: self.high, shift, slope_shift: slope_shift as u8, entries };
        (table, libm::scalbn(0.5, i32::from(shift) - slope_shift))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GOOD: f64 = 1.0 / 262_144.0;

    proptest! {
        #[test]
        fn error_holds(which in 0usize..7, a in -8.0f64..8.0, width in 0.001f64..16.0, at in 0.0f64..1.0) {
            let function = [Function::Exp, Function::Log, Function::Sqrt, Function::Tanh, Function::Sigmoid, Function::Phi,
                Function::Power(1.7f64.to_bits())][which];
            let low = if matches!(function, Function::Log | Function::Sqrt | Function::Power(_)) { a.abs() + 1e-3 } else { a };
            let range = Interval::new(low, low + width);
            let frac = best_frac(range);
            let fitted = fit(function, range, frac, GOOD).unwrap();
            let raw = ((low + at * width) * f64::exp2(frac.into())).floor() as i32;
            let exact = value_of(function, f64::from(raw) * ulp(frac));
            let got = f64::from(fitted.table.view().at(raw)) * ulp(fitted.frac);
            prop_assert!((got - exact).abs() <= fitted.error, "{got} is not {exact} within {}", fitted.error);
            prop_assert!(fitted.range.contains(got));
            prop_assert!(fitted.error < 1e-5 * fitted.range.magnitude() || which == 1 || which == 2);
        }
    }

    #[test]
    fn domain_is_checked() {
        assert_eq!(fit(Function::Log, Interval::new(-1.0, 1.0), 20, GOOD).map(|_| ()), Err(Problem::Domain));
        assert_eq!(fit(Function::Exp, Interval::new(0.0, 500.0), 20, GOOD).map(|_| ()), Err(Problem::TooLarge));
        assert!(fit(Function::Sqrt, Interval::new(0.0, 1.0), 30, GOOD).is_ok());
    }
}
