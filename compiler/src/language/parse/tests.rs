//! What parses, how it binds, and what is said where it does not.

use crate::diagnostic::Severity;
use crate::language::ast::*;
use crate::language::{CODES, parse, print};
use crate::source::{SourceMap, Span};
use std::time::{Duration, Instant};

/// Parses what should be without fault, and shows that printing it keeps it.
#[track_caller]
fn check(text: &str) -> File {
    let mut sources = SourceMap::default();
    let id = sources.add("test.circuit", text);
    let (file, diagnostics) = parse(id, text);
    assert!(diagnostics.as_slice().is_empty(), "{}", diagnostics.render(&sources, false));
    let printed = print(&file);
    let (again, diagnostics) = parse(id, &printed);
    assert!(diagnostics.as_slice().is_empty(), "{printed}\n{:?}", diagnostics.as_slice());
    assert_eq!(file, again, "{printed}");
    assert_eq!(print(&again), printed);
    file
}

/// Parses an expression; gives it with all parentheses that its structure has.
#[track_caller]
fn shape(text: &str) -> String {
    let file = check(&format!("let x = {text}\n"));
    let Some(Definition::Let(it)) = file.body.nodes().next() else { panic!("no let in {text}") };
    show(&it.value)
}

fn show(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Unary { op: UnaryOp::Negate, operand } => format!("(-{})", show(operand)),
        ExprKind::Unary { operand, .. } => format!("(not {})", show(operand)),
        ExprKind::Binary { op, left, right } => format!("({} {} {})", show(left), op.symbol(), show(right)),
        ExprKind::If { condition, yes, no } => format!("(if {} {} {})", show(condition), show(yes), show(no)),
        ExprKind::Range { low, high } => format!("({} .. {})", show(low), show(high)),
        ExprKind::Within { value, bounds } => format!("({} in {} .. {})", show(value), show(&bounds.low), show(&bounds.high)),
        ExprKind::Number { value, unit: Some(unit) } => format!("{value}{}", unit.text),
        ExprKind::Number { value, unit: None } => format!("{value}"),
        ExprKind::Path(path) if path.steps.is_empty() => path.root.text.clone(),
        ExprKind::Call(call) => format!("{}/{}", call.callee.text, call.args.len()),
        other => format!("{other:?}"),
    }
}

/// The codes of the errors and the text that the first of them underlines.
#[track_caller]
fn errors(text: &str, expect: &[(&str, &str)]) {
    let mut sources = SourceMap::default();
    let id = sources.add("test.circuit", text);
    let (_, diagnostics) = parse(id, text);
    let found: Vec<(&str, &str)> = diagnostics.as_slice().iter().map(|d| (d.code, sources.text(d.labels[0].span))).collect();
    let rendered = diagnostics.render(&sources, false);
    assert_eq!(found, expect, "{rendered}");
    for d in diagnostics.as_slice() {
        assert!(CODES.iter().any(|(code, _)| *code == d.code), "{} is in no table", d.code);
        assert!(d.help.is_some() || d.code == "E0004", "no way out: {rendered}");
    }
}

#[track_caller]
fn helps(text: &str, help: &str) {
    let (_, diagnostics) = parse(crate::source::FileId(0), text);
    let helps: Vec<_> = diagnostics.as_slice().iter().filter_map(|d| d.help.as_deref()).collect();
    assert!(helps.iter().any(|h| h.contains(help)), "{helps:?}");
}

#[test]
fn language_page_parses() {
    check(include_str!("../fixtures/balanced.circuit"));
    check(include_str!("../fixtures/lif_exp.circuit"));
    check(include_str!("../fixtures/izhikevich.circuit"));
    check(include_str!("../fixtures/sources.circuit"));
    check(include_str!("../fixtures/chain.circuit"));
    check(include_str!("../fixtures/mlp.circuit"));
    check(include_str!("../fixtures/microcircuit.circuit"));
    check(include_str!("../fixtures/stdp.circuit"));
}

#[test]
fn rules_of_the_page_parse() {
    for pattern in [
        "one_to_one",
        "all_to_all",
        "random(p = 0.1), self, multiple",
        "fixed_in(k = 3), no multiple",
        "fixed_out(5)",
        "fixed_total(n)",
        "distance(exp(-d / 100 um))",
        "list(\"edges.csv\")",
        "matrix(\"w.npy\")",
        "low_rank(\"m.npy\", \"n.npy\")",
        "convolution(\"k.npy\", stride = 1, padding = 0, groups = 1)",
    ] {
        check(&format!("circuit c {{ project ee: e[0..100] -> img[.., 3..5].exc by {pattern} }}"));
    }
    check("neuron n { param a: number; emit a * 2 when a > 0 }");
    check(
        "neuron n { modulator gain: number; integrate exponential_euler, substeps 4\n let k = total(gap) * v\n hold x, y for 2 ms }",
    );
    check(
        "neuron n { state v: fixed 32.15 = 0 in -1 .. 1\n v = mul(v, k, round = down, shift = 15)\n v -= random normal(0 mV, 1 mV) }",
    );
    check("neuron n { on exc { g += 1 }\n update { d v = -v / tau; spike when v > 1 { refractory 2 ms } } }");
    check("circuit c { population e[3]: cell(gain = astro[0].ca delay 5 ms, v = from \"v.npy\") }");
    check("circuit c { if a { tick 1 ms } else if b { tick 2 ms } else { tick 3 ms } }");
    check("fn psc(x: voltage): current = x * 2 nS\nimport \"other.circuit\"\nlet w: voltage / time^2 = 1 / 2");
}

#[test]
fn operators_bind_as_on_paper() {
    for (text, expect) in [
        ("a + b * c", "(a + (b * c))"),
        ("a - b - c", "((a - b) - c)"),
        ("-a^2", "(-(a ^ 2))"),
        ("(-a)^2", "((-a) ^ 2)"),
        ("a^b^c", "(a ^ (b ^ c))"),
        ("a^-b", "(a ^ (-b))"),
        ("-a * b", "((-a) * b)"),
        ("2 mV/ms", "(2mV / ms)"),
        ("0.02 / ms", "(0.02 / ms)"),
        ("not a == b and c", "((not (a == b)) and c)"),
        ("a and not b or c", "((a and (not b)) or c)"),
        ("if x > 5 then a else if y then b else c", "(if (x > 5) a (if y b c))"),
        ("1 + (if a then b else c)", "(1 + (if a b c))"),
        ("0..6", "(0 .. 6)"),
        ("0 .. n - 1", "(0 .. (n - 1))"),
        ("2 * normal(w, 1) within 0 pA .. 10 nA", "((2 * normal/2) in 0pA .. 10nA)"),
        ("x < -1", "(x < (-1))"),
        ("1e-3 + 1.5", "(0.001 + 1.5)"),
        ("a +\n  b", "(a + b)"),
        ("(a\n  + b)", "(a + b)"),
    ] {
        assert_eq!(shape(text), expect, "{text}");
    }
}

#[test]
fn units_do_not_swallow_words() {
    check("let a = if x > 5 then 1 s else 2 m");
    check("circuit c { record e.v every 1 ms; tick 5 us }");
    assert_eq!(shape("20ms"), "20ms");
}

#[test]
fn errors_underline_the_token() {
    errors("circuit c { tick }", &[("E0004", "}")]);
    errors("circuit c {\n  tick\n  populaton e[3]: cell\n}", &[("E0004", "tick"), ("E0005", "populaton")]);
    errors("circuit c {\n  let x =\n  population e[3]: cell\n}", &[("E0004", "=")]);
    errors("circuit c { param x: number }", &[("E0009", "param")]);
    errors("let x = 20 msec", &[("E0018", "msec")]);
    errors("let x = 1 $ 2", &[("E0001", "$")]);
    errors("let x = \"abc", &[("E0002", "\"abc")]);
    errors("let x = \"a\\q\"", &[("E0014", "\\q")]);
    errors("let x = 1e999", &[("E0003", "1e999")]);
    errors("let x = a < b < c", &[("E0008", "<")]);
    errors("let x = .5", &[("E0004", ".")]);
    errors("let for = 5", &[("E0015", "for")]);
    errors("let x: fixed 15.32 = 5", &[("E0016", "15.32")]);
    errors("circuit c { project a -> b by all_to_all, self, no self }", &[("E0017", "no self")]);
    errors("neuron n { integrate eular }", &[("E0012", "eular")]);
    errors("neuron n { refractory 2 ms }", &[("E0009", "refractory")]);
    errors("let x = f(a\nlet y = 2", &[("E0006", "(")]);
    errors("circuit c {\n tick 1 ms\n", &[("E0006", "{")]);
    errors("circuit c {\n tick 1 ms\n\nneuron n { emit 1 + }\n", &[("E0006", "{"), ("E0004", "}")]);
    errors("let x = 1 let y = 2", &[("E0010", "let")]);
    errors("neuron n {\n  v\n  v = 2\n}", &[("E0004", "v")]);
    errors("}", &[("E0004", "}")]);
    errors("circuit c { }\n/// nothing\n", &[("W0011", "/// nothing")]);
}

#[test]
fn several_errors_in_one_run() {
    let text =
        "circuit c {\n  population e[3: cell\n  tick 1 ms 2\n  project e - e.exc by one_to_one { wait 2; delay 3 }\n  record\n}";
    errors(text, &[("E0004", ":"), ("E0010", "2"), ("E0004", "-"), ("E0004", "record")]);
    errors(
        "circuit c { project a -> b.e by x { wieght 1; delay ; bits } }",
        &[("E0005", "wieght"), ("E0004", ";"), ("E0004", "}")],
    );
}

#[test]
fn typos_offer_the_nearest_word() {
    helps("neuron n { integrate eular }", "`euler`");
    helps("circuit c { populaton e[3]: cell }", "`population`");
    helps("let x = 20 mv", "`mV`");
    helps("circuit c { population e: cell, exitatory }", "`excitatory`");
}

#[test]
fn what_follows_an_error_is_kept() {
    let text = "let a = \nlet b = 2\ncircuit c { tick; tick 1 ms }\nlet d = 4";
    let (file, diagnostics) = parse(crate::source::FileId(0), text);
    assert_eq!((file.body.items.len(), diagnostics.error_count()), (3, 2));
}

#[test]
fn comments_and_blank_lines_stay() {
    let text = "// head\n\n/// docs\nlet a = 1 // one\n\n// two\nlet b = [ // inside\n  1,\n  2\n] // end\n\n\n\n// last\n";
    let printed = "// head\n\n/// docs\nlet a = 1 // one\n\n// two\n// inside\nlet b = [1, 2] // end\n\n// last\n";
    assert_eq!(print(&check(text)), printed);
    let text = "circuit c(\n  n: count // how many\n) { // body\n  tick 1 ms; // t\n  // nothing more\n} // c\n";
    let printed = "// how many\ncircuit c(n: count) {\n  // body\n  tick 1 ms // t\n  // nothing more\n} // c\n";
    assert_eq!(print(&check(text)), printed);
}

#[test]
fn canonical_text() {
    let text = "circuit c{project e->target.exc by random(p=80/n){weight 1.62mV;delay 0.1ms}\nfor k in 0..6{tick 1ms}}";
    let printed = "circuit c {\n  project e -> target.exc by random(p = 80 / n) { weight 1.62 mV; delay 0.1 ms }\n  for k in 0 .. 6 {\n    tick 1 ms\n  }\n}\n";
    assert_eq!(print(&check(text)), printed);
    let long = format!("let x = f({})\n", ["argument = 10 ms"; 12].join(","));
    assert!(print(&check(&long)).lines().all(|line| line.len() <= 100));
}

#[test]
fn spans_cover_the_text() {
    let text = "let x = f(a + (b)) * 2 ms\n";
    let (file, _) = parse(crate::source::FileId(0), text);
    let Some(Definition::Let(it)) = file.body.nodes().next() else { panic!("no let") };
    let under = |span: Span| &text[span.start as usize..span.end as usize];
    assert_eq!(under(it.value.span), "f(a + (b)) * 2 ms");
    assert_eq!(under(file.body.items[0].span), "let x = f(a + (b)) * 2 ms");
}

#[test]
fn deep_nesting_is_an_error() {
    for (open, close) in [("(", ")"), ("[", "]"), ("-", ""), ("f(", ")"), ("x[", "]"), ("if a then ", " else 1"), ("1 ^ ", "")] {
        let text = format!("let x = {}1{}", open.repeat(50_000), close.repeat(50_000));
        let (_, diagnostics) = parse(crate::source::FileId(0), &text);
        let codes: Vec<_> = diagnostics.as_slice().iter().map(|d| d.code).collect();
        assert_eq!(codes, ["E0007"], "{open}");
    }
    let blocks = format!("circuit c {{ {} }}", "if a { ".repeat(50_000));
    assert!(parse(crate::source::FileId(0), &blocks).1.has_errors());
    let long = format!("let x = 1{}", " + 1".repeat(50_000));
    assert_eq!(parse(crate::source::FileId(0), &long).1.as_slice()[0].code, "E0019");
}

#[test]
fn a_large_file_is_read_at_once() {
    let line = "  project pops[s] -> pops[t].syn by random(p = 0.1) { weight 0.5 nA; delay 1.5 ms }\n";
    let text = format!("circuit c {{\n{}}}\n", line.repeat(100_000));
    let start = Instant::now();
    let (file, diagnostics) = parse(crate::source::FileId(0), &text);
    assert!(diagnostics.as_slice().iter().all(|d| d.severity != Severity::Error));
    assert_eq!(file.body.items.len(), 1);
    // Several times what it takes, for a busy machine and an unoptimised build.
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    println!("{:?}", start.elapsed());
}

#[test]
fn codes_are_unique_and_sorted() {
    assert!(CODES.windows(2).all(|pair| pair[0].0 < pair[1].0));
}

#[test]
fn no_comment_is_lost() {
    let text = "circuit /* c */ c {}";
    assert!(parse(crate::source::FileId(0), text).1.has_errors());
    let text = "let a = [ // 1\n 1, // 2\n // 3\n 2 ] // 4\n/// 5\ncircuit c( // 6\n n: count) // 7\n { // 8\n // 9\n if a // 10\n { } // 11\n else // 12\n { // 13\n } // 14\n tick // 15\n 1 ms // 16\n }\n// 17";
    let text = text.replace("tick // 15\n", "tick (// 15\n").replace("1 ms //", "1 ms) //");
    let printed = print(&check(&text));
    for n in 1..=17 {
        assert!(
            printed.lines().any(|line| line.ends_with(&format!("// {n}")) || line.ends_with(&format!("/// {n}"))),
            "{n}: {printed}"
        );
    }
}

#[test]
fn warnings_alone_never_cut_a_file() {
    let text = format!("{}let a = 1\n", "circuit c {\n/// lost\n}\n".repeat(300));
    let (file, diagnostics) = parse(crate::source::FileId(0), &text);
    assert!(!diagnostics.has_errors());
    assert_eq!(file.body.items.len(), 301);
}

#[test]
fn long_lines_break_where_they_read_well() {
    let text = include_str!("../fixtures/microcircuit.circuit");
    let printed = print(&check(text));
    let wide: Vec<&str> = printed.lines().filter(|line| line.chars().count() > 100 && !line.contains("project")).collect();
    assert!(wide.is_empty(), "{wide:?}");
    assert!(printed.contains("within 0 pA .. 10 nA\n"), "{printed}");
    let sum = format!("neuron n {{ emit {} when weight > 0 }}", ["weight"; 40].join(" + "));
    assert!(print(&check(&sum)).lines().all(|line| line.len() <= 100));
    let rows = format!("let p = [{}]", ["[0.1009, 0.1689, 0.0437]"; 8].join(", "));
    assert_eq!(print(&check(&rows)).lines().count(), 8);
}
