//! From what was typed to circuits, machines and images.

use crate::effort::Effort;
use crate::failure::Failure;
use crate::terminal;
use crate::values::Setting;
use bouton_compiler::circuit::Circuit;
use bouton_compiler::diagnostic::{Diagnostics, Severity, did_you_mean};
use bouton_compiler::pipeline::{self, CompileOptions, Compiled, Timings};
use bouton_compiler::source::SourceMap;
use bouton_compiler::{codes, elaborate, lower, mapping, partition};
use bouton_targets::machine::{Machine, MachineError, Pattern};
use clap::Args;
use std::path::Path;

/// Options of commands that read a circuit.
#[derive(Args, Clone, Debug, Default)]
pub struct CircuitOptions {
    /// Set a parameter of the top circuit
    ///
    /// VALUE is an expression of the circuit language with its unit: --set n=4000, --set "w=0.4 nA". Repeat it for more
    /// parameters. Default: what the circuit says.
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub settings: Vec<Setting>,

    /// Seed of all draws: connections, distributions, noise
    ///
    /// The same circuit, seed and input give the same result on every target. A whole number.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub seed: u64,

    /// Treat a warning as an error
    ///
    /// LINT is the code or the name of a warning, such as W0401 or unused-population, or `warnings` for all of them. Repeat it
    /// for more. Default: none.
    #[arg(long, value_name = "LINT")]
    pub deny: Vec<String>,
}

/// Options of commands that make an image.
#[derive(Args, Clone, Debug)]
pub struct PartitionOptions {
    /// Most neurons on one core
    ///
    /// A smaller number spreads the circuit over more cores; results stay the same. Default: as many as fit.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    pub neurons_per_core: Option<u32>,

    /// How many times longer than in the circuit a tick may take on a many-core machine
    ///
    /// Cores are filled so that what is expected of them fits a tick: 10 is a machine that runs 10 times slower than real time and
    /// needs fewer cores; results stay the same. Default: 1, or where the machine is too small for that the least power of two
    /// that does; a note then says so. With 1 such a circuit is refused.
    #[arg(long, value_name = "FACTOR", value_parser = |text: &str| number_within(text, 1e-6, 1e6))]
    pub time_scale: Option<f64>,

    /// Spikes per second that a neuron is assumed to emit, where loads of cores and links are estimated
    ///
    /// A wrong assumption costs time on the machine, never a result.
    #[arg(long, value_name = "HZ", default_value_t = partition::ASSUMED_RATE_HZ, value_parser = |text: &str| number_within(text, 0.0, 1e6))]
    pub rate: f64,

    /// Time to spend on placement, routes and tables of a many-core machine
    #[arg(long, value_enum, default_value_t = Effort::Default)]
    pub effort: Effort,
}

fn number_within(text: &str, low: f64, high: f64) -> Result<f64, String> {
    text.parse().ok().filter(|n: &f64| (low..=high).contains(n)).ok_or_else(|| format!("expected a number from {low} to {high}"))
}

/// A circuit with what is needed to speak about it.
#[derive(Debug)]
pub struct Loaded {
    /// The circuit.
    pub circuit: Circuit,
    /// The files it came from.
    pub sources: SourceMap,
    /// Time of each pass.
    pub timings: Timings,
}

/// Reads and checks a circuit; warnings go to stderr.
///
/// # Errors
/// When it is wrong, or a warning is denied.
pub fn load(path: &Path, options: &CircuitOptions) -> Result<Loaded, Failure> {
    let settings = options.settings.iter().map(|s| (s.name.clone(), s.value.clone())).collect();
    let front =
        pipeline::front_end(&path.to_string_lossy(), &elaborate::Options { settings, seed: options.seed, ..Default::default() });
    accept(&front.diagnostics, &front.sources, &options.deny)?;
    let circuit = front.circuit.ok_or_else(|| Failure::Bug("a circuit without errors was not made".to_string()))?;
    Ok(Loaded { circuit, sources: front.sources, timings: front.timings })
}

/// Makes the image of a circuit; warnings go to stderr.
///
/// # Errors
/// When the circuit is wrong or does not fit.
pub fn compile(
    loaded: &mut Loaded,
    machine: &Machine,
    circuit: &CircuitOptions,
    partition: &PartitionOptions,
) -> Result<Compiled, Failure> {
    let options = CompileOptions {
        seed: circuit.seed,
        partition: partition::Options {
            neurons_per_core: partition.neurons_per_core,
            time_scale: partition.time_scale,
            rate_hz: partition.rate,
        },
        map: mapping::Options { effort: partition.effort.into(), seed: circuit.seed, ..mapping::Options::default() },
        ..CompileOptions::default()
    };
    let compiled = pipeline::compile(&loaded.circuit, machine, &options)
        .map_err(|failure| Failure::compile(failure, &machine.name, &loaded.sources))?;
    accept(&compiled.diagnostics, &loaded.sources, &circuit.deny)?;
    let time_scale = compiled.partition.time_scale;
    if partition.time_scale.is_none() && time_scale > 1.0 {
        terminal::say(&format!(
            "note: {} is too small for real time; a tick may last {time_scale} times as long there (--time-scale)",
            machine.name
        ));
    }
    loaded.timings.extend(compiled.timings.iter().copied());
    Ok(compiled)
}

/// Shows warnings; fails on errors and on warnings that are denied.
fn accept(diagnostics: &Diagnostics, sources: &SourceMap, deny: &[String]) -> Result<(), Failure> {
    let text = diagnostics.render(sources, terminal::colors()).trim_end().to_string();
    let lint = |code: &str| codes::title(code).unwrap_or("");
    let denied = |code: &str| deny.iter().any(|d| d == "warnings" || d.eq_ignore_ascii_case(code) || d == lint(code));
    let denied: Vec<&str> =
        diagnostics.as_slice().iter().filter(|d| d.severity == Severity::Warning && denied(d.code)).map(|d| d.code).collect();
    if diagnostics.has_errors() {
        return Err(Failure::Input(text));
    }
    if let Some(code) = denied.first() {
        return Err(Failure::Input(format!("{text}\n\nerror: the warning {code} is denied by --deny")));
    }
    if !text.is_empty() {
        terminal::say(&text);
    }
    Ok(())
}

/// The machine called `name`.
///
/// # Errors
/// When there is none.
pub fn machine(name: &str) -> Result<Machine, Failure> {
    match Machine::named(name) {
        Some(Err(e @ MachineError::TooManyBoards { .. })) => Err(Failure::Usage(format!("there is no target `{name}`: {e}"))),
        Some(machine) => machine.map_err(|e| wrong_machine(name, &e)),
        None => Err(no_machine(name)),
    }
}

/// Patterns of names of machines.
///
/// # Errors
/// When a file of ours is wrong.
pub fn machine_patterns() -> Result<Vec<Pattern>, Failure> {
    Machine::patterns().map_err(|e| wrong_machine("xN", &e))
}

fn wrong_machine(name: &str, error: &MachineError) -> Failure {
    Failure::Bug(format!("the machine `{name}` that comes with bouton is wrong: {error}"))
}

fn no_machine(name: &str) -> Failure {
    let patterns = match machine_patterns() {
        Ok(patterns) => patterns,
        Err(failure) => return failure,
    };
    let of_boards = || {
        let (base, boards) = name.rsplit_once('x')?;
        let boards: u32 = boards.parse().ok()?;
        let near = did_you_mean(base, patterns.iter().map(|p| p.base))?;
        patterns.iter().find(|p| p.base == near).map(|p| p.name(boards.clamp(1, p.most)))
    };
    let near = of_boards().or_else(|| did_you_mean(name, Machine::names()).map(String::from));
    let near = near.map_or(String::new(), |n| format!("; did you mean `{n}`?"));
    let names = Machine::names().map(String::from);
    let all: Vec<String> = names.chain(patterns.iter().map(|p| format!("{}xN with N from 1 to {}", p.base, p.most))).collect();
    Failure::Usage(format!("there is no target `{name}`{near}\ntargets: {}", all.join(", ")))
}

/// What becomes of the first population called `name` or of the first of a model called so; `None` when there is neither.
///
/// # Errors
/// When it cannot be lowered.
pub fn explain(loaded: &Loaded, name: &str, options: &CircuitOptions) -> Result<Option<String>, Failure> {
    let Some(population) = lower::explain::find(&loaded.circuit, name) else { return Ok(None) };
    let explanation = lower::explain(&loaded.circuit, options.seed, &lower::LowerOptions::default(), population);
    explanation
        .map(|e| Some(e.to_string()))
        .map_err(|diagnostics| Failure::Input(diagnostics.render(&loaded.sources, terminal::colors()).trim_end().to_string()))
}

/// The same for a model of a file that no circuit uses; `None` when there is no such model.
///
/// # Errors
/// When it is wrong or cannot be lowered.
pub fn explain_alone(
    loader: &dyn elaborate::Loader,
    file: &str,
    name: &str,
    tick: f64,
    options: &CircuitOptions,
) -> Result<Option<String>, Failure> {
    let mut sources = SourceMap::default();
    let (found, diagnostics) = elaborate::alone(loader, file, name, tick, &mut sources);
    let Some(circuit) = found else { return Ok(None) };
    accept(&diagnostics, &sources, &options.deny)?;
    let circuit = circuit.ok_or_else(|| Failure::Bug("a circuit without errors was not made".to_string()))?;
    explain(&Loaded { circuit, sources, timings: Timings::new() }, name, options)
}
