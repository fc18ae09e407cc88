"""Whole networks of Brian2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .._foreign import of_si
from .expressions import CannotBe, safe
from .groups import neuron_group
from .model import Part, Uses
from .sources import poisson_group, poisson_input, spike_generator
from .synapses import add_uses, base, rows, synapse_parts

_GROUPS = {"NeuronGroup", "PoissonGroup", "SpikeGeneratorGroup"}
_MONITORS = {"SpikeMonitor", "StateMonitor", "PopulationRateMonitor"}
_SCHEDULE = ["start", "groups", "thresholds", "synapses", "resets", "end"]


def network_of(
    objects: list[Any],
    net: Any,
    name: str,
    duration: Any,
    seed: int,
    ranges: dict[str, Any],
    namespace: Mapping[str, Any],
    faithful: bool,
) -> tuple[Any, list[str]]:
    """The network and what differs."""
    import synfire

    parts, dt, remarks = parts_of(objects, net, ranges, namespace, faithful)
    keys: dict[str, Any] = {"dt": dt, "seed": seed}
    if duration is not None:
        keys["duration"] = duration
    made = synfire.Network(name, **keys)
    for part in parts:
        part.add_to(made)
    return made, remarks


def parts_of(
    objects: list[Any], net: Any, ranges: dict[str, Any], namespace: Mapping[str, Any], faithful: bool = False
) -> tuple[list[Part], Any, list[str]]:
    """All parts, the step, and what differs."""
    objects = sorted(objects, key=lambda o: o.name)
    remarks: list[str] = []
    _check(objects, net, remarks)
    synapses = [o for o in objects if type(o).__name__ == "Synapses"]
    inputs = [o for o in objects if type(o).__name__ == "PoissonInput"]
    parts: list[Part] = []
    for group in objects:
        kind = type(group).__name__
        if kind == "NeuronGroup":
            uses = Uses()
            for each in synapses:
                if base(each.target).name == group.name:
                    add_uses(each, uses)
            for each in inputs:
                if base(each._group).name == group.name and each._target_var not in uses.ports:
                    uses.ports.append(each._target_var)
            parts.append(neuron_group(group, group.name, namespace, uses, faithful))
        elif kind == "PoissonGroup":
            parts.append(poisson_group(group, group.name, namespace))
        elif kind == "SpikeGeneratorGroup":
            parts.append(spike_generator(group, group.name))
    for each in synapses:
        if len(each) == 0:
            remarks.append(f"{each.name}: no synapses, left out")
            continue
        ends = (base(each.source).name, base(each.target).name)
        parts.append(synapse_parts(each, each.name, ends, namespace, ranges))
    for each in inputs:
        parts.append(poisson_input(each, each.name, base(each._group).name, rows(each._group)))
    for monitor in objects:
        if type(monitor).__name__ in _MONITORS:
            parts.append(_monitor(monitor))
    remarks += [r for part in parts for r in part.remarks]
    return parts, _dt(objects), remarks


def _check(objects: list[Any], net: Any, remarks: list[str]) -> None:
    known = _GROUPS | _MONITORS | {"Synapses", "PoissonInput"}
    for each in objects:
        kind = type(each).__name__
        if kind == "NetworkOperation":
            raise CannotBe(
                f"{each.name}: a function of Python in every step; help: run step by step, or net.input/net.output"
            )
        if kind not in known:
            raise CannotBe(f"{each.name}: a {kind} has no counterpart")
    if net is not None:
        if list(net.schedule) != _SCHEDULE:
            raise CannotBe(f"the schedule {list(net.schedule)} has no counterpart; help: the default one")
        if float(net.t_) > 0:
            remarks.append("time begins at 0 here; spikes under way and refractory periods are not taken over")


def _dt(objects: list[Any]) -> Any:
    """The step, one for all groups and synapses."""
    groups = [o for o in objects if type(o).__name__ in _GROUPS | {"Synapses"}]
    if not groups:
        raise CannotBe("there are no groups; help: from_network(Network(collect())) where they are defined")
    steps = {float(o.clock.dt) for o in groups}
    if len(steps) > 1:
        raise CannotBe(
            f"groups with different steps ({', '.join(f'{s * 1e3:g} ms' for s in sorted(steps))}); help: one dt"
        )
    return of_si(steps.pop(), [0, 0, 1, 0, 0])


def _monitor(monitor: Any) -> Part:
    kind = type(monitor).__name__
    source = monitor.source
    keys: dict[str, Any] = {"population": base(source).name}
    chosen = rows(source)
    if chosen:
        keys["rows"] = chosen
    sections = []
    remarks = []
    if kind == "SpikeMonitor":
        if getattr(monitor, "event", "spike") != "spike":
            raise CannotBe(f"{monitor.name}: events other than spikes have no counterpart")
        sections.append(("probe", {**keys, "record": "spikes"}))
        if set(monitor.record_variables) - {"i", "t"}:
            remarks.append(f"{monitor.name}: variables at the time of a spike are not recorded")
    elif kind == "PopulationRateMonitor":
        sections.append(("probe", {**keys, "record": "rate", "every": of_si(float(monitor.clock.dt), [0, 0, 1, 0, 0])}))
    else:
        if type(base(source)).__name__ == "Synapses":
            keys = {"projection": source.name}
        index = np.asarray(monitor.record if not isinstance(monitor.record, bool) else [], dtype=int)
        if index.size and index.size < len(source):
            start = int(getattr(source, "start", 0) or 0) if "population" in keys else 0
            keys["rows"] = {"list": [int(i) + start for i in index]}
        every = of_si(float(monitor.clock.dt), [0, 0, 1, 0, 0])
        for variable in monitor.record_variables:
            sections.append(("probe", {**keys, "record": safe(variable), "every": every}))
    return Part(monitor.name, "", sections, remarks)
