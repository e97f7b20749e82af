//! circuits/celegans against its source: golden voltages, the preference of head and tail touch, lesions.

use bouton_compiler::circuit::Circuit;
use bouton_tests::observe::{Observed, in_f64, in_fixed_point};
use bouton_tests::run::{circuit_of_file, root};
use std::collections::BTreeMap;

const HEAD: &[(&str, &str)] = &[("head", "5 pA"), ("tail", "0 pA")];
const TAIL: &[(&str, &str)] = &[("head", "0 pA"), ("tail", "5 pA")];
/// 1100 ms, when the touch ends, in ticks of 0.1 ms.
const TOUCH_ENDS: u32 = 11_000;
const BACKWARD: &[&str] = &["AVAL", "AVAR", "AVDL", "AVDR", "AVEL", "AVER"];
const FORWARD: &[&str] = &["AVBL", "AVBR", "PVCL", "PVCR"];

/// Rows of a CSV file of the circuit's folder, without comments, first the header.
fn table(path: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(root().join("circuits/celegans").join(path)).expect("it comes with the circuit");
    let rows = text.lines().filter(|l| !l.starts_with('#') && !l.is_empty());
    rows.map(|l| l.split(',').map(str::to_string).collect()).collect()
}

fn index_of_name() -> BTreeMap<String, u32> {
    table("neurons.csv").into_iter().skip(1).map(|row| (row[1].clone(), row[0].parse().expect("an index"))).collect()
}

fn circuit(settings: &[(&str, &str)]) -> Circuit {
    circuit_of_file("circuits/celegans/celegans.circuit", settings).unwrap_or_else(|e| panic!("{e}"))
}

/// Largest distance from a golden file, in mV. The file has v = v_th + u, and v_th is its first row.
fn distance_from(golden: &str, observed: &Observed) -> f64 {
    let (rows, names) = (table(golden), index_of_name());
    let rest: Vec<f64> = rows[1].iter().map(|x| x.parse().expect("a number")).collect();
    let mut worst = 0f64;
    for (column, name) in rows[0].iter().enumerate().skip(1) {
        let trace = observed.trace("membrane.u", names[name]);
        for row in &rows[1..] {
            let tick = (row[0].parse::<f64>().expect("a time") * 10.0).round() as u32;
            let expected = row[column].parse::<f64>().expect("a number") - rest[column];
            if let Some(u) = trace.get(&tick) {
                worst = worst.max((u * 1e3 - expected).abs());
            }
        }
        assert!(trace.contains_key(&TOUCH_ENDS), "{name} was recorded");
    }
    worst
}

#[test]
fn real_arithmetic_meets_the_golden_voltages() {
    for (settings, golden) in [(HEAD, "golden/celegans_touch_ant.csv"), (TAIL, "golden/celegans_touch_post.csv")] {
        let observed = in_f64(&circuit(settings), 0, 20_001).expect("it runs");
        let worst = distance_from(golden, &observed);
        assert!(worst <= 2e-6, "{golden}: {worst} mV");
    }
}

#[test]
fn fixed_point_meets_the_golden_voltages() {
    for (settings, golden) in [(HEAD, "golden/celegans_touch_ant.csv"), (TAIL, "golden/celegans_touch_post.csv")] {
        let observed = in_fixed_point(&circuit(settings), "spinn5", 0, 20_001).expect("it fits and runs");
        let worst = distance_from(golden, &observed);
        assert!(worst <= 0.02, "{golden}: {worst} mV");
        assert_eq!(observed.saturations, 0, "no value leaves its range");
    }
}

/// Means over the backward and the forward command neurons that are left, at the end of the touch, mV.
fn response(observed: &Observed, removed: &[&str]) -> (f64, f64) {
    let names = index_of_name();
    let mean = |cells: &[&str]| {
        let left: Vec<&&str> = cells.iter().filter(|c| !removed.contains(c)).collect();
        left.iter().map(|c| observed.trace("membrane.u", names[**c])[&TOUCH_ENDS]).sum::<f64>() * 1e3 / left.len() as f64
    };
    (mean(BACKWARD), mean(FORWARD))
}

#[test]
fn touch_moves_the_worm_away_and_lesions_abolish_it() {
    let lesions: &[(&str, &[&str])] = &[
        ("none", &[]),
        ("avd", &["AVDL", "AVDR"]),
        ("pvc", &["PVCL", "PVCR"]),
        ("avm", &["AVM"]),
        ("alm", &["ALML", "ALMR"]),
        ("alm_avm", &["ALML", "ALMR", "AVM"]),
        ("plm", &["PLML", "PLMR"]),
        ("ava", &["AVAL", "AVAR"]),
        ("avb", &["AVBL", "AVBR"]),
    ];
    let golden = table("golden/lesions.csv");
    for (number, (name, removed)) in lesions.iter().enumerate() {
        for (touch, settings) in [("head", HEAD), ("tail", TAIL)] {
            let number = number.to_string();
            let settings = [&[("lesion", number.as_str())], settings].concat();
            let circuit = circuit_of_file("circuits/celegans/lesions.circuit", &settings).unwrap_or_else(|e| panic!("{e}"));
            let observed = in_fixed_point(&circuit, "spinn5", 0, TOUCH_ENDS + 1).expect("it fits and runs");
            let (backward, forward) = response(&observed, removed);
            let row = golden.iter().find(|r| r[0] == *name && r[1] == touch).expect("every case has its row");
            let expected = [2, 3].map(|c| row[c].parse::<f64>().expect("a number"));
            let close = (backward - expected[0]).abs() < 0.02 && (forward - expected[1]).abs() < 0.02;
            assert!(close, "{name}, {touch}: {backward} {forward}, expected {expected:?}");
            if *name == "none" {
                assert!(if touch == "head" { backward - forward > 1.5 } else { backward - forward < -0.4 });
            }
        }
    }
}
