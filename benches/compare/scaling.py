#!/usr/bin/env python3
"""How the time of compiling grows with the circuit: benches/compare/sheet.circuit from 10,000 to 1,000,000 neurons.

    cargo build --release
    benches/compare/scaling.py [--runs 1] [--largest 1000000] [--csv FILE] [--svg FILE]

Every patch of the sheet has 250 neurons with 1,000 synapses each, so the largest has 4,000 populations and a billion synapses.
A board of the machine has 10,000 neurons: 1 to 100 SpiNN-5 boards. The CSV has the medians, one line for each size; the plot
needs no other program, and changes its colours with those of its reader. Needs python3 and nothing else.
"""

import argparse
import csv
import json
import math
import os
import pathlib
import statistics
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CIRCUIT = HERE / "sheet.circuit"
# Neurons, rows and columns of the sheet, boards.
SIZES = [(10_000, 5, 8, 1), (30_000, 10, 12, 3), (100_000, 20, 20, 10), (300_000, 30, 40, 30), (1_000_000, 50, 80, 100)]
# What the project asks of itself at the largest size.
MOST_SECONDS, MOST_MEMORY_MIB = 300.0, 12e9 / 2**20
PASSES = ["elaborate", "lower", "partition", "map", "image"]


def compiled(binary, size, effort):
    """One compilation: wall seconds of the process and of its passes, processor seconds, memory, and what came out."""
    neurons, rows, columns, boards = size
    with tempfile.TemporaryDirectory(prefix="sheet_") as folder:
        image, report, errors = (pathlib.Path(folder) / name for name in ("sheet.img", "sheet.json", "errors"))
        command = [binary, "compile", CIRCUIT, "--target", f"spinn5x{boards}", "-o", image, "--report", report, "--effort", effort,
                   "--set", f"rows={rows}", "--set", f"columns={columns}"]
        with errors.open("w") as stream:
            began = time.perf_counter()
            pid = os.posix_spawnp(binary, list(map(str, command)), os.environ,
                                  file_actions=[(os.POSIX_SPAWN_DUP2, stream.fileno(), 1), (os.POSIX_SPAWN_DUP2, stream.fileno(), 2)])
            _, status, used = os.wait4(pid, 0)
            wall = time.perf_counter() - began
        if status != 0:
            sys.exit(f"scaling.py: {' '.join(map(str, command))}\nfailed with {os.waitstatus_to_exitcode(status)}:\n{errors.read_text()}")
        said = json.loads(report.read_text())
    result = {"neurons": neurons, "populations": len(said["populations"]), "synapses": said["synapses"], "boards": boards,
              "cores": len(said["cores"]), "wall_s": wall, "processor_s": used.ru_utime + used.ru_stime}
    result.update({f"{name}_s": said["wall_s"][name] for name in PASSES})
    # The process besides its passes: writing and reading files, the report.
    result["rest_s"] = wall - sum(said["wall_s"].values())
    result.update({"memory_mib": used.ru_maxrss / 1024, "image_mib": said["image_bytes"] / 2**20})
    return result


def median(runs):
    """The median of each figure."""
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}


def written(value):
    """Three digits are more than such a figure repeats."""
    return f"{value:.3g}" if isinstance(value, float) and value < 1000 else f"{value:.0f}"


# Lines of the plot: column of the CSV, name, class of colour.
LINES = [("wall_s", "whole process", "c0"), ("elaborate_s", "elaborate", "c1"), ("lower_s", "lower", "c2"),
         ("partition_s", "partition", "c3"), ("map_s", "map", "c4"), ("image_s", "image", "c5")]
STYLE = """<style>
  svg { font: 13px system-ui, sans-serif; }
  .paper { fill: #ffffff; } text { fill: #222222; } .grid { stroke: #dddddd; } .ideal { stroke: #777777; stroke-dasharray: 2 5; }
  .c0 { stroke: #222222; } .c1 { stroke: #0072b2; } .c2 { stroke: #b34700; } .c3 { stroke: #007a5a; } .c4 { stroke: #b0307a; } .c5 { stroke: #8a6a00; }
  polyline { fill: none; stroke-width: 2; } .c0 { stroke-width: 3; } circle { fill: none; stroke-width: 2; }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #16181c; } text { fill: #e6e6e6; } .grid { stroke: #3a3d42; } .ideal { stroke: #999999; }
    .c0 { stroke: #f2f2f2; } .c1 { stroke: #5db4f0; } .c2 { stroke: #ff9a5c; } .c3 { stroke: #35c99b; } .c4 { stroke: #f08cc4; } .c5 { stroke: #e0bd4a; }
  }
</style>"""


def spaced(names):
    """Moves labels apart, from the lowest on the page up, so that none covers another. Takes and gives (y, name, class)."""
    placed = []
    for y, name, colour in sorted(names, reverse=True):
        placed.append((min(y, placed[-1][0] - 16) if placed else y, name, colour))
    return placed


def plot(rows):
    """Time against neurons, both axes logarithmic."""
    width, height, left, right, top, bottom = 720, 460, 64, 130, 40, 52
    times = [row[key] for row in rows for key, _, _ in LINES]
    low, high = max(1e-4, 10 ** math.floor(math.log10(min(times)))), 10 ** math.ceil(math.log10(max(times)))
    first, last = rows[0]["neurons"], rows[-1]["neurons"]

    def x(neurons):
        return left + (width - left - right) * math.log(neurons / first) / math.log(last / first)

    def y(seconds):
        return height - bottom - (height - top - bottom) * math.log(max(seconds, low) / low) / math.log(high / low)

    def text(at_x, at_y, words, anchor="middle"):
        return f'<text x="{at_x:.1f}" y="{at_y:.1f}" text-anchor="{anchor}">{words}</text>'

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
             "<title>Seconds to compile against neurons</title>", STYLE, f'<rect class="paper" width="{width}" height="{height}"/>',
             text(left, 22, "seconds to compile, by pass", "start"), text((left + width - right) / 2, height - 10, "neurons (1,000 synapses each)")]
    for row in rows:
        at = x(row["neurons"])
        parts.append(f'<line class="grid" x1="{at:.1f}" y1="{top}" x2="{at:.1f}" y2="{height - bottom}"/>')
        parts.append(text(at, height - bottom + 18, f"{row['neurons']:,.0f}"))
    for power in range(round(math.log10(low)), round(math.log10(high)) + 1):
        at = y(10**power)
        parts.append(f'<line class="grid" x1="{left}" y1="{at:.1f}" x2="{width - right}" y2="{at:.1f}"/>')
        parts.append(text(left - 8, at + 4, f"{10**power:g}", "end"))
    # What a time in proportion to the neurons looks like, from the first point on.
    begin = rows[0]["wall_s"]
    parts.append(f'<line class="ideal" x1="{x(first):.1f}" y1="{y(begin):.1f}" x2="{x(last):.1f}" y2="{y(min(high, begin * last / first)):.1f}"/>')
    ends = [(y(begin * last / first) + 4, "in proportion", "ideal")]
    for key, name, colour in LINES:
        points = [(x(row["neurons"]), y(row[key])) for row in rows]
        parts.append(f'<polyline class="{colour}" points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in points)}"/>')
        parts.extend(f'<circle class="{colour}" cx="{a:.1f}" cy="{b:.1f}" r="3"/>' for a, b in points)
        ends.append((points[-1][1] + 4, name, colour))
    for at, name, colour in spaced(ends):
        parts.append(f'<line class="{colour}" x1="{width - right + 8}" y1="{at - 4:.1f}" x2="{width - right + 22}" y2="{at - 4:.1f}"/>')
        parts.append(text(width - right + 27, at, name, "start"))
    return "\n".join([*parts, "</svg>"]) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1, help="compilations of each size; the median is kept")
    parser.add_argument("--largest", type=int, default=SIZES[-1][0], help="neurons at most")
    parser.add_argument("--effort", default="default", choices=["fast", "default", "best"])
    parser.add_argument("--bouton", type=pathlib.Path, default=ROOT / "target" / "release" / "bouton")
    parser.add_argument("--csv", type=pathlib.Path, help="write the medians here: docs/src/scaling.csv")
    parser.add_argument("--svg", type=pathlib.Path, help="draw them here: docs/src/scaling.svg")
    parser.add_argument("--plot", action="store_true", help="measure nothing: draw what --csv holds")
    options = parser.parse_args()

    if options.plot:
        with options.csv.open() as stream:
            rows = [{key: float(value) for key, value in row.items()} for row in csv.DictReader(stream)]
    else:
        binary = options.bouton.absolute()
        if not binary.exists():
            sys.exit(f"scaling.py: {binary} is missing; cargo build --release makes it")
        rows = []
        for size in (size for size in SIZES if size[0] <= options.largest):
            rows.append(median([compiled(binary, size, options.effort) for _ in range(options.runs)]))
            print("  ".join(f"{key} {written(value)}" for key, value in rows[-1].items()), flush=True)
        last = rows[-1]
        if last["neurons"] == SIZES[-1][0]:
            met = last["wall_s"] <= MOST_SECONDS and last["memory_mib"] <= MOST_MEMORY_MIB
            print(f"asked at {last['neurons']:,.0f} neurons: at most {MOST_SECONDS:.0f} s and {MOST_MEMORY_MIB:.0f} MiB: {'met' if met else 'NOT met'}")
        if options.csv:
            with options.csv.open("w", newline="") as stream:
                writer = csv.writer(stream, lineterminator="\n")
                writer.writerow(rows[0])
                writer.writerows([written(value) for value in row.values()] for row in rows)
    if options.svg:
        options.svg.write_text(plot(rows))


if __name__ == "__main__":
    main()
