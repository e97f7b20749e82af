//! What every board's firmware shares: run an image of one core, and write what it records as lines of text.
//!
//! | line | meaning |
//! | --- | --- |
//! | `s RECORD TICK MEMBER` | a recorded spike |
//! | `v RECORD TICK MEMBER RAW` | a recorded state |
//! | `end SPIKES EVENTS SATURATIONS` | the run is over; what the kernel counted |
//!
//! Nothing here knows a board: where the image lies, how bytes get out and how a program ends is the board's.
#![no_std]
#![forbid(unsafe_code)]

mod text;

use bouton_runtime_embedded::kernel::{Kernel, KernelError, Output};
use bouton_targets::image::{CoreError, CoreView, ImageError, ImageView, SectionKind};
use embedded_io::Write;
use heapless::Vec;
use text::Lines;

/// An event between two ticks.
#[derive(Clone, Copy)]
pub struct Event {
    key: u32,
    payload: Option<i32>,
}

/// Why a run did not end well.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The bytes are not an image.
    Image(ImageError),
    /// The image has no sound core 0.
    Core(CoreError),
    /// The memory is too small.
    Kernel(KernelError),
    /// The image is for more than one core.
    MoreCores,
    /// More events in a tick than the queue holds.
    QueueFull,
    /// Lines could not be written.
    Output,
}

impl Failure {
    /// A code for the board to end with, never 0.
    #[must_use]
    pub fn code(self) -> u32 {
        match self {
            Failure::Image(_) => 1,
            Failure::Core(_) => 2,
            Failure::Kernel(_) => 3,
            Failure::MoreCores => 4,
            Failure::QueueFull => 5,
            Failure::Output => 6,
        }
    }
}

/// Runs `ticks` ticks of the image. The queue holds the events of one tick.
///
/// # Errors
/// See [`Failure`].
pub fn run<const N: usize>(
    image: &[u8],
    memory: &mut [u64],
    queue: &mut Vec<Event, N>,
    ticks: u32,
    port: &mut impl Write,
) -> Result<(), Failure> {
    let image = ImageView::new_checked(image).map_err(Failure::Image)?;
    if image.section(SectionKind::Core, 1).is_some() {
        return Err(Failure::MoreCores);
    }
    let core = CoreView::new_checked(image, 0).map_err(Failure::Core)?;
    let latency = core.blocks().map(|b| b.latency).max().unwrap_or(0);
    // Boards so far run what is written out: there is no memory in which to make synapses.
    let mut kernel = Kernel::new(core, memory, &mut []).map_err(Failure::Kernel)?.with_ticks(ticks.into());
    let mut outside = Outside { lines: Lines::new(port), queue, overflow: false };
    for _ in 0..ticks.saturating_add(latency) {
        kernel.tick(&mut outside);
        if outside.overflow {
            return Err(Failure::QueueFull);
        }
        for event in outside.queue.iter() {
            kernel.receive(event.key, event.payload);
        }
        outside.queue.clear();
    }
    let counters = kernel.counters();
    outside.lines.line("end", &[counters.spikes as i64, counters.synaptic_events as i64, counters.saturations as i64]);
    if outside.lines.finish() { Ok(()) } else { Err(Failure::Output) }
}

struct Outside<'a, P, const N: usize> {
    lines: Lines<'a, P>,
    queue: &'a mut Vec<Event, N>,
    overflow: bool,
}

impl<P: Write, const N: usize> Output for Outside<'_, P, N> {
    fn event(&mut self, key: u32, payload: Option<i32>) {
        self.overflow |= self.queue.push(Event { key, payload }).is_err();
    }

    fn spike(&mut self, record: u32, tick: u32, member: u32) {
        self.lines.line("s", &[record.into(), tick.into(), member.into()]);
    }

    fn state(&mut self, record: u32, tick: u32, member: u32, raw: i32) {
        self.lines.line("v", &[record.into(), tick.into(), member.into(), raw.into()]);
    }
}
