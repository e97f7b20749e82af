//! Which nets cross the busiest links, once routed.
//!
//! Takes: a chip for every vertex.  Gives: packets in a tick on the busiest link; the nets on links with nearly as many.
//! Cost: routing once.
//! Source: own, after the negotiated congestion of PathFinder (McMurchie and Ebeling 1995): what is in the way counts more next time.

use super::super::route;
use super::{Task, seated};
use crate::table::Id;

/// Links with at least this share of the busiest one's packets count as busy.
const BUSY: f64 = 0.85;

/// Where the busiest link has no more than this many times the mean of used links, there is little to gain.
const EVEN: f64 = 3.0;

/// Load of the busiest link and the nets on busy ones, ascending; none where links are used evenly. No load where routing fails: that is for routing to report.
pub(super) fn look(task: &Task, chip_of: &[u32]) -> (f64, Vec<u32>) {
    let (graph, board) = (task.room.graph, task.room.board);
    let Ok(routes) = route::run(graph, board, &seated(chip_of), &task.options) else { return (0.0, Vec::new()) };
    let links = |links: u8| (0..6).filter(move |d| links >> d & 1 == 1);
    let mut load = vec![[0.0; 6]; board.chips.len()];
    for (id, net) in graph.nets.iter() {
        for node in routes.of(id) {
            links(node.links).for_each(|d| load[node.chip as usize][d] += net.rate);
        }
    }
    let busiest = load.iter().flatten().copied().fold(0.0, f64::max);
    let (used, sum) = load.iter().flatten().filter(|l| **l > 0.0).fold((0, 0.0), |(n, sum), l| (n + 1, sum + l));
    if busiest * f64::from(used) <= EVEN * sum {
        return (busiest, Vec::new());
    }
    let busy = |id| routes.of(id).iter().any(|node| links(node.links).any(|d| load[node.chip as usize][d] >= BUSY * busiest));
    let mut nets: Vec<u32> = graph.nets.ids().filter(|id| busy(*id)).map(|id| task.nets.joint[id.index()]).collect();
    nets.sort_unstable();
    nets.dedup();
    (busiest, nets)
}
