//! Expressions, by the table of precedences.

use super::cursor::Parser;
use super::lexical::Kind;
use super::{MAX_HEIGHT, Parse};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::language::ast::{
    Arg, BinaryOp, Binding, Call, Expr, ExprKind, Ident, Interval, Path, Step, StepKind, Subscript, Text, UnaryOp,
};
use crate::language::precedence;
use crate::source::Span;
use crate::units;

/// An expression and its height, which is bounded so that later stages may walk it recursively.
struct Tree {
    expr: Expr,
    height: u32,
}

/// Words that may follow an operand; after a number they are no unit.
const AFTER_OPERAND: [&str; 10] = ["and", "or", "then", "else", "within", "when", "every", "delay", "for", "in"];

fn leaf(kind: ExprKind, span: Span) -> Tree {
    Tree { expr: Expr { kind, span }, height: 1 }
}

impl<'a> Parser<'a> {
    /// Any expression.
    pub(super) fn expr(&mut self) -> Parse<Expr> {
        Ok(self.level(precedence::IF)?.expr)
    }

    /// `low .. high` as bounds.
    pub(super) fn interval(&mut self) -> Parse<Interval> {
        Ok(self.bounds()?.0)
    }

    fn bounds(&mut self) -> Parse<(Interval, u32)> {
        let low = self.level(precedence::SUM)?;
        self.expect("..", "and an upper end")?;
        let high = self.level(precedence::SUM)?;
        let span = low.expr.span.to(high.expr.span);
        Ok((Interval { low: low.expr, high: high.expr, span }, low.height.max(high.height)))
    }

    /// An expression whose operators all bind at least as strongly as `min`.
    fn level(&mut self, min: u8) -> Parse<Tree> {
        let mut left = self.prefix()?;
        while self.goes_on() {
            left = match self.binary_op() {
                Some(op) if precedence::of_binary(op) >= min => self.binary(left, op)?,
                _ if min <= precedence::RANGE && self.accept("..") => {
                    let right = self.level(precedence::WITHIN)?;
                    return self.join(left, right, |low, high| ExprKind::Range { low, high });
                }
                _ if min <= precedence::WITHIN && self.accept_word("within") => return self.within(left, min),
                _ => break,
            };
        }
        Ok(left)
    }

    fn binary_op(&mut self) -> Option<BinaryOp> {
        Some(match &self.peek().kind {
            Kind::Word("or") => BinaryOp::Or,
            Kind::Word("and") => BinaryOp::And,
            Kind::Symbol(symbol) => match *symbol {
                "==" => BinaryOp::Equal,
                "!=" => BinaryOp::NotEqual,
                "<" => BinaryOp::Less,
                "<=" => BinaryOp::LessEqual,
                ">" => BinaryOp::Greater,
                ">=" => BinaryOp::GreaterEqual,
                "+" => BinaryOp::Add,
                "-" => BinaryOp::Sub,
                "*" => BinaryOp::Mul,
                "/" => BinaryOp::Div,
                "%" => BinaryOp::Rem,
                "^" => BinaryOp::Power,
                _ => return None,
            },
            _ => return None,
        })
    }

    fn binary(&mut self, left: Tree, op: BinaryOp) -> Parse<Tree> {
        self.advance();
        let (_, min) = precedence::operands(op);
        let right = if op == BinaryOp::Power { self.nested(|p| p.level(min))? } else { self.level(min)? };
        if op.is_comparison() && self.goes_on() && self.binary_op().is_some_and(BinaryOp::is_comparison) {
            let error = Diagnostic::error("E0008", "comparisons do not chain", self.here()).said("a second comparison");
            return Err(self.fail(error.help("write `a < b and b < c`")));
        }
        self.join(left, right, |left, right| ExprKind::Binary { op, left, right })
    }

    fn within(&mut self, value: Tree, min: u8) -> Parse<Tree> {
        let (bounds, height) = self.bounds()?;
        let span = value.expr.span.to(bounds.span);
        let height = value.height.max(height) + 1;
        let (value, bounds) = (Box::new(value.expr), Box::new(bounds));
        let tree = Tree { expr: Expr { kind: ExprKind::Within { value, bounds }, span }, height };
        if min <= precedence::RANGE && self.goes_on() && self.accept("..") {
            let right = self.level(precedence::WITHIN)?;
            return self.join(tree, right, |low, high| ExprKind::Range { low, high });
        }
        Ok(tree)
    }

    fn join(&mut self, left: Tree, right: Tree, make: impl FnOnce(Box<Expr>, Box<Expr>) -> ExprKind) -> Parse<Tree> {
        let height = left.height.max(right.height) + 1;
        let span = left.expr.span.to(right.expr.span);
        if height > MAX_HEIGHT {
            let message = format!("this expression has more than {MAX_HEIGHT} operators");
            let error = Diagnostic::error("E0019", message, right.expr.span).said("this is one too many");
            return Err(self.fail(error.help("name parts of it with `let`")));
        }
        Ok(Tree { expr: Expr { kind: make(Box::new(left.expr), Box::new(right.expr)), span }, height })
    }

    fn prefix(&mut self) -> Parse<Tree> {
        if !self.operand_may_stand_here() {
            return Err(self.expected("an expression", ""));
        }
        let op = match self.peek().kind {
            Kind::Symbol("-") => UnaryOp::Negate,
            Kind::Word("not") => UnaryOp::Not,
            _ => return self.primary(),
        };
        let start = self.here();
        self.advance();
        let operand = self.nested(|p| p.level(precedence::of_unary(op)))?;
        let (span, height) = (start.to(operand.expr.span), operand.height + 1);
        Ok(Tree { expr: Expr { kind: ExprKind::Unary { op, operand: Box::new(operand.expr) }, span }, height })
    }

    fn primary(&mut self) -> Parse<Tree> {
        let token = self.peek().clone();
        match token.kind {
            Kind::Number(value, _) => self.number(value),
            Kind::Text(value) => {
                self.advance();
                Ok(leaf(ExprKind::Text(value), token.span))
            }
            Kind::Symbol("(") => self.parenthesised(),
            Kind::Symbol("[") => {
                self.advance();
                let elements = self.list("]", |p| p.level(precedence::IF))?;
                let height = tallest(&elements);
                let kind = ExprKind::Array(elements.into_iter().map(|e| e.expr).collect());
                Ok(Tree { expr: Expr { kind, span: token.span.to(self.before()) }, height })
            }
            Kind::Symbol(".") => Err(self.expected("an expression", "write `0.5`, not `.5`")),
            Kind::Word(word) => self.word(word),
            _ => Err(self.expected("an expression", "")),
        }
    }

    /// An operand may stand on a new line after an operator, but not after the keyword of a statement.
    fn operand_may_stand_here(&self) -> bool {
        self.goes_on() || (self.is_continued() && !self.starts_statement())
    }

    /// Whether the next two tokens look like the start of another statement, so that a missing operand is told as such.
    fn starts_statement(&self) -> bool {
        let second = self.ahead(1);
        let continues = self.word_ahead(1).is_none_or(|word| AFTER_OPERAND.contains(&word));
        self.word_ahead(0).is_some_and(super::statement::is_keyword) && !second.newline && !continues
    }

    fn number(&mut self, value: f64) -> Parse<Tree> {
        let start = self.here();
        self.advance();
        let next = self.peek();
        let Kind::Word(word) = next.kind else { return Ok(leaf(ExprKind::Number { value, unit: None }, start)) };
        if next.newline || AFTER_OPERAND.contains(&word) || super::statement::is_keyword(word) {
            return Ok(leaf(ExprKind::Number { value, unit: None }, start));
        }
        let span = next.span;
        if units::unit(word).is_none() {
            return Err(self.unknown_unit(word, span));
        }
        self.advance();
        let unit = Some(Ident { text: word.to_string(), span });
        Ok(leaf(ExprKind::Number { value, unit }, start.to(span)))
    }

    fn unknown_unit(&mut self, word: &str, span: Span) -> super::Failed {
        const COMMON: [&str; 20] = [
            "ms", "us", "s", "Hz", "kHz", "mV", "uV", "V", "nA", "pA", "uA", "nS", "pS", "uS", "Mohm", "pF", "nF", "um", "mM",
            "pC",
        ];
        let error =
            Diagnostic::error("E0018", format!("`{word}` is not a unit"), span).said("a unit was expected after the number");
        let same = COMMON.into_iter().find(|unit| unit.eq_ignore_ascii_case(word));
        // `msec`, `mVolt`: what was meant stands at the start.
        let longer = || COMMON.into_iter().filter(|unit| unit.len() > 1 && word.starts_with(unit)).max_by_key(|unit| unit.len());
        let help = match same.or_else(longer).or_else(|| did_you_mean(word, COMMON)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "units are s, Hz, V, A, S, ohm, F, C, m, M and mol with a prefix; a product needs `*`".to_string(),
        };
        self.fail(error.help(help))
    }

    fn parenthesised(&mut self) -> Parse<Tree> {
        let open = self.here();
        self.advance();
        self.brackets += 1;
        let mut tree = self.nested(|p| p.level(precedence::IF))?;
        self.close(open, ")", "an operator or ")?;
        tree.expr.span = open.to(self.before());
        Ok(tree)
    }

    fn word(&mut self, word: &'a str) -> Parse<Tree> {
        let start = self.here();
        match word {
            "true" | "false" => {
                self.advance();
                Ok(leaf(ExprKind::Bool(word == "true"), start))
            }
            "if" => self.choice(),
            "from" if matches!(self.ahead(1).kind, Kind::Text(_)) => {
                self.advance();
                let file: Text = self.text("a file name")?;
                let span = start.to(file.span);
                Ok(leaf(ExprKind::From(file), span))
            }
            "random" if self.word_ahead(1).is_some_and(|w| !AFTER_OPERAND.contains(&w)) && !self.ahead(1).newline => {
                self.advance();
                let callee = self.name("a distribution")?;
                let (call, height) = self.call(callee)?;
                let span = start.to(call.span);
                Ok(Tree { expr: Expr { kind: ExprKind::Random(call), span }, height })
            }
            _ if self.symbol_ahead(1) == Some("(") && self.opens_here(1) => {
                let callee = self.name_below("an expression")?;
                let (call, height) = self.call(callee)?;
                let span = call.span;
                Ok(Tree { expr: Expr { kind: ExprKind::Call(call), span }, height })
            }
            _ => {
                let root = self.name_below("an expression")?;
                let (path, height) = self.path_tree(root)?;
                let span = path.span;
                Ok(Tree { expr: Expr { kind: ExprKind::Path(path), span }, height })
            }
        }
    }

    fn opens_here(&self, ahead: usize) -> bool {
        self.brackets > 0 || !self.ahead(ahead).newline
    }

    fn choice(&mut self) -> Parse<Tree> {
        let start = self.here();
        self.advance();
        self.nested(|p| {
            let condition = p.level(precedence::IF)?;
            p.expect_word("then", "an expression chooses with `if c then a else b`")?;
            let yes = p.level(precedence::IF)?;
            p.expect_word("else", "both cases need a value: `if c then a else b`")?;
            let no = p.level(precedence::IF)?;
            let height = condition.height.max(yes.height).max(no.height) + 1;
            let span = start.to(no.expr.span);
            let (condition, yes, no) = (Box::new(condition.expr), Box::new(yes.expr), Box::new(no.expr));
            Ok(Tree { expr: Expr { kind: ExprKind::If { condition, yes, no }, span }, height })
        })
    }

    /// A name with arguments, or without any.
    pub(super) fn call_or_name(&mut self, what: &str) -> Parse<Call> {
        let callee = self.name(what)?;
        Ok(self.call(callee)?.0)
    }

    fn call(&mut self, callee: Ident) -> Parse<(Call, u32)> {
        let mut args = Vec::new();
        if self.accept_here("(") {
            args = self.list(")", Self::arg)?;
        }
        let span = callee.span.to(self.before());
        let height = args.iter().map(|(_, height)| *height).max().unwrap_or(0) + 1;
        Ok((Call { callee, args: args.into_iter().map(|(arg, _)| arg).collect(), span }, height))
    }

    fn arg(&mut self) -> Parse<(Arg, u32)> {
        let start = self.here();
        let binding = match (self.word_ahead(0), self.symbol_ahead(1)) {
            (Some(_), Some(sign @ ("=" | "<-"))) => {
                let name = self.name("the name of an argument")?;
                self.advance();
                if sign == "=" { Binding::Name(name) } else { Binding::Drive(name) }
            }
            _ => Binding::Position,
        };
        let value = self.level(precedence::IF)?;
        let delay = if self.accept_word("delay") { Some(self.level(precedence::IF)?) } else { None };
        let height = value.height.max(delay.as_ref().map_or(0, |d| d.height));
        Ok((Arg { binding, value: value.expr, delay: delay.map(|d| d.expr), span: start.to(self.before()) }, height))
    }

    /// A name with fields and subscripts.
    pub(super) fn path(&mut self, what: &str) -> Parse<Path> {
        let root = self.name(what)?;
        Ok(self.path_tree(root)?.0)
    }

    /// A path as an element of a list, which may go on on the next line.
    pub(super) fn path_below(&mut self, what: &str) -> Parse<Path> {
        let root = self.name_below(what)?;
        Ok(self.path_tree(root)?.0)
    }

    fn path_tree(&mut self, root: Ident) -> Parse<(Path, u32)> {
        let (mut steps, mut height) = (Vec::new(), 1);
        while self.goes_on() {
            let start = self.here();
            let kind = if self.accept(".") {
                StepKind::Field(self.field()?)
            } else if self.accept("[") {
                let subscripts = self.list("]", Self::subscript)?;
                height = subscripts.iter().map(|(_, h)| h + 1).fold(height, u32::max);
                self.not_empty(&subscripts)?;
                StepKind::Index(subscripts.into_iter().map(|(s, _)| s).collect())
            } else {
                break;
            };
            steps.push(Step { kind, span: start.to(self.before()) });
        }
        let span = root.span.to(self.before());
        Ok((Path { root, steps, span }, height))
    }

    fn not_empty<T>(&mut self, list: &[T]) -> Parse<()> {
        if list.is_empty() {
            let error = Diagnostic::error("E0004", "expected an index between the brackets", self.before());
            return Err(self.fail(error.help("write `[..]` for all of it")));
        }
        Ok(())
    }

    fn subscript(&mut self) -> Parse<(Subscript, u32)> {
        if self.accept("..") {
            return self.upper(None);
        }
        let low = self.level(precedence::WITHIN)?;
        if self.accept("..") {
            return self.upper(Some(low));
        }
        Ok((Subscript::At(low.expr), low.height))
    }

    fn upper(&mut self, low: Option<Tree>) -> Parse<(Subscript, u32)> {
        let open = self.is("]") || self.is(",");
        let high = if open { None } else { Some(self.level(precedence::WITHIN)?) };
        let height = low.as_ref().map_or(1, |t| t.height).max(high.as_ref().map_or(1, |t| t.height));
        Ok((Subscript::Range { low: low.map(|t| t.expr), high: high.map(|t| t.expr) }, height))
    }
}

fn tallest(trees: &[Tree]) -> u32 {
    trees.iter().map(|t| t.height).max().unwrap_or(0) + 1
}
