#!/usr/bin/env python3
"""`bouton map` beside the boards' own tools on a folder of machine graphs: five figures and times, and which goals are met.

    cargo build --release
    benches/compare/setup.sh spynnaker
    benches/compare/mapping.py --graphs FOLDER [--runs 3] [--only NAME …] [--json FILE]

FOLDER (default: the environment variable MAPPING_GRAPHS) holds NAME.graph.jsonl.gz, MACHINE.machine.json and results.csv with the
peers' figures on these graphs. Each round maps every graph with `--effort fast`, with `--effort default`, and with PACMAN as it comes
(mapping_peer.py), so that a busy moment falls on all alike; medians are shown.

Goals. Default effort: none of the five figures larger than the best valid one of any peer, in less time than the fastest valid peer.
Fast effort: where that peer takes over 0.1 s, at least 20 times faster, and none of the five larger than its own.
The peers' figures come from results.csv. The fastest peer's time is measured here where it is PACMAN as it comes; else, or
where PACMAN is not installed, the time of results.csv stands, marked with °: it is from another machine.
"""

import argparse
import csv
import json
import os
import pathlib
import statistics
import sys

from compare import ROOT, HERE, machine, timed

FIGURES = ["hops", "weighted_hops", "max_link", "after_max", "after_sum"]
PACMAN = ("pacman", "global keys, per-slice sources", "pair, needed")
# results.csv has the sums of rates to three or four decimals.
ROUNDING = 1e-3


def no_more(ours, theirs):
    return ours <= theirs + ROUNDING


def peers(folder, graph):
    """Rows of results.csv with valid tables."""
    with open(folder / "results.csv", newline="") as lines:
        return [row for row in csv.DictReader(lines) if row["graph"] == graph and row["valid"] == "yes" and row["total_s"]]


def bouton(options, path, effort):
    command = [options.bouton, "map", path, "--json", "--effort", effort] + (["--check"] if options.check else [])
    out, _ = timed([str(part) for part in command], ROOT)
    return json.loads(out.strip().splitlines()[-1])


def pacman(options, path):
    out, _ = timed([str(options.peers / "bin" / "python"), str(HERE / "mapping_peer.py"), str(path)], ROOT)
    return json.loads(out.strip().splitlines()[-1])


def median(runs, key):
    return statistics.median(run[key] for run in runs)


def cell(value):
    return f"{value:,.0f}" if value >= 1000 or value == int(value) else f"{value:.2f}"


def report(options, path, runs):
    """Lines of the table for a graph; how many goals there are and how many are met."""
    graph = path.name.removesuffix(".graph.jsonl.gz")
    rows = peers(options.graphs, graph)
    if not rows:
        return [[graph, "no valid peer in results.csv"]], []
    fastest = min(rows, key=lambda row: float(row["total_s"]) or 1e-3)
    kind = (fastest["tool"], fastest["variant"], fastest["compression"])
    fresh = kind == PACMAN and runs["pacman"]
    peer_s = median(runs["pacman"], "wall_s") if fresh else float(fastest["total_s"])
    mark = "" if fresh else "°"
    best = {key: min(float(row[key]) for row in rows) for key in FIGURES}
    own = {key: float(fastest[key]) for key in FIGURES}
    lines = [
        [graph, "best of peers"] + [cell(best[key]) for key in FIGURES] + ["", ""],
        ["", f"fastest: {' '.join(kind)}"] + [cell(own[key]) for key in FIGURES] + [f"{peer_s:.3f}{mark}", ""],
    ]
    goals = []
    for effort, against in (("default", best), ("fast", own)):
        group = runs[effort]
        ours = {key: float(group[0][key]) for key in FIGURES}
        wall_s = median(group, "wall_s")
        met = {key: no_more(ours[key], against[key]) for key in FIGURES}
        # Times below what was asked are no goal of the fast effort, whose graphs then only have to be no worse.
        asked = effort == "default" or float(fastest["total_s"]) > 0.1
        met["time"] = wall_s < peer_s if effort == "default" else wall_s * 20 <= peer_s
        met["valid"] = all(run["valid"] for run in group)
        if asked:
            goals += [(graph, effort, key, ok) for key, ok in met.items()]
        shown = [cell(ours[key]) + ("" if not asked else " ✓" if met[key] else " ✗") for key in FIGURES]
        verdict = "not asked" if not asked else "met" if all(met.values()) else "NOT met"
        ratio = f"{wall_s:.4f} (÷{peer_s / wall_s:.0f})" + ("" if not asked else " ✓" if met["time"] else " ✗")
        lines.append(["", f"bouton {effort}"] + shown + [ratio, verdict if met["valid"] else "NOT VALID"])
    return lines, goals


def table(lines):
    head = ["graph", "who"] + FIGURES + ["seconds", "goal"]
    rows = [head] + [line + [""] * (len(head) - len(line)) for line in lines]
    widths = [max(len(row[c]) for row in rows) for c in range(len(head))]
    text = ["| " + " | ".join(value.ljust(width) for value, width in zip(row, widths)) + " |" for row in rows]
    text.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--graphs", type=pathlib.Path, default=os.environ.get("MAPPING_GRAPHS"), help="the folder of the graphs")
    parser.add_argument("--runs", type=int, default=3, help="rounds; the median of the times is shown")
    parser.add_argument("--only", nargs="+", help="names of graphs; default: all in the folder")
    parser.add_argument("--bouton", type=pathlib.Path, default=ROOT / "target" / "release" / "bouton")
    parser.add_argument("--peers", type=pathlib.Path, default=ROOT / "target" / "peers", help="the folder `setup.sh spynnaker` made")
    parser.add_argument("--no-peer", action="store_true", help="do not run PACMAN; its times are then those of results.csv")
    parser.add_argument("--check", action="store_true", help="also send every key one by one (slow)")
    parser.add_argument("--json", type=pathlib.Path, help="also write every run's figures here")
    options = parser.parse_args()
    if options.graphs is None or not pathlib.Path(options.graphs).is_dir():
        sys.exit("mapping.py: name the folder of the graphs by --graphs or MAPPING_GRAPHS")
    options.graphs = pathlib.Path(options.graphs).resolve()
    with_peer = not options.no_peer and (options.peers / "bin" / "python").exists()
    if not with_peer:
        print("PACMAN is left out: times of peers are those of results.csv (benches/compare/setup.sh spynnaker installs it)", file=sys.stderr)

    paths = sorted(options.graphs.glob("*.graph.jsonl.gz"), key=lambda path: path.stat().st_size)
    paths = [path for path in paths if not options.only or path.name.removesuffix(".graph.jsonl.gz") in options.only]
    before = machine()
    runs = {path: {"fast": [], "default": [], "pacman": []} for path in paths}
    for number in range(options.runs):
        for path, group in runs.items():
            for effort in ("fast", "default"):
                group[effort].append(bouton(options, path, effort))
            if with_peer:
                group["pacman"].append(pacman(options, path))
            print(f"round {number + 1}: {path.name}", file=sys.stderr)

    lines, goals = [], []
    for path, group in runs.items():
        some, asked = report(options, path, group)
        lines += some
        goals += asked
    print(f"{options.runs} runs, median; {before} (before), {machine()} (after)\n")
    print(table(lines) + "\n")
    print(f"{sum(ok for *_, ok in goals)} of {len(goals)} goals met")
    for graph, effort, key, ok in goals:
        if not ok:
            print(f"  not met: {graph}, {effort}: {key}")
    if options.json:
        options.json.write_text(json.dumps({path.name: group for path, group in runs.items()}, indent=1) + "\n")


if __name__ == "__main__":
    main()
