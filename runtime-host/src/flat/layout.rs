//! Who computes what: slices of populations for each thread, and banks of sums.
//!
//! A bank is at most 65,536 sums of one thread, so that a synapse names its sum in 16 bits, whatever the population. Populations
//! of one latency share a bank: one row of a source then holds all its targets in the thread, and rows stay long.

use super::vector::{Param, WIDTH};
use crate::network::{Network, Population};
use bouton_targets::image::{Array, BlockKind};

/// Sums of a bank.
pub(super) const BANK: usize = 1 << 16;

/// Where the sums of a slice begin.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Place {
    /// Position of the bank.
    pub bank: usize,
    /// First sum.
    pub base: usize,
}

/// Members of a population that one thread computes.
#[derive(Clone, Debug)]
pub(super) struct Slice {
    /// Position of the population.
    pub population: usize,
    /// First member.
    pub first: u32,
    /// Number of members.
    pub count: u32,
    /// Distance between two of its arrays: the count, padded to whole vectors.
    pub stride: usize,
    /// Its 32-bit sums.
    pub narrow: Place,
    /// Its 64-bit sums.
    pub wide: Place,
    /// States, `[slot * stride + lane]`.
    pub states: Vec<i32>,
    /// Parameters.
    pub params: Vec<Param>,
}

/// A bank before it has synapses.
#[derive(Clone, Copy, Debug)]
pub(super) struct BankPlan {
    /// Latency of its populations.
    pub latency: u32,
    /// Sums in use.
    pub used: usize,
}

/// What one thread computes.
#[derive(Clone, Debug, Default)]
pub(super) struct Share {
    /// Slices, by population and first member.
    pub slices: Vec<Slice>,
    /// Populations of inputs that it plays.
    pub inputs: Vec<usize>,
    /// Banks of 32-bit sums.
    pub narrow: Vec<BankPlan>,
    /// Banks of 64-bit sums.
    pub wide: Vec<BankPlan>,
}

impl Share {
    /// The slices of a population.
    pub fn slices_of(&self, population: usize) -> impl Iterator<Item = (usize, &Slice)> {
        self.slices.iter().enumerate().filter(move |(_, slice)| slice.population == population)
    }
}

/// Divides a network among threads.
///
/// Whole vectors go to threads in turn; small populations start at different threads, so that no thread gets all of them.
pub(super) fn shares(network: &Network<'_>, threads: usize) -> Vec<Share> {
    let mut shares = vec![Share::default(); threads];
    let mut turn = 0;
    for (at, population) in network.populations.iter().enumerate() {
        if population.kind() != BlockKind::Neurons {
            shares[at % threads].inputs.push(at);
            continue;
        }
        let vectors = (population.size as usize).div_ceil(WIDTH);
        for i in 0..threads {
            let bounds = [i, i + 1].map(|i| (vectors * i / threads * WIDTH).min(population.size as usize) as u32);
            shares[(i + turn) % threads].add(network, at, bounds);
        }
        turn = (turn + vectors % threads) % threads;
    }
    shares
}

impl Share {
    /// Adds members of a population, in several slices if a bank cannot hold all of them.
    fn add(&mut self, network: &Network<'_>, at: usize, [start, end]: [u32; 2]) {
        let population = &network.populations[at];
        let receptors = population.block.narrow.max(population.block.wide).max(1) as usize;
        let most = (BANK / receptors / WIDTH * WIDTH).max(1) as u32;
        let mut first = start;
        while first < end {
            let count = most.min(end - first);
            let stride = (count as usize).next_multiple_of(WIDTH);
            // More receptors than a bank has vectors: the padding alone would not fit, so there is none.
            let stride = if stride * receptors > BANK { count as usize } else { stride };
            let latency = population.block.latency;
            let narrow = place(&mut self.narrow, latency, stride * population.block.narrow as usize);
            let wide = place(&mut self.wide, latency, stride * population.block.wide as usize);
            let (states, params) = arrays(network, population, first, count, stride);
            self.slices.push(Slice { population: at, first, count, stride, narrow, wide, states, params });
            first += count;
        }
    }
}

/// Room for `sums` in a bank of this latency.
fn place(banks: &mut Vec<BankPlan>, latency: u32, sums: usize) -> Place {
    let fits = banks.iter().position(|bank| bank.latency == latency && bank.used + sums <= BANK);
    let bank = fits.unwrap_or(banks.len());
    if sums == 0 {
        return Place::default();
    }
    if fits.is_none() {
        banks.push(BankPlan { latency, used: 0 });
    }
    let base = banks[bank].used;
    banks[bank].used += sums;
    Place { bank, base }
}

/// Initial states and parameters of some members.
fn arrays(network: &Network<'_>, population: &Population, first: u32, count: u32, stride: usize) -> (Vec<i32>, Vec<Param>) {
    let mut states = Vec::with_capacity(stride * population.block.states as usize);
    for slot in 0..population.block.states {
        states.extend(gather(network, population, slot, first, count));
        states.resize((slot as usize + 1) * stride, 0);
    }
    let params = (0..population.block.params).map(|slot| {
        let mut values = gather(network, population, population.block.states + slot, first, count);
        match values.first().copied() {
            Some(one) if values.iter().all(|v| *v == one) => Param::Uniform(one),
            _ => {
                values.resize(stride, 0);
                Param::Each(values)
            }
        }
    });
    (states, params.collect())
}

/// Values of array `i` of some members, from all slices of the image.
fn gather(network: &Network<'_>, population: &Population, i: u32, first: u32, count: u32) -> Vec<i32> {
    let mut values = Vec::with_capacity(count as usize);
    for (core, _, block) in &population.slices {
        let from = first.max(block.first);
        let to = (first + count).min(block.first + block.count);
        if from >= to {
            continue;
        }
        let (from, to) = ((from - block.first) as usize, (to - block.first) as usize);
        match network.cores[*core].array(block, i) {
            Some(Array::Each(all)) => values.extend_from_slice(&all[from..to]),
            Some(Array::Uniform(one)) => values.resize(values.len() + to - from, one),
            None => values.resize(values.len() + to - from, 0),
        }
    }
    values
}
