//! Router sections of a mapping: each chip of the board with its links, its cores and its table.
//!
//! Takes: Mapping (proven), Board.  Gives: the sections, by number of the chip.
//! Invariants: vertex v of the mapping is core v of the image; a position on a chip is [`crate::mapping::Site::core`].
//! Cost: time in the number of entries. Source: own; docs/src/image-format.md has the format.

use crate::mapping::{Board, Mapping};
use crate::table::Id;
use bouton_targets::image::{RouterBuilder, RouterRecord};

/// The words of the router section of every chip, in order. Their ids are their places here.
#[must_use]
pub fn sections(mapping: &Mapping, board: &Board) -> Vec<Vec<u32>> {
    let mut cores = vec![Vec::new(); board.chips.len()];
    for (vertex, site) in mapping.placement.iter() {
        cores[site.chip as usize].push([u32::from(site.core), vertex.index() as u32]);
    }
    // One width for all chips, so that a reader of a table needs to know nothing of the chip that it belongs to.
    let positions = board.chips.iter().map(|chip| u32::from(chip.cores)).max().unwrap_or(0);
    let mut sections = Vec::with_capacity(board.chips.len());
    for (at, (chip, cores)) in board.chips.iter().zip(cores).enumerate() {
        let mut router = RouterBuilder::new(RouterRecord {
            x: chip.x.into(),
            y: chip.y.into(),
            width: board.width.into(),
            height: board.height.into(),
            links: board.links(at).into(),
            board_x: chip.board.0.into(),
            board_y: chip.board.1.into(),
            core_words: positions.div_ceil(32),
            ..RouterRecord::default()
        });
        router.cores = cores;
        for entry in mapping.tables.get(at).into_iter().flatten() {
            router.entry(entry.key, entry.mask, entry.links.into(), entry.cores.iter().map(u32::from));
        }
        sections.push(router.finish());
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::{BoardChip, CoreSet, Entry, Keys, Routes, Site};
    use bouton_targets::image::RouterView;

    fn cores(all: &[u16]) -> CoreSet {
        all.iter().copied().collect()
    }

    #[test]
    fn sections_say_what_the_mapping_says() {
        // Two chips side by side; three vertices, two of them on the second chip.
        let chip = |x, cores| BoardChip { x, y: 0, cores, shared_bytes: 0, board: (0, 0) };
        let board = Board::new("pair".into(), 2, 1, vec![chip(0, 17), chip(1, 152)], &[0b00_0001, 0b00_1000], 1023);
        let entry = |links, all: &[u16]| Entry { key: 0x40, mask: 0xFFFF_FFC0, links, cores: cores(all) };
        let site = |chip, core| Site { chip, core };
        let mapping = Mapping {
            placement: [site(1, 151), site(0, 2), site(1, 0)].into_iter().collect(),
            routes: Routes::default(),
            keys: Keys::new(),
            tables: vec![vec![entry(0b00_0001, &[2])], vec![entry(0, &[0, 151])]],
            seconds: Vec::new(),
        };
        let words = sections(&mapping, &board);
        let chips: Vec<RouterView<'_>> = words.iter().map(|w| RouterView::new_checked(w).expect("sound")).collect();
        let heads: Vec<_> = chips.iter().map(|c| (c.head().x, c.head().links, c.head().core_words, c.head().width)).collect();
        assert_eq!(heads, [(0, 0b00_0001, 5, 2), (1, 0b00_1000, 5, 2)]);
        assert_eq!([chips[0].cores(), chips[1].cores()], [&[[2, 1]][..], &[[0, 2], [151, 0]]]);
        let found = |at: usize| chips[at].find(0x7F).map(|e| (e.links, e.positions().collect::<Vec<_>>()));
        assert_eq!([found(0), found(1)], [Some((1, vec![2])), Some((0, vec![0, 151]))]);
        assert!(chips.iter().all(|chip| chip.find(0x80).is_none()));
    }
}
