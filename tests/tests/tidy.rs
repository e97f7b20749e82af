//! Keeps the code in a shape that a newcomer can read: headers, sizes, words and types that do not belong.
//!
//! `cargo test -p bouton-tests --test tidy -- --nocapture` prints the sizes.

use bouton_tests::run::root;
use std::fs;
use std::path::{Path, PathBuf};

/// Lines of a file: what is worth a look, and what is too much.
const FILE_LINES: (usize, usize) = (500, 800);
/// Lines of a function, from its signature to its brace.
const FUNCTION_LINES: (usize, usize) = (60, 100);
/// Folders that hold what tools made.
const SKIPPED: &[&str] = &["target", ".git", "corpus", "artifacts", "coverage", "book", "node_modules", ".venv", "__pycache__"];
/// Words that say where or by whom something was written, in two parts so that this file does not hold them.
const FORBIDDEN: &[(&str, &str)] = &[("/wo", "rk/"), ("/ho", "me/"), ("/ro", "ot/"), ("in this ses", "sion")];

fn files(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder that can be listed") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && !SKIPPED.contains(&name.as_str()) {
            files(&path, endings, found);
        } else if path.extension().is_some_and(|e| endings.iter().any(|ending| e == *ending)) {
            found.push(path);
        }
    }
}

/// The files with these endings and their texts, sorted.
fn texts(endings: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    files(&root(), endings, &mut found);
    found.sort();
    let named = |path: PathBuf| {
        let name = path.strip_prefix(root()).unwrap_or(&path).to_string_lossy().into_owned();
        fs::read_to_string(&path).ok().map(|text| (name, text))
    };
    found.into_iter().filter_map(named).collect()
}

/// Name, first line and length of each function, read by the indentation that rustfmt gives.
fn functions(text: &str) -> Vec<(&str, usize, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let body = line.trim_start();
        let indent = line.len() - body.len();
        let head = body.strip_prefix("pub ").unwrap_or(body);
        let head = head.strip_prefix("pub(crate) ").or(head.strip_prefix("pub(super) ")).unwrap_or(head);
        let head = head.strip_prefix("const ").unwrap_or(head);
        let Some(name) = head.strip_prefix("fn ").and_then(|rest| rest.split(['(', '<']).next()) else { continue };
        let close = format!("{}}}", " ".repeat(indent));
        let one_line = body.ends_with('}') || body.ends_with(';');
        let length = if one_line { 1 } else { lines[at..].iter().position(|l| *l == close).map_or(1, |n| n + 1) };
        found.push((name, at + 1, length));
    }
    found
}

#[test]
fn every_file_says_what_it_is_for() {
    let missing: Vec<String> = texts(&["rs"]).into_iter().filter(|(_, t)| !t.starts_with("//! ")).map(|(name, _)| name).collect();
    assert!(missing.is_empty(), "no `//!` in the first line of {missing:#?}");
}

#[test]
fn files_and_functions_are_short() {
    let mut too_long = Vec::new();
    let (mut lines, mut lengths) = (Vec::new(), Vec::new());
    for (name, text) in texts(&["rs"]) {
        let length = text.lines().count();
        lines.push(length);
        if length > FILE_LINES.0 {
            println!("{name}: {length} lines");
        }
        if length > FILE_LINES.1 {
            too_long.push(format!("{name} has {length} lines, at most {}", FILE_LINES.1));
        }
        for (function, line, length) in functions(&text) {
            lengths.push(length);
            if length > FUNCTION_LINES.0 {
                println!("{name}:{line}: `{function}` has {length} lines");
            }
            if length > FUNCTION_LINES.1 {
                too_long.push(format!("{name}:{line}: `{function}` has {length} lines, at most {}", FUNCTION_LINES.1));
            }
        }
    }
    let summary = |mut all: Vec<usize>| {
        all.sort_unstable();
        let at = |share: usize| all.get((all.len() * share / 100).min(all.len().saturating_sub(1))).copied().unwrap_or(0);
        format!("{} of them, median {}, p90 {}, longest {}", all.len(), at(50), at(90), at(100))
    };
    println!("files: {}\nfunctions: {}", summary(lines), summary(lengths));
    assert!(too_long.is_empty(), "{too_long:#?}");
}

#[test]
fn no_map_whose_order_differs_between_runs() {
    let map = ["std::collections::Hash", "collections::{Hash"];
    let found: Vec<String> = texts(&["rs"])
        .into_iter()
        .filter(|(name, t)| map.iter().any(|m| t.contains(m)) && !name.ends_with("tidy.rs"))
        .map(|(n, _)| n)
        .collect();
    assert!(found.is_empty(), "use BTreeMap, BTreeSet or a table in {found:#?}");
}

#[test]
fn nothing_says_where_it_was_written() {
    let mut found = Vec::new();
    for (name, text) in texts(&["rs", "md", "toml", "sh", "py", "circuit", "txt", "yml", "css"]) {
        for (at, line) in text.lines().enumerate() {
            if FORBIDDEN.iter().any(|(a, b)| line.contains(&format!("{a}{b}"))) {
                found.push(format!("{name}:{}: {line}", at + 1));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}
