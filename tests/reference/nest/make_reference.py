#!/usr/bin/env python3
"""Cells of NEST: spikes of glif_psc and iaf_cond_exp_sfa_rr, intervals of gif_cond_exp.

    python3 make_reference.py [OUTDIR]      (default: this folder)

Needs NEST and numpy. Conventions and provenance: README.md in this folder.
"""
import csv
import os
import sys

import nest
import numpy as np

DT = 0.1


def write(path, header, lines):
    with open(path, "w") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(header)
        out.writerows(lines)


def fresh(seed=1):
    nest.ResetKernel()
    nest.resolution = DT
    nest.rng_seed = seed


def steps_of(recorder):
    return sorted(np.rint(np.array(recorder.events["times"]) / DT).astype(int).tolist())


def glif(path):
    """The five levels of examples/networks/glif.toml. A generator reaches a cell one step late, so it starts one step early."""
    rest = -71.4
    reset = dict(spike_dependent_threshold=True, voltage_reset_fraction=0.39876, voltage_reset_add=4.0556, th_spike_add=1.9193,
                 th_spike_decay=0.103)
    currents = dict(after_spike_currents=True, asc_init=[0.0, 0.0], asc_amps=[-73.835, -449.68], asc_decay=[0.03, 0.3], asc_r=[1.0, 1.0])
    adaptation = dict(adapting_threshold=True, th_voltage_index=0.0092443, th_voltage_decay=0.034344)
    levels = [
        dict(g=3.7121, V_th=rest + 23.581),
        dict(g=3.7121, V_th=rest + 24.522, **reset),
        dict(g=2.9408, V_th=rest + 22.427, **currents),
        dict(g=2.9408, V_th=rest + 22.747, **reset, **currents),
        dict(g=2.9408, V_th=rest + 18.009, **reset, **currents, **adaptation),
    ]
    lines = []
    for level, own in enumerate(levels, 1):
        fresh()
        off = dict(spike_dependent_threshold=False, after_spike_currents=False, adapting_threshold=False)
        cell = nest.Create("glif_psc", params={**off, "C_m": 85.87, "E_L": rest, "V_reset": rest, "V_m": rest, "t_ref": 6.7, **own})
        times, amplitudes = [], []
        for k in range(5):
            times += [100.0 + 400.0 * k - DT, 400.0 + 400.0 * k - DT]
            amplitudes += [80.0 + 40.0 * k, 0.0]
        source = nest.Create("step_current_generator",
                             params=dict(amplitude_times=[round(t, 1) for t in times], amplitude_values=amplitudes))
        recorder = nest.Create("spike_recorder")
        nest.Connect(source, cell, syn_spec=dict(delay=DT))
        nest.Connect(cell, recorder)
        nest.Simulate(2000.0)
        lines += [(level, step) for step in steps_of(recorder)]
    write(path, ["level", "step"], lines)


def sources():
    """Steps of two irregular sources, without random numbers: those n for which n (n + a) mod m is small."""
    return [[n for n in range(100, 19800) if (n * n + a * n) % m < below] for a, m, below in ((7, 389, 68), (11, 401, 16))]


def sfa_rr(path):
    """The cell with its defaults, under 12 nS from one source and 8 nS from another, delay 1 ms."""
    fresh()
    cell = nest.Create("iaf_cond_exp_sfa_rr")
    generators = nest.Create("spike_generator", 2)
    for k, (steps, weight) in enumerate(zip(sources(), (12.0, -8.0))):
        generators[k].spike_times = [round(n * DT, 1) for n in steps]
        nest.Connect(generators[k], cell, syn_spec=dict(weight=weight, delay=1.0))
    recorder = nest.Create("spike_recorder")
    nest.Connect(cell, recorder)
    nest.Simulate(2000.0)
    write(path, ["step"], [[step] for step in steps_of(recorder)])


def gif(path):
    """2,000 cells for a second, twice: without and with what spikes leave. Rate, mean interval, its coefficient of variation, percentiles."""
    lines = []
    for case, current, stc, sfa in ((0, 130.0, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)), (1, 200.0, (20.0, -5.0, 6.0), (4.0, 2.0, 1.0))):
        for seed in range(1, 6):
            fresh(seed)
            cells = nest.Create("gif_cond_exp", 2000, params=dict(
                I_e=current, q_stc=list(stc), tau_stc=[1.0, 10.0, 100.0], q_sfa=list(sfa), tau_sfa=[1.0, 10.0, 100.0], V_T_star=-40.0,
                Delta_V=2.0, lambda_0=10.0))
            recorder = nest.Create("spike_recorder")
            nest.Connect(cells, recorder)
            nest.Simulate(1000.0)
            events = recorder.events
            order = np.lexsort((events["times"], events["senders"]))
            times, cell = events["times"][order], events["senders"][order]
            gaps = np.diff(times)[np.diff(cell) == 0]
            found = (len(times) / 2000, gaps.mean(), gaps.std() / gaps.mean(), *np.percentile(gaps, (10, 50, 90)))
            lines.append((case, seed, *(round(float(x), 4) for x in found)))
    write(path, ["case", "seed", "rate_hz", "mean_ms", "cv", "p10_ms", "p50_ms", "p90_ms"], lines)


def main(out):
    nest.set_verbosity("M_ERROR")
    glif(os.path.join(out, "glif.csv"))
    sfa_rr(os.path.join(out, "sfa_rr.csv"))
    gif(os.path.join(out, "gif.csv"))


main(sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__)))
