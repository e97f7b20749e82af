//! A board without what is broken or set aside, for boards that come from a file.
//!
//! Takes: [`Board`], [`Fault`]s.  Gives: the board that is left.
//! Invariants: a link works in both directions or in neither. Free cores have no numbers here: one that is broken is one less.
//! Source: as `Machine::with_faults` does for machines that come with Bouton.

use super::board::NO_CHIP;
use super::{Board, BoardChip};
use bouton_targets::machine::Fault;

impl Board {
    /// The board without what the faults name.
    ///
    /// # Errors
    /// When a fault names something that the board does not have, or nothing is left; in words.
    pub fn without(&self, faults: &[Fault]) -> Result<Board, String> {
        let mut chips: Vec<Option<BoardChip>> = self.chips.iter().copied().map(Some).collect();
        let mut masks: Vec<u8> = (0..self.chips.len()).map(|chip| self.links(chip)).collect();
        let at =
            |x: u16, y: u16, fault: &Fault| self.chip_at(x, y).ok_or_else(|| format!("{fault}: {} has no such chip", self.name));
        for fault in faults {
            match *fault {
                Fault::Board { x, y } => {
                    if !self.chips.iter().any(|chip| chip.board == (x, y)) {
                        return Err(format!("{fault}: {} has no such board; boards are named by their first chip", self.name));
                    }
                    chips.iter_mut().for_each(|chip| *chip = chip.filter(|chip| chip.board != (x, y)));
                }
                Fault::Chip { x, y } => chips[at(x, y, fault)?] = None,
                Fault::Core { x, y, .. } => {
                    let place = &mut chips[at(x, y, fault)?];
                    *place = place.map(|chip| BoardChip { cores: chip.cores.saturating_sub(1), ..chip });
                }
                Fault::Link { x, y, link } => {
                    let here = at(x, y, fault)?;
                    let there = self.neighbours[here].get(usize::from(link)).copied().filter(|next| *next != NO_CHIP);
                    let there = there.ok_or_else(|| format!("{fault}: chip ({x}, {y}) of {} has no such link", self.name))?;
                    masks[here] &= !(1 << link);
                    masks[there as usize] &= !(1 << ((link + 3) % 6));
                }
                Fault::Cores(count) => {
                    chips.iter_mut().flatten().for_each(|chip| chip.cores = chip.cores.saturating_sub(count));
                }
                Fault::Sdram(bytes) => {
                    chips.iter_mut().flatten().for_each(|chip| chip.shared_bytes = chip.shared_bytes.saturating_sub(bytes));
                }
            }
        }
        let (left, masks): (Vec<BoardChip>, Vec<u8>) =
            chips.into_iter().zip(masks).filter_map(|(c, mask)| Some((c?, mask))).unzip();
        if left.is_empty() {
            return Err(format!("no chip of {} is left", self.name));
        }
        Ok(Board::new(self.name.clone(), self.width, self.height, left, &masks, self.router_entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::testing::grid;

    fn without(faults: &str) -> Result<Board, String> {
        let faults: Vec<Fault> = faults.split(' ').map(|f| f.parse().expect("it is a fault")).collect();
        grid(4, 2, 3, true).without(&faults)
    }

    #[test]
    fn chips_boards_cores_and_links_go() {
        let left = without("chip:0,1 core:0,0,5 core:0,0,5 board:2,0 sdram:400").expect("some is left");
        let places: Vec<_> = left.chips.iter().map(|c| (c.x, c.y, c.cores, c.shared_bytes)).collect();
        assert_eq!(places, [(0, 0, 1, 600), (1, 0, 3, 600), (1, 1, 3, 600)]);
        assert_eq!(left.neighbours[0], [1, 2, NO_CHIP, NO_CHIP, NO_CHIP, NO_CHIP]);
        let cut = without("link:0,0,E cores:7").expect("some is left");
        assert_eq!((cut.neighbours[0][0], cut.neighbours[2][3], cut.neighbours[2][0], cut.cores()), (NO_CHIP, NO_CHIP, 4, 0));
    }

    #[test]
    fn what_is_not_there_cannot_be_broken() {
        assert_eq!(without("chip:9,9").expect_err("no such chip"), "chip:9,9: grid has no such chip");
        assert!(without("board:1,0").expect_err("no such board").contains("no such board"));
        assert_eq!(without("board:0,0 board:2,0").expect_err("nothing is left"), "no chip of grid is left");
        assert!(grid(2, 1, 1, false).without(&["link:0,0,N".parse().expect("it is a fault")]).is_err());
    }
}
