//! Types as written: `voltage`, `1 / time`, `fixed 32.15`.

use crate::diagnostic::{Diagnostic, Diagnostics, did_you_mean};
use crate::language::ast;
use crate::units::{Dimension, TYPES};

/// What a declaration declares.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Declared {
    /// A real quantity.
    Real(Dimension),
    /// A fixed-point number of 32 bits with this many fraction bits.
    Fixed(i8),
}

impl Declared {
    /// Its dimension; fixed-point values are numbers.
    #[must_use]
    pub fn dimension(self) -> Dimension {
        match self {
            Declared::Real(dimension) => dimension,
            Declared::Fixed(_) => Dimension::NUMBER,
        }
    }

    /// Fraction bits of a fixed-point number.
    #[must_use]
    pub fn fraction_bits(self) -> Option<i8> {
        match self {
            Declared::Real(_) => None,
            Declared::Fixed(bits) => Some(bits),
        }
    }
}

/// The type of a quantity; `None` after an error.
#[must_use]
pub fn declared_type(ty: &ast::Type, diagnostics: &mut Diagnostics) -> Option<Declared> {
    match ty.kind {
        ast::TypeKind::Fixed { bits, fraction } => fixed(ty, bits, fraction, diagnostics),
        _ => dimension_of(ty, diagnostics).map(Declared::Real),
    }
}

/// The dimension of a real quantity's type; `None` after an error.
#[must_use]
pub fn dimension_of(ty: &ast::Type, diagnostics: &mut Diagnostics) -> Option<Dimension> {
    use ast::TypeKind as Kind;
    let dimension = match &ty.kind {
        Kind::Name(name) => return named(name, diagnostics),
        Kind::One => Some(Dimension::NUMBER),
        Kind::Product(a, b) | Kind::Quotient(a, b) => {
            let (a, b) = (dimension_of(a, diagnostics), dimension_of(b, diagnostics));
            let (a, b) = (a?, b?);
            if matches!(ty.kind, Kind::Product(..)) { a.times(b) } else { a.over(b) }
        }
        Kind::Power(a, n) => dimension_of(a, diagnostics)?.power(*n),
        Kind::Fixed { .. } | Kind::Spikes | Kind::Graded(_) => {
            let error = Diagnostic::error("E0212", "this type cannot stand here", ty.span)
                .said("a quantity is needed")
                .help("say what it measures, for example `voltage`, `current` or `number`");
            diagnostics.push(error);
            return None;
        }
    };
    if dimension.is_none() {
        diagnostics.push(
            Diagnostic::error("E0211", "this unit has too large an exponent", ty.span)
                .said("an exponent here leaves -128 … 127")
                .help("write it with smaller powers"),
        );
    }
    dimension
}

fn named(name: &ast::Ident, diagnostics: &mut Diagnostics) -> Option<Dimension> {
    let found = TYPES.iter().find(|t| t.name == name.text);
    if found.is_none() {
        let near = did_you_mean(&name.text, TYPES.iter().map(|t| t.name));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the types are {}", TYPES.iter().map(|t| t.name).collect::<Vec<_>>().join(", ")),
        };
        diagnostics.push(
            Diagnostic::error("E0212", format!("there is no type `{}`", name.text), name.span).said("not a type").help(help),
        );
    }
    found.map(|t| t.dimension)
}

fn fixed(ty: &ast::Type, bits: u8, fraction: u8, diagnostics: &mut Diagnostics) -> Option<Declared> {
    match i8::try_from(fraction) {
        Ok(fraction) if bits == 32 && fraction <= 32 => Some(Declared::Fixed(fraction)),
        _ => {
            diagnostics.push(
                Diagnostic::error("E0213", format!("there is no format `fixed {bits}.{fraction}`"), ty.span)
                    .said("32 bits in all, at most 32 of them after the point")
                    .help("say for example `fixed 32.15`: 32 bits, 15 of them after the point"),
            );
            None
        }
    }
}
