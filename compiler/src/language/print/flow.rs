//! A statement's text with the places where its line may be broken.

/// Columns of a line.
pub(super) const WIDTH: usize = 100;

/// Width of `text` on the screen, as far as characters tell.
pub(super) fn columns(text: &str) -> usize {
    text.chars().count()
}

/// Pieces of text with a space or a line's end between them.
#[derive(Default)]
pub(super) struct Flow {
    done: Vec<(String, bool)>,
    last: String,
}

impl Flow {
    pub(super) fn new(text: impl Into<String>) -> Flow {
        Flow { done: Vec::new(), last: text.into() }
    }

    pub(super) fn push(&mut self, text: &str) -> &mut Flow {
        self.last.push_str(text);
        self
    }

    /// A space, where the line may be broken; where it must be, when `row` and the statement does not fit one line.
    pub(super) fn space(&mut self, row: bool) -> &mut Flow {
        self.done.push((std::mem::take(&mut self.last), row));
        self
    }

    /// Elements with commas between them.
    pub(super) fn list<T>(&mut self, list: &[T], row: bool, mut element: impl FnMut(&mut Flow, &T)) -> &mut Flow {
        for (i, one) in list.iter().enumerate() {
            if i > 0 {
                self.push(",").space(row);
            }
            element(self, one);
        }
        self
    }

    /// All of it on one line.
    pub(super) fn flat(&self) -> String {
        let mut out = String::new();
        for (text, _) in &self.done {
            out.push_str(text);
            out.push(' ');
        }
        out.push_str(&self.last);
        out
    }

    /// The text from column `indent` on; `extra` columns follow it on its last line.
    pub(super) fn render(&self, indent: usize, extra: usize) -> String {
        let flat = self.flat();
        if indent + columns(&flat) + extra <= WIDTH { flat } else { self.broken(indent, extra) }
    }

    fn broken(&self, indent: usize, extra: usize) -> String {
        let mut out = String::new();
        let (mut column, mut must) = (indent, false);
        let pieces = self.done.iter().map(|(text, row)| (text.as_str(), *row, 0)).chain([(self.last.as_str(), false, extra)]);
        for (i, (text, row, extra)) in pieces.enumerate() {
            let width = columns(text);
            if i > 0 && (must || column + 1 + width + extra > WIDTH) {
                out.push('\n');
                out.extend(std::iter::repeat_n(' ', indent + 4));
                column = indent + 4;
            } else if i > 0 {
                out.push(' ');
                column += 1;
            }
            out.push_str(text);
            column += width;
            must = row;
        }
        out
    }
}
