//! Numbers and tables as text.

/// `1 neuron`, `3 neurons`.
#[must_use]
pub fn count(n: u64, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// A time with a unit that suits it.
#[must_use]
pub fn seconds(seconds: f64) -> String {
    let (value, unit) = if seconds >= 1.0 {
        (seconds, "s")
    } else if seconds >= 1e-4 {
        (seconds * 1e3, "ms")
    } else {
        (seconds * 1e6, "µs")
    };
    let text = format!("{value:.4}");
    format!("{} {unit}", text.trim_end_matches('0').trim_end_matches('.'))
}

/// Rows with their columns under each other.
#[must_use]
pub fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|r| r.get(column)).map(|c| c.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    for row in rows {
        let cells: String = row.iter().zip(&widths).map(|(cell, width)| format!("  {cell:width$}")).collect();
        out.push_str(cells.trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_well() {
        assert_eq!([seconds(1.0), seconds(0.0001), seconds(0.25), seconds(2e-5)], ["1 s", "0.1 ms", "250 ms", "20 µs"]);
    }

    #[test]
    fn columns_stand_under_each_other() {
        let rows = [vec!["a".to_string(), "b".into()], vec!["long".into(), "c".into()]];
        assert_eq!(aligned(&rows), "  a     b\n  long  c\n");
    }
}
