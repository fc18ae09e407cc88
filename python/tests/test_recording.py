"""What a run left: names, forms, files, pictures, measures; sweeps and fits."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import synfire as sf

from conftest import balanced


@pytest.fixture(scope="module")
def rec() -> sf.Recording:
    net = balanced(80)
    net.probe("exc", "rate", every="5 ms")
    net.probe("exc", "v", reduce="mean", every="1 ms")
    return net.compile("cpu").run("200 ms")


def test_names_lead_to_parts(rec: sf.Recording) -> None:
    assert list(rec.spikes) == ["exc", "inh"] and list(rec.traces) == ["exc.v"] and len(rec.traces.all) == 1
    train = rec.spikes["exc"]
    assert np.allclose(train.times, train.step * 0.1) and train.size == 80 and train.rows is None
    trains = train.trains()
    assert len(trains) == 80 and sum(map(len, trains)) == len(train)
    k = int(train.neuron[0])
    assert trains[k][0] == pytest.approx(train.times[0])
    trace = rec.traces["exc", "v"]
    assert trace.unit == "mV" and trace.times[-1] == pytest.approx(200.0) and list(trace.rows) == [0, 1]
    rate = rec.rates["exc"]
    assert rate.count.sum() == len(train) and rate.times[1] - rate.times[0] == pytest.approx(5.0)
    assert rec.summaries["exc.v"].reduction == "mean" and rec.summaries["exc.v"].values.shape == (200, 2)
    with pytest.raises(KeyError, match="there is no trace 'exc.w'.*'exc.v'.*add a probe"):
        rec.traces["exc.w"]


def test_measures_are_those_of_the_command(rec: sf.Recording) -> None:
    told = rec.measures(["rate", "cv"])
    train = rec.spikes["exc"]
    assert told["exc"]["rate_mean_hz"] == pytest.approx(len(train) / 80 / 0.2)
    late = rec.measures(["rate"], window=("100 ms", "200 ms"))["exc"]["rate_mean_hz"]
    assert late == pytest.approx((train.step > 1000).sum() / 80 / 0.1)
    with pytest.raises(sf.CallError, match="there is no measure `rat`.*did you mean `rate`"):
        rec.measures(["rat"])


def test_every_format_is_written_and_npz_read(rec: sf.Recording, tmp_path: Path) -> None:
    rec.save(tmp_path, formats=("npz", "csv", "nest", "gdf", "sonata"))
    assert {"spikes.npz", "traces.npz", "spikes.csv", "spikes.dat", "spikes.gdf"} <= {p.name for p in tmp_path.iterdir()}
    again = sf.Recording.load(tmp_path)
    assert np.array_equal(again.spikes["inh"].step, rec.spikes["inh"].step)
    assert np.array_equal(np.load(tmp_path / "spikes.npz")["exc_step"], rec.spikes["exc"].step)
    with pytest.raises(sf.CallError, match="there is no format `nix`"):
        rec.save(tmp_path, formats=("nix",))
    with pytest.raises(sf.FileError):
        sf.Recording.load(tmp_path / "nowhere")


def test_pictures_have_pixels(rec: sf.Recording, tmp_path: Path) -> None:
    picture = rec.plot(title="balanced", width=600)
    assert picture._repr_svg_().startswith("<svg") and picture._repr_png_()[:4] == b"\x89PNG"
    picture.save(tmp_path / "a.svg")
    picture.save(tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 5_000 and "<svg" in rec._repr_html_()
    with pytest.raises(ValueError, match="`.svg` or `.png`"):
        picture.save(tmp_path / "a.pdf")
    with pytest.raises(sf.CallError, match="no option `titel`"):
        rec.plot(titel="x")
    assert sf.curves({"a": [(0, 1), (1, 2)]}, "x", "y").svg.startswith("<svg")


def test_frames_and_blocks(rec: sf.Recording) -> None:
    train = rec.spikes["exc"]
    pandas = pytest.importorskip("pandas")
    frames = rec.to_pandas()
    assert isinstance(frames["spikes"], pandas.DataFrame) and len(frames["spikes"]) == len(train) + len(rec.spikes["inh"])
    assert frames["exc.v"].shape == (2000, 2)


def test_a_block_of_neo(rec: sf.Recording) -> None:
    pytest.importorskip("neo")
    block = rec.to_neo("balanced")
    trains = [t for t in block.segments[0].spiketrains if t.annotations["population"] == "exc"]
    assert len(trains) == 80 and sum(len(t) for t in trains) == len(rec.spikes["exc"])
    signal = block.segments[0].analogsignals[0]
    assert str(signal.units.dimensionality) == "mV" and signal.shape == (2000, 2)
    assert np.array_equal(np.asarray(signal), rec.traces["exc.v"].values)


def test_axes_of_matplotlib(rec: sf.Recording) -> None:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    assert len(rec.axes()) == 2


def test_a_sweep_and_a_fit() -> None:
    net = sf.Network("cells", seed=1)
    net.population("exc", "lif_psc_exp", 20, parameters={"i_e": "380 pA"})
    net.probe("exc", "spikes")
    table = sf.sweep(net, {"exc.i_e": "360 pA..480 pA:4", "exc.tau_m": ["10 ms", 20 * sf.ms]}, duration="200 ms", compile={"engine": "cpu"})
    assert len(table) == 8 and table.axes == ["exc.i_e", "exc.tau_m"] and "side by side" in table.arrangement
    rates = table.column("exc.rate_mean_hz")
    assert rates[0] < rates[6]
    alone = net.copy()
    alone.set("exc.i_e", table.rows[7]["exc.i_e"])
    alone.set("exc.tau_m", table.rows[7]["exc.tau_m"])
    assert alone.compile("cpu").run("200 ms").measures(["rate"])["exc"]["rate_mean_hz"] == rates[7]
    found = sf.fit(net, {"exc.i_e": "300 pA..900 pA"}, {"exc.rate": "40 Hz"}, duration="1 s", compile={"engine": "cpu"})
    assert found.reached and found.best is not None and found.best["off"] <= 0.05


def test_import_is_light_and_touches_no_gpu() -> None:
    code = (
        "import sys, numpy\nbefore = set(sys.modules)\nimport synfire\n"
        "own = [m for m in set(sys.modules) - before if not m.startswith('synfire')]\n"
        "heavy = {'matplotlib', 'pandas', 'neo', 'quantities', 'tqdm', 'pyNN', 'brian2', 'torch'} & set(sys.modules)\n"
        "maps = open('/proc/self/maps').read() if sys.platform == 'linux' else ''\n"
        "print(sorted(heavy), 'libvulkan' in maps)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told.strip() == "[] False"


def test_pictures_of_wiring_weights_and_places() -> None:
    net = sf.Network("sheet", seed=1)
    net.population("in", "poisson_source", shape=(3, 4), parameters={"rate": "40 Hz"}, positions={"rule": "grid", "spacing": "25 um"})
    net.population("cell", "lif_cond_exp", 5)
    net.project("in", "cell", synapse="stdp_pair", connector=sf.connectors.all_to_all(), delay="1 ms", name="s")
    net.probe("cell", "v", every="1 ms")
    net.probe("in", "spikes")
    sim = net.compile("cpu")
    rec = sim.run("20 ms")
    for picture in (sim.plot_wiring(title="who"), sim.plot_synapses("s", "w"), rec.plot_positions()):
        assert picture.svg.startswith("<svg") and len(picture.svg) > 1000
    assert rec.traces["cell.v"].animate((1, 5))[:6] == b"GIF89a"
    with pytest.raises(ValueError, match="the trace has 5"):
        rec.traces["cell.v"].animate((2, 5))
    with pytest.raises(sf.CallError):
        balanced(20).compile("cpu").run("1 ms").plot_positions()
