//! What a machine with routers did: by chip, core and population.

/// What the machine engine counted and estimated.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct MachineStats {
    /// Whether packets took time. Otherwise nothing was dropped or late, and there are no cycles, loads and energies.
    pub timed: bool,
    /// The chips, by number.
    pub chips: Vec<ChipStats>,
    /// The cores, by position in the image.
    pub cores: Vec<CoreStats>,
    /// The populations that send, by number.
    pub populations: Vec<TrafficStats>,
    /// Packets that no table takes where they are sent: nobody listens to them.
    pub unheard: u64,
    /// Copies of packets that left over a link that does not work, or went round in a circle.
    pub astray: u64,
    /// Seconds that a tick may last: its length in the circuit, times the time scale.
    pub tick_s: f64,
    /// Seconds that all ticks took.
    pub seconds: f64,
    /// Seconds that the slowest tick took.
    pub slowest_tick_s: f64,
    /// Estimated energy.
    pub energy: EnergyStats,
}

/// A chip.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct ChipStats {
    /// Column.
    pub x: u32,
    /// Row.
    pub y: u32,
    /// Packets that its router took.
    pub routed: u64,
    /// Those of them that no entry matched and that went on straight.
    pub default_routed: u64,
    /// Packets that its router dropped, sent again or not.
    pub dropped: u64,
    /// Dropped packets that were sent again to all that had missed them.
    pub reinjected: u64,
    /// Dropped packets that were not kept.
    pub lost: u64,
    /// Packets over each of its links.
    pub links: [u64; 6],
    /// Share of the time in which its busiest link was sending.
    pub busiest_link: f64,
}

/// A core.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct CoreStats {
    /// Number of its chip.
    pub chip: u32,
    /// Position on the chip.
    pub position: u32,
    /// Cycles of its busiest tick.
    pub busiest: u64,
    /// Cycles of all ticks.
    pub cycles: u64,
    /// Ticks that took it longer than a tick may last.
    pub overruns: u64,
}

/// Packets of a population.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TrafficStats {
    /// Packets that routers dropped, sent again or not.
    pub dropped: u64,
    /// Cores that should have had a packet and never will.
    pub lost: u64,
    /// Packets that came to a core after the next tick had begun.
    pub late: u64,
}

/// Energy in joules.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct EnergyStats {
    /// Chips that exist, idle, with their memories.
    pub chips_j: f64,
    /// What computing cores take more.
    pub cores_j: f64,
    /// Packets through routers and over links.
    pub packets_j: f64,
    /// Boards besides their chips.
    pub boards_j: f64,
}

impl EnergyStats {
    /// All of it.
    #[must_use]
    pub fn total_j(&self) -> f64 {
        self.chips_j + self.cores_j + self.packets_j + self.boards_j
    }
}

impl MachineStats {
    /// Packets that routers dropped.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.chips.iter().map(|c| c.dropped).sum()
    }

    /// Dropped packets that were sent again.
    #[must_use]
    pub fn reinjected(&self) -> u64 {
        self.chips.iter().map(|c| c.reinjected).sum()
    }

    /// Cores that should have had a packet and never will, over all packets.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.populations.iter().map(|p| p.lost).sum()
    }

    /// Packets that came to a core after the next tick had begun.
    #[must_use]
    pub fn late(&self) -> u64 {
        self.populations.iter().map(|p| p.late).sum()
    }

    /// Ticks of cores that took longer than a tick may last.
    #[must_use]
    pub fn overruns(&self) -> u64 {
        self.cores.iter().map(|c| c.overruns).sum()
    }
}
