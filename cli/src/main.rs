//! The `bouton` command: arguments, progress, pictures; no logic of its own.
//!
//! Each command is a file in `command/`. Results go to stdout, diagnostics and progress to stderr; [`failure::Failure`] has the
//! exit codes.

mod bug;
mod command;
mod compare;
mod effort;
mod engine;
mod failure;
mod faults;
mod files;
mod front;
mod input;
mod job;
mod machine;
mod outputs;
mod picture;
mod plot;
mod recording;
mod report;
mod stats;
mod terminal;
mod values;
mod wording;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    bug::install_hook();
    let arguments = match command::Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    match bug::caught(|| arguments.run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            terminal::say(&failure.to_string());
            failure.exit_code()
        }
    }
}

/// Help and version are results; anything else is a mistake in the arguments.
fn usage(error: &clap::Error) -> ExitCode {
    // When even this cannot be written there is nobody to tell.
    let _ = error.print();
    if error.use_stderr() { failure::USAGE.into() } else { ExitCode::SUCCESS }
}
