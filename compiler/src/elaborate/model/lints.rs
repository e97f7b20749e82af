//! Warnings about what is declared and never used.

use super::names::Checker;
use crate::diagnostic::Diagnostic;
use crate::source::Span;

impl Checker<'_> {
    /// Warns of unused names, unless errors may be why they are unused. A state that is only written is not unused: it can be
    /// recorded. A name that begins with `_` is meant to be unused.
    pub(super) fn lint(&mut self) {
        if self.diagnostics.has_errors() {
            return;
        }
        let (model, used) = (&self.model, &self.used);
        let params = model.params.iter().filter(|(id, _)| !used.params.contains(id)).map(|(_, x)| (&x.name, x.span));
        let states = model.states.iter().filter(|(id, _)| !used.states.contains(id)).map(|(_, x)| (&x.name, x.span));
        let receptors = model.receptors.iter().filter(|(id, _)| !used.receptors.contains(id)).map(|(_, x)| (&x.name, x.span));
        let lets = model.locals.iter().filter(|(id, _)| !used.locals.contains(id)).map(|(_, x)| (&x.name, x.span));
        let modulators = model.modulators.iter().filter(|(id, _)| !used.modulators.contains(id)).map(|(_, x)| (&x.name, x.span));
        let warnings: Vec<Diagnostic> = params
            .map(|x| unused("W0301", "parameter", "it has no effect: use it or remove it", x))
            .chain(states.map(|x| unused("W0302", "state", "nothing reads or changes it: remove it", x)))
            .chain(receptors.map(|x| unused("W0303", "receptor", "what arrives there is lost: add it to a state", x)))
            .chain(lets.map(|x| unused("W0304", "`let`", "remove it", x)))
            .chain(modulators.map(|x| unused("W0305", "modulator", "it has no effect: use it or remove it", x)))
            .filter(|warning| !warning.message.contains(" `_"))
            .collect();
        warnings.into_iter().for_each(|warning| self.diagnostics.push(warning));
    }
}

fn unused(code: &'static str, what: &str, help: &str, (name, span): (&String, Span)) -> Diagnostic {
    Diagnostic::warning(code, format!("unused {what} `{name}`"), span).said("never used").help(help)
}
