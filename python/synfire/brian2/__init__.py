"""Equations, groups and whole networks of Brian2 in synfire's own words.

`from_group` turns a NeuronGroup, Synapses, PoissonGroup, SpikeGeneratorGroup or PoissonInput into text of the equation
language and sections of a network; `from_network` does so with a Network and all that is in it: the pairs that Brian2
drew, the values that its variables have, its monitors. Brian2 itself runs nothing. `python/docs/brian2.md` says what
maps, what differs and what is refused.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

from .expressions import CannotBe
from .groups import neuron_group
from .model import Part, Uses
from .network import network_of
from .sources import poisson_group, poisson_input, spike_generator
from .synapses import add_uses, base, rows, synapse_parts

__all__ = ["CannotBe", "Differs", "Part", "from_group", "from_network"]


class Differs(UserWarning):
    """Something that will not be as it is in Brian2, but near it."""


def from_group(
    group: Any,
    *,
    name: str | None = None,
    synapses: Iterable[Any] = (),
    ports: Iterable[str] = (),
    inputs: Iterable[str] = (),
    ranges: Mapping[str, Any] | None = None,
    faithful: bool = False,
    namespace: Mapping[str, Any] | None = None,
) -> Part:
    """What a group of Brian2 is here: `.equations` (text), `.sections`, `.remarks`, and `.add_to(net)`.

    `synapses` (or `ports` and `inputs` by name) say what spikes add to and what sums flow into: a model declares that.
    `ranges` are those of synapses' states: `{"w": ("0 nS", "10 nS")}`; a state that spikes send has one,
    and where every assignment to it is a `clip` it is taken from there. Names that the group does not know are looked
    up in `namespace`, else where the function is called. Values are those that the variables have now. `faithful`:
    exponential Euler takes all states from the old ones, as Brian2 does, by assignments instead of equations; else one
    state sees the new values of those before it, which is as fast and of second order where Brian2's is of first.

    **Errors** `CannotBe` (a `ValueError`) for what has no counterpart, with what would be right.
    """
    names = _names(namespace, 2)
    chosen = name or group.name
    kind = type(group).__name__
    if kind == "NeuronGroup":
        uses = Uses(list(ports), list(inputs))
        for each in synapses:
            if base(each.target).name == group.name:
                add_uses(each, uses)
        return neuron_group(group, chosen, names, uses, faithful)
    if kind == "Synapses":
        ends = (base(group.source).name, base(group.target).name)
        return synapse_parts(group, chosen, ends, names, ranges or {})
    if kind == "PoissonGroup":
        return poisson_group(group, chosen, names)
    if kind == "SpikeGeneratorGroup":
        return spike_generator(group, chosen)
    if kind == "PoissonInput":
        return poisson_input(group, chosen, base(group._group).name, rows(group._group))
    raise CannotBe(
        f"a {kind} has no counterpart; help: NeuronGroup, Synapses, PoissonGroup, SpikeGeneratorGroup, PoissonInput"
    )


def from_network(
    net: Any = None,
    *,
    name: str = "brian2",
    duration: Any = None,
    seed: int = 0,
    ranges: Mapping[str, Any] | None = None,
    faithful: bool = False,
    namespace: Mapping[str, Any] | None = None,
) -> Any:
    """A `synfire.Network` with everything that a Network of Brian2 holds, or, without `net`, what is in sight of the call.

    Groups keep their names. Every pair that Brian2 drew is a synapse, weights and delays are those of each, states begin
    as they are now; SpikeMonitor, StateMonitor and PopulationRateMonitor become probes. What differs is told as warnings
    of the kind `Differs`. `ranges`, `faithful`, `namespace`: as of `from_group`. **Errors** `CannotBe` for what has no
    counterpart.
    """
    names = _names(namespace, 2)
    if net is None:
        from brian2 import collect

        objects = list(collect(level=1))
    elif type(net).__name__ not in ("Network", "MagicNetwork") or not hasattr(net, "objects"):
        raise TypeError(
            f"from_network: expected a Network of Brian2, found {type(net).__name__}; help: from_group for one group"
        )
    else:
        objects = list(net.objects)
    made, remarks = network_of(objects, net, name, duration, seed, dict(ranges or {}), names, faithful)
    for remark in remarks:
        warnings.warn(remark, Differs, stacklevel=2)
    return made


def _names(namespace: Mapping[str, Any] | None, level: int) -> Mapping[str, Any]:
    if namespace is not None:
        return namespace
    frame = sys._getframe(level)
    return {**frame.f_globals, **frame.f_locals}
