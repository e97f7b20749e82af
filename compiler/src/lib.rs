//! The compiler: from circuit text to a board image.
//!
//! The way of the data is: text → [`language`] (syntax tree) → [`elaborate`] ([`circuit::Circuit`], f64 with units
//! checked) → [`lower`] ([`spike_graph::SpikeGraph`], integers) → partition → place → route → image.
//! This crate runs nothing on a device and knows no engine; it may not depend on the runtimes.

pub mod diagnostic;
pub mod language;
pub mod source;
pub mod table;
pub mod units;
