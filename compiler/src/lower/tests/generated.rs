//! Projections that stay descriptions, against their synapses one by one.

use super::*;
use crate::connect;
use crate::spike_graph::SpikeSynapses;
use proptest::prelude::*;

fn projection(pattern: Pattern, weight: Quantity, delay: Delay, bits: u8) -> (Circuit, ProjId) {
    let mut b = BuildCircuit::new(TICK);
    let p = b.neurons(60, lif_exp(), uniform(&[20e-3, 5e-3, 10e-3, 5e-3, -49e-3, -50e-3, -60e-3]), uniform(&[-60e-3, 0.0, 0.0]));
    let id = b.project(p, p, pattern, 1.0, delay);
    let projection = &mut b.0.projections[id];
    (projection.weight, projection.bits, projection.allow_multiple) = (weight, bits, true);
    (b.0, id)
}

fn any_pattern() -> impl Strategy<Value = Pattern> {
    prop_oneof![
        Just(Pattern::AllToAll),
        (0.0f64..1.0).prop_map(|p| Pattern::Random { p }),
        (0u32..50).prop_map(|k| Pattern::FixedIn { k }),
        (0u64..3000).prop_map(|n| Pattern::FixedTotal { n }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn integers_are_those_of_the_synapses_and_sums_stay_within_their_bounds(
        pattern in any_pattern(),
        mean in -2e-3f64..2e-3,
        std in prop_oneof![Just(0.0), 0.0f64..2e-3],
        delays in prop::option::of(1e-4f64..2e-3),
        bits in prop_oneof![Just(4u8), Just(8), Just(16)],
    ) {
        let weight = if std > 0.0 { Quantity::Drawn(Distribution::Law(Law::Normal { mean, std }), None) } else { Quantity::Constant(mean) };
        let delay = delays.map_or(Delay::Ticks(3), |d| Delay::Drawn(Distribution::Law(Law::Normal { mean: d, std: d / 2.0 }), None));
        let (circuit, id) = projection(pattern, weight, delay, bits);
        let graph = lowered(&circuit);
        let SpikeSynapses::Generated(generated) = &graph.projections[0].synapses else { panic!("a description") };
        let (format, written) = (generated.bare.format, generated.expand().expect("few synapses"));
        let exact = connect::synapses(&circuit, id, 1).expect("synapses");
        prop_assert_eq!(&written.post, &exact.target);
        prop_assert!(written.row_start.iter().map(|r| u64::from(*r)).eq(exact.row_start.iter().copied()));
        for at in 0..exact.len() {
            prop_assert_eq!(written.weight.at(at), format.raw(exact.weight_at(at)));
            prop_assert_eq!(written.delay.at(at), exact.delay_at(at));
        }
        prop_assert_eq!(graph.projections[0].synapses.delay_bounds(), exact.delay_bounds());
        let synapses = SpikeSynapses::Written(written);
        prop_assert_eq!(synapses.in_degrees(60), graph.projections[0].synapses.in_degrees(60));
        // The range that the program was planned with holds every sum, and is not much larger than the largest.
        let mut diagnostics = Diagnostics::default();
        let made = connections(&circuit, 1, &mut diagnostics).expect("synapses");
        let planned = Lowered::new(&circuit, &LowerOptions::default(), &made, &mut diagnostics).expect("cells");
        let range = planned.cells[circuit.projections[id].target].as_ref().expect("neurons").receptors[0].spikes;
        let SpikeSynapses::Written(written) = &synapses else { unreachable!() };
        let (mut low, mut high) = ([0.0f64; 60], [0.0f64; 60]);
        for at in 0..exact.len() {
            let weight = libm::scalbn(written.weight.at(at).into(), -i32::from(format.frac));
            low[written.post[at] as usize] += weight.min(0.0);
            high[written.post[at] as usize] += weight.max(0.0);
        }
        let (least, most) = (low.into_iter().fold(0.0, f64::min), high.into_iter().fold(0.0, f64::max));
        let unit = libm::scalbn(1.0, -i32::from(format.frac));
        let room = unit * (1.0 + f64::from(*synapses.in_degrees(60).iter().max().expect("targets")));
        prop_assert!(range.low <= least && range.low >= least - room, "{range:?} {least} {room}");
        prop_assert!(range.high >= most && range.high <= most + room, "{range:?} {most} {room}");
    }
}
