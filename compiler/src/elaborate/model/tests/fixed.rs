//! Fixed-point models.

use super::*;

#[test]
fn a_model_spells_its_arithmetic_out() {
    let model = model(
        "receptor exc: fixed 32.15
         state v: fixed 32.15 = -65
         state decay: fixed 32.31 = exp(-tick / (20 ms))
         v = mul(v - raw(5), decay, round = half_up, shift = 31) + exc
         v = if v < -80 then raw(-2621440) else min(v, 30.5)
         v += shift(exc, 1, round = down)
         spike when v >= -50 { v = -65; hold v for 2 ms }",
    );
    assert_eq!(model.states[StateId::from_index(0)].fixed, Some(15));
    let formats = formats_of(&model);
    for (id, expr) in model.exprs.iter() {
        if let ExprKind::RawMultiply { .. } = expr.kind {
            assert_eq!(formats[id], Some(15));
        }
    }
    assert!(model.exprs.values().iter().any(|e| e.kind == ExprKind::Constant(5.0 / 32768.0)));
}

#[test]
fn formats_do_not_mix() {
    const STATES: &str = "state a: fixed 32.15; state b: fixed 32.8; state x: number\n x = 0; b = 0\n";
    let line = |line: &str, expected: &[&str]| check(&format!("{STATES} {line}"), expected);
    line("a = a + b", &["E0215 a"]);
    line("a = mul(b, raw(128), shift = 0)", &["E0215 mul(b, raw(128), shift = 0)"]);
    line("a = b", &["E0215 b"]);
    line("a = mul(b, raw(1), shift = -7)", &["E0217 -7"]);
    line("a = a + x", &["E0214 a"]);
    line("a = x", &["E0214 x"]);
    line("a = a * a", &["E0214 a"]);
    line("a = a + 0.1", &["E0216 0.1"]);
    line("a = 0.1", &["E0216 0.1"]);
    line("a = 0.5; a = a + 0.25; a = raw(7)", &[]);
    line("a = mul(a, 3, shift = 0)", &["E0214 3"]);
    line("a = mul(a, raw(3), shift = 0)", &[]);
    line("a = mul(a, a, round = up, shift = 15)", &["E0217 up"]);
    line("a = mul(a, a, shift = 33)", &["E0217 33"]);
    line("a = shift(a, -1)", &[]);
    line("a = raw(0.5)", &["E0217 0.5"]);
    line("x = raw(5)", &["E0217 raw(5)"]);
    line("a = if x > 0 then raw(1) else raw(2)", &["E0217 raw(1)"]);
    line("d a = 0", &["E0312 a"]);
    line("a = 0; d x = a / ms", &["E0214 a"]);
    line("a = exp(a)", &["E0214 a"]);
}

#[test]
fn declarations() {
    check("state a: fixed 16.8; a = 0", &["E0213 fixed 16.8"]);
    check("param a: fixed 32.8; state b: fixed 32.8; b = a", &["E0214 fixed 32.8"]);
    check("state a: fixed 32.8 in -1 .. 0.1; a = 0", &[]);
    check("state a: fixed 32.8 = 1 mV; a = 0", &["E0209 1 mV"]);
}

#[test]
fn emitted_fixed_values_are_numbers() {
    assert_eq!(model("state a: fixed 32.8; a = 0; emit a").output, OutputType::Graded(Dimension::NUMBER));
}
