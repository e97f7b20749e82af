//! What cores do with their time: cycles of each tick, and when within it a packet is sent.
//!
//! Takes: what kernels did, counted.  Gives: the moment of each event, cycles and overruns by core.
//! Source: [`bouton_targets::cost`] for cycles. A core updates its blocks in order, 16 neurons at a time, sends what a chunk emitted
//!   when it is done, and adds the rows of what arrives until the next tick. The rows of a chip's cores share its memory, a fair
//!   part of its bandwidth each; a core waits for its rows if they take longer than adding them. All cores begin a tick together.

use super::chips::Chips;
use super::options::Hardware;
use super::paths::Sender;
use super::stats::CoreStats;
use super::team::Done;
use crate::network::Network;
use bouton_targets::cost::Work;
use bouton_targets::image::{BlockRecord, SectionKind};
use bouton_targets::program::ProgramView;

/// Time in picoseconds.
pub(super) type Time = u64;

/// Picoseconds of `seconds`.
pub(super) fn time(seconds: f64) -> Time {
    (seconds * 1e12).round() as Time
}

/// Neurons that the kernel computes at once.
const LANES: u64 = bouton_runtime_embedded::kernel::LANES as u64;

/// When a block's neurons are computed, in cycles from the first update of its core.
#[derive(Clone, Copy, Debug, Default)]
struct BlockTime {
    before: u64,
    chunk: u64,
}

/// A core in a tick.
#[derive(Clone, Copy, Debug, Default)]
struct Busy {
    /// When it begins with updates.
    updates: Time,
    /// When it is done with the tick before.
    free: Time,
    work: Work,
}

/// The load of all cores.
pub(super) struct Load {
    hardware: Hardware,
    cycle: Time,
    blocks: Vec<Vec<BlockTime>>,
    update: Vec<u64>,
    /// Positions of the cores of each chip.
    chips: Vec<Vec<usize>>,
    cores: Vec<Busy>,
    stats: Vec<CoreStats>,
}

impl Load {
    /// The load before the first tick.
    pub fn new(network: &Network<'_>, chips: &Chips<'_>, hardware: Hardware) -> Self {
        let (mut blocks, mut update) = (Vec::new(), Vec::new());
        let chunks: Vec<u64> = network.populations.iter().map(|p| chunk_cycles(network, &p.block, &hardware)).collect();
        for core in &network.cores {
            let (mut before, mut times) = (0, Vec::new());
            for block in core.blocks() {
                let chunk = chunks[block.population as usize];
                times.push(BlockTime { before, chunk });
                before += chunk * u64::from(block.count).div_ceil(LANES);
            }
            blocks.push(times);
            update.push(before);
        }
        let place = |(chip, position): &(u32, u32)| CoreStats { chip: *chip, position: *position, ..CoreStats::default() };
        Load {
            cycle: time(1.0 / hardware.core_hz),
            hardware,
            blocks,
            update,
            chips: chips.cores.iter().map(|cores| cores.iter().map(|(_, core)| *core as usize).collect()).collect(),
            cores: vec![Busy::default(); network.cores.len()],
            stats: chips.places.iter().map(place).collect(),
        }
    }

    /// Begins a tick at `now`.
    pub fn begin(&mut self, now: Time) {
        for (core, update) in self.cores.iter_mut().zip(&self.update) {
            core.work = Work { update: *update, ..Work::default() };
            core.updates = core.free.max(now) + self.hardware.cost.tick * self.cycle;
        }
    }

    /// When a core sends the event of a sender's member, which is counted.
    pub fn send(&mut self, core: u32, sender: &Sender, offset: u32) -> Time {
        let block = self.blocks[core as usize][sender.block as usize];
        let chunks = if sender.broadcast {
            // After the whole block.
            self.blocks[core as usize]
                .get(sender.block as usize + 1)
                .map_or_else(|| self.update[core as usize].saturating_sub(block.before), |next| next.before - block.before)
        } else {
            (u64::from(offset) / LANES + 1) * block.chunk
        };
        let core = &mut self.cores[core as usize];
        core.work.sent += 1;
        core.updates + (block.before + chunks + core.work.sent * self.hardware.cost.send) * self.cycle
    }

    /// A core takes a packet.
    pub fn receive(&mut self, core: u32) {
        self.cores[core as usize].work.packets += 1;
    }

    /// Ends the tick that began at `now` and may last `tick`, with what the cores did of what arrived in it; gives when the last
    /// core is done.
    pub fn end(&mut self, now: Time, tick: Time, done: impl Iterator<Item = Done>) -> Time {
        for (core, done) in self.cores.iter_mut().zip(done) {
            (core.work.rows, core.work.synapses) = (done.rows, done.synapses);
        }
        let mut last = now;
        for chip in &self.chips {
            let mut all: Vec<(u64, usize)> = chip.iter().map(|core| (shared_bytes(&self.cores[*core].work), *core)).collect();
            all.sort_unstable();
            let (mut smaller, left) = (0, all.len() as u64);
            for (at, (bytes, place)) in (0..).zip(all) {
                // Of fair shares, everyone has had as much as this core when it has all of its own.
                let moved = smaller + bytes * (left - at);
                smaller += bytes;
                let (core, stats) = (&mut self.cores[place], &mut self.stats[place]);
                let rows = (moved as f64 / self.hardware.shared_bytes_per_s * self.hardware.core_hz) as u64;
                let adding = core.work.rows * self.hardware.cost.row + core.work.synapses * self.hardware.cost.synapse;
                let cycles = self.hardware.cost.cycles(&core.work) + rows.saturating_sub(adding);
                core.free = core.free.max(now) + cycles * self.cycle;
                last = last.max(core.free);
                stats.busiest = stats.busiest.max(cycles);
                stats.cycles += cycles;
                stats.overruns += u64::from(cycles * self.cycle > tick);
            }
        }
        last
    }

    /// What was counted.
    pub fn stats(&self) -> &[CoreStats] {
        &self.stats
    }
}

/// A row is found by its start and the next, and its synapses are a word each.
fn shared_bytes(work: &Work) -> u64 {
    work.rows * 8 + work.synapses * 4
}

fn chunk_cycles(network: &Network<'_>, block: &BlockRecord, hardware: &Hardware) -> u64 {
    let words = network.image.section(SectionKind::Program, block.program);
    let program = words.and_then(|words| ProgramView::open(words).ok());
    program.map_or(0, |program| hardware.cost.update(program.instructions().map(|i| i.op), 1))
}
