//! What elaboration carries along: the circuit as made so far, what is known of it, and how much work was done.

use super::files::{self, Module};
use super::loader::Loader;
use super::model::{self, Constants, ModelTemplate};
use super::scope::Scope;
use super::value::{Cell, DefId, Eval, Input, Poisoned, Value};
use crate::circuit::model::{OutputType, ReceptorId};
use crate::circuit::{Circuit, ModelId, PopId, PopulationKind};
use crate::diagnostic::{Diagnostic, Diagnostics, did_you_mean};
use crate::language::ast;
use crate::source::{SourceMap, Span};
use crate::table::Table;
use crate::units::Dimension;
use bouton_targets::random::Seed;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Statements, calls and elements that one compilation may evaluate.
const MAX_STEPS: u64 = if cfg!(test) { 200_000 } else { 10_000_000 };
/// Expressions, calls and instances that may be open at once; the parser bounds one expression by 256.
const MAX_DEPTH: u32 = 400;
/// Calls and instances that may be open at once.
pub(super) const MAX_NESTED: u32 = 64;

/// What is known of a population besides what the circuit says.
#[derive(Clone, Debug)]
pub(super) struct About {
    /// What it emits.
    pub output: OutputType,
    /// Where Dale's law was asked for.
    pub polarity: Option<Span>,
    /// Whether anything reads it.
    pub used: bool,
    /// Its name in the text.
    pub name_span: Span,
}

/// How far a file's `let` is.
#[derive(Clone, Debug)]
enum LetState<'a> {
    Open,
    Done(Value<'a>),
}

/// Elaborates one circuit.
pub(super) struct Elaborator<'a> {
    /// Every file, parsed.
    pub modules: &'a [Module],
    /// Where data files come from.
    pub loader: &'a dyn Loader,
    /// For the text of data files with errors.
    pub sources: &'a mut SourceMap,
    /// Seed of drawn values.
    pub seed: Seed,
    /// What was found so far.
    pub diagnostics: Diagnostics,
    /// The circuit so far.
    pub circuit: Circuit,
    /// Length of a tick and where it was said.
    pub tick: Option<(f64, Span)>,
    /// The name of the top circuit: where a missing tick is reported.
    pub top_span: Span,
    /// By population.
    pub about: Table<PopId, About>,
    /// Models by definition and by the modulators that are constants (bits of the value).
    pub model_ids: BTreeMap<(DefId, Vec<Option<u64>>), ModelId>,
    /// Calls and instances that are open.
    pub nested: u32,
    /// Neurons made so far.
    pub neurons: u64,
    /// Errors found so far, echoes included.
    pub failures: u64,
    /// Where a model reads `total(r)`: what must arrive at r.
    pub totals: BTreeMap<ModelId, BTreeMap<ReceptorId, Dimension>>,
    lets: BTreeMap<DefId, LetState<'a>>,
    steps: u64,
    depth: u32,
}

impl<'a> Elaborator<'a> {
    /// With nothing made yet.
    pub fn new(modules: &'a [Module], loader: &'a dyn Loader, sources: &'a mut SourceMap, seed: Seed, top_span: Span) -> Self {
        Elaborator {
            modules,
            loader,
            sources,
            seed,
            diagnostics: Diagnostics::default(),
            circuit: Circuit {
                name: String::new(),
                tick: 0.0,
                models: Table::new(),
                populations: Table::new(),
                projections: Table::new(),
                records: Vec::new(),
                outputs: Vec::new(),
            },
            tick: None,
            top_span,
            about: Table::new(),
            model_ids: BTreeMap::new(),
            nested: 0,
            neurons: 0,
            failures: 0,
            totals: BTreeMap::new(),
            lets: BTreeMap::new(),
            steps: 0,
            depth: 0,
        }
    }

    /// Reports an error.
    pub fn fail(&mut self, diagnostic: Diagnostic) -> Poisoned {
        self.failures += 1;
        self.diagnostics.push(diagnostic);
        Poisoned
    }

    /// Counts work; an error when it is too much.
    pub fn step(&mut self, count: u64, span: Span) -> Eval<()> {
        let before = self.steps;
        self.steps = self.steps.saturating_add(count);
        if self.steps <= MAX_STEPS {
            return Ok(());
        }
        if before <= MAX_STEPS {
            let error = Diagnostic::error("E0415", format!("this circuit takes more than {MAX_STEPS} steps to build"), span);
            self.fail(
                error.said("the work ran out here").help("is a loop or a function without an end? large tables belong in a file"),
            );
        }
        Err(Poisoned)
    }

    /// Does `work` one level deeper.
    pub fn deeper<T>(&mut self, span: Span, work: impl FnOnce(&mut Self) -> Eval<T>) -> Eval<T> {
        if self.depth >= MAX_DEPTH {
            let error = Diagnostic::error("E0415", "expressions and calls are nested too deeply here", span);
            return Err(self.fail(error.help("name parts of them with `let`")));
        }
        self.depth += 1;
        let done = work(self);
        self.depth -= 1;
        done
    }

    /// Does `work` inside a call or an instance.
    pub fn inside<T>(&mut self, what: &str, span: Span, work: impl FnOnce(&mut Self) -> Eval<T>) -> Eval<T> {
        if self.nested >= MAX_NESTED {
            let error = Diagnostic::error("E0415", format!("{what} are nested deeper than {MAX_NESTED}"), span);
            return Err(self.fail(error.said("one more here").help("what contains itself needs an `if` that ends it")));
        }
        self.nested += 1;
        let done = self.deeper(span, work);
        self.nested -= 1;
        done
    }

    /// Length of a tick in seconds.
    pub fn tick(&mut self) -> Eval<f64> {
        match self.tick {
            Some((tick, _)) => Ok(tick),
            None => {
                let error = Diagnostic::error("E0409", "this circuit does not say how long a tick is", self.top_span);
                Err(self.fail(error.help("write `tick 0.1 ms` as its first line")))
            }
        }
    }

    /// What a name means in a scope: a name of the circuit, of the file, or of an import.
    pub fn lookup(&mut self, scope: &Scope<'a>, name: &ast::Ident) -> Eval<Option<Value<'a>>> {
        if let Some(bound) = scope.get(&name.text) {
            return match &bound.value {
                Value::Poison => Err(Poisoned),
                value => Ok(Some(value.clone())),
            };
        }
        match files::lookup(self.modules, scope.file, &name.text) {
            Some(id) => self.definition(id, name.span).map(Some),
            None => Ok(None),
        }
    }

    /// The value of a definition.
    pub fn definition(&mut self, id: DefId, span: Span) -> Eval<Value<'a>> {
        let modules = self.modules;
        let Some(definition) = modules.get(id.file).and_then(|m| m.definition(id.item)) else { return Err(Poisoned) };
        Ok(match definition {
            ast::Definition::Import(_) => return Err(Poisoned),
            ast::Definition::Circuit(circuit) => Value::Circuit(id, circuit),
            ast::Definition::Synapse(_) => Value::Synapse,
            ast::Definition::Function(function) => Value::Function(function, id.file),
            ast::Definition::Let(binding) => return self.file_let(id, binding, span),
            ast::Definition::Neuron(_) => Value::Cell(Rc::new(Cell {
                neuron: id,
                values: BTreeMap::new(),
                drives: BTreeMap::new(),
                modulators: BTreeMap::new(),
            })),
        })
    }

    /// A file's `let`, evaluated when it is first needed, so that their order does not matter.
    fn file_let(&mut self, id: DefId, binding: &'a ast::Let, span: Span) -> Eval<Value<'a>> {
        match self.lets.get(&id) {
            Some(LetState::Done(Value::Poison)) => return Err(Poisoned),
            Some(LetState::Done(value)) => return Ok(value.clone()),
            Some(LetState::Open) => {
                let error = Diagnostic::error("E0417", format!("`{}` is defined by itself", binding.name.text), span);
                let error = error.label(binding.name.span, "its definition");
                return Err(self.fail(error.help("one of the definitions in the circle must be a value of its own")));
            }
            None => {}
        }
        self.lets.insert(id, LetState::Open);
        let value = self.inside("definitions", span, |e| e.let_value(&Scope::new(id.file), binding));
        self.lets.insert(id, LetState::Done(value.clone().unwrap_or(Value::Poison)));
        value
    }

    /// The model of a neuron definition, checked once.
    pub fn template(&mut self, id: DefId) -> Eval<&'a ModelTemplate> {
        let modules = self.modules;
        let module = modules.get(id.file).ok_or(Poisoned)?;
        let place = module.templates.get(id.item).ok_or(Poisoned)?;
        if place.get().is_none() {
            let template = self.checked(id);
            // It is empty still: a neuron does not contain neurons.
            let _ = place.set(template);
        }
        place.get().and_then(Option::as_ref).ok_or(Poisoned)
    }

    fn checked(&mut self, id: DefId) -> Option<ModelTemplate> {
        let module = self.modules.get(id.file)?;
        let Some(ast::Definition::Neuron(neuron)) = module.definition(id.item) else { return None };
        let mut found = Diagnostics::default();
        let template = {
            let constants = FileConstants { file: id.file, elaborator: RefCell::new(self) };
            model::check_neuron(neuron, &constants, &mut found)
        };
        let failed = found.has_errors();
        self.diagnostics.append(found);
        let mut template = template.filter(|_| !failed)?;
        template.model.doc = module.tree.body.items.get(id.item).map(|item| item.docs.join("\n")).unwrap_or_default();
        Some(template)
    }

    /// What must arrive at a receptor whose `total` its model reads.
    pub fn total_per(&self, input: &Input) -> Option<Dimension> {
        match &self.circuit.populations[input.view.population].kind {
            PopulationKind::Neurons(neurons) => self.totals.get(&neurons.model)?.get(&input.receptor).copied(),
            _ => None,
        }
    }

    /// An unknown name, with the nearest known one.
    pub fn unknown_name(&mut self, scope: &Scope<'a>, name: &ast::Ident) -> Poisoned {
        let error = Diagnostic::error("E0401", format!("`{}` is not defined", name.text), name.span);
        let in_file = files::visible_names(self.modules, scope.file);
        let known = scope.names().chain(in_file.iter().map(String::as_str));
        let error = match did_you_mean(&name.text, known) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => match super::library::who_defines(&name.text) {
                Some(file) => error.help(format!("it is part of the library: `import {file}`")),
                None => error.help("names must be defined above the place that uses them"),
            },
        };
        self.fail(error)
    }

    /// Makes a name in a block; a second one of the same name is an error.
    pub fn bind(&mut self, scope: &mut Scope<'a>, name: &ast::Ident, value: Value<'a>) {
        if let Some(before) = scope.bind(&name.text, value, Some(name.span)) {
            let error = Diagnostic::error("E0402", format!("`{}` is defined twice", name.text), name.span);
            let error = match before.span {
                Some(span) => error.label(span, "first defined here"),
                None => error,
            };
            self.fail(error.help("rename one of them"));
        }
    }
}

/// What a neuron definition sees of its file.
struct FileConstants<'e, 'a> {
    file: usize,
    elaborator: RefCell<&'e mut Elaborator<'a>>,
}

impl Constants for FileConstants<'_, '_> {
    fn constant(&self, name: &str) -> Option<(f64, Dimension)> {
        let mut elaborator = self.elaborator.try_borrow_mut().ok()?;
        let id = files::lookup(elaborator.modules, self.file, name)?;
        let modules = elaborator.modules;
        let ast::Definition::Let(binding) = modules.get(id.file)?.definition(id.item)? else { return None };
        match elaborator.file_let(id, binding, binding.name.span) {
            Ok(Value::Number(x, dimension)) => Some((x, dimension)),
            _ => None,
        }
    }

    fn function(&self, name: &str) -> Option<ast::Function> {
        let elaborator = self.elaborator.try_borrow().ok()?;
        let id = files::lookup(elaborator.modules, self.file, name)?;
        match elaborator.modules.get(id.file)?.definition(id.item)? {
            ast::Definition::Function(function) => Some(function.clone()),
            _ => None,
        }
    }

    fn names(&self) -> Vec<String> {
        self.elaborator.try_borrow().map_or_else(|_| Vec::new(), |e| files::visible_names(e.modules, self.file))
    }
}
