//! Synapses of a projection: written out by source, or described, to be made by target wherever they are needed.

use bouton_targets::generate::{Delay, MAX_DELAY, Recipe, Weight};
use std::borrow::Cow;

/// Synapses of a projection.
#[derive(Clone, PartialEq, Debug)]
pub enum SpikeSynapses {
    /// One by one.
    Written(WrittenSynapses),
    /// As a description. (Boxed: it is larger than the lists.)
    Generated(Box<GeneratedSynapses>),
}

/// Synapses one by one, sorted by source, then delay, then target. Fewer than 2^32.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WrittenSynapses {
    /// `row_start[s] .. row_start[s + 1]` are the synapses of source s.
    pub row_start: Vec<u32>,
    /// Target of each.
    pub post: Vec<u32>,
    /// Delay of each, ticks, at least 1.
    pub delay: Delays,
    /// Weight of each.
    pub weight: Weights,
}

/// Synapses as a description. There may be more than 2^32.
#[derive(Clone, PartialEq, Debug)]
pub struct GeneratedSynapses {
    /// The description, without the counts by target: [`GeneratedSynapses::recipe`] has them.
    pub bare: Recipe<'static>,
    /// Neurons of the whole source population.
    pub source_size: u32,
    /// Synapses of each target that takes part, from the first on.
    pub in_degrees: Vec<u32>,
    /// Number of synapses.
    pub total: u64,
    /// Least and longest delay on hardware in ticks; 1 and 1 without synapses.
    pub delay_bounds: (u32, u32),
}

impl GeneratedSynapses {
    /// The description: its columns are the synapses.
    #[must_use]
    pub fn recipe(&self) -> Recipe<'_> {
        self.bare.with_counts(&self.in_degrees)
    }

    /// Synapses of target neuron `target` of the population.
    #[must_use]
    pub fn in_degree(&self, target: u32) -> u32 {
        let number = self.bare.targets.number(target);
        number.and_then(|n| self.in_degrees.get(n as usize)).copied().unwrap_or(0)
    }

    /// The synapses one by one; `None` when there are too many to be numbered. Takes eight bytes for each.
    #[must_use]
    pub fn expand(&self) -> Option<WrittenSynapses> {
        if self.total >= u64::from(u32::MAX) {
            return None;
        }
        let targets = self.bare.targets;
        let targets = targets.first..targets.first + targets.count;
        let mut row_start = vec![0u32; self.source_size as usize + 1];
        self.visit(targets.clone(), |_, source, _, _| row_start[source as usize + 1] += 1);
        for i in 1..row_start.len() {
            row_start[i] += row_start[i - 1];
        }
        let each = |drawn: bool| if drawn { self.total as usize } else { 0 };
        let mut post = vec![0u32; self.total as usize];
        let mut delay = vec![0u16; each(matches!(self.bare.delay, Delay::Drawn(..)))];
        let mut weight = vec![0i16; each(matches!(self.bare.weight, Weight::Drawn(..)))];
        let mut next = row_start.clone();
        self.visit(targets, |target, source, w, d| {
            let at = next[source as usize] as usize;
            next[source as usize] += 1;
            post[at] = target;
            // A delay on hardware has 16 bits.
            delay.get_mut(at).into_iter().for_each(|delay| *delay = d as u16);
            weight.get_mut(at).into_iter().for_each(|weight| *weight = w);
        });
        // Columns came in ascending order, so targets are sorted within a delay.
        if !delay.is_empty() {
            sort_rows(&row_start, &mut post, &mut delay, &mut weight);
        }
        let delay = match self.bare.delay {
            Delay::Ticks(_) => Delays::Uniform(self.delay_bounds.0),
            Delay::Drawn(..) => Delays::Each(delay),
        };
        let weight = match self.bare.weight {
            Weight::Constant(w) => Weights::Uniform(self.bare.format.raw(w)),
            Weight::Drawn(..) => Weights::Each(weight),
        };
        Some(WrittenSynapses { row_start, post, delay, weight })
    }

    fn visit(&self, targets: std::ops::Range<u32>, mut visit: impl FnMut(u32, u32, i16, u32)) {
        let recipe = self.recipe();
        let mut scratch = vec![0; recipe.scratch_words()];
        for target in targets {
            let made = recipe.column(target, &mut scratch, |source, weight, delay| visit(target, source, weight, delay));
            debug_assert!(made.is_ok(), "every column was drawn when the projection was lowered");
        }
    }

    /// What is wrong with it, in words, for a target population of `target_size`.
    #[must_use]
    pub(crate) fn flaw(&self, target_size: u32) -> Option<&'static str> {
        let fits = |members: bouton_targets::generate::Members, size: u32| {
            members.first.checked_add(members.count).is_some_and(|end| end <= size)
        };
        if !fits(self.bare.sources, self.source_size) || !fits(self.bare.targets, target_size) {
            return Some("its parts reach beyond the populations");
        }
        let counted: u64 = self.in_degrees.iter().map(|n| u64::from(*n)).sum();
        if self.in_degrees.len() != self.bare.targets.count as usize || counted != self.total {
            return Some("its numbers of synapses are not those of its targets");
        }
        let recipe = self.recipe();
        let wrong = |(number, degree): (usize, &u32)| {
            recipe.count(self.bare.targets.first + number as u32).is_some_and(|count| count != *degree)
        };
        if self.in_degrees.iter().enumerate().any(wrong) {
            return Some("its numbers of synapses are not those of its pattern");
        }
        let (least, longest) = self.delay_bounds;
        if least < 1 || least > longest || longest > MAX_DELAY {
            return Some("a delay is not between 1 and 65535 ticks");
        }
        None
    }
}

/// Sorts each row by delay, stably.
fn sort_rows(row_start: &[u32], post: &mut [u32], delay: &mut [u16], weight: &mut [i16]) {
    let mut order = Vec::new();
    for row in row_start.windows(2).map(|row| row[0] as usize..row[1] as usize) {
        if delay[row.clone()].is_sorted() {
            continue;
        }
        order.clear();
        order.extend(row.clone().map(|at| (delay[at], post[at], weight.get(at).copied().unwrap_or(0))));
        order.sort_by_key(|synapse| synapse.0);
        for (at, synapse) in row.zip(&order) {
            (delay[at], post[at]) = (synapse.0, synapse.1);
            weight.get_mut(at).into_iter().for_each(|weight| *weight = synapse.2);
        }
    }
}

impl SpikeSynapses {
    /// Number of synapses.
    #[must_use]
    pub fn total(&self) -> u64 {
        match self {
            SpikeSynapses::Written(written) => written.post.len() as u64,
            SpikeSynapses::Generated(generated) => generated.total,
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.total() == 0
    }

    /// Least and longest delay in ticks; `None` without synapses.
    #[must_use]
    pub fn delay_bounds(&self) -> Option<(u32, u32)> {
        if self.is_empty() {
            return None;
        }
        match self {
            SpikeSynapses::Written(written) => Some(match &written.delay {
                Delays::Uniform(d) => (*d, *d),
                Delays::Each(ds) => ds.iter().fold((u32::MAX, 0), |(l, h), d| (l.min((*d).into()), h.max((*d).into()))),
            }),
            SpikeSynapses::Generated(generated) => Some(generated.delay_bounds),
        }
    }

    /// Synapses of each neuron of a target population of `target_size`.
    #[must_use]
    pub fn in_degrees(&self, target_size: u32) -> Vec<u32> {
        match self {
            SpikeSynapses::Written(written) => {
                let mut degrees = vec![0; target_size as usize];
                for target in &written.post {
                    degrees[*target as usize] += 1;
                }
                degrees
            }
            SpikeSynapses::Generated(generated) => (0..target_size).map(|target| generated.in_degree(target)).collect(),
        }
    }

    /// The synapses one by one; `None` when there are too many to be numbered.
    #[must_use]
    pub fn expand(&self) -> Option<Cow<'_, WrittenSynapses>> {
        match self {
            SpikeSynapses::Written(written) => Some(Cow::Borrowed(written)),
            SpikeSynapses::Generated(generated) => generated.expand().map(Cow::Owned),
        }
    }

    /// The description with its counts; `None` for synapses that are written out.
    #[must_use]
    pub fn recipe(&self) -> Option<Recipe<'_>> {
        match self {
            SpikeSynapses::Written(_) => None,
            SpikeSynapses::Generated(generated) => Some(generated.recipe()),
        }
    }
}

/// Delays of synapses.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Delays {
    /// The same for all.
    Uniform(u32),
    /// One each.
    Each(Vec<u16>),
}

impl Delays {
    /// Delay of synapse `at`.
    #[must_use]
    pub fn at(&self, at: usize) -> u32 {
        match self {
            Delays::Uniform(d) => *d,
            Delays::Each(ds) => ds[at].into(),
        }
    }
}

/// Raw weights of synapses.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Weights {
    /// The same for all.
    Uniform(i16),
    /// One each.
    Each(Vec<i16>),
}

impl Weights {
    /// Weight of synapse `at`.
    #[must_use]
    pub fn at(&self, at: usize) -> i16 {
        match self {
            Weights::Uniform(w) => *w,
            Weights::Each(ws) => ws[at],
        }
    }
}
