//! Units, types and names in expressions.

use super::*;

/// Diagnostics of `let y = EXPRESSION` among some declared names, without lints.
#[track_caller]
fn expression(text: &str, expected: &[&str]) {
    let lines = format!(
        "param tau: time = 1 ms; param n: number = 2; receptor i: current
         state v: voltage in 0 mV .. 1 mV; state x: number in 0 .. 1
         x = n * (tau / tau) + i / i; let y = {text}; v = if y == y then 0 else v"
    );
    check(&lines, expected);
}

#[test]
fn literal_zero_has_every_unit() {
    expression("v + 0", &[]);
    expression("if v > 0 then v else 0", &[]);
    expression("max(0, v, 0)", &[]);
    expression("clip(0, -1 mV, v)", &[]);
    expression("0 - v", &[]);
}

#[test]
fn sums_need_one_unit() {
    expression("v + i", &["E0201 v"]);
    expression("(v + i) * 2 + (x - v)", &["E0201 v", "E0201 x"]);
    expression("v - 1", &["E0201 v"]);
    expression("v % (2 mV)", &[]);
    expression("v % x", &["E0201 v"]);
}

#[test]
fn comparisons_and_alternatives_need_one_unit() {
    check("state v: voltage; v = if v > 1 then v else 0", &["E0202 v"]);
    expression("if x > 0 then v else i", &["E0203 v"]);
    expression("min(v, i)", &["E0203 v"]);
    expression("clip(v, 0, 1)", &["E0203 v"]);
    expression("clip(v, 0 mV, 1 mV)", &[]);
}

#[test]
fn functions_need_numbers() {
    expression("exp(v / (1 mV))", &[]);
    expression("exp(v)", &["E0204 v"]);
    expression("tanh(i)", &["E0204 i"]);
    expression("sqrt(v * v)", &[]);
    expression("sqrt(v)", &["E0205 v"]);
    expression("heaviside(v) + abs(x) + sigmoid(x) + floor(x) + ln(x)", &[]);
    expression("foo(v)", &["E0218 foo"]);
    expression("clamp(v)", &["E0218 clamp"]);
    expression("exp(x, x)", &["E0219 x"]);
    expression("clip(x)", &["E0219 clip(x)"]);
    expression("clip(x, high = 2, low = 1)", &[]);
}

#[test]
fn powers() {
    expression("v^2 / v", &[]);
    expression("v^-1 * v", &[]);
    expression("x^0.5 + x^(1/3) + x^three", &[]);
    expression("v^0.5", &["E0206 0.5"]);
    expression("x^n", &["E0206 n"]);
    expression("x^v", &["E0204 v"]);
    expression("v^100 * v^100", &["E0211 v^100 * v^100"]);
}

#[test]
fn truth_is_not_a_number() {
    expression("x + (v > 0)", &["E0208 (v > 0)"]);
    expression("if x then v else v", &["E0207 x"]);
    expression("if not (v > 0 and x > 0) then v else v", &[]);
    expression("if x and true then v else v", &["E0207 x"]);
    check("state v: voltage; v = v > 0", &["E0208 v > 0"]);
}

#[test]
fn names() {
    expression("vv", &["E0220 vv"]);
    expression("e_rest + v + tick / tau * v", &[]);
    expression("e_rst + v", &["E0220 e_rst"]);
    expression("other[0].v", &["E0221 other[0].v"]);
    expression("[1, 2]", &["E0221 [1, 2]"]);
    expression("x / ms * tau", &[]);
}

#[test]
fn an_error_is_said_once() {
    expression("(vv + i) * (v - vv) + exp(vv)", &["E0220 vv", "E0220 vv", "E0220 vv"]);
    check("param p: voltge; state v: voltage; v = p + 1 nA; d v = p / p", &["E0212 voltge"]);
    check("state v: voltage; let a = v + 1; let b = a + a; v = b", &["E0201 v"]);
}

#[test]
fn assignments_and_derivatives() {
    check("state v: voltage; receptor i: current; v += i", &["E0201 v"]);
    check("state v: voltage; receptor i: current; v = i", &["E0209 i"]);
    check("state v: voltage; v = 5", &["E0209 5"]);
    check("state v: voltage; v *= 2; v /= 3", &[]);
    check("state v: voltage; d v = -v", &["E0210 -v"]);
    check("state v: voltage; receptor i: current; d v = i / (1 nF)", &[]);
    check("state v: voltage; d v = 0", &[]);
}

#[test]
fn types() {
    check("state f: 1 / time; state c: current * time; state d: voltage^2 / (time * voltage); f = 0; c = 0; d = 0", &[]);
    check("state f: spikes; f = 0", &["E0212 spikes"]);
    check("state f: voltage^100 * voltage^100; f = 0", &["E0211 voltage^100 * voltage^100"]);
}

#[test]
fn ranges() {
    check("state v: voltage in -1 V .. e_rest; v = 0", &[]);
    check("state v: voltage in -1 .. 1 V; v = 0", &["E0209 -1"]);
    check("state v: voltage in 1 V .. -1 V; v = 0", &["E0223 1 V .. -1 V"]);
    check("param p: voltage; state v: voltage in 0 V .. p; v = p", &["E0222 p"]);
    check("state v: voltage in 0 V .. q; v = 0", &["E0220 q"]);
}

#[test]
fn presets() {
    check("param a: time = tick; param b: time = a * 2; state x: time = b - a; x = b", &[]);
    check("param b: time = a; param a: time = 1 ms; state x: time; x = b + a", &["E0317 a"]);
    check("param a: time = 1 mV; state x: time; x = a", &["E0209 1 mV"]);
    check("state x: time = x; x = 0", &["E0317 x"]);
    check("state x: voltage = normal(-65 mV, 5 mV) within -80 mV .. 0 mV; x = 0", &[]);
    check("state x: voltage = choice([1 mV, 2]); x = 0", &["E0209 2"]);
    check("state x: voltage = lognormal(1 mV, 0.5); x = 0", &[]);
    check("state x: voltage = lognormal(1 mV, 0.5 mV); x = 0", &["E0209 0.5 mV"]);
    check("state x: voltage = random normal(0 mV, 1 mV); x = 0", &["E0317 random normal(0 mV, 1 mV)"]);
    check("param b: time = tau(2); state x: time; x = b", &["E0218 tau"]);
}

#[test]
fn functions_of_the_file_are_written_out() {
    let text = |call: &str| {
        format!(
            "fn f(x: voltage, y: voltage = 1 mV): number = x / y\nneuron n {{ state v: voltage; state z: number; v = 0; z = {call} }}"
        )
    };
    template(&text("f(v)"));
    template(&text("f(v, y = 2 mV)"));
    let (_, diagnostics, _) = checked(&text("f(z)"));
    assert_eq!(diagnostics.as_slice()[0].code, "E0209");
    let (_, diagnostics, _) = checked("fn f(x: number): number = f(x) + f(x)\nneuron n { state z: number; z = f(z) }");
    assert_eq!(diagnostics.as_slice()[0].code, "E0316");
    let (_, diagnostics, _) = checked("fn f(x: number): number = x + z\nneuron n { state z: number; z = f(z) }");
    assert_eq!(diagnostics.as_slice()[0].code, "E0220");
}

#[test]
fn size_and_depth_are_bounded() {
    let doubled = (1..40).map(|k| format!("let a{k} = a{} + a{}", k - 1, k - 1)).collect::<Vec<_>>().join("\n");
    check(&format!("state x: number; let a0 = x\n{doubled}\nx = a39"), &[]);
    let (_, diagnostics, _) = checked(&format!("neuron n {{ state x: number; let a0 = x / ms\n{doubled}\n d x = a39 }}"));
    assert_eq!(diagnostics.as_slice()[0].code, "E0316");
    let chain = format!("state x: number; x = x{}", " + x".repeat(250));
    check(&chain, &[]);
}

#[test]
fn the_message_of_the_language_page() {
    let (_, diagnostics, sources) = checked(
        "neuron lif {\n  param tau_m: time = 10 ms\n  param e_l: voltage = -65 mV\n  state v: voltage\n  state i_e: current\n  d v = (e_l - v + i_e) / tau_m\n  i_e = 0\n}",
    );
    let text = diagnostics.render(&sources, false);
    for part in [
        "these units cannot be added",
        "test.circuit:6:10",
        "current (pA)",
        "voltage (mV)",
        "divide the current by a conductance, or use a receptor in mV",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}
