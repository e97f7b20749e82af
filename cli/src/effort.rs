//! How much time a mapping may take, as an option.

use bouton_compiler::mapping;
use clap::ValueEnum;

/// Time against quality.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Effort {
    /// Constructive passes only
    Fast,
    /// Improves what pays for its time
    Default,
    /// Improves until nothing more is found or the budget is spent
    Best,
}

impl From<Effort> for mapping::Effort {
    fn from(effort: Effort) -> Self {
        match effort {
            Effort::Fast => mapping::Effort::Fast,
            Effort::Default => mapping::Effort::Default,
            Effort::Best => mapping::Effort::Best,
        }
    }
}
