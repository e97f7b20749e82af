//! Circuit text to circuit: resolves names, checks units, evaluates everything that is known at compile time.

pub mod model;
