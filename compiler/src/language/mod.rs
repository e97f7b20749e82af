//! The circuit language: text to syntax tree and back. Knows no meaning: names are not resolved here.

pub mod ast;
