//! The kernel: runs one core of an image, tick by tick.
//!
//! # The tick
//!
//! [`Kernel::tick`] runs one tick: **update** and **emit** (block by block; within a tick no block sees another's new events, since
//! delays are at least one) and **record**. It hands every event to [`Output::event`] and keeps none for itself. Between this tick
//! and the next the caller hands every event of this tick, from wherever it came, once to [`Kernel::receive`] of every core that
//! hears its key, the sender's own core included. So there is one way for events, and a core that hears itself is no special
//! case; a device with one core queues its own events and hands them back. What was not received before the next tick is
//! lost; what is received twice counts twice.
//!
//! # Rings and histories
//!
//! **Arrive**, the first step of the contract, is done ahead: a block has a ring of sums, a slot for each of the next ticks, and an event
//! that is received is added at once to the slots of the ticks in which it arrives. So an event costs its row and nothing else,
//! however many sources a core hears. The slot of a tick is cleared after its update, and is then that of a later tick.
//!
//! A ring costs sums for every target and tick. Where a core hears few sources with long delays, keeping the events is cheaper than
//! keeping the sums: what a delay has beyond the ring is a *lag*, and a source whose groups have lags has a history: for each of the last
//! `depth` ticks a bit for each member (and a value for graded sources). At the end of a tick the rows of every lag are added of those
//! members that emitted so many ticks before; then the slot of tick t - depth is cleared, and the events of tick t are received
//! into it. A bitmap needs no bound on how many events a tick may bring, so there is nothing that can overflow.
//!
//! An event counts when its row is added, once for each synapse whose arrival is within the run of its block: so what is counted
//! in a whole run depends neither on rings nor on lags or latencies.
//!
//! # Latency and end
//!
//! A block with latency L computes its logical tick t - L at tick t. Draws, inputs and recordings count logical ticks, and a run of n
//! ticks ends for each block after its logical tick n - 1, so that a recording does not show latencies.
//!
//! # Stack
//!
//! The registers of the interpreter, 32 × [`LANES`] × 4 bytes = 2 KiB, stand on the stack of [`Kernel::tick`]: a device that sleeps
//! between ticks, or runs other tasks there, has that memory back. Everything else is in the caller's memory.

mod deliver;
mod emit;
#[cfg(feature = "generate")]
mod generate;
mod input;
mod memory;
mod record;
mod update;

use crate::interpret::Interpreter;
use bouton_targets::image::{BlockKind, BlockRecord, CoreView, EventKind, SourceRecord, history_slot_words};
#[cfg(feature = "generate")]
use generate::make_rows;
use memory::{Memory, part_mut, slot_of};

/// Members that the kernel computes at once. Results do not depend on it.
pub const LANES: usize = 16;

/// The interpreter of the kernel: its registers.
type Scratch = Interpreter<LANES, 1>;

/// Why a core cannot be run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KernelError {
    /// The memory handed over is too small.
    Memory {
        /// Bytes that the core needs.
        needed: usize,
        /// Bytes that there are.
        found: usize,
    },
    /// The synaptic memory handed over is too small.
    Synaptic {
        /// Words that the core needs.
        needed: usize,
        /// Words that there are.
        found: usize,
    },
    /// The core makes synapses from recipes, and this kernel was built without the feature `generate`.
    Generates,
    /// What a group's recipe gives is not what its record says.
    Recipe {
        /// Position of the group.
        group: u32,
    },
    /// The core needs more memory than an address or a word of its tables can name.
    TooLarge,
}

/// Where a core's events and recordings go.
pub trait Output {
    /// An event; `payload` is the value of graded events. To be delivered by [`Kernel::receive`] before the next tick.
    fn event(&mut self, key: u32, payload: Option<i32>);

    /// A recorded spike: number of the record, logical tick, index in the population.
    fn spike(&mut self, record: u32, tick: u32, member: u32);

    /// A recorded state: number of the record, logical tick, index in the population, raw value.
    fn state(&mut self, record: u32, tick: u32, member: u32, raw: i32);

    /// `count` values of a population left their ranges in this tick.
    fn saturated(&mut self, population: u32, count: u32) {
        let _ = (population, count);
    }
}

/// What a core did so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counters {
    /// Spikes emitted, inputs included.
    pub spikes: u64,
    /// Synapses that an event crossed.
    pub synaptic_events: u64,
    /// Values that left their ranges.
    pub saturations: u64,
}

#[cfg(not(feature = "generate"))]
fn make_rows(core: &CoreView<'_>, _: &mut [u32], _: &mut [u32]) -> Result<(), KernelError> {
    if core.head().synaptic == 0 { Ok(()) } else { Err(KernelError::Generates) }
}

/// One core of an image, and the memory in which it runs.
#[derive(Debug)]
pub struct Kernel<'a, 'm> {
    core: CoreView<'a>,
    memory: Memory<'m>,
    /// Rows of generated groups.
    synaptic: &'m [u32],
    /// The tick that runs next.
    now: u64,
    /// Logical ticks of the run.
    ticks: u64,
    counters: Counters,
}

impl<'a, 'm> Kernel<'a, 'm> {
    /// A kernel before tick 0.
    ///
    /// `memory` is the fast one, for what changes in every tick: it needs [`bouton_targets::image::MemoryLayout::bytes`]. In `synaptic`,
    /// which may be slower and is read only after this, the rows of generated groups are made: it needs as many words as
    /// `synaptic` of the core's head, none for a core whose synapses are written out. What is in either does not matter.
    ///
    /// # Errors
    /// When a memory is too small, or synapses cannot be made.
    pub fn new(core: CoreView<'a>, memory: &'m mut [u64], synaptic: &'m mut [u32]) -> Result<Self, KernelError> {
        let needed = core.head().synaptic as usize;
        let found = synaptic.len();
        let synaptic = synaptic.get_mut(..needed).ok_or(KernelError::Synaptic { needed, found })?;
        // Scratch first: the memory is not in use yet.
        let scratch = Memory::scratch(&core, memory)?;
        make_rows(&core, synaptic, scratch)?;
        let memory = Memory::carve(&core, memory)?;
        Ok(Kernel { core, memory, synaptic, now: 0, ticks: u64::MAX, counters: Counters::default() })
    }

    /// Ends the run after `ticks` logical ticks: tick after tick may be run further, but finished blocks do nothing.
    #[must_use]
    pub fn with_ticks(mut self, ticks: u64) -> Self {
        self.ticks = ticks;
        self
    }

    /// The core.
    #[must_use]
    pub fn core(&self) -> &CoreView<'a> {
        &self.core
    }

    /// The number of the tick that runs next.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.now
    }

    /// What was counted so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// Runs the next tick.
    pub fn tick(&mut self, output: &mut impl Output) {
        if self.now > 0 {
            self.advance_slots();
        }
        let mut scratch = Scratch::new();
        for at in 0..self.core.head().blocks {
            if let Some((block, tick)) = self.due(at, self.now) {
                self.run_block(at, &block, tick, &mut scratch, output);
            }
        }
        self.memory.next_sums(&self.core);
        self.now = self.now.wrapping_add(1);
        self.add_lagging();
        self.clear_slots();
    }

    fn run_block(&mut self, at: u32, block: &BlockRecord, tick: u32, scratch: &mut Scratch, output: &mut impl Output) {
        match BlockKind::from_code(block.kind) {
            Some(BlockKind::Neurons) => {
                self.update(at, block, tick, scratch, output);
                self.broadcast(at, block, output);
                self.record_states(at, block, tick, output);
            }
            Some(BlockKind::SpikeList) => self.play_spikes(at, block, tick, output),
            Some(BlockKind::Signal) => self.play_signal(block, tick, output),
            Some(BlockKind::LiveSpikes | BlockKind::LiveGraded) | None => {}
        }
    }

    /// Block `at` and its logical tick at tick `now`, if it computes one.
    fn due(&self, at: u32, now: u64) -> Option<(BlockRecord, u32)> {
        let block = self.core.block(at)?;
        let tick = now.checked_sub(block.latency.into())?;
        (tick < self.ticks).then_some((block, tick as u32))
    }

    /// Takes an event that was emitted in the tick just run. Says whether this core hears it.
    ///
    /// Keys of others are no error: a multicast router may deliver more than is wanted.
    pub fn receive(&mut self, key: u32, payload: Option<i32>) -> bool {
        let Some((at, source, member)) = self.core.source_of_key(key) else { return false };
        if self.now == 0 || (source.kind == EventKind::Graded as u32) != payload.is_some() {
            return false;
        }
        if source.depth > 0 {
            self.keep(at, &source, member, payload);
        }
        self.add_event(&source, member, payload);
        true
    }

    /// Keeps an event in the history of its source.
    fn keep(&mut self, at: u32, source: &SourceRecord, member: u32, payload: Option<i32>) {
        let (start, length) = slot_of(source, self.memory.source(at), 0);
        let slot = part_mut(self.memory.history, start, length);
        if let Some(word) = slot.get_mut(member as usize / 32) {
            *word |= 1 << (member % 32);
        }
        let bitmap = (source.count as usize).div_ceil(32);
        if let (Some(value), Some(place)) = (payload, slot.get_mut(bitmap.wrapping_add(member as usize))) {
            *place = value as u32;
        }
    }

    /// Makes the next slot of each source that of the present tick.
    fn advance_slots(&mut self) {
        for (at, [_history, slot]) in (0..).zip(self.memory.sources.iter_mut()) {
            let depth = self.core.source(at).map_or(0, |s| s.depth);
            let next = slot.wrapping_add(1);
            *slot = if next >= depth { 0 } else { next };
        }
    }

    /// Forgets the events of the tick `depth` ago, in whose slots those of this tick will be received.
    fn clear_slots(&mut self) {
        for at in 0..self.core.head().sources {
            let Some(source) = self.core.source(at).filter(|s| s.depth > 0) else { continue };
            let (start, _) = slot_of(&source, self.memory.source(at), 0);
            // Values stay: they count only with their bit.
            let bitmap = history_slot_words(&source).unwrap_or(0).min((source.count as usize).div_ceil(32));
            part_mut(self.memory.history, start, bitmap).fill(0);
        }
    }
}
