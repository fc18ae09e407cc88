"""Who is joined to whom: the rules of a projection's `connector`.

Each function gives what a network file has in its place, a dict such as `{"rule": "fixed_probability", "p": 0.1}`. `autapses=False`: no
neuron meets itself. `multapses=False`: a pair is joined once at most. `mutual=False`: no pair is joined both ways. Rules of space take
lengths such as `"200 um"` and need populations with positions.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import numpy.typing as npt

from ._keys import given

__all__ = [
    "all_to_all", "all_to_others", "clone_of", "difference_of_gaussians", "disc", "drawn_indegree", "drawn_outdegree", "exponential",
    "file", "fixed_indegree", "fixed_outdegree", "fixed_probability", "fixed_total", "gaussian", "list", "mask", "matrix", "neighbours",
    "one_to_one", "pattern", "probability", "scale_free", "small_world",
]  # fmt: skip

Connector = dict[str, Any]


def all_to_all() -> Connector:
    """Every source to every target."""
    return {"rule": "all_to_all"}


def all_to_others() -> Connector:
    """Every source to every target, but no neuron to itself."""
    return {"rule": "all_to_others"}


def one_to_one() -> Connector:
    """Source k to target k."""
    return {"rule": "one_to_one"}


def clone_of(projection: str) -> Connector:
    """The same pairs as another projection."""
    return {"rule": "clone_of", "projection": projection}


def fixed_probability(p: float, *, autapses: bool | None = None) -> Connector:
    """Each pair with probability `p`, independently."""
    return given(rule="fixed_probability", p=p, autapses=autapses)


def fixed_indegree(n: int, *, autapses: bool | None = None, multapses: bool | None = None) -> Connector:
    """Each target has `n` sources."""
    return given(rule="fixed_indegree", n=n, autapses=autapses, multapses=multapses)


def fixed_outdegree(n: int, *, autapses: bool | None = None, multapses: bool | None = None) -> Connector:
    """Each source has `n` targets."""
    return given(rule="fixed_outdegree", n=n, autapses=autapses, multapses=multapses)


def drawn_indegree(n: Any, *, autapses: bool | None = None, multapses: bool | None = None) -> Connector:
    """Each target has as many sources as are drawn from the law `n`."""
    return given(rule="drawn_indegree", n=n, autapses=autapses, multapses=multapses)


def drawn_outdegree(n: Any, *, autapses: bool | None = None, multapses: bool | None = None) -> Connector:
    """Each source has as many targets as are drawn from the law `n`."""
    return given(rule="drawn_outdegree", n=n, autapses=autapses, multapses=multapses)


def fixed_total(n: int, *, autapses: bool | None = None, multapses: bool | None = None) -> Connector:
    """`n` synapses in all."""
    return given(rule="fixed_total", n=n, autapses=autapses, multapses=multapses)


def probability(
    p: Any, *, cutoff: Any = None, autapses: bool | None = None, mutual: bool | None = None
) -> Connector:
    """Each pair with the probability `p`: an expression of distance and of both ends, such as `"exp(-d/(200 um))"`."""
    return given(rule="probability", p=p, cutoff=cutoff, autapses=autapses, mutual=mutual)


def gaussian(
    sigma: Any, *, p: Any = None, cutoff: Any = None, autapses: bool | None = None, mutual: bool | None = None
) -> Connector:
    """Each pair with probability `p*exp(-d²/(2 sigma²))`."""
    return given(rule="gaussian", sigma=sigma, p=p, cutoff=cutoff, autapses=autapses, mutual=mutual)


def exponential(
    length: Any, *, p: Any = None, cutoff: Any = None, autapses: bool | None = None, mutual: bool | None = None
) -> Connector:
    """Each pair with probability `p*exp(-d/length)`."""
    return given(rule="exponential", length=length, p=p, cutoff=cutoff, autapses=autapses, mutual=mutual)


def difference_of_gaussians(
    sigma: Any,
    sigma_minus: Any,
    *,
    p: Any = None,
    p_minus: Any = None,
    cutoff: Any = None,
    autapses: bool | None = None,
    mutual: bool | None = None,
) -> Connector:
    """Each pair with a probability that is one Gaussian of the distance less another."""
    keys = given(sigma=sigma, sigma_minus=sigma_minus, p=p, p_minus=p_minus, cutoff=cutoff, autapses=autapses, mutual=mutual)
    return {"rule": "difference_of_gaussians", **keys}


def disc(radius: Any, *, p: Any = None, autapses: bool | None = None, mutual: bool | None = None) -> Connector:
    """Each pair that is not further apart than `radius`, with probability `p` (1 if not given)."""
    return given(rule="disc", radius=radius, p=p, autapses=autapses, mutual=mutual)


def list(source: npt.ArrayLike, target: npt.ArrayLike) -> Connector:  # noqa: A001 (the rule's name)
    """Synapse k joins `source[k]` to `target[k]`: two arrays of whole numbers of one length."""
    ends = {}
    for name, end in (("source", source), ("target", target)):
        array = np.ascontiguousarray(end)
        if array.size == 0:
            array = array.astype(np.int64)
        if array.ndim != 1 or array.dtype.kind not in "iu":
            raise TypeError(f"{name}: expected whole numbers along one axis, found {array.dtype} of shape {array.shape}")
        ends[name] = array
    return {"rule": "list", **ends}


def file(
    path: str | os.PathLike[str], *, source_column: str | None = None, target_column: str | None = None
) -> Connector:
    """A table with a line for each synapse: CSV with a header (gzipped or not), npy or npz, below the network's folder."""
    return given(rule="file", path=os.fspath(path), source_column=source_column, target_column=target_column)


def mask(rows: npt.ArrayLike, *, by: str | None = None) -> Connector:
    """A synapse where an array of booleans is true: `rows[source, target]`, or with `by="target"` `rows[target, source]`."""
    array = np.asarray(rows)
    if array.ndim != 2:
        raise ValueError(f"mask: expected an array of two axes, found {array.ndim}")
    return given(rule="mask", rows=[[bool(x) for x in row] for row in array], by=by)


def matrix(rows: npt.ArrayLike, *, by: str | None = None, unit: str | None = None) -> Connector:
    """A synapse where the matrix is not 0; its value is the weight in `unit`: `rows[source, target]`, or with `by="target"` the other way."""
    array = np.asarray(rows, dtype=np.float64)
    if array.ndim != 2:
        raise ValueError(f"matrix: expected an array of two axes, found {array.ndim}")
    return {"rule": "matrix", "rows": array, **given(by=by, unit=unit)}


def pattern(
    kernel: npt.ArrayLike, *, edges: str | None = None, anchor: tuple[int, int] | None = None, unit: str | None = None
) -> Connector:
    """A kernel laid over every target; `edges`: what lies beyond the sheet, `drop`, `wrap`, `replicate` or `reflect`."""
    try:
        array = np.atleast_2d(np.asarray(kernel, dtype=np.float64))
    except ValueError:
        raise ValueError("kernel: expected rows of one length, all of numbers") from None
    return {"rule": "pattern", "kernel": array, **given(edges=edges, anchor=anchor, unit=unit)}


def neighbours(
    reach: int | None = None, *, corners: bool | None = None, itself: bool | None = None, periodic: bool | None = None
) -> Connector:
    """Neurons of one shape that are at most `reach` rows and columns apart."""
    return given(rule="neighbours", reach=reach, corners=corners, itself=itself, periodic=periodic)


def small_world(degree: int, rewiring: float, *, directed: bool | None = None) -> Connector:
    """A ring whose links lead elsewhere with probability `rewiring` (Watts and Strogatz)."""
    return given(rule="small_world", degree=degree, rewiring=rewiring, directed=directed)


def scale_free(m: int, *, directed: bool | None = None) -> Connector:
    """Neurons that come one by one, each linked with `m` of those before it (Barabási and Albert)."""
    return given(rule="scale_free", m=m, directed=directed)
