//! Systems of equations and their linear forms.

use super::*;

const PASSIVE: &str =
    "param tau: time; param e: voltage; receptor i: voltage; state v: voltage; state g: voltage\n v += i * (e / e)\n";

#[test]
fn consecutive_equations_are_one_system() {
    let model = model("state a: number; state b: number; state c: number; d a = 0; d b = 0; integrate midpoint; d c = 0");
    let systems = systems_of(&model);
    let shape: Vec<_> = systems.iter().map(|s| (s.method, s.equations.len())).collect();
    assert_eq!(shape, [(Method::Exact, 2), (Method::Midpoint, 1)]);
}

#[test]
fn exact_needs_linear() {
    let exact = |equation: &str, expected: &[&str]| {
        check(&format!("{PASSIVE} let k = 1 / tau; {equation}; d g = -g / tau * (k * tau)"), expected)
    };
    exact("d v = (e - v + g + i) / tau", &[]);
    exact("d v = -v * k + g * k", &[]);
    exact("d v = (if e > 0 mV then -v else g) / tau", &[]);
    exact("d v = (e - v) / tau * (v / e)", &["E0309 (e - v) / tau * (v / e)"]);
    exact("d v = exp(v / e) * e / tau", &["E0309 exp(v / e)"]);
    exact("d v = -v / tau * (i / e)", &["E0309 i"]);
    exact("d v = -v * v * g / (e * e * tau)", &["E0309 -v * v"]);
    exact("d v = e / tau * tanh(g / e)", &["E0309 tanh(g / e)"]);
}

#[test]
fn a_state_outside_the_system_is_an_input_of_it() {
    check("state w: voltage; state v: voltage; w = 1 mV; d v = (w - v) / ms", &[]);
    check("state w: number; state v: voltage; w = 1; d v = -w * v / ms", &["E0309 w"]);
}

#[test]
fn other_methods() {
    check("state v: number; integrate euler; d v = v * v / ms", &[]);
    check("state v: number; integrate exponential_euler; d v = v * v / ms", &["E0310 v * v"]);
    check("state v: number; state g: number; integrate exponential_euler; d v = -g * v / ms; d g = -g / ms", &[]);
    check("state v: number; integrate euler, substeps 0; d v = v / ms", &["E0314 0"]);
    check("state v: number; integrate euler, substeps 1.5; d v = v / ms", &["E0314 1.5"]);
    check("state v: number; integrate euler, substeps three; d v = v / ms", &[]);
}

#[test]
fn one_equation_for_each_state() {
    check("state v: number; d v = 0; d v = 1 / ms", &["E0311 v"]);
    check("state v: number; d v = 0; v = 2; d v = 1 / ms", &["E0311 v"]);
}

#[test]
fn lets_are_written_out_where_they_move() {
    let model = model("param tau: time; state v: number; receptor r: number; let x = -v / tau; let in_ = r / tau; d v = x + in_");
    let system = systems_of(&model)[0];
    let lets = crate::circuit::walk::lets_of(&model);
    let read: Vec<_> = crate::circuit::walk::below(&model.exprs, &lets, system.equations[0].1)
        .into_iter()
        .filter_map(|id| if let ExprKind::Local(l) = model.exprs[id].kind { Some(model.locals[l].name.clone()) } else { None })
        .collect();
    assert_eq!(read, ["in_"]);
    check("state v: number; receptor r: number; let x = -v / ms; v += r; d v = x", &["E0313 x"]);
    check("state v: number; receptor r: number; v += r; let x = -v / ms; d v = x", &[]);
    check("state v: number; receptor r: number; let r_old = v; v += r; spike when r_old > 1", &[]);
}

#[test]
fn affine_forms_are_right() {
    let mut model = model(
        "param tau: time; param p: number; receptor r: number; state v: number; state g: number
         let both = v - g; d v = (2 * (r - v) + p * -both) / tau; d g = (if p > 0 then -g else v - g) / tau",
    );
    let equations: Vec<_> = systems_of(&model)[0].equations.clone();
    let states = [StateId::from_index(0), StateId::from_index(1)];
    for (_, value) in equations {
        let form = affine(&mut model, value, &states).expect("linear");
        for at in [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [2.5, -3.0]] {
            let sum: f64 = form.coefficients.iter().map(|(s, c)| at[s.index()] * evaluate(&model, *c, &[9.0, 9.0])).sum();
            let rest = form.rest.map_or(0.0, |rest| evaluate(&model, rest, &[9.0, 9.0]));
            assert!((sum + rest - evaluate(&model, value, &at)).abs() < 1e-9);
        }
        assert!(form.coefficients.iter().all(|(_, c)| varying(&model, *c).is_none()));
    }
    let quadratic = super::model("state v: number; state w: number; v = w * w");
    let mut quadratic = quadratic;
    let Statement::Assign(ref assigned) = quadratic.body[0] else { panic!("an assignment") };
    let product = assigned[0].1;
    assert_eq!(affine(&mut quadratic, product, &states).map_err(|not| not.at), Err(product));
}

/// A little evaluator for the forms: p = 0.25, tau = 0.5, r = 7.
fn evaluate(model: &Model, expr: crate::circuit::model::ExprId, states: &[f64]) -> f64 {
    let of = |id| evaluate(model, id, states);
    match model.exprs[expr].kind {
        ExprKind::Constant(x) => x,
        ExprKind::Param(p) if p.index() == 0 => 0.5,
        ExprKind::Param(_) => 0.25,
        ExprKind::Input(_) => 7.0,
        ExprKind::State(s) => states[s.index()],
        ExprKind::Unary(_, a) => -of(a),
        ExprKind::Binary(BinaryOp::Add, a, b) => of(a) + of(b),
        ExprKind::Binary(BinaryOp::Subtract, a, b) => of(a) - of(b),
        ExprKind::Binary(BinaryOp::Multiply, a, b) => of(a) * of(b),
        ExprKind::Binary(BinaryOp::Divide, a, b) => of(a) / of(b),
        ExprKind::Binary(BinaryOp::Greater, a, b) => f64::from(u8::from(of(a) > of(b))),
        ExprKind::If(c, a, b) => {
            if of(c) != 0.0 {
                of(a)
            } else {
                of(b)
            }
        }
        ref other => panic!("not needed here: {other:?}"),
    }
}

#[test]
fn integrate_exact_returns_to_the_exact_solution() {
    let text = "state v: number; state w: number; integrate euler, substeps 2; d v = -v * v / ms; integrate exact; d w = -w / ms";
    let systems = model(text);
    let methods: Vec<_> =
        systems.body.iter().filter_map(|s| if let Statement::Integrate(s) = s { Some(s) } else { None }).collect();
    assert_eq!(methods.iter().map(|s| (s.method, s.substeps)).collect::<Vec<_>>(), [(Method::Euler, 2), (Method::Exact, 1)]);
    check("state v: number; integrate exact; d v = -v * v / ms", &["E0309 -v * v"]);
    check("state v: number; integrate exact, substeps 2; d v = -v / ms", &["E0314 2"]);
}

#[test]
fn defaults_use_the_functions_of_compile_time() {
    check("param n: number = round(log10(2.5)) + ceil(sin(1)) * heaviside(1); state v: number = cos(n); v = n", &[]);
    check("state v: number; v = round(v)", &["E0218 round"]);
}
