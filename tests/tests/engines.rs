//! One meaning: engine, threads and partition never change a spike or a word.

use bouton_compiler::language;
use bouton_compiler::source::FileId;
use bouton_runtime_host::EngineKind::{Flat, Machine};
use bouton_targets::image::testing::{Torus, routed};
use bouton_tests::random_circuit::random_circuit;
use bouton_tests::run::{circuit_of_file, circuit_of_text, image, outcome, record};
use proptest::prelude::*;

fn same_everywhere(path: &str, settings: &[(&str, &str)], ticks: u64) {
    let circuit = circuit_of_file(path, settings).unwrap_or_else(|e| panic!("{e}"));
    let whole = image(&circuit, "host", None, 3).expect("the host has no limits");
    let reference = record(&whole, Flat, 1, ticks).expect("it runs");
    assert!(!reference.spikes.is_empty() || reference.traces.iter().any(|t| !t.is_empty()), "nothing to compare");
    for threads in [2, 7] {
        let other = record(&whole, Flat, threads, ticks).expect("it runs");
        assert_eq!(outcome(&other), outcome(&reference), "flat, {threads} threads");
    }
    // Synapses that the host's cores make are written out for this board.
    let written = image(&circuit, "mps2-an386", None, 3).expect("it is small");
    let other = record(&written, Machine, 1, ticks).expect("it runs");
    assert_eq!(outcome(&other), outcome(&reference), "machine, synapses written out");
    for neurons_per_core in [1, 5, 64] {
        let parts = image(&circuit, "host", Some(neurons_per_core), 3).expect("the host has no limits");
        let other = record(&parts, Machine, 1, ticks).expect("it runs");
        assert_eq!(outcome(&other), outcome(&reference), "machine, {neurons_per_core} neurons per core");
        let other = record(&parts, Flat, 2, ticks).expect("it runs");
        assert_eq!(outcome(&other), outcome(&reference), "flat from an image of {neurons_per_core} neurons per core");
    }
    // Packet by packet: a part of the time shows as much.
    let ticks = ticks / 10;
    let reference = record(&whole, Flat, 1, ticks).expect("it runs");
    for (neurons_per_core, size) in [(5, 12), (64, 4)] {
        let parts = image(&circuit, "host", Some(neurons_per_core), 3).expect("the host has no limits");
        let parts = routed(&parts, Torus { width: size, height: size, positions: 17, seed: 8 });
        let other = record(&parts, Machine, 2, ticks).expect("it runs");
        assert_eq!(outcome(&other), outcome(&reference), "chips with routers, {neurons_per_core} neurons per core");
    }
}

#[test]
fn half_centre_is_the_same_everywhere() {
    same_everywhere("circuits/half_centre/half_centre.circuit", &[], 4000);
}

#[test]
fn vogels_abbott_is_the_same_everywhere() {
    same_everywhere("circuits/vogels_abbott/vogels_abbott.circuit", &[("n", "400")], 2000);
}

#[test]
fn celegans_is_the_same_everywhere() {
    same_everywhere("circuits/celegans/celegans.circuit", &[], 1200);
}

#[test]
fn everything_is_the_same_everywhere() {
    same_everywhere("tests/files/device/everything.circuit", &[], 1000);
}

proptest! {
    // Each case is a whole circuit; 500 of them, however the default is set.
    #![proptest_config(ProptestConfig { cases: 500, max_shrink_iters: 400, ..ProptestConfig::default() })]

    #[test]
    fn random_circuits_print_lower_and_run_the_same(drawn in random_circuit(), neurons_per_core in 1u32..40, threads in 2usize..5, seed: u64) {
        let text = drawn.text();
        let (tree, diagnostics) = language::parse(FileId(0), &text);
        prop_assert!(!diagnostics.has_errors(), "{text}");
        let printed = language::print(&tree);
        let (again, _) = language::parse(FileId(0), &printed);
        prop_assert_eq!(&again, &tree);
        prop_assert_eq!(&language::print(&again), &printed);

        let circuit = circuit_of_text(&printed, seed).map_err(|e| TestCaseError::fail(format!("{text}\n{e}")))?;
        let fail = |e: String| TestCaseError::fail(format!("{text}\n{e}"));
        let whole = image(&circuit, "host", None, seed).map_err(fail)?;
        let parts = image(&circuit, "host", Some(neurons_per_core), seed).map_err(fail)?;
        let reference = outcome(&record(&whole, Flat, 1, 120).map_err(fail)?);
        prop_assert_eq!(&outcome(&record(&whole, Flat, threads, 120).map_err(fail)?), &reference, "{}", text);
        prop_assert_eq!(&outcome(&record(&parts, Machine, 1, 120).map_err(fail)?), &reference, "{}", text);
        let chips = routed(&parts, Torus { width: 9, height: 9, positions: 17, seed });
        prop_assert_eq!(&outcome(&record(&chips, Machine, 1, 120).map_err(fail)?), &reference, "{}", text);
    }
}
