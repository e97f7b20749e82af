#!/usr/bin/env python3
"""The va network on the simulators people use today, one run per call.

    peers.py nest|brian2 [--time SECONDS] [--threads N] [--seed N]

va: 4,000 current-based integrate-and-fire neurons (Vogels & Abbott 2005; benchmark 2 of Brette et al., J. Comput.
Neurosci. 23:349, 2007), the same network as circuits/vogels_abbott. Both peers integrate exactly, on a 0.1 ms grid,
and keep every spike, as `bouton run --raster` does.

The last line printed is one JSON object:
    build_s       everything before the first tick: network, and for Brian2 code generation and g++
    sim_s         the simulation loop alone, as the simulator itself measures or encloses it
    rates_hz      mean rate of the populations e and i
    spikes, synapses, synaptic_events
    counting_s    spent on counting synaptic events for this report, after everything a user would wait for
    peak_rss_mb   of the process that simulates (Brian2: the generated program, not the compiler)
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time

TICK_MS = 0.1
EXCITATORY, INHIBITORY = 3200, 800
CONNECTED = 0.02
E_L, V_TH, V_RESET = -49.0, -50.0, -60.0  # mV
TAU_M, TAU_EXC, TAU_INH, T_REF = 20.0, 5.0, 10.0, 5.0  # ms
W_EXC, W_INH = 1.62, -9.0  # mV
DELAY = 0.1  # ms


def on_nest(options):
    """NEST's iaf_psc_exp works in pA; with C_m in pF equal to tau_m in ms, n pA pull v as n mV do in the text's equation."""
    import nest

    began = time.perf_counter()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.ResetKernel()
    nest.SetKernelStatus({"resolution": TICK_MS, "local_num_threads": options.threads, "rng_seed": options.seed})
    cell = dict(E_L=E_L, V_th=V_TH, V_reset=V_RESET, C_m=TAU_M, tau_m=TAU_M, tau_syn_ex=TAU_EXC, tau_syn_in=TAU_INH, t_ref=T_REF)
    e = nest.Create("iaf_psc_exp", EXCITATORY, cell)
    i = nest.Create("iaf_psc_exp", INHIBITORY, cell)
    everyone = e + i
    everyone.V_m = nest.random.uniform(V_RESET, V_TH)
    for source, weight in ((e, W_EXC), (i, W_INH)):
        rule = {"rule": "pairwise_bernoulli", "p": CONNECTED, "allow_autapses": False}
        nest.Connect(source, everyone, rule, {"weight": weight, "delay": DELAY})
    outgoing = nest.num_connections
    heard = []
    for population in (e, i):
        recorder = nest.Create("spike_recorder")
        nest.Connect(population, recorder)
        heard.append(recorder)
    nest.Prepare()
    built = time.perf_counter()
    nest.Run(1000.0 * options.time)
    done = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # before the counting below, which needs far more
    nest.Cleanup()

    counting = time.perf_counter()
    import numpy as np
    fan_out = np.bincount(np.asarray(nest.GetConnections(everyone, everyone).source), minlength=EXCITATORY + INHIBITORY + 1)
    events = sum(int(fan_out[np.asarray(r.get("events", "senders"))].sum()) for r in heard)
    return {
        "simulator": "nest " + nest.__version__, "build_s": built - began, "sim_s": done - built, "synapses": int(outgoing),
        "counts": [int(r.n_events) for r in heard], "synaptic_events": events,
        "counting_s": time.perf_counter() - counting, "peak_rss_mb": peak,
    }


def on_brian2(options):
    """Brian2's C++ standalone mode: it writes a program for this network, g++ compiles it, and the program runs alone."""
    import brian2 as b2

    began = time.perf_counter()
    folder = tempfile.mkdtemp(prefix="va_brian2_")
    try:
        b2.set_device("cpp_standalone", directory=folder, build_on_run=False)
        if options.threads > 1:
            b2.prefs.devices.cpp_standalone.openmp_threads = options.threads
        b2.seed(options.seed)
        b2.defaultclock.dt = TICK_MS * b2.ms
        equations = f"""
            dv/dt = ({E_L}*mV - v + g_e + g_i) / ({TAU_M}*ms) : volt (unless refractory)
            dg_e/dt = -g_e / ({TAU_EXC}*ms) : volt
            dg_i/dt = -g_i / ({TAU_INH}*ms) : volt
        """
        cells = b2.NeuronGroup(EXCITATORY + INHIBITORY, equations, method="exact", refractory=T_REF * b2.ms,
                               threshold=f"v > {V_TH}*mV", reset=f"v = {V_RESET}*mV")
        cells.v = f"{V_RESET}*mV + rand() * {V_TH - V_RESET}*mV"
        parts = (cells[:EXCITATORY], cells[EXCITATORY:])
        wires, heard = [], []
        for part, target, weight in zip(parts, ("g_e", "g_i"), (W_EXC, W_INH)):
            wire = b2.Synapses(part, cells, on_pre=f"{target} += {weight}*mV", delay=DELAY * b2.ms)
            wire.connect(condition="i != j" if part is parts[0] else f"i + {EXCITATORY} != j", p=CONNECTED)
            wires.append(wire)
            heard.append(b2.SpikeMonitor(part))
        network = b2.Network(cells, *parts, *wires, *heard)
        network.run(options.time * b2.second)
        b2.device.build(directory=folder, compile=True, run=False)

        # Run the program ourselves, so that its memory is told apart from the compiler's.
        started = time.perf_counter()
        program = subprocess.Popen([os.path.join(folder, "main")], cwd=folder, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(program.pid, 0)
        whole = time.perf_counter() - started
        if status != 0:
            sys.exit(f"peers.py: Brian2's program failed with status {status}")
        with open(os.path.join(folder, "results", "last_run_info.txt")) as info:
            loop = float(info.read().split()[0])
        b2.get_device().has_been_run = True  # so that the monitors read what the program wrote

        counting = time.perf_counter()
        import numpy as np
        events, counts, synapses = 0, [], 0
        for part, wire, spikes in zip(parts, wires, heard):
            sources = np.asarray(wire.i[:])
            fan_out = np.bincount(sources, minlength=len(part))
            events += int((fan_out * np.asarray(spikes.count[:])).sum())
            counts.append(int(spikes.num_spikes))
            synapses += len(sources)
        return {
            "simulator": "brian2 " + b2.__version__, "build_s": started - began + whole - loop, "sim_s": loop,
            "synapses": synapses, "counts": counts, "synaptic_events": events,
            "counting_s": time.perf_counter() - counting, "peak_rss_mb": usage.ru_maxrss / 1024,
        }
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("simulator", choices=["nest", "brian2"])
    parser.add_argument("--time", type=float, default=10.0, help="model time in seconds")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    figures = {"nest": on_nest, "brian2": on_brian2}[options.simulator](options)
    counts = figures.pop("counts")
    figures["spikes"] = sum(counts)
    figures["rates_hz"] = {name: round(count / size / options.time, 3)
                           for name, count, size in zip("ei", counts, (EXCITATORY, INHIBITORY))}
    figures.update(network="va", model_s=options.time, threads=options.threads, seed=options.seed)
    print(json.dumps({k: round(v, 4) if isinstance(v, float) else v for k, v in figures.items()}))


if __name__ == "__main__":
    main()
