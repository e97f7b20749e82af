//! Annealing of single vertices, of the slices of a population on a chip, and of whole chips, by the length of trees.
//!
//! Takes: a chip for every vertex.  Gives: a better one.
//! Invariants: no chip gets more than it holds; the cost kept is the exact one; the end is never worse than the start.
//! Cost: bounded by a budget of work (about nanoseconds), counted, not timed: the same on every host.
//! Source: simulated annealing (Kirkpatrick and others 1983); moves towards chips of a vertex's own nets as in directed moves of VPR
//!   (Vorwerk and others 2009). The cost is that of the hypergraph: per net the shortest tree over its chips.

use super::super::board::NO_CHIP;
use super::super::{Board, MachineGraph};
use super::Room;
use super::draw::Draw;
use super::hypergraph::Hypergraph;
use super::metric::{Metric, TreeScratch};
use std::time::Instant;

/// Temperature at the start and at the end, by the mean cost of moves that worsen.
pub(super) struct Schedule {
    /// At the start.
    pub(super) hot: f64,
    /// At the end.
    pub(super) cold: f64,
    /// Work allowed, some nanoseconds each.
    pub(super) work: u64,
    /// When to stop in any case.
    pub(super) until: Option<Instant>,
}

/// Boost of a net that counts as itself.
const EVEN: i64 = 16;

/// What annealing knows.
pub(super) struct State<'a> {
    graph: &'a MachineGraph,
    nets: &'a Hypergraph,
    metric: &'a Metric,
    board: &'a Board,
    chip_of: Vec<u32>,
    /// Index of each vertex among its chip's members.
    place_of: Vec<u32>,
    members: Vec<Vec<u32>>,
    bytes: Vec<u64>,
    /// Chips of net n: `len[n]` places from `start[n]` of `chips`, and how many of its vertices each has.
    start: Vec<u32>,
    len: Vec<u32>,
    chips: Vec<u32>,
    counts: Vec<u32>,
    length: Vec<u32>,
    /// What each net costs: its weight times the length of its tree, and the ways of its senders to it.
    value: Vec<i64>,
    /// How much more a net counts, in parts of [`EVEN`].
    boost: Vec<u32>,
    /// Sum over all nets.
    pub(super) cost: i64,
    work: u64,
    // What the move being looked at would change.
    change: Vec<i32>,
    is_touched: Vec<bool>,
    touched: Vec<u32>,
    changed: Vec<(u32, u32, i64)>,
    list: Vec<u32>,
    scratch: TreeScratch,
}

/// Vertices that leave a chip each way.
#[derive(Default)]
struct Move {
    a: u32,
    b: u32,
    from_a: Vec<u32>,
    from_b: Vec<u32>,
}

impl<'a> State<'a> {
    /// From a placement.
    pub(super) fn new(room: &'a Room, nets: &'a Hypergraph, metric: &'a Metric, chip_of: Vec<u32>) -> State<'a> {
        let (graph, board) = (room.graph, room.board);
        let mut state = State {
            graph,
            nets,
            metric,
            board,
            place_of: vec![0; chip_of.len()],
            members: vec![Vec::new(); board.chips.len()],
            bytes: room.used(&chip_of).into_iter().map(|(_, bytes)| bytes).collect(),
            chip_of,
            start: vec![0],
            len: Vec::new(),
            chips: Vec::new(),
            counts: Vec::new(),
            length: Vec::new(),
            value: Vec::new(),
            boost: vec![EVEN as u32; nets.len()],
            cost: 0,
            work: 0,
            change: vec![0; nets.len()],
            is_touched: vec![false; nets.len()],
            touched: Vec::new(),
            changed: Vec::new(),
            list: Vec::new(),
            scratch: TreeScratch::default(),
        };
        for (v, chip) in (0..).zip(&state.chip_of) {
            let members = &mut state.members[*chip as usize];
            state.place_of[v as usize] = members.len() as u32;
            members.push(v);
        }
        for net in 0..nets.len() {
            state.add_net(net, room.usable.len());
        }
        state
    }

    fn add_net(&mut self, net: usize, usable: usize) {
        let first = self.chips.len();
        let pins = self.nets.pins(net);
        for pin in pins {
            let chip = self.chip_of[*pin as usize];
            match self.chips[first..].iter().position(|c| *c == chip) {
                Some(at) => self.counts[first + at] += 1,
                None => {
                    self.chips.push(chip);
                    self.counts.push(1);
                }
            }
        }
        let length = self.metric.tree(&self.chips[first..], &mut self.scratch);
        self.len.push((self.chips.len() - first) as u32);
        self.length.push(length);
        self.value.push(self.value(net, length, &self.chips[first..]));
        self.cost += self.value[net];
        self.chips.resize(first + pins.len().min(usable), NO_CHIP);
        self.counts.resize(self.chips.len(), 0);
        self.start.push(self.chips.len() as u32);
    }

    /// Improves until the work is done.
    pub(super) fn run(&mut self, schedule: &Schedule, seed: u64) {
        let mut draw = Draw::new(seed);
        let begin = self.work;
        let unit = self.mean_worsening(&mut draw, schedule.work);
        let (mut step, limit) = (Move::default(), begin + schedule.work);
        let mut temperature = unit * schedule.hot;
        let ratio = schedule.cold / schedule.hot;
        let mut tried = 0u32;
        while self.work < limit {
            if tried.is_multiple_of(64) {
                if schedule.until.is_some_and(|until| Instant::now() >= until) {
                    break;
                }
                let done = (self.work - begin) as f64 / schedule.work as f64;
                temperature = unit * schedule.hot * libm::pow(ratio, done);
            }
            tried = tried.wrapping_add(1);
            self.work += 20;
            if !self.propose(&mut draw, &mut step) {
                continue;
            }
            let delta = self.delta(&step);
            if draw.takes(delta, temperature) {
                self.commit(&step, delta);
            } else {
                self.forget(&step);
            }
        }
    }

    /// Mean cost of moves of single vertices that cost something; looks at some hundred, for a small part of the work.
    fn mean_worsening(&mut self, draw: &mut Draw, work: u64) -> f64 {
        let (mut sum, mut count, mut step) = (0, 0, Move::default());
        let limit = self.work + work / 20;
        for _ in 0..400 {
            if self.work >= limit {
                break;
            }
            if self.propose(draw, &mut step) && step.from_a.len() == 1 {
                let delta = self.delta(&step);
                self.forget(&step);
                if delta > 0 {
                    (sum, count) = (sum + delta, count + 1);
                }
            }
        }
        sum as f64 / f64::from(count.max(1))
    }

    /// Draws a move; whether there is one.
    fn propose(&mut self, draw: &mut Draw, step: &mut Move) -> bool {
        let v = draw.below(self.chip_of.len()) as u32;
        let (nets, sends) = (self.nets.nets_of(v), self.nets.sends(v));
        if nets.is_empty() && sends.is_empty() {
            return false;
        }
        let net = match draw.below(nets.len() + sends.len()) {
            i if i < nets.len() => nets[i],
            i => sends[i - nets.len()],
        } as usize;
        if self.len[net] == 0 {
            // A net that nobody hears.
            return false;
        }
        let a = self.chip_of[v as usize];
        let mut b = self.chips[self.start[net] as usize + draw.below(self.len[net] as usize)];
        let kind = draw.below(16);
        if b == a || kind & 1 == 1 {
            b = self.board.neighbours[b as usize][draw.below(6)];
        }
        if b == a || b == NO_CHIP || self.board.chips[b as usize].cores == 0 {
            return false;
        }
        (step.a, step.b) = (a, b);
        step.from_a.clear();
        step.from_b.clear();
        match kind >> 1 {
            0 if draw.below(4) == 0 => {
                step.from_a.extend(&self.members[a as usize]);
                step.from_b.extend(&self.members[b as usize]);
            }
            0..=2 => {
                self.run_of(v, a, usize::MAX, &mut step.from_a);
                self.partners(step, draw);
            }
            _ => {
                step.from_a.push(v);
                self.partners(step, draw);
            }
        }
        self.fits(step)
    }

    /// Vertices of v's population on its chip, at most so many, v first.
    fn run_of(&self, v: u32, chip: u32, most: usize, out: &mut Vec<u32>) {
        out.push(v);
        let group = self.nets.group[v as usize];
        let others = self.members[chip as usize].iter().filter(|u| **u != v && self.nets.group[**u as usize] == group);
        out.extend(others.take(most - 1));
    }

    /// Chooses what comes back from `b`: as many, or fewer where there is room.
    fn partners(&self, step: &mut Move, draw: &mut Draw) {
        let members = &self.members[step.b as usize];
        let cores = usize::from(self.board.chips[step.b as usize].cores);
        let free = cores - members.len().min(cores);
        let many = step.from_a.len();
        // A free core is taken as often as it would be drawn among the chip's cores.
        let at = draw.below(cores);
        let wanted = if at >= members.len() { many.saturating_sub(free) } else { many }.min(members.len());
        if wanted == 0 {
            return;
        }
        let u = members[at % members.len()];
        self.run_of(u, step.b, wanted, &mut step.from_b);
        let mut next = at;
        while step.from_b.len() < wanted {
            next += 1;
            let other = members[next % members.len()];
            if !step.from_b.contains(&other) {
                step.from_b.push(other);
            }
        }
    }

    fn fits(&self, step: &Move) -> bool {
        let (a, b) = (step.a as usize, step.b as usize);
        let size =
            |vertices: &[u32]| -> u64 { vertices.iter().map(|v| self.graph.vertices.values()[*v as usize].shared_bytes).sum() };
        let (out, back) = (size(&step.from_a), size(&step.from_b));
        let cores = |chip: usize, minus: usize, plus: usize| {
            self.members[chip].len() - minus + plus <= usize::from(self.board.chips[chip].cores)
        };
        self.bytes[a] - out + back <= self.board.chips[a].shared_bytes
            && self.bytes[b] - back + out <= self.board.chips[b].shared_bytes
            && cores(a, step.from_a.len(), step.from_b.len())
            && cores(b, step.from_b.len(), step.from_a.len())
    }

    /// What a net costs with a tree of some length over some chips.
    fn value(&self, net: usize, length: u32, chips: &[u32]) -> i64 {
        let way = |(v, weight): (u32, u32)| i64::from(weight) * i64::from(self.metric.nearest(self.chip_of[v as usize], chips));
        let plain = i64::from(self.nets.weight[net]) * i64::from(length) + self.nets.senders(net).map(way).sum::<i64>();
        plain * i64::from(self.boost[net]) / EVEN
    }

    /// What a move would cost. Until [`State::commit`] or [`State::forget`] only [`State::chip_of`] tells of it.
    fn delta(&mut self, step: &Move) -> i64 {
        let nets = self.nets;
        for (vertices, to, sign) in [(&step.from_a, step.b, 1), (&step.from_b, step.a, -1)] {
            for v in vertices {
                self.chip_of[*v as usize] = to;
                for net in nets.nets_of(*v) {
                    self.change[*net as usize] += sign;
                    self.touch(*net);
                }
                nets.sends(*v).iter().for_each(|net| self.touch(*net));
            }
            self.work += vertices.iter().map(|v| nets.nets_of(*v).len() as u64).sum::<u64>();
        }
        let mut delta = 0;
        for i in 0..self.touched.len() {
            let net = self.touched[i] as usize;
            self.is_touched[net] = false;
            let moved = std::mem::take(&mut self.change[net]);
            delta += self.delta_of(net, moved, step);
        }
        self.touched.clear();
        delta
    }

    fn touch(&mut self, net: u32) {
        if !std::mem::replace(&mut self.is_touched[net as usize], true) {
            self.touched.push(net);
        }
    }

    fn delta_of(&mut self, net: usize, moved: i32, step: &Move) -> i64 {
        let (from, to, many) = if moved > 0 { (step.a, step.b, moved as u32) } else { (step.b, step.a, moved.unsigned_abs()) };
        let first = self.start[net] as usize;
        let chips = &self.chips[first..first + self.len[net] as usize];
        let leaves = moved != 0 && chips.iter().position(|c| *c == from).is_some_and(|at| self.counts[first + at] == many);
        let comes = moved != 0 && !chips.contains(&to);
        let senders = self.nets.senders(net).len() as u64;
        self.work += chips.len() as u64 / 2 + 4;
        if !leaves && !comes && senders == 0 {
            return 0;
        }
        self.list.clear();
        self.list.extend(chips.iter().filter(|c| !leaves || **c != from));
        if comes {
            self.list.push(to);
        }
        let k = self.list.len() as u64;
        let mut length = self.length[net];
        if leaves || comes {
            self.work += k * k / 2 + 10;
            length = self.metric.tree(&self.list, &mut self.scratch);
        }
        self.work += senders * k / 2;
        let value = self.value(net, length, &self.list);
        if value == self.value[net] && length == self.length[net] {
            return 0;
        }
        self.changed.push((net as u32, length, value));
        value - self.value[net]
    }

    /// Leaves things as they were.
    fn forget(&mut self, step: &Move) {
        step.from_a.iter().for_each(|v| self.chip_of[*v as usize] = step.a);
        step.from_b.iter().for_each(|v| self.chip_of[*v as usize] = step.b);
        self.changed.clear();
    }

    /// Makes the move whose cost was looked at last.
    fn commit(&mut self, step: &Move, delta: i64) {
        self.cost += delta;
        for (net, length, value) in self.changed.drain(..) {
            self.length[net as usize] = length;
            self.value[net as usize] = value;
        }
        for (vertices, from, to) in [(&step.from_a, step.a, step.b), (&step.from_b, step.b, step.a)] {
            for v in vertices {
                self.shift(*v, from, to);
            }
        }
    }

    fn shift(&mut self, v: u32, from: u32, to: u32) {
        for net in self.nets.nets_of(v) {
            let net = *net as usize;
            let first = self.start[net] as usize;
            let here = &self.chips[first..first + self.len[net] as usize];
            // The new chip comes first, or there might be no room for it: the old one then leaves its place to the last.
            let (old, new) = (here.iter().position(|c| *c == from), here.iter().position(|c| *c == to));
            let Some(old) = old.map(|at| first + at) else { continue };
            self.counts[old] -= 1;
            match new {
                Some(at) => {
                    self.counts[first + at] += 1;
                    if self.counts[old] == 0 {
                        let last = first + self.len[net] as usize - 1;
                        self.chips.swap(old, last);
                        self.counts.swap(old, last);
                        self.len[net] -= 1;
                    }
                }
                None => {
                    let at = if self.counts[old] == 0 { old } else { first + self.len[net] as usize };
                    if at != old {
                        self.len[net] += 1;
                    }
                    self.chips[at] = to;
                    self.counts[at] = 1;
                }
            }
        }
        let place = self.place_of[v as usize] as usize;
        let members = &mut self.members[from as usize];
        members.swap_remove(place);
        if let Some(moved) = members.get(place) {
            self.place_of[*moved as usize] = place as u32;
        }
        self.place_of[v as usize] = self.members[to as usize].len() as u32;
        self.members[to as usize].push(v);
        let bytes = self.graph.vertices.values()[v as usize].shared_bytes;
        self.bytes[from as usize] -= bytes;
        self.bytes[to as usize] += bytes;
    }

    /// Makes nets count a quarter more than they did.
    pub(super) fn boost(&mut self, nets: &[u32]) {
        for net in nets.iter().map(|net| *net as usize) {
            self.boost[net] += self.boost[net].div_ceil(4);
            let chips = &self.chips[self.start[net] as usize..][..self.len[net] as usize];
            let value = self.value(net, self.length[net], chips);
            self.cost += value - std::mem::replace(&mut self.value[net], value);
        }
    }

    /// The placement.
    pub(super) fn placed(&self) -> &[u32] {
        &self.chip_of
    }
}
