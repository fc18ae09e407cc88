"""Runs the cells of a notebook without Jupyter, and looks at what each shows as a notebook would."""

from __future__ import annotations

import ast
import json
import pathlib
from typing import Any


def cells(path: pathlib.Path) -> list[str]:
    """The texts of the code cells."""
    return ["".join(c["source"]) for c in json.loads(path.read_text())["cells"] if c["cell_type"] == "code"]


def run(texts: list[str], name: str) -> list[Any]:
    """Runs them one after the other in one namespace; gives what the last expression of each is."""
    space: dict[str, Any] = {"__name__": "__main__"}
    shown = []
    for k, text in enumerate(texts):
        tree = ast.parse(text, f"{name}[{k}]")
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, f"{name}[{k}]", "exec"), space)
        value = eval(compile(ast.Expression(last.value), f"{name}[{k}]", "eval"), space) if last else None
        for form in ("_repr_html_", "_repr_svg_", "__repr__"):
            if value is not None and hasattr(value, form):
                assert getattr(value, form)()
        shown.append(value)
    return shown
