//! Holds a device against this computer: every recorded spike and word of an image must be equal.

use crate::Failure;
use crate::device::Firmware;
use bouton_runtime_host::machine::MachineOptions;
use bouton_runtime_host::recording::{Recording, Sample, Spike};
use bouton_runtime_host::{EngineKind, RunOptions};
use bouton_targets::image::{AlignedBytes, Description, ImageView, NONE, SectionKind};
use std::fmt;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// What was compared.
#[derive(Debug)]
pub struct Report {
    name: String,
    ticks: u32,
    spikes: usize,
    words: usize,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ticks, {} spikes and {} words equal", self.name, self.ticks, self.spikes, self.words)
    }
}

/// Runs an image on a device and here.
///
/// # Errors
/// When either fails, or the first difference.
pub fn image(firmware: &Firmware, path: &Path, ticks: u32) -> Result<Report, Failure> {
    let bytes = AlignedBytes::new(&std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?);
    let view = ImageView::new_checked(bytes.as_slice()).map_err(|e| format!("{} is not a sound image: {e}", path.display()))?;
    let words = view.section(SectionKind::Description, 0).ok_or("the image has no description")?;
    let description = Description::from_words(words).map_err(|e| e.0)?;
    let (mut spikes, mut traces) = parse(&firmware.run(path, ticks)?, &description)?;
    spikes.sort_unstable();
    spikes.dedup();
    traces.iter_mut().for_each(|t| t.sort_unstable());
    let host = run_here(&view, ticks)?;
    if let Some((here, there)) = first_difference(&host.spikes, &spikes) {
        return Err(format!("the first spike that differs: here {here:?}, on the device {there:?}").into());
    }
    for (record, (here, there)) in host.traces.iter().zip(&traces).enumerate() {
        if let Some((here, there)) = first_difference(here, there) {
            return Err(format!("record {record}, the first word that differs: here {here:?}, on the device {there:?}").into());
        }
    }
    let words = traces.iter().map(Vec::len).sum();
    if spikes.len() + words == 0 {
        return Err("the image recorded nothing: there is nothing to compare".into());
    }
    Ok(Report { name: description.circuit, ticks, spikes: spikes.len(), words })
}

fn run_here(view: &ImageView<'_>, ticks: u32) -> Result<Recording, Failure> {
    let options = RunOptions {
        ticks: ticks.into(),
        threads: 1,
        engine: EngineKind::Flat,
        machine: MachineOptions::default(),
        input: Vec::new(),
        progress: &mut |_| {},
        stop: &AtomicBool::new(false),
    };
    Ok(bouton_runtime_host::run(view, options)?)
}

fn first_difference<T: PartialEq + Copy>(here: &[T], there: &[T]) -> Option<(Option<T>, Option<T>)> {
    let at = here.iter().zip(there).position(|(a, b)| a != b).unwrap_or(here.len().min(there.len()));
    let pair = (here.get(at).copied(), there.get(at).copied());
    (pair != (None, None)).then_some(pair)
}

/// The lines of a device (see runtime-embedded/firmware/common) as spikes and samples.
fn parse(text: &str, description: &Description) -> Result<(Vec<Spike>, Vec<Vec<Sample>>), Failure> {
    let mut spikes = Vec::new();
    let mut traces = vec![Vec::new(); description.records.len()];
    let mut ended = false;
    for line in text.lines() {
        let wrong = || format!("the device wrote `{line}`");
        let mut words = line.split(' ');
        let word = words.next().unwrap_or_default();
        let numbers: Vec<i64> = words.map(str::parse).collect::<Result<_, _>>().map_err(|_| wrong())?;
        match (word, numbers.as_slice()) {
            ("s", [record, tick, index]) => {
                let record = description.records.get(*record as usize).filter(|r| r.state == NONE).ok_or_else(wrong)?;
                spikes.push(Spike { tick: *tick as u32, population: record.population, index: *index as u32 });
            }
            ("v", [record, tick, index, raw]) => {
                let trace = traces.get_mut(*record as usize).ok_or_else(wrong)?;
                trace.push(Sample { tick: *tick as u32, index: *index as u32, raw: *raw as i32 });
            }
            ("end", [_, _, _]) => ended = true,
            _ => return Err(wrong().into()),
        }
    }
    if ended { Ok((spikes, traces)) } else { Err("the device stopped before its end".into()) }
}
