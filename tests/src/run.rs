//! From text or file to recordings, in one call each.

use bouton_compiler::circuit::Circuit;
use bouton_compiler::elaborate::{self, MemoryLoader};
use bouton_compiler::partition;
use bouton_compiler::pipeline::{self, CompileFailure, CompileOptions};
use bouton_compiler::source::SourceMap;
use bouton_runtime_host::machine::MachineOptions;
use bouton_runtime_host::recording::Recording;
use bouton_runtime_host::{EngineKind, InputEvent, RunOptions};
use bouton_targets::image::{AlignedBytes, Description, ImageView, SectionKind};
use bouton_targets::machine::Machine;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// The root of the project.
#[must_use]
pub fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_path_buf()
}

/// The circuit of a text; the rendered diagnostics when there is none.
///
/// # Errors
/// The rendered diagnostics.
pub fn circuit_of_text(text: &str, seed: u64) -> Result<Circuit, String> {
    let loader = MemoryLoader::default().with("test.circuit", text);
    let mut sources = SourceMap::default();
    let options = elaborate::Options { seed, ..elaborate::Options::default() };
    let (circuit, diagnostics) = elaborate::elaborate(&loader, "test.circuit", &options, &mut sources);
    circuit.ok_or_else(|| diagnostics.render(&sources, false))
}

/// The circuit of a file of the project, with `--set` values.
///
/// # Errors
/// The rendered diagnostics.
pub fn circuit_of_file(path: &str, settings: &[(&str, &str)]) -> Result<Circuit, String> {
    let settings = settings.iter().map(|(n, v)| ((*n).to_string(), (*v).to_string())).collect();
    let options = elaborate::Options { settings, ..elaborate::Options::default() };
    let front = pipeline::front_end(&root().join(path).to_string_lossy(), &options);
    front.circuit.ok_or_else(|| front.diagnostics.render(&front.sources, false))
}

/// The image of a circuit.
///
/// # Errors
/// Why there is none.
pub fn image(circuit: &Circuit, target: &str, neurons_per_core: Option<u32>, seed: u64) -> Result<AlignedBytes, String> {
    let machine = Machine::named(target).ok_or("no such machine")?.map_err(|e| e.to_string())?;
    image_on(circuit, &machine, partition::Options { neurons_per_core, ..partition::Options::default() }, seed)
}

/// The image of a circuit for a machine, which may have faults.
///
/// # Errors
/// Why there is none.
pub fn image_on(circuit: &Circuit, machine: &Machine, partition: partition::Options, seed: u64) -> Result<AlignedBytes, String> {
    let options = CompileOptions { seed, partition, ..CompileOptions::default() };
    let compiled = pipeline::compile(circuit, machine, &options).map_err(|failure| match failure {
        CompileFailure::Input(diagnostics) => {
            diagnostics.as_slice().iter().map(|d| format!("{}: {}\n", d.code, d.message)).collect()
        }
        CompileFailure::DoesNotFit(shortfalls) => shortfalls.to_string(),
        CompileFailure::Bug(what) => what,
    })?;
    Ok(compiled.image)
}

/// What a run of an image recorded.
///
/// # Errors
/// When the image cannot be read or run.
pub fn record(image: &AlignedBytes, engine: EngineKind, threads: usize, ticks: u64) -> Result<Recording, String> {
    record_with(image, engine, threads, ticks, Vec::new())
}

/// What a run of an image with events from outside recorded.
///
/// # Errors
/// When the image cannot be read or run.
pub fn record_with(
    image: &AlignedBytes,
    engine: EngineKind,
    threads: usize,
    ticks: u64,
    input: Vec<InputEvent>,
) -> Result<Recording, String> {
    let view = ImageView::new_checked(image.as_slice()).map_err(|e| format!("{e:?}"))?;
    let options = RunOptions {
        ticks,
        threads,
        engine,
        machine: MachineOptions::default(),
        input,
        progress: &mut |_| {},
        stop: &AtomicBool::new(false),
    };
    bouton_runtime_host::run(&view, options).map_err(|e| e.to_string())
}

/// What must not differ between ways of running: spikes and words, and how often something was summed or saturated.
#[must_use]
pub fn outcome(recording: &Recording) -> impl PartialEq + std::fmt::Debug + use<> {
    let r = recording.clone();
    (r.spikes, r.traces, r.stats.populations, r.stats.synaptic_events)
}

/// Names and formats of an image.
///
/// # Errors
/// When the image has none.
pub fn description(image: &AlignedBytes) -> Result<Description, String> {
    let view = ImageView::new_checked(image.as_slice()).map_err(|e| format!("{e:?}"))?;
    let words = view.section(SectionKind::Description, 0).ok_or("no description")?;
    Description::from_words(words).map_err(|e| e.0)
}
