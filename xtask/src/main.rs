//! Tasks of the project: `cargo xtask test`, `cargo xtask nightly`, `cargo xtask qemu MACHINE IMAGE`.
//!
//! Sets up what emulated devices need. Nothing a user of `bouton` needs is here.

mod compare;
mod device;
mod nightly;
mod test;
mod toolchain;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Tasks of the Bouton project.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run all tests: those of the workspace, then images on an emulated device. Sets up the emulator first.
    Test,
    /// Run what takes too long for every change: ten thousand random circuits on random machines.
    Nightly,
    /// Run an image on an emulated board and on this computer, and compare every recorded word.
    Qemu {
        /// The board: mps2-an386.
        machine: String,
        /// The image, compiled for that board.
        image: PathBuf,
        /// Ticks to run.
        #[arg(long, default_value_t = 1000)]
        ticks: u32,
    },
}

/// A failure, said in a line or more.
type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let result = match Arguments::parse().task {
        Task::Test => test::run(),
        Task::Nightly => nightly::run(),
        Task::Qemu { machine, image, ticks } => qemu(&machine, &image, ticks),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn qemu(machine: &str, image: &std::path::Path, ticks: u32) -> Result<(), Failure> {
    let board = device::Board::named(machine)?;
    let firmware = device::Firmware::build(board)?;
    let report = compare::image(&firmware, image, ticks)?;
    println!("{report}");
    Ok(())
}
