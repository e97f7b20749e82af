//! Gives each core of a partition a processor of the machine.
//!
//! Takes: Partition, Machine.  Gives: Placement.
//! Invariants: a processor holds at most one core; cores that follow each other in the partition lie on the same chip or on the
//!   next one in the machine's order.
//! Cost: time in the number of cores. Source: own.

use crate::partition::{CoreId, Partition};
use crate::table::Table;
use bouton_targets::machine::Machine;

/// A processor of a machine.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Processor {
    /// Column of its chip.
    pub x: u16,
    /// Row of its chip.
    pub y: u16,
    /// Number on its chip.
    pub processor: u16,
}

impl std::fmt::Display for Processor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "core({},{},{})", self.x, self.y, self.processor)
    }
}

/// Where each core is.
pub type Placement = Table<CoreId, Processor>;

/// Places the cores in the machine's order. The partition has at most as many cores as the machine has processors.
#[must_use]
pub fn run(partition: &Partition, machine: &Machine) -> Placement {
    let places = machine.processors().map(|(chip, processor)| Processor { x: chip.x, y: chip.y, processor });
    partition.cores.ids().zip(places).map(|(_, place)| place).collect()
}
