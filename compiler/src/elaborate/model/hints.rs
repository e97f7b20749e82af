//! Ways out of a mistake in units.

use crate::units::Dimension;

/// How a value of dimension `found` can be made one of dimension `wanted`.
pub(super) fn way_out(wanted: Dimension, found: Dimension) -> String {
    let pair = [wanted, found];
    if pair.contains(&Dimension::VOLTAGE) && pair.contains(&Dimension::CURRENT) {
        return "divide the current by a conductance, or use a receptor in mV".to_string();
    }
    let name = |d: Dimension| d.type_name().map_or_else(|| "value".to_string(), str::to_string);
    let by = |d: Option<Dimension>| d.filter(|d| !d.is_number()).and_then(Dimension::type_name);
    let (divide, multiply) = (by(found.over(wanted)), by(wanted.over(found)));
    match (divide, multiply) {
        // "divide by a rate" is never how one says it.
        (Some("rate"), Some(by)) => format!("multiply the {} by a {by}", name(found)),
        (Some(by), _) => format!("divide the {} by a {by}", name(found)),
        (None, Some(by)) => format!("multiply the {} by a {by}", name(found)),
        (None, None) => "check the units of each factor; a literal needs its unit, for example `1 mV`".to_string(),
    }
}

/// How a number without unit becomes one of dimension `wanted`.
pub(super) fn give_unit(wanted: Dimension) -> String {
    let (unit, _) = wanted.display_unit();
    if wanted.type_name().is_some() {
        format!("give the number a unit, for example `1 {unit}`")
    } else {
        format!("give the number a unit: it must be in {unit}")
    }
}
