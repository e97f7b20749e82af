//! `bouton explain`.

use crate::failure::Failure;
use crate::front::{self, CircuitOptions};
use crate::terminal;
use bouton_compiler::diagnostic::did_you_mean;
use clap::Args;
use std::path::PathBuf;

/// Show what becomes of a neuron model: its discrete update, formats, ranges, error bounds, instructions
#[derive(Args, Debug)]
pub struct Explain {
    /// The circuit file that uses the model
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Name of the model, as in `neuron NAME`
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
        let names: Vec<&str> = loaded.circuit.models.iter().map(|(_, model)| model.name.as_str()).collect();
        if !names.contains(&self.model.as_str()) {
            let near =
                did_you_mean(&self.model, names.iter().copied()).map_or(String::new(), |n| format!("; did you mean `{n}`?"));
            return Err(Failure::Input(format!(
                "error: the circuit has no population of model `{}`{near}\nmodels: {}",
                self.model,
                names.join(", ")
            )));
        }
        let text = front::explain(&loaded, &self.model, &self.circuit)?;
        terminal::print(&text)
    }
}
