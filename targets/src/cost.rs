//! How many cycles a tick takes a core: one function, for the compiler's estimates and for what the machine engine counts.
//!
//! The constants of [`CostModel::ARM968`] come from the code that rustc 1.96 makes of the kernel for `armv5te-none-eabi`
//! (optimisation 3, one unit), its loops counted by hand with the timing of an ARM9E-S without caches: 1 cycle for an operation on
//! registers, 2 with a shift by a register, 1 for a load from or a store to tightly coupled memory and 1 more when the next
//! instruction needs what was loaded, 3 for a branch that is taken, 3 for a product of 64 bits. None was measured on a board; they
//! are good to about a quarter.
//!
//! To compare: the estimate of the mapping benchmarks is 220 for a neuron, 16 for a synaptic event, 250 for a row with its packet.

use crate::instruction::Op;

/// Lanes that the kernel computes at once.
const LANES: u64 = 16;

/// What a core does in a tick.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Work {
    /// Cycles of updates, as [`CostModel::update`] counts them.
    pub update: u64,
    /// Packets received.
    pub packets: u64,
    /// Rows looked up.
    pub rows: u64,
    /// Synapses that an event crossed.
    pub synapses: u64,
    /// Packets sent.
    pub sent: u64,
}

/// Cycles of what a core does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CostModel {
    /// A tick without anything in it: the timer's interrupt, slots of histories, the loop over blocks.
    pub tick: u64,
    /// A chunk of 16 neurons, before its program: addresses of its arrays, emissions.
    pub chunk: u64,
    /// An instruction of a program, for each chunk: decoding and the jump.
    pub instruction: u64,
    /// The interrupt that puts a packet into the core's queue; until then the next one waits in the controller.
    pub interrupt: u64,
    /// Taking a packet out of the queue: the search for its source, its bit.
    pub packet: u64,
    /// Looking up a row, and starting its transfer.
    pub row: u64,
    /// Adding a synapse to its sum.
    pub synapse: u64,
    /// Sending a packet.
    pub send: u64,
}

impl CostModel {
    /// The cores of SpiNNaker 1. See the head of this file for where the numbers come from.
    pub const ARM968: CostModel = CostModel {
        // Some 40 instructions for each of a handful of blocks and sources, and the interrupt.
        tick: 800,
        // 180 instructions of prologue, 60 of emission and the loop, many of them loads that the next one waits for.
        chunk: 320,
        // 30 instructions and a jump by a table.
        instruction: 48,
        // Entry, key and payload from their registers, two stores, the queue's end, return.
        interrupt: 40,
        // 70 instructions straight on, 14 for each of about 4 steps of the search.
        packet: 170,
        // 20 instructions of the loop over set bits, 12 to find the row, 16 to start a transfer.
        row: 60,
        // 13 instructions: two loads that are waited for and a branch that is taken.
        synapse: 17,
        // The mask of spikes, the key, a register of the communications controller.
        send: 40,
    };

    /// Cycles of one operation for one neuron.
    #[must_use]
    pub const fn operation(&self, op: Op) -> u64 {
        match op {
            // A load, a store, and a share of the loop.
            Op::LoadState | Op::LoadParam | Op::LoadNarrow | Op::StoreState | Op::Move | Op::Constant | Op::LoadModulator => 5,
            // 64 bits are shifted and cut.
            Op::LoadWide => 24,
            // Ten rounds of Philox with two wide products each; a normal deviate adds a table and its slope.
            Op::Random => 140,
            Op::Normal => 230,
            // A wide product, its rounding, a shift of 64 bits by a register, registers that do not suffice.
            Op::Multiply | Op::MultiplyConstant | Op::MultiplyAdd => 18,
            // A division of 64 bits in software.
            Op::Divide => 400,
            Op::Lookup => 30,
            Op::Steps => 40,
            Op::Saturate => 14,
            Op::Select | Op::Clip | Op::ShiftRight | Op::ShiftLeftSaturating | Op::AddSaturating | Op::SubtractSaturating => 9,
            // Two loads, the operation, a store.
            _ => 6,
        }
    }

    /// Cycles of one tick of `neurons` neurons of a block that run these operations.
    #[must_use]
    pub fn update(&self, operations: impl Iterator<Item = Op>, neurons: u32) -> u64 {
        let chunks = u64::from(neurons).div_ceil(LANES);
        // The lanes of a chunk are computed whether there are neurons in them or not.
        let of_chunk = |op| self.operation(op).saturating_mul(LANES).saturating_add(self.instruction);
        let each = operations.fold(self.chunk, |sum, op| sum.saturating_add(of_chunk(op)));
        each.saturating_mul(chunks)
    }

    /// Cycles of a tick.
    #[must_use]
    pub const fn cycles(&self, work: &Work) -> u64 {
        self.tick
            .saturating_add(work.update)
            .saturating_add(work.packets.saturating_mul(self.interrupt.saturating_add(self.packet)))
            .saturating_add(work.rows.saturating_mul(self.row))
            .saturating_add(work.synapses.saturating_mul(self.synapse))
            .saturating_add(work.sent.saturating_mul(self.send))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neurons_cost_by_chunks_and_events_one_by_one() {
        let cost = CostModel::ARM968;
        let program = [Op::LoadState, Op::MultiplyAdd, Op::StoreState];
        let one = cost.update(program.into_iter(), 1);
        assert_eq!(one, 320 + 3 * 48 + 16 * (5 + 18 + 5));
        assert_eq!([16, 17, 256].map(|n| cost.update(program.into_iter(), n)), [one, 2 * one, 16 * one]);
        let work = Work { update: one, packets: 2, rows: 3, synapses: 100, sent: 1 };
        assert_eq!(cost.cycles(&work), 800 + one + 420 + 180 + 1700 + 40);
    }

    #[test]
    fn a_usual_neuron_costs_what_others_say() {
        // A leaky integrator with two decaying inputs: about 220 by the published estimate.
        let mut program = vec![Op::LoadState; 4];
        program.extend([Op::LoadNarrow, Op::LoadNarrow, Op::Add, Op::Add, Op::AddConstant, Op::GreaterEqualConstant, Op::Select]);
        program.extend([Op::MultiplyConstant, Op::MultiplyConstant, Op::MultiplyConstant, Op::MultiplyAdd, Op::MultiplyAdd]);
        program.extend([Op::Saturate, Op::StoreState, Op::StoreState, Op::StoreState, Op::StoreState, Op::EmitSpike]);
        let each = CostModel::ARM968.update(program.into_iter(), 160) / 160;
        assert!((180..330).contains(&each), "{each} cycles");
    }
}
