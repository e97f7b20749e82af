//! Differential equations to values after one tick.

use super::system::{Coefficients, propagators};
use super::{Builder, Update};
use crate::circuit::model::{Method, StateId, System};
use crate::diagnostic::Diagnostic;
use crate::lower::graph::{Function, Lin, NodeId, Op};
use crate::lower::known::Known;
use crate::source::Span;

/// A longer form than this gets a register before it is used again: writing it out would cost more than the register.
const LONG: usize = 2;
/// Substeps that `explain` shows all of; of more it shows the first.
const MOST_SHOWN: u32 = 4;
/// Distinct holds whose states act on others; each doubles the number of propagators.
const MOST_COUPLED_HOLDS: usize = 2;

impl Builder<'_> {
    /// One system over one tick.
    pub(super) fn integrate(&mut self, system: &System) {
        let states: Vec<StateId> = system.equations.iter().map(|(s, _)| *s).collect();
        self.own_nodes(&states, system.span);
        let values = match system.method {
            Method::Exact => self.exact(system),
            _ => self.stepped(system),
        };
        let steps = if system.method == Method::Exact { 1 } else { system.substeps.max(1) };
        for ((state, expr), value) in system.equations.iter().zip(values) {
            if steps <= MOST_SHOWN {
                let method = name(system.method);
                self.updates.push(Update {
                    state: *state,
                    method,
                    value: value.clone(),
                    step: (steps, steps),
                    half: false,
                    becomes: None,
                });
            }
            self.write(*state, value, self.model.exprs[*expr].span);
        }
    }

    /// Notes a substep that is not the last, when its values are the current ones.
    fn note_substep(&mut self, system: &System, values: &[Lin], step: u32, steps: u32) {
        if step > 1 && steps > MOST_SHOWN {
            return;
        }
        for ((state, _), value) in system.equations.iter().zip(values) {
            let (method, becomes) = (name(system.method), self.current[*state].as_node());
            self.updates.push(Update { state: *state, method, value: value.clone(), step: (step, steps), half: false, becomes });
        }
    }

    /// Gives each state a node of its own, so that its coefficient can be told.
    fn own_nodes(&mut self, states: &[StateId], span: Span) {
        let mut taken: Vec<NodeId> = Vec::new();
        for state in states {
            let node = self.current[*state].as_node().filter(|n| !taken.contains(n));
            let node = match node {
                Some(node) => node,
                None => self.graph.node(Op::Write(*state, self.current[*state].clone()), span),
            };
            self.current[*state] = Lin::node(node);
            taken.push(node);
        }
    }

    /// The derivatives; `let`s that depend on the system's states are looked through, so that they follow its steps.
    fn derivatives(&mut self, system: &System) -> Vec<Lin> {
        let states: Vec<StateId> = system.equations.iter().map(|(s, _)| *s).collect();
        self.through = self.lets_on(&states);
        let rates = system.equations.iter().map(|(_, expr)| self.number(*expr).lin).collect();
        self.through.clear();
        rates
    }

    /// Notes the middle of a step, where it has nodes of its own.
    fn note_middle(&mut self, system: &System, values: &[Lin], step: (u32, u32)) {
        if step.0 > 1 && step.1 > MOST_SHOWN {
            return;
        }
        for ((state, _), value) in system.equations.iter().zip(values) {
            let node = self.current[*state].as_node();
            let becomes = node.filter(|n| matches!(self.graph.nodes[*n].op, Op::Keep(_) | Op::Choose(..)));
            if becomes.is_some() {
                let method = name(system.method);
                self.updates.push(Update { state: *state, method, value: value.clone(), step, half: true, becomes });
            }
        }
    }

    fn exact(&mut self, system: &System) -> Vec<Lin> {
        let n = system.equations.len();
        let nodes: Vec<NodeId> = system.equations.iter().filter_map(|(s, _)| self.current[*s].as_node()).collect();
        let rates = self.derivatives(system);
        let mut a: Coefficients = vec![vec![Known::ZERO; n]; n];
        let mut rest = Vec::with_capacity(n);
        for (i, rate) in rates.iter().enumerate() {
            let mut other = Lin::known(rate.bias.clone());
            for (node, c) in &rate.terms {
                match nodes.iter().position(|x| x == node) {
                    Some(j) => a[i][j] = c.clone(),
                    None => other.terms.push((*node, c.clone())),
                }
            }
            self.check_linear(system, i, &other, &nodes);
            rest.push(other);
        }
        self.variants(system, &a, &rest)
    }

    /// Refuses a rest in which a state still occurs.
    fn check_linear(&mut self, system: &System, i: usize, rest: &Lin, nodes: &[NodeId]) {
        let bad = rest.terms.iter().find(|(n, _)| self.graph.depends(*n, nodes));
        if let Some((node, _)) = bad {
            let state = &self.model.states[system.equations[i].0].name;
            self.errors.push(
                Diagnostic::error("E0802", format!("the equation of `{state}` is not linear"), self.graph.nodes[*node].span)
                    .label(system.span, "it is integrated exactly")
                    .help("choose a method: `integrate euler`, `integrate midpoint` or `integrate exponential_euler`"),
            );
        }
    }

    /// The values after a tick, for every set of holds that changes what the other states do.
    fn variants(&mut self, system: &System, a: &Coefficients, rest: &[Lin]) -> Vec<Lin> {
        let masks: Vec<Option<NodeId>> = system.equations.iter().map(|(s, _)| self.hold_of(*s)).collect();
        let acts = |j: usize| a.iter().enumerate().any(|(i, row)| i != j && !row[j].is(0.0));
        let mut coupled: Vec<NodeId> = (0..masks.len()).filter(|j| acts(*j)).filter_map(|j| masks[j]).collect();
        coupled.sort_unstable();
        coupled.dedup();
        if coupled.len() > MOST_COUPLED_HOLDS {
            self.errors.push(
                Diagnostic::error("E0802", "three or more holds act on the other states of one exact system", system.span)
                    .help("hold the states together, or integrate them by another method"),
            );
            coupled.truncate(MOST_COUPLED_HOLDS);
        }
        let mut values = self.propagate(system, a, rest, |_| false);
        for set in 1u32..1 << coupled.len() {
            let is_in = |mask: NodeId| coupled.iter().position(|m| *m == mask).is_some_and(|bit| set >> bit & 1 == 1);
            let held = self.propagate(system, a, rest, |i| masks[i].is_some_and(is_in));
            let mask = coupled.iter().enumerate().filter(|(bit, _)| set >> bit & 1 == 1).map(|(_, m)| *m);
            let mask = mask.fold(None, |all: Option<NodeId>, m| Some(all.map_or(m, |a| self.graph.and(a, m, system.span))));
            let Some(mask) = mask else { continue };
            // Later sets hold more masks than the earlier ones they contain, so the last choice that applies is the right one.
            for (i, value) in held.into_iter().enumerate().filter(|(i, _)| !masks[*i].is_some_and(is_in)) {
                values[i] = self.graph.choose(mask, value, values[i].clone(), system.span);
            }
        }
        values
    }

    fn propagate(&mut self, system: &System, a: &Coefficients, rest: &[Lin], held: impl Fn(usize) -> bool) -> Vec<Lin> {
        let n = rest.len();
        let row = |i: usize| if held(i) { vec![Known::ZERO; n] } else { a[i].clone() };
        let a: Coefficients = (0..n).map(row).collect();
        let Some((p, q)) = propagators(&a, self.constants.tick) else {
            self.errors.push(
                Diagnostic::error("E0802", "the solution of this system overflows within one tick", system.span)
                    .help("check the units of its time constants"),
            );
            return rest.to_vec();
        };
        (0..n)
            .map(|i| {
                let mut value = Lin::known(Known::ZERO);
                for (j, (state, _)) in system.equations.iter().enumerate() {
                    value = value.plus_scaled(&self.current[*state], &p[i][j]);
                    if !held(j) {
                        value = value.plus_scaled(&rest[j], &q[i][j]);
                    }
                }
                value
            })
            .collect()
    }

    /// The values after a tick of equal steps.
    fn stepped(&mut self, system: &System) -> Vec<Lin> {
        let old: Vec<Lin> = system.equations.iter().map(|(s, _)| self.current[*s].clone()).collect();
        let masks: Vec<Option<NodeId>> = system.equations.iter().map(|(s, _)| self.hold_of(*s)).collect();
        let steps = system.substeps.max(1);
        let h = self.constants.tick / f64::from(steps);
        let mut values = old.clone();
        for step in 0..steps {
            let now: Vec<Lin> = system.equations.iter().map(|(s, _)| self.current[*s].clone()).collect();
            values = self.step(system, h, &now, &masks, (step + 1, steps));
            if step + 1 < steps {
                self.put(system, &values, &now, &masks, true);
                self.note_substep(system, &values, step + 1, steps);
            }
        }
        for ((state, _), value) in system.equations.iter().zip(old) {
            self.current[*state] = value;
        }
        values
    }

    /// Makes `values` the current ones, but for states that are held; at the end of a step they saturate.
    fn put(&mut self, system: &System, values: &[Lin], now: &[Lin], masks: &[Option<NodeId>], ends: bool) {
        for (i, (state, _)) in system.equations.iter().enumerate() {
            let value = match masks[i] {
                Some(held) => self.graph.choose(held, now[i].clone(), values[i].clone(), system.span),
                None => values[i].clone(),
            };
            let long = value.terms.len() > LONG;
            self.current[*state] = if ends {
                self.graph.number(Op::Write(*state, value), system.span)
            } else if long {
                self.graph.number(Op::Keep(value), system.span)
            } else {
                value
            };
        }
    }

    fn step(&mut self, system: &System, h: f64, now: &[Lin], masks: &[Option<NodeId>], at: (u32, u32)) -> Vec<Lin> {
        let step = Known::Same(h);
        let mut rates = self.derivatives(system);
        if system.method == Method::ExponentialEuler {
            return (0..rates.len()).map(|i| self.exponential_step(system, i, &rates[i], h, &now[i])).collect();
        }
        if system.method == Method::Midpoint {
            let half = Known::Same(h / 2.0);
            let middle: Vec<Lin> = now.iter().zip(&rates).map(|(x, f)| x.plus_scaled(f, &half)).collect();
            self.put(system, &middle, now, masks, false);
            self.note_middle(system, &middle, at);
            rates = self.derivatives(system);
        }
        now.iter().zip(&rates).map(|(x, f)| x.plus_scaled(f, &step)).collect()
    }

    fn exponential_step(&mut self, system: &System, i: usize, rate: &Lin, h: f64, now: &Lin) -> Lin {
        let span = self.model.exprs[system.equations[i].1].span;
        let slope = now.as_node().and_then(|x| self.slope(rate, x, span));
        let Some(slope) = slope else {
            let state = &self.model.states[system.equations[i].0].name;
            self.errors.push(
                Diagnostic::error("E0802", format!("the equation of `{state}` is not linear in `{state}`"), span)
                    .help("choose another method: `integrate euler` or `integrate midpoint`"),
            );
            return now.clone();
        };
        let phi = self.apply(Function::Phi, slope.scaled(&Known::Same(h)), span);
        let change = self.graph.product(rate, &phi, span);
        now.plus_scaled(&change, &Known::Same(h))
    }

    /// The factor of node `x` in `lin`, when `lin` is linear in it.
    fn slope(&mut self, lin: &Lin, x: NodeId, span: Span) -> Option<Lin> {
        let mut slope = Lin::known(Known::ZERO);
        for (node, c) in &lin.terms {
            if *node == x {
                slope = slope.plus(&Lin::known(c.clone()));
            } else if self.graph.depends(*node, &[x]) {
                let part = self.slope_of_node(*node, x, span)?;
                slope = slope.plus_scaled(&part, c);
            }
        }
        Some(slope)
    }

    fn slope_of_node(&mut self, node: NodeId, x: NodeId, span: Span) -> Option<Lin> {
        let free = |graph: &crate::lower::graph::Graph, l: &Lin| !l.terms.iter().any(|(n, _)| graph.depends(*n, &[x]));
        match self.graph.nodes[node].op.clone() {
            Op::Product(a, b) if free(&self.graph, &b) => {
                let slope = self.slope(&a, x, span)?;
                Some(self.graph.product(&slope, &b, span))
            }
            Op::Product(a, b) if free(&self.graph, &a) => {
                let slope = self.slope(&b, x, span)?;
                Some(self.graph.product(&slope, &a, span))
            }
            Op::Quotient(a, b) if free(&self.graph, &b) => {
                let slope = self.slope(&a, x, span)?;
                Some(self.graph.quotient(&slope, &b, span))
            }
            Op::Keep(a) => self.slope(&a, x, span),
            Op::Choose(m, a, b) if !self.graph.depends(m, &[x]) => {
                let (a, b) = (self.slope(&a, x, span)?, self.slope(&b, x, span)?);
                Some(self.graph.choose(m, a, b, span))
            }
            _ => None,
        }
    }
}

/// As `explain` shows it.
fn name(method: Method) -> &'static str {
    match method {
        Method::Exact => "exact",
        Method::Euler => "euler",
        Method::Midpoint => "midpoint",
        Method::ExponentialEuler => "exponential euler",
    }
}
