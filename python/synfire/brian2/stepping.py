"""Exponential Euler as Brian2 takes it: all states from the old ones, by assignments instead of equations."""

from __future__ import annotations

from typing import Any

from .expressions import CannotBe, inlined, number, safe, statements
from .model import Model, resolved, unit_text

# what the new value of a state is called until all are known, and the steps that a state is still held
NEXT, HELD = "{}_next", "steps_held"


def at_once(
    model: Model, group: Any, equations: Any, reads: dict[str, set[str]], held_steps: str
) -> tuple[set[str], list[str], list[str]]:
    """States that go by assignments, those before the others are integrated, and those after it.

    States that read themselves alone are exact either way and keep their equation. `held_steps`: the updates that a
    refractory neuron is held, as a text, empty without a refractory period.
    """
    from brian2.stateupdaters.base import StateUpdateMethod

    states = [e for e in equations.values() if e.type == "differential equation"]
    moved = {e.varname for e in states if reads[e.varname] - {e.varname} or "t" in e.identifiers}
    known = {n: resolved(group, n, model.namespace) for n in equations.names | equations.identifiers | {"dt"}}
    code = StateUpdateMethod.stateupdaters["exponential_euler"](equations, known)
    results = {f"_{name}" for name in reads}
    before, after = [], []
    for made in inlined(statements(code), lambda name: name in results or name in reads):
        name = made.target.removeprefix("_")
        if made.target in results and name in moved:
            before.append(f"{NEXT.format(safe(name))} = {number(model.text(made.value)).text}")
    for equation in states:
        name = equation.varname
        if name not in moved:
            continue
        unit = unit_text(equation.dim)
        new = model.new(NEXT.format(safe(name)))
        model.lines.append(f"state {new} = {'0' if unit == '1' else f'0 {unit}'}")
        if "unless refractory" in equation.flags and group._refractory is not False:
            if not held_steps:
                raise CannotBe(f"{model.name}: a refractory condition with exponential Euler; help: faithful=False")
            new = f"{new} if {HELD} <= 0 else {safe(name)}"
        after.append(f"{safe(name)} = {new}")
    return moved, before, after
