//! The chips of a machine: tables in place, neighbours and cores by their numbers.

use super::stats::ChipStats;
use crate::EngineError;
use crate::network::Network;
use bouton_targets::image::{RouterEntry, RouterView, SectionKind};
use bouton_targets::machine::STEPS;
use std::collections::BTreeMap;

/// Links of a chip.
pub(super) const LINKS: usize = 6;

/// The link by which what was sent over link `d` comes in.
pub(super) fn opposite(d: u8) -> u8 {
    (d + 3) % 6
}

/// A chip.
pub(super) struct Chip<'a> {
    /// Its section.
    pub router: RouterView<'a>,
    /// The chips behind its links.
    pub neighbours: [Option<u32>; LINKS],
}

/// All chips.
pub(super) struct Chips<'a> {
    /// By number.
    pub chips: Vec<Chip<'a>>,
    /// By position of a core in the network: its chip, and its position there.
    pub places: Vec<(u32, u32)>,
    /// By chip: (position there, position in the network) of its cores, ascending.
    pub cores: Vec<Vec<(u32, u32)>>,
}

/// What a table says of keys.
pub(super) enum Found<'a> {
    /// All of them go by this entry.
    Entry(RouterEntry<'a>),
    /// None matches any entry.
    Nothing,
    /// It depends on the key.
    Differs,
}

impl Chip<'_> {
    /// The first entry that matches `key`, whatever its bits in `free` are.
    pub fn find(&self, key: u32, free: u32) -> Found<'_> {
        for entry in (0..self.router.head().entries).filter_map(|at| self.router.entry(at)) {
            if (key ^ entry.key) & entry.mask & !free != 0 {
                continue;
            }
            return if entry.mask & free == 0 { Found::Entry(entry) } else { Found::Differs };
        }
        Found::Nothing
    }
}

impl<'a> Chips<'a> {
    /// Reads all router sections; `None` when there are none.
    pub fn new(network: &Network<'a>) -> Result<Option<Self>, EngineError> {
        let mut chips = Vec::new();
        for (chip, words) in network.image.sections(SectionKind::Router) {
            let router = RouterView::new_checked(words).map_err(|error| EngineError::Router { chip, error })?;
            chips.push(Chip { router, neighbours: [None; LINKS] });
        }
        if chips.is_empty() {
            return Ok(None);
        }
        join(&mut chips)?;
        let cores = cores(network, &chips)?;
        let mut places = vec![None; network.cores.len()];
        for (chip, cores) in (0..).zip(&cores) {
            for (position, core) in cores {
                let place: &mut Option<(u32, u32)> = &mut places[*core as usize];
                if place.replace((chip, *position)).is_some() {
                    return Err(EngineError::Misplaced { core: network.cores[*core as usize].head().core });
                }
            }
        }
        let homeless = |at: usize| EngineError::Misplaced { core: network.cores[at].head().core };
        let places = places.into_iter().enumerate().map(|(at, place)| place.ok_or_else(|| homeless(at)));
        Ok(Some(Chips { places: places.collect::<Result<_, _>>()?, chips, cores }))
    }

    /// First chip of the board that a chip is on.
    pub fn board(&self, chip: usize) -> (u32, u32) {
        let head = self.chips[chip].router.head();
        (head.board_x, head.board_y)
    }

    /// Whether a link leaves its board.
    pub fn leaves_board(&self, chip: usize, link: usize) -> bool {
        self.chips[chip].neighbours[link].is_some_and(|to| self.board(to as usize) != self.board(chip))
    }

    /// What is counted of each chip, before anything was.
    pub fn stats(&self) -> Vec<ChipStats> {
        let place = |c: &Chip<'_>| ChipStats { x: c.router.head().x, y: c.router.head().y, ..ChipStats::default() };
        self.chips.iter().map(place).collect()
    }
}

/// Finds the neighbours; links work in both directions or in none.
fn join(chips: &mut [Chip<'_>]) -> Result<(), EngineError> {
    let mut at_place = BTreeMap::new();
    let size = chips.first().map(|c| (c.router.head().width, c.router.head().height));
    for (at, chip) in (0..).zip(chips.iter()) {
        let h = chip.router.head();
        if at_place.insert((h.x, h.y), at).is_some() || size != Some((h.width, h.height)) {
            return Err(EngineError::Grid { x: h.x, y: h.y });
        }
    }
    for at in 0..chips.len() {
        let h = *chips[at].router.head();
        for (d, (dx, dy)) in STEPS.iter().enumerate().filter(|(d, _)| h.links >> d & 1 == 1) {
            let beyond = |from: u32, step: i32, size: u32| (i64::from(from) + i64::from(step)).rem_euclid(size.into()) as u32;
            let to = at_place.get(&(beyond(h.x, *dx, h.width), beyond(h.y, *dy, h.height))).copied();
            let back = |to: u32| chips[to as usize].router.head().links >> opposite(d as u8) & 1 == 1;
            let to = to.filter(|to| back(*to)).ok_or(EngineError::Link { x: h.x, y: h.y, link: d as u32 })?;
            chips[at].neighbours[d] = Some(to);
        }
    }
    Ok(())
}

fn cores(network: &Network<'_>, chips: &[Chip<'_>]) -> Result<Vec<Vec<(u32, u32)>>, EngineError> {
    let positions: BTreeMap<u32, u32> = (0..).zip(&network.cores).map(|(at, core)| (core.head().core, at)).collect();
    let of = |chip: &Chip<'_>| {
        let core = |[position, core]: &[u32; 2]| match positions.get(core) {
            Some(at) => Ok((*position, *at)),
            None => Err(EngineError::Misplaced { core: *core }),
        };
        chip.router.cores().iter().map(core).collect()
    };
    chips.iter().map(of).collect()
}
