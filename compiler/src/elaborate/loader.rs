//! Where files come from: the file system, or memory.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Component, Path, PathBuf};

/// Larger files are refused.
const MAX_BYTES: u64 = 4 << 30;

/// A file that was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Loaded {
    /// Its name: two ways to write the same file give the same name.
    pub name: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// Why a file could not be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LoadError {
    /// There is none.
    NotFound {
        /// Where it was looked for.
        name: String,
    },
    /// It is larger than 4 GiB, or no regular file.
    Unsuitable {
        /// Where it is.
        name: String,
    },
    /// The system refused.
    System {
        /// Where it is.
        name: String,
        /// What the system said.
        reason: String,
    },
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::NotFound { name } => write!(f, "there is no file `{name}`"),
            LoadError::Unsuitable { name } => write!(f, "`{name}` is not a regular file of at most 4 GiB"),
            LoadError::System { name, reason } => write!(f, "`{name}` cannot be read: {reason}"),
        }
    }
}

impl std::error::Error for LoadError {}

/// Reads the files that a circuit names.
pub trait Loader {
    /// The file that is called `path` in the file `from`; `from` is empty for the top file.
    ///
    /// # Errors
    /// When it does not exist or cannot be read.
    fn read(&self, from: &str, path: &str) -> Result<Loaded, LoadError>;
}

/// Reads from the file system; paths are relative to the file that names them.
#[derive(Clone, Copy, Default, Debug)]
pub struct FileLoader;

impl Loader for FileLoader {
    fn read(&self, from: &str, path: &str) -> Result<Loaded, LoadError> {
        let name = beside(from, path);
        let failed = |e: std::io::Error| match e.kind() {
            std::io::ErrorKind::NotFound => LoadError::NotFound { name: name.clone() },
            _ => LoadError::System { name: name.clone(), reason: e.to_string() },
        };
        let about = std::fs::metadata(&name).map_err(failed)?;
        if !about.is_file() || about.len() > MAX_BYTES {
            return Err(LoadError::Unsuitable { name });
        }
        let bytes = std::fs::read(&name).map_err(failed)?;
        Ok(Loaded { name, bytes })
    }
}

/// Holds every file in memory: for tests, and for circuits that are made by a program.
#[derive(Clone, Default, Debug)]
pub struct MemoryLoader {
    files: BTreeMap<String, Vec<u8>>,
}

impl MemoryLoader {
    /// Adds a file.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.insert(name.into(), bytes.into());
        self
    }
}

impl Loader for MemoryLoader {
    fn read(&self, from: &str, path: &str) -> Result<Loaded, LoadError> {
        let name = beside(from, path);
        match self.files.get(&name) {
            Some(bytes) => Ok(Loaded { name, bytes: bytes.clone() }),
            None => Err(LoadError::NotFound { name }),
        }
    }
}

/// `path` as seen from the folder of `from`, without `.` and with `..` resolved by name.
fn beside(from: &str, path: &str) -> String {
    let folder = Path::new(from).parent().unwrap_or(Path::new(""));
    let mut out = PathBuf::new();
    for part in folder.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_to_the_file_that_names_them() {
        assert_eq!(beside("", "a/b.circuit"), "a/b.circuit");
        assert_eq!(beside("a/b.circuit", "./w.npy"), "a/w.npy");
        assert_eq!(beside("a/b.circuit", "../w.npy"), "w.npy");
        assert_eq!(beside("b.circuit", "../w.npy"), "../w.npy");
        assert_eq!(beside("a/b.circuit", "/w.npy"), "/w.npy");
    }

    #[test]
    fn a_missing_file_says_where_it_was_looked_for() {
        let error = MemoryLoader::default().read("a/b.circuit", "w.npy").expect_err("nothing is there");
        assert_eq!(error.to_string(), "there is no file `a/w.npy`");
    }
}
