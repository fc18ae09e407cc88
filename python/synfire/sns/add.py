"""Connections that the toolbox's own ``add_connection`` refuses."""

from __future__ import annotations

import copy
from typing import Any

from .. import CallError


def add_connection(
    network: Any, connection: Any, source: int | str, destination: int | str, name: str | None = None
) -> None:
    """Adds a connection to a network of SNS-Toolbox, patterns of every kind too, for `compile` of this module.

    SNS-Toolbox 1.5 raises for spiking patterns, patterns over one-dimensional populations and kernels of even size.
    All other connections go through ``network.add_connection``. A network with a pattern that was added here compiles
    here, not with the toolbox.

    **Errors** `CallError` where a population is not there; what the toolbox raises.
    """
    if not connection.params["pattern"]:
        network.add_connection(connection, source, destination, name=name)
        return
    ends = [_population(network, end) for end in (source, destination)]
    own = copy.deepcopy(connection)
    network.connections.append(
        {
            "name": name if name is not None else connection.params["name"],
            "source": ends[0],
            "destination": ends[1],
            "params": copy.deepcopy(connection.params),
            "type": own,
            "view": False,
        }
    )
    if connection.params["spiking"]:
        network.params["spiking"] = True


def _population(network: Any, end: int | str) -> int:
    names = [population["name"] for population in network.populations]
    if isinstance(end, str) and end in names:
        return names.index(end)
    if isinstance(end, int) and not isinstance(end, bool) and 0 <= end < len(names):
        return end
    raise CallError(f"no population {end!r} in the network\n  help: populations are {', '.join(map(str, names[:20]))}")
