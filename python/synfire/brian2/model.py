"""A model of ours in the making, from a group of Brian2: names, parameters, states, inputs, method."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .._foreign import of_si
from .._quantity import Quantity
from .expressions import (
    CannotBe,
    Names,
    Statement,
    Text,
    inlined,
    number,
    number_text,
    safe,
    statements,
    translate,
)

METHODS = {
    "exact": "exact",
    "linear": "exact",
    "independent": "exact",
    "exponential_euler": "exponential_euler",
    "euler": "euler",
    "rk2": "rk2",
    "rk4": "rk4",
    "heun": "heun_stratonovich",
    "milstein": "milstein_stratonovich",
}


@dataclass
class Part:
    """What a group of Brian2 becomes: text of models, sections of the network, and what differs.

    `equations` is text of the equation language; `sections` are kinds and keys as `Network.add` takes them; `remarks`
    say, in a sentence each, what will not be as it is in Brian2.
    """

    name: str
    equations: str = ""
    sections: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def add_to(self, net: Any) -> None:
        """Adds models and sections to a `synfire.Network`."""
        if self.equations:
            net.equations(self.equations)
        for kind, keys in self.sections:
            net.add(kind, **keys)

    def __str__(self) -> str:
        return self.equations


@dataclass
class Uses:
    """What other objects do to a group: ports that spikes reach, inputs that flow, variables that are changed."""

    ports: list[str] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)


def exponents(dim: Any) -> tuple[float, ...]:
    """Of metre, kilogram, second, ampere, mole."""
    if dim.get_dimension("K") or dim.get_dimension("cd"):
        raise CannotBe("temperatures and luminosities are not known to networks")
    return tuple(float(dim.get_dimension(k)) for k in ("m", "kg", "s", "A", "mol"))


def unit_text(dim: Any) -> str:
    """The unit in which a dimension is counted here, `1` for a pure number."""
    found = of_si(1.0, list(exponents(dim)))
    return found.unit if isinstance(found, Quantity) else "1"


def value(si: Any, dim: Any) -> Any:
    """Numbers of SI units as a number or `Quantity`: one where all are equal."""
    array = np.asarray(si, dtype=float)
    if array.size and np.all(array == array.flat[0]):
        array = np.asarray(array.flat[0])
    return of_si(array, list(exponents(dim))) if any(exponents(dim)) else (array.item() if array.ndim == 0 else array)


def value_text(si: float, dim: Any) -> str:
    """One number of SI units: `5 mV`."""
    return number_text(float(si), exponents(dim)).text


class Model:
    """A model of ours in the making, from a group of Brian2."""

    def __init__(self, group: Any, name: str, namespace: Mapping[str, Any]) -> None:
        self.group, self.name, self.namespace = group, name, namespace
        self.names = Names(missing=self.missing)
        self.params: list[str] = []
        self.lines: list[str] = []
        self.inputs: list[str] = []
        self.values: dict[str, Any] = {}
        self.initial: dict[str, Any] = {}
        self.remarks: list[str] = []
        self.sections: list[tuple[str, dict[str, Any]]] = []
        self.known: set[str] = set()

    def new(self, name: str) -> str:
        """A name that the model has besides those of the group. **Errors** `CannotBe` where the group has it too."""
        if name in self.group.variables:
            raise CannotBe(
                f"{self.name}: the name `{name}` is needed for the order of a step; help: call the variable otherwise"
            )
        return name

    def resolve(self, name: str) -> Any:
        """The variable, constant or function that a name is for the group."""
        return resolved(self.group, name, self.namespace)

    def missing(self, name: str) -> Text:
        """A name that is no variable of the equations: a constant from outside, a unit, time, a function."""
        if name in ("t", "dt"):
            return Text(name)
        if name == "xi" or name.startswith("xi_"):
            return Text(name)
        if name in ("N",):
            return number_text(float(len(self.group)), (0.0,) * 5)
        if name == "i":
            number = self.new("neuron_number")
            self.values[number] = np.arange(len(self.group), dtype=float)
            self.params.append(f"{number} : 1")
            return Text(number)
        if name == "t_in_timesteps":
            return Text("timestep(t)")
        if name in ("lastspike", "not_refractory", "lastupdate"):
            raise CannotBe(f"`{name}` has no name here; help: a state that the reset sets, `last = t`")
        found = self.resolve(name)
        if type(found).__name__ == "Function":
            raise CannotBe(f"the function `{name}` stands alone")
        try:
            si = float(found.get_value())
        except (TypeError, ValueError):
            raise CannotBe(f"`{name}` is no single number") from None
        dim = found.dim
        if self.is_unit(name, si):
            return number_text(si, exponents(dim)) if any(exponents(dim)) else number_text(si, (0.0,) * 5)
        if not any(exponents(dim)) and name in ("pi", "e", "inf"):
            return number_text(si, (0.0,) * 5)
        self.params.append(f"{safe(name)} = {value_text(si, dim)}")
        return Text(safe(name))

    def is_unit(self, name: str, si: float) -> bool:
        """Is it one of Brian2's own units, and no constant of the user's?"""
        from brian2.units.allunits import all_units

        group_namespace = getattr(self.group, "namespace", None) or {}
        given = group_namespace.get(name, self.namespace.get(name))
        if given is not None and type(given).__name__ != "Unit":
            return False
        return any(str(u) == name or u.name == name or u.dispname == name for u in all_units) or _is_named_unit(name)

    def text(self, expression: str) -> Text:
        """An expression of the group in our language."""
        self.find_calls(expression)
        return translate(expression, self.names)

    def find_calls(self, expression: str) -> None:
        """Functions that are arrays over time become inputs."""
        import ast as python

        for node in python.walk(python.parse(" ".join(expression.split()), mode="eval")):
            if isinstance(node, python.Call) and isinstance(node.func, python.Name):
                name = node.func.id
                if name in self.names.calls or name in ("rand", "randn"):
                    continue
                found = self.resolve(name)
                if type(found).__name__ == "TimedArray":
                    self.names.calls[name] = self.timed(name, found)

    def timed(self, name: str, array: Any) -> Any:
        """A call of a TimedArray, which becomes a continuous input that a stimulus drives."""

        def call(node: Any) -> Text:
            from .sources import timed_array

            arguments = [a.id if hasattr(a, "id") else "" for a in node.args]
            if not arguments or arguments[0] != "t":
                raise CannotBe(f"`{name}` is asked for another time than `t`")
            column = arguments[1] if len(arguments) > 1 else ""
            chosen = safe(name) + (f"_{column}" if column not in ("", "i") else "")
            if chosen not in self.inputs:
                self.inputs.append(chosen)
                self.lines.append(f"input {chosen} : {unit_text(array.dim)}")
                columns = self.columns(column) if column else None
                self.sections += timed_array(array, self.name, chosen, columns)
            return Text(chosen)

        return call

    def columns(self, name: str) -> Any:
        """Which column of an array over time each neuron has."""
        if name == "i":
            return np.arange(len(self.group))
        found = self.resolve(name)
        return np.broadcast_to(np.asarray(found.get_value(), dtype=int), (len(self.group),))

    def statements(self, code: str) -> list[Statement]:
        """Statements of the group, names that only they know put in where they are read."""
        return inlined(statements(code), lambda name: name in self.group.variables)

    def statement(self, statement: Statement) -> str:
        """A statement in our language."""
        self.names.text(statement.target)
        return f"{safe(statement.target)} {statement.operator} {number(self.text(statement.value)).text}"

    def param(self, name: str, si: Any, dim: Any) -> None:
        """A parameter of the group: its value, or one for each neuron."""
        found = value(si, dim)
        self.names.texts[name] = Text(safe(name))
        if isinstance(found, np.ndarray) or (isinstance(found, Quantity) and found.ndim):
            self.params.append(f"{safe(name)} : {unit_text(dim)}")
            self.values[safe(name)] = found
        else:
            self.params.append(f"{safe(name)} = {value_text(np.asarray(si, dtype=float).flat[0], dim)}")

    def state(self, name: str, si: Any, dim: Any) -> None:
        """A state of the group and its value now."""
        found = value(si, dim)
        self.names.texts[name] = Text(safe(name))
        first = np.asarray(si, dtype=float).flat[0] if np.size(si) else 0.0
        self.lines.append(f"state {safe(name)} = {value_text(first, dim)}")
        if isinstance(found, np.ndarray) or (isinstance(found, Quantity) and found.ndim):
            self.initial[safe(name)] = found

    def flagged_bool(self, name: str) -> None:
        """A variable that is true or false is 1 or 0 here."""
        self.names.texts[name] = Text(f"{safe(name)} > 0.5", 4, condition=True)


def resolved(group: Any, name: str, namespace: Mapping[str, Any]) -> Any:
    """The variable, constant or function that a name is for a group. **Errors** `CannotBe` where it is nothing."""
    try:
        return group.resolve_all({name}, namespace, user_identifiers=set())[name]
    except KeyError:
        raise CannotBe(
            f"the name `{name}` is not known; help: namespace={{'{name}': ...}}, or a call from where it is defined"
        ) from None


def _is_named_unit(name: str) -> bool:
    from brian2.core.namespace import DEFAULT_UNITS

    return name in DEFAULT_UNITS


def method_of(group: Any, equations: Any, namespace: Mapping[str, Any]) -> str:
    """The method of Brian2 that would integrate the group: the one asked for, or the first of its list that can.

    **Errors** `CannotBe` where it is one that has no counterpart.
    """
    from brian2.stateupdaters.base import StateUpdateMethod, UnsupportedEquationsException

    asked = group.state_updater.method_choice if hasattr(group, "state_updater") else ("exact", "euler", "heun")
    if isinstance(asked, str):
        return asked.lower()
    if not isinstance(asked, Iterable):
        return str(getattr(asked, "__name__", asked))
    variables = {n: resolved(group, n, namespace) for n in equations.names | equations.identifiers | {"dt"}}
    for name in asked:
        try:
            StateUpdateMethod.stateupdaters[str(name).lower()](equations, variables)
            return str(name).lower()
        except UnsupportedEquationsException:
            continue
    raise CannotBe("none of its methods can integrate its equations")


def method_text(name: str, noise: bool) -> str:
    """Our method for one of Brian2's. **Errors** `CannotBe` where there is none."""
    if name not in METHODS:
        raise CannotBe(f"the method `{name}` has no counterpart; help: rk4")
    if name == "euler":
        return "euler_maruyama" if noise else "euler"
    if name == "heun" and not noise:
        return "euler"  # its deterministic part is Euler's
    return METHODS[name]
