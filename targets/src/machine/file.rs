//! The TOML form of a machine.

use super::{Chip, Family, Machine, Processor, Router, STEPS};
use serde::Deserialize;
use std::fmt;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    title: String,
    family: Family,
    chips: Chips,
    chip: ChipFile,
    processor: ProcessorFile,
    router: Option<RouterFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RouterFile {
    entries: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Chips {
    rows: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    y: u16,
    first: u16,
    last: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChipFile {
    processors: u16,
    #[serde(default)]
    first_processor: u16,
    shared_bytes: Option<u64>,
    image_bytes: Option<u64>,
    #[serde(default)]
    exceptions: Vec<Exception>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    x: u16,
    y: u16,
    processors: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProcessorFile {
    clock_hz: Option<u64>,
    data_bytes: Option<u64>,
    #[serde(default)]
    reserved_bytes: u64,
    max_neurons: Option<u32>,
}

/// Why a file does not describe a machine.
#[derive(Clone, PartialEq, Debug)]
pub enum MachineError {
    /// It is not TOML of the right form; the text names the line.
    Form(String),
    /// It has no chip, or a chip without processors.
    Empty,
    /// An exception names a chip that the rows do not have.
    NoSuchChip {
        /// Its column.
        x: u16,
        /// Its row.
        y: u16,
    },
    /// More is reserved than there is.
    NothingLeft,
}

impl fmt::Display for MachineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MachineError::Form(text) => f.write_str(text),
            MachineError::Empty => f.write_str("the machine has no processor"),
            MachineError::NoSuchChip { x, y } => write!(f, "an exception names chip {x},{y}, which no row holds"),
            MachineError::NothingLeft => f.write_str("reserved_bytes is not below data_bytes"),
        }
    }
}

impl std::error::Error for MachineError {}

impl Machine {
    /// Reads a description.
    ///
    /// # Errors
    /// When it is not of the right form or describes no machine.
    pub fn from_toml(text: &str) -> Result<Machine, MachineError> {
        let file: File = toml::from_str(text).map_err(|e| MachineError::Form(e.to_string()))?;
        let chip = |x, y| Chip {
            x,
            y,
            first_processor: file.chip.first_processor,
            processors: file.chip.processors,
            links: 0,
            board: (0, 0),
        };
        let mut chips: Vec<Chip> =
            file.chips.rows.iter().flat_map(|r| (r.first..=r.last).map(move |x| (x, r.y))).map(|(x, y)| chip(x, y)).collect();
        for e in &file.chip.exceptions {
            let chip = chips.iter_mut().find(|c| (c.x, c.y) == (e.x, e.y)).ok_or(MachineError::NoSuchChip { x: e.x, y: e.y })?;
            chip.processors = e.processors;
        }
        if chips.is_empty() || chips.iter().any(|c| c.processors == 0) {
            return Err(MachineError::Empty);
        }
        let circuit_bytes = match file.processor.data_bytes {
            None => None,
            Some(all) => {
                Some(all.checked_sub(file.processor.reserved_bytes).filter(|n| *n > 0).ok_or(MachineError::NothingLeft)?)
            }
        };
        let processor = Processor { clock_hz: file.processor.clock_hz, circuit_bytes, max_neurons: file.processor.max_neurons };
        let (width, height) =
            (chips.iter().map(|c| c.x + 1).max().unwrap_or(1), chips.iter().map(|c| c.y + 1).max().unwrap_or(1));
        if file.router.is_some() {
            join(&mut chips);
        }
        Ok(Machine {
            width,
            height,
            router: file.router.map(|r| Router { entries: r.entries }),
            name: file.name,
            title: file.title,
            family: file.family,
            chips,
            processor,
            shared_bytes: file.chip.shared_bytes,
            image_bytes: file.chip.image_bytes,
        })
    }
}

/// Joins neighbours, without wrapping around.
fn join(chips: &mut [Chip]) {
    let places: Vec<(i32, i32)> = chips.iter().map(|c| (c.x.into(), c.y.into())).collect();
    for (chip, (x, y)) in chips.iter_mut().zip(&places) {
        for (d, (dx, dy)) in STEPS.iter().enumerate() {
            chip.links |= u8::from(places.contains(&(x + dx, y + dy))) << d;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_is_not_a_machine() {
        let text = |chips: &str, rest: &str| {
            format!("name = \"m\"\ntitle = \"\"\nfamily = \"host\"\n[chips]\nrows = {chips}\n[chip]\nprocessors = 1\n{rest}")
        };
        assert_eq!(Machine::from_toml(&text("[]", "[processor]")), Err(MachineError::Empty));
        let reserved = text("[{ y = 0, first = 0, last = 0 }]", "[processor]\ndata_bytes = 4\nreserved_bytes = 4");
        assert_eq!(Machine::from_toml(&reserved), Err(MachineError::NothingLeft));
        let exception = text("[{ y = 0, first = 0, last = 0 }]", "exceptions = [{ x = 1, y = 0, processors = 2 }]\n[processor]");
        assert_eq!(Machine::from_toml(&exception), Err(MachineError::NoSuchChip { x: 1, y: 0 }));
        assert!(matches!(Machine::from_toml("name = 3"), Err(MachineError::Form(_))));
    }
}
