//! What is made of a projection as a whole: `fixed_total` (its counts, or all of its pairs) and lists.

use super::ConnectError;
use super::line::{Generator, Lines};
use crate::circuit::Edges;
use bouton_targets::random::Purpose;

/// Synapses whose targets are drawn from one index.
const COUNTED_AT_ONCE: u64 = 1 << 20;

/// Pairs sorted by source, within a source in the order of their numbers.
pub(crate) struct SortedPairs {
    row_start: Vec<u64>,
    target: Vec<u32>,
    factor: Option<Vec<f64>>,
    delay: Option<Vec<u32>>,
}

impl SortedPairs {
    /// Appends the synapses of source neuron `source`.
    pub(crate) fn row(&self, source: u32, lines: &mut Lines) {
        let row = self.row_start[source as usize] as usize..self.row_start[source as usize + 1] as usize;
        lines.other.extend_from_slice(&self.target[row.clone()]);
        if let Some(factor) = &self.factor {
            lines.factor.extend_from_slice(&factor[row.clone()]);
        }
        if let Some(delay) = &self.delay {
            lines.delay.extend_from_slice(&delay[row]);
        }
    }
}

/// Where each of `keys` goes when sorted by key, stably, and where each key's group starts (one more than there are keys).
pub(crate) fn counting_sort(keys: &[u32], groups: u32) -> (Vec<u64>, Vec<u32>) {
    let mut start = vec![0u64; groups as usize + 1];
    for key in keys {
        start[*key as usize + 1] += 1;
    }
    for i in 0..groups as usize {
        start[i + 1] += start[i];
    }
    let mut next = start.clone();
    let place = keys
        .iter()
        .map(|key| {
            let at = &mut next[*key as usize];
            *at += 1;
            (*at - 1) as u32
        })
        .collect();
    (start, place)
}

/// `items` with item `i` at `place[i]`.
pub(crate) fn permuted<T: Copy + Default>(items: &[T], place: &[u32]) -> Vec<T> {
    let mut out = vec![T::default(); items.len()];
    for (item, at) in items.iter().zip(place) {
        out[*at as usize] = *item;
    }
    out
}

/// Synapses written out.
pub(crate) fn edges(generator: &Generator, edges: &Edges) -> Result<SortedPairs, ConnectError> {
    let projection = generator.projection;
    let (sources, targets) = (&projection.source_indices, &projection.target_indices);
    let mut source = Vec::with_capacity(edges.pre.len());
    let mut target = Vec::with_capacity(edges.pre.len());
    for (synapse, (pre, post)) in edges.pre.iter().zip(&edges.post).enumerate() {
        let check = |index: u32, size: u32, side| match index < size {
            true => Ok(()),
            false => Err(ConnectError::IndexOutOfRange { synapse: synapse as u64, index, size, side }),
        };
        check(*pre, sources.len(), "source")?;
        check(*post, targets.len(), "target")?;
        let (from, to) = (sources.nth(*pre), targets.nth(*post));
        if generator.forbidden(from, to) {
            return Err(ConnectError::SelfConnection { index: from });
        }
        source.push(from);
        target.push(to);
    }
    check_count(source.len() as u64)?;
    let (row_start, place) = counting_sort(&source, generator.source_size);
    let sorted = SortedPairs {
        row_start,
        target: permuted(&target, &place),
        factor: edges.weight.as_ref().map(|w| permuted(w, &place)),
        delay: edges.delay.as_ref().map(|d| permuted(d, &place)),
    };
    if !projection.allow_multiple {
        refuse_repeated(&sorted)?;
    }
    Ok(sorted)
}

fn refuse_repeated(pairs: &SortedPairs) -> Result<(), ConnectError> {
    let mut row = Vec::new();
    for (source, bounds) in pairs.row_start.windows(2).enumerate() {
        row.clear();
        row.extend_from_slice(&pairs.target[bounds[0] as usize..bounds[1] as usize]);
        row.sort_unstable();
        if let Some(twice) = row.windows(2).find(|w| w[0] == w[1]) {
            return Err(ConnectError::Repeated { source: source as u32, target: twice[0] });
        }
    }
    Ok(())
}

fn check_count(n: u64) -> Result<(), ConnectError> {
    if n < u64::from(u32::MAX) { Ok(()) } else { Err(ConnectError::TooMany) }
}

/// How many of `n` synapses each target gets, by number, when every pair that is allowed is as likely, again and again.
///
/// Synapses are counted in runs of [`COUNTED_AT_ONCE`]; run r draws at index r, tick 1, from draw number 0 on: a target, and
/// where neurons may not connect to themselves and the target is a source too, also a source; when that is the target itself,
/// both are drawn again.
pub(crate) fn counts(generator: &Generator, n: u64) -> Result<Vec<u32>, ConnectError> {
    let projection = generator.projection;
    let (sources, targets) = (&projection.source_indices, &projection.target_indices);
    if n > 0 && candidates(generator) == 0 {
        return Err(ConnectError::TooFewCandidates { wanted: n, candidates: 0 });
    }
    // A target whose count does not fit could not be numbered on a core either.
    if n / COUNTED_AT_ONCE > u64::from(u32::MAX) {
        return Err(ConnectError::TooMany);
    }
    let own: Vec<Option<u32>> = targets.iter().enumerate().map(|(at, t)| generator.partners(at as u32, t, sources).own).collect();
    let mut counts = vec![0u32; own.len()];
    for run in 0..n.div_ceil(COUNTED_AT_ONCE) {
        let mut draws = generator.draws(Purpose::Connect, run as u32).at_tick(1);
        let mut left = COUNTED_AT_ONCE.min(n - run * COUNTED_AT_ONCE);
        while left > 0 {
            let target = draws.below(targets.len()) as usize;
            if own[target].is_none_or(|own| draws.below(sources.len()) != own) {
                counts[target] = counts[target].checked_add(1).ok_or(ConnectError::TooMany)?;
                left -= 1;
            }
        }
    }
    Ok(counts)
}

/// `n` distinct pairs, every set equally likely.
pub(crate) fn distinct(generator: &Generator, n: u64) -> Result<SortedPairs, ConnectError> {
    check_count(n)?;
    let candidates = candidates(generator);
    if n > candidates {
        return Err(ConnectError::TooFewCandidates { wanted: n, candidates });
    }
    Ok(from_pairs(generator, &distinct_pairs(generator, n, candidates)))
}

fn from_pairs(generator: &Generator, pairs: &[(u32, u32)]) -> SortedPairs {
    let (source, target): (Vec<u32>, Vec<u32>) = pairs.iter().copied().unzip();
    let (row_start, place) = counting_sort(&source, generator.source_size);
    SortedPairs { row_start, target: permuted(&target, &place), factor: None, delay: None }
}

/// Number of pairs that may have a synapse.
fn candidates(generator: &Generator) -> u64 {
    let projection = generator.projection;
    let (sources, targets) = (&projection.source_indices, &projection.target_indices);
    let all = u64::from(sources.len()) * u64::from(targets.len());
    if projection.allow_self || projection.source != projection.target {
        return all;
    }
    let mut common = 0;
    let mut others = targets.iter().peekable();
    for s in sources.iter() {
        while others.next_if(|t| *t < s).is_some() {}
        common += u64::from(others.peek() == Some(&s));
    }
    all - common
}

/// The pair of synapse `number`; words from 256·`round` on.
fn draw_pair(generator: &Generator, number: u32, round: u32) -> (u32, u32) {
    let projection = generator.projection;
    let mut draws = generator.draws(Purpose::Connect, number).from_draw(round << 8);
    loop {
        let from = projection.source_indices.nth(draws.below(projection.source_indices.len()));
        let to = projection.target_indices.nth(draws.below(projection.target_indices.len()));
        if !generator.forbidden(from, to) {
            return (from, to);
        }
    }
}

/// `n` distinct pairs. Where numbers draw the same pair, the lowest keeps it and the others draw again; when more than half of
/// all pairs are wanted, those that are left out are drawn instead, for else the last ones would be drawn for ever.
fn distinct_pairs(generator: &Generator, n: u64, candidates: u64) -> Vec<(u32, u32)> {
    if n > candidates / 2 {
        let mut absent = drawn_pairs(generator, candidates - n);
        absent.sort_unstable();
        return all_but(generator, &absent);
    }
    drawn_pairs(generator, n)
}

fn drawn_pairs(generator: &Generator, n: u64) -> Vec<(u32, u32)> {
    let mut pairs: Vec<(u32, u32)> = (0..n as u32).map(|number| draw_pair(generator, number, 0)).collect();
    let mut order: Vec<u32> = (0..n as u32).collect();
    for round in 1u32.. {
        order.sort_unstable_by_key(|i| (pairs[*i as usize], *i));
        let again: Vec<u32> = order.windows(2).filter(|w| pairs[w[0] as usize] == pairs[w[1] as usize]).map(|w| w[1]).collect();
        if again.is_empty() {
            break;
        }
        for number in again {
            pairs[number as usize] = draw_pair(generator, number, round);
        }
    }
    pairs
}

fn all_but(generator: &Generator, absent: &[(u32, u32)]) -> Vec<(u32, u32)> {
    let projection = generator.projection;
    let mut absent = absent.iter().peekable();
    let mut out = Vec::new();
    for s in projection.source_indices.iter() {
        for t in projection.target_indices.iter().filter(|t| !generator.forbidden(s, *t)) {
            if absent.next_if(|a| **a == (s, t)).is_none() {
                out.push((s, t));
            }
        }
    }
    out
}
