"""Models of synfire by their own names, as cell and synapse types of PyNN.

In: the name of a model of the library, or the text of one. Out: a type whose parameters and states have the names
and units of the text (weights and injected currents stay in PyNN's units: uS, nA, mV), with a receptor type for each
port."""

# mypy: disable-error-code="import-untyped", disallow-subclassing-any=False, disallow-untyped-calls=False

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

import numpy as np
from pyNN.models import BaseCellType, BaseSynapseType

import synfire

from . import texts_of_synapses as texts
from .cells import Cell, State
from .synapses import Synapse, Target

Array = np.ndarray[Any, Any]
#: Units in which PyNN counts what synfire counts in smaller ones.
LARGER = {"nS": "uS", "pA": "nA"}
NUMBER = re.compile(r"([-+]?(?:\d+\.?\d*(?:e[-+]?\d+)?|inf))\s*(/?[A-Za-z][\w/*]*)?$")


class Parts:
    """What the text of a model declares."""

    def __init__(self, text: str, kind: str = "neuron") -> None:
        self.parameters: dict[str, tuple[float, str]] = {}
        self.states: dict[str, str] = {}
        self.ports: dict[str, str] = {}
        self.inputs: dict[str, str] = {}
        head = re.search(rf"^\s*{kind}\s+(\w+)", text, re.MULTILINE)
        if head is None:
            raise ValueError(
                f"this is no {kind} model\n"
                f"  help: a text that begins with `{kind} NAME`, or a name of `synfire.models()`"
            )
        self.name = head.group(1)
        bare = [line.split("#")[0].strip() for line in text.splitlines()]
        for line in bare:
            word, _, rest = line.partition(" ")
            for item in items(rest) if word in ("param", "state", "input") else ():
                getattr(self, word)(item)
        self.chance = bool(re.search(r"\brandn?\(\)|\bxi\b", text))

    def unit(self, expression: str) -> str:
        """Of a default value: that of its number, or of the parameter or state that it is; else not known from the
        text."""
        number = NUMBER.match(expression)
        if number:
            return number.group(2) or ""
        known = expression.strip()
        return self.parameters[known][1] if known in self.parameters else self.states.get(known, "")

    def param(self, item: str) -> None:
        """`name = value (bounds)`, or `name : unit`."""
        name, default, unit = declared(item)
        number = NUMBER.match(default)
        value = float(number.group(1)) if number else math.nan
        self.parameters[name] = (value, unit or self.unit(default))

    def state(self, item: str) -> None:
        """`name = value`."""
        name, default, unit = declared(item)
        self.states[name] = unit or self.unit(default)

    def input(self, item: str) -> None:
        """`port`, `port -> state*factor`, or `input : unit`."""
        name, _, unit = (part.strip() for part in item.partition(":"))
        if unit:
            self.inputs[name] = unit
            return
        name, _, into = (part.strip() for part in re.sub(r"\(.*\)$", "", item).partition("->"))
        target = re.match(r"\w+", into)
        self.ports[name] = self.states.get(name) or (self.states.get(target.group(0), "") if target else "")


def items(text: str) -> Iterator[str]:
    """Parts between commas that stand in no bracket."""
    depth, begin = 0, 0
    for k, letter in enumerate(text + ","):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            if text[begin:k].strip():
                yield text[begin:k].strip()
            begin = k + 1


def declared(item: str) -> tuple[str, str, str]:
    """Name, default and unit of a declaration; bounds are left out."""
    item = re.sub(r"\s*\((?:from|to|above|below)\b[^()]*(?:\([^()]*\)[^()]*)*\)\s*$", "", item)
    name, _, default = (part.strip() for part in item.partition("="))
    default, _, unit = (part.strip() for part in (default or name).partition(":"))
    return name.partition(":")[0].strip(), default, unit


class NativeCellType(Cell, BaseCellType):
    """A model of synfire as a cell type. Made by `native_cell_type`."""

    parts: Parts
    method = None

    def converted(self, parameters: Mapping[str, Array]) -> dict[str, tuple[Array, str]]:
        """Those that have a value; others are what follows in the model from the rest."""
        units = {name: unit for name, (_, unit) in self.parts.parameters.items()}
        given = {name: column for name, column in parameters.items() if not np.isnan(column).all()}
        partly = [name for name, column in given.items() if np.isnan(column).any()]
        if partly:
            raise ValueError(
                f"`{partly[0]}` of {self.model} has a value in some cells and none in others\n  help: one for each"
            )
        return {name: (column, units[name]) for name, column in given.items()}


def native_cell_type(model: str) -> type[NativeCellType]:
    """A cell type of a model of synfire: `native_cell_type("wang_buzsaki")`, or of a text, `native_cell_type("neuron
    mine ...")`.

    Parameters and states have the names and units of the text; a parameter that follows from others unless it is
    given is NaN."""
    own = "\n" in model.strip()
    parts = Parts(model if own else synfire.model_text(model))
    current = next(((n, unit) for n, unit in parts.inputs.items() if n == "i_stim"), None)
    ports = {name: (name, LARGER.get(unit, unit)) for name, unit in parts.ports.items()}
    return type(
        parts.name,
        (NativeCellType,),
        {
            "__doc__": f"The model `{parts.name}` of synfire.",
            "parts": parts,
            "model": parts.name,
            "text": model if own else None,
            "default_parameters": {name: value for name, (value, _) in parts.parameters.items()},
            "default_initial_values": {},
            "recordable": ["spikes", *parts.states],
            "units": {**parts.states, **{name: unit for name, (_, unit) in parts.parameters.items()}},
            "variables": {name: State(name, unit=unit) for name, unit in parts.states.items()},
            "ports": ports,
            "receptor_types": list(ports),
            "conductance_based": any(unit.endswith("S") for _, unit in ports.values()),
            "injectable": current is not None,
            "current": None if current is None else (current[0], *injected(current[1])),
            "chance": parts.chance,
            "tau_of": {},
        },
    )


def injected(unit: str) -> tuple[str, float]:
    """The unit in which a current goes over, and what a nA is in it; an input that is no current is given in its own
    unit."""
    return ("nA", 1.0) if unit.endswith("A") else ("" if unit == "1" else unit, 1.0)


class NativeSynapseType(Synapse, BaseSynapseType):
    """A synapse model of synfire as a synapse type. Made by `native_synapse_type`."""

    parts: Parts
    source = ""
    #: The parameter that `weight` is.
    weight = "w"

    @property
    def native_parameters(self) -> Any:
        """As they are."""
        return deepcopy(self.parameter_space)

    def text(self, target: Target, values: Any) -> tuple[str, str]:
        """For the port and the unit of a target."""
        return texts.written(
            self.parts.name, re.sub(r"\bg_(?:exc|inh)\b", "PORT", self.source), target.port, target.unit
        )

    def converted(self, target: Target, values: Any, posts: Array) -> dict[str, tuple[Any, str]]:
        """Parameters that have a value; others follow in the model from the rest."""
        columns: dict[str, tuple[Any, str]] = {self.weight: (values["weight"], target.unit)}
        for name, (_, unit) in self.parts.parameters.items():
            if name != self.weight and not np.all(np.isnan(values[name])):
                columns[name] = (values[name], target.unit if unit == "nS" else unit)
        return columns


def native_synapse_type(model: str) -> type[NativeSynapseType]:
    """A synapse type of a synapse model of synfire, by name or as a text that sends to `g_exc` or `g_inh` in nS.

    It is written anew for the receptor of a projection. Parameters in nS are weights: they are counted as PyNN
    counts weights of the target (uS, nA, mV); others have the unit of the text. `weight` is the parameter `w`, of
    one that learns where `w` begins (`w_0`)."""
    source = model if "\n" in model.strip() else synfire.model_text(model)
    parts = Parts(source, "synapse")
    if not re.search(r"\bg_(?:exc|inh)\s*\+=", source):
        raise ValueError(
            f"`{parts.name}` sends nothing to a port `g_exc` or `g_inh`\n"
            "  help: such synapses are joined through synfire.Network"
        )
    weight = next((name for name in ("w", "w_0") if name in parts.parameters), None)
    if weight is None:
        raise ValueError(
            f"`{parts.name}` has no parameter `w` or `w_0` that a weight could be\n  help: call it so in its text"
        )
    small = {name: value * 0.001 if unit == "nS" else value for name, (value, unit) in parts.parameters.items()}
    defaults = {"weight": 0.0, "delay": None} | {name: value for name, value in small.items() if name != weight}
    neutral = re.sub(rf"^(\s*synapse\s+){parts.name}\b", r"\1NAME", source, count=1, flags=re.MULTILINE)
    return type(
        parts.name,
        (NativeSynapseType,),
        {
            "__doc__": f"The synapse `{parts.name}` of synfire.",
            "parts": parts,
            "source": re.sub(r"\bnS\b", "UNIT", neutral),
            "weight": weight,
            "default_parameters": defaults,
            "learns": "w" in parts.states,
            "chance": parts.chance,
            "get_schema": lambda self: dict.fromkeys(defaults, float),
        },
    )
