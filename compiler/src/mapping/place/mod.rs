//! Placement: a chip and a core for every vertex.

mod anneal;
mod arrange;
mod draw;
mod fill;
mod hypergraph;
mod metric;
mod order;

use super::{Board, Effort, MachineGraph, Options, VertexId};
use crate::partition::Shortfalls;
use crate::table::Table;
use anneal::{Schedule, State};
use hypergraph::Hypergraph;
use metric::{Metric, TreeScratch};

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
    let (metric, nets) = (Metric::of(board), Hypergraph::of(graph));
    let task = Task { room: &room, nets: &nets, metric: &metric, seed: options.seed };
    let mut starts = task.starts();
    if starts.is_empty() {
        starts.push(task.rated(fill::by_memory(graph, board, &room.usable)?));
    }
    let (cost, best) = match options.effort {
        Effort::Fast => starts.swap_remove(0),
        Effort::Default | Effort::Best => task.improved(starts),
    };
    let _ = cost;
    Ok(seated(&best))
}

/// A placement with its cost.
type Rated = (u64, Vec<u32>);

/// What all stages need.
#[derive(Clone, Copy)]
struct Task<'a> {
    room: &'a Room<'a>,
    nets: &'a Hypergraph,
    metric: &'a Metric,
    seed: u64,
}

impl Task<'_> {
    /// Chips filled in every order of vertices and chips, the best first; none where memory is too tight for that.
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
            let lists = [(&file, chips), (&file, &large), (&affinity, chips), (&affinity, &large)];
            let filled = lists.into_iter().filter_map(|(v, c)| fill::in_order(self.room.graph, board, v, c));
            starts.extend(filled.map(|chip_of| self.rated(chip_of)));
        }
        starts.sort_by_key(|s| s.0);
        starts.dedup();
        starts
    }

    /// The better end of annealing from two starts, on a core each.
    fn improved(&self, starts: Vec<Rated>) -> Rated {
        let from: Vec<Vec<u32>> = starts.into_iter().take(2).map(|s| s.1).collect();
        let ends = std::thread::scope(|scope| {
            let tasks: Vec<_> = (0..).zip(from).map(|(i, start)| scope.spawn(move || self.annealed(start, i))).collect();
            tasks.into_iter().filter_map(|task| task.join().ok()).collect::<Vec<Rated>>()
        });
        ends.into_iter().min_by_key(|end| end.0).unwrap_or_default()
    }

    fn annealed(&self, mut chip_of: Vec<u32>, index: u64) -> Rated {
        let seed = self.seed.wrapping_mul(2).wrapping_add(index);
        arrange::run(self.nets, self.metric, self.room.board, self.room, &mut chip_of, seed);
        let schedule = Schedule { hot: 0.05, cold: 0.002, work: 30_000_000 };
        let mut state = State::new(self.room, self.nets, self.metric, chip_of);
        state.run(&schedule, seed);
        (state.cost as u64, state.into_chips())
    }

    fn rated(&self, chip_of: Vec<u32>) -> Rated {
        (estimate(self.nets, self.metric, &chip_of), chip_of)
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
