"""The Python in pages: blocks that begin with three backticks and `python`."""

from __future__ import annotations

import pathlib
import re
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(path: pathlib.Path) -> list[tuple[int, str]]:
    """Line and text of every block."""
    text = path.read_text()
    return [(text.count("\n", 0, m.start()) + 2, m.group(1)) for m in _BLOCK.finditer(text)]


def run(path: pathlib.Path) -> None:
    """Runs all blocks of a page in one namespace, so that a later one may use what an earlier one made."""
    space: dict[str, Any] = {"__name__": "__main__"}
    for line, text in blocks(path):
        # the line numbers of an error are those of the page
        exec(compile("\n" * (line - 1) + text, str(path), "exec"), space)
