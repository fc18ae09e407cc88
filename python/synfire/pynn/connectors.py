"""PyNN's connectors, their synapses handed over all at once.

In: what a connector of PyNN draws, a target at a time. Out: arrays of the ends and of what differs from synapse to
synapse. What is drawn, and in which order, is PyNN's, so the lists are the same as those of PyNN's own classes,
which work here too; only what PyNN does once more for each target (evaluating numbers that all synapses share,
checking them) is done once."""

# mypy: disable-error-code="import-untyped", disallow-subclassing-any=False, disallow-untyped-calls=False

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any

import numpy as np
from pyNN import connectors, errors
from pyNN.random import NumpyRNG

Array = np.ndarray[Any, Any]
#: Random numbers drawn at once.
DRAWS = 1 << 20


class AtOnce:
    """Takes the place of the loop over targets in PyNN's connectors that go by a map."""

    location_selector: Any
    safe: bool
    callback: Any
    _parameters_from_synapse_type: Callable[..., Any]

    def _standard_connect(
        self, projection: Any, connection_map_generator: Callable[..., Iterable[Any]], distance_map: Any = None
    ) -> None:
        if self.location_selector is not None:
            raise NotImplementedError("synfire's neurons are points: location_selector has nothing to select")
        safe_drawn = projection.synapse_type.native_parameters.parallel_safe
        drawn = safe_drawn or (hasattr(self, "rng") and self.rng.parallel_safe)
        columns = connection_map_generator() if drawn else connection_map_generator(projection.post._mask_local)
        space = self._parameters_from_synapse_type(projection, distance_map)
        shared = {name: values.evaluate(simplify=True) for name, values in space.items() if values.is_homogeneous}
        own = {name: values for name, values in space.items() if not values.is_homogeneous}
        everyone = np.arange(projection.pre.size)
        sources: list[Array] = []
        targets: list[int] = []
        parts: dict[str, list[Array]] = {name: [] for name in own}
        for target, column in enumerate(columns):
            chosen = everyone if column is True else np.atleast_1d(np.asarray(column))
            if chosen.dtype == bool:
                chosen = np.flatnonzero(np.broadcast_to(chosen, everyone.shape))
            if chosen.size:
                sources.append(chosen)
                targets.append(target)
                for name, values in own.items():
                    parts[name].append(np.broadcast_to(values[chosen, target], chosen.shape))
            if self.callback:
                self.callback(target / projection.post.local_size)
        if sources:
            whole = shared | {name: np.concatenate(values) for name, values in parts.items()}
            if self.safe:
                self._check(projection, whole, parts)
            ends = np.repeat(np.array(targets), [part.size for part in sources])
            projection.take(np.concatenate(sources), ends, whole)

    @staticmethod
    def _check(projection: Any, whole: dict[str, Any], parts: dict[str, list[Array]]) -> None:
        """PyNN's checks, of all synapses; where signs are mixed those of each target by itself, as PyNN has it."""
        for name, check in getattr(projection.synapse_type, "parameter_checks", {}).items():
            if name not in whole:
                continue
            try:
                check(whole[name], projection)
            except errors.ConnectionError:
                for part in parts.get(name, [whole[name]]):
                    check(part, projection)


class AllToAllConnector(AtOnce, connectors.AllToAllConnector):
    __doc__ = connectors.AllToAllConnector.__doc__


class ArrayConnector(AtOnce, connectors.ArrayConnector):
    __doc__ = connectors.ArrayConnector.__doc__


class CloneConnector(AtOnce, connectors.CloneConnector):
    __doc__ = connectors.CloneConnector.__doc__


class DisplacementDependentProbabilityConnector(AtOnce, connectors.DisplacementDependentProbabilityConnector):
    __doc__ = connectors.DisplacementDependentProbabilityConnector.__doc__


class DistanceDependentProbabilityConnector(AtOnce, connectors.DistanceDependentProbabilityConnector):
    __doc__ = connectors.DistanceDependentProbabilityConnector.__doc__


class FixedNumberPostConnector(AtOnce, connectors.FixedNumberPostConnector):
    __doc__ = connectors.FixedNumberPostConnector.__doc__


class FixedNumberPreConnector(AtOnce, connectors.FixedNumberPreConnector):
    __doc__ = connectors.FixedNumberPreConnector.__doc__


class FixedProbabilityConnector(AtOnce, connectors.FixedProbabilityConnector):
    __doc__ = connectors.FixedProbabilityConnector.__doc__

    def connect(self, projection: Any) -> None:
        """Draws for many targets at once where nothing else draws in between: the same numbers in the same order."""
        space = self._parameters_from_synapse_type(projection)
        plain = type(self.rng) is NumpyRNG and self.allow_self_connections != "NoMutual"
        if not plain or self.callback or self.location_selector is not None or not space.is_homogeneous:
            super().connect(projection)
            return
        size, count = projection.pre.size, projection.post.size
        # PyNN compares a copy of its random numbers with the probability, and leaves the generator where it is
        rng = deepcopy(self.rng)
        block = max(1, DRAWS // size)
        sources, targets = [np.empty(0, dtype=int)], [np.empty(0, dtype=int)]
        for first in range(0, count, block):
            rows = min(block, count - first)
            drawn = rng.next(rows * size, "uniform", {"low": 0, "high": 1}).reshape(rows, size)
            there, chosen = np.nonzero(drawn < self.p_connect)
            sources.append(chosen)
            targets.append(there + first)
        pre, post = np.concatenate(sources), np.concatenate(targets)
        if not self.allow_self_connections:
            ids = (np.asarray(cells.all_cells, dtype=np.int64) for cells in (projection.pre, projection.post))
            others = next(ids)[pre] != next(ids)[post]
            pre, post = pre[others], post[others]
        if pre.size:
            shared = {name: values.evaluate(simplify=True) for name, values in space.items()}
            if self.safe:
                self._check(projection, shared, {})
            projection.take(pre, post, shared)


class FixedTotalNumberConnector(AtOnce, connectors.FixedTotalNumberConnector):
    __doc__ = connectors.FixedTotalNumberConnector.__doc__


class IndexBasedProbabilityConnector(AtOnce, connectors.IndexBasedProbabilityConnector):
    __doc__ = connectors.IndexBasedProbabilityConnector.__doc__


class OneToOneConnector(AtOnce, connectors.OneToOneConnector):
    __doc__ = connectors.OneToOneConnector.__doc__


# these hand their lists over as they are
CSAConnector = connectors.CSAConnector
FromFileConnector = connectors.FromFileConnector
FromListConnector = connectors.FromListConnector
SmallWorldConnector = connectors.SmallWorldConnector
