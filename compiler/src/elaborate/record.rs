//! What is recorded.

use super::context::Elaborator;
use super::path::listed;
use super::scope::Scope;
use super::value::{Eval, Value, View};
use crate::circuit::model::OutputType;
use crate::circuit::{Record, RecordedVariable};
use crate::diagnostic::Diagnostic;
use crate::language::ast;
use crate::source::Span;
use crate::units::Dimension;

impl<'a> Elaborator<'a> {
    /// `record e.spike, e[0..5].v every 1 ms`
    pub(super) fn record(&mut self, scope: &Scope<'a>, record: &'a ast::Record, span: Span) -> Eval<()> {
        let every = match &record.every {
            Some(period) => {
                let seconds = self.quantity_of(scope, period, Dimension::TIME)?;
                self.whole_ticks(seconds, period.span, 1)?
            }
            None => 1,
        };
        for path in &record.endpoints {
            // Each endpoint stands for itself: an error in one has been reported and leaves the others.
            let _ = self.record_one(scope, path, every, span);
        }
        Ok(())
    }

    fn record_one(&mut self, scope: &Scope<'a>, path: &'a ast::Path, every: u32, span: Span) -> Eval<()> {
        let root = match self.lookup(scope, &path.root)? {
            Some(root) => root,
            None => return Err(self.unknown_name(scope, &path.root)),
        };
        for value in self.steps_inside(scope, root, path.root.span, &path.steps)? {
            let (view, variable) = match value {
                Value::Spikes(view) => {
                    self.spiking(&view, path.span)?;
                    (view, RecordedVariable::Spikes)
                }
                Value::State(view, state) => (view, RecordedVariable::State(state)),
                Value::Population(view) => return Err(self.what_of(&view, path)),
                other => return Err(self.expected("spikes or a state", &other, path.span)),
            };
            self.uses(&view);
            let every = if variable == RecordedVariable::Spikes { 1 } else { every };
            let made = Record { population: view.population, indices: (*view.indices).clone(), variable, every, span };
            let known = |r: &Record| {
                (r.population, r.variable, r.every) == (made.population, made.variable, made.every) && r.indices == made.indices
            };
            if !self.circuit.records.iter().any(known) {
                self.circuit.records.push(made);
            }
        }
        Ok(())
    }

    fn spiking(&mut self, view: &View, span: Span) -> Eval<()> {
        if self.about[view.population].output == OutputType::Spikes {
            return Ok(());
        }
        let name = &self.circuit.populations[view.population].name;
        let error = Diagnostic::error("E0418", format!("`{name}` does not spike"), span);
        Err(self.fail(error.help("record one of its states")))
    }

    fn what_of(&mut self, view: &View, path: &ast::Path) -> super::value::Poisoned {
        let model = self.circuit.model_of(view.population);
        let states: Vec<&str> = model.map_or_else(Vec::new, |m| m.states.values().iter().map(|s| s.name.as_str()).collect());
        let error = Diagnostic::error("E0418", "this does not say what of the population is recorded", path.span);
        self.fail(error.help(format!("add `.spike`, or a state: {}", listed(&states))))
    }
}
