//! flat
pub mod vector;
