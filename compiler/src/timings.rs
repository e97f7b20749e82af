//! How long passes take.

use std::time::Instant;

/// Seconds that each pass took, in order.
pub type Timings = Vec<(&'static str, f64)>;

/// Runs a pass and notes its time.
pub(crate) fn timed<T>(timings: &mut Timings, pass: &'static str, run: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = run();
    timings.push((pass, start.elapsed().as_secs_f64()));
    result
}
