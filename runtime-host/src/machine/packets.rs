//! Packets on their way: routers, links and cores' controllers as queues, one event after the other.
//!
//! Takes: packets with the moment at which a core sends each.  Gives: what cores get and when; what was dropped, sent again, lost.
//! Invariants: every copy of a packet ends in exactly one of these ways; same packets, same result on every host. Events of one
//!   moment are taken by their kind and number, never by the order in which they were found.
//! Cost: one step of a heap for each link that a packet crosses, as long as nothing is blocked.
//! Source: spinnaker.md 1.3, 1.4: a router takes one packet a clock, in the order in which they came. If an output has no room, the
//!   packet and all behind it wait; after `wait1` clocks it goes where there is room, and the rest is dropped: read by the monitor,
//!   which sends it again when there is room, or lost when the one before it was not yet read. A link takes a packet only when
//!   the router behind it has room. Sizes of buffers are assumptions.

use super::chips::{Chips, LINKS, opposite};
use super::load::{Time, time};
use super::options::{MachineOptions, wait_clocks};
use super::stats::{ChipStats, TrafficStats};
use super::trees::Tree;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// A copy of a packet, before the router of a node.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Packet {
    /// Its tree.
    pub tree: u32,
    /// Where on it.
    pub node: u32,
    /// The key.
    pub key: u32,
    /// The value of graded events.
    pub payload: Option<i32>,
    /// Who sent it.
    pub population: u32,
    /// The tick of its emission.
    pub tick: u64,
}

impl Packet {
    fn bits(&self) -> u64 {
        if self.payload.is_some() { 72 } else { 40 }
    }
}

/// A packet that a core has taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taken {
    /// When.
    pub at: Time,
    /// Position of the core.
    pub core: u32,
    /// The packet.
    pub packet: Packet,
}

/// What happens next.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Event {
    /// A link may send.
    Link(u32),
    /// A router may go on.
    Router(u32),
    /// A monitor looks at its queue.
    Monitor(u32),
    /// A packet comes to the router of its node.
    Packet(u32),
}

#[derive(Debug)]
struct Link {
    to: Option<u32>,
    /// Time of a bit.
    bit: Time,
    /// Time until a packet is at the next router.
    hop: Time,
    waiting: VecDeque<u32>,
    free: Time,
    expected: bool,
    packets: u64,
    busy: Time,
}

/// Outputs of a router that a packet did not get.
#[derive(Debug)]
struct Missed {
    packet: u32,
    branches: Vec<(u8, u32)>,
    cores: Vec<u32>,
}

#[derive(Debug, Default)]
struct Router {
    waiting: VecDeque<u32>,
    /// Packets that wait here, by the link that they came by.
    held: [usize; LINKS],
    free: Time,
    /// When the first packet gives up, if it is blocked.
    blocked: Option<Time>,
    /// When it is woken.
    woken: Option<Time>,
    /// When a dropped packet has been read.
    dumped: Time,
    missed: VecDeque<Missed>,
}

/// All that is under way.
pub(super) struct Packets {
    events: BinaryHeap<Reverse<(Time, Event)>>,
    packets: Vec<Packet>,
    unused: Vec<u32>,
    routers: Vec<Router>,
    links: Vec<Link>,
    /// When each core has taken what waits for it.
    cores: Vec<Time>,
    taken: Vec<Taken>,
    limits: Limits,
    /// By chip.
    pub chips: Vec<ChipStats>,
    /// By population.
    pub traffic: Vec<TrafficStats>,
    /// Copies that left over a link that does not work, or went in a circle.
    pub astray: u64,
    /// Bits through routers.
    pub bits: u64,
}

/// Numbers of the hardware, in picoseconds and packets.
#[derive(Clone, Copy, Debug)]
struct Limits {
    clock: Time,
    wait: Time,
    take: Time,
    core_packets: u64,
    outputs: usize,
    inputs: usize,
    dump: Time,
    monitor: Time,
    monitored: usize,
    reinjection: bool,
}

impl Packets {
    /// Nothing under way.
    pub fn new(chips: &Chips<'_>, populations: usize, options: &MachineOptions) -> Self {
        let h = &options.hardware;
        let clock = time(1.0 / h.router_hz);
        let mut links = Vec::with_capacity(chips.chips.len() * LINKS);
        for (at, chip) in chips.chips.iter().enumerate() {
            for (d, to) in chip.neighbours.iter().enumerate() {
                let away = chips.leaves_board(at, d);
                let rate = options.link_rate.unwrap_or(if away { h.board_link_rate } else { h.link_rate });
                links.push(Link {
                    to: *to,
                    bit: time(1.0 / (rate * 40.0)).max(1),
                    hop: time(h.hop_s + if away { h.board_hop_s } else { 0.0 }),
                    waiting: VecDeque::new(),
                    free: 0,
                    expected: false,
                    packets: 0,
                    busy: 0,
                });
            }
        }
        Packets {
            events: BinaryHeap::new(),
            packets: Vec::new(),
            unused: Vec::new(),
            routers: chips.chips.iter().map(|_| Router::default()).collect(),
            links,
            cores: vec![0; chips.places.len()],
            taken: Vec::new(),
            limits: Limits {
                clock,
                wait: wait_clocks(options.wait1) * clock,
                take: time(h.cost.interrupt as f64 / h.core_hz),
                core_packets: h.core_packets.max(1),
                outputs: h.output_packets.max(1),
                inputs: h.input_packets.max(1),
                dump: time(h.dump_s),
                monitor: time(h.reinjection_s).max(1),
                monitored: h.reinjection_packets,
                reinjection: options.reinjection,
            },
            chips: chips.stats(),
            traffic: vec![TrafficStats::default(); populations],
            astray: 0,
            bits: 0,
        }
    }

    /// A core sends a packet at `at`.
    pub fn send(&mut self, at: Time, packet: Packet) {
        let packet = self.keep(packet);
        self.events.push(Reverse((at, Event::Packet(packet))));
    }

    /// Lets everything happen that happens before `until`; gives the moment of the last.
    pub fn run(&mut self, trees: &[Tree], until: Time) -> Time {
        let mut last = 0;
        while let Some(Reverse((now, event))) = self.events.pop() {
            if now >= until {
                self.events.push(Reverse((now, event)));
                break;
            }
            last = now;
            match event {
                Event::Packet(packet) => {
                    let Packet { tree, node, .. } = self.packets[packet as usize];
                    let chip = trees[tree as usize].nodes[node as usize].chip;
                    self.routers[chip as usize].waiting.push_back(packet);
                    if self.routers[chip as usize].blocked.is_none() {
                        self.route(chip, now, trees);
                    }
                }
                Event::Router(chip) => {
                    let router = &mut self.routers[chip as usize];
                    router.woken = router.woken.filter(|woken| *woken > now);
                    self.route(chip, now, trees);
                }
                Event::Link(link) => {
                    self.links[link as usize].expected = false;
                    self.start(link, now);
                }
                Event::Monitor(chip) => self.reinject(chip, now),
            }
        }
        last
    }

    /// What cores have taken before `until`, in any order; the rest is kept. What was sent before `tick` is late.
    pub fn take(&mut self, until: Time, tick: u64, due: &mut Vec<Taken>) {
        due.clear();
        self.taken.retain(|taken| {
            if taken.at < until {
                due.push(*taken);
            }
            taken.at >= until
        });
        for taken in due {
            self.traffic[taken.packet.population as usize].late += u64::from(taken.packet.tick < tick);
        }
    }

    /// Packets over each link, and the share of `seconds` in which each was busy.
    pub fn finish(&mut self, seconds: f64) {
        for (chip, links) in self.chips.iter_mut().zip(self.links.chunks(LINKS)) {
            for (count, link) in chip.links.iter_mut().zip(links) {
                *count = link.packets;
                chip.busiest_link = chip.busiest_link.max(link.busy as f64 * 1e-12 / seconds.max(1e-12));
            }
        }
    }

    fn keep(&mut self, packet: Packet) -> u32 {
        match self.unused.pop() {
            Some(at) => {
                self.packets[at as usize] = packet;
                at
            }
            None => {
                self.packets.push(packet);
                self.packets.len() as u32 - 1
            }
        }
    }

    /// Wakes a router at `at`, unless it is woken before.
    fn wake(&mut self, chip: u32, at: Time) {
        let woken = &mut self.routers[chip as usize].woken;
        if woken.is_none_or(|woken| woken > at) {
            *woken = Some(at);
            self.events.push(Reverse((at, Event::Router(chip))));
        }
    }

    fn has_room(&self, chip: u32, link: u8) -> bool {
        self.links[chip as usize * LINKS + usize::from(link)].waiting.len() < self.limits.outputs
    }

    /// When a core's controller has room for one more packet.
    fn room_at(&self, core: u32) -> Time {
        self.cores[core as usize].saturating_sub((self.limits.core_packets - 1) * self.limits.take)
    }

    /// Routes what waits at a router, as far as it can go now.
    fn route(&mut self, chip: u32, now: Time, trees: &[Tree]) {
        while let Some(packet) = self.routers[chip as usize].waiting.front().copied() {
            let free = self.routers[chip as usize].free;
            if free > now {
                return self.wake(chip, free);
            }
            let Packet { tree, node, .. } = self.packets[packet as usize];
            let tree = &trees[tree as usize];
            let node = &tree.nodes[node as usize];
            let blocked = tree.branches_of(node).iter().any(|(link, _)| !self.has_room(chip, *link));
            let room = tree.cores_of(node).iter().map(|core| self.room_at(*core)).max().unwrap_or(0);
            if blocked || room > now {
                let gives_up = *self.routers[chip as usize].blocked.get_or_insert(now + self.limits.wait);
                if now < gives_up {
                    // A link that gets room wakes the router by itself.
                    return self.wake(chip, if blocked { gives_up } else { room.min(gives_up) });
                }
            }
            let router = &mut self.routers[chip as usize];
            router.waiting.pop_front();
            router.blocked = None;
            router.free = now + self.limits.clock;
            let stats = &mut self.chips[chip as usize];
            stats.routed += 1;
            stats.default_routed += u64::from(node.by_default);
            self.astray += u64::from(node.astray);
            let whole = self.packets[packet as usize];
            self.bits += whole.bits();
            if blocked || room > now {
                self.forward_some(chip, packet, tree, now);
            } else {
                tree.branches_of(node).iter().for_each(|branch| self.leave(chip, *branch, whole, now));
                tree.cores_of(node).iter().for_each(|core| self.give(*core, whole, now));
                self.unused.push(packet);
            }
            self.give_credit(chip, node.from, now);
        }
    }

    /// Sends a packet that has waited too long to where there is room, and drops what stays.
    fn forward_some(&mut self, chip: u32, packet: u32, tree: &Tree, now: Time) {
        let node = &tree.nodes[self.packets[packet as usize].node as usize];
        let (branches, cores) = (tree.branches_of(node).to_vec(), tree.cores_of(node).to_vec());
        let mut missed = Missed { packet, branches, cores };
        self.forward(chip, &mut missed, now);
        self.drop_packet(chip, missed, now, tree);
    }

    /// A packet leaves by a link that has room.
    fn leave(&mut self, chip: u32, (link, node): (u8, u32), packet: Packet, now: Time) {
        let copy = self.keep(Packet { node, ..packet });
        let link = chip * LINKS as u32 + u32::from(link);
        self.links[link as usize].waiting.push_back(copy);
        self.start(link, now);
    }

    /// A packet goes to a core whose controller has room.
    fn give(&mut self, core: u32, packet: Packet, now: Time) {
        let free = &mut self.cores[core as usize];
        *free = (*free).max(now) + self.limits.take;
        self.taken.push(Taken { at: *free, core, packet });
    }

    /// Sends a packet to those of its outputs that have room; the others stay.
    fn forward(&mut self, chip: u32, missed: &mut Missed, now: Time) {
        let packet = self.packets[missed.packet as usize];
        missed.branches.retain(|branch| {
            let room = self.has_room(chip, branch.0);
            if room {
                self.leave(chip, *branch, packet, now);
            }
            !room
        });
        missed.cores.retain(|core| {
            let room = self.room_at(*core) <= now;
            if room {
                self.give(*core, packet, now);
            }
            !room
        });
    }

    /// A place is free for the link by which a packet had come.
    fn give_credit(&mut self, chip: u32, from: u8, now: Time) {
        let Some(held) = self.routers[chip as usize].held.get_mut(usize::from(from)) else { return };
        *held -= 1;
        let Some(before) = self.links[chip as usize * LINKS + usize::from(from)].to else { return };
        let link = before * LINKS as u32 + u32::from(opposite(from));
        if !self.links[link as usize].waiting.is_empty() {
            self.expect(link, now);
        }
    }

    fn expect(&mut self, link: u32, at: Time) {
        if !std::mem::replace(&mut self.links[link as usize].expected, true) {
            self.events.push(Reverse((at, Event::Link(link))));
        }
    }

    /// Starts the first packet that waits for a link, if the link is free and the next router has room.
    fn start(&mut self, at: u32, now: Time) {
        let link = &mut self.links[at as usize];
        let Some(to) = link.to else { return };
        if link.free > now {
            let free = link.free;
            return self.expect(at, free);
        }
        let back = usize::from(opposite((at as usize % LINKS) as u8));
        let held = &mut self.routers[to as usize].held[back];
        if *held >= self.limits.inputs {
            return;
        }
        let Some(packet) = link.waiting.pop_front() else { return };
        *held += 1;
        let sending = self.packets[packet as usize].bits() * link.bit;
        link.free = now + sending;
        link.packets += 1;
        link.busy += sending;
        let arrives = now + sending.max(link.hop);
        self.events.push(Reverse((arrives, Event::Packet(packet))));
        if !link.waiting.is_empty() {
            let free = link.free;
            self.expect(at, free);
        }
        let chip = at / LINKS as u32;
        if self.routers[chip as usize].blocked.is_some() {
            self.wake(chip, now);
        }
    }

    /// Outputs that a packet did not get in time: kept for later, or lost.
    fn drop_packet(&mut self, chip: u32, missed: Missed, now: Time, tree: &Tree) {
        let population = self.packets[missed.packet as usize].population as usize;
        let (stats, traffic) = (&mut self.chips[chip as usize], &mut self.traffic[population]);
        stats.dropped += 1;
        traffic.dropped += 1;
        let router = &mut self.routers[chip as usize];
        if self.limits.reinjection && router.dumped <= now && router.missed.len() < self.limits.monitored {
            router.dumped = now + self.limits.dump;
            router.missed.push_back(missed);
            if router.missed.len() == 1 {
                self.expect_monitor(chip, now);
            }
            return;
        }
        stats.lost += 1;
        let beyond = missed.branches.iter().map(|(_, node)| u64::from(tree.nodes[*node as usize].below)).sum::<u64>();
        traffic.lost += missed.cores.len() as u64 + beyond;
        self.unused.push(missed.packet);
    }

    fn expect_monitor(&mut self, chip: u32, now: Time) {
        let next = (now / self.limits.monitor + 1) * self.limits.monitor;
        self.events.push(Reverse((next, Event::Monitor(chip))));
    }

    /// Sends again what was dropped, in order, as long as there is room.
    fn reinject(&mut self, chip: u32, now: Time) {
        while let Some(mut missed) = self.routers[chip as usize].missed.pop_front() {
            self.forward(chip, &mut missed, now);
            if missed.branches.is_empty() && missed.cores.is_empty() {
                self.chips[chip as usize].reinjected += 1;
                self.unused.push(missed.packet);
            } else {
                self.routers[chip as usize].missed.push_front(missed);
                break;
            }
        }
        if !self.routers[chip as usize].missed.is_empty() {
            self.expect_monitor(chip, now);
        }
    }
}
