"""4000 conductance-based neurons (Vogels and Abbott 2005; benchmark 1 of Brette et al. 2007) for a second, with a picture."""

from __future__ import annotations

import sys

import synfire as sf


def coba(size: int = 4000) -> sf.Network:
    """Four excitatory cells to one inhibitory; a kick of 50 ms wakes the network, and it fires on by itself.

    With 4000 cells it is `examples/networks/coba_4000.toml`, spike for spike.
    """
    net = sf.Network("coba_4000", dt="0.1 ms", duration="1 s", seed=1)
    cell = {"c_m": "200 pF", "g_leak": "10 nS", "e_leak": "-60 mV", "e_exc": "0 mV", "e_inh": "-80 mV", "tau_exc": "5 ms",
            "tau_inh": "10 ms", "v_th": "-50 mV", "v_reset": "-60 mV", "t_ref": "5 ms"}  # fmt: skip
    start = {"v": sf.values.uniform("-60 mV", "-50 mV")}
    net.population("exc", "lif_cond_exp", size * 4 // 5, parameters=cell, initial=start)
    net.population("inh", "lif_cond_exp", size // 5, parameters=cell, initial=start)
    for source, port, weight in (("exc", "g_exc", 6 * sf.nS), ("inh", "g_inh", 67 * sf.nS)):
        pairs = sf.connectors.fixed_probability(80 / size)
        net.project(source, ["exc", "inh"], port=port, connector=pairs, weight=weight, delay="0.1 ms")
    kick = sf.waveforms.poisson("300 Hz", "6 nS")
    net.stimulate("exc", "g_exc", kick, name="kick", rows=range(50), start="1 ms", stop="51 ms")
    net.probe(["exc", "inh"], "spikes")
    net.probe("exc", "v", rows=[0, 1, 2])
    return net


def main() -> None:
    """Runs it and saves `coba.png`."""
    sim = coba().compile()
    rec = sim.run("1 s", progress=sys.stderr.isatty() and "tqdm" in sys.modules)
    print(sim)
    for population, numbers in rec.measures(["rate", "cv"]).items():
        print(f"{population}: {numbers['rate_mean_hz']:.1f} spikes/s, CV {numbers['cv_mean']:.2f}")
    rec.plot(title="COBA").save("coba.png")
    print("coba.png")


if __name__ == "__main__":
    main()
