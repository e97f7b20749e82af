//! `bouton check`.

use crate::failure::Failure;
use crate::front::{self, CircuitOptions};
use crate::terminal;
use crate::wording::{count, seconds};
use bouton_compiler::circuit::{Circuit, PopulationKind};
use clap::Args;
use std::path::PathBuf;

/// Check a circuit: parse it, check its units, report every error
///
/// Prints a line about the circuit when it is right.
#[derive(Args, Debug)]
pub struct Check {
    /// The circuit file
    #[arg(value_name = "FILE")]
    file: PathBuf,

    #[command(flatten)]
    circuit: CircuitOptions,
}

impl Check {
    /// Does it.
    ///
    /// # Errors
    /// When the circuit is wrong.
    pub fn run(self) -> Result<(), Failure> {
        let loaded = front::load(&self.file, &self.circuit)?;
        terminal::print(&format!("{}: {}\n", self.file.display(), summary(&loaded.circuit)))
    }
}

fn summary(circuit: &Circuit) -> String {
    let mut neurons = 0;
    let mut inputs = 0;
    for (_, population) in circuit.populations.iter() {
        match population.kind {
            PopulationKind::Neurons(_) => neurons += u64::from(population.size()),
            _ => inputs += u64::from(population.size()),
        }
    }
    let inputs = if inputs > 0 { format!(" and {}", count(inputs, "input")) } else { String::new() };
    format!(
        "circuit {}, {}{inputs} in {}, {}, tick {}",
        circuit.name,
        count(neurons, "neuron"),
        count(circuit.populations.len() as u64, "population"),
        count(circuit.projections.len() as u64, "projection"),
        seconds(circuit.tick)
    )
}
