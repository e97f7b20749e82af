//! Maps a machine graph onto a board: where every slice runs, how its packets get there, by which keys and tables.
//!
//! Takes: [`MachineGraph`] (vertices that each need a core, nets between them), [`Board`].  Gives: [`Mapping`].
//! Invariants: nothing here knows a circuit, a weight or an image: graphs of other tools come the same way. Every mapping that is
//!   given out was proven by following every key through every table; same input and seed, same mapping on every host.
//! The way: [`mod@place`] → [`mod@route`] → [`tables::plain`] → [`mod@keys`] → [`tables::minimise`] → [`mod@verify`].

pub mod board;
mod damage;
pub mod file;
pub mod graph;
pub mod keys;
pub mod metrics;
pub mod place;
pub mod route;
pub mod simulate;
pub mod tables;
#[cfg(test)]
mod testing;
pub mod verify;
mod walk;

pub use board::{Board, BoardChip, Link};
pub use graph::{Group, GroupId, MachineGraph, Net, NetId, Vertex, VertexId};
pub use keys::Keys;
pub use metrics::Metrics;
pub use place::{Placement, Site};
pub use route::{Routes, TreeNode};
pub use tables::{CoreSet, Entry, Tables};

use crate::partition::Shortfalls;
use crate::timings::{Timings, timed};
use std::time::Duration;

/// Most threads that a stage uses.
pub const THREADS: usize = 2;

/// How much time may go into quality.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Effort {
    /// Constructive passes only.
    Fast,
    /// Improves what pays for its time.
    #[default]
    Default,
    /// Improves until nothing more is found, or the time budget is spent.
    Best,
}

/// What may be asked of a mapping.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Options {
    /// Time against quality.
    pub effort: Effort,
    /// Seed of everything that is drawn.
    pub seed: u64,
    /// Longest time for improving the placement. The mapping then depends on the speed of the host.
    pub budget: Option<Duration>,
    /// Whether the keys of a group's nets must lie together ([`mod@keys`]), as the source tables of circuits need it. Tables are
    /// smaller where each net's keys are free.
    pub keys_grouped: bool,
}

/// A graph on a board.
#[derive(Clone, PartialEq, Debug)]
pub struct Mapping {
    /// Where each vertex is.
    pub placement: Placement,
    /// The tree of each net.
    pub routes: Routes,
    /// The keys of each net.
    pub keys: Keys,
    /// The table of each chip.
    pub tables: Tables,
    /// Seconds of each stage: place, route, keys, tables, compress, verify.
    pub seconds: Timings,
}

/// Why there is no mapping.
#[derive(Clone, PartialEq, Debug)]
pub enum MapFailure {
    /// The graph does not fit the board.
    DoesNotFit(Shortfalls),
    /// No working links join a source and a target.
    Unreachable {
        /// Chip of the source.
        from: (u16, u16),
        /// Chip of the target.
        to: (u16, u16),
    },
    /// The tables that were made are wrong: a bug of ours.
    Wrong(String),
}

impl From<Shortfalls> for MapFailure {
    fn from(shortfalls: Shortfalls) -> Self {
        MapFailure::DoesNotFit(shortfalls)
    }
}

/// Maps, and proves the result.
///
/// # Errors
/// See [`MapFailure`].
pub fn run(graph: &MachineGraph, board: &Board, options: &Options) -> Result<Mapping, MapFailure> {
    let mut seconds = Timings::new();
    let placement = timed(&mut seconds, "place", || place::run(graph, board, options))?;
    let routes = timed(&mut seconds, "route", || route::run(graph, board, &placement, options))?;
    let plain = timed(&mut seconds, "tables", || tables::plain(graph, board, &placement, &routes));
    let keys = timed(&mut seconds, "keys", || keys::run(graph, board, &placement, &plain, options))?;
    let tables = timed(&mut seconds, "compress", || tables::minimise(graph, board, &plain, &keys, options))?;
    timed(&mut seconds, "verify", || verify::run(graph, board, &placement, &keys, &tables)).map_err(MapFailure::Wrong)?;
    Ok(Mapping { placement, routes, keys, tables, seconds })
}

/// What SplitMix64 adds for each number: 2^64 over the golden ratio.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The number that SplitMix64 gives after `state` (Steele, Lea, Flood, OOPSLA 2014).
fn mix(state: u64) -> u64 {
    let z = state.wrapping_add(GOLDEN);
    let z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ z >> 31
}
