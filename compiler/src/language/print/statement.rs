//! Definitions and statements.

use super::flow::Flow;
use super::{Printer, Statement};
use crate::language::ast::{
    CircuitStatement, Definition, Direction, Expr, Flag, Ident, If, Import, Integrate, Let, Model, NeuronStatement, Parameter,
    Pattern, Population, Port, Project, ProjectSetting, Record, Side, Sign, State, SynapseStatement, Text, Type,
};

fn side(side: Side) -> &'static str {
    match side {
        Side::Pre => "pre",
        Side::Post => "post",
    }
}

/// `keyword name`.
fn head(keyword: &str, name: &Ident) -> Flow {
    Flow::new(format!("{keyword} {}", name.text))
}

/// `keyword value`.
fn valued(keyword: &str, value: &Expr) -> Flow {
    let mut flow = Flow::new(format!("{keyword} "));
    flow.expr(value);
    flow
}

/// `keyword name: type = value`.
fn declared(keyword: &str, name: &Ident, ty: Option<&Type>, value: Option<&Expr>) -> Flow {
    let mut flow = head(keyword, name);
    if let Some(ty) = ty {
        flow.push(": ").ty(ty);
    }
    if let Some(value) = value {
        flow.push(" = ").expr(value);
    }
    flow
}

fn binding(definition: &Let) -> Flow {
    declared("let", &definition.name, definition.ty.as_ref(), Some(&definition.value))
}

fn state(keyword: &str, state: &State) -> Flow {
    let mut flow = declared(keyword, &state.name, Some(&state.ty), state.initial.as_ref());
    if let Some(range) = &state.range {
        flow.push(" in ").interval(range);
    }
    flow
}

fn integrate(integrate: &Integrate) -> Flow {
    let mut flow = Flow::new(format!("integrate {}", integrate.method.name()));
    if let Some(substeps) = &integrate.substeps {
        flow.push(", substeps ").expr(substeps);
    }
    flow
}

fn parameters(flow: &mut Flow, parameters: &[Parameter]) {
    flow.push("(").list(parameters, false, |flow, parameter| {
        flow.push(&parameter.name.text).push(": ").ty(&parameter.ty);
        if let Some(default) = &parameter.default {
            flow.push(" = ").expr(default);
        }
    });
    flow.push(")");
}

impl Statement for Definition {
    fn line(&self) -> Option<Flow> {
        Some(match self {
            Definition::Import(Import::Library(path)) => {
                let names: Vec<&str> = path.iter().map(|name| name.text.as_str()).collect();
                Flow::new(format!("import {}", names.join(".")))
            }
            Definition::Import(Import::File(file)) => {
                let mut flow = Flow::new("import ");
                flow.text(file);
                flow
            }
            Definition::Let(definition) => binding(definition),
            Definition::Function(function) => {
                let mut flow = head("fn", &function.name);
                parameters(&mut flow, &function.parameters);
                if let Some(result) = &function.result {
                    flow.push(": ").ty(result);
                }
                flow.push(" = ").expr(&function.value);
                flow
            }
            Definition::Circuit(_) | Definition::Neuron(_) | Definition::Synapse(_) => return None,
        })
    }

    fn print(&self, p: &mut Printer) {
        match self {
            Definition::Circuit(circuit) => {
                let mut flow = head("circuit", &circuit.name);
                if !circuit.parameters.is_empty() {
                    parameters(&mut flow, &circuit.parameters);
                }
                p.tall(&flow, &circuit.body);
            }
            Definition::Neuron(neuron) => p.tall(&head("neuron", &neuron.name), &neuron.body),
            Definition::Synapse(synapse) => p.tall(&head("synapse", &synapse.name), &synapse.body),
            _ => self.line().iter().for_each(|line| p.flow(line)),
        }
    }
}

impl Statement for CircuitStatement {
    fn line(&self) -> Option<Flow> {
        Some(match self {
            CircuitStatement::Tick(tick) => valued("tick", tick),
            CircuitStatement::Let(definition) => binding(definition),
            CircuitStatement::Population(it) => population(it),
            CircuitStatement::Instance(it) => {
                let mut flow = head("instance", &it.name);
                shape(&mut flow, &it.shape);
                flow.push(": ").call(&it.circuit);
                flow
            }
            CircuitStatement::Port(it) => port(it),
            CircuitStatement::Record(it) => record(it),
            CircuitStatement::Project(_) | CircuitStatement::For(_) | CircuitStatement::If(_) => return None,
        })
    }

    fn print(&self, p: &mut Printer) {
        match self {
            CircuitStatement::Project(it) => p.optional(&project(it), &it.settings),
            CircuitStatement::For(it) => {
                let mut flow = head("for", &it.name);
                flow.push(" in ").expr(&it.values);
                p.tall(&flow, &it.body);
            }
            CircuitStatement::If(it) => condition(p, it),
            _ => self.line().iter().for_each(|line| p.flow(line)),
        }
    }
}

fn condition(p: &mut Printer, it: &If) {
    for (i, branch) in it.branches.iter().enumerate() {
        p.tall(&valued(if i == 0 { "if" } else { " else if" }, &branch.condition), &branch.body);
    }
    if let Some(otherwise) = &it.otherwise {
        p.tall(&Flow::new(" else"), otherwise);
    }
}

fn shape(flow: &mut Flow, extents: &[Expr]) {
    if !extents.is_empty() {
        flow.push("[").list(extents, false, |flow, e| {
            flow.expr(e);
        });
        flow.push("]");
    }
}

fn population(it: &Population) -> Flow {
    let mut flow = head("population", &it.name);
    shape(&mut flow, &it.shape);
    flow.push(": ");
    match &it.model {
        Model::Cell(cell) => flow.expr(cell),
        Model::SpikesFrom(file) => flow.push("spikes from ").text(file),
        Model::SpikesAt(times) => flow.push("spikes at ").expr(times),
        Model::SignalFrom(file) => flow.push("signal from ").text(file),
        Model::LiveSpikes => flow.push("live spikes"),
        Model::LiveGraded(ty) => flow.push("live graded(").ty(ty).push(")"),
    };
    match it.polarity.map(|polarity| polarity.sign) {
        Some(Sign::Excitatory) => flow.push(", excitatory"),
        Some(Sign::Inhibitory) => flow.push(", inhibitory"),
        None => &mut flow,
    };
    flow
}

fn project(it: &Project) -> Flow {
    let mut flow = Flow::new("project ");
    if let Some(name) = &it.name {
        flow.push(&name.text).push(": ");
    }
    flow.path(&it.source).push(" -> ").path(&it.target).push(" by ");
    pattern(&mut flow, &it.pattern);
    flow
}

fn pattern(flow: &mut Flow, pattern: &Pattern) {
    flow.call(&pattern.rule);
    let mut flag = |flag: Option<Flag>, name: &str| {
        if let Some(flag) = flag {
            flow.push(if flag.allowed { ", " } else { ", no " }).push(name);
        }
    };
    flag(pattern.own, "self");
    flag(pattern.multiple, "multiple");
}

fn port(it: &Port) -> Flow {
    let keyword = if it.direction == Direction::In { "port in" } else { "port out" };
    let mut flow = declared(keyword, &it.name, it.ty.as_ref(), None);
    flow.push(" = ").path(&it.endpoint);
    flow
}

fn record(it: &Record) -> Flow {
    let mut flow = Flow::new("record ");
    flow.list(&it.endpoints, false, |flow, endpoint| {
        flow.path(endpoint);
    });
    if let Some(every) = &it.every {
        flow.push(" every ").expr(every);
    }
    flow
}

impl Statement for ProjectSetting {
    fn line(&self) -> Option<Flow> {
        let placed = |place: &str, name: &Option<Text>| {
            let mut flow = Flow::new(format!("on {place}"));
            if let Some(name) = name {
                flow.push(" ").text(name);
            }
            flow
        };
        Some(match self {
            ProjectSetting::Weight(value) => valued("weight", value),
            ProjectSetting::Delay(value) => valued("delay", value),
            ProjectSetting::Bits(value) => valued("bits", value),
            ProjectSetting::Learn(rule) => {
                let mut flow = Flow::new("learn ");
                flow.call(rule);
                flow
            }
            ProjectSetting::OnMacro(name) => placed("macro", name),
            ProjectSetting::OnCore(name) => placed("core", name),
        })
    }

    fn print(&self, p: &mut Printer) {
        self.line().iter().for_each(|line| p.flow(line));
    }
}

impl Statement for NeuronStatement {
    fn line(&self) -> Option<Flow> {
        Some(match self {
            NeuronStatement::Param(it) => declared("param", &it.name, Some(&it.ty), it.default.as_ref()),
            NeuronStatement::State(it) => state("state", it),
            NeuronStatement::Receptor(it) => declared("receptor", &it.name, Some(&it.ty), None),
            NeuronStatement::Modulator(it) => declared("modulator", &it.name, Some(&it.ty), it.default.as_ref()),
            NeuronStatement::Integrate(it) => integrate(it),
            NeuronStatement::Derivative(it) => declared("d", &it.name, None, Some(&it.value)),
            NeuronStatement::Assign(it) => valued(&format!("{} {}", it.name.text, it.op.symbol()), &it.value),
            NeuronStatement::Let(it) => binding(it),
            NeuronStatement::Spike(it) if it.body.is_empty() => valued("spike when", &it.condition),
            NeuronStatement::Emit(it) => {
                let mut flow = valued("emit", &it.value);
                if let Some(when) = &it.when {
                    flow.push(" when ").expr(when);
                }
                flow
            }
            NeuronStatement::Hold(it) => {
                let names: Vec<&str> = it.names.iter().map(|name| name.text.as_str()).collect();
                valued(&format!("hold {} for", names.join(", ")), &it.duration)
            }
            NeuronStatement::Refractory(duration) => valued("refractory", duration),
            NeuronStatement::Spike(_) | NeuronStatement::On(_) | NeuronStatement::Update(_) => return None,
        })
    }

    fn print(&self, p: &mut Printer) {
        match self {
            NeuronStatement::Spike(it) => p.optional(&valued("spike when", &it.condition), &it.body),
            NeuronStatement::On(it) => p.short(&head("on", &it.receptor), &it.body),
            NeuronStatement::Update(body) => p.short(&Flow::new("update"), body),
            _ => self.line().iter().for_each(|line| p.flow(line)),
        }
    }
}

impl Statement for SynapseStatement {
    fn line(&self) -> Option<Flow> {
        Some(match self {
            SynapseStatement::Param(it) => declared("param", &it.name, Some(&it.ty), it.default.as_ref()),
            SynapseStatement::Weight(it) => state("weight", it),
            SynapseStatement::State { side: None, state: it } => state("state", it),
            SynapseStatement::State { side: Some(end), state: it } => state(&format!("{} state", side(*end)), it),
            SynapseStatement::Modulator(it) => declared("modulator", &it.name, Some(&it.ty), it.default.as_ref()),
            SynapseStatement::Integrate(it) => integrate(it),
            SynapseStatement::Derivative(it) => declared("d", &it.name, None, Some(&it.value)),
            SynapseStatement::Assign(it) => valued(&format!("{} {}", it.name.text, it.op.symbol()), &it.value),
            SynapseStatement::Let(it) => binding(it),
            SynapseStatement::On { .. } => return None,
        })
    }

    fn print(&self, p: &mut Printer) {
        match self {
            SynapseStatement::On { side: end, body } => p.short(&Flow::new(format!("on {}", side(*end))), body),
            _ => self.line().iter().for_each(|line| p.flow(line)),
        }
    }
}
