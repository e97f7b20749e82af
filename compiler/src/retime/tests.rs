//! Latencies of small layered circuits, and the cycles that are refused.

use super::*;
use crate::circuit::{Law, Within};
use crate::testing::{Build, BuildCircuit, lif_exp};

fn circuit(n: usize, links: &[(usize, usize, u32)]) -> Circuit {
    let mut b = BuildCircuit::new(1e-3);
    let pops: Vec<PopId> = (0..n).map(|_| b.neurons(1, lif_exp(), vec![], vec![])).collect();
    for (p, q, d) in links {
        b.project(pops[*p], pops[*q], Pattern::AllToAll, 1.0, Delay::Ticks(*d));
    }
    b.0
}

#[track_caller]
fn accepted(circuit: &Circuit) -> Retiming {
    let (retiming, diagnostics) = retime(circuit);
    assert!(!diagnostics.has_errors(), "{diagnostics:?}");
    assert_eq!(verify(circuit, &retiming), Vec::<String>::new());
    retiming
}

#[test]
fn a_diamond_is_balanced() {
    // 0 -> 1 -> 2 -> 4 and 0 -> 3 -> 4 and 0 -> 4, all without delay.
    let c = circuit(5, &[(0, 1, 0), (1, 2, 0), (2, 4, 0), (0, 3, 0), (3, 4, 0), (0, 4, 0)]);
    let r = accepted(&c);
    assert_eq!(r.latency.values(), &[0, 1, 2, 1, 3]);
    assert_eq!(r.extra.values(), &[1, 1, 1, 1, 2, 3]);
}

#[test]
fn a_delay_in_a_loop_is_shared_out() {
    let r = accepted(&circuit(2, &[(0, 1, 0), (1, 0, 2)]));
    assert_eq!(r.latency.values(), &[0, 1]);
    assert_eq!(r.extra.values(), &[1, -1]);
    assert_eq!(accepted(&circuit(2, &[(0, 1, 1), (1, 0, 1), (0, 0, 1)])).latency.values(), &[0, 0]);
}

#[test]
fn every_cycle_without_enough_delay_is_refused() {
    let c = circuit(6, &[(0, 1, 0), (1, 2, 1), (2, 0, 1), (2, 3, 0), (4, 5, 0), (5, 4, 0), (3, 4, 1)]);
    let (_, diagnostics) = retime(&c);
    assert_eq!(diagnostics.error_count(), 2);
    let mut sizes: Vec<usize> = diagnostics.as_slice().iter().map(|d| d.labels.len()).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [2, 3]);
    let three = diagnostics.as_slice().iter().find(|d| d.labels.len() == 3).unwrap();
    assert_eq!(three.code, "E0701");
    assert_eq!(three.message, "these 3 connections go round in a circle with a delay of 2 ticks in all; each needs one tick");
    assert!(three.help.as_deref().unwrap().contains("one tick longer"));
}

#[test]
fn a_neuron_on_itself_without_delay_is_refused() {
    let (_, diagnostics) = retime(&circuit(1, &[(0, 0, 0)]));
    assert_eq!(diagnostics.as_slice()[0].message, "this connects a population to itself without delay");
}

#[test]
fn drawn_and_listed_delays_count_with_their_least() {
    let mut c = circuit(3, &[(0, 1, 0), (0, 2, 0), (1, 2, 0)]);
    let ids: Vec<ProjId> = c.projections.ids().collect();
    let within = Some(Within { low: 3e-3, high: 9e-3 });
    c.projections[ids[1]].delay = Delay::Drawn(Distribution::Law(Law::Normal { mean: 5e-3, std: 1e-3 }), within);
    let r = accepted(&c);
    assert_eq!(r.latency.values(), &[0, 1, 2]);
    assert_eq!(smallest_delay(&c, &c.projections[ids[1]]), 3);
    c.projections[ids[1]].delay = Delay::Drawn(Distribution::Law(Law::Normal { mean: 5e-3, std: 1e-3 }), None);
    assert_eq!(smallest_delay(&c, &c.projections[ids[1]]), 1);
    let edges = crate::circuit::Edges { pre: vec![0, 0], post: vec![0, 0], weight: None, delay: Some(vec![4, 0]) };
    c.projections[ids[1]].pattern = Pattern::Edges(edges);
    assert_eq!(smallest_delay(&c, &c.projections[ids[1]]), 0);
}

#[test]
fn modulators_are_links_too() {
    let mut b = BuildCircuit::new(1e-3);
    let first = b.neurons(1, lif_exp(), vec![], vec![]);
    let middle = b.neurons(1, lif_exp(), vec![], vec![]);
    let mut reader = Build::new("reader");
    reader.modulator("gain");
    let reader = b.neurons(1, reader.0, vec![], vec![]);
    b.project(first, middle, Pattern::AllToAll, 1.0, Delay::Ticks(0));
    b.project(first, reader, Pattern::AllToAll, 1.0, Delay::Ticks(1));
    let binding = crate::circuit::ModulatorBinding { population: middle, index: 0, state: Id::from_index(0), delay: 1 };
    b.neurons_mut(reader).modulators.push(binding);
    let r = accepted(&b.0);
    assert_eq!(r.latency.values(), &[0, 1, 1]);
    assert_eq!(r.modulators[reader].values(), &[0]);
    b.project(reader, middle, Pattern::AllToAll, 1.0, Delay::Ticks(0));
    let (_, diagnostics) = retime(&b.0);
    assert_eq!(diagnostics.error_count(), 1);
}

proptest::proptest! {
    #[test]
    fn random_graphs_are_retimed_or_refused(links in proptest::collection::vec((0usize..6, 0usize..6, 0u32..4), 0..14)) {
        let c = circuit(6, &links);
        let (retiming, diagnostics) = retime(&c);
        if diagnostics.has_errors() {
            for d in diagnostics.as_slice() {
                // Projections' places are their numbers: the cycle's delays must really be too few.
                let total: u32 = d.labels.iter().map(|l| links[l.span.start as usize].2).sum();
                proptest::prop_assert!((total as usize) < d.labels.len());
            }
        } else {
            proptest::prop_assert_eq!(verify(&c, &retiming), Vec::<String>::new());
        }
    }
}
