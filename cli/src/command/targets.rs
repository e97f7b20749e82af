//! `bouton targets`.

use crate::failure::Failure;
use crate::faults::FaultOptions;
use crate::wording::aligned;
use crate::{front, terminal};
use bouton_targets::machine::Machine;
use clap::Args;

/// List the machines that circuits can be compiled for, or show what one has
#[derive(Args, Debug)]
pub struct Targets {
    /// Show this machine
    ///
    /// A name of the list; where it ends in xN, with a number of boards: spinn5x24.
    #[arg(value_name = "NAME")]
    name: Option<String>,

    #[command(flatten)]
    faults: FaultOptions,
}

impl Targets {
    /// Does it.
    ///
    /// # Errors
    /// When there is no such machine, or it does not have what is faulty.
    pub fn run(self) -> Result<(), Failure> {
        let Some(name) = self.name else {
            return if self.faults.given() { Err(Failure::Usage("a fault needs a machine: name one".into())) } else { list() };
        };
        let machine = self.faults.machine(&name)?;
        terminal::print(&format!("{}: {}\n{}", machine.name, machine.title, aligned(&details(&machine))))
    }
}

fn list() -> Result<(), Failure> {
    let mut rows = Vec::new();
    for name in Machine::names() {
        rows.push(vec![name.to_string(), front::machine(name)?.title]);
    }
    for pattern in front::machine_patterns()? {
        rows.push(vec![format!("{}xN", pattern.base), format!("N {}, joined; N from 1 to {}", pattern.title, pattern.most)]);
    }
    rows.sort();
    terminal::print(&aligned(&rows))
}

fn details(machine: &Machine) -> Vec<Vec<String>> {
    let or_none = |value: Option<String>| value.unwrap_or_else(|| "no limit".to_string());
    let bytes = |value: Option<u64>| or_none(value.map(|b| format!("{b} bytes")));
    let clock = machine.processor.clock_hz.map_or_else(|| "not fixed".to_string(), |hz| format!("{} MHz", hz as f64 / 1e6));
    let mut rows = vec![("chips", machine.chips.len().to_string())];
    if let Some(router) = machine.router {
        rows.extend([
            ("boards", machine.boards().len().to_string()),
            ("columns and rows of chips", format!("{} x {}", machine.width, machine.height)),
            ("links between chips", machine.link_count().to_string()),
            ("routing entries of a chip", router.entries.to_string()),
        ]);
    }
    rows.extend([
        ("cores for circuits", or_none(machine.processor_count().map(|n| n.to_string()))),
        ("clock", clock),
        ("memory of a core", bytes(machine.processor.circuit_bytes)),
        ("neurons on a core", or_none(machine.processor.max_neurons.map(|n| n.to_string()))),
        ("shared memory of a chip", bytes(machine.shared_bytes)),
        ("image", bytes(machine.image_bytes)),
    ]);
    rows.into_iter().map(|(what, value)| vec![what.to_string(), value]).collect()
}
