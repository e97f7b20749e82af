//! Trees on random boards, checked link by link, and against shortest trees.

use super::{Routes, SPREAD, TreeNode, run};
use crate::mapping::board::NO_CHIP;
use crate::mapping::testing::{graph, grid, in_order};
use crate::mapping::{Board, Effort, MachineGraph, MapFailure, Options, Placement, Site};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Draws that a seed repeats.
struct Draws(u64);

impl Draws {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

/// A grid without some of its chips and links; `one_way` links are dead in one direction only.
fn damaged(width: u16, height: u16, wrap: bool, percent: usize, one_way: bool, draws: &mut Draws) -> Board {
    let full = grid(width, height, 4, wrap);
    let masks: Vec<u8> =
        full.neighbours.iter().map(|row| (0..6).filter(|d| row[*d] != NO_CHIP).fold(0, |m, d| m | 1 << d)).collect();
    let left: Vec<usize> = (0..full.chips.len()).filter(|chip| *chip == 0 || draws.below(100) >= percent).collect();
    let chips = left.iter().map(|chip| full.chips[*chip]).collect();
    let masks: Vec<u8> = left.iter().map(|chip| masks[*chip]).collect();
    let mut board = Board::new("damaged".into(), width, height, chips, &masks, 1023);
    for chip in 0..board.chips.len() {
        for d in 0..3 {
            let to = board.neighbours[chip][d];
            if to != NO_CHIP && draws.below(100) < percent {
                board.neighbours[chip][d] = NO_CHIP;
                if !one_way {
                    board.neighbours[to as usize][d + 3] = NO_CHIP;
                }
            }
        }
    }
    board
}

/// Nets between vertices that lie anywhere on a board.
fn anywhere(board: &Board, nets: usize, most: usize, draws: &mut Draws) -> (MachineGraph, Placement) {
    let vertices = 2 * board.chips.len();
    let sets: Vec<(usize, Vec<u32>)> = (0..nets)
        .map(|_| {
            let targets: BTreeSet<u32> = (0..1 + draws.below(most)).map(|_| draws.below(vertices) as u32).collect();
            (draws.below(vertices), targets.into_iter().collect())
        })
        .collect();
    let nets: Vec<(usize, &[u32], u8)> = sets.iter().map(|(source, targets)| (*source, &targets[..], 4)).collect();
    let placement = (0..vertices).map(|_| Site { chip: draws.below(board.chips.len()) as u32, core: 0 }).collect();
    (graph(vertices, &nets), placement)
}

/// Links from a chip to every other; `None` where there is no way.
fn distances(board: &Board, from: u32) -> Vec<Option<usize>> {
    let mut found = vec![None; board.chips.len()];
    found[from as usize] = Some(0);
    let mut queue = VecDeque::from([from as usize]);
    while let Some(at) = queue.pop_front() {
        for next in board.neighbours[at].iter().filter(|next| **next != NO_CHIP).map(|next| *next as usize) {
            if found[next].is_none() {
                found[next] = found[at].map(|d| d + 1);
                queue.push_back(next);
            }
        }
    }
    found
}

/// Walks a tree; gives the place of each chip in it.
fn walk(board: &Board, tree: &[TreeNode]) -> BTreeMap<u32, usize> {
    let place: BTreeMap<u32, usize> = tree.iter().enumerate().map(|(at, node)| (node.chip, at)).collect();
    assert_eq!(place.len(), tree.len(), "a chip is there twice");
    assert_eq!(tree[0].from, TreeNode::HERE);
    let mut reached = vec![0; tree.len()];
    for (at, node) in tree.iter().enumerate() {
        for d in (0..6).filter(|d| node.links >> d & 1 == 1) {
            let next = board.neighbours[node.chip as usize][usize::from(d)];
            assert_ne!(next, NO_CHIP, "a dead link");
            let next = place[&next];
            assert!(next > at, "a chip before the one that leads to it, or a cycle");
            assert_eq!(tree[next].from, (d + 3) % 6);
            reached[next] += 1;
        }
    }
    assert_eq!(reached[0], 0);
    assert!(reached[1..].iter().all(|times| *times == 1));
    place
}

/// Checks all trees. Those of the fast effort are each no longer than all shortest paths together; others may make detours, so that
/// this holds for their sum, but for 2 %.
fn check(graph: &MachineGraph, board: &Board, placement: &Placement, routes: &Routes, effort: Effort) {
    let (mut known, mut links, mut most) = (BTreeMap::new(), 0, 0);
    for (id, net) in graph.nets.iter() {
        let (tree, source) = (routes.of(id), placement[net.source].chip);
        let mut terminals: BTreeSet<u32> = graph.targets_of(net).map(|v| placement[v].chip).collect();
        terminals.insert(source);
        let place = walk(board, tree);
        assert_eq!(tree[0].chip, source);
        assert!(terminals.iter().all(|chip| place.contains_key(chip)), "a target is missing");
        assert!(tree.iter().all(|node| node.links != 0 || terminals.contains(&node.chip)), "a dead end");
        let far = distances(board, source);
        let far: Vec<usize> = terminals.iter().filter_map(|chip| far[*chip as usize]).collect();
        assert!(tree.len() >= terminals.len() && tree.len() > far.iter().copied().max().unwrap_or(0));
        assert!(effort != Effort::Fast || tree.len() <= 1 + far.iter().sum::<usize>());
        links += tree.len() - 1;
        most += far.iter().sum::<usize>();
        assert_eq!(*known.entry((source, terminals)).or_insert(tree), tree, "equal jobs, different trees");
    }
    assert!(links <= most + most / 50, "{links} links, {most} of shortest paths");
}

fn options(effort: Effort) -> Options {
    Options { effort, ..Options::default() }
}

const EFFORTS: [Effort; 3] = [Effort::Fast, Effort::Default, Effort::Best];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn trees_are_exact_on_any_board(
        (width, height) in (1..10_u16, 1..10_u16), wrap: bool, one_way: bool, percent in 0..21_usize, nets in 1..40_usize, seed: u64,
    ) {
        on_any_board((width, height), wrap, one_way, percent, nets, seed)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn trees_are_exact_where_targets_are_far(
        (width, height) in (24..40_u16, 1..5_u16), wrap: bool, one_way: bool, percent in 0..11_usize, nets in 1..10_usize, seed: u64,
    ) {
        on_any_board((width, height), wrap, one_way, percent, nets, seed)?;
    }
}

fn on_any_board(
    (width, height): (u16, u16),
    wrap: bool,
    one_way: bool,
    percent: usize,
    nets: usize,
    seed: u64,
) -> Result<(), TestCaseError> {
    let mut draws = Draws(seed);
    let board = damaged(width, height, wrap, percent, one_way, &mut draws);
    let (graph, placement) = anywhere(&board, nets, 12, &mut draws);
    for effort in EFFORTS {
        let routes = run(&graph, &board, &placement, &options(effort));
        prop_assert_eq!(&routes, &run(&graph, &board, &placement, &options(effort)));
        match routes {
            Ok(routes) => check(&graph, &board, &placement, &routes, effort),
            Err(MapFailure::Unreachable { from, to }) => {
                let at = |(x, y)| board.chip_at(x, y).expect("a chip of the board");
                prop_assert_eq!(distances(&board, at(from) as u32)[at(to)], None);
            }
            Err(other) => prop_assert!(false, "{other:?}"),
        }
    }
    Ok(())
}

/// Links of a shortest tree that joins some chips (Dreyfus, Wagner: "The Steiner problem in graphs", Networks 1, 1971).
fn shortest_tree(board: &Board, terminals: &[u32]) -> Option<usize> {
    let chips = board.chips.len();
    let far: Vec<Vec<Option<usize>>> = (0..chips as u32).map(|chip| distances(board, chip)).collect();
    let (last, rest) = terminals.split_last()?;
    let mut best = vec![vec![None; chips]; 1 << rest.len()];
    for set in 1..1_usize << rest.len() {
        let mut meets: Vec<Option<usize>> = vec![None; chips];
        for (chip, meet) in meets.iter_mut().enumerate() {
            if set.is_power_of_two() {
                *meet = (rest[set.trailing_zeros() as usize] as usize == chip).then_some(0);
            }
            let parts = (1..set).filter(|part| part & set == *part);
            let both = |part: usize| Some(best[part][chip]? + best[set ^ part][chip]?);
            *meet = parts.filter_map(both).chain(*meet).min();
        }
        for chip in 0..chips {
            best[set][chip] = (0..chips).filter_map(|at| Some(meets[at]? + far[at][chip]?)).min();
        }
    }
    best[(1 << rest.len()) - 1][*last as usize]
}

#[test]
fn trees_are_nearly_the_shortest() {
    let mut draws = Draws(1);
    let (mut shortest, mut found) = (0, [0; 3]);
    while shortest < 1500 {
        let (wrap, percent) = (draws.below(2) == 0, draws.below(16));
        let board = damaged(6, 6, wrap, percent, false, &mut draws);
        let (graph, placement) = anywhere(&board, 1, 7, &mut draws);
        let net = &graph.nets.values()[0];
        let chips: BTreeSet<u32> = graph.targets_of(net).chain([net.source]).map(|v| placement[v].chip).collect();
        let Some(length) = shortest_tree(&board, &chips.into_iter().collect::<Vec<u32>>()) else { continue };
        shortest += length;
        for (sum, effort) in found.iter_mut().zip(EFFORTS) {
            let routes = run(&graph, &board, &placement, &options(effort)).expect("a shortest tree joins them");
            assert!(routes.nodes.len() > length);
            *sum += routes.nodes.len() - 1;
        }
    }
    let over = found.map(|sum| (sum - shortest) as f64 / shortest as f64);
    assert!(over[0] < 0.05, "fast: {:.3} too long", over[0]);
    assert!(over[1] < 0.015, "default: {:.3} too long", over[1]);
    assert!(over[2] < 0.015, "best: {:.3} too long", over[2]);
}

/// Every chip of a torus sends to all others; the loads of its links and the different things that its routers do.
fn all_to_all(effort: Effort) -> (f64, f64, usize) {
    let board = grid(6, 6, 1, true);
    let all: Vec<u32> = (0..36).collect();
    let nets: Vec<(usize, &[u32], u8)> = (0..36).map(|source| (source, &all[..], 4)).collect();
    let mut graph = graph(36, &nets);
    graph.nets.iter_mut().for_each(|(_, net)| net.rate = 1.0);
    let placement = in_order(36, 1);
    let routes = run(&graph, &board, &placement, &options(effort)).expect("a torus is connected");
    check(&graph, &board, &placement, &routes, effort);
    let mut load = BTreeMap::new();
    let mut does = BTreeSet::new();
    for node in &routes.nodes {
        does.insert((node.chip, node.links));
        (0..6).filter(|d| node.links >> d & 1 == 1).for_each(|d| *load.entry((node.chip, d)).or_insert(0.0) += 1.0);
    }
    (load.values().fold(0.0, |a, b| f64::max(a, *b)), 35.0 / 6.0, does.len())
}

#[test]
fn links_share_the_load_and_routers_do_the_same_for_many_nets() {
    for effort in EFFORTS {
        let (highest, least, does) = all_to_all(effort);
        assert!(highest <= (SPREAD * least).ceil(), "{effort:?}: {highest} packets on a link, {least} if all were equal");
        assert!(does <= 36 * 8, "{effort:?}: {does} different routes for 36 trees of 36 chips");
    }
}

#[test]
fn a_target_without_a_way_is_named() {
    let mut board = grid(3, 3, 1, false);
    let island = board.chip_at(2, 1).expect("a chip of the board") as u32;
    board.neighbours.iter_mut().flatten().filter(|to| **to == island).for_each(|to| *to = NO_CHIP);
    board.neighbours[island as usize] = [NO_CHIP; 6];
    let graph = graph(9, &[(0, &[1, 2, island], 4)]);
    let failure = run(&graph, &board, &in_order(9, 1), &Options::default());
    assert_eq!(failure, Err(MapFailure::Unreachable { from: (0, 0), to: (2, 1) }));
}
