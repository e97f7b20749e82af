#!/usr/bin/env python3
"""Bouton beside NEST and Brian2 on va, in one go: interleaved runs, medians, ratios.

    cargo build --release
    benches/compare/setup.sh
    benches/compare/compare.py [--runs 5] [--time 10] [--threads 1] [--json FILE]

Each round runs every simulator once, so that a busy moment of the machine falls on all of them alike. `loop` is the
simulation alone; `whole` is the whole process as a user waits for it: for Bouton from the circuit's text to the raster,
for Brian2 with g++, for NEST with its import. A simulator that is not there is left out, and said so.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CIRCUIT = ROOT / "circuits" / "vogels_abbott" / "vogels_abbott.circuit"

# What the project asks of itself on this network (one thread): measure, the peer, the least ratio peer / bouton.
ASKED = [("loop", "brian2", 1 / 1.5), ("loop", "nest", 5.0), ("whole", "brian2", 10.0)]


def timed(command, cwd):
    """Runs a command; gives its output and the seconds it took. Ends the comparison when it fails."""
    began = time.perf_counter()
    done = subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    whole = time.perf_counter() - began
    if done.returncode != 0:
        sys.exit(f"compare.py: {' '.join(map(str, command))}\nfailed with {done.returncode}:\n{done.stderr}")
    return done.stdout, whole


def bouton_run(binary, options, seed):
    with tempfile.TemporaryDirectory(prefix="va_bouton_") as folder:
        stats = pathlib.Path(folder) / "stats.json"
        command = [binary, "run", CIRCUIT, "--time", f"{options.time:g}s", "--threads", str(options.threads), "--seed", str(seed),
                   "--raster", pathlib.Path(folder) / "raster.svg", "--stats", stats]
        _, whole = timed([str(part) for part in command], ROOT)
        said = json.loads(stats.read_text())
    spikes = said["spikes"]
    total = sum(spikes.values()) if isinstance(spikes, dict) else spikes
    loop = said["wall_s"]["run"]
    return {"simulator": "bouton", "loop": loop, "whole": whole, "build": whole - loop, "spikes": total,
            "events": said["synaptic_events"], "memory_mb": said["peak_rss_bytes"] / 2**20, "model_s": said["ticks"] * said["tick_s"]}


def peer_run(python, name, options, seed):
    command = [str(python), str(HERE / "peers.py"), name, "--time", str(options.time), "--threads", str(options.threads), "--seed", str(seed)]
    out, whole = timed(command, ROOT)
    said = json.loads(out.strip().splitlines()[-1])
    whole -= said["counting_s"]
    return {"simulator": said["simulator"], "loop": said["sim_s"], "whole": whole, "build": said["build_s"], "spikes": said["spikes"],
            "events": said["synaptic_events"], "memory_mb": said["peak_rss_mb"], "model_s": said["model_s"]}


def spread(values, digits=3):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def table(runs):
    """One row per simulator: medians with the range, and what follows from the medians."""
    head = ["simulator", "loop s", "whole s", "before the loop s", "spikes", "M events/s", "memory MB", "loop / model"]
    rows = [head]
    for group in runs.values():
        def column(key):
            return [run[key] for run in group]
        loop = statistics.median(column("loop"))
        rows.append([
            group[0]["simulator"], spread(column("loop")), spread(column("whole"), 2), spread(column("build"), 2),
            f"{statistics.median(column('spikes')):.0f}",
            f"{statistics.median([run['events'] / run['loop'] for run in group]) / 1e6:.1f}",
            f"{statistics.median(column('memory_mb')):.0f}", f"{loop / group[0]['model_s']:.3f}",
        ])
    widths = [max(len(row[c]) for row in rows) for c in range(len(head))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def ratios(runs):
    """How many times longer each peer takes than Bouton, by medians, and whether that is what was asked."""
    if "bouton" not in runs:
        return "bouton was not measured: no ratios"
    lines = []
    for name, group in runs.items():
        if name == "bouton":
            continue
        for measure in ("loop", "whole"):
            ours = statistics.median(run[measure] for run in runs["bouton"])
            theirs = statistics.median(run[measure] for run in group)
            pairs = [b[measure] / a[measure] for a, b in zip(runs["bouton"], group)]
            line = f"{measure:5}  {group[0]['simulator']:13} / bouton = {theirs / ours:6.2f}  (by round {min(pairs):.2f}–{max(pairs):.2f})"
            for asked_measure, asked_peer, least in ASKED:
                if (asked_measure, asked_peer) == (measure, name):
                    line += f"   asked: at least {least:.2f}: {'met' if theirs / ours >= least else 'NOT met'}"
            lines.append(line)
    return "\n".join(lines)


def machine():
    """The processor's name and how busy the machine was, so that a pasted table can be judged."""
    name = "unknown processor"
    try:
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                name = line.split(":", 1)[1].strip()
                break
    except OSError:
        pass
    return f"{name}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.2f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="rounds; the median is shown")
    parser.add_argument("--time", type=float, default=10.0, help="model time in seconds")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--bouton", type=pathlib.Path, default=ROOT / "target" / "release" / "bouton")
    parser.add_argument("--peers", type=pathlib.Path, default=ROOT / "target" / "peers", help="the folder setup.sh made")
    parser.add_argument("--only", nargs="+", choices=["bouton", "nest", "brian2"], default=["bouton", "nest", "brian2"])
    parser.add_argument("--json", type=pathlib.Path, help="also write every run's figures here")
    options = parser.parse_args()

    python = options.peers / "bin" / "python"
    chosen = {}
    for name in options.only:
        needed = options.bouton if name == "bouton" else python
        if not needed.exists():
            how = "cargo build --release" if name == "bouton" else "benches/compare/setup.sh"
            print(f"left out: {name} ({needed} is missing; {how} makes it)", file=sys.stderr)
        elif name == "bouton":
            chosen[name] = lambda seed: bouton_run(options.bouton, options, seed)
        else:
            chosen[name] = lambda seed, name=name: peer_run(python, name, options, seed)
    if not chosen:
        sys.exit("compare.py: nothing to measure")

    before = machine()
    runs = {name: [] for name in chosen}
    for round_number in range(options.runs):
        # The order turns with each round, so that none always runs on a warm or a cold machine.
        names = list(chosen)
        names = names[round_number % len(names):] + names[:round_number % len(names)]
        for name in names:
            runs[name].append(chosen[name](round_number + 1))
            last = runs[name][-1]
            print(f"round {round_number + 1}: {last['simulator']:14} loop {last['loop']:7.3f} s   whole {last['whole']:7.2f} s", file=sys.stderr)

    print(f"va, {options.time:g} s model time, {options.threads} thread(s), {options.runs} runs, median (min–max)")
    print(f"{before} (before), {machine()} (after)\n")
    print(table(runs) + "\n")
    print(ratios(runs))
    if options.json:
        options.json.write_text(json.dumps(runs, indent=1) + "\n")


if __name__ == "__main__":
    main()
