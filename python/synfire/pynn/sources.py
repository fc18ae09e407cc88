"""Spike sources on a grid of steps.

In: times and rates as PyNN has them. Out: times on the grid, and how many sources of synfire stand for one of PyNN.
A source of synfire spikes once in a step at most; where one of PyNN does so more often (times that fall into one
step, a high rate), several sources stand for it, each with the same synapses. What is rounded or left out is said in
a warning."""

# mypy: disable-error-code="import-untyped", disallow-subclassing-any=False, disallow-untyped-calls=False

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from pyNN import errors

from .cells import SpikeSourceGamma, SpikeSourcePoisson, SpikeSourcePoissonRefractory
from .synapses import SimpleStochasticSynapse, StaticSynapse

if TYPE_CHECKING:
    from .populations import Population
    from .simulator import State

Array = np.ndarray[Any, Any]
#: The largest probability of a spike in a step with which a source is taken for a Poisson process: the variance of counts is
#: smaller by this part.
MOST = 0.095


def say(text: str) -> None:
    """A warning that something was rounded or left out."""
    warnings.warn(text, errors.RoundingWarning, stacklevel=2)


def on_grid(population: Population, state: State) -> list[Array]:
    """Spike times of each cell as steps, ascending; the first step is the earliest."""
    given = [np.asarray(times.value, dtype=float) for times in population.parameters["spike_times"]]
    steps = [np.rint(times / state.dt).astype(np.int64) for times in given]
    return [s[s >= 1] for s in steps]


def needed(population: Population, state: State) -> int:
    """How many sources of synfire stand for one cell."""
    if "spike_times" in population.parameters:
        counts = (np.unique(steps, return_counts=True)[1] for steps in on_grid(population, state))
        most = max((int(count.max()) for count in counts if count.size), default=1)
    elif isinstance(population.celltype, SpikeSourcePoisson):
        most = int(np.ceil(chance(population, state) / MOST - 1e-9))
    else:
        return 1
    if most <= 1 or not all(plain(p.synapse_type) for p in state.projections if population in p.sources()):
        return 1
    return most


def plain(synapse: Any) -> bool:
    """Whether several synapses do what one does: those without a state of their own."""
    return isinstance(synapse, (StaticSynapse, SimpleStochasticSynapse))


def chance(population: Population, state: State) -> float:
    """The largest probability of a spike in a step."""
    p, celltype = population.parameters, population.celltype
    seconds = state.dt / 1000.0
    if isinstance(celltype, SpikeSourcePoisson):
        return float(np.max(p["rate"]) * seconds)
    if isinstance(celltype, SpikeSourcePoissonRefractory):
        rate = p["rate"]
        if np.any(rate * p["tau_refrac"] >= 1000.0):
            raise errors.InvalidParameterValueError(
                f"the dead time of '{population.label}' is longer than 1/rate\n  help: rate below 1/tau_refrac"
            )
        return float(np.max(rate / (1.0 - rate * p["tau_refrac"] / 1000.0)) * seconds)
    if isinstance(celltype, SpikeSourceGamma):
        return float(np.max(p["beta"]) * seconds)
    return 0.0


def check(population: Population, state: State) -> None:
    """Refuses rates that steps cannot hold, and says where counts are less irregular than they should be."""
    if population.celltype.current is not None:
        return
    p = chance(population, state) / population.copies
    if p > 1:
        raise errors.InvalidParameterValueError(
            f"the rate of '{population.label}' is above one spike in a step of {state.dt:g} ms\n"
            "  help: a smaller timestep, or several sources of a smaller rate"
        )
    if p > 2.5 * MOST:
        say(
            f"'{population.label}' spikes with probability {p:.2g} in a step: counts vary less than those of a Poisson process"
        )


def spike_times(population: Population, state: State) -> list[Array]:
    """Times for each source of synfire, in ms, and what became of others is said."""
    given = [np.asarray(times.value, dtype=float) for times in population.parameters["spike_times"]]
    kept, where = on_grid(population, state), f"of '{population.label}'"
    off = sum(int(np.sum(np.abs(t / state.dt - np.rint(t / state.dt)) > 1e-6)) for t in given)
    early = sum(t.size - s.size for t, s in zip(given, kept, strict=True))
    if off:
        say(f"{off} spike times {where} were rounded to steps of {state.dt:g} ms")
    if early:
        say(f"{early} spike times {where} are left out: the first spike can be at {state.dt:g} ms, the end of a step")
    times, joined = [], 0
    for steps in kept:
        once, count = np.unique(steps, return_counts=True)
        for k in range(population.copies):
            times.append(state.times(once[count > k]))
        joined += int(np.maximum(count - population.copies, 0).sum())
    if joined:
        say(f"{joined} spike times {where} fall into the same step as another of the cell, and were joined with it")
    return times


def expanded(rows: Array, copies: int) -> Array:
    """Rows of synfire's sources from numbers of cells."""
    wide: Array = np.asarray(rows)[:, None] * copies + np.arange(copies)
    return wide.ravel()
