//! Types as written, to what they say about a value.

use super::value::{Eval, Poisoned};
use crate::circuit::model::OutputType;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::language::ast::{Type, TypeKind};
use crate::units::Dimension;

/// What a parameter of a circuit or function may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Wanted {
    /// A quantity, or an array of such.
    Quantity(Dimension),
    /// A whole number of at least zero, or an array of such.
    Count,
    /// `bool`
    Truth,
    /// `text`
    Text,
}

/// The type of a parameter.
pub(super) fn parameter(ty: &Type, diagnostics: &mut Diagnostics) -> Eval<Wanted> {
    match &ty.kind {
        TypeKind::Name(name) if name.text == "count" => Ok(Wanted::Count),
        TypeKind::Name(name) if name.text == "bool" => Ok(Wanted::Truth),
        TypeKind::Name(name) if name.text == "text" => Ok(Wanted::Text),
        _ => dimension(ty, diagnostics).map(Wanted::Quantity),
    }
}

/// `spikes` or `graded(…)`.
pub(super) fn events(ty: &Type, diagnostics: &mut Diagnostics) -> Eval<OutputType> {
    match &ty.kind {
        TypeKind::Spikes => Ok(OutputType::Spikes),
        TypeKind::Graded(payload) => dimension(payload, diagnostics).map(OutputType::Graded),
        _ => {
            let error = Diagnostic::error("E0410", "a port carries `spikes` or `graded(…)` events", ty.span);
            diagnostics
                .push(error.said("this is a type of values").help("write `graded(voltage)` for events that carry a voltage"));
            Err(Poisoned)
        }
    }
}

/// The dimension of a type of values.
pub(super) fn dimension(ty: &Type, diagnostics: &mut Diagnostics) -> Eval<Dimension> {
    super::model::dimension_of(ty, diagnostics).ok_or(Poisoned)
}
