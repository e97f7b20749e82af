//! Steps along a path: fields of instances and populations, subscripts of arrays and populations.

use super::context::Elaborator;
use super::scope::Scope;
use super::value::{Eval, Input, Instance, Poisoned, Value, View};
use crate::circuit::{IndexSet, PopulationKind};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::language::ast::{Ident, Step, StepKind, Subscript};
use crate::source::Span;
use crate::table::Id;
use std::rc::Rc;

/// What a subscript selects along one dimension: `low .. high`.
#[derive(Clone, Copy)]
struct Selected {
    low: u32,
    high: u32,
}

impl<'a> Elaborator<'a> {
    /// Follows steps from a value; the inside of an instance is closed.
    pub(super) fn steps(&mut self, scope: &Scope<'a>, root: Value<'a>, root_span: Span, steps: &'a [Step]) -> Eval<Value<'a>> {
        let (mut value, mut span) = (root, root_span);
        for step in steps {
            value = self.one_step(scope, value, span, step, false)?;
            span = span.to(step.span);
        }
        Ok(value)
    }

    /// Follows steps for `record`: through the inside of instances, and along whole arrays at once.
    pub(super) fn steps_inside(
        &mut self,
        scope: &Scope<'a>,
        root: Value<'a>,
        span: Span,
        steps: &'a [Step],
    ) -> Eval<Vec<Value<'a>>> {
        let Some((step, rest)) = steps.split_first() else { return Ok(vec![root]) };
        if let (Value::List(items), StepKind::Field(_)) = (&root, &step.kind) {
            self.step(items.len() as u64, span)?;
            let each: Vec<_> = items.iter().map(|item| self.steps_inside(scope, item.clone(), span, steps)).collect();
            return Ok(each.into_iter().collect::<Eval<Vec<_>>>()?.into_iter().flatten().collect());
        }
        let value = self.one_step(scope, root, span, step, true)?;
        self.steps_inside(scope, value, span.to(step.span), rest)
    }

    fn one_step(&mut self, scope: &Scope<'a>, value: Value<'a>, span: Span, step: &'a Step, inside: bool) -> Eval<Value<'a>> {
        match (&step.kind, value) {
            (_, Value::Poison) => Err(Poisoned),
            (StepKind::Field(name), Value::Instance(instance)) => self.member_of_instance(&instance, name, inside),
            (StepKind::Field(name), Value::Population(view)) => self.member_of_population(view, name),
            (StepKind::Field(name), Value::List(items)) => {
                let error = Diagnostic::error("E0408", format!("this is an array of {}", items.len()), span);
                Err(self.fail(error.label(name.span, "one element is needed here").help("choose one: `segment[0].burst`")))
            }
            (StepKind::Field(name), other) => {
                let error = Diagnostic::error("E0408", format!("{} has no parts", other.kind()), span);
                Err(self.fail(error.label(name.span, "nothing is called so in it")))
            }
            (StepKind::Index(subscripts), Value::Population(view)) => self.range_of(scope, &view, subscripts, step.span),
            (StepKind::Index(subscripts), Value::Receptor(input)) => {
                match self.range_of(scope, &input.view, subscripts, step.span)? {
                    Value::Population(view) => Ok(Value::Receptor(Input { view, ..input })),
                    other => Ok(other),
                }
            }
            (StepKind::Index(subscripts), other) => self.subscripts(scope, other, span, subscripts),
        }
    }

    fn member_of_instance(&mut self, instance: &Rc<Instance<'a>>, name: &Ident, inside: bool) -> Eval<Value<'a>> {
        if let Some(port) = instance.ports.get(&name.text) {
            return if matches!(port, Value::Poison) { Err(Poisoned) } else { Ok(port.clone()) };
        }
        let hidden = instance.inside.get(&name.text);
        match hidden {
            Some(Value::Poison) => return Err(Poisoned),
            Some(value) if inside => return Ok(value.clone()),
            _ => {}
        }
        let ports = instance.ports.keys().map(String::as_str);
        let error = if hidden.is_some() {
            Diagnostic::error("E0411", format!("`{}` is inside of `{}`", name.text, instance.path), name.span)
                .said("not a port")
                .help(format!("give the circuit a port: `port out {0} = {0}`, or `port in` for a receptor", name.text))
        } else {
            let error = Diagnostic::error("E0410", format!("`{}` has no port `{}`", instance.path, name.text), name.span);
            match did_you_mean(&name.text, ports.clone()) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None if instance.ports.is_empty() => error.help("its circuit has no ports; write `port in` or `port out` there"),
                None => error.help(format!("its ports are {}", ports.collect::<Vec<_>>().join(", "))),
            }
        };
        Err(self.fail(error))
    }

    fn member_of_population(&mut self, view: View, name: &Ident) -> Eval<Value<'a>> {
        if name.text == "spike" {
            return Ok(Value::Spikes(view));
        }
        let population = &self.circuit.populations[view.population];
        let title = population.name.clone();
        let PopulationKind::Neurons(neurons) = &population.kind else {
            let error = Diagnostic::error("E0412", format!("`{title}` is an input: it has no `{}`", name.text), name.span);
            return Err(self.fail(error.help("an input has its spikes and nothing else")));
        };
        let model = &self.circuit.models[neurons.model];
        if let Some((id, _)) = model.receptors.iter().find(|(_, r)| r.name == name.text) {
            return Ok(Value::Receptor(Input { view, receptor: id, accepts: None }));
        }
        if let Some((id, _)) = model.states.iter().find(|(_, s)| s.name == name.text) {
            return Ok(Value::State(view, id));
        }
        let receptors: Vec<&str> = model.receptors.values().iter().map(|r| r.name.as_str()).collect();
        let states: Vec<&str> = model.states.values().iter().map(|s| s.name.as_str()).collect();
        let message = format!("`{title}` has no receptor or state `{}`", name.text);
        let error = Diagnostic::error("E0412", message, name.span).said(format!("its model is `{}`", model.name));
        let error = match did_you_mean(&name.text, receptors.iter().chain(&states).copied()) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error.help(format!("receptors: {}; states: {}", listed(&receptors), listed(&states))),
        };
        Err(self.fail(error))
    }

    /// Some neurons of a view; a subscript per dimension.
    fn range_of(&mut self, scope: &Scope<'a>, view: &View, subscripts: &'a [Subscript], span: Span) -> Eval<Value<'a>> {
        if subscripts.len() != view.shape.len() {
            let message = format!("expected {} subscripts, found {}", view.shape.len(), subscripts.len());
            let name = &self.circuit.populations[view.population].name;
            let error = Diagnostic::error("E0413", message, span).note(format!("`{name}` has the shape {:?}", view.shape));
            return Err(self.fail(error.help("`..` takes all of a dimension: `img[.., 3..5]`")));
        }
        let extents = view.shape.clone();
        let chosen: Vec<_> =
            subscripts.iter().zip(extents.iter()).map(|(s, extent)| self.selected(scope, s, *extent, span)).collect();
        let chosen = chosen.into_iter().collect::<Eval<Vec<_>>>()?;
        let shape: Rc<[u32]> = chosen.iter().map(|c| c.high - c.low).collect();
        // Copying indices is cheap work, but a loop could ask for it without end.
        self.step(shape.iter().map(|n| u64::from(*n)).product::<u64>() / 64, span)?;
        let mut flat: Vec<u32> = vec![0];
        for (choice, extent) in chosen.iter().zip(extents.iter()) {
            flat = flat.iter().flat_map(|base| (choice.low..choice.high).map(move |i| base * extent + i)).collect();
        }
        let indices = flat.into_iter().map(|n| view.indices.nth(n)).collect();
        Ok(Value::Population(View { population: view.population, shape, indices: Rc::new(index_set(indices)) }))
    }

    fn selected(&mut self, scope: &Scope<'a>, subscript: &'a Subscript, extent: u32, span: Span) -> Eval<Selected> {
        let (low, high, at) = match subscript {
            Subscript::At(index) => match self.eval(scope, index)? {
                Value::Range(low, high) => (low, high, index.span),
                value @ (Value::Number(..) | Value::Zero) => {
                    let i = self.whole_of(&value, index.span)?;
                    (i, i.saturating_add(1), index.span)
                }
                other => return Err(self.expected("an index or a range", &other, index.span)),
            },
            Subscript::Range { low, high } => {
                let at = low.as_ref().or(high.as_ref()).map_or(span, |e| e.span);
                let low = low.as_ref().map_or(Ok(0), |e| self.whole(scope, e))?;
                let high = high.as_ref().map_or(Ok(i64::from(extent)), |e| self.whole(scope, e))?;
                (low, high, at)
            }
        };
        if low < 0 || high < low || high > i64::from(extent) {
            let message = if high == low.saturating_add(1) {
                format!("index {low} is outside 0 .. {extent}")
            } else {
                format!("the range {low} .. {high} is not within 0 .. {extent}")
            };
            return Err(self.fail(
                Diagnostic::error("E0413", message, at).help("indices count from 0; the upper end of a range is left out"),
            ));
        }
        Ok(Selected { low: low as u32, high: high as u32 })
    }

    /// Subscripts of arrays and tables, one dimension after the other.
    fn subscripts(&mut self, scope: &Scope<'a>, value: Value<'a>, span: Span, subscripts: &'a [Subscript]) -> Eval<Value<'a>> {
        let Some((first, rest)) = subscripts.split_first() else { return Ok(value) };
        let length = match &value {
            Value::List(items) => items.len(),
            Value::Table(numbers) => numbers.shape.first().copied().unwrap_or(0),
            Value::Range(low, high) => high.saturating_sub(*low).max(0) as usize,
            Value::Instance(_) => {
                let error = Diagnostic::error("E0413", "this is one instance, not an array of them", span);
                return Err(self.fail(error.help("write its port: `segment.burst`")));
            }
            other => return Err(self.expected("an array or a population before `[`", other, span)),
        };
        let choice = self.selected(scope, first, u32::try_from(length).unwrap_or(u32::MAX), span)?;
        self.step(u64::from(choice.high - choice.low), span)?;
        let single = matches!(first, Subscript::At(_)) && choice.high == choice.low + 1;
        if single {
            let element = element(&value, choice.low as usize).ok_or(Poisoned)?;
            return self.subscripts(scope, element, span, rest);
        }
        let parts = (choice.low..choice.high).map(|i| element(&value, i as usize).ok_or(Poisoned));
        let parts = parts.collect::<Eval<Vec<_>>>()?;
        let parts: Vec<_> = parts.into_iter().map(|part| self.subscripts(scope, part, span, rest)).collect();
        Ok(Value::list(parts.into_iter().collect::<Eval<_>>()?))
    }

    /// The one neuron that a view consists of.
    pub(super) fn single(&mut self, view: &View, span: Span) -> Eval<u32> {
        if view.indices.len() == 1 {
            return Ok(view.indices.nth(0));
        }
        let name = &self.circuit.populations[view.population].name;
        let error =
            Diagnostic::error("E0413", format!("one neuron of `{name}` is needed here, not {}", view.indices.len()), span);
        Err(self.fail(error.help("choose one: `astro[0].ca`")))
    }
}

/// Element `i` of an array or table.
pub(super) fn element<'a>(value: &Value<'a>, i: usize) -> Option<Value<'a>> {
    match value {
        Value::List(items) => items.get(i).cloned(),
        Value::Range(low, _) => Some(Value::number(low.checked_add(i64::try_from(i).ok()?)? as f64)),
        Value::Table(numbers) => {
            let (_, inner) = numbers.shape.split_first()?;
            let size: usize = inner.iter().product();
            let values = numbers.values.get(i * size..(i + 1) * size)?;
            match (inner, values) {
                ([], [x]) => Some(Value::Number(*x, numbers.dimension.unwrap_or_default())),
                _ => Some(Value::Table(Rc::new(super::value::Numbers {
                    shape: inner.to_vec(),
                    values: values.to_vec(),
                    dimension: numbers.dimension,
                }))),
            }
        }
        _ => None,
    }
}

/// Ascending indices as a range where they are one.
fn index_set(indices: Vec<u32>) -> IndexSet {
    match (indices.first(), indices.last()) {
        (Some(first), Some(last)) if (last - first) as usize + 1 == indices.len() => {
            IndexSet::Range { start: *first, end: last + 1 }
        }
        (None, _) => IndexSet::Range { start: 0, end: 0 },
        _ => IndexSet::List(indices),
    }
}

/// Names for a help line.
pub(super) fn listed(names: &[&str]) -> String {
    if names.is_empty() { "none".to_string() } else { names.join(", ") }
}

/// All of a population.
pub(super) fn whole_population(circuit: &crate::circuit::Circuit, index: usize) -> View {
    let population = crate::circuit::PopId::from_index(index);
    let shape = &circuit.populations[population].shape;
    View { population, shape: shape.as_slice().into(), indices: Rc::new(IndexSet::all(circuit.populations[population].size())) }
}
