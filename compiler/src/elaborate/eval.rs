//! Evaluates expressions at compile time.

use super::context::Elaborator;
use super::scope::Scope;
use super::types::{self, Wanted};
use super::value::{Eval, Numbers, Poisoned, Value};
use crate::circuit::Within;
use crate::diagnostic::Diagnostic;
use crate::language::ast::{Arg, Binding, Call, Expr, ExprKind, Function, Ident, Interval, Let, Path};
use crate::source::Span;
use crate::units::{self, Dimension};
use std::rc::Rc;

/// Arrays within arrays.
const MAX_ARRAY_DEPTH: u32 = 32;

impl<'a> Elaborator<'a> {
    /// The value of an expression.
    pub(super) fn eval(&mut self, scope: &Scope<'a>, expr: &'a Expr) -> Eval<Value<'a>> {
        self.deeper(expr.span, |e| e.eval_kind(scope, expr))
    }

    fn eval_kind(&mut self, scope: &Scope<'a>, expr: &'a Expr) -> Eval<Value<'a>> {
        match &expr.kind {
            ExprKind::Number { value, unit } => self.literal(*value, unit.as_ref()),
            ExprKind::Text(text) => Ok(Value::Text(text.as_str().into())),
            ExprKind::Bool(truth) => Ok(Value::Truth(*truth)),
            ExprKind::Path(path) => self.path(scope, path),
            ExprKind::Call(call) => self.call(scope, call),
            ExprKind::Array(items) => self.list(scope, items, expr.span),
            ExprKind::Unary { op, operand } => {
                let value = self.eval(scope, operand)?;
                self.unary(*op, value, expr.span)
            }
            ExprKind::Binary { op, left, right } => self.binary(scope, *op, left, right, expr.span),
            ExprKind::If { condition, yes, no } => {
                let chosen = if self.truth(scope, condition)? { yes } else { no };
                self.eval(scope, chosen)
            }
            ExprKind::Range { low, high } => Ok(Value::Range(self.whole(scope, low)?, self.whole(scope, high)?)),
            ExprKind::Within { value, bounds } => self.within(scope, value, bounds),
            ExprKind::From(file) => self.numbers_of_file(scope, &file.value, file.span).map(|n| Value::Table(Rc::new(n))),
            ExprKind::Random(call) => {
                let error = Diagnostic::error("E0502", "`random` draws in every tick: it belongs into a neuron", call.span);
                Err(self.fail(error.help(format!("for a value that is drawn once write `{}(…)` alone", call.callee.text))))
            }
        }
    }

    fn literal(&mut self, value: f64, unit: Option<&Ident>) -> Eval<Value<'a>> {
        let Some(name) = unit else { return Ok(if value == 0.0 { Value::Zero } else { Value::number(value) }) };
        let Some(unit) = units::unit(&name.text) else { return Err(self.fail(unknown_unit(name))) };
        let si = units::scaled(value, unit.si);
        if !si.is_finite() {
            return Err(self.fail(Diagnostic::error("E0504", "this quantity is too large", name.span)));
        }
        Ok(Value::Number(si, unit.dimension))
    }

    fn list(&mut self, scope: &Scope<'a>, items: &'a [Expr], span: Span) -> Eval<Value<'a>> {
        self.step(items.len() as u64, span)?;
        // Every element is evaluated, so that all errors of an array are reported at once.
        let values: Vec<_> = items.iter().map(|item| self.eval(scope, item)).collect();
        let list = Value::list(values.into_iter().collect::<Eval<_>>()?);
        match &list {
            // Later stages walk arrays recursively.
            Value::List(items) if items.depth() > MAX_ARRAY_DEPTH => {
                let error = Diagnostic::error("E0415", format!("arrays are nested deeper than {MAX_ARRAY_DEPTH}"), span);
                Err(self.fail(error.help("a table of numbers belongs in a file")))
            }
            _ => Ok(list),
        }
    }

    /// A name with fields and subscripts; a unit when there is no such name.
    pub(super) fn path(&mut self, scope: &Scope<'a>, path: &'a Path) -> Eval<Value<'a>> {
        let root = match self.lookup(scope, &path.root)? {
            Some(value) => value,
            None => match units::unit(&path.root.text).filter(|_| path.steps.is_empty()) {
                Some(unit) => Value::Number(unit.si, unit.dimension),
                None if path.root.text == "tick" => Value::Number(self.tick()?, Dimension::TIME),
                None => return Err(self.unknown_name(scope, &path.root)),
            },
        };
        self.steps(scope, root, path.root.span, &path.steps)
    }

    /// `let`, also one of a file.
    pub(super) fn let_value(&mut self, scope: &Scope<'a>, binding: &'a Let) -> Eval<Value<'a>> {
        let value = self.eval(scope, &binding.value)?;
        match &binding.ty {
            Some(ty) => {
                let wanted = types::parameter(ty, &mut self.diagnostics)?;
                self.fits(&value, wanted, binding.value.span)?;
                Ok(value)
            }
            None => Ok(value),
        }
    }

    /// Whether a value is what a type says.
    pub(super) fn fits(&mut self, value: &Value<'a>, wanted: Wanted, span: Span) -> Eval<()> {
        match (wanted, value) {
            (_, Value::Poison) => Err(Poisoned),
            (Wanted::Quantity(_) | Wanted::Count, Value::Zero) => Ok(()),
            (Wanted::Quantity(d), Value::Number(_, found)) => self.same_dimension(d, *found, span),
            (Wanted::Quantity(d), Value::Table(n)) => n.dimension.map_or(Ok(()), |found| self.same_dimension(d, found, span)),
            (Wanted::Count, Value::Number(x, found)) => {
                self.same_dimension(Dimension::NUMBER, *found, span)?;
                self.count_of(*x, span).map(|_| ())
            }
            (Wanted::Quantity(_) | Wanted::Count, Value::List(items)) => {
                self.step(items.len() as u64, span)?;
                items.iter().try_for_each(|item| self.fits(item, wanted, span))
            }
            (Wanted::Truth, Value::Truth(_)) | (Wanted::Text, Value::Text(_)) => Ok(()),
            (Wanted::Quantity(d), Value::Drawn(drawn)) => self.same_dimension(d, drawn.dimension, span),
            _ => {
                let expected = match wanted {
                    Wanted::Quantity(d) => format!("a {d}"),
                    Wanted::Count => "a count".to_string(),
                    Wanted::Truth => "true or false".to_string(),
                    Wanted::Text => "a text".to_string(),
                };
                Err(self.expected(&expected, value, span))
            }
        }
    }

    /// Reports a value of the wrong kind.
    pub(super) fn expected(&mut self, expected: &str, found: &Value<'a>, span: Span) -> Poisoned {
        if matches!(found, Value::Poison) {
            return Poisoned;
        }
        let error = Diagnostic::error("E0408", format!("expected {expected}, found {}", found.kind()), span);
        let error = error.said(format!("this is {}", found.kind()));
        self.fail(match found {
            Value::Population(_) => error.help("`size(e)` is its number of neurons, `e.v` its state, `e.spike` its spikes"),
            Value::List(_) | Value::Table(_) => error.help("choose one of its elements: `x[0]`"),
            Value::Drawn(_) => error.help("a distribution gives values to populations, weights and delays only"),
            Value::Instance(_) => error.help("name one of its ports: `segment.burst`"),
            Value::Range(..) => error.help("a range is for loops and subscripts"),
            _ => error,
        })
    }

    /// Reports a quantity of another dimension.
    pub(super) fn same_dimension(&mut self, wanted: Dimension, found: Dimension, span: Span) -> Eval<()> {
        if wanted == found {
            return Ok(());
        }
        let error = Diagnostic::error("E0501", format!("expected a {wanted}, found a {found}"), span).said(format!("{found}"));
        let help = match (wanted.is_number(), found.is_number()) {
            (false, true) => format!("write its unit, as in `1 {}`", wanted.display_unit().0),
            (true, false) => format!("divide it by a {found}, as in `… / (1 {})`", found.display_unit().0),
            _ => format!("give it in {}", wanted.display_unit().0),
        };
        Err(self.fail(error.help(help)))
    }

    /// A quantity and what it measures; `None` for a literal `0`, which has every unit.
    pub(super) fn quantity(&mut self, scope: &Scope<'a>, expr: &'a Expr) -> Eval<(f64, Option<Dimension>)> {
        match self.eval(scope, expr)? {
            Value::Number(x, dimension) => Ok((x, Some(dimension))),
            Value::Zero => Ok((0.0, None)),
            other => Err(self.expected("a number", &other, expr.span)),
        }
    }

    /// A quantity of a dimension.
    pub(super) fn quantity_of(&mut self, scope: &Scope<'a>, expr: &'a Expr, wanted: Dimension) -> Eval<f64> {
        let (x, found) = self.quantity(scope, expr)?;
        self.same_dimension(wanted, found.unwrap_or(wanted), expr.span)?;
        Ok(x)
    }

    /// True or false.
    pub(super) fn truth(&mut self, scope: &Scope<'a>, expr: &'a Expr) -> Eval<bool> {
        match self.eval(scope, expr)? {
            Value::Truth(truth) => Ok(truth),
            other => {
                let error = Diagnostic::error("E0408", format!("expected a condition, found {}", other.kind()), expr.span);
                Err(self.fail(error.help("compare it with something: `x > 0`")))
            }
        }
    }

    /// A whole number.
    pub(super) fn whole(&mut self, scope: &Scope<'a>, expr: &'a Expr) -> Eval<i64> {
        let value = self.eval(scope, expr)?;
        self.whole_of(&value, expr.span)
    }

    /// A value as a whole number.
    pub(super) fn whole_of(&mut self, value: &Value<'a>, span: Span) -> Eval<i64> {
        let x = match value {
            Value::Zero => 0.0,
            Value::Number(x, dimension) => {
                self.same_dimension(Dimension::NUMBER, *dimension, span)?;
                *x
            }
            other => return Err(self.expected("a whole number", other, span)),
        };
        // Up to 2^53 every whole number is a f64 of its own.
        if x.fract() != 0.0 || x.abs() > 9_007_199_254_740_992.0 {
            let error = Diagnostic::error("E0503", format!("expected a whole number, found {x}"), span);
            return Err(self.fail(error.help("use `round(…)`, `floor(…)` or `ceil(…)` to say which one is meant")));
        }
        Ok(x as i64)
    }

    /// A whole number of at least zero, below 2^32.
    pub(super) fn count(&mut self, scope: &Scope<'a>, expr: &'a Expr) -> Eval<u32> {
        let x = self.quantity_of(scope, expr, Dimension::NUMBER)?;
        self.count_of(x, expr.span)
    }

    /// `x` as a whole number of at least zero, below 2^32.
    pub(super) fn count_of(&mut self, x: f64, span: Span) -> Eval<u32> {
        if x.fract() != 0.0 || x.is_nan() {
            let error = Diagnostic::error("E0503", format!("a count must be whole, this is {x}"), span);
            return Err(self.fail(error.help("use `round(…)`, `floor(…)` or `ceil(…)` to say which one is meant")));
        }
        if x < 0.0 {
            return Err(self.fail(Diagnostic::error("E0503", format!("a count cannot be negative, this is {x}"), span)));
        }
        if x > f64::from(u32::MAX) {
            return Err(self.fail(Diagnostic::error("E0503", format!("this count is too large: {x}"), span)));
        }
        Ok(x as u32)
    }

    fn within(&mut self, scope: &Scope<'a>, value: &'a Expr, bounds: &'a Interval) -> Eval<Value<'a>> {
        let drawn = match self.eval(scope, value)? {
            Value::Drawn(drawn) => drawn,
            other => return Err(self.expected("a distribution before `within`", &other, value.span)),
        };
        let low = self.quantity_of(scope, &bounds.low, drawn.dimension)?;
        let high = self.quantity_of(scope, &bounds.high, drawn.dimension)?;
        if low > high {
            let error = Diagnostic::error("E0506", "the lower bound lies above the upper bound", bounds.span);
            return Err(self.fail(error.help("write them the other way round")));
        }
        let mut drawn = (*drawn).clone();
        let both = |w: Within| Within { low: low.max(w.low), high: high.min(w.high) };
        drawn.within = Some(drawn.within.map_or(Within { low, high }, both));
        Ok(Value::Drawn(Rc::new(drawn)))
    }

    fn call(&mut self, scope: &Scope<'a>, call: &'a Call) -> Eval<Value<'a>> {
        self.step(1, call.span)?;
        match self.lookup(scope, &call.callee)? {
            Some(Value::Function(function, file)) => self.apply(scope, function, file, call),
            Some(Value::Cell(cell)) => self.apply_cell(scope, &cell, call),
            Some(Value::Circuit(..)) => {
                let error = Diagnostic::error("E0408", format!("`{}` is a circuit", call.callee.text), call.callee.span);
                Err(self.fail(error.help(format!("write `instance name: {}(…)`", call.callee.text))))
            }
            Some(Value::Synapse) => Err(self.no_learning(call.callee.span)),
            Some(other) => Err(self.expected("a function or a neuron model", &other, call.callee.span)),
            None => self.builtin(scope, call),
        }
    }

    fn apply(&mut self, scope: &Scope<'a>, function: &'a Function, file: usize, call: &'a Call) -> Eval<Value<'a>> {
        let mut body = Scope::new(file);
        let given = self.match_arguments(call, &function.parameters.iter().map(|p| p.name.text.as_str()).collect::<Vec<_>>())?;
        for (parameter, arg) in function.parameters.iter().zip(given) {
            let (value, span) = match (arg, &parameter.default) {
                (Some(arg), _) => (self.eval(scope, &arg.value)?, arg.value.span),
                (None, Some(default)) => (self.eval(&Scope::new(file), default)?, default.span),
                (None, None) => return Err(self.missing_argument(call, &parameter.name)),
            };
            let wanted = types::parameter(&parameter.ty, &mut self.diagnostics)?;
            self.fits(&value, wanted, span)?;
            body.bind(&parameter.name.text, value, Some(parameter.name.span));
        }
        let result = self.inside("calls", call.span, |e| e.eval(&body, &function.value))?;
        if let Some(ty) = &function.result {
            let wanted = types::parameter(ty, &mut self.diagnostics)?;
            self.fits(&result, wanted, function.value.span)?;
        }
        Ok(result)
    }

    /// Reports an argument that is needed.
    pub(super) fn missing_argument(&mut self, call: &Call, name: &Ident) -> Poisoned {
        let message = format!("`{}` needs a value for `{}`", call.callee.text, name.text);
        let error = Diagnostic::error("E0407", message, call.span).label(name.span, "it has no default");
        self.fail(error.help(format!("write `{}({} = …)`", call.callee.text, name.text)))
    }

    /// The argument for each of `names`, given by name or in order.
    pub(super) fn match_arguments(&mut self, call: &'a Call, names: &[&str]) -> Eval<Vec<Option<&'a Arg>>> {
        let mut given: Vec<Option<&'a Arg>> = vec![None; names.len()];
        let mut failed = false;
        for (place, arg) in call.args.iter().enumerate() {
            let slot = match &arg.binding {
                Binding::Position => Some(place),
                Binding::Name(name) => names.iter().position(|n| *n == name.text),
                Binding::Drive(_) => None,
            };
            match slot.and_then(|s| given.get_mut(s)) {
                Some(Some(_)) => {
                    self.fail(Diagnostic::error("E0406", "this argument is given twice", arg.span).help("remove one of them"));
                    failed = true;
                }
                Some(empty) => *empty = Some(arg),
                None => {
                    self.fail(unknown_argument(call, arg, names));
                    failed = true;
                }
            }
        }
        if failed { Err(Poisoned) } else { Ok(given) }
    }

    /// Numbers of an array or table: their shape, values and dimension (`None` for bare ones of a file).
    pub(super) fn numbers(&mut self, value: &Value<'a>, span: Span) -> Eval<Numbers> {
        match value {
            Value::Table(numbers) => Ok((**numbers).clone()),
            Value::Number(x, dimension) => Ok(Numbers { shape: Vec::new(), values: vec![*x], dimension: Some(*dimension) }),
            Value::Zero => Ok(Numbers { shape: Vec::new(), values: vec![0.0], dimension: None }),
            Value::List(items) => self.numbers_of_list(items, span),
            other => Err(self.expected("an array of numbers", other, span)),
        }
    }

    fn numbers_of_list(&mut self, items: &[Value<'a>], span: Span) -> Eval<Numbers> {
        self.step(items.len() as u64, span)?;
        let mut all: Option<Numbers> = None;
        for item in items {
            let one = self.numbers(item, span)?;
            let Some(all) = &mut all else {
                all = Some(one);
                continue;
            };
            if all.shape != one.shape {
                let message = format!("the rows of this array differ: shape {:?} and shape {:?}", all.shape, one.shape);
                return Err(self.fail(Diagnostic::error("E0510", message, span)));
            }
            if let (Some(first), Some(other)) = (all.dimension, one.dimension) {
                self.same_dimension(first, other, span)?;
            }
            all.dimension = all.dimension.or(one.dimension);
            all.values.extend(one.values);
        }
        let mut all = all.unwrap_or(Numbers { shape: Vec::new(), values: Vec::new(), dimension: None });
        all.shape.insert(0, items.len());
        Ok(all)
    }
}

fn unknown_unit(name: &Ident) -> Diagnostic {
    Diagnostic::error("E0501", format!("`{}` is not a unit", name.text), name.span)
        .help("units are s, Hz, V, A, S, ohm, F, C, m, M and mol with a prefix")
}

fn unknown_argument(call: &Call, arg: &Arg, names: &[&str]) -> Diagnostic {
    let what = &call.callee.text;
    let error = match &arg.binding {
        Binding::Name(name) => Diagnostic::error("E0406", format!("`{what}` has no argument `{}`", name.text), name.span),
        Binding::Drive(name) => Diagnostic::error("E0406", format!("`{what}` has no receptor `{}`", name.text), name.span),
        Binding::Position => Diagnostic::error("E0406", format!("`{what}` takes {} arguments", names.len()), arg.span),
    };
    let near = match &arg.binding {
        Binding::Name(name) => crate::diagnostic::did_you_mean(&name.text, names.iter().copied()),
        _ => None,
    };
    match near {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None if names.is_empty() => error.help(format!("`{what}` takes no arguments")),
        None => error.help(format!("its arguments are {}", names.join(", "))),
    }
}
