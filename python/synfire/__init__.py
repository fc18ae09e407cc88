"""synfire: describe a network of neurons, spiking or not, and run it on any GPU or on the processor.

```python
import synfire as sf

net = sf.Network("first", dt="0.1 ms", seed=1)
net.population("cell", "lif_cond_exp", 100, parameters={"i_e": 400 * sf.pA})
net.probe("cell", "spikes")
rec = net.compile().run("200 ms")
rec.plot()
```

Nothing of a GPU is touched before a network is compiled.
"""

from __future__ import annotations

import os as _os

from . import _core, connectors, errors, values, waveforms
from ._core import __version__, adapters as _adapters, model_text, models as _models
from .errors import (
    BugError,
    CallError,
    DeviceError,
    FileError,
    ModelError,
    NetworkError,
    PlanError,
    RunError,
    SinkError,
    SynfireError,
)
from .explore import Fit, Sweep, fit, sweep
from .figure import Figure, curves
from .network import Network
from .recording import AtSpikes, Rate, Recording, SpikeTrain, Summary, Trace
from .simulation import Simulation, Synapses, Wiring
from .units import *  # noqa: F403
from .units import __all__ as _units

Snapshot = _core.Snapshot


def models() -> list[str]:
    """The ready models, of neurons and of synapses; `model_text(name)` is the text of one in the equation language."""
    neurons, synapses = _models()
    return [*neurons, *synapses]


def adapters() -> list[dict[str, object]]:
    """The GPUs of this machine, software adapters too: name, backend, driver, and whether it is a program on the processor."""
    return [dict(zip(("name", "backend", "driver", "software"), one)) for one in _adapters()]


# a child of a fork has neither the threads nor the devices of its parent
if hasattr(_os, "register_at_fork"):
    _os.register_at_fork(after_in_child=_core.forked)

__all__ = [
    "AtSpikes", "BugError", "CallError", "DeviceError", "Figure", "FileError", "Fit", "ModelError", "Network", "NetworkError", "PlanError",
    "Rate", "Recording", "RunError", "Simulation", "SinkError", "Snapshot", "SpikeTrain", "Summary", "Sweep", "Synapses", "SynfireError",
    "Trace", "Wiring", "__version__", "adapters", "connectors", "curves", "errors", "fit", "model_text", "models", "sweep", "values",
    "waveforms", *_units,
]  # fmt: skip
