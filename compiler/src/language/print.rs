//! The canonical text of a syntax tree: what `bouton fmt` writes.
//!
//! One statement per line, two spaces of indentation, lines of at most 100 columns where an argument list or an array can
//! be broken; short blocks of projections and spikes stay on one line. Comments and single blank lines are kept.
//! `parse(print(x)) == x`, and printing what was printed changes nothing.

mod expression;
mod flow;
mod statement;

use super::ast::{Block, File, Item, Lead};
use flow::{Flow, WIDTH, columns};

/// The canonical text of `file`.
#[must_use]
pub fn print(file: &File) -> String {
    let mut printer = Printer { out: String::new(), indent: 0 };
    printer.items(&file.body);
    printer.out
}

/// What can stand in a block.
trait Statement {
    /// The statement as one line, unless it has a block.
    fn line(&self) -> Option<Flow>;

    /// Writes the statement from the indentation on, without a line's end.
    fn print(&self, printer: &mut Printer);
}

struct Printer {
    out: String,
    indent: usize,
}

impl Printer {
    fn items<T: Statement>(&mut self, block: &Block<T>) {
        for item in &block.items {
            self.item(item);
        }
        self.lead(&block.dangling);
    }

    fn item<T: Statement>(&mut self, item: &Item<T>) {
        self.lead(&item.lead);
        for line in &item.docs {
            self.start();
            self.out.push_str("///");
            if !line.is_empty() {
                self.out.push(' ');
                self.out.push_str(line);
            }
            self.out.push('\n');
        }
        self.start();
        item.node.print(self);
        if let Some(comment) = &item.trailing {
            self.out.push_str(" //");
            self.out.push_str(comment);
        }
        self.out.push('\n');
    }

    fn lead(&mut self, lead: &[Lead]) {
        for line in lead {
            if let Lead::Comment(text) = line {
                self.start();
                self.out.push_str("//");
                self.out.push_str(text);
            }
            self.out.push('\n');
        }
    }

    fn start(&mut self) {
        self.out.extend(std::iter::repeat_n(' ', self.indent));
    }

    /// A statement without a block.
    fn flow(&mut self, flow: &Flow) {
        let text = flow.render(self.indent, 0);
        self.out.push_str(&text);
    }

    /// `head { … }`, one statement per line.
    fn tall<T: Statement>(&mut self, head: &Flow, block: &Block<T>) {
        let text = head.render(self.indent, 2);
        self.out.push_str(&text);
        if block.is_empty() {
            self.out.push_str(" {}");
            return;
        }
        self.out.push_str(" {\n");
        self.indent += 2;
        self.items(block);
        self.indent -= 2;
        self.start();
        self.out.push('}');
    }

    /// `head { a; b }` on one line if that fits and there is no comment in it.
    fn short<T: Statement>(&mut self, head: &Flow, block: &Block<T>) {
        let line = inline(block).map(|body| format!("{} {{ {body} }}", head.flat()));
        match line {
            Some(line) if !block.is_empty() && self.indent + columns(&line) <= WIDTH => self.out.push_str(&line),
            _ => self.tall(head, block),
        }
    }

    /// Like `short`, but an empty block is left out.
    fn optional<T: Statement>(&mut self, head: &Flow, block: &Block<T>) {
        if block.is_empty() { self.flow(head) } else { self.short(head, block) }
    }
}

fn inline<T: Statement>(block: &Block<T>) -> Option<String> {
    let plain = |item: &Item<T>| item.lead.is_empty() && item.docs.is_empty() && item.trailing.is_none();
    if !block.dangling.is_empty() || !block.items.iter().all(plain) {
        return None;
    }
    let lines: Option<Vec<String>> = block.nodes().map(|node| Some(node.line()?.flat())).collect();
    Some(lines?.join("; "))
}

#[cfg(test)]
mod tests;
