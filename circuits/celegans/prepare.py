#!/usr/bin/env python3
"""Makes what celegans.circuit reads out of the published tables in this folder. Needs numpy.

    prepare.py                  (re)writes neurons.csv, v_th.npy, gap.csv, exc.csv, inh.csv, head.csv, tail.csv,
                                and the same wiring without certain cells in lesions/NAME/

The model's 279 neurons are those outside the pharynx that have a synapse. A lesion removes every contact of its cells
before the rest potential is solved; the cells stay in the numbering, alone.
"""

import csv
import pathlib

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
LEAK, E_LEAK, E_EXC, E_INH = 0.1, -35.0, 0.0, -48.0  # contacts of 100 pS; mV
S_REST = 1 / 11
UNCONNECTED = {"CANL", "CANR", "VC6"}
HEAD, TAIL = ["ALML", "ALMR", "AVM"], ["PLML", "PLMR"]
LESIONS = {
    "avd": ["AVDL", "AVDR"], "pvc": ["PVCL", "PVCR"], "avm": ["AVM"], "alm": ["ALML", "ALMR"],
    "alm_avm": ["ALML", "ALMR", "AVM"], "plm": ["PLML", "PLMR"], "ava": ["AVAL", "AVAR"], "avb": ["AVBL", "AVBR"],
}


def rows(name):
    """The rows of one of the published tables; lines that begin with # are comments."""
    with open(HERE / name, newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def neurons():
    """Names of the 279 in the order of the circuit."""
    return [row["name"] for row in rows("celegans_neurons.csv") if row["type"] != "pharynx" and row["name"] not in UNCONNECTED]


def wiring(names, dead=()):
    """Contacts as matrices [post, pre]: gap junctions, excitatory and inhibitory synapses."""
    index = {name: k for k, name in enumerate(names) if name not in dead}
    gap, exc, inh = (np.zeros((len(names), len(names))) for _ in range(3))
    for row in rows("celegans_gap.csv"):
        if row["pre"] in index and row["post"] in index:
            a, b = index[row["pre"]], index[row["post"]]
            gap[a, b] += int(row["count"])
            gap[b, a] += int(row["count"])
    override = {(row["pre"], row["post"]): int(row["sign"]) for row in rows("celegans_touch_sign.csv")}
    for row in rows("celegans_chemical.csv"):
        if row["pre"] in index and row["post"] in index:
            sign = override.get((row["pre"], row["post"]), int(row["sign"]))
            (exc if sign > 0 else inh)[index[row["post"]], index[row["pre"]]] += int(row["count"])
    return gap, exc, inh


def rest(gap, exc, inh):
    """The potential in mV at which nothing moves while every synapse is half driven: a linear system."""
    conductance = LEAK + gap.sum(1) + S_REST * (exc.sum(1) + inh.sum(1))
    pull = LEAK * E_LEAK + S_REST * (exc.sum(1) * E_EXC + inh.sum(1) * E_INH)
    return np.linalg.solve(np.diag(conductance) - gap, pull)


def write_edges(path, matrix):
    """One row per connected pair, by source, then target."""
    with open(path, "w", newline="") as file:
        file.write("pre,post,weight\n")
        for post, pre in sorted(zip(*np.nonzero(matrix)), key=lambda pair: (pair[1], pair[0])):
            file.write(f"{pre},{post},{int(matrix[post, pre])}\n")


def write_network(folder, names, dead=()):
    folder.mkdir(parents=True, exist_ok=True)
    gap, exc, inh = wiring(names, dead)
    for name, matrix in (("gap", gap), ("exc", exc), ("inh", inh)):
        write_edges(folder / f"{name}.csv", matrix)
    # NPY in volts: the circuit's files hold SI values.
    np.save(folder / "v_th.npy", rest(gap, exc, inh) * 1e-3)


def main():
    names = neurons()
    with open(HERE / "neurons.csv", "w") as file:
        file.write("index,name\n" + "".join(f"{k},{name}\n" for k, name in enumerate(names)))
    write_network(HERE, names)
    for name, touched in (("head", HEAD), ("tail", TAIL)):
        with open(HERE / f"{name}.csv", "w") as file:
            file.write("pre,post,weight\n" + "".join(f"0,{names.index(cell)},1\n" for cell in touched))
    for name, dead in LESIONS.items():
        write_network(HERE / "lesions" / name, names, set(dead))


if __name__ == "__main__":
    main()
