//! runtime-host
pub mod flat;
