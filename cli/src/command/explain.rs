//! `bouton explain`.

use crate::failure::Failure;
use crate::front::{self, CircuitOptions};
use crate::terminal;
use bouton_compiler::circuit::Circuit;
use bouton_compiler::diagnostic::did_you_mean;
use clap::Args;
use std::path::PathBuf;

/// Show what becomes of a neuron model: its discrete update, formats, ranges, error bounds, instructions
#[derive(Args, Debug)]
pub struct Explain {
    /// The circuit file that uses the model
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Name of the model, as in `neuron NAME`, or of a population
    ///
    /// Formats depend on what a population is given: of a model's populations the first is shown.
    #[arg(value_name = "MODEL")]
    model: String,

    #[command(flatten)]
    circuit: CircuitOptions,
}

impl Explain {
    /// Does it.
    ///
    /// # Errors
    /// When the circuit is wrong or has no such model.
    pub fn run(self) -> Result<(), Failure> {
        let loaded = front::load(&self.file, &self.circuit)?;
        match front::explain(&loaded, &self.model, &self.circuit)? {
            Some(text) => terminal::print(&text),
            None => Err(unknown(&loaded.circuit, &self.model)),
        }
    }
}

fn unknown(circuit: &Circuit, name: &str) -> Failure {
    let models: Vec<&str> = circuit.models.iter().map(|(_, model)| model.name.as_str()).collect();
    let populations = circuit.populations.iter().map(|(_, population)| population.name.as_str());
    let near = did_you_mean(name, models.iter().copied().chain(populations));
    let near = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
    Failure::Input(format!(
        "error: the circuit uses no model and has no population `{name}`{near}\nmodels: {}",
        models.join(", ")
    ))
}
