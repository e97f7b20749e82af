//! One line of a projection: the synapses of one source neuron, or of one target neuron for `fixed_in`.

use super::pick::{self, Seen};
use super::total_pairs::{self, SortedPairs};
use super::{ConnectError, stream};
use crate::circuit::{Circuit, Delay, Distribution, IndexSet, Pattern, ProjId, Projection, Quantity, Within};
use crate::draw::{DrawSource, sample};
use bouton_targets::random::{Purpose, Seed};

/// Synapses line by line, in the order in which they were generated, with room to work in.
#[derive(Default)]
pub(crate) struct Lines {
    /// The other end of each synapse, an index in its whole population.
    pub other: Vec<u32>,
    /// Factors on the weight, for patterns that have them; else empty.
    pub factor: Vec<f64>,
    /// Weights, when they differ; else empty.
    pub weight: Vec<f64>,
    /// Delays in ticks, when they differ; else empty.
    pub delay: Vec<u32>,
    seen: Seen,
}

/// Makes the lines of one projection.
pub(crate) struct Generator<'a> {
    /// The projection.
    pub projection: &'a Projection,
    /// Size of the whole source population.
    pub source_size: u32,
    /// Size of the whole target population.
    pub target_size: u32,
    seed: Seed,
    stream: u32,
    tick: f64,
    /// Synapses that were made as a whole, sorted by source: `fixed_total` and lists.
    pairs: Option<SortedPairs>,
}

impl<'a> Generator<'a> {
    /// Checks the pattern against the populations, and makes what can only be made as a whole.
    pub(crate) fn new(circuit: &'a Circuit, id: ProjId, seed: u64) -> Result<Self, ConnectError> {
        let projection = &circuit.projections[id];
        let size = |p| circuit.populations[p].size();
        let mut generator = Generator {
            projection,
            source_size: size(projection.source),
            target_size: size(projection.target),
            seed: Seed(seed),
            stream: stream(id),
            tick: circuit.tick,
            pairs: None,
        };
        check_indices(&projection.source_indices, generator.source_size, "source")?;
        check_indices(&projection.target_indices, generator.target_size, "target")?;
        check_pattern(projection)?;
        generator.pairs = match &projection.pattern {
            Pattern::FixedTotal { n } => Some(total_pairs::fixed_total(&generator, *n)?),
            Pattern::Edges(edges) => Some(total_pairs::edges(&generator, edges)?),
            _ => None,
        };
        Ok(generator)
    }

    /// Whether lines are target columns instead of source rows.
    pub(crate) fn by_target(&self) -> bool {
        matches!(self.projection.pattern, Pattern::FixedIn { .. })
    }

    /// The neurons whose lines may have synapses.
    pub(crate) fn line_indices(&self) -> &IndexSet {
        if self.by_target() { &self.projection.target_indices } else { &self.projection.source_indices }
    }

    /// Words for `index` and a purpose.
    pub(crate) fn draws(&self, purpose: Purpose, index: u32) -> DrawSource {
        DrawSource::new(self.seed, purpose, self.stream, index)
    }

    /// Whether a synapse between these would be a forbidden self-connection.
    #[inline]
    pub(crate) fn forbidden(&self, source: u32, target: u32) -> bool {
        source == target && !self.projection.allow_self && self.projection.source == self.projection.target
    }

    /// Appends line number `n` of [`Generator::line_indices`]: ends, then weights, then delays.
    pub(crate) fn line(&self, n: u32, lines: &mut Lines) -> Result<(), ConnectError> {
        let start = lines.other.len();
        let neuron = self.line_indices().nth(n);
        match &self.projection.pattern {
            Pattern::OneToOne => self.keep(neuron, self.projection.target_indices.nth(n), None, lines),
            Pattern::AllToAll => self.pairs(neuron, lines, |_| Some(None)),
            Pattern::Random { p } => self.random(neuron, *p, lines),
            Pattern::Distance { probability } => self.distance(n, neuron, probability, lines),
            Pattern::FixedIn { k } => self.fixed(neuron, *k, &self.projection.source_indices, lines)?,
            Pattern::FixedOut { k } => self.fixed(neuron, *k, &self.projection.target_indices, lines)?,
            Pattern::Matrix { weights } => self.matrix(n, neuron, weights, lines)?,
            Pattern::LowRank(factors) => {
                let rank = factors.rank as usize;
                let left = &factors.m[n as usize * rank..][..rank];
                self.pairs(neuron, lines, |j| {
                    let right = &factors.n[j as usize * rank..][..rank];
                    Some(Some(left.iter().zip(right).map(|(a, b)| a * b).sum()))
                });
            }
            Pattern::FixedTotal { .. } | Pattern::Edges(_) => {
                if let Some(pairs) = &self.pairs {
                    pairs.row(neuron, lines);
                }
            }
        }
        self.values(neuron, start, lines)
    }

    /// Adds one synapse of a row unless it is a forbidden self-connection.
    fn keep(&self, source: u32, target: u32, factor: Option<f64>, lines: &mut Lines) {
        if !self.forbidden(source, target) {
            lines.other.push(target);
            lines.factor.extend(factor);
        }
    }

    /// Visits every target, by its number; `factor` says whether there is a synapse, and with which factor if any.
    fn pairs(&self, source: u32, lines: &mut Lines, mut factor: impl FnMut(u32) -> Option<Option<f64>>) {
        for (j, target) in self.projection.target_indices.iter().enumerate() {
            if let Some(factor) = factor(j as u32) {
                self.keep(source, target, factor, lines);
            }
        }
    }

    fn random(&self, neuron: u32, p: f64, lines: &mut Lines) {
        let targets = &self.projection.target_indices;
        let mut draws = self.draws(Purpose::Connect, neuron);
        pick::bernoulli(&mut draws, p, targets.len(), |j| self.keep(neuron, targets.nth(j), None, lines));
    }

    fn distance(&self, n: u32, neuron: u32, probability: &[f64], lines: &mut Lines) {
        let columns = self.projection.target_indices.len() as usize;
        let row = &probability[n as usize * columns..][..columns];
        let mut draws = self.draws(Purpose::Connect, neuron);
        // One word per pair, whatever the probability: word number j decides pair j.
        self.pairs(neuron, lines, |j| (f64::from(draws.word()) < row[j as usize] * 4_294_967_296.0).then_some(None));
    }

    fn matrix(&self, n: u32, neuron: u32, weights: &[f64], lines: &mut Lines) -> Result<(), ConnectError> {
        let columns = self.projection.target_indices.len() as usize;
        for (weight, target) in weights[n as usize * columns..][..columns].iter().zip(self.projection.target_indices.iter()) {
            if *weight != 0.0 {
                if self.forbidden(neuron, target) {
                    return Err(ConnectError::SelfConnection { index: neuron });
                }
                lines.other.push(target);
                lines.factor.push(*weight);
            }
        }
        Ok(())
    }

    /// `k` partners of `neuron` out of `others`.
    fn fixed(&self, neuron: u32, k: u32, others: &IndexSet, lines: &mut Lines) -> Result<(), ConnectError> {
        // A neuron that may not meet itself is left out of the candidates instead of being drawn again.
        let own = if self.forbidden(neuron, neuron) { position(others, neuron) } else { None };
        let candidates = others.len() - u32::from(own.is_some());
        let multiple = self.projection.allow_multiple;
        if (!multiple && k > candidates) || (k > 0 && candidates == 0) {
            return Err(ConnectError::TooFewCandidates { wanted: k.into(), candidates: candidates.into() });
        }
        let start = lines.other.len();
        let mut draws = self.draws(Purpose::Connect, neuron);
        if multiple {
            lines.other.extend((0..k).map(|_| pick::below(&mut draws, candidates)));
        } else {
            pick::distinct(&mut draws, k, candidates, &mut lines.seen, &mut lines.other);
        }
        for n in &mut lines.other[start..] {
            *n = others.nth(*n + u32::from(own.is_some_and(|own| *n >= own)));
        }
        Ok(())
    }

    /// Draws weights and delays of the line that began at `start`.
    fn values(&self, neuron: u32, start: usize, lines: &mut Lines) -> Result<(), ConnectError> {
        let count = lines.other.len() - start;
        match &self.projection.weight {
            Quantity::Drawn(distribution, within) => {
                let mut draws = self.draws(Purpose::Weight, neuron);
                for _ in 0..count {
                    lines.weight.push(draw("weight", distribution, *within, &mut draws)?);
                }
            }
            Quantity::Constant(w) if !lines.factor.is_empty() => lines.weight.resize(start + count, *w),
            Quantity::Constant(_) => {}
        }
        if !lines.factor.is_empty() {
            for (weight, factor) in lines.weight[start..].iter_mut().zip(&lines.factor[start..]) {
                *weight *= factor;
            }
        }
        if let (Delay::Drawn(distribution, within), true) = (&self.projection.delay, lines.delay.len() == start) {
            let mut draws = self.draws(Purpose::Delay, neuron);
            for _ in 0..count {
                let seconds = draw("delay", distribution, *within, &mut draws)?;
                lines.delay.push(delay_ticks(seconds, self.tick));
            }
        }
        Ok(())
    }
}

fn draw(what: &'static str, law: &Distribution, within: Option<Within>, draws: &mut DrawSource) -> Result<f64, ConnectError> {
    sample(law, within, draws).map_err(|failure| ConnectError::NeverWithin { what, within: failure.within })
}

/// A delay in whole ticks: rounded to the nearest (halves up), at least one.
#[must_use]
pub(crate) fn delay_ticks(seconds: f64, tick: f64) -> u32 {
    (libm::floor(seconds / tick + 0.5) as u32).max(1)
}

/// The number of `neuron` within `set`.
fn position(set: &IndexSet, neuron: u32) -> Option<u32> {
    match set {
        IndexSet::Range { start, end } => (*start..*end).contains(&neuron).then(|| neuron - start),
        IndexSet::List(list) => list.binary_search(&neuron).ok().map(|at| at as u32),
    }
}

fn check_indices(set: &IndexSet, size: u32, side: &'static str) -> Result<(), ConnectError> {
    let last = if set.is_empty() { return Ok(()) } else { set.nth(set.len() - 1) };
    if last >= size {
        return Err(ConnectError::IndexOutOfRange { synapse: 0, index: last, size, side });
    }
    Ok(())
}

fn check_pattern(projection: &Projection) -> Result<(), ConnectError> {
    let (sources, targets) = (projection.source_indices.len(), projection.target_indices.len());
    let length = |what, expected: u64, found: usize| match found as u64 {
        found if found == expected => Ok(()),
        found => Err(ConnectError::WrongLength { what, expected, found }),
    };
    let all = u64::from(sources) * u64::from(targets);
    match &projection.pattern {
        Pattern::OneToOne if sources != targets => Err(ConnectError::SizesDiffer { sources, targets }),
        Pattern::Distance { probability } => length("the table of probabilities", all, probability.len()),
        Pattern::Matrix { weights } => length("the matrix", all, weights.len()),
        Pattern::LowRank(f) => {
            length("the left factor", u64::from(sources) * u64::from(f.rank), f.m.len())?;
            length("the right factor", u64::from(targets) * u64::from(f.rank), f.n.len())
        }
        Pattern::Edges(e) => {
            length("the column `post`", e.pre.len() as u64, e.post.len())?;
            length("the column `weight`", e.pre.len() as u64, e.weight.as_ref().map_or(e.pre.len(), Vec::len))?;
            length("the column `delay`", e.pre.len() as u64, e.delay.as_ref().map_or(e.pre.len(), Vec::len))
        }
        _ => Ok(()),
    }
}
