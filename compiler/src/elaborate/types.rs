//! Types as written, to what they say about a value.

use super::value::{Eval, Poisoned};
use crate::circuit::model::OutputType;
use crate::diagnostic::{Diagnostic, Diagnostics, did_you_mean};
use crate::language::ast::{Type, TypeKind};
use crate::units::{Dimension, TYPES};

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
    let found = match &ty.kind {
        TypeKind::Name(name) => match TYPES.iter().find(|t| t.name == name.text) {
            Some(known) => return Ok(known.dimension),
            None => {
                let error = Diagnostic::error("E0502", format!("`{}` is not a type", name.text), ty.span);
                let help = match did_you_mean(&name.text, TYPES.iter().map(|t| t.name)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("types are {}", TYPES.iter().map(|t| t.name).collect::<Vec<_>>().join(", ")),
                };
                diagnostics.push(error.help(help));
                return Err(Poisoned);
            }
        },
        TypeKind::One => Some(Dimension::NUMBER),
        TypeKind::Product(a, b) => dimension(a, diagnostics)?.times(dimension(b, diagnostics)?),
        TypeKind::Quotient(a, b) => dimension(a, diagnostics)?.over(dimension(b, diagnostics)?),
        TypeKind::Power(a, n) => dimension(a, diagnostics)?.power(*n),
        TypeKind::Fixed { .. } => Some(Dimension::NUMBER),
        TypeKind::Spikes | TypeKind::Graded(_) => {
            diagnostics.push(Diagnostic::error("E0502", "this is a type of events, not of values", ty.span));
            return Err(Poisoned);
        }
    };
    found.ok_or_else(|| {
        diagnostics.push(Diagnostic::error("E0502", "an exponent of this type is beyond ±127", ty.span));
        Poisoned
    })
}
