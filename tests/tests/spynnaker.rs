//! `std.spynnaker` against an independent implementation of sPyNNaker's arithmetic: `tests/oracles/spynnaker.py`.

use bouton_runtime_host::{EngineKind, InputEvent};
use bouton_tests::run::{circuit_of_file, description, image, record_with, root};

const TICKS: u32 = 100_000;
const ROWS: u32 = 1_000;
const CRC: crc::Crc<u32> = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);
const CASES: [&str; 5] = ["plain", "fine", "shifted", "fast", "wrapping"];

/// Knuth's MMIX generator, as the script draws.
fn draw(state: u64) -> u64 {
    state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407)
}

/// Which sources spike, a bit each, as the script decides.
fn spikes(state: u64) -> u64 {
    let bits = state >> 16;
    let thinned = bits & (bits >> 11) & (draw(state) >> 16);
    match state & 0xF {
        0..9 => 0,
        9..13 => thinned & 0xFF_FFFF,
        13 => thinned,
        14 => bits & 0xFF_FFFF,
        _ => bits,
    }
}

/// Checksums of the state words of a thousand ticks each, and the numbers of spikes among them, as the script writes them.
fn run(case: usize) -> Vec<String> {
    let circuit = circuit_of_file("tests/oracles/spynnaker.circuit", &[("case", &case.to_string())]).expect("it is a circuit");
    let image = image(&circuit, "spinn5", None, 0).expect("it fits");
    let source =
        description(&image).expect("it has one").populations.iter().position(|p| p.name == "source").expect("it is there");
    let mut input = Vec::new();
    let mut state = case as u64 + 1;
    for tick in 0..TICKS {
        state = draw(state);
        let events = spikes(state);
        let members = (0..48).filter(|k| events >> k & 1 == 1);
        input.extend(members.map(|member| InputEvent { tick, population: source as u32, member, value: None }));
    }
    let recording = record_with(&image, EngineKind::Flat, 1, TICKS.into(), input).expect("it runs");
    let states: Vec<_> = recording.traces.iter().filter(|t| !t.is_empty()).collect();
    assert_eq!(states.len(), 4, "v, both currents and the timer");
    let rows = (0..TICKS / ROWS).map(|row| {
        let ticks = row * ROWS..(row + 1) * ROWS;
        let words = ticks.clone().flat_map(|t| states.iter().map(move |s| s[t as usize].raw));
        let bytes: Vec<u8> = words.flat_map(i32::to_le_bytes).collect();
        let spikes = recording.spikes.iter().filter(|s| ticks.contains(&s.tick)).count();
        format!("{},{},{:08x},{spikes}", CASES[case], row * ROWS, CRC.checksum(&bytes))
    });
    rows.collect()
}

#[test]
fn every_state_word_is_that_of_the_board() {
    let golden = std::fs::read_to_string(root().join("tests/oracles/spynnaker.csv")).expect("a golden file");
    let expected: Vec<String> =
        golden.lines().skip(2).map(|line| line.split(',').take(4).collect::<Vec<_>>().join(",")).collect();
    let found: Vec<String> = (0..CASES.len()).flat_map(run).collect();
    assert_eq!(found, expected);
}
