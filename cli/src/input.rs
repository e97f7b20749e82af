//! Events from outside: the rows of a file, with the populations and formats of an image.

use crate::failure::Failure;
use crate::outputs::csv_failure;
use bouton_compiler::circuit::PopId;
use bouton_compiler::diagnostic::did_you_mean;
use bouton_compiler::reference::LiveInput;
use bouton_compiler::table::Id;
use bouton_runtime_host::InputEvent;
use bouton_runtime_host::recording::{InputRow, read_input};
use bouton_targets::image::{BlockKind, Description, PopulationDescription, ValueDescription};
use std::path::Path;

/// The events of a file.
///
/// # Errors
/// When the file cannot be read, or a row has no place in the image.
pub fn read(path: &Path, description: &Description) -> Result<Vec<InputEvent>, Failure> {
    let rows = read_input(path).map_err(csv_failure)?;
    let event = |row: &InputRow| {
        event(row, description).map_err(|what| Failure::Input(format!("error: {}:{}: {what}", path.display(), row.line)))
    };
    rows.iter().map(event).collect()
}

fn event(row: &InputRow, description: &Description) -> Result<InputEvent, String> {
    let (number, population) = find(&row.population, description)?;
    if row.index >= population.size() {
        return Err(format!("`{}` has {} members; there is no member {}", population.name, population.size(), row.index));
    }
    let live = |kind: BlockKind| population.kind == kind as u32;
    let value = match row.value {
        None if live(BlockKind::LiveSpikes) => None,
        Some(value) if live(BlockKind::LiveGraded) => Some(raw(value, &population.value)),
        Some(_) if live(BlockKind::LiveSpikes) => return Err(format!("`{}` takes spikes: leave the value out", population.name)),
        None if live(BlockKind::LiveGraded) => return Err(format!("`{}` takes values: the value is missing", population.name)),
        _ => return Err(format!("`{}` is not live: it takes no events from outside", population.name)),
    };
    Ok(InputEvent { tick: row.tick, population: number, member: row.index, value })
}

fn find<'d>(name: &str, description: &'d Description) -> Result<(u32, &'d PopulationDescription), String> {
    let named = description.populations.iter().position(|p| p.name == name);
    let at = named.or_else(|| name.parse().ok());
    let found = at.and_then(|at| Some((u32::try_from(at).ok()?, description.populations.get(at)?)));
    found.ok_or_else(|| {
        let near = did_you_mean(name, description.populations.iter().map(|p| p.name.as_str()));
        let near = near.map_or(String::new(), |n| format!("; did you mean `{n}`?"));
        format!("there is no population `{name}`{near}")
    })
}

/// The nearest integer to a value in units; what is out of range saturates.
fn raw(value: f64, format: &ValueDescription) -> i32 {
    (value * format.unit_si * 2f64.powi(format.frac.into())).round() as i32
}

/// The same events for the reference, with the values that the integers stand for.
#[must_use]
pub fn live(events: &[InputEvent], description: &Description) -> LiveInput {
    let mut live = LiveInput::default();
    for event in events {
        let population = PopId::from_index(event.population as usize);
        let format = description.populations.get(event.population as usize).map(|p| &p.value);
        match (event.value, format) {
            (Some(raw), Some(format)) => {
                live.graded.push((event.tick, population, event.member, format.value(raw) * format.unit_si));
            }
            _ => live.spikes.push((event.tick, population, event.member)),
        }
    }
    live
}

#[cfg(test)]
mod tests {
    use super::*;

    fn description() -> Description {
        let value = ValueDescription { name: "x".into(), unit: "mV".into(), unit_si: 1e-3, frac: 20 };
        let population = |name: &str, kind: BlockKind| PopulationDescription {
            name: name.into(),
            shape: vec![3],
            kind: kind as u32,
            value: value.clone(),
            ..Default::default()
        };
        let populations = vec![population("eye", BlockKind::LiveSpikes), population("joint", BlockKind::LiveGraded)];
        Description { populations, ..Default::default() }
    }

    fn of(population: &str, index: u32, value: Option<f64>) -> Result<InputEvent, String> {
        event(&InputRow { tick: 7, population: population.into(), index, value, line: 2 }, &description())
    }

    #[test]
    fn rows_become_events() {
        assert_eq!(of("eye", 2, None), Ok(InputEvent { tick: 7, population: 0, member: 2, value: None }));
        assert_eq!(of("1", 0, Some(1000.0)), Ok(InputEvent { tick: 7, population: 1, member: 0, value: Some(1 << 20) }));
        let live = live(&[of("joint", 1, Some(500.0)).expect("it is right")], &description());
        assert_eq!(live.graded, [(7, PopId::from_index(1), 1, 0.5)]);
    }

    #[test]
    fn wrong_rows_say_what_is_wrong() {
        let cases =
            [(of("eey", 0, None), "did you mean `eye`"), (of("eye", 3, None), "no member 3"), (of("joint", 0, None), "missing")];
        for (result, says) in cases {
            let error = result.expect_err("it is wrong");
            assert!(error.contains(says), "{error}");
        }
        assert!(of("eye", 0, Some(1.0)).is_err());
    }
}
