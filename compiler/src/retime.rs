//! Gives zero-delay paths hardware latency.
