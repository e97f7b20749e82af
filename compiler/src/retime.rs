//! Gives zero-delay paths hardware latency.
//!
//! Takes: a checked [`Circuit`].  Gives: [`Retiming`], and errors for cycles that have too little delay to give.
//! Invariants: every delay on hardware is at least one tick; a population's latency L is the least that allows it; populations
//!   without incoming connections (so all inputs) have latency 0.
//! Meaning: population p computes its logical tick t at hardware tick t + L(p). So it starts at hardware tick L(p), draws its
//!   random words at the logical tick, and everything recorded of it, or sent out by it, is shifted back: logical tick =
//!   hardware tick - L(p). A connection p -> q of delay d then has the delay d + L(q) - L(p) on hardware; that may be less
//!   than d where p is late itself.
//! Cost: O(populations · connections) at worst, one pass more than the longest zero-delay chain in practice.
//! Source: the difference constraints of retiming, Leiserson and Saxe, "Retiming synchronous circuitry", Algorithmica 6 (1991),
//!   as longest paths with weights 1 - d (Bellman-Ford).
//! Example: x -> h -> y with delays 0 gives L = 0, 1, 2 and delays 1, 1; a skip x -> y of delay 0 then has delay 2.

use crate::circuit::model::ModulatorId;
use crate::circuit::{Circuit, Delay, Distribution, Law, Pattern, PopId, PopulationKind, ProjId, Projection};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Span;
use crate::table::{Id, Table};
use bouton_targets::generate::delay_ticks;
use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

/// The diagnostics of this stage: stable code and title.
pub const CODES: &[(&str, &str)] = &[("E0701", "a cycle with too little delay")];

/// How late each population computes on hardware, and what that adds to delays.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Retiming {
    /// Latency of each population in ticks.
    pub latency: Table<PopId, u32>,
    /// Ticks added to every delay of each projection; negative where the source is later than the target.
    pub extra: Table<ProjId, i32>,
    /// Ticks added to the delay of each modulator of each population; empty for inputs.
    pub modulators: Table<PopId, Table<ModulatorId, i32>>,
}

/// Why population q hears population p.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Link {
    Projection(ProjId),
    Modulator(PopId, ModulatorId),
}

/// A link with its smallest delay in ticks.
#[derive(Clone, Copy, Debug)]
struct Edge {
    link: Link,
    delay: u32,
}

type Links = DiGraph<PopId, Edge>;

/// Latencies of all populations, and the delays they add. Where there are errors, latencies are zero.
#[must_use]
pub fn retime(circuit: &Circuit) -> (Retiming, Diagnostics) {
    let graph = links(circuit);
    let mut diagnostics = Diagnostics::default();
    for component in tarjan_scc(&graph) {
        if let Some(cycle) = cycle_in(&graph, &component) {
            diagnostics.push(refuse(circuit, &graph, &cycle));
        }
    }
    let latency = if diagnostics.has_errors() { vec![0; graph.node_count()] } else { longest_paths(&graph) };
    (added(circuit, latency.into_iter().collect()), diagnostics)
}

/// Every link whose hardware delay would be below one tick, and every population that could compute earlier, in words; empty
/// when `retiming` is right for `circuit`.
#[must_use]
pub fn verify(circuit: &Circuit, retiming: &Retiming) -> Vec<String> {
    let mut wrong = Vec::new();
    let graph = links(circuit);
    let late = |p: PopId| i64::from(retiming.latency[p]);
    for edge in graph.edge_references() {
        let (p, q) = (graph[edge.source()], graph[edge.target()]);
        let extra = match edge.weight().link {
            Link::Projection(id) => retiming.extra[id],
            Link::Modulator(reader, id) => retiming.modulators[reader][id],
        };
        if i64::from(extra) != late(q) - late(p) {
            wrong.push(format!("{p} -> {q} has {extra} ticks added instead of {}", late(q) - late(p)));
        }
        if i64::from(edge.weight().delay) + i64::from(extra) < 1 {
            wrong.push(format!("{p} -> {q} has a hardware delay below one tick"));
        }
    }
    for node in graph.node_indices() {
        let tight = |e: petgraph::graph::EdgeReference<Edge>| {
            late(graph[e.source()]) + 1 - i64::from(e.weight().delay) == late(graph[node])
        };
        let incoming = graph.edges_directed(node, petgraph::Direction::Incoming);
        if late(graph[node]) > 0 && !incoming.into_iter().any(tight) {
            wrong.push(format!("{} could compute earlier", graph[node]));
        }
    }
    wrong
}

/// The circuit's graph with modulators as further edges.
fn links(circuit: &Circuit) -> Links {
    let mut graph = circuit.graph().map(
        |_, population| *population,
        |_, id| Edge { link: Link::Projection(*id), delay: smallest_delay(circuit, &circuit.projections[*id]) },
    );
    for (reader, population) in circuit.populations.iter() {
        let PopulationKind::Neurons(neurons) = &population.kind else { continue };
        for (id, binding) in neurons.modulators.iter() {
            let edge = Edge { link: Link::Modulator(reader, id), delay: binding.delay };
            graph.add_edge(NodeIndex::new(binding.population.index()), NodeIndex::new(reader.index()), edge);
        }
    }
    graph
}

/// The smallest delay that a synapse of the projection can have, in ticks.
///
/// For drawn delays it is what their law and bounds allow, not what was drawn: latencies must not depend on the seed.
fn smallest_delay(circuit: &Circuit, projection: &Projection) -> u32 {
    if let Pattern::Edges(edges) = &projection.pattern
        && let Some(least) = edges.delay.as_ref().and_then(|delays| delays.iter().min())
    {
        return *least;
    }
    let (law, within) = match &projection.delay {
        Delay::Ticks(ticks) => return *ticks,
        Delay::Drawn(law, within) => (law, within),
    };
    let low = match law {
        Distribution::Law(Law::Uniform { low, .. }) => *low,
        Distribution::Choice(values) => values.iter().copied().fold(f64::INFINITY, f64::min),
        Distribution::Law(Law::Normal { .. }) => f64::NEG_INFINITY,
        Distribution::Law(Law::Lognormal { .. }) | Distribution::Law(Law::Exponential { .. }) => 0.0,
    };
    let low = within.map_or(low, |w| low.max(w.low));
    delay_ticks(low, 1.0 / circuit.tick)
}

/// Rounds of relaxation until nothing changes. The graph has no cycle of positive weight, so this ends.
fn longest_paths(graph: &Links) -> Vec<u32> {
    let mut latency = vec![0i64; graph.node_count()];
    let mut changed = true;
    while changed {
        changed = false;
        for edge in graph.edge_references() {
            let needed = latency[edge.source().index()] + 1 - i64::from(edge.weight().delay);
            let at = &mut latency[edge.target().index()];
            if needed > *at {
                (*at, changed) = (needed, true);
            }
        }
    }
    latency.into_iter().map(|l| u32::try_from(l).unwrap_or(u32::MAX)).collect()
}

/// The edges round a cycle of `component` with less than one tick per edge, if there is one.
fn cycle_in(graph: &Links, component: &[NodeIndex]) -> Option<Vec<petgraph::graph::EdgeIndex>> {
    let mut inside = vec![false; graph.node_count()];
    component.iter().for_each(|node| inside[node.index()] = true);
    let edges: Vec<_> = graph.edge_references().filter(|e| inside[e.source().index()] && inside[e.target().index()]).collect();
    let mut latency = vec![0i64; graph.node_count()];
    let mut parent = vec![None; graph.node_count()];
    let mut last = None;
    // Without a positive cycle, as many rounds as there are nodes settle everything.
    for _ in 0..=component.len() {
        last = None;
        for edge in &edges {
            let needed = latency[edge.source().index()] + 1 - i64::from(edge.weight().delay);
            if needed > latency[edge.target().index()] {
                latency[edge.target().index()] = needed;
                parent[edge.target().index()] = Some(edge.id());
                last = Some(edge.target());
            }
        }
        last?;
    }
    walk_back(graph, &parent, last?, component.len())
}

/// From `node`, which still changed in the last round, back along parents: first onto the cycle, then round it.
fn walk_back(
    graph: &Links,
    parent: &[Option<petgraph::graph::EdgeIndex>],
    node: NodeIndex,
    steps: usize,
) -> Option<Vec<petgraph::graph::EdgeIndex>> {
    let before = |node: NodeIndex| {
        let edge = parent[node.index()]?;
        Some((edge, graph.edge_endpoints(edge)?.0))
    };
    let mut start = node;
    for _ in 0..steps {
        start = before(start)?.1;
    }
    let (mut cycle, mut at) = (Vec::new(), start);
    loop {
        let (edge, source) = before(at)?;
        cycle.push(edge);
        at = source;
        if at == start {
            cycle.reverse();
            return Some(cycle);
        }
    }
}

fn refuse(circuit: &Circuit, graph: &Links, cycle: &[petgraph::graph::EdgeIndex]) -> Diagnostic {
    let places: Vec<(String, u32, Span)> = cycle.iter().map(|edge| describe(circuit, graph[*edge])).collect();
    let delay: u64 = places.iter().map(|(_, delay, _)| u64::from(*delay)).sum();
    let ticks = |n: u64| if n == 1 { "1 tick".to_string() } else { format!("{n} ticks") };
    let missing = places.len() as u64 - delay.min(places.len() as u64);
    let has = if delay == 0 { "no delay".to_string() } else { format!("a delay of {} in all", ticks(delay)) };
    let message = match places.len() {
        1 => "this connects a population to itself without delay".to_string(),
        n => format!("these {n} connections go round in a circle with {has}; each needs one tick"),
    };
    let names: Vec<&str> = places.iter().map(|(name, _, _)| name.as_str()).collect();
    let (name, _, span) = &places[0];
    let said = |name: &str, delay: u32| format!("`{name}`, delay {}", ticks(delay.into()));
    let mut diagnostic = Diagnostic::error("E0701", message, *span).said(said(name, places[0].1));
    for (name, delay, span) in &places[1..] {
        diagnostic = diagnostic.label(*span, said(name, *delay));
    }
    let help = match missing {
        1 if places.len() == 1 => "give it a delay of one tick or more".to_string(),
        1 => format!("give one of them a delay one tick longer: {}", names.join(", ")),
        n => format!("give them {} more of delay in all: {}", ticks(n), names.join(", ")),
    };
    diagnostic
        .help(help)
        .note("on hardware every connection takes at least one tick; only paths that do not return can be given latency")
}

fn describe(circuit: &Circuit, edge: Edge) -> (String, u32, Span) {
    match edge.link {
        Link::Projection(id) => {
            let projection = &circuit.projections[id];
            (projection.name.clone(), edge.delay, projection.span)
        }
        Link::Modulator(reader, id) => {
            let population = &circuit.populations[reader];
            let modulator = circuit.model_of(reader).and_then(|m| m.modulators.get(id)).map_or("modulator", |m| &m.name);
            (format!("{}.{modulator}", population.name), edge.delay, population.span)
        }
    }
}

fn added(circuit: &Circuit, latency: Table<PopId, u32>) -> Retiming {
    let extra = |p: PopId, q: PopId| latency[q] as i32 - latency[p] as i32;
    let projections = circuit.projections.iter().map(|(_, p)| extra(p.source, p.target)).collect();
    let modulators = circuit
        .populations
        .iter()
        .map(|(reader, population)| match &population.kind {
            PopulationKind::Neurons(n) => n.modulators.iter().map(|(_, b)| extra(b.population, reader)).collect(),
            _ => Table::new(),
        })
        .collect();
    Retiming { latency, extra: projections, modulators }
}

#[cfg(test)]
mod tests;
