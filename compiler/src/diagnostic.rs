//! What the compiler tells its user: errors and warnings with a code, places, what was expected and a way out.
//!
//! Stages collect diagnostics and go on; nothing here prints. [`Diagnostics::render`] gives the text.

use crate::source::{SourceMap, Span};
use ariadne::{CharSet, Color, Config, IndexType, Label as Underline, Report, ReportKind};
use std::ops::Range;

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Severity {
    /// The circuit has no meaning; nothing is written.
    Error,
    /// A probable mistake; compilation goes on.
    Warning,
}

/// A part of the text that is underlined, with what to say under it (may be empty).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// What is underlined.
    pub span: Span,
    /// What is said there.
    pub text: String,
}

/// One error or warning.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// Stable code, `E0101`; the table is `docs/src/diagnostics.md`.
    pub code: &'static str,
    /// Error or warning.
    pub severity: Severity,
    /// What is wrong, in the user's terms; no capital, no full stop.
    pub message: String,
    /// The places; the first is the main one.
    pub labels: Vec<Label>,
    /// The way out.
    pub help: Option<String>,
    /// What else is worth knowing.
    pub note: Option<String>,
}

impl Diagnostic {
    /// An error at `span`.
    #[must_use]
    pub fn error(code: &'static str, message: impl Into<String>, span: Span) -> Self {
        Self::new(Severity::Error, code, message.into(), span)
    }

    /// A warning at `span`.
    #[must_use]
    pub fn warning(code: &'static str, message: impl Into<String>, span: Span) -> Self {
        Self::new(Severity::Warning, code, message.into(), span)
    }

    fn new(severity: Severity, code: &'static str, message: String, span: Span) -> Self {
        Diagnostic { code, severity, message, labels: vec![Label { span, text: String::new() }], help: None, note: None }
    }

    /// Says `text` under the main place.
    #[must_use]
    pub fn said(mut self, text: impl Into<String>) -> Self {
        if let Some(first) = self.labels.first_mut() {
            first.text = text.into();
        }
        self
    }

    /// Underlines another place.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Adds the way out.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Adds what else is worth knowing.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.note = Some(text.into());
        self
    }
}

/// The diagnostics of one compilation, in the order they were found.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Adds one, unless the same code already stands at the same place (an error's echo).
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let place = |d: &Diagnostic| d.labels.first().map(|l| l.span);
        if !self.list.iter().any(|d| d.code == diagnostic.code && place(d) == place(&diagnostic)) {
            self.list.push(diagnostic);
        }
    }

    /// Whether any of them is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|d| d.severity == Severity::Error)
    }

    /// Number of errors.
    #[must_use]
    pub fn error_count(&self) -> usize {
        self.list.iter().filter(|d| d.severity == Severity::Error).count()
    }

    /// All of them.
    #[must_use]
    pub fn as_slice(&self) -> &[Diagnostic] {
        &self.list
    }

    /// Adds all of `other`.
    pub fn append(&mut self, other: Diagnostics) {
        for diagnostic in other.list {
            self.push(diagnostic);
        }
    }

    /// The text for a person, sorted by place, with the source underlined; ANSI colours when `color`.
    #[must_use]
    pub fn render(&self, sources: &SourceMap, color: bool) -> String {
        let mut order: Vec<&Diagnostic> = self.list.iter().collect();
        order.sort_by_key(|d| d.labels.first().map(|l| l.span));
        let mut out = Vec::new();
        let mut cache = ariadne::sources(sources.iter().map(|(_, f)| (f.name.clone(), f.text.as_str())));
        for diagnostic in order {
            render_one(diagnostic, sources, color, &mut cache, &mut out);
        }
        let text = String::from_utf8_lossy(&out);
        text.lines().flat_map(|line| [line.trim_end(), "\n"]).collect()
    }
}

type Place = (String, Range<usize>);

fn render_one(
    diagnostic: &Diagnostic,
    sources: &SourceMap,
    color: bool,
    cache: &mut impl ariadne::Cache<String>,
    out: &mut Vec<u8>,
) {
    // Of a place of several lines the first is shown: it says where to look, and the others are noise.
    let place = |span: Span| -> Place {
        let file = sources.file(span.file);
        // A table that is no text is shown with its bad bytes replaced, and a place in it may fall into a character.
        let end = file.text.ceil_char_boundary(span.end as usize);
        let start = file.text.floor_char_boundary((span.start as usize).min(end));
        let line = file.text.get(start..end).and_then(|text| text.find(['\n', '\r'])).unwrap_or(end - start);
        // In characters: with bytes, ariadne looks for the first place of a second file in the wrong unit.
        let before = file.text[..start].chars().count();
        (file.name.clone(), before..before + file.text[start..start + line].chars().count())
    };
    let Some(main) = diagnostic.labels.first() else { return };
    let (kind, paint) = match diagnostic.severity {
        Severity::Error => (ReportKind::Error, Color::Red),
        Severity::Warning => (ReportKind::Warning, Color::Yellow),
    };
    let config = Config::default().with_color(color).with_char_set(CharSet::Unicode).with_index_type(IndexType::Char);
    let mut report =
        Report::build(kind, place(main.span)).with_code(diagnostic.code).with_config(config).with_message(&diagnostic.message);
    // In the order of the text, so that places near each other are drawn as one piece of it.
    let mut labels: Vec<(usize, &Label)> = diagnostic.labels.iter().enumerate().collect();
    labels.sort_by_key(|(_, label)| (label.span.file != main.span.file, label.span));
    for (i, label) in labels {
        let underline = Underline::new(place(label.span)).with_color(if i == 0 { paint } else { Color::Cyan });
        // A label without a message is not drawn at all.
        report = report.with_label(underline.with_message(if label.text.is_empty() { "here" } else { &label.text }));
    }
    if let Some(note) = &diagnostic.note {
        report = report.with_note(note);
    }
    if let Some(help) = &diagnostic.help {
        report = report.with_help(help);
    }
    // Writing to memory cannot fail, and a report that cannot be drawn must not hide the next one.
    let _ = report.finish().write(cache, &mut *out);
    out.push(b'\n');
}

/// The nearest of `names` to `typed`, if it is near enough to be what was meant.
#[must_use]
pub fn did_you_mean<'a>(typed: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = typed.chars().count();
    let limit = (length / 3).max(1);
    // One letter in place of one letter is no typing mistake but another name.
    let near = |distance: usize, name: &str| distance <= limit && (distance < length || name.eq_ignore_ascii_case(typed));
    names
        .into_iter()
        .map(|name| (edit_distance(typed, name), name))
        .filter(|(distance, name)| near(*distance, name))
        .min()
        .map(|(_, name)| name)
}

/// Damerau-Levenshtein distance with adjacent transpositions (optimal string alignment).
fn edit_distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let mut rows = vec![(0..=b.len()).collect::<Vec<_>>()];
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let change = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (row[j - 1] + 1).min(rows[i - 1][j] + 1).min(rows[i - 1][j - 1] + change);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(rows[i - 2][j - 2] + 1);
            }
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_within_a_character_is_shown() {
        let mut sources = SourceMap::default();
        let file = sources.add("table.csv", "tick,\u{fffd}\u{fffd}\n1,2\n");
        for (start, end) in [(6, 7), (0, 6), (7, 100), (90, 100)] {
            let mut diagnostics = Diagnostics::default();
            diagnostics.push(Diagnostic::error("E0508", "a bad row", Span { file, start, end }));
            assert!(diagnostics.render(&sources, false).contains("a bad row"), "{start}..{end}");
        }
    }

    #[test]
    fn a_second_file_may_hold_any_text() {
        let mut sources = SourceMap::default();
        let circuit = sources.add("a.circuit", "let τ = 1\n");
        let table = sources.add("b.csv", "# äöü \u{fffd}\u{fffd}\u{fffd}\ntick,ïndex\n1,x\n");
        let mut diagnostics = Diagnostics::default();
        let error = Diagnostic::error("E0508", "a bad row", Span { file: circuit, start: 4, end: 6 }).said("named here");
        diagnostics.push(error.label(Span { file: table, start: 31, end: 34 }, "no number"));
        let text = diagnostics.render(&sources, false);
        assert!(text.contains("a.circuit:1:5") && text.contains("b.csv:3:1"), "{text}");
    }

    #[test]
    fn suggests_only_what_is_near() {
        assert_eq!(did_you_mean("lif_epx", ["lif_exp", "adex"]), Some("lif_exp"));
        assert_eq!(did_you_mean("qwerty", ["lif_exp", "adex"]), None);
        assert_eq!((did_you_mean("e", ["c", "i"]), did_you_mean("v", ["V"])), (None, Some("V")));
    }
}
