"""PyNN's interface on synfire: `import synfire.pynn as sim`.

Scripts for PyNN 0.13 run with their import changed. Units, defaults, connectors and random numbers of connections
are PyNN's own; what cannot be is an error that says what would be right. `docs/pynn.md` of the package has the table
of the whole interface."""

# ruff: noqa: F401 (what is imported here is the interface)
# mypy: disable-error-code="import-untyped", disallow-subclassing-any=False
# mypy: disallow-untyped-calls=False, implicit-reexport

from __future__ import annotations

import sys as _sys

try:
    import pyNN as _pynn
except ImportError as error:
    raise ImportError("synfire.pynn needs PyNN\n  help: pip install pyNN==0.13.0 neo") from error

from pyNN import errors, random, space
from pyNN.network import Network
from pyNN.random import GSLRNG, NumpyRNG, RandomDistribution
from pyNN.recording import get_io
from pyNN.space import Space
from pyNN.standardmodels import StandardCellType

from . import simulator
from .cells import (
    EIF_cond_alpha_isfa_ista,
    EIF_cond_exp_isfa_ista,
    GIF_cond_exp,
    HH_cond_exp,
    IF_cond_alpha,
    IF_cond_exp,
    IF_cond_exp_gsfa_grr,
    IF_curr_alpha,
    IF_curr_delta,
    IF_curr_exp,
    IF_facets_hardware1,
    Izhikevich,
    MultiCompartmentNeuron,
    SpikeSourceArray,
    SpikeSourceGamma,
    SpikeSourceInhGamma,
    SpikeSourcePoisson,
    SpikeSourcePoissonRefractory,
)
from .connectors import (
    AllToAllConnector,
    ArrayConnector,
    CloneConnector,
    CSAConnector,
    DisplacementDependentProbabilityConnector,
    DistanceDependentProbabilityConnector,
    FixedNumberPostConnector,
    FixedNumberPreConnector,
    FixedProbabilityConnector,
    FixedTotalNumberConnector,
    FromFileConnector,
    FromListConnector,
    IndexBasedProbabilityConnector,
    OneToOneConnector,
    SmallWorldConnector,
)
from .control import (
    connect,
    create,
    end,
    get_current_time,
    get_max_delay,
    get_min_delay,
    get_time_step,
    initialize,
    network,
    num_processes,
    rank,
    record,
    record_gsyn,
    record_v,
    reset,
    run,
    run_for,
    run_until,
    setup,
)
from .control import set_parameters as set  # noqa: A004
from .electrodes import ACSource, DCSource, NoisyCurrentSource, StepCurrentSource
from .native import NativeCellType, NativeSynapseType, native_cell_type, native_synapse_type
from .populations import Assembly, Population, PopulationView
from .projections import Projection
from .receptors import (
    AdExp,
    AlphaPSR,
    BetaPSR,
    CondAlphaPostSynapticResponse,
    CondBetaPostSynapticResponse,
    CondExpPostSynapticResponse,
    CurrExpPostSynapticResponse,
    ExpPSR,
    LIF,
    PointNeuron,
)
from .synapses import (
    AdditivePotentiationMultiplicativeDepression,
    AdditiveWeightDependence,
    ElectricalSynapse,
    GutigWeightDependence,
    MultiplicativeWeightDependence,
    MultiQuantalSynapse,
    SimpleStochasticSynapse,
    SpikePairRule,
    StaticSynapse,
    STDPMechanism,
    StochasticTsodyksMarkramSynapse,
    TsodyksMarkramSynapse,
    Vogels2011Rule,
)


def list_standard_models() -> list[str]:
    """Names of the standard cells that there are."""
    no_cells = (SpikeSourceInhGamma, PointNeuron, StandardCellType)
    kinds = (kind for kind in globals().values() if isinstance(kind, type) and issubclass(kind, StandardCellType))
    return sorted({kind.__name__ for kind in kinds if kind not in no_cells})


def register() -> None:
    """Lets PyNN find this back end under its own name: `pyNN.utility.get_simulator`, `import pyNN.synfire`."""
    _sys.modules["pyNN.synfire"] = _sys.modules[__name__]
    _pynn.synfire = _sys.modules[__name__]
