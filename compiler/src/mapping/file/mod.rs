//! Files of machine graphs, of machines and of mappings, as other tools write and read them.
//!
//! The formats are in docs/src/mapping.md. Files may be gzipped or plain: their first bytes say which. Nothing that a file says is
//! believed before it was checked, and nothing is allocated because a file says how much there will be.

mod graph;
mod lines;
mod machine;
mod mapping;
#[cfg(test)]
mod tests;

pub use graph::{GraphFile, read_graph};
pub use machine::read_machine;
pub use mapping::write_mapping;

use std::fmt;

/// What is wrong with a file, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileError {
    /// Name of the file, as its user knows it.
    pub file: String,
    /// Line, from 1; `None` when it is the whole file.
    pub line: Option<u64>,
    /// What is wrong, what was expected, and what can be done.
    pub message: String,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file, self.message),
            None => write!(f, "{}: {}", self.file, self.message),
        }
    }
}

impl std::error::Error for FileError {}

/// What a JSON parser says, without its own idea of the line.
fn complaint(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
    if error.column() == 0 { what.to_string() } else { format!("{what} (column {})", error.column()) }
}
