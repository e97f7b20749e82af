//! Writes `let`s out in equations.
//!
//! A `let` is computed once, where it stands; an equation needs its value as the states move during the tick. So a `let` that
//! depends on a state of the system is replaced by its expression, and so is one that never changes: a coefficient is then
//! visible as such. What such a `let` reads must not have changed since, or the text would mean two things.

use super::names::Checker;
use crate::circuit::model::{Expr, ExprId, ExprKind, LocalId, StateId};
use crate::circuit::walk::{below, containing, varies};
use crate::diagnostic::Diagnostic;
use crate::table::Table;
use std::collections::BTreeMap;

/// Operations of one expression with everything written out.
const MAX_SIZE: u32 = 20_000;

impl Checker<'_> {
    /// The `let` behind `id`, if it is one.
    fn let_of(&self, id: ExprId) -> Option<(LocalId, ExprId)> {
        match self.model.exprs[id].kind {
            ExprKind::Local(local) => Some((local, self.lets.get(local).copied().flatten()?)),
            _ => None,
        }
    }

    /// Reports `let`s that an equation of `states` would have to compute anew from states that have changed since.
    pub(super) fn check_lets(&mut self, equation: ExprId, states: &[StateId]) {
        let exprs = &self.model.exprs;
        let moving = containing(exprs, &self.lets, equation, |k| matches!(k, ExprKind::State(s) if states.contains(s)));
        let stale = moving.iter().find_map(|id| {
            let (local, value) = self.let_of(*id)?;
            let time = self.let_times.get(&local).copied().unwrap_or(0);
            let changed = below(exprs, &self.lets, value).into_iter().find_map(|inner| match exprs[inner].kind {
                ExprKind::State(state) if self.changed.get(&state).is_some_and(|at| *at > time) => Some(state),
                _ => None,
            })?;
            Some((exprs[*id].span, local, changed))
        });
        let Some((used, local, state)) = stale else { return };
        let (name, state) = (&self.model.locals[local], &self.model.states[state].name);
        let error = Diagnostic::error("E0313", format!("`{}` was computed before `{state}` changed", name.name), used)
            .said("during integration it is computed anew, from the new value")
            .label(name.span, "defined here")
            .help(format!("move `let {}` below the line that changes `{state}`", name.name));
        self.error(error);
    }

    /// `root` with its `let`s written out where they depend on `states`, or never change.
    pub(super) fn write_out(&mut self, root: ExprId, states: &[StateId]) -> ExprId {
        let exprs = &self.model.exprs;
        let moving = containing(exprs, &self.lets, root, |k| matches!(k, ExprKind::State(s) if states.contains(s)));
        let changing = containing(exprs, &self.lets, root, varies);
        let mut new: BTreeMap<ExprId, ExprId> = BTreeMap::new();
        for id in below(exprs, &self.lets, root) {
            if let Some((_, value)) = self.let_of(id)
                && (moving.contains(&id) || !changing.contains(&id))
            {
                new.insert(id, new.get(&value).copied().unwrap_or(value));
                continue;
            }
            let Expr { kind, dimension, truth, span } = self.model.exprs[id].clone();
            let mapped = kind.map_children(|child| new.get(&child).copied().unwrap_or(child));
            if mapped != kind {
                new.insert(id, self.model.exprs.push(Expr { kind: mapped, dimension, truth, span }));
            }
        }
        new.get(&root).copied().unwrap_or(root)
    }

    /// Sharing makes an expression small here that would be huge written out; whoever walks it as a tree must not have to wait.
    pub(super) fn check_sizes(&mut self) {
        let mut sizes: Table<ExprId, u32> = Table::new();
        let mut large = None;
        for (id, expr) in self.model.exprs.iter() {
            let size = expr.kind.children().fold(1_u32, |sum, child| sum.saturating_add(sizes.get(child).copied().unwrap_or(0)));
            if size > MAX_SIZE && large.is_none() {
                large = Some(id);
            }
            sizes.push(size);
        }
        if let Some(large) = large {
            let error = Diagnostic::error("E0316", "this expression is too large", self.model.exprs[large].span)
                .said(format!("more than {MAX_SIZE} operations with its functions and `let`s written out"))
                .help("keep intermediate results in states, or simplify it");
            self.error(error);
        }
    }
}
