"""Setting up, running, resetting and the procedural calls of PyNN.

In: the arguments that PyNN gives. Out: changes of `simulator.state`.
"""

# mypy: disable-error-code="import-untyped", disallow-subclassing-any=False
# mypy: disallow-untyped-calls=False, disallow-untyped-decorators=False

from __future__ import annotations

import warnings
from typing import Any

from pyNN import common
from pyNN.common.control import DEFAULT_MIN_DELAY, DEFAULT_TIMESTEP
from pyNN.recording import get_io

import synfire

from . import simulator
from .connectors import FixedProbabilityConnector
from .populations import Population
from .projections import Projection
from .synapses import StaticSynapse

#: Arguments of `setup` of other back ends, which say nothing about the network.
FOREIGN = frozenset(
    (
        "max_delay spike_precision verbosity recording_precision t_flush rng_type grng_seed rng_seeds "
        "rng_seeds_seed use_cvode rtol atol native_rng_baseseed default_maxstep quit_on_end rank "
        "num_processes optimize debug logfile log_level dsl "
    ).split()
)


def setup(timestep: float = DEFAULT_TIMESTEP, min_delay: float | str = DEFAULT_MIN_DELAY, **extra_params: Any) -> int:
    """Begins anew: what was described before is gone.

    `timestep`, `min_delay` and `max_delay` are in ms. Of synfire are `engine` ("cpu" if not given, "gpu", "auto", a
    text in the name of an adapter), `precision` ("f64" if not given, on the processor; "f32"), `threads`, `memory`,
    `rng_seed` (42 if not given) and `method`, the integration of all cells, such as "rk4". Arguments of other back
    ends are passed over; one that nobody knows is an error. Gives the rank, 0."""
    common.setup(timestep, min_delay, **extra_params)
    unknown = set(extra_params) - FOREIGN - set(simulator.OPTIONS)
    if unknown:
        raise ValueError(
            f"setup() has no argument {', '.join(sorted(unknown))}\n"
            f"  help: of synfire are {', '.join(simulator.OPTIONS)}"
        )
    options = {**simulator.OPTIONS, **{k: v for k, v in extra_params.items() if k in simulator.OPTIONS}}
    if "rng_seed" not in extra_params:
        for other in ("rng_seeds_seed", "grng_seed"):
            if other in extra_params:
                options["rng_seed"] = extra_params[other]
        if extra_params.get("rng_seeds"):
            options["rng_seed"] = extra_params["rng_seeds"][0]
    if options["engine"] not in ("cpu", None) and "precision" not in extra_params:
        options["precision"] = "f32"
    if extra_params.get("spike_precision") == "off_grid":
        warnings.warn(
            "spike times off the grid of time steps are rounded to it: synfire spikes on the grid", stacklevel=2
        )
    state = simulator.state
    state.clear()
    state.options = options
    state.dt = float(timestep)
    state._min_delay = min_delay
    state._max_delay = extra_params.get("max_delay", "auto")
    return 0


def network() -> synfire.Network:
    """What has been described, as a network of synfire: to save as a file, to explain, to sweep."""
    from . import build

    return build.network(simulator.state).network


def end(compatible_output: bool = True) -> None:
    """Writes the files that `record(..., to_file=...)` asked for. What was recorded can be read "
    "until the next `setup`."""
    for population, variables, filename in simulator.state.write_on_end:
        population.write_data(get_io(filename), variables)
    simulator.state.write_on_end = []


run, run_until = common.build_run(simulator)
run_for = run
reset = common.build_reset(simulator)
initialize = common.initialize
set_parameters = common.set
get_current_time, get_time_step, get_min_delay, get_max_delay, num_processes, rank = common.build_state_queries(
    simulator
)

create = common.build_create(Population)
connect = common.build_connect(Projection, FixedProbabilityConnector, StaticSynapse)
record = common.build_record(simulator)


def record_v(source: Any, filename: str) -> None:
    """Records the membrane potential to a file."""
    record(["v"], source, filename)


def record_gsyn(source: Any, filename: str) -> None:
    """Records the conductances to a file."""
    record(["gsyn_exc", "gsyn_inh"], source, filename)
