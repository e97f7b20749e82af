//! Why a command fails, and with which exit code.

use bouton_compiler::partition::Shortfalls;
use bouton_compiler::pipeline::CompileFailure;
use bouton_compiler::source::SourceMap;
use std::fmt;
use std::io;
use std::path::Path;
use std::process::ExitCode;

/// Exit code of wrong arguments.
pub const USAGE: u8 = 2;

/// Whose fault it is.
#[derive(Debug)]
pub enum Failure {
    /// The user's input is wrong; the rendered diagnostics.
    Input(String),
    /// The arguments do not go together, or not with the input.
    Usage(String),
    /// The circuit does not fit the target.
    DoesNotFit {
        /// The target.
        target: String,
        /// What is missing.
        shortfalls: Shortfalls,
    },
    /// A device or file failed.
    Device(String),
    /// A broken invariant of ours.
    Bug(String),
}

impl Failure {
    /// The exit code.
    #[must_use]
    pub fn code(&self) -> u8 {
        match self {
            Failure::Input(_) => 1,
            Failure::Usage(_) => USAGE,
            Failure::DoesNotFit { .. } => 3,
            Failure::Device(_) => 4,
            Failure::Bug(_) => 70,
        }
    }

    /// The same, as the process returns it.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        self.code().into()
    }

    /// A file that cannot be read or written.
    #[must_use]
    pub fn file(what: &str, path: &Path, error: &io::Error) -> Self {
        Failure::Device(format!("cannot {what} {}: {error}", path.display()))
    }

    /// Why a compilation failed.
    #[must_use]
    pub fn compile(failure: CompileFailure, target: &str, sources: &SourceMap) -> Self {
        match failure {
            CompileFailure::Input(diagnostics) => {
                Failure::Input(diagnostics.render(sources, crate::terminal::colors()).trim_end().to_string())
            }
            CompileFailure::DoesNotFit(shortfalls) => Failure::DoesNotFit { target: target.to_string(), shortfalls },
            CompileFailure::Bug(what) => Failure::Bug(what),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Input(text) => f.write_str(text),
            Failure::Usage(text) => write!(f, "error: {text}\n\nFor more information, try '--help'."),
            Failure::DoesNotFit { target, shortfalls } => {
                write!(f, "error: the circuit does not fit {target}\n\n{}", shortfalls.to_string().trim_end())
            }
            Failure::Device(text) => write!(f, "error: {text}"),
            Failure::Bug(text) => write!(
                f,
                "error: bouton broke a promise of its own: {text}\n\nThis is a bug in bouton {}, not in your circuit. Please report it \
                 with\nthis message, the command and, if you can, the circuit; RUST_BACKTRACE=1 adds how it came about.",
                env!("CARGO_PKG_VERSION")
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_has_the_published_code() {
        let shortfalls = Shortfalls(Vec::new());
        let all = [
            (Failure::Input(String::new()), 1),
            (Failure::Usage(String::new()), 2),
            (Failure::DoesNotFit { target: String::new(), shortfalls }, 3),
            (Failure::Device(String::new()), 4),
            (Failure::Bug(String::new()), 70),
        ];
        for (failure, code) in all {
            assert_eq!(failure.code(), code);
        }
    }
}
