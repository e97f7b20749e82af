//! Threads with some cores each: they run ticks, and hand over what the exchange brings.

use super::paths::Sender;
use crate::input::Timed;
use crate::network::Network;
use crate::recording::{Recording, Sample, Spike};
use bouton_runtime_embedded::kernel::{Kernel, Output};
use bouton_targets::image::SourceRecord;
use std::ops::Range;

/// An event that a core sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent {
    /// Position of the core.
    pub core: u32,
    /// Which of the core's senders.
    pub sender: u32,
    /// Which of its keys.
    pub offset: u32,
    /// The value of graded events.
    pub payload: Option<i32>,
}

/// An event that a core gets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrival {
    /// Position of the core.
    pub core: u32,
    /// The key.
    pub key: u32,
    /// The value of graded events.
    pub payload: Option<i32>,
}

/// What a core did since the last tick, with what arrived.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Done {
    /// Synapses that an event crossed.
    pub synapses: u64,
    /// Rows that were looked up.
    pub rows: u64,
}

/// What goes between a thread and the exchange.
#[derive(Debug, Default)]
pub(super) struct Post {
    /// What its cores sent, in the order of cores.
    pub sent: Vec<Sent>,
    /// What its cores did.
    pub done: Vec<Done>,
    /// What its cores get.
    pub arrivals: Vec<Arrival>,
}

/// An event from outside, where it goes in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Injected {
    at: u64,
    core: u32,
    block: u32,
    lane: u32,
    value: Option<i32>,
}

/// The events of each thread's cores, by tick.
pub(super) fn injected(network: &Network<'_>, events: &[Timed], cores: &Range<usize>) -> Vec<Injected> {
    let place = |timed: &Timed| {
        let event = timed.event;
        let (core, block, record) = network.populations[event.population as usize].slice_of(event.member)?;
        let lane = event.member - record.first;
        let own = Injected { at: timed.at, core: *core as u32, block: *block, lane, value: event.value };
        cores.contains(core).then_some(own)
    };
    events.iter().filter_map(place).collect()
}

/// First keys of the sources of a core, ascending, with the number of rows of each key.
type Rows = Vec<(u32, u64)>;

/// A thread's cores.
pub(super) struct Worker<'a, 'm, 'n> {
    first: usize,
    kernels: Vec<Kernel<'a, 'm>>,
    input: Vec<Injected>,
    next_input: usize,
    /// By core; empty when time does not count.
    rows: Vec<Rows>,
    synapses: Vec<u64>,
    due_rows: Vec<u64>,
    collector: Collector<'n, 'a>,
}

impl<'a, 'm, 'n> Worker<'a, 'm, 'n> {
    /// The worker of cores from `first` on.
    pub fn new(
        network: &'n Network<'a>,
        senders: &'n [Vec<Sender>],
        first: usize,
        kernels: Vec<Kernel<'a, 'm>>,
        input: Vec<Injected>,
        timed: bool,
    ) -> Self {
        let recording = Recording::new(network);
        let count = kernels.len();
        let rows = if timed { kernels.iter().map(rows_of).collect() } else { Vec::new() };
        let collector = Collector { network, senders, recording, core: 0, hint: 0, sent: Vec::new() };
        let (synapses, due_rows) = (vec![0; count], vec![0; count]);
        Worker { first, kernels, input, next_input: 0, rows, synapses, due_rows, collector }
    }

    /// Takes what arrived, then runs tick `now`.
    pub fn tick(&mut self, now: u64, post: &mut Post) {
        self.receive(&post.arrivals);
        post.arrivals.clear();
        post.sent.clear();
        post.done.clear();
        // The collector fills the post's own memory.
        std::mem::swap(&mut self.collector.sent, &mut post.sent);
        for (at, kernel) in self.kernels.iter_mut().enumerate() {
            self.collector.begin((self.first + at) as u32);
            kernel.tick(&mut self.collector);
            let all = kernel.counters().synaptic_events;
            post.done.push(Done { synapses: all - self.synapses[at], rows: std::mem::take(&mut self.due_rows[at]) });
            self.synapses[at] = all;
        }
        while let Some(event) = self.input.get(self.next_input).filter(|event| event.at <= now) {
            self.collector.begin(event.core);
            let kernel = &mut self.kernels[event.core as usize - self.first];
            match event.value {
                None => kernel.inject_spike(event.block, event.lane, &mut self.collector),
                Some(value) => kernel.inject_value(event.block, event.lane, value, &mut self.collector),
            };
            self.next_input += 1;
        }
        std::mem::swap(&mut self.collector.sent, &mut post.sent);
    }

    fn receive(&mut self, arrivals: &[Arrival]) {
        for arrival in arrivals {
            let at = arrival.core as usize - self.first;
            let heard = self.kernels[at].receive(arrival.key, arrival.payload);
            if let Some(rows) = self.rows.get(at).filter(|_| heard) {
                let source = rows.partition_point(|(key, _)| *key <= arrival.key).checked_sub(1);
                self.due_rows[at] += source.map_or(0, |source| rows[source].1);
            }
        }
    }

    /// What was recorded; all events that arrived are counted.
    pub fn finish(self) -> Recording {
        let mut recording = self.collector.recording;
        recording.stats.synaptic_events = self.synapses.iter().sum();
        recording
    }
}

/// The rows that an event of each source leads to: one for each group and lag.
fn rows_of(kernel: &Kernel<'_, '_>) -> Rows {
    let core = kernel.core();
    let groups = |s: &SourceRecord| (s.first_group..s.first_group.saturating_add(s.groups)).filter_map(|at| core.group(at));
    let sources = (0..core.head().sources).filter_map(|at| core.source(at));
    sources.map(|s| (s.key, groups(&s).map(|g| u64::from(g.lags)).sum())).collect()
}

/// Collects what kernels send and record.
struct Collector<'n, 'a> {
    network: &'n Network<'a>,
    senders: &'n [Vec<Sender>],
    recording: Recording,
    core: u32,
    /// The sender of the last event: the next is usually the same or the one after it.
    hint: usize,
    sent: Vec<Sent>,
}

impl Collector<'_, '_> {
    fn begin(&mut self, core: u32) {
        (self.core, self.hint) = (core, 0);
    }

    /// The sender of a key. Senders of a core do not overlap in images that a compiler wrote; of others any will do.
    fn sender_of(&self, key: u32) -> Option<(usize, u32)> {
        let senders = &self.senders[self.core as usize];
        let has = |at: &usize| senders.get(*at).is_some_and(|s| key.wrapping_sub(s.key) < s.count);
        let at = Some(self.hint).filter(has).or_else(|| (0..senders.len()).find(has))?;
        Some((at, key.wrapping_sub(senders[at].key)))
    }
}

impl Output for Collector<'_, '_> {
    fn event(&mut self, key: u32, payload: Option<i32>) {
        let Some((sender, offset)) = self.sender_of(key) else { return };
        self.hint = sender;
        if payload.is_none() {
            let population = self.senders[self.core as usize][sender].population;
            self.recording.stats.populations[population as usize].spikes += 1;
        }
        self.sent.push(Sent { core: self.core, sender: sender as u32, offset, payload });
    }

    fn spike(&mut self, record: u32, tick: u32, member: u32) {
        let population = self.network.records[record as usize].population as u32;
        self.recording.spikes.push(Spike { tick, population, index: member });
    }

    fn state(&mut self, record: u32, tick: u32, member: u32, raw: i32) {
        self.recording.traces[record as usize].push(Sample { tick, index: member, raw });
    }

    fn saturated(&mut self, population: u32, count: u32) {
        self.recording.stats.populations[population as usize].saturations += u64::from(count);
    }
}
