//! What all statements share: blocks, comments, the end of a statement, going on after an error.

use super::cursor::{Parser, unclosed};
use super::lexical::Kind;
use super::{Failed, Parse};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::language::ast::{Block, Item, Lead};
use crate::source::Span;

/// The words that start a statement, with the place where each may stand.
pub(super) const KEYWORDS: &[(&str, &str)] = &[
    ("import", "at the top of a file"),
    ("circuit", "at the top level of a file"),
    ("neuron", "at the top level of a file"),
    ("synapse", "at the top level of a file"),
    ("fn", "at the top level of a file"),
    ("tick", "in a circuit"),
    ("population", "in a circuit"),
    ("project", "in a circuit"),
    ("instance", "in a circuit"),
    ("port", "in a circuit"),
    ("record", "in a circuit"),
    ("for", "in a circuit"),
    ("if", "in a circuit"),
    ("weight", "in the block of a projection or in a synapse"),
    ("delay", "in the block of a projection"),
    ("bits", "in the block of a projection"),
    ("learn", "in the block of a projection"),
    ("param", "at the top level of a neuron or synapse"),
    ("state", "at the top level of a neuron or synapse"),
    ("receptor", "at the top level of a neuron"),
    ("modulator", "at the top level of a neuron or synapse"),
    ("integrate", "at the top level of a neuron or synapse"),
    ("spike", "in a neuron"),
    ("emit", "in a neuron"),
    ("hold", "in a neuron"),
    ("refractory", "in the block of `spike when`"),
    ("update", "in a neuron"),
    ("on", "in a neuron, a synapse or the block of a projection"),
    ("let", "at the top level of a file, in a circuit, a neuron or a synapse"),
];

/// Whether a statement may start with `word`.
pub(super) fn is_keyword(word: &str) -> bool {
    KEYWORDS.iter().any(|(keyword, _)| *keyword == word)
}

/// Reads one statement.
pub(super) type Statement<'a, T> = fn(&mut Parser<'a>) -> Parse<T>;

impl<'a> Parser<'a> {
    /// `{ statements }`.
    pub(super) fn block<T>(&mut self, statement: Statement<'a, T>) -> Parse<Block<T>> {
        let open = self.here();
        if !self.accept("{") {
            return Err(self.expected("`{`", ""));
        }
        self.carry_comments(self.at.saturating_sub(1));
        let (brackets, carried) = (std::mem::take(&mut self.brackets), std::mem::take(&mut self.carried));
        let block = self.nested(|p| {
            let (items, dangling) = p.items(statement, false);
            if !p.accept("}") {
                let error = unclosed(open, "}");
                // The block is what it has: its statements were read well, and only its end is a guess.
                p.fail(if p.at_end() { error } else { error.label(p.here(), "a new definition starts here") });
            }
            Ok(Block { items, dangling, span: open.to(p.before()) })
        });
        (self.brackets, self.carried) = (brackets, carried);
        block
    }

    /// A block, or nothing.
    pub(super) fn optional_block<T>(&mut self, statement: Statement<'a, T>) -> Parse<Block<T>> {
        if self.is("{") {
            return self.block(statement);
        }
        let end = self.before();
        Ok(Block { items: Vec::new(), dangling: Vec::new(), span: Span { start: end.end, ..end } })
    }

    /// Statements up to `}` or the end of the file, and the comments after the last.
    pub(super) fn items<T>(&mut self, statement: Statement<'a, T>, top: bool) -> (Vec<Item<T>>, Vec<Lead>) {
        let mut items = Vec::new();
        while !self.at_end() && !self.is_full() {
            if self.accept(";") || (top && self.stray_brace()) {
                continue;
            }
            if self.is("}") || (!top && self.starts_definition()) {
                break;
            }
            if let Ok(item) = self.item(statement, items.is_empty()) {
                items.push(item);
            }
        }
        let (mut dangling, docs) = self.lead(items.is_empty());
        if let Some((span, text)) = docs {
            let warning = Diagnostic::warning("W0011", "this documentation has no definition below it", span);
            self.warn(warning.help("write `//` for a comment, or move it above what it describes"));
            dangling.extend(text.into_iter().map(|line| Lead::Comment(format!(" {line}").trim_end().to_string())));
        }
        if dangling.last() == Some(&Lead::Blank) {
            dangling.pop();
        }
        (items, dangling)
    }

    fn stray_brace(&mut self) -> bool {
        if !self.is("}") {
            return false;
        }
        self.fail(
            Diagnostic::error("E0004", "expected a definition, found `}`", self.here())
                .said("nothing is open here")
                .help("remove it, or look for a `{` that is missing above"),
        );
        self.advance();
        true
    }

    /// Whether a definition of the top level starts here, although a block is still open.
    fn starts_definition(&self) -> bool {
        let head = matches!(self.word_ahead(0), Some("circuit" | "neuron" | "synapse")) && self.word_ahead(1).is_some();
        head && self.peek().margin && matches!(self.symbol_ahead(2), Some("{" | "("))
    }

    fn item<T>(&mut self, statement: Statement<'a, T>, first: bool) -> Parse<Item<T>> {
        let (mut lead, docs) = self.lead(first);
        let (start, at, nesting) = (self.here(), self.at, self.nesting);
        let carried = std::mem::take(&mut self.carried);
        let node = statement(self);
        if node.is_err() {
            (self.brackets, self.nesting) = (0, nesting);
            self.recover(at);
        }
        let span = start.to(self.before());
        self.finish(at);
        self.carry_comments(self.at.saturating_sub(1));
        lead.extend(std::mem::replace(&mut self.carried, carried).into_iter().map(Lead::Comment));
        let trailing = self.trailing();
        Ok(Item { lead, docs: docs.map_or_else(Vec::new, |(_, text)| text), node: node?, trailing, span })
    }

    /// Takes the end of a statement that began at token `start`, and reports what else stands on its line.
    fn finish(&mut self, start: usize) {
        if self.accept(";") || self.previous_is("}") || self.is("}") || self.at_end() || self.peek().newline {
            return;
        }
        let found = self.found();
        let error = Diagnostic::error("E0010", format!("expected the end of the statement, found {found}"), self.here());
        let help = match self.word_ahead(0) {
            Some(word) if is_keyword(word) => "statements on one line are separated by `;`",
            _ => "a statement ends at the end of its line; an operator at a line's end or an open bracket continues it",
        };
        if self.peek().kind != Kind::Bad {
            self.fail(error.said("this does not belong to it").help(help));
        }
        self.recover(start);
        self.accept(";");
    }

    /// Skips the rest of the statement that began at token `start`.
    fn recover(&mut self, start: usize) {
        let failed_at = std::mem::replace(&mut self.at, start);
        let (mut round, mut curly) = (0_i32, 0_i32);
        loop {
            let boundary = self.at > start && curly == 0 && self.is_boundary(round);
            if self.at_end() || (self.at >= failed_at && boundary) {
                return;
            }
            match self.symbol_ahead(0) {
                Some("(" | "[") => round += 1,
                Some(")" | "]") => round -= 1,
                Some("{") => (curly, round) = (curly + 1, 0),
                Some("}") if curly == 0 && self.at >= failed_at => return,
                Some("}") => curly = (curly - 1).max(0),
                _ => {}
            }
            self.advance();
            if curly == 0 && self.at >= failed_at && self.previous_is("}") {
                return;
            }
        }
    }

    /// Whether a statement can start or end here, with `round` brackets open since the one that failed.
    fn is_boundary(&self, round: i32) -> bool {
        match self.peek().kind {
            Kind::Symbol(";") => round <= 0,
            _ if !self.peek().newline => false,
            Kind::Word(word) if is_keyword(word) => self.symbol_ahead(1) != Some("="),
            _ => round <= 0,
        }
    }

    /// Comments and blank lines before the next token, and its documentation with its place.
    fn lead(&mut self, first: bool) -> (Vec<Lead>, Option<(Span, Vec<String>)>) {
        let mut lead = Vec::new();
        let mut docs: Option<(Span, Vec<String>)> = None;
        let blank = |lead: &mut Vec<Lead>| {
            if lead.last() != Some(&Lead::Blank) && !(first && lead.is_empty()) {
                lead.push(Lead::Blank);
            }
        };
        while let Some(comment) = self.comments.get(self.next_comment).filter(|c| c.token <= self.at) {
            if comment.blank && docs.is_none() {
                blank(&mut lead);
            }
            match (&mut docs, comment.doc) {
                (Some((_, lines)), true) => lines.push(comment.text.to_string()),
                (none, true) => *none = Some((comment.span, vec![comment.text.to_string()])),
                (_, false) => lead.push(Lead::Comment(comment.text.to_string())),
            }
            self.next_comment += 1;
        }
        if self.peek().blank && docs.is_none() {
            blank(&mut lead);
        }
        (lead, docs)
    }

    /// Keeps the comments up to token `last` for the statement that is being read.
    fn carry_comments(&mut self, last: usize) {
        while let Some(comment) = self.comments.get(self.next_comment).filter(|c| c.token <= last) {
            let space = if comment.doc { " " } else { "" };
            self.carried.push(format!("{space}{}", comment.text).trim_end().to_string());
            self.next_comment += 1;
        }
    }

    fn trailing(&mut self) -> Option<String> {
        let comment = self.comments.get(self.next_comment).filter(|c| c.token == self.at && !c.own_line)?;
        self.next_comment += 1;
        Some(comment.text.to_string())
    }

    /// Reports a statement that starts with a word which none of `known` is, in `place` ("a circuit").
    pub(super) fn unknown_statement(&mut self, place: &str, known: &[&'static str]) -> Failed {
        let Some(word) = self.word_ahead(0) else {
            return self.expected("a statement", "");
        };
        let span = self.here();
        if let Some((_, home)) = KEYWORDS.iter().find(|(keyword, _)| *keyword == word && !known.contains(keyword)) {
            let error = Diagnostic::error("E0009", format!("`{word}` does not belong in {place}"), span);
            let top = if home.contains("of a file") && place != "a file" { "; if it does, a `}` is missing above" } else { "" };
            return self.fail(error.said("not here").help(format!("it stands {home}{top}")));
        }
        let error = Diagnostic::error("E0005", format!("`{word}` starts no statement of {place}"), span).said("unknown");
        let help = match did_you_mean(word, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("{place} has {}", known.join(", ")),
        };
        self.fail(error.help(help))
    }
}
