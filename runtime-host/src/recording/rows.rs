//! From rows of an input file to events: names to numbers, values in units to integers.

use super::{CsvError, InputRow};
use crate::InputEvent;
use bouton_targets::image::Description;
use std::path::Path;

/// The events of `rows`, which were read from `path`. A population is named by its path or its number.
///
/// # Errors
/// When a row names no population, no member of it, or a value that its format cannot hold; with the file and the line.
pub fn input_events(path: &Path, rows: &[InputRow], description: &Description) -> Result<Vec<InputEvent>, CsvError> {
    let event = |row: &InputRow| {
        event_of(row, description).map_err(|problem| CsvError::Line { path: path.to_owned(), line: row.line, problem })
    };
    rows.iter().map(event).collect()
}

fn event_of(row: &InputRow, description: &Description) -> Result<InputEvent, String> {
    let name = &row.population;
    let named = description.populations.iter().position(|p| p.name == *name);
    let number = named.or_else(|| name.parse().ok()).filter(|n| *n < description.populations.len());
    let number = number.ok_or_else(|| format!("there is no population `{name}`"))?;
    let population = &description.populations[number];
    if row.index >= population.size() {
        return Err(format!("index {} in `{name}`, which has {} members", row.index, population.size()));
    }
    let raw = |value: f64| {
        // The inverse of `ValueDescription::value`, to the nearest integer.
        let raw = (value * population.value.unit_si * 2f64.powi(i32::from(population.value.frac))).round();
        let fits = raw >= f64::from(i32::MIN) && raw <= f64::from(i32::MAX);
        fits.then_some(raw as i32).ok_or_else(|| {
            let [low, high] = [i32::MIN, i32::MAX].map(|end| population.value.value(end));
            format!("{value} is outside of {low} .. {high} {}, what `{name}` can take", population.value.unit)
        })
    };
    let value = row.value.map(raw).transpose()?;
    Ok(InputEvent { tick: row.tick, population: number as u32, member: row.index, value })
}

#[cfg(test)]
mod tests {
    use super::*;
    use bouton_targets::image::{PopulationDescription, ValueDescription};

    fn events(population: &str, index: u32, value: Option<f64>) -> Result<Vec<InputEvent>, String> {
        let format = ValueDescription { name: "out".into(), unit: "mV".into(), unit_si: 1e-3, frac: 20 };
        let named = PopulationDescription { name: "net.in".into(), shape: vec![2, 3], value: format, ..Default::default() };
        let description = Description { populations: vec![PopulationDescription::default(), named], ..Default::default() };
        let rows = [InputRow { tick: 4, population: population.into(), index, value, line: 9 }];
        input_events(Path::new("in.csv"), &rows, &description).map_err(|e| e.to_string())
    }

    #[test]
    fn names_numbers_and_values() {
        let event = InputEvent { tick: 4, population: 1, member: 5, value: Some(2097) };
        assert_eq!(events("net.in", 5, Some(2.0)), Ok(vec![event]));
        assert_eq!(events("1", 5, None), Ok(vec![InputEvent { value: None, ..event }]));
        assert_eq!(events("net.on", 5, None), Err("in.csv:9: there is no population `net.on`".into()));
        assert_eq!(events("net.in", 6, None), Err("in.csv:9: index 6 in `net.in`, which has 6 members".into()));
        assert!(events("net.in", 0, Some(1e10)).is_err_and(|e| e.starts_with("in.csv:9: 10000000000 is outside of -2048000 ..")));
    }
}
