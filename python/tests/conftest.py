"""What all tests share: a small living network."""

from __future__ import annotations

import pytest

import synfire as sf


def balanced(size: int = 320) -> sf.Network:
    """The README's first network, `size` excitatory cells and a quarter as many inhibitory ones."""
    net = sf.Network("balanced", dt="0.1 ms", seed=1)
    for name, n in (("exc", size), ("inh", size // 4)):
        net.population(name, "lif_cond_exp", n, initial={"v": sf.values.uniform("-60 mV", "-50 mV")})
    for target in ("exc", "inh"):
        net.project("exc", target, port="g_exc", connector=sf.connectors.fixed_probability(0.1), weight="3 nS", delay="1 ms")
        net.project("inh", target, port="g_inh", connector=sf.connectors.fixed_probability(0.1), weight="40 nS", delay="1.5 ms")
        net.stimulate(target, "g_exc", sf.waveforms.poisson("1 kHz", "2.5 nS"))
        net.probe(target, "spikes")
    net.probe("exc", "v", rows=[0, 1])
    return net


@pytest.fixture
def net() -> sf.Network:
    return balanced()
