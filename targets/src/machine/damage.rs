//! A machine without what is broken or set aside.
//!
//! Takes: [`Machine`], [`Fault`]s.  Gives: the machine that is left.
//! Invariants: a link works in both directions or in neither; monitors keep their number of processors, the lowest that work.
//! Cost: time in chips and faults.

use super::grid::Grid;
use super::{Chip, Fault, LINK_NAMES, Machine, ProcessorSet};
use std::fmt;

/// Most boards that an error names.
const BOARDS_NAMED: usize = 8;

/// Why a machine cannot have a fault.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FaultError {
    /// There is no such chip.
    NoChip {
        /// The fault.
        fault: Fault,
        /// The machine.
        machine: String,
        /// Its columns and rows.
        size: (u16, u16),
        /// Its chips.
        chips: usize,
        /// First and last column of the chips in the row that the fault names, if it has chips.
        row: Option<(u16, u16)>,
    },
    /// There is no such board.
    NoBoard {
        /// The fault.
        fault: Fault,
        /// The machine.
        machine: String,
        /// First chips of its boards.
        boards: Vec<(u16, u16)>,
        /// The board of the chip that the fault names, when there is that chip.
        holds: Option<(u16, u16)>,
    },
    /// The chip has no such processor.
    NoCore {
        /// The fault.
        fault: Fault,
        /// Those that it has.
        cores: ProcessorSet,
    },
    /// The processor is the chip's monitor.
    Monitor {
        /// The fault.
        fault: Fault,
        /// Processors of the chip.
        cores: ProcessorSet,
    },
    /// The chip has no such link.
    NoLink {
        /// The fault.
        fault: Fault,
        /// Mask of those that it has.
        links: u8,
    },
    /// The chips have less shared memory than is to be set aside, or no limit of it.
    NoMemory {
        /// The fault.
        fault: Fault,
        /// What there is; `None` without limit.
        bytes: Option<u64>,
    },
    /// No processor is left.
    NothingLeft {
        /// The machine.
        machine: String,
    },
}

impl FaultError {
    /// The fault that the machine cannot have; `None` when it is all of them together.
    #[must_use]
    pub fn fault(&self) -> Option<Fault> {
        match self {
            FaultError::NoChip { fault, .. }
            | FaultError::NoBoard { fault, .. }
            | FaultError::NoCore { fault, .. }
            | FaultError::Monitor { fault, .. }
            | FaultError::NoLink { fault, .. }
            | FaultError::NoMemory { fault, .. } => Some(*fault),
            FaultError::NothingLeft { .. } => None,
        }
    }
}

impl fmt::Display for FaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FaultError::NoChip { fault, machine, size, chips, row } => {
                write!(f, "{fault}: {machine} has no such chip: its {chips} chips lie in columns 0 to {} ", size.0 - 1)?;
                write!(f, "and rows 0 to {}", size.1 - 1)?;
                let Some((first, last)) = row else { return Ok(()) };
                write!(f, ", in this row between columns {first} and {last}")
            }
            FaultError::NoBoard { fault, machine, boards, holds } => {
                let named: Vec<String> = boards.iter().take(BOARDS_NAMED).map(|(x, y)| format!("{x},{y}")).collect();
                let more = if boards.len() > BOARDS_NAMED { ", …" } else { "" };
                write!(
                    f,
                    "{fault}: {machine} has no such board: boards are named by their first chip: {}{more}",
                    named.join(" ")
                )?;
                let Some((x, y)) = holds else { return Ok(()) };
                write!(f, "; this chip lies on board:{x},{y}")
            }
            FaultError::NoCore { fault, cores } => write!(f, "{fault}: this chip has no such core: it has {cores}"),
            FaultError::Monitor { fault, cores } => {
                write!(f, "{fault}: core 0 is the monitor, which is a core that works: it has {cores}; ")?;
                write!(f, "a chip without a monitor is a dead chip: write chip:X,Y")
            }
            FaultError::NoLink { fault, links } => {
                let names: Vec<&str> = (0..6).filter(|d| links >> d & 1 == 1).map(|d| LINK_NAMES[d]).collect();
                let has = if names.is_empty() { "none".to_string() } else { names.join(", ") };
                write!(f, "{fault}: this chip has no such link: it has {has}")
            }
            FaultError::NoMemory { fault, bytes: Some(bytes) } => {
                write!(f, "{fault}: a chip has {bytes} bytes of shared memory, and some must be left")
            }
            FaultError::NoMemory { fault, bytes: None } => write!(f, "{fault}: this machine sets no limit to shared memory"),
            FaultError::NothingLeft { machine } => write!(f, "with these faults {machine} has no core left for a circuit"),
        }
    }
}

impl std::error::Error for FaultError {}

impl Machine {
    /// The machine without what is faulty. Naming a fault twice, or one inside another, is naming it once; what is set aside
    /// adds up.
    ///
    /// # Errors
    /// When a fault names what the machine does not have, or no processor is left.
    pub fn with_faults(mut self, faults: &[Fault]) -> Result<Machine, FaultError> {
        let grid = Grid::of(&self.chips, (self.width, self.height));
        let mut damage = Damage { dead: vec![false; self.chips.len()], ..Damage::default() };
        for fault in faults {
            damage.add(&self, &grid, *fault)?;
        }
        for (chip, d) in &damage.links {
            grid.cut(&mut self.chips, *chip, *d);
        }
        for chip in (0..self.chips.len()).filter(|chip| damage.dead[*chip]) {
            (0..6).for_each(|d| grid.cut(&mut self.chips, chip, d));
        }
        let system: Vec<u16> = self.chips.iter().map(|c| c.system.len().saturating_add(damage.reserved)).collect();
        for (chip, core) in &damage.cores {
            self.chips[*chip].lose(*core);
        }
        for (chip, count) in self.chips.iter_mut().zip(system) {
            let all = chip.system.union(&chip.processors);
            chip.system = all.lowest(count);
            chip.processors = all.without(&chip.system);
        }
        let mut dead = damage.dead.iter();
        self.chips.retain(|_| dead.next() == Some(&false));
        self.shared_bytes = self.shared_bytes.map(|bytes| bytes - damage.bytes);
        if self.chips.iter().all(|c| c.processors.is_empty()) {
            return Err(FaultError::NothingLeft { machine: self.name });
        }
        Ok(self)
    }
}

impl Chip {
    fn lose(&mut self, core: u16) {
        self.system.remove(core);
        self.processors.remove(core);
    }
}

/// Faults, by the numbers of chips.
#[derive(Default)]
struct Damage {
    dead: Vec<bool>,
    cores: Vec<(usize, u16)>,
    links: Vec<(usize, usize)>,
    reserved: u16,
    bytes: u64,
}

impl Damage {
    fn add(&mut self, machine: &Machine, grid: &Grid, fault: Fault) -> Result<(), FaultError> {
        let chip = |x, y| grid.chip((x, y)).ok_or_else(|| no_chip(machine, fault, y));
        match fault {
            Fault::Board { x, y } => self.kill_board(machine, grid, fault, (x, y))?,
            Fault::Chip { x, y } => self.dead[chip(x, y)?] = true,
            Fault::Core { x, y, core } => {
                let number = chip(x, y)?;
                let Chip { system, processors, .. } = machine.chips[number];
                let cores = system.union(&processors);
                if core == 0 && system.contains(0) {
                    return Err(FaultError::Monitor { fault, cores });
                }
                if !cores.contains(core) {
                    return Err(FaultError::NoCore { fault, cores });
                }
                self.cores.push((number, core));
            }
            Fault::Link { x, y, link } => {
                let number = chip(x, y)?;
                let links = machine.chips[number].links;
                if link > 5 || links >> link & 1 == 0 {
                    return Err(FaultError::NoLink { fault, links });
                }
                self.links.push((number, link.into()));
            }
            Fault::Cores(count) => self.reserved = self.reserved.saturating_add(count),
            Fault::Sdram(bytes) => {
                self.bytes = self.bytes.saturating_add(bytes);
                if machine.shared_bytes.is_none_or(|has| self.bytes >= has) {
                    return Err(FaultError::NoMemory { fault, bytes: machine.shared_bytes });
                }
            }
        }
        Ok(())
    }

    fn kill_board(&mut self, machine: &Machine, grid: &Grid, fault: Fault, board: (u16, u16)) -> Result<(), FaultError> {
        let mut found = false;
        for (dead, _) in self.dead.iter_mut().zip(&machine.chips).filter(|(_, c)| c.board == board) {
            (*dead, found) = (true, true);
        }
        if found {
            return Ok(());
        }
        let holds = grid.chip(board).map(|chip| machine.chips[chip].board);
        Err(FaultError::NoBoard { fault, machine: machine.name.clone(), boards: machine.boards(), holds })
    }
}

fn no_chip(machine: &Machine, fault: Fault, y: u16) -> FaultError {
    let columns = || machine.chips.iter().filter(|c| c.y == y).map(|c| c.x);
    FaultError::NoChip {
        fault,
        machine: machine.name.clone(),
        size: (machine.width, machine.height),
        chips: machine.chips.len(),
        row: columns().min().zip(columns().max()),
    }
}
