#!/usr/bin/env python3
"""Runs the files of this folder through a plain Euler loop, tick by tick as the circuit means it, and holds the result to
golden/ and to the published lesions. Needs numpy; knows nothing of Bouton.

    check.py                    both touches against the golden, all lesions
    check.py --write            also writes golden/lesions.csv: the mean deviations at 1100 ms, full precision
"""

import csv
import pathlib
import sys

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
TICK = 1e-4  # s; everything below is SI
TAU, G_LEAK, G_CONTACT, E_EXC, E_INH, S_REST = 10e-3, 0.1, 100e-12, 0.0, -48e-3, 1 / 11
OPENING, CLOSING, WIDTH = 1.0, 5.0, 8e-3
BACKWARD = ["AVAL", "AVAR", "AVDL", "AVDR", "AVEL", "AVER"]
FORWARD = ["AVBL", "AVBR", "PVCL", "PVCR"]
# lesion: cells, then B, F of a head touch and B, F of a tail touch in mV, as published with the data
PUBLISHED = {
    "": ([], 1.4099, -0.8858, -0.1314, 0.5198),
    "avd": (["AVDL", "AVDR"], -0.0068, -0.8583, 0.0474, 0.4495),
    "pvc": (["PVCL", "PVCR"], 1.4379, -0.5010, -0.1463, 0.1141),
    "avm": (["AVM"], -0.0038, -0.2535, -0.1659, 0.5290),
    "alm": (["ALML", "ALMR"], 0.8952, -0.6462, -0.1711, 0.6533),
    "alm_avm": (["ALML", "ALMR", "AVM"], 0.0, 0.0, -0.1769, 0.6635),
    "plm": (["PLML", "PLMR"], 1.5000, -0.9537, 0.0, 0.0),
    "ava": (["AVAL", "AVAR"], 2.2386, -1.3672, -0.2611, 0.7888),
    "avb": (["AVBL", "AVBR"], 1.4127, -1.1679, -0.1380, 0.9170),
}


def table(path):
    with open(path, newline="") as file:
        return list(csv.reader(line for line in file if not line.startswith("#")))


def matrix(path, rows, columns):
    result = np.zeros((rows, columns))
    for pre, post, weight in table(path)[1:]:
        result[int(post), int(pre)] += float(weight)
    return result


def run(folder, head, tail, ticks, every=10):
    """Deviation u after every 10th tick, in volts. In tick t a cell sees what was emitted at t - 1."""
    v_th = np.load(folder / "v_th.npy")
    n = len(v_th)
    gap, exc, inh = (matrix(folder / f"{name}.csv", n, n) for name in ("gap", "exc", "inh"))
    sites = matrix(HERE / "head.csv", n, 1)[:, 0] * head + matrix(HERE / "tail.csv", n, 1)[:, 0] * tail
    total_gap, total_open = gap.sum(1), S_REST * (exc.sum(1) + inh.sum(1))
    u, s = np.zeros(n), np.full(n, OPENING / (OPENING + 2 * CLOSING))
    sent_u, sent_s, sent_touch = np.zeros(n), np.zeros(n), 0.0
    kept = []
    for t in range(ticks):
        from_gap, from_exc, from_inh, stim = gap @ sent_u, exc @ sent_s, inh @ sent_s, sites * sent_touch
        is_open = from_exc + from_inh + total_open
        slope = from_gap - (G_LEAK + total_gap + is_open) * u + from_exc * (E_EXC - v_th) + from_inh * (E_INH - v_th) + stim / G_CONTACT
        phi = 1 / (1 + np.exp(-sent_u / WIDTH))
        u = u + TICK * slope / TAU
        s = s + TICK * (OPENING * phi * (1 - s) - CLOSING * s)
        sent_u, sent_s = u, s - OPENING / (OPENING + 2 * CLOSING)
        sent_touch = 1.0 if 1000 <= t < 11000 else 0.0
        if t % every == 0:
            kept.append(u)
    return np.array(kept)


def means(u, names, dead):
    """Mean deviation (mV) of the backward and the forward command cells that are left."""
    return tuple(1e3 * np.mean([u[names.index(cell)] for cell in group if cell not in dead]) for group in (BACKWARD, FORWARD))


def main():
    names = [row[1] for row in table(HERE / "neurons.csv")[1:]]
    v_th = np.load(HERE / "v_th.npy")
    good = True
    for file, head, tail in (("celegans_touch_ant", 5e-12, 0.0), ("celegans_touch_post", 0.0, 5e-12)):
        golden = table(HERE / "golden" / f"{file}.csv")
        cells = [names.index(name) for name in golden[0][1:]]
        expected = np.array(golden[1:], dtype=float)
        u = run(HERE, head, tail, int(round(expected[-1, 0] * 10)) + 1)
        got = 1e3 * (u + v_th)[np.round(expected[:, 0]).astype(int)][:, cells]
        error = np.abs(got - expected[:, 1:]).max()
        good &= error <= 2e-6
        print(f"{file}: {expected.shape[0]} rows of {len(cells)} cells, largest difference {error:.2e} mV; u in {1e3 * u.min():.2f} .. {1e3 * u.max():.2f} mV")
    lines = ["lesion,touch,backward_mv,forward_mv"]
    for lesion, (dead, *published) in PUBLISHED.items():
        got = []
        for touch, head, tail in (("head", 5e-12, 0.0), ("tail", 0.0, 5e-12)):
            b, f = means(run(HERE / "lesions" / lesion if lesion else HERE, head, tail, 11001)[-1], names, dead)
            got += [b, f]
            lines.append(f"{lesion or 'none'},{touch},{b:.17g},{f:.17g}")
        error = np.abs(np.array(got) - published).max()
        good &= error <= 6e-5
        print(f"without {', '.join(dead) or 'nothing':18} head: B {got[0]:8.4f} F {got[1]:8.4f}   tail: B {got[2]:8.4f} F {got[3]:8.4f} mV   difference {error:.1e}")
    if "--write" in sys.argv:
        (HERE / "golden" / "lesions.csv").write_text("\n".join(lines) + "\n")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
