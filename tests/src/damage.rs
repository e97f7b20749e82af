//! Machines with random faults.

use bouton_targets::machine::{Fault, Machine};
use bouton_targets::random::{Purpose, Seed, words};

/// A machine of which about these shares of chips and links are dead, drawn by `seed`. Its first chip lives.
///
/// # Panics
/// When there is no machine of that name.
#[must_use]
pub fn damaged(name: &str, chips: f64, links: f64, seed: u64) -> Machine {
    let machine = Machine::named(name).expect("it is listed").expect("it is sound");
    let chance = |index: u32, tick: u32| f64::from(words(Seed(seed), Purpose::Value, 0, index, tick, 0)[0]) / 4_294_967_296.0;
    let dead = (0..).zip(&machine.chips).skip(1).filter(|(at, _)| chance(*at, 0) < chips);
    let dead: Vec<Fault> = dead.map(|(_, chip)| Fault::Chip { x: chip.x, y: chip.y }).collect();
    let machine = machine.with_faults(&dead).expect("the chips are there");
    // Each link is looked at from one of its ends.
    let ends = (0..).zip(&machine.chips).flat_map(|(at, chip)| (0..3).map(move |d| (at, chip, d)));
    let cut: Vec<Fault> = ends
        .filter(|(at, chip, d)| chip.links >> d & 1 == 1 && chance(*at, 1 + u32::from(*d)) < links)
        .map(|(_, chip, link)| Fault::Link { x: chip.x, y: chip.y, link })
        .collect();
    machine.with_faults(&cut).expect("the links are there")
}
