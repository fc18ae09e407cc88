"""Expressions and statements of Brian2 in synfire's equation language.

In: a text of Brian2 and what its names mean. Out: the text of ours, with constants folded, so that `5*mV` is `5 mV`.
Not here: which variables become parameters, states or inputs (`neurons`, `synapses`).
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .._foreign import of_si
from .._quantity import Quantity
from ..errors import CallError

# words of our language that cannot be names, and functions that are not shadowed
RESERVED = frozenset(
    "neuron synapse param state modulator input threshold rearm reset refractory method step on_pre on_post every graded "
    "receive integrate spike if else and or not true false unless while lost inf pre post t dt "
    "exp log sin cos tan tanh sinh cosh exprel floor ceil abs sqrt sign min max clip pow mod timestep int heaviside rand "
    "randn listed incoming".split()
)

_SAME = {
    "exp",
    "log",
    "sin",
    "cos",
    "tan",
    "tanh",
    "sinh",
    "cosh",
    "exprel",
    "floor",
    "ceil",
    "abs",
    "sqrt",
    "sign",
    "clip",
}
_COMPARE = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
# how tightly a text binds: a conditional, or, and, not, a comparison, a sum, a product, a sign, a power, a name
CHOICE, OR, AND, NOT, COMPARISON, SUM, PRODUCT, SIGN, POWER, ATOM = range(10)


class CannotBe(CallError):
    """Something of Brian2 that has no counterpart, or none that this translation knows."""


@dataclass
class Text:
    """A piece of text of ours."""

    text: str
    binds: int = ATOM
    condition: bool = False
    # a number of SI units with exponents of (m, kg, s, A, mol), where it is known; `unit` if a unit takes part in it
    number: float | None = None
    exponents: tuple[float, ...] = (0.0,) * 5
    unit: bool = False

    def at(self, binds: int) -> str:
        """In brackets where it binds less tightly than is needed."""
        return self.text if self.binds >= binds else f"({self.text})"


@dataclass
class Names:
    """What names of an expression mean: texts of ours by names of Brian2."""

    texts: dict[str, Text] = field(default_factory=dict)
    # called with the arguments, as nodes of Python: functions that are inputs here (TimedArray)
    calls: dict[str, Callable[[ast.Call], Text]] = field(default_factory=dict)
    # what is asked when a name is not in `texts`
    missing: Callable[[str], Text] | None = None

    def text(self, name: str) -> Text:
        """Of one name. **Errors** `CannotBe` where nothing is known of it."""
        if name not in self.texts:
            if self.missing is None:
                raise CannotBe(f"the name `{name}` is not known")
            self.texts[name] = self.missing(name)
        return self.texts[name]


def safe(name: str) -> str:
    """A name of Brian2 as a name of ours: with `_` behind it where our language has the word for itself."""
    return name + "_" if name in RESERVED or name == "xi" or name.startswith("xi_") else name


def number_text(number: float, exponents: tuple[float, ...]) -> Text:
    """A number of SI units: `5 mV`."""
    if not any(exponents):
        text = "inf" if math.isinf(number) else repr(float(number)).removesuffix(".0")
        signed = text.startswith("-")
        return Text(text, SIGN if signed else ATOM, number=number)
    quantity = of_si(number, list(exponents))
    assert isinstance(quantity, Quantity)
    text = str(quantity)
    if " 1/" in text:  # `5 1/ms` is written `5/ms`
        text = text.replace(" 1/", "/")
    # `5 mV` in front of anything that could be read as a part of its unit wants brackets: a product at best
    binds = SIGN if text.startswith("-") else SUM if "/" in text or "*" in text else PRODUCT
    return Text(text, binds, number=number, exponents=exponents, unit=True)


def translate(text: str, names: Names) -> Text:
    """An expression of Brian2. **Errors** `CannotBe` where a part of it has no counterpart."""
    try:
        tree = ast.parse(" ".join(text.split()), mode="eval").body
    except SyntaxError:
        raise CannotBe(f"`{text}` cannot be read as an expression") from None
    try:
        return _node(tree, names)
    except CannotBe as error:
        raise CannotBe(f"in `{' '.join(text.split())}`: {error}") from None


def condition(text: Text) -> str:
    """As a condition."""
    return text.text if text.condition else f"{text.at(SUM)} > 0.5"


def number(text: Text) -> Text:
    """As a number: a condition is 1 or 0."""
    return Text(f"1 if {text.text} else 0", CHOICE) if text.condition else text


def _node(node: ast.expr, names: Names) -> Text:
    if isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            return Text("1 > 0" if node.value else "1 < 0", COMPARISON, condition=True)
        if isinstance(node.value, (int, float)):
            return number_text(float(node.value), (0.0,) * 5)
        raise CannotBe(f"`{node.value!r}` is no number")
    if isinstance(node, ast.Name):
        return names.text(node.id)
    if isinstance(node, ast.UnaryOp):
        return _unary(node, names)
    if isinstance(node, ast.BinOp):
        return _binary(node, names)
    if isinstance(node, ast.Compare):
        return _comparison(node, names)
    if isinstance(node, ast.BoolOp):
        word, binds = ("and", AND) if isinstance(node.op, ast.And) else ("or", OR)
        parts = [_condition_text(_node(v, names)) for v in node.values]
        return Text(f" {word} ".join(p.at(binds + 1) for p in parts), binds, condition=True)
    if isinstance(node, ast.Call):
        return _call(node, names)
    if isinstance(node, ast.IfExp):
        chosen, test, other = (_node(n, names) for n in (node.body, node.test, node.orelse))
        return Text(f"{number(chosen).at(OR)} if {condition(test)} else {number(other).at(OR)}", CHOICE)
    raise CannotBe(f"`{ast.unparse(node)}` has no counterpart")


def _condition_text(text: Text) -> Text:
    return text if text.condition else Text(condition(text), COMPARISON, condition=True)


def _unary(node: ast.UnaryOp, names: Names) -> Text:
    if isinstance(node.op, ast.Not):
        return Text(f"not {_condition_text(_node(node.operand, names)).at(NOT)}", NOT, condition=True)
    operand = number(_node(node.operand, names))
    if isinstance(node.op, ast.UAdd):
        return operand
    if not isinstance(node.op, ast.USub):
        raise CannotBe("`~` has no counterpart")
    if operand.number is not None and (operand.unit or operand.binds == ATOM):
        return number_text(-operand.number, operand.exponents)
    return Text(f"-{operand.at(POWER)}", SIGN)


def _binary(node: ast.BinOp, names: Names) -> Text:
    left, right = number(_node(node.left, names)), number(_node(node.right, names))
    folded = _folded(node.op, left, right)
    if folded is not None:
        return folded
    if isinstance(node.op, ast.Add):
        return Text(f"{left.at(SUM)} + {_behind(right)}", SUM)
    if isinstance(node.op, ast.Sub):
        return Text(f"{left.at(SUM)} - {_behind(right)}", SUM)
    if isinstance(node.op, ast.Mult):
        # `a/b*c` and `a*(b/c)`: a quotient on the right keeps its brackets, so that it is rounded as it was
        return Text(f"{_first(left)}*{f'({right.text})' if right.binds == PRODUCT else _factor(right)}", PRODUCT)
    if isinstance(node.op, ast.Div):
        # a number alone before `/` would take the name of a unit behind it for its unit
        over = right.at(POWER) if left.number is None and not right.unit else f"({right.text})"
        return Text(f"{_first(left)}/{over}", PRODUCT)
    if isinstance(node.op, ast.Pow):
        return Text(f"{left.at(ATOM) if not left.unit else f'({left.text})'}**{right.at(ATOM)}", POWER)
    if isinstance(node.op, ast.Mod):
        return Text(f"mod({left.text}, {right.text})")
    if isinstance(node.op, ast.FloorDiv):
        return Text(f"floor({_factor(left)}/({right.text}))")
    raise CannotBe(f"`{ast.unparse(node)}` has no counterpart")


def _factor(text: Text) -> str:
    return f"({text.text})" if text.unit or text.binds == SIGN else text.at(PRODUCT)


def _first(text: Text) -> str:
    """The first factor of a product."""
    return f"({text.text})" if text.unit else text.at(PRODUCT)


def _behind(text: Text) -> str:
    """Behind the sign of a sum."""
    return f"({text.text})" if text.binds == SIGN else text.at(PRODUCT)


def _folded(op: ast.operator, left: Text, right: Text) -> Text | None:
    """The number that two numbers make, where a unit takes part."""
    if left.number is None or right.number is None or not (left.unit or right.unit):
        return None
    if isinstance(op, ast.Pow):
        if right.unit:
            raise CannotBe("an exponent is a pure number")
        return number_text(left.number**right.number, tuple(e * right.number for e in left.exponents))
    if isinstance(op, (ast.Mult, ast.Div)):
        sign = 1 if isinstance(op, ast.Mult) else -1
        value = left.number * right.number if sign == 1 else left.number / right.number
        return number_text(value, tuple(a + sign * b for a, b in zip(left.exponents, right.exponents)))
    if isinstance(op, (ast.Add, ast.Sub)) and left.exponents == right.exponents:
        return number_text(left.number + right.number * (1 if isinstance(op, ast.Add) else -1), left.exponents)
    return None


def _comparison(node: ast.Compare, names: Names) -> Text:
    sides = [_node(n, names) for n in (node.left, *node.comparators)]
    parts = []
    for op, left, right in zip(node.ops, sides, sides[1:]):
        sign = _COMPARE.get(type(op))
        if sign is None:
            raise CannotBe(f"`{ast.unparse(node)}` has no counterpart")
        parts.append(f"{number(left).at(SUM)} {sign} {number(right).at(SUM)}")
    return Text(" and ".join(parts), COMPARISON if len(parts) == 1 else AND, condition=True)


def _call(node: ast.Call, names: Names) -> Text:
    if not isinstance(node.func, ast.Name) or node.keywords:
        raise CannotBe(f"`{ast.unparse(node)}` has no counterpart")
    name = node.func.id
    if name in names.calls:
        return names.calls[name](node)
    if name in ("rand", "randn"):
        return Text(f"{name}()")
    arguments = [_node(a, names) for a in node.args]
    if name == "int":
        (argument,) = arguments
        return number(argument) if argument.condition else Text(f"int({argument.text})")
    bare = [number(a) for a in arguments]
    if name in _SAME:
        return Text(f"{name}({', '.join(a.text for a in bare)})")
    if name == "log10":
        return Text(f"log({bare[0].text})/{math.log(10)!r}", PRODUCT)
    if name == "expm1":
        return Text(f"{_factor(bare[0])}*exprel({bare[0].text})", PRODUCT)
    if name == "log1p":
        return Text(f"log(1 + {bare[0].at(PRODUCT)})")
    if name == "timestep":
        # whole steps, rounded down, but for a thousandth
        return Text(f"floor({_factor(bare[0])}/dt + 0.001)")
    raise CannotBe(f"the function `{name}` has no counterpart; help: write what it does as an expression")


@dataclass
class Statement:
    """`v = vr`, `w += b`: a name of Brian2, an operator, an expression of Brian2."""

    target: str
    operator: str
    value: str


def statements(code: str) -> list[Statement]:
    """The statements of a reset or of `on_pre`, names that only they know put in where they are used.

    **Errors** `CannotBe` where there is anything but assignments.
    """
    try:
        body = ast.parse("\n".join(line.strip() for line in code.strip().splitlines())).body
    except SyntaxError:
        raise CannotBe(f"`{code.strip()}` cannot be read as statements") from None
    signs = {ast.Add: "+=", ast.Sub: "-=", ast.Mult: "*=", ast.Div: "/="}
    out = []
    for line in body:
        if isinstance(line, ast.Assign) and len(line.targets) == 1 and isinstance(line.targets[0], ast.Name):
            out.append(Statement(line.targets[0].id, "=", ast.unparse(line.value)))
        elif isinstance(line, ast.AugAssign) and isinstance(line.target, ast.Name) and type(line.op) in signs:
            out.append(Statement(line.target.id, signs[type(line.op)], ast.unparse(line.value)))
        elif isinstance(line, ast.AugAssign) and isinstance(line.target, ast.Name) and isinstance(line.op, ast.Pow):
            out.append(Statement(line.target.id, "=", f"{line.target.id}**({ast.unparse(line.value)})"))
        else:
            raise CannotBe(f"`{ast.unparse(line)}` is no assignment to a variable")
    return out


def inlined(found: list[Statement], known: Callable[[str], bool]) -> list[Statement]:
    """Without assignments to names that are not `known`, which are put in where they are read.

    **Errors** `CannotBe` where that would draw a random number twice, or read what has changed since.
    """
    local: dict[str, ast.expr] = {}
    out: list[Statement] = []
    changed: dict[str, set[str]] = {}
    for statement in found:
        tree = ast.parse(statement.value, mode="eval").body
        read = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
        for name in read & set(local):
            if changed.get(name):
                raise CannotBe(
                    f"`{name}` reads {', '.join(sorted(changed[name]))}, which changes before `{name}` is used"
                )
        tree = _Replace(local).visit(tree)
        if known(statement.target):
            for name, value in local.items():
                if any(isinstance(n, ast.Name) and n.id == statement.target for n in ast.walk(value)):
                    changed.setdefault(name, set()).add(statement.target)
            out.append(Statement(statement.target, statement.operator, ast.unparse(tree)))
        else:
            if statement.operator != "=":
                raise CannotBe(f"`{statement.target}` is changed before it is set")
            if any(isinstance(n, ast.Call) and getattr(n.func, "id", "") in ("rand", "randn") for n in ast.walk(tree)):
                raise CannotBe(f"`{statement.target}` keeps a random number; help: make it a variable of the group")
            local[statement.target] = tree
            changed.pop(statement.target, None)
    return out


class _Replace(ast.NodeTransformer):
    def __init__(self, values: dict[str, ast.expr]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> Any:  # noqa: N802 (the name that ast asks for)
        return self.values.get(node.id, node)
