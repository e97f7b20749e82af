//! Neuron definitions to models. (Stands in until the branch `model` is merged; this is the interface that elaboration uses.)

use crate::circuit::model::{Model, ModulatorId, ParamId, StateId};
use crate::diagnostic::Diagnostics;
use crate::language::ast;
use crate::table::Table;
use crate::units::Dimension;

/// What is known at compile time outside a neuron: `let` and `fn` of its file and of what the file imports.
pub trait Constants {
    /// The value of a `let` that is a number, in SI.
    fn constant(&self, name: &str) -> Option<(f64, Dimension)>;
    /// A function of numbers.
    fn function(&self, name: &str) -> Option<ast::Function>;
    /// All names, to suggest one.
    fn names(&self) -> Vec<String>;
}

/// A model, and what its populations are given when they say nothing else.
#[derive(Clone, Debug)]
pub struct ModelTemplate {
    /// The model.
    pub model: Model,
    /// Default of each parameter: may use constants and parameters that stand before it. Its dimension is checked.
    pub params: Table<ParamId, Option<ast::Expr>>,
    /// Initial value of each state (zero when absent): may use constants and all parameters. Its dimension is checked.
    pub initial: Table<StateId, Option<ast::Expr>>,
    /// Value of each modulator that is not bound: may use constants.
    pub modulators: Table<ModulatorId, Option<ast::Expr>>,
    /// For each receptor whose `total` is read: what the values that arrive there must measure.
    pub total_per: std::collections::BTreeMap<crate::circuit::model::ReceptorId, Dimension>,
}

impl ModelTemplate {
    /// The model with `values` (SI) in the place of some modulators; the others keep their order.
    #[must_use]
    pub fn with_constant_modulators(&self, _values: &std::collections::BTreeMap<ModulatorId, f64>) -> Model {
        self.model.clone()
    }
}

/// Checks a neuron definition.
pub fn check_neuron(_neuron: &ast::Neuron, _constants: &dyn Constants, _diagnostics: &mut Diagnostics) -> Option<ModelTemplate> {
    None
}
