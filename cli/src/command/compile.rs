//! `bouton compile`.

use crate::failure::Failure;
use crate::faults::FaultOptions;
use crate::front::{self, CircuitOptions, PartitionOptions};
use crate::report::Report;
use crate::{files, terminal};
use clap::Args;
use std::path::PathBuf;

/// Compile a circuit to a board image
///
/// The same circuit, target and seed give the same bytes on every computer.
#[derive(Args, Debug)]
pub struct Compile {
    /// The circuit file
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// The machine; `bouton targets` lists them
    ///
    /// A name, or one with a number of boards: spinn5, spinn5x24.
    #[arg(long, value_name = "NAME")]
    target: String,

    /// Where the image goes
    #[arg(short, long, value_name = "IMAGE")]
    output: PathBuf,

    /// Write what the compiler did: sizes, cores, memory, time of each pass
    ///
    /// The end of the name says the format: .json (stable, for programs) or .html (for people). Default: no report.
    #[arg(long, value_name = "FILE.json|FILE.html")]
    report: Option<PathBuf>,

    #[command(flatten)]
    faults: FaultOptions,

    #[command(flatten)]
    circuit: CircuitOptions,

    #[command(flatten)]
    partition: PartitionOptions,
}

impl Compile {
    /// Does it.
    ///
    /// # Errors
    /// When the circuit is wrong or does not fit, or a file cannot be written.
    pub fn run(self) -> Result<(), Failure> {
        let format = self.report.as_deref().map(crate::report::Format::of).transpose()?;
        let machine = self.faults.machine(&self.target)?;
        let mut loaded = front::load(&self.file, &self.circuit)?;
        let compiled = front::compile(&mut loaded, &machine, &self.circuit, &self.partition)?;
        files::write(&self.output, compiled.image.as_slice())?;
        let report = Report::of(&self.output, compiled.image.as_slice(), &loaded.timings)?;
        if let (Some(path), Some(format)) = (&self.report, format) {
            files::write(path, report.render(format).as_bytes())?;
        }
        terminal::print(&format!("{}: {}\n", self.output.display(), report.summary()))
    }
}
