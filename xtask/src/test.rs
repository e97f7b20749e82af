//! All tests: the workspace's, then images on an emulated device.

use crate::device::{Board, Firmware, root};
use crate::{Failure, compare};
use bouton_compiler::pipeline::{self, CompileFailure, CompileOptions};
use bouton_targets::machine::Machine;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A circuit that runs on devices in the test command.
struct OnDevice {
    file: &'static str,
    settings: &'static [(&'static str, &'static str)],
    ticks: u32,
}

const ON_DEVICE: &[OnDevice] = &[
    OnDevice { file: "circuits/half_centre/half_centre.circuit", settings: &[], ticks: 3000 },
    OnDevice { file: "circuits/celegans/celegans.circuit", settings: &[], ticks: 1500 },
    OnDevice { file: "circuits/vogels_abbott/vogels_abbott.circuit", settings: &[("n", "400")], ticks: 1000 },
    OnDevice { file: "tests/files/device/everything.circuit", settings: &[], ticks: 500 },
];

/// Runs them.
///
/// # Errors
/// When something is missing, or a test fails.
pub fn run() -> Result<(), Failure> {
    let firmware = Board::all().iter().map(|b| Firmware::build(*b).map(|f| (b, f))).collect::<Result<Vec<_>, _>>()?;
    let tests = Command::new(env!("CARGO")).args(["test", "--workspace", "--locked"]).current_dir(root()).status()?;
    if !tests.success() {
        return Err("tests of the workspace failed".into());
    }
    let folder = root().join("target/device/images");
    std::fs::create_dir_all(&folder)?;
    for (board, firmware) in &firmware {
        for OnDevice { file, settings, ticks } in ON_DEVICE {
            let image = compile(&root().join(file), settings, board.name, &folder)?;
            let report = compare::image(firmware, &image, *ticks).map_err(|e| format!("{file} on {}: {e}", board.name))?;
            println!("{}: {report}", board.name);
        }
    }
    println!("images: {} passed, 0 failed", ON_DEVICE.len() * firmware.len());
    Ok(())
}

fn compile(circuit: &Path, settings: &[(&str, &str)], target: &str, folder: &Path) -> Result<PathBuf, Failure> {
    let settings = settings.iter().map(|(name, value)| ((*name).to_string(), (*value).to_string())).collect();
    let options = bouton_compiler::elaborate::Options { settings, ..Default::default() };
    let front = pipeline::front_end(&circuit.to_string_lossy(), &options);
    let rendered = || front.diagnostics.render(&front.sources, false);
    let circuit = front.circuit.as_ref().ok_or_else(rendered)?;
    let machine = Machine::named(target).ok_or("the board has no machine description")??;
    let compiled = pipeline::compile(circuit, &machine, &CompileOptions::default()).map_err(|failure| match failure {
        CompileFailure::Input(diagnostics) => diagnostics.render(&front.sources, false),
        CompileFailure::DoesNotFit(shortfalls) => shortfalls.to_string(),
        CompileFailure::Bug(what) => what,
    })?;
    let path = folder.join(format!("{}.img", circuit.name));
    std::fs::write(&path, compiled.image.as_slice())?;
    Ok(path)
}
