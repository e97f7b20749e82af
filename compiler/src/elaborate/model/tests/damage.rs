//! Damaged neurons give errors, never a panic, an overflowing stack or a long wait.

use super::*;
use proptest::prelude::*;

const WORDS: &[&str] = &[
    "v",
    "g",
    "p",
    "r",
    "x",
    "f",
    "0",
    "1",
    "0.5",
    "1 mV",
    "20 ms",
    "+",
    "-",
    "*",
    "/",
    "^",
    "%",
    "(",
    ")",
    "if",
    "then",
    "else",
    ">",
    "and",
    "exp(v)",
    "min(v, g)",
    "raw(3)",
    "mul(x, x, shift = 15)",
    "shift(x, 1)",
    "f(v)",
    "total(r)",
    "tick",
    "random normal(0, v)",
    "true",
    "clip(v, g, 0)",
    "let a =",
    "a",
    "d v =",
    "d x =",
    "v =",
    "x =",
    "v +=",
    "emit",
    "spike when",
    "hold v for",
    "\n",
    ";",
    "integrate euler",
    "on r {",
    "}",
    "fixed 32.15",
    "voltage",
    "state y: number =",
    "in 0 .. 1",
];

const START: &str = "fn f(x: voltage): number = x / (1 mV)
neuron n {
 param p : voltage = 1 mV
 receptor r : voltage
 state v : voltage = p in -1 V .. 1 V
 state g : voltage
 state x : fixed 32.15 = 0.5
 let a = p - v
 d v = a / ( 20 ms ) + g / ( 5 ms )
 d g = - g / ( 3 ms )
 g += r
 x = mul(x, x, shift = 15) + 1
 spike when v > 5 mV and x > 0 { v = 0 ; hold v for 2 ms }
}";

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn never_panics(changes in prop::collection::vec((0_usize..120, 0_usize..WORDS.len(), 0_u8..3), 1..5)) {
        let mut words: Vec<&str> = START.split(' ').collect();
        for (at, word, how) in changes {
            // The head of the neuron stays, so that most texts still parse.
            let at = 16 + at % (words.len() - 20);
            match how {
                0 => words[at] = WORDS[word],
                1 => words.insert(at, WORDS[word]),
                _ => { words.remove(at); }
            }
        }
        let text = words.join(" ");
        let (tree, mut diagnostics) = parse(SourceMap::default().add("random", text.as_str()), &text);
        let neurons: Vec<_> = tree.body.nodes().filter_map(|d| if let ast::Definition::Neuron(n) = d { Some(n.clone()) } else { None }).collect();
        let outside = Outside(tree);
        for neuron in neurons {
            let mut found = Diagnostics::default();
            let template = check_neuron(&neuron, &outside, &mut found);
            prop_assert_eq!(template.is_none(), found.has_errors());
            diagnostics.append(found);
        }
    }
}

#[test]
fn deep_functions_do_not_overflow_the_stack() {
    let mut text = String::from("fn f0(x: number): number = x\n");
    for k in 1..20 {
        text += &format!("fn f{k}(x: number): number = {}f{}(x){}\n", "(-abs(".repeat(15), k - 1, "))".repeat(15));
    }
    let (_, diagnostics, _) = checked(&format!("{text}neuron n {{ state x: number; x = f19(x); emit x }}"));
    assert_eq!(diagnostics.as_slice()[0].code, "E0316");
}

#[test]
fn wide_functions_do_not_take_long() {
    let mut text = String::from("fn f0(x: number): number = x + unknown\n");
    for k in 1..40 {
        text += &format!("fn f{k}(x: number): number = f{}(x) + f{}(x)\n", k - 1, k - 1);
    }
    let (_, diagnostics, _) = checked(&format!("{text}neuron n {{ state x: number; x = f39(x); emit x }}"));
    assert!(diagnostics.as_slice().iter().any(|d| d.code == "E0316"));
}
