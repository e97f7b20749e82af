//! The functions and distributions of compile time.

use super::context::Elaborator;
use super::scope::Scope;
use super::value::{Drawn, Eval, Poisoned, Value};
use crate::circuit::{Distribution, Law};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::language::ast::{Arg, Call};
use crate::source::Span;
use crate::units::Dimension;
use std::rc::Rc;

/// A function with its name.
type Named = (&'static str, fn(f64) -> f64);

/// Functions of pure numbers.
const OF_NUMBERS: &[Named] = &[
    ("exp", libm::exp),
    ("ln", libm::log),
    ("log", libm::log),
    ("log10", libm::log10),
    ("sin", libm::sin),
    ("cos", libm::cos),
    ("tanh", libm::tanh),
    ("sigmoid", |x| 1.0 / (1.0 + libm::exp(-x))),
    // Half away from zero, as people round.
    ("round", libm::round),
    ("floor", libm::floor),
    ("ceil", libm::ceil),
];

const OTHERS: &[&str] = &["abs", "heaviside", "sqrt", "min", "max", "clip", "len", "size", "sum"];

/// Distributions with the names of their arguments; `sigma` is a number, all others have the unit of what is drawn.
pub(super) const DISTRIBUTIONS: &[(&str, &[&str])] = &[
    ("normal", &["mean", "std"]),
    ("uniform", &["low", "high"]),
    ("lognormal", &["median", "sigma"]),
    ("exponential", &["mean"]),
    ("choice", &["values"]),
];

impl<'a> Elaborator<'a> {
    /// A call of something that the language itself defines.
    pub(super) fn builtin(&mut self, scope: &Scope<'a>, call: &'a Call) -> Eval<Value<'a>> {
        let name = call.callee.text.as_str();
        if let Some((_, names)) = DISTRIBUTIONS.iter().find(|(n, _)| *n == name) {
            return self.distribution(scope, call, names);
        }
        if let Some((_, function)) = OF_NUMBERS.iter().find(|(n, _)| *n == name) {
            let [arg] = self.exactly::<1>(call, ["x"])?;
            let value = self.eval(scope, &arg.value)?;
            return self.each_number(&value, *function, arg.value.span);
        }
        match name {
            "abs" | "sqrt" => self.root_or_absolute(scope, call),
            "heaviside" => {
                let [arg] = self.exactly::<1>(call, ["x"])?;
                let (x, _) = self.quantity(scope, &arg.value)?;
                Ok(Value::number(if x >= 0.0 { 1.0 } else { 0.0 }))
            }
            "min" | "max" => self.extreme(scope, call),
            "clip" => self.clip(scope, call),
            "len" | "size" | "sum" => self.measure(scope, call),
            _ => Err(self.unknown_function(scope, call)),
        }
    }

    fn unknown_function(&mut self, scope: &Scope<'a>, call: &Call) -> Poisoned {
        let name = &call.callee;
        let ours = OF_NUMBERS.iter().map(|(n, _)| *n).chain(OTHERS.iter().copied()).chain(DISTRIBUTIONS.iter().map(|(n, _)| *n));
        match did_you_mean(&name.text, ours) {
            Some(near) => {
                let error = Diagnostic::error("E0401", format!("`{}` is not defined", name.text), name.span);
                self.fail(error.help(format!("did you mean `{near}`?")))
            }
            None => self.unknown_name(scope, name),
        }
    }

    /// Exactly these arguments, by name or in order.
    pub(super) fn exactly<const N: usize>(&mut self, call: &'a Call, names: [&str; N]) -> Eval<[&'a Arg; N]> {
        let given = self.match_arguments(call, &names)?;
        if let Some((_, missing)) = given.iter().zip(names).find(|(arg, _)| arg.is_none()) {
            let message = format!("`{}` needs {}", call.callee.text, names.join(", "));
            let error = Diagnostic::error("E0407", message, call.span).said(format!("`{missing}` is missing"));
            return Err(self.fail(error.help(format!("write `{}({})`", call.callee.text, names.join(", ")))));
        }
        let given: Vec<&'a Arg> = given.into_iter().flatten().collect();
        given.try_into().map_err(|_| Poisoned)
    }

    /// A function of a number, or of each number of an array.
    fn each_number(&mut self, value: &Value<'a>, function: fn(f64) -> f64, span: Span) -> Eval<Value<'a>> {
        let mut numbers = self.numbers(value, span)?;
        self.step(numbers.values.len() as u64, span)?;
        self.same_dimension(Dimension::NUMBER, numbers.dimension.unwrap_or_default(), span)?;
        numbers.values.iter_mut().for_each(|x| *x = function(*x));
        numbers.dimension = Some(Dimension::NUMBER);
        if numbers.values.iter().any(|x| !x.is_finite()) {
            return Err(self.fail(Diagnostic::error("E0504", "no finite number comes out here", span)));
        }
        match numbers.values.as_slice() {
            [x] if numbers.shape.is_empty() => Ok(Value::number(*x)),
            _ => Ok(Value::Table(Rc::new(numbers))),
        }
    }

    fn finite(&mut self, x: f64, dimension: Dimension, span: Span) -> Eval<Value<'a>> {
        if x.is_finite() {
            return Ok(Value::Number(x, dimension));
        }
        Err(self.fail(Diagnostic::error("E0504", "no finite number comes out here", span)))
    }

    fn root_or_absolute(&mut self, scope: &Scope<'a>, call: &'a Call) -> Eval<Value<'a>> {
        let [arg] = self.exactly::<1>(call, ["x"])?;
        let (x, dimension) = self.quantity(scope, &arg.value)?;
        let Some(dimension) = dimension else { return Ok(Value::Zero) };
        if call.callee.text == "abs" {
            return Ok(Value::Number(x.abs(), dimension));
        }
        let Some(root) = dimension.root() else {
            let error = Diagnostic::error("E0501", format!("a {dimension} has no square root"), arg.span);
            return Err(self.fail(error.help("only squares of units do")));
        };
        self.finite(libm::sqrt(x), root, call.span)
    }

    fn extreme(&mut self, scope: &Scope<'a>, call: &'a Call) -> Eval<Value<'a>> {
        let values: Vec<_> = call.args.iter().map(|arg| Ok((self.eval(scope, &arg.value)?, arg.value.span))).collect();
        let values = values.into_iter().collect::<Eval<Vec<_>>>()?;
        let (mut best, mut dimension): (Option<f64>, Option<Dimension>) = (None, None);
        for (value, span) in values {
            let numbers = self.numbers(&value, span)?;
            if let (Some(first), Some(other)) = (dimension, numbers.dimension) {
                self.same_dimension(first, other, span)?;
            }
            dimension = dimension.or(numbers.dimension);
            let better = |b: f64, x: f64| if call.callee.text == "min" { b.min(x) } else { b.max(x) };
            best = numbers.values.iter().fold(best, |b, x| Some(b.map_or(*x, |b| better(b, *x))));
        }
        match best {
            Some(x) => Ok(Value::Number(x, dimension.unwrap_or_default())),
            None => Err(self.fail(Diagnostic::error("E0407", "this needs at least one number", call.span))),
        }
    }

    fn clip(&mut self, scope: &Scope<'a>, call: &'a Call) -> Eval<Value<'a>> {
        let [x, low, high] = self.exactly::<3>(call, ["x", "low", "high"])?;
        let (x, dimension) = self.quantity(scope, &x.value)?;
        let dimension = dimension.unwrap_or_default();
        let low = self.quantity_of(scope, &low.value, dimension)?;
        let high = self.quantity_of(scope, &high.value, dimension)?;
        Ok(Value::Number(x.max(low).min(high), dimension))
    }

    fn measure(&mut self, scope: &Scope<'a>, call: &'a Call) -> Eval<Value<'a>> {
        let [arg] = self.exactly::<1>(call, ["of"])?;
        let value = self.eval(scope, &arg.value)?;
        let span = arg.value.span;
        if call.callee.text == "sum" {
            let numbers = self.numbers(&value, span)?;
            return self.finite(numbers.values.iter().sum(), numbers.dimension.unwrap_or_default(), call.span);
        }
        Ok(Value::number(match (&value, call.callee.text.as_str()) {
            (Value::Population(view), "size") => f64::from(view.indices.len()),
            (Value::List(items), "len") => items.len() as f64,
            (Value::Range(low, high), "len") => high.saturating_sub(*low).max(0) as f64,
            (Value::Table(numbers), "len") => numbers.shape.first().copied().unwrap_or(1) as f64,
            (Value::Table(numbers), _) => numbers.values.len() as f64,
            (_, "len") => return Err(self.expected("an array", &value, span)),
            _ => return Err(self.expected("a population", &value, span)),
        }))
    }

    fn distribution(&mut self, scope: &Scope<'a>, call: &'a Call, names: &[&str]) -> Eval<Value<'a>> {
        let (distribution, dimension) = match names {
            [first, second] => self.distribution_of_two(scope, call, [first, second])?,
            [only] => {
                let [arg] = self.exactly::<1>(call, [only])?;
                let value = self.eval(scope, &arg.value)?;
                let numbers = self.numbers(&value, arg.value.span)?;
                let dimension = numbers.dimension.unwrap_or_default();
                match (call.callee.text.as_str(), numbers.values.as_slice()) {
                    ("choice", []) => return Err(self.bad_distribution(arg.span, "there is nothing to choose from")),
                    ("choice", _) => (Distribution::Choice(numbers.values), dimension),
                    (_, [mean]) if numbers.shape.is_empty() => (Distribution::Law(Law::Exponential { mean: *mean }), dimension),
                    _ => return Err(self.expected("a number", &value, arg.value.span)),
                }
            }
            _ => return Err(Poisoned),
        };
        Ok(Value::Drawn(Rc::new(Drawn { distribution, dimension, within: None })))
    }

    fn distribution_of_two(&mut self, scope: &Scope<'a>, call: &'a Call, names: [&str; 2]) -> Eval<(Distribution, Dimension)> {
        let [first, second] = self.exactly::<2>(call, names)?;
        let (a, of_first) = self.quantity(scope, &first.value)?;
        let (b, of_second) = self.quantity(scope, &second.value)?;
        let sigma = call.callee.text == "lognormal";
        let dimension = of_first.or(if sigma { None } else { of_second }).unwrap_or_default();
        let wanted = if sigma { Dimension::NUMBER } else { dimension };
        self.same_dimension(wanted, of_second.unwrap_or(wanted), second.value.span)?;
        let distribution = match call.callee.text.as_str() {
            "normal" if b < 0.0 => return Err(self.bad_distribution(second.span, "a standard deviation cannot be negative")),
            "normal" => Distribution::Law(Law::Normal { mean: a, std: b }),
            "uniform" if a > b => return Err(self.bad_distribution(call.span, "the low end lies above the high end")),
            "uniform" => Distribution::Law(Law::Uniform { low: a, high: b }),
            _ if b < 0.0 => return Err(self.bad_distribution(second.span, "sigma cannot be negative")),
            _ => Distribution::Law(Law::Lognormal { median: a, sigma: b }),
        };
        Ok((distribution, dimension))
    }

    fn bad_distribution(&mut self, span: Span, message: &str) -> Poisoned {
        let help = "a distribution is `normal(mean, std)`, `uniform(low, high)`, `lognormal(median, sigma)`, `exponential(mean)` or `choice([…])`";
        self.fail(Diagnostic::error("E0506", message, span).help(help))
    }
}
