//! Random models: one tick's error lies within its bound, and no value is ever lost.

use super::super::eval::Eval;
use super::super::{LowerOptions, Lowered, connections, lower};
use crate::circuit::model::{BinaryOp, ExprId, Method, Model, OutputType, Statement, UnaryOp};
use crate::circuit::{Circuit, PopId, Values};
use crate::diagnostic::Diagnostics;
use crate::lower::format::ulp;
use crate::reference::{LiveInput, Reference};
use crate::testing::{Build, BuildCircuit};
use proptest::prelude::*;

/// An expression over the states, as a tree that proptest can shrink.
#[derive(Clone, Debug)]
enum Tree {
    State(usize),
    Constant(f64),
    Unary(u8, Box<Tree>),
    Binary(u8, Box<Tree>, Box<Tree>),
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![(0usize..3).prop_map(Tree::State), (-3.0f64..3.0).prop_map(Tree::Constant)];
    leaf.prop_recursive(4, 20, 2, |inner| {
        prop_oneof![
            (0u8..8, inner.clone()).prop_map(|(op, a)| Tree::Unary(op, Box::new(a))),
            (0u8..6, inner.clone(), inner).prop_map(|(op, a, b)| Tree::Binary(op, Box::new(a), Box::new(b))),
        ]
    })
}

/// Writes a tree; functions get arguments for which they are defined.
fn write(b: &mut Build, states: &[ExprId], tree: &Tree) -> ExprId {
    match tree {
        Tree::State(n) => states[n % states.len()],
        Tree::Constant(x) => b.number(*x),
        Tree::Unary(op, a) => {
            let a = write(b, states, a);
            let (low, high) = (b.number(-4.0), b.number(3.0));
            let clipped = b.expr(crate::circuit::model::ExprKind::Clip(a, low, high));
            match op {
                0 => b.unary(UnaryOp::Negate, a),
                1 => b.unary(UnaryOp::Absolute, a),
                2 => b.unary(UnaryOp::Tanh, a),
                3 => b.unary(UnaryOp::Sigmoid, a),
                4 => b.unary(UnaryOp::Exp, clipped),
                op => {
                    let size = b.unary(UnaryOp::Absolute, clipped);
                    let some = b.number(0.25);
                    let positive = b.add(size, some);
                    match op {
                        5 => b.unary(UnaryOp::Log, positive),
                        6 => b.unary(UnaryOp::Sqrt, positive),
                        _ => {
                            let p = b.number(1.7);
                            b.binary(BinaryOp::Power, positive, p)
                        }
                    }
                }
            }
        }
        Tree::Binary(op, x, y) => {
            let (x, y) = (write(b, states, x), write(b, states, y));
            match op {
                0 => b.add(x, y),
                1 => b.sub(x, y),
                2 => b.mul(x, y),
                3 => b.binary(BinaryOp::Min, x, y),
                4 => b.binary(BinaryOp::Max, x, y),
                _ => {
                    let size = b.unary(UnaryOp::Absolute, y);
                    let some = b.number(0.5);
                    let far = b.add(size, some);
                    b.div(x, far)
                }
            }
        }
    }
}

fn population(model: Model, initial: Vec<Vec<f64>>, params: Vec<Values>) -> (Circuit, PopId) {
    let mut b = BuildCircuit::new(1e-2);
    let size = initial.first().map_or(1, Vec::len) as u32;
    let p = b.neurons(size, model, params, initial.into_iter().map(Values::Each).collect());
    (b.0, p)
}

/// Lowers and runs both ways for a tick; every state must be within its bound. Then goes on, watching for lost values.
fn check(circuit: &Circuit, p: PopId) -> Result<(), TestCaseError> {
    let (Some(graph), _) = lower(circuit, 1, &LowerOptions::default()) else { return Err(TestCaseError::reject("no range")) };
    let mut diagnostics = Diagnostics::default();
    let connections = connections(circuit, 1, &mut diagnostics).expect("it was lowered once");
    let lowered = Lowered::new(circuit, &LowerOptions::default(), &connections, &mut diagnostics).expect("it was lowered once");
    let plan = lowered.cells[p].as_ref().and_then(|c| c.plan.as_ref()).expect("a plan");
    let mut eval = Eval::new(&graph);
    let mut reference = Reference::new(circuit, 1, LiveInput::default()).expect("a reference");
    eval.run(1);
    reference.step();
    prop_assert_eq!(eval.saturations > 0, reference.saturations(p).iter().any(|n| *n > 0));
    for (i, (id, layout)) in plan.layout.states.iter().enumerate() {
        let value = plan.emitted.next[i].as_ref().expect("a value");
        let start: f64 = plan.layout.states.iter().zip(&value.slopes).map(|((_, s), slope)| slope * ulp(s.frac) / 2.0).sum();
        let bound = (value.error + start) * (1.0 + 1e-9) + layout.range().magnitude() * 1e-14;
        for (member, exact) in reference.state(p, id).iter().enumerate() {
            let got = eval.state(p, i, member);
            prop_assert!((got - exact).abs() <= bound, "state {}: {} is not {} within {}", i, got, exact, bound);
        }
    }
    eval.run(20);
    Ok(())
}

fn initial(n: usize, size: f64) -> impl Strategy<Value = Vec<Vec<f64>>> {
    prop::collection::vec(prop::collection::vec(-size..size, 5), n)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn nonlinear_models(
        trees in prop::collection::vec(tree(), 3),
        initial in initial(3, 2.0),
        method in 0u8..3,
        substeps in 1u32..3,
        size in prop_oneof![Just(2.0), 2.0f64..40.0],
    ) {
        let mut b = Build::new("random");
        b.0.output = OutputType::None;
        let states: Vec<_> = (0..3).map(|n| b.state(&format!("x{n}"), Some((-size, size)), None)).collect();
        let reads: Vec<ExprId> = states.iter().map(|s| s.1).collect();
        let rates: Vec<ExprId> = trees.iter().map(|t| write(&mut b, &reads, t)).collect();
        match method {
            0 => b.integrate(Method::Euler, substeps, states.iter().map(|s| s.0).zip(rates).collect()),
            1 => b.integrate(Method::Midpoint, substeps, states.iter().map(|s| s.0).zip(rates).collect()),
            _ => b.say(Statement::Assign(states.iter().map(|s| s.0).zip(rates).collect())),
        }
        let (circuit, p) = population(b.0, initial, vec![]);
        check(&circuit, p)?;
    }

    #[test]
    fn linear_models(
        a in prop::collection::vec(-30.0f64..30.0, 9),
        c in prop::collection::vec(-30.0f64..30.0, 5),
        initial in initial(3, 2.0),
        size in 2.0f64..100.0,
        scale in prop_oneof![Just(1.0), Just(1e-3), Just(1e-9), Just(1e4)],
    ) {
        let mut b = Build::new("random");
        b.0.output = OutputType::None;
        let drive = b.param("drive");
        let states: Vec<_> = (0..3).map(|n| b.state(&format!("x{n}"), Some((-size * scale, size * scale)), None)).collect();
        let rates: Vec<ExprId> = (0..3)
            .map(|i| {
                (0..3).fold(drive, |sum, j| {
                    let k = b.number(a[3 * i + j]);
                    let term = b.mul(k, states[j].1);
                    b.add(sum, term)
                })
            })
            .collect();
        b.integrate(Method::Exact, 1, states.iter().map(|s| s.0).zip(rates).collect());
        let scaled = initial.iter().map(|xs| xs.iter().map(|x| x * scale).collect()).collect();
        let (circuit, p) = population(b.0, scaled, vec![Values::Each(c.iter().map(|c| c * scale).collect())]);
        check(&circuit, p)?;
    }
}
