//! The firing rates under the bands: Hz per neuron, by population.

use super::band::Placed;
use super::layout::{Frame, line, note};
use super::scene::{Anchor, Color, Item, Rect, Text};
use super::{BandKind, Raster, axis, band, palette};

/// More populations are shown as one mean.
const MOST_CURVES: usize = 10;
/// More curves are not filled.
const MOST_AREAS: usize = 3;
/// Bins over the picture, when there are many spikes, and when there are few.
const BINS: (f64, f64) = (180.0, 60.0);
const FEW_SPIKES: usize = 2_000;

struct Curve {
    color: Color,
    /// Hz per neuron, by bin.
    rates: Vec<f64>,
}

/// Draws the strip.
pub fn draw(raster: &Raster, placed: &[Placed], frame: &Frame, rect: Rect, items: &mut Vec<Item>) {
    let spiking: Vec<&Placed> = placed.iter().filter(|p| matches!(p.band.kind, BandKind::Spikes(_))).collect();
    let bin = bin_ticks(raster, &spiking);
    let curves = if spiking.len() <= MOST_CURVES {
        spiking.iter().map(|p| curve(std::slice::from_ref(p), p.color, bin, frame)).collect()
    } else {
        vec![curve(&spiking, palette::SOFT_INK, bin, frame)]
    };
    let most = curves.iter().flat_map(|c| &c.rates).copied().fold(0.0, f64::max);
    let (top, step) = if most > 0.0 { round_top(most) } else { (1.0, 1.0) };
    scale(rect, top, step, items);
    for curve in &curves {
        if curves.len() <= MOST_AREAS {
            items.push(area(curve, bin, frame, rect, top));
        }
    }
    for curve in &curves {
        let points = steps(curve, bin, frame, rect, top);
        items.push(Item::Line { points, color: curve.color, width: 1.4, alpha: 1.0 });
    }
    let bin_s = f64::from(bin) * frame.tick_s;
    heading(rect, if spiking.len() <= MOST_CURVES { "firing rate" } else { "mean rate" }, &axis::time(bin_s), items);
}

/// A round number of seconds, in whole ticks.
fn bin_ticks(raster: &Raster, spiking: &[&Placed]) -> u32 {
    let spikes: usize = spiking.iter().map(|p| p.band.spikes().len()).sum();
    let bins = if spikes < FEW_SPIKES { BINS.1 } else { BINS.0 };
    let bin_s = axis::round_step(raster.duration_s() / bins);
    (bin_s / raster.tick_s).round().max(1.0) as u32
}

fn curve(of: &[&Placed], color: Color, bin: u32, frame: &Frame) -> Curve {
    let bins = frame.ticks.div_ceil(bin) as usize;
    let mut counts = vec![0_u64; bins];
    for (tick, _) in of.iter().flat_map(|p| p.band.spikes()) {
        if let Some(count) = counts.get_mut((tick / bin) as usize) {
            *count += 1;
        }
    }
    let neurons: f64 = of.iter().map(|p| f64::from(p.band.rows())).sum();
    let rate = |(at, count): (usize, u64)| {
        // The last bin may be cut short by the end of the run.
        let ticks = bin.min(frame.ticks - at as u32 * bin);
        count as f64 / (f64::from(ticks) * frame.tick_s) / neurons.max(1.0)
    };
    Curve { color, rates: counts.into_iter().enumerate().map(rate).collect() }
}

/// The corners of a curve's steps.
fn steps(curve: &Curve, bin: u32, frame: &Frame, rect: Rect, top: f64) -> Vec<(f64, f64)> {
    let mut steps = Vec::with_capacity(curve.rates.len() * 2);
    for (at, rate) in curve.rates.iter().enumerate() {
        let y = rect.bottom() - rect.h * (rate / top).min(1.0);
        let start = at as f64 * f64::from(bin);
        steps.push((frame.at(start), y));
        steps.push((frame.at(start + f64::from(bin)), y));
    }
    steps
}

fn area(curve: &Curve, bin: u32, frame: &Frame, rect: Rect, top: f64) -> Item {
    let mut points = vec![(rect.x, rect.bottom())];
    points.extend(steps(curve, bin, frame, rect, top));
    points.push((rect.right(), rect.bottom()));
    Item::Area { points, color: curve.color, alpha: 0.12 }
}

/// The least multiple of a round step that is not below, and the step.
fn round_top(most: f64) -> (f64, f64) {
    let step = axis::round_step(most / 3.0);
    ((most / step - 1e-9).ceil() * step, step)
}

fn scale(rect: Rect, top: f64, step: f64, items: &mut Vec<Item>) {
    let (values, decimals) = axis::ticks(0.0, top, top / step);
    for value in values {
        let y = rect.bottom() - rect.h * value / top;
        items.push(line(vec![(rect.x, y), (rect.right(), y)], palette::GRID, 1.0));
        items.push(note(rect.right() + 8.0, y + 4.0, axis::number(value, decimals), Anchor::Start));
    }
}

fn heading(rect: Rect, name: &str, bin: &str, items: &mut Vec<Item>) {
    let x = rect.x - band::LABEL_GAP + 3.0;
    let y = rect.middle() - 11.0;
    items.push(Item::Text(Text {
        x,
        y,
        text: name.to_string(),
        size: band::NAME_SIZE,
        bold: true,
        color: palette::INK,
        anchor: Anchor::End,
    }));
    items.push(note(x, y + 15.0, "Hz per neuron".to_string(), Anchor::End));
    items.push(note(x, y + 30.0, format!("{bin} bins"), Anchor::End));
}
