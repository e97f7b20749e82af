//! Placement: a chip and a core for every vertex.

use super::{Board, MachineGraph, Options, VertexId};
use crate::partition::{Shortfall, Shortfalls};
use crate::table::Table;

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

/// Places all vertices.
///
/// # Errors
/// When there are not enough cores or not enough shared memory.
pub fn run(graph: &MachineGraph, board: &Board, options: &Options) -> Result<Placement, Shortfalls> {
    let _ = options;
    let (needs, has) = (graph.vertices.len() as u64, board.cores());
    if needs > has {
        return Err(Shortfalls(vec![Shortfall { what: "cores".into(), needs, has, unit: "" }]));
    }
    let sites = (0..).zip(&board.chips).flat_map(|(chip, c)| (0..c.cores).map(move |core| Site { chip, core }));
    Ok(graph.vertices.ids().zip(sites).map(|(_, site)| site).collect())
}
