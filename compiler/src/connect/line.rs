//! One line of a projection: the synapses of one target neuron, or of one source neuron for patterns that go by source.

use super::total_pairs::{self, SortedPairs};
use super::{ConnectError, stream};
use crate::circuit::{self, Circuit, Distribution, IndexSet, ProjId, Projection, Quantity, Within};
use crate::draw::{DrawSource, sample};
use bouton_targets::generate::{Column, Delay, Members, Pattern, Recipe, Weight, WeightFormat, delay_ticks};
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
    scratch: Vec<u32>,
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
    ticks_per_second: f64,
    /// The topology by target column, for patterns that go by target.
    columns: Option<Pattern<'static>>,
    /// Synapses of each target, by number, where a total was given.
    counts: Vec<u32>,
    /// Synapses that were made as a whole, sorted by source: lists, and a total of distinct pairs.
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
            ticks_per_second: 1.0 / circuit.tick,
            columns: columns(projection),
            counts: Vec::new(),
            pairs: None,
        };
        check_indices(&projection.source_indices, generator.source_size, "source")?;
        check_indices(&projection.target_indices, generator.target_size, "target")?;
        check_pattern(projection)?;
        match &projection.pattern {
            circuit::Pattern::FixedIn { k } => generator.enough(*k)?,
            circuit::Pattern::FixedTotal { n } if projection.allow_multiple => {
                generator.counts = total_pairs::counts(&generator, *n)?;
            }
            circuit::Pattern::FixedTotal { n } => generator.pairs = Some(total_pairs::distinct(&generator, *n)?),
            circuit::Pattern::Edges(edges) => generator.pairs = Some(total_pairs::edges(&generator, edges)?),
            _ => {}
        }
        Ok(generator)
    }

    /// Whether lines are target columns instead of source rows.
    pub(crate) fn by_target(&self) -> bool {
        self.columns.is_some()
    }

    /// The topology by column.
    fn columns(&self) -> Option<Pattern<'_>> {
        match self.columns? {
            Pattern::FixedTotal { .. } => Some(Pattern::FixedTotal { first: 0, counts: &self.counts }),
            pattern => Some(pattern),
        }
    }

    /// The whole projection as a description that devices read, and the counts that belong to it; `None` for what must be
    /// written out: patterns by source, parts that are no range, weights or delays of a `choice`.
    pub(crate) fn recipe(&self) -> Option<(Recipe<'static>, &[u32])> {
        let pattern = self.columns?;
        let members = |set: &IndexSet| match set {
            IndexSet::Range { start, end } => Some(Members { first: *start, count: end.saturating_sub(*start) }),
            IndexSet::List(_) => None,
        };
        let weight = match &self.projection.weight {
            Quantity::Constant(w) => Weight::Constant(*w),
            Quantity::Drawn(Distribution::Law(law), within) => Weight::Drawn(*law, *within),
            Quantity::Drawn(Distribution::Choice(_), _) => return None,
        };
        let delay = match &self.projection.delay {
            circuit::Delay::Ticks(ticks) => Delay::Ticks(*ticks),
            circuit::Delay::Drawn(Distribution::Law(law), within) => Delay::Drawn(*law, *within),
            circuit::Delay::Drawn(Distribution::Choice(_), _) => return None,
        };
        let recipe = Recipe {
            seed: self.seed,
            stream: self.stream,
            sources: members(&self.projection.source_indices)?,
            targets: members(&self.projection.target_indices)?,
            pattern,
            no_self: self.no_self(),
            weight,
            format: WeightFormat { frac: 0, bits: self.projection.bits },
            delay,
            ticks_per_second: self.ticks_per_second,
            extra: 0,
        };
        Some((recipe, &self.counts))
    }

    /// The neurons whose lines may have synapses.
    pub(crate) fn line_indices(&self) -> &IndexSet {
        if self.by_target() { &self.projection.target_indices } else { &self.projection.source_indices }
    }

    /// Words for `index` and a purpose.
    pub(crate) fn draws(&self, purpose: Purpose, index: u32) -> DrawSource {
        DrawSource::new(self.seed, purpose, self.stream, index)
    }

    /// Whether neurons of equal index are one neuron that may not connect to itself.
    fn no_self(&self) -> bool {
        !self.projection.allow_self && self.projection.source == self.projection.target
    }

    /// Whether a synapse between these would be a forbidden self-connection.
    #[inline]
    pub(crate) fn forbidden(&self, source: u32, target: u32) -> bool {
        source == target && self.no_self()
    }

    /// The line of `neuron`, which is number `n` on its side, with the partners on the other.
    pub(crate) fn partners(&self, n: u32, neuron: u32, others: &IndexSet) -> Column {
        let own = if self.no_self() { position(others, neuron) } else { None };
        Column { target: n, sources: others.len(), own }
    }

    /// Whether every target has `k` sources to choose from.
    fn enough(&self, k: u32) -> Result<(), ConnectError> {
        let (sources, targets) = (&self.projection.source_indices, &self.projection.target_indices);
        let least = targets.iter().enumerate().map(|(n, t)| self.partners(n as u32, t, sources).candidates()).min();
        least.map_or(Ok(()), |candidates| self.has_candidates(k, candidates))
    }

    fn has_candidates(&self, k: u32, candidates: u32) -> Result<(), ConnectError> {
        if (!self.projection.allow_multiple && k > candidates) || (k > 0 && candidates == 0) {
            return Err(ConnectError::TooFewCandidates { wanted: k.into(), candidates: candidates.into() });
        }
        Ok(())
    }

    /// Appends line number `n` of [`Generator::line_indices`]: ends, then weights, then delays.
    pub(crate) fn line(&self, n: u32, lines: &mut Lines) -> Result<(), ConnectError> {
        let start = lines.other.len();
        let neuron = self.line_indices().nth(n);
        if let Some(pattern) = self.columns() {
            self.chosen(pattern, n, neuron, &self.projection.source_indices, lines);
            return self.values(neuron, start, lines);
        }
        match &self.projection.pattern {
            circuit::Pattern::Distance { probability } => self.distance(n, neuron, probability, lines),
            circuit::Pattern::FixedOut { k } => {
                let targets = &self.projection.target_indices;
                self.has_candidates(*k, self.partners(n, neuron, targets).candidates())?;
                self.chosen(fixed(*k, self.projection.allow_multiple), n, neuron, targets, lines);
            }
            circuit::Pattern::Matrix { weights } => self.matrix(n, neuron, weights, lines)?,
            circuit::Pattern::LowRank(factors) => {
                let rank = factors.rank as usize;
                let left = &factors.m[n as usize * rank..][..rank];
                self.pairs(neuron, lines, |j| {
                    let right = &factors.n[j as usize * rank..][..rank];
                    Some(Some(left.iter().zip(right).map(|(a, b)| a * b).sum()))
                });
            }
            _ => {
                if let Some(pairs) = &self.pairs {
                    pairs.row(neuron, lines);
                }
            }
        }
        self.values(neuron, start, lines)
    }

    /// Appends the partners of `neuron`, number `n` on its side, that `pattern` chooses of `others`.
    fn chosen(&self, pattern: Pattern<'_>, n: u32, neuron: u32, others: &IndexSet, lines: &mut Lines) {
        let Lines { other, scratch, .. } = lines;
        let needed = pattern.scratch_words(others.len());
        if scratch.len() < needed {
            scratch.resize(needed, 0);
        }
        let mut draws = self.draws(Purpose::Connect, neuron);
        let made = pattern.sources(&self.partners(n, neuron, others), &mut draws, scratch, |at| {
            other.push(others.nth(at));
            true
        });
        debug_assert!(made.is_ok(), "the scratch is as large as it says");
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
        if let (circuit::Delay::Drawn(distribution, within), true) = (&self.projection.delay, lines.delay.len() == start) {
            let mut draws = self.draws(Purpose::Delay, neuron);
            for _ in 0..count {
                let seconds = draw("delay", distribution, *within, &mut draws)?;
                lines.delay.push(delay_ticks(seconds, self.ticks_per_second));
            }
        }
        Ok(())
    }
}

fn draw(what: &'static str, law: &Distribution, within: Option<Within>, draws: &mut DrawSource) -> Result<f64, ConnectError> {
    sample(law, within, draws).map_err(|failure| ConnectError::NeverWithin { what, within: failure.within })
}

/// The topology of a pattern that goes by target; counts are still missing.
fn columns(projection: &Projection) -> Option<Pattern<'static>> {
    match projection.pattern {
        circuit::Pattern::OneToOne => Some(Pattern::OneToOne),
        circuit::Pattern::AllToAll => Some(Pattern::AllToAll),
        circuit::Pattern::Random { p } => Some(Pattern::random(p)),
        circuit::Pattern::FixedIn { k } => Some(fixed(k, projection.allow_multiple)),
        circuit::Pattern::FixedTotal { .. } if projection.allow_multiple => Some(Pattern::FixedTotal { first: 0, counts: &[] }),
        _ => None,
    }
}

fn fixed(k: u32, multiple: bool) -> Pattern<'static> {
    if multiple { Pattern::FixedInMultiple { k } } else { Pattern::FixedIn { k } }
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
        circuit::Pattern::OneToOne if sources != targets => Err(ConnectError::SizesDiffer { sources, targets }),
        circuit::Pattern::Distance { probability } => length("the table of probabilities", all, probability.len()),
        circuit::Pattern::Matrix { weights } => length("the matrix", all, weights.len()),
        circuit::Pattern::LowRank(f) => {
            length("the left factor", u64::from(sources) * u64::from(f.rank), f.m.len())?;
            length("the right factor", u64::from(targets) * u64::from(f.rank), f.n.len())
        }
        circuit::Pattern::Edges(e) => {
            length("the column `post`", e.pre.len() as u64, e.post.len())?;
            length("the column `weight`", e.pre.len() as u64, e.weight.as_ref().map_or(e.pre.len(), Vec::len))?;
            length("the column `delay`", e.pre.len() as u64, e.delay.as_ref().map_or(e.pre.len(), Vec::len))
        }
        _ => Ok(()),
    }
}
