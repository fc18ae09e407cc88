#!/usr/bin/env python3
"""Two networks of papers in NEST: the spikes of a synfire chain, and the rates of a balanced random network.

    python3 make_nest.py [OUTDIR]      (default: this folder; the packet of the chain is read from synfire_chain.csv in it)

Needs NEST and numpy. Conventions and provenance: README.md in this folder.
"""
import csv
import os
import sys

import nest
import numpy as np

DT = 0.1


def rows(path):
    with open(path) as file:
        return [tuple(int(x) for x in row) for row in list(csv.reader(file))[1:]]


def write(path, header, lines):
    with open(path, "w") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(header)
        out.writerows(lines)


def chain(path):
    """Ten groups of 100 after Diesmann, Gewaltig and Aertsen (1999), without noise; group 0 is the packet into the first."""
    packet = [row for row in rows(path) if row[0] == 0]
    nest.ResetKernel()
    nest.resolution = DT
    cell = dict(C_m=250.0, tau_m=10.0, E_L=-70.0, V_reset=-70.0, V_th=-55.0, t_ref=1.0, tau_syn_ex=0.325, I_e=215.0)
    sources = nest.Create("spike_generator", 100)
    for k in range(100):
        sources[k].spike_times = [round(step * DT, 1) for _, step, neuron in packet if neuron == k]
    groups = [sources] + [nest.Create("iaf_psc_alpha", 100, params=cell) for _ in range(10)]
    recorders = nest.Create("spike_recorder", 10)
    for k in range(10):
        groups[k + 1].V_m = list(np.linspace(-63.4, -59.4, 100))
        nest.Connect(groups[k], groups[k + 1], "all_to_all", dict(weight=45.6, delay=5.0))
        nest.Connect(groups[k + 1], recorders[k])
    nest.Simulate(130.0)
    found = []
    for k in range(10):
        steps = np.rint(recorders[k].events["times"] / DT).astype(int)
        found += sorted((k + 1, int(s), int(n) - groups[k + 1][0].global_id) for s, n in zip(steps, recorders[k].events["senders"]))
    write(path, ["group", "step", "neuron"], sorted(packet) + found)


def balanced(reset, seed):
    """Brunel (2000): rates of both kinds of cells and the mean CV of the excitatory ones from 0.5 to 1.5 s."""
    nest.ResetKernel()
    nest.resolution = DT
    nest.rng_seed = seed
    cell = dict(C_m=1.0, tau_m=20.0, E_L=0.0, V_th=20.0, V_reset=reset, t_ref=2.0, V_m=0.0)
    exc, inh = nest.Create("iaf_psc_delta", 2000, params=cell), nest.Create("iaf_psc_delta", 500, params=cell)
    jump, g, eta, sources = 0.2, 5.0, 2.0, 200
    nest.Connect(exc, exc + inh, dict(rule="fixed_indegree", indegree=200), dict(weight=jump, delay=1.5))
    nest.Connect(inh, exc + inh, dict(rule="fixed_indegree", indegree=50), dict(weight=-g * jump, delay=1.5))
    nu_th = 20.0 / (jump * sources * 20.0) * 1e3  # Hz
    outside = nest.Create("poisson_generator", params=dict(rate=eta * nu_th * sources))
    nest.Connect(outside, exc + inh, "all_to_all", dict(weight=jump, delay=DT))
    of_exc, of_inh = (nest.Create("spike_recorder", params=dict(start=500.0)) for _ in range(2))
    nest.Connect(exc, of_exc)
    nest.Connect(inh, of_inh)
    nest.Simulate(1500.0)
    events, cvs = of_exc.events, []
    for cell in range(1, 2001):
        gaps = np.diff(np.sort(events["times"][events["senders"] == cell]))
        if len(gaps) > 1:
            cvs.append(gaps.std() / gaps.mean())
    return round(of_exc.n_events / 2000, 4), round(of_inh.n_events / 500, 4), round(float(np.mean(cvs)), 4)


def main(out):
    nest.set_verbosity("M_ERROR")
    chain(os.path.join(out, "synfire_chain.csv"))
    lines = [(reset, seed, *balanced(reset, seed)) for reset in (10.0, 0.0) for seed in range(1, 11)]
    write(os.path.join(out, "brunel.csv"), ["reset_mv", "seed", "exc_hz", "inh_hz", "cv"], lines)


main(sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__)))
