"""NEST's hpc_benchmark cut to 2,250 cells with in-degrees 900 and 225: one run, one line of JSON.

    python nest_hpc.py [--duration 1000] [--threads 1] [--seed 1]

The same network as hpc_2250.toml; `run_s` is wall clock of the steps after the first, `cpu_s` processor time.
"""
import argparse
import json
import os
import sys
import time

import numpy as np
from scipy.special import lambertw

ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
ap.add_argument("--duration", type=float, default=1000., help="ms")
ap.add_argument("--threads", type=int, default=1)
ap.add_argument("--seed", type=int, default=1)
args = ap.parse_args()

os.environ["PYNEST_QUIET"] = "1"
sys.argv = sys.argv[:1]  # NEST reads the command line too
import nest  # noqa: E402

DT = .1  # ms
NE, NI, CE, CI = 1800, 450, 900, 225
TAU_M, C_M, TAU_SYN, V_TH = 10., 250., .32582722403722841, 20.


def peak(tau_m, c_m, tau):
    """The largest potential, mV, that an alpha current of 1 pA leaves behind."""
    a, b = tau_m / tau, 1 / tau - 1 / tau_m
    t = 1 / b * (-lambertw(-np.exp(-1 / a) / a, -1).real - 1 / a)
    rise = (np.exp(-t / tau_m) - np.exp(-t / tau)) / b - t * np.exp(-t / tau)
    return np.exp(1) / (tau * c_m * b) * rise


JE = .14 / peak(TAU_M, C_M, TAU_SYN)  # pA
RATE = V_TH / (CE * TAU_M / C_M * JE * np.exp(1.) * TAU_SYN) * 1.685 * CE * 1000.  # 1/s

nest.ResetKernel()
nest.verbosity = nest.VerbosityLevel.ERROR
nest.local_num_threads = args.threads
nest.resolution = DT
nest.rng_seed = args.seed
start = time.perf_counter()
cell = dict(tau_minus=30., tau_m=TAU_M, C_m=C_M, E_L=0., V_th=V_TH, V_reset=0., t_ref=.5, tau_syn_ex=TAU_SYN, tau_syn_in=TAU_SYN)
exc, inh = nest.Create("iaf_psc_alpha", NE, params=cell), nest.Create("iaf_psc_alpha", NI, params=cell)
exc.V_m, inh.V_m = nest.random.normal(5.7, 7.2), nest.random.normal(5.7, 7.2)
noise = nest.Create("poisson_generator", params={"rate": RATE})
nest.SetDefaults("static_synapse_hpc", {"delay": 1.5})
nest.CopyModel("static_synapse_hpc", "excitatory", {"weight": JE})
nest.CopyModel("static_synapse_hpc", "inhibitory", {"weight": -5 * JE})
nest.CopyModel("stdp_pl_synapse_hom_hpc", "plastic", {"alpha": .0513, "lambda": .1, "mu": .4, "tau_plus": 15.})
rule = dict(rule="fixed_indegree", allow_autapses=True, allow_multapses=True)
for cells in (exc, inh):
    nest.Connect(noise, cells, "all_to_all", {"synapse_model": "excitatory"})
    nest.Connect(inh, cells, dict(rule, indegree=CI), {"synapse_model": "inhibitory"})
nest.Connect(exc, exc, dict(rule, indegree=CE), {"synapse_model": "plastic", "weight": JE, "delay": 1.5})
nest.Connect(exc, inh, dict(rule, indegree=CE), {"synapse_model": "excitatory"})
recorder = nest.Create("spike_recorder")
nest.Connect(exc, recorder)
nest.Connect(inh, recorder)
built = time.perf_counter()
nest.Prepare()
nest.Run(DT)
wall, cpu = time.perf_counter(), time.process_time()
nest.Run(args.duration - DT)
run_s, cpu_s = time.perf_counter() - wall, time.process_time() - cpu
spikes = recorder.get("n_events")
print(json.dumps(dict(build_s=built - start, run_s=run_s, cpu_s=cpu_s, rate_hz=spikes / (NE + NI) / args.duration * 1e3,
                      w_ex_pa=JE, noise_hz=RATE)))
