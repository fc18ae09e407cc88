"""The page for those who come from SNS-Toolbox, and the example: their code runs, with the toolbox or with stand-ins
for it."""

from __future__ import annotations

import importlib.util
import runpy
import sys
from pathlib import Path

import pages
import pytest
import sns_stand_in

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "src" / "guide" / "coming_from_sns_toolbox.md"
EXAMPLE = ROOT / "python" / "examples" / "sns_half_centre.py"


@pytest.fixture(autouse=True)
def toolbox(monkeypatch: pytest.MonkeyPatch) -> None:
    if importlib.util.find_spec("sns_toolbox") is None:
        for name, module in sns_stand_in.toolbox().items():
            monkeypatch.setitem(sys.modules, name, module)


def test_the_code_of_the_page_runs() -> None:
    assert len(pages.blocks(PAGE)) == 3
    pages.run(PAGE)


def test_the_example_swings(capsys: pytest.CaptureFixture[str]) -> None:
    example = runpy.run_path(str(EXAMPLE))
    angles = example["one_leg"](example["half_centre"]())
    rate = example["swings"](angles)[0]
    assert 1.0 < rate < 1.6 and abs(angles[len(angles) // 2 :]).max() > 0.2
    slow, quick = example["swings"](example["many_legs"](example["half_centre"](), example["np"].array([500.0, 150.0])))
    # a slower gate makes a slower rhythm
    assert slow < rate < quick
    assert "times real time" in capsys.readouterr().out
