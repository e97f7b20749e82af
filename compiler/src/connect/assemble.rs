//! Lines to rows: sorted by source, then delay, then target.

use super::line::{Generator, Lines};
use super::total_pairs::{counting_sort, permuted};
use super::{ConnectError, Delays, Synapses, Weights};
use crate::circuit::{Delay, Quantity};

/// Makes every line and puts them together.
pub(crate) fn assemble(generator: &Generator) -> Result<Synapses, ConnectError> {
    let set = generator.line_indices();
    let size = if generator.by_target() { generator.target_size } else { generator.source_size };
    let mut lines = Lines::default();
    let mut line_start = vec![0u64; size as usize + 1];
    for n in 0..set.len() {
        generator.line(n, &mut lines)?;
        line_start[set.nth(n) as usize + 1] = lines.other.len() as u64;
    }
    if lines.other.len() >= u32::MAX as usize {
        return Err(ConnectError::TooMany);
    }
    // Neurons that do not take part have empty lines.
    for i in 1..line_start.len() {
        line_start[i] = line_start[i].max(line_start[i - 1]);
    }
    let row_start = if generator.by_target() { transpose(generator, &mut lines, &line_start) } else { line_start };
    sort_rows(&row_start, &mut lines);
    Ok(finish(generator, row_start, lines))
}

/// Columns to rows, stably; gives the rows' starts.
fn transpose(generator: &Generator, lines: &mut Lines, column_start: &[u64]) -> Vec<u64> {
    let (row_start, place) = counting_sort(&lines.other, generator.source_size);
    let mut target = vec![0u32; lines.other.len()];
    for (column, bounds) in column_start.windows(2).enumerate() {
        for at in &place[bounds[0] as usize..bounds[1] as usize] {
            target[*at as usize] = column as u32;
        }
    }
    lines.other = target;
    lines.weight = permuted(&lines.weight, &place);
    lines.delay = permuted(&lines.delay, &place);
    row_start
}

/// Sorts each row by delay, then target, stably.
fn sort_rows(row_start: &[u64], lines: &mut Lines) {
    let mut order: Vec<(u64, u32)> = Vec::new();
    let mut weights: Vec<f64> = Vec::new();
    for bounds in row_start.windows(2) {
        let row = bounds[0] as usize..bounds[1] as usize;
        let delay = lines.delay.get(row.clone());
        let key = |i: usize, target: u32| (delay.map_or(0, |d| u64::from(d[i])) << 32) | u64::from(target);
        order.clear();
        order.extend(lines.other[row.clone()].iter().enumerate().map(|(i, t)| (key(i, *t), i as u32)));
        if order.is_sorted() {
            continue;
        }
        order.sort_unstable();
        for (target, (key, _)) in lines.other[row.clone()].iter_mut().zip(&order) {
            *target = *key as u32;
        }
        if let Some(delays) = lines.delay.get_mut(row.clone()) {
            for (delay, (key, _)) in delays.iter_mut().zip(&order) {
                *delay = (*key >> 32) as u32;
            }
        }
        if let Some(row) = lines.weight.get_mut(row) {
            weights.clear();
            weights.extend(order.iter().map(|(_, i)| row[*i as usize]));
            row.copy_from_slice(&weights);
        }
    }
}

fn finish(generator: &Generator, row_start: Vec<u64>, lines: Lines) -> Synapses {
    let weight = match &generator.projection.weight {
        Quantity::Constant(w) if lines.factor.is_empty() => Weights::Uniform(*w),
        _ => Weights::Each(lines.weight),
    };
    let delay = match &generator.projection.delay {
        Delay::Ticks(d) if lines.delay.is_empty() => Delays::Uniform(*d),
        _ => Delays::Each(lines.delay),
    };
    Synapses { row_start, target: lines.other, delay, weight }
}
