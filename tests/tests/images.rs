//! Images that no compiler wrote: what the reader accepts, engines run, or say why not.

use bouton_runtime_host::EngineKind;
use bouton_targets::image::testing::{Torus, repair, routed};
use bouton_targets::image::{AlignedBytes, CoreView, ImageView, MemoryLayout, SectionKind};
use bouton_tests::run::{circuit_of_text, image, record};
use proptest::prelude::*;
use std::sync::LazyLock;

const TICKS: u64 = 30;
/// Memory of all cores of an image that is run: damage may ask for gigabytes, which is no mistake but slow.
const BYTES: usize = 1 << 24;

/// Spikes, graded values, a modulator, gap junctions, lists, drawn delays and latency, on several cores.
const TEXT: &str = "
import std.neurons

neuron calcium {
  receptor up: number
  state level: number = 0.5 in 0 .. 1
  level = 0.9 * level + up
  emit level
}

neuron gained {
  modulator gain: number = 1
  receptor exc: voltage
  receptor gap: voltage
  state v: voltage = -60 mV in -100 mV .. 50 mV
  d v = (-60 mV - v) / (10 ms)
  v += gain * exc + gap + random normal(0 mV, 1 mV)
  spike when v > -55 mV { v = -65 mV; hold v for 2 ms }
}

circuit mixed {
  tick 1 ms
  population clock[2]: regular(period = 3 ms)
  population cue[3]: spikes at [[1 ms, 5 ms], [2 ms], []]
  population noise[4]: poisson(rate = 100 Hz)
  population astro[1]: calcium
  population e[7]: gained(gain = astro[0].level)
  population f[5]: lif_exp(v = uniform(-60 mV, -50 mV))
  project clock -> astro.up by all_to_all { weight 0.1; delay 1 ms }
  project astro -> e.gap by all_to_all { weight 1 mV; delay 2 ms }
  project cue -> e.exc by all_to_all { weight 3 mV; delay 1 ms }
  project noise -> f.exc by all_to_all { weight 4 mV; delay 0 }
  project e -> f.exc by random(p = 0.5) { weight normal(2 mV, 1 mV); delay uniform(1 ms, 6 ms) }
  project f -> e.exc by all_to_all { weight 2 mV; delay 3 ms }
  record e.spike, f.spike
  record e[0..3].v every 2 ms
  port out burst = f
}
";

static IMAGE: LazyLock<AlignedBytes> = LazyLock::new(|| {
    let circuit = circuit_of_text(TEXT, 1).unwrap_or_else(|e| panic!("{e}"));
    image(&circuit, "host", Some(3), 1).unwrap_or_else(|e| panic!("{e}"))
});

/// The same, on chips with routers.
static ROUTED: LazyLock<AlignedBytes> = LazyLock::new(|| routed(&IMAGE, Torus { width: 3, height: 2, positions: 18, seed: 4 }));

/// Whether both engines ran it; `None` when the reader refuses it, or it asks for much memory.
fn runs(image: &AlignedBytes) -> Option<bool> {
    let view = ImageView::new_checked(image.as_slice()).ok()?;
    let mut bytes = 0;
    for (id, _) in view.sections(SectionKind::Core) {
        let core = CoreView::new_checked(view, id).ok()?;
        bytes += MemoryLayout::of(&core)?.bytes()? + 4 * core.head().synaptic as usize;
        // The flat engine has a row for each member that may send.
        bytes += core.blocks().map(|block| 4 * block.count as usize).sum::<usize>();
    }
    let both = || [EngineKind::Flat, EngineKind::Machine].map(|engine| record(image, engine, 1, TICKS));
    (bytes < BYTES).then(|| both().iter().all(Result::is_ok))
}

fn damaged(image: &AlignedBytes, all: &[(u32, i32)]) -> AlignedBytes {
    let mut words: Vec<u32> = image.as_slice().as_chunks::<4>().0.iter().map(|b| u32::from_le_bytes(*b)).collect();
    for (at, by) in all {
        let at = *at as usize % words.len();
        words[at] = words[at].wrapping_add_signed(*by);
    }
    AlignedBytes::new(&repair(&words.iter().flat_map(|w| w.to_le_bytes()).collect::<Vec<u8>>()))
}

#[test]
fn the_image_runs() {
    assert_eq!((runs(&IMAGE), runs(&ROUTED)), (Some(true), Some(true)));
    assert_eq!(damaged(&IMAGE, &[]), *IMAGE);
}

#[test]
fn much_of_what_is_damaged_runs() {
    for image in [&*IMAGE, &*ROUTED] {
        let ran = (0..400_u32).filter(|n| runs(&damaged(image, &[(n.wrapping_mul(2_654_435_761), 1)])) == Some(true)).count();
        assert!(ran > 100, "{ran} of 400: the other test shows little");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn engines_take_what_the_reader_accepts(
        // Small changes: with large ones an image may be sound and still ask for hours or gigabytes.
        all in proptest::collection::vec((any::<u32>(), prop_oneof![4 => -2..=2_i32, 1 => -300..300_i32]), 1..4),
    ) {
        let _ = runs(&damaged(&IMAGE, &all));
        let _ = runs(&damaged(&ROUTED, &all));
    }
}
