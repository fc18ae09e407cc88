"""Synapses of Brian2 as projections, with synapse models where spikes do more than add a number."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .._foreign import of_si
from .._quantity import Quantity, as_quantity
from .expressions import CannotBe, Statement, Text, number, number_text, safe
from .model import Model, Part, Uses, method_of, method_text, unit_text, value, value_text

_ENDS = {"_presynaptic_idx": "pre", "_postsynaptic_idx": "post"}


def base(group: Any) -> Any:
    """The whole group that a subgroup is of."""
    return group.source if type(group).__name__ == "Subgroup" else group


def rows(group: Any) -> dict[str, Any] | None:
    """The rows of a subgroup, as the network file has them."""
    return {"range": [int(group.start), int(group.stop)]} if type(group).__name__ == "Subgroup" else None


def written(synapses: Any) -> tuple[set[str], set[str]]:
    """Variables of the target that spikes add to, and that sums flow into, in the order of the text."""
    ports: dict[str, None] = {}
    for pathway in synapses._pathways:
        for target in _targets(pathway.code):
            if _end(synapses, target) == "post":
                ports[synapses.variables[target].name] = None
    inputs = {name[:-5]: None for name in synapses.summed_updaters if name.endswith("_post")}
    return set(ports), set(inputs)


def add_uses(synapses: Any, uses: Uses) -> None:
    """Notes what synapses do to their target."""
    ports, inputs = written(synapses)
    uses.ports += sorted(ports - set(uses.ports))
    uses.inputs += sorted(inputs - set(uses.inputs))


def _targets(code: str) -> list[str]:
    return [t.id for n in ast.walk(ast.parse(_lines(code))) for t in _assigned(n) if isinstance(t, ast.Name)]


def _assigned(node: ast.AST) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AugAssign) else []


def _lines(code: str) -> str:
    return "\n".join(line.strip() for line in code.strip().splitlines())


def _end(synapses: Any, name: str) -> str:
    """`pre`, `post`, `own`, or nothing where it is no variable."""
    if name not in synapses.variables:
        return ""
    return _ENDS.get(synapses.variables.indices[name], "own")


@dataclass
class _Clipped:
    """The range that all assignments to a state clip it to."""

    low: str
    high: str
    every: bool = True


class SynapseModel(Model):
    """A synapse model in the making: names of both ends are `pre.x` and `post.x`."""

    def missing(self, name: str) -> Text:
        if name in ("i", "j"):
            column = "source_number" if name == "i" else "target_number"
            self.params.append(f"{column} : 1")
            self.values[column] = np.asarray(getattr(self.group, name)[:], dtype=float)
            return Text(column)
        end = _end(self.group, name)
        if end in ("pre", "post"):
            actual = self.group.variables[name].name
            if actual in ("lastspike", "not_refractory", "i", "t", "dt", "N"):
                raise CannotBe(f"`{name}` cannot be read from a synapse")
            return Text(f"{end}.{safe(actual)}")
        return super().missing(name)


@dataclass
class _Found:
    """What is in Synapses, sorted."""

    equations: dict[str, Any]
    pathways: list[tuple[str, Any, list[Statement]]]
    own: set[str]  # states of the synapse that something writes
    regular: list[tuple[float, list[Statement]]] = field(default_factory=list)


def _find(synapses: Any, model: Model) -> _Found:
    equations = {e.varname: e for e in (*synapses.equations.values(), *(synapses.event_driven or {}).values())}
    pathways = []
    for pathway in sorted(synapses._pathways, key=lambda p: (p.order, p.objname)):
        if getattr(pathway, "event", "spike") != "spike":
            raise CannotBe(f"the event `{pathway.event}` has no counterpart")
        pathways.append((pathway.prepost, pathway, model.statements(pathway.code)))
    regular = []
    for runner in synapses.contained_objects:
        if type(runner).__name__ == "CodeRunner":
            code = runner.abstract_code or runner.code or getattr(runner, "user_code", "")
            regular.append((float(runner.clock.dt), model.statements(code)))
    changed = [s for _, _, found in pathways for s in found] + [s for _, found in regular for s in found]
    own = {s.target for s in changed if _end(synapses, s.target) == "own"}
    own |= {e.varname for e in equations.values() if e.type == "differential equation"}
    for statement in changed:
        if _end(synapses, statement.target) == "pre":
            raise CannotBe(f"`{statement.target}` is of the source: spikes change synapses and their target alone")
    return _Found(equations, pathways, own, regular)


def synapse_parts(
    synapses: Any, name: str, names: tuple[str, str], namespace: Mapping[str, Any], ranges: Mapping[str, Any]
) -> Part:
    """Synapses as one projection or several; `names` are those of the two populations."""
    model = SynapseModel(synapses, name, namespace)
    found = _find(synapses, model)
    for summed in synapses.summed_updaters:
        if summed.endswith("_pre"):
            raise CannotBe(f"`{summed}` sums into the source; help: synapses the other way round")
    _declare(model, found, synapses)
    if synapses.summed_updaters:
        return _graded(model, found, synapses, names)
    if not found.own and not found.regular and all(kind == "pre" for kind, _, _ in found.pathways):
        return _jumps(model, found, synapses, names)
    return _learning(model, found, synapses, names, ranges)


def _declare(model: Model, found: _Found, synapses: Any) -> None:
    for name, equation in found.equations.items():
        if name in found.own or name == "lastupdate":
            continue
        if equation.type == "subexpression":
            model.names.texts[name] = Text(safe(name))
        else:
            # the parameter itself stands in the text once something reads it
            model.names.texts[name] = Text(safe(name))
        if equation.var_type == "boolean":
            model.flagged_bool(name)


def _params(model: Model, found: _Found, synapses: Any, text: str) -> None:
    """Parameters that the text reads, with their values."""
    words = set(_words(text))
    for name, equation in found.equations.items():
        if equation.type == "parameter" and name not in found.own and safe(name) in words and name != "lastupdate":
            kept = model.names.texts[name]
            model.param(name, synapses.variables[name].get_value(), equation.dim)
            model.names.texts[name] = kept


def _words(text: str) -> list[str]:
    out, word = [], ""
    for letter in text + " ":
        if letter.isalnum() or letter == "_":
            word += letter
        else:
            out.append(word)
            word = ""
    return out


def _subexpressions(model: Model, found: _Found) -> list[str]:
    return [
        f"{safe(name)} = {number(model.text(e.expr.code)).text}"
        for name, e in found.equations.items()
        if e.type == "subexpression"
    ]


def _ends(synapses: Any, names: tuple[str, str], name: str, pathway: Any, remarks: list[str]) -> dict[str, Any]:
    """Keys of a projection: populations, rows, pairs, delay."""
    source, target = np.asarray(synapses.i[:]), np.asarray(synapses.j[:])
    keys: dict[str, Any] = {"name": name, "source": names[0], "target": names[1]}
    keys["connector"] = {"rule": "list", "source": source, "target": target}
    for key, group in (("source_rows", synapses.source), ("target_rows", synapses.target)):
        chosen = rows(group)
        if chosen:
            keys[key] = chosen
    if pathway is not None:
        dt = float(synapses.clock.dt)
        delays = np.floor(np.asarray(pathway.variables["delay"].get_value(), dtype=float) / dt + 0.5)
        if np.any(delays < 1):
            remarks.append(f"{name}: spikes without a delay arrive one step later here, the least that there is")
        steps = np.maximum(delays, 1)
        one = steps.size <= 1 or bool(np.all(steps == steps.flat[0]))
        keys["delay"] = of_si(np.round((steps.flat[0] if one and steps.size else steps) * dt, 12), [0, 0, 1, 0, 0])
    return keys


def _named(keys: dict[str, Any], synapses: Any) -> tuple[str, dict[str, Any]]:
    """A projection whose rule has a name where it is one, and nothing is a number for each synapse."""
    values = [keys.get("weight"), keys.get("delay"), *keys.get("parameters", {}).values()]
    if not any(np.ndim(v.magnitude if isinstance(v, Quantity) else v) for v in values if v is not None):
        source, target = keys["connector"]["source"], keys["connector"]["target"]
        n, m = len(synapses.source), len(synapses.target)
        if n == m == source.size and np.array_equal(source, np.arange(n)) and np.array_equal(target, source):
            keys["connector"] = {"rule": "one_to_one"}
        elif source.size == n * m and np.array_equal(source * m + target, np.arange(n * m)):
            keys["connector"] = {"rule": "all_to_all"}
    return "projection", keys


def _jumps(model: Model, found: _Found, synapses: Any, names: tuple[str, str]) -> Part:
    """Spikes that add numbers to ports: no model is needed where the number can be worked out."""
    sections = []
    texts = []
    jumps = [(p, s) for _, p, statements in found.pathways for s in statements]
    for k, (pathway, statement) in enumerate(jumps):
        name = model.name if len(jumps) == 1 else f"{model.name}_{k + 1}"
        port = synapses.variables[statement.target].name
        if statement.operator not in ("+=", "-="):
            raise CannotBe(f"`{statement.target} {statement.operator} ...`: spikes add to a variable of the target")
        keys = _ends(synapses, names, name, pathway, model.remarks)
        weight = _weight(model, found, synapses, statement.value)
        if weight is not None:
            keys["port"] = safe(port)
            keys["weight"] = -weight if statement.operator == "-=" else weight
        else:
            one = SynapseModel(synapses, name, model.namespace)
            one.names.texts.update({n: t for n, t in model.names.texts.items() if n in found.equations})
            added = number(one.text(statement.value))
            line = f"on_pre {safe(port)} += {added.text}" if statement.operator == "+=" else ""
            line = line or f"on_pre {safe(port)} += -({added.text})"
            body = [*_subexpressions(one, found), line]
            _params(one, found, synapses, "\n".join(body))
            texts.append(_text("synapse", name, [*(f"param {p}" for p in one.params), *body]))
            keys["synapse"] = name
            if one.values:
                keys["parameters"] = one.values
        sections.append(_named(keys, synapses))
    return Part(model.name, "".join(texts), sections, model.remarks)


def _weight(model: Model, found: _Found, synapses: Any, expression: str) -> Any:
    """The number for each synapse that an expression of its parameters and constants is, or None if it is more than that."""
    tree = ast.parse(expression, mode="eval")
    allowed = (ast.Expression, ast.Name, ast.Constant, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.Load)
    if any(not isinstance(n, allowed) for n in ast.walk(tree)):
        return None
    values: dict[str, Any] = {}
    for name in {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}:
        if _end(synapses, name) in ("pre", "post") or name in ("i", "j", "t", "dt"):
            return None
        if name in found.equations and found.equations[name].type != "parameter":
            return None
        variable = model.resolve(name)
        values[name] = _with_unit(variable)
    out = eval(compile(tree, "<weight>", "eval"), {"__builtins__": {}}, values)  # noqa: S307 (names, numbers, + - * / **)
    dim = getattr(out, "dim", None)
    if dim is None:
        from brian2.units.fundamentalunits import DIMENSIONLESS

        dim = DIMENSIONLESS
    return value(np.asarray(out, dtype=float), dim)


def _with_unit(variable: Any) -> Any:
    from brian2 import Quantity as BrianQuantity

    return BrianQuantity(np.asarray(variable.get_value(), dtype=float), dim=variable.dim)


def _text(kind: str, name: str, body: list[str]) -> str:
    return f"{kind} {name}\n" + "".join(f"  {line}\n" for line in body)


def _states(model: Model, found: _Found, synapses: Any, clipped: Mapping[str, _Clipped]) -> list[str]:
    """Lines of states: the value now, or one for each synapse by a parameter."""
    lines = []
    for name in sorted(found.own):
        if name == "lastupdate":
            continue
        variable = synapses.variables[name]
        si = np.asarray(variable.get_value(), dtype=float)
        found_value = value(si, variable.dim)
        many = isinstance(found_value, np.ndarray) or (isinstance(found_value, Quantity) and found_value.ndim > 0)
        first = value_text(float(si.flat[0]) if si.size else 0.0, variable.dim)
        if many:
            first = f"{safe(name)}_0"
            model.params.append(f"{first} : {unit_text(variable.dim)}")
            model.values[first] = found_value
        kept = clipped.get(name)
        lines.append(f"state {safe(name)} = {first}" + (f" (from {kept.low} to {kept.high})" if kept else ""))
        model.names.texts[name] = Text(safe(name))
    return lines


def _differential(model: Model, found: _Found) -> list[str]:
    return [
        f"d{safe(name)}/dt = {number(model.text(e.expr.code)).text}"
        for name, e in found.equations.items()
        if e.type == "differential equation"
    ]


def _graded(model: Model, found: _Found, synapses: Any, names: tuple[str, str]) -> Part:
    """What flows in every step: summed variables, and the states that they read."""
    pathways = [(p, s) for _, p, s in found.pathways]
    if any(_end(synapses, s.target) == "post" for _, found_here in pathways for s in found_here):
        raise CannotBe(f"{model.name}: spikes add to the target and something is summed; help: two Synapses")
    if any(kind == "post" for kind, _, _ in found.pathways) or found.regular:
        raise CannotBe(f"{model.name}: what is summed cannot change with spikes of the target or at intervals")
    if len(pathways) > 1:
        raise CannotBe(f"{model.name}: two `on_pre` beside a sum; help: one")
    if rows(synapses.target):
        model.remarks.append(
            f"{model.name}: sums into a part of a group are taken before its states move here, after it there"
        )
    states = _states(model, found, synapses, {})
    body = _subexpressions(model, found) + _differential(model, found)
    for pathway, changes in pathways:
        body.append("on_pre " + "; ".join(model.statement(s) for s in changes))
    for target, updater in synapses.summed_updaters.items():
        body.append(f"graded {safe(target[:-5])} += {number(model.text(str(updater.expression.code))).text}")
    if found.own:
        method = method_of(synapses, synapses.equations, model.namespace)
        chosen = method_text(method, False)
        body += [f"method {chosen}"] if chosen in ("euler", "rk2", "rk4") else []
        body += ["step", "  graded", "  integrate", *(["  receive"] if pathways else [])]
    _params(model, found, synapses, "\n".join(body))
    text = _text("synapse", model.name, [*(f"param {p}" for p in model.params), *states, *body])
    keys = _ends(synapses, names, model.name, pathways[0][0] if pathways else None, model.remarks)
    keys["synapse"] = model.name
    if model.values:
        keys["parameters"] = model.values
    return Part(model.name, text, [_named(keys, synapses)], model.remarks)


def _learning(model: Model, found: _Found, synapses: Any, names: tuple[str, str], ranges: Mapping[str, Any]) -> Part:
    """Synapses that learn, or whose states are sent."""
    pres = [(p, s) for kind, p, s in found.pathways if kind == "pre"]
    for kind, pathway, _ in found.pathways:
        if kind == "post" and np.any(np.asarray(pathway.variables["delay"].get_value()) != 0):
            raise CannotBe(f"{model.name}: a delay of spikes of the target has no counterpart")
    delays = [np.asarray(p.variables["delay"].get_value()) for p, _ in pres]
    if any(d.shape != delays[0].shape or np.any(d != delays[0]) for d in delays[1:]):
        raise CannotBe(f"{model.name}: several `on_pre` with different delays cannot share states")
    clipped = _clipping(model, found, ranges)
    states = _states(model, found, synapses, clipped)
    sends: list[str] = []
    others: list[str] = []
    for kind, _, changes in found.pathways:
        texts = [_changed(model, s, clipped, synapses) for s in changes]
        (sends if kind == "pre" else others).append(f"on_{kind} " + "; ".join(texts))
    if found.regular:
        model.remarks.append(f"{model.name}: what runs regularly runs first after one interval, and not at time 0")
    for interval, changes in found.regular:
        texts = [_changed(model, s, clipped, synapses) for s in changes]
        others.append(f"every {number_text(interval, (0, 0, 1, 0, 0)).text} " + "; ".join(texts))
    body = _subexpressions(model, found) + _differential(model, found) + sends + others
    _params(model, found, synapses, "\n".join([*states, *body]))
    text = _text("synapse", model.name, [*(f"param {p}" for p in model.params), *states, *body])
    keys = _ends(synapses, names, model.name, pres[0][0] if pres else None, model.remarks)
    keys["synapse"] = model.name
    if model.values:
        keys["parameters"] = model.values
    return Part(model.name, text, [_named(keys, synapses)], model.remarks)


def _clip_call(statement: Statement) -> list[ast.expr] | None:
    tree = ast.parse(statement.value, mode="eval").body
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id == "clip":
        return tree.args
    return None


def _clipping(model: Model, found: _Found, ranges: Mapping[str, Any]) -> dict[str, _Clipped]:
    """Ranges of states: as asked for, or as every assignment to them clips."""
    out: dict[str, _Clipped] = {}
    changes = [s for _, _, statements in found.pathways for s in statements]
    changes += [s for _, statements in found.regular for s in statements]
    for name in found.own:
        if name in ranges:
            low, high = (_bound(x) for x in _pair(name, ranges[name]))
            out[name] = _Clipped(low, high)
            continue
        bounds = {tuple(ast.unparse(a) for a in c[1:]) for s in changes if s.target == name and (c := _clip_call(s))}
        if len(bounds) > 1:
            raise CannotBe(
                f"{model.name}: `{name}` is clipped to different ranges; help: ranges={{'{name}': (low, high)}}"
            )
        if bounds:
            low, high = (number(model.text(b)).text for b in next(iter(bounds)))
            every = all(_clip_call(s) for s in changes if s.target == name)
            out[name] = _Clipped(low, high, every)
            if not every:
                model.remarks.append(
                    f"{model.name}: `{name}` is kept from {low} to {high} after every assignment to it"
                )
    return out


def _pair(name: str, given: Any) -> tuple[Any, Any]:
    if isinstance(given, str) or len(given) != 2:
        raise CannotBe(
            f"ranges: of `{name}` two bounds are wanted, found {given!r}; help: ranges={{'{name}': ('0 nS', '10 nS')}}"
        )
    return given[0], given[1]


def _bound(given: Any) -> str:
    """A bound in our text: as it is written, a number, or a quantity of any package."""
    if isinstance(given, str):
        return given.strip()
    found = as_quantity(given)
    return str(found) if isinstance(found, Quantity) else number_text(float(found), (0.0,) * 5).text


def _changed(model: Model, statement: Statement, clipped: Mapping[str, _Clipped], synapses: Any) -> str:
    """A statement; what the range of a state does anyway is left out."""
    end = _end(synapses, statement.target)
    if end == "post":
        port = safe(synapses.variables[statement.target].name)
        if statement.operator not in ("+=", "-="):
            raise CannotBe(f"`{statement.target} {statement.operator} ...`: spikes add to a variable of the target")
        added = number(model.text(statement.value)).text
        return f"{port} += {added}" if statement.operator == "+=" else f"{port} += -({added})"
    arguments = _clip_call(statement)
    if arguments is not None and statement.target in clipped and statement.operator == "=":
        inner = arguments[0]
        if isinstance(inner, ast.BinOp) and isinstance(inner.op, (ast.Add, ast.Sub)):
            if isinstance(inner.left, ast.Name) and inner.left.id == statement.target:
                sign = "+=" if isinstance(inner.op, ast.Add) else "-="
                return f"{safe(statement.target)} {sign} {number(model.text(ast.unparse(inner.right))).text}"
        return f"{safe(statement.target)} = {number(model.text(ast.unparse(inner))).text}"
    return f"{safe(statement.target)} {statement.operator} {number(model.text(statement.value)).text}"
