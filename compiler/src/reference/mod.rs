//! The f64 interpreter of a circuit.
