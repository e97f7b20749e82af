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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::partition::Limits;
    use crate::table::Table;
    use bouton_targets::machine::Fault;

    #[test]
    fn dead_and_reserved_processors_stay_empty() {
        let faults = [Fault::Chip { x: 0, y: 0 }, Fault::Core { x: 1, y: 0, core: 4 }, Fault::Cores(13)];
        let machine = Machine::named("spinn3").expect("it is listed").expect("it is sound");
        let machine = machine.with_faults(&faults).expect("it has those parts");
        let cores: Table<CoreId, Vec<_>> = (0..8).map(|_| Vec::new()).collect();
        let limits = Limits { neurons: 1, bytes: 1, cycles: 1.0 };
        let partition =
            Partition { slices: Table::new(), cores, bindings: Table::new(), cycles: Table::new(), limits, time_scale: 1.0 };
        let placed: Vec<String> = run(&partition, &machine).values().iter().map(Processor::to_string).collect();
        let chip = |x, y, numbers: std::ops::Range<u16>| numbers.map(move |p| format!("core({x},{y},{p})"));
        let expected = chip(1, 0, 16..18).chain(chip(0, 1, 15..18)).chain(chip(1, 1, 15..18));
        assert_eq!(placed, expected.collect::<Vec<_>>());
    }
}
