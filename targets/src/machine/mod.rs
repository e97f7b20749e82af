//! Machine descriptions: what a board has, as data.
//!
//! A machine is chips of processors. Algorithms ask a [`Machine`]; nothing outside this module reads a board's file.

mod damage;
mod faults;
mod file;
mod grid;
mod names;
mod processors;

pub use damage::FaultError;
pub use faults::{Fault, FaultTextError};
pub use file::MachineError;
pub use grid::beyond;
pub use names::Pattern;
pub use processors::ProcessorSet;

use serde::Deserialize;

/// Families of machines.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// The computer itself.
    Host,
    /// Chips of many small cores that send each other packets.
    ManyCore,
    /// One or two cores with flash and RAM.
    Microcontroller,
}

/// A board, or several that are joined.
#[derive(Clone, PartialEq, Debug)]
pub struct Machine {
    /// Its name: `spinn5`.
    pub name: String,
    /// What it is, in a line.
    pub title: String,
    /// Its family.
    pub family: Family,
    /// Columns of the grid that its chips lie in.
    pub width: u16,
    /// Rows of that grid.
    pub height: u16,
    /// Its chips, in the order in which they are filled: board by board.
    pub chips: Vec<Chip>,
    /// What each chip's router has; `None` where there are no routers.
    pub router: Option<Router>,
    /// What links carry; `None` where it is not known or there are none.
    pub links: Option<LinkRates>,
    /// What each processor has.
    pub processor: Processor,
    /// Bytes on each chip for the sections of its cores; `None` without limit.
    pub shared_bytes: Option<u64>,
    /// Bytes that the processors of a chip together can move from or to that memory in a second; `None` where it is not known.
    pub shared_bytes_per_s: Option<u64>,
    /// Bytes for the whole image; `None` without limit.
    pub image_bytes: Option<u64>,
    /// What it consumes; `None` where it is not known.
    pub energy: Option<Energy>,
}

/// A chip.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Chip {
    /// Column.
    pub x: u16,
    /// Row.
    pub y: u16,
    /// Processors for circuits. May be none: packets still pass.
    pub processors: ProcessorSet,
    /// Working processors that circuits cannot have: monitors, and what was reserved.
    pub system: ProcessorSet,
    /// Working links, bit d for link d: E, NE, N, W, SW, S. Link d of (x, y) leads to (x, y) plus its step, modulo the grid.
    pub links: u8,
    /// Column and row of the first chip of its board, which is the one that the host talks to.
    pub board: (u16, u16),
}

/// What the router of a chip has.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Router {
    /// Entries of the multicast table that circuits may use.
    pub entries: u32,
    /// Clock, Hz.
    pub clock_hz: Option<u64>,
    /// How long a packet waits for a blocked output before emergency routing, as the byte of the router's control register.
    pub wait1: Option<u8>,
    /// How long it then tries emergency routing before it is dropped, as the byte of the router's control register.
    pub wait2: Option<u8>,
    /// From chip to chip, ns.
    pub hop_ns: Option<u32>,
    /// What a hop from board to board takes besides, ns.
    pub board_hop_ns: Option<u32>,
}

/// What a link carries in one direction, in packets without payload.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkRates {
    /// Packets per second between chips of a board.
    pub packets_per_s: u64,
    /// Packets per second between chips of different boards, when all links between the two boards are busy; `None` where boards
    /// are not joined.
    pub board_packets_per_s: Option<u64>,
}

/// What a machine consumes.
#[derive(Clone, Copy, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Energy {
    /// A chip with its shared memory, its processors asleep, W.
    pub idle_chip_w: f64,
    /// What a processor that never sleeps adds, W.
    pub active_core_w: f64,
    /// A board with its chips, all processors asleep, W.
    pub idle_board_w: f64,
    /// A packet of 40 bits (without payload) through one router, nJ.
    pub packet_hop_nj: f64,
    /// A packet of 72 bits (with payload) through one router, nJ.
    pub payload_packet_hop_nj: f64,
    /// A neuron for a millisecond, nJ; includes its share of a core's activity.
    pub neuron_nj_per_ms: f64,
    /// An event at a synapse, nJ; includes its share of a core's activity.
    pub synaptic_event_nj: f64,
}

/// Names of links, by number.
pub const LINK_NAMES: [&str; 6] = ["E", "NE", "N", "W", "SW", "S"];

/// (dx, dy) of each link.
pub const STEPS: [(i32, i32); 6] = [(1, 0), (1, 1), (0, 1), (-1, 0), (-1, -1), (0, -1)];

/// What a processor has.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Processor {
    /// Clock, Hz; `None` when it does not matter.
    pub clock_hz: Option<u64>,
    /// Bytes for what changes in a circuit (data memory less what is reserved); `None` without limit.
    pub circuit_bytes: Option<u64>,
    /// Most neurons; `None` without limit.
    pub max_neurons: Option<u32>,
    /// Whether its runtime makes synapses from generators itself; otherwise an image holds every synapse.
    pub generates: bool,
}

impl Machine {
    /// Places of its processors, in the order in which they are filled. A machine without limits has as many as are asked for.
    pub fn processors(&self) -> impl Iterator<Item = (Chip, u16)> + '_ {
        let finite = self.chips.iter().flat_map(|c| c.processors.iter().map(|p| (*c, p)));
        let endless = self.chips.first().filter(|_| self.family == Family::Host);
        finite.chain(endless.into_iter().flat_map(|c| (1..u16::MAX).map(|p| (*c, p))))
    }

    /// Number of processors; `None` without limit.
    #[must_use]
    pub fn processor_count(&self) -> Option<usize> {
        (self.family != Family::Host).then(|| self.chips.iter().map(|c| usize::from(c.processors.len())).sum())
    }

    /// First chips of its boards, ascending.
    #[must_use]
    pub fn boards(&self) -> Vec<(u16, u16)> {
        let mut boards: Vec<(u16, u16)> = self.chips.iter().map(|c| c.board).collect();
        boards.sort_unstable();
        boards.dedup();
        boards
    }

    /// Number of working links; both directions are one link.
    #[must_use]
    pub fn link_count(&self) -> usize {
        self.chips.iter().map(|c| c.links.count_ones() as usize).sum::<usize>() / 2
    }
}

#[cfg(test)]
mod tests;
