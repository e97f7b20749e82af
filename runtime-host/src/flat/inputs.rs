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
    size: usize,
    source: Source,
}

#[derive(Clone, Debug)]
enum Source {
    /// (Logical tick, member), sorted, and the position of the next.
    Spikes(Vec<(u32, u32)>, usize),
    /// Values, `[tick * size + member]`.
    Signal(Vec<i32>),
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
        Input { population, latency: p.block.latency, size: p.size as usize, source }
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
            Source::Signal(values) => {
                let row = values.chunks_exact(self.size).nth(tick as usize).unwrap_or(&[]);
                graded.extend((0..).zip(row).map(|(member, value)| (member, *value)));
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

/// Slices side by side in each tick. A slice whose signal ends earlier than others would leave a gap that values cannot show; the
/// whole ends with the shortest.
fn signal(network: &Network<'_>, population: usize) -> Vec<i32> {
    let slices = &network.populations[population].slices;
    let parts: Vec<(&[u32], usize)> = slices
        .iter()
        .map(|(core, _, b)| (network.cores[*core].data_at(b.input_at, b.input_words).unwrap_or(&[]), b.count as usize))
        .collect();
    let ticks = parts.iter().map(|(words, count)| words.len() / count).min().unwrap_or(0);
    let row = |t: usize| parts.iter().flat_map(move |(words, count)| &words[t * count..(t + 1) * count]);
    (0..ticks).flat_map(row).map(|word| *word as i32).collect()
}
