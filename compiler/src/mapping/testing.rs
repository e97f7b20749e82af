//! Small boards, graphs and tables for tests.
#![allow(clippy::expect_used)]

use super::board::NO_CHIP;
use super::simulate::{Followed, every_key};
use super::{
    Board, BoardChip, CoreSet, Entry, Group, Keys, MachineGraph, Metrics, Net, Placement, Site, Tables, Vertex, VertexId, verify,
};
use crate::table::Id;
use std::collections::VecDeque;

/// A graph on a board, with tables that nobody has checked.
#[derive(Clone, Debug)]
pub(super) struct Small {
    pub graph: MachineGraph,
    pub board: Board,
    pub placement: Placement,
    pub keys: Keys,
    pub tables: Tables,
}

impl Small {
    pub(super) fn verify(&self) -> Result<(), String> {
        verify::run(&self.graph, &self.board, &self.placement, &self.keys, &self.tables)
    }

    pub(super) fn every_key(&self) -> Result<Followed, String> {
        every_key(&self.graph, &self.board, &self.placement, &self.keys, &self.tables)
    }

    pub(super) fn metrics(&self) -> Metrics {
        Metrics::of(&self.graph, &self.board, &self.placement, &self.keys, &self.tables)
    }
}

/// A full grid; with or without links around its edges. Boards are two columns wide.
pub(super) fn grid(width: u16, height: u16, cores: u16, wrap: bool) -> Board {
    let chips: Vec<BoardChip> = (0..width)
        .flat_map(|x| (0..height).map(move |y| BoardChip { x, y, cores, shared_bytes: 1000, board: (x / 2 * 2, 0) }))
        .collect();
    let inside = |chip: &BoardChip, d: usize| {
        let (dx, dy) = bouton_targets::machine::STEPS[d];
        let (x, y) = (i32::from(chip.x) + dx, i32::from(chip.y) + dy);
        (0..i32::from(width)).contains(&x) && (0..i32::from(height)).contains(&y)
    };
    let mask = |chip: &BoardChip| (0..6).filter(|d| wrap || inside(chip, *d)).fold(0, |mask, d| mask | 1 << d);
    let masks: Vec<u8> = chips.iter().map(mask).collect();
    Board::new("grid".to_string(), width, height, chips, &masks, 1023)
}

/// One group, a net from each source to its targets, each with its `key_bits`; rates 2, 5, 8, …
pub(super) fn graph(vertices: usize, nets: &[(usize, &[u32], u8)]) -> MachineGraph {
    let mut graph = MachineGraph::default();
    graph.groups.push(Group { name: "all".to_string(), first: 0, count: vertices as u32 });
    for _ in 0..vertices {
        graph.vertices.push(Vertex { shared_bytes: 10 });
    }
    for (at, (source, targets, key_bits)) in nets.iter().enumerate() {
        let net = Net {
            source: VertexId::from_index(*source),
            keys_with: 0,
            rate: 2.0 + 3.0 * at as f64,
            key_bits: *key_bits,
            first_range: 0,
            ranges: 0,
        };
        graph.add_net(net, targets.iter().copied());
    }
    graph
}

/// Vertices in order on the cores of the board, from the first chip on, `per_chip` to each.
pub(super) fn in_order(vertices: usize, per_chip: usize) -> Placement {
    (0..vertices).map(|v| Site { chip: (v / per_chip) as u32, core: (v % per_chip) as u16 }).collect()
}

/// One entry for each net on each chip of a tree of shortest paths.
pub(super) fn one_entry_each(graph: &MachineGraph, board: &Board, placement: &Placement, keys: &Keys) -> Tables {
    let mut tables: Tables = vec![Vec::new(); board.chips.len()];
    for (id, net) in graph.nets.iter() {
        let source = placement[net.source].chip as usize;
        let mut from = vec![None; board.chips.len()];
        let mut queue = VecDeque::from([source]);
        while let Some(at) = queue.pop_front() {
            for (d, next) in board.neighbours[at].iter().enumerate().filter(|(_, next)| **next != NO_CHIP) {
                if *next as usize != source && from[*next as usize].is_none() {
                    from[*next as usize] = Some((at, d));
                    queue.push_back(*next as usize);
                }
            }
        }
        let mut does = vec![(0_u8, CoreSet::default(), false); board.chips.len()];
        does[source].2 = true;
        for target in graph.targets_of(net) {
            let mut at = placement[target].chip as usize;
            does[at].1.insert(placement[target].core);
            while !does[at].2 {
                does[at].2 = true;
                let (before, d) = from[at].expect("a grid is connected");
                does[before].0 |= 1 << d;
                at = before;
            }
        }
        let mask = u32::MAX << net.key_bits;
        for (table, (links, cores, _)) in tables.iter_mut().zip(does).filter(|(_, (_, _, here))| *here) {
            table.push(Entry { key: keys[id], mask, links, cores });
        }
    }
    tables
}

/// Three chips in a line, of boards 0, 0 and 1, two cores each; net 0 from vertex 0 (chip 0) to vertices 2 (chip 1) and 4 (chip 2)
/// with the keys 8 to 11, net 1 from vertex 3 (chip 1) to vertex 0 with the key 4.
pub(super) fn line_of_three() -> Small {
    let board = grid(3, 1, 2, false);
    let graph = graph(6, &[(0, &[2, 4], 2), (3, &[0], 0)]);
    let placement = in_order(6, 2);
    let keys: Keys = [8, 4].into_iter().collect();
    let tables = one_entry_each(&graph, &board, &placement, &keys);
    Small { graph, board, placement, keys, tables }
}
