//! Populations of inputs, whole: what is known beforehand, and what comes from outside.

use super::ring::Slot;
use crate::input::Timed;
use crate::network::Network;
use bouton_targets::image::BlockKind;

/// An input population and how far it was played.
#[derive(Clone, Debug)]
pub(super) struct Input {
    /// Position of the population.
    pub population: usize,
    latency: u32,
    source: Source,
}

#[derive(Clone, Debug)]
enum Source {
    /// (Logical tick, member), sorted, and the position of the next.
    Spikes(Vec<(u32, u32)>, usize),
    /// For each slice of the image: first member, members, values `[tick * members + lane]`.
    Signal(Vec<(u32, usize, Vec<i32>)>),
    /// Events by tick of the machine, and the position of the next.
    Live(Vec<Timed>, usize),
}

impl Input {
    pub fn new(network: &Network<'_>, population: usize, live: &[Timed]) -> Self {
        let p = &network.populations[population];
        let source = match p.kind() {
            BlockKind::SpikeList => Source::Spikes(spikes(network, population), 0),
            BlockKind::Signal => Source::Signal(signal(network, population)),
            _ => {
                let mine = live.iter().filter(|timed| timed.event.population as usize == population);
                Source::Live(mine.copied().collect(), 0)
            }
        };
        Input { population, latency: p.block.latency, source }
    }

    /// Emits what is due at tick `now` of the machine.
    pub fn play(&mut self, now: u64, ticks: u64, slot: &mut Slot) {
        let Some(tick) = now.checked_sub(self.latency.into()).filter(|tick| *tick < ticks) else { return };
        let (spikes, graded) = (&mut slot.spikes[self.population], &mut slot.graded[self.population]);
        match &mut self.source {
            Source::Spikes(list, next) => {
                while let Some((_, member)) = list.get(*next).filter(|(when, _)| u64::from(*when) <= tick) {
                    spikes.push(*member);
                    *next += 1;
                }
            }
            Source::Signal(slices) => {
                for (first, count, values) in slices {
                    let row = values.chunks_exact(*count).nth(tick as usize).unwrap_or(&[]);
                    graded.extend((*first..).zip(row).map(|(member, value)| (member, *value)));
                }
            }
            Source::Live(list, next) => {
                while let Some(timed) = list.get(*next).filter(|timed| timed.at <= now) {
                    match timed.event.value {
                        None => spikes.push(timed.event.member),
                        Some(value) => graded.push((timed.event.member, value)),
                    }
                    *next += 1;
                }
            }
        }
    }
}

fn spikes(network: &Network<'_>, population: usize) -> Vec<(u32, u32)> {
    let mut all = Vec::new();
    for (core, _, block) in &network.populations[population].slices {
        let words = network.cores[*core].data_at(block.input_at, block.input_words).unwrap_or(&[]);
        all.extend(words.as_chunks::<2>().0.iter().map(|[tick, member]| (*tick, block.first + member)));
    }
    all.sort_unstable();
    all
}

fn signal(network: &Network<'_>, population: usize) -> Vec<(u32, usize, Vec<i32>)> {
    let slices = network.populations[population].slices.iter();
    let values = slices.map(|(core, _, block)| {
        let words = network.cores[*core].data_at(block.input_at, block.input_words).unwrap_or(&[]);
        (block.first, block.count as usize, words.iter().map(|word| *word as i32).collect())
    });
    values.collect()
}
