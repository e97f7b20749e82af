//! Checks calls: the built-in functions, `total`, `random …`, and functions of the file, which are written out.

use super::names::{Checker, Entry, Reads, Symbol, per};
use super::types::dimension_of;
use super::value::{Meeting, Type, Value};
use crate::circuit::model::{BinaryOp, DrawKind, ExprKind, UnaryOp};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::language::ast;
use crate::source::Span;
use crate::units::Dimension;
use ast::Binding;

/// Functions that a neuron can compute.
pub(super) const FUNCTIONS: &[&str] = &[
    "abs",
    "clip",
    "exp",
    "floor",
    "heaviside",
    "ln",
    "log",
    "max",
    "min",
    "mul",
    "raw",
    "shift",
    "sigmoid",
    "sqrt",
    "tanh",
    "total",
];

/// Functions of numbers that only compile time can compute: for defaults and initial values.
const AT_COMPILE_TIME: &[&str] = &["ceil", "cos", "log10", "round", "sin"];

impl Checker<'_> {
    pub(super) fn call(&mut self, call: &ast::Call) -> Option<Value> {
        match call.callee.text.as_str() {
            "exp" => self.of_number(UnaryOp::Exp, call),
            "log" | "ln" => self.of_number(UnaryOp::Log, call),
            "tanh" => self.of_number(UnaryOp::Tanh, call),
            "sigmoid" => self.of_number(UnaryOp::Sigmoid, call),
            "floor" => self.of_number(UnaryOp::Floor, call),
            "heaviside" => {
                let x = self.only_argument(call)?;
                let (x, _) = self.real(x, "say `if x >= 0 then raw(1) else raw(0)` with one of them in the format you need")?;
                self.function_of(UnaryOp::Heaviside, x, Type::NUMBER, call.span)
            }
            "abs" => {
                let x = self.only_argument(call)?;
                let x = self.quantity(x)?;
                self.function_of(UnaryOp::Absolute, x, x.ty, call.span)
            }
            "sqrt" => self.square_root(call),
            "min" => self.extremum(BinaryOp::Min, call),
            "max" => self.extremum(BinaryOp::Max, call),
            "clip" => self.clip(call),
            "total" => self.total(call),
            "mul" => self.raw_multiply(call),
            "shift" => self.raw_shift(call),
            "raw" => self.raw_integer(call),
            name if AT_COMPILE_TIME.contains(&name) && matches!(self.reads, Reads::Params(_)) => {
                // Its value is computed from the text, later: any function of a number stands for it here.
                self.of_number(UnaryOp::Floor, call)
            }
            _ => self.user_function(call),
        }
    }

    /// The arguments of `call` in the order of `names`, of which the first `required` must be there.
    pub(super) fn arguments<'e>(
        &mut self,
        call: &'e ast::Call,
        names: &[&str],
        required: usize,
    ) -> Option<Vec<Option<&'e ast::Expr>>> {
        let mut found = vec![None; names.len()];
        for (position, arg) in call.args.iter().enumerate() {
            let at = match &arg.binding {
                Binding::Position => (position < names.len()).then_some(position),
                Binding::Name(name) => names.iter().position(|n| *n == name.text),
                Binding::Drive(_) => None,
            };
            match at.and_then(|at| found.get_mut(at)) {
                Some(slot @ None) if arg.delay.is_none() => *slot = Some(&arg.value),
                _ => return self.wrong_arguments(call, arg.span, names),
            }
        }
        if found.iter().take(required).any(Option::is_none) {
            return self.wrong_arguments(call, call.span, names);
        }
        Some(found)
    }

    fn wrong_arguments<T>(&mut self, call: &ast::Call, span: Span, names: &[&str]) -> Option<T> {
        let name = &call.callee.text;
        let said = if span == call.span { "an argument is missing" } else { "not expected here" };
        self.error(
            Diagnostic::error("E0219", format!("wrong arguments of `{name}`"), span)
                .said(said)
                .help(format!("it is `{name}({})`", names.join(", "))),
        );
        None
    }

    fn only_argument(&mut self, call: &ast::Call) -> Option<Value> {
        let x = self.arguments(call, &["x"], 1)?.into_iter().flatten().next()?;
        self.expression(x)
    }

    fn of_number(&mut self, op: UnaryOp, call: &ast::Call) -> Option<Value> {
        let x = self.only_argument(call)?;
        let x = self.number(x, &format!("`{}`", call.callee.text))?;
        self.function_of(op, x, Type::NUMBER, call.span)
    }

    fn square_root(&mut self, call: &ast::Call) -> Option<Value> {
        let x = self.only_argument(call)?;
        let (x, dimension) = self.real(x, "there is no square root of fixed-point values")?;
        let Some(root) = dimension.root() else {
            self.error(
                Diagnostic::error("E0205", "this unit has no square root", x.span)
                    .said(dimension.to_string())
                    .help("the square root needs even powers, for example mV^2"),
            );
            return None;
        };
        self.function_of(UnaryOp::Sqrt, x, Type::Real(root), call.span)
    }

    /// `min` and `max` of two values or more.
    fn extremum(&mut self, op: BinaryOp, call: &ast::Call) -> Option<Value> {
        if call.args.len() < 2 || call.args.iter().any(|arg| arg.binding != Binding::Position || arg.delay.is_some()) {
            return self.wrong_arguments(call, call.span, &["x", "y", "…"]);
        }
        let values: Vec<Option<Value>> = call.args.iter().map(|arg| self.expression(&arg.value)).collect();
        let meeting = Meeting { code: "E0203", message: "these units cannot be compared with each other", truths: false };
        let mut values = values.into_iter();
        let mut result = values.next()??;
        for value in values {
            let (a, b) = self.meet(result, value?, &meeting)?;
            result = self.operation(op, a, b, a.ty, call.span)?;
        }
        Some(result)
    }

    fn clip(&mut self, call: &ast::Call) -> Option<Value> {
        let args = self.arguments(call, &["x", "low", "high"], 3)?;
        let values: Vec<Option<Value>> = args.into_iter().flatten().map(|arg| self.expression(arg)).collect();
        let [x, low, high] = values[..] else { return None };
        let meeting = Meeting { code: "E0203", message: "a value is clipped to values in its own unit", truths: false };
        let (x, low) = self.meet(x?, low?, &meeting)?;
        let (x, high) = self.meet(x, high?, &meeting)?;
        // The upper end may have given a literal zero its unit.
        let low = self.adapt(low, x.ty)?;
        self.push(ExprKind::Clip(x.id, low.id, high.id), x.ty, call.span)
    }

    fn total(&mut self, call: &ast::Call) -> Option<Value> {
        let arg = self.arguments(call, &["receptor"], 1)?.into_iter().flatten().next()?;
        let name = match &arg.kind {
            ast::ExprKind::Path(path) => path.as_name(),
            _ => None,
        };
        let receptor = match name.and_then(|name| self.find(&name.text)).map(|entry| entry.symbol) {
            Some(Symbol::Receptor(receptor)) => receptor,
            Some(Symbol::Poison) => return None,
            _ => {
                self.error(
                    Diagnostic::error("E0219", "`total` needs a receptor of this neuron", arg.span)
                        .said("not a receptor")
                        .help("`total(r)` is the sum of the weights that arrive at receptor r"),
                );
                return None;
            }
        };
        if self.reads != Reads::Tick {
            self.error(
                Diagnostic::error("E0317", "`total` is not known before the network is built", call.span)
                    .said("read where only parameters and constants can be")
                    .help("use it in the lines of the tick"),
            );
            return None;
        }
        self.used.receptors.insert(receptor);
        let declared = &self.model.receptors[receptor];
        let ty = match declared.fixed {
            Some(bits) => Type::Fixed(bits),
            None => Type::Real(declared.dimension.over(per(self.per, receptor))?),
        };
        self.push(ExprKind::Total(receptor), ty, call.span)
    }

    /// `random normal(mean, std)`, `random uniform(low, high)`.
    pub(super) fn random(&mut self, call: &ast::Call, span: Span) -> Option<Value> {
        let names = match call.callee.text.as_str() {
            "normal" => ["mean", "std"],
            "uniform" => ["low", "high"],
            other => {
                self.error(
                    Diagnostic::error("E0218", format!("a neuron cannot draw from `{other}`"), call.callee.span)
                        .said("unknown distribution")
                        .help("in a tick it can draw `random normal(mean, std)` and `random uniform(low, high)`"),
                );
                return None;
            }
        };
        if self.reads != Reads::Tick {
            self.error(
                Diagnostic::error("E0317", "`random` draws in every tick", span)
                    .said("this is computed once, before the first tick")
                    .help(format!("leave `random` out: `{}(…)` is drawn once for each neuron", call.callee.text)),
            );
            return None;
        }
        let args = self.arguments(call, &names, 2)?;
        let values: Vec<Option<Value>> = args.into_iter().flatten().map(|arg| self.expression(arg)).collect();
        let [first, second] = values[..] else { return None };
        const SAY: &str = "draws are real numbers; a fixed-point model has none";
        let (first, second) = (self.real(first?, SAY), self.real(second?, SAY));
        let meeting = Meeting { code: "E0203", message: "both values of a distribution must have the same unit", truths: false };
        let (first, second) = self.meet(first?.0, second?.0, &meeting)?;
        let kind = match names[0] {
            "mean" => DrawKind::Normal { mean: first.id, std: second.id },
            _ => DrawKind::Uniform { low: first.id, high: second.id },
        };
        let number = self.model.draws;
        self.model.draws += 1;
        self.push(ExprKind::Draw { number, kind }, first.ty, span)
    }

    /// Writes out a function of the file: its parameters stand for the arguments, nothing else of the neuron is in sight.
    fn user_function(&mut self, call: &ast::Call) -> Option<Value> {
        let Some(function) = self.constants.function(&call.callee.text) else { return self.unknown_function(call) };
        if self.calls.contains(&function.name.text) {
            self.error(
                Diagnostic::error("E0316", format!("`{}` calls itself", function.name.text), call.span)
                    .said("written out, this would have no end")
                    .help("a function of numbers is an expression of its parameters"),
            );
            return None;
        }
        let names: Vec<&str> = function.parameters.iter().map(|p| p.name.text.as_str()).collect();
        let required = function.parameters.iter().rposition(|p| p.default.is_none()).map_or(0, |last| last + 1);
        let given: Vec<Option<ast::Expr>> =
            self.arguments(call, &names, required)?.into_iter().map(Option::<&ast::Expr>::cloned).collect();
        let mut entries = Vec::new();
        for (parameter, given) in function.parameters.iter().zip(given) {
            let value = match given.as_ref().or(parameter.default.as_ref()) {
                Some(arg) => self.expression(arg).and_then(|v| self.fits_type(v, &parameter.ty, &parameter.name.text)),
                None => None,
            };
            entries.push(Entry { name: parameter.name.text.clone(), symbol: Symbol::Argument(value), span: parameter.name.span });
        }
        let outer = (self.scope.len(), self.scope_base);
        self.scope_base = self.scope.len();
        self.scope.extend(entries);
        self.calls.push(function.name.text.clone());
        let value = self.expression(&function.value);
        self.calls.pop();
        self.scope.truncate(outer.0);
        self.scope_base = outer.1;
        match &function.result {
            Some(ty) => self.fits_type(value?, ty, &format!("what {} gives", function.name.text)),
            None => value,
        }
    }

    fn fits_type(&mut self, value: Value, ty: &ast::Type, what: &str) -> Option<Value> {
        let dimension: Dimension = dimension_of(ty, self.diagnostics)?;
        self.wanted(value, Type::Real(dimension), &format!("`{what}`"))
    }

    fn unknown_function(&mut self, call: &ast::Call) -> Option<Value> {
        let name = call.callee.text.as_str();
        let outside = self.constants.names();
        let known = FUNCTIONS.iter().copied().chain(outside.iter().map(String::as_str));
        let help = match (name, did_you_mean(name, known)) {
            ("normal" | "uniform", _) => format!("say `random {name}(…)` for a fresh draw in every tick"),
            (_, Some(near)) => format!("did you mean `{near}`?"),
            (_, None) => format!("a neuron can compute {}", FUNCTIONS.join(", ")),
        };
        self.error(
            Diagnostic::error("E0218", format!("there is no function `{name}`"), call.callee.span)
                .said("unknown function")
                .help(help),
        );
        None
    }
}
