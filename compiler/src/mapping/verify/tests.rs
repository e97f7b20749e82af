//! Wrong tables are refused in the right words, and exactly those that sending every key finds wrong.

use super::*;
use crate::mapping::testing::{Small, graph, grid, in_order, line_of_three, one_entry_each};
use crate::mapping::{Entry, Site, VertexId};
use proptest::prelude::*;

const EAST: u8 = 1;
const WEST: u8 = 1 << 3;

/// The complaint about a line of three chips after a change; sending every key finds it too, unless no key is affected.
#[track_caller]
fn complaint(change: impl Fn(&mut Small)) -> String {
    let mut small = line_of_three();
    assert_eq!(small.verify(), Ok(()));
    change(&mut small);
    small.verify().expect_err("it is wrong")
}

#[track_caller]
fn refused(expected: &str, change: impl Fn(&mut Small)) {
    let mut small = line_of_three();
    change(&mut small);
    assert!(small.every_key().is_err());
    assert!(!small.metrics().valid);
    let found = complaint(change);
    assert!(found.contains(expected), "{found}");
}

#[test]
fn a_target_that_is_not_reached_is_named() {
    refused(
        "net0 of vertex0 on chip (0, 0), key 0x00000008 and 3 more: on chip (1, 0) it reaches the cores none; expected 0",
        |s| {
            s.tables[1][0].cores = CoreSet::default();
        },
    );
    refused("0 of 4 keys come to chip (2, 0); expected all, for its cores 0", |s| s.tables[1][0].links = 0);
}

#[test]
fn a_part_of_the_keys_is_named() {
    refused("key 0x0000000a and 1 more: on chip (1, 0) it reaches the cores 1; expected 0", |s| {
        let mut upper = s.tables[1][0];
        (upper.key, upper.mask) = (upper.key | 2, upper.mask | 2);
        upper.cores = [1].into_iter().collect();
        s.tables[1].insert(0, upper);
    });
}

#[test]
fn cores_that_are_no_targets_are_named() {
    refused("on chip (0, 0) it reaches the cores 1; expected none", |s| s.tables[0][0].cores.insert(1));
    refused("reaches the cores 0, 150; expected 0", |s| s.tables[2][0].cores.insert(150));
}

#[test]
fn a_lost_packet_is_called_so() {
    refused("net1 of vertex3 on chip (1, 0), key 0x00000004: 0 of 1 keys come to chip (0, 0)", |s| {
        s.tables[1].remove(1);
    });
    let mut small = line_of_three();
    small.graph.ranges[0] = (0, 0);
    small.tables[0].remove(0);
    let found = small.verify().expect_err("it is wrong");
    assert!(found.contains("where no entry matches and it is lost it reaches the cores none; expected 0"), "{found}");
}

#[test]
fn a_chip_that_is_visited_twice_and_a_loop_are_named() {
    refused("it comes to chip (1, 0) a second time", |s| s.tables[2][0].links = WEST);
    let ring = |links| {
        let mut small = line_of_three();
        small.board = grid(3, 1, 2, true);
        small.tables[2][0].links = links;
        small
    };
    assert_eq!(ring(0).verify(), Ok(()));
    let around = ring(EAST);
    assert!(around.every_key().is_err());
    assert!(around.verify().expect_err("it is a loop").contains("it comes to chip (0, 0) a second time"));
}

#[test]
fn a_dead_link_is_named() {
    refused("it leaves chip (2, 0) by link 0, which is not there", |s| s.tables[2][0].links = EAST);
    refused("it leaves chip (1, 0) by link 2, which is not there", |s| s.tables[1][0].links |= 1 << 2);
    refused("by link 7, which is not there", |s| s.tables[2][0].links = 1 << 7);
}

#[test]
fn an_entry_with_key_bits_outside_its_mask_matches_nothing() {
    refused("0 of 1 keys come to chip (0, 0)", |s| s.tables[1][1].mask = !4);
}

#[test]
fn default_routing_goes_straight_on() {
    let mut small = line_of_three();
    small.graph.ranges[0] = (0, 0);
    small.tables[0][0].cores.insert(0);
    small.tables[1][0].cores = CoreSet::default();
    small.tables[1].remove(0);
    assert_eq!(small.verify(), Ok(()));
    assert!(small.every_key().is_ok());
    small.graph.nets[NetId::from_index(0)].ranges = 1;
    small.tables[2].clear();
    let found = small.verify().expect_err("nobody takes it from chip 2");
    assert!(found.contains("it leaves chip (2, 0) by link 0, which is not there"), "{found}");
}

#[test]
fn sites_keys_and_sizes_are_checked() {
    let vertex = VertexId::from_index(1);
    assert!(
        complaint(|s| s.placement[vertex] = Site { chip: 0, core: 0 }).contains("vertex1 is on core 0 of chip (0, 0), and so is")
    );
    assert!(complaint(|s| s.placement[vertex] = Site { chip: 0, core: 2 }).contains("which has 2 cores"));
    assert!(complaint(|s| s.placement[vertex] = Site { chip: 9, core: 0 }).contains("chip 9, which is not"));
    assert!(complaint(|s| s.graph.vertices[vertex].shared_bytes = u64::MAX).contains("more memory than"));
    assert!(complaint(|s| s.keys[NetId::from_index(0)] = 10).contains("expected a multiple of 0x4"));
    assert!(complaint(|s| s.keys[NetId::from_index(1)] = 11).contains("net0 and net1 share the key 0x0000000b"));
    assert!(complaint(|s| s.board.router_entries = 1).contains("the table of chip (0, 0) has 2 entries; its router has 1"));
    let one_more = complaint(|s| {
        s.keys.push(0);
    });
    assert!(one_more.contains("3 of 2 nets have keys"), "{one_more}");
}

#[test]
fn the_first_net_that_is_wrong_is_told_on_two_threads_too() {
    let targets: Vec<u32> = (0..16).collect();
    let nets: Vec<(usize, &[u32], u8)> = (0..600).map(|source| (source, targets.as_slice(), 1)).collect();
    let (graph, board, placement) = (graph(600, &nets), grid(10, 4, 15, true), in_order(600, 15));
    let keys: Keys = (0..600).map(|net| 2 * net).collect();
    let tables = one_entry_each(&graph, &board, &placement, &keys);
    let mut small = Small { graph, board, placement, keys, tables };
    assert_eq!(small.verify(), Ok(()));
    for wrong in [590, 400, 20] {
        let entry = small.tables[0].iter_mut().find(|e| e.key == 2 * wrong).expect("every net comes here");
        entry.cores = CoreSet::default();
        let found = small.verify().expect_err("a target is missing");
        assert!(found.starts_with(&format!("net{wrong} ")), "{found}");
    }
}

/// A change of one entry, or of the order of two.
#[derive(Clone, Debug)]
enum Change {
    Key(u32),
    Mask(u32),
    /// The bit is not looked at any more.
    Widen(u32),
    Link(u32),
    Core(u16),
    Remove,
    Swap(usize),
    Copy(usize),
}

fn change() -> impl Strategy<Value = (usize, usize, Change)> {
    let what = prop_oneof![
        (0_u32..8).prop_map(Change::Key),
        (0_u32..8).prop_map(Change::Mask),
        (0_u32..8).prop_map(Change::Widen),
        (0_u32..8).prop_map(Change::Widen),
        (0_u32..7).prop_map(Change::Link),
        (0_u16..3).prop_map(Change::Core),
        Just(Change::Remove),
        any::<usize>().prop_map(Change::Swap),
        any::<usize>().prop_map(Change::Copy),
    ];
    (any::<usize>(), any::<usize>(), what)
}

fn apply(tables: &mut Tables, (chip, at, change): &(usize, usize, Change)) {
    let chip = chip % tables.len();
    let table = &mut tables[chip];
    if table.is_empty() {
        return;
    }
    let (count, at) = (table.len(), at % table.len());
    let entry = &mut table[at];
    match change {
        Change::Key(bit) => entry.key ^= 1 << bit,
        Change::Mask(bit) => entry.mask ^= 1 << bit,
        Change::Widen(bit) => (entry.mask, entry.key) = (entry.mask & !(1 << bit), entry.key & !(1 << bit)),
        Change::Link(bit) => entry.links ^= 1 << bit,
        Change::Core(core) if entry.cores.contains(*core) => entry.cores.remove(*core),
        Change::Core(core) => entry.cores.insert(*core),
        Change::Remove => drop(table.remove(at)),
        Change::Swap(other) => table.swap(at, other % count),
        Change::Copy(to) => {
            let copy: Entry = *entry;
            table.insert(to % count, copy);
        }
    }
}

prop_compose! {
    fn small()(width in 1_u16..4, height in 1_u16..4, wrap in any::<bool>())(
        nets in prop::collection::vec((prop::collection::btree_set(0..2 * u32::from(width * height), 1..5), 0_u8..4), 1..6),
        order in Just((0..2 * usize::from(width * height)).collect::<Vec<_>>()).prop_shuffle(),
        size in Just((width, height)), wrap in Just(wrap),
    ) -> Small {
        let vertices = order.len();
        let nets: Vec<(Vec<u32>, u8)> = nets.into_iter().take(vertices).map(|(t, bits)| (t.into_iter().collect(), bits)).collect();
        let nets: Vec<(usize, &[u32], u8)> = nets.iter().enumerate().map(|(source, (t, bits))| (source, t.as_slice(), *bits)).collect();
        let (graph, board) = (graph(vertices, &nets), grid(size.0, size.1, 2, wrap));
        let placement: Placement = order.iter().map(|v| Site { chip: (v / 2) as u32, core: (v % 2) as u16 }).collect();
        let keys: Keys = (0..nets.len() as u32).map(|net| 8 * net).collect();
        let tables = one_entry_each(&graph, &board, &placement, &keys);
        Small { graph, board, placement, keys, tables }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn exactly_what_sending_every_key_finds_wrong_is_refused(
        mut small in small(),
        changes in prop::collection::vec(change(), 0..6),
    ) {
        prop_assert_eq!(small.verify(), Ok(()));
        changes.iter().for_each(|change| apply(&mut small.tables, change));
        let (proven, sent) = (small.verify(), small.every_key());
        prop_assert_eq!(proven.is_ok(), sent.is_ok(), "{:?}\n{:?}", proven, sent);
        prop_assert_eq!(small.metrics().valid, sent.is_ok());
    }
}
