"""What the command writes, numpy and h5py read; and the package, from the same file, records the same, byte for byte.

Needs the command (`SYNFIRE=target/debug/synfire`, as python/check.sh gives it) and the repository beside the package.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

import synfire as sf

FILE = Path(__file__).resolve().parents[2] / "tests" / "readers" / "network.toml"
COMMAND = os.environ.get("SYNFIRE", "")

pytestmark = pytest.mark.skipif(not COMMAND or not FILE.exists(), reason="no command: set SYNFIRE to it")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run") / "readers"
    words = [COMMAND, "run", str(FILE), "--out", str(folder), "--format", "npz,csv,nest,sonata", "--engine", "cpu", "--quiet", "--no-picture"]
    subprocess.run(words, check=True, capture_output=True)
    return folder


def test_the_package_records_what_the_command_does(run: Path, tmp_path: Path) -> None:
    net = sf.Network.load(FILE)
    record = json.loads((run / "record.json").read_text())
    assert net.hash() == record["network_hash"]
    sim = net.compile("cpu")
    rec = sim.run("200 ms")
    rec.save(tmp_path, formats=("npz", "csv", "nest"))
    recorded = {p["name"]: p["recorded_spikes"] for p in record["populations"]}
    assert {name: len(train) for name, train in rec.spikes.items()} == recorded and recorded["exc"] > 100
    assert sim.hash == record["network_hash"]
    for name in ("spikes.npz", "traces.npz", "positions.npz"):
        assert (tmp_path / name).read_bytes() == (run / name).read_bytes(), name
    for name in ("spikes.csv", "spikes.dat"):
        # the command writes lines as they come, the package population by population
        assert sorted((tmp_path / name).read_text().splitlines()) == sorted((run / name).read_text().splitlines()), name
    again = sf.Recording.load(run)
    assert np.array_equal(again.spikes["exc"].step, sim.recording.spikes["exc"].step)


def test_numpy_reads_spikes_and_traces(run: Path) -> None:
    z = np.load(run / "spikes.npz")
    about = json.loads(bytes(z["about"]))["spikes"]
    assert [p["population"] for p in about] == ["exc", "inh"]
    text = np.genfromtxt(run / "spikes.csv", delimiter=",", names=True, dtype=None, encoding="utf-8")
    for p in about:
        time, neuron = z[p["array"] + "_time_ms"], z[p["array"] + "_neuron"]
        assert np.array_equal(time, z[p["array"] + "_step"] * float(z["dt_ms"]))
        rows = text[text["population"] == p["population"]]
        order = np.lexsort((rows["neuron"], rows["time_ms"]))
        assert np.array_equal(rows["neuron"][order], neuron) and np.abs(rows["time_ms"][order] - time).max(initial=0) < 1e-9


def test_h5py_reads_the_same_with_units(run: Path) -> None:
    h5py = pytest.importorskip("h5py")
    z = np.load(run / "spikes.npz")
    with h5py.File(run / "spikes.h5") as file:
        assert file.attrs["magic"] == 0x0A7A
        for p in json.loads(bytes(z["about"]))["spikes"]:
            own = file["spikes"][p["population"]]
            assert own["timestamps"].attrs["units"] == b"ms"
            assert np.array_equal(own["timestamps"], z[p["array"] + "_time_ms"])
            assert np.array_equal(own["node_ids"], z[p["array"] + "_neuron"])
    z = np.load(run / "traces.npz")
    for t in json.loads(bytes(z["about"]))["traces"]:
        with h5py.File(run / f"report_{t['variable']}.h5") as file:
            data = file["report"][t["population"]]["data"]
            assert np.array_equal(data, z[t["array"]]) and data.attrs["units"].decode() == t["unit"]
