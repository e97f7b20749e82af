//! The checker's state: the model as it grows, and which name means what where.

use super::value::{Type, Value};
use super::{Constants, ModelTemplate};
use crate::circuit::model::{ExprKind, LocalId, Model, ModulatorId, OutputType, ParamId, ReceptorId, StateId};
use crate::circuit::walk::Lets;
use crate::diagnostic::{Diagnostic, Diagnostics, did_you_mean};
use crate::language::ast;
use crate::source::Span;
use crate::table::{Id, Table};
use crate::units::{self, Dimension};
use std::collections::{BTreeMap, BTreeSet};

/// What a name means.
#[derive(Clone, Copy, Debug)]
pub(super) enum Symbol {
    Param(ParamId),
    State(StateId),
    Receptor(ReceptorId),
    Modulator(ModulatorId),
    Local(LocalId),
    /// An argument of a function that is being written out.
    Argument(Option<Value>),
    /// Its definition is wrong.
    Poison,
}

/// A name in scope.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) symbol: Symbol,
    pub(super) span: Span,
}

/// What the expression at hand may read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reads {
    /// Everything: it is part of the tick.
    Tick,
    /// Constants, `tick` and the first so many parameters: a default or an initial value.
    Params(usize),
    /// Constants.
    Constants,
}

/// Which declared things the model reads or writes.
#[derive(Default, Debug)]
pub(super) struct Used {
    pub(super) params: BTreeSet<ParamId>,
    pub(super) states: BTreeSet<StateId>,
    pub(super) receptors: BTreeSet<ReceptorId>,
    pub(super) modulators: BTreeSet<ModulatorId>,
    pub(super) locals: BTreeSet<LocalId>,
}

/// Checks one neuron.
pub(super) struct Checker<'a> {
    pub(super) constants: &'a dyn Constants,
    pub(super) diagnostics: &'a mut Diagnostics,
    pub(super) per: &'a BTreeMap<ReceptorId, Dimension>,
    pub(super) model: Model,
    pub(super) params: Table<ParamId, Option<ast::Expr>>,
    pub(super) initial: Table<StateId, Option<ast::Expr>>,
    pub(super) modulators: Table<ModulatorId, Option<ast::Expr>>,
    /// Names in scope, the innermost last.
    pub(super) scope: Vec<Entry>,
    /// Names before this one are out of sight: the body of a function sees its parameters only.
    pub(super) scope_base: usize,
    /// The `let`s of the whole neuron, to tell "too early" from "unknown".
    pub(super) lets_ahead: BTreeMap<String, Span>,
    pub(super) lets: Lets,
    pub(super) let_values: Table<LocalId, Option<Value>>,
    pub(super) reads: Reads,
    pub(super) used: Used,
    pub(super) depth: u32,
    pub(super) work: u32,
    /// Functions that are being written out.
    pub(super) calls: Vec<String>,
    /// Counts the changes of states, to know whether one lies between a `let` and its use.
    pub(super) clock: u32,
    pub(super) changed: BTreeMap<StateId, u32>,
    pub(super) let_times: BTreeMap<LocalId, u32>,
}

/// What the values that arrive at `receptor` measure.
pub(super) fn per(per: &BTreeMap<ReceptorId, Dimension>, receptor: ReceptorId) -> Dimension {
    per.get(&receptor).copied().unwrap_or(Dimension::NUMBER)
}

impl<'a> Checker<'a> {
    pub(super) fn new(
        ast: &ast::Neuron,
        constants: &'a dyn Constants,
        diagnostics: &'a mut Diagnostics,
        per: &'a BTreeMap<ReceptorId, Dimension>,
    ) -> Self {
        let model = Model {
            name: ast.name.text.clone(),
            doc: String::new(),
            params: Table::new(),
            states: Table::new(),
            receptors: Table::new(),
            modulators: Table::new(),
            locals: Table::new(),
            holds: Table::new(),
            exprs: Table::new(),
            body: Vec::new(),
            output: OutputType::None,
            draws: 0,
            span: ast.name.span,
        };
        Checker {
            constants,
            diagnostics,
            per,
            model,
            params: Table::new(),
            initial: Table::new(),
            modulators: Table::new(),
            scope: Vec::new(),
            scope_base: 0,
            lets_ahead: BTreeMap::new(),
            lets: Table::new(),
            let_values: Table::new(),
            reads: Reads::Tick,
            used: Used::default(),
            depth: 0,
            work: 0,
            calls: Vec::new(),
            clock: 0,
            changed: BTreeMap::new(),
            let_times: BTreeMap::new(),
        }
    }

    /// Checks everything.
    pub(super) fn check(mut self, ast: &ast::Neuron) -> ModelTemplate {
        self.declare(&ast.body);
        self.body(&ast.body);
        self.check_systems();
        self.lint();
        ModelTemplate {
            model: self.model,
            params: self.params,
            initial: self.initial,
            modulators: self.modulators,
            total_per: BTreeMap::new(),
        }
    }

    pub(super) fn error(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Brings `name` into scope; an error if it is there already.
    pub(super) fn define(&mut self, name: &ast::Ident, mut symbol: Symbol) {
        if let Some(first) = self.find(&name.text) {
            let first = first.span;
            self.error(
                Diagnostic::error("E0301", format!("`{}` is defined twice", name.text), name.span)
                    .said("defined again here")
                    .label(first, "first defined here")
                    .help("give one of them another name"),
            );
            symbol = Symbol::Poison;
        }
        self.scope.push(Entry { name: name.text.clone(), symbol, span: name.span });
    }

    /// What `name` means here, if it is the model's.
    pub(super) fn find(&self, name: &str) -> Option<&Entry> {
        self.scope.get(self.scope_base..)?.iter().rev().find(|entry| entry.name == name)
    }

    /// A name as a value.
    pub(super) fn name(&mut self, name: &ast::Ident) -> Option<Value> {
        if let Some(entry) = self.find(&name.text) {
            let symbol = entry.symbol;
            return self.symbol(symbol, name);
        }
        if name.text == "tick" && self.reads != Reads::Constants {
            return self.push(ExprKind::Tick, Type::Real(Dimension::TIME), name.span);
        }
        if let Some((value, dimension)) = self.constants.constant(&name.text) {
            return self.push(ExprKind::Constant(value), Type::Real(dimension), name.span);
        }
        if let Some(unit) = units::unit(&name.text) {
            return self.push(ExprKind::Constant(unit.si), Type::Real(unit.dimension), name.span);
        }
        self.unknown(name);
        None
    }

    fn symbol(&mut self, symbol: Symbol, name: &ast::Ident) -> Option<Value> {
        let (kind, ty) = match symbol {
            Symbol::Poison => return None,
            Symbol::Argument(value) => return self.known(value?, name),
            Symbol::Local(local) => {
                self.used.locals.insert(local);
                let value = self.let_values[local]?;
                if self.reads == Reads::Constants {
                    return self.known(value, name);
                }
                let read = self.push(ExprKind::Local(local), value.ty, name.span)?;
                return Some(Value { constant: value.constant, ..read });
            }
            Symbol::Param(id) => {
                self.used.params.insert(id);
                (ExprKind::Param(id), Type::Real(self.model.params[id].dimension))
            }
            Symbol::State(id) => {
                self.used.states.insert(id);
                let state = &self.model.states[id];
                (ExprKind::State(id), state.fixed.map_or(Type::Real(state.dimension), Type::Fixed))
            }
            Symbol::Receptor(id) => {
                self.used.receptors.insert(id);
                let receptor = &self.model.receptors[id];
                (ExprKind::Input(id), receptor.fixed.map_or(Type::Real(receptor.dimension), Type::Fixed))
            }
            Symbol::Modulator(id) => {
                self.used.modulators.insert(id);
                (ExprKind::Modulator(id), Type::Real(self.model.modulators[id].dimension))
            }
        };
        self.may_read(&kind, name)?;
        self.push(kind, ty, name.span)
    }

    /// A value that was made before, where it is read. A constant expression has an arena of its own: only the number enters it.
    fn known(&mut self, value: Value, name: &ast::Ident) -> Option<Value> {
        if self.reads != Reads::Constants {
            return Some(Value { span: name.span, ..value });
        }
        match value.constant {
            Some(constant) => self.push(ExprKind::Constant(constant), value.ty, name.span),
            None => {
                self.not_constant(name);
                None
            }
        }
    }

    fn not_constant(&mut self, name: &ast::Ident) {
        self.error(
            Diagnostic::error("E0222", "this must be a constant", name.span)
                .said(format!("`{}` differs between neurons or in time", name.text))
                .help("write the number, or a constant defined outside the neuron"),
        );
    }

    /// Whether the expression at hand may read this; an error if not.
    fn may_read(&mut self, kind: &ExprKind, name: &ast::Ident) -> Option<()> {
        let error = match (self.reads, kind) {
            (Reads::Tick, _) => return Some(()),
            (Reads::Params(above), ExprKind::Param(id)) if id.index() < above => return Some(()),
            (Reads::Params(_), ExprKind::Param(_)) => {
                Diagnostic::error("E0317", "a default can only read parameters above it", name.span)
                    .said("defined further down")
                    .help(format!("move `{}` up", name.text))
            }
            (Reads::Params(_), _) => {
                Diagnostic::error("E0317", format!("`{}` has no value before the first tick", name.text), name.span)
                    .said("not a parameter or constant")
                    .help("a default or initial value can read parameters and constants")
            }
            (Reads::Constants, _) => {
                self.not_constant(name);
                return None;
            }
        };
        self.error(error);
        None
    }

    fn unknown(&mut self, name: &ast::Ident) {
        if let Some(span) = self.lets_ahead.get(&name.text).copied() {
            self.error(
                Diagnostic::error("E0302", format!("`{}` is used before it is defined", name.text), name.span)
                    .said("no value yet")
                    .label(span, "defined here")
                    .help("lines run from top to bottom: move the `let` up"),
            );
            return;
        }
        let outside = self.constants.names();
        let mut known: Vec<&str> = self.scope.iter().skip(self.scope_base).map(|entry| entry.name.as_str()).collect();
        known.extend(outside.iter().map(String::as_str));
        known.push("tick");
        let help = match did_you_mean(&name.text, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "define it in the neuron: `param`, `state`, `receptor`, `modulator` or `let`".to_string(),
        };
        self.error(
            Diagnostic::error("E0220", format!("`{}` is not defined", name.text), name.span).said("unknown name").help(help),
        );
    }
}
