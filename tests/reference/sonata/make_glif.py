"""Makes glif/: six cells of NEST's glif_psc that two populations drive, in the SONATA format, and NEST's spikes of it.

    pip install nest-simulator h5py numpy; python3 make_glif.py

Parameters of five cells are those of mouse V1 that bmtk comes with (AllenInstitute/bmtk at 7e040d05, BSD 3-Clause); the sixth, of level 5, has
the numbers of the example glif.toml.
"""

import json
import pathlib

import h5py
import nest
import numpy as np

HERE = pathlib.Path(__file__).parent / "glif"
CELLS = ["318808427", "478958894", "480124551", "487667205", "593618144", "level5"]
DT, DURATION = 0.1, 1000.0


def write(rng):
    with h5py.File(HERE / "nodes.h5", "w") as file:
        for name, kinds in [("cells", range(len(CELLS))), ("input", [100] * 20)]:
            group = file.create_group(f"nodes/{name}")
            group["node_type_id"] = np.array(list(kinds), "i8")
            group["node_group_id"] = np.zeros(len(kinds), "i8")
            group["node_group_index"] = np.arange(len(kinds))
            group.create_group("0")
    rows = "\n".join(f"{k},point_neuron,nest:glif_psc,{name}.json" for k, name in enumerate(CELLS))
    (HERE / "node_types.csv").write_text(f"node_type_id,model_type,model_template,dynamics_params\n{rows}\n100,virtual,NULL,NULL\n")
    # each input to each cell, by the first and the third receptor; some of the latter below 0
    source, target, receptor = (x.ravel() for x in np.meshgrid(np.arange(20), np.arange(len(CELLS)), [0, 1], indexing="ij"))
    weight = np.where(receptor == 0, rng.uniform(20, 60, len(source)), rng.uniform(-40, 40, len(source)))
    delay = rng.integers(10, 40, len(source)) / 10
    with h5py.File(HERE / "edges.h5", "w") as file:
        edges = file.create_group("edges/input_to_cells")
        for end, ids, population in [("source", source, "input"), ("target", target, "cells")]:
            edges[f"{end}_node_id"] = ids
            edges[f"{end}_node_id"].attrs["node_population"] = population
        edges["edge_type_id"] = receptor
        edges["edge_group_id"], edges["edge_group_index"] = np.zeros(len(source), "i8"), np.arange(len(source))
        edges["0/syn_weight"], edges["0/delay"] = weight, delay
    (HERE / "edge_types.csv").write_text(
        "edge_type_id,model_template,dynamics_params\n0,static_synapse,first.json\n1,static_synapse,third.json\n")
    for name, number in [("first", 1), ("third", 3)]:
        (HERE / f"components/{name}.json").write_text(json.dumps({"receptor_type": number}) + "\n")
    times = np.round(np.sort(rng.choice(np.arange(10, 9900), (20, 60), replace=True), axis=1) / 10, 1)
    ids, times = zip(*sorted({(k, t) for k in range(20) for t in times[k]}))
    with h5py.File(HERE / "spikes.h5", "w") as file:
        file["spikes/input/node_ids"], file["spikes/input/timestamps"] = np.array(ids), np.array(times)
        file["spikes/input/timestamps"].attrs["units"] = "ms"
    components = {"point_neuron_models_dir": "$DIR/components", "synaptic_models_dir": "$DIR/components"}
    networks = {"nodes": [{"nodes_file": "$DIR/nodes.h5", "node_types_file": "$DIR/node_types.csv"}],
                "edges": [{"edges_file": "$DIR/edges.h5", "edge_types_file": "$DIR/edge_types.csv"}]}
    spikes = {"input_type": "spikes", "module": "sonata", "input_file": "$DIR/spikes.h5", "node_set": {"population": "input"}}
    config = {"manifest": {"$DIR": "."}, "target_simulator": "NEST", "run": {"tstop": DURATION, "dt": DT}, "components": components,
              "networks": networks, "inputs": {"drive": spikes},
              "reports": {"v": {"module": "multimeter_report", "variable_name": "V_m", "cells": {"population": "cells"}}}}
    (HERE / "simulation_config.json").write_text(json.dumps(config, indent=2) + "\n")
    return source, target, receptor, weight, delay, np.array(ids), np.array(times)


def spikes(source, target, receptor, weight, delay, ids, times):
    nest.ResetKernel()
    nest.SetKernelStatus({"resolution": DT})
    cells = nest.Create("glif_psc", len(CELLS))
    for cell, name in zip(cells, CELLS):
        cell.set(json.loads((HERE / f"components/{name}.json").read_text()))
    inputs = nest.Create("spike_generator", 20)
    for k, one in enumerate(inputs):
        one.set(spike_times=times[ids == k])
    for s, t, r, w, d in zip(source, target, receptor, weight, delay):
        nest.Connect(inputs[int(s)], cells[int(t)], syn_spec={"weight": w, "delay": d, "receptor_type": [1, 3][r]})
    recorder = nest.Create("spike_recorder")
    nest.Connect(cells, recorder)
    nest.Simulate(DURATION)
    events = recorder.get("events")
    order = np.lexsort((events["senders"], events["times"]))
    return [(int(events["senders"][k]) - cells[0].global_id, round(float(events["times"][k]), 1)) for k in order]


found = spikes(*write(np.random.default_rng(7)))
(HERE / "nest_spikes.csv").write_text("neuron,time_ms\n" + "".join(f"{k},{t}\n" for k, t in found))
print(f"{len(found)} spikes; of each cell {np.bincount([k for k, _ in found], minlength=len(CELLS))}")
