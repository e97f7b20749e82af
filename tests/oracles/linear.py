#!/usr/bin/env python3
"""Golden traces of the linear neurons: every value from the closed form of its differential equation, in 50 digits (mpmath).

    linear.py                   writes NAME_VARIABLE.csv and NAME_spikes.csv for lif_exp, lif_alpha, lif_alpha_equal

Nothing is stepped: a value is the sum of the responses to all events so far, each by its formula, so an error cannot grow
and nothing of an exact propagator is assumed. scipy's DOP853 solves the same equations as a second opinion.

Time: what is recorded in tick t is the solution at (t + 1) ticks, after what arrived in tick t. A spike of an input at tick e
with delay d arrives in tick e + d. A cell that fires in tick t shows v_reset from t to t + t_ref, then moves again.
Values are SI: volts and amperes.
"""

import pathlib

import mpmath as mp
from scipy.integrate import solve_ivp

HERE = pathlib.Path(__file__).resolve().parent
mp.mp.dps = 50
TICK = mp.mpf(1) / 10000
TICKS = 600
UP, DOWN = [10, 11, 60, 150, 155, 160, 170, 400], [30, 180, 330]  # ticks of the inputs
UP_DELAY, DOWN_DELAY = 1, 15


def si(number, scale):
    """A decimal number as written, times a power of ten, without binary rounding."""
    return mp.mpf(str(number)) * mp.mpf(10) ** scale


def fade(x, rate):
    return mp.exp(-rate * x)


class Synapse:
    """A current or drive made of terms (i0 + a0 * x / tau) * exp(-x / tau), x being the time since each term's event."""

    def __init__(self, tau, alpha, i0=0, a0=0):
        self.tau, self.alpha = tau, alpha
        self.terms = [(mp.mpf(0), i0, a0)]  # event time, i and a just after it

    def arrives(self, time, weight):
        self.terms.append((time, mp.mpf(0), mp.e * weight) if self.alpha else (time, weight, mp.mpf(0)))

    def term_at(self, term, time):
        event, i0, a0 = term
        x = time - event
        decay = fade(x, 1 / self.tau)
        return (i0 + a0 * x / self.tau) * decay, a0 * decay

    def at(self, time):
        """i and a at a time, from all events up to it."""
        values = [self.term_at(term, time) for term in self.terms if term[0] <= time]
        return sum(i for i, _ in values), sum(a for _, a in values)

    def pull(self, start, end, tau_m):
        """Integral of i(s) * exp(-(end - s) / tau_m) over start .. end."""
        rate = 1 / self.tau - 1 / tau_m
        result = mp.mpf(0)
        for term in self.terms:
            begin = max(start, term[0])
            x = end - begin
            if x <= 0:
                continue
            i0, a0 = self.term_at(term, begin)
            if rate == 0:
                part = i0 * x + a0 * x**2 / (2 * self.tau)
            else:
                gone = fade(x, rate)
                part = i0 * (1 - gone) / rate + a0 / self.tau * (1 - gone * (1 + rate * x)) / rate**2
            result += fade(x, 1 / tau_m) * part
        return result


def trace(cell, exc, inh):
    """Ticks of the spikes, and every variable after each tick. `cell`: tau_m, e_l, v_th, v_reset, hold, v, per_volt, steady."""
    spikes, values = [], {"v": [], "exc": [], "inh": []}
    since, v0, released = mp.mpf(0), cell["v"], 0
    nearest = mp.inf
    for t in range(TICKS):
        now = (t + 1) * TICK
        if t >= released:
            x = now - since
            rest = cell["e_l"] + cell["steady"]
            v = rest + (v0 - rest) * fade(x, 1 / cell["tau_m"]) + (exc.pull(since, now, cell["tau_m"]) + inh.pull(since, now, cell["tau_m"])) / cell["per_volt"]
        else:
            v = cell["v_reset"]
        if t - UP_DELAY in UP:
            exc.arrives(now, cell["w_up"])
        if t - DOWN_DELAY in DOWN:
            inh.arrives(now, cell["w_down"])
        nearest = min(nearest, abs(v - cell["v_th"]))
        if v >= cell["v_th"]:
            spikes.append(t)
            v = cell["v_reset"]
            released, since, v0 = t + 1 + cell["hold"], now + cell["hold"] * TICK, v
        values["v"].append(v)
        values["exc"].append(exc.at(now))
        values["inh"].append(inh.at(now))
    return spikes, values, nearest


def second_opinion(cell, exc, inh, spikes, values):
    """Largest relative difference of v against DOP853, piece by piece, each piece begun from the closed form."""
    tau_m, tau_e, tau_i, per_volt = (float(x) for x in (cell["tau_m"], exc.tau, inh.tau, cell["per_volt"]))
    rest = float(cell["e_l"] + cell["steady"])

    def slope(_, y):
        v, i_e, a_e, i_i, a_i = y
        return [(rest - v) / tau_m + (i_e + i_i) / per_volt, (a_e - i_e) / tau_e if exc.alpha else -i_e / tau_e, -a_e / tau_e,
                (a_i - i_i) / tau_i if inh.alpha else -i_i / tau_i, -a_i / tau_i]

    held = {t for s in spikes for t in range(s, s + 1 + cell["hold"])}
    worst = 0.0
    for t in range(1, TICKS):
        if t in held:
            continue
        start = [float(values["v"][t - 1]), *(float(x) for x in values["exc"][t - 1]), *(float(x) for x in values["inh"][t - 1])]
        scale = [1e-3, *[max(abs(start[1]), 1e-3 * per_volt)] * 2, *[max(abs(start[3]), 1e-3 * per_volt)] * 2]
        end = solve_ivp(slope, (0, float(TICK)), start, method="DOP853", rtol=1e-13, atol=[1e-16 * s for s in scale]).y[0, -1]
        worst = max(worst, abs(end / float(values["v"][t]) - 1))
    return worst


def write(name, unit, variables, spikes):
    for variable, column in variables.items():
        with open(HERE / f"{name}_{variable}.csv", "w") as file:
            file.write(f"# {name}.circuit, cell.{variable} in {unit[variable[0]]} after each tick of 0.1 ms; made by linear.py\ntick,value\n")
            file.writelines(f"{t},{mp.nstr(value, 17, min_fixed=0, max_fixed=0)}\n" for t, value in enumerate(column))
    (HERE / f"{name}_spikes.csv").write_text("tick,population,index\n" + "".join(f"{t},cell,0\n" for t in spikes))


def lif_exp():
    cell = dict(tau_m=si(20, -3), e_l=si(-65, -3), v_th=si(-50, -3), v_reset=si(-63, -3), hold=30, v=si(-58, -3),
                per_volt=si(20, -3), steady=mp.mpf(0), w_up=si(17, -3), w_down=si(-9, -3))
    exc, inh = Synapse(si(5, -3), False, si(2, -3)), Synapse(si(10, -3), False, si(-1, -3))
    spikes, values, nearest = trace(cell, exc, inh)
    write("lif_exp", {"v": "V", "g": "V"}, {"v": values["v"], "g_e": [i for i, _ in values["exc"]], "g_i": [i for i, _ in values["inh"]]}, spikes)
    return "lif_exp", cell, exc, inh, spikes, values, nearest


def lif_alpha(name, tau_exc, tau_inh, i_ext, w_up, w_down):
    tau_m, c_m = si(10, -3), si(250, -12)
    cell = dict(tau_m=tau_m, e_l=si(-70, -3), v_th=si(-55, -3), v_reset=si(-68, -3), hold=20, v=si(-66, -3), per_volt=c_m,
                steady=si(i_ext, -12) * tau_m / c_m, w_up=si(w_up, -12), w_down=si(w_down, -12))
    exc, inh = Synapse(si(tau_exc, -3), True, si(40, -12), si(30, -12)), Synapse(si(tau_inh, -3), True)
    spikes, values, nearest = trace(cell, exc, inh)
    columns = {"v": values["v"]}
    for side in ("exc", "inh"):
        columns[f"i_{side}"] = [i for i, _ in values[side]]
        columns[f"a_{side}"] = [a for _, a in values[side]]
    write(name, {"v": "V", "i": "A", "a": "A"}, columns, spikes)
    return name, cell, exc, inh, spikes, values, nearest


def main():
    for case in (lif_exp(), lif_alpha("lif_alpha", 2, 3, 100, 600, -400), lif_alpha("lif_alpha_equal", 10, "10.001", 20, 120, -60)):
        name, *rest, nearest = case
        worst = second_opinion(*rest)
        low, high = (1e3 * float(f(rest[4]["v"])) for f in (min, max))
        print(f"{name}: spikes at {rest[3]}, v in {low:.2f} .. {high:.2f} mV, never nearer than {1e3 * float(nearest):.4f} mV to the threshold; "
              f"DOP853 differs by {worst:.1e}")
        assert rest[3] and worst < 1e-11 and nearest > 1e-7


if __name__ == "__main__":
    main()
