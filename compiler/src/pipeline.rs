//! The whole way on one screen: text to circuit, circuit to image.

use crate::circuit::Circuit;
use crate::diagnostic::Diagnostics;
use crate::image::{ImageFailure, Routes};
use crate::many_core::{self, Mapped};
use crate::mapping::{self, MapFailure};
use crate::partition::{self, Partition, Shortfall, Shortfalls, Sources};
use crate::source::SourceMap;
use crate::spike_graph::SpikeGraph;
use crate::timings::timed;
use crate::{elaborate, image, lower, place};
use bouton_targets::image::AlignedBytes;
use bouton_targets::machine::Machine;
use std::borrow::Cow;

pub use crate::timings::Timings;

/// What the user may ask of a compilation.
#[derive(Clone, Debug, Default)]
pub struct CompileOptions {
    /// Seed of all draws.
    pub seed: u64,
    /// How populations are cut.
    pub partition: partition::Options,
    /// How cores are placed and joined, on machines with routers.
    pub map: mapping::Options,
    /// How models become integers.
    pub lower: lower::LowerOptions,
}

/// What a compilation gives.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The image.
    pub image: AlignedBytes,
    /// What it computes.
    pub graph: SpikeGraph,
    /// Which neurons live together.
    pub partition: Partition,
    /// Where they are, on machines with routers.
    pub mapped: Option<Mapped>,
    /// Warnings.
    pub diagnostics: Diagnostics,
    /// Time of each pass.
    pub timings: Timings,
}

/// Why there is no image.
#[derive(Clone, Debug)]
pub enum CompileFailure {
    /// The circuit is wrong.
    Input(Diagnostics),
    /// The circuit does not fit the machine.
    DoesNotFit(Shortfalls),
    /// A broken invariant of ours.
    Bug(String),
}

/// What the front end gives.
#[derive(Clone, Debug)]
pub struct FrontEnd {
    /// The circuit; `None` when there are errors.
    pub circuit: Option<Circuit>,
    /// Errors and warnings.
    pub diagnostics: Diagnostics,
    /// Every file read, to render them with.
    pub sources: SourceMap,
    /// Time taken.
    pub timings: Timings,
}

/// Reads, checks and flattens a circuit file.
#[must_use]
pub fn front_end(path: &str, options: &elaborate::Options) -> FrontEnd {
    let mut sources = SourceMap::default();
    let mut timings = Timings::new();
    let (circuit, diagnostics) =
        timed(&mut timings, "elaborate", || elaborate::elaborate(&elaborate::FileLoader, path, options, &mut sources));
    FrontEnd { circuit, diagnostics, sources, timings }
}

/// Makes the image of a circuit for a machine.
///
/// # Errors
/// See [`CompileFailure`].
pub fn compile(circuit: &Circuit, machine: &Machine, options: &CompileOptions) -> Result<Compiled, CompileFailure> {
    let mut timings = Timings::new();
    let (graph, diagnostics) = timed(&mut timings, "lower", || lower::lower(circuit, options.seed, &options.lower));
    let Some(graph) = graph else { return Err(CompileFailure::Input(diagnostics)) };
    let sources = Sources::of(&graph, machine.processor.generates);
    let parts = timed(&mut timings, "partition", || partition::run(&graph, &sources, machine, &options.partition))?;
    let mapped = match machine.router {
        Some(_) => Some(timed(&mut timings, "map", || {
            many_core::run(&graph, &sources, &parts, machine, &options.partition, &options.map)
        })?),
        None => None,
    };
    let (placement, keys, routes) = match &mapped {
        Some(mapped) => (Cow::Borrowed(&mapped.placement), Cow::Borrowed(&mapped.keys), Routes::Tables(&mapped.routers)),
        None => {
            let placement = timed(&mut timings, "place", || place::run(&parts, machine));
            (Cow::Owned(placement), Cow::Owned(image::keys(&graph, &parts)?), Routes::Ideal)
        }
    };
    let image = timed(&mut timings, "image", || image::run(&graph, &sources, &parts, &placement, &keys, routes, machine))?;
    Ok(Compiled { image, graph, partition: parts, mapped, diagnostics, timings })
}

impl From<Shortfalls> for CompileFailure {
    fn from(shortfalls: Shortfalls) -> Self {
        CompileFailure::DoesNotFit(shortfalls)
    }
}

impl From<MapFailure> for CompileFailure {
    fn from(failure: MapFailure) -> Self {
        match failure {
            MapFailure::DoesNotFit(shortfalls) => CompileFailure::DoesNotFit(shortfalls),
            MapFailure::Unreachable { from, to } => {
                let what = format!("working ways from chip {},{} to chip {},{}", from.0, from.1, to.0, to.1);
                CompileFailure::DoesNotFit(Shortfalls(vec![Shortfall { what, needs: 1, has: 0, unit: "" }]))
            }
            MapFailure::Wrong(what) => CompileFailure::Bug(what),
        }
    }
}

impl From<ImageFailure> for CompileFailure {
    fn from(failure: ImageFailure) -> Self {
        match failure {
            ImageFailure::DoesNotFit(shortfalls) => CompileFailure::DoesNotFit(shortfalls),
            ImageFailure::ReadBack(what) => CompileFailure::Bug(format!("the image that was written is refused: {what}")),
        }
    }
}
