//! Types.

use super::Parse;
use super::cursor::Parser;
use super::lexical::Kind;
use crate::diagnostic::Diagnostic;
use crate::language::ast::{Type, TypeKind};
use crate::source::Span;

/// Factors in one type: later stages walk it recursively.
const MAX_FACTORS: usize = 32;

impl Parser<'_> {
    /// `: type`, if there is a colon.
    pub(super) fn optional_type(&mut self) -> Parse<Option<Type>> {
        if self.accept_here(":") { Ok(Some(self.ty()?)) } else { Ok(None) }
    }

    /// `: type`.
    pub(super) fn typed(&mut self) -> Parse<Type> {
        self.expect(":", "and a type")?;
        self.ty()
    }

    /// A type.
    pub(super) fn ty(&mut self) -> Parse<Type> {
        let mut left = self.power()?;
        for _ in 0..MAX_FACTORS {
            if !self.goes_on() || !(self.is("*") || self.is("/")) {
                return Ok(left);
            }
            let product = self.is("*");
            self.advance();
            let right = self.power()?;
            let span = left.span.to(right.span);
            let (a, b) = (Box::new(left), Box::new(right));
            left = Type { kind: if product { TypeKind::Product(a, b) } else { TypeKind::Quotient(a, b) }, span };
        }
        let error = Diagnostic::error("E0007", format!("this type has more than {MAX_FACTORS} factors"), left.span);
        Err(self.fail(error.help("use powers, as in `voltage^2`")))
    }

    fn power(&mut self) -> Parse<Type> {
        let base = self.type_atom()?;
        if !self.accept_here("^") {
            return Ok(base);
        }
        let negative = self.accept("-");
        let exponent = match self.peek().kind {
            Kind::Number(_, text) => text.parse::<i8>().ok(),
            _ => None,
        };
        let Some(exponent) = exponent else { return Err(self.expected("a whole power up to 127", "")) };
        self.advance();
        let span = base.span.to(self.before());
        Ok(Type { kind: TypeKind::Power(Box::new(base), if negative { -exponent } else { exponent }), span })
    }

    fn type_atom(&mut self) -> Parse<Type> {
        let start = self.here();
        if self.is_word("fixed") {
            return self.fixed(start);
        }
        if self.is_word("graded") && self.symbol_ahead(1) == Some("(") {
            self.advance();
            let inner = self.parenthesised_type()?;
            return Ok(Type { kind: TypeKind::Graded(Box::new(inner)), span: start.to(self.before()) });
        }
        if self.is("(") && self.goes_on() {
            let inner = self.parenthesised_type()?;
            return Ok(Type { kind: inner.kind, span: start.to(self.before()) });
        }
        let kind = match self.peek().kind {
            Kind::Number(_, "1") => TypeKind::One,
            Kind::Word("spikes") => TypeKind::Spikes,
            _ => return Ok(Type { kind: TypeKind::Name(self.name("a type such as `voltage`")?), span: start }),
        };
        self.advance();
        Ok(Type { kind, span: start })
    }

    fn parenthesised_type(&mut self) -> Parse<Type> {
        let open = self.here();
        self.advance();
        self.brackets += 1;
        let ty = self.nested(Self::ty)?;
        self.close(open, ")", "")?;
        Ok(ty)
    }

    fn fixed(&mut self, start: Span) -> Parse<Type> {
        self.advance();
        let span = self.here();
        let Kind::Number(_, text) = self.peek().kind else {
            return Err(self.expected("a format such as `32.15`", "write all bits, a point, and the bits after it"));
        };
        let format = text.split_once('.').and_then(|(a, b)| Some((a.parse::<u8>().ok()?, b.parse::<u8>().ok()?)));
        match format {
            Some((bits, fraction)) if (1..=64).contains(&bits) && fraction <= bits => {
                self.advance();
                Ok(Type { kind: TypeKind::Fixed { bits, fraction }, span: start.to(span) })
            }
            _ => Err(self.fail(
                Diagnostic::error("E0016", format!("`{text}` is not a fixed-point format"), span)
                    .said("at most 64 bits in all, no more after the point")
                    .help("write all bits, a point, and the bits after it: `fixed 32.15`"),
            )),
        }
    }
}
