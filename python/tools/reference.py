"""Writes `python/docs/api.md`: every public class and function of the package, from its sources and their docstrings.

`python python/tools/reference.py` writes it, `--check` says whether it is current. Nothing is imported.
"""

from __future__ import annotations

import ast
import pathlib
import sys
import textwrap
from collections.abc import Iterator

PACKAGE = pathlib.Path(__file__).resolve().parent.parent / "synfire"
PAGE = PACKAGE.parent / "docs" / "api.md"
# in the order of reading: what it is called, the files that it is made of
MODULES = [
    ("synfire", ["network", "simulation", "recording", "figure", "explore", "errors", "__init__", "_core.pyi"]),
    ("synfire.units", ["_quantity", "units"]),
    ("synfire.values", ["values"]),
    ("synfire.connectors", ["connectors"]),
    ("synfire.waveforms", ["waveforms"]),
    ("synfire.brian2", ["brian2/__init__", "brian2/model", "brian2/expressions"]),
    ("synfire.sns", ["sns/__init__", "sns/model"]),
]
# of files that are not a module of their own in the page: what is public of them
CHOSEN = {
    "_core.pyi": {"model_text", "Snapshot"},
    "_quantity": {"Quantity", "as_quantity", "magnitude", "unit"},
    "units": {"plain"},
    "brian2/model": {"Part"},
    "brian2/expressions": {"CannotBe"},
}


def page() -> str:
    """The whole text."""
    out = [
        "# Classes and functions",
        "",
        "<!-- written by python/tools/reference.py from the sources; do not edit -->",
        "",
        '`import synfire as sf`. Where a type says `Value` or `Any` for a value, there may stand a text such as `"5 mV"`, a number, a',
        "quantity of any package, a law of `sf.values`, a list or an array of these. `synfire.pynn` has the interface of PyNN, told in",
        "[its page](pynn.md).",
    ]
    for name, files in MODULES:
        out += ["", f"## `{name}`"]
        for k, file in enumerate(files):
            path = PACKAGE / (file if file.endswith(".pyi") else f"{file}.py")
            if not path.exists():
                raise SystemExit(f"{path} is not there: MODULES in {__file__} is not current")
            tree = ast.parse(path.read_text(encoding="utf-8"))
            if k == 0 or file == "units" or name == "synfire" and file not in ("__init__", "_core.pyi"):
                out += _doc(tree)
            out += _members(tree, CHOSEN.get(file))
    out += _units()
    return "\n".join(out) + "\n"


def _members(tree: ast.Module, chosen: set[str] | None) -> list[str]:
    public = _all(tree)
    out: list[str] = []
    for node in tree.body:
        if not isinstance(node, (ast.ClassDef, ast.FunctionDef)) or node.name.startswith("_"):
            continue
        if chosen is not None and node.name not in chosen or chosen is None and public and node.name not in public:
            continue
        out += _class(node) if isinstance(node, ast.ClassDef) else _function(node)
    return out


def _all(tree: ast.Module) -> set[str]:
    """The names in `__all__`, where it is a list of texts."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets):
            if isinstance(node.value, (ast.List, ast.Tuple)):
                return {e.value for e in node.value.elts if isinstance(e, ast.Constant) and isinstance(e.value, str)}
    return set()


def _doc(node: ast.Module | ast.ClassDef | ast.FunctionDef) -> list[str]:
    text = ast.get_docstring(node)
    return ["", text] if text else []


def _signature(node: ast.FunctionDef, *, method: bool) -> str:
    arguments = node.args
    if method:
        arguments = ast.arguments(**{f: getattr(arguments, f) for f in arguments._fields})
        arguments.args = arguments.args[1:] if not _decorated(node, "staticmethod") else arguments.args
    back = f" -> {ast.unparse(node.returns)}" if node.returns is not None else ""
    return f"{node.name}({ast.unparse(arguments)}){back}"


def _decorated(node: ast.FunctionDef, name: str) -> bool:
    return any(isinstance(d, ast.Name) and d.id == name for d in node.decorator_list)


def _function(node: ast.FunctionDef) -> list[str]:
    return ["", f"### `{_signature(node, method=False)}`", *_doc(node)]


def _class(node: ast.ClassDef) -> list[str]:
    bases = ", ".join(b for b in map(ast.unparse, node.bases) if not b.startswith("_"))
    out = ["", f"### `class {node.name}({bases})`" if bases else f"### `class {node.name}`", *_doc(node)]
    members = [line for line in _class_members(node)]
    return out + ([""] + members if members else [])


def _class_members(node: ast.ClassDef) -> Iterator[str]:
    for made in node.body:
        if isinstance(made, ast.FunctionDef) and made.name in ("__init__", "__new__"):
            yield from _told_attributes(made)
    yield from _told_attributes(node)
    for made in node.body:
        if not isinstance(made, ast.FunctionDef) or made.name.startswith("_"):
            continue
        if any(isinstance(d, ast.Attribute) for d in made.decorator_list):
            continue  # a setter: the property says it
        if _decorated(made, "property"):
            yield _item(f"{made.name}: {ast.unparse(made.returns) if made.returns else 'Any'}", ast.get_docstring(made))
        else:
            yield _item(_signature(made, method=True), ast.get_docstring(made))


def _told_attributes(node: ast.ClassDef | ast.FunctionDef) -> Iterator[str]:
    """Attributes with a text behind them."""
    for made, told in zip(node.body, node.body[1:]):
        if not (
            isinstance(told, ast.Expr) and isinstance(told.value, ast.Constant) and isinstance(told.value.value, str)
        ):
            continue
        targets = (
            [made.target] if isinstance(made, ast.AnnAssign) else made.targets if isinstance(made, ast.Assign) else []
        )
        names = [n for t in targets for n in (t.elts if isinstance(t, ast.Tuple) else [t])]
        words = [
            n.attr if isinstance(n, ast.Attribute) else n.id for n in names if isinstance(n, (ast.Attribute, ast.Name))
        ]
        kind = f": {ast.unparse(made.annotation)}" if isinstance(made, ast.AnnAssign) else ""
        if words and not words[0].startswith("_"):
            yield _item(", ".join(words) + kind, told.value.value)


def _item(head: str, text: str | None) -> str:
    return f"- `{head}`" + (f"\n\n{textwrap.indent(textwrap.dedent(text).strip(), '  ')}\n" if text else "")


def _units() -> list[str]:
    tree = ast.parse((PACKAGE / "units.py").read_text(encoding="utf-8"))
    made = [n.target.id for n in tree.body if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)]
    names = ", ".join(f"`{name}`" for name in made if name != "NAMES")
    return ["", "## Units by name", "", textwrap.fill(names + ": `5 * sf.mV`.", 120)]


def main() -> int:
    """Writes or checks the page."""
    text = page()
    if "--check" in sys.argv:
        current = PAGE.exists() and PAGE.read_text(encoding="utf-8") == text
        if not current:
            print(f"{PAGE} is not current: python {pathlib.Path(__file__).name} writes it", file=sys.stderr)
        return 0 if current else 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
