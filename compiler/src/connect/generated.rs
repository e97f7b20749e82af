//! Projections that stay descriptions: what lowering must know of them, without their synapses.

use super::line::Generator;
use super::{ConnectError, Synapses, Weights, assemble};
use crate::circuit::{Circuit, ProjId};
use crate::parallel;
use crate::table::Table;
use bouton_targets::generate::{ColumnError, Delay, Pattern, Recipe, Weight};
use std::ops::Range;

/// Synapses that one job draws, about.
const SYNAPSES_OF_A_JOB: u64 = 1 << 18;

/// The synapses of a projection, written out or described.
#[derive(Clone, Debug)]
pub enum Connections {
    /// One by one.
    Written(Synapses),
    /// As a description.
    Generated(Generated),
}

/// A description, and sums over its synapses.
#[derive(Clone, PartialEq, Debug)]
pub struct Generated {
    /// The description; counts of synapses by target, where it needs them, are the in-degrees.
    recipe: Recipe<'static>,
    /// Synapses of each target that takes part.
    pub in_degrees: Vec<u32>,
    /// Number of synapses.
    pub total: u64,
    /// Sums of weights of each target that takes part.
    pub weights: WeightSums,
    /// Least and greatest weight (SI); `None` where none is drawn.
    pub weight_range: Option<(f64, f64)>,
    /// Least and longest delay in ticks; `None` without synapses.
    pub delays: Option<(u32, u32)>,
}

/// Sums of weights by target (SI).
#[derive(Clone, PartialEq, Debug)]
pub enum WeightSums {
    /// All weights are this.
    Constant(f64),
    /// They differ.
    Each {
        /// Sum of the weights.
        sum: Vec<f64>,
        /// Sum of their magnitudes.
        absolute: Vec<f64>,
    },
}

impl Generated {
    /// The description with its counts.
    #[must_use]
    pub fn recipe(&self) -> Recipe<'_> {
        self.recipe.with_counts(&self.in_degrees)
    }

    /// The description without counts, to be kept beside the in-degrees.
    #[must_use]
    pub fn bare_recipe(&self) -> Recipe<'static> {
        self.recipe
    }

    /// The target neurons that take part.
    #[must_use]
    pub fn targets(&self) -> Range<u32> {
        let targets = self.recipe.targets;
        targets.first..targets.first + targets.count
    }

    /// Number of synapses of target neuron `target`.
    #[must_use]
    pub fn in_degree(&self, target: u32) -> u32 {
        let number = self.recipe.targets.number(target);
        number.and_then(|n| self.in_degrees.get(n as usize)).copied().unwrap_or(0)
    }

    /// Sum of the weights onto target neuron `target`, and of their magnitudes (SI).
    #[must_use]
    pub fn sums_at(&self, target: u32) -> (f64, f64) {
        match (&self.weights, self.recipe.targets.number(target)) {
            (WeightSums::Constant(w), _) => {
                let count = f64::from(self.in_degree(target));
                (w * count, w.abs() * count)
            }
            (WeightSums::Each { sum, absolute }, Some(n)) => (sum[n as usize], absolute[n as usize]),
            (WeightSums::Each { .. }, None) => (0.0, 0.0),
        }
    }
}

impl Connections {
    /// Whether there is no synapse.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Connections::Written(synapses) => synapses.is_empty(),
            Connections::Generated(generated) => generated.total == 0,
        }
    }

    /// The largest magnitude of a weight (SI).
    #[must_use]
    pub fn largest_weight(&self) -> f64 {
        match self {
            Connections::Written(synapses) => match &synapses.weight {
                Weights::Uniform(w) => w.abs(),
                Weights::Each(ws) => ws.iter().fold(0.0, |most, w| w.abs().max(most)),
            },
            Connections::Generated(generated) => generated.weight_range.map_or(0.0, |(low, high)| low.abs().max(high.abs())),
        }
    }
}

/// The synapses of every projection: descriptions are drawn once, for their sums, and forgotten.
///
/// # Errors
/// For each projection as [`super::synapses`].
#[must_use]
pub fn connections(circuit: &Circuit, seed: u64) -> Table<ProjId, Result<Connections, ConnectError>> {
    let ids: Vec<ProjId> = circuit.projections.ids().collect();
    let started = parallel::in_order(usize::MAX, ids.len(), |at| start(circuit, ids[at], seed));
    let jobs: Vec<(usize, Range<u32>)> =
        started.iter().enumerate().flat_map(|(at, s)| jobs(s).map(move |part| (at, part))).collect();
    let parts = parallel::in_order(usize::MAX, jobs.len(), |job| match &started[jobs[job].0] {
        Ok(Connections::Generated(generated)) => Part::draw(&generated.recipe(), jobs[job].1.clone()),
        _ => Ok(Part::default()),
    });
    let mut parts = jobs.into_iter().map(|(at, _)| at).zip(parts).peekable();
    let finish = |(at, started): (usize, Result<Connections, ConnectError>)| {
        let mut connections = started?;
        let mut failure = None;
        while let Some((_, part)) = parts.next_if(|(of, _)| *of == at) {
            match (part, &mut connections) {
                (Ok(part), Connections::Generated(generated)) => part.add_to(generated),
                (Err(error), _) => failure = failure.or(Some(error)),
                _ => {}
            }
        }
        failure.map_or(Ok(connections), Err)
    };
    started.into_iter().enumerate().map(finish).collect()
}

/// A projection before anything but the counts of a total is drawn: complete when nothing else is.
fn start(circuit: &Circuit, id: ProjId, seed: u64) -> Result<Connections, ConnectError> {
    let generator = Generator::new(circuit, id, seed)?;
    let Some((recipe, counts)) = generator.recipe() else {
        return Ok(Connections::Written(assemble::assemble(&generator)?));
    };
    let whole = recipe.with_counts(counts);
    let first = recipe.targets.first;
    let known = (first..first + recipe.targets.count).map(|target| whole.count(target)).collect::<Option<Vec<u32>>>();
    let total = known.as_ref().map_or(0, |counts| counts.iter().map(|n| u64::from(*n)).sum());
    let (weights, weight_range) = match recipe.weight {
        Weight::Constant(w) => (WeightSums::Constant(w), Some((w, w))),
        Weight::Drawn(..) => (WeightSums::Each { sum: Vec::new(), absolute: Vec::new() }, None),
    };
    let delays = match recipe.delay {
        Delay::Ticks(ticks) if total > 0 => Some((ticks, ticks)),
        _ => None,
    };
    let in_degrees = known.unwrap_or_default();
    Ok(Connections::Generated(Generated { recipe, in_degrees, total, weights, weight_range, delays }))
}

/// The runs of targets that must be drawn to know more of a projection.
fn jobs(started: &Result<Connections, ConnectError>) -> impl Iterator<Item = Range<u32>> + use<> {
    let (targets, step) = match started {
        Ok(Connections::Generated(generated)) if is_drawn(&generated.recipe) => {
            let targets = generated.targets();
            // At most all pairs: only random patterns do not know yet.
            let pairs = u64::from(generated.recipe.sources.count) * targets.len() as u64;
            let synapses = if generated.total > 0 { generated.total } else { pairs };
            let step = (targets.len() as u64 * SYNAPSES_OF_A_JOB).checked_div(synapses).unwrap_or(u64::MAX);
            (targets, step.clamp(1, u64::from(u32::MAX)) as u32)
        }
        _ => (0..0, 1),
    };
    let end = targets.end;
    targets.step_by(step as usize).map(move |first| first..first.saturating_add(step).min(end))
}

fn is_drawn(recipe: &Recipe<'_>) -> bool {
    let constant = matches!((recipe.weight, recipe.delay), (Weight::Constant(_), Delay::Ticks(_)));
    !constant || matches!(recipe.pattern, Pattern::Random { .. })
}

/// What one run of targets adds.
#[derive(Default)]
struct Part {
    in_degrees: Vec<u32>,
    sum: Vec<f64>,
    absolute: Vec<f64>,
    weight_range: Option<(f64, f64)>,
    delays: Option<(u32, u32)>,
}

impl Part {
    fn draw(recipe: &Recipe<'_>, targets: Range<u32>) -> Result<Part, ConnectError> {
        let mut part = Part::default();
        let mut scratch = vec![0; recipe.scratch_words()];
        let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
        let (mut soonest, mut latest) = (u32::MAX, 0);
        for target in targets {
            let (mut sum, mut absolute, mut count) = (0.0, 0.0, 0);
            let mut add = |weight: f64, delay: u32| {
                sum += weight;
                absolute += weight.abs();
                count += 1;
                (least, most) = (weight.min(least), weight.max(most));
                (soonest, latest) = (delay.min(soonest), delay.max(latest));
            };
            // Where a target's count is known, its sources need not be drawn.
            match recipe.count(target) {
                Some(count) => recipe.values(target, count, &mut add),
                None => recipe.real_column(target, &mut scratch, |_, weight, delay| add(weight, delay)),
            }
            .map_err(refusal)?;
            part.in_degrees.push(count);
            part.sum.push(sum);
            part.absolute.push(absolute);
        }
        if soonest <= latest {
            (part.weight_range, part.delays) = (Some((least, most)), Some((soonest, latest)));
        }
        Ok(part)
    }

    fn add_to(self, generated: &mut Generated) {
        if matches!(generated.recipe.pattern, Pattern::Random { .. }) {
            generated.total += self.in_degrees.iter().map(|n| u64::from(*n)).sum::<u64>();
            generated.in_degrees.extend(self.in_degrees);
        }
        if let WeightSums::Each { sum, absolute } = &mut generated.weights {
            sum.extend(self.sum);
            absolute.extend(self.absolute);
        }
        if let Some((least, most)) = self.weight_range {
            let (l, m) = generated.weight_range.unwrap_or((least, most));
            generated.weight_range = Some((l.min(least), m.max(most)));
        }
        if let Some((least, most)) = self.delays {
            let (l, m) = generated.delays.unwrap_or((least, most));
            generated.delays = Some((l.min(least), m.max(most)));
        }
    }
}

fn refusal(error: ColumnError) -> ConnectError {
    match error {
        ColumnError::Weight(none) => ConnectError::NeverWithin { what: "weight", within: none.within },
        ColumnError::Delay(none) => ConnectError::NeverWithin { what: "delay", within: none.within },
        // Every scratch here is as large as its recipe says.
        ColumnError::Scratch => ConnectError::TooMany,
    }
}
