//! `bouton run`.

use crate::engine::Engine;
use crate::failure::Failure;
use crate::faults::FaultOptions;
use crate::front::{self, CircuitOptions, PartitionOptions};
use crate::job::{self, Job};
use crate::stats::Stats;
use crate::values::{Time, TraceRequest};
use crate::{compare, engine, files, input, outputs, picture, terminal};
use bouton_runtime_host::flat::suggested_threads;
use bouton_targets::image::{Description, ImageView};
use clap::Args;
use std::path::PathBuf;
use std::time::Instant;

/// Run a circuit or a board image on this computer, bit for bit as the target does
///
/// Prints a table of what fired. Ctrl-C ends the run early; what there is until then is written.
#[derive(Args, Debug)]
pub struct Run {
    /// The circuit file, or an image made by `bouton compile`
    #[arg(value_name = "FILE|IMAGE")]
    file: PathBuf,

    /// The machine to compile for; `bouton targets` lists them
    ///
    /// Results do not depend on it as long as the circuit fits. An image has its own. Default: host.
    #[arg(long, value_name = "NAME")]
    target: Option<String>,

    /// How long to run, in time of the circuit
    ///
    /// A number with its unit (h, min, s, ms, us), a whole number of ticks: 1s, 100ms. Default: 1s.
    #[arg(long, value_name = "TIME", conflicts_with = "ticks")]
    time: Option<Time>,

    /// How long to run, in ticks
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    ticks: Option<u32>,

    /// Events of live populations, from a CSV file
    ///
    /// Columns: tick,population,index, and value (in the population's unit) for graded populations. Default: no events.
    #[arg(long, value_name = "FILE.csv")]
    input: Option<PathBuf>,

    /// Write the recorded spikes as CSV
    ///
    /// Columns: tick,population,index, sorted. Which spikes are recorded is said in the circuit: `record e.spike`.
    #[arg(long, value_name = "FILE.csv")]
    spikes: Option<PathBuf>,

    /// Write a variable as CSV
    ///
    /// POP.VAR is a population and a state of its model. Columns: tick,index,raw,value; raw is the integer, value its meaning in
    /// the unit that the first line names. A variable that the circuit does not record is recorded for all neurons in every
    /// tick. Repeat it for more.
    #[arg(long = "trace", value_name = "POP.VAR=FILE.csv")]
    traces: Vec<TraceRequest>,

    /// Draw what was recorded
    ///
    /// Spikes as dots, few traces as lines, many as a heat map, firing rates below. The end of the name says the format.
    #[arg(long, value_name = "FILE.svg|FILE.png")]
    raster: Option<PathBuf>,

    /// What runs the image; both give the same bits
    #[arg(long, value_enum, default_value_t = Engine::Flat)]
    engine: Engine,

    /// Threads of the flat engine; results do not depend on it
    ///
    /// Default: one for a circuit of some thousand neurons, up to the number of processors of this computer for large ones.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,

    /// Run the circuit in real arithmetic too, and print the difference
    ///
    /// For every recorded variable the largest and the root mean square error in its unit; for spikes the share of those of
    /// either that are spikes of both, of the same neuron in the same tick. Needs a circuit, not an image.
    #[arg(long)]
    reference: bool,

    /// Write counts and times as JSON
    ///
    /// Keys: ticks, tick_s, neurons, synapses, spikes (by population), synaptic_events, saturations, wall_s (seconds, by pass, and
    /// run), peak_rss_bytes, threads, engine.
    #[arg(long, value_name = "FILE.json")]
    stats: Option<PathBuf>,

    #[command(flatten)]
    faults: FaultOptions,

    #[command(flatten)]
    circuit: CircuitOptions,

    #[command(flatten)]
    partition: PartitionOptions,
}

impl Run {
    /// Does it.
    ///
    /// # Errors
    /// When the circuit is wrong or does not fit, or a file cannot be read or written.
    pub fn run(self) -> Result<(), Failure> {
        if let Some(path) = &self.raster {
            picture::Format::of(path)?;
        }
        let job = self.prepare()?;
        let ticks = self.ticks(job.description.tick_s)?;
        let image =
            ImageView::new_checked(job.image.as_slice()).map_err(|e| Failure::Bug(format!("a checked image is refused: {e}")))?;
        let events = self.input.as_deref().map(|path| input::read(path, &job.description)).transpose()?.unwrap_or_default();
        let threads = self.threads(&job.description);

        let live = self.reference.then(|| input::live(&events, &job.description));
        let start = Instant::now();
        let recording = engine::run(&image, job.origin(), self.engine, threads, ticks, events)?;
        let wall_s = start.elapsed().as_secs_f64();
        let ran = outputs::logical_ticks(&recording, &job.description).min(ticks);
        if ran < ticks {
            terminal::say(&format!("stopped after {ran} of {ticks} ticks; what there is until then is written"));
        }

        let run = outputs::Run { recording: &recording, job: &job, ticks: ran, wall_s };
        let written = self.write(&run)?;
        terminal::print(&outputs::summary(&run))?;
        if let (Some(live), Some(loaded)) = (live, &job.loaded) {
            terminal::print(&compare::table(loaded, self.circuit.seed, live, &run)?)?;
        }
        if let Some(path) = &self.stats {
            files::write(path, self.stats_of(&run, threads, written).to_json().as_bytes())?;
        }
        Ok(())
    }

    /// The image to run: read, or compiled.
    fn prepare(&self) -> Result<Job, Failure> {
        let bytes = files::read(&self.file)?;
        if !job::is_image(&bytes) {
            let machine = self.faults.machine(self.target.as_deref().unwrap_or("host"))?;
            let mut loaded = front::load(&self.file, &self.circuit)?;
            job::record(&mut loaded.circuit, &self.traces)?;
            let compiled = front::compile(&mut loaded, &machine, &self.circuit, &self.partition)?;
            return Job::compiled(loaded, compiled.image);
        }
        let only_text = [
            ("--reference", self.reference),
            ("--target", self.target.is_some()),
            ("--fault", !self.faults.fault.is_empty()),
            ("--faults", self.faults.faults.is_some()),
            ("--set", !self.circuit.settings.is_empty()),
            ("--neurons-per-core", self.partition.neurons_per_core.is_some()),
        ];
        match only_text.iter().find(|(_, given)| *given) {
            Some((option, _)) => {
                Err(Failure::Usage(format!("{option} needs a circuit file; {} is an image", self.file.display())))
            }
            None => Job::read(&self.file, &bytes),
        }
    }

    fn ticks(&self, tick_s: f64) -> Result<u32, Failure> {
        match (self.ticks, self.time) {
            (Some(ticks), _) => Ok(ticks),
            (None, time) => time.unwrap_or(Time { seconds: 1.0 }).ticks(tick_s).map_err(Failure::Usage),
        }
    }

    fn threads(&self, description: &Description) -> usize {
        match (self.engine, self.threads) {
            (Engine::Machine, _) => 1,
            (Engine::Flat, Some(threads)) => threads.into(),
            (Engine::Flat, None) => suggested_threads(description.populations.iter().map(|p| u64::from(p.size())).sum()),
        }
    }

    /// Writes the files that were asked for; gives the seconds that each kind took.
    fn write(&self, run: &outputs::Run) -> Result<Vec<(&'static str, f64)>, Failure> {
        let mut timings = Vec::new();
        let start = Instant::now();
        if let Some(path) = &self.spikes {
            outputs::write_spikes(path, run)?;
        }
        for trace in &self.traces {
            outputs::write_trace(trace, run)?;
        }
        if self.spikes.is_some() || !self.traces.is_empty() {
            timings.push(("csv", start.elapsed().as_secs_f64()));
        }
        if let Some(path) = &self.raster {
            let start = Instant::now();
            let circuit = run.job.loaded.as_ref().map(|loaded| &loaded.circuit);
            picture::write(path, &picture::raster(run.recording, run.ticks, &run.job.description, circuit))?;
            timings.push(("raster", start.elapsed().as_secs_f64()));
        }
        Ok(timings)
    }

    fn stats_of(&self, run: &outputs::Run, threads: usize, written: Vec<(&'static str, f64)>) -> Stats {
        let stats = &run.recording.stats;
        let mut wall_s = run.job.loaded.as_ref().map_or_else(Vec::new, |loaded| loaded.timings.clone());
        wall_s.extend([("build", stats.build_seconds), ("run", stats.run_seconds)]);
        wall_s.extend(written);
        let names = run.job.description.populations.iter().map(|p| p.name.clone());
        Stats {
            ticks: run.ticks,
            tick_s: run.job.description.tick_s,
            neurons: stats.neurons,
            synapses: stats.synapses,
            spikes: names.zip(stats.populations.iter().map(|p| p.spikes)).collect(),
            synaptic_events: stats.synaptic_events,
            saturations: stats.populations.iter().map(|p| p.saturations).sum(),
            wall_s,
            threads,
            engine: self.engine.name(),
        }
    }
}
