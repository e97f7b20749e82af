//! Sends every key, one packet at a time: slow, and short enough to be believed.
//!
//! Takes: graph, board, placement, keys, tables.  Gives: how many packets went how far, or the first that went wrong.
//! Invariants: shares nothing with the mapper, its proof or its measures: [`super::verify`] is tested against it.
//! Cost: keys × chips on their way × entries looked at.

use super::{Board, CoreSet, Entry, Keys, Link, MachineGraph, Net, Placement, Tables};
use std::collections::BTreeMap;

/// What the packets did.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Followed {
    /// Keys that were sent.
    pub keys: u64,
    /// Chips that they visited.
    pub visits: u64,
    /// Cores that they reached.
    pub deliveries: u64,
}

/// Sends each of the `2^key_bits` keys of every net.
///
/// # Errors
/// The first key that does not reach exactly its targets' cores, each once, over working links.
pub fn every_key(
    graph: &MachineGraph,
    board: &Board,
    placement: &Placement,
    keys: &Keys,
    tables: &Tables,
) -> Result<Followed, String> {
    let mut followed = Followed::default();
    let mut visited = vec![None; board.chips.len()];
    let tables = &Matching::of(tables);
    for (id, net) in graph.nets.iter() {
        let expected = targets(graph, net, placement);
        for key in (0..1_u64 << net.key_bits).map(|offset| keys[id].wrapping_add(offset as u32)) {
            let sent = Packet { board, tables, key, source: placement[net.source].chip };
            let got = sent
                .send(&mut visited, followed.keys, &mut followed.visits)
                .map_err(|what| format!("{id}, key {key:#010x}: {what}"))?;
            if got != expected {
                return Err(format!("{id}, key {key:#010x}: reached {got:?} by chip, expected {expected:?}"));
            }
            followed.keys += 1;
            followed.deliveries += got.values().map(|cores| u64::from(cores.len())).sum::<u64>();
        }
    }
    Ok(followed)
}

/// Cores that a packet has to reach, by chip.
fn targets(graph: &MachineGraph, net: &Net, placement: &Placement) -> BTreeMap<u32, CoreSet> {
    let mut cores: BTreeMap<u32, CoreSet> = BTreeMap::new();
    for target in graph.targets_of(net) {
        cores.entry(placement[target].chip).or_default().insert(placement[target].core);
    }
    cores
}

/// Tables with what is compared of each entry by itself: the others stay out of the way of the search.
struct Matching<'t>(Vec<Compared<'t>>);

struct Compared<'t> {
    keys_and_masks: Vec<(u32, u32)>,
    entries: &'t [Entry],
}

impl<'t> Matching<'t> {
    fn of(tables: &'t Tables) -> Self {
        let compared =
            |table: &'t Vec<Entry>| Compared { keys_and_masks: table.iter().map(|e| (e.key, e.mask)).collect(), entries: table };
        Matching(tables.iter().map(compared).collect())
    }

    fn first(&self, chip: u32, key: u32) -> Option<&'t Entry> {
        let Compared { keys_and_masks, entries } = &self.0[chip as usize];
        keys_and_masks.iter().position(|(entry, mask)| key & mask == *entry).map(|at| &entries[at])
    }
}

struct Packet<'a> {
    board: &'a Board,
    tables: &'a Matching<'a>,
    key: u32,
    source: u32,
}

impl Packet<'_> {
    /// The cores that it reaches. `visited` holds, by chip, the last packet's number that was there.
    fn send(&self, visited: &mut [Option<u64>], number: u64, visits: &mut u64) -> Result<BTreeMap<u32, CoreSet>, String> {
        let mut reached = BTreeMap::new();
        let mut waiting: Vec<(u32, Option<Link>)> = vec![(self.source, None)];
        while let Some((at, came_by)) = waiting.pop() {
            let chip = &self.board.chips[at as usize];
            if visited[at as usize].replace(number) == Some(number) {
                return Err(format!("it comes to chip ({}, {}) twice", chip.x, chip.y));
            }
            *visits += 1;
            let links = match (self.tables.first(at, self.key), came_by) {
                (Some(entry), _) => {
                    if !entry.cores.is_empty() {
                        reached.insert(at, entry.cores);
                    }
                    entry.links
                }
                (None, Some(link)) => 1 << ((link + 3) % 6),
                (None, None) => 0,
            };
            for link in (0..8).filter(|link| links & 1 << link != 0) {
                let next = self.board.neighbours[at as usize].get(usize::from(link)).copied();
                let next = next.filter(|next| self.board.chips.get(*next as usize).is_some());
                let next =
                    next.ok_or_else(|| format!("it leaves chip ({}, {}) by link {link}, which is not there", chip.x, chip.y))?;
                waiting.push((next, Some((link + 3) % 6)));
            }
        }
        Ok(reached)
    }
}
