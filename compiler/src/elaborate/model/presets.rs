//! Checks defaults and initial values: an expression or a distribution, evaluated later for each population.

use super::names::{Checker, Reads};
use super::value::Type;
use crate::diagnostic::Diagnostic;
use crate::elaborate::builtin::DISTRIBUTIONS;
use crate::language::ast;
use crate::units::Dimension;
use ast::ExprKind as Form;

impl Checker<'_> {
    /// Checks that `expr` gives a value of dimension `wanted`; `what` names it in errors. Nothing is added to the model.
    pub(super) fn preset(&mut self, expr: &ast::Expr, wanted: Dimension, reads: Reads, what: &str) {
        let kept = (self.reads, std::mem::take(&mut self.model.exprs));
        self.reads = reads;
        self.preset_form(expr, wanted, what);
        (self.reads, self.model.exprs) = kept;
    }

    fn preset_form(&mut self, expr: &ast::Expr, wanted: Dimension, what: &str) {
        match &expr.kind {
            Form::Within { value, bounds } => {
                match &value.kind {
                    Form::Call(call) if arguments_of(call).is_some() => self.preset_form(value, wanted, what),
                    _ => self.error(
                        Diagnostic::error("E0221", "`within` follows a distribution", value.span)
                            .said("not a distribution")
                            .help("for example `normal(-65 mV, 5 mV) within -80 mV .. -50 mV`"),
                    ),
                }
                self.preset_value(&bounds.low, wanted, "the low end");
                self.preset_value(&bounds.high, wanted, "the high end");
            }
            Form::Call(call) => match arguments_of(call) {
                Some(names) => self.distribution(call, names, wanted),
                None => self.preset_value(expr, wanted, what),
            },
            _ => self.preset_value(expr, wanted, what),
        }
    }

    fn preset_value(&mut self, expr: &ast::Expr, wanted: Dimension, what: &str) {
        if let Some(value) = self.expression(expr) {
            self.wanted(value, Type::Real(wanted), what);
        }
    }

    fn distribution(&mut self, call: &ast::Call, names: &[&str], wanted: Dimension) {
        let Some(args) = self.arguments(call, names, names.len()) else { return };
        for (name, arg) in names.iter().zip(args) {
            let Some(arg) = arg else { continue };
            let (what, wanted) = (format!("`{name}`"), if *name == "sigma" { Dimension::NUMBER } else { wanted });
            match &arg.kind {
                Form::Array(values) if *name == "values" => {
                    values.iter().for_each(|value| self.preset_value(value, wanted, "each choice"));
                }
                _ => self.preset_value(arg, wanted, &what),
            }
        }
    }
}

fn arguments_of(call: &ast::Call) -> Option<&'static [&'static str]> {
    DISTRIBUTIONS.iter().find(|(name, _)| *name == call.callee.text).map(|(_, names)| *names)
}
