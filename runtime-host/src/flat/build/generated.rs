//! Synapses of a generated group: every thread makes the columns of its own members, as a core would.

use super::{Connections, Target};
use crate::EngineError;
use crate::flat::bank::Connection;
use crate::network::Network;
use bouton_runtime_embedded::kernel::KernelError;
use bouton_targets::generate::{Delay, Recipe};
use bouton_targets::image::{BlockRecord, CoreView, EventKind, GroupRecord, SourceRecord};

/// A recipe, who sends to its synapses, and the block that they are onto.
pub(super) struct Generated<'a> {
    recipe: Recipe<'a>,
    lags: &'a [u32],
    block: BlockRecord,
    receptor: u32,
    /// Number of the core, and position of the group: for errors.
    place: (u32, u32),
    /// Position of the population that sends.
    population: usize,
    /// Its member that is the source's first.
    first: u32,
}

impl<'a> Generated<'a> {
    /// Opens group `at` of a core; `None` when its population does not emit events of this kind, as a kernel drops such events.
    pub fn open(
        network: &Network<'_>,
        kind: EventKind,
        core: &CoreView<'a>,
        (at, group): (u32, &GroupRecord),
        (source, block): (&SourceRecord, &BlockRecord),
    ) -> Result<Option<Self>, EngineError> {
        let place = (core.head().core, at);
        let Some(recipe) = core.recipe(group) else { return Err(not_made(place)) };
        let senders = recipe.sources.first..recipe.sources.first + recipe.sources.count;
        let member = |s: u32| {
            let key = source.key_of(s).unwrap_or(source.key);
            network.member_of_key(key).ok_or(EngineError::UnknownKey { key })
        };
        let Some((population, first)) = senders.clone().next().map(member).transpose()? else { return Ok(None) };
        // A recipe is of one population: the ends of each of its slices show whether these are the keys of one.
        let first = first.wrapping_sub(senders.start);
        for s in senders.clone().step_by(source.per_slice as usize).chain(senders.last()) {
            if member(s)? != (population, first.wrapping_add(s)) {
                return Err(EngineError::Inconsistent { population: population as u32 });
            }
        }
        let lags = core.data_at(group.lags_at, group.lags).unwrap_or(&[]);
        let generated = Generated { recipe, lags, block: *block, receptor: group.receptor, place, population, first };
        Ok(network.populations[population].emits(kind).then_some(generated))
    }

    /// Calls `found` with every delay that may occur.
    pub fn delays(&self, mut found: impl FnMut(usize, u32)) -> Result<(), EngineError> {
        if let Delay::Drawn(..) = self.recipe.delay {
            let residuals = |lag: &u32| (1 + lag..).take(self.block.ring as usize);
            self.lags.iter().flat_map(residuals).for_each(|delay| found(self.population, delay));
            return Ok(());
        }
        // All are the same: one synapse shows it.
        let mut scratch = vec![0; self.recipe.scratch_words()];
        let mut same = None;
        for target in self.block.first..self.block.first + self.block.count {
            self.recipe.column(target, &mut scratch, |_, _, delay| same = Some(delay)).map_err(|_| not_made(self.place))?;
            if same.is_some() {
                break;
            }
        }
        same.into_iter().for_each(|delay| found(self.population, delay));
        Ok(())
    }

    /// Calls `f` for every synapse onto a member of this thread.
    pub fn for_each(
        &self,
        target: &Target,
        connections: &mut Connections,
        f: &mut impl FnMut(&mut Connection, usize, u16, i16),
    ) -> Result<(), EngineError> {
        let mut scratch = vec![0; self.recipe.scratch_words()];
        for bank in &target.banks {
            let Some(connection) = connections.get_mut(&(*bank, self.population)) else { continue };
            let longest = connection.delays.last().map_or(0, |delay| *delay as usize);
            // By delay: the row of member 0.
            let mut first_rows = vec![None; longest + 1];
            for (i, delay) in connection.delays.iter().enumerate() {
                first_rows[*delay as usize] = Some(i * connection.count);
            }
            for lane in 0..self.block.count {
                let place = target.places[(self.receptor * self.block.count + lane) as usize];
                if !place.is_in(*bank) {
                    continue;
                }
                let mut sound = true;
                let visit = |source: u32, weight: i16, delay: u32| match first_rows.get(delay as usize) {
                    Some(Some(row)) => {
                        let member = self.first.wrapping_add(source) as usize;
                        f(connection, row + member, place.sum as u16, weight);
                    }
                    _ => sound = false,
                };
                let made = self.recipe.column(self.block.first + lane, &mut scratch, visit);
                if made.is_err() || !sound {
                    return Err(not_made(self.place));
                }
            }
        }
        Ok(())
    }
}

fn not_made((core, group): (u32, u32)) -> EngineError {
    EngineError::Kernel { core, error: KernelError::Recipe { group } }
}
