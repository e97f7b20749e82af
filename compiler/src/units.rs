//! Physical dimensions and units: the part of a value's type that says what it measures.
//!
//! Values are kept in SI (volt, ampere, second, metre, mole); a [`Dimension`] is the exponents of those.

use std::fmt;

/// Exponents of second, volt, ampere, metre and mole.
///
/// Volt and ampere stand in for the SI's kilogram and ampere: every electrical quantity of a neuron model is a product of
/// whole powers of second, volt and ampere.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Dimension {
    /// Exponents, in the order second, volt, ampere, metre, mole.
    pub exponents: [i8; 5],
}

const fn dimension(s: i8, v: i8, a: i8, m: i8, mol: i8) -> Dimension {
    Dimension { exponents: [s, v, a, m, mol] }
}

impl Dimension {
    /// A pure number.
    pub const NUMBER: Dimension = dimension(0, 0, 0, 0, 0);
    /// Seconds.
    pub const TIME: Dimension = dimension(1, 0, 0, 0, 0);
    /// Volts.
    pub const VOLTAGE: Dimension = dimension(0, 1, 0, 0, 0);
    /// Amperes.
    pub const CURRENT: Dimension = dimension(0, 0, 1, 0, 0);
    /// Hertz.
    pub const RATE: Dimension = dimension(-1, 0, 0, 0, 0);

    /// Product of two quantities; `None` when an exponent leaves -128..=127.
    #[must_use]
    pub fn times(self, other: Self) -> Option<Self> {
        self.combine(other, i8::checked_add)
    }

    /// Quotient of two quantities; `None` when an exponent leaves -128..=127.
    #[must_use]
    pub fn over(self, other: Self) -> Option<Self> {
        self.combine(other, i8::checked_sub)
    }

    /// Whole power; `None` when an exponent leaves -128..=127.
    #[must_use]
    pub fn power(self, n: i8) -> Option<Self> {
        let mut exponents = self.exponents;
        for e in &mut exponents {
            *e = e.checked_mul(n)?;
        }
        Some(Dimension { exponents })
    }

    /// Square root; `None` unless every exponent is even.
    #[must_use]
    pub fn root(self) -> Option<Self> {
        let mut exponents = self.exponents;
        for e in &mut exponents {
            if *e % 2 != 0 {
                return None;
            }
            *e /= 2;
        }
        Some(Dimension { exponents })
    }

    /// Whether it is a pure number.
    #[must_use]
    pub fn is_number(self) -> bool {
        self == Self::NUMBER
    }

    fn combine(self, other: Self, f: fn(i8, i8) -> Option<i8>) -> Option<Self> {
        let mut exponents = self.exponents;
        for (e, o) in exponents.iter_mut().zip(other.exponents) {
            *e = f(*e, o)?;
        }
        Some(Dimension { exponents })
    }

    /// The named type of this dimension (`voltage`), if it has a name.
    #[must_use]
    pub fn type_name(self) -> Option<&'static str> {
        TYPES.iter().find(|t| t.dimension == self).map(|t| t.name)
    }

    /// The unit in which values of this dimension are best read, with the SI value of one of it.
    #[must_use]
    pub fn display_unit(self) -> (String, f64) {
        match TYPES.iter().find(|t| t.dimension == self) {
            Some(t) => (t.unit.to_string(), unit(t.unit).map_or(1.0, |u| u.si)),
            None => (self.si_text(), 1.0),
        }
    }

    fn si_text(self) -> String {
        let part = |sign: i8| -> Vec<String> {
            ["s", "V", "A", "m", "mol"]
                .iter()
                .zip(self.exponents)
                .filter(|(_, e)| e.signum() == sign)
                .map(|(name, e)| if e.abs() == 1 { (*name).to_string() } else { format!("{name}^{}", e.abs()) })
                .collect()
        };
        let (above, below) = (part(1).join("*"), part(-1));
        let above = if above.is_empty() { "1".to_string() } else { above };
        match below.len() {
            0 => above,
            1 => format!("{above}/{}", below.join("")),
            _ => format!("{above}/({})", below.join("*")),
        }
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match TYPES.iter().find(|t| t.dimension == *self) {
            Some(t) if self.is_number() => f.write_str(t.name),
            Some(t) => write!(f, "{} ({})", t.name, t.unit),
            None => f.write_str(&self.si_text()),
        }
    }
}

impl fmt::Debug for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.si_text())
    }
}

/// A type name of the language.
#[derive(Clone, Copy, Debug)]
pub struct TypeName {
    /// As written: `voltage`.
    pub name: &'static str,
    /// What it measures.
    pub dimension: Dimension,
    /// The unit its values are shown in.
    pub unit: &'static str,
}

/// The type names of the language. `count` is a whole number; it shares the dimension of `number`, which stands before it.
pub const TYPES: &[TypeName] = &[
    TypeName { name: "number", dimension: Dimension::NUMBER, unit: "" },
    TypeName { name: "count", dimension: Dimension::NUMBER, unit: "" },
    TypeName { name: "time", dimension: Dimension::TIME, unit: "ms" },
    TypeName { name: "rate", dimension: Dimension::RATE, unit: "Hz" },
    TypeName { name: "voltage", dimension: Dimension::VOLTAGE, unit: "mV" },
    TypeName { name: "current", dimension: Dimension::CURRENT, unit: "pA" },
    TypeName { name: "conductance", dimension: dimension(0, -1, 1, 0, 0), unit: "nS" },
    TypeName { name: "resistance", dimension: dimension(0, 1, -1, 0, 0), unit: "Mohm" },
    TypeName { name: "capacitance", dimension: dimension(1, -1, 1, 0, 0), unit: "pF" },
    TypeName { name: "charge", dimension: dimension(1, 0, 1, 0, 0), unit: "pC" },
    TypeName { name: "length", dimension: dimension(0, 0, 0, 1, 0), unit: "um" },
    TypeName { name: "concentration", dimension: dimension(0, 0, 0, -3, 1), unit: "mM" },
];

/// A unit of the language.
#[derive(Clone, Copy, Debug)]
pub struct Unit {
    /// What it measures.
    pub dimension: Dimension,
    /// SI value of one.
    pub si: f64,
}

/// The unit called `name`: an SI unit or `M` for mole per litre, with an optional prefix.
#[must_use]
pub fn unit(name: &str) -> Option<Unit> {
    const BASE: &[(&str, Dimension, i32)] = &[
        ("s", Dimension::TIME, 0),
        ("Hz", Dimension::RATE, 0),
        ("V", Dimension::VOLTAGE, 0),
        ("A", Dimension::CURRENT, 0),
        ("S", dimension(0, -1, 1, 0, 0), 0),
        ("ohm", dimension(0, 1, -1, 0, 0), 0),
        ("F", dimension(1, -1, 1, 0, 0), 0),
        ("C", dimension(1, 0, 1, 0, 0), 0),
        ("m", dimension(0, 0, 0, 1, 0), 0),
        // One mole per litre is 1000 mol/m³.
        ("M", dimension(0, 0, 0, -3, 1), 3),
        ("mol", dimension(0, 0, 0, 0, 1), 0),
    ];
    const PREFIXES: &[(&str, i32)] =
        &[("", 0), ("G", 9), ("M", 6), ("k", 3), ("c", -2), ("m", -3), ("u", -6), ("µ", -6), ("n", -9), ("p", -12), ("f", -15)];
    if name == "min" {
        return None;
    }
    for (base, dimension, exponent) in BASE {
        let Some(prefix) = name.strip_suffix(base) else { continue };
        if let Some((_, power)) = PREFIXES.iter().find(|(p, _)| *p == prefix) {
            return Some(Unit { dimension: *dimension, si: power_of_ten(power + exponent) });
        }
    }
    None
}

/// 10^n, correctly rounded, so that `20 ms` is the same number everywhere.
fn power_of_ten(n: i32) -> f64 {
    // The parser of the standard library rounds correctly; no power function promises to.
    format!("1e{n}").parse().unwrap_or(1.0)
}

/// `magnitude` times a unit, correctly rounded where the unit is a power of ten below one (20 ms = 0.02, not 20·0.001).
#[must_use]
pub fn scaled(magnitude: f64, si: f64) -> f64 {
    if si < 1.0 { magnitude / (1.0 / si).round() } else { magnitude * si }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_have_prefixes() {
        assert_eq!(unit("mV").map(|u| (u.dimension, u.si)), Some((Dimension::VOLTAGE, 1e-3)));
        assert_eq!(unit("m").map(|u| u.dimension), Some(dimension(0, 0, 0, 1, 0)));
        assert_eq!(unit("Mohm").map(|u| u.si), Some(1e6));
        assert_eq!(unit("mM").map(|u| u.si), Some(1.0));
        assert!(unit("furlong").is_none());
        assert_eq!(scaled(20.0, 1e-3), 0.02);
    }

    #[test]
    fn dimensions_print_as_a_person_reads_them() {
        assert_eq!(Dimension::VOLTAGE.to_string(), "voltage (mV)");
        assert_eq!(Dimension::VOLTAGE.over(Dimension::TIME).map(|d| d.to_string()).as_deref(), Some("V/s"));
        assert_eq!(Dimension::NUMBER.to_string(), "number");
    }

    #[test]
    fn every_type_has_a_unit_that_exists() {
        for t in TYPES.iter().filter(|t| !t.dimension.is_number()) {
            assert_eq!(unit(t.unit).map(|u| u.dimension), Some(t.dimension), "{}", t.name);
        }
    }
}
