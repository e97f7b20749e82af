//! Synapses from a description: any core makes the synapses onto its own neurons, alone and whenever it wants.
//!
//! A [`Recipe`] describes a projection; [`Recipe::column`] visits the synapses of one target neuron in a fixed order. Which
//! columns are made, where and how often changes nothing: compiler, device and host make the same synapses through this
//! module.
//!
//! Draws: stream = the projection's id; index = the target neuron's index in its population. A column draws its sources with
//! `Purpose::Connect`, its weights with `Purpose::Weight` and its delays with `Purpose::Delay`, each numbered from 0 in the
//! order in which the column's synapses are visited.
//!
//! Cost: a word of each purpose that is drawn per synapse; a weight and a delay of normal laws and a source come at about
//! 15 ns together on one thread of a host (`cargo bench -p bouton-targets`).

mod law;
mod pattern;
mod recipe;
mod words;

#[cfg(test)]
mod tests;

pub use law::{Law, MAX_REDRAWS, NoDrawWithin, Within, draw_within};
pub use pattern::{Column, Pattern};
pub use recipe::{ColumnError, Delay, MAX_DELAY, Members, Recipe, Weight, WeightFormat, delay_ticks};
pub use words::RECIPE_WORDS;
