"""The package and its examples pass a strict type checker, and the stub of the core says what the core has."""

from __future__ import annotations

import importlib.util
import inspect
import pathlib
import subprocess
import sys

import pytest

from synfire import _core

HERE = pathlib.Path(__file__).resolve().parent.parent
SOURCE = HERE / "synfire"

needs_mypy = pytest.mark.skipif(importlib.util.find_spec("mypy") is None, reason="mypy is not installed")


@needs_mypy
@pytest.mark.skipif(not (SOURCE / "__init__.py").exists(), reason="the sources are not beside the tests")
def test_the_package_is_typed(tmp_path):
    examples = sorted(str(p) for p in (HERE / "examples").glob("*.py"))
    for what in (["-p", "synfire"], examples):
        if not what:
            continue
        call = [
            sys.executable,
            "-m",
            "mypy",
            "--config-file",
            str(HERE / "mypy.ini"),
            "--cache-dir",
            str(tmp_path),
            *what,
        ]
        told = subprocess.run(call, cwd=HERE, capture_output=True, text=True)
        assert told.returncode == 0, told.stdout + told.stderr


def test_the_stub_names_what_the_core_has():
    stub = (SOURCE / "_core.pyi").read_text()
    for name, thing in vars(_core).items():
        if name.startswith("__") and name != "__version__":
            continue
        assert f"class {name}" in stub or f"def {name}(" in stub or f"{name}:" in stub, name
        if inspect.isclass(thing):
            for member in vars(thing):
                assert member.startswith("__") or f"def {member}(" in stub, f"{name}.{member}"
    for line in stub.splitlines():
        if line.startswith("def "):
            assert hasattr(_core, line[4:].split("(")[0]), line
