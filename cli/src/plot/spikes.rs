//! Spikes: strokes for few neurons, dots for many, a density picture for very many spikes.

use super::band::Placed;
use super::density;
use super::layout::Frame;
use super::scene::{Item, Rect};

/// With more spikes in the picture, bands of many spikes become bitmaps: files stay small.
const MOST_MARKS: usize = 24_000;
/// Bands of fewer spikes stay marks even then.
const FEW_MARKS: usize = 1_500;

/// Draws the spikes of a band; `total` is their number in the whole picture.
pub fn draw(p: &Placed, spikes: &[(u32, u32)], total: usize, frame: &Frame, items: &mut Vec<Item>) {
    if spikes.is_empty() {
        return;
    }
    if total > MOST_MARKS && spikes.len() > FEW_MARKS {
        items.push(density::draw(p, spikes, frame));
    } else {
        items.push(marks(p, spikes, frame));
    }
}

fn marks(p: &Placed, spikes: &[(u32, u32)], frame: &Frame) -> Item {
    let rows = f64::from(p.band.rows().max(1));
    let Rect { y, h, .. } = p.rect;
    let inner = (h - 4.0).max(h * 0.8);
    let pitch = inner / rows;
    let (length, width) = if pitch >= 3.0 { ((pitch * 0.72).min(16.0) - 1.3, 1.3) } else { (0.0, (pitch * 1.6).clamp(1.3, 2.4)) };
    let points = spikes
        .iter()
        .filter_map(|(tick, member)| Some((*tick, p.band.row(*member)?)))
        .map(|(tick, row)| (frame.at(f64::from(tick)), y + (h - inner) / 2.0 + pitch * (f64::from(row) + 0.5) - length / 2.0))
        .collect();
    let alpha = if spikes.len() > 6_000 { 0.8 } else { 0.9 };
    Item::Marks { points, length, width, color: p.color, alpha }
}
