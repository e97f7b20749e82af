//! Many-core machines: whatever is broken, tables are exact and every spike and word is that of the flat engine.

use bouton_compiler::partition::Options;
use bouton_runtime_host::EngineKind::{Flat, Machine};
use bouton_tests::damage::damaged;
use bouton_tests::random_circuit::random_circuit;
use bouton_tests::run::{circuit_of_file, circuit_of_text, image, image_on, outcome, record};
use proptest::prelude::*;

/// Random circuits on random machines; `BOUTON_CASES` asks for more.
const CASES: u32 = 100;
const TICKS: u64 = 60;

fn cases() -> u32 {
    std::env::var("BOUTON_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(CASES)
}

#[test]
fn vogels_abbott_is_the_same_on_boards() {
    let circuit = circuit_of_file("circuits/vogels_abbott/vogels_abbott.circuit", &[("n", "1000")]).expect("it is a circuit");
    let reference = record(&image(&circuit, "host", None, 3).expect("no limits"), Flat, 1, 500).expect("it runs");
    assert!(reference.spikes.len() > 100, "nothing to compare");
    for target in ["spinn3", "spinn5", "spinn5x3"] {
        let image = image(&circuit, target, None, 3).expect("it fits");
        let on_board = record(&image, Machine, 2, 500).expect("it runs");
        assert_eq!(outcome(&on_board), outcome(&reference), "{target}");
    }
}

#[test]
fn a_board_that_is_cut_in_two_is_filled_on_one_side_or_refused() {
    // Links of the chips at x + y = const are cut on both sides of a line: two parts, of which the larger is used.
    let circuit = circuit_of_file("circuits/half_centre/half_centre.circuit", &[]).expect("it is a circuit");
    let machine = damaged("spinn5", 0.0, 0.97, 5);
    let options = Options { neurons_per_core: Some(1), ..Options::default() };
    match image_on(&circuit, &machine, options, 0) {
        Ok(image) => assert!(record(&image, Machine, 1, 50).is_ok()),
        Err(missing) => assert!(missing.contains("cores"), "{missing}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn random_circuits_run_the_same_on_random_machines(
        drawn in random_circuit(),
        name in prop::sample::select(vec!["spinn3", "spinn5", "spinn5x3"]),
        (chips, links) in (0.0..0.2f64, 0.0..0.2f64),
        neurons_per_core in 1u32..40,
        seed: u64,
    ) {
        let text = drawn.text();
        let fail = |e: String| TestCaseError::fail(format!("{text}\n{e}"));
        let circuit = circuit_of_text(&text, seed).map_err(fail)?;
        let machine = damaged(name, chips, links, seed);
        let options = Options { neurons_per_core: Some(neurons_per_core), ..Options::default() };
        let image = match image_on(&circuit, &machine, options, seed) {
            Ok(image) => image,
            Err(missing) if missing.contains("needed") => return Err(TestCaseError::reject("too little is left of the machine")),
            Err(other) => return Err(fail(other)),
        };
        let whole = bouton_tests::run::image(&circuit, "host", None, seed).map_err(fail)?;
        let reference = outcome(&record(&whole, Flat, 1, TICKS).map_err(fail)?);
        prop_assert_eq!(&outcome(&record(&image, Flat, 2, TICKS).map_err(fail)?), &reference, "{}", text);
        prop_assert_eq!(&outcome(&record(&image, Machine, 2, TICKS).map_err(fail)?), &reference, "{}", text);
    }
}
