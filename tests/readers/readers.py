"""What others read of what synfire wrote: spike for spike, sample for sample, unit for unit, against each other.

    python3 -m venv V && V/bin/pip install numpy h5py libsonata pandas neo
    V/bin/python tests/readers/readers.py target/release/synfire > tests/readers/result.txt

Not part of the continuous integration: it needs Python packages. The last result is in result.txt.
"""

import datetime
import importlib.metadata
import json
import pathlib
import subprocess
import sys
import tempfile

import h5py
import libsonata
import neo
import numpy as np
import pandas as pd
import quantities as pq

NETWORK = pathlib.Path(__file__).with_name("network.toml")
FORMATS = "npz,csv,nest,gdf,sonata"


def main(synfire):
    folder = pathlib.Path(tempfile.mkdtemp())
    print(f"{datetime.date.today()}, {subprocess.run([synfire, '--version'], capture_output=True, text=True).stdout.strip()}")
    print(", ".join(f"{name} {importlib.metadata.version(name)}" for name in ["numpy", "h5py", "libsonata", "pandas", "neo"]))
    held, chunks, again = folder / "held", folder / "chunks", folder / "again"
    quiet = ["--quiet", "--no-picture", "--engine", "cpu"]
    run(synfire, "run", NETWORK, "--out", held, "--format", FORMATS, *quiet)
    run(synfire, "run", NETWORK, "--out", chunks, "--format", "chunks,sonata", *quiet)
    run(synfire, "convert", chunks, "--out", again, "--format", FORMATS)
    for name in sorted(path.name for path in again.iterdir()):
        check(f"{name}: from memory, streamed and converted the same bytes",
              len({(f / name).read_bytes() for f in [held, again, chunks] if (f / name).exists()}) == 1)
    spikes(held)
    reports(held)
    positions(held)
    metadata(held)
    print("all equal")


def run(*words):
    subprocess.run([str(word) for word in words], check=True, stdout=subprocess.DEVNULL)


def check(what, holds):
    print(("ok    " if holds else "WRONG ") + what)
    if not holds:
        sys.exit(1)


def spikes(run):
    z = np.load(run / "spikes.npz")
    about = json.loads(bytes(z["about"]))["spikes"]
    table = pd.read_csv(run / "spikes.csv")
    reader = libsonata.SpikeReader(str(run / "spikes.h5"))
    file = h5py.File(run / "spikes.h5")
    first = 1
    senders = []
    dat = pd.read_csv(run / "spikes.dat", sep="\t", comment="#")
    stop = float(z["dt_ms"]) * int(z["first_step"] + z["steps"])
    nest = neo.io.NestIO(filenames=str(run / "spikes.gdf"))
    segment = nest.read_segment(gid_list=[], t_start=0 * pq.ms, t_stop=(stop + 1) * pq.ms, id_column_gdf=0, time_column_gdf=1)
    of_sender = {train.annotations["id"]: train for train in segment.spiketrains}
    loaded = load_into_neo(run)
    for p in about:
        name, array = p["population"], p["array"]
        time, neuron = z[array + "_time_ms"], z[array + "_neuron"]
        check(f"numpy: {name}: {len(time)} spikes, times are steps", np.array_equal(time, z[array + "_step"] * float(z["dt_ms"])))
        own = file["spikes"][name]
        check(f"h5py: {name}: as numpy, in {own['timestamps'].attrs['units'].decode()}",
              np.array_equal(own["timestamps"], time) and np.array_equal(own["node_ids"], neuron)
              and own["timestamps"].attrs["units"] == b"ms" and own.attrs["size"] == p["size"])
        population = reader[name]
        got = population.get_dict()
        check(f"libsonata: {name}: as numpy, sorted {population.sorting}",
              np.array_equal(got["timestamps"], time) and np.array_equal(got["node_ids"], neuron)
              and str(population.sorting) == "by_time")
        rows = table[table.population == name].sort_values(["time_ms", "neuron"])
        # the text has 3 for a step of 30000000000000004 e-16
        check(f"pandas, CSV: {name}: as numpy within 1e-9 ms",
              np.array_equal(rows.neuron, neuron) and np.abs(rows.time_ms.to_numpy() - time).max(initial=0) < 1e-9)
        rows = dat[(dat.sender >= first) & (dat.sender < first + p["size"])].sort_values(["time_ms", "sender"])
        check(f"pandas, NEST .dat: {name}: as numpy within 1e-9 ms",
              np.array_equal(rows.sender - first, neuron) and np.abs(rows.time_ms.to_numpy() - time).max(initial=0) < 1e-9)
        trains = [of_sender[first + k] for k in np.unique(neuron)]
        same = all(train.units == pq.ms and np.abs(np.sort(train.magnitude) - time[neuron == k]).max(initial=0) < 1e-9
                   for k, train in zip(np.unique(neuron), trains))
        check(f"Neo, NestIO: {name}: {len(trains)} trains in ms, {sum(map(len, trains))} spikes as numpy within 1e-9 ms",
              same and sum(map(len, trains)) == len(time))
        own = [train for train in loaded.spiketrains if train.annotations["population"] == name]
        check(f"Neo, the guide's loader: {name}: {len(own)} trains", len(own) == p["size"]
              and all(np.array_equal(train.magnitude, time[neuron == k]) for k, train in enumerate(own)))
        rows = load_into_pandas(run).query("population == @name")
        check(f"pandas, the guide's loader: {name}: as numpy",
              np.array_equal(rows.neuron, neuron) and np.array_equal(rows.time_ms, time))
        first += p["size"]
        senders.append(len(time))
    check("all senders are somebody's", len(dat) == sum(senders) == sum(map(len, segment.spiketrains)))


def reports(run):
    z = np.load(run / "traces.npz")
    for t in json.loads(bytes(z["about"]))["traces"]:
        path, name = run / f"report_{t['variable']}.h5", t["population"]
        values, rows, times = z[t["array"]], z[t["array"] + "_rows"], z[t["array"] + "_time_ms"]
        reader = libsonata.ElementReportReader(str(path))[name]
        got = reader.get()
        check(f"libsonata: {name}.{t['variable']}: {values.shape} samples as numpy, in {reader.data_units} and {reader.time_units}",
              np.array_equal(got.data, values) and [k for k, _ in got.ids] == list(rows)
              and reader.data_units == t["unit"] and reader.time_units == "ms" and np.abs(got.times - times).max() < 1e-6)
        data = h5py.File(path)["report"][name]
        check(f"h5py: {name}.{t['variable']}: as numpy, {data['data'].dtype}, not compressed",
              np.array_equal(data["data"], values) and data["data"].compression is None
              and data["data"].attrs["units"].decode() == t["unit"])


def positions(run):
    z = np.load(run / "positions.npz")
    for p in json.loads(bytes(z["about"]))["positions"]:
        nodes = libsonata.NodeStorage(str(run / "nodes.h5"), "").open_population(p["population"])
        every = nodes.select_all()
        check(f"libsonata: {p['population']}: {nodes.size} places as numpy",
              all(np.array_equal(nodes.get_attribute(axis, every), z[f"{p['array']}_{axis}_um"]) for axis in "xyz"))


def metadata(run):
    record = json.loads((run / "record.json").read_text())
    for name in sorted(path.name for path in run.glob("*.h5")):
        said = h5py.File(run / name).attrs
        check(f"h5py: {name}: magic, version, network, hash, seed, dt",
              said["magic"] == 0x0A7A and list(said["version"]) == [0, 1] and said["network"].decode() == record["network"]
              and said["network_hash"].decode() == record["network_hash"] and said["seed"] == record["seed"]
              and said["dt_ms"] == record["dt_ms"] and said["synfire_version"].decode() == record["version"])


# as the guide has them (src/guide/formats.md)


def load_into_neo(run):
    z, segment = np.load(f"{run}/spikes.npz"), neo.Segment(name=str(run))
    start, stop = z["first_step"] * z["dt_ms"], (z["first_step"] + z["steps"]) * z["dt_ms"]
    for p in json.loads(bytes(z["about"]))["spikes"]:
        time, neuron = z[p["array"] + "_time_ms"], z[p["array"] + "_neuron"]
        for k in range(p["size"]):
            segment.spiketrains.append(neo.SpikeTrain(time[neuron == k], units="ms", t_start=start, t_stop=stop,
                                                      population=p["population"], neuron=k))
    return segment


def load_into_pandas(run):
    with h5py.File(f"{run}/spikes.h5") as file:
        tables = {name: pd.DataFrame({"neuron": own["node_ids"][:], "time_ms": own["timestamps"][:]})
                  for name, own in file["spikes"].items()}
    return pd.concat(tables, names=["population"]).reset_index("population")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "target/release/synfire")
