//! Expressions, paths and types, with as few parentheses as their meaning needs.

use super::flow::Flow;
use crate::language::ast::{
    Arg, BinaryOp, Binding, Call, Expr, ExprKind, Ident, Interval, Path, StepKind, Subscript, Text, Type, TypeKind, UnaryOp,
};
use crate::language::precedence;

impl Flow {
    /// Any expression.
    pub(super) fn expr(&mut self, expr: &Expr) -> &mut Flow {
        self.operand(expr, precedence::IF)
    }

    /// An expression where operators must bind at least as strongly as `min`.
    fn operand(&mut self, expr: &Expr, min: u8) -> &mut Flow {
        if precedence::of(expr) >= min {
            return self.bare(&expr.kind);
        }
        self.push("(").bare(&expr.kind).push(")")
    }

    fn bare(&mut self, kind: &ExprKind) -> &mut Flow {
        match kind {
            ExprKind::Number { value, unit } => self.number(*value, unit.as_ref()),
            ExprKind::Text(value) => self.push(&quoted(value)),
            ExprKind::Bool(value) => self.push(if *value { "true" } else { "false" }),
            ExprKind::Path(path) => self.path(path),
            ExprKind::Call(call) => self.push(&call.callee.text).args(&call.args),
            ExprKind::Array(elements) => self.array(elements),
            ExprKind::Unary { op, operand } => {
                self.push(if *op == UnaryOp::Not { "not " } else { "-" }).operand(operand, precedence::of_unary(*op))
            }
            ExprKind::Binary { op, left, right } => self.binary(*op, left, right),
            ExprKind::If { condition, yes, no } => {
                self.push("if ").expr(condition).push(" then ").expr(yes).space(true).push("else ").expr(no)
            }
            ExprKind::Range { low, high } => self.operand(low, precedence::WITHIN).push(" .. ").operand(high, precedence::WITHIN),
            ExprKind::Within { value, bounds } => self.operand(value, precedence::WITHIN + 1).push(" within ").interval(bounds),
            ExprKind::From(file) => self.push("from ").text(file),
            ExprKind::Random(call) => self.push("random ").call(call),
        }
    }

    fn binary(&mut self, op: BinaryOp, left: &Expr, right: &Expr) -> &mut Flow {
        let (min_left, min_right) = precedence::operands(op);
        // `a ^ -b` can be read in one way only.
        let negated = op == BinaryOp::Power && precedence::of(right) == precedence::NEGATE;
        let min_right = if negated { precedence::NEGATE } else { min_right };
        self.operand(left, min_left);
        match op {
            BinaryOp::Power => self.push("^"),
            BinaryOp::Or | BinaryOp::And | BinaryOp::Add | BinaryOp::Sub => self.push(" ").push(op.symbol()).space(false),
            _ => self.push(" ").push(op.symbol()).push(" "),
        };
        self.operand(right, min_right)
    }

    /// The shortest text that reads back as the same number.
    fn number(&mut self, value: f64, unit: Option<&Ident>) -> &mut Flow {
        let plain = value == 0.0 || (1e-5..1e16).contains(&value);
        self.push(&if plain { format!("{value}") } else { format!("{value:e}") });
        match unit {
            Some(unit) => self.push(" ").push(&unit.text),
            None => self,
        }
    }

    fn array(&mut self, elements: &[Expr]) -> &mut Flow {
        let rows = elements.iter().all(|e| matches!(e.kind, ExprKind::Array(_)));
        self.push("[").list(elements, rows, |flow, e| {
            flow.expr(e);
        });
        self.push("]")
    }

    /// `low .. high` as bounds.
    pub(super) fn interval(&mut self, bounds: &Interval) -> &mut Flow {
        self.operand(&bounds.low, precedence::SUM).push(" .. ").operand(&bounds.high, precedence::SUM)
    }

    /// A call that needs no parentheses when it has no arguments.
    pub(super) fn call(&mut self, call: &Call) -> &mut Flow {
        self.push(&call.callee.text);
        if call.args.is_empty() { self } else { self.args(&call.args) }
    }

    fn args(&mut self, args: &[Arg]) -> &mut Flow {
        self.push("(").list(args, false, Flow::arg).push(")")
    }

    fn arg(&mut self, arg: &Arg) {
        match &arg.binding {
            Binding::Position => &mut *self,
            Binding::Name(name) => self.push(&name.text).push(" = "),
            Binding::Drive(name) => self.push(&name.text).push(" <- "),
        }
        .expr(&arg.value);
        if let Some(delay) = &arg.delay {
            self.push(" delay ").expr(delay);
        }
    }

    /// A name with fields and subscripts.
    pub(super) fn path(&mut self, path: &Path) -> &mut Flow {
        self.push(&path.root.text);
        for step in &path.steps {
            match &step.kind {
                StepKind::Field(name) => self.push(".").push(&name.text),
                StepKind::Index(subscripts) => self.subscripts(subscripts),
            };
        }
        self
    }

    fn subscripts(&mut self, subscripts: &[Subscript]) -> &mut Flow {
        self.push("[");
        for (i, subscript) in subscripts.iter().enumerate() {
            self.push(if i > 0 { ", " } else { "" });
            match subscript {
                Subscript::At(index) => {
                    self.operand(index, precedence::WITHIN);
                }
                Subscript::Range { low, high } => {
                    self.end(low.as_ref()).push("..").end(high.as_ref());
                }
            }
        }
        self.push("]")
    }

    fn end(&mut self, end: Option<&Expr>) -> &mut Flow {
        match end {
            Some(end) => self.operand(end, precedence::WITHIN),
            None => self,
        }
    }

    /// A string with its quotes.
    pub(super) fn text(&mut self, text: &Text) -> &mut Flow {
        self.push(&quoted(&text.value))
    }

    /// A type.
    pub(super) fn ty(&mut self, ty: &Type) -> &mut Flow {
        match &ty.kind {
            TypeKind::Name(name) => self.push(&name.text),
            TypeKind::One => self.push("1"),
            TypeKind::Product(a, b) => self.ty(a).push(" * ").factor(b, true),
            TypeKind::Quotient(a, b) => self.ty(a).push(" / ").factor(b, true),
            TypeKind::Power(base, exponent) => self.factor(base, false).push(&format!("^{exponent}")),
            TypeKind::Fixed { bits, fraction } => self.push(&format!("fixed {bits}.{fraction}")),
            TypeKind::Spikes => self.push("spikes"),
            TypeKind::Graded(inner) => self.push("graded(").ty(inner).push(")"),
        }
    }

    fn factor(&mut self, ty: &Type, power: bool) -> &mut Flow {
        let loose = match ty.kind {
            TypeKind::Product(..) | TypeKind::Quotient(..) => true,
            TypeKind::Power(..) => !power,
            _ => false,
        };
        if loose { self.push("(").ty(ty).push(")") } else { self.ty(ty) }
    }
}

fn quoted(value: &str) -> String {
    let mut out = String::from("\"");
    for c in value.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '"' | '\\' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
