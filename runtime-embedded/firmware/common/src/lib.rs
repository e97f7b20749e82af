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
use bouton_targets::image::{CoreError, CoreView, ImageError, ImageView};
pub use text::Lines;

/// Where bytes go.
pub trait Port {
    /// Writes all of them.
    fn write(&mut self, bytes: &[u8]);
}

/// An event between two ticks.
#[derive(Clone, Copy, Default)]
pub struct Event {
    key: u32,
    payload: Option<i32>,
}

impl Event {
    /// What a queue is filled with.
    pub const NONE: Event = Event { key: 0, payload: None };
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
        }
    }
}

/// Runs `ticks` ticks of the image.
///
/// # Errors
/// See [`Failure`].
pub fn run(image: &[u8], memory: &mut [u64], queue: &mut [Event], ticks: u32, port: &mut impl Port) -> Result<(), Failure> {
    let image = ImageView::new_checked(image).map_err(Failure::Image)?;
    if image.section(bouton_targets::image::SectionKind::Core, 1).is_some() {
        return Err(Failure::MoreCores);
    }
    let core = CoreView::new_checked(image, 0).map_err(Failure::Core)?;
    let latency = core.blocks().map(|b| b.latency).max().unwrap_or(0);
    let mut kernel = Kernel::new(core, memory).map_err(Failure::Kernel)?.with_ticks(ticks.into());
    let mut outside = Outside { lines: Lines::new(port), queue, queued: 0, overflow: false };
    for _ in 0..ticks.saturating_add(latency) {
        kernel.tick(&mut outside);
        if outside.overflow {
            return Err(Failure::QueueFull);
        }
        for event in outside.queue.iter().take(outside.queued) {
            kernel.receive(event.key, event.payload);
        }
        outside.queued = 0;
    }
    let counters = kernel.counters();
    outside.lines.line("end", &[counters.spikes as i64, counters.synaptic_events as i64, counters.saturations as i64]);
    outside.lines.flush();
    Ok(())
}

struct Outside<'a, P> {
    lines: Lines<'a, P>,
    queue: &'a mut [Event],
    queued: usize,
    overflow: bool,
}

impl<P: Port> Output for Outside<'_, P> {
    fn event(&mut self, key: u32, payload: Option<i32>) {
        match self.queue.get_mut(self.queued) {
            Some(place) => {
                *place = Event { key, payload };
                self.queued += 1;
            }
            None => self.overflow = true,
        }
    }

    fn spike(&mut self, record: u32, tick: u32, member: u32) {
        self.lines.line("s", &[record.into(), tick.into(), member.into()]);
    }

    fn state(&mut self, record: u32, tick: u32, member: u32, raw: i32) {
        self.lines.line("v", &[record.into(), tick.into(), member.into(), raw.into()]);
    }
}
