//! Events from outside, checked and in the order of ticks.

use crate::network::Network;
use crate::{EngineError, InputError};
use bouton_targets::image::BlockKind;

/// An event from outside: an emission of a live population.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct InputEvent {
    /// Logical tick.
    pub tick: u32,
    /// Number of the population.
    pub population: u32,
    /// Index in it.
    pub member: u32,
    /// The raw value, for populations that take values.
    pub value: Option<i32>,
}

/// An input event and the tick at which the machine takes it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Timed {
    /// Tick of the machine: the logical tick and the population's latency.
    pub at: u64,
    /// The event.
    pub event: InputEvent,
}

/// Checks events and sorts them by tick of the machine, then population, then member, each once.
pub(crate) fn schedule(network: &Network<'_>, events: &[InputEvent], ticks: u64) -> Result<Vec<Timed>, EngineError> {
    let mut timed = Vec::with_capacity(events.len());
    for (at, event) in events.iter().enumerate() {
        let latency = check(network, event).map_err(|error| EngineError::Input { at, error })?;
        if u64::from(event.tick) < ticks {
            timed.push(Timed { at: u64::from(event.tick) + u64::from(latency), event: *event });
        }
    }
    let place = |t: &Timed| (t.at, t.event.population, t.event.member);
    timed.sort_by_key(place);
    // The later of two has to stay: dedup keeps the first, so it looks from the back.
    timed.reverse();
    timed.dedup_by_key(|t| place(t));
    timed.reverse();
    Ok(timed)
}

/// The latency of the event's population.
fn check(network: &Network<'_>, event: &InputEvent) -> Result<u32, InputError> {
    let population = network.populations.get(event.population as usize).ok_or(InputError::NoPopulation(event.population))?;
    if event.member >= population.size {
        return Err(InputError::NoMember { member: event.member, size: population.size });
    }
    match (population.kind(), event.value) {
        (BlockKind::LiveSpikes, None) | (BlockKind::LiveGraded, Some(_)) => Ok(population.block.latency),
        (BlockKind::LiveSpikes, Some(_)) => Err(InputError::UnwantedValue),
        (BlockKind::LiveGraded, None) => Err(InputError::NoValue),
        _ => Err(InputError::NotLive(event.population)),
    }
}
