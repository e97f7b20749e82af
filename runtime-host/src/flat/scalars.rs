//! Modulators: which neuron each reads, found from the keys of the image.

use super::layout::Share;
use super::ring::Ring;
use crate::EngineError;
use crate::network::Network;
use bouton_targets::image::{EventKind, ModulatorRecord};
use std::collections::BTreeMap;

/// A state that is sent in every tick.
#[derive(Clone, Copy, Debug)]
pub(super) struct Broadcast {
    /// Position of the population.
    pub population: usize,
    /// The member.
    pub member: u32,
    /// The state.
    pub state: u32,
    /// Thread that has the member.
    pub thread: usize,
}

/// Where a modulator's values come from.
#[derive(Clone, Copy, Debug)]
enum Sender {
    Broadcast { number: usize, thread: usize },
    Graded { population: usize, member: u32 },
}

/// A modulator of a population.
#[derive(Clone, Copy, Debug)]
pub(super) struct Modulator {
    sender: Sender,
    delay: u32,
    initial: i32,
}

impl Modulator {
    /// Its value at a tick: what was sent `delay` ticks ago, or the initial one.
    pub fn at(&self, tick: u64, ring: &Ring) -> i32 {
        let Some(sent) = tick.checked_sub(self.delay.into()) else { return self.initial };
        let value = match self.sender {
            Sender::Broadcast { number, thread } => ring.past_of(sent, thread).broadcasts[number],
            Sender::Graded { population, member } => ring.past(sent).find_map(|slot| {
                let values = &slot.graded[population];
                values.iter().find(|(m, _)| *m == member).map(|(_, value)| *value)
            }),
        };
        value.unwrap_or(self.initial)
    }

    pub fn delay(&self) -> u32 {
        self.delay
    }
}

/// All broadcasts and, by population, all modulators.
#[derive(Clone, Debug, Default)]
pub(super) struct Scalars {
    pub broadcasts: Vec<Broadcast>,
    pub modulators: Vec<Vec<Modulator>>,
}

impl Scalars {
    pub fn new(network: &Network<'_>, shares: &[Share]) -> Result<Self, EngineError> {
        let mut scalars = Scalars::default();
        let numbers = scalars.find_broadcasts(network, shares);
        for population in &network.populations {
            let mut modulators = Vec::new();
            let Some((core, _, block)) = population.slices.first() else { continue };
            let core = &network.cores[*core];
            for record in (0..block.modulators).filter_map(|i| core.modulator(block, i)) {
                let key = core.source(record.source).map_or(0, |s| s.key);
                modulators.push(scalars.modulator(network, &numbers, key, record)?);
            }
            scalars.modulators.push(modulators);
        }
        Ok(scalars)
    }

    fn find_broadcasts(&mut self, network: &Network<'_>, shares: &[Share]) -> BTreeMap<u32, usize> {
        let mut numbers = BTreeMap::new();
        for (population, p) in network.populations.iter().enumerate() {
            for (core, _, block) in &p.slices {
                for b in (0..block.broadcasts).filter_map(|i| network.cores[*core].broadcast(block, i)) {
                    let member = block.first + b.lane;
                    let has =
                        |share: &Share| share.slices_of(population).any(|(_, s)| (s.first..s.first + s.count).contains(&member));
                    let thread = shares.iter().position(has).unwrap_or(0);
                    numbers.insert(b.key, self.broadcasts.len());
                    self.broadcasts.push(Broadcast { population, member, state: b.state, thread });
                }
            }
        }
        numbers
    }

    fn modulator(
        &self,
        network: &Network<'_>,
        numbers: &BTreeMap<u32, usize>,
        key: u32,
        record: ModulatorRecord,
    ) -> Result<Modulator, EngineError> {
        let sender = match (numbers.get(&key), network.member_of_key(key)) {
            (Some(number), _) => Sender::Broadcast { number: *number, thread: self.broadcasts[*number].thread },
            (None, Some((population, member))) if network.populations[population].emits(EventKind::Graded) => {
                Sender::Graded { population, member }
            }
            _ => return Err(EngineError::UnknownKey { key }),
        };
        Ok(Modulator { sender, delay: record.delay, initial: record.initial as i32 })
    }
}
