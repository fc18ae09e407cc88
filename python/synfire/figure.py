"""Pictures: SVG made by synfire, shown in notebooks, saved as SVG or PNG."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

from . import _core
from ._given import flag, ms, path as path_of, text, told, whole

__all__ = ["Figure", "curves"]


_CELL = 800
"""Pixels of a notebook's cell."""


class Figure:
    """A picture: `svg` is its text; a notebook shows it."""

    def __init__(self, svg: str) -> None:
        self.svg = svg

    def png(self, scale: float = 2.0) -> bytes:
        """The picture in pixels, `scale` times the size of the SVG."""
        if isinstance(scale, (str, bool)) or not hasattr(scale, "__float__"):
            raise TypeError(f"scale: expected a number, found {told(scale)}")
        return _core.png(self.svg, float(scale))

    def save(self, path: str | os.PathLike[str], scale: float = 2.0) -> None:
        """Writes a `.svg` or `.png` file."""
        path = path_of(path, "path")
        ending = os.path.splitext(path)[1].lower()
        if ending not in (".svg", ".png"):
            raise ValueError(f"a picture is saved as `.svg` or `.png`, found `{path}`")
        _core.write(path, self.svg.encode() if ending == ".svg" else self.png(scale))

    def _repr_svg_(self) -> str:
        # no wider than a cell of a notebook shows it, whole
        size = re.match(r'<svg ([^>]*?)width="(\d+)" height="(\d+)"', self.svg)
        if size is None or int(size[2]) <= _CELL:
            return self.svg
        height = round(int(size[3]) * _CELL / int(size[2]))
        return f'<svg {size[1]}width="{_CELL}" height="{height}"' + self.svg[size.end() :]

    def _repr_png_(self) -> bytes:
        return self.png()

    def __repr__(self) -> str:
        return f"<synfire.Figure, {len(self.svg)} bytes of SVG>"


def curves(
    named: Mapping[str, Sequence[tuple[float, float]]],
    x: str = "",
    y: str = "",
    *,
    title: str | None = None,
    points: bool = False,
    width: int = 900,
) -> Figure:
    """Lines (or with `points` marks) of (x, y) by name, over axes with these names."""
    all: list[Any] = [(name, [(float(a), float(b)) for a, b in pairs], points) for name, pairs in named.items()]
    return Figure(_core.curves(all, x, y, title, width))


def drawn(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options of a picture, looked at.

    **Errors** `TypeError`, `ValueError` that name the option; the core knows which there are.
    """
    from ._keys import rows

    out: dict[str, Any] = {}
    for key, value in options.items():
        if value is None:
            continue
        if key in ("width", "height"):
            out[key] = whole(value, key, 1, 2**31)
        elif key in ("max_rows", "max_traces", "max_marks"):
            out[key] = whole(value, key)
        elif key in ("raster", "rates", "traces", "apart"):
            out[key] = flag(value, key)
        elif key in ("from_ms", "to_ms", "rate_bin_ms"):
            out[key] = ms(value, key)
        elif key == "title":
            out[key] = text(value, key)
        elif key == "rows":
            made = rows(value)
            first_last = made.get("range")
            out[key] = list(range(*first_last)) if first_last else [int(row) for row in made["list"]]
        else:
            out[key] = value
    return out
