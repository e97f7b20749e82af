//! Text to tokens and comments.

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};
use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while1};
use nom::character::complete::{anychar, char, digit1, one_of, satisfy};
use nom::combinator::{map_opt, opt, recognize, value};
use nom::{IResult, Parser as _};

/// What a token is.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Kind<'a> {
    /// A name or keyword.
    Word(&'a str),
    /// A number, with its text.
    Number(f64, &'a str),
    /// A string, escapes resolved.
    Text(String),
    /// An operator or bracket.
    Symbol(&'static str),
    /// Something that was already reported.
    Bad,
    /// The end of the file.
    End,
}

/// A token and what stands before it.
#[derive(Clone, Debug)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind<'a>,
    pub(super) span: Span,
    /// It is the first on its line.
    pub(super) newline: bool,
    /// It stands at the left margin, where definitions of the top level stand.
    pub(super) margin: bool,
    /// The line above it is empty.
    pub(super) blank: bool,
}

/// A comment.
#[derive(Clone, Debug)]
pub(super) struct Comment<'a> {
    pub(super) text: &'a str,
    pub(super) span: Span,
    /// Index of the token after it.
    pub(super) token: usize,
    /// It is a `///` on a line of its own.
    pub(super) doc: bool,
    /// Nothing stands before it on its line.
    pub(super) own_line: bool,
    /// The line above it is empty.
    pub(super) blank: bool,
}

/// Everything in a file.
#[derive(Default)]
pub(super) struct Tokens<'a> {
    /// Ends with [`Kind::End`].
    pub(super) tokens: Vec<Token<'a>>,
    pub(super) comments: Vec<Comment<'a>>,
    pub(super) errors: Vec<Diagnostic>,
}

/// The symbols of one character.
const SINGLE: [&str; 19] = ["(", ")", "[", "]", "{", "}", ",", ";", ":", ".", "=", "<", ">", "+", "-", "*", "/", "%", "^"];

/// Cuts `text` into tokens.
pub(super) fn tokens(file: FileId, text: &str) -> Tokens<'_> {
    let mut lexer = Lexer { file, text, rest: text, lines: 1, out: Tokens::default() };
    while lexer.step() {}
    lexer.out
}

struct Lexer<'a> {
    file: FileId,
    text: &'a str,
    rest: &'a str,
    /// Line ends since the last token or comment; one at the start of the file.
    lines: usize,
    out: Tokens<'a>,
}

impl<'a> Lexer<'a> {
    /// Reads one token or comment; false after the end.
    fn step(&mut self) -> bool {
        self.space();
        let before = self.rest;
        let Some(first) = before.chars().next() else {
            self.push(Kind::End, before);
            return false;
        };
        if before.starts_with("//") {
            self.comment();
        } else if let Ok((rest, word)) = word(before) {
            self.take(Kind::Word(word), rest);
        } else if first.is_ascii_digit() {
            self.number();
        } else if first == '"' {
            self.string();
        } else if let Ok((rest, symbol)) = symbol(before) {
            self.take(Kind::Symbol(symbol), rest);
        } else {
            self.unknown();
        }
        true
    }

    fn space(&mut self) {
        let blank = |c: char| c.is_whitespace() || c == '\u{feff}';
        let end = self.rest.find(|c| !blank(c)).unwrap_or(self.rest.len());
        let (space, rest) = self.rest.split_at(end);
        self.lines += space.matches('\n').count();
        self.rest = rest;
    }

    /// The span from the start of `before` to the start of what is left.
    fn span(&self, before: &str) -> Span {
        let at = |rest: &str| (self.text.len() - rest.len()) as u32;
        Span { file: self.file, start: at(before), end: at(self.rest) }
    }

    fn take(&mut self, kind: Kind<'a>, rest: &'a str) {
        let before = self.rest;
        self.rest = rest;
        self.push(kind, before);
    }

    fn push(&mut self, kind: Kind<'a>, before: &str) {
        let span = self.span(before);
        let margin = self.text.get(..span.start as usize).is_some_and(|above| above.is_empty() || above.ends_with('\n'));
        self.out.tokens.push(Token { kind, span, newline: self.lines > 0, margin, blank: self.lines > 1 });
        self.lines = 0;
    }

    fn comment(&mut self) {
        let before = self.rest;
        let end = before.find('\n').unwrap_or(before.len());
        let (comment, rest) = before.split_at(end);
        self.rest = rest;
        let own_line = self.lines > 0;
        let slashes = comment.len() - comment.trim_start_matches('/').len();
        let text = comment.get(if slashes == 3 { 3 } else { 2 }..).unwrap_or("").trim_end();
        let (doc, blank, token) = (slashes == 3 && own_line, self.lines > 1, self.out.tokens.len());
        let text = if doc { text.strip_prefix(' ').unwrap_or(text) } else { text };
        self.out.comments.push(Comment { text, span: self.span(before), token, doc, own_line, blank });
        self.lines = 0;
    }

    fn number(&mut self) {
        let before = self.rest;
        let (rest, text) = number(before).unwrap_or(("", before));
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => self.take(Kind::Number(value, text), rest),
            _ => {
                self.take(Kind::Bad, rest);
                self.error("E0003", "this number is too large", before, "the largest is about 1.8e308");
            }
        }
    }

    fn string(&mut self) {
        let before = self.rest;
        let body = before.get(1..).unwrap_or("");
        let mut value = String::new();
        let mut chars = body.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => return self.take(Kind::Text(value), body.get(at + 1..).unwrap_or("")),
                '\n' => break,
                '\\' => match chars.next().and_then(|(_, c)| escape(c)) {
                    Some(c) => value.push(c),
                    None => return self.bad_escape(body.get(at..).unwrap_or("")),
                },
                c => value.push(c),
            }
        }
        let end = before.find('\n').unwrap_or(before.len());
        self.take(Kind::Bad, before.get(end..).unwrap_or(""));
        self.error("E0002", "this string is never closed", before, "end it with `\"` on the same line");
    }

    /// `at` is the text from the backslash on.
    fn bad_escape(&mut self, at: &'a str) {
        let end = at.find('\n').unwrap_or(at.len());
        let (line, rest) = at.split_at(end);
        let after = line.rfind('"').and_then(|quote| at.get(quote + 1..)).unwrap_or(rest);
        self.take(Kind::Bad, after);
        let width = at.chars().take(2).map(char::len_utf8).sum::<usize>();
        let mut span = self.span(at);
        span.end = span.end.min(span.start + width as u32);
        let error = Diagnostic::error("E0014", "this escape is not known", span);
        self.out.errors.push(
            error.help("write `/` between the folders of a path; known escapes are `\\\\`, `\\\"`, `\\n`, `\\r` and `\\t`"),
        );
    }

    fn unknown(&mut self) {
        let before = self.rest;
        let known =
            |c: char| c.is_whitespace() || c.is_alphanumeric() || "_\"".contains(c) || symbol(c.encode_utf8(&mut [0; 4])).is_ok();
        // The first is taken in any case: digits of other scripts look known here and are none.
        let first = before.chars().next().map_or(0, char::len_utf8);
        let end = before.get(first..).and_then(|rest| rest.find(known)).map_or(before.len(), |at| first + at);
        let (bad, rest) = before.split_at(end);
        self.take(Kind::Bad, rest);
        let help = match bad {
            "!" => "write `not`",
            "&&" | "&" => "write `and`",
            "||" | "|" => "write `or`",
            "#" => "comments start with `//`",
            "'" => "strings stand between `\"`",
            "…" => "dots stand for something left out; write it in full",
            _ => "remove it, or put it between `\"` if it is part of a text",
        };
        self.error("E0001", "this character has no meaning here", before, help);
    }

    fn error(&mut self, code: &'static str, message: &str, before: &str, help: &str) {
        let error = Diagnostic::error(code, message, self.span(before)).help(help);
        self.out.errors.push(error);
    }
}

fn word(input: &str) -> IResult<&str, &str> {
    let start = satisfy(|c| c.is_alphabetic() || c == '_');
    recognize((start, take_while(|c: char| c.is_alphanumeric() || c == '_'))).parse(input)
}

fn number(input: &str) -> IResult<&str, &str> {
    let fraction = (char('.'), digit1);
    let exponent = (one_of("eE"), opt(one_of("+-")), digit1);
    recognize((take_while1(|c: char| c.is_ascii_digit()), opt(fraction), opt(exponent))).parse(input)
}

fn symbol(input: &str) -> IResult<&str, &'static str> {
    let pairs = alt((
        value("->", tag("->")),
        value("<-", tag("<-")),
        value("..", tag("..")),
        value("+=", tag("+=")),
        value("-=", tag("-=")),
        value("*=", tag("*=")),
        value("/=", tag("/=")),
        value("==", tag("==")),
        value("!=", tag("!=")),
        value("<=", tag("<=")),
        value(">=", tag(">=")),
    ));
    let single = map_opt(anychar, |c| SINGLE.into_iter().find(|s| s.starts_with(c)));
    alt((pairs, single)).parse(input)
}

fn escape(c: char) -> Option<char> {
    Some(match c {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        '\\' | '"' => c,
        _ => return None,
    })
}
