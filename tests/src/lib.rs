//! Tests across crates: the same circuit by every way of running it, whole commands, golden files, published results.
//!
//! What several tests need stands in this library; the tests themselves are in `tests/tests`.

pub mod golden;
pub mod machine_graphs;
pub mod observe;
pub mod random_circuit;
pub mod run;
