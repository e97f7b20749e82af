//! Placing on random damaged boards; exactness of what annealing keeps; orders; shortfalls.

use super::super::board::NO_CHIP;
use super::super::testing::{graph, grid};
use super::*;
use proptest::prelude::*;

/// Cuts links both ways; a dead chip loses all of its links and its cores.
fn damage(board: &mut Board, dead_chips: &[usize], dead_links: &[(usize, usize)]) {
    let chips = board.chips.len();
    let dead: Vec<usize> = dead_chips.iter().map(|c| c % chips).collect();
    dead.iter().for_each(|c| board.chips[*c].cores = 0);
    let links = dead_links.iter().map(|(chip, link)| (chip % chips, link % 6));
    for (chip, link) in links.chain(dead.iter().flat_map(|c| (0..6).map(|link| (*c, link)))) {
        let other = std::mem::replace(&mut board.neighbours[chip][link], NO_CHIP);
        if other != NO_CHIP {
            board.neighbours[other as usize][(link + 3) % 6] = NO_CHIP;
        }
    }
}

/// By chip the first chip of its part of the board.
fn parts(board: &Board) -> Vec<usize> {
    let mut part: Vec<usize> = (0..board.chips.len()).collect();
    for _ in 0..part.len() {
        for chip in 0..part.len() {
            for other in board.neighbours[chip].iter().filter(|n| **n != NO_CHIP) {
                part[chip] = part[chip].min(part[*other as usize]);
            }
        }
    }
    part
}

fn random_graph(vertices: usize, picks: &[(usize, Vec<usize>)], bytes: &[u64]) -> MachineGraph {
    let nets: Vec<(usize, Vec<u32>)> = (0..vertices)
        .zip(picks.iter().cycle())
        .map(|(source, (shift, targets))| {
            let mut targets: Vec<u32> = targets.iter().map(|t| ((t + source / (shift + 1)) % vertices) as u32).collect();
            targets.sort_unstable();
            targets.dedup();
            (source, targets)
        })
        .collect();
    let nets: Vec<(usize, &[u32], u8)> = nets.iter().map(|(s, t)| (*s, t.as_slice(), 0)).collect();
    let mut graph = graph(vertices, &nets);
    for ((_, vertex), bytes) in graph.vertices.iter_mut().zip(bytes.iter().cycle()) {
        vertex.shared_bytes = *bytes;
    }
    graph
}

fn options(effort: Effort, seed: u64) -> Options {
    Options { effort, seed, ..Options::default() }
}

/// What is wrong with a placement, if anything.
fn check(graph: &MachineGraph, board: &Board, placement: &Placement) -> Result<(), String> {
    let mut sites: Vec<Site> = placement.values().to_vec();
    sites.sort_unstable();
    if sites.windows(2).any(|w| w[0] == w[1]) || sites.len() != graph.vertices.len() {
        return Err("a core has two vertices, or a vertex no core".to_string());
    }
    if sites.iter().any(|s| s.core >= board.chips[s.chip as usize].cores) {
        return Err("a core does not exist".to_string());
    }
    let part = parts(board);
    if sites.iter().any(|s| part[s.chip as usize] != part[sites[0].chip as usize]) {
        return Err("vertices on parts of the board that no link joins".to_string());
    }
    let mut bytes = vec![0; board.chips.len()];
    placement.iter().for_each(|(v, site)| bytes[site.chip as usize] += graph.vertices[v].shared_bytes);
    let full = |(used, chip): (&u64, &super::super::BoardChip)| *used > chip.shared_bytes;
    if bytes.iter().zip(&board.chips).any(full) { Err("too much memory used".to_string()) } else { Ok(()) }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn placements_are_sound(
        (width, height, cores, wrap) in (1u16..7, 1u16..7, 1u16..5, any::<bool>()),
        dead_chips in prop::collection::vec(0usize..50, 0..4),
        dead_links in prop::collection::vec((0usize..50, 0usize..6), 0..12),
        fill in 0usize..120,
        picks in prop::collection::vec((0usize..6, prop::collection::vec(0usize..60, 1..9)), 1..8),
        bytes in prop::collection::vec(0u64..400, 1..5),
        seed in any::<u64>(),
    ) {
        let mut board = grid(width, height, cores, wrap && width > 2 && height > 2);
        damage(&mut board, &dead_chips, &dead_links);
        let vertices = (board.cores() as usize * fill / 100).max(1);
        let graph = random_graph(vertices, &picks, &bytes);
        for effort in [Effort::Fast, Effort::Default] {
            let placed = run(&graph, &board, &options(effort, seed));
            prop_assert_eq!(&placed, &run(&graph, &board, &options(effort, seed)));
            match placed {
                Ok(placement) => prop_assert_eq!(check(&graph, &board, &placement), Ok(())),
                Err(Shortfalls(missing)) => {
                    prop_assert!(!missing.is_empty());
                    prop_assert!(missing.iter().all(|s| s.needs > s.has), "{missing:?}");
                }
            }
        }
    }

    #[test]
    fn annealing_knows_its_cost_and_is_exact(
        picks in prop::collection::vec((0usize..6, prop::collection::vec(0usize..60, 1..9)), 1..8),
        seed in any::<u64>(),
    ) {
        let board = grid(5, 4, 3, true);
        let graph = random_graph(50, &picks, &[300, 10]);
        let room = Room { graph: &graph, board: &board, usable: fill::usable(&board) };
        let (metric, nets) = (Metric::of(&board), Hypergraph::of(&graph));
        let file: Vec<u32> = (0..50).collect();
        let chip_of = fill::in_order(&graph, &board, &file, &room.usable, 3).unwrap();
        let mut state = State::new(&room, &nets, &metric, chip_of);
        state.run(&Schedule { hot: 0.5, cold: 0.05, work: 100_000, until: None }, seed);
        prop_assert_eq!(state.cost as u64, estimate(&nets, &metric, state.placed()));
        prop_assert!(room.used(state.placed()).iter().all(|(cores, bytes)| *cores <= 3 && *bytes <= 1000));
        state.boost(&[0]);
        state.run(&Schedule { hot: 0.5, cold: 0.05, work: 20_000, until: None }, seed);
        prop_assert!(state.cost as u64 >= estimate(&nets, &metric, state.placed()));
    }
}

/// A ring whose vertices the file has in another order.
fn hidden_ring(vertices: usize) -> MachineGraph {
    let place = |at: usize| (at * 37 % vertices) as u32;
    let mut nets: Vec<(usize, Vec<u32>)> = (0..vertices)
        .map(|at| {
            let mut targets: Vec<u32> = (1..6).map(|step| place((at + step) % vertices)).collect();
            targets.sort_unstable();
            (place(at) as usize, targets)
        })
        .collect();
    nets.sort();
    let nets: Vec<(usize, &[u32], u8)> = nets.iter().map(|(s, t)| (*s, t.as_slice(), 0)).collect();
    graph(vertices, &nets)
}

#[test]
fn more_effort_finds_what_the_file_hides() {
    let (board, graph) = (grid(6, 6, 4, true), hidden_ring(120));
    let (metric, nets) = (Metric::of(&board), Hypergraph::of(&graph));
    let cost = |placement: &Placement| {
        let chips: Vec<u32> = placement.values().iter().map(|s| s.chip).collect();
        estimate(&nets, &metric, &chips)
    };
    let in_file_order = cost(&super::super::testing::in_order(120, 4));
    let [fast, default] = [Effort::Fast, Effort::Default].map(|e| cost(&run(&graph, &board, &options(e, 1)).unwrap()));
    assert!(fast * 10 < in_file_order * 8, "{fast} of {in_file_order}");
    assert!(default * 10 < fast * 9, "{default} of {fast}");
}

#[test]
fn slices_that_fit_one_chip_stay_there_in_order() {
    let board = grid(3, 3, 8, false);
    let all: Vec<u32> = (0..8).collect();
    let nets: Vec<(usize, &[u32], u8)> = (0..8).map(|s| (s, all.as_slice(), 4)).collect();
    let placement = run(&graph(8, &nets), &board, &options(Effort::Default, 0)).unwrap();
    let chip = placement.values()[0].chip;
    assert!((0..).zip(placement.values()).all(|(core, site)| *site == Site { chip, core }));
}

#[test]
fn where_chips_have_cores_to_spare_they_share_evenly() {
    let board = grid(2, 2, 8, false);
    let all: Vec<u32> = (0..11).collect();
    let nets: Vec<(usize, &[u32], u8)> = (0..11).map(|s| (s, all.as_slice(), 4)).collect();
    let graph = graph(11, &nets);
    let placement = run(&graph, &board, &options(Effort::Default, 0)).unwrap();
    let mut on = [0; 4];
    placement.values().iter().for_each(|site| on[site.chip as usize] += 1);
    on.sort_unstable();
    assert_eq!(on, [0, 0, 5, 6]);
}

#[test]
fn distances_of_large_boards_are_those_of_whole_ones() {
    for (width, height, wrap) in [(9, 7, true), (6, 8, false)] {
        let board = grid(width, height, 1, wrap);
        let (exact, offset) = (Metric::exact(&board), Metric::by_offset(&board));
        for a in 0..board.chips.len() as u32 {
            for b in 0..board.chips.len() as u32 {
                assert_eq!(exact.distance(a, b), offset.distance(a, b), "{a} to {b} on {width}×{height}");
            }
        }
    }
}

#[test]
fn the_curve_goes_by_small_steps() {
    for (width, height) in [(12, 12), (8, 8), (48, 24), (5, 7), (1, 9)] {
        let board = grid(width, height, 1, false);
        let metric = Metric::of(&board);
        let curve = order::along_curve(&board, &fill::usable(&board));
        let mut sorted = curve.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..board.chips.len() as u32).collect::<Vec<_>>());
        assert!(curve.windows(2).all(|w| metric.distance(w[0], w[1]) <= 2));
    }
}

#[test]
fn shortfalls_say_what_is_missing() {
    let mut board = grid(4, 1, 2, false);
    let short = |graph: &MachineGraph, board: &Board| {
        let Err(Shortfalls(missing)) = run(graph, board, &Options::default()) else { panic!("placed") };
        missing.into_iter().map(|s| (s.what, s.needs, s.has)).collect::<Vec<_>>()
    };
    assert_eq!(short(&graph(9, &[]), &board), [("cores".to_string(), 9, 8)]);
    let heavy = random_graph(5, &[(0, vec![0])], &[600]);
    let what = "shared memory in one piece on a chip with a free core, for vertex 4".to_string();
    assert_eq!(short(&heavy, &board), [(what, 600, 400)]);
    let heavier = random_graph(1, &[(0, vec![0])], &[1001]);
    assert_eq!(short(&heavier, &board), [("shared memory of one chip, for vertex 0".to_string(), 1001, 1000)]);
    damage(&mut board, &[], &[(1, 0)]);
    assert_eq!(short(&graph(5, &[]), &board), [("cores that working links join".to_string(), 5, 4)]);
}

#[test]
fn nothing_needs_nothing() {
    let placed = run(&MachineGraph::default(), &grid(1, 1, 0, false), &Options::default());
    assert_eq!(placed.unwrap().len(), 0);
}
