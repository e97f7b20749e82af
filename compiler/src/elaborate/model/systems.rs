//! Checks that equations suit their method: exact integration needs linear ones with constant coefficients.

use super::names::Checker;
use crate::circuit::affine::{affine, varying};
use crate::circuit::model::{ExprId, ExprKind, Method, Model, StateId, Statement, System};
use crate::diagnostic::Diagnostic;

impl Checker<'_> {
    /// Checks every system of the model; for a model without errors so far, whose expressions are whole.
    pub(super) fn check_systems(&mut self) {
        self.check_sizes();
        if self.diagnostics.has_errors() {
            return;
        }
        // The forms are only looked at: a copy takes what they add.
        let mut scratch = self.model.clone();
        for statement in self.model.body.clone() {
            let Statement::Integrate(system) = statement else { continue };
            match system.method {
                Method::Exact => self.check_exact(&mut scratch, &system),
                Method::ExponentialEuler => self.check_exponential(&mut scratch, &system),
                Method::Euler | Method::Midpoint => {}
            }
        }
    }

    fn check_exact(&mut self, scratch: &mut Model, system: &System) {
        const WAY_OUT: &str = "say `integrate euler`, `midpoint` or `exponential_euler` above the equations";
        let states: Vec<StateId> = system.equations.iter().map(|(state, _)| *state).collect();
        for (state, value) in &system.equations {
            let name = scratch.states[*state].name.clone();
            match affine(scratch, *value, &states) {
                Err(not) => {
                    let involved = states_in(scratch, not.at, &states);
                    let error = Diagnostic::error(
                        "E0309",
                        format!("`d {name}` cannot be integrated exactly"),
                        scratch.exprs[not.at].span,
                    )
                    .said(format!("not linear in {involved}"));
                    self.error(error.help(WAY_OUT));
                }
                Ok(form) => {
                    let guilty = form.coefficients.iter().find_map(|(s, c)| Some((*s, varying(scratch, *c)?)));
                    let Some((factor, guilty)) = guilty else { continue };
                    let factor = &scratch.states[factor].name;
                    let error = Diagnostic::error(
                        "E0309",
                        format!("`d {name}` cannot be integrated exactly"),
                        scratch.exprs[guilty].span,
                    )
                    .said(format!("multiplies `{factor}`, and changes from tick to tick"));
                    self.error(error.help(WAY_OUT));
                }
            }
        }
    }

    fn check_exponential(&mut self, scratch: &mut Model, system: &System) {
        for (state, value) in &system.equations {
            let Err(not) = affine(scratch, *value, &[*state]) else { continue };
            let name = &scratch.states[*state].name;
            let error = Diagnostic::error("E0310", format!("`d {name}` is not linear in `{name}`"), scratch.exprs[not.at].span)
                .said("exponential_euler needs a·x + b, where a and b are free of x")
                .help("say `integrate euler` or `integrate midpoint`");
            self.error(error);
        }
    }
}

/// The names of those of `states` that an expression reads.
fn states_in(model: &Model, expr: ExprId, states: &[StateId]) -> String {
    let lets = crate::circuit::walk::lets_of(model);
    let below = crate::circuit::walk::below(&model.exprs, &lets, expr);
    let reads = |s: &StateId| below.iter().any(|id| model.exprs[*id].kind == ExprKind::State(*s));
    let names: Vec<String> = states.iter().filter(|s| reads(s)).map(|s| format!("`{}`", model.states[*s].name)).collect();
    names.join(", ")
}
