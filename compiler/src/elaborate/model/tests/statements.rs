//! What may stand where, and in which order.

use super::*;

#[test]
fn a_let_is_used_after_its_definition() {
    check("state v: voltage; v = a; let a = v", &["E0302 a"]);
    check("state v: voltage; v = 0; spike when v > 0 { let a = 2 * v; v = a }\n v = a", &["E0302 a"]);
    check("state v: voltage; let a: voltage = v; v = a", &[]);
    check("state v: voltage; let a: current = v; v = 0; v = a / a * v", &["E0209 v"]);
}

#[test]
fn only_states_are_assigned() {
    check("param p: voltage; state v: voltage; p = v", &["E0303 p"]);
    check("receptor r: voltage; state v: voltage; r += v", &["E0303 r"]);
    check("state v: voltage; let a = v; a = v", &["E0303 a"]);
    check("state v: voltage; w = v", &["E0220 w"]);
    check("state v: voltage; e_rest = v", &["E0303 e_rest"]);
    check("param p: voltage; state v: voltage; d p = v / ms", &["E0303 p"]);
}

#[test]
fn names_are_defined_once() {
    check("state v: voltage; param v: time; v = 0", &["E0301 v"]);
    check("state v: voltage; let v = 2; v = 0", &["E0301 v"]);
}

#[test]
fn one_output() {
    check("state v: voltage; v = 0; spike when v > 0; emit v", &["E0304 emit v"]);
    check("state v: voltage; v = 0; spike when v > 0; spike when v < 0", &["E0305 spike when v < 0"]);
    check("state v: voltage; v = 0; emit v; emit v when v > 0", &["E0305 emit v when v > 0"]);
    check("state v: voltage; v = 0; emit v when v", &["E0207 v"]);
    assert_eq!(
        model("state v: voltage; v = 0; emit v / ms").output,
        OutputType::Graded(Dimension::VOLTAGE.over(Dimension::TIME).unwrap())
    );
    assert_eq!(model("state v: voltage; v = 0").output, OutputType::None);
}

#[test]
fn hold_only_within_spike() {
    check("state v: voltage; v = 0; hold v for 2 ms", &["E0306 hold v for 2 ms"]);
    check("state v: voltage; v = 0; spike when v > 0 { emit v }", &["E0306 emit v"]);
    check("param t: time; state v: voltage; v = 0; spike when v > 0 { hold v for t + tick; refractory 2 * t }", &[]);
    check("state v: voltage; v = 0; spike when v > 0 { hold v for 5 mV }", &["E0209 5 mV"]);
    check("state t: time; t = 0; spike when t > 0 { hold t for t }", &["E0307 t"]);
    check("state v: voltage; v = 0; spike when v > 0 { hold w for 1 ms }", &["E0220 w"]);
}

#[test]
fn on_a_receptor() {
    let model = model("receptor r: voltage; state v: voltage; on r { let twice = 2 * r; v += twice }");
    assert!(matches!(&model.body[..], [Statement::On { body, .. }] if body.len() == 2));
    check("receptor r: voltage; state v: voltage; v = r; on rr { v = 0 }", &["E0315 rr"]);
    check("receptor r: voltage; state v: voltage; on r { hold v for 1 ms }", &["E0306 hold v for 1 ms"]);
}

#[test]
fn update_is_simultaneous() {
    let model = model("state a: number; state b: number; update { let c = a; a = b; b = c }");
    assert!(matches!(&model.body[..], [Statement::Let(..), Statement::Assign(both)] if both.len() == 2));
    check("state a: number; update { a = 1; a = 2 }", &["E0311 a"]);
    check("state a: number; state b: number; d b = 0; update { a = 1 }", &["E0308 update { a = 1 }"]);
}

#[test]
fn draws_are_numbered() {
    let model = model("state v: voltage; v = random normal(0 mV, 1 mV) + random uniform(-1 mV, v)");
    assert_eq!(model.draws, 2);
    check("state v: voltage; v = random normal(0, 1 mV)", &[]);
    check("state v: voltage; v = random normal(1, 1 mV)", &["E0203 1"]);
    check("state v: voltage; v = random poisson(1)", &["E0218 poisson"]);
    check("state v: voltage; v = normal(0 mV, 1 mV)", &["E0218 normal"]);
}

#[test]
fn unused_names_are_warned_of() {
    check(
        "param p: time; state s: time; receptor r: time; modulator m: time; let l = 1 ms; integrate euler",
        &["W0301 p", "W0302 s", "W0303 r", "W0305 m", "W0304 l", "W0306 integrate euler"],
    );
    check("param p: time; param q: time = p; state s: time = q; s = 0", &[]);
}

#[test]
fn total_needs_a_receptor() {
    check("receptor r: voltage; state v: voltage; v = total(v) + r", &["E0219 v"]);
    check("receptor r: voltage; state v: voltage = total(r); v = r", &["E0317 total(r)"]);
}
