//! `bouton fmt`.

use crate::failure::Failure;
use crate::{files, terminal};
use bouton_compiler::language;
use bouton_compiler::source::SourceMap;
use clap::Args;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Format circuit files in place
///
/// A file with errors is left as it is. Comments stay.
#[derive(Args, Debug)]
pub struct Fmt {
    /// The files; `-` reads standard input and writes standard output
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// Change nothing; list the files that would change, and fail if there are any
    #[arg(long)]
    check: bool,
}

impl Fmt {
    /// Does it; every file is tried before the first failure is told.
    ///
    /// # Errors
    /// When a file has errors, cannot be read or written, or would change under `--check`.
    pub fn run(self) -> Result<(), Failure> {
        let mut failures = Vec::new();
        for path in &self.files {
            if let Err(failure) = self.one(path) {
                failures.push(failure);
            }
        }
        let last = failures.pop();
        for failure in failures {
            terminal::say(&format!("{failure}\n"));
        }
        last.map_or(Ok(()), Err)
    }

    fn one(&self, path: &Path) -> Result<(), Failure> {
        let standard = path.as_os_str() == "-";
        let name = if standard { "standard input".to_string() } else { path.display().to_string() };
        let text = if standard { standard_input()? } else { files::read_text(path)? };
        let formatted = format(&name, &text)?;
        if self.check {
            return if formatted == text { Ok(()) } else { Err(Failure::Input(format!("{name} is not formatted"))) };
        }
        match (standard, formatted == text) {
            (true, _) => terminal::print(&formatted),
            (false, true) => Ok(()),
            (false, false) => files::write(path, formatted.as_bytes()),
        }
    }
}

fn standard_input() -> Result<String, Failure> {
    let mut text = String::new();
    match io::stdin().lock().read_to_string(&mut text) {
        Ok(_) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            Err(Failure::Input("error: standard input is not UTF-8 text".to_string()))
        }
        Err(error) => Err(Failure::file("read", Path::new("standard input"), &error)),
    }
}

fn format(name: &str, text: &str) -> Result<String, Failure> {
    let mut sources = SourceMap::default();
    let file = sources.add(name, text);
    let (tree, diagnostics) = language::parse(file, text);
    if diagnostics.has_errors() {
        return Err(Failure::Input(diagnostics.render(&sources, terminal::colors()).trim_end().to_string()));
    }
    Ok(language::print(&tree))
}
