"""Numbers of all neurons in the toolbox's order, read from and written to where they live."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .circuit import Floats


class Column(np.lib.mixins.NDArrayOperatorsMixin):
    """One number per neuron (of an ensemble: rows are its networks). Reads as an array does, in the unit of the
    toolbox.

    An assignment reaches the network: ``model.V[3] = -60``, ``model.i_b[:] = 2``. What is read is a copy of that
    moment.
    """

    def __init__(self, name: str, unit: str, read: Callable[[], Floats], write: Callable[[Floats], None]) -> None:
        self._name, self._unit, self._read, self._write = name, unit, read, write

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        found = self._read()
        return found if dtype is None else found.astype(dtype)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **keys: Any) -> Any:
        plain = [np.asarray(x) if isinstance(x, Column) else x for x in inputs]
        result = getattr(ufunc, method)(*plain, **keys)
        if out is None:
            return result
        for target in out:
            target[...] = result
        return out[0]

    @property
    def shape(self) -> tuple[int, ...]:
        """(neurons,), or (networks, neurons)."""
        return self._read().shape

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, at: Any) -> Any:
        return self._read()[at]

    def __setitem__(self, at: Any, value: Any) -> None:
        changed = self._read()
        changed[at] = value.detach().cpu().numpy() if hasattr(value, "detach") else value
        self._write(changed)

    def __repr__(self) -> str:
        unit = f" {self._unit}" if self._unit else ""
        return f"{self._name}: {self._read()!r}{unit}"
