//! Ways through the expressions of a model: children, what an expression depends on, the values of its `let`s.
//!
//! Two properties of every model make these plain loops, without recursion and linear in time: a child stands before its
//! parent in the arena, and a `let` is used only after it. [`crate::elaborate::model`] establishes both.

use super::model::{DrawKind, Expr, ExprId, ExprKind, LocalId, Model, ReceptorId, Statement};
use crate::table::Table;
use std::collections::BTreeSet;

/// The value of each `let`; `None` while it is not known.
pub type Lets = Table<LocalId, Option<ExprId>>;

impl ExprKind {
    /// The sub-expressions, from left to right.
    pub fn children(&self) -> impl Iterator<Item = ExprId> + use<> {
        let three = match *self {
            ExprKind::Constant(_)
            | ExprKind::Tick
            | ExprKind::Param(_)
            | ExprKind::State(_)
            | ExprKind::Input(_)
            | ExprKind::Total(_)
            | ExprKind::Modulator(_)
            | ExprKind::Local(_) => [None; 3],
            ExprKind::Unary(_, a) | ExprKind::RawShift { a, .. } => [Some(a), None, None],
            ExprKind::Binary(_, a, b) | ExprKind::RawMultiply { a, b, .. } => [Some(a), Some(b), None],
            ExprKind::Draw { kind: DrawKind::Normal { mean: a, std: b } | DrawKind::Uniform { low: a, high: b }, .. } => {
                [Some(a), Some(b), None]
            }
            ExprKind::If(a, b, c) | ExprKind::Clip(a, b, c) => [Some(a), Some(b), Some(c)],
        };
        three.into_iter().flatten()
    }

    /// The same expression with every child replaced.
    #[must_use]
    pub fn map_children(&self, mut f: impl FnMut(ExprId) -> ExprId) -> ExprKind {
        match *self {
            ExprKind::Unary(op, a) => ExprKind::Unary(op, f(a)),
            ExprKind::Binary(op, a, b) => ExprKind::Binary(op, f(a), f(b)),
            ExprKind::If(a, b, c) => ExprKind::If(f(a), f(b), f(c)),
            ExprKind::Clip(a, b, c) => ExprKind::Clip(f(a), f(b), f(c)),
            ExprKind::RawShift { a, by, rounding } => ExprKind::RawShift { a: f(a), by, rounding },
            ExprKind::RawMultiply { a, b, rounding, shift } => ExprKind::RawMultiply { a: f(a), b: f(b), rounding, shift },
            ExprKind::Draw { number, kind: DrawKind::Normal { mean, std } } => {
                ExprKind::Draw { number, kind: DrawKind::Normal { mean: f(mean), std: f(std) } }
            }
            ExprKind::Draw { number, kind: DrawKind::Uniform { low, high } } => {
                ExprKind::Draw { number, kind: DrawKind::Uniform { low: f(low), high: f(high) } }
            }
            ref leaf => leaf.clone(),
        }
    }
}

/// The value of each `let` of a model.
#[must_use]
pub fn lets_of(model: &Model) -> Lets {
    let mut lets: Lets = model.locals.ids().map(|_| None).collect();
    let mut note = |statement: &Statement| {
        if let Statement::Let(local, value) = statement {
            lets[*local] = Some(*value);
        }
    };
    for statement in &model.body {
        note(statement);
        if let Statement::Spike { then: inner, .. } | Statement::On { body: inner, .. } = statement {
            inner.iter().for_each(&mut note);
        }
    }
    lets
}

/// `root` and everything below it, through `let`s.
#[must_use]
pub fn below(exprs: &Table<ExprId, Expr>, lets: &Lets, root: ExprId) -> BTreeSet<ExprId> {
    let mut seen = BTreeSet::from([root]);
    let mut open = vec![root];
    while let Some(id) = open.pop() {
        let kind = &exprs[id].kind;
        let through = match kind {
            ExprKind::Local(local) => lets.get(*local).copied().flatten(),
            _ => None,
        };
        open.extend(kind.children().chain(through).filter(|child| seen.insert(*child)));
    }
    seen
}

/// Every expression that satisfies `what` directly or in something below it, through `let`s, among those below `root`.
#[must_use]
pub fn containing(exprs: &Table<ExprId, Expr>, lets: &Lets, root: ExprId, what: impl Fn(&ExprKind) -> bool) -> BTreeSet<ExprId> {
    let mut found = BTreeSet::new();
    for id in below(exprs, lets, root) {
        let kind = &exprs[id].kind;
        let through = match kind {
            ExprKind::Local(local) => lets.get(*local).copied().flatten(),
            _ => None,
        };
        if what(kind) || kind.children().chain(through).any(|child| found.contains(&child)) {
            found.insert(id);
        }
    }
    found
}

/// Whether a value can change from tick to tick, of itself: a state, an input, a modulator, a draw.
#[must_use]
pub fn varies(kind: &ExprKind) -> bool {
    matches!(kind, ExprKind::State(_) | ExprKind::Input(_) | ExprKind::Modulator(_) | ExprKind::Draw { .. })
}

/// The receptors whose `total` a model reads.
#[must_use]
pub fn totals_of(model: &Model) -> BTreeSet<ReceptorId> {
    let total = |e: &Expr| match e.kind {
        ExprKind::Total(receptor) => Some(receptor),
        _ => None,
    };
    model.exprs.values().iter().filter_map(total).collect()
}
