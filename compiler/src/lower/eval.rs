//! A plain evaluator of spike graphs for tests: one neuron at a time, and every wrapping operation watched.
//!
//! Beside each 32-bit register it keeps the whole number that unlimited arithmetic would give. A sum may wrap on its way; when
//! anything but a sum reads it, both must be equal, or a value was lost.

use crate::circuit::PopId;
use crate::spike_graph::*;
use crate::table::Table;
use bouton_targets::arith::{self, Rounding};
use bouton_targets::instruction::{FLOOR, Instruction, Op, REGISTERS};
use bouton_targets::program::Program;
use bouton_targets::random::{self, Purpose, Seed};
use std::collections::BTreeMap;

/// What is due at a receptor: tick, population, slot, member.
type Due = BTreeMap<(u32, PopId, ReceptorSlot, u32), i64>;

/// A graph at work.
pub(super) struct Eval<'a> {
    graph: &'a SpikeGraph,
    /// The synapses of each projection.
    synapses: Vec<WrittenSynapses>,
    /// State arrays of each population.
    pub(super) states: Table<PopId, Vec<Vec<i32>>>,
    /// The states as they stood at the end of each tick.
    history: Vec<Table<PopId, Vec<Vec<i32>>>>,
    due: Due,
    tick: u32,
    /// Saturations so far.
    pub(super) saturations: u64,
    /// Spikes: tick, population, member.
    pub(super) spikes: Vec<(u32, PopId, u32)>,
    /// Values: tick, population, member, raw.
    pub(super) values: Vec<(u32, PopId, u32, i32)>,
}

#[derive(Clone, Copy, Default)]
struct Register {
    held: i32,
    ideal: i128,
}

impl Register {
    fn of(x: i32) -> Register {
        Register { held: x, ideal: x.into() }
    }

    /// What a reader that is not a sum gets.
    fn read(self) -> i32 {
        assert_eq!(self.ideal, i128::from(self.held), "a value was lost");
        self.held
    }
}

impl<'a> Eval<'a> {
    pub(super) fn new(graph: &'a SpikeGraph) -> Self {
        let states = graph.populations.values().iter().map(|p| match &p.kind {
            SpikeKind::Neurons(n) => n.states.iter().map(|s| (0..p.size()).map(|i| s.initial.at(i)).collect()).collect(),
            _ => Vec::new(),
        });
        Eval {
            graph,
            synapses: graph.projections.iter().map(|p| p.synapses.expand().expect("few synapses").into_owned()).collect(),
            states: states.collect(),
            history: Vec::new(),
            due: BTreeMap::new(),
            tick: 0,
            saturations: 0,
            spikes: Vec::new(),
            values: Vec::new(),
        }
    }

    pub(super) fn run(&mut self, ticks: u32) {
        (0..ticks).for_each(|_| self.step());
    }

    /// The state as a number.
    pub(super) fn state(&self, population: PopId, slot: usize, member: usize) -> f64 {
        let SpikeKind::Neurons(n) = &self.graph.populations[population].kind else { panic!("not neurons") };
        f64::from(self.states[population][slot][member]) * f64::exp2(-f64::from(n.states[slot].format.frac))
    }

    fn step(&mut self) {
        let mut events = Vec::new();
        for (id, population) in self.graph.populations.iter() {
            let Some(logical) = self.tick.checked_sub(population.latency) else { continue };
            match &population.kind {
                SpikeKind::Neurons(neurons) => {
                    for member in 0..population.size() {
                        let (spike, value) = self.neuron(id, neurons, member, logical);
                        events.extend(spike.then_some((id, member, None)));
                        events.extend(value.map(|v| (id, member, Some(v))));
                    }
                }
                SpikeKind::SpikeList(list) => {
                    events.extend(list.iter().filter(|(t, _)| *t == logical).map(|(_, i)| (id, *i, None)));
                }
                SpikeKind::Signal(values) => {
                    let size = population.size();
                    let row = (logical * size) as usize;
                    let row = values.get(row..row + size as usize).unwrap_or(&[]);
                    events.extend((0..).zip(row).map(|(i, v)| (id, i, Some(*v))));
                }
                SpikeKind::LiveSpikes | SpikeKind::LiveGraded => {}
            }
        }
        for (id, member, value) in events {
            match value {
                None => self.spikes.push((self.tick, id, member)),
                Some(v) => self.values.push((self.tick, id, member, v)),
            }
            self.deliver(id, member, value);
        }
        self.history.push(self.states.clone());
        self.tick += 1;
    }

    fn deliver(&mut self, source: PopId, member: u32, value: Option<i32>) {
        for (projection, synapses) in self.graph.projections.iter().zip(&self.synapses).filter(|(p, _)| p.source == source) {
            let row = synapses.row_start[member as usize] as usize..synapses.row_start[member as usize + 1] as usize;
            for at in row {
                let weight = i64::from(synapses.weight.at(at));
                let amount = value.map_or(weight, |v| weight * i64::from(v));
                let key = (self.tick + synapses.delay.at(at), projection.target, projection.receptor, synapses.post[at]);
                *self.due.entry(key).or_default() += amount;
            }
        }
    }

    fn neuron(&mut self, id: PopId, neurons: &SpikeNeurons, member: u32, logical: u32) -> (bool, Option<i32>) {
        let program: &Program = &self.graph.programs[neurons.program];
        let mut r = [Register::default(); REGISTERS];
        let (mut spike, mut value) = (false, None);
        for i in &program.instructions {
            let result = match i.op {
                Op::StoreState => {
                    self.states[id][i.imm as usize][member as usize] = r[i.a as usize].read();
                    continue;
                }
                Op::EmitSpike => {
                    spike |= r[i.a as usize].read() != 0;
                    continue;
                }
                Op::EmitValue => {
                    if r[i.b as usize].read() != 0 {
                        value = Some(r[i.a as usize].read());
                    }
                    continue;
                }
                _ => self.leaf(id, neurons, member, logical, i).map(Register::of).unwrap_or_else(|| self.compute(program, i, &r)),
            };
            r[i.dst as usize] = result;
        }
        (spike, value)
    }

    fn leaf(&self, id: PopId, neurons: &SpikeNeurons, member: u32, logical: u32, i: &Instruction) -> Option<i32> {
        let slot = i.imm as usize;
        let arrived = |s: ReceptorSlot| self.due.get(&(self.tick, id, s, member)).copied().unwrap_or(0);
        let word = |draw: i32| {
            random::word(
                Seed(self.graph.seed),
                Purpose::Program,
                crate::table::Id::index(id) as u32,
                member,
                logical,
                draw as u32,
            )
        };
        Some(match i.op {
            Op::LoadState => self.states[id][slot][member as usize],
            Op::LoadParam => neurons.params[slot].at(member),
            Op::LoadNarrow => i32::try_from(arrived(ReceptorSlot::Narrow(slot as u32))).expect("a sum was lost"),
            Op::LoadWide => {
                let sum = arrived(ReceptorSlot::Wide(i.imm as u32 & 0xFF));
                let exact = arith::narrow(sum, i.imm as u32 >> 8 & 0x3F, Rounding::HalfUp);
                assert!(exact != i32::MAX && exact != i32::MIN, "a sum saturated");
                exact
            }
            Op::LoadModulator => {
                let m = &neurons.modulators[slot];
                match (self.tick + 1).checked_sub(m.delay + 1) {
                    Some(t) => self.history[t as usize][m.population][m.state as usize][m.member as usize],
                    None => m.initial,
                }
            }
            Op::Constant => i.imm,
            Op::Random => (word(i.imm) >> 1) as i32,
            Op::Normal => random::standard_normal(word(i.imm)),
            _ => return None,
        })
    }

    fn compute(&mut self, program: &Program, i: &Instruction, r: &[Register; REGISTERS]) -> Register {
        let (d, a, b) = (r[i.dst as usize], r[i.a as usize], r[(i.b & 31) as usize]);
        let imm = i128::from(i.imm);
        let exact = |ideal: i128| Register { held: ideal as i32, ideal };
        let mode = |m: u32| if m & u32::from(FLOOR) == 0 { Rounding::HalfUp } else { Rounding::Floor };
        let scaled = |x: i128, m: u32| {
            let shift = m & 0x3F;
            (x + i128::from(arith::rounding_term(shift, mode(m)))) >> shift
        };
        let m = i.imm as u32;
        match i.op {
            Op::Move => a,
            Op::Add => exact(a.ideal + b.ideal),
            Op::Subtract => exact(a.ideal - b.ideal),
            Op::AddConstant => exact(a.ideal + imm),
            Op::SubtractFrom => exact(imm - a.ideal),
            Op::Multiply => exact(scaled(i128::from(a.read()) * i128::from(b.read()), m)),
            Op::MultiplyConstant => exact(scaled(i128::from(a.read()) * imm, i.b.into())),
            Op::MultiplyAdd => exact(d.ideal + scaled(i128::from(a.read()) * imm, i.b.into())),
            Op::ShiftLeft => exact(a.ideal << i.imm),
            Op::ShiftRight => Register::of(arith::shift_right(a.read(), m & 0x3F, mode(m))),
            Op::Divide => {
                let q = arith::divide(a.read(), b.read(), m & 0x3F, mode(m));
                assert!(q != i32::MAX && q != i32::MIN, "a quotient was lost");
                Register::of(q)
            }
            Op::Select => {
                if a.read() == 0 {
                    r[(i.imm & 31) as usize]
                } else {
                    b
                }
            }
            Op::Saturate | Op::Clip => {
                let [low, high] = program.ranges[i.imm as usize];
                let x = a.read();
                if i.op == Op::Saturate && !(low..=high).contains(&x) {
                    self.saturations += 1;
                }
                Register::of(x.clamp(low, high))
            }
            Op::AddSaturating => Register::of(a.read().saturating_add(b.read())),
            Op::SubtractSaturating => Register::of(a.read().saturating_sub(b.read())),
            Op::Absolute => Register::of(a.read().saturating_abs()),
            Op::ShiftLeftSaturating => Register::of(arith::saturate_to_i32(i64::from(a.read()) << i.imm)),
            Op::Min => Register::of(a.read().min(b.read())),
            Op::Max => Register::of(a.read().max(b.read())),
            Op::GreaterEqual => Register::of(arith::mask(a.read() >= b.read())),
            Op::Greater => Register::of(arith::mask(a.read() > b.read())),
            Op::Equal => Register::of(arith::mask(a.read() == b.read())),
            Op::GreaterEqualConstant => Register::of(arith::mask(a.read() >= i.imm)),
            Op::EqualConstant => Register::of(arith::mask(a.read() == i.imm)),
            Op::And => Register::of(a.read() & b.read()),
            Op::Or => Register::of(a.read() | b.read()),
            Op::Not => Register::of(!a.read()),
            Op::Lookup => Register::of(program.tables[i.imm as usize].view().at(a.read())),
            Op::Steps => Register::of(bouton_targets::lookup::steps(&program.steps[i.imm as usize], a.read())),
            other => panic!("{other:?} is no computation"),
        }
    }
}
