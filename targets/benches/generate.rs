//! Nanoseconds for each synapse that a recipe makes: one column of 4,000 synapses, at every kind of draw.

use bouton_targets::generate::{Delay, Law, Members, Pattern, Recipe, Weight, WeightFormat, Within};
use bouton_targets::random::Seed;
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};

const SYNAPSES: u32 = 4000;
const COUNTS: [u32; 64] = [SYNAPSES; 64];
const SOURCES: u32 = 20_000;

fn main() {
    divan::main();
}

#[derive(Clone, Copy, Debug)]
enum Draws {
    Sources,
    SourcesAndValues,
}

fn recipe(pattern: Pattern<'static>, draws: Draws) -> Recipe<'static> {
    // Weights and delays of the cortical microcircuit, excitatory.
    let weight = Law::Normal { mean: 87.81e-12, std: 8.781e-12 };
    let delay = Law::Normal { mean: 1.5e-3, std: 0.75e-3 };
    let drawn = matches!(draws, Draws::SourcesAndValues);
    Recipe {
        seed: Seed(1),
        stream: 2,
        sources: Members { first: 0, count: SOURCES },
        targets: Members { first: 0, count: 64 },
        pattern,
        no_self: false,
        weight: if drawn {
            Weight::Drawn(weight, Some(Within { low: 0.0, high: f64::INFINITY }))
        } else {
            Weight::Constant(1e-10)
        },
        format: WeightFormat { frac: 46, bits: 16 },
        delay: if drawn { Delay::Drawn(delay, Some(Within { low: 1e-4, high: f64::INFINITY })) } else { Delay::Ticks(15) },
        ticks_per_second: 1e4,
        extra: 0,
    }
}

fn run(bencher: Bencher<'_, '_>, pattern: Pattern<'static>, draws: Draws) {
    let recipe = recipe(pattern, draws);
    let mut scratch = vec![0; recipe.scratch_words()];
    let mut target = 0;
    bencher.counter(ItemsCount::new(SYNAPSES)).bench_local(|| {
        target = (target + 1) % 64;
        let mut sum = 0u32;
        let made = recipe.column(black_box(target), &mut scratch, |source, weight, delay| {
            sum = sum.wrapping_add(source ^ weight as u32 ^ delay);
        });
        (made, sum)
    });
}

#[divan::bench(args = [Draws::Sources, Draws::SourcesAndValues])]
fn fixed_total(bencher: Bencher<'_, '_>, draws: Draws) {
    run(bencher, Pattern::FixedTotal { first: 0, counts: &COUNTS }, draws);
}

#[divan::bench(args = [Draws::Sources, Draws::SourcesAndValues])]
fn fixed_in(bencher: Bencher<'_, '_>, draws: Draws) {
    run(bencher, Pattern::FixedIn { k: SYNAPSES }, draws);
}

#[divan::bench(args = [Draws::Sources, Draws::SourcesAndValues])]
fn random(bencher: Bencher<'_, '_>, draws: Draws) {
    run(bencher, Pattern::random(f64::from(SYNAPSES) / f64::from(SOURCES)), draws);
}
