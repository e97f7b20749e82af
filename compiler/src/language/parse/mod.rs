//! Text to syntax tree: tokens by nom, then one function per grammar form with one token of look-ahead (two for names of
//! arguments), so that time is linear in the text and every error knows the exact token.
//!
//! A function that fails has reported why and gives `Failed`; the statement is dropped and reading goes on at the next
//! statement (`recover`). Nesting is bounded, so no text overflows the stack.

mod circuit;
mod cursor;
mod expression;
mod file;
mod lexical;
mod neuron;
mod statement;
mod types;

use super::ast;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{FileId, Span};
use cursor::Parser;

/// Brackets, blocks and operators that may be open at once.
const MAX_NESTING: u32 = 64;
/// Height of an expression: later stages walk it recursively.
const MAX_HEIGHT: u32 = 256;
/// Errors after which a file is given up.
const MAX_ERRORS: usize = 100;

/// It has been reported.
#[derive(Clone, Copy, Debug)]
struct Failed;

type Parse<T> = Result<T, Failed>;

/// Reads a circuit file. The tree lacks the statements that had errors.
#[must_use]
pub fn parse(file: FileId, text: &str) -> (ast::File, Diagnostics) {
    if u32::try_from(text.len()).is_err() {
        return too_large(file);
    }
    let mut parser = Parser::new(lexical::tokens(file, text), file);
    let tree = parser.file();
    (tree, parser.into_diagnostics())
}

fn too_large(file: FileId) -> (ast::File, Diagnostics) {
    let span = Span { file, start: 0, end: 0 };
    let mut diagnostics = Diagnostics::default();
    let error = Diagnostic::error("E0013", "this file is larger than 4 GiB", span);
    diagnostics.push(error.help("keep tables of numbers in CSV or NPY files"));
    (ast::File { file, body: ast::Block { items: Vec::new(), dangling: Vec::new(), span } }, diagnostics)
}

#[cfg(test)]
mod tests;
