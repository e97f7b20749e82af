//! Round numbers for axes, and numbers as text.

/// The smallest of 1, 2, 5 times a power of ten that is at least `at_least`.
#[must_use]
pub fn round_step(at_least: f64) -> f64 {
    let mut power = 1.0_f64;
    if !(at_least.is_finite() && at_least > 0.0) {
        return power;
    }
    while power > at_least {
        power /= 10.0;
    }
    while power * 10.0 <= at_least {
        power *= 10.0;
    }
    // A relative billionth above a round number is that number.
    let near = at_least * (1.0 - 1e-9);
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|step| *step >= near).unwrap_or(power * 10.0)
}

/// Multiples of a round step from `low` to `high`, about `wanted` of them, and their decimals.
#[must_use]
pub fn ticks(low: f64, high: f64, wanted: f64) -> (Vec<f64>, usize) {
    let step = round_step((high - low) / wanted.max(1.0));
    let first = (low / step - 1e-9).ceil();
    let last = (high / step + 1e-9).floor();
    let count = (last - first).clamp(-1.0, 1000.0) as i64;
    ((0..=count).map(|k| (first + k as f64) * step).collect(), decimals(step))
}

/// Decimals that a multiple of a round step needs.
#[must_use]
pub fn decimals(step: f64) -> usize {
    let mut shown = step;
    let mut digits = 0;
    while digits < 9 && (shown - shown.round()).abs() > 1e-6 * shown.abs().max(1e-3) {
        shown *= 10.0;
        digits += 1;
    }
    digits
}

/// A number with thin gaps between thousands and a true minus sign.
#[must_use]
pub fn number(value: f64, decimals: usize) -> String {
    let plain = format!("{:.decimals$}", value.abs());
    let negative = value < 0.0 && plain.bytes().any(|b| (b'1'..=b'9').contains(&b));
    let (whole, fraction) = plain.split_once('.').map_or((plain.as_str(), None), |(w, f)| (w, Some(f)));
    let mut out = String::from(if negative { "−" } else { "" });
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) && whole.len() > 4 {
            out.push(' ');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// A number with about three significant digits.
#[must_use]
pub fn short(value: f64) -> String {
    let size = value.abs();
    let decimals = match size {
        s if s >= 100.0 || s == 0.0 => 0,
        s if s >= 10.0 => 1,
        s if s >= 1.0 => 2,
        s if s >= 0.1 => 3,
        s if s >= 0.01 => 4,
        _ => return format!("{value:.2e}").replace('-', "−"),
    };
    let text = number(value, decimals);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text }
}

/// A number as exactly as is of interest in a range of the width `span`.
#[must_use]
pub fn within(value: f64, span: f64) -> String {
    if span > 0.0 && span < 1e-3 {
        return short(value);
    }
    let text = number(value, decimals(round_step(span / 200.0)));
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text }
}

/// `1 neuron`, `4 000 neurons`.
#[must_use]
pub fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(count as f64, 0), if count == 1 { one } else { many })
}

/// The unit of time that reads best for a duration, and the seconds in it.
#[must_use]
pub fn time_unit(duration_s: f64) -> (&'static str, f64) {
    if duration_s >= 2.0 {
        ("s", 1.0)
    } else if duration_s >= 2e-3 {
        ("ms", 1e-3)
    } else {
        ("µs", 1e-6)
    }
}

/// A time with its unit: `1 s`, `250 ms`.
#[must_use]
pub fn time(seconds: f64) -> String {
    let (unit, unit_s) = if seconds >= 0.9999 { ("s", 1.0) } else { time_unit(seconds) };
    format!("{} {unit}", short(seconds / unit_s))
}
