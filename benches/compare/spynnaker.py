#!/usr/bin/env python3
"""From text to image: Bouton beside sPyNNaker's virtual board, on Vogels and Abbott's network for one SpiNN-5 board.

    cargo build --release
    benches/compare/setup.sh spynnaker
    benches/compare/spynnaker.py [--runs 5] [--json FILE]

sPyNNaker runs the script below against a virtual board: it partitions, places, routes, allocates keys, makes and compresses
tables and writes the data specification of every core, and skips what needs a board. `bouton compile` does all of that and
writes, proves and reads back the image. Every time is that of a whole process as a user waits for it; the import of
sPyNNaker is shown apart and the ratio given with and without it. Rounds are interleaved, so that a busy moment of the
machine falls on both.
"""

import argparse
import json
import os
import pathlib
import statistics
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CIRCUIT = ROOT / "circuits" / "vogels_abbott" / "vogels_abbott.circuit"

# sPyNNaker's own name and contents of what says that there is no board: it reads it from the home folder.
CONFIGURATION = (".spynnaker.cfg", "[Machine]\nvirtual_board = True\nversion = 5\n")
NEURONS_PER_CORE = 64
# What the project asks of itself: how many times longer sPyNNaker takes, its import left out.
ASKED = 50.0


def peer():
    """The network of circuits/vogels_abbott on sPyNNaker. Ends with one line of JSON, in seconds."""
    began = time.perf_counter()
    # Run by `python -I`, so that this finds the package and not this file.
    import spynnaker.pyNN as sim
    from spynnaker.pyNN.data import SpynnakerDataView

    imported = time.perf_counter()
    sim.setup(timestep=0.1)
    sim.set_number_of_neurons_per_core(sim.IF_curr_exp, NEURONS_PER_CORE)
    # With a capacity in nF equal to tau_m in ms, n nA pull v as n mV do in the text's equation.
    cell = sim.IF_curr_exp(v_rest=-49.0, v_thresh=-50.0, v_reset=-60.0, tau_m=20.0, cm=20.0, tau_refrac=5.0, tau_syn_E=5.0, tau_syn_I=10.0)
    e = sim.Population(3200, cell, label="e")
    i = sim.Population(800, cell, label="i")
    for population in (e, i):
        population.initialize(v=sim.RandomDistribution("uniform", [-60.0, -50.0]))
        population.record("spikes")
    for source, receptor, weight in ((e, "excitatory", 1.62), (i, "inhibitory", -9.0)):
        for target in (e, i):
            sim.Projection(source, target, sim.FixedProbabilityConnector(0.02, allow_self_connections=False), receptor_type=receptor,
                           synapse_type=sim.StaticSynapse(weight=weight, delay=0.1))
    described = time.perf_counter()
    sim.run(10)
    mapped = time.perf_counter()
    cores = SpynnakerDataView.get_n_placements()
    sim.end()
    print()
    print(json.dumps({"import": imported - began, "script": described - imported, "map": mapped - described, "cores": cores}))


def timed(command, cwd, environment=None):
    """Runs a command to its end: its output, wall seconds, processor seconds and peak memory in MB."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        began = time.perf_counter()
        actions = [(os.POSIX_SPAWN_DUP2, out.fileno(), 1), (os.POSIX_SPAWN_DUP2, err.fileno(), 2)]
        # posix_spawn cannot change the folder; `env --chdir` can, and becomes the command.
        pid = os.posix_spawnp("env", ["env", f"--chdir={cwd}", *map(str, command)], environment or os.environ, file_actions=actions)
        _, status, used = os.wait4(pid, 0)
        whole = time.perf_counter() - began
        out.seek(0)
        err.seek(0)
        if status != 0:
            sys.exit(f"spynnaker.py: {' '.join(map(str, command))}\nfailed with {os.waitstatus_to_exitcode(status)}:\n{err.read()[-4000:]}")
        return out.read(), {"whole": whole, "cpu": used.ru_utime + used.ru_stime, "memory_mb": used.ru_maxrss / 1024}


def peer_run(python, folder):
    (folder / CONFIGURATION[0]).write_text(CONFIGURATION[1])
    out, figures = timed([python, "-I", HERE / "spynnaker.py", "--peer"], folder, {**os.environ, "HOME": str(folder)})
    figures.update(json.loads(out.strip().splitlines()[-1]))
    figures["mapping"] = figures["whole"] - figures["import"]
    return figures


def bouton_run(binary, folder, *options):
    image = folder / "va.img"
    _, figures = timed([binary, "compile", CIRCUIT, "--target", "spinn5", "-o", image, *options], folder)
    figures.update({"import": 0.0, "mapping": figures["whole"], "image_bytes": image.stat().st_size})
    return figures


def spread(values, digits):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def table(runs):
    """One row per program: medians with the range."""
    lines = ["| | whole process, s | import, s | rest, s | processor, s | memory, MB |", "|---|---|---|---|---|---|"]
    for name, group in runs.items():
        def column(key, digits):
            return spread([run[key] for run in group], digits)
        digits = 3 if name != "sPyNNaker" else 2
        cells = [name, column("whole", digits), column("import", 2), column("mapping", digits), column("cpu", digits), column("memory_mb", 0)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def ratios(runs):
    """How many times longer sPyNNaker takes, by medians and by round."""
    lines = []
    for name in (name for name in runs if name != "sPyNNaker"):
        for key, what in (("mapping", "without import"), ("whole", "whole process")):
            theirs, ours = ([run[key] for run in runs[who]] for who in ("sPyNNaker", name))
            ratio = statistics.median(theirs) / statistics.median(ours)
            by_round = [their / our for their, our in zip(theirs, ours)]
            line = f"sPyNNaker / {name}, {what}: {ratio:.0f}  (by round {min(by_round):.0f}–{max(by_round):.0f})"
            if key == "mapping":
                line += f"   asked: at least {ASKED:.0f}: {'met' if ratio >= ASKED else 'NOT met'}"
            lines.append(line)
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="rounds; the median is shown")
    parser.add_argument("--bouton", type=pathlib.Path, default=ROOT / "target" / "release" / "bouton")
    parser.add_argument("--peers", type=pathlib.Path, default=ROOT / "target" / "peers", help="the folder setup.sh made")
    parser.add_argument("--json", type=pathlib.Path, help="also write every run's figures here")
    parser.add_argument("--peer", action="store_true", help="be sPyNNaker's side of one round")
    options = parser.parse_args()
    if options.peer:
        return peer()

    python, binary = (options.peers / "bin" / "python").absolute(), options.bouton.absolute()
    for needed, how in ((python, "benches/compare/setup.sh spynnaker"), (binary, "cargo build --release")):
        if not needed.exists():
            sys.exit(f"spynnaker.py: {needed} is missing; {how} makes it")

    sides = {
        "sPyNNaker": lambda folder: peer_run(python, folder),
        "Bouton": lambda folder: bouton_run(binary, folder),
        f"Bouton, {NEURONS_PER_CORE} a core": lambda folder: bouton_run(binary, folder, "--neurons-per-core", str(NEURONS_PER_CORE)),
    }
    runs = {name: [] for name in sides}
    load = os.getloadavg()[0]
    for round_number in range(options.runs):
        for name, side in sides.items():
            with tempfile.TemporaryDirectory(prefix="va_compile_") as folder:
                runs[name].append(side(pathlib.Path(folder)))
            print(f"round {round_number + 1}: {name:18} {runs[name][-1]['whole']:8.3f} s", file=sys.stderr)
    print(f"va from text to image for spinn5, {options.runs} rounds, median (min–max); {os.cpu_count()} cores, load {load:.1f} before\n")
    print(table(runs) + "\n")
    print(ratios(runs))
    if options.json:
        options.json.write_text(json.dumps(runs, indent=1) + "\n")


if __name__ == "__main__":
    main()
