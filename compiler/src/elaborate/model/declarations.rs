//! Declarations: `param`, `state`, `receptor`, `modulator`. All of them are in sight in the whole neuron.

use super::names::{Checker, Reads, Symbol};
use super::types::{Declared, declared_type, dimension_of};
use crate::circuit::model::{Modulator, Param, ParamId, Receptor, State, StateId};
use crate::diagnostic::Diagnostic;
use crate::language::ast;
use crate::source::Span;
use crate::table::Id;
use crate::units::Dimension;
use ast::NeuronStatement as Line;

type Item = ast::Item<Line>;

impl Checker<'_> {
    /// Brings every declaration into scope, then checks defaults, initial values and ranges.
    pub(super) fn declare(&mut self, body: &ast::Block<Line>) {
        let mut params = Vec::new();
        let mut states = Vec::new();
        for item in &body.items {
            match &item.node {
                Line::Param(param) => params.extend(self.param(item, param)),
                Line::State(state) => states.extend(self.state(item, state)),
                Line::Receptor(receptor) => self.receptor(receptor),
                Line::Modulator(modulator) => self.modulator(modulator),
                _ => note_let(&item.node, &mut self.lets_ahead),
            }
        }
        params.into_iter().for_each(|(id, param)| self.default_of(id, param));
        states.into_iter().for_each(|(id, state)| self.initial_of(id, state));
        for item in &body.items {
            if let Line::Modulator(ast::Modulator { name, ty, default: Some(default) }) = &item.node {
                // A wrong type has been reported where the modulator was declared; equal diagnostics are kept once.
                if let Some(dimension) = dimension_of(ty, self.diagnostics) {
                    self.preset(default, dimension, Reads::Constants, &format!("`{}`", name.text));
                }
            }
        }
    }

    fn param<'t>(&mut self, item: &Item, param: &'t ast::Param) -> Option<(ParamId, &'t ast::Param)> {
        let dimension = match declared_type(&param.ty, self.diagnostics) {
            Some(Declared::Real(dimension)) => dimension,
            declared => {
                if declared.is_some() {
                    self.error(
                        Diagnostic::error("E0214", "a parameter cannot be fixed-point", param.ty.span)
                            .said("not for parameters")
                            .help(format!("a state that is never assigned is a constant: `state {}: fixed …`", param.name.text)),
                    );
                }
                self.define(&param.name, Symbol::Poison);
                return None;
            }
        };
        let entry = Param { name: param.name.text.clone(), dimension, doc: docs(item), span: param.name.span };
        let id = self.model.params.push(entry);
        self.params.push(param.default.clone());
        self.define(&param.name, Symbol::Param(id));
        Some((id, param))
    }

    fn state<'t>(&mut self, item: &Item, state: &'t ast::State) -> Option<(StateId, &'t ast::State)> {
        let Some(declared) = declared_type(&state.ty, self.diagnostics) else {
            self.define(&state.name, Symbol::Poison);
            return None;
        };
        let id = self.model.states.push(State {
            name: state.name.text.clone(),
            dimension: declared.dimension(),
            range: None,
            fixed: declared.fraction_bits(),
            doc: docs(item),
            span: state.name.span,
        });
        self.initial.push(state.initial.clone());
        self.define(&state.name, Symbol::State(id));
        Some((id, state))
    }

    fn receptor(&mut self, receptor: &ast::Receptor) {
        let symbol = match declared_type(&receptor.ty, self.diagnostics) {
            Some(declared) => Symbol::Receptor(self.model.receptors.push(Receptor {
                name: receptor.name.text.clone(),
                dimension: declared.dimension(),
                fixed: declared.fraction_bits(),
                span: receptor.name.span,
            })),
            None => Symbol::Poison,
        };
        self.define(&receptor.name, symbol);
    }

    fn modulator(&mut self, modulator: &ast::Modulator) {
        let symbol = match dimension_of(&modulator.ty, self.diagnostics) {
            Some(dimension) => {
                self.modulators.push(modulator.default.clone());
                let (name, span) = (modulator.name.text.clone(), modulator.name.span);
                Symbol::Modulator(self.model.modulators.push(Modulator { name, dimension, span }))
            }
            None => Symbol::Poison,
        };
        self.define(&modulator.name, symbol);
    }

    fn default_of(&mut self, id: ParamId, param: &ast::Param) {
        if let Some(default) = &param.default {
            let dimension = self.model.params[id].dimension;
            self.preset(default, dimension, Reads::Params(id.index()), &format!("`{}`", param.name.text));
        }
    }

    fn initial_of(&mut self, id: StateId, state: &ast::State) {
        let dimension = self.model.states[id].dimension;
        if let Some(initial) = &state.initial {
            let every = self.model.params.len();
            self.preset(initial, dimension, Reads::Params(every), &format!("`{}`", state.name.text));
        }
        if let Some(range) = &state.range {
            self.model.states[id].range = self.range(range, dimension);
        }
    }

    fn range(&mut self, range: &ast::Interval, dimension: Dimension) -> Option<(f64, f64)> {
        let low = self.constant(&range.low, dimension, "the low end");
        let high = self.constant(&range.high, dimension, "the high end");
        let (low, high) = (low?, high?);
        if low < high {
            return Some((low, high));
        }
        self.error(
            Diagnostic::error("E0223", "this range is empty", range.span)
                .said("the low end must be below the high end")
                .help("write `in LOW .. HIGH`"),
        );
        None
    }
}

fn docs(item: &Item) -> String {
    item.docs.join("\n")
}

/// Notes every `let` of a line, so that its use above it is not called an unknown name.
fn note_let(line: &Line, ahead: &mut std::collections::BTreeMap<String, Span>) {
    match line {
        Line::Let(binding) => {
            ahead.entry(binding.name.text.clone()).or_insert(binding.name.span);
        }
        Line::Spike(ast::Spike { body, .. }) | Line::On(ast::On { body, .. }) | Line::Update(body) => {
            body.nodes().for_each(|inner| {
                if let Line::Let(binding) = inner {
                    ahead.entry(binding.name.text.clone()).or_insert(binding.name.span);
                }
            });
        }
        _ => {}
    }
}
