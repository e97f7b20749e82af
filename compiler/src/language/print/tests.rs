//! Printing keeps the tree, for fixtures, random trees and damaged texts.

use super::print;
use crate::language::ast::*;
use crate::language::{is_reserved, parse};
use crate::source::{FileId, Span};
use proptest::prelude::*;

const NOWHERE: Span = Span { file: FileId(0), start: 0, end: 0 };
const FIXTURES: [&str; 8] = [
    include_str!("../fixtures/balanced.circuit"),
    include_str!("../fixtures/lif_exp.circuit"),
    include_str!("../fixtures/izhikevich.circuit"),
    include_str!("../fixtures/sources.circuit"),
    include_str!("../fixtures/chain.circuit"),
    include_str!("../fixtures/mlp.circuit"),
    include_str!("../fixtures/microcircuit.circuit"),
    include_str!("../fixtures/stdp.circuit"),
];

/// Builds a tree from bytes; when they are used up, it takes the simplest choice.
struct Gen<'a> {
    bytes: &'a [u8],
}

impl Gen<'_> {
    fn pick(&mut self, n: usize) -> usize {
        let Some((first, rest)) = self.bytes.split_first() else { return 0 };
        self.bytes = rest;
        usize::from(*first) % n
    }

    fn yes(&mut self) -> bool {
        self.pick(2) == 1
    }

    fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.yes() { Some(make(self)) } else { None }
    }

    fn some<T>(&mut self, least: usize, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let n = least + self.pick(3);
        (0..n).map(|_| make(self)).collect()
    }

    fn ident(&mut self) -> Ident {
        const NAMES: [&str; 24] = [
            "x", "e", "tau_m", "d", "ms", "weight", "random", "from", "live", "spikes", "self", "no", "by", "every", "delay",
            "state", "on", "signal", "fixed", "graded", "pre", "t", "τ", "project",
        ];
        let name = NAMES[self.pick(NAMES.len())];
        assert!(!is_reserved(name));
        Ident { text: name.to_string(), span: NOWHERE }
    }

    fn text(&mut self) -> Text {
        const TEXTS: [&str; 5] = ["a.csv", "", "a \"b\" \\ c", "line\nline\ttab\r", "µ // no comment; { ("];
        Text { value: TEXTS[self.pick(5)].to_string(), span: NOWHERE }
    }

    fn number(&mut self) -> ExprKind {
        const VALUES: [f64; 10] = [1.0, 0.0, 0.1, 20.0, 1e-12, 1.5e300, 5e-324, 123_456_789.25, 1e16, 0.3];
        let value = VALUES[self.pick(10)];
        let unit = self.maybe(|g| Ident { text: ["ms", "mV", "m", "Hz", "pA"][g.pick(5)].to_string(), span: NOWHERE });
        ExprKind::Number { value, unit }
    }

    fn boxed(&mut self, depth: usize) -> Box<Expr> {
        Box::new(self.expr(depth))
    }

    fn expr(&mut self, depth: usize) -> Expr {
        use BinaryOp::*;
        const OPS: [BinaryOp; 14] =
            [Or, And, Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual, Add, Sub, Mul, Div, Rem, Power];
        let less = depth.saturating_sub(1);
        let kind = match self.pick(if depth == 0 { 3 } else { 16 }) {
            0 => self.number(),
            1 => ExprKind::Path(Path { root: self.ident(), steps: vec![], span: NOWHERE }),
            2 => [ExprKind::Bool(true), ExprKind::Text(self.text().value), ExprKind::From(self.text())][self.pick(3)].clone(),
            3 => ExprKind::Path(self.path(less)),
            4 => ExprKind::Call(self.call(less, false)),
            5 => ExprKind::Random(self.call(less, true)),
            6 => ExprKind::Array(self.some(0, |g| g.expr(less))),
            7 => ExprKind::Unary { op: [UnaryOp::Negate, UnaryOp::Not][self.pick(2)], operand: self.boxed(less) },
            8 => ExprKind::If { condition: self.boxed(less), yes: self.boxed(less), no: self.boxed(less) },
            9 => ExprKind::Range { low: self.boxed(less), high: self.boxed(less) },
            10 => ExprKind::Within { value: self.boxed(less), bounds: Box::new(self.interval(less)) },
            _ => ExprKind::Binary { op: OPS[self.pick(14)], left: self.boxed(less), right: self.boxed(less) },
        };
        Expr { kind, span: NOWHERE }
    }

    fn interval(&mut self, depth: usize) -> Interval {
        Interval { low: self.expr(depth), high: self.expr(depth), span: NOWHERE }
    }

    fn call(&mut self, depth: usize, after_random: bool) -> Call {
        let mut callee = self.ident();
        // `random delay` reads as a name before a keyword.
        if after_random && ["every", "delay"].contains(&callee.text.as_str()) {
            callee.text = "normal".to_string();
        }
        let args = self.some(0, |g| Arg {
            binding: match g.pick(3) {
                0 => Binding::Position,
                1 => Binding::Name(g.ident()),
                _ => Binding::Drive(g.ident()),
            },
            value: g.expr(depth),
            delay: g.maybe(|g| g.expr(depth)),
            span: NOWHERE,
        });
        Call { callee, args, span: NOWHERE }
    }

    fn path(&mut self, depth: usize) -> Path {
        let root = self.ident();
        let steps = self.some(0, |g| {
            let kind = if g.yes() { StepKind::Field(g.ident()) } else { StepKind::Index(g.some(1, |g| g.subscript(depth))) };
            Step { kind, span: NOWHERE }
        });
        Path { root, steps, span: NOWHERE }
    }

    fn subscript(&mut self, depth: usize) -> Subscript {
        if self.yes() {
            return Subscript::At(self.expr(depth));
        }
        Subscript::Range { low: self.maybe(|g| g.expr(depth)), high: self.maybe(|g| g.expr(depth)) }
    }

    fn ty(&mut self, depth: usize) -> Type {
        let inner = |g: &mut Self| Box::new(g.ty(depth.saturating_sub(1)));
        let kind = match self.pick(if depth == 0 { 4 } else { 8 }) {
            0 => TypeKind::Name(Ident { text: "voltage".to_string(), span: NOWHERE }),
            1 => TypeKind::One,
            2 => TypeKind::Spikes,
            3 => TypeKind::Fixed { bits: 32, fraction: [15, 0, 10][self.pick(3)] },
            4 => TypeKind::Product(inner(self), inner(self)),
            5 => TypeKind::Quotient(inner(self), inner(self)),
            6 => TypeKind::Power(inner(self), [2, -3][self.pick(2)]),
            _ => TypeKind::Graded(inner(self)),
        };
        Type { kind, span: NOWHERE }
    }

    fn lead(&mut self, first: bool) -> Vec<Lead> {
        let mut lead = Vec::new();
        for _ in 0..self.pick(4) {
            let blank = self.yes();
            if blank && lead.last() != Some(&Lead::Blank) && !(first && lead.is_empty()) {
                lead.push(Lead::Blank);
            } else {
                lead.push(Lead::Comment([" text", "", "// four", "x"][self.pick(4)].to_string()));
            }
        }
        lead
    }

    fn block<T>(&mut self, mut make: impl FnMut(&mut Self) -> T) -> Block<T> {
        let n = self.pick(4);
        let items: Vec<Item<T>> = (0..n)
            .map(|i| Item {
                lead: if self.pick(4) == 1 { self.lead(i == 0) } else { vec![] },
                docs: if self.pick(4) == 1 { self.some(1, |g| ["text", "", " two"][g.pick(3)].to_string()) } else { vec![] },
                node: make(self),
                trailing: if self.pick(4) == 1 { Some(" end".to_string()) } else { None },
                span: NOWHERE,
            })
            .collect();
        let mut dangling = if self.pick(6) == 1 { self.lead(items.is_empty()) } else { vec![] };
        if dangling.last() == Some(&Lead::Blank) {
            dangling.pop();
        }
        Block { items, dangling, span: NOWHERE }
    }

    fn binding(&mut self) -> Let {
        Let { name: self.ident(), ty: self.maybe(|g| g.ty(2)), value: self.expr(4) }
    }

    fn parameter(&mut self) -> Parameter {
        Parameter { name: self.ident(), ty: self.ty(2), default: self.maybe(|g| g.expr(2)) }
    }

    fn file(&mut self) -> File {
        File { file: FileId(0), body: self.block(Self::definition) }
    }

    fn definition(&mut self) -> Definition {
        match self.pick(8) {
            0 => Definition::Let(self.binding()),
            1 => Definition::Import(Import::Library(self.some(1, Self::ident))),
            2 => Definition::Import(Import::File(self.text())),
            3 => Definition::Function(Function {
                name: self.ident(),
                parameters: self.some(0, Self::parameter),
                result: self.maybe(|g| g.ty(2)),
                value: self.expr(3),
            }),
            4 => Definition::Neuron(Neuron { name: self.ident(), body: self.block(Self::neuron) }),
            5 => Definition::Synapse(Synapse { name: self.ident(), body: self.block(Self::synapse) }),
            _ => Definition::Circuit(Circuit {
                name: self.ident(),
                parameters: self.some(0, Self::parameter),
                body: self.block(|g| g.circuit(3)),
            }),
        }
    }

    fn circuit(&mut self, depth: usize) -> CircuitStatement {
        match self.pick(if depth == 0 { 7 } else { 9 }) {
            0 => CircuitStatement::Tick(self.expr(2)),
            1 => CircuitStatement::Let(self.binding()),
            2 => CircuitStatement::Population(self.population()),
            3 => CircuitStatement::Project(self.project()),
            4 => CircuitStatement::Instance(Instance {
                name: self.ident(),
                shape: self.some(0, |g| g.expr(2)),
                circuit: self.call(2, false),
            }),
            5 => CircuitStatement::Port(Port {
                direction: [Direction::In, Direction::Out][self.pick(2)],
                name: self.ident(),
                ty: self.maybe(|g| g.ty(1)),
                endpoint: self.path(2),
            }),
            6 => CircuitStatement::Record(Record { endpoints: self.some(1, |g| g.path(2)), every: self.maybe(|g| g.expr(2)) }),
            7 => CircuitStatement::For(For {
                name: self.ident(),
                values: self.expr(2),
                body: self.block(|g| g.circuit(depth - 1)),
            }),
            _ => CircuitStatement::If(If {
                branches: self.some(1, |g| Branch { condition: g.expr(2), body: g.block(|g| g.circuit(depth - 1)) }),
                otherwise: self.maybe(|g| g.block(|g| g.circuit(depth - 1))),
            }),
        }
    }

    fn population(&mut self) -> Population {
        let model = match self.pick(6) {
            0 => Model::Cell(self.expr(3)),
            1 => Model::SpikesFrom(self.text()),
            2 => Model::SpikesAt(self.expr(3)),
            3 => Model::SignalFrom(self.text()),
            4 => Model::LiveSpikes,
            _ => Model::LiveGraded(self.ty(2)),
        };
        let polarity = self.maybe(|g| Polarity { sign: [Sign::Excitatory, Sign::Inhibitory][g.pick(2)], span: NOWHERE });
        Population { name: self.ident(), shape: self.some(0, |g| g.expr(2)), model, polarity }
    }

    fn project(&mut self) -> Project {
        let flag = |g: &mut Self| g.maybe(|g| Flag { allowed: g.yes(), span: NOWHERE });
        let pattern = Pattern { rule: self.call(2, false), own: flag(self), multiple: flag(self) };
        Project {
            name: self.maybe(Self::ident),
            source: self.path(2),
            target: self.path(2),
            pattern,
            settings: self.block(|g| match g.pick(6) {
                0 => ProjectSetting::Weight(g.expr(2)),
                1 => ProjectSetting::Delay(g.expr(2)),
                2 => ProjectSetting::Bits(g.expr(0)),
                3 => ProjectSetting::Learn(g.call(2, false)),
                4 => ProjectSetting::OnMacro(g.maybe(Self::text)),
                _ => ProjectSetting::OnCore(g.maybe(Self::text)),
            }),
        }
    }

    fn param(&mut self) -> Param {
        Param { name: self.ident(), ty: self.ty(2), default: self.maybe(|g| g.expr(2)) }
    }

    fn state(&mut self) -> State {
        let Param { name, ty, default } = self.param();
        State { name, ty, initial: default, range: self.maybe(|g| Box::new(g.interval(2))) }
    }

    fn modulator(&mut self) -> Modulator {
        let Param { name, ty, default } = self.param();
        Modulator { name, ty, default }
    }

    fn integrate(&mut self) -> Integrate {
        Integrate { method: Method::ALL[self.pick(3)].0, substeps: self.maybe(|g| g.expr(1)) }
    }

    fn assign(&mut self) -> Assign {
        use AssignOp::*;
        Assign { name: self.ident(), op: [Set, Add, Sub, Mul, Div][self.pick(5)], value: self.expr(4) }
    }

    fn neuron(&mut self) -> NeuronStatement {
        match self.pick(8) {
            0 => NeuronStatement::Param(self.param()),
            1 => NeuronStatement::State(self.state()),
            2 => NeuronStatement::Receptor(Receptor { name: self.ident(), ty: self.ty(2) }),
            3 => NeuronStatement::Modulator(self.modulator()),
            4 => NeuronStatement::Integrate(self.integrate()),
            5 => NeuronStatement::On(On { receptor: self.ident(), body: self.block(Self::nested) }),
            6 => NeuronStatement::Update(self.block(Self::nested)),
            _ => self.nested(),
        }
    }

    fn nested(&mut self) -> NeuronStatement {
        match self.pick(4) {
            0 => NeuronStatement::Derivative(Derivative { name: self.ident(), value: self.expr(3) }),
            1 => NeuronStatement::Spike(Spike { condition: self.expr(3), body: self.block(Self::fired) }),
            _ => self.plain(),
        }
    }

    fn fired(&mut self) -> NeuronStatement {
        if self.pick(4) == 1 { NeuronStatement::Refractory(self.expr(2)) } else { self.plain() }
    }

    fn plain(&mut self) -> NeuronStatement {
        match self.pick(4) {
            0 => NeuronStatement::Assign(self.assign()),
            1 => NeuronStatement::Let(self.binding()),
            2 => NeuronStatement::Emit(Emit { value: self.expr(3), when: self.maybe(|g| g.expr(2)) }),
            _ => NeuronStatement::Hold(Hold { names: self.some(1, Self::ident), duration: self.expr(2) }),
        }
    }

    fn synapse(&mut self) -> SynapseStatement {
        let side = [Side::Pre, Side::Post][self.pick(2)];
        match self.pick(9) {
            0 => SynapseStatement::Param(self.param()),
            1 => SynapseStatement::Weight(self.state()),
            2 => SynapseStatement::State { side: self.maybe(|_| side), state: self.state() },
            3 => SynapseStatement::Modulator(self.modulator()),
            4 => SynapseStatement::Integrate(self.integrate()),
            5 => SynapseStatement::Derivative(Derivative { name: self.ident(), value: self.expr(3) }),
            6 => SynapseStatement::Assign(self.assign()),
            7 => SynapseStatement::Let(self.binding()),
            _ => SynapseStatement::On { side, body: self.block(|g| NeuronStatement::Assign(g.assign())) },
        }
    }
}

fn round_trip(bytes: &[u8]) {
    let file = Gen { bytes }.file();
    let printed = print(&file);
    let (again, diagnostics) = parse(FileId(0), &printed);
    assert!(!diagnostics.has_errors(), "{printed}\n{:?}", diagnostics.as_slice());
    assert_eq!(file, again, "{printed}");
    assert_eq!(print(&again), printed);
}

#[test]
fn a_model_may_be_called_live() {
    let text = "circuit c {\n  population x: live within 1 .. 2\n}\n";
    let (file, diagnostics) = parse(FileId(0), text);
    assert!(!diagnostics.has_errors(), "{:?}", diagnostics.as_slice());
    assert_eq!(print(&file), text);
}

/// Whatever the text, what could be read prints to something that reads back the same.
fn survives(text: &str) {
    let (file, _) = parse(FileId(0), text);
    let printed = print(&file);
    let (again, diagnostics) = parse(FileId(0), &printed);
    assert!(!diagnostics.has_errors(), "{printed}\n{:?}", diagnostics.as_slice());
    assert_eq!(file, again, "{printed}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_trees_survive_printing(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        round_trip(&bytes);
    }

    #[test]
    fn any_text_is_read(text in any::<String>()) {
        survives(&text);
    }

    #[test]
    fn any_tokens_are_read(words in proptest::collection::vec(
        proptest::sample::select(vec![
            "circuit", "neuron", "c", "{", "}", "(", ")", "[", "]", ";", "\n", "=", "+=", "-", "+", "^", "..", "->", "<-", "if", "then",
            "else", "for", "in", "x", "1", "2 ms", "project", "population", "by", ":", ",", ".", "spike", "when", "within", "let", "//c\n",
            "///d\n", "\"s\"", "$", "\n\n", "not", "random", "from", "record", "on", "d", "param", "fixed 3.2",
        ]), 0..120)) {
        survives(&words.join(" "));
    }

    #[test]
    fn damaged_programs_are_read(which in 0..FIXTURES.len(), cuts in proptest::collection::vec((any::<u16>(), 0..40_usize, "[ -~\n]{0,3}"), 1..6)) {
        let mut chars: Vec<char> = FIXTURES[which].chars().collect();
        for (at, n, insert) in cuts {
            let at = usize::from(at) % chars.len().max(1);
            let end = (at + n).min(chars.len());
            chars.splice(at.min(end)..end, insert.chars());
        }
        survives(&chars.into_iter().collect::<String>());
    }
}
