//! Neuron models with some of their parameters given: `lif_exp(tau_m = 20 ms)`, and again `cell(v = …)`.

use super::context::Elaborator;
use super::model::ModelTemplate;
use super::path::listed;
use super::scope::Scope;
use super::value::{Cell, Eval, GivenDrive, GivenModulator, ModulatorSource, Poisoned, Value};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::language::ast::{Arg, Binding, Call, ExprKind, Ident};
use crate::source::Span;
use crate::units::Dimension;
use std::collections::BTreeMap;
use std::rc::Rc;

impl<'a> Elaborator<'a> {
    /// Gives a model more of its parameters; what was given before is replaced.
    pub(super) fn apply_cell(&mut self, scope: &Scope<'a>, cell: &Rc<Cell<'a>>, call: &'a Call) -> Eval<Value<'a>> {
        let template = self.template(cell.neuron)?;
        let mut more = (**cell).clone();
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        let mut failed = false;
        for arg in &call.args {
            if let Binding::Name(name) | Binding::Drive(name) = &arg.binding
                && let Some(first) = seen.insert(&name.text, name.span)
            {
                let error = Diagnostic::error("E0406", format!("`{}` is given twice", name.text), name.span);
                self.fail(error.label(first, "first given here").help("remove one of them"));
                failed = true;
            }
            failed |= self.give(scope, template, &mut more, arg, &call.callee).is_err();
        }
        if failed { Err(Poisoned) } else { Ok(Value::Cell(Rc::new(more))) }
    }

    fn give(
        &mut self,
        scope: &Scope<'a>,
        template: &ModelTemplate,
        cell: &mut Cell<'a>,
        arg: &'a Arg,
        callee: &Ident,
    ) -> Eval<()> {
        let name = match &arg.binding {
            Binding::Name(name) => name,
            Binding::Drive(receptor) => return self.give_drive(scope, template, cell, arg, receptor),
            Binding::Position => {
                let error = Diagnostic::error("E0406", "the values of a model are given by name", arg.span);
                return Err(self.fail(error.help(format!("write `{}(name = …)`", callee.text))));
            }
        };
        let model = &template.model;
        if let Some(modulator) = model.modulators.values().iter().find(|m| m.name == name.text) {
            let given = self.modulator(scope, arg, modulator.dimension)?;
            cell.modulators.insert(name.text.clone(), given);
            return Ok(());
        }
        if let Some(delay) = &arg.delay {
            let error = Diagnostic::error("E0406", "only a modulator is read with a delay", delay.span);
            return Err(self.fail(error.said(format!("`{}` is no modulator", name.text))));
        }
        let param = model.params.values().iter().find(|p| p.name == name.text).map(|p| p.dimension);
        let state = model.states.values().iter().find(|s| s.name == name.text).map(|s| s.dimension);
        let Some(dimension) = param.or(state) else { return Err(self.unknown_parameter(template, name, callee)) };
        let value = self.eval(scope, &arg.value)?;
        self.gives(&value, dimension, arg.value.span)?;
        cell.values.insert(name.text.clone(), (value, arg.value.span));
        Ok(())
    }

    /// Whether a value can be one for each member: a quantity, a distribution, an array.
    pub(super) fn gives(&mut self, value: &Value<'a>, wanted: Dimension, span: Span) -> Eval<()> {
        match value {
            Value::Zero => Ok(()),
            Value::Number(_, found) => self.same_dimension(wanted, *found, span),
            Value::Drawn(drawn) => self.same_dimension(wanted, drawn.dimension, span),
            Value::Table(_) | Value::List(_) => {
                let found = self.numbers(value, span)?.dimension;
                found.map_or(Ok(()), |found| self.same_dimension(wanted, found, span))
            }
            other => Err(self.expected("a value, a distribution or one value for each neuron", other, span)),
        }
    }

    fn unknown_parameter(&mut self, template: &ModelTemplate, name: &Ident, callee: &Ident) -> Poisoned {
        let model = &template.model;
        let params: Vec<&str> = model.params.values().iter().map(|p| p.name.as_str()).collect();
        let states: Vec<&str> = model.states.values().iter().map(|s| s.name.as_str()).collect();
        let modulators = model.modulators.values().iter().map(|m| m.name.as_str());
        let message = format!("`{}` has no parameter or state `{}`", callee.text, name.text);
        let error = Diagnostic::error("E0406", message, name.span);
        let near = did_you_mean(&name.text, params.iter().chain(&states).copied().chain(modulators));
        let error = if let Some(near) = near {
            error.help(format!("did you mean `{near}`?"))
        } else if model.receptors.values().iter().any(|r| r.name == name.text) {
            error.help(format!("it is a receptor: a drive is written `{} <- poisson(rate = …, weight = …)`", name.text))
        } else {
            error.help(format!("parameters: {}; states: {}", listed(&params), listed(&states)))
        };
        self.fail(error)
    }

    fn give_drive(
        &mut self,
        scope: &Scope<'a>,
        template: &ModelTemplate,
        cell: &mut Cell<'a>,
        arg: &'a Arg,
        receptor: &Ident,
    ) -> Eval<()> {
        let Some(known) = template.model.receptors.values().iter().find(|r| r.name == receptor.text) else {
            let names: Vec<&str> = template.model.receptors.values().iter().map(|r| r.name.as_str()).collect();
            let message = format!("`{}` has no receptor `{}`", template.model.name, receptor.text);
            let error = Diagnostic::error("E0412", message, receptor.span);
            let help = did_you_mean(&receptor.text, names.iter().copied())
                .map_or_else(|| format!("its receptors: {}", listed(&names)), |near| format!("did you mean `{near}`?"));
            return Err(self.fail(error.help(help)));
        };
        let call = match &arg.value.kind {
            ExprKind::Call(call) if call.callee.text == "poisson" => call,
            _ => {
                let error = Diagnostic::error("E0406", "a drive is a Poisson process", arg.value.span);
                return Err(self.fail(error.help(format!("write `{} <- poisson(rate = …, weight = …)`", receptor.text))));
            }
        };
        let [rate, weight] = self.exactly::<2>(call, ["rate", "weight"])?;
        let (rate_value, weight_value) = (self.eval(scope, &rate.value)?, self.eval(scope, &weight.value)?);
        self.gives(&rate_value, Dimension::RATE, rate.value.span)?;
        self.gives(&weight_value, known.dimension, weight.value.span)?;
        let (rate, weight) = ((rate_value, rate.value.span), (weight_value, weight.value.span));
        cell.drives.insert(receptor.text.clone(), GivenDrive { rate, weight });
        Ok(())
    }

    fn modulator(&mut self, scope: &Scope<'a>, arg: &'a Arg, dimension: Dimension) -> Eval<GivenModulator> {
        let (source, found) = match self.eval(scope, &arg.value)? {
            Value::Number(x, found) => (ModulatorSource::Constant(x), found),
            Value::Zero => (ModulatorSource::Constant(0.0), dimension),
            Value::State(view, state) => {
                self.single(&view, arg.value.span)?;
                let found = self.circuit.model_of(view.population).map(|m| m.states[state].dimension).ok_or(Poisoned)?;
                let delay = match &arg.delay {
                    Some(delay) => {
                        let seconds = self.quantity_of(scope, delay, Dimension::TIME)?;
                        self.whole_ticks(seconds, delay.span, 1)?
                    }
                    None => 1,
                };
                (ModulatorSource::State { view, state, delay }, found)
            }
            other => return Err(self.expected("a state of one neuron (`astro[0].ca`) or a number", &other, arg.value.span)),
        };
        self.same_dimension(dimension, found, arg.value.span)?;
        Ok(GivenModulator { source, span: arg.span })
    }
}
