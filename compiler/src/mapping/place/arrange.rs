//! Where the contents of whole chips go: annealing of a quadratic assignment.
//!
//! Takes: a chip for every vertex.  Gives: another one, where the contents of chips have changed places.
//! Invariants: what is together stays together; no chip gets more than it holds.
//! Cost: per exchange the chips that talk with the two; a few hundred exchanges a chip.
//! Source: annealing of the quadratic assignment problem (Burkard and Rendl 1984); a net of k chips counts as all its pairs, each
//!   1 / (k − 1), as in placing of circuits.

use super::super::Board;
use super::super::board::NO_CHIP;
use super::Room;
use super::draw::Draw;
use super::hypergraph::Hypergraph;
use super::metric::Metric;

/// A net on more chips is near everything wherever they are.
const TELLING: usize = 64;

/// Exchanges tried, for each chip.
const EXCHANGES: usize = 400;

/// Exchanges tried in all.
const MOST_EXCHANGES: usize = 500_000;

/// Exchanges whole chips.
pub(super) fn run(nets: &Hypergraph, metric: &Metric, board: &Board, room: &Room, chip_of: &mut [u32], seed: u64) {
    let mut pairs = Pairs::of(nets, board.chips.len(), chip_of);
    let contents: Vec<(u32, u64)> = room.used(chip_of);
    let usable: Vec<u32> = room.usable.clone();
    let mut draw = Draw::new(seed);
    let tries = (EXCHANGES * usable.len()).min(MOST_EXCHANGES);
    let mut temperature = pairs.mean_cost(metric, &usable, &mut draw);
    let cooling = libm::pow(0.005, 1.0 / tries.max(1) as f64);
    for _ in 0..tries {
        temperature *= cooling;
        let a = usable[draw.below(usable.len())];
        let Some(b) = pairs.beside_a_partner(board, a, &mut draw).filter(|b| *b != a) else { continue };
        let holds = |chip: u32, (cores, bytes): (u32, u64)| {
            let there = &board.chips[chip as usize];
            cores <= u32::from(there.cores) && bytes <= there.shared_bytes
        };
        let (on_a, on_b) = (pairs.content[a as usize], pairs.content[b as usize]);
        if !holds(a, contents[on_b as usize]) || !holds(b, contents[on_a as usize]) {
            continue;
        }
        if draw.takes(pairs.exchange_cost(metric, a, b), temperature) {
            pairs.exchange(a, b);
        }
    }
    for chip in chip_of {
        *chip = pairs.chip[*chip as usize];
    }
}

/// How much the contents of chips talk, and where they are.
struct Pairs {
    start: Vec<u32>,
    with: Vec<(u32, i64)>,
    chip: Vec<u32>,
    content: Vec<u32>,
}

impl Pairs {
    fn of(nets: &Hypergraph, chips: usize, chip_of: &[u32]) -> Pairs {
        let mut members = vec![Vec::new(); chips];
        let mut on = Vec::new();
        for net in 0..nets.len() {
            let mut here: Vec<u32> = nets.vertices_of(net).iter().map(|v| chip_of[*v as usize]).collect();
            here.sort_unstable();
            here.dedup();
            if here.len() > 1 && here.len() <= TELLING {
                here.iter().for_each(|chip| members[*chip as usize].push(on.len()));
                on.push((nets.weight[net], here));
            }
        }
        let (mut start, mut with) = (vec![0], Vec::new());
        let (mut sum, mut met) = (vec![0i64; chips], Vec::new());
        for (chip, nets) in members.iter().enumerate() {
            for (weight, others) in nets.iter().map(|net| &on[*net]) {
                let part = ((i64::from(*weight) << 6) / (others.len() as i64 - 1)).max(1);
                for other in others.iter().filter(|o| **o as usize != chip) {
                    if sum[*other as usize] == 0 {
                        met.push(*other);
                    }
                    sum[*other as usize] += part;
                }
            }
            with.extend(met.drain(..).map(|other| (other, std::mem::take(&mut sum[other as usize]))));
            start.push(with.len() as u32);
        }
        Pairs { start, with, chip: (0..chips as u32).collect(), content: (0..chips as u32).collect() }
    }

    fn partners(&self, content: u32) -> &[(u32, i64)] {
        &self.with[self.start[content as usize] as usize..self.start[content as usize + 1] as usize]
    }

    /// A chip beside one that what is on `a` talks with.
    fn beside_a_partner(&self, board: &Board, a: u32, draw: &mut Draw) -> Option<u32> {
        let partners = self.partners(self.content[a as usize]);
        if partners.is_empty() {
            return None;
        }
        let beside = self.chip[partners[draw.below(partners.len())].0 as usize];
        let b = board.neighbours[beside as usize][draw.below(6)];
        (b != NO_CHIP && board.chips[b as usize].cores > 0).then_some(b)
    }

    fn exchange_cost(&self, metric: &Metric, a: u32, b: u32) -> i64 {
        let (on_a, on_b) = (self.content[a as usize], self.content[b as usize]);
        let side = |on: u32, except: u32, from: u32, to: u32| -> i64 {
            let rest = self.partners(on).iter().filter(|(other, _)| *other != except);
            rest.map(|(other, weight)| {
                let at = self.chip[*other as usize];
                weight * (i64::from(metric.distance(to, at)) - i64::from(metric.distance(from, at)))
            })
            .sum()
        };
        side(on_a, on_b, a, b) + side(on_b, on_a, b, a)
    }

    fn exchange(&mut self, a: u32, b: u32) {
        self.content.swap(a as usize, b as usize);
        self.chip[self.content[a as usize] as usize] = a;
        self.chip[self.content[b as usize] as usize] = b;
    }

    fn mean_cost(&self, metric: &Metric, usable: &[u32], draw: &mut Draw) -> f64 {
        let tries = 4 * usable.len();
        let mut sum = 0;
        for _ in 0..tries {
            let (a, b) = (usable[draw.below(usable.len())], usable[draw.below(usable.len())]);
            sum += if a == b { 0 } else { self.exchange_cost(metric, a, b).abs() };
        }
        sum as f64 / tries as f64
    }
}
