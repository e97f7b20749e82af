//! Values over time: lines for a few neurons, a heat map for many.

use super::band::{MOST_LINES, Placed};
use super::colormap::Colormap;
use super::layout::{Frame, line, note};
use super::scene::{Anchor, Bitmap, Item, Rect};
use super::{Traces, axis, palette};

/// Between the numbers of a legend.
const LEGEND_LINE: f64 = 12.0;

/// Draws the values of a band, with their scale to the right.
pub fn draw(p: &Placed, traces: &Traces, frame: &Frame, items: &mut Vec<Item>) {
    let rows = p.band.rows() as usize;
    let Some((low, high)) = extent(&traces.values) else { return };
    if rows == 0 {
        return;
    }
    if rows <= MOST_LINES as usize {
        lines(p, traces, (low, high), frame, items);
    } else {
        let map = Colormap::of(low, high, rest(&traces.values, rows)).bent_for(&traces.values);
        items.push(heat_map(p, traces, &map, frame));
        legend(p, traces, &map, items);
    }
}

/// The least and the greatest value.
fn extent(values: &[f32]) -> Option<(f64, f64)> {
    let finite = || values.iter().copied().filter(|v| v.is_finite());
    let low = finite().reduce(f32::min)?;
    let high = finite().reduce(f32::max)?;
    Some((low.into(), high.into()))
}

/// What most neurons start at: the median of the first sample.
fn rest(values: &[f32], rows: usize) -> Option<f64> {
    let mut first: Vec<f32> = values.get(..rows)?.to_vec();
    first.sort_by(f32::total_cmp);
    first.get(rows / 2).map(|v| f64::from(*v)).filter(|v| v.is_finite())
}

/// The samples that are shown in each column of pixels: the last one that began by then, or all that begin in it.
fn columns(traces: &Traces, frame: &Frame, width: u32) -> Vec<Option<(usize, usize)>> {
    let x = |tick: u32| u64::from(tick) * u64::from(width) / u64::from(frame.ticks);
    let mut spans: Vec<Option<(usize, usize)>> = vec![None; width as usize];
    for (sample, tick) in traces.ticks.iter().enumerate() {
        if let Some(span) = spans.get_mut(x(*tick) as usize) {
            *span = Some(span.map_or((sample, sample + 1), |(start, _)| (start, sample + 1)));
        }
    }
    for at in 1..spans.len() {
        if spans[at].is_none() {
            spans[at] = spans[at - 1].map(|(_, end)| (end - 1, end));
        }
    }
    spans
}

fn heat_map(p: &Placed, traces: &Traces, map: &Colormap, frame: &Frame) -> Item {
    let rows = p.band.rows() as usize;
    let (width, height) = p.rect.device();
    let spans = columns(traces, frame, width);
    let mut rgba = Vec::with_capacity(width as usize * height as usize * 4);
    let mut drawn = None;
    for line in 0..height as usize {
        let first = line * rows / height as usize;
        let last = ((line + 1) * rows / height as usize).max(first + 1);
        if drawn == Some((first, last)) {
            rgba.extend_from_within(rgba.len() - width as usize * 4..);
            continue;
        }
        drawn = Some((first, last));
        for span in &spans {
            let mean = span.and_then(|span| mean(&traces.values, rows, span, (first, last)));
            let color = mean.map_or(p.back, |value| map.color(value));
            rgba.extend([color.0, color.1, color.2, 255]);
        }
    }
    Item::Image(p.rect, Bitmap { width, height, rgba })
}

/// The mean over samples and rows.
fn mean(values: &[f32], rows: usize, samples: (usize, usize), of: (usize, usize)) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0);
    for sample in samples.0..samples.1 {
        for value in values.get(sample * rows + of.0..sample * rows + of.1)? {
            sum += f64::from(*value);
            count += 1;
        }
    }
    Some(sum / f64::from(count.max(1))).filter(|v| v.is_finite())
}

/// A bar of the map's colours, with its ends and its centre.
fn legend(p: &Placed, traces: &Traces, map: &Colormap, items: &mut Vec<Item>) {
    let bar = Rect { x: p.rect.right() + 12.0, y: p.rect.y + 6.0, w: 9.0, h: (p.rect.h - 28.0).clamp(40.0, 168.0) };
    let (width, height) = bar.device();
    let rgba = (0..height).flat_map(|line| {
        let value = map.value_between(1.0 - (f64::from(line) + 0.5) / f64::from(height));
        let color = map.color(value);
        [color.0, color.1, color.2, 255].repeat(width as usize)
    });
    items.push(Item::Image(bar, Bitmap { width, height, rgba: rgba.collect() }));
    if map.bend.is_some() {
        items.push(note(bar.x, bar.bottom() + 14.0, "log scale".to_string(), Anchor::Start));
    }
    let y = |value: f64| bar.bottom() - bar.h * map.part(value);
    let mut lowest_free = f64::INFINITY;
    let ticks = map.ticks((bar.h / 26.0).clamp(2.0, 6.0));
    let highest = ticks.len().saturating_sub(1);
    for (at, (value, decimals)) in ticks.into_iter().enumerate() {
        if y(value) > lowest_free {
            continue;
        }
        lowest_free = y(value) - LEGEND_LINE;
        items.push(line(vec![(bar.right(), y(value)), (bar.right() + 3.0, y(value))], palette::AXIS, 1.0));
        let unit = if at == highest && !traces.unit.is_empty() { format!(" {}", traces.unit) } else { String::new() };
        items.push(note(bar.right() + 6.0, y(value) + 4.0, axis::number(value, decimals) + &unit, Anchor::Start));
    }
}

fn lines(p: &Placed, traces: &Traces, (low, high): (f64, f64), frame: &Frame, items: &mut Vec<Item>) {
    let rows = p.band.rows() as usize;
    let inner = Rect { y: p.rect.y + 6.0, h: p.rect.h - 12.0, ..p.rect };
    let lane = inner.h / rows as f64;
    let span = if high > low { high - low } else { 1.0 };
    for row in 0..rows {
        let base = inner.y + lane * (row + 1) as f64 - lane * 0.06;
        let points = envelope(traces, rows, row, frame, |value| base - lane * 0.88 * (value - low) / span);
        let color = if row % 2 == 0 { p.color } else { p.color.mix(palette::INK, 0.35) };
        items.push(Item::Line { points, color, width: 1.1, alpha: 1.0 });
        if lane >= 11.0 {
            items.push(note(inner.right() + 7.0, base - lane * 0.44 + 4.0, p.band.member(row as u32).to_string(), Anchor::Start));
        }
    }
    value_bar(p, traces, (low, high), (inner.y + lane * 0.06, inner.y + lane * 0.94), items);
}

/// The line through the values of a row; of the many that share a column of pixels, first, least, greatest and last.
fn envelope(traces: &Traces, rows: usize, row: usize, frame: &Frame, y: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
    let value = |sample: usize| traces.values.get(sample * rows + row).map_or(f64::NAN, |v| f64::from(*v));
    let (width, _) = Rect { x: 0.0, y: 0.0, w: frame.w, h: 1.0 }.device();
    let column = |tick: u32| u64::from(tick) * u64::from(width) / u64::from(frame.ticks);
    let mut points = Vec::new();
    let mut start = 0;
    while start < traces.ticks.len() {
        let same = traces.ticks[start..].iter().take_while(|t| column(**t) == column(traces.ticks[start])).count();
        let span = start..start + same;
        let least = span.clone().min_by(|a, b| value(*a).total_cmp(&value(*b))).unwrap_or(start);
        let greatest = span.clone().max_by(|a, b| value(*a).total_cmp(&value(*b))).unwrap_or(start);
        let mut shown = [start, least, greatest, span.end - 1];
        shown.sort_unstable();
        for (at, sample) in shown.iter().enumerate() {
            if (at == 0 || shown[at - 1] != *sample) && value(*sample).is_finite() {
                points.push((frame.at(f64::from(traces.ticks[*sample])), y(value(*sample))));
            }
        }
        start = span.end;
    }
    points
}

/// The scale of the first lane.
fn value_bar(p: &Placed, traces: &Traces, (low, high): (f64, f64), (top, bottom): (f64, f64), items: &mut Vec<Item>) {
    let x = p.rect.right() + 24.0;
    items.push(line(vec![(x + 4.0, top), (x, top), (x, bottom), (x + 4.0, bottom)], palette::AXIS, 1.0));
    let unit = if traces.unit.is_empty() { String::new() } else { format!(" {}", traces.unit) };
    items.push(note(x + 8.0, top + 5.0, axis::within(high, high - low) + &unit, Anchor::Start));
    if bottom - top > 18.0 {
        items.push(note(x + 8.0, bottom + 3.0, axis::within(low, high - low), Anchor::Start));
    }
}
