//! Weights: their units, and Dale's law.

use super::super::context::Elaborator;
use super::super::scope::Scope;
use super::super::value::{Eval, Value};
use super::Ends;
use super::pattern::{Connected, Given};
use crate::circuit::{Distribution, Law, LowRank, Pattern, Quantity, Sign, Within};
use crate::diagnostic::Diagnostic;
use crate::language::ast::{Expr, Project};
use crate::source::Span;
use crate::units::Dimension;

impl<'a> Elaborator<'a> {
    /// The weight of a projection; a factor where its pattern gives weights.
    pub(super) fn weight(
        &mut self,
        scope: &Scope<'a>,
        expr: Option<&'a Expr>,
        connected: &Connected,
        ends: &Ends,
        project: &'a Project,
    ) -> Eval<Quantity> {
        let rule = project.pattern.rule.span;
        let Some(expr) = expr else {
            self.given_alone(connected, ends, rule)?;
            let one = Quantity::Constant(1.0);
            return self.dale(one, connected, ends, rule);
        };
        let (quantity, found) = match self.eval(scope, expr)? {
            Value::Number(x, found) => (Quantity::Constant(x), Some(found)),
            Value::Zero => (Quantity::Constant(0.0), None),
            Value::Drawn(drawn) => (Quantity::Drawn(drawn.distribution.clone(), drawn.within), Some(drawn.dimension)),
            other => return Err(self.expected("a weight or a distribution of weights", &other, expr.span)),
        };
        let given = match connected.given {
            Given::Matrix(dimension) => dimension.unwrap_or_default(),
            Given::Nothing | Given::Column => Dimension::NUMBER,
        };
        if let (Some(found), Some(wanted)) = (found, ends.weight.over(given)) {
            self.weight_fits(wanted, found, ends, expr.span)?;
        }
        if matches!((&connected.pattern, &quantity), (Pattern::LowRank(_), Quantity::Drawn(..))) {
            let error = Diagnostic::error("E0602", "a low-rank matrix gives the weights: their factor is one number", expr.span);
            return Err(self.fail(error.help("write a number with its unit")));
        }
        self.dale(quantity, connected, ends, expr.span)
    }

    /// Whether the weights of a file say enough without a `weight` line. Numbers of a matrix file are in SI units.
    fn given_alone(&mut self, connected: &Connected, ends: &Ends, span: Span) -> Eval<()> {
        let unit = ends.weight.display_unit().0;
        match connected.given {
            Given::Matrix(Some(found)) => self.weight_fits(ends.weight, found, ends, span),
            Given::Matrix(None) => Ok(()),
            Given::Column if ends.weight.is_number() => Ok(()),
            Given::Column => {
                let error = Diagnostic::error("E0604", "the column `weight` of the list has no unit", span);
                Err(self.fail(
                    error
                        .said(format!("a {} is needed", ends.weight))
                        .help(format!("add `weight 1 {unit}`: it multiplies the column")),
                ))
            }
            Given::Nothing => {
                let error = Diagnostic::error("E0604", "this projection has no weight", span);
                let example = if unit.is_empty() { "weight 0.5".to_string() } else { format!("weight 1 {unit}") };
                Err(self.fail(error.help(format!("add a block: `{{ {example}; delay 1 ms }}`"))))
            }
        }
    }

    fn weight_fits(&mut self, wanted: Dimension, found: Dimension, ends: &Ends, span: Span) -> Eval<()> {
        if wanted == found {
            return Ok(());
        }
        let error = Diagnostic::error("E0603", format!("this weight must be a {wanted}"), span).said(format!("a {found}"));
        let error = match ends.payload {
            Some(payload) => error.label(ends.source_span, format!("emits a {payload}, which the weight multiplies")),
            None => error.label(ends.target_span, format!("this receptor takes a {}", ends.weight)),
        };
        let unit = wanted.display_unit().0;
        Err(self.fail(if unit.is_empty() {
            error.help("write a number without a unit")
        } else {
            error.help(format!("give it in {unit}"))
        }))
    }

    /// Enforces the sign of the source population; drawn weights are drawn again.
    fn dale(&mut self, quantity: Quantity, connected: &Connected, ends: &Ends, span: Span) -> Eval<Quantity> {
        let Some(sign) = self.circuit.populations[ends.source.population].sign else { return Ok(quantity) };
        let (low, high) = file_bounds(&connected.pattern);
        match quantity {
            Quantity::Constant(x) => {
                let products = [x * low, x * high];
                match products.into_iter().find(|w| wrong(sign, *w)) {
                    Some(w) => Err(self.wrong_sign(sign, w, ends, span)),
                    None => Ok(Quantity::Constant(x)),
                }
            }
            Quantity::Drawn(distribution, within) => {
                if low < 0.0 && high > 0.0 {
                    return Err(self.wrong_sign(sign, if sign == Sign::Excitatory { low } else { high }, ends, span));
                }
                // A file of negative factors turns the sign of what is drawn.
                let positive = (sign == Sign::Excitatory) != (low < 0.0);
                let allowed = allowed(positive, within);
                if allowed.low > allowed.high || !reaches(&distribution, positive) {
                    let (some, _) = typical(&distribution);
                    return Err(self.wrong_sign(sign, some, ends, span));
                }
                Ok(Quantity::Drawn(distribution, Some(allowed)))
            }
        }
    }

    fn wrong_sign(&mut self, sign: Sign, weight: f64, ends: &Ends, span: Span) -> super::Poisoned {
        let (word, wanted) = match sign {
            Sign::Excitatory => ("excitatory", "no weight below zero"),
            Sign::Inhibitory => ("inhibitory", "no weight above zero"),
        };
        let (unit, one) = ends.weight.display_unit();
        let name = self.circuit.populations[ends.source.population].name.clone();
        let shown = format!("{} {unit}", super::super::values::rounded(weight / one));
        let error = Diagnostic::error("E0605", format!("a weight of the wrong sign leaves the {word} population `{name}`"), span);
        let error = error.said(format!("{} here", shown.trim_end()));
        let error = match self.about[ends.source.population].polarity {
            Some(said) => error.label(said, format!("{wanted}, says this")),
            None => error,
        };
        self.fail(error.help("change the sign of the weight, or leave the word out (Dale's law)"))
    }
}

fn wrong(sign: Sign, weight: f64) -> bool {
    match sign {
        Sign::Excitatory => weight < 0.0,
        Sign::Inhibitory => weight > 0.0,
    }
}

/// Smallest and largest weight that a pattern gives; 1 where it gives none.
fn file_bounds(pattern: &Pattern) -> (f64, f64) {
    let bounds = |values: &mut dyn Iterator<Item = f64>| {
        values.fold(None, |b: Option<(f64, f64)>, x| Some(b.map_or((x, x), |(l, h)| (l.min(x), h.max(x))))).unwrap_or((0.0, 0.0))
    };
    match pattern {
        Pattern::Edges(edges) => edges.weight.as_ref().map_or((1.0, 1.0), |w| bounds(&mut w.iter().copied())),
        Pattern::Matrix { weights } => bounds(&mut weights.iter().copied()),
        Pattern::LowRank(factors) => bounds(&mut products(factors)),
        _ => (1.0, 1.0),
    }
}

fn products(factors: &LowRank) -> impl Iterator<Item = f64> + '_ {
    let rank = factors.rank.max(1) as usize;
    factors
        .m
        .chunks(rank)
        .flat_map(move |row| factors.n.chunks(rank).map(move |column| row.iter().zip(column).map(|(a, b)| a * b).sum()))
}

/// The bounds of drawn values with the sign's own.
fn allowed(positive: bool, within: Option<Within>) -> Within {
    let sign = if positive { Within { low: 0.0, high: f64::INFINITY } } else { Within { low: f64::NEG_INFINITY, high: 0.0 } };
    within.map_or(sign, |w| Within { low: w.low.max(sign.low), high: w.high.min(sign.high) })
}

/// Whether a distribution can give a value of this sign.
fn reaches(distribution: &Distribution, positive: bool) -> bool {
    let (low, high) = typical(distribution);
    if positive { high >= 0.0 } else { low <= 0.0 }
}

/// The smallest and largest value that a distribution can give.
fn typical(distribution: &Distribution) -> (f64, f64) {
    let toward = |x: f64| if x < 0.0 { (f64::NEG_INFINITY, 0.0) } else { (0.0, f64::INFINITY) };
    match distribution {
        // A normal number of ours lies within 6.3 standard deviations.
        Distribution::Law(Law::Normal { mean, std }) => (mean - 6.3 * std, mean + 6.3 * std),
        Distribution::Law(Law::Uniform { low, high }) => (*low, *high),
        Distribution::Law(Law::Lognormal { median, .. }) if *median < 0.0 => (f64::NEG_INFINITY, -f64::MIN_POSITIVE),
        Distribution::Law(Law::Lognormal { .. }) => (f64::MIN_POSITIVE, f64::INFINITY),
        Distribution::Law(Law::Exponential { mean }) => toward(*mean),
        Distribution::Choice(values) => {
            values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(*x), h.max(*x)))
        }
    }
}
