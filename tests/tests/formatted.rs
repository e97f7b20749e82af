//! The circuits that come with Bouton are written as `bouton fmt` writes them.

use bouton_compiler::language::{parse, print};
use bouton_compiler::source::FileId;
use bouton_tests::run::root;
use std::path::{Path, PathBuf};

const FOLDERS: &[&str] = &["benches", "circuits", "compiler/library", "tests/files/device", "tests/oracles"];

fn circuits(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the folder is there").flatten() {
        let path = entry.path();
        if path.is_dir() {
            circuits(&path, found);
        } else if path.extension().is_some_and(|e| e == "circuit") {
            found.push(path);
        }
    }
}

#[test]
fn shipped_circuits_are_formatted() {
    let mut found = Vec::new();
    FOLDERS.iter().for_each(|folder| circuits(&root().join(folder), &mut found));
    assert!(found.len() > 10, "only {found:?}");
    for path in found {
        let text = std::fs::read_to_string(&path).expect("it is text");
        let (tree, diagnostics) = parse(FileId(0), &text);
        assert!(!diagnostics.has_errors(), "{}", path.display());
        assert_eq!(print(&tree), text, "{}: run bouton fmt", path.display());
    }
}
