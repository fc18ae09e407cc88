"""PyNN's synapse types, and which synapse of synfire each one is.

In: parameters with PyNN's names and units. Out: a port and a weight, or the text of a synapse model with its
parameters. The unit of weights and the port are those of the target, so texts are written for each
(`texts_of_synapses`)."""

# mypy: disable-error-code="import-untyped", disallow-subclassing-any=False, disallow-untyped-calls=False

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from pyNN import errors
from pyNN.standardmodels import synapses

from . import simulator
from . import texts_of_synapses as texts
from .cells import same

Array = np.ndarray[Any, Any]
Values = Mapping[str, Any]
#: Our parameter: one of PyNN's or what follows from several, and its unit; `{}` stands for the unit of the port.
Column = tuple[str | Callable[[Values], Any], str]


class Target:
    """Where a projection ends."""

    def __init__(self, port: str, unit: str, tau: Array | None) -> None:
        self.port, self.unit = port, unit
        #: The time constant of the response, ms, for each target neuron, where the cell has one.
        self.tau = tau


class Synapse:
    """What every synapse type of this back end says of itself."""

    #: Of our synapse model, after the port; None: a weight at a port.
    kind: str | None = None
    columns: dict[str, Column] = {}
    #: Whether what it sends is drawn.
    chance = False
    #: The state that holds the weight where it changes while running.
    learns = False
    #: States that can be initialised, by PyNN's names: each has a parameter `STATE_start`.
    states: dict[str, str] = {}

    def _get_minimum_delay(self) -> float:
        return simulator.state.default_delay()

    def text(self, target: Target, values: Values) -> tuple[str, str]:
        """The name and the text of the model, for a port."""
        raise NotImplementedError

    def converted(self, target: Target, values: Values, posts: Array) -> dict[str, tuple[Any, str]]:
        """Our parameters with their units: a number, or an array with one for each synapse. `posts`: numbers of their
        targets."""
        return {
            name: (values[of] if isinstance(of, str) else of(values), unit.format(target.unit))
            for name, (of, unit) in self.columns.items()
        }


class StaticSynapse(Synapse, synapses.StaticSynapse):
    __doc__ = synapses.StaticSynapse.__doc__
    translations = same(synapses.StaticSynapse.default_parameters)


class SimpleStochasticSynapse(Synapse, synapses.SimpleStochasticSynapse):
    __doc__ = synapses.SimpleStochasticSynapse.__doc__
    translations = same(synapses.SimpleStochasticSynapse.default_parameters)
    columns: dict[str, Column] = {"w": ("weight", "{}"), "p": ("p", "")}
    chance = True

    def text(self, target: Target, values: Values) -> tuple[str, str]:
        return texts.written("pynn_stochastic", texts.STOCHASTIC, target.port, target.unit)


def facilitation(values: Values) -> Any:
    """tau_facil, ms; 0 becomes what is over within a step."""
    tau = np.asarray(values["tau_facil"], dtype=float)
    return np.where(tau == 0, simulator.state.dt / 1000, tau)[()]


RESOURCES: dict[str, Column] = {
    "w": ("weight", "{}"),
    "u_0": ("U", ""),
    "tau_rec": ("tau_rec", "ms"),
    "tau_fac": (facilitation, "ms"),
}


class TsodyksMarkramSynapse(Synapse, synapses.TsodyksMarkramSynapse):
    __doc__ = synapses.TsodyksMarkramSynapse.__doc__
    translations = same(synapses.TsodyksMarkramSynapse.default_parameters)
    columns = RESOURCES
    states = {"u": "u"}

    def text(self, target: Target, values: Values) -> tuple[str, str]:
        return texts.written("pynn_tm", texts.TSODYKS_MARKRAM, target.port, target.unit)

    def converted(self, target: Target, values: Values, posts: Array) -> dict[str, tuple[Any, str]]:
        columns = super().converted(target, values, posts)
        if target.tau is None:
            raise NotImplementedError(
                "a TsodyksMarkramSynapse needs the time constant of the response it ends in, and this receptor "
                "has none\n"
                "  help: StochasticTsodyksMarkramSynapse and MultiQuantalSynapse need none"
            )
        tau_psc = target.tau[posts]
        if tau_psc.size and (tau_psc == tau_psc[0]).all():
            tau_psc = tau_psc[0]
        tau_rec = np.asarray(values["tau_rec"], dtype=float)
        if np.any(tau_rec == tau_psc):
            warnings.warn(
                "tau_rec is tau_syn of the target, which the equations divide by the difference of: taken 0.01 "
                "% longer",
                stacklevel=3,
            )
            columns["tau_rec"] = (np.where(tau_rec == tau_psc, tau_rec * 1.0001, tau_rec)[()], "ms")
        columns["tau_psc"] = (tau_psc, "ms")
        return columns


class StochasticTsodyksMarkramSynapse(Synapse, synapses.StochasticTsodyksMarkramSynapse):
    __doc__ = synapses.StochasticTsodyksMarkramSynapse.__doc__
    translations = same(synapses.StochasticTsodyksMarkramSynapse.default_parameters)
    columns = RESOURCES
    chance = True

    def text(self, target: Target, values: Values) -> tuple[str, str]:
        return texts.written("pynn_tm_stochastic", texts.TM_STOCHASTIC, target.port, target.unit)


class MultiQuantalSynapse(Synapse, synapses.MultiQuantalSynapse):
    """A synapse of `n` release sites, each of which holds a vesicle or none; up to ten."""

    translations = same(synapses.MultiQuantalSynapse.default_parameters)
    columns = RESOURCES | {"n_sites": ("n", "")}
    chance = True

    def text(self, target: Target, values: Values) -> tuple[str, str]:
        most = int(np.max(values["n"])) if np.size(values["n"]) else 1
        if most > 10:
            raise ValueError(
                f"a MultiQuantalSynapse of {most} release sites: up to ten can be drawn\n  help: n of 10 or less"
            )
        return texts.written("pynn_multiquantal", texts.MULTIQUANTAL, target.port, target.unit)


class ElectricalSynapse:
    """Not available as PyNN has it, between parts of cells with sections."""

    def __init__(self, weight: Any = 0.0) -> None:
        raise NotImplementedError(
            "ElectricalSynapse is not available through PyNN, which joins sections of cells by it\n"
            "  help: synfire.Network has gap junctions: net.project(..., synapse='gap_junction', both_ways=True)"
        )


def bounds(values: Values) -> tuple[Any, Any]:
    """The smallest and the largest weight; of negative weights w_max is the most negative."""
    return values["w_min"], values["w_max"]


class STDPMechanism(Synapse, synapses.STDPMechanism):
    __doc__ = synapses.STDPMechanism.__doc__
    base_translations = same({"weight": None, "delay": None, "dendritic_delay_fraction": None})
    learns = True

    def __init__(self, timing_dependence: Any = None, weight_dependence: Any = None, voltage_dependence: Any = None,
                 dendritic_delay_fraction: float = 1.0, weight: Any = 0.0, delay: Any = None) -> None:  # fmt: skip
        if voltage_dependence is not None:
            raise NotImplementedError("PyNN has no voltage dependence yet, and so this back end has none")
        if dendritic_delay_fraction not in (0, 1):
            raise ValueError(
                f"dendritic_delay_fraction is {dendritic_delay_fraction}: the delay lies before the synapse or "
                "behind it\n"
                "  help: 1 (behind it, as NEST has it) or 0"
            )
        for part, what, some in (
            (timing_dependence, "timing_dependence", "SpikePairRule()"),
            (weight_dependence, "weight_dependence", "AdditiveWeightDependence()"),
        ):
            if part is None:
                raise errors.NoModelAvailableError(f"STDPMechanism has no {what}\n  help: {what}={some}")
        super().__init__(
            timing_dependence, weight_dependence, voltage_dependence, dendritic_delay_fraction, weight, delay
        )

    def _build_translations(self) -> None:
        self.translations = dict(self.base_translations)
        for part in (self.timing_dependence, self.weight_dependence):
            self.translations.update(part.translations)

    def __deepcopy__(self, memo: dict[int, Any]) -> STDPMechanism:
        copy = self.__class__.__new__(self.__class__)
        copy.__dict__.update(self.__dict__)
        return copy

    def text(self, target: Target, values: Values) -> tuple[str, str]:
        low, high = np.asarray(values["w_min"], dtype=float), np.asarray(values["w_max"], dtype=float)
        negative = bool(np.all(high <= 0) and np.any(high < 0))
        where = "dendritic" if self.dendritic_delay_fraction == 1 else "axonal"
        if not negative and np.any(low > high) or negative and np.any(low < high):
            raise ValueError("w_min lies beyond w_max\n  help: of negative weights w_max is the most negative one")
        rule = f"{self.timing_dependence.rule}_{self.weight_dependence.rule}_{where}" + (
            "_negative" if negative else ""
        )
        body = self.timing_dependence.lines(self.weight_dependence, where)
        return texts.learning(f"pynn_{rule}", body, target.port, target.unit, where, negative)

    def converted(self, target: Target, values: Values, posts: Array) -> dict[str, tuple[Any, str]]:
        columns: dict[str, Column] = {"w_0": ("weight", "{}"), "w_min": ("w_min", "{}"), "w_max": ("w_max", "{}")}
        columns |= self.timing_dependence.columns | self.weight_dependence.columns
        return {
            name: (values[of] if isinstance(of, str) else of(values), unit.format(target.unit))
            for name, (of, unit) in columns.items()
        }


class _WeightDependence:
    possible_models = {"pair", "vogels"}
    rule = ""
    #: How far a step up and a step down go, as parts of the trace.
    up = down = ""
    columns: dict[str, Column] = {}


class AdditiveWeightDependence(_WeightDependence, synapses.AdditiveWeightDependence):
    __doc__ = synapses.AdditiveWeightDependence.__doc__
    translations = same(synapses.AdditiveWeightDependence.default_parameters)
    rule, up, down = "additive", "w_max", "w_max"


class MultiplicativeWeightDependence(_WeightDependence, synapses.MultiplicativeWeightDependence):
    __doc__ = synapses.MultiplicativeWeightDependence.__doc__
    translations = same(synapses.MultiplicativeWeightDependence.default_parameters)
    possible_models = {"pair"}
    rule, up, down = "multiplicative", "(w_max - w)", "(w - w_min)"


class AdditivePotentiationMultiplicativeDepression(
    _WeightDependence, synapses.AdditivePotentiationMultiplicativeDepression
):
    __doc__ = synapses.AdditivePotentiationMultiplicativeDepression.__doc__
    translations = same(synapses.AdditivePotentiationMultiplicativeDepression.default_parameters)
    possible_models = {"pair"}
    rule, up, down = "mixed", "w_max", "(w - w_min)"


class GutigWeightDependence(_WeightDependence, synapses.GutigWeightDependence):
    __doc__ = synapses.GutigWeightDependence.__doc__
    translations = same(synapses.GutigWeightDependence.default_parameters)
    possible_models = {"pair"}
    rule = "gutig"
    up = "(w_max - w_min)*((w_max - w)/(w_max - w_min))**mu_plus"
    down = "(w_max - w_min)*((w - w_min)/(w_max - w_min))**mu_minus"
    columns: dict[str, Column] = {"mu_plus": ("mu_plus", ""), "mu_minus": ("mu_minus", "")}


class SpikePairRule(synapses.SpikePairRule):
    __doc__ = synapses.SpikePairRule.__doc__
    translations = same(synapses.SpikePairRule.default_parameters)
    possible_models = {"pair"}
    rule = "pair"
    columns: dict[str, Column] = {
        "a_plus": ("A_plus", ""),
        "a_minus": ("A_minus", ""),
        "tau_plus": ("tau_plus", "ms"),
        "tau_minus": ("tau_minus", "ms"),
    }

    @staticmethod
    def lines(weight: Any, where: str) -> str:
        """Of the text of the model."""
        return texts.pair(weight.up, weight.down, "mu_plus" in weight.columns, where)


class Vogels2011Rule(synapses.Vogels2011Rule):
    """Inhibition that balances; `eta` in the unit of the weight, `rho` in Hz."""

    translations = same(synapses.Vogels2011Rule.default_parameters)
    possible_models = {"vogels"}
    rule = "vogels"
    columns: dict[str, Column] = {"eta": ("eta", "{}"), "rho": ("rho", "Hz"), "tau": ("tau", "ms")}

    @staticmethod
    def lines(weight: Any, where: str) -> str:
        """Of the text of the model."""
        return texts.vogels(where)
