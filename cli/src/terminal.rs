//! What people see while a command works: colours, progress, and text that may meet a closed pipe.

use crate::failure::Failure;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, IsTerminal, Write};

/// Whether diagnostics are coloured: stderr is a terminal and `NO_COLOR` is not set.
#[must_use]
pub fn colors() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Writes a line to stderr.
pub fn say(text: &str) {
    // When stderr is closed there is nobody to tell.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Writes text to stdout. A reader that has gone away has seen enough.
///
/// # Errors
/// When stdout cannot be written.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::Device(format!("cannot write to stdout: {error}")))
        }
        _ => Ok(()),
    }
}

/// A bar over the ticks of a run; nothing unless stderr is a terminal.
#[must_use]
pub fn tick_bar(ticks: u64) -> ProgressBar {
    let target = if io::stderr().is_terminal() { ProgressDrawTarget::stderr_with_hz(10) } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(Some(ticks), target);
    match ProgressStyle::with_template("  running {wide_bar} {pos}/{len} ticks, {eta} left") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
