//! Tests of the check of neurons: the text of a neuron in, the codes of its diagnostics or its model out.

use super::{CODES, Constants, ModelTemplate, check_neuron};
use crate::circuit::affine::{affine, varying};
use crate::circuit::formats::formats_of;
use crate::circuit::model::{BinaryOp, ExprKind, Method, Model, ModulatorId, OutputType, ReceptorId, StateId, Statement, System};
use crate::diagnostic::Diagnostics;
use crate::language::{ast, parse};
use crate::source::SourceMap;
use crate::table::Id;
use crate::units::Dimension;
use std::collections::BTreeMap;

mod damage;
mod examples;
mod fixed;
mod statements;
mod systems;
mod units;

/// A file's constants and functions, as text.
struct Outside(ast::File);

impl Constants for Outside {
    fn constant(&self, name: &str) -> Option<(f64, Dimension)> {
        (name == "e_rest").then_some((-0.065, Dimension::VOLTAGE)).or((name == "three").then_some((3.0, Dimension::NUMBER)))
    }

    fn function(&self, name: &str) -> Option<ast::Function> {
        self.0.body.nodes().find_map(|definition| match definition {
            ast::Definition::Function(f) if f.name.text == name => Some(f.clone()),
            _ => None,
        })
    }

    fn names(&self) -> Vec<String> {
        vec!["e_rest".into(), "three".into()]
    }
}

/// Checks the first neuron of `text`, giving its diagnostics and the sources to render them.
#[track_caller]
fn checked(text: &str) -> (Option<ModelTemplate>, Diagnostics, SourceMap) {
    let mut sources = SourceMap::default();
    let file = sources.add("test.circuit", text);
    let (tree, mut diagnostics) = parse(file, text);
    assert!(!diagnostics.has_errors(), "{}", diagnostics.render(&sources, false));
    let neuron = tree.body.nodes().find_map(|definition| match definition {
        ast::Definition::Neuron(neuron) => Some(neuron.clone()),
        _ => None,
    });
    let neuron = neuron.expect("a neuron in the text");
    let template = check_neuron(&neuron, &Outside(tree), &mut diagnostics);
    assert_eq!(template.is_none(), diagnostics.has_errors(), "a template, or errors");
    for diagnostic in diagnostics.as_slice() {
        assert!(CODES.iter().any(|(code, _)| *code == diagnostic.code), "{} is not in the table", diagnostic.code);
        assert!(diagnostic.help.is_some(), "no way out: {diagnostic:?}");
    }
    (template, diagnostics, sources)
}

/// The one door: checks that a neuron with these lines has exactly these diagnostics, `CODE text that is underlined`, by place.
#[track_caller]
fn check(lines: &str, expected: &[&str]) {
    let (_, diagnostics, sources) = checked(&format!("neuron n {{\n{lines}\n}}"));
    let mut found: Vec<_> = diagnostics.as_slice().iter().map(|d| (d.labels[0].span, d.code)).collect();
    found.sort_unstable();
    let found: Vec<String> = found.into_iter().map(|(span, code)| format!("{code} {}", sources.text(span))).collect();
    assert_eq!(found, expected, "\n{}", diagnostics.render(&sources, false));
}

/// The model of a neuron without diagnostics.
#[track_caller]
fn model(lines: &str) -> Model {
    template(&format!("neuron n {{\n{lines}\n}}")).model
}

#[track_caller]
fn template(text: &str) -> ModelTemplate {
    let (template, diagnostics, sources) = checked(text);
    assert!(diagnostics.as_slice().is_empty(), "{}", diagnostics.render(&sources, false));
    let template = template.expect("checked");
    for (id, expr) in template.model.exprs.iter() {
        assert!(expr.kind.children().all(|child| child < id), "a child after its parent");
    }
    template
}

fn systems_of(model: &Model) -> Vec<&System> {
    let system = |s: &'_ Statement| matches!(s, Statement::Integrate(_));
    model
        .body
        .iter()
        .filter(|s| system(s))
        .map(|s| if let Statement::Integrate(system) = s { system } else { unreachable!() })
        .collect()
}

#[test]
fn codes_are_unique_and_sorted() {
    assert!(CODES.windows(2).all(|pair| pair[0].0 < pair[1].0));
}

/// Every code has a wrong neuron in `tests/files/errors`, named after it, whose first diagnostic of this stage it is.
#[test]
fn every_code_has_a_file() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/files/errors");
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .expect("the folder of wrong circuits")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".circuit"))
        .collect();
    names.sort();
    for (code, _) in CODES {
        let name = names.iter().find(|name| name.starts_with(code)).unwrap_or_else(|| panic!("no file for {code}"));
        let text = std::fs::read_to_string(folder.join(name)).expect("readable");
        let (_, diagnostics, sources) = checked(&text);
        let codes: Vec<&str> = diagnostics.as_slice().iter().map(|d| d.code).collect();
        assert_eq!(codes, [*code], "{name}\n{}", diagnostics.render(&sources, false));
    }
}
