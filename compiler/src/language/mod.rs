//! The circuit language: text to syntax tree and back. Knows no meaning: names are not resolved here.

pub mod ast;
pub mod parse;
mod precedence;
pub mod print;

pub use parse::parse;
pub use print::print;

/// The errors of this stage: stable code and title.
pub const CODES: &[(&str, &str)] = &[
    ("E0001", "a character that has no meaning"),
    ("E0002", "a string that is never closed"),
    ("E0003", "a number that is too large"),
    ("E0004", "something else was expected"),
    ("E0005", "an unknown statement"),
    ("E0006", "a bracket that is never closed"),
    ("E0007", "nesting that is too deep"),
    ("E0008", "a chain of comparisons"),
    ("E0009", "a statement in the wrong place"),
    ("E0010", "something after the end of a statement"),
    ("E0012", "an unknown word where only certain words may stand"),
    ("E0013", "a file that is too large"),
    ("E0014", "an unknown escape in a string"),
    ("E0015", "a word of the language where a name should stand"),
    ("E0016", "a fixed-point format that is none"),
    ("E0017", "the same thing said twice"),
    ("E0018", "an unknown unit"),
    ("E0019", "an expression that is too long"),
    ("W0011", "stray-documentation"),
];

/// Words that cannot be names.
pub const RESERVED: &[&str] = &["and", "else", "false", "for", "if", "in", "let", "not", "or", "then", "true", "when", "within"];

/// Whether `word` cannot be a name.
#[must_use]
pub fn is_reserved(word: &str) -> bool {
    RESERVED.contains(&word)
}
