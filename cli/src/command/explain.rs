//! `bouton explain`.

use crate::failure::Failure;
use crate::front::{self, CircuitOptions};
use crate::terminal;
use bouton_compiler::diagnostic::did_you_mean;
use bouton_compiler::elaborate::{self, FileLoader, Loader, MemoryLoader};
use clap::Args;
use std::path::PathBuf;

/// Length of a tick where no circuit says it, in seconds.
const TICK: f64 = 1e-3;

/// Show what becomes of a neuron model: its discrete update, formats, ranges, error bounds, instructions
#[derive(Args, Debug)]
pub struct Explain {
    /// The circuit file that uses or defines the model, or a file of the library such as std.neurons
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Name of the model, as in `neuron NAME`, or of a population
    ///
    /// Formats depend on what a population is given: of a model's populations the first is shown. A model that no circuit uses
    /// is shown with its defaults and without input, at the circuit's tick, or 1 ms where there is no circuit.
    #[arg(value_name = "MODEL")]
    model: String,

    #[command(flatten)]
    circuit: CircuitOptions,
}

impl Explain {
    /// Does it.
    ///
    /// # Errors
    /// When the file is wrong or has no such model.
    pub fn run(self) -> Result<(), Failure> {
        let file = self.file.to_string_lossy().into_owned();
        if !self.file.exists() && elaborate::library_files().any(|library| library == file) {
            let top = format!("{file}.circuit");
            let loader = MemoryLoader::default().with(top.as_str(), format!("import {file}\n"));
            return self.alone(&loader, &top, TICK, &[]);
        }
        let outline = elaborate::outline(&FileLoader, &file);
        if outline.circuits.is_empty() && !outline.models.is_empty() {
            return self.alone(&FileLoader, &file, TICK, &[]);
        }
        let loaded = front::load(&self.file, &self.circuit)?;
        match front::explain(&loaded, &self.model, &self.circuit)? {
            Some(text) => terminal::print(&text),
            None => {
                let populations: Vec<&str> = loaded.circuit.populations.values().iter().map(|p| p.name.as_str()).collect();
                self.alone(&FileLoader, &file, loaded.circuit.tick, &populations)
            }
        }
    }

    /// The model by itself.
    fn alone(&self, loader: &dyn Loader, file: &str, tick: f64, populations: &[&str]) -> Result<(), Failure> {
        match front::explain_alone(loader, file, &self.model, tick, &self.circuit)? {
            Some(text) => terminal::print(&format!(
                "no circuit uses `{}`: one neuron with its defaults, without input, ticks of {} ms\n\n{text}",
                self.model,
                tick * 1e3
            )),
            None => Err(unknown(&elaborate::outline(loader, file).models, populations, &self.model)),
        }
    }
}

fn unknown(models: &[String], populations: &[&str], name: &str) -> Failure {
    let near = did_you_mean(name, models.iter().map(String::as_str).chain(populations.iter().copied()));
    let near = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
    Failure::Input(format!("error: there is no model and no population `{name}`{near}\nmodels: {}", models.join(", ")))
}
