//! Data files of a circuit: read, and reported with their own line or shape when they are wrong.

use super::context::Elaborator;
use super::csv_table::{self, CsvError, WithHeader};
use super::npy;
use super::scope::Scope;
use super::value::{Eval, Numbers, Poisoned};
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// Larger files are not shown line by line.
const MAX_SHOWN: usize = 1 << 24;

/// A data file and the place that names it.
pub(super) struct DataFile {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub bytes: Vec<u8>,
    /// Where the circuit names it.
    pub span: Span,
}

/// The way out when a file is not where it is looked for.
pub(super) const BESIDE: &str = "a path starts at the folder of the file that names it";

impl<'a> Elaborator<'a> {
    /// Reads a file that is named relative to the file of the scope.
    pub(super) fn read(&mut self, scope: &Scope<'a>, path: &str, span: Span) -> Eval<DataFile> {
        let from = self.modules.get(scope.file).map_or("", |m| m.name.as_str());
        match self.loader.read(from, path) {
            Ok(loaded) => {
                self.step(loaded.bytes.len() as u64 / 4096, span)?;
                Ok(DataFile { name: loaded.name, bytes: loaded.bytes, span })
            }
            Err(e) => Err(self.fail(Diagnostic::error("E0403", e.to_string(), span).said("named here").help(BESIDE))),
        }
    }

    /// The numbers of an NPY or CSV file; a CSV of one column is a row of values.
    pub(super) fn numbers_of_file(&mut self, scope: &Scope<'a>, path: &str, span: Span) -> Eval<Numbers> {
        let file = self.read(scope, path, span)?;
        let (shape, values) = if path.ends_with(".npy") {
            match npy::read(&file.bytes) {
                Ok(array) => (array.shape, array.values),
                Err(e) => {
                    let error = Diagnostic::error("E0509", format!("`{}` cannot be read: {e}", file.name), span);
                    return Err(
                        self.fail(error.help("`numpy.save` writes such files; use `.astype` for the type of the numbers"))
                    );
                }
            }
        } else if path.ends_with(".csv") {
            let (shape, values) = csv_table::numbers(&file.bytes).map_err(|e| self.csv_error(&file, &e))?;
            (shape.into_iter().enumerate().filter(|(i, n)| *i == 0 || *n != 1).map(|(_, n)| n).collect(), values)
        } else {
            let error = Diagnostic::error("E0509", format!("`{path}` is neither .npy nor .csv"), span);
            return Err(self.fail(error.help("save the numbers as NPY (`numpy.save`) or CSV")));
        };
        Ok(Numbers { shape, values, dimension: None })
    }

    /// A CSV file whose first line names its columns; every name is one of `known`.
    pub(super) fn columns(&mut self, file: &DataFile, known: &[&str]) -> Eval<WithHeader> {
        let table = csv_table::with_header(&file.bytes).map_err(|e| self.csv_error(file, &e))?;
        let stranger = table.names.iter().find(|name| !known.contains(&name.as_str()));
        if let Some(stranger) = stranger {
            let message = format!("a header line with columns of {} is required; `{stranger}` is none of them", known.join(", "));
            return Err(self.csv_error(file, &CsvError { line: table.header_line, message }));
        }
        Ok(table)
    }

    /// Reports a mistake in a CSV file with the guilty line.
    pub(super) fn csv_error(&mut self, file: &DataFile, error: &CsvError) -> Poisoned {
        let diagnostic = self.at_line("E0508", file, error);
        self.fail(diagnostic)
    }

    /// An error that shows a line of a CSV file.
    pub(super) fn at_line(&mut self, code: &'static str, file: &DataFile, error: &CsvError) -> Diagnostic {
        let diagnostic = Diagnostic::error(code, format!("{}:{}: {}", file.name, error.line, error.message), file.span);
        let text = String::from_utf8_lossy(&file.bytes);
        match line_span(&text, error.line) {
            Some((start, end)) if file.bytes.len() <= MAX_SHOWN => {
                let id = self.sources.add(file.name.clone(), text.into_owned());
                diagnostic.said("named here").label(Span { file: id, start, end }, error.message.clone())
            }
            _ => diagnostic,
        }
    }
}

/// The bytes of a line, counted from 1.
fn line_span(text: &str, line: u64) -> Option<(u32, u32)> {
    let mut start = 0;
    for (number, content) in (1_u64..).zip(text.split_inclusive('\n')) {
        if number == line {
            return Some((start, start + content.trim_end().len() as u32));
        }
        start += u32::try_from(content.len()).ok()?;
    }
    None
}
