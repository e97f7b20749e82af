//! Machine graphs of published kinds: they are the ones that are meant, their files say the same, and they are mapped without error.

use bouton_compiler::mapping::board::NO_CHIP;
use bouton_compiler::mapping::file::{read_graph, read_machine};
use bouton_compiler::mapping::simulate::every_key;
use bouton_compiler::mapping::{self, Board, Metrics, Options};
use bouton_compiler::table::Id;
use bouton_targets::machine::Machine;
use bouton_tests::machine_graphs::{self, Generated, damaged, machine_text, mix, uniform};

fn board(name: &str) -> Board {
    Board::of(&Machine::named(name).expect("it is listed").expect("it is sound"))
}

#[test]
fn draws_are_the_published_ones() {
    assert_eq!((mix(0), mix(1)), (0xe220_a839_7b1d_cdaf, 0x910a_2dec_8902_5cc1));
    assert_eq!(uniform(1, 10, 0, 1), 0.198_863_020_429_861_81);
    assert!((uniform(4, 40, 7, 0) - 0.319_079_955_382_95).abs() < 1e-14);
    assert!((uniform(7, 1, 258, 0) - 0.327_565_537_324_379).abs() < 1e-14);
}

#[test]
fn graphs_have_the_published_sizes() {
    let sizes = |made: &Generated| {
        let nets = made.nets.iter().filter(|(_, targets)| !targets.is_empty()).count();
        (made.populations.len(), made.vertices.len(), nets, made.edges())
    };
    assert_eq!(sizes(&machine_graphs::vogels_abbott(256)), (2, 17, 17, 289));
    assert_eq!(sizes(&machine_graphs::vogels_abbott(64)), (2, 63, 63, 3969));
    assert_eq!(sizes(&machine_graphs::forty_random()), (40, 40, 40, 320));
    assert_eq!(sizes(&machine_graphs::convolutions()), (11, 649, 648, 14_672));
    assert_eq!(sizes(&machine_graphs::small_world("damaged_600", "", 8, 150, 4)), (150, 600, 600, 14_341));
    assert_eq!(sizes(&machine_graphs::small_world("smallworld_2000", "", 3, 250, 8)), (250, 2000, 2000, 47_959));
    assert_eq!(sizes(&machine_graphs::potjans_diesmann(64)), (8, 1210, 1210, 1_408_704));
}

#[test]
fn a_graph_is_the_same_after_writing_and_reading() {
    for made in [machine_graphs::vogels_abbott(64), machine_graphs::convolutions(), machine_graphs::forty_random()] {
        let file = read_graph(&made.name, made.text().as_bytes()).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!((file.name, file.machine), (made.name, made.machine));
        let groups: Vec<_> = file.graph.groups.values().iter().map(|g| (g.name.clone(), g.count)).collect();
        assert_eq!(groups, made.populations.iter().map(|(name, _, vertices)| (name.clone(), *vertices)).collect::<Vec<_>>());
        let mut nets = vec![None; made.vertices.len()];
        for net in file.graph.nets.values() {
            let targets: Vec<u32> = file.graph.targets_of(net).map(|t| t.index() as u32).collect();
            nets[net.source.index()] = Some((net.rate, targets));
            assert_eq!(net.keys_with, made.vertices[net.source.index()].0);
        }
        let written: Vec<_> = made.nets.into_iter().map(|net| Some(net).filter(|(_, targets)| !targets.is_empty())).collect();
        assert_eq!(nets, written);
    }
}

#[test]
fn a_machine_is_the_same_after_writing_and_reading() {
    for board in [board("spinn3"), board("spinn5"), damaged(&board("spinn5"), 7, 5, 12)] {
        assert_eq!(read_machine("m", machine_text(&board).as_bytes()), Ok(board));
    }
}

#[test]
fn damage_is_the_published_one() {
    let board = damaged(&board("spinn5"), 7, 5, 12);
    let links: usize = board.neighbours.iter().flatten().filter(|next| (**next as usize) < board.chips.len()).count();
    assert_eq!((board.chips.len(), links), (43, 2 * 86));
    assert!([(0, 1), (0, 3), (5, 1), (5, 5), (6, 5)].into_iter().all(|(x, y)| board.chip_at(x, y).is_none()));
    let cut = |x, y, d: usize| board.neighbours[board.chip_at(x, y).expect("it is there")][d] == NO_CHIP;
    assert!(cut(1, 1, 1) && cut(2, 2, 4) && cut(2, 3, 5) && cut(5, 6, 0) && cut(6, 6, 3) && !cut(0, 0, 0));
}

#[test]
fn every_kind_of_graph_is_mapped_so_that_every_key_arrives() {
    let thin = |mut board: Board| {
        board.chips.iter_mut().for_each(|chip| chip.cores = 1);
        board
    };
    let cases = [
        (machine_graphs::vogels_abbott(256), board("spinn3")),
        (machine_graphs::vogels_abbott(64), board("spinn3")),
        (machine_graphs::forty_random(), thin(damaged(&board("spinn5"), 7, 5, 12))),
        (machine_graphs::convolutions(), board("spinn5")),
        (machine_graphs::small_world("damaged_600", "", 8, 150, 4), damaged(&board("spinn5"), 7, 5, 12)),
    ];
    for (made, board) in cases {
        let graph = read_graph(&made.name, made.text().as_bytes()).expect("it was written by us").graph;
        let mapping = mapping::run(&graph, &board, &Options::default()).unwrap_or_else(|e| panic!("{}: {e:?}", made.name));
        let followed = every_key(&graph, &board, &mapping.placement, &mapping.keys, &mapping.tables);
        let followed = followed.unwrap_or_else(|e| panic!("{}: {e}", made.name));
        let metrics = Metrics::of(&graph, &board, &mapping.placement, &mapping.keys, &mapping.tables);
        assert!(metrics.valid && followed.deliveries >= made.edges() as u64, "{}: {metrics:?}", made.name);
    }
}
