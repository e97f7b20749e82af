//! The board as a drawing: a hexagon for each chip, a dot for each core, a line for each link.

use super::machine::{ChipReport, MachineReport};
use bouton_targets::machine::{LINK_NAMES, STEPS};
use std::fmt::Write;

/// Half the width of a hexagon.
const APOTHEM: f64 = 34.0;
/// Distance from its middle to its corners.
const RADIUS: f64 = APOTHEM * 1.154_700_538;
/// Chips beyond which cores are not drawn one by one: a page has to stay small.
const MOST_CHIPS_WITH_CORES: usize = 600;

/// The middle of a chip: columns go right, rows go up and half a column left, so that all six links have one length.
fn middle(x: i32, y: i32) -> (f64, f64) {
    (2.0 * APOTHEM * (f64::from(x) - f64::from(y) / 2.0), -1.5 * RADIUS * f64::from(y))
}

/// The drawing, as SVG.
#[must_use]
pub fn svg(report: &MachineReport) -> String {
    let middles: Vec<_> = report.chips.iter().map(|c| middle(c.x.into(), c.y.into())).collect();
    let bound = |of: fn(&(f64, f64)) -> f64, pick: fn(f64, f64) -> f64| middles.iter().map(of).reduce(pick).unwrap_or(0.0);
    let (left, right) = (bound(|m| m.0, f64::min) - 60.0, bound(|m| m.0, f64::max) + 60.0);
    let (top, bottom) = (bound(|m| m.1, f64::min) - 60.0, bound(|m| m.1, f64::max) + 60.0);
    let mut out = format!(
        "<svg viewBox=\"{left:.0} {top:.0} {:.0} {:.0}\" role=\"img\" aria-label=\"the chips of the machine\">\n",
        right - left,
        bottom - top
    );
    let busiest = report.chips.iter().flat_map(|c| c.links).flatten().fold(0.0, f64::max);
    for (chip, at) in report.chips.iter().zip(&middles) {
        links(&mut out, chip, *at, busiest);
    }
    for (chip, at) in report.chips.iter().zip(&middles) {
        hexagon(&mut out, report, chip, *at);
    }
    out.push_str("</svg>\n");
    out
}

/// Lines half way to the neighbours, one for what leaves by each link; those of links that wrap around end in the open.
fn links(out: &mut String, chip: &ChipReport, (x, y): (f64, f64), busiest: f64) {
    for ((packets, (dx, dy)), name) in chip.links.iter().zip(STEPS).zip(LINK_NAMES) {
        let Some(packets) = packets else { continue };
        let (to_x, to_y) = middle(dx, dy);
        // What goes and what comes lie beside each other.
        let (beside_x, beside_y) = (-to_y * 0.05, to_x * 0.05);
        let share = if busiest > 0.0 { packets / busiest } else { 0.0 };
        let _ = writeln!(
            out,
            "<line class=\"link\" x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\" stroke-width=\"{:.1}\" stroke-opacity=\"{:.2}\"><title>\
             link {name} of chip {},{}: {packets:.2} packets per tick</title></line>",
            x + beside_x,
            y + beside_y,
            x + beside_x + to_x / 2.0,
            y + beside_y + to_y / 2.0,
            1.0 + 6.0 * share,
            0.15 + 0.85 * share,
            chip.x,
            chip.y
        );
    }
}

fn hexagon(out: &mut String, report: &MachineReport, chip: &ChipReport, (x, y): (f64, f64)) {
    let shares = shares(report, chip);
    let corners: Vec<String> = (0..6)
        .map(|i| {
            let angle = std::f64::consts::PI * (f64::from(i) / 3.0 + 1.0 / 6.0);
            format!("{:.1},{:.1}", x + 0.8 * RADIUS * angle.cos(), y + 0.8 * RADIUS * angle.sin())
        })
        .collect();
    let [load, memory, shared, table] = shares;
    let percent = |share: f64| format!("{:.0} %", 100.0 * share);
    let ethernet = if chip.board == (chip.x, chip.y) { " first" } else { "" };
    let _ = writeln!(
        out,
        "<g class=\"chip\" data-load=\"{load:.3}\" data-memory=\"{memory:.3}\" data-shared=\"{shared:.3}\" data-table=\"{table:.3}\">\
         <polygon class=\"frame{ethernet}\" points=\"{0}\"/><polygon class=\"fill\" points=\"{0}\" fill-opacity=\"{load:.3}\"/>\
         <title>chip {1},{2}: {3} of {4} cores, busiest {5}, table {6} of {7} entries, shared memory {8}</title>",
        corners.join(" "),
        chip.x,
        chip.y,
        chip.cores.len(),
        chip.free_cores,
        percent(load),
        chip.entries,
        report.most_entries,
        percent(shared)
    );
    if report.chips.len() <= MOST_CHIPS_WITH_CORES {
        cores(out, report, chip, (x, y));
    }
    let _ = writeln!(out, "<text x=\"{x:.1}\" y=\"{:.1}\">{},{}</text></g>", y - 13.0, chip.x, chip.y);
}

/// Dots in rows of six; those of SpiNNaker2 in as many rows as they need.
fn cores(out: &mut String, report: &MachineReport, chip: &ChipReport, (x, y): (f64, f64)) {
    let per_row = if chip.free_cores > 36 { 16 } else { 6 };
    let pitch = 46.0 / f64::from(per_row);
    for (at, core) in (0..).zip(&chip.cores) {
        let (column, row) = (at % per_row, at / per_row);
        let share = report.tick_cycles.map_or(0.5, |all| (core.cycles / all).min(1.0));
        let names: Vec<String> = core
            .slices
            .iter()
            .map(|(population, first, count)| {
                let name = report.populations.get(*population).map_or("", |p| p.name.as_str());
                format!("{}[{first}..{}]", super::escape(name), first + count)
            })
            .collect();
        let _ = write!(
            out,
            "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"{:.1}\" fill-opacity=\"{:.2}\"><title>core {} (processor {}): {}; {:.0} cycles per \
             tick, {} bytes</title></circle>",
            x - 23.0 + pitch * (f64::from(column) + 0.5),
            y - 6.0 + pitch * (f64::from(row) + 0.5),
            pitch * 0.4,
            0.25 + 0.75 * share,
            core.core,
            core.processor,
            names.join(", "),
            core.cycles,
            core.memory_bytes
        );
    }
}

/// Shares of a tick and of memory of its busiest core, of shared memory and of the table.
fn shares(report: &MachineReport, chip: &ChipReport) -> [f64; 4] {
    let of = |value: f64, all: Option<f64>| all.filter(|all| *all > 0.0).map_or(0.0, |all| (value / all).min(1.0));
    let cycles = chip.cores.iter().map(|c| c.cycles).fold(0.0, f64::max);
    let memory = chip.cores.iter().map(|c| c.memory_bytes).max().unwrap_or(0) as f64;
    let bytes = |n: Option<u64>| n.map(|n| n as f64);
    [
        of(cycles, report.tick_cycles),
        of(memory, bytes(report.core_bytes)),
        of(chip.shared_bytes as f64, bytes(report.shared_bytes)),
        of(chip.entries as f64, Some(report.most_entries as f64)),
    ]
}
