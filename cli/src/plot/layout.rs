//! Where everything goes: title, bands, firing rates, time axis.

use super::band::{self, Placed};
use super::scene::{Anchor, Color, Item, Rect, Scene, Text};
use super::{BandKind, Raster, axis, font, palette, rates};

const WIDTH: f64 = 1200.0;
const TOP: f64 = 78.0;
const RIGHT: f64 = 92.0;
const EDGE: f64 = 28.0;
const LEFT_LIMITS: (f64, f64) = (118.0, 280.0);
const AXIS_HEIGHT: f64 = 58.0;
const RATES_HEIGHT: f64 = 84.0;
const RATES_GAP: f64 = 18.0;
/// Bands together are about this high, as long as each can be read.
const BANDS_HEIGHT: f64 = 820.0;

/// The time axis, and what lies over it.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// Left edge.
    pub x: f64,
    /// Width.
    pub w: f64,
    /// Length of a tick in seconds.
    pub tick_s: f64,
    /// Number of ticks, at least 1.
    pub ticks: u32,
}

impl Frame {
    /// Where a time in ticks lies.
    #[must_use]
    pub fn at(&self, tick: f64) -> f64 {
        self.x + self.w * (tick / f64::from(self.ticks)).clamp(0.0, 1.0)
    }
}

/// The picture.
#[must_use]
pub fn scene(raster: &Raster) -> Scene {
    let frame = frame(raster);
    let left = frame.x;
    let placed = place_bands(raster, &frame);
    let bands_bottom = placed.last().map_or(TOP + 40.0, |p| p.rect.bottom());
    let rates_rect = Rect { x: frame.x, y: bands_bottom + RATES_GAP, w: frame.w, h: RATES_HEIGHT };
    let has_rates = placed.iter().any(|p| matches!(p.band.kind, BandKind::Spikes(_)));
    let bottom = if has_rates { rates_rect.bottom() } else { bands_bottom };

    let height = (bottom + AXIS_HEIGHT).round();
    let mut items = vec![Item::Fill(Rect { x: 0.0, y: 0.0, w: WIDTH, h: height }, palette::PAGE)];
    title(raster, left, &mut items);
    band::backgrounds(&placed, &mut items);
    let ends = if has_rates { &[(TOP, bands_bottom), (rates_rect.y, bottom)][..] } else { &[(TOP, bands_bottom)][..] };
    time_axis(&frame, ends, &mut items);
    band::draw(raster, &placed, &frame, &mut items);
    if has_rates {
        rates::draw(raster, &placed, &frame, rates_rect, &mut items);
    }
    Scene { title: raster.title.clone(), width: WIDTH, height, items }
}

fn frame(raster: &Raster) -> Frame {
    let left = left_margin(raster);
    Frame { x: left, w: WIDTH - RIGHT - left, tick_s: raster.tick_s, ticks: raster.ticks.max(1) }
}

/// The bands and their places, as in [`scene`].
#[cfg(test)]
pub fn placed(raster: &Raster) -> Vec<Placed<'_>> {
    place_bands(raster, &frame(raster))
}

fn left_margin(raster: &Raster) -> f64 {
    let widest = raster.bands.iter().map(|b| band::label_width(raster, b)).fold(0.0, f64::max);
    (widest + EDGE + band::LABEL_GAP).clamp(LEFT_LIMITS.0, LEFT_LIMITS.1).ceil()
}

fn place_bands<'a>(raster: &'a Raster, frame: &Frame) -> Vec<Placed<'a>> {
    let (gap, least) = match raster.bands.len() {
        0..=20 => (7.0, 30.0),
        21..=60 => (3.0, 17.0),
        _ => (1.0, 6.0),
    };
    let wanted: Vec<f64> = raster.bands.iter().map(band::wanted_height).collect();
    let total: f64 = wanted.iter().sum();
    let shrink = (BANDS_HEIGHT / total.max(1.0)).min(1.0);
    let colors = palette::of_bands(raster);
    let mut y = TOP;
    let mut placed = Vec::new();
    for (at, (band, height)) in raster.bands.iter().zip(wanted).enumerate() {
        let h = (height * shrink).max(least).round();
        let rect = Rect { x: frame.x, y, w: frame.w, h };
        placed.push(Placed { band, rect, color: colors[at], back: palette::BACK[at % 2] });
        y += h + gap;
    }
    placed
}

fn title(raster: &Raster, left: f64, items: &mut Vec<Item>) {
    let space = WIDTH - EDGE - left;
    let text = |y, text: &str, size, bold, color| {
        Item::Text(Text { x: left, y, text: font::fit_end(text, size, bold, space), size, bold, color, anchor: Anchor::Start })
    };
    items.push(text(38.0, &raster.title, 21.0, true, palette::INK));
    items.push(text(59.0, &raster.subtitle, 12.5, false, palette::SOFT_INK));
}

/// Grid lines between the `ends` (top, bottom), and the axis under the last.
fn time_axis(frame: &Frame, ends: &[(f64, f64)], items: &mut Vec<Item>) {
    let duration = f64::from(frame.ticks) * frame.tick_s;
    let (unit, unit_s) = axis::time_unit(duration);
    let (values, decimals) = axis::ticks(0.0, duration / unit_s, frame.w / 105.0);
    let bottom = ends.last().map_or(0.0, |end| end.1);
    for value in values {
        let x = frame.at(value * unit_s / frame.tick_s);
        for (top, bottom) in ends {
            items.push(line(vec![(x, *top), (x, *bottom)], palette::GRID, 1.0));
        }
        items.push(line(vec![(x, bottom + 4.0), (x, bottom + 9.0)], palette::AXIS, 1.0));
        items.push(note(x, bottom + 23.0, axis::number(value, decimals), Anchor::Middle));
    }
    items.push(line(vec![(frame.x, bottom + 4.0), (frame.x + frame.w, bottom + 4.0)], palette::AXIS, 1.0));
    items.push(note(frame.x + frame.w / 2.0, bottom + 43.0, format!("time ({unit})"), Anchor::Middle));
}

/// A solid line.
#[must_use]
pub fn line(points: Vec<(f64, f64)>, color: Color, width: f64) -> Item {
    Item::Line { points, color, width, alpha: 1.0 }
}

/// A small text in soft ink.
#[must_use]
pub fn note(x: f64, y: f64, text: String, anchor: Anchor) -> Item {
    Item::Text(Text { x, y, text, size: band::NOTE_SIZE, bold: false, color: palette::SOFT_INK, anchor })
}
