//! Populations that are alike are built and planned once: circuits of many modules have thousands of them.
//!
//! Takes: models, constants, what comes from outside.  Gives: [`Tick`]s and [`Plan`]s, the same one for equal questions.
//! Invariants: kept: what a population gets is what building and planning it alone would give.
//! Cost: comparing constants with those of every different population of the model; no plan for a population that is like one
//!   before it.
//! Source: own.

use super::build::{self, Constants, Tick};
use super::known::Known;
use super::plan::{Externals, Plan, is_free, plan};
use crate::circuit::ModelId;
use crate::circuit::model::{Model, StateId};
use crate::diagnostic::Diagnostic;
use crate::table::Table;
use std::collections::BTreeMap;
use std::sync::Arc;

crate::ids! {
    /// A model with constants.
    VariantId "variant",
}

/// A tick, and which model with which constants it is of.
#[derive(Clone, Debug)]
pub(super) struct Built {
    pub(super) variant: VariantId,
    pub(super) tick: Arc<Tick>,
}

/// Every tick that was built.
#[derive(Default)]
pub(super) struct Ticks<'a> {
    of_model: BTreeMap<ModelId, Vec<(Constants<'a>, Built)>>,
    next: Table<VariantId, ()>,
}

impl<'a> Ticks<'a> {
    /// The tick of a model with these constants.
    pub(super) fn tick(&mut self, id: ModelId, model: &Model, constants: &Constants<'a>) -> Result<Built, Vec<Diagnostic>> {
        let known = self.of_model.entry(id).or_default();
        if let Some((_, built)) = known.iter().find(|(before, _)| before == constants) {
            return Ok(built.clone());
        }
        let built = Built { tick: Arc::new(build::build(model, constants)?), variant: self.next.push(()) };
        known.push((constants.clone(), built.clone()));
        Ok(built)
    }
}

/// What a plan depends on beside the tick: what comes from outside, and where states start whose range must be found.
type Question = (Externals, Vec<Option<(f64, f64)>>);

/// Every plan that was made.
#[derive(Default)]
pub(super) struct Plans {
    of_variant: BTreeMap<VariantId, Vec<(Question, Arc<Plan>)>>,
}

impl Plans {
    /// The plan of a tick.
    pub(super) fn plan(
        &mut self,
        model: &Model,
        built: &Built,
        constants: &Constants<'_>,
        externals: &Externals,
        initial: &Table<StateId, Known>,
    ) -> Result<Arc<Plan>, Vec<Diagnostic>> {
        let starts = initial.iter().map(|(state, known)| is_free(model, state).then(|| known.bounds())).collect();
        let question = (externals.clone(), starts);
        let known = self.of_variant.entry(built.variant).or_default();
        if let Some((_, plan)) = known.iter().find(|(before, _)| *before == question) {
            return Ok(plan.clone());
        }
        let plan = Arc::new(plan(model, &built.tick, constants, externals, initial)?);
        known.push((question, plan.clone()));
        Ok(plan)
    }
}
