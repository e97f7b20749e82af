"""IF_curr_exp as a SpiNNaker board computes it, in whole numbers: what `std.spynnaker` is held to.

Written from the published description of sPyNNaker 7.4.1's arithmetic, not from the library's text; the values of its exponentials
are checked first against those that the board's own code gives. Writes spynnaker.csv: a row for each case and thousand ticks, with
the CRC-32 of every state word (v, excitatory and inhibitory current, refractory timer; after each tick; little-endian) and counts.

    python3 tests/oracles/spynnaker.py > tests/oracles/spynnaker.csv
"""

import math
import struct
import zlib
from decimal import Decimal

TICKS = 100_000
ROWS = 1_000
WORD = 1 << 32


def signed(x):
    """The low 32 bits as an integer with a sign."""
    x &= WORD - 1
    return x - WORD if x & 0x80000000 else x


def accum(value):
    """From the host: round(Decimal(str(value)) * 32768), halves to even."""
    return int((Decimal(str(value)) * 32768).to_integral_value(rounding="ROUND_HALF_EVEN"))


def times(a, b):
    return signed((a * b) >> 15)


def fraction(x, d):
    return signed((x * d) >> 32)


def kdivk(a, b):
    return ((a << 15) // b) & (WORD - 1)


HI = [int((Decimal(i - 13).exp() * WORD).to_integral_value()) for i in range(26)]
MID = [int(((1 - (Decimal(-i) / 16).exp()) * WORD).to_integral_value()) for i in range(16)]


def step(x, y):
    low = (x & (WORD - 1)) * y
    return (low >> 32) + (1 if low & (WORD - 1) >= 0x7FFFFFFF else 0) + (x >> 32) * y


def rest(y):
    inner = (4293434720 - ((2081624032 * y) >> 32)) & (WORD - 1)
    return (((inner * y) >> 32) + 5294) & (WORD - 1)


def exponential(n):
    z, f = n >> 15, n & 0x7FFF
    if f == 0:
        return HI[13 + z]
    z, f = z + 1, 32768 - f
    e = HI[13 + z]
    e -= step(e, MID[f >> 11])
    return e - step(e, rest((f & 0x7FF) << 17))


def expk(n):
    return 0x7FFFFFFF if n > 363408 else 0 if n < -340695 else exponential(n) >> 17


def expulr(n):
    return 0x7FFFFFFF if n > 363408 else 0 if n < -340695 else exponential(n) & (WORD - 1)


KNOWN = [(-1638, 31170, 4085544196), (-6553, 26828, 3516490311), (-3276, 29650, 3886339153), (-327, 32442, 4252324052)]
assert all((expk(n), expulr(n)) == (k, u) for n, k, u in KNOWN)
assert expulr(0) == 0


class Cell:
    """One neuron; times in ms, potentials in mV, currents in nA, capacitance in nF."""

    def __init__(self, dt, tau_m=20.0, cm=1.0, v_rest=-65.0, v_reset=-65.0, v_thresh=-50.0, tau_refrac=0.1, tau_syn_E=5.0,
                 tau_syn_I=5.0, i_offset=0.0, shift_exc=0, shift_inh=0):
        ts = accum(dt)
        self.r = kdivk(accum(tau_m), accum(cm))
        self.exp_tc = expk(-kdivk(ts, accum(tau_m)))
        quotient = kdivk(accum(tau_refrac), ts)
        self.t_refract = (quotient >> 15) + (1 if quotient & 0x7FFF else 0)
        self.decay = [expulr(-kdivk(ts, accum(tau))) for tau in (tau_syn_E, tau_syn_I)]
        self.init = [(((0xFFFFFFFF - d) * kdivk(accum(tau), ts)) >> 15) & (WORD - 1)
                     for d, tau in zip(self.decay, (tau_syn_E, tau_syn_I))]
        self.shift = (shift_exc, shift_inh)
        self.rest, self.reset, self.threshold, self.offset = map(accum, (v_rest, v_reset, v_thresh, i_offset))
        self.v, self.syn, self.timer = self.rest, [0, 0], 0

    def tick(self, ring):
        for k in (0, 1):
            if ring[k] > 0:
                self.syn[k] = signed(self.syn[k] + fraction(signed(ring[k] << self.shift[k]), self.init[k]))
        if self.timer <= 0:
            current = signed(self.syn[0] - self.syn[1] + self.offset)
            alpha = signed(times(current, self.r) + self.rest)
            self.v = signed(alpha - times(signed(alpha - self.v), self.exp_tc))
        else:
            self.timer -= 1
        spike = self.v >= self.threshold
        if spike:
            self.v, self.timer = self.reset, self.t_refract
        self.syn = [fraction(s, d) for s, d in zip(self.syn, self.decay)]
        return spike


CASES = [
    ("plain", dict(dt=1.0, tau_syn_E=5.0, tau_syn_I=10.0, tau_refrac=5.0, cm=2.0)),
    ("fine", dict(dt=0.1, tau_m=10.0, cm=0.25, tau_syn_E=0.5, tau_syn_I=0.7, tau_refrac=2.0, v_reset=-70.0)),
    ("shifted", dict(dt=1.0, tau_m=15.3, cm=3.0, tau_syn_E=3.7, tau_syn_I=2.9, tau_refrac=3.3, shift_exc=3, shift_inh=1, i_offset=0.35)),
    ("fast", dict(dt=1.0, tau_m=7.7, cm=5.0, tau_syn_E=1.1, tau_syn_I=0.4, tau_refrac=0.0, shift_exc=1, v_thresh=-63.0)),
    ("wrapping", dict(dt=1.0, tau_m=400.0, cm=0.01, tau_syn_E=80.0, tau_syn_I=60.0, tau_refrac=12.0, shift_exc=4, shift_inh=4)),
]


def draw(state):
    """A 64-bit linear congruential generator (Knuth's MMIX constants)."""
    return (state * 6364136223846793005 + 1442695040888963407) & (2**64 - 1)


# Bit k of a tick's 48 drawn bits says whether source k spikes: 24 onto each receptor, of weights 2^0 … 2^14, then 2^14 nine times,
# so that rings fill beyond 65535. Most ticks have no event or few, mostly excitatory ones, so that cells come to rest and fire.
WEIGHTS = [1 << min(k, 14) for k in range(24)]


def spikes(state):
    bits = state >> 16
    kind = state & 0xF
    if kind < 9:
        return 0
    if kind < 14:
        thinned = bits & (bits >> 11) & (draw(state) >> 16)
        return thinned & 0xFFFFFF if kind < 13 else thinned
    return bits & 0xFFFFFF if kind < 15 else bits


def main():
    print("# see spynnaker.py")
    print("case,first_tick,crc32,spikes,resting_ticks,saturated_rings,v,i_exc,i_inh,timer")
    for number, (name, parameters) in enumerate(CASES):
        cell, state = Cell(**parameters), number + 1
        crc = fired = resting = saturated = 0
        for t in range(TICKS):
            state = draw(state)
            # An event of tick t arrives at t + 1.
            ring = [0, 0] if t == 0 else [sum(w for k, w in enumerate(WEIGHTS) if events >> (24 * r + k) & 1) for r in (0, 1)]
            saturated += sum(r > 65535 for r in ring)
            ring = [min(r, 65535) for r in ring]
            events = spikes(state)
            resting += cell.timer > 0
            fired += cell.tick(ring)
            crc = zlib.crc32(struct.pack("<4i", cell.v, *cell.syn, cell.timer), crc)
            if t % ROWS == ROWS - 1:
                print(f"{name},{t + 1 - ROWS},{crc:08x},{fired},{resting},{saturated},{cell.v},{cell.syn[0]},{cell.syn[1]},{cell.timer}")
                crc = fired = resting = saturated = 0


if __name__ == "__main__":
    assert math.isclose(HI[12] / WORD, math.exp(-1), rel_tol=1e-9)
    main()
