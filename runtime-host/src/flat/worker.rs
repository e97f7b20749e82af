//! One thread of the engine: its slices and banks, tick by tick.

use super::bank::Bank;
use super::build::Synapses;
use super::inputs::Input;
use super::layout::{Share, Slice};
use super::ring::{Ring, Slot};
use super::scalars::Scalars;
use super::vector::{Code, Common, LANES, Large, Small, WIDTH, run_large, run_small};
use crate::EngineError;
use crate::network::Network;
use crate::recording::{PopulationStats, Recording, Sample, Spike};
use bouton_runtime_embedded::interpret::{Draw, Interpreter, Lanes};
use bouton_targets::image::EventKind;

/// A recorded state of some members of a slice.
struct Probe {
    record: usize,
    slice: usize,
    state: u32,
    every: u32,
    lanes: Vec<u32>,
}

/// What a thread has for itself.
pub(super) struct Worker<'n> {
    network: &'n Network<'n>,
    thread: usize,
    ticks: u64,
    scalars: &'n Scalars,
    codes: &'n [Option<Code<'n>>],
    slices: Vec<Slice>,
    narrow: Vec<Bank<i32>>,
    wide: Vec<Bank<i64>>,
    inputs: Vec<Input>,
    probes: Vec<Probe>,
    /// By population: recorded members of it, or `None` for none.
    recorded: &'n [Option<Vec<bool>>],
    /// (Number of the broadcast, slice, place of its state).
    broadcasts: Vec<(usize, usize, usize)>,
    modulators: Vec<i32>,
    large: Large,
    small: Small,
    /// What it recorded and counted.
    pub recording: Recording,
}

/// What all threads share.
#[derive(Clone, Copy)]
pub(super) struct Shared<'n> {
    pub network: &'n Network<'n>,
    pub scalars: &'n Scalars,
    pub codes: &'n [Option<Code<'n>>],
    pub recorded: &'n [Option<Vec<bool>>],
    pub ticks: u64,
}

impl<'n> Worker<'n> {
    /// Builds the part of one thread.
    pub fn new(shared: Shared<'n>, thread: usize, share: Share, inputs: Vec<Input>) -> Result<Self, EngineError> {
        let Shared { network, scalars, codes, recorded, ticks } = shared;
        let narrow = Synapses::build(network, &share, EventKind::Spike)?;
        let wide = Synapses::build(network, &share, EventKind::Graded)?;
        let modulators = scalars.modulators.iter().map(Vec::len).max().unwrap_or(0);
        Ok(Worker {
            network,
            thread,
            ticks,
            scalars,
            codes,
            narrow: share.narrow.iter().zip(narrow).map(|(plan, c)| Bank::new(plan.latency, plan.used, c)).collect(),
            wide: share.wide.iter().zip(wide).map(|(plan, c)| Bank::new(plan.latency, plan.used, c)).collect(),
            inputs,
            probes: probes(network, &share),
            recorded,
            broadcasts: broadcasts(scalars, &share, thread),
            slices: share.slices,
            modulators: Vec::with_capacity(modulators),
            large: Large::new(),
            small: Small::new(),
            recording: Recording {
                traces: vec![Vec::new(); network.records.len()],
                stats: crate::recording::Stats {
                    populations: vec![PopulationStats::default(); network.populations.len()],
                    ..Default::default()
                },
                ..Recording::default()
            },
        })
    }

    /// The longest delay of its synapses.
    pub fn longest_delay(&self) -> u32 {
        let narrow = self.narrow.iter().flat_map(|bank| &bank.due);
        let wide = self.wide.iter().flat_map(|bank| &bank.due);
        narrow.chain(wide).map(|(delay, _)| *delay).max().unwrap_or(0)
    }

    /// Runs tick `now` of the machine.
    pub fn tick(&mut self, now: u64, ring: &Ring) {
        self.arrive(now, ring);
        let mut slot = ring.present(now, self.thread);
        for at in 0..self.slices.len() {
            let population = self.slices[at].population;
            if let Some(tick) = self.due(now, self.network.populations[population].block.latency) {
                self.update(at, now, tick, ring, &mut slot);
            }
        }
        for (number, slice, state) in &self.broadcasts {
            let population = self.slices[*slice].population;
            if self.due(now, self.network.populations[population].block.latency).is_some() {
                slot.broadcasts[*number] = Some(self.slices[*slice].states[*state]);
            }
        }
        for input in &mut self.inputs {
            input.play(now, self.ticks, &mut slot);
        }
        self.record_spikes(now, &slot);
        self.record_states(now);
    }

    /// The logical tick that a population of this latency computes at tick `now`, if any.
    fn due(&self, now: u64, latency: u32) -> Option<u32> {
        now.checked_sub(latency.into()).filter(|tick| *tick < self.ticks).map(|tick| tick as u32)
    }

    fn arrive(&mut self, now: u64, ring: &Ring) {
        let ticks = self.ticks;
        let due = |latency: u32| now.checked_sub(latency.into()).is_some_and(|tick| tick < ticks);
        let mut events = 0;
        for bank in self.narrow.iter_mut().filter(|bank| due(bank.latency)) {
            events += bank.arrive_spikes(now, ring);
        }
        for bank in self.wide.iter_mut().filter(|bank| due(bank.latency)) {
            events += bank.arrive_values(now, ring);
        }
        self.recording.stats.synaptic_events += events;
    }

    /// Runs the program of a slice, and emits.
    fn update(&mut self, at: usize, now: u64, tick: u32, ring: &Ring, slot: &mut Slot) {
        let slice = &mut self.slices[at];
        let population = &self.network.populations[slice.population];
        let block = &population.block;
        let Some(code) = self.codes.get(slice.population).and_then(Option::as_ref) else { return };
        self.modulators.clear();
        self.modulators.extend(self.scalars.modulators[slice.population].iter().map(|m| m.at(now, ring)));
        let common = Common { params: &slice.params, modulators: &self.modulators };
        let sums = |base: usize, receptors: u32| base..base + receptors as usize * slice.stride;
        let narrow = self.narrow.get(slice.narrow.bank).map_or(&[][..], |b| &b.sums[sums(slice.narrow.base, block.narrow)]);
        let wide = self.wide.get(slice.wide.bank).map_or(&[][..], |b| &b.sums[sums(slice.wide.base, block.wide)]);
        let (count, stride) = (slice.count as usize, slice.stride);
        let seed = self.network.cores.first().map(|core| core.seed()).unwrap_or_default();
        let stats = &mut self.recording.stats.populations[slice.population];
        let mut lane = 0;
        while lane < count {
            let index = slice.first + lane as u32;
            let draw = Draw { seed, stream: block.stream, index, tick };
            let states = &mut slice.states;
            let mut lanes =
                Lanes { states, narrow, wide, stride, lane, present: stride - lane, active: (count - lane).min(LANES) };
            let emitted = Emitted { population: slice.population, first: index, kind: block.output };
            // Three vectors or fewer are cheaper one by one than as a call that computes eight.
            if count - lane > 3 * WIDTH {
                run_large(&mut self.large, code, &common, &mut lanes, draw);
                stats.saturations += u64::from(self.large.saturations);
                emitted.collect(&self.large, slot);
                lane += LANES;
            } else {
                lanes.active = lanes.active.min(WIDTH);
                run_small(&mut self.small, code, &common, &mut lanes, draw);
                stats.saturations += u64::from(self.small.saturations);
                emitted.collect(&self.small, slot);
                lane += WIDTH;
            }
        }
    }

    fn record_spikes(&mut self, now: u64, slot: &Slot) {
        for (population, members) in slot.spikes.iter().enumerate().filter(|(_, members)| !members.is_empty()) {
            self.recording.stats.populations[population].spikes += members.len() as u64;
            let Some(recorded) = &self.recorded[population] else { continue };
            let tick = (now - u64::from(self.network.populations[population].block.latency)) as u32;
            let wanted = members.iter().filter(|member| recorded[**member as usize]);
            let population = population as u32;
            self.recording.spikes.extend(wanted.map(|index| Spike { tick, population, index: *index }));
        }
    }

    fn record_states(&mut self, now: u64) {
        for probe in &self.probes {
            let slice = &self.slices[probe.slice];
            let Some(tick) = self.due(now, self.network.populations[slice.population].block.latency) else { continue };
            if tick % probe.every != 0 {
                continue;
            }
            let array = &slice.states[probe.state as usize * slice.stride..];
            let samples = probe.lanes.iter().map(|lane| Sample { tick, index: slice.first + lane, raw: array[*lane as usize] });
            self.recording.traces[probe.record].extend(samples);
        }
    }
}

/// What the lanes of a call belong to.
struct Emitted {
    population: usize,
    first: u32,
    kind: u32,
}

impl Emitted {
    #[inline(always)]
    fn collect<const C: usize>(&self, from: &Interpreter<WIDTH, C>, slot: &mut Slot) {
        if self.kind == EventKind::Spike as u32 {
            let to = &mut slot.spikes[self.population];
            for (c, mask) in from.spikes.iter().enumerate() {
                for_each_bit(*mask, |l| to.push(self.first + (c * WIDTH + l) as u32));
            }
        } else if self.kind == EventKind::Graded as u32 {
            let to = &mut slot.graded[self.population];
            for (c, mask) in from.graded.iter().enumerate() {
                for_each_bit(*mask, |l| to.push((self.first + (c * WIDTH + l) as u32, from.values[c][l & (WIDTH - 1)])));
            }
        }
    }
}

#[inline(always)]
fn for_each_bit(mut mask: u64, mut f: impl FnMut(usize)) {
    while mask != 0 {
        f(mask.trailing_zeros() as usize);
        mask &= mask - 1;
    }
}

fn probes(network: &Network<'_>, share: &Share) -> Vec<Probe> {
    let mut probes = Vec::new();
    for (record, r) in network.records.iter().enumerate() {
        let Some(state) = r.state else { continue };
        for (at, slice) in share.slices_of(r.population) {
            let here = r.members.iter().filter(|m| (slice.first..slice.first + slice.count).contains(m));
            let lanes: Vec<u32> = here.map(|m| m - slice.first).collect();
            if !lanes.is_empty() {
                probes.push(Probe { record, slice: at, state, every: r.every, lanes });
            }
        }
    }
    probes
}

fn broadcasts(scalars: &Scalars, share: &Share, thread: usize) -> Vec<(usize, usize, usize)> {
    let mut mine = Vec::new();
    for (number, b) in scalars.broadcasts.iter().enumerate().filter(|(_, b)| b.thread == thread) {
        let here = share.slices_of(b.population).find(|(_, s)| (s.first..s.first + s.count).contains(&b.member));
        if let Some((at, slice)) = here {
            mine.push((number, at, b.state as usize * slice.stride + (b.member - slice.first) as usize));
        }
    }
    mine
}
