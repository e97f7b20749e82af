#!/usr/bin/env python3
"""Does it take turns? Needs numpy.

    check.py                    simulates the circuit's equations in numpy (midpoint, 0.1 ms) for several seeds
    check.py SPIKES.csv         judges a run of bouton (`--time 6s --spikes SPIKES.csv`)

Either way the same five figures and the bounds of README.md; exit code 1 if one is missed.
"""

import csv
import sys

import numpy as np

CELLS, TICK, SECONDS = 6, 1e-4, 6.0
C_M, G_L, E_L, V_T, DELTA_T, V_PEAK, V_RESET = 281e-12, 30e-9, -70.6e-3, -50.4e-3, 2e-3, 20e-3, -70.6e-3
TAU_W, A, B, TAU_INH = 0.3, 4e-9, 0.08e-9, 10e-3
DRIVE, WEIGHT, DELAY, TIRED = 1.5e-9, 0.3e-9, 20, 0.5e-9
WINDOW = 0.025  # s


def simulate(seed):
    """Times (s) and sides (0 left, 1 right) of all spikes."""
    rng = np.random.default_rng(seed)
    side = np.repeat([0, 1], CELLS)
    v = rng.uniform(-70e-3, -60e-3, 2 * CELLS)
    w = np.where(side == 0, 0.0, TIRED)
    i_inh = np.zeros(2 * CELLS)
    i_ext = rng.normal(DRIVE, 0.02 * DRIVE, 2 * CELLS)
    steepest = np.log(C_M * 0.1 / (G_L * DELTA_T * TICK))

    def slopes(v, w, i_inh):
        upstroke = G_L * DELTA_T * np.exp(np.clip((v - V_T) / DELTA_T, -20, steepest))
        return (G_L * (E_L - v) + upstroke - w + i_inh + i_ext) / C_M, (A * (v - E_L) - w) / TAU_W, -i_inh / TAU_INH

    emitted = np.zeros((int(SECONDS / TICK) + DELAY, 2))
    times, sides = [], []
    for t in range(int(SECONDS / TICK)):
        half = [x + TICK / 2 * k for x, k in zip((v, w, i_inh), slopes(v, w, i_inh))]
        v, w, i_inh = (x + TICK * k for x, k in zip((v, w, i_inh), slopes(*half)))
        if t >= DELAY:
            i_inh = i_inh - WEIGHT * emitted[t - DELAY][1 - side]
        fired = v >= V_PEAK
        v, w = np.where(fired, V_RESET, v), np.where(fired, w + B, w)
        emitted[t] = fired[:CELLS].sum(), fired[CELLS:].sum()
        times += [t * TICK] * fired.sum()
        sides += list(side[fired])
    return np.array(times), np.array(sides)


def read(path):
    with open(path, newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    return np.array([int(row["tick"]) * TICK for row in rows]), np.array([0 if row["population"].startswith("left") else 1 for row in rows])


def judge(times, sides):
    """The figures, each with its bounds, from the spikes after the first second."""
    edges = np.arange(1.0, SECONDS + WINDOW / 2, WINDOW)
    left, right = (np.histogram(times[sides == k], edges)[0].astype(float) for k in (0, 1))
    lead = np.sign(np.convolve(left - right, np.ones(3), "same"))
    for k in range(1, len(lead)):
        lead[k] = lead[k] or lead[k - 1]
    takes_over = np.flatnonzero((lead[1:] > 0) & (lead[:-1] < 0)) * WINDOW
    period = np.diff(takes_over)
    total = (left + right).sum()
    return {
        "correlation of the sides": (np.corrcoef(left, right)[0, 1], -1.0, -0.65),
        "share of a window's winner": (np.maximum(left, right).sum() / total, 0.9, 1.0),
        "share of the left side": (left.sum() / total, 0.4, 0.6),
        "period, ms": (1e3 * period.mean() if len(period) else np.nan, 480, 680),
        "rate of a cell, Hz": (total / (2 * CELLS) / (SECONDS - 1.0), 20, 30),
    }


def main():
    runs = [(sys.argv[1], read(sys.argv[1]))] if len(sys.argv) > 1 else [(f"seed {seed}", simulate(seed)) for seed in range(4)]
    good = True
    for name, spikes in runs:
        figures = judge(*spikes)
        good &= all(low <= value <= high for value, low, high in figures.values())
        print(name + ": " + ", ".join(f"{what} {value:.3g}" for what, (value, *_) in figures.items()))
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
