//! Circuit text to circuit: resolves names, checks units, evaluates everything that is known at compile time.
//!
//! Takes: the top file and a [`Loader`] for what it names. Gives: a [`Circuit`], or errors, all that could be found.
//! Invariants: new: names are flat (`segment[0].left`); every value is in SI and of its declared dimension; every constant
//!   time is a whole number of ticks; weights keep the sign of their source (Dale's law); same input and seed, same circuit.
//! Cost: linear in the statements that run, at most ten million; in the neurons that have a value each; in the pairs of
//!   `distance`, `matrix` and `low_rank`.
//! Source: own. Example: `tests.rs` in this folder.
//!
//! # Choices where the language leaves room
//! - Names are defined above their use, except those of a file, whose order does not matter. A file's own names win over
//!   imported ones, later imports over earlier ones. `std.sources` needs no import.
//! - The top circuit is the last one of the top file unless [`Options::top`] says otherwise; it must say its `tick`.
//! - A population made in a loop carries the loop's count in its name: `p[0]`, `p[1]`; blocks hide their names.
//! - `index` is the place of an instance in its array: a number, or an array of them where the array has several extents.
//! - Bare numbers of a file are in SI units; calculate with them to say otherwise: `from "v.npy" * 1 mV`. A CSV of one
//!   column is a row of values. A signal with a unit is `signal(from "drive.npy" * 1 pA)`.
//! - A list's column `weight` is a factor without a unit, `delay` counts ticks, `delay_ms` is a time. Spike times of a file are
//!   rounded to the nearest tick, times in the text must be whole ticks.
//! - A projection without `delay` has one of one tick. `one_to_one`, `list` and `matrix` refuse self-connections and
//!   multapses that were not allowed; they never drop what was written.
//! - In `distance`, neurons sit at their coordinates; a source of another extent is stretched over the targets' field.
//! - `a % b` has the sign of b; `round` goes away from zero at a half.

mod builtin;
mod cell;
mod compose;
mod context;
mod csv_table;
mod data;
mod eval;
mod files;
mod input;
mod library;
mod lint;
mod loader;
pub mod model;
mod npy;
mod operate;
mod path;
mod population;
mod project;
mod record;
mod scope;
#[cfg(test)]
mod tests;
mod types;
mod value;
mod values;

pub use loader::{FileLoader, LoadError, Loaded, Loader, MemoryLoader};
pub use npy::{NpyArray, NpyError, read as read_npy};

use crate::circuit::Circuit;
use crate::circuit::model::Model;
use crate::diagnostic::{Diagnostic, Diagnostics, did_you_mean};
use crate::language::{ast, parse};
use crate::source::{SourceMap, Span};
use bouton_targets::random::Seed;
use context::Elaborator;
use files::Module;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use value::DefId;

/// The diagnostics of this stage: stable code and title.
pub const CODES: &[(&str, &str)] = &[
    ("E0401", "a name that is not defined"),
    ("E0402", "a name that is defined twice"),
    ("E0403", "a file that cannot be read"),
    ("E0404", "files that import each other"),
    ("E0405", "no such circuit"),
    ("E0406", "an argument that does not exist, or is given twice"),
    ("E0407", "an argument that is missing"),
    ("E0408", "a value of the wrong kind"),
    ("E0409", "a tick that is missing, or two of them"),
    ("E0410", "a port that does not fit"),
    ("E0411", "something inside of an instance"),
    ("E0412", "no such receptor or state"),
    ("E0413", "an index out of range"),
    ("E0415", "too much work, or nesting without an end"),
    ("E0417", "a definition by itself"),
    ("E0418", "something that cannot be recorded"),
    ("E0419", "no such library file"),
    ("E0501", "units that do not fit"),
    ("E0502", "something that has no place at compile time"),
    ("E0503", "a count that is not a whole number of at least zero"),
    ("E0504", "arithmetic without a finite result"),
    ("E0506", "a distribution that makes no sense"),
    ("E0507", "bounds that no draw reaches"),
    ("E0508", "a CSV file with a mistake"),
    ("E0509", "an NPY file that cannot be read"),
    ("E0510", "numbers of the wrong shape"),
    ("E0511", "a time that is not a whole number of ticks"),
    ("E0512", "a value out of range"),
    ("E0601", "no such pattern"),
    ("E0602", "an argument of a pattern that makes no sense"),
    ("E0603", "a weight in the wrong unit"),
    ("E0604", "a weight that is missing"),
    ("E0605", "a weight of the wrong sign (Dale's law)"),
    ("E0607", "bits of a weight that no target has"),
    ("E0608", "a source that does not fit"),
    ("E0609", "a target that is not a receptor"),
    ("E0610", "ends of different sizes"),
    ("E0611", "a setting that is said twice or cannot be"),
    ("E0612", "a connection that was not allowed"),
    ("E0613", "convolution, which comes later"),
    ("E0614", "too many pairs"),
    ("E0615", "learning, which comes later"),
    ("W0401", "unused-population"),
    ("W0402", "nothing-recorded"),
    ("W0501", "spikes-merged"),
    ("W0601", "no-macros"),
];

/// What the user chose besides the text.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Options {
    /// Seed of values that are drawn.
    pub seed: u64,
    /// Values of the top circuit's parameters by name (`--set name=value`), each an expression of the language.
    pub settings: Vec<(String, String)>,
    /// Which circuit is the top one; the last of the file when absent.
    pub top: Option<String>,
}

/// Makes the circuit of a file. `None` when there are errors; the diagnostics hold the warnings too.
pub fn elaborate(
    loader: &dyn Loader,
    top_file: &str,
    options: &Options,
    sources: &mut SourceMap,
) -> (Option<Circuit>, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    let Some((mut modules, top)) = files::read_all(loader, top_file, sources, &mut diagnostics) else {
        return (None, diagnostics);
    };
    // The trees lack the statements that could not be read: looking on would blame the names that they define.
    if diagnostics.has_errors() {
        return (None, diagnostics);
    }
    let settings = read_settings(&mut modules, top, options, sources, &mut diagnostics);
    let Some((id, span)) = choose_top(&modules, top, options, &mut diagnostics) else { return (None, diagnostics) };
    let Some(ast::Definition::Circuit(circuit)) = modules.get(id.file).and_then(|m| m.definition(id.item)) else {
        return (None, diagnostics);
    };
    unknown_settings(&modules, circuit, &settings, &mut diagnostics);
    let mut elaborator = Elaborator::new(&modules, loader, sources, Seed(options.seed), span);
    elaborator.circuit.name.clone_from(&circuit.name.text);
    elaborator.diagnostics = diagnostics;
    elaborator.top(id, circuit, &settings);
    check_definitions(&mut elaborator);
    // A missing tick has been reported when anything needed it; otherwise it is now.
    let tick = elaborator.tick();
    lint::all(&mut elaborator, span);
    let Elaborator { mut circuit, diagnostics, .. } = elaborator;
    match tick {
        Ok(tick) if !diagnostics.has_errors() => {
            circuit.tick = tick;
            (Some(circuit), diagnostics)
        }
        _ => (None, diagnostics),
    }
}

/// Checks every neuron of a file, which needs no circuit; gives the models of that file in order.
pub fn models(loader: &dyn Loader, file: &str, sources: &mut SourceMap) -> (Vec<Model>, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    let Some((modules, top)) = files::read_all(loader, file, sources, &mut diagnostics) else { return (Vec::new(), diagnostics) };
    let span = modules.get(top).map_or(Span { file: crate::source::FileId(0), start: 0, end: 0 }, |m| m.tree.body.span);
    let mut elaborator = Elaborator::new(&modules, loader, sources, Seed(0), span);
    elaborator.diagnostics = diagnostics;
    check_definitions(&mut elaborator);
    let templates = modules.get(top).into_iter().flat_map(|m| &m.templates).filter_map(|t| t.get()?.as_ref());
    (templates.map(|t| t.model.clone()).collect(), elaborator.diagnostics)
}

/// A circuit of nothing but one neuron, with the model called `name` that `file` defines or imports, its defaults, and ticks of
/// `tick` seconds. The outer `None`: the file has no such model. The inner one: there are errors.
pub fn alone(
    loader: &dyn Loader,
    file: &str,
    name: &str,
    tick: f64,
    sources: &mut SourceMap,
) -> (Option<Option<Circuit>>, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    let Some((modules, top)) = files::read_all(loader, file, sources, &mut diagnostics) else { return (Some(None), diagnostics) };
    if diagnostics.has_errors() {
        return (Some(None), diagnostics);
    }
    let found = files::lookup(&modules, top, name);
    let neuron = found.and_then(|id| match modules.get(id.file)?.definition(id.item)? {
        ast::Definition::Neuron(neuron) => Some((id, neuron)),
        _ => None,
    });
    let Some((id, neuron)) = neuron else { return (None, diagnostics) };
    let span = neuron.name.span;
    let mut elaborator = Elaborator::new(&modules, loader, sources, Seed(0), span);
    elaborator.tick = Some((tick, span));
    // Failures have been reported.
    let _ = elaborator.one_neuron(id, name, span);
    let Elaborator { mut circuit, diagnostics, .. } = elaborator;
    circuit.tick = tick;
    (Some(if diagnostics.has_errors() { None } else { Some(circuit) }), diagnostics)
}

/// What a file has to offer.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Outline {
    /// Names of its circuits.
    pub circuits: Vec<String>,
    /// Names of the models that it defines or imports.
    pub models: Vec<String>,
}

/// What `file` has to offer; nothing when it cannot be read.
#[must_use]
pub fn outline(loader: &dyn Loader, file: &str) -> Outline {
    let (mut sources, mut diagnostics) = (SourceMap::default(), Diagnostics::default());
    let Some((modules, top)) = files::read_all(loader, file, &mut sources, &mut diagnostics) else { return Outline::default() };
    let named = |is: fn(&ast::Definition) -> bool, name: &String| {
        let id = files::lookup(&modules, top, name);
        id.and_then(|id| modules.get(id.file)?.definition(id.item)).is_some_and(is)
    };
    let is_circuit = |name: &String| named(|d| matches!(d, ast::Definition::Circuit(_)), name);
    let own = modules.get(top).into_iter().flat_map(|m| m.names().map(|(_, name)| name.text.clone()));
    let models = files::visible_names(&modules, top).into_iter();
    Outline {
        circuits: own.filter(is_circuit).collect(),
        models: models.filter(|name| named(|d| matches!(d, ast::Definition::Neuron(_)), name)).collect(),
    }
}

/// Names of the library's files, as imported.
pub fn library_files() -> impl Iterator<Item = &'static str> {
    library::names()
}

/// Checks what no circuit uses: neurons and `let`s of the user's files.
fn check_definitions(elaborator: &mut Elaborator<'_>) {
    let modules = elaborator.modules;
    for (file, module) in modules.iter().enumerate().filter(|(_, m)| library::text(&m.name).is_none()) {
        for (item, node) in module.tree.body.nodes().enumerate() {
            let id = DefId { file, item };
            // Failures have been reported.
            match node {
                ast::Definition::Neuron(_) => drop(elaborator.template(id)),
                ast::Definition::Let(binding) => drop(elaborator.definition(id, binding.name.span)),
                ast::Definition::Synapse(synapse) => drop(elaborator.no_learning(synapse.name.span)),
                _ => {}
            }
        }
    }
}

/// Each setting becomes a file with one `let`, which sees what the top file sees.
fn read_settings(
    modules: &mut Vec<Module>,
    top: usize,
    options: &Options,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<String, DefId> {
    let mut settings = BTreeMap::new();
    for (name, value) in &options.settings {
        let text = format!("let {name} = {value}");
        let title = format!("--set {name}");
        let file = sources.add(title.clone(), text.clone());
        let (tree, found) = parse(file, &text);
        let whole = Span { file, start: 0, end: text.len() as u32 };
        let one_value = matches!(tree.body.items.as_slice(), [only] if matches!(only.node, ast::Definition::Let(_)));
        if !one_value && !found.has_errors() {
            let error = Diagnostic::error("E0406", "this is not one value for a parameter", whole);
            diagnostics.push(error.help("write `--set n=4000` or `--set \"w=0.4 nA\"`"));
        }
        diagnostics.append(found);
        if one_value {
            settings.insert(name.clone(), DefId { file: modules.len(), item: 0 });
        }
        modules.push(Module { name: title, tree, imports: vec![(top, whole)], templates: vec![OnceCell::new()] });
    }
    settings
}

fn unknown_settings(
    modules: &[Module],
    circuit: &ast::Circuit,
    settings: &BTreeMap<String, DefId>,
    diagnostics: &mut Diagnostics,
) {
    let names: Vec<&str> = circuit.parameters.iter().map(|p| p.name.text.as_str()).collect();
    for (name, id) in settings.iter().filter(|(name, _)| !names.contains(&name.as_str())) {
        let Some(span) = modules.get(id.file).and_then(|m| m.names().next()).map(|(_, n)| n.span) else { continue };
        let error = Diagnostic::error("E0406", format!("`{}` has no parameter `{name}`", circuit.name.text), span);
        diagnostics.push(match did_you_mean(name, names.iter().copied()) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error.help(format!("its parameters: {}", path::listed(&names))),
        });
    }
}

/// The top circuit and the place of its name.
fn choose_top(modules: &[Module], top: usize, options: &Options, diagnostics: &mut Diagnostics) -> Option<(DefId, Span)> {
    let module = modules.get(top)?;
    let is_circuit = |item: usize| matches!(module.definition(item), Some(ast::Definition::Circuit(_)));
    let circuits: Vec<_> = module.names().filter(|(item, _)| is_circuit(*item)).collect();
    let chosen = match &options.top {
        Some(name) => circuits.iter().find(|(_, n)| n.text == *name),
        None => circuits.last(),
    };
    if let Some((item, name)) = chosen {
        return Some((DefId { file: top, item: *item }, name.span));
    }
    // When a statement of the file could not be read, the circuit may be the missing one.
    if circuits.is_empty() && diagnostics.has_errors() {
        return None;
    }
    let start = Span { end: module.tree.body.span.start, ..module.tree.body.span };
    let names: Vec<&str> = circuits.iter().map(|(_, n)| n.text.as_str()).collect();
    let error = match &options.top {
        Some(name) => Diagnostic::error("E0405", format!("there is no circuit `{name}` in this file"), start),
        None => Diagnostic::error("E0405", "there is no circuit in this file", start),
    };
    let near = options.top.as_ref().and_then(|name| did_you_mean(name, names.iter().copied()));
    diagnostics.push(match near {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None if names.is_empty() => error.help("write `circuit name { tick 1 ms … }`"),
        None => error.help(format!("its circuits: {}", path::listed(&names))),
    });
    None
}
