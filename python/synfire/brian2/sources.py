"""Sources and inputs of Brian2: PoissonGroup, PoissonInput, SpikeGeneratorGroup, TimedArray."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .._foreign import of_si
from .._quantity import Quantity
from .expressions import CannotBe, number
from .model import Model, Part, exponents, value


def poisson_group(group: Any, name: str, namespace: Mapping[str, Any]) -> Part:
    """A PoissonGroup: in each step a spike with the probability rate·dt, as there."""
    model = Model(group, name, namespace)
    rates = group._rates
    if isinstance(rates, str):
        text = number(model.text(rates)).text
        model.lines.append(f"rates = {text}")
    else:
        model.param("rates", group.variables["rates"].get_value(), group.variables["rates"].dim)
    body = [*(f"param {p}" for p in model.params), *model.lines, "threshold rand() < rates*dt"]
    text = f"neuron {name}\n" + "".join(f"  {line}\n" for line in body)
    keys: dict[str, Any] = {"name": name, "model": name, "size": len(group)}
    if model.values:
        keys["parameters"] = model.values
    return Part(name, text, [("population", keys), *model.sections], model.remarks)


def spike_generator(group: Any, name: str) -> Part:
    """A SpikeGeneratorGroup as lists of times: of spikes at the ends of their steps, as all times are here."""
    if float(np.asarray(group.period)) < 1e30 and float(np.asarray(group.period)) > 0:
        raise CannotBe(f"{name}: a period has no counterpart; help: repeat the times in the lists")
    dt = float(group.clock.dt)
    steps = np.floor(np.asarray(group._spike_time, dtype=float) / dt + 0.001)
    ends = np.round((steps + 1) * dt * 1e3, 9)
    neurons = np.asarray(group._neuron_index, dtype=int)
    lists = [ends[neurons == k].tolist() for k in range(len(group))]
    keys = {"name": name, "model": "spike_times", "size": len(group), "spike_times": {"lists": lists}}
    return Part(name, "", [("population", keys)], [])


def poisson_input(source: Any, name: str, target: str, rows: dict[str, Any] | None) -> Part:
    """A PoissonInput as a stimulus: counts of a Poisson law where Brian2 draws binomial ones."""
    weight = source._weight
    if isinstance(weight, str):
        raise CannotBe(f"{name}: a weight that is an expression has no counterpart")
    rate = float(source._rate)
    keys: dict[str, Any] = {
        "name": name,
        "target": target,
        "input": source._target_var,
        "waveform": {
            "kind": "poisson",
            "rate": of_si(rate, [0, 0, -1, 0, 0]),
            "weight": value(float(weight), getattr(weight, "dim", _pure())),
            "sources": int(source._N),
        },
    }
    if rows:
        keys["rows"] = rows
    remark = f"{name}: the number of events in a step follows a Poisson law here, a binomial one in Brian2"
    return Part(name, "", [("stimulus", keys)], [remark])


def timed_array(array: Any, target: str, name: str, columns: Any) -> list[tuple[str, dict[str, Any]]]:
    """Stimuli that drive an input as a TimedArray would: its samples, and the last of them from the end on."""
    samples = np.asarray(array.values, dtype=float)
    rows = samples[:, None] if samples.ndim == 1 else samples[:, columns]
    found = of_si(rows, list(exponents(array.dim))) if any(exponents(array.dim)) else rows
    unit, numbers = (found.unit, np.asarray(found.magnitude)) if isinstance(found, Quantity) else ("1", rows)
    interval = of_si(float(array.dt), [0, 0, 1, 0, 0])
    end = of_si(float(array.dt) * len(samples), [0, 0, 1, 0, 0])
    last: Any = numbers[-1] if numbers.shape[1] > 1 else float(numbers[-1, 0])
    sections: list[tuple[str, dict[str, Any]]] = [
        (
            "stimulus",
            {
                "name": f"{target} {name}",
                "target": target,
                "input": name,
                "stop": end,
                "waveform": {"kind": "array", "values": numbers.tolist(), "interval": interval, "unit": unit},
            },
        )
    ]
    if np.any(numbers[-1] != 0):
        amplitude = Quantity(last, unit) if unit != "1" else last
        waveform = {"kind": "constant", "amplitude": amplitude}
        keys = {"name": f"{target} {name} after", "target": target, "input": name, "start": end, "waveform": waveform}
        sections.append(("stimulus", keys))
    return sections


def _pure() -> Any:
    from brian2.units.fundamentalunits import DIMENSIONLESS

    return DIMENSIONLESS
