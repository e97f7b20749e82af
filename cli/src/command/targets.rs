//! `bouton targets`.

use crate::failure::Failure;
use crate::wording::aligned;
use crate::{front, terminal};
use bouton_targets::machine::Machine;
use clap::Args;

/// List the machines that circuits can be compiled for, or show what one has
#[derive(Args, Debug)]
pub struct Targets {
    /// Show this machine
    #[arg(value_name = "NAME")]
    name: Option<String>,
}

impl Targets {
    /// Does it.
    ///
    /// # Errors
    /// When there is no such machine.
    pub fn run(self) -> Result<(), Failure> {
        let Some(name) = self.name else { return list() };
        let machine = front::machine(&name)?;
        terminal::print(&format!("{}: {}\n{}", machine.name, machine.title, aligned(&details(&machine))))
    }
}

fn list() -> Result<(), Failure> {
    let mut rows = Vec::new();
    for name in Machine::names() {
        rows.push(vec![name.to_string(), front::machine(name)?.title]);
    }
    terminal::print(&aligned(&rows))
}

fn details(machine: &Machine) -> Vec<Vec<String>> {
    let or_none = |value: Option<String>| value.unwrap_or_else(|| "no limit".to_string());
    let bytes = |value: Option<u64>| or_none(value.map(|b| format!("{b} bytes")));
    let clock = machine.processor.clock_hz.map_or_else(|| "not fixed".to_string(), |hz| format!("{} MHz", hz as f64 / 1e6));
    [
        ("chips", machine.chips.len().to_string()),
        ("cores for circuits", or_none(machine.processor_count().map(|n| n.to_string()))),
        ("clock", clock),
        ("memory of a core", bytes(machine.processor.circuit_bytes)),
        ("neurons on a core", or_none(machine.processor.max_neurons.map(|n| n.to_string()))),
        ("shared memory of a chip", bytes(machine.shared_bytes)),
        ("image", bytes(machine.image_bytes)),
    ]
    .into_iter()
    .map(|(what, value)| vec![what.to_string(), value])
    .collect()
}
