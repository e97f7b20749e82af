//! Circuits: their statements, their parameters, and instances of them inside each other.

use super::context::Elaborator;
use super::scope::Scope;
use super::types;
use super::value::{DefId, Eval, Instance, Poisoned, Value};
use crate::circuit::model::OutputType;
use crate::circuit::{Output, PopId};
use crate::diagnostic::Diagnostic;
use crate::language::ast::{self, CircuitStatement, Direction};
use crate::source::Span;
use crate::units::Dimension;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The circuit whose statements are being read.
pub(super) struct Body<'a> {
    /// What its names begin with in the flat circuit: empty, or `segment[0].`.
    pub prefix: String,
    /// What they end with inside of loops: `[2]`.
    pub suffix: String,
    /// Whether it is the top circuit.
    pub top: bool,
    /// Its ports so far.
    pub ports: BTreeMap<String, (Value<'a>, Span)>,
}

impl Body<'_> {
    /// The name in the flat circuit.
    pub fn path(&self, name: &str) -> String {
        format!("{}{name}{}", self.prefix, self.suffix)
    }
}

impl<'a> Elaborator<'a> {
    /// The top circuit, with values of parameters from the command line by name.
    pub(super) fn top(&mut self, id: DefId, circuit: &'a ast::Circuit, settings: &BTreeMap<String, DefId>) {
        let mut scope = Scope::new(id.file);
        for parameter in &circuit.parameters {
            let value = match (settings.get(&parameter.name.text), &parameter.default) {
                (Some(setting), _) => self.setting(*setting),
                (None, Some(default)) => self.eval(&scope, default).map(|value| (value, default.span)),
                (None, None) => {
                    let name = &parameter.name.text;
                    let error =
                        Diagnostic::error("E0407", format!("the top circuit needs a value for `{name}`"), parameter.name.span);
                    Err(self.fail(error.help(format!("give it a default, or run with `--set {name}=…`"))))
                }
            };
            self.bind_parameter(&mut scope, parameter, value);
        }
        let mut body = Body { prefix: String::new(), suffix: String::new(), top: true, ports: BTreeMap::new() };
        self.statements(&mut scope, &mut body, &circuit.body);
    }

    fn setting(&mut self, id: DefId) -> Eval<(Value<'a>, Span)> {
        let modules = self.modules;
        let Some(ast::Definition::Let(binding)) = modules.get(id.file).and_then(|m| m.definition(id.item)) else {
            return Err(Poisoned);
        };
        Ok((self.definition(id, binding.name.span)?, binding.value.span))
    }

    fn bind_parameter(&mut self, scope: &mut Scope<'a>, parameter: &'a ast::Parameter, value: Eval<(Value<'a>, Span)>) {
        let checked = value.and_then(|(value, span)| {
            let wanted = types::parameter(&parameter.ty, &mut self.diagnostics)?;
            self.fits(&value, wanted, span)?;
            Ok(value)
        });
        self.bind(scope, &parameter.name, checked.unwrap_or(Value::Poison));
    }

    /// The statements of a block, each tried, so that all errors are found at once.
    fn statements(&mut self, scope: &mut Scope<'a>, body: &mut Body<'a>, block: &'a ast::Block<CircuitStatement>) {
        for item in &block.items {
            if self.step(1, item.span).is_err() {
                return;
            }
            // What failed has been reported, and its name is bound to nothing.
            let _ = self.statement(scope, body, &item.node, item.span);
        }
    }

    fn statement(&mut self, scope: &mut Scope<'a>, body: &mut Body<'a>, node: &'a CircuitStatement, span: Span) -> Eval<()> {
        match node {
            CircuitStatement::Tick(length) => self.tick_statement(scope, length, span),
            CircuitStatement::Let(binding) => {
                let value = self.let_value(scope, binding);
                self.bind(scope, &binding.name, value.unwrap_or(Value::Poison));
                Ok(())
            }
            CircuitStatement::Population(made) => {
                let value = self.population(scope, made, body.path(&made.name.text));
                self.bind(scope, &made.name, value.unwrap_or(Value::Poison));
                Ok(())
            }
            CircuitStatement::Project(project) => self.project(scope, body, project, span),
            CircuitStatement::Instance(made) => {
                let value = self.instances(scope, body, made);
                self.bind(scope, &made.name, value.unwrap_or(Value::Poison));
                Ok(())
            }
            CircuitStatement::Port(port) => self.port(scope, body, port),
            CircuitStatement::Record(record) => self.record(scope, record, span),
            CircuitStatement::For(repeated) => self.repeat(scope, body, repeated),
            CircuitStatement::If(choice) => self.choose(scope, body, choice),
        }
    }

    fn tick_statement(&mut self, scope: &Scope<'a>, length: &'a ast::Expr, span: Span) -> Eval<()> {
        let tick = self.quantity_of(scope, length, Dimension::TIME)?;
        if tick <= 0.0 {
            return Err(self.fail(Diagnostic::error("E0409", "a tick must be longer than zero", length.span)));
        }
        match self.tick {
            Some((other, first)) if other != tick => {
                let error = Diagnostic::error("E0409", "a circuit has one tick", span).label(first, "another one was said here");
                Err(self.fail(error.help("leave the tick to the top circuit")))
            }
            _ => {
                self.tick.get_or_insert((tick, span));
                Ok(())
            }
        }
    }

    fn repeat(&mut self, scope: &mut Scope<'a>, body: &mut Body<'a>, repeated: &'a ast::For) -> Eval<()> {
        let values = self.eval(scope, &repeated.values)?;
        let length = match &values {
            Value::Range(low, high) => high.saturating_sub(*low).max(0),
            Value::List(items) => items.len() as i64,
            Value::Table(numbers) => numbers.shape.first().map_or(0, |n| *n as i64),
            other => return Err(self.expected("an array or a range", other, repeated.values.span)),
        };
        for i in 0..length {
            self.step(1, repeated.values.span)?;
            let Some(value) = super::path::element(&values, i as usize) else { break };
            let (suffix, failures) = (body.suffix.len(), self.failures);
            body.suffix.push_str(&format!("[{i}]"));
            scope.enter();
            self.bind(scope, &repeated.name, value);
            let done = self.deeper(repeated.values.span, |e| {
                e.statements(scope, body, &repeated.body);
                Ok(())
            });
            scope.leave();
            body.suffix.truncate(suffix);
            done?;
            // The other rounds would say the same.
            if self.failures > failures {
                break;
            }
        }
        Ok(())
    }

    fn choose(&mut self, scope: &mut Scope<'a>, body: &mut Body<'a>, choice: &'a ast::If) -> Eval<()> {
        let mut chosen = choice.otherwise.as_ref();
        for branch in &choice.branches {
            if self.truth(scope, &branch.condition)? {
                chosen = Some(&branch.body);
                break;
            }
        }
        if let Some(block) = chosen {
            scope.enter();
            let done = self.deeper(block.span, |e| {
                e.statements(scope, body, block);
                Ok(())
            });
            scope.leave();
            done?;
        }
        Ok(())
    }

    fn instances(&mut self, scope: &mut Scope<'a>, body: &Body<'a>, made: &'a ast::Instance) -> Eval<Value<'a>> {
        let (id, circuit) = match self.lookup(scope, &made.circuit.callee)? {
            Some(Value::Circuit(id, circuit)) => (id, circuit),
            Some(other) => return Err(self.expected("a circuit", &other, made.circuit.callee.span)),
            None => return Err(self.unknown_name(scope, &made.circuit.callee)),
        };
        let mut shape = Vec::new();
        for extent in &made.shape {
            shape.push(self.count(scope, extent)?);
        }
        let maker = Maker { id, circuit, made, path: body.path(&made.name.text) };
        self.instances_at(scope, &maker, &shape, &mut Vec::new())
    }

    /// One instance, or an array of them for each extent that is left.
    fn instances_at(
        &mut self,
        scope: &mut Scope<'a>,
        maker: &Maker<'a>,
        extents: &[u32],
        index: &mut Vec<u32>,
    ) -> Eval<Value<'a>> {
        let Some((extent, rest)) = extents.split_first() else { return self.one_instance(scope, maker, index) };
        let mut all = Vec::new();
        for i in 0..*extent {
            self.step(1, maker.made.name.span)?;
            index.push(i);
            let failures = self.failures;
            let one = self.instances_at(scope, maker, rest, index);
            index.pop();
            // The other instances would say the same, and what is missing in this one silences its uses.
            if self.failures > failures {
                return Err(Poisoned);
            }
            all.push(one?);
        }
        Ok(Value::list(all))
    }

    fn one_instance(&mut self, scope: &mut Scope<'a>, maker: &Maker<'a>, index: &[u32]) -> Eval<Value<'a>> {
        scope.enter();
        match index {
            [] => {}
            [i] => drop(scope.bind("index", Value::number(f64::from(*i)), None)),
            _ => {
                let all = index.iter().map(|i| Value::number(f64::from(*i))).collect();
                drop(scope.bind("index", Value::list(all), None));
            }
        }
        let inner = self.arguments(scope, maker);
        scope.leave();
        let mut inner = inner?;
        let mut path = maker.path.clone();
        if !index.is_empty() {
            let places = index.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
            path.push_str(&format!("[{places}]"));
        }
        let mut body = Body { prefix: format!("{path}."), suffix: String::new(), top: false, ports: BTreeMap::new() };
        self.inside("instances", maker.made.name.span, |e| {
            e.statements(&mut inner, &mut body, &maker.circuit.body);
            Ok(())
        })?;
        let inside = inner.outermost().map(|(name, bound)| (name.clone(), bound.value.clone())).collect();
        let ports = body.ports.into_iter().map(|(name, (value, _))| (name, value)).collect();
        Ok(Value::Instance(Rc::new(Instance { path, ports, inside })))
    }

    /// The scope of an instance: its parameters, given or by default.
    fn arguments(&mut self, scope: &Scope<'a>, maker: &Maker<'a>) -> Eval<Scope<'a>> {
        let parameters = &maker.circuit.parameters;
        let names: Vec<&str> = parameters.iter().map(|p| p.name.text.as_str()).collect();
        let given = self.match_arguments(&maker.made.circuit, &names)?;
        let mut inner = Scope::new(maker.id.file);
        for (parameter, arg) in parameters.iter().zip(given) {
            let value = match (arg, &parameter.default) {
                (Some(arg), _) => self.eval(scope, &arg.value).map(|value| (value, arg.value.span)),
                (None, Some(default)) => self.eval(&inner, default).map(|value| (value, default.span)),
                (None, None) => Err(self.missing_argument(&maker.made.circuit, &parameter.name)),
            };
            self.bind_parameter(&mut inner, parameter, value);
        }
        Ok(inner)
    }

    fn port(&mut self, scope: &Scope<'a>, body: &mut Body<'a>, port: &'a ast::Port) -> Eval<()> {
        let value = self.port_value(scope, port);
        if let (true, Direction::Out, Ok(Value::Population(view))) = (body.top, port.direction, &value) {
            self.uses(view);
            self.output(&port.name, view.population, view.indices.len());
        }
        let value = value.unwrap_or(Value::Poison);
        if let Some((_, first)) = body.ports.insert(port.name.text.clone(), (value, port.name.span)) {
            let error = Diagnostic::error("E0402", format!("the port `{}` is defined twice", port.name.text), port.name.span);
            return Err(self.fail(error.label(first, "first defined here").help("rename one of them")));
        }
        Ok(())
    }

    fn output(&mut self, name: &ast::Ident, population: PopId, members: u32) {
        if members != self.circuit.populations[population].size() {
            let error = Diagnostic::error("E0410", "a port to the outside world is a whole population", name.span);
            self.fail(error.help("make a population of these neurons, or leave the choice to the receiver"));
            return;
        }
        self.circuit.outputs.push(Output { name: name.text.clone(), population });
    }

    fn port_value(&mut self, scope: &Scope<'a>, port: &'a ast::Port) -> Eval<Value<'a>> {
        let span = port.endpoint.span;
        match (port.direction, self.path(scope, &port.endpoint)?) {
            (Direction::In, Value::Receptor(mut input)) => {
                match &port.ty {
                    Some(ty) if matches!(ty.kind, ast::TypeKind::Spikes | ast::TypeKind::Graded(_)) => {
                        input.accepts = Some(types::events(ty, &mut self.diagnostics)?);
                    }
                    Some(ty) => {
                        let wanted = types::dimension(ty, &mut self.diagnostics)?;
                        let model = self.circuit.model_of(input.view.population).ok_or(Poisoned)?;
                        let found = model.receptors[input.receptor].dimension;
                        self.same_dimension(wanted, found, span)?;
                    }
                    None => {}
                }
                Ok(Value::Receptor(input))
            }
            (Direction::Out, Value::Population(view)) => {
                let found = self.about[view.population].output;
                let declared = port.ty.as_ref().map(|ty| types::events(ty, &mut self.diagnostics)).transpose()?;
                if found == OutputType::None {
                    let error = Diagnostic::error("E0410", "this population emits nothing", span);
                    return Err(self.fail(error.help("its model needs `spike when …` or `emit …`")));
                }
                if let Some(declared) = declared.filter(|d| *d != found) {
                    let message = format!("this port carries {}, not {}", events_text(found), events_text(declared));
                    return Err(self.fail(Diagnostic::error("E0410", message, span)));
                }
                Ok(Value::Population(view))
            }
            (Direction::In, Value::Population(_)) => {
                let error =
                    Diagnostic::error("E0410", "a `port in` is an alias of a receptor", span).said("this is a population");
                Err(self.fail(error.help("name the receptor: `port in x = e.exc`")))
            }
            (Direction::In, other) => Err(self.expected("a receptor", &other, span)),
            (Direction::Out, other) => Err(self.expected("a population", &other, span)),
        }
    }
}

/// What makes an instance.
struct Maker<'a> {
    id: DefId,
    circuit: &'a ast::Circuit,
    made: &'a ast::Instance,
    path: String,
}

/// What a population emits or a port carries, for messages.
pub(super) fn events_text(output: OutputType) -> String {
    match output {
        OutputType::None => "nothing".to_string(),
        OutputType::Spikes => "spikes".to_string(),
        OutputType::Graded(dimension) => format!("graded values: {dimension}"),
    }
}
