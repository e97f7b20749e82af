//! Placement: a chip and a core for every vertex.
//!
//! Takes: [`MachineGraph`], [`Board`], [`Options`].  Gives: [`Placement`].
//! Invariants: no core twice, no chip beyond its cores and shared memory, only chips that working links join; same input, seed and
//!   effort, same placement on every host, unless a time budget is set; more effort never counts as worse.
//! Cost: fast effort is nearly linear in the edges, plus the square of the chips of boards up to 1536 chips. Default effort adds work in
//!   proportion to the hops that could be saved, at most some seconds; best effort at most about half a minute, or the budget.
//! Source: the cost is that of the hypergraph (Ronzani and others 2026): per net the shortest tree over its chips, hops and packets
//!   counting alike. The way: orders of vertices (the file's, and by affinity) are laid along orders of chips (raster, curve, from the
//!   centre), and the cheapest kept; contents of whole chips are exchanged (`arrange`); vertices, slices of one population and chips
//!   are annealed (`anneal`); routing tells which links are too busy, their nets then count more (`busy`).

mod anneal;
mod arrange;
mod busy;
mod draw;
mod fill;
mod hypergraph;
mod metric;
mod order;
#[cfg(test)]
mod tests;

use super::{Board, Effort, MachineGraph, Options, THREADS, VertexId};
use crate::parallel::in_order;
use crate::partition::Shortfalls;
use crate::table::Table;
use anneal::{Schedule, State};
use hypergraph::Hypergraph;
use metric::{Metric, TreeScratch};
use std::time::Instant;

/// Where each vertex is.
pub type Placement = Table<VertexId, Site>;

/// A core of a board.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Site {
    /// Number of the chip in [`Board::chips`].
    pub chip: u32,
    /// Which of its free cores, from 0.
    pub core: u16,
}

/// Starts whose chips are exchanged before the best two of them are annealed.
const ARRANGED: usize = 4;

/// A start whose cost is above the least possible by less than one part in so many is left as it is.
const ENOUGH: u64 = 20;

/// Temperature at the end, by the mean cost of moves that worsen.
const COLD: f64 = 0.002;

/// How often annealing is looked at and gone on with, to relieve busy links.
const RELIEFS: u64 = 7;

/// Cost above which routing again and again would take longer than placing.
const RELIEVED: u64 = 200_000 * hypergraph::MEAN_WEIGHT;

/// How long to anneal. Work is counted in units of about three nanoseconds.
struct Plan {
    /// Temperature at the start, by the mean cost of moves that worsen.
    hot: f64,
    /// For each hop that a placement has above the least that can be.
    work_per_hop: u64,
    /// In all.
    most_work: u64,
}

const DEFAULT: Plan = Plan { hot: 0.03, work_per_hop: 4000, most_work: 400_000_000 };

/// What most effort goes on with: together about half a minute at most.
const LONGER: [Plan; 3] = [
    Plan { hot: 0.03, work_per_hop: 20_000, most_work: 1_000_000_000 },
    Plan { hot: 0.04, work_per_hop: 100_000, most_work: 1_500_000_000 },
    Plan { hot: 0.05, work_per_hop: 500_000, most_work: 2_500_000_000 },
];

/// What there is to place on.
struct Room<'a> {
    graph: &'a MachineGraph,
    board: &'a Board,
    /// Chips with cores that working links join, ascending.
    usable: Vec<u32>,
}

impl Room<'_> {
    /// Cores and bytes that a placement takes of each chip.
    fn used(&self, chip_of: &[u32]) -> Vec<(u32, u64)> {
        let mut used = vec![(0, 0); self.board.chips.len()];
        for (chip, vertex) in chip_of.iter().zip(self.graph.vertices.values()) {
            let (cores, bytes) = &mut used[*chip as usize];
            *cores += 1;
            *bytes += vertex.shared_bytes;
        }
        used
    }
}

/// Places all vertices.
///
/// # Errors
/// When there are not enough cores that working links join, or not enough shared memory, also where what is left of it is in pieces.
pub fn run(graph: &MachineGraph, board: &Board, options: &Options) -> Result<Placement, Shortfalls> {
    let room = Room { graph, board, usable: fill::usable(board) };
    fill::check(graph, board, &room.usable)?;
    let until = options.budget.and_then(|budget| Instant::now().checked_add(budget));
    let (metric, nets) = (Metric::of(board), Hypergraph::of(graph));
    let task = Task { room: &room, nets: &nets, metric: &metric, options: *options, until };
    let mut starts = task.starts();
    if starts.is_empty() {
        starts.push(task.rated(fill::by_memory(graph, board, &room.usable)?));
    }
    let best = match options.effort {
        Effort::Fast => starts.swap_remove(0),
        Effort::Default | Effort::Best => task.improved(starts),
    };
    Ok(seated(&best.chip_of))
}

/// A placement and how good it is.
#[derive(Clone, Default)]
struct Rated {
    /// Sum of the weighted lengths of trees.
    cost: u64,
    /// Packets in a tick on the busiest link, once known.
    load: f64,
    chip_of: Vec<u32>,
}

impl Rated {
    /// Whether it is better: half as much load on the busiest link is worth a third of the hops.
    fn beats(&self, other: &Rated) -> bool {
        let gain = |before: f64, after: f64| libm::log(before.max(1e-9) / after.max(1e-9));
        gain(other.cost as f64, self.cost as f64) + 0.5 * gain(other.load, self.load) > 0.0
    }
}

/// What all stages need.
#[derive(Clone, Copy)]
struct Task<'a> {
    room: &'a Room<'a>,
    nets: &'a Hypergraph,
    metric: &'a Metric,
    options: Options,
    /// When improving ends in any case.
    until: Option<Instant>,
}

impl Task<'_> {
    /// Chips filled in every order of vertices and chips, up and as evenly as the fewest chips allow, the best first; none where
    /// memory is too tight for that. Of equally good ones those come first whose fullest chip has least: what comes from it leaves by
    /// few links.
    fn starts(&self) -> Vec<Rated> {
        let board = self.room.board;
        let file: Vec<u32> = (0..self.nets.vertices() as u32).collect();
        let affinity = order::by_affinity(self.nets);
        let chips = [
            self.room.usable.clone(),
            order::along_curve(board, &self.room.usable),
            order::from_centre(&self.room.usable, self.metric),
        ];
        let mut starts: Vec<Rated> = Vec::new();
        for chips in &chips {
            let most = chips.iter().map(|c| board.chips[*c as usize].cores).max().unwrap_or(0);
            let large: Vec<u32> = chips.iter().copied().filter(|c| board.chips[*c as usize].cores == most).collect();
            let fewest = file.len().div_ceil(usize::from(most).max(1)).max(1);
            let even = u16::try_from(file.len().div_ceil(fewest)).unwrap_or(most).min(most);
            for cores in if fewest > 1 && even < most { vec![most, even] } else { vec![most] } {
                // Where all chips are large the second choice is the first.
                let choices = if large.len() < chips.len() { vec![chips, &large] } else { vec![chips] };
                let lists = [&file, &affinity].into_iter().flat_map(|v| choices.iter().map(move |c| (v, *c)));
                let filled = lists.filter_map(|(v, c)| fill::in_order(self.room.graph, board, v, c, cores));
                starts.extend(filled.map(|chip_of| self.rated(chip_of)));
            }
        }
        starts.sort_by_cached_key(|s| (s.cost, self.room.used(&s.chip_of).iter().map(|(cores, _)| *cores).max()));
        starts.dedup_by(|a, b| a.chip_of == b.chip_of);
        starts
    }

    /// The better end of annealing two starts, on a core each; never worse than either. With most effort that is done again from
    /// there, longer each time, as long as it helps.
    fn improved(&self, mut starts: Vec<Rated>) -> Rated {
        starts.truncate(ARRANGED);
        let mut starts = self.both(starts, |task, start, index| task.arranged(start, index));
        starts.sort_by_key(|s| s.cost);
        starts.dedup_by(|a, b| a.chip_of == b.chip_of);
        starts.truncate(2);
        let mut best = self.best_end(starts, &DEFAULT);
        if self.options.effort == Effort::Best {
            for longer in LONGER {
                if self.until.is_some_and(|until| Instant::now() >= until) {
                    break;
                }
                best = self.best_end(vec![best.clone(), best], &longer);
            }
        }
        best
    }

    fn best_end(&self, starts: Vec<Rated>, plan: &Plan) -> Rated {
        let ends = self.both(starts, |task, start, index| task.annealed(start, plan, index));
        ends.into_iter().reduce(|best, end| if end.beats(&best) { end } else { best }).unwrap_or_default()
    }

    /// Does something with each of some placements, on two threads; the results in the order of the placements.
    fn both(&self, from: Vec<Rated>, what: impl Fn(&Self, Rated, u64) -> Rated + Sync) -> Vec<Rated> {
        in_order(THREADS, from.len(), |at| what(self, from[at].clone(), at as u64))
    }

    fn seed(&self, index: u64) -> u64 {
        self.options.seed.wrapping_mul(ARRANGED as u64).wrapping_add(index)
    }

    fn arranged(&self, start: Rated, index: u64) -> Rated {
        let mut chip_of = start.chip_of.clone();
        arrange::run(self.nets, self.metric, self.room.board, self.room, &mut chip_of, self.seed(index));
        let arranged = self.rated(chip_of);
        if arranged.cost < start.cost { arranged } else { start }
    }

    /// Anneals; then makes what crosses the busiest links count more, and anneals again, a few times.
    fn annealed(&self, mut best: Rated, plan: &Plan, index: u64) -> Rated {
        let excess = best.cost.saturating_sub(self.floor());
        if excess * ENOUGH < best.cost {
            return best;
        }
        let work = (plan.work_per_hop * (excess / hypergraph::MEAN_WEIGHT)).min(plan.most_work);
        let schedule = Schedule { hot: plan.hot, cold: COLD, work, until: self.until };
        let seed = self.seed(index) ^ plan.work_per_hop << 16;
        let mut state = State::new(self.room, self.nets, self.metric, best.chip_of.clone());
        state.run(&schedule, seed);
        if best.cost > RELIEVED {
            let end = self.rated(state.placed().to_vec());
            return if end.beats(&best) { end } else { best };
        }
        best.load = busy::look(self, &best.chip_of).0;
        let again = Schedule { work: work / 5, ..schedule };
        let mut gained = 0;
        for round in 1..=RELIEFS {
            let mut now = self.rated(state.placed().to_vec());
            let (load, nets) = busy::look(self, &now.chip_of);
            now.load = load;
            if now.beats(&best) {
                (best, gained) = (now, round);
            }
            if nets.is_empty() || round == RELIEFS || round > gained + 2 {
                break;
            }
            state.boost(&nets);
            state.run(&again, seed ^ round << 32);
        }
        best
    }

    /// A cost that no placement can be below: every net on the fewest chips, side by side.
    fn floor(&self) -> u64 {
        let cores = self.room.usable.iter().map(|c| usize::from(self.room.board.chips[*c as usize].cores)).max().unwrap_or(1);
        let chips = |net: usize| self.nets.pins(net).len().div_ceil(cores).saturating_sub(1) as u64;
        (0..self.nets.len()).map(|net| u64::from(self.nets.weight[net]) * chips(net)).sum()
    }

    fn rated(&self, chip_of: Vec<u32>) -> Rated {
        Rated { cost: estimate(self.nets, self.metric, &chip_of), load: 0.0, chip_of }
    }
}

fn estimate(nets: &Hypergraph, metric: &Metric, chip_of: &[u32]) -> u64 {
    let mut seen = vec![usize::MAX; chip_of.iter().max().map_or(0, |c| *c as usize + 1)];
    let (mut chips, mut scratch) = (Vec::new(), TreeScratch::default());
    let mut sum = 0;
    for net in 0..nets.len() {
        chips.clear();
        for pin in nets.pins(net) {
            let chip = chip_of[*pin as usize];
            if std::mem::replace(&mut seen[chip as usize], net) != net {
                chips.push(chip);
            }
        }
        sum += u64::from(nets.weight[net]) * u64::from(metric.tree(&chips, &mut scratch));
        let way = |(v, weight): (u32, u32)| u64::from(weight) * u64::from(metric.nearest(chip_of[v as usize], &chips));
        sum += nets.senders(net).map(way).sum::<u64>();
    }
    sum
}

/// Gives cores in the order of vertices, so that slices that follow each other stay together.
fn seated(chip_of: &[u32]) -> Placement {
    let mut next = vec![0; chip_of.iter().max().map_or(0, |c| *c as usize + 1)];
    let seat = |chip: &u32| {
        let core = next[*chip as usize];
        next[*chip as usize] += 1;
        Site { chip: *chip, core }
    };
    chip_of.iter().map(seat).collect()
}
