//! The place in the tokens, what may stand there, and the errors when it does not.

use super::lexical::{Comment, Kind, Token, Tokens};
use super::{Failed, MAX_ERRORS, MAX_NESTING, Parse};
use crate::diagnostic::{Diagnostic, Diagnostics, did_you_mean};
use crate::language::ast::{Ident, Text};
use crate::language::{RESERVED, is_reserved};
use crate::source::{FileId, Span};

/// The state of reading one file.
pub(super) struct Parser<'a> {
    pub(super) file: FileId,
    tokens: Vec<Token<'a>>,
    end: Token<'a>,
    /// Index of the token that comes next.
    pub(super) at: usize,
    pub(super) comments: Vec<Comment<'a>>,
    /// Index of the first comment that is in no item yet.
    pub(super) next_comment: usize,
    /// Comments from the head of the statement that is being read.
    pub(super) carried: Vec<String>,
    /// Open `(` and `[`: inside them a line's end is white space.
    pub(super) brackets: u32,
    pub(super) nesting: u32,
    diagnostics: Diagnostics,
    errors: usize,
    warnings: usize,
}

impl<'a> Parser<'a> {
    pub(super) fn new(input: Tokens<'a>, file: FileId) -> Self {
        let span = Span { file, start: 0, end: 0 };
        let end =
            input.tokens.last().cloned().unwrap_or(Token { kind: Kind::End, span, newline: true, margin: true, blank: false });
        let mut diagnostics = Diagnostics::default();
        let errors = input.errors.len();
        input.errors.into_iter().take(MAX_ERRORS).for_each(|error| diagnostics.push(error));
        Parser {
            file,
            tokens: input.tokens,
            end,
            at: 0,
            comments: input.comments,
            next_comment: 0,
            carried: Vec::new(),
            brackets: 0,
            nesting: 0,
            diagnostics,
            errors,
            warnings: 0,
        }
    }

    pub(super) fn into_diagnostics(self) -> Diagnostics {
        self.diagnostics
    }

    /// The token `ahead` of the next.
    pub(super) fn ahead(&self, ahead: usize) -> &Token<'a> {
        self.tokens.get(self.at + ahead).unwrap_or(&self.end)
    }

    pub(super) fn peek(&self) -> &Token<'a> {
        self.ahead(0)
    }

    /// Where the next token stands.
    pub(super) fn here(&self) -> Span {
        self.peek().span
    }

    /// Where the last token stands.
    pub(super) fn before(&self) -> Span {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(self.end.span, |t| t.span)
    }

    fn previous(&self) -> Option<&Kind<'a>> {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map(|token| &token.kind)
    }

    pub(super) fn previous_is(&self, symbol: &str) -> bool {
        matches!(self.previous(), Some(Kind::Symbol(last)) if *last == symbol)
    }

    /// Whether the last token cannot end a line: an operator.
    pub(super) fn is_continued(&self) -> bool {
        match self.previous() {
            Some(Kind::Symbol(symbol)) => !matches!(*symbol, "}" | "]" | ")" | ";"),
            Some(Kind::Word(word)) => matches!(*word, "and" | "or" | "not" | "if" | "then" | "else" | "within"),
            _ => false,
        }
    }

    pub(super) fn at_end(&self) -> bool {
        self.peek().kind == Kind::End
    }

    pub(super) fn advance(&mut self) {
        if self.at < self.tokens.len() {
            self.at += 1;
        }
    }

    /// Whether the next token may go on with the statement: it is on the same line or inside brackets.
    pub(super) fn goes_on(&self) -> bool {
        self.brackets > 0 || !self.peek().newline
    }

    pub(super) fn symbol_ahead(&self, ahead: usize) -> Option<&'static str> {
        match self.ahead(ahead).kind {
            Kind::Symbol(symbol) => Some(symbol),
            _ => None,
        }
    }

    pub(super) fn word_ahead(&self, ahead: usize) -> Option<&'a str> {
        match self.ahead(ahead).kind {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    pub(super) fn is(&self, symbol: &str) -> bool {
        self.symbol_ahead(0) == Some(symbol)
    }

    /// Whether the next token is the word, on this line.
    pub(super) fn is_word(&self, word: &str) -> bool {
        self.goes_on() && self.word_ahead(0) == Some(word)
    }

    /// Takes the symbol if it is next, on whatever line.
    pub(super) fn accept(&mut self, symbol: &str) -> bool {
        let found = self.is(symbol);
        if found {
            self.advance();
        }
        found
    }

    /// Takes the symbol if it is next and the statement goes on.
    pub(super) fn accept_here(&mut self, symbol: &str) -> bool {
        self.goes_on() && self.accept(symbol)
    }

    /// Takes the word if it is next and the statement goes on.
    pub(super) fn accept_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.advance();
        }
        found
    }

    /// The symbol, or an error that says what it was for.
    pub(super) fn expect(&mut self, symbol: &str, purpose: &str) -> Parse<Span> {
        self.expect_with_help(symbol, purpose, "")
    }

    /// The symbol, or an error with a way out.
    pub(super) fn expect_with_help(&mut self, symbol: &str, purpose: &str, help: &str) -> Parse<Span> {
        let span = self.here();
        if self.accept_here(symbol) { Ok(span) } else { Err(self.expected(&format!("`{symbol}` {purpose}"), help)) }
    }

    /// The word, which may stand on the next line, or an error.
    pub(super) fn expect_word(&mut self, word: &str, help: &str) -> Parse<()> {
        if self.word_ahead(0) == Some(word) {
            self.advance();
            return Ok(());
        }
        Err(self.expected(&format!("`{word}`"), help))
    }

    /// A name, as `what` of something.
    pub(super) fn name(&mut self, what: &str) -> Parse<Ident> {
        let span = self.here();
        match self.word_ahead(0) {
            Some(word) if self.goes_on() && !is_reserved(word) => {
                self.advance();
                Ok(Ident { text: word.to_string(), span })
            }
            Some(word) if self.goes_on() => Err(self.fail(
                Diagnostic::error("E0015", format!("`{word}` cannot be a name"), span)
                    .said(format!("expected {what}"))
                    .help(format!("choose another; the language keeps {} for itself", RESERVED.join(", "))),
            )),
            _ => Err(self.expected(what, "")),
        }
    }

    /// A name that may stand on the next line: after an operator or a comma.
    pub(super) fn name_below(&mut self, what: &str) -> Parse<Ident> {
        self.brackets += 1;
        let name = self.name(what);
        self.brackets -= 1;
        name
    }

    /// A name after a dot, where keywords have no meaning.
    pub(super) fn field(&mut self) -> Parse<Ident> {
        let span = self.here();
        let Some(word) = self.word_ahead(0).filter(|_| self.goes_on()) else {
            return Err(self.expected("a name after the dot", ""));
        };
        self.advance();
        Ok(Ident { text: word.to_string(), span })
    }

    /// A string, as `what` of something.
    pub(super) fn text(&mut self, what: &str) -> Parse<Text> {
        let token = self.peek().clone();
        let Kind::Text(value) = token.kind else {
            return Err(self.expected(&format!("{what} between `\"`"), ""));
        };
        self.advance();
        Ok(Text { value, span: token.span })
    }

    /// Runs `inner` one level deeper, or fails when that is too deep.
    pub(super) fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        if self.nesting >= MAX_NESTING {
            let error = Diagnostic::error("E0007", format!("this is nested more than {MAX_NESTING} levels deep"), self.here());
            return Err(self.fail(error.help("name a part of it with `let`, or move it to a circuit of its own")));
        }
        self.nesting += 1;
        let result = inner(self);
        self.nesting -= 1;
        result
    }

    /// Reads elements up to `close`; the opening bracket was just taken. A comma after the last is allowed.
    pub(super) fn list<T>(&mut self, close: &'static str, element: fn(&mut Self) -> Parse<T>) -> Parse<Vec<T>> {
        let open = self.before();
        self.brackets += 1;
        let mut list = Vec::new();
        while !self.is(close) {
            list.push(self.nested(element)?);
            if !self.accept(",") {
                break;
            }
        }
        self.close(open, close, "`,` or ")?;
        Ok(list)
    }

    /// Takes the closing bracket of `open`.
    pub(super) fn close(&mut self, open: Span, close: &str, or: &str) -> Parse<()> {
        if self.accept(close) {
            self.brackets -= 1;
            return Ok(());
        }
        let token = self.peek();
        if token.newline || matches!(token.kind, Kind::Symbol("}" | ";") | Kind::End) {
            let error = unclosed(open, close);
            let listed = !or.is_empty() && matches!(token.kind, Kind::Word(_) | Kind::Number(..));
            let here = self.here();
            return Err(self.fail(if listed { error.label(here, format!("expected {or}`{close}` before this")) } else { error }));
        }
        Err(self.expected(&format!("{or}`{close}`"), ""))
    }

    /// Reports that something else was expected than what is next.
    pub(super) fn expected(&mut self, what: &str, help: &str) -> Failed {
        if self.peek().kind == Kind::Bad {
            return Failed;
        }
        let at_line_end = !self.goes_on();
        let span = if at_line_end { self.before() } else { self.here() };
        let found = if at_line_end && !self.at_end() { "the end of the line".to_string() } else { self.found() };
        let said = if at_line_end { "it should follow here" } else { "unexpected" };
        let error = Diagnostic::error("E0004", format!("expected {what}, found {found}"), span).said(said);
        self.fail(if help.is_empty() { error } else { error.help(help) })
    }

    /// Reports a word that is none of `known`.
    pub(super) fn unknown_word(&mut self, code: &'static str, what: &str, known: &[&'static str]) -> Failed {
        let Some(word) = self.word_ahead(0).filter(|_| self.goes_on()) else {
            return self.expected(&format!("{what}: {}", known.join(", ")), "");
        };
        let error = Diagnostic::error(code, format!("`{word}` is not {what}"), self.here());
        let help = match did_you_mean(word, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known are {}", known.join(", ")),
        };
        self.fail(error.said("not known here").help(help))
    }

    /// Reports an error.
    pub(super) fn fail(&mut self, error: Diagnostic) -> Failed {
        if !self.is_full() {
            self.diagnostics.push(error);
            self.errors += 1;
        }
        Failed
    }

    /// Reports a warning; reading goes on.
    pub(super) fn warn(&mut self, warning: Diagnostic) {
        if self.warnings < MAX_ERRORS {
            self.diagnostics.push(warning);
            self.warnings += 1;
        }
    }

    /// Whether so much is wrong that reading on helps nobody.
    pub(super) fn is_full(&self) -> bool {
        self.errors >= MAX_ERRORS
    }

    /// The next token in words.
    pub(super) fn found(&self) -> String {
        match &self.peek().kind {
            Kind::Word(text) | Kind::Number(_, text) if text.chars().count() <= 40 => format!("`{text}`"),
            Kind::Word(_) => "a long name".to_string(),
            Kind::Number(..) => "a long number".to_string(),
            Kind::Text(_) => "a string".to_string(),
            Kind::Symbol(symbol) => format!("`{symbol}`"),
            Kind::Bad => "something else".to_string(),
            Kind::End => "the end of the file".to_string(),
        }
    }
}

/// The error for a bracket without its partner.
pub(super) fn unclosed(open: Span, close: &str) -> Diagnostic {
    Diagnostic::error("E0006", format!("this bracket is never closed: `{close}` is missing"), open)
        .said("opened here")
        .help(format!("add `{close}` where it ends"))
}
