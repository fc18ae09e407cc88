"""Pictures: SVG made by synfire, shown in notebooks, saved as SVG or PNG."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from . import _core

__all__ = ["Figure", "curves"]


class Figure:
    """A picture: `svg` is its text; a notebook shows it."""

    def __init__(self, svg: str) -> None:
        self.svg = svg

    def png(self, scale: float = 2.0) -> bytes:
        """The picture in pixels, `scale` times the size of the SVG."""
        return _core.png(self.svg, scale)

    def save(self, path: str | os.PathLike[str], scale: float = 2.0) -> None:
        """Writes a `.svg` or `.png` file."""
        path = os.fspath(path)
        ending = os.path.splitext(path)[1].lower()
        if ending not in (".svg", ".png"):
            raise ValueError(f"a picture is saved as `.svg` or `.png`, found `{path}`")
        data = self.svg.encode() if ending == ".svg" else self.png(scale)
        beside = f"{path}.part"
        with open(beside, "wb") as file:
            file.write(data)
        os.replace(beside, path)

    def _repr_svg_(self) -> str:
        return self.svg

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
