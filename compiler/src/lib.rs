//! The compiler: from circuit text to a board image.
//!
//! The way of the data is: text → [`language`] (syntax tree) → [`elaborate`] ([`circuit::Circuit`], f64 with units
//! checked) → [`retime`] → [`lower`] ([`spike_graph::SpikeGraph`], integers) → [`partition`] → [`many_core`] ([`mapping`]) or [`place`] → [`image`].
//! This crate runs nothing on a device and knows no engine; it may not depend on the runtimes.

pub mod circuit;
pub mod codes;
pub mod connect;
pub mod diagnostic;
pub mod draw;
pub mod elaborate;
pub mod image;
pub mod language;
pub mod lower;
pub mod machine_graph;
pub mod many_core;
pub mod mapping;
pub mod numeric;
mod parallel;
pub mod partition;
pub mod pipeline;
pub mod place;
pub mod reference;
pub mod retime;
pub mod source;
pub mod spike_graph;
pub mod table;
#[cfg(test)]
mod testing;
pub mod timings;
pub mod units;
