"""PyNN's standard cells, and which model of synfire each one is.

In: parameters with PyNN's names and units. Out: columns with ours. Parameters are kept as PyNN has them, so what is
read is what was set; they become ours when the network is built (`build`). The texts of models that are not in
synfire's library are in `texts`."""

# mypy: disable-error-code="import-untyped", disallow-subclassing-any=False, disallow-untyped-calls=False

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from pyNN.standardmodels import build_translations, cells

from . import texts

Array = np.ndarray[Any, Any]
#: One of ours: a parameter of PyNN's, or what follows from several, and its unit.
Column = tuple[str | Callable[[Mapping[str, Array]], Array], str]


class State:
    """What is recorded or initialised under a name of PyNN's: the sum of states of the model, of a "
    "unit, over `base`."""

    def __init__(self, *states: str, unit: str, base: str | None = None) -> None:
        self.states, self.unit, self.base = states, unit, base


class Cell:
    """What every cell of this back end says of itself."""

    model = ""
    #: Of the model, where it is none of the library.
    text: str | None = None
    #: Integration; as the model asks for if None.
    method: str | None = None
    columns: dict[str, Column] = {}
    variables: dict[str, State] = {}
    #: Where spikes arrive, by receptor type, and the unit of weights.
    ports: dict[str, tuple[str, str]] = {}
    #: The input for currents, the unit that a current is given in, and what a nA is in it.
    current: tuple[str, str, float] | None = ("i_stim", "nA", 1.0)
    #: Whether its spikes, or what it adds, are drawn.
    chance = False
    #: The time constant of the response of a receptor, for synapses that need to know it.
    tau_of: dict[str, str] = {"excitatory": "tau_syn_E", "inhibitory": "tau_syn_I"}

    def definition(self, parameters: Mapping[str, Array]) -> tuple[str, str | None]:
        """The model's name, and its text if it is none of the library."""
        return self.model, self.text

    def converted(self, parameters: Mapping[str, Array]) -> dict[str, tuple[Array, str]]:
        """Our parameters, each with its unit, from PyNN's (an array each)."""
        return {
            name: (parameters[of] if isinstance(of, str) else of(parameters), unit)
            for name, (of, unit) in self.columns.items()
        }


def same(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Translations under which parameters keep their names and values."""
    return build_translations(*((name, name) for name in parameters))  # type: ignore[no-any-return]


def constant(value: float) -> Callable[[Mapping[str, Array]], Array]:
    """A parameter that PyNN's cell does not have."""
    return lambda p: np.full(next(iter(p.values())).shape, value)


def g_leak(p: Mapping[str, Array]) -> Array:
    """The leak conductance, in uS."""
    return p["cm"] / p["tau_m"]


CURRENT_PORTS = {"excitatory": ("i_exc", "nA"), "inhibitory": ("i_inh", "nA")}
CONDUCTANCE_PORTS = {"excitatory": ("g_exc", "uS"), "inhibitory": ("g_inh", "uS")}
JUMP_PORTS = {"excitatory": ("delta", "mV"), "inhibitory": ("delta", "mV")}

MEMBRANE: dict[str, Column] = {
    "c_m": ("cm", "nF"),
    "e_leak": ("v_rest", "mV"),
    "v_reset": ("v_reset", "mV"),
    "t_ref": ("tau_refrac", "ms"),
    "i_e": ("i_offset", "nA"),
}
LEVEL: dict[str, Column] = {"v_th": ("v_thresh", "mV")}
TAUS: dict[str, Column] = {"tau_exc": ("tau_syn_E", "ms"), "tau_inh": ("tau_syn_I", "ms")}
REVERSALS: dict[str, Column] = {"e_exc": ("e_rev_E", "mV"), "e_inh": ("e_rev_I", "mV")}
LEAK: dict[str, Column] = {"g_leak": (g_leak, "uS")}
TAU_M: dict[str, Column] = {"tau_m": ("tau_m", "ms")}

V = {"v": State("v", unit="mV")}
CURRENTS = {"isyn_exc": State("i_exc", unit="nA"), "isyn_inh": State("i_inh", unit="nA")}
CONDUCTANCES = {"gsyn_exc": State("g_exc", unit="uS"), "gsyn_inh": State("g_inh", unit="uS")}


class IF_curr_exp(Cell, cells.IF_curr_exp):
    __doc__ = cells.IF_curr_exp.__doc__
    translations = same(cells.IF_curr_exp.default_parameters)
    recordable = ["spikes", "v", "isyn_exc", "isyn_inh"]
    model, ports = "lif_psc_exp", CURRENT_PORTS
    columns = MEMBRANE | LEVEL | TAU_M | TAUS
    variables = V | CURRENTS


class IF_curr_alpha(Cell, cells.IF_curr_alpha):
    __doc__ = cells.IF_curr_alpha.__doc__
    translations = same(cells.IF_curr_alpha.default_parameters)
    recordable = ["spikes", "v", "isyn_exc", "isyn_inh"]
    model, ports = "lif_psc_alpha", CURRENT_PORTS
    columns = MEMBRANE | LEVEL | TAU_M | TAUS
    variables = V | CURRENTS


class IF_curr_delta(Cell, cells.IF_curr_delta):
    __doc__ = cells.IF_curr_delta.__doc__
    translations = same(cells.IF_curr_delta.default_parameters)
    model, ports = "lif_psc_delta", JUMP_PORTS
    columns = MEMBRANE | LEVEL | TAU_M
    variables = V
    tau_of: dict[str, str] = {}


class IF_cond_exp(Cell, cells.IF_cond_exp):
    __doc__ = cells.IF_cond_exp.__doc__
    translations = same(cells.IF_cond_exp.default_parameters)
    model, method, ports = "lif_cond_exp", "rk4", CONDUCTANCE_PORTS
    columns = MEMBRANE | LEVEL | LEAK | TAUS | REVERSALS
    variables = V | CONDUCTANCES


class IF_cond_alpha(Cell, cells.IF_cond_alpha):
    __doc__ = cells.IF_cond_alpha.__doc__
    translations = same(cells.IF_cond_alpha.default_parameters)
    model, method, ports = "lif_cond_alpha", "rk4", CONDUCTANCE_PORTS
    columns = MEMBRANE | LEVEL | LEAK | TAUS | REVERSALS
    variables = V | CONDUCTANCES


class IF_facets_hardware1(Cell, cells.IF_facets_hardware1):
    __doc__ = cells.IF_facets_hardware1.__doc__
    translations = same(cells.IF_facets_hardware1.default_parameters)
    model, method, ports = "lif_cond_exp", "rk4", CONDUCTANCE_PORTS
    columns = (
        LEVEL
        | TAUS
        | {
            "c_m": (constant(0.2), "nF"),
            "g_leak": ("g_leak", "nS"),
            "e_leak": ("v_rest", "mV"),
            "v_reset": ("v_reset", "mV"),
            "t_ref": (constant(1.0), "ms"),
            "e_exc": (constant(0.0), "mV"),
            "e_inh": ("e_rev_I", "mV"),
        }
    )
    variables = V | CONDUCTANCES


class IF_cond_exp_gsfa_grr(Cell, cells.IF_cond_exp_gsfa_grr):
    __doc__ = cells.IF_cond_exp_gsfa_grr.__doc__
    translations = same(cells.IF_cond_exp_gsfa_grr.default_parameters)
    model, method, ports = "lif_cond_exp_sfa_rr", "rk4", CONDUCTANCE_PORTS
    columns = (
        MEMBRANE
        | LEVEL
        | LEAK
        | TAUS
        | REVERSALS
        | {
            "q_sfa": ("q_sfa", "nS"),
            "tau_sfa": ("tau_sfa", "ms"),
            "e_sfa": ("e_rev_sfa", "mV"),
            "q_rr": ("q_rr", "nS"),
            "tau_rr": ("tau_rr", "ms"),
            "e_rr": ("e_rev_rr", "mV"),
        }
    )
    variables = V | CONDUCTANCES | {"g_s": State("g_sfa", unit="nS"), "g_r": State("g_rr", unit="nS")}


ADAPTATION: dict[str, Column] = {"a": ("a", "nS"), "b": ("b", "nA"), "tau_w": ("tau_w", "ms")}
UPSTROKE: dict[str, Column] = {"v_t": ("v_thresh", "mV"), "delta_t": ("delta_T", "mV"), "v_peak": ("v_spike", "mV")}


class _Adaptive(Cell):
    """Both exponential cells: the exponential term is left out where delta_T is 0."""

    method = "rk4"
    ports = CONDUCTANCE_PORTS
    variables = V | CONDUCTANCES | {"w": State("w", unit="nA")}
    columns = MEMBRANE | LEAK | TAUS | REVERSALS | ADAPTATION | UPSTROKE
    with_upstroke: tuple[str, str | None] = ("adex", None)
    without: tuple[str, str | None] = ("lif_cond_exp_adaptive", None)

    @staticmethod
    def flat(parameters: Mapping[str, Array]) -> bool:
        """Whether no cell has an upstroke."""
        none = parameters["delta_T"] == 0
        if none.any() and not none.all():
            raise ValueError(
                "delta_T is 0 in some cells of a population and not in others, which are two models\n"
                "  help: make two populations of them, and an Assembly of both"
            )
        return bool(none.all())

    def definition(self, parameters: Mapping[str, Array]) -> tuple[str, str | None]:
        return self.without if self.flat(parameters) else self.with_upstroke

    def converted(self, parameters: Mapping[str, Array]) -> dict[str, tuple[Array, str]]:
        columns = super().converted(parameters)
        if self.flat(parameters):
            del columns["delta_t"], columns["v_peak"]
        return columns


class EIF_cond_exp_isfa_ista(_Adaptive, cells.EIF_cond_exp_isfa_ista):
    __doc__ = cells.EIF_cond_exp_isfa_ista.__doc__
    translations = same(cells.EIF_cond_exp_isfa_ista.default_parameters)


class EIF_cond_alpha_isfa_ista(_Adaptive, cells.EIF_cond_alpha_isfa_ista):
    __doc__ = cells.EIF_cond_alpha_isfa_ista.__doc__
    translations = same(cells.EIF_cond_alpha_isfa_ista.default_parameters)
    with_upstroke = ("adex_alpha", texts.ADEX_ALPHA)
    without = ("lif_cond_alpha_adaptive", texts.LIF_COND_ALPHA_ADAPTIVE)


class HH_cond_exp(Cell, cells.HH_cond_exp):
    __doc__ = cells.HH_cond_exp.__doc__
    translations = same(cells.HH_cond_exp.default_parameters)
    recordable = ["spikes", "v", "gsyn_exc", "gsyn_inh", "m", "h", "n"]
    receptor_types = ("excitatory", "inhibitory")
    units = cells.HH_cond_exp.units | {"m": "dimensionless", "h": "dimensionless", "n": "dimensionless"}
    model, text, ports = "pynn_hh", texts.HODGKIN_HUXLEY, CONDUCTANCE_PORTS
    columns = (
        TAUS
        | REVERSALS
        | {
            "c_m": ("cm", "nF"),
            "g_leak": ("g_leak", "uS"),
            "g_na": ("gbar_Na", "uS"),
            "g_k": ("gbar_K", "uS"),
            "e_leak": ("e_rev_leak", "mV"),
            "e_na": ("e_rev_Na", "mV"),
            "e_k": ("e_rev_K", "mV"),
            "v_t": ("v_offset", "mV"),
            "i_e": ("i_offset", "nA"),
        }
    )
    variables = V | CONDUCTANCES | {name: State(name, unit="") for name in "mhn"}


class Izhikevich(Cell, cells.Izhikevich):
    __doc__ = cells.Izhikevich.__doc__
    translations = same(cells.Izhikevich.default_parameters)
    # forward Euler, as NEST has it
    model, method, ports = "izhikevich", "euler", JUMP_PORTS
    # a current of 1 nA is 1000 in the equations, as with NEST
    current = ("i_stim", "mV/ms", 1000.0)
    columns: dict[str, Column] = {
        "a": ("a", "kHz"),
        "b": ("b", "kHz"),
        "c": ("c", "mV"),
        "d": ("d", "mV/ms"),
        "i_e": (lambda p: p["i_offset"] * 1000.0, "mV/ms"),
    }
    variables = V | {"u": State("u", unit="mV/ms")}
    tau_of: dict[str, str] = {}


class GIF_cond_exp(Cell, cells.GIF_cond_exp):
    __doc__ = cells.GIF_cond_exp.__doc__
    translations = same(cells.GIF_cond_exp.default_parameters)
    model, method, ports = "gif_cond_exp", "rk4", CONDUCTANCE_PORTS
    chance = True
    columns = (
        MEMBRANE
        | LEAK
        | TAUS
        | REVERSALS
        | {
            "v_t": ("v_t_star", "mV"),
            "delta_v": ("delta_v", "mV"),
            "lambda_0": ("lambda0", "Hz"),
        }
    )
    variables = (
        V
        | CONDUCTANCES
        | {
            "i_eta": State("eta_1", "eta_2", "eta_3", unit="nA"),
            "v_t": State("gamma_1", "gamma_2", "gamma_3", unit="mV", base="v_t_star"),
        }
    )

    def converted(self, parameters: Mapping[str, Array]) -> dict[str, tuple[Array, str]]:
        columns = super().converted(parameters)
        kinds = (
            ("a_eta", "a_{}", "nA"),
            ("tau_eta", "tau_{}", "ms"),
            ("a_gamma", "b_{}", "mV"),
            ("tau_gamma", "tau_b{}", "ms"),
        )
        for of, ours, unit in kinds:
            values = [np.atleast_1d(np.asarray(getattr(v, "value", v), dtype=float)) for v in parameters[of]]
            if max(len(v) for v in values) > 3:
                raise ValueError(
                    f"{of} has more than three values\n  help: the model has up to three currents and three lifts"
                )
            rest = 1.0 if of.startswith("tau") else 0.0
            for k in range(3):
                column = np.array([v[k] if k < len(v) else rest for v in values])
                columns[ours.format(k + 1)] = (column, unit)
        return columns


def stop(p: Mapping[str, Array]) -> Array:
    """When a source ends, in ms."""
    return p["start"] + p["duration"]


TIMES: dict[str, Column] = {"start": ("start", "ms"), "stop": (stop, "ms")}


class _Source(Cell):
    current = None
    chance = True
    tau_of: dict[str, str] = {}


class SpikeSourcePoisson(_Source, cells.SpikeSourcePoisson):
    __doc__ = cells.SpikeSourcePoisson.__doc__
    translations = same(cells.SpikeSourcePoisson.default_parameters)
    model, text = "pynn_poisson", texts.POISSON
    columns = TIMES | {"rate": ("rate", "Hz")}


class SpikeSourcePoissonRefractory(_Source, cells.SpikeSourcePoissonRefractory):
    __doc__ = cells.SpikeSourcePoissonRefractory.__doc__
    translations = same(cells.SpikeSourcePoissonRefractory.default_parameters)
    model, text = "pynn_poisson_refractory", texts.POISSON_REFRACTORY
    columns = TIMES | {"rate": ("rate", "Hz"), "t_ref": ("tau_refrac", "ms")}


class SpikeSourceGamma(_Source, cells.SpikeSourceGamma):
    __doc__ = cells.SpikeSourceGamma.__doc__
    translations = same(cells.SpikeSourceGamma.default_parameters)
    model, text = "pynn_gamma", texts.GAMMA
    columns = TIMES | {"beta": ("beta", "Hz"), "shape": ("alpha", "")}


class SpikeSourceArray(Cell, cells.SpikeSourceArray):
    __doc__ = cells.SpikeSourceArray.__doc__
    translations = same(cells.SpikeSourceArray.default_parameters)
    model = "spike_times"
    current = None
    tau_of: dict[str, str] = {}


class SpikeSourceInhGamma(cells.SpikeSourceInhGamma):
    """Not available: synfire has gamma sources of a whole-number shape that does not change (`SpikeSourceGamma`)."""

    translations = same(cells.SpikeSourceInhGamma.default_parameters)

    def __init__(self, **parameters: Any) -> None:
        raise NotImplementedError(
            "SpikeSourceInhGamma is not available in synfire, whose gamma sources have a shape that does not change\n"
            "  help: SpikeSourceGamma has one shape and rate; a SpikeSourceArray takes trains that were drawn before"
        )


class MultiCompartmentNeuron:
    """Not available: synfire's neurons are points."""

    def __init__(self, **parameters: Any) -> None:
        raise NotImplementedError(
            "MultiCompartmentNeuron is not available in synfire, whose neurons are points\n"
            "  help: two or three compartments can be written as one model (native_cell_type('pinsky_rinzel') is one)"
        )
