//! A board as the mapper sees it: chips by number, working links, free cores.

use bouton_targets::machine::{Machine, beyond};

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
    /// Cores free for vertices.
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
        let mut sorted: Vec<_> = machine.chips.iter().collect();
        sorted.sort_by_key(|c| (c.x, c.y));
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

    /// Number of cores.
    #[must_use]
    pub fn cores(&self) -> u64 {
        self.chips.iter().map(|c| u64::from(c.cores)).sum()
    }
}
