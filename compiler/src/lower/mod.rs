//! Circuit to integers.
use crate::{circuit::Circuit, diagnostic::Diagnostics, spike_graph::SpikeGraph};
/// Options.
#[derive(Clone, Debug, Default)]
pub struct LowerOptions;
/// Lowers.
pub fn lower(_: &Circuit, _: u64, _: &LowerOptions) -> (Option<SpikeGraph>, Diagnostics) {
    (None, Diagnostics::default())
}
