//! One value for each member of a population: the same for all, drawn, or written out.

use super::context::Elaborator;
use super::scope::Scope;
use super::value::{Drawn, Eval, Poisoned, Value};
use crate::circuit::Values;
use crate::diagnostic::Diagnostic;
use crate::draw::{self, DrawSource};
use crate::language::ast::{Expr, ExprKind, Path, StepKind, Subscript};
use crate::source::Span;
use crate::units::Dimension;
use bouton_targets::random::Purpose;
use std::collections::BTreeMap;

/// Values of one population that are drawn at most; each has a stream of its own.
const SLOTS: u32 = 1024;

/// The members that values are for.
pub(super) struct Members {
    /// Extents.
    pub shape: Vec<u32>,
    /// The population's number: its streams of draws begin here.
    pub stream: u32,
}

impl Members {
    /// How many.
    pub fn size(&self) -> u32 {
        self.shape.iter().product()
    }
}

/// Parameters that differ between members.
pub(super) type Varying = BTreeMap<String, (Vec<f64>, Dimension)>;

impl<'a> Elaborator<'a> {
    /// A value for each member; `slot` tells the values of one population apart.
    pub(super) fn members(
        &mut self,
        value: &Value<'a>,
        dimension: Dimension,
        to: &Members,
        slot: u32,
        span: Span,
    ) -> Eval<Values> {
        self.gives(value, dimension, span)?;
        match value {
            Value::Number(x, _) => Ok(Values::Uniform(*x)),
            Value::Zero => Ok(Values::Uniform(0.0)),
            Value::Drawn(drawn) => {
                let each = (0..to.size()).map(|index| self.draw(drawn, to, slot, index, span));
                each.collect::<Eval<_>>().map(Values::Each)
            }
            _ => {
                let numbers = self.numbers(value, span)?;
                let full: Vec<usize> = to.shape.iter().map(|n| *n as usize).collect();
                let flat = vec![to.size() as usize];
                if numbers.shape != full && numbers.shape != flat {
                    let message = format!("expected one value for each neuron, shape {full:?}, found shape {:?}", numbers.shape);
                    let error = Diagnostic::error("E0510", message, span);
                    return Err(self.fail(error.help("give the population this size, or the file that shape")));
                }
                if numbers.values.iter().any(|x| !x.is_finite()) {
                    return Err(self.fail(Diagnostic::error("E0512", "these values are not all finite", span)));
                }
                Ok(Values::Each(numbers.values))
            }
        }
    }

    fn draw(&mut self, drawn: &Drawn, to: &Members, slot: u32, index: u32, span: Span) -> Eval<f64> {
        let stream = to.stream.wrapping_mul(SLOTS).wrapping_add(slot);
        let mut source = DrawSource::new(self.seed, Purpose::Value, stream, index);
        match draw::sample(&drawn.distribution, drawn.within, &mut source) {
            Ok(x) => {
                // One draw in most cases; narrow bounds may take thousands for each neuron.
                self.step(u64::from(source.next_draw()) / 64, span)?;
                Ok(x)
            }
            Err(e) => {
                let message = format!("none of {} draws fell within the bounds", e.draws);
                Err(self
                    .fail(Diagnostic::error("E0507", message, span).help("widen the bounds, or move the distribution into them")))
            }
        }
    }

    /// A model's own default for each member: evaluated once, or for each where it reads parameters that differ.
    pub(super) fn default_values(
        &mut self,
        known: &Scope<'a>,
        varying: &Varying,
        default: &'a Expr,
        dimension: Dimension,
        to: &Members,
        slot: u32,
    ) -> Eval<Values> {
        let needed: Vec<_> = varying.iter().filter(|(name, _)| mentions(default, name)).collect();
        if needed.is_empty() {
            let value = self.eval(known, default)?;
            return self.members(&value, dimension, to, slot, default.span);
        }
        let mut scope = known.clone();
        let mut each = Vec::with_capacity(to.size() as usize);
        self.step(u64::from(to.size()) / 16, default.span)?;
        for index in 0..to.size() {
            for (name, (values, dimension)) in &needed {
                let x = values.get(index as usize).copied().ok_or(Poisoned)?;
                scope.bind(name, Value::Number(x, *dimension), None);
            }
            each.push(match self.eval(&scope, default)? {
                Value::Drawn(drawn) => {
                    self.same_dimension(dimension, drawn.dimension, default.span)?;
                    self.draw(&drawn, to, slot, index, default.span)?
                }
                Value::Number(x, found) => {
                    self.same_dimension(dimension, found, default.span)?;
                    x
                }
                Value::Zero => 0.0,
                other => return Err(self.expected("a value", &other, default.span)),
            });
        }
        Ok(Values::Each(each))
    }

    /// A time as a whole number of ticks, at least `least`.
    pub(super) fn whole_ticks(&mut self, seconds: f64, span: Span, least: u32) -> Eval<u32> {
        let tick = self.tick()?;
        let ticks = seconds / tick;
        let nearest = libm::round(ticks);
        // Decimal fractions are off by rounding errors; a user's mistake is off by far more.
        if (ticks - nearest).abs() > 1e-6 * nearest.abs().max(1.0) {
            let show = |n: f64| milliseconds(n * tick);
            let message = format!("{} is not a whole number of ticks of {}", milliseconds(seconds), milliseconds(tick));
            let error = Diagnostic::error("E0511", message, span);
            let (below, above) = (libm::floor(ticks).max(f64::from(least)), libm::ceil(ticks).max(f64::from(least)));
            let help = if below < above {
                format!("the nearest are {} and {}", show(below), show(above))
            } else {
                format!("the nearest is {}", show(above))
            };
            return Err(self.fail(error.help(help)));
        }
        if nearest < f64::from(least) {
            let message = if seconds < 0.0 { "this time is negative" } else { "at least one tick is needed here" };
            return Err(self.fail(Diagnostic::error("E0511", message, span).said(milliseconds(seconds))));
        }
        if nearest > f64::from(u32::MAX) {
            return Err(self.fail(Diagnostic::error("E0511", "this is more than 2^32 ticks", span)));
        }
        Ok(nearest as u32)
    }
}

/// A time as a person reads it.
pub(super) fn milliseconds(seconds: f64) -> String {
    format!("{} ms", rounded(seconds * 1e3))
}

/// A number without the digits that only binary fractions have.
pub(super) fn rounded(x: f64) -> f64 {
    let scaled = libm::round(x * 1e9);
    if scaled.abs() < 9e15 { scaled / 1e9 } else { x }
}

/// Whether an expression reads a name.
pub(super) fn mentions(expr: &Expr, name: &str) -> bool {
    let any = |exprs: &[&Expr]| exprs.iter().any(|e| mentions(e, name));
    match &expr.kind {
        ExprKind::Number { .. } | ExprKind::Text(_) | ExprKind::Bool(_) | ExprKind::From(_) => false,
        ExprKind::Path(path) => path_mentions(path, name),
        ExprKind::Call(call) | ExprKind::Random(call) => call.args.iter().any(|arg| mentions(&arg.value, name)),
        ExprKind::Array(items) => items.iter().any(|item| mentions(item, name)),
        ExprKind::Unary { operand, .. } => mentions(operand, name),
        ExprKind::Binary { left, right, .. } => any(&[left, right]),
        ExprKind::If { condition, yes, no } => any(&[condition, yes, no]),
        ExprKind::Range { low, high } => any(&[low, high]),
        ExprKind::Within { value, bounds } => any(&[value, &bounds.low, &bounds.high]),
    }
}

fn path_mentions(path: &Path, name: &str) -> bool {
    let ends = |low: &Option<Expr>, high: &Option<Expr>| [low, high].into_iter().flatten().any(|e| mentions(e, name));
    path.root.text == name
        || path.steps.iter().any(|step| match &step.kind {
            StepKind::Field(_) => false,
            StepKind::Index(subscripts) => subscripts.iter().any(|s| match s {
                Subscript::At(at) => mentions(at, name),
                Subscript::Range { low, high } => ends(low, high),
            }),
        })
}
