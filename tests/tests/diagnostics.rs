//! Every wrong circuit of `files/errors` says what is written beside it, and every code has a circuit and a line on its page.
//!
//! `BOUTON_BLESS=1 cargo test -p bouton-tests --test diagnostics` writes the texts and the page's table anew.

use bouton_compiler::diagnostic::Diagnostics;
use bouton_compiler::pipeline::{self, CompileFailure, CompileOptions};
use bouton_compiler::source::SourceMap;
use bouton_compiler::{codes, elaborate};
use bouton_targets::machine::Machine;
use bouton_tests::golden::differs;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Folder of the wrong circuits, from this crate's, where tests run: the texts name it so on every machine.
const FOLDER: &str = "files/errors";

/// Codes without a wrong circuit, each with the reason.
const WITHOUT_CIRCUIT: &[(&str, &str)] = &[
    ("E0013", "a file of 4 GiB"),
    ("E0711", "circuits of the builder only: for text E0602 comes first"),
    ("E0712", "circuits of the builder only: for text E0610 comes first"),
    ("E0713", "circuits of the builder only: for text E0510 comes first"),
    ("E0714", "circuits of the builder only: for text E0508 comes first"),
    ("E0715", "circuits of the builder only: for text E0612 comes first"),
    ("E0716", "circuits of the builder only: for text E0612 comes first"),
    ("E0718", "2^32 synapses"),
    ("E0731", "the reference: lowering says E0701 for the same circuit"),
    ("E0732", "the reference: lowering says E0802 for the same circuit"),
    ("E0733", "the reference: lowering says E0802 for the same circuit"),
    ("E0734", "the reference: lowering says E0802 for the same circuit"),
    ("E0735", "the reference: circuits of the builder only"),
    ("E0736", "the reference: lowering says E0808 for the same circuit"),
    ("E0737", "the reference: lowering says E0809 for the same circuit"),
    ("E0810", "`explain`: the population is named on the command line"),
    ("W0803", "circuits of the builder only: for text E0512 comes first, and drawn values saturate"),
    ("E0738", "the reference: live input comes from outside of the text"),
];

fn wrong_circuits() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(FOLDER).expect("the folder of wrong circuits");
    let mut all: Vec<PathBuf> = entries.map(|e| e.expect("a readable folder").path()).collect();
    all.retain(|path| path.extension().is_some_and(|e| e == "circuit"));
    all.sort();
    all
}

/// The code at the start of a file's name.
fn code_of(path: &Path) -> String {
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    name.split('_').next().unwrap_or("").to_string()
}

/// What the compiler says about a circuit, or about the neurons of a file that has none, and the codes of it.
fn report(path: &Path) -> (String, BTreeSet<&'static str>) {
    if elaborate::model::CODES.iter().any(|(code, _)| *code == code_of(path)) {
        let mut sources = SourceMap::default();
        let (_, diagnostics) = elaborate::models(&elaborate::FileLoader, &path.to_string_lossy(), &mut sources);
        return (diagnostics.render(&sources, false), codes_of(&diagnostics));
    }
    let front = pipeline::front_end(&path.to_string_lossy(), &elaborate::Options::default());
    let mut diagnostics = front.diagnostics;
    if let Some(circuit) = front.circuit {
        let machine = Machine::named("host").expect("it is listed").expect("it is sound");
        match pipeline::compile(&circuit, &machine, &CompileOptions::default()) {
            Ok(compiled) => diagnostics.append(compiled.diagnostics),
            Err(CompileFailure::Input(more)) => diagnostics.append(more),
            Err(other) => panic!("{}: {other:?}", path.display()),
        }
    }
    (diagnostics.render(&front.sources, false), codes_of(&diagnostics))
}

fn codes_of(diagnostics: &Diagnostics) -> BTreeSet<&'static str> {
    diagnostics.as_slice().iter().map(|d| d.code).collect()
}

#[test]
fn wrong_circuits_say_what_is_written() {
    let mut wrong = Vec::new();
    let circuits = wrong_circuits();
    for path in &circuits {
        let (text, found) = report(path);
        let code = code_of(path);
        if !found.contains(code.as_str()) {
            wrong.push(format!("{} gives {found:?} instead of {code}:\n{text}", path.display()));
        }
        wrong.extend(differs(&path.with_extension("txt"), &text).expect("a folder that can be written"));
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n\n{}", wrong.len(), circuits.len(), wrong.join("\n"));
}

#[test]
fn every_text_has_its_circuit() {
    let texts = std::fs::read_dir(FOLDER).expect("the folder of wrong circuits").map(|e| e.expect("a readable folder").path());
    let lost: Vec<PathBuf> =
        texts.filter(|p| p.extension().is_some_and(|e| e == "txt") && !p.with_extension("circuit").exists()).collect();
    assert!(lost.is_empty(), "{lost:?}");
}

#[test]
fn every_code_is_unique_and_has_a_wrong_circuit() {
    let circuits: BTreeSet<String> = wrong_circuits().iter().map(|p| code_of(p)).collect();
    let mut seen = BTreeSet::new();
    for (code, _) in codes::STAGES.iter().flat_map(|(_, codes)| *codes) {
        assert!(seen.insert(*code), "{code} stands twice in the tables");
        let excused = WITHOUT_CIRCUIT.iter().any(|(without, _)| without == code);
        assert_ne!(circuits.contains(*code), excused, "{code} needs a circuit in {FOLDER}, or a reason why there is none");
    }
    let unknown: Vec<&String> = circuits.iter().filter(|code| !seen.contains(code.as_str())).collect();
    assert!(unknown.is_empty(), "in no table: {unknown:?}");
}

/// What stands above the tables of the page.
const PAGE: &str = "# Diagnostics

Every error and warning has a code, the place with its text underlined, what was expected where that helps, and a way out. Several
errors are shown in one run. Codes stay what they are: `E` is an error, after which nothing is written; `W` is a warning, which
has a name for `--deny`, and compilation goes on. A wrong circuit for each code, with the text that Bouton gives, is in `tests/files/errors`.

This page is written by `BOUTON_BLESS=1 cargo test -p bouton-tests --test diagnostics`.
";

#[test]
fn the_page_lists_every_code() {
    let mut page = PAGE.to_string();
    for (stage, codes) in codes::STAGES {
        let _ = write!(page, "\n## {stage}\n\n| code | what |\n| --- | --- |\n");
        for (code, title) in *codes {
            let _ = writeln!(page, "| {code} | {title} |");
        }
    }
    let wrong = differs(Path::new("../docs/src/diagnostics.md"), &page).expect("a page that can be written");
    assert!(wrong.is_none(), "{}", wrong.unwrap_or_default());
}
