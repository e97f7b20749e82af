//! The codes of all diagnostics, stage by stage. Warnings have names instead of titles: what `--deny NAME` takes.

use crate::{connect, elaborate, language, lower, reference, retime};

/// A stage in the words of its users, and its codes with their titles.
pub type Stage = (&'static str, &'static [(&'static str, &'static str)]);

/// Every stage that says something.
pub const STAGES: &[Stage] = &[
    ("Reading text", language::CODES),
    ("Neuron models", elaborate::model::CODES),
    ("Circuits, values and connections", elaborate::CODES),
    ("Paths without delay", retime::CODES),
    ("Synapses of a pattern", connect::CODES),
    ("Real numbers to integers", lower::CODES),
    ("The reference (`bouton run --reference`)", reference::CODES),
];

/// Title of an error, name of a warning.
///
/// ```
/// assert_eq!(bouton_compiler::codes::title("W0402"), Some("nothing-recorded"));
/// ```
#[must_use]
pub fn title(code: &str) -> Option<&'static str> {
    STAGES.iter().flat_map(|(_, codes)| *codes).find(|(known, _)| *known == code).map(|(_, title)| *title)
}
