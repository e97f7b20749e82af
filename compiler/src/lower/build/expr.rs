//! Expressions to linear forms and truth values.

use super::Builder;
use crate::circuit::model::{BinaryOp, DrawKind, ExprId, ExprKind, LocalId, StateId, UnaryOp};
use crate::diagnostic::Diagnostic;
use crate::lower::graph::{Function, Lin, NodeId, Op, RawOp, is_floor};
use crate::lower::known::Known;
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// A number, with the fraction bits that the model gave it by hand.
#[derive(Clone, Debug)]
pub(in crate::lower) struct Number {
    /// The value.
    pub(in crate::lower) lin: Lin,
    /// Its fraction bits, when it is `fixed`.
    pub(in crate::lower) fixed: Option<i8>,
}

/// A number or a truth value.
#[derive(Clone, Debug)]
enum Value {
    Number(Number),
    Truth(NodeId),
}

/// The values of the expressions below one.
type Values = BTreeMap<ExprId, Value>;

impl Builder<'_> {
    /// The number that `expr` is here.
    pub(super) fn number(&mut self, expr: ExprId) -> Number {
        match self.evaluate(expr) {
            Value::Number(number) => number,
            Value::Truth(mask) => Number { lin: self.zero_or_one(mask, self.model.exprs[expr].span), fixed: None },
        }
    }

    /// The truth value that `expr` is here.
    pub(super) fn truth(&mut self, expr: ExprId) -> NodeId {
        match self.evaluate(expr) {
            Value::Truth(mask) => mask,
            Value::Number(number) => self.not_zero(number.lin, self.model.exprs[expr].span),
        }
    }

    fn zero_or_one(&mut self, mask: NodeId, span: Span) -> Lin {
        self.graph.choose(mask, Lin::known(Known::ONE), Lin::known(Known::ZERO), span)
    }

    fn not_zero(&mut self, lin: Lin, span: Span) -> NodeId {
        // A truth value that was made a number, for a `let`, is the same truth value again.
        let is = |lin: &Lin, x: f64| lin.as_known().is_some_and(|k| k.is(x));
        if let Some(Op::Choose(mask, a, b)) = lin.as_node().map(|n| &self.graph.nodes[n].op)
            && is(a, 1.0)
            && is(b, 0.0)
        {
            return *mask;
        }
        let zero = self.is_zero(lin, span);
        self.graph.not(zero, span)
    }

    fn evaluate(&mut self, root: ExprId) -> Value {
        // Children stand before parents in the arena, so ascending order needs no recursion however deep the text nests.
        let mut below = BTreeSet::from([root]);
        let mut open = vec![root];
        while let Some(id) = open.pop() {
            let inner = self.looked_through(id);
            open.extend(children(&self.model.exprs[id].kind).into_iter().chain(inner).filter(|c| below.insert(*c)));
        }
        let mut values = Values::new();
        for id in below {
            let value = self.one(id, &values);
            values.insert(id, value);
        }
        values.remove(&root).unwrap_or(Value::Number(Number { lin: Lin::known(Known::ZERO), fixed: None }))
    }

    /// The expression behind a `let` that is evaluated anew.
    fn looked_through(&self, id: ExprId) -> Option<ExprId> {
        match self.model.exprs[id].kind {
            ExprKind::Local(l) if self.through.contains(&l) => self.lets[l],
            _ => None,
        }
    }

    /// The `let`s that read one of `states`, directly or through others.
    pub(super) fn lets_on(&self, states: &[StateId]) -> BTreeSet<LocalId> {
        let mut on = BTreeSet::new();
        // A `let` reads earlier ones only, and those have lower ids.
        for (local, expr) in self.lets.iter().filter_map(|(l, e)| Some((l, (*e)?))) {
            let mut seen = BTreeSet::from([expr]);
            let mut open = vec![expr];
            while let Some(id) = open.pop() {
                let reads = match &self.model.exprs[id].kind {
                    ExprKind::State(s) => states.contains(s),
                    ExprKind::Local(l) => on.contains(l),
                    _ => false,
                };
                if reads {
                    on.insert(local);
                    break;
                }
                open.extend(children(&self.model.exprs[id].kind).into_iter().filter(|c| seen.insert(*c)));
            }
        }
        on
    }

    fn one(&mut self, id: ExprId, values: &Values) -> Value {
        let expr = &self.model.exprs[id];
        let (span, kind) = (expr.span, expr.kind.clone());
        let real = |lin: Lin| Value::Number(Number { lin, fixed: None });
        match kind {
            ExprKind::Constant(x) if expr.truth => {
                Value::Truth(self.graph.truth_of(Known::Same(f64::from(u8::from(x != 0.0))), span))
            }
            ExprKind::Constant(x) => real(Lin::known(Known::Same(x))),
            ExprKind::Tick => real(Lin::known(Known::Same(self.constants.tick))),
            ExprKind::Param(p) => real(Lin::known(self.constants.params[p].clone())),
            ExprKind::State(s) => Value::Number(Number { lin: self.current[s].clone(), fixed: self.model.states[s].fixed }),
            ExprKind::Input(r) => Value::Number(Number { lin: self.inputs[r].clone(), fixed: self.model.receptors[r].fixed }),
            ExprKind::Total(r) => real(Lin::known(self.constants.totals[r].clone())),
            ExprKind::Modulator(m) => real(self.graph.number(Op::Modulator(m), span)),
            ExprKind::Local(_) if self.looked_through(id).is_some_and(|e| values.contains_key(&e)) => {
                self.looked_through(id).and_then(|e| values.get(&e).cloned()).unwrap_or(real(Lin::known(Known::ZERO)))
            }
            ExprKind::Local(l) => {
                Value::Number(self.locals[l].clone().unwrap_or(Number { lin: Lin::known(Known::ZERO), fixed: None }))
            }
            ExprKind::Unary(op, a) => self.unary(op, a, values, span),
            ExprKind::Binary(op, a, b) => self.binary(op, a, b, values, span),
            ExprKind::If(c, a, b) => {
                let mask = self.truth_in(c, values);
                if expr.truth {
                    let (a, b) = (self.truth_in(a, values), self.truth_in(b, values));
                    return Value::Truth(self.truth_choice(mask, a, b, span));
                }
                let (a, b) = (self.number_in(a, values), self.number_in(b, values));
                let fixed = a.fixed.or(b.fixed);
                Value::Number(Number { lin: self.graph.choose(mask, a.lin, b.lin, span), fixed })
            }
            ExprKind::Clip(x, low, high) => {
                let [x, low, high] = [x, low, high].map(|e| self.number_in(e, values));
                let fixed = x.fixed.or(low.fixed).or(high.fixed);
                Value::Number(Number { lin: self.clip(x.lin, low.lin, high.lin, span), fixed })
            }
            ExprKind::Draw { number, kind } => real(self.draw(number, kind, values, span)),
            ExprKind::RawMultiply { a, b, rounding, shift } => {
                let (a, b) = (self.number_in(a, values), self.number_in(b, values));
                let (fa, fb) = (a.fixed.unwrap_or(0), b.fixed.unwrap_or(0));
                let bits = (i16::from(fa) + i16::from(fb) - i16::from(shift)).clamp(-96, 96) as i8;
                let op = RawOp::Multiply { shift, floor: is_floor(rounding) };
                let lin = self.graph.number(Op::Raw(op, a.lin, b.lin, [fa, fb, bits]), span);
                Value::Number(Number { lin, fixed: Some(bits) })
            }
            ExprKind::RawShift { a, by, rounding } => {
                let a = self.number_in(a, values);
                let f = a.fixed.unwrap_or(0);
                let op = RawOp::Shift { by, floor: is_floor(rounding) };
                let lin = self.graph.number(Op::Raw(op, a.lin, Lin::known(Known::ZERO), [f, f, f]), span);
                Value::Number(Number { lin, fixed: Some(f) })
            }
        }
    }

    fn number_in(&mut self, id: ExprId, values: &Values) -> Number {
        match values.get(&id) {
            Some(Value::Number(n)) => n.clone(),
            Some(Value::Truth(mask)) => {
                let (mask, span) = (*mask, self.model.exprs[id].span);
                Number { lin: self.zero_or_one(mask, span), fixed: None }
            }
            None => Number { lin: Lin::known(Known::ZERO), fixed: None },
        }
    }

    fn truth_in(&mut self, id: ExprId, values: &Values) -> NodeId {
        match values.get(&id) {
            Some(Value::Truth(mask)) => *mask,
            _ => {
                let lin = self.number_in(id, values).lin;
                self.not_zero(lin, self.model.exprs[id].span)
            }
        }
    }

    fn truth_choice(&mut self, mask: NodeId, a: NodeId, b: NodeId, span: Span) -> NodeId {
        let other = self.graph.not(mask, span);
        let (a, b) = (self.graph.and(mask, a, span), self.graph.and(other, b, span));
        self.graph.or(a, b, span)
    }

    fn unary(&mut self, op: UnaryOp, a: ExprId, values: &Values, span: Span) -> Value {
        if op == UnaryOp::Not {
            let a = self.truth_in(a, values);
            return Value::Truth(self.graph.not(a, span));
        }
        let Number { lin, fixed } = self.number_in(a, values);
        let number = |lin, fixed| Value::Number(Number { lin, fixed });
        match op {
            UnaryOp::Negate => match fixed {
                Some(f) => {
                    let zero = Lin::known(Known::ZERO);
                    number(self.graph.number(Op::Raw(RawOp::Subtract, zero, lin, [f; 3]), span), fixed)
                }
                None => number(lin.scaled(&Known::Same(-1.0)), None),
            },
            UnaryOp::Absolute => number(self.known_or(lin, f64::abs, Op::Absolute, span), fixed),
            UnaryOp::Floor => number(self.known_or(lin, libm::floor, Op::Floor, span), None),
            UnaryOp::Heaviside => {
                let mask = self.at_least(lin, span);
                number(self.zero_or_one(mask, span), None)
            }
            UnaryOp::Exp => number(self.apply(Function::Exp, lin, span), None),
            UnaryOp::Log => number(self.apply(Function::Log, lin, span), None),
            UnaryOp::Sqrt => number(self.apply(Function::Sqrt, lin, span), None),
            UnaryOp::Tanh => number(self.apply(Function::Tanh, lin, span), None),
            UnaryOp::Sigmoid => number(self.apply(Function::Sigmoid, lin, span), None),
            UnaryOp::Not => number(lin, fixed),
        }
    }

    fn binary(&mut self, op: BinaryOp, a: ExprId, b: ExprId, values: &Values, span: Span) -> Value {
        if matches!(op, BinaryOp::And | BinaryOp::Or) {
            let (a, b) = (self.truth_in(a, values), self.truth_in(b, values));
            return Value::Truth(if op == BinaryOp::And { self.graph.and(a, b, span) } else { self.graph.or(a, b, span) });
        }
        let exponent = b;
        let (a, b) = (self.number_in(a, values), self.number_in(b, values));
        let fixed = a.fixed.or(b.fixed);
        let number = |lin, fixed| Value::Number(Number { lin, fixed });
        match op {
            BinaryOp::Add | BinaryOp::Subtract => match fixed {
                Some(f) => {
                    let raw = if op == BinaryOp::Add { RawOp::Add } else { RawOp::Subtract };
                    number(self.graph.number(Op::Raw(raw, a.lin, b.lin, [f; 3]), span), fixed)
                }
                None if op == BinaryOp::Add => number(a.lin.plus(&b.lin), None),
                None => number(a.lin.minus(&b.lin), None),
            },
            BinaryOp::Multiply => number(self.graph.product(&a.lin, &b.lin, span), None),
            BinaryOp::Divide => number(self.graph.quotient(&a.lin, &b.lin, span), None),
            BinaryOp::Power => match b.lin.as_known().and_then(Known::same) {
                Some(p) => number(self.power(a.lin, p, span), None),
                None => {
                    let place = self.model.exprs[exponent].span;
                    self.errors.push(
                        Diagnostic::error("E0802", "an exponent must be one constant", place)
                            .help("write `exp(b * log(a))` for `a^b`"),
                    );
                    number(a.lin, None)
                }
            },
            BinaryOp::Min => number(self.either(a.lin, b.lin, f64::min, Op::Min, span), fixed),
            BinaryOp::Max => number(self.either(a.lin, b.lin, f64::max, Op::Max, span), fixed),
            _ => Value::Truth(self.compare(op, a.lin, b.lin, span)),
        }
    }

    fn compare(&mut self, op: BinaryOp, a: Lin, b: Lin, span: Span) -> NodeId {
        match op {
            BinaryOp::Less => self.above(b.minus(&a), span),
            BinaryOp::LessEqual => self.at_least(b.minus(&a), span),
            BinaryOp::Greater => self.above(a.minus(&b), span),
            BinaryOp::Equal => self.is_zero(a.minus(&b), span),
            BinaryOp::NotEqual => self.not_zero(a.minus(&b), span),
            _ => self.at_least(a.minus(&b), span),
        }
    }

    fn test(&mut self, lin: Lin, known: impl Fn(f64) -> bool, op: fn(Lin) -> Op, span: Span) -> NodeId {
        match lin.as_known() {
            Some(k) => {
                let truth = k.map(|x| f64::from(u8::from(known(x))));
                self.graph.truth_of(truth, span)
            }
            None => self.graph.node(op(lin), span),
        }
    }

    fn at_least(&mut self, lin: Lin, span: Span) -> NodeId {
        self.test(lin, |x| x >= 0.0, Op::AtLeast, span)
    }

    fn above(&mut self, lin: Lin, span: Span) -> NodeId {
        self.test(lin, |x| x > 0.0, Op::Above, span)
    }

    pub(super) fn is_zero(&mut self, lin: Lin, span: Span) -> NodeId {
        self.test(lin, |x| x == 0.0, Op::IsZero, span)
    }

    fn draw(&mut self, number: u32, kind: DrawKind, values: &Values, span: Span) -> Lin {
        let (op, offset, scale) = match kind {
            DrawKind::Normal { mean, std } => {
                (Op::Normal(number), self.number_in(mean, values).lin, self.number_in(std, values).lin)
            }
            DrawKind::Uniform { low, high } => {
                let (low, high) = (self.number_in(low, values).lin, self.number_in(high, values).lin);
                let width = high.minus(&low);
                (Op::Uniform(number), low, width)
            }
        };
        let draw = self.graph.number(op, span);
        self.graph.product(&draw, &scale, span).plus(&offset)
    }
}

fn children(kind: &ExprKind) -> Vec<ExprId> {
    match *kind {
        ExprKind::Unary(_, a) | ExprKind::RawShift { a, .. } => vec![a],
        ExprKind::Binary(_, a, b) | ExprKind::RawMultiply { a, b, .. } => vec![a, b],
        ExprKind::Draw { kind: DrawKind::Normal { mean: a, std: b } | DrawKind::Uniform { low: a, high: b }, .. } => vec![a, b],
        ExprKind::If(a, b, c) | ExprKind::Clip(a, b, c) => vec![a, b, c],
        _ => Vec::new(),
    }
}
