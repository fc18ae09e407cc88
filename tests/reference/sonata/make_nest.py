"""How many spikes NEST counts of 300_pointneurons: what `network/sonata/test.rs` holds ours to.

    pip install nest-simulator h5py numpy; python3 make_nest.py

With NEST 3.10.0: 4222 spikes in 300 ms, 18798 in 1500 ms, at a step of 0.01 ms.
"""

import csv
import json
import pathlib

import h5py
import nest
import numpy as np

HERE = pathlib.Path(__file__).parent
CIRCUIT = HERE / "300_pointneurons"
DT = 0.01


def run(duration):
    nest.ResetKernel()
    nest.SetKernelStatus({"resolution": DT})
    rows = csv.DictReader(open(CIRCUIT / "network/internal_node_types.csv"), delimiter=" ")
    types = {int(row["node_type_id"]): row["dynamics_params"] for row in rows}
    of_node = h5py.File(CIRCUIT / "network/internal_nodes.h5")["nodes/internal/node_type_id"][:]
    cells = nest.Create("iaf_psc_alpha", len(of_node))
    for cell, kind in zip(cells, of_node):
        cell.set(json.loads((HERE / "shared_components/nest_models/cell_models" / types[int(kind)]).read_text()))
    spikes = h5py.File(CIRCUIT / "inputs/external_spike_trains.h5")["spikes"]
    external = nest.Create("spike_generator", 100)
    for k, source in enumerate(external):
        times = np.unique(np.round(np.round(spikes["timestamps"][:][spikes["gids"][:] == k] / DT) * DT, 6))
        source.set(spike_times=times[times >= DT])
    # edges without a delay have that of NEST
    for name, sources, delay in [("internal", cells, 2.0), ("external", external, 1.0)]:
        edges = h5py.File(CIRCUIT / f"network/{name}_internal_edges.h5")[f"edges/{name}_to_internal"]
        source = np.array(sources.tolist())[edges["source_node_id"][:].astype(int)]
        target = np.array(cells.tolist())[edges["target_node_id"][:].astype(int)]
        weight = edges["0/syn_weight"][:][edges["edge_group_index"][:]]
        nest.Connect(source, target, "one_to_one", {"weight": weight, "delay": np.full(len(weight), delay)})
    recorder = nest.Create("spike_recorder")
    nest.Connect(cells, recorder)
    nest.Simulate(duration)
    return len(recorder.get("events")["times"])


for duration in [300.0, 1500.0]:
    print(f"{duration} ms: {run(duration)} spikes")
