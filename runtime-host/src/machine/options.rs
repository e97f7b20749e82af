//! What may be asked of the machine engine, and what it assumes of the hardware.

use bouton_targets::cost::CostModel;
use bouton_targets::machine::Machine;

/// How the machine engine runs images that have routers. Others know no time and no routers.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct MachineOptions {
    /// Packets take time, meet each other on links and may be dropped. Without it every packet arrives within its tick.
    pub timed: bool,
    /// How long a blocked packet waits before it is dropped, in the encoding of SpiNNaker's routers: see [`wait_clocks`].
    pub wait1: u8,
    /// The time of emergency routing, in the same encoding. Only what means 0 clocks can be run, as on boards today.
    pub wait2: u8,
    /// Dropped packets are sent again by a core of each chip.
    pub reinjection: bool,
    /// A tick lasts this many times its length in the circuit, on clocks that wait for nobody: what comes later is late. `None`
    /// for a machine that waits until every tick is done.
    pub time_scale: Option<f64>,
    /// Short packets a second over every link, in place of the hardware's numbers.
    pub link_rate: Option<f64>,
    /// The hardware.
    pub hardware: Hardware,
}

impl Default for MachineOptions {
    fn default() -> Self {
        MachineOptions {
            timed: true,
            // What sPyNNaker's monitor sets when it reinjects: 480 clocks.
            wait1: 0x4F,
            wait2: 0,
            reinjection: true,
            time_scale: None,
            link_rate: None,
            hardware: Hardware::SPINNAKER,
        }
    }
}

/// Speeds, sizes and energies of a many-core machine.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Hardware {
    /// Clock of cores, Hz.
    pub core_hz: f64,
    /// Clock of routers, Hz; a router takes at most one packet a clock.
    pub router_hz: f64,
    /// Short packets (40 bits) a second over a link on a board.
    pub link_rate: f64,
    /// The same between boards.
    pub board_link_rate: f64,
    /// Seconds from router to router on a board.
    pub hop_s: f64,
    /// Seconds more between boards.
    pub board_hop_s: f64,
    /// Packets that wait for a link.
    pub output_packets: usize,
    /// Packets that a router holds from each link before it looks at them.
    pub input_packets: usize,
    /// Packets that a core's controller holds until the core takes them.
    pub core_packets: u64,
    /// Seconds until a dropped packet is read and another can be kept.
    pub dump_s: f64,
    /// Packets that the monitor keeps to send again.
    pub reinjection_packets: usize,
    /// Seconds between two looks of the monitor at its queue.
    pub reinjection_s: f64,
    /// Bytes a second of a chip's shared memory, all cores together.
    pub shared_bytes_per_s: f64,
    /// Watts of a chip that does nothing, memory included.
    pub idle_chip_w: f64,
    /// Watts more of a core that computes.
    pub active_core_w: f64,
    /// Joules for a bit through a router and over the link behind it.
    pub bit_j: f64,
    /// Watts of a board besides its chips.
    pub board_w: f64,
    /// Cycles of what cores do.
    pub cost: CostModel,
}

impl Hardware {
    /// That of a machine; what its description does not say is as in SpiNNaker 1.
    #[must_use]
    pub fn of(machine: &Machine) -> Hardware {
        let mut hardware = Hardware::SPINNAKER;
        let set = |to: &mut f64, from: Option<u64>| *to = from.map_or(*to, |from| from as f64);
        set(&mut hardware.core_hz, machine.processor.clock_hz);
        set(&mut hardware.shared_bytes_per_s, machine.shared_bytes_per_s);
        if let Some(router) = &machine.router {
            set(&mut hardware.router_hz, router.clock_hz);
            let seconds = |to: &mut f64, ns: Option<u32>| *to = ns.map_or(*to, |ns| f64::from(ns) / 1e9);
            seconds(&mut hardware.hop_s, router.hop_ns);
            seconds(&mut hardware.board_hop_s, router.board_hop_ns);
        }
        if let Some(links) = &machine.links {
            hardware.link_rate = links.packets_per_s as f64;
            set(&mut hardware.board_link_rate, links.board_packets_per_s);
        }
        if let Some(energy) = &machine.energy {
            let chips_of_a_board = machine.chips.len() as f64 / machine.boards().len().max(1) as f64;
            hardware.idle_chip_w = energy.idle_chip_w;
            hardware.active_core_w = energy.active_core_w;
            hardware.bit_j = energy.packet_hop_nj * 1e-9 / 40.0;
            hardware.board_w = (energy.idle_board_w - chips_of_a_board * energy.idle_chip_w).max(0.0);
        }
        hardware
    }

    /// SpiNNaker 1.
    pub const SPINNAKER: Hardware = Hardware {
        core_hz: 200e6,
        // 2 × 200 / 3 MHz, by the boot values of SCAMP.
        router_hz: 400e6 / 3.0,
        // 250 Mbit/s: general knowledge of the papers, not verified.
        link_rate: 6e6,
        // 3 Gbit/s for eight links: between the 1 and 1.5 million that are said, not verified.
        board_link_rate: 1.25e6,
        // NODE_DLY_NS and BRD_DLY_NS of SCAMP.
        hop_s: 500e-9,
        board_hop_s: 900e-9,
        // Assumptions: the chip's buffers are not published.
        output_packets: 2,
        input_packets: 4,
        core_packets: 2,
        // The interrupt of SFEC's extra monitor, some 200 cycles: an assumption.
        dump_s: 1e-6,
        // SFEC extra_monitor_support.c.
        reinjection_packets: 4095,
        reinjection_s: 10e-6,
        // Data sheet: over 1 GB/s in blocks; 130 MHz DDR of 32 bits have 1.04 GB/s.
        shared_bytes_per_s: 1e9,
        // SpiNNMachine version_spin1.py.
        idle_chip_w: 0.35,
        active_core_w: 0.034,
        // Painkras et al. 2013, by SpiNNMachine: 25 pJ a bit.
        bit_j: 25e-12,
        // SpiNNMachine version_5.py: 26.84 W idle, 48 chips of which have 16.82 W.
        board_w: 10.02,
        cost: CostModel::ARM968,
    };
}

/// Clocks of a router's wait register: mantissa m in the low half, exponent e in the high half; (m + 16 - 2^(4 - e)) · 2^e for e
/// up to 4, (m + 16) · 2^e above (SpiNNFrontEndCommon's `reinjection_status.py`).
///
/// ```
/// use bouton_runtime_host::machine::wait_clocks;
/// assert_eq!([0x00, 0x40, 0x4F, 0xFF].map(wait_clocks), [0, 240, 480, 1_015_808]);
/// ```
#[must_use]
pub fn wait_clocks(byte: u8) -> u64 {
    let (mantissa, exponent) = (u64::from(byte & 0xF), u32::from(byte >> 4));
    let less = if exponent <= 4 { 1 << (4 - exponent) } else { 0 };
    ((mantissa + 16) << exponent) - (less << exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spinn5_is_what_is_assumed_of_it() {
        let machine = Machine::named("spinn5").expect("it is listed").expect("it is sound");
        let hardware = Hardware::of(&machine);
        let close = |a: f64, b: f64| (a / b - 1.0).abs() < 0.01;
        let (h, s) = (hardware, Hardware::SPINNAKER);
        assert!(close(h.router_hz, s.router_hz) && close(h.bit_j, s.bit_j) && close(h.board_w, s.board_w), "{hardware:?}");
        assert_eq!((h.core_hz, h.link_rate, h.hop_s, h.idle_chip_w), (s.core_hz, s.link_rate, s.hop_s, s.idle_chip_w));
    }
}
