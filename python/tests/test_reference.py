"""The page of classes and functions is that of the sources, and everything public says what it is."""

from __future__ import annotations

import ast
import importlib.util
import pathlib
import re

import pytest

HERE = pathlib.Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def reference():
    path = HERE / "tools" / "reference.py"
    if not path.exists():
        pytest.skip("the tools are not beside the tests")
    spec = importlib.util.spec_from_file_location("reference", path)
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_the_page_is_current(reference):
    assert reference.PAGE.read_text() == reference.page(), "python python/tools/reference.py writes it"


def test_the_page_has_what_users_call(reference):
    import synfire

    text = reference.page()
    for name in synfire.__all__:
        thing = getattr(synfire, name)
        if (
            name in (*synfire.units.NAMES, "Array", "Magnitude")
            or name.startswith("__")
            or type(thing).__name__ == "module"
        ):
            continue
        assert re.search(rf"### `(class )?{name}\b", text), name
    for name in ("population", "project", "run", "step", "measures", "trains", "from_network", "uniform", "in_unit"):
        assert f"`{name}(" in text, name


def test_everything_public_has_a_docstring(reference):
    for _, files in reference.MODULES:
        for file in files:
            if file.endswith(".pyi"):
                continue
            tree = ast.parse((reference.PACKAGE / f"{file}.py").read_text())
            for name, node in _public(tree, ""):
                assert ast.get_docstring(node), f"{file}: {name}"


def _public(node, within):
    for made in getattr(node, "body", []):
        setter = any(isinstance(d, ast.Attribute) for d in getattr(made, "decorator_list", []))
        if isinstance(made, (ast.ClassDef, ast.FunctionDef)) and not made.name.startswith("_") and not setter:
            yield within + made.name, made
            if isinstance(made, ast.ClassDef):
                yield from _public(made, f"{within}{made.name}.")
