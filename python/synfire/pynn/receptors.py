"""Receptors, and cells that are put together of a membrane and receptors.

In: PyNN's components. Out: a text with a port for each receptor. Unlike NEST, receptors of one cell may have
different shapes."""

# mypy: disable-error-code="import-untyped", disallow-subclassing-any=False, disallow-untyped-calls=False

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from pyNN.standardmodels import cells as standard
from pyNN.standardmodels import receptors

from .cells import ADAPTATION, LEAK, LEVEL, MEMBRANE, UPSTROKE, Cell, Column, State, V, same

Array = np.ndarray[Any, Any]


class Receptor:
    """What every receptor of this back end says of itself; `N` stands for its name."""

    states = ""
    port = ""
    equations = ""
    flow = ""
    variable = "gsyn"
    unit = "uS"
    constants: dict[str, str] = {}


class CurrExpPostSynapticResponse(Receptor, receptors.CurrExpPostSynapticResponse):
    __doc__ = receptors.CurrExpPostSynapticResponse.__doc__
    translations = same(receptors.CurrExpPostSynapticResponse.default_parameters)
    recordable = ["isyn"]
    variable, unit = "isyn", "nA"
    states, port = "g_N = 0 pA", "g_N"
    equations, flow = "dg_N/dt = -g_N/tau_syn_N", "g_N"
    constants = {"tau_syn": "ms"}


class CondExpPostSynapticResponse(Receptor, receptors.CondExpPostSynapticResponse):
    __doc__ = receptors.CondExpPostSynapticResponse.__doc__
    translations = same(receptors.CondExpPostSynapticResponse.default_parameters)
    recordable = ["gsyn"]
    states, port = "g_N = 0 nS", "g_N"
    equations, flow = "dg_N/dt = -g_N/tau_syn_N", "g_N*(e_syn_N - u)"
    constants = {"tau_syn": "ms", "e_syn": "mV"}


class CondAlphaPostSynapticResponse(Receptor, receptors.CondAlphaPostSynapticResponse):
    __doc__ = receptors.CondAlphaPostSynapticResponse.__doc__
    translations = same(receptors.CondAlphaPostSynapticResponse.default_parameters)
    recordable = ["gsyn"]
    states, port = "g_N = 0 nS, x_N = 0 nS/ms", "x_N*exp(1)/tau_syn_N"
    equations = "dg_N/dt = x_N - g_N/tau_syn_N\n  dx_N/dt = -x_N/tau_syn_N"
    flow = "g_N*(e_syn_N - u)"
    constants = {"tau_syn": "ms", "e_syn": "mV"}


class CondBetaPostSynapticResponse(Receptor, receptors.CondBetaPostSynapticResponse):
    __doc__ = receptors.CondBetaPostSynapticResponse.__doc__
    translations = same(receptors.CondBetaPostSynapticResponse.default_parameters)
    recordable = ["gsyn"]
    states, port = "g_N = 0 nS, x_N = 0 nS/ms", "x_N*exp(1/exprel(-log(tau_decay_N/tau_rise_N)))/tau_decay_N"
    equations = "dg_N/dt = x_N - g_N/tau_decay_N\n  dx_N/dt = -x_N/tau_rise_N"
    flow = "g_N*(e_syn_N - u)"
    constants = {"tau_rise": "ms", "tau_decay": "ms", "e_syn": "mV"}


ExpPSR = CondExpPostSynapticResponse
AlphaPSR = CondAlphaPostSynapticResponse
BetaPSR = CondBetaPostSynapticResponse


class LIF(standard.LIF):
    __doc__ = standard.LIF.__doc__
    translations = same(standard.LIF.default_parameters)
    columns = MEMBRANE | LEVEL | LEAK
    variables = V
    head = (
        "param c_m = 1 nF, g_leak = 50 nS, e_leak = -65 mV, v_th = -50 mV, v_reset = -65 mV, t_ref = 0.1 ms, i_e = 0 pA"
    )
    states = "v = e_leak"
    equations = "u = v\n  dv/dt = (g_leak*(e_leak - v) + i_syn + i_e + i_stim)/c_m (unless refractory)"
    tail = "threshold v >= v_th\n  reset v = v_reset\n  refractory t_ref"


class AdExp(standard.AdExp):
    __doc__ = standard.AdExp.__doc__
    translations = same(standard.AdExp.default_parameters)
    columns = MEMBRANE | LEAK | ADAPTATION | UPSTROKE
    variables = V | {"w": State("w", unit="nA")}
    head = (
        "param c_m = 281 pF, g_leak = 30 nS, e_leak = -70.6 mV, v_t = -50.4 mV, delta_t = 2 mV, v_peak = -40 mV\n"
        "  param a = 4 nS, tau_w = 144 ms, b = 80.5 pA, v_reset = -70.6 mV, t_ref = 0.1 ms, i_e = 0 pA"
    )
    states = "v = e_leak, w = 0 pA"
    equations = (
        "u = min(v, v_peak)\n"
        "  i_spike = g_leak*delta_t*exp((u - v_t)/delta_t)\n"
        "  dv/dt = (g_leak*(e_leak - u) + i_spike + i_syn - w + i_e + i_stim)/c_m (unless refractory)\n"
        "  dw/dt = (a*(u - e_leak) - w)/tau_w"
    )
    tail = "threshold v >= v_peak\n  reset v = v_reset; w += b\n  refractory t_ref"


class PointNeuron(Cell, standard.PointNeuron):
    """A membrane (`LIF`, `AdExp`) with receptors of any names and shapes; a receptor type for each."""

    method = "rk4"

    def __init__(self, neuron: Any, **post_synaptic_receptors: Any) -> None:
        if not isinstance(neuron, (LIF, AdExp)):
            raise TypeError(f"{type(neuron).__name__} is no membrane of a PointNeuron\n  help: LIF() or AdExp()")
        for name, receptor in post_synaptic_receptors.items():
            if not isinstance(receptor, Receptor):
                raise TypeError(
                    f"`{name}` is no receptor\n"
                    f"  help: {name}=ExpPSR(), AlphaPSR(), BetaPSR() or CurrExpPostSynapticResponse()"
                )
            if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
                raise ValueError(f"`{name}` cannot be the name of a receptor\n  help: letters, digits and _")
        standard.PointNeuron.__init__(self, neuron, **post_synaptic_receptors)
        names = {*neuron.default_parameters}
        for name, receptor in post_synaptic_receptors.items():
            names |= {f"{name}.{p}" for p in receptor.default_parameters}
        self.translations = same(dict.fromkeys(names))

    def get_schema(self) -> dict[str, Any]:
        return {}

    @property
    def native_parameters(self) -> Any:
        return self.parameter_space

    def translate(self, parameters: Any, copy: bool = True) -> Any:
        """Parameters as they are."""
        return parameters

    def computed_parameters_include(self, parameter_names: Any) -> bool:
        """None is."""
        return False

    def has_parameter(self, name: str) -> bool:
        """Of the membrane, or `receptor.parameter`."""
        return name in self.translations

    def get_parameter_names(self) -> list[str]:
        """Of the membrane, then of the receptors as `receptor.parameter`."""
        return list(self.translations)

    @property
    def variables(self) -> dict[str, State]:  # type: ignore[override]
        """What can be recorded and initialised."""
        own = dict(self.neuron.variables)
        for name, receptor in self.post_synaptic_receptors.items():
            own[f"{name}.{receptor.variable}"] = State(f"g_{name}", unit=receptor.unit)
        return own

    @property
    def ports(self) -> dict[str, tuple[str, str]]:  # type: ignore[override]
        """Of each receptor."""
        return {name: (f"p_{name}", receptor.unit) for name, receptor in self.post_synaptic_receptors.items()}

    @property
    def tau_of(self) -> dict[str, str]:  # type: ignore[override]
        """Of receptors with one time constant."""
        return {n: f"{n}.tau_syn" for n, r in self.post_synaptic_receptors.items() if "tau_syn" in r.constants}

    @property
    def columns(self) -> dict[str, Column]:  # type: ignore[override]
        """Of the membrane and of all receptors."""
        own: dict[str, Column] = dict(self.neuron.columns)
        for name, receptor in self.post_synaptic_receptors.items():
            own |= {f"{p}_{name}": (f"{name}.{p}", unit) for p, unit in receptor.constants.items()}
        return own

    def definition(self, parameters: Mapping[str, Array]) -> tuple[str, str | None]:
        neuron, kinds = self.neuron, []
        heads, states, ports, equations, flows = [neuron.head], [neuron.states], [], [neuron.equations], []
        for name, receptor in sorted(self.post_synaptic_receptors.items()):
            own = lambda text, name=name: re.sub(r"_N\b", f"_{name}", text)  # noqa: E731
            heads.append("param " + ", ".join(f"{p}_{name} : {unit}" for p, unit in receptor.constants.items()))
            states.append(own(receptor.states))
            ports.append(f"input p_{name} -> {own(receptor.port)}")
            equations.append(own(receptor.equations))
            flows.append(own(receptor.flow))
            kinds.append(f"{name}_{type(receptor).__name__}")
        model = f"pynn_{type(neuron).__name__}_{'_'.join(kinds)}".replace("PostSynapticResponse", "").lower()
        lines = [*heads, *(f"state {s}" for s in states), *ports, "input i_stim : pA", f"i_syn = {' + '.join(flows)}"]
        text = f"neuron {model}\n  " + "\n  ".join([*lines, *equations, neuron.tail]) + "\n"
        return model, text
