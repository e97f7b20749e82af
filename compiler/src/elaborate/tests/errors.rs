//! Every wrong circuit of `tests/files/errors` gives the code of its name.

use crate::diagnostic::Diagnostic;
use crate::elaborate::{CODES, FileLoader, Options, elaborate};
use crate::source::SourceMap;
use std::path::Path;

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/files/errors")
}

/// The files whose code belongs to this stage, with the code.
fn ours() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder()).expect("the folder of wrong circuits") {
        let name = entry.expect("a readable folder").file_name().to_string_lossy().into_owned();
        let code = name.split('_').next().unwrap_or("").to_string();
        if name.ends_with(".circuit") && CODES.iter().any(|(c, _)| *c == code) {
            all.push((name, code));
        }
    }
    all.sort();
    all
}

#[test]
fn wrong_circuits_give_the_code_of_their_name() {
    for (name, code) in ours() {
        let mut sources = SourceMap::default();
        let path = folder().join(&name);
        let (circuit, diagnostics) = elaborate(&FileLoader, &path.to_string_lossy(), &Options::default(), &mut sources);
        let found: Vec<_> = diagnostics.as_slice().iter().map(|d| d.code).collect();
        let text = diagnostics.render(&sources, false);
        assert!(found.iter().all(|f| *f == code) && !found.is_empty(), "{name}: {found:?}\n{text}");
        assert_eq!(circuit.is_none(), code.starts_with('E'), "{name}");
        let says_enough = |d: &Diagnostic| d.help.is_some() || d.labels.len() > 1 || d.note.is_some();
        assert!(diagnostics.as_slice().iter().all(says_enough), "{text}");
    }
}

#[test]
fn every_code_has_a_wrong_circuit() {
    let with_file: Vec<String> = ours().into_iter().map(|(_, code)| code).collect();
    let without: Vec<_> = CODES.iter().map(|(code, _)| *code).filter(|code| !with_file.iter().any(|w| w == code)).collect();
    assert_eq!(without, [] as [&str; 0]);
}

#[test]
fn codes_are_unique_and_sorted() {
    assert!(CODES.windows(2).all(|pair| pair[0].0 < pair[1].0));
}
