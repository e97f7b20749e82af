//! The machines that come with Bouton, by name.

use super::{Machine, MachineError};

const BUILT_IN: &[(&str, &str)] = &[
    ("host", include_str!("../../machines/host.toml")),
    ("mps2-an386", include_str!("../../machines/mps2-an386.toml")),
    ("spinn3", include_str!("../../machines/spinn3.toml")),
    ("spinn5", include_str!("../../machines/spinn5.toml")),
    ("spinnaker2", include_str!("../../machines/spinnaker2.toml")),
];

/// Names of machines that differ only in their number of boards.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pattern {
    /// What stands before the `x` and the number: `spinn5`.
    pub base: &'static str,
    /// What the boards are: `SpiNN-5 boards`.
    pub title: String,
    /// Most boards.
    pub most: u32,
}

impl Pattern {
    /// The name of the machine with so many boards.
    #[must_use]
    pub fn name(&self, boards: u32) -> String {
        format!("{}x{boards}", self.base)
    }
}

impl Machine {
    /// Names of the machines that come with Bouton, sorted; besides them there are those of [`Machine::patterns`].
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// Patterns of further names, sorted.
    ///
    /// # Errors
    /// When a file is wrong: a bug of ours.
    pub fn patterns() -> Result<Vec<Pattern>, MachineError> {
        let mut patterns = Vec::new();
        for (base, text) in BUILT_IN {
            if let Some((title, most)) = Machine::boards_of_toml(text)? {
                patterns.push(Pattern { base, title, most });
            }
        }
        Ok(patterns)
    }

    /// The machine called `name`, such as `spinn5`, or `spinn5x24` for 24 boards; `None` when there is none.
    ///
    /// # Errors
    /// When it would have too many boards, or when its file is wrong: a bug of ours.
    #[must_use]
    pub fn named(name: &str) -> Option<Result<Machine, MachineError>> {
        let text = |base: &str| BUILT_IN.iter().find(|(n, _)| *n == base).map(|(_, text)| *text);
        if let Some(text) = text(name) {
            return Some(Machine::from_toml(text));
        }
        let (base, boards) = split_name(name)?;
        match Machine::of_boards(text(base)?, boards) {
            Err(MachineError::NotJoined) => None,
            result => Some(result),
        }
    }
}

/// `spinn5x24` as `spinn5` and 24. A number that is too large to count is as many as can be counted.
fn split_name(name: &str) -> Option<(&str, u32)> {
    let (base, digits) = name.rsplit_once('x')?;
    let plain = !digits.is_empty() && !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| (base, digits.parse().unwrap_or(u32::MAX)))
}
