//! Tests of keys and tables together, on random graphs: what every router does with every key.

use super::{Entry, PlainTables, minimise, plain};
use crate::mapping::{
    Board, BoardChip, Effort, Group, MachineGraph, MapFailure, Net, NetId, Options, Vertex, keys, place, route,
};
use crate::table::Id;
use proptest::prelude::*;

/// A board of 4 × 4 chips without wrap, 5 cores each.
fn board(entries: u32) -> Board {
    let chips: Vec<BoardChip> =
        (0..16).map(|at| BoardChip { x: at / 4, y: at % 4, cores: 5, shared_bytes: 1 << 20, board: (0, 0) }).collect();
    let steps: [(i32, i32); 6] = [(1, 0), (1, 1), (0, 1), (-1, 0), (-1, -1), (0, -1)];
    let mask = |c: &BoardChip| {
        let works = |(dx, dy): &(i32, i32)| (0..4).contains(&(i32::from(c.x) + dx)) && (0..4).contains(&(i32::from(c.y) + dy));
        (0..6).filter(|d| works(&steps[*d])).fold(0u8, |mask, d| mask | 1 << d)
    };
    let masks: Vec<u8> = chips.iter().map(mask).collect();
    Board::new("b".into(), 4, 4, chips, &masks, entries)
}

/// Nets of vertices in groups of 7, from their target ranges.
fn graph(nets: &[(u8, Vec<u32>)]) -> MachineGraph {
    let mut graph = MachineGraph::default();
    for (at, (key_bits, targets)) in (0u32..).zip(nets) {
        if at % 7 == 0 {
            graph.groups.push(Group { name: String::new(), first: at, count: 7.min(nets.len() as u32 - at) });
        }
        let source = graph.vertices.push(Vertex { shared_bytes: 1 });
        let mut targets: Vec<u32> = targets.iter().map(|t| t % nets.len() as u32).collect();
        targets.sort_unstable();
        targets.dedup();
        let net = Net { source, keys_with: at / 7, rate: 1.0, key_bits: *key_bits, first_range: 0, ranges: 0 };
        graph.add_net(net, targets);
    }
    graph
}

/// Every key of every net on every chip: the first entry that matches, or straight on.
fn wrong(graph: &MachineGraph, plain: &PlainTables, keys: &keys::Keys, tables: &[Vec<Entry>]) -> Option<String> {
    plain.0.iter().zip(tables).enumerate().find_map(|(chip, (plain, table))| {
        plain.visits.iter().find_map(|visit| {
            let id = NetId::from_index(visit.net as usize);
            (keys[id]..keys[id] + (1 << graph.nets[id].key_bits)).find_map(|key| {
                let entry = table.iter().find(|e| key & e.mask == e.key);
                let right = entry.map_or(visit.straight, |e| (e.links, e.cores) == plain.routes[visit.route as usize]);
                (!right).then(|| format!("chip {chip}, key {key:x} of {id}: {entry:?}"))
            })
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn every_key_of_a_random_graph_goes_its_way(
        nets in prop::collection::vec((0u8..6, prop::collection::vec(0u32..80, 1..9)), 1..80),
        effort in prop::sample::select(vec![Effort::Fast, Effort::Default, Effort::Best]),
        keys_grouped in any::<bool>(),
        seed in any::<u64>(),
    ) {
        let (graph, board) = (graph(&nets), board(1023));
        let options = Options { effort, seed, keys_grouped, ..Options::default() };
        let quick = Options { effort: Effort::Fast, ..options };
        let placement = place::run(&graph, &board, &quick).unwrap();
        let routes = route::run(&graph, &board, &placement, &quick).unwrap();
        let plain = plain(&graph, &board, &placement, &routes);
        let keys = keys::run(&graph, &board, &placement, &plain, &options).unwrap();
        let mut blocks: Vec<(u32, u8)> = keys.values().iter().zip(&nets).map(|(key, (bits, _))| (*key, *bits)).collect();
        prop_assert!(blocks.iter().all(|(key, bits)| key % (1 << bits) == 0));
        blocks.sort_unstable();
        prop_assert!(blocks.windows(2).all(|w| w[0].0 + (1 << w[0].1) <= w[1].0));
        if keys_grouped {
            for (group, bits) in keys.values().chunks(7).zip(nets.chunks(7)) {
                let stride = 1 << bits.iter().map(|(bits, _)| bits).max().unwrap();
                prop_assert!(group.iter().zip(0..).all(|(key, member)| *key == group[0] + member * stride));
                prop_assert_eq!(group[0] % (stride * group.len().next_power_of_two() as u32), 0);
            }
        }
        let tables = minimise(&graph, &board, &plain, &keys, &options).unwrap();
        prop_assert_eq!(wrong(&graph, &plain, &keys, &tables), None);
        prop_assert_eq!(minimise(&graph, &board, &plain, &keys, &options).unwrap(), tables);
    }
}

#[test]
fn a_table_that_does_not_fit_names_its_chip() {
    let nets: Vec<(u8, Vec<u32>)> = (0..80).map(|at| (0, vec![at / 2, (at * 7) % 80, (at * 13) % 80])).collect();
    let (graph, board, options) = (graph(&nets), board(3), Options::default());
    let failure = crate::mapping::run(&graph, &board, &options).unwrap_err();
    let MapFailure::DoesNotFit(shortfalls) = failure else { panic!("{failure:?}") };
    let first = &shortfalls.0[0];
    assert!(first.what.starts_with("router entries of chip ") && first.has == 3 && first.needs > 3, "{first:?}");
}

#[test]
fn keys_beyond_32_bits_are_an_error_and_full_use_of_them_is_not() {
    let options = Options { keys_grouped: true, ..Options::default() };
    let run = |nets: &[(u8, Vec<u32>)]| crate::mapping::run(&graph(nets), &board(1023), &options);
    assert!(run(&[(30, vec![1]), (30, vec![2]), (30, vec![0]), (29, vec![1])]).is_ok());
    assert!(matches!(run(&[(31, vec![1]), (31, vec![2]), (30, vec![0])]), Err(MapFailure::DoesNotFit(_))));
}
