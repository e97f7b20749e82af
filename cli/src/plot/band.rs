//! One band: its background, its name and size, and what happened in it.

use super::layout::{Frame, note};
use super::scene::{Anchor, Color, Item, Rect, Text};
use super::{Band, BandKind, Raster, axis, font, palette, spikes, traces};

/// Size of the font of names.
pub const NAME_SIZE: f64 = 13.0;
/// Between names and plot.
pub const LABEL_GAP: f64 = 16.0;
/// Size of the font of numbers.
pub const NOTE_SIZE: f64 = 11.0;
const LINE: f64 = 15.0;
/// Up to so many members a variable is drawn as lines, beyond as a heat map.
pub const MOST_LINES: u32 = 8;

/// A band and its place.
#[derive(Clone, Copy, Debug)]
pub struct Placed<'a> {
    /// What it shows.
    pub band: &'a Band,
    /// Where.
    pub rect: Rect,
    /// Its colour.
    pub color: Color,
    /// The colour behind it.
    pub back: Color,
}

/// The height that a band would like to have.
#[must_use]
pub fn wanted_height(band: &Band) -> f64 {
    let rows = f64::from(band.rows());
    match &band.kind {
        BandKind::Spikes(_) => (24.0 + 5.2 * rows.sqrt()).clamp(30.0, 340.0),
        BandKind::Traces(_) if band.rows() <= MOST_LINES => (34.0 * rows).clamp(72.0, 170.0),
        BandKind::Traces(_) => (2.0 * rows).clamp(84.0, 520.0),
    }
}

/// Draws what lies under the grid.
pub fn backgrounds(placed: &[Placed], items: &mut Vec<Item>) {
    items.extend(placed.iter().map(|p| Item::Fill(p.rect, p.back)));
}

/// Draws what lies over the grid.
pub fn draw(raster: &Raster, placed: &[Placed], frame: &Frame, items: &mut Vec<Item>) {
    let total = placed.iter().map(|p| p.band.spikes().len()).sum();
    let mut free_from = 0.0;
    for p in placed {
        match &p.band.kind {
            BandKind::Spikes(list) => spikes::draw(p, list, total, frame, items),
            BandKind::Traces(values) => traces::draw(p, values, frame, items),
        }
        items.push(Item::Fill(Rect { x: p.rect.x - 3.0, w: 3.0, ..p.rect }, p.color));
        labels(raster, p, &mut free_from, items);
    }
}

/// Name, size and rate, as many as there is room for; `free_from` is where the labels above end.
fn labels(raster: &Raster, p: &Placed, free_from: &mut f64, items: &mut Vec<Item>) {
    let fitting = ((p.rect.h / LINE) as usize).max(1);
    let notes: Vec<String> = notes(raster, p.band).into_iter().take(fitting - 1).collect();
    let height = LINE * (1 + notes.len()) as f64;
    let top = p.rect.middle() - height / 2.0;
    if top + 2.0 < *free_from {
        return;
    }
    *free_from = top + height;
    let x = p.rect.x - LABEL_GAP + 3.0;
    let mut y = top + 11.5;
    items.push(Item::Text(Text {
        x,
        y,
        text: font::fit_end(&p.band.name, NAME_SIZE, true, x - 8.0),
        size: NAME_SIZE,
        bold: true,
        color: p.color.mix(palette::INK, 0.25),
        anchor: Anchor::End,
    }));
    for text in notes {
        y += LINE;
        items.push(note(x, y, text, Anchor::End));
    }
}

/// Width of the widest line of a band's labels.
#[must_use]
pub fn label_width(raster: &Raster, band: &Band) -> f64 {
    let name = font::width(&band.name, NAME_SIZE, true);
    notes(raster, band).iter().map(|note| font::width(note, NOTE_SIZE, false)).fold(name, f64::max)
}

fn notes(raster: &Raster, band: &Band) -> Vec<String> {
    let size = axis::counted(band.size.into(), "neuron", "neurons");
    let size = if band.rows() == band.size { size } else { format!("{} of {size}", axis::number(band.rows().into(), 0)) };
    let mut notes = vec![size];
    if let BandKind::Spikes(spikes) = &band.kind {
        let rate = spikes.len() as f64 / raster.duration_s() / f64::from(band.rows().max(1));
        notes.push(format!("{} Hz", axis::short(rate)));
    }
    notes
}
