//! Options that say what of a machine is broken or set aside.

use crate::failure::Failure;
use crate::{files, front};
use bouton_targets::machine::{Fault, Machine};
use clap::Args;
use std::path::PathBuf;

/// What of the machine cannot be used.
#[derive(Args, Clone, Debug, Default)]
pub struct FaultOptions {
    /// Do without a part of the machine
    ///
    /// FAULT is chip:X,Y; core:X,Y,NUMBER; link:X,Y,LINK with a link of E, NE, N, W, SW, S or 0 to 5 (dead in both directions);
    /// board:X,Y with the coordinates of its first chip; cores:COUNT (set aside so many more cores of each chip); or sdram:BYTES
    /// (set aside so many bytes of each chip's shared memory). Repeat it for more. Default: all parts work.
    #[arg(long, value_name = "FAULT")]
    pub fault: Vec<Fault>,

    /// Do without the parts of the machine that a file lists
    ///
    /// One FAULT, as --fault has it, on each line; # starts a comment. Default: no file.
    #[arg(long, value_name = "FILE")]
    pub faults: Option<PathBuf>,
}

impl FaultOptions {
    /// Whether there are any.
    #[must_use]
    pub fn given(&self) -> bool {
        !self.fault.is_empty() || self.faults.is_some()
    }

    /// The machine called `name` without what is faulty.
    ///
    /// # Errors
    /// When there is no such machine, when it does not have what a fault names, or when the file is wrong.
    pub fn machine(&self, name: &str) -> Result<Machine, Failure> {
        let machine = front::machine(name)?;
        let listed = self.listed()?;
        let all: Vec<Fault> = self.fault.iter().copied().chain(listed.iter().map(|(_, fault)| *fault)).collect();
        machine.with_faults(&all).map_err(|error| {
            let typed = |fault: Fault| self.fault.contains(&fault);
            let line = error.fault().filter(|f| !typed(*f)).and_then(|f| listed.iter().find(|(_, fault)| *fault == f));
            match (line, &self.faults) {
                (Some((line, _)), Some(path)) => Failure::Input(format!("error: {}:{line}: {error}", path.display())),
                _ => Failure::Usage(error.to_string()),
            }
        })
    }

    /// Faults of the file, with their lines.
    fn listed(&self) -> Result<Vec<(usize, Fault)>, Failure> {
        let Some(path) = &self.faults else { return Ok(Vec::new()) };
        Fault::read_lines(&files::read_text(path)?)
            .map_err(|(line, error)| Failure::Input(format!("error: {}:{line}: {error}", path.display())))
    }
}
