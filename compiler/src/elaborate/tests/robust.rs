//! Bad input gives errors: never a panic, never a hang; and the circuits that ship are good input.

use super::*;
use crate::elaborate::{FileLoader, models};
use std::path::Path;

#[test]
fn shipped_circuits_elaborate() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../circuits");
    for entry in std::fs::read_dir(folder).expect("the folder of circuits").flatten() {
        for file in std::fs::read_dir(entry.path()).into_iter().flatten().flatten() {
            let path = file.path().to_string_lossy().into_owned();
            if !path.ends_with(".circuit") {
                continue;
            }
            let mut sources = SourceMap::default();
            let (circuit, diagnostics) = elaborate(&FileLoader, &path, &Options::default(), &mut sources);
            assert!(circuit.is_some(), "{path}\n{}", diagnostics.render(&sources, false));
        }
    }
}

#[test]
fn every_model_of_the_library_is_checked() {
    for (_, text) in [("n", super::super::library::text("std.neurons")), ("g", super::super::library::text("std.graded"))] {
        let mut sources = SourceMap::default();
        let loader = MemoryLoader::default().with("copy.circuit", text.expect("it ships"));
        let (models, diagnostics) = models(&loader, "copy.circuit", &mut sources);
        assert!(!diagnostics.has_errors() && !models.is_empty(), "{}", diagnostics.render(&sources, false));
    }
}

#[test]
fn deep_nesting_does_not_overflow_the_stack() {
    let blocks = |inner: &str| format!("{}{inner}{}", "if true { ".repeat(40), " }".repeat(40));
    let own = format!("circuit c {{ tick 1 ms; {} }}", blocks("instance a: c"));
    assert_eq!(codes(&own), ["E0415"]);
    let lets: String = (0..2000).map(|i| format!("let a{} = [a{i}]\n", i + 1)).collect();
    assert_eq!(body_codes(&format!("let a0 = [1]\n{lets}")), ["E0415"]);
    let lets: String = (0..2000).map(|i| format!("let a{i} = a{} + 1\n", i + 1)).collect();
    assert!(codes(&format!("{lets}circuit c {{ tick 1 ms; let x = a0 }}")).contains(&"E0415"));
}

#[test]
fn cut_texts_give_errors_only() {
    let text = "import std.neurons\ncircuit c(n: count = 4) { tick 0.1 ms; let w = normal(1 mV, 0.1 mV) within 0 mV .. 2 mV
        population a[n, 2]: lif_exp(v = [1, 2, 3, 4, 5, 6, 7, 8] * 1 mV, exc <- poisson(rate = 8 Hz, weight = w)), excitatory
        for k in 0 .. 2 { project x: a[k, ..] -> a.exc by distance(exp(-d)), self { weight w; delay 1 ms; on core } }
        record a[.., 1].v every 1 ms; port out o = a }";
    assert_eq!(codes(text), [] as [&str; 0]);
    for at in (0..text.len()).filter(|at| text.is_char_boundary(*at)) {
        let _ = codes(&text[..at]);
        // A byte left out makes other kinds of nonsense.
        let _ = codes(&format!("{}{}", &text[..at], text.get(at + 1..).unwrap_or("")));
    }
}
