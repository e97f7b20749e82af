//! Probable mistakes of a whole circuit.

use super::context::Elaborator;
use crate::circuit::{Placement, Projection};
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// Warns of what has no effect; says nothing where there are errors, which may be the cause.
pub(super) fn all(elaborator: &mut Elaborator<'_>, top: Span) {
    if elaborator.diagnostics.has_errors() {
        return;
    }
    let mut warnings = Vec::new();
    if elaborator.circuit.records.is_empty() && elaborator.circuit.outputs.is_empty() {
        let warning = Diagnostic::warning("W0402", "nothing is recorded, and nothing goes to the outside world", top);
        warnings.push(warning.help("add `record e.spike`, or a `port out`").note("lint: nothing-recorded"));
    } else {
        for (id, about) in elaborator.about.iter().filter(|(_, about)| !about.used) {
            let name = &elaborator.circuit.populations[id].name;
            let warning = Diagnostic::warning("W0401", format!("nothing reads the population `{name}`"), about.name_span);
            warnings.push(warning.help("project from it, record it, or leave it out").note("lint: unused-population"));
        }
    }
    let on_macro = |p: &&Projection| matches!(p.placement, Some(Placement::Macro(_)));
    for projection in elaborator.circuit.projections.values().iter().filter(on_macro) {
        let message = format!("`{}` stays on cores: no machine here has macros", projection.name);
        let warning = Diagnostic::warning("W0601", message, projection.span);
        warnings.push(warning.help("leave `on macro` out, or keep it for a machine that has them").note("lint: no-macros"));
    }
    for warning in warnings {
        elaborator.diagnostics.push(warning);
    }
}
