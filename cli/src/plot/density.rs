//! Spikes as a density picture: each pixel is as dark as there are spikes under it.

use super::band::Placed;
use super::layout::Frame;
use super::scene::{Bitmap, Item, SCALE};

/// Opacity of the pixels in which as many spikes meet as in the fullest twentieth.
const FULL: f64 = 0.96;
/// One spike is never fainter.
const FAINTEST: f64 = 0.06;

/// The spikes of a band, as pixels.
#[must_use]
pub fn draw(p: &Placed, spikes: &[(u32, u32)], frame: &Frame) -> Item {
    let (width, height) = p.rect.device();
    let counts = count(p, spikes, frame, width, height);
    let opacities = opacities(&counts);
    let mut rgba = Vec::with_capacity(counts.len() * 4);
    for n in counts {
        let alpha = opacities[usize::from(n).min(opacities.len() - 1)];
        rgba.extend([p.color.0, p.color.1, p.color.2, alpha]);
    }
    Item::Image(p.rect, Bitmap { width, height, rgba })
}

/// Spikes by pixel. A spike covers a square of `SCALE` pixels, so that it is seen at normal zoom.
fn count(p: &Placed, spikes: &[(u32, u32)], frame: &Frame, width: u32, height: u32) -> Vec<u16> {
    let rows = u64::from(p.band.rows().max(1));
    let mut counts = vec![0_u16; width as usize * height as usize];
    let fits = |at: u64, size: u32| at.min(u64::from(size.saturating_sub(SCALE))) as usize;
    for (tick, member) in spikes {
        let Some(row) = p.band.row(*member) else { continue };
        let x = fits(u64::from(*tick) * u64::from(width) / u64::from(frame.ticks), width);
        let y = fits(u64::from(row) * u64::from(height) / rows, height);
        for line in y..(y + SCALE as usize).min(height as usize) {
            let start = line * width as usize;
            for n in &mut counts[start + x..(start + x + SCALE as usize).min(start + width as usize)] {
                *n = n.saturating_add(1);
            }
        }
    }
    counts
}

/// Opacity by number of spikes: `1 - (1 - a)^n`, as if dots of opacity `a` lay over each other. `a` is such that the
/// fullest twentieth of the inked pixels is nearly solid.
fn opacities(counts: &[u16]) -> Vec<u8> {
    let mut histogram = vec![0_usize; 1 + usize::from(counts.iter().copied().max().unwrap_or(0))];
    for n in counts {
        histogram[usize::from(*n)] += 1;
    }
    let inked: usize = histogram.iter().skip(1).sum();
    let mut above = inked / 20;
    let full = (1..histogram.len()).rev().find(|n| {
        let stop = histogram[*n] > above;
        above = above.saturating_sub(histogram[*n]);
        stop
    });
    let single = (1.0 - libm::pow(1.0 - FULL, 1.0 / full.unwrap_or(1).max(2) as f64)).max(FAINTEST);
    let mut clear = 1.0;
    let mut table = Vec::with_capacity(histogram.len());
    for _ in 0..histogram.len() {
        table.push(((1.0_f64 - clear) * 255.0).round() as u8);
        clear *= 1.0 - single;
    }
    table
}
