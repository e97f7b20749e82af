#!/usr/bin/env python3
"""Where the nonlinear neurons really are at fixed times, without spikes and without input, so that the order of an
integration method can be seen: halve the tick, and the error falls by 2 (euler, exponential_euler) or 4 (midpoint).

    convergence.py              writes izhikevich.csv, adex.csv, lif_cond_exp.csv and prints the orders that numpy sees

The solutions come from a Runge-Kutta rule with very small steps in 80-bit floats, good to 15 digits; scipy's DOP853 is the
second opinion. The state recorded in tick t belongs to the time (t + 1) ticks. Values are SI: volts, amperes, siemens. Inside this script: mV, ms, nA, nS, pF/1000.
"""

import pathlib

import numpy as np
from scipy.integrate import solve_ivp

HERE = pathlib.Path(__file__).resolve().parent
STEPS = [0.5, 0.25, 0.125, 0.0625]  # ms: every time below is a whole number of each


def exact_solution(equations, start, times):
    """The classical Runge-Kutta rule in 80-bit floats, with 512 and 1024 steps to the millisecond, extrapolated."""
    number = np.longdouble
    slope = equations(np.exp, number)

    def solve(steps):
        y, h, found = np.array([number(x) for x in start]), number(1) / steps, []
        for k in range(1, times[-1] * steps + 1):
            k1 = np.array(slope(0, y))
            k2 = np.array(slope(0, y + h / 2 * k1))
            k3 = np.array(slope(0, y + h / 2 * k2))
            k4 = np.array(slope(0, y + h * k3))
            y = y + h / 6 * (k1 + 2 * (k2 + k3) + k4)
            if k % steps == 0 and k // steps in times:
                found.append(y)
        return np.array(found)

    coarse, fine = solve(512), solve(1024)
    return fine + (fine - coarse) / 15


def izhikevich(exp, n):
    a, b = n("0.02"), n("0.2")
    return lambda t, y: [n("0.04") * y[0] ** 2 + 5 * y[0] + 140 - y[1], a * (b * y[0] - y[1])]


def adex(exp, n):
    c_m, g_l, e_l, v_t, delta_t, tau_w, a, i_ext = (n(x) for x in ("0.281", "0.030", "-70.6", "-50.4", "2", "144", "0.004", "0.6"))
    return lambda t, y: [(g_l * (e_l - y[0]) + g_l * delta_t * exp((y[0] - v_t) / delta_t) - y[1] + y[2] + y[3] + i_ext) / c_m,
                         (a * (y[0] - e_l) - y[1]) / tau_w, -y[2] / 5, -y[3] / 10]


def lif_cond_exp(exp, n):
    c_m, g_l, e_l, e_exc, e_inh = (n(x) for x in ("0.2", "0.010", "-60", "0", "-80"))
    return lambda t, y: [(g_l * (e_l - y[0]) + y[1] * (e_exc - y[0]) + y[2] * (e_inh - y[0])) / c_m, -y[1] / 5, -y[2] / 10]


def euler(slope, y, h):
    for _ in range(2):  # substeps 2, as the library's izhikevich
        y = y + h / 2 * np.array(slope(0, y))
    return y


def midpoint(slope, y, h):
    return y + h * np.array(slope(0, y + h / 2 * np.array(slope(0, y))))


def exponential_euler(slope, y, h):
    """Each variable alone, exactly, the others as they stood at the tick's begin; the slope is linear in it here."""
    now = np.array(slope(0, y))
    result = y.copy()
    for k in range(len(y)):
        shifted = y.copy()
        shifted[k] += 1.0
        rate = slope(0, shifted)[k] - now[k]
        result[k] += now[k] * np.expm1(rate * h) / rate
    return result


# equations, method, its order, start, times (ms), variables with the power of ten to SI
CASES = {
    "izhikevich": (izhikevich, euler, 1, ["-58", "-14"], [1, 2, 5, 10, 20], {"v": -3, "u": -3}),
    "adex": (adex, midpoint, 2, ["-58", "0.1", "0.7", "-0.4"], [1, 2, 5, 10, 20], {"v": -3, "w": -9, "i_exc": -9, "i_inh": -9}),
    "lif_cond_exp": (lif_cond_exp, exponential_euler, 1, ["-65", "0.008", "0.020"], [1, 2, 5, 10, 20], {"v": -3, "g_e": -6, "g_i": -6}),
}


def main():
    for name, (equations, method, order, start, times, variables) in CASES.items():
        exact = exact_solution(equations, start, times)
        begin = np.array([float(x) for x in start])
        slope = equations(np.exp, float)
        other = solve_ivp(slope, (0, times[-1]), begin, method="DOP853", rtol=1e-13, atol=1e-15, t_eval=times).y.T
        opinion = max(abs(float(a) / b - 1) for x, y in zip(exact, other) for a, b in zip(x, y))
        with open(HERE / f"{name}.csv", "w") as file:
            file.write(f"# {name}.circuit: the exact solution in SI units; made by convergence.py\ntime_ms,{','.join(variables)}\n")
            for t, y in zip(times, exact):
                cells = [f"{float(value * np.longdouble(f'1e{power}')):.16e}" for value, power in zip(y, variables.values())]
                file.write(f"{t},{','.join(cells)}\n")
        errors = []
        for h in STEPS:
            y, row = begin, []
            for k in range(1, int(round(times[-1] / h)) + 1):
                y = method(slope, y, h)
                if k * h in times:
                    row.append(abs(y[0] - float(exact[times.index(k * h)][0])))
            errors.append(row)
        seen = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
        print(f"{name}: DOP853 differs by {opinion:.1e}; v = " + ", ".join(f"{float(y[0]):.3f}" for y in exact) + " mV")
        print(f"    {method.__name__}: errors of v at {STEPS[-1]} ms " + ", ".join(f"{e:.1e}" for e in errors[-1]) + " mV")
        for k, row in enumerate(seen):
            print(f"    order from {STEPS[k]} to {STEPS[k + 1]} ms: " + ", ".join(f"{x:.2f}" for x in row))
        assert opinion < 1e-10 and np.all(abs(seen[-1] - order) < 0.15)


if __name__ == "__main__":
    main()
