//! Builds models and circuits by hand, for tests of passes that need no text.

use crate::circuit::model::*;
use crate::circuit::*;
use crate::source::{FileId, Span};
use crate::table::Table;
use crate::units::Dimension;

/// A place in no file; `n` tells places apart.
pub(crate) fn span(n: u32) -> Span {
    Span { file: FileId(0), start: n, end: n + 1 }
}

/// A model in the making. Dimensions are all pure numbers.
pub(crate) struct Build(pub Model);

impl Build {
    pub(crate) fn new(name: &str) -> Self {
        Build(Model {
            name: name.into(),
            doc: String::new(),
            params: Table::new(),
            states: Table::new(),
            receptors: Table::new(),
            modulators: Table::new(),
            locals: Table::new(),
            holds: Table::new(),
            exprs: Table::new(),
            body: Vec::new(),
            output: OutputType::Spikes,
            draws: 0,
            span: span(0),
        })
    }

    pub(crate) fn expr(&mut self, kind: ExprKind) -> ExprId {
        self.0.exprs.push(Expr { kind, dimension: Dimension::NUMBER, truth: false, span: span(0) })
    }

    pub(crate) fn number(&mut self, x: f64) -> ExprId {
        self.expr(ExprKind::Constant(x))
    }

    /// A parameter and an expression that reads it.
    pub(crate) fn param(&mut self, name: &str) -> ExprId {
        let id = self.0.params.push(Param { name: name.into(), dimension: Dimension::NUMBER, doc: String::new(), span: span(0) });
        self.expr(ExprKind::Param(id))
    }

    /// A state and an expression that reads it.
    pub(crate) fn state(&mut self, name: &str, range: Option<(f64, f64)>, fixed: Option<i8>) -> (StateId, ExprId) {
        let state = State { name: name.into(), dimension: Dimension::NUMBER, range, fixed, doc: String::new(), span: span(0) };
        let id = self.0.states.push(state);
        (id, self.expr(ExprKind::State(id)))
    }

    /// A receptor and an expression that reads it.
    pub(crate) fn receptor(&mut self, name: &str) -> (ReceptorId, ExprId) {
        let id = self.0.receptors.push(Receptor { name: name.into(), dimension: Dimension::NUMBER, fixed: None, span: span(0) });
        (id, self.expr(ExprKind::Input(id)))
    }

    pub(crate) fn modulator(&mut self, name: &str) -> ExprId {
        let id = self.0.modulators.push(Modulator { name: name.into(), dimension: Dimension::NUMBER, span: span(0) });
        self.expr(ExprKind::Modulator(id))
    }

    pub(crate) fn local(&mut self, value: ExprId) -> (Statement, ExprId) {
        let id = self.0.locals.push(Local { name: "local".into(), span: span(0) });
        (Statement::Let(id, value), self.expr(ExprKind::Local(id)))
    }

    pub(crate) fn hold(&mut self, states: Vec<StateId>, suppresses_spikes: bool, duration: ExprId) -> Statement {
        Statement::Hold(self.0.holds.push(Hold { states, suppresses_spikes, duration, span: span(0) }))
    }

    pub(crate) fn unary(&mut self, op: UnaryOp, a: ExprId) -> ExprId {
        self.expr(ExprKind::Unary(op, a))
    }

    pub(crate) fn binary(&mut self, op: BinaryOp, a: ExprId, b: ExprId) -> ExprId {
        self.expr(ExprKind::Binary(op, a, b))
    }

    pub(crate) fn add(&mut self, a: ExprId, b: ExprId) -> ExprId {
        self.binary(BinaryOp::Add, a, b)
    }

    pub(crate) fn sub(&mut self, a: ExprId, b: ExprId) -> ExprId {
        self.binary(BinaryOp::Subtract, a, b)
    }

    pub(crate) fn mul(&mut self, a: ExprId, b: ExprId) -> ExprId {
        self.binary(BinaryOp::Multiply, a, b)
    }

    pub(crate) fn div(&mut self, a: ExprId, b: ExprId) -> ExprId {
        self.binary(BinaryOp::Divide, a, b)
    }

    pub(crate) fn at_least(&mut self, a: ExprId, b: ExprId) -> ExprId {
        self.binary(BinaryOp::GreaterEqual, a, b)
    }

    pub(crate) fn integrate(&mut self, method: Method, substeps: u32, equations: Vec<(StateId, ExprId)>) {
        self.0.body.push(Statement::Integrate(System { method, substeps, equations, span: span(0) }));
    }

    pub(crate) fn draw(&mut self, kind: DrawKind) -> ExprId {
        let number = self.0.draws;
        self.0.draws += 1;
        self.expr(ExprKind::Draw { number, kind })
    }

    pub(crate) fn say(&mut self, statement: Statement) {
        self.0.body.push(statement);
    }
}

/// lif_exp of the language page. Parameters: tau_m, tau_exc, tau_inh, t_ref, e_l, v_th, v_reset; states v, g_e, g_i; receptors
/// exc, inh.
pub(crate) fn lif_exp() -> Model {
    let mut b = Build::new("lif_exp");
    let [tau_m, tau_exc, tau_inh, t_ref, e_l, v_th, v_reset] =
        ["tau_m", "tau_exc", "tau_inh", "t_ref", "e_l", "v_th", "v_reset"].map(|name| b.param(name));
    let ((_, exc), (_, inh)) = (b.receptor("exc"), b.receptor("inh"));
    let (v, v_now) = b.state("v", Some((-0.2, 0.1)), None);
    let (g_e, g_e_now) = b.state("g_e", Some((-1.0, 1.0)), None);
    let (g_i, g_i_now) = b.state("g_i", Some((-1.0, 1.0)), None);
    let leak = b.sub(e_l, v_now);
    let sum = b.add(leak, g_e_now);
    let sum = b.add(sum, g_i_now);
    let dv = b.div(sum, tau_m);
    let decay = |b: &mut Build, g, tau| {
        let minus = b.unary(UnaryOp::Negate, g);
        b.div(minus, tau)
    };
    let (de, di) = (decay(&mut b, g_e_now, tau_exc), decay(&mut b, g_i_now, tau_inh));
    b.integrate(Method::Exact, 1, vec![(v, dv), (g_e, de), (g_i, di)]);
    let (new_e, new_i) = (b.add(g_e_now, exc), b.add(g_i_now, inh));
    b.say(Statement::Assign(vec![(g_e, new_e)]));
    b.say(Statement::Assign(vec![(g_i, new_i)]));
    let condition = b.at_least(v_now, v_th);
    let hold = b.hold(vec![v], false, t_ref);
    b.say(Statement::Spike { condition, then: vec![Statement::Assign(vec![(v, v_reset)]), hold] });
    b.0
}

/// A circuit in the making.
pub(crate) struct BuildCircuit(pub Circuit);

impl BuildCircuit {
    pub(crate) fn new(tick: f64) -> Self {
        BuildCircuit(Circuit {
            name: "test".into(),
            tick,
            models: Table::new(),
            populations: Table::new(),
            projections: Table::new(),
            records: Vec::new(),
            outputs: Vec::new(),
        })
    }

    pub(crate) fn population(&mut self, size: u32, kind: PopulationKind) -> PopId {
        let n = self.0.populations.len() as u32;
        self.0.populations.push(Population { name: format!("p{n}"), shape: vec![size], kind, sign: None, span: span(1000 + n) })
    }

    pub(crate) fn neurons(&mut self, size: u32, model: Model, params: Vec<Values>, initial: Vec<Values>) -> PopId {
        let model = self.0.models.push(model);
        let (params, initial) = (params.into_iter().collect(), initial.into_iter().collect());
        self.population(
            size,
            PopulationKind::Neurons(Neurons { model, params, initial, drives: vec![], modulators: Table::new() }),
        )
    }

    /// A projection between whole populations; multapses and self-connections are not allowed.
    pub(crate) fn project(&mut self, source: PopId, target: PopId, pattern: Pattern, weight: f64, delay: Delay) -> ProjId {
        let n = self.0.projections.len() as u32;
        let size = |p: PopId| self.0.populations[p].size();
        let projection = Projection {
            name: format!("link{n}"),
            source,
            source_indices: IndexSet::all(size(source)),
            target,
            target_indices: IndexSet::all(size(target)),
            receptor: crate::table::Id::from_index(0),
            pattern,
            allow_self: false,
            allow_multiple: false,
            weight: Quantity::Constant(weight),
            delay,
            bits: 16,
            placement: None,
            span: span(n),
            weight_span: span(n),
        };
        self.0.projections.push(projection)
    }

    pub(crate) fn record(&mut self, population: PopId, variable: RecordedVariable) {
        let indices = IndexSet::all(self.0.populations[population].size());
        self.0.records.push(Record { population, indices, variable, every: 1, span: span(0) });
    }

    pub(crate) fn neurons_mut(&mut self, population: PopId) -> &mut Neurons {
        match &mut self.0.populations[population].kind {
            PopulationKind::Neurons(neurons) => neurons,
            _ => panic!("not neurons"),
        }
    }
}
