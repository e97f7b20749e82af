//! Who is connected to whom.

use super::super::context::Elaborator;
use super::super::scope::Scope;
use super::super::value::{Eval, Poisoned, Value};
use super::Ends;
use crate::circuit::{IndexSet, Pattern};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::language::ast::{Expr, Project};
use crate::source::Span;
use crate::units::Dimension;
use std::collections::BTreeMap;

/// Pairs of neurons that are looked at one by one.
const MAX_PAIRS: u64 = 1 << 26;

const PATTERNS: &[&str] = &[
    "one_to_one",
    "all_to_all",
    "random",
    "fixed_in",
    "fixed_out",
    "fixed_total",
    "distance",
    "list",
    "matrix",
    "low_rank",
    "convolution",
];

/// A pattern with what it says about weights and delays.
pub(super) struct Connected {
    pub pattern: Pattern,
    pub allow_self: bool,
    pub allow_multiple: bool,
    /// Weights of a file or array.
    pub given: Given,
    /// Whether a list gives delays.
    pub has_delays: bool,
}

/// Weights that come with a pattern.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Given {
    /// None.
    Nothing,
    /// A column of a list: factors without a unit.
    Column,
    /// A matrix or the factors of one; `None` for bare numbers of a file.
    Matrix(Option<Dimension>),
}

impl<'a> Elaborator<'a> {
    /// The pattern of a projection.
    pub(super) fn pattern(&mut self, scope: &Scope<'a>, project: &'a Project, ends: &Ends) -> Eval<Connected> {
        let rule = &project.pattern.rule;
        let name = rule.callee.text.as_str();
        let mut connected = Connected {
            pattern: Pattern::AllToAll,
            allow_self: project.pattern.own.is_some_and(|f| f.allowed),
            allow_multiple: project.pattern.multiple.map_or(matches!(name, "fixed_total" | "fixed_in"), |f| f.allowed),
            given: Given::Nothing,
            has_delays: false,
        };
        let span = rule.span;
        connected.pattern = match name {
            "one_to_one" => {
                self.exactly::<0>(rule, [])?;
                self.one_to_one(ends, connected.allow_self, span)?
            }
            "all_to_all" => {
                self.exactly::<0>(rule, [])?;
                Pattern::AllToAll
            }
            "random" => {
                let [p] = self.exactly::<1>(rule, ["p"])?;
                Pattern::Random { p: self.probability(scope, &p.value)? }
            }
            "fixed_in" => {
                let [k] = self.exactly::<1>(rule, ["k"])?;
                let k_in = self.count(scope, &k.value)?;
                self.enough(k_in, ends.sources(), ends, &connected, k.value.span, "sources")?;
                Pattern::FixedIn { k: k_in }
            }
            "fixed_out" => {
                let [k] = self.exactly::<1>(rule, ["k"])?;
                let k_out = self.count(scope, &k.value)?;
                self.enough(k_out, ends.targets(), ends, &connected, k.value.span, "targets")?;
                Pattern::FixedOut { k: k_out }
            }
            "fixed_total" => {
                let [n] = self.exactly::<1>(rule, ["n"])?;
                self.fixed_total(scope, &n.value, ends, &connected)?
            }
            "distance" => {
                let [p] = self.exactly::<1>(rule, ["p"])?;
                self.distance(scope, &p.value, ends)?
            }
            "list" => self.list_pattern(scope, rule, ends, &mut connected)?,
            "matrix" => self.matrix(scope, rule, ends, &mut connected)?,
            "low_rank" => self.low_rank(scope, rule, ends, &mut connected)?,
            "convolution" => {
                let error = Diagnostic::error("E0613", "convolution comes with the NIR front end", rule.callee.span);
                return Err(self.fail(error.help("until then write the kernel out as a `list` or `matrix`")));
            }
            _ => return Err(self.unknown_pattern(name, rule.callee.span)),
        };
        Ok(connected)
    }

    fn unknown_pattern(&mut self, name: &str, span: Span) -> Poisoned {
        let error = Diagnostic::error("E0601", format!("`{name}` is not a pattern"), span);
        self.fail(match did_you_mean(name, PATTERNS.iter().copied()) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error.help(format!("patterns are {}", PATTERNS.join(", "))),
        })
    }

    fn one_to_one(&mut self, ends: &Ends, allow_self: bool, span: Span) -> Eval<Pattern> {
        let (sources, targets) = (ends.sources().len(), ends.targets().len());
        if sources != targets {
            let error = Diagnostic::error("E0610", "`one_to_one` needs as many sources as targets", span)
                .label(ends.source_span, format!("{sources} neurons"))
                .label(ends.target_span, format!("{targets} neurons"));
            return Err(self.fail(error.help(format!("choose a range of the larger one: `[0..{}]`", sources.min(targets)))));
        }
        if !allow_self && (0..sources).any(|i| ends.same_neuron(i, i)) {
            let error = Diagnostic::error("E0612", "this connects neurons to themselves", span);
            return Err(self.fail(error.help("write `one_to_one, self` if that is meant")));
        }
        Ok(Pattern::OneToOne)
    }

    fn probability(&mut self, scope: &Scope<'a>, expr: &'a Expr) -> Eval<f64> {
        let p = self.quantity_of(scope, expr, Dimension::NUMBER)?;
        if (0.0..=1.0).contains(&p) {
            return Ok(p);
        }
        let error = Diagnostic::error("E0602", format!("a probability lies in 0 .. 1, this is {p}"), expr.span);
        Err(self.fail(error.help("write `min(1, …)` if it may exceed one")))
    }

    /// Whether there are `k` different neurons to choose from.
    fn enough(&mut self, k: u32, from: &IndexSet, ends: &Ends, connected: &Connected, span: Span, what: &str) -> Eval<()> {
        let same = ends.source.population == ends.target.view.population && ends.sources() == ends.targets();
        let without_self = u32::from(same && !connected.allow_self);
        let there = from.len().saturating_sub(without_self);
        if k <= there || (connected.allow_multiple && there > 0) {
            return Ok(());
        }
        let error = Diagnostic::error("E0602", format!("there are only {there} {what} to choose {k} from"), span);
        Err(self.fail(error.help("write `, multiple` if a pair may be connected more than once")))
    }

    fn fixed_total(&mut self, scope: &Scope<'a>, expr: &'a Expr, ends: &Ends, connected: &Connected) -> Eval<Pattern> {
        let n = self.whole(scope, expr)?;
        let Ok(n) = u64::try_from(n) else {
            return Err(self.fail(Diagnostic::error("E0503", format!("a count cannot be negative, this is {n}"), expr.span)));
        };
        let pairs = u64::from(ends.sources().len()) * u64::from(ends.targets().len());
        if n > 0 && (pairs == 0 || (!connected.allow_multiple && n > pairs)) {
            let error = Diagnostic::error("E0602", format!("there are only {pairs} pairs for {n} connections"), expr.span);
            return Err(self.fail(error.help("write `, multiple` if a pair may be connected more than once")));
        }
        Ok(Pattern::FixedTotal { n })
    }

    /// The probability of each pair, from the distance of their places.
    fn distance(&mut self, scope: &Scope<'a>, expr: &'a Expr, ends: &Ends) -> Eval<Pattern> {
        let (from, to) = (self.shape_of(ends.source.population), self.shape_of(ends.target.view.population));
        if from.len() != to.len() {
            let message = format!("no distance between a grid {from:?} and a grid {to:?}");
            return Err(self.fail(Diagnostic::error("E0610", message, expr.span).help("both need the same number of dimensions")));
        }
        let pairs = u64::from(ends.sources().len()) * u64::from(ends.targets().len());
        if pairs > MAX_PAIRS {
            let message = format!("`distance` looks at every pair: {pairs} are more than {MAX_PAIRS}");
            let error = Diagnostic::error("E0614", message, expr.span);
            return Err(self.fail(error.help("connect ranges of the populations, or write the pairs into a `list`")));
        }
        self.step(pairs / 32, expr.span)?;
        // A source sits where it would sit in the targets' grid, cell centre on cell centre of the same field.
        let scale: Vec<f64> = from.iter().zip(&to).map(|(f, t)| f64::from(*t) / f64::from(*f)).collect();
        let place = |index: u32, shape: &[u32], scale: &[f64]| -> Vec<f64> {
            let coordinates = coordinates(index, shape);
            coordinates.iter().zip(scale).map(|(x, s)| (f64::from(*x) + 0.5) * s - 0.5).collect()
        };
        let ones = vec![1.0; to.len()];
        let targets: Vec<_> = ends.targets().iter().map(|t| place(t, &to, &ones)).collect();
        let mut known: BTreeMap<u64, f64> = BTreeMap::new();
        let mut inner = scope.clone();
        inner.enter();
        let mut probability = Vec::with_capacity(pairs as usize);
        for source in ends.sources().iter() {
            let here = place(source, &from, &scale);
            for there in &targets {
                let d = libm::sqrt(here.iter().zip(there).map(|(x, y)| (x - y) * (x - y)).sum());
                let p = match known.get(&d.to_bits()) {
                    Some(p) => *p,
                    None => {
                        inner.bind("d", Value::number(d), None);
                        let p = self.probability(&inner, expr)?;
                        known.insert(d.to_bits(), p);
                        p
                    }
                };
                probability.push(p);
            }
        }
        Ok(Pattern::Distance { probability })
    }

    fn shape_of(&self, population: crate::circuit::PopId) -> Vec<u32> {
        self.circuit.populations[population].shape.clone()
    }
}

/// Where a neuron sits in its grid.
fn coordinates(mut index: u32, shape: &[u32]) -> Vec<u32> {
    let mut all: Vec<u32> = shape
        .iter()
        .rev()
        .map(|extent| {
            let x = index % (*extent).max(1);
            index /= (*extent).max(1);
            x
        })
        .collect();
    all.reverse();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_are_row_major() {
        assert_eq!(coordinates(7, &[2, 4]), [1, 3]);
        assert_eq!(coordinates(5, &[6]), [5]);
    }
}
