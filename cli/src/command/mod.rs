//! The commands, one file each: their options, and what they do.

mod check;
mod compile;
mod explain;
mod fmt;
mod inspect;
mod map;
mod run;
mod targets;

use crate::failure::Failure;
use clap::{Parser, Subcommand};

/// Compiles spiking circuits to fixed-point board images and runs them, bit for bit as a device does.
#[derive(Parser, Debug)]
#[command(name = "bouton", version, propagate_version = true, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 done, 1 the input is wrong, 2 usage, 3 the circuit does not fit the target, 4 a device or file \
                        failed, 70 a bug in bouton.\nDiagnostics and progress go to stderr, results to stdout. NO_COLOR turns \
                        colours off."
)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    Check(check::Check),
    Fmt(fmt::Fmt),
    Compile(compile::Compile),
    Run(Box<run::Run>),
    Inspect(inspect::Inspect),
    Explain(explain::Explain),
    Map(map::Map),
    Targets(targets::Targets),
}

impl Arguments {
    /// Does what was asked.
    ///
    /// # Errors
    /// See [`Failure`].
    pub fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::Check(check) => check.run(),
            Command::Fmt(fmt) => fmt.run(),
            Command::Compile(compile) => compile.run(),
            Command::Run(run) => run.run(),
            Command::Inspect(inspect) => inspect.run(),
            Command::Explain(explain) => explain.run(),
            Command::Map(map) => map.run(),
            Command::Targets(targets) => targets.run(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_option_has_help() {
        for command in Arguments::command().get_subcommands() {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            for argument in command.get_arguments() {
                let documented = argument.get_help().is_some();
                assert!(documented, "{} {}", command.get_name(), argument.get_id());
            }
        }
    }
}
