"""The notebooks run from top to bottom."""

from __future__ import annotations

import pathlib

import notebooks
import pytest

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "notebooks"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ipynb")), ids=lambda p: p.stem)
def test_a_notebook_runs(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown = notebooks.run(notebooks.cells(path), path.stem)
    assert sum(type(s).__name__ == "Figure" for s in shown) >= 1


def test_there_are_three_without_output():
    found = sorted(FOLDER.glob("*.ipynb"))
    assert len(found) == 3
    for path in found:
        assert '"output_type"' not in path.read_text()
