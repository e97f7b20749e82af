//! Keeps the documentation true: its examples are circuits, its links and paths exist, its commands have those options.
//!
//! Fenced blocks of the book are read by their first word: `circuit` is a whole file that is elaborated, `circuit fragment` is
//! parsed only. Files that examples name are in [`files`].
#![allow(clippy::expect_used, clippy::panic)]

use bouton_compiler::diagnostic::Diagnostics;
use bouton_compiler::elaborate::{MemoryLoader, Options, elaborate};
use bouton_compiler::language::parse;
use bouton_compiler::source::SourceMap;
use bouton_tests::run::root;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The pages of the book.
fn book() -> Vec<PathBuf> {
    let folder = root().join("docs/src");
    let entries = fs::read_dir(folder).expect("the book is there").map(|e| e.expect("it can be listed").path());
    let mut pages: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|e| e == "md")).collect();
    pages.sort();
    pages
}

/// Everything that a newcomer reads.
fn pages() -> Vec<PathBuf> {
    let mut pages = book();
    pages.extend(["README.md", "ARCHITECTURE.md", "circuits/celegans/README.md"].map(|p| root().join(p)));
    let circuits = ["microcircuit", "vogels_abbott", "half_centre"];
    pages.extend(circuits.map(|circuit| root().join("circuits").join(circuit).join("README.md")));
    pages
}

fn name(page: &Path) -> String {
    page.strip_prefix(root()).unwrap_or(page).display().to_string()
}

/// A block of code: the words after its fence, its text, and the line where it begins.
struct Block {
    kind: String,
    text: String,
    line: usize,
}

/// Fenced blocks, and blocks that are indented by four spaces (without a kind).
fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    let mut fenced = false;
    let mut blank = true;
    for (number, line) in (1..).zip(page.lines()) {
        if let Some(rest) = line.strip_prefix("```") {
            if let Some(block) = open.take() {
                blocks.push(block);
            }
            fenced = !fenced;
            if fenced {
                open = Some(Block { kind: rest.trim().to_string(), text: String::new(), line: number });
            }
            blank = false;
            continue;
        }
        let indented = line.strip_prefix("    ");
        match (&mut open, fenced, indented) {
            (Some(block), true, _) => block.text.extend([line, "\n"]),
            (Some(block), false, Some(code)) => block.text.extend([code, "\n"]),
            (Some(block), false, None) if line.is_empty() => block.text.push('\n'),
            (Some(_), false, None) => blocks.extend(open.take()),
            (None, false, Some(code)) if blank => {
                open = Some(Block { kind: String::new(), text: format!("{code}\n"), line: number });
            }
            _ => {}
        }
        blank = line.is_empty();
    }
    blocks.extend(open);
    blocks
}

/// The text outside of blocks.
fn prose(page: &str) -> String {
    let mut fenced = false;
    let lines = page.lines().filter(|line| {
        let fence = line.starts_with("```");
        fenced ^= fence;
        !fence && !fenced && !line.starts_with("    ")
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// What stands between single backticks.
fn inline_code(page: &str) -> Vec<String> {
    prose(page).split('`').skip(1).step_by(2).map(|code| code.replace('\n', " ")).collect()
}

/// A file of numbers as numpy writes it.
fn npy(shape: &[usize]) -> Vec<u8> {
    let count: usize = shape.iter().product();
    let extents: String = shape.iter().map(|n| format!("{n}, ")).collect();
    let header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({extents}), }}");
    let padded = format!("{header:<117}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((padded.len() as u16).to_le_bytes());
    bytes.extend(padded.as_bytes());
    (0..count).for_each(|i| bytes.extend((i as f64).to_le_bytes()));
    bytes
}

/// The files that examples name.
fn files() -> MemoryLoader {
    MemoryLoader::default()
        .with("d.npy", npy(&[8, 12]))
        .with("drive.npy", npy(&[20, 10]))
        .with("w.npy", npy(&[3, 3]))
        .with("touch.csv", "time_ms,index\n1,0\n2.5,5\n")
        .with("edges.csv", "pre,post,weight,delay\n0,1,1.5,1\n2,2,-0.5,20\n")
}

fn complaints(diagnostics: &Diagnostics, sources: &SourceMap) -> Option<String> {
    (!diagnostics.as_slice().is_empty()).then(|| diagnostics.render(sources, false))
}

fn elaborated(text: &str) -> Option<String> {
    let mut sources = SourceMap::default();
    let loader = files().with("example.circuit", text);
    let (_, diagnostics) = elaborate(&loader, "example.circuit", &Options::default(), &mut sources);
    complaints(&diagnostics, &sources)
}

/// A fragment is parsed as definitions, as statements of a circuit, as lines of a neuron, or as a value.
fn parsed(text: &str) -> Option<String> {
    let wrapped = ["", "circuit fragment {\n", "neuron fragment {\n", "let fragment = "].map(|start| {
        let end = if start.ends_with("{\n") { "\n}\n" } else { "" };
        let text = format!("{start}{text}{end}");
        let mut sources = SourceMap::default();
        let id = sources.add("fragment.circuit", text.as_str());
        complaints(&parse(id, &text).1, &sources)
    });
    if wrapped.iter().any(Option::is_none) { None } else { wrapped.into_iter().flatten().min_by_key(String::len) }
}

#[test]
fn examples_are_circuits() {
    let mut failures = Vec::new();
    let mut examples = 0;
    for page in pages() {
        let text = read(&page);
        let readme = page.ends_with("README.md");
        for block in blocks(&text) {
            let whole = block.kind == "circuit" || (readme && block.kind.is_empty() && block.text.starts_with("import std"));
            let failure = match block.kind.as_str() {
                _ if whole => elaborated(&block.text),
                "circuit fragment" => parsed(&block.text),
                "circuit wrong" => elaborated(&block.text).map_or(Some("it has no mistake".to_string()), |_| None),
                _ => continue,
            };
            examples += 1;
            failures.extend(failure.map(|f| format!("{}:{}\n{f}", name(&page), block.line)));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(examples > 15, "only {examples} examples were found: has their mark changed?");
}

/// The anchors of a page's headings.
fn anchors(page: &str) -> BTreeSet<String> {
    let headings = page.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    headings
        .map(|heading| {
            let kept = heading.to_lowercase().chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c)).collect::<String>();
            kept.replace(' ', "-")
        })
        .collect()
}

#[test]
fn links_lead_somewhere() {
    let mut failures = Vec::new();
    for page in pages() {
        let text = read(&page);
        let folder = page.parent().expect("a page lies in a folder");
        for link in prose(&text).split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link) {
            if link.contains("://") {
                continue;
            }
            let (path, anchor) = link.split_once('#').map_or((link, None), |(path, anchor)| (path, Some(anchor)));
            let target = if path.is_empty() { page.clone() } else { folder.join(path) };
            let missing = !target.exists() || anchor.is_some_and(|a| !anchors(&read(&target)).contains(a));
            failures.extend(missing.then(|| format!("{}: {link}", name(&page))));
        }
    }
    assert!(failures.is_empty(), "these links lead nowhere:\n{}", failures.join("\n"));
}

#[test]
fn paths_exist() {
    let tops: BTreeSet<String> = fs::read_dir(root())
        .expect("the repository can be listed")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    let mut failures = Vec::new();
    for page in pages() {
        for code in inline_code(&read(&page)) {
            let plain = code.chars().all(|c| c.is_ascii_alphanumeric() || "/._-*".contains(c)) && code.contains('/');
            if !plain || !code.split('/').next().is_some_and(|top| tops.contains(top)) {
                continue;
            }
            // `NAME` and `*` stand for something: what is before them must exist.
            let known = |part: &&str| !part.contains('*') && !part.contains("NAME");
            let path: PathBuf = code.split('/').take_while(known).collect();
            failures.extend((!root().join(path).exists()).then(|| format!("{}: {code}", name(&page))));
        }
    }
    assert!(failures.is_empty(), "these paths do not exist:\n{}", failures.join("\n"));
}

#[test]
fn the_book_has_a_place_for_every_page() {
    let summary = read(&root().join("docs/src/SUMMARY.md"));
    for page in book() {
        let file = page.file_name().and_then(|f| f.to_str()).expect("pages have plain names").to_string();
        assert!(file == "SUMMARY.md" || summary.contains(&format!("({file})")), "SUMMARY.md does not list {file}");
    }
}

/// Files of options that commands share, and the type that a command takes in to have them.
const SHARED: [(&str, &str); 3] =
    [("cli/src/front.rs", "CircuitOptions"), ("cli/src/faults.rs", "FaultOptions"), ("cli/src/machine.rs", "MachineArguments")];

/// Options by command, as the sources of the command declare them; those of [`SHARED`] belong to every command that takes them in.
fn options() -> BTreeMap<String, BTreeSet<String>> {
    let folder = root().join("cli/src/command");
    let shared = SHARED.map(|(file, owner)| (declared(&read(&root().join(file))), owner));
    let mut commands = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("the commands are there") {
        let path = entry.expect("they can be listed").path();
        let command = path.file_stem().and_then(|s| s.to_str()).expect("commands have plain names").to_string();
        let text = read(&path);
        let mut options = declared(&text);
        for (common, _) in shared.iter().filter(|(_, owner)| text.contains(owner)) {
            options.extend(common.iter().cloned());
        }
        options.extend(["--help", "--version"].map(String::from));
        commands.insert(command, options);
    }
    commands.remove("mod");
    commands
}

/// `#[arg(short, long = "name", …)] name: …` in a source.
fn declared(source: &str) -> BTreeSet<String> {
    let mut options = BTreeSet::new();
    for rest in source.split("#[arg(").skip(1) {
        let Some((attribute, rest)) = rest.split_once(")]") else { continue };
        let Some((field, _)) = rest.split_once(':') else { continue };
        let field = field.trim().trim_start_matches("pub ").to_string();
        for part in attribute.split(',').map(str::trim) {
            match part.split_once('=').map_or((part, None), |(key, value)| (key.trim(), Some(value.trim().trim_matches('"')))) {
                ("long", name) => drop(options.insert(format!("--{}", name.map_or(field.replace('_', "-"), String::from)))),
                ("short", name) => drop(options.insert(format!("-{}", name.map_or(field[..1].to_string(), String::from)))),
                _ => {}
            }
        }
    }
    options
}

/// The command lines of a page: everything after `bouton` or `cargo run --release --`.
fn command_lines(page: &str) -> Vec<String> {
    let code = blocks(page).into_iter().filter(|b| !b.kind.starts_with("circuit")).map(|b| b.text);
    let lines: Vec<String> =
        code.chain(inline_code(page)).flat_map(|t| t.lines().map(String::from).collect::<Vec<_>>()).collect();
    let command = |line: &String| {
        let line = line.trim().trim_start_matches("$ ");
        let starts = ["bouton ", "cargo run --release -- "];
        starts.iter().find_map(|start| line.strip_prefix(start)).map(String::from)
    };
    lines.iter().filter_map(command).collect()
}

#[test]
fn commands_have_these_options() {
    let options = options();
    let mut failures = Vec::new();
    let mut seen = 0;
    for page in pages() {
        for line in command_lines(&read(&page)) {
            let mut words = line.split_whitespace();
            let command = words.next().unwrap_or("");
            if command.starts_with('-') {
                continue;
            }
            let Some(known) = options.get(command) else {
                failures.push(format!("{}: bouton {line}: no such command", name(&page)));
                continue;
            };
            seen += 1;
            let given = words.filter(|w| w.starts_with('-') && w.len() > 1).map(|w| w.split('=').next().unwrap_or(w));
            let given = given.filter(|w| w.chars().nth(1).is_some_and(char::is_alphabetic) || w.starts_with("--"));
            failures
                .extend(given.filter(|w| !known.contains(*w)).map(|w| format!("{}: bouton {line}: {w} is unknown", name(&page))));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(seen > 10, "only {seen} commands were found");
}
