//! Expressions to operations: what does not change in time is computed at once, the rest goes onto the tape.

use super::plan::Plan;
use super::scalar;
use super::tape::{LANES, Op, OpKind, Operand};
use crate::circuit::Values;
use crate::circuit::model::{BinaryOp, DrawKind, ExprId, ExprKind, LocalId, Model, StateId, UnaryOp};
use crate::table::{Id, Table};
use std::collections::{BTreeMap, BTreeSet};

/// A value while a plan is made.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Value {
    /// The same for all neurons, for ever.
    Uniform(f64),
    /// Anything else.
    At(Operand),
}

/// Which states a question of dependence is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Of {
    System,
    Unknowns,
}

/// What expressions are compiled against, and the tape that grows.
pub(crate) struct Compiler<'a> {
    pub model: &'a Model,
    pub plan: Plan,
    pub tick: f64,
    /// Number of neurons.
    pub size: usize,
    /// Parameters and totals.
    pub params: Vec<Value>,
    pub totals: Vec<Value>,
    /// Value and fraction bits of each `let` so far.
    pub locals: BTreeMap<LocalId, ExprId>,
    /// States that are integrated by the system at hand: `let`s that depend on them are looked through.
    pub system: Vec<StateId>,
    /// Those of them that [`Compiler::linear`] separates.
    pub unknowns: Vec<StateId>,
    /// Whether the system's states are read half-way through their step.
    pub at_stage: bool,
    tape: Vec<Op>,
    temps: usize,
    known: BTreeMap<ExprId, Value>,
    depends: BTreeMap<(ExprId, Of), bool>,
}

impl<'a> Compiler<'a> {
    pub(crate) fn new(model: &'a Model, plan: Plan, tick: f64, size: u32) -> Self {
        Compiler {
            model,
            plan,
            tick,
            size: size as usize,
            params: Vec::new(),
            totals: Vec::new(),
            locals: BTreeMap::new(),
            system: Vec::new(),
            unknowns: Vec::new(),
            at_stage: false,
            tape: Vec::new(),
            temps: 0,
            known: BTreeMap::new(),
            depends: BTreeMap::new(),
        }
    }

    /// Values of a table of the population as a value of the plan.
    pub(crate) fn column(&mut self, values: &Values) -> Value {
        match values {
            Values::Uniform(x) => Value::Uniform(*x),
            Values::Each(xs) => self.constant(xs.clone()),
        }
    }

    /// A column that never changes.
    pub(crate) fn constant(&mut self, column: Vec<f64>) -> Value {
        match column.first() {
            Some(first) if column.iter().all(|x| x.to_bits() == first.to_bits()) => Value::Uniform(*first),
            _ => {
                self.plan.constant.push(column);
                Value::At(Operand::Constant(self.plan.constant.len() - 1))
            }
        }
    }

    /// A value at one neuron if it never changes.
    pub(crate) fn constant_at(&self, value: Value, neuron: usize) -> Option<f64> {
        match value {
            Value::Uniform(x) => Some(x),
            Value::At(Operand::Constant(i)) => self.plan.constant[i].get(neuron).copied(),
            Value::At(_) => None,
        }
    }

    /// Takes the tape made since the last call; results on it may be read until the next tape runs.
    pub(crate) fn take_tape(&mut self) -> Vec<Op> {
        self.plan.temps = self.plan.temps.max(self.temps);
        self.temps = 0;
        self.forget();
        std::mem::take(&mut self.tape)
    }

    /// Forgets what was computed, because states or stages differ from here on; temporaries stay in use.
    pub(crate) fn forget(&mut self) {
        self.known.clear();
        self.depends.clear();
    }

    /// Ends a tape whose results must outlive the next one.
    pub(crate) fn split_tape(&mut self) -> Vec<Op> {
        self.plan.temps = self.plan.temps.max(self.temps);
        self.forget();
        std::mem::take(&mut self.tape)
    }

    /// Where a value stands when the tape has run.
    pub(crate) fn operand(&mut self, value: Value) -> Operand {
        match value {
            Value::At(operand) => operand,
            Value::Uniform(x) => {
                let blocks = self.plan.fixed.chunks(LANES).position(|b| b[0].to_bits() == x.to_bits());
                Operand::Fixed(blocks.unwrap_or_else(|| {
                    self.plan.fixed.extend([x; LANES]);
                    self.plan.fixed.len() / LANES - 1
                }))
            }
        }
    }

    /// One operation: computed now if its operands never change.
    pub(crate) fn apply(&mut self, kind: OpKind, args: &[Value]) -> Value {
        let at = |i: usize| args.get(i).or(args.first()).copied().unwrap_or(Value::Uniform(0.0));
        let three = [at(0), at(1), at(2)];
        let timeless = !matches!(kind, OpKind::Modulator(_) | OpKind::Normal(_) | OpKind::Uniform(_));
        if let ([Value::Uniform(a), Value::Uniform(b), Value::Uniform(c)], true) = (three, timeless) {
            return Value::Uniform(scalar::operate(kind, a, b, c));
        }
        let never_changes = |v: &Value| matches!(v, Value::Uniform(_) | Value::At(Operand::Constant(_)));
        if timeless && three.iter().all(never_changes) {
            let at = |v: Value, neuron| self.constant_at(v, neuron).unwrap_or(f64::NAN);
            let compute = |n| scalar::operate(kind, at(three[0], n), at(three[1], n), at(three[2], n));
            let column = (0..self.size).map(compute).collect();
            return self.constant(column);
        }
        let args = three.map(|v| self.operand(v));
        let out = self.temps;
        self.temps += 1;
        self.tape.push(Op { kind, args, out });
        Value::At(Operand::Temp(out))
    }

    pub(crate) fn binary(&mut self, op: BinaryOp, a: Value, b: Value) -> Value {
        self.apply(OpKind::Binary(op), &[a, b])
    }

    /// The value of an expression; equal sub-expressions are computed once.
    pub(crate) fn value(&mut self, id: ExprId) -> Value {
        if let Some(known) = self.known.get(&id) {
            return *known;
        }
        // Children first, so that `compute` finds them known: no expression is deep enough to exhaust the stack.
        self.depends(id, Of::System);
        let descend = |c: &Self, id: ExprId| {
            !c.known.contains_key(&id)
                && (!matches!(c.model.exprs[id].kind, ExprKind::Local(_)) || c.known_to_depend(id, Of::System))
        };
        for below in self.ordered(id, descend) {
            if !self.known.contains_key(&below) {
                let value = self.compute(below);
                self.known.insert(below, value);
            }
        }
        self.known.get(&id).copied().unwrap_or(Value::Uniform(f64::NAN))
    }

    /// The expressions below `root` and itself, children before parents as they stand in the arena; not below those that
    /// `descend` refuses.
    pub(crate) fn ordered(&self, root: ExprId, descend: impl Fn(&Self, ExprId) -> bool) -> BTreeSet<ExprId> {
        let (mut seen, mut stack) = (BTreeSet::new(), vec![root]);
        while let Some(id) = stack.pop() {
            if seen.insert(id) && descend(self, id) {
                stack.extend(self.children(&self.model.exprs[id].kind).into_iter().flatten());
            }
        }
        seen
    }

    fn compute(&mut self, id: ExprId) -> Value {
        let model = self.model;
        match &model.exprs[id].kind {
            ExprKind::Constant(x) => Value::Uniform(*x),
            ExprKind::Tick => Value::Uniform(self.tick),
            ExprKind::Param(p) => self.params.get(p.index()).copied().unwrap_or(Value::Uniform(f64::NAN)),
            ExprKind::Total(r) => self.totals.get(r.index()).copied().unwrap_or(Value::Uniform(0.0)),
            ExprKind::State(s) => Value::At(match self.system.iter().position(|x| x == s) {
                Some(i) if self.at_stage => Operand::Stage(i),
                _ => Operand::State(s.index()),
            }),
            ExprKind::Input(r) => Value::At(Operand::Input(r.index())),
            ExprKind::Modulator(m) => self.apply(OpKind::Modulator(m.index()), &[]),
            ExprKind::Local(local) => match self.locals.get(local).copied() {
                Some(value) if self.depends(value, Of::System) => self.value(value),
                _ => Value::At(Operand::Local(local.index())),
            },
            ExprKind::Unary(op, a) => {
                let a = self.value(*a);
                self.apply(OpKind::Unary(*op), &[a])
            }
            ExprKind::Binary(op, a, b) => {
                let (a, b) = (self.value(*a), self.value(*b));
                self.power_or_binary(*op, a, b)
            }
            ExprKind::If(a, b, c) => self.three(OpKind::Select, *a, *b, *c),
            ExprKind::Clip(a, b, c) => self.three(OpKind::Clip, *a, *b, *c),
            ExprKind::Draw { number, kind } => match *kind {
                DrawKind::Normal { mean, std } => self.two(OpKind::Normal(*number), mean, std),
                DrawKind::Uniform { low, high } => self.two(OpKind::Uniform(*number), low, high),
            },
            ExprKind::RawMultiply { a, b, rounding, shift } => {
                let frac = [self.frac(*a).unwrap_or(0), self.frac(*b).unwrap_or(0)];
                self.two(OpKind::RawMultiply { frac, shift: *shift, rounding: *rounding }, *a, *b)
            }
            ExprKind::RawShift { a, by, rounding } => {
                let frac = self.frac(*a).unwrap_or(0);
                self.two(OpKind::RawShift { frac, by: *by, rounding: *rounding }, *a, *a)
            }
        }
    }

    fn two(&mut self, kind: OpKind, a: ExprId, b: ExprId) -> Value {
        let args = [self.value(a), self.value(b)];
        self.apply(kind, &args)
    }

    fn three(&mut self, kind: OpKind, a: ExprId, b: ExprId, c: ExprId) -> Value {
        let args = [self.value(a), self.value(b), self.value(c)];
        self.apply(kind, &args)
    }

    fn power_or_binary(&mut self, op: BinaryOp, a: Value, b: Value) -> Value {
        match (op, b) {
            (BinaryOp::Power, Value::Uniform(n)) if (1.0..=16.0).contains(&n) && libm::floor(n) == n => {
                self.apply(OpKind::PowerInt(n as u32), &[a])
            }
            _ => self.binary(op, a, b),
        }
    }

    /// Fraction bits of an expression of `fixed` values; `None` for real numbers and constants.
    pub(crate) fn frac(&self, id: ExprId) -> Option<i16> {
        let either = |ids: &[ExprId]| ids.iter().filter_map(|id| self.frac(*id)).max();
        match &self.model.exprs[id].kind {
            ExprKind::State(s) => self.model.states[*s].fixed.map(i16::from),
            ExprKind::Input(r) | ExprKind::Total(r) => self.model.receptors[*r].fixed.map(i16::from),
            ExprKind::Local(local) => self.locals.get(local).and_then(|value| self.frac(*value)),
            ExprKind::Unary(UnaryOp::Negate | UnaryOp::Absolute, a) => self.frac(*a),
            ExprKind::RawShift { a, .. } => self.frac(*a),
            ExprKind::Binary(BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Min | BinaryOp::Max, a, b) => either(&[*a, *b]),
            ExprKind::If(_, a, b) => either(&[*a, *b]),
            ExprKind::Clip(a, b, c) => either(&[*a, *b, *c]),
            ExprKind::RawMultiply { a, b, shift, .. } => {
                Some(self.frac(*a).unwrap_or(0) + self.frac(*b).unwrap_or(0) - i16::from(*shift))
            }
            _ => None,
        }
    }

    /// Whether an expression depends on one of some states, also through `let`s.
    pub(crate) fn depends(&mut self, id: ExprId, of: Of) -> bool {
        if let Some(known) = self.depends.get(&(id, of)) {
            return *known;
        }
        let states = match of {
            Of::System => &self.system,
            Of::Unknowns => &self.unknowns,
        };
        for below in self.ordered(id, |c, id| !c.depends.contains_key(&(id, of))) {
            let kind = &self.model.exprs[below].kind;
            let known = |child: ExprId| self.known_to_depend(child, of);
            let answer = match kind {
                ExprKind::State(s) => states.contains(s),
                kind => known(below) || self.children(kind).into_iter().flatten().any(known),
            };
            self.depends.insert((below, of), answer);
        }
        self.known_to_depend(id, of)
    }

    /// Whether [`Compiler::depends`] was asked about it before, of it or one above it, and it does.
    pub(crate) fn known_to_depend(&self, id: ExprId, of: Of) -> bool {
        self.depends.get(&(id, of)) == Some(&true)
    }

    /// The expressions below one; that of a `let` is its value.
    fn children(&self, kind: &ExprKind) -> [Option<ExprId>; 3] {
        match kind {
            ExprKind::Local(local) => [self.locals.get(local).copied(), None, None],
            ExprKind::Unary(_, a) | ExprKind::RawShift { a, .. } => [Some(*a), None, None],
            ExprKind::Binary(_, a, b) | ExprKind::RawMultiply { a, b, .. } => [Some(*a), Some(*b), None],
            ExprKind::If(a, b, c) | ExprKind::Clip(a, b, c) => [Some(*a), Some(*b), Some(*c)],
            ExprKind::Draw { kind: DrawKind::Normal { mean: a, std: b } | DrawKind::Uniform { low: a, high: b }, .. } => {
                [Some(*a), Some(*b), None]
            }
            _ => [None; 3],
        }
    }
}

/// Whether there is one value for all, or one for each.
pub(crate) fn one_or_each(values: &Values, size: u32) -> bool {
    !matches!(values, Values::Each(xs) if xs.len() != size as usize)
}

/// Whether a table has all entries, each with one value for all or one for each.
pub(crate) fn fits<I: Id>(table: &Table<I, Values>, entries: usize, size: u32) -> bool {
    table.len() == entries && table.values().iter().all(|v| one_or_each(v, size))
}
