//! Connection patterns to synapses, by counter-based draws.
