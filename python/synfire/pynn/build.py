"""A network of synfire from what PyNN described, and what joins the two while it runs.

In: `simulator.state`. Out: a `synfire.Network`. PyNN's units go over as they are, with their names.
"""

# mypy: disable-error-code="import-untyped", disallow-subclassing-any=False, disallow-untyped-calls=False

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from pyNN import errors

import synfire

from . import sources
from .synapses import StaticSynapse, Target

if TYPE_CHECKING:
    from .electrodes import CurrentSource
    from .populations import Population
    from .projections import Part, Projection
    from .simulator import State

Array = np.ndarray[Any, Any]


class Built(NamedTuple):
    """A network, and whether chance is in it."""

    network: synfire.Network
    chance: bool


def network(state: State) -> Built:
    """Everything described, as a network."""
    net = synfire.Network("PyNN", dt=f"{state.dt!r} ms", seed=state.seed())
    texts: dict[str, str] = {}
    for population in state.populations:
        if state.step == 0:
            population.copies = sources.needed(population, state)
        sources.check(population, state)
        add_population(net, population, texts, state)
    for projection in state.projections:
        for part in projection.parts():
            add_projection(net, projection, part, texts)
    for number, source in enumerate(state.current_sources):
        seen = 0
        for place, (population, rows) in enumerate(source.by_population()):
            port, unit, factor = population.celltype.current
            keys = source.stimulus(unit, factor, slice(seen, seen + rows.size))
            seen += rows.size
            if keys:
                every = rows.size == population.size and np.array_equal(rows, np.arange(rows.size))
                name = f"current {number}.{place}"
                net.stimulate(population.name, port, **keys, rows=None if every else rows, name=name)
    for population in state.populations:
        recorder = population.recorder
        rows = recorder.rows("spikes")
        if rows.size:
            net.probe(population.name, "spikes", rows=part_of(rows, population))
        for name in recorder.names():
            rows = recorder.rows(name)
            for kept in population.celltype.variables[name].states:
                every = f"{recorder.every * state.dt!r} ms" if recorder.every > 1 else None
                # a recording that was cleared goes on from that time
                offset = f"{recorder.phase * state.dt!r} ms" if recorder.phase else None
                net.probe(population.name, kept, rows=part_of(rows, population), every=every, offset=offset)
    if texts:
        net.equations("\n".join(texts.values()))
    parts = [p.celltype for p in state.populations] + [p.synapse_type for p in state.projections if len(p)]
    return Built(net, any(part.chance for part in [*parts, *state.current_sources]))


def part_of(rows: Array, population: Population) -> Array | None:
    """Rows for a probe; None for all."""
    return None if rows.size == population.size else sources.expanded(rows, population.copies)


def converted(population: Population, parameters: dict[str, Array]) -> dict[str, tuple[Array, str]]:
    """Our parameters with their units, a number for each row."""
    columns = population.celltype.converted(parameters)
    if population.copies > 1:
        columns = {name: (np.repeat(column, population.copies), unit) for name, (column, unit) in columns.items()}
        columns["sources"] = (np.full(population.size * population.copies, population.copies), "")
    return columns  # type: ignore[no-any-return]


def value(values: Any, unit: str) -> Any:
    """A number or an array with its unit, for synfire; one number where all are the same."""
    array = np.asarray(values, dtype=float)
    if array.ndim and array.size and (array == array.flat[0]).all():
        array = array.flat[0]
    if np.ndim(array) == 0:
        return f"{float(array)!r} {unit}" if unit else float(array)
    return synfire.values.numbers(np.ascontiguousarray(array), unit)


def add_population(net: synfire.Network, population: Population, texts: dict[str, str], state: State) -> None:
    """A population with its parameters and initial values."""
    celltype = population.celltype
    model, text = celltype.definition(population.parameters)
    if text is not None:
        texts[model] = text
    if "spike_times" in population.parameters:
        times = sources.spike_times(population, state)
        net.population(population.name, model, population.size * population.copies, spike_times=times)
        return
    initial = {}
    for variable, values in population.starts.items():
        kind = celltype.variables[variable]
        if len(kind.states) == 1 and kind.base is None:
            initial[kind.states[0]] = value(values, kind.unit)
        elif np.any(values != celltype.default_initial_values[variable]):
            raise NotImplementedError(
                f"`{variable}` of '{population.label}' cannot be initialised: it is a sum of "
                f"{', '.join(kind.states)}, which begin at 0"
            )
    columns = converted(population, population.parameters)
    net.population(
        population.name,
        model,
        population.size * population.copies,
        method=(state.options["method"] or celltype.method) if celltype.current is not None else None,
        parameters={name: value(column, unit) for name, (column, unit) in columns.items()},
        initial=initial,
    )


def add_projection(net: synfire.Network, projection: Projection, part: Part, texts: dict[str, str]) -> None:
    """The synapses between two populations."""
    if part.rows.size == 0:
        return
    synapse = projection.synapse_type
    target = target_of(projection, part.post)
    copies = part.pre.copies
    rows, targets = np.repeat(part.rows, copies), np.repeat(part.targets, copies)
    chosen = {
        name: numbers if np.ndim(numbers) == 0 else np.asarray(numbers)[rows]
        for name, numbers in projection.values.items()
    }
    keys: dict[str, Any] = {
        "connector": synfire.connectors.list(sources.expanded(part.sources, copies), targets),
        "delay": value(chosen["delay"], "ms"),
        "name": part.name,
    }
    if isinstance(synapse, StaticSynapse):
        keys |= {"port": target.port, "weight": value(chosen["weight"], target.unit)}
    else:
        model, text = synapse.text(target, chosen)
        texts[model] = text
        columns = synapse.converted(target, chosen, targets)
        for variable, start in projection.starts.items():
            columns[f"{synapse.states[variable]}_start"] = (start if np.ndim(start) == 0 else start[rows], "")
        keys |= {
            "synapse": model,
            "parameters": {name: value(column, unit) for name, (column, unit) in columns.items()},
        }
    net.project(part.pre.name, part.post.name, **keys)


def target_of(projection: Projection, post: Population) -> Target:
    """Where its spikes arrive at a population."""
    celltype, receptor = post.celltype, projection.receptor_type
    if receptor not in celltype.ports:
        raise errors.ConnectionError(
            f"'{post.label}' has no receptor `{receptor}`\n"
            f"  help: one of {', '.join(celltype.ports) or 'none: it is a source'}"
        )
    port, unit = celltype.ports[receptor]
    tau = celltype.tau_of.get(receptor)
    return Target(port, unit, None if tau is None else post.parameters[tau])


def put_amplitude(state: State, source: CurrentSource, amplitude: float) -> None:
    """Sets the amplitude of a constant current that flows into the running network."""
    if state.simulation is None or state.stale:
        state.changed()
        return
    number = state.current_sources.index(source)
    for part, (population, _) in enumerate(source.by_population()):
        _, unit, per_nanoampere = population.celltype.current
        put_value(state, f"stimulus current {number}.{part}.amplitude", value(amplitude * per_nanoampere, unit))


# --- while it runs ----------------------------------------------------------------------------------------------------


@cache
def ratio(unit: str, wanted: str) -> float:
    """What a number in one unit is multiplied by for another."""
    if not unit or not wanted or unit == wanted:
        return 1.0
    return float(synfire.Quantity(1.0, unit).to(wanted).magnitude)


def factor(population: Population, name: str, wanted: str) -> float:
    """From the unit in which synfire counts a state to PyNN's."""
    state = population._simulator.state
    assert state.simulation is not None
    return ratio(state.simulation.state[population.name].unit(name), wanted)


def weight_factor(projection: Projection, post: Population, unit: str) -> float:
    """From a weight in the unit in which synfire counts it to PyNN's."""
    return ratio(unit, target_of(projection, post).unit)


def recorded_states(population: Population) -> list[tuple[str, Array]]:
    """States of the model that are recorded, and of which cells."""
    variables, recorder = population.celltype.variables, population.recorder
    return [(state, recorder.rows(name)) for name in recorder.names() for state in variables[name].states]


def put_parameters(state: State, population: Population, before: dict[str, Array]) -> None:
    """Sets what has changed of its parameters in the running network where that can be; else the network is compiled
    anew."""
    celltype = population.celltype
    if state.simulation is None or state.stale or "spike_times" in population.parameters:
        state.changed()
        return
    if celltype.definition(before) != celltype.definition(population.parameters):
        state.changed()
        return
    if state.step == 0 and population.copies != sources.needed(population, state):
        state.changed()
        return
    sources.check(population, state)
    old = converted(population, before)
    for name, (column, unit) in converted(population, population.parameters).items():
        if name not in old or not np.array_equal(column, old[name][0]):
            put_value(state, f"population {population.name}.{name}", value(column, unit))


def put_value(state: State, address: str, new: Any) -> None:
    """Sets a value of the running network; one that it refuses is left to compiling anew, whose message knows the
    whole."""
    assert state.simulation is not None
    try:
        state.simulation.set(address, new)
    except synfire.SynfireError:
        state.changed()


def put_state(state: State, population: Population, variable: str, indices: Array, values: Array) -> None:
    """Sets a state of some cells of the running network."""
    kind = population.celltype.variables[variable]
    if len(kind.states) != 1 or kind.base is not None:
        raise NotImplementedError(f"`{variable}` cannot be set: it is a sum of {', '.join(kind.states)}")
    assert state.simulation is not None
    name = kind.states[0]
    column = np.array(state.simulation.state[population.name][name], dtype=float)
    column[indices] = values / factor(population, name, kind.unit)
    state.simulation.state[population.name][name] = column


def take_up(simulation: synfire.Simulation, snapshot: Any) -> None:
    """Goes on from the state of the network as it was before a change."""
    try:
        simulation.restore(snapshot)
    except synfire.SynfireError as error:
        raise RuntimeError(
            f"the network has changed in what its running state is laid out for, and cannot go on from it: {error}\n"
            "  help: connect, and set delays, before the first run, or call reset() before the next one"
        ) from error
