"""A compiled network that is called once per step, as SNS-Toolbox's are.

In: a circuit and its simulation. Out: `Model`. Not here: how the toolbox's objects become a circuit (`circuit`), and a
circuit a network (`describe`).
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import CallError, Network, Simulation
from . import change as changes
from .circuit import Cells, Circuit, Floats, SnsWarning
from .column import Column
from .describe import CELL, describe, gate_names
from .read import read

_FLOAT64 = np.dtype(np.float64)
_NEIGHBOURS = (8,)

#: The toolbox's names of arrays over the neurons: parameters of populations.
PARAMETERS = {
    "c_m": "membrane_capacitance",
    "g_m": "membrane_conductance",
    "V_rest": "resting_potential",
    "i_b": "bias",
    "tau_theta": "threshold_time_constant",
    "theta_0": "threshold_initial_value",
    "m": "threshold_proportionality_constant",
    "theta_leak": "threshold_leak_rate",
    "theta_increment": "threshold_increment",
    "theta_floor": "threshold_floor",
    "V_reset": "reset_potential",
}


class Model:
    """A network of SNS-Toolbox on synfire's engines: ``y = model(x)`` is one step.

    **Units** are the toolbox's: mV, uS, nA, nF, ms. **Shapes**: `x` one number per input channel, `y` one per output
    column, both in the order in which they were added; of an ensemble (networks, channels) and (networks, columns).

    Made by `compile`. Beside the call: `run` for many steps, `reset`, `get` and `set` by name, arrays over the
    neurons by the toolbox's names (`V`, `theta`, `i_b`, `g_m`, ...) that may be assigned to, `network` (a
    `synfire.Network`) and `simulation` (a `synfire.Simulation`) for all that synfire does beyond.
    """

    def __init__(self, circuit: Circuit, network: Network, split: dict[str, set[str]], simulation: Simulation) -> None:
        self.network, self.simulation = network, simulation
        self._circuit, self._split = circuit, split
        self.name, self.dt = circuit.name, circuit.dt
        self.num_neurons, self.num_populations = circuit.neurons, len(circuit.cells)
        self.num_connections = len(circuit.blocks)
        self.num_inputs = sum(port.size for port in circuit.inputs)
        self.num_outputs = sum(port.size for port in circuit.outputs)
        self.instances: int = simulation.instances
        self._silence = np.zeros(self.num_inputs * self.instances)
        self._places = _places(circuit)
        plain = self.instances == 1 and self._places is None
        self._step: Callable[[Floats, Floats | None], Floats] = simulation.step if plain else self._step_shaped
        self._fast: Callable[[Floats], Floats] = (
            simulation.step_array if plain else lambda x: self._step_shaped(x, None)
        )
        self._said_reset = False

    def __call__(self, x: Any = None, out: Floats | None = None) -> Any:
        """Advances one step with the input `x` and returns the outputs after it.

        `x`: numbers (arrays, lists, torch tensors), one per input channel; None: all inputs are 0. `out`: a float64
        array that is filled and returned, so that nothing is allocated. A torch tensor is answered with one, on its
        device.

        **Errors** `CallError` where `x` has another size; `RunError` where a potential is no longer finite, with
        population, neuron and step.
        """
        if x is None:
            x = self._silence
        if out is None:
            try:
                return self._fast(x)
            except (TypeError, CallError):
                # numbers that lie as the engine reads them are refused for good; others are brought into that form
                if _as_read(x):
                    raise
        elif _as_read(x):
            return self._step(x, out)
        return self._foreign(self._step, x, out)

    forward = __call__

    def run(self, X: Any, out: Floats | None = None) -> Any:
        """Advances as many steps as `X` has rows in one call, and returns the outputs after each.

        `X`: (steps, inputs), of an ensemble (steps, networks, inputs); or a whole number of steps, with all inputs 0.
        The answer: (steps, outputs), of an ensemble (steps, networks, outputs). It is what a loop over `model(x)`
        gives.
        """
        if isinstance(X, (int, np.integer)) and not isinstance(X, bool):
            if X < 0:
                raise CallError(f"run({X}): steps are counted from 0 on")
            X = np.zeros((int(X), self.num_inputs * self.instances))
        return self._foreign(self._run_shaped, X, out)

    def reset(self) -> None:
        """Goes back to before the first step: potentials, thresholds, gates, conductances and spikes under way.

        Parameters stay as they were set. SNS-Toolbox keeps conductances, spikes under way and the last spikes, so
        that a run after its reset differs from the first; here it is the same.
        """
        if not self._said_reset and any(block.kind == "spiking" for block in self._circuit.blocks):
            self._said_reset = True
            _warn(
                "reset() clears synaptic conductances and spikes under way too, as a reset should; "
                "SNS-Toolbox keeps them",
                2,
            )
        self.simulation.reset()

    def get(self, address: str) -> float | Floats:
        """The value in use of ``"POPULATION.PARAMETER"`` or ``"CONNECTION.PARAMETER"``, in the toolbox's words and
        units."""
        return changes.get(self._circuit, address)

    def set(self, address: str, value: Any) -> None:
        """Gives a parameter another value from the next step on; states stay.

        ``model.set("motor.bias", 3.0)``, ``model.set("stretch -> motor.max_conductance", 0.5)``: parameters are
        called as the toolbox's arguments are, connections by their name, or by their ends (`connections` lists them).
        One number, one per neuron of a population, or for a matrix or pattern connection a matrix with rows by
        target.
        """
        circuit = changes.branch(self._circuit)
        for place, quantity in changes.change(circuit, self._split, address, value, start=False):
            self.simulation.set(place, quantity)
        self._circuit = circuit

    @property
    def populations(self) -> dict[str, slice]:
        """By name, which numbers of `V` are theirs."""
        return {cells.name: cells.rows for cells in self._circuit.cells}

    @property
    def connections(self) -> list[str]:
        """Names by which `set` knows them."""
        return [block.name for block in self._circuit.blocks]

    @property
    def inputs(self) -> dict[str, slice]:
        """By name, which channels of `x` are theirs."""
        return _slices(self._circuit.inputs)

    @property
    def outputs(self) -> dict[str, slice]:
        """By name, which columns of `y` are theirs."""
        return _slices(self._circuit.outputs)

    # ---- arrays over the neurons

    @property
    def V(self) -> Column:
        """Potentials, mV."""
        return self._state("V", "mV", lambda cells: "v")

    @V.setter
    def V(self, value: Any) -> None:
        self.V[...] = value

    @property
    def theta(self) -> Column:
        """Thresholds, mV; infinite for neurons that never spike."""
        return self._state("theta", "mV", lambda cells: "theta" if cells.kind == "spiking_adaptive" else None, np.inf)

    @theta.setter
    def theta(self, value: Any) -> None:
        self.theta[...] = value

    def gate(self, letter: str, channel: int = 0) -> Column:
        """Gate `"b"` or `"c"` of a channel, from 0 to 1; not a number where a neuron has none."""
        if letter not in ("b", "c"):
            raise CallError(f"gate({letter!r}): gates with a state are `b` and `c`; `a` follows from the potential")

        def state(cells: Cells) -> str | None:
            places = gate_names(cells)
            return f"x_{places[channel][letter]}" if channel < len(places) and letter in places[channel] else None

        return self._state(f"gate {letter} of channel {channel}", "", state)

    def __getattr__(self, name: str) -> Any:
        if name in PARAMETERS:
            return self._parameter(name)
        raise AttributeError(f"a model has no `{name}`; arrays over the neurons are V, theta, {', '.join(PARAMETERS)}")

    def __setattr__(self, name: str, value: Any) -> None:
        if name in PARAMETERS:
            self._parameter(name)[...] = value
        else:
            object.__setattr__(self, name, value)

    def _state(self, name: str, unit: str, state: Callable[[Cells], str | None], otherwise: float = np.nan) -> Column:
        many = (self.instances,) if self.instances > 1 else ()

        def read() -> Floats:
            found, states = np.full((*many, self.num_neurons), otherwise), self.simulation.state
            for cells in self._circuit.cells:
                if (own := state(cells)) is not None:
                    found[..., cells.rows] = np.reshape(states[cells.name][own], (*many, cells.size))
            return found

        def write(values: Floats) -> None:
            before, states = read(), self.simulation.state
            for cells in self._circuit.cells:
                new = values[..., cells.rows]
                if np.array_equal(new, before[..., cells.rows], equal_nan=True):
                    continue
                if (own := state(cells)) is None:
                    raise CallError(f"{name}: neurons of `{cells.name}` have none")
                states[cells.name][own] = new.reshape(-1)

        return Column(name, unit, read, write)

    def _parameter(self, name: str) -> Column:
        key = PARAMETERS[name]

        def read() -> Floats:
            found = np.full(self.num_neurons, np.nan)
            for cells in self._circuit.cells:
                found[cells.rows] = cells.parameters.get(key, np.nan)
            return found

        def write(values: Floats) -> None:
            before = read()
            for cells in self._circuit.cells:
                new = values[cells.rows]
                if np.array_equal(new, before[cells.rows], equal_nan=True):
                    continue
                self.set(f"{cells.name}.{key}", float(new[0]) if np.all(new == new[0]) else new.copy())

        return Column(name, CELL[key][1], read, write)

    # ---- calls

    def _step_any(self, x: Floats) -> Floats:
        return self._step_shaped(np.ascontiguousarray(x, dtype=np.float64), None)

    def _step_shaped(self, x: Floats, out: Floats | None) -> Floats:
        """Of an ensemble, or with outputs that are always 0."""
        y = np.asarray(self.simulation.step(self._flat(x)))
        return self._shaped(y, (), out)

    def _run_shaped(self, X: Floats, out: Floats | None) -> Floats:
        many = self.num_inputs * self.instances
        if X.ndim == 1 and many == 1:
            X = X.reshape(-1, 1)
        wanted = (len(X), many) if X.ndim else ()
        if X.ndim == 3 and X.shape[1:] == (self.instances, self.num_inputs):
            X = X.reshape(wanted)
        if X.shape != wanted:
            each = (
                f"(steps, {self.num_inputs})"
                if self.instances == 1
                else f"(steps, {self.instances}, {self.num_inputs})"
            )
            raise CallError(f"run: an array of shape {X.shape}\n  help: expected {each}, a row for each step")
        if many == 0:
            return self._run_alone(len(X), out)
        if self.instances == 1 and self._places is None:
            return self.simulation.run_inputs(X) if out is None else _into(out, self.simulation.run_inputs(X))
        return self._shaped(np.asarray(self.simulation.run_inputs(X)), (len(X),), out)

    def _run_alone(self, steps: int, out: Floats | None) -> Floats:
        """Of a network without inputs: step by step."""
        each = (self.num_outputs,) if self.instances == 1 else (self.instances, self.num_outputs)
        Y = np.empty((steps, *each))
        for row in Y:
            row[...] = self._step(self._silence, None)
        return Y if out is None else _into(out, Y)

    def _flat(self, x: Floats) -> Floats:
        if self.instances > 1 and x.shape not in ((self.instances, self.num_inputs), self._silence.shape):
            raise CallError(
                f"x has the shape {x.shape}\n"
                f"  help: expected ({self.instances}, {self.num_inputs}), a row for each network"
            )
        return np.ascontiguousarray(x).reshape(-1) if self.instances > 1 else x

    def _shaped(self, y: Floats, before: tuple[int, ...], out: Floats | None) -> Floats:
        shape = (*before, self.instances, -1)
        y = y.reshape(shape) if y.size else np.zeros((*before, self.instances, 0))
        if self._places is not None:
            full = np.zeros((*before, self.instances, self.num_outputs))
            full[..., self._places] = y
            y = full
        y = y if self.instances > 1 else y.reshape((*before, self.num_outputs))
        return y if out is None else _into(out, y)

    def _foreign(self, call: Callable[[Floats, Floats | None], Floats], x: Any, out: Floats | None) -> Any:
        """Lists and other arrays; tensors, which are answered with tensors."""
        torch = sys.modules.get("torch")
        if torch is not None and isinstance(x, torch.Tensor):
            y = call(x.detach().to("cpu", torch.float64).numpy(), out)
            return torch.as_tensor(y).to(x.device, x.dtype if x.dtype.is_floating_point else torch.get_default_dtype())
        try:
            plain = np.ascontiguousarray(x, dtype=np.float64)
        except (TypeError, ValueError) as why:
            raise CallError(f"inputs are numbers in nA, found {type(x).__name__}: {why}") from None
        if call == self._step and self.instances == 1 and plain.shape != (self.num_inputs,):
            raise CallError(
                f"x has the shape {plain.shape}\n  help: expected ({self.num_inputs},), a number for each input; "
                "`run` takes a row for each step"
            )
        return call(plain, out)

    def close(self) -> None:
        """Frees what the engine holds. A closed model cannot be called."""
        self.simulation.close()

    def __enter__(self) -> Model:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        many = f", {self.instances} networks" if self.instances > 1 else ""
        return (
            f"<synfire.sns model `{self.name}`: {self.num_neurons} neurons, {self.num_inputs} inputs, "
            f"{self.num_outputs} outputs{many}, "
            f"dt {self.dt:g} ms, {self.simulation.engine.engine}>"
        )


def compile(
    network: Any,
    dt: float = 0.1,
    engine: str = "cpu",
    precision: str | None = None,
    *,
    threads: int | None = None,
    memory: int | None = None,
    variants: Sequence[Mapping[str, Any]] | None = None,
    quirks: bool = True,
) -> Model:
    """A network of SNS-Toolbox (1.3 to 1.5) as a `Model` that is called as the toolbox's own.

    `dt` in ms. `engine`: "cpu", "gpu", "auto", or a text in an adapter's name. `precision`: "f64" or "f32"; "f64" on
    the processor and "f32" elsewhere if not given. `threads`, `memory` as in `synfire.Network.compile`.

    `variants`: an ensemble of networks side by side, one for each: ``[{"motor.bias": 2.0, "a -> b.max_conductance":
    0.5}, ...]``, values by the words of `Model.set`, and start values as ``"motor.V"``.

    `quirks`: True gives the numbers of the toolbox's numpy backend, False what its documents say where the two part.
    In both cases what fails in the toolbox does here what is documented. Each such thing gives one `SnsWarning` with
    its places.

    **Errors** `CallError` for what is no network of the toolbox, `NetworkError` for numbers that cannot be.
    """
    if isinstance(dt, bool) or not isinstance(dt, (int, float, np.integer, np.floating)):
        raise CallError(f"dt is a number of ms, found {dt!r}")
    precision = precision or ("f64" if engine == "cpu" else "f32")
    circuit = read(network, quirks, float(dt), precision == "f64")
    described, split = describe(circuit)
    options: dict[str, Any] = {"engine": engine, "precision": precision, "threads": threads, "memory": memory}
    if variants is not None:
        options["variants"] = [_variant(circuit, split, k, variant) for k, variant in enumerate(variants)]
    simulation = described.compile(**options)
    for text in circuit.warnings():
        _warn(text, 2)
    return Model(circuit, described, split, simulation)


def _as_read(x: Any) -> bool:
    """An array of float64, one number after the other in memory."""
    return type(x) is np.ndarray and x.dtype is _FLOAT64 and x.strides == _NEIGHBOURS


def _variant(circuit: Circuit, split: dict[str, set[str]], number: int, variant: Mapping[str, Any]) -> dict[str, Any]:
    own, found = changes.branch(circuit), {}
    for address, value in variant.items():
        if address in ("seed", "label"):
            found[address] = value
            continue
        try:
            found.update(changes.change(own, split, address, value, start=True))
        except CallError as why:
            raise CallError(f"variant {number}: {why}") from None
    return found


def _warn(text: str, up: int) -> None:
    warnings.warn(text, SnsWarning, stacklevel=up + 1)


def _slices(ports: Sequence[Any]) -> dict[str, slice]:
    found, first = {}, 0
    for port in ports:
        found[port.name] = slice(first, first + port.size)
        first += port.size
    return found


def _places(circuit: Circuit) -> npt.NDArray[np.intp] | None:
    """Columns of the outputs that the engine gives, where some are always 0 and not among them."""
    real = [not port.spiking or circuit.cells[port.population].kind == "spiking_adaptive" for port in circuit.outputs]
    if all(real):
        return None
    mask = np.concatenate([np.full(port.size, own) for port, own in zip(circuit.outputs, real)])
    return np.nonzero(mask)[0]


def _into(out: Floats, y: Floats) -> Floats:
    if not isinstance(out, np.ndarray) or out.dtype != _FLOAT64 or out.shape != y.shape:
        found = f"{type(out).__name__}" if not isinstance(out, np.ndarray) else f"{out.dtype} {out.shape}"
        raise CallError(f"out: expected a float64 array of shape {y.shape}, found {found}")
    out[...] = y
    return out
