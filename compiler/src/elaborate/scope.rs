//! Names that are visible at a place.

use super::value::Value;
use crate::source::Span;
use std::collections::BTreeMap;

/// A name with its value and the place that made it.
#[derive(Clone, Debug)]
pub(super) struct Bound<'a> {
    /// What it stands for.
    pub value: Value<'a>,
    /// Where it was made; `None` for what the language makes (`index`).
    pub span: Option<Span>,
}

/// The names of one circuit or function body; blocks nest.
#[derive(Clone, Debug)]
pub(super) struct Scope<'a> {
    /// The file whose definitions stand behind the names here.
    pub file: usize,
    blocks: Vec<BTreeMap<String, Bound<'a>>>,
}

impl<'a> Scope<'a> {
    /// No names but those of the file.
    pub fn new(file: usize) -> Self {
        Scope { file, blocks: vec![BTreeMap::new()] }
    }

    /// Begins a block.
    pub fn enter(&mut self) {
        self.blocks.push(BTreeMap::new());
    }

    /// Ends it: its names are gone.
    pub fn leave(&mut self) {
        self.blocks.pop();
    }

    /// Makes a name in the innermost block; gives the one of that name that was there before.
    pub fn bind(&mut self, name: &str, value: Value<'a>, span: Option<Span>) -> Option<Bound<'a>> {
        self.blocks.last_mut()?.insert(name.to_string(), Bound { value, span })
    }

    /// What a name stands for, innermost first.
    pub fn get(&self, name: &str) -> Option<&Bound<'a>> {
        self.blocks.iter().rev().find_map(|block| block.get(name))
    }

    /// All names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.blocks.iter().flat_map(|block| block.keys().map(String::as_str))
    }

    /// The names of the outermost block with their values.
    pub fn outermost(&self) -> impl Iterator<Item = (&String, &Bound<'a>)> {
        self.blocks.first().into_iter().flatten()
    }
}
