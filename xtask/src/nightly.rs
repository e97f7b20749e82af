//! `cargo xtask nightly`: checks that take too long for every change.

use crate::Failure;
use crate::device::root;
use std::process::Command;

/// Random circuits on random machines.
const CASES: &str = "10000";

/// Runs them, optimised.
///
/// # Errors
/// When one fails.
pub fn run() -> Result<(), Failure> {
    let mut tests = Command::new(env!("CARGO"));
    tests.args(["test", "--release", "--locked", "-p", "bouton-tests", "--test", "many_core"]).current_dir(root());
    if tests.env("BOUTON_CASES", CASES).status()?.success() {
        Ok(())
    } else {
        Err(format!("one of {CASES} random circuits on random machines failed").into())
    }
}
