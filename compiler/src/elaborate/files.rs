//! Reads the top file and everything it imports, and says which definition a name means in which file.

use super::library;
use super::loader::Loader;
use super::model::ModelTemplate;
use super::value::DefId;
use crate::diagnostic::{Diagnostic, Diagnostics, did_you_mean};
use crate::language::{ast, parse};
use crate::source::{FileId, SourceMap, Span};
use std::cell::OnceCell;
use std::collections::BTreeMap;

/// Imports within imports.
const MAX_DEPTH: usize = 64;

/// One file of the compilation.
#[derive(Debug)]
pub(super) struct Module {
    /// Its name as its loader or the library knows it.
    pub name: String,
    /// Its tree.
    pub tree: ast::File,
    /// The files it imports, each with the place of the import.
    pub imports: Vec<(usize, Span)>,
    /// Its neurons, once they are checked; by item.
    pub templates: Vec<OnceCell<Option<ModelTemplate>>>,
}

impl Module {
    /// The definition `item`, unless it is an import.
    pub fn definition(&self, item: usize) -> Option<&ast::Definition> {
        self.tree.body.items.get(item).map(|i| &i.node)
    }

    /// Names and places of its definitions.
    pub fn names(&self) -> impl Iterator<Item = (usize, &ast::Ident)> {
        self.tree.body.nodes().enumerate().filter_map(|(i, node)| name_of(node).map(|name| (i, name)))
    }
}

/// The name that a definition makes.
pub(super) fn name_of(definition: &ast::Definition) -> Option<&ast::Ident> {
    Some(match definition {
        ast::Definition::Import(_) => return None,
        ast::Definition::Circuit(c) => &c.name,
        ast::Definition::Neuron(n) => &n.name,
        ast::Definition::Synapse(s) => &s.name,
        ast::Definition::Let(l) => &l.name,
        ast::Definition::Function(f) => &f.name,
    })
}

/// Reads files; each is read once.
pub(super) struct Reader<'l> {
    loader: &'l dyn Loader,
    sources: &'l mut SourceMap,
    diagnostics: &'l mut Diagnostics,
    modules: Vec<Module>,
    /// Names of the files that are being read, the innermost last.
    open: Vec<String>,
    done: BTreeMap<String, usize>,
}

/// The top file first in meaning, last in order; `None` when it could not be read.
pub(super) fn read_all(
    loader: &dyn Loader,
    top_file: &str,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Option<(Vec<Module>, usize)> {
    let mut reader = Reader { loader, sources, diagnostics, modules: Vec::new(), open: Vec::new(), done: BTreeMap::new() };
    let top = match loader.read("", top_file) {
        Ok(loaded) => reader.text(&loaded.name, loaded.bytes)?,
        Err(e) => {
            // There is no text to underline: the message stands at the start of an empty file of that name.
            let file = reader.sources.add(top_file, "");
            let span = Span { file, start: 0, end: 0 };
            reader.diagnostics.push(Diagnostic::error("E0403", e.to_string(), span));
            return None;
        }
    };
    let modules = reader.modules;
    report_double_names(&modules, diagnostics);
    Some((modules, top))
}

impl Reader<'_> {
    fn text(&mut self, name: &str, bytes: Vec<u8>) -> Option<usize> {
        let (text, valid) = match String::from_utf8(bytes) {
            Ok(text) => (text, true),
            Err(e) => (String::from_utf8_lossy(e.as_bytes()).into_owned(), false),
        };
        let file = self.sources.add(name, text.clone());
        if !valid {
            let at = text.find('\u{FFFD}').unwrap_or(0) as u32;
            let error = Diagnostic::error("E0403", format!("`{name}` is not UTF-8 text"), Span { file, start: at, end: at + 3 });
            self.diagnostics.push(error.help("save it as UTF-8"));
            return None;
        }
        Some(self.module(name, file, &text))
    }

    fn module(&mut self, name: &str, file: FileId, text: &str) -> usize {
        let (tree, diagnostics) = parse(file, text);
        self.diagnostics.append(diagnostics);
        self.open.push(name.to_string());
        let mut imports: Vec<(usize, Span)> = Vec::new();
        if name != library::SOURCES {
            imports.extend(self.library(library::SOURCES).map(|m| (m, Span { file, start: 0, end: 0 })));
        }
        for item in &tree.body.items {
            let ast::Definition::Import(import) = &item.node else { continue };
            imports.extend(self.import(name, import, item.span).map(|m| (m, item.span)));
        }
        self.open.pop();
        let templates = tree.body.items.iter().map(|_| OnceCell::new()).collect();
        self.modules.push(Module { name: name.to_string(), tree, imports, templates });
        self.done.insert(name.to_string(), self.modules.len() - 1);
        self.modules.len() - 1
    }

    fn import(&mut self, from: &str, import: &ast::Import, span: Span) -> Option<usize> {
        match import {
            ast::Import::Library(names) => {
                let name = names.iter().map(|n| n.text.as_str()).collect::<Vec<_>>().join(".");
                let found = self.library(&name);
                if found.is_none() {
                    self.diagnostics.push(unknown_library(&name, span));
                }
                found
            }
            ast::Import::File(path) => self.file(from, path),
        }
    }

    fn library(&mut self, name: &str) -> Option<usize> {
        if let Some(done) = self.done.get(name) {
            return Some(*done);
        }
        let text = library::text(name)?;
        if self.open.iter().any(|open| open == name) {
            return None;
        }
        let file = self.sources.add(name, text);
        Some(self.module(name, file, text))
    }

    fn file(&mut self, from: &str, path: &ast::Text) -> Option<usize> {
        let loaded = match self.loader.read(from, &path.value) {
            Ok(loaded) => loaded,
            Err(e) => {
                let error = Diagnostic::error("E0403", e.to_string(), path.span).said("imported here");
                self.diagnostics.push(
                    error.help("paths begin at the folder of the file that imports; the library is imported without quotes"),
                );
                return None;
            }
        };
        if let Some(done) = self.done.get(&loaded.name) {
            return Some(*done);
        }
        if self.open.contains(&loaded.name) {
            let circle = self.open.iter().skip_while(|o| **o != loaded.name).chain([&loaded.name]);
            let circle = circle.map(|o| format!("`{o}`")).collect::<Vec<_>>().join(" imports ");
            let error = Diagnostic::error("E0404", "these files import each other in a circle", path.span).note(circle);
            self.diagnostics.push(error.help("put what both need into a third file"));
            return None;
        }
        if self.open.len() >= MAX_DEPTH {
            self.diagnostics.push(Diagnostic::error("E0404", format!("imports are nested deeper than {MAX_DEPTH}"), path.span));
            return None;
        }
        self.text(&loaded.name, loaded.bytes)
    }
}

fn unknown_library(name: &str, span: Span) -> Diagnostic {
    let error = Diagnostic::error("E0419", format!("there is no library file `{name}`"), span);
    match did_you_mean(name, library::names()) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help(format!(
            "the library has {}; a file of your own is imported by its name in quotes",
            library::names().collect::<Vec<_>>().join(", ")
        )),
    }
}

fn report_double_names(modules: &[Module], diagnostics: &mut Diagnostics) {
    for module in modules {
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        for (_, name) in module.names() {
            if let Some(first) = seen.get(name.text.as_str()) {
                let error = Diagnostic::error("E0402", format!("`{}` is defined twice", name.text), name.span);
                diagnostics.push(error.label(*first, "first defined here").help("rename one of them"));
            } else {
                seen.insert(&name.text, name.span);
            }
        }
    }
}

/// What a name means in a file: its own definition, else an imported one; later imports win over earlier ones.
pub(super) fn lookup(modules: &[Module], file: usize, name: &str) -> Option<DefId> {
    let own = |file: usize| {
        let (item, _) = modules.get(file)?.names().find(|(_, n)| n.text == name)?;
        Some(DefId { file, item })
    };
    own(file).or_else(|| modules.get(file)?.imports.iter().rev().find_map(|(m, _)| own(*m)))
}

/// All names that a file sees.
pub(super) fn visible_names(modules: &[Module], file: usize) -> Vec<String> {
    let files = modules.get(file).into_iter().flat_map(|m| m.imports.iter().map(|(i, _)| *i)).chain([file]);
    files.filter_map(|f| modules.get(f)).flat_map(|m| m.names().map(|(_, n)| n.text.clone())).collect()
}
