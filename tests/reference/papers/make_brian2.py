#!/usr/bin/env python3
"""Frequency over current of the cell of Pinsky and Rinzel (1994) in Brian2.

    python3 make_brian2.py [OUTDIR]      (default: this folder)

Needs Brian2 and numpy. Conventions and provenance: README.md in this folder.
"""
import csv
import os
import sys

import numpy as np
from brian2 import Network, NeuronGroup, SpikeMonitor, defaultclock, ms, prefs, start_scope

prefs.codegen.target = "cython"
# x and y in mV from rest, currents in uA/cm2, 1/ms
CELL = """
alpha_m = 1.28/exprel((13.1 - x)/4) : 1
beta_m  = 1.4/exprel((x - 40.1)/5) : 1
alpha_n = 0.08/exprel((35.1 - x)/5) : 1
beta_n  = 0.25*exp(0.5 - 0.025*x) : 1
alpha_h = 0.128*exp((17 - x)/18) : 1
beta_h  = 4/(1 + exp((40 - x)/5)) : 1
alpha_s = 1.6/(1 + exp(-0.072*(y - 65))) : 1
beta_s  = 0.1/exprel((y - 51.1)/5) : 1
fall    = 2*exp((6.5 - y)/27) : 1
alpha_c = int(y <= 50)*exp((y - 10)/11 - (y - 6.5)/27)/18.975 + int(y > 50)*fall : 1
beta_c  = int(y <= 50)*(fall - alpha_c) : 1
alpha_q = clip(0.00002*ca, -1e9, 0.01) : 1
m_inf   = alpha_m/(alpha_m + beta_m) : 1
i_ca    = 10*s**2*(y - 140) : 1
i_k     = (0.8*q + 15*c*clip(ca/250, -1e9, 1))*(y + 15) : 1
i_soma  = 30*m_inf**2*h*(x - 120) + 15*n*(x + 15) : 1
dx/dt   = (-0.1*x - i_soma + 2.1*(y - x)/0.5 + i_e/0.5)/3/ms : 1
dy/dt   = (-0.1*y - i_ca - i_k + 2.1*(x - y)/0.5)/3/ms : 1
dh/dt   = (alpha_h*(1 - h) - beta_h*h)/ms : 1
dn/dt   = (alpha_n*(1 - n) - beta_n*n)/ms : 1
ds/dt   = (alpha_s*(1 - s) - beta_s*s)/ms : 1
dc/dt   = (alpha_c*(1 - c) - beta_c*c)/ms : 1
dq/dt   = (alpha_q*(1 - q) - 0.001*q)/ms : 1
dca/dt  = (-0.13*i_ca - 0.075*ca)/ms : 1
i_e : 1
"""


def counts(dt, moved):
    """Spikes in 3 s at 50 currents; `moved` is added to the potential of the soma at the start, mV."""
    start_scope()
    defaultclock.dt = dt*ms
    cells = NeuronGroup(50, CELL, threshold="x >= 30", refractory="x >= 30", method="rk4")
    cells.x = -4.6 + moved
    cells.y, cells.h, cells.n, cells.s, cells.c, cells.q, cells.ca = -4.5, 0.999, 0.001, 0.009, 0.007, 0.01, 0.2
    cells.i_e = -0.5 + 5.5*np.arange(50)/49
    spikes = SpikeMonitor(cells)
    Network(cells, spikes).run(3000*ms)
    return np.array(spikes.count)


def main(out):
    columns = [np.arange(50)] + [counts(*case) for case in ((0.02, 0.0), (0.02, 1e-7), (0.02, -1e-7), (0.01, 0.0))]
    with open(os.path.join(out, "pinsky_rinzel.csv"), "w") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(["current", "spikes", "spikes_1e_7_above", "spikes_1e_7_below", "spikes_half_step"])
        lines.writerows(zip(*(column.tolist() for column in columns)))


main(sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__)))
