//! Checks a neuron: names, units, what may stand where, and whether its equations suit their method.
//!
//! Takes: the syntax tree of a neuron, the constants around it. Gives: a [`ModelTemplate`], or errors.
//! Invariants: new: every expression has its dimension; children stand before parents, a `let` before its uses; equations of
//!   `Method::Exact` are linear with coefficients that never change, those of `Method::ExponentialEuler` linear in their
//!   own state; in a system, `let`s that depend on its states or that never change are written out, so that a
//!   [`LocalId`](crate::circuit::model::LocalId) in it always means a value that is fixed during the tick.
//! Cost: linear in the text, times the states of a system.
//! Source: own. Example: `tests/files/errors/E0201_add_voltage_and_current.circuit`.
//!
//! # Choices where the language leaves room
//! - A literal `0` has every unit. Any other literal without a unit is a number.
//! - `a % b` is `a - b * floor(a / b)`; `ln` is another name of `log`; an exponent is a compile-time constant.
//! - A default may read constants, `tick` and the parameters above it; an initial value every parameter. Both may be distributions.
//! - `total(r)` is in the receptor's unit where spikes or numbers arrive, and in the receptor's unit per emitted unit
//!   where other values do. Which one is inferred: the first that makes the units of the model agree, of number,
//!   what this model emits, and the dimensions of its states. [`ModelTemplate::total_per`] says which.
//! - A `let` between two `d` lines makes two systems of them; a declaration does not.
//! - A fixed-point model: see `fixed.rs`.

mod body;
mod declarations;
mod equations;
mod expression;
mod fixed;
mod functions;
mod hints;
mod inline;
mod lints;
mod names;
mod operators;
mod presets;
mod systems;
#[cfg(test)]
mod tests;
mod types;
mod value;

pub use types::{Declared, declared_type, dimension_of};

use crate::circuit::model::{ExprKind, Model, ModulatorId, OutputType, ParamId, ReceptorId, StateId};
use crate::circuit::walk::totals_of;
use crate::diagnostic::Diagnostics;
use crate::language::ast;
use crate::table::{Id, Table};
use crate::units::Dimension;
use names::Checker;
use std::collections::BTreeMap;

/// Every code of this module with what it is about.
pub const CODES: &[(&str, &str)] = &[
    ("E0201", "units that cannot be added"),
    ("E0202", "units that cannot be compared"),
    ("E0203", "alternatives in different units"),
    ("E0204", "a function or exponent that needs a number without unit"),
    ("E0205", "the square root of a unit that has none"),
    ("E0206", "an exponent that is not allowed"),
    ("E0207", "a truth value is needed"),
    ("E0208", "a truth value where a quantity is needed"),
    ("E0209", "a value in another unit than its name"),
    ("E0210", "a derivative that is not its state's unit per time"),
    ("E0211", "a unit with too large an exponent"),
    ("E0212", "a type that does not exist or cannot stand here"),
    ("E0213", "a fixed-point format that does not exist"),
    ("E0214", "fixed-point and real values mixed"),
    ("E0215", "fixed-point values with different binary points"),
    ("E0216", "a number that its fixed-point format cannot hold"),
    ("E0217", "a wrong argument of raw, mul or shift"),
    ("E0218", "a function that does not exist"),
    ("E0219", "wrong arguments"),
    ("E0220", "a name that does not exist"),
    ("E0221", "a form of expression that a neuron cannot compute"),
    ("E0222", "a value that must be a constant"),
    ("E0223", "a range whose ends are not in order"),
    ("E0301", "a name defined twice"),
    ("E0302", "a let used before it is defined"),
    ("E0303", "an assignment to what is not a state"),
    ("E0304", "a model that both spikes and emits values"),
    ("E0305", "a model with two outputs"),
    ("E0306", "a statement that cannot stand here"),
    ("E0307", "a duration that depends on more than parameters"),
    ("E0308", "both equations and an update block"),
    ("E0309", "equations that cannot be integrated exactly"),
    ("E0310", "an equation that is not linear in its own state"),
    ("E0311", "a state that is given two values at once"),
    ("E0312", "an equation for a fixed-point state"),
    ("E0313", "a let whose states changed before the equations that use it"),
    ("E0314", "a number of substeps that is not allowed"),
    ("E0315", "an event of something that is not a receptor"),
    ("E0316", "a model that is too large"),
    ("E0317", "an initial value that reads what does not exist yet"),
    ("W0301", "unused-param"),
    ("W0302", "unused-state"),
    ("W0303", "unused-receptor"),
    ("W0304", "unused-let"),
    ("W0305", "unused-modulator"),
    ("W0306", "unused-integrate"),
];

/// What a neuron sees of the file that it stands in: its `let` and `fn`, and those that it imports.
pub trait Constants {
    /// The value (SI) of a `let` that is a number.
    fn constant(&self, name: &str) -> Option<(f64, Dimension)>;
    /// A function of numbers; it is written out where it is called.
    fn function(&self, name: &str) -> Option<ast::Function>;
    /// All names, to suggest one for a typo.
    fn names(&self) -> Vec<String>;
}

/// No constants at all.
#[derive(Clone, Copy, Default, Debug)]
pub struct NoConstants;

impl Constants for NoConstants {
    fn constant(&self, _name: &str) -> Option<(f64, Dimension)> {
        None
    }

    fn function(&self, _name: &str) -> Option<ast::Function> {
        None
    }

    fn names(&self) -> Vec<String> {
        Vec::new()
    }
}

/// A checked neuron.
#[derive(Clone, Debug)]
pub struct ModelTemplate {
    /// What happens in a tick. Its `doc` is empty: the text stands outside the neuron.
    pub model: Model,
    /// Default of each parameter, perhaps a distribution, units checked; reads constants, `tick` and parameters above it.
    pub params: Table<ParamId, Option<ast::Expr>>,
    /// First value of each state, perhaps a distribution, units checked (a number for `fixed`); reads constants, `tick` and
    /// parameters. Zero where absent.
    pub initial: Table<StateId, Option<ast::Expr>>,
    /// Value of each modulator when nothing is bound to it; reads constants. See [`ModelTemplate::with_constant_modulators`].
    pub modulators: Table<ModulatorId, Option<ast::Expr>>,
    /// For each receptor whose `total` is read: what the values that arrive there must measure (a number: spikes, or numbers).
    pub total_per: BTreeMap<ReceptorId, Dimension>,
}

impl ModelTemplate {
    /// What the model emits.
    #[must_use]
    pub fn output(&self) -> OutputType {
        self.model.output
    }

    /// The model with `values` (SI) in the place of some modulators; the others keep their order.
    #[must_use]
    pub fn with_constant_modulators(&self, values: &BTreeMap<ModulatorId, f64>) -> Model {
        let mut model = self.model.clone();
        let kept: Vec<ModulatorId> = model.modulators.ids().filter(|m| !values.contains_key(m)).collect();
        model.modulators = kept.iter().map(|m| self.model.modulators[*m].clone()).collect();
        for (_, expr) in model.exprs.iter_mut() {
            let ExprKind::Modulator(old) = expr.kind else { continue };
            expr.kind = match (values.get(&old), kept.iter().position(|m| *m == old)) {
                (Some(value), _) => ExprKind::Constant(*value),
                (None, Some(at)) => ExprKind::Modulator(ModulatorId::from_index(at)),
                (None, None) => continue,
            };
        }
        model
    }
}

/// What a checked neuron emits.
#[must_use]
pub fn output_of(template: &ModelTemplate) -> OutputType {
    template.output()
}

/// Checks a neuron. `None` when it has errors; they are in `diagnostics`.
#[must_use]
pub fn check_neuron(ast: &ast::Neuron, constants: &dyn Constants, diagnostics: &mut Diagnostics) -> Option<ModelTemplate> {
    let mut per = BTreeMap::new();
    let mut trial = Diagnostics::default();
    let mut found = Checker::new(ast, constants, &mut trial, &per).check(ast);
    if trial.has_errors() {
        for receptor in totals_of(&found.model) {
            per = infer_total(ast, constants, per, receptor);
        }
        trial = Diagnostics::default();
        found = Checker::new(ast, constants, &mut trial, &per).check(ast);
    }
    let failed = trial.has_errors();
    diagnostics.append(trial);
    found.total_per = totals_of(&found.model).into_iter().map(|r| (r, names::per(&per, r))).collect();
    (!failed).then_some(found)
}

/// The unit of `total(receptor)` is not written: the candidate with the fewest errors is it, a number in doubt.
fn infer_total(
    ast: &ast::Neuron,
    constants: &dyn Constants,
    per: BTreeMap<ReceptorId, Dimension>,
    receptor: ReceptorId,
) -> BTreeMap<ReceptorId, Dimension> {
    let mut scratch = Diagnostics::default();
    let model = Checker::new(ast, constants, &mut scratch, &per).check(ast).model;
    let mut candidates = vec![Dimension::NUMBER];
    if let OutputType::Graded(dimension) = model.output {
        candidates.push(dimension);
    }
    for state in model.states.values() {
        if !candidates.contains(&state.dimension) {
            candidates.push(state.dimension);
        }
    }
    let mut best: Option<(usize, BTreeMap<ReceptorId, Dimension>)> = None;
    for candidate in candidates {
        let mut tried = per.clone();
        tried.insert(receptor, candidate);
        let mut scratch = Diagnostics::default();
        let _ = Checker::new(ast, constants, &mut scratch, &tried).check(ast);
        let errors = scratch.error_count();
        if best.as_ref().is_none_or(|(fewest, _)| errors < *fewest) {
            best = Some((errors, tried));
        }
    }
    best.map_or(per, |(_, tried)| tried)
}
