"""NeuronGroups of Brian2 as models and populations: equations, and where Brian2's order of a step is another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .expressions import CannotBe, Statement, Text, condition, number, safe
from .model import Model, Part, Uses, method_of, method_text, unit_text, value_text
from .stepping import HELD, at_once

# what states are called through which spikes reach `v` where the order of Brian2 needs that
ARRIVED, QUIET = "{}_arrived", "{}_quiet"
# the state that counts the steps since the last spike, where the refractory period reads what moves
SINCE = "steps_since"


@dataclass
class _Step:
    """An order of its own inside a step: what stands before integration, behind it, and what the reset does besides."""

    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    reset: list[str] = field(default_factory=list)
    # states that go by assignments and have no equation
    assigned: set[str] = field(default_factory=set)

    def lines(self) -> list[str]:
        """The block `step`, where there is need of one."""
        if not self.before and not self.after:
            return []
        return ["step", *(f"  {line}" for line in (*self.before, "integrate", *self.after, "receive", "spike"))]


def neuron_group(group: Any, name: str, namespace: Mapping[str, Any], uses: Uses, faithful: bool = False) -> Part:
    """A NeuronGroup as a model and a population of it; `faithful`: exponential Euler takes all states at once."""
    model = Model(group, name, namespace)
    equations = group.user_equations
    for extra in set(group.events) - {"spike"}:
        raise CannotBe(f"events other than spikes (`{extra}`) have no counterpart")
    resets = model.statements(group.event_codes["spike"]) if group.event_codes.get("spike") else []
    regular = _regular(model, group)
    written = {s.target for s in resets} | {s.target for _, found in regular for s in found} | set(uses.ports)
    for equation in equations.values():
        _declare(model, equation, written, uses)
    integrated = [e for e in equations.values() if e.type == "differential equation"]
    method = method_of(group, equations, namespace) if integrated else ""
    step = _assigned(model, group, equations, method, faithful)
    step.before[:0] = _regular_lines(model, regular)
    lines = _equation_lines(model, equations, step.assigned)
    port_lines = _ports(model, group, uses, resets, equations, step)
    if len(step.assigned) < len(integrated):
        lines.append(f"method {method_text(method, any(e.stochastic_variables for e in integrated))}")
        if method == "exponential_euler" and len(integrated) > 1 and not faithful:
            order = "takes states one after the other here, all at once in Brian2; help: faithful=True"
            model.remarks.append(f"{name}: exponential Euler {order}")
    if group.events.get("spike"):
        lines += _spike_lines(model, group, equations, resets, written, step)
    body = [*(f"param {p}" for p in model.params), *model.lines, *port_lines, *lines, *step.lines()]
    text = f"neuron {name}\n" + "".join(f"  {line}\n" for line in body)
    keys: dict[str, Any] = {"name": name, "model": name, "size": len(group)}
    if model.values:
        keys["parameters"] = model.values
    if model.initial:
        keys["initial"] = model.initial
    return Part(name, text, [("population", keys), *model.sections], model.remarks)


def _assigned(model: Model, group: Any, equations: Any, method: str, faithful: bool) -> _Step:
    """States that go by assignments, so that they move as they do in Brian2."""
    if method == "euler":
        stepped = _decays(group, equations)
        after = [f"{safe(n)} += dt*({number(model.text(equations[n].expr.code)).text})" for n in stepped]
        return _Step(after=after, assigned=set(stepped))
    if method != "exponential_euler" or not faithful:
        return _Step()
    states = {e.varname for e in equations.values() if e.type == "differential equation"}
    time = _refractory_time(model, group)
    held = f"floor({time}/dt + 0.001) - 1" if time else ""
    moved, before, after = at_once(model, group, equations, {n: _reads(n, equations) & states for n in states}, held)
    step = _Step(before, after, assigned=moved)
    if any(HELD in line for line in after):
        model.lines.append(f"state {model.new(HELD)} = 0")
        step.after.append(f"{HELD} = max({HELD} - 1, 0)")
        step.reset.append(f"{HELD} = {held}")
    return step


def _regular(model: Model, group: Any) -> list[tuple[int, list[Statement]]]:
    """What runs regularly: every so many steps, statements. **Errors** `CannotBe` where it is at another place of a step."""
    found = []
    for runner in group.contained_objects:
        if type(runner).__name__ == "CodeRunner":
            steps = float(runner.clock.dt) / float(group.clock.dt)
            if runner.when != "start" or abs(steps - round(steps)) > 1e-6 or steps < 0.5:
                raise CannotBe(
                    f"{model.name}: run_regularly at `{runner.when}` every {steps:g} steps; help: `start`, whole steps"
                )
            found.append((round(steps), model.statements(runner.abstract_code)))
    return found


def _regular_lines(model: Model, regular: list[tuple[int, list[Statement]]]) -> list[str]:
    """Assignments in steps whose number is a multiple."""
    signs = {"+=": "+", "-=": "-", "*=": "*", "/=": "/"}
    lines = []
    for steps, found in regular:
        for made in found:
            name, new = safe(made.target), number(model.text(made.value)).text
            new = f"{name} {signs[made.operator]} ({new})" if made.operator in signs else f"({new})"
            lines.append(
                f"{name} = {new} if mod(timestep(t), {steps}) < 0.5 else {name}" if steps > 1 else f"{name} = {new}"
            )
    return lines


def _spike_lines(
    model: Model, group: Any, equations: Any, resets: list[Statement], written: set[str], step: _Step
) -> list[str]:
    """Threshold, reset and refractory period."""
    texts = [model.statement(s) for s in resets] + step.reset
    counted = _counted(group, equations, written) and bool(_refractory_time(model, group))
    refractory = _refractory(model, group, counted)
    if counted:
        model.lines.append(f"state {model.new(SINCE)} = 0")
        texts.append(f"{SINCE} = 1")
        step.after.append(f"{SINCE} += 1")
    states = [line.split()[1] for line in model.lines if line.startswith("state")]
    if not texts and not refractory and states:
        texts = [f"{states[0]} = {states[0]}"]  # a level that is tested in every step
    lines = [f"threshold {condition(model.text(group.events['spike']))}"]
    lines += [f"reset {'; '.join(texts)}"] if texts else []
    return lines + ([refractory] if refractory else [])


def _declare(model: Model, equation: Any, written: set[str], uses: Uses) -> None:
    name = equation.varname
    if equation.type == "subexpression":
        model.names.texts[name] = Text(safe(name), condition=False)
        if equation.var_type == "boolean":
            model.flagged_bool(name)
        return
    if "linked" in equation.flags:
        raise CannotBe(f"`{name}` is linked to a variable of another group; help: a synapse with `(summed)`")
    si = model.group.variables[name].get_value()
    if name in uses.inputs:
        model.names.texts[name] = Text(safe(name))
        model.lines.append(f"input {safe(name)} : {unit_text(equation.dim)}")
    elif equation.type == "parameter" and name not in written:
        model.param(name, si, equation.dim)
    else:
        model.state(name, si, equation.dim)
    if equation.var_type == "boolean":
        model.flagged_bool(name)


def _decays(group: Any, equations: Any) -> list[str]:
    """States that move by themselves, untouched by the threshold: those that read the others first.

    Such states are exact in every method here; where Euler's steps are asked for they are taken by assignments, each of
    which reads states that have not moved yet.
    """
    tested = _threshold_names(group, equations)
    states = {e.varname for e in equations.values() if e.type == "differential equation"}
    reads = {n: _reads(n, equations) & states for n in states}
    free = {
        n
        for n in states - tested
        if not equations[n].stochastic_variables and "unless refractory" not in equations[n].flags
    }
    while wrong := {n for n in free if reads[n] - free}:
        free -= wrong
    out: list[str] = []
    while free:
        # read by none of those that are left, but by themselves
        ready = sorted(n for n in free if not any(n in reads[m] for m in free - {n}))
        if not ready:
            break  # they read each other: exact, as all that is linear
        out += ready
        free -= set(ready)
    return out


def _reads(name: str, equations: Any) -> set[str]:
    """All names that a differential equation reads, through subexpressions too."""
    seen: set[str] = set()
    names = set(equations[name].identifiers)
    while names:
        one = names.pop()
        if one not in seen:
            seen.add(one)
            if one in equations and equations[one].type == "subexpression":
                names |= set(equations[one].identifiers)
    return seen


def _equation_lines(model: Model, equations: Any, stepped: set[str]) -> list[str]:
    lines = []
    for equation in sorted(equations.values(), key=lambda e: e.type != "subexpression"):
        name = safe(equation.varname)
        if equation.type == "subexpression":
            text = model.text(equation.expr.code)
            lines.append(f"{name} = {number(text).text}")
            if "constant over dt" in equation.flags:
                model.remarks.append(
                    f"{model.name}.{name}: `constant over dt` is taken anew at every stage of a method"
                )
        elif equation.type == "differential equation" and equation.varname not in stepped:
            flag = " (unless refractory)" if "unless refractory" in equation.flags else ""
            lines.append(f"d{name}/dt = {number(model.text(equation.expr.code)).text}{flag}")
    return lines


def _threshold_names(group: Any, equations: Any) -> set[str]:
    """Variables that the threshold reads, through subexpressions too."""
    from brian2.utils.stringtools import get_identifiers

    threshold = group.events.get("spike")
    open_names = set(get_identifiers(threshold)) if threshold else set()
    seen: set[str] = set()
    while open_names:
        name = open_names.pop()
        if name not in seen:
            seen.add(name)
            if name in equations and equations[name].type == "subexpression":
                open_names |= set(equations[name].identifiers)
    return seen


def _ports(model: Model, group: Any, uses: Uses, resets: list[Statement], equations: Any, step: _Step) -> list[str]:
    """Lines for ports.

    What arrives is added behind the threshold test of its step in Brian2, and before the reset; here it is before the
    test. Where the threshold reads the variable, arrivals are kept in a state of their own and added when the next step
    begins: the same place between test and integration. What Brian2 loses (by the reset that overwrites it, or while the
    neuron is refractory where the equation has `unless refractory`) is lost by a count of steps.
    """
    tested = _threshold_names(group, equations)
    lines = []
    arrivals: list[str] = []
    for name in uses.ports:
        if name not in equations or equations[name].type == "subexpression":
            raise CannotBe(f"spikes cannot add to `{name}` of {group.name}: it is no variable of it")
        held = "unless refractory" in equations[name].flags and group._refractory is not False
        if name not in tested and not held:
            lines.append(f"input {safe(name)}")
            continue
        unit = unit_text(equations[name].dim)
        zero = "0" if unit == "1" else f"0 {unit}"
        arrived, count = model.new(ARRIVED.format(safe(name))), QUIET.format(safe(name))
        lost = _lost_steps(model, group, name, held, resets)
        model.lines.append(f"state {arrived} = {zero}")
        lines.append(f"input {safe(name)} -> {arrived} (at start)")
        if lost:
            model.lines.append(f"state {model.new(count)} = 0")
            arrivals.append(f"{safe(name)} += {arrived} if {count} <= 0 else {zero}")
            arrivals.append(_after_a_step(model, group, count, held))
            step.reset.append(f"{count} = {lost}")
        else:
            arrivals.append(f"{safe(name)} += {arrived}")
        arrivals.append(f"{arrived} = {zero}")
    step.before[:0] = arrivals
    return lines


def _lost_steps(model: Model, group: Any, name: str, held: bool, resets: list[Statement]) -> str:
    """In how many steps, from that of the spike on, arrivals are lost."""
    if held:
        time = _refractory_time(model, group)
        return f"floor({time}/dt + 0.001)" if time else "1"
    return "1" if any(s.target == name and s.operator == "=" and name not in s.value for s in resets) else ""


def _after_a_step(model: Model, group: Any, count: str, held: bool) -> str:
    if held and not _refractory_time(model, group):
        return f"{count} = 1 if {count} > 0 and ({condition(model.text(str(group._refractory)))}) else 0"
    return f"{count} = max({count} - 1, 0)"


def _refractory_time(model: Model, group: Any) -> str:
    """The refractory period as a text in brackets where needed; empty where it is none or a condition."""
    given = group._refractory
    if given is False:
        return ""
    if not isinstance(given, str):
        return f"({value_text(float(given), given.dim)})"
    text = model.text(given)
    return "" if text.condition else f"({text.text})"


def _counted(group: Any, equations: Any, written: set[str]) -> bool:
    """Does the refractory period read what moves? Then the steps since the last spike are counted in a state."""
    from brian2.utils.stringtools import get_identifiers

    if not isinstance(group._refractory, str):
        return False
    moves = {e.varname for e in equations.values() if e.type == "differential equation"} | written
    names = set(get_identifiers(group._refractory))
    for name in [n for n in names if n in equations and equations[n].type == "subexpression"]:
        names |= _reads(name, equations)
    return bool(names & moves)


def _refractory(model: Model, group: Any, counted: bool) -> str:
    """Brian2 holds a neuron one update less than the period has steps, and rounds it down but for a thousandth."""
    if group._refractory is False:
        return ""
    time = _refractory_time(model, group)
    if not time:
        return f"refractory {condition(model.text(str(group._refractory)))}"
    if not isinstance(group._refractory, str):
        dt = float(group.clock.dt)
        held = max(int(float(group._refractory) / dt + 0.001) - 1, 0)
        return f"refractory {held}*dt"
    if counted:
        return f"refractory {SINCE} < floor({time}/dt + 0.001)"
    return f"refractory max(floor({time}/dt + 0.001) - 1, 0)*dt"
