//! A board as the mapper sees it: chips by number, working links, free cores.

use bouton_targets::machine::{Chip, Machine, beyond};

/// Links of a chip in the order of SpiNNaker's routers: E, NE, N, W, SW, S. The opposite of `d` is `(d + 3) % 6`.
pub type Link = u8;

/// Stands for "no chip" among neighbours.
pub const NO_CHIP: u32 = u32::MAX;

/// Chips and how they are joined.
#[derive(Clone, PartialEq, Debug)]
pub struct Board {
    /// Name of the machine.
    pub name: String,
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
    /// Chips, ascending by x, then y. A chip's number is its place here.
    pub chips: Vec<BoardChip>,
    /// By chip and link the number of the neighbour that a working link leads to, or [`NO_CHIP`].
    pub neighbours: Vec<[u32; 6]>,
    /// Entries that a router's table may have.
    pub router_entries: u32,
}

/// A chip.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BoardChip {
    /// Column.
    pub x: u16,
    /// Row.
    pub y: u16,
    /// Cores free for vertices. Core i of a site is the processor that `ProcessorSet::nth(i)` of the machine's chip names.
    pub cores: u16,
    /// Bytes of shared memory for vertices.
    pub shared_bytes: u64,
    /// Column and row of the first chip of its board.
    pub board: (u16, u16),
}

impl Board {
    /// The board of a machine; link masks name what works.
    #[must_use]
    pub fn of(machine: &Machine) -> Board {
        let sorted = Board::chips_of(machine);
        let chips: Vec<BoardChip> = sorted
            .iter()
            .map(|c| BoardChip {
                x: c.x,
                y: c.y,
                cores: c.processors.len(),
                shared_bytes: machine.shared_bytes.unwrap_or(u64::MAX),
                board: c.board,
            })
            .collect();
        let masks: Vec<u8> = sorted.iter().map(|c| c.links).collect();
        let entries = machine.router.map_or(u32::MAX, |r| r.entries);
        Board::new(machine.name.clone(), machine.width, machine.height, chips, &masks, entries)
    }

    /// Chips of a machine in the order of its board's.
    #[must_use]
    pub fn chips_of(machine: &Machine) -> Vec<&Chip> {
        let mut sorted: Vec<_> = machine.chips.iter().collect();
        sorted.sort_by_key(|c| (c.x, c.y));
        sorted
    }

    /// A board of chips that are ascending by x, then y; bit d of a chip's mask says that link d works.
    #[must_use]
    pub fn new(name: String, width: u16, height: u16, chips: Vec<BoardChip>, masks: &[u8], router_entries: u32) -> Board {
        let mut board = Board { name, width, height, chips, neighbours: Vec::new(), router_entries };
        board.neighbours = board
            .chips
            .iter()
            .zip(masks)
            .map(|(chip, mask)| {
                let mut row = [NO_CHIP; 6];
                for (d, place) in row.iter_mut().enumerate().filter(|(d, _)| mask >> d & 1 == 1) {
                    let (x, y) = beyond((chip.x, chip.y), d, (width, height));
                    *place = board.chip_at(x, y).map_or(NO_CHIP, |at| at as u32);
                }
                row
            })
            .collect();
        board
    }

    /// Number of the chip at (x, y).
    #[must_use]
    pub fn chip_at(&self, x: u16, y: u16) -> Option<usize> {
        self.chips.binary_search_by_key(&(x, y), |c| (c.x, c.y)).ok()
    }

    /// Working links of a chip, a bit each.
    #[must_use]
    pub fn links(&self, chip: usize) -> u8 {
        (0..).zip(self.neighbours[chip]).map(|(d, to)| u8::from(to != NO_CHIP) << d).sum()
    }

    /// Number of cores.
    #[must_use]
    pub fn cores(&self) -> u64 {
        self.chips.iter().map(|c| u64::from(c.cores)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bouton_targets::machine::Fault;

    fn board(name: &str, faults: &[Fault]) -> Board {
        let machine = Machine::named(name).expect("it is listed").expect("it is sound");
        Board::of(&machine.with_faults(faults).expect("it has those parts"))
    }

    #[test]
    fn links_of_every_machine_lead_back() {
        let faults = [Fault::Board { x: 4, y: 8 }, Fault::Chip { x: 0, y: 1 }, Fault::Link { x: 3, y: 3, link: 2 }];
        for board in [board("spinn3", &[]), board("spinn5", &faults[1..]), board("spinn5x6", &faults), board("spinnaker2x3", &[])]
        {
            for (chip, row) in (0u32..).zip(&board.neighbours) {
                for (d, next) in row.iter().enumerate().filter(|(_, next)| **next != NO_CHIP) {
                    assert_eq!(board.neighbours[*next as usize][(d + 3) % 6], chip, "{} chip {chip} link {d}", board.name);
                }
            }
        }
    }

    #[test]
    fn both_links_between_two_chips_of_spinn3_are_kept() {
        let board = board("spinn3", &[]);
        let at = |x, y| board.chip_at(x, y).expect("it is there") as u32;
        assert_eq!(board.neighbours[at(0, 0) as usize], [at(1, 0), at(1, 1), at(0, 1), NO_CHIP, NO_CHIP, at(0, 1)]);
        assert_eq!(board.neighbours[at(1, 0) as usize], [NO_CHIP, NO_CHIP, at(1, 1), at(0, 0), at(0, 1), at(1, 1)]);
    }
}
