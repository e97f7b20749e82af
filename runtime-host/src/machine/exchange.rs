//! Between two ticks: what every core sent goes to the cores that hear it, at once or with the time that it takes.

use super::load::{Load, Time, time};
use super::options::MachineOptions;
use super::packets::{Packet, Packets, Taken};
use super::paths::{Paths, Sender};
use super::stats::{EnergyStats, MachineStats, TrafficStats};
use super::team::{Arrival, Done, Post};
use crate::EngineError;
use crate::error::OptionError;
use crate::network::Network;
use std::collections::BTreeSet;

/// Length of a tick of an image that does not say it.
const DEFAULT_TICK_S: f64 = 1e-3;

/// Packets and cores in time.
struct Timing {
    load: Load,
    packets: Packets,
    now: Time,
    /// How long a tick may last.
    tick: Time,
    /// A tick ends when all is done, not by the clock.
    waits: bool,
    slowest: Time,
    /// When the last packet of the tick arrived.
    last: Time,
    /// What cores have taken in this tick.
    due: Vec<Taken>,
}

/// The exchange.
pub(super) struct Exchange<'a, 'n> {
    paths: Paths<'a>,
    senders: &'n [Vec<Sender>],
    options: MachineOptions,
    populations: usize,
    /// By position of a core: the thread that runs it.
    thread_of: Vec<usize>,
    /// Packets by tree.
    uses: Vec<u64>,
    timing: Option<Timing>,
}

impl<'a, 'n> Exchange<'a, 'n> {
    /// The exchange of a network whose cores are run by the threads `thread_of`.
    pub fn new(
        network: &Network<'a>,
        senders: &'n [Vec<Sender>],
        options: MachineOptions,
        thread_of: Vec<usize>,
        ticks: u64,
    ) -> Result<Self, EngineError> {
        let paths = Paths::new(network, senders)?;
        let timing = match paths.chips().filter(|_| options.timed) {
            None => None,
            Some(chips) => {
                let tick_s = network.description.as_ref().map_or(DEFAULT_TICK_S, |d| d.tick_s);
                let tick = time(tick_s * options.time_scale.unwrap_or(1.0)).max(1);
                // A quarter of what is countable: ticks that overrun may last longer.
                tick.checked_mul(ticks).filter(|all| *all < Time::MAX / 4).ok_or(EngineError::Option(OptionError::TooLong))?;
                Some(Timing {
                    load: Load::new(network, chips, options.hardware),
                    packets: Packets::new(chips, network.populations.len(), &options),
                    now: 0,
                    tick,
                    waits: options.time_scale.is_none(),
                    slowest: 0,
                    last: 0,
                    due: Vec::new(),
                })
            }
        };
        let populations = network.populations.len();
        Ok(Exchange { paths, senders, options, populations, thread_of, uses: Vec::new(), timing })
    }

    /// Whether cores' time counts.
    pub fn timed(&self) -> bool {
        self.timing.is_some()
    }

    /// Takes what was sent in tick `tick`, and fills in what arrives before the next.
    pub fn exchange(&mut self, tick: u64, posts: &mut [&mut Post]) {
        if let Some(timing) = &mut self.timing {
            if tick > 0 {
                timing.end(posts.iter().flat_map(|post| post.done.iter().copied()));
            }
            timing.load.begin(timing.now);
        }
        for thread in 0..posts.len() {
            let sent = std::mem::take(&mut posts[thread].sent);
            for event in &sent {
                let sender = &self.senders[event.core as usize][event.sender as usize];
                let tree = self.paths.tree(event.core, sender, event.offset);
                if self.uses.len() <= tree as usize {
                    self.uses.resize(tree as usize + 1, 0);
                }
                self.uses[tree as usize] += 1;
                let (key, payload) = (sender.key.wrapping_add(event.offset), event.payload);
                match &mut self.timing {
                    None => {
                        for core in &self.paths.trees[tree as usize].cores {
                            posts[self.thread_of[*core as usize]].arrivals.push(Arrival { core: *core, key, payload });
                        }
                    }
                    Some(timing) => {
                        let at = timing.load.send(event.core, sender, event.offset);
                        if !self.paths.trees[tree as usize].nodes.is_empty() {
                            let packet = Packet { tree, node: 0, key, payload, population: sender.population, tick };
                            timing.packets.send(at, packet);
                        }
                    }
                }
            }
            posts[thread].sent = sent;
        }
        if let Some(timing) = &mut self.timing {
            timing.run(tick, &self.paths, &self.thread_of, posts);
        }
    }

    /// Ends the run. What was counted; `None` without routers.
    pub fn finish(mut self) -> Option<MachineStats> {
        let chips = self.paths.chips()?;
        let used = |tree: &usize| self.paths.trees[*tree].nodes.is_empty();
        let unheard = (0..self.uses.len()).filter(used).map(|tree| self.uses[tree]).sum();
        let Some(timing) = &mut self.timing else {
            let mut stats = MachineStats {
                chips: chips.stats(),
                populations: vec![TrafficStats::default(); self.populations],
                unheard,
                ..MachineStats::default()
            };
            for (tree, uses) in self.paths.trees.iter().zip(&self.uses) {
                for node in &tree.nodes {
                    let chip = &mut stats.chips[node.chip as usize];
                    chip.routed += uses;
                    chip.default_routed += uses * u64::from(node.by_default);
                    tree.branches_of(node).iter().for_each(|(link, _)| chip.links[usize::from(*link)] += uses);
                    stats.astray += uses * u64::from(node.astray);
                }
            }
            return Some(stats);
        };
        // Nothing is done any more with what arrived in the last tick.
        timing.end(std::iter::empty());
        let seconds = timing.now as f64 * 1e-12;
        timing.packets.finish(seconds);
        let h = &self.options.hardware;
        let boards = (0..chips.chips.len()).map(|chip| chips.board(chip)).collect::<BTreeSet<_>>().len();
        let busy: u64 = timing.load.stats().iter().map(|core| core.cycles).sum();
        Some(MachineStats {
            timed: true,
            chips: timing.packets.chips.clone(),
            cores: timing.load.stats().to_vec(),
            populations: timing.packets.traffic.clone(),
            unheard,
            astray: timing.packets.astray,
            tick_s: timing.tick as f64 * 1e-12,
            seconds,
            slowest_tick_s: timing.slowest as f64 * 1e-12,
            energy: EnergyStats {
                chips_j: chips.chips.len() as f64 * h.idle_chip_w * seconds,
                cores_j: busy as f64 / h.core_hz * h.active_core_w,
                packets_j: timing.packets.bits as f64 * h.bit_j,
                boards_j: boards as f64 * h.board_w * seconds,
            },
        })
    }
}

impl Timing {
    /// Runs the packets of a tick, and hands over what arrives in time.
    fn run(&mut self, tick: u64, paths: &Paths<'_>, thread_of: &[usize], posts: &mut [&mut Post]) {
        let by_clock = self.now + self.tick;
        let until = if self.waits { Time::MAX } else { by_clock };
        let mut last = self.packets.run(&paths.trees, until);
        self.packets.take(until, tick, &mut self.due);
        for taken in &self.due {
            last = last.max(taken.at);
            self.load.receive(taken.core);
            let arrival = Arrival { core: taken.core, key: taken.packet.key, payload: taken.packet.payload };
            posts[thread_of[taken.core as usize]].arrivals.push(arrival);
        }
        self.last = last;
    }

    /// Ends a tick, when cores have done what they had to do with what arrived.
    fn end(&mut self, done: impl Iterator<Item = Done>) {
        let by_clock = self.now + self.tick;
        let last = self.load.end(self.now, self.tick, done);
        let next = if self.waits { by_clock.max(self.last + 1).max(last) } else { by_clock };
        // By the clock a tick that some core did not finish took as long as that core.
        self.slowest = self.slowest.max((next - self.now).max(last - self.now));
        self.now = next;
    }
}
