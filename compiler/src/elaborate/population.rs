//! Makes populations of neurons: their models, parameters, first states, drives and modulators.

use super::context::{About, Elaborator};
use super::model::ModelTemplate;
use super::path::whole_population;
use super::scope::Scope;
use super::value::{Cell, DefId, Eval, GivenModulator, ModulatorSource, Value, View};
use super::values::Members;
use crate::circuit::model::{ModulatorId, OutputType};
use crate::circuit::{Drive, ModelId, ModulatorBinding, Neurons, Population, PopulationKind, Sign, Values};
use crate::diagnostic::Diagnostic;
use crate::language::ast;
use crate::source::Span;
use crate::table::{Id, Table};
use crate::units::Dimension;
use std::collections::BTreeMap;

/// Neurons of one circuit.
const MAX_NEURONS: u64 = 100_000_000;
/// Populations of one circuit.
const MAX_POPULATIONS: usize = 1 << 18;

/// What a population emits, besides what it is.
type Made = (PopulationKind, OutputType);

impl<'a> Elaborator<'a> {
    /// `population …`, called `path` in the flat circuit.
    pub(super) fn population(&mut self, scope: &Scope<'a>, made: &'a ast::Population, path: String) -> Eval<Value<'a>> {
        let shape = self.shape(scope, &made.shape, made.name.span)?;
        let members = Members { shape, stream: self.circuit.populations.len() as u32 };
        let (kind, output) = self.kind(scope, &made.model, &members, made.name.span)?;
        let sign = made.polarity.map(|p| match p.sign {
            ast::Sign::Excitatory => Sign::Excitatory,
            ast::Sign::Inhibitory => Sign::Inhibitory,
        });
        let population = Population { name: path, shape: members.shape, kind, sign, span: made.name.span };
        let id = self.circuit.populations.push(population);
        self.about.push(About { output, polarity: made.polarity.map(|p| p.span), used: false, name_span: made.name.span });
        Ok(Value::Population(whole_population(&self.circuit, id.index())))
    }

    /// A population of one neuron with its defaults.
    pub(super) fn one_neuron(&mut self, neuron: DefId, name: &str, span: Span) -> Eval<()> {
        let cell = Cell { neuron, values: BTreeMap::new(), drives: BTreeMap::new(), modulators: BTreeMap::new() };
        let (kind, output) = self.neurons(&cell, &Members { shape: vec![1], stream: 0 }, span)?;
        self.circuit.populations.push(Population { name: name.to_string(), shape: vec![1], kind, sign: None, span });
        self.about.push(About { output, polarity: None, used: false, name_span: span });
        Ok(())
    }

    /// Extents, with the sizes of all populations kept in bounds.
    fn shape(&mut self, scope: &Scope<'a>, extents: &'a [ast::Expr], span: Span) -> Eval<Vec<u32>> {
        let mut shape = Vec::new();
        for extent in extents {
            let n = self.count(scope, extent)?;
            if n == 0 {
                let error = Diagnostic::error("E0503", "a population needs at least one neuron", extent.span).said("this is 0");
                return Err(self.fail(error.help("leave it out with `if`")));
            }
            shape.push(n);
        }
        if shape.is_empty() {
            shape.push(1);
        }
        let size = shape.iter().try_fold(1_u64, |size, n| size.checked_mul(u64::from(*n)));
        self.neurons = self.neurons.saturating_add(size.unwrap_or(u64::MAX));
        if self.neurons > MAX_NEURONS || self.circuit.populations.len() >= MAX_POPULATIONS {
            let message = format!("a circuit has at most {MAX_NEURONS} neurons in {MAX_POPULATIONS} populations");
            return Err(self.fail(Diagnostic::error("E0415", message, span).said("this is one too many")));
        }
        Ok(shape)
    }

    fn kind(&mut self, scope: &Scope<'a>, model: &'a ast::Model, members: &Members, span: Span) -> Eval<Made> {
        match model {
            ast::Model::SpikesFrom(file) => Ok((self.spikes_from(scope, file, members)?, OutputType::Spikes)),
            ast::Model::SpikesAt(times) => Ok((self.spikes_at(scope, times, members)?, OutputType::Spikes)),
            ast::Model::LiveSpikes => Ok((PopulationKind::LiveSpikes, OutputType::Spikes)),
            ast::Model::LiveGraded(ty) => {
                let dimension = super::types::dimension(ty, &mut self.diagnostics)?;
                let limit = LIVE_LIMIT * dimension.display_unit().1;
                Ok((PopulationKind::LiveGraded { dimension, limit }, OutputType::Graded(dimension)))
            }
            ast::Model::SignalFrom(file) => {
                let numbers = self.numbers_of_file(scope, &file.value, file.span)?;
                self.signal(numbers, members, file.span)
            }
            ast::Model::Cell(expr) => match &expr.kind {
                ast::ExprKind::Call(call) if call.callee.text == "signal" => {
                    let [arg] = self.exactly::<1>(call, ["values"])?;
                    let value = self.eval(scope, &arg.value)?;
                    let numbers = self.numbers(&value, arg.value.span)?;
                    self.signal(numbers, members, arg.value.span)
                }
                _ => match self.eval(scope, expr)? {
                    Value::Cell(cell) => self.neurons(&cell, members, span),
                    other => Err(self.expected("a neuron model", &other, expr.span)),
                },
            },
        }
    }

    fn neurons(&mut self, cell: &Cell<'a>, members: &Members, span: Span) -> Eval<Made> {
        let template = self.template(cell.neuron)?;
        let (model, modulators) = self.modulators(cell, template, span)?;
        let mut known = Scope::new(cell.neuron.file);
        let mut varying = BTreeMap::new();
        let mut params = Table::new();
        let mut slot = 0;
        for (id, param) in template.model.params.iter() {
            let default = template.params.get(id).and_then(Option::as_ref);
            let values = match cell.values.get(&param.name) {
                Some((value, at)) => self.members(value, param.dimension, members, slot, *at)?,
                None => {
                    let Some(default) = default else {
                        let message = format!("`{}` needs a value for `{}`", template.model.name, param.name);
                        let error = Diagnostic::error("E0407", message, span).label(param.span, "it has no default");
                        return Err(self.fail(error));
                    };
                    self.default_values(&known, &varying, default, param.dimension, members, slot)?
                }
            };
            match &values {
                Values::Uniform(x) => drop(known.bind(&param.name, Value::Number(*x, param.dimension), None)),
                Values::Each(xs) => drop(varying.insert(param.name.clone(), (xs.clone(), param.dimension))),
            }
            params.push(values);
            slot += 1;
        }
        let mut initial = Table::new();
        for (id, state) in template.model.states.iter() {
            let default = template.initial.get(id).and_then(Option::as_ref);
            let values = match (cell.values.get(&state.name), default) {
                (Some((value, at)), _) => {
                    let values = self.members(value, state.dimension, members, slot, *at)?;
                    self.within_range(values, state.range, &state.name, state.dimension, *at)?
                }
                (None, Some(default)) => {
                    let values = self.default_values(&known, &varying, default, state.dimension, members, slot)?;
                    self.within_range(values, state.range, &state.name, state.dimension, default.span)?
                }
                (None, None) => Values::Uniform(0.0),
            };
            initial.push(values);
            slot += 1;
        }
        let drives = self.drives(cell, template, members, slot)?;
        let output = template.model.output;
        Ok((PopulationKind::Neurons(Neurons { model, params, initial, drives, modulators }), output))
    }

    /// First values as the state's range allows: one value outside is a mistake, a tail of drawn ones saturates.
    fn within_range(
        &mut self,
        values: Values,
        range: Option<(f64, f64)>,
        name: &str,
        dimension: Dimension,
        span: Span,
    ) -> Eval<Values> {
        let Some((low, high)) = range else { return Ok(values) };
        match values {
            Values::Uniform(x) if x < low || x > high => {
                let (unit, one) = dimension.display_unit();
                let show = |x: f64| format!("{} {unit}", super::values::rounded(x / one));
                let message = format!("`{name}` begins outside of its range");
                let error = Diagnostic::error("E0512", message, span).said(show(x));
                Err(self.fail(error.help(format!("it lies in {} .. {}", show(low), show(high)))))
            }
            Values::Each(xs) => Ok(Values::Each(xs.into_iter().map(|x| x.max(low).min(high)).collect())),
            values => Ok(values),
        }
    }

    fn drives(&mut self, cell: &Cell<'a>, template: &ModelTemplate, members: &Members, slot: u32) -> Eval<Vec<Drive>> {
        let mut drives = Vec::new();
        for (id, receptor) in template.model.receptors.iter() {
            let Some(given) = cell.drives.get(&receptor.name) else { continue };
            let slot = slot + 2 * id.index() as u32;
            let rate = self.members(&given.rate.0, Dimension::RATE, members, slot, given.rate.1)?;
            let weight = self.members(&given.weight.0, receptor.dimension, members, slot + 1, given.weight.1)?;
            if rate.bounds().0 < 0.0 {
                return Err(self.fail(Diagnostic::error("E0512", "a rate cannot be negative", given.rate.1)));
            }
            drives.push(Drive { receptor: id, rate, weight });
        }
        Ok(drives)
    }

    /// The model with its constant modulators written in, and what the others read.
    fn modulators(
        &mut self,
        cell: &Cell<'a>,
        template: &'a ModelTemplate,
        span: Span,
    ) -> Eval<(ModelId, Table<ModulatorId, ModulatorBinding>)> {
        let mut constants = BTreeMap::new();
        let mut bindings = Table::new();
        for (id, modulator) in template.model.modulators.iter() {
            let default = template.modulators.get(id).and_then(Option::as_ref);
            match (cell.modulators.get(&modulator.name), default) {
                (Some(GivenModulator { source: ModulatorSource::Constant(x), .. }), _) => drop(constants.insert(id, *x)),
                (Some(GivenModulator { source: ModulatorSource::State { view, state, delay }, span }), _) => {
                    let index = self.single(view, *span)?;
                    self.about[view.population].used = true;
                    bindings.push(ModulatorBinding { population: view.population, index, state: *state, delay: *delay });
                }
                (None, Some(default)) => {
                    let x = self.quantity_of(&Scope::new(cell.neuron.file), default, modulator.dimension)?;
                    constants.insert(id, x);
                }
                (None, None) => {
                    let message = format!("the modulator `{}` of `{}` reads nothing", modulator.name, template.model.name);
                    let error = Diagnostic::error("E0407", message, span).label(modulator.span, "it has no default");
                    return Err(
                        self.fail(error.help(format!("bind it: `{}({} = astro[0].ca)`", template.model.name, modulator.name)))
                    );
                }
            }
        }
        let key = (cell.neuron, template.model.modulators.ids().map(|m| constants.get(&m).map(|x| x.to_bits())).collect());
        let model = match self.model_ids.get(&key) {
            Some(known) => *known,
            None => self.new_model(key, template, &constants),
        };
        Ok((model, bindings))
    }

    fn new_model(
        &mut self,
        key: (DefId, Vec<Option<u64>>),
        template: &ModelTemplate,
        constants: &BTreeMap<ModulatorId, f64>,
    ) -> ModelId {
        let id = self.circuit.models.push(template.with_constant_modulators(constants));
        self.model_ids.insert(key, id);
        self.totals.insert(id, template.total_per.clone());
        id
    }

    /// Notes that a population takes part in something.
    pub(super) fn uses(&mut self, view: &View) {
        self.about[view.population].used = true;
    }

    /// The shape and kind of a graded input.
    fn signal(&mut self, numbers: super::value::Numbers, members: &Members, span: Span) -> Eval<Made> {
        let size = members.size() as usize;
        let per_tick: Option<usize> = match numbers.shape.split_first() {
            Some((_, [])) => Some(1),
            Some((_, rest)) => Some(rest.iter().product()),
            None => None,
        };
        if per_tick != Some(size) {
            let message = format!("expected the shape [ticks, {size}], found {:?}", numbers.shape);
            return Err(
                self.fail(Diagnostic::error("E0510", message, span).help("one row for each tick, one column for each neuron"))
            );
        }
        if numbers.values.iter().any(|x| !x.is_finite()) {
            return Err(self.fail(Diagnostic::error("E0512", "a signal must be finite: there is a NaN or infinity in it", span)));
        }
        let dimension = numbers.dimension.unwrap_or_default();
        Ok((PopulationKind::Signal { dimension, values: numbers.values }, OutputType::Graded(dimension)))
    }
}

/// Largest magnitude of a live graded value, in the unit in which its type is shown.
const LIVE_LIMIT: f64 = 1000.0;
