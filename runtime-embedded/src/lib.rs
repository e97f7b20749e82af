//! runtime-embedded
