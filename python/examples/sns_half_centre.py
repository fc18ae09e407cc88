"""A rhythm of two neurons moves a leg, and the leg pulls at the rhythm: a network of SNS-Toolbox in a closed loop.

    pip install sns-toolbox          (its Network objects; nothing else of it is used)
    python sns_half_centre.py

Two neurons with a persistent sodium current inhibit each other (a half-centre, after Szczecinski, Hunt and Quinn
2017). Their difference is the torque on a leg, a damped pendulum, whose angle is fed back to them in every step of
0.5 ms. Then the same loop 16 times side by side, each with another time constant of the slow gate, in one ensemble.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import numpy.typing as npt
from sns_toolbox.connections import NonSpikingSynapse
from sns_toolbox.networks import Network
from sns_toolbox.neurons import NonSpikingNeuronWithPersistentSodiumChannel

import synfire.sns

DT = 0.5  # ms
STEPS = 8000


def half_centre() -> Network:
    """Two neurons that inhibit each other, one input and one output each."""
    net = Network(name="half-centre")
    inhibition = NonSpikingSynapse(max_conductance=holding(0.1), reversal_potential=-120.0, e_lo=0.0, e_hi=20.0)
    for name in ("flexor", "extensor"):
        net.add_neuron(NonSpikingNeuronWithPersistentSodiumChannel(), name=name)
        net.add_input(name, name=f"stretch of {name}")
        net.add_output(name, name=f"drive of {name}")
    net.add_connection(inhibition, "flexor", "extensor")
    net.add_connection(inhibition, "extensor", "flexor")
    return net


def holding(above: float) -> float:
    """The conductance, uS, with which a neuron at work holds the other at `above` mV over rest: little, and it soon
    escapes."""
    m, h = 1.0 / (1.0 + np.exp(0.05 * (20.0 - above))), 1.0 / (1.0 + 0.5 * np.exp(-0.05 * (0.0 - above)))
    return float((1.0485070729908987 * m * h * (110.0 - above) - above) / (above + 120.0))


class Leg:
    """Damped pendulums, one or many: angle in rad, speed in rad/s."""

    def __init__(self, many: int = 1) -> None:
        self.angle, self.speed = np.full(many, 0.05), np.zeros(many)

    def step(self, drive: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """`drive`: potentials of (flexor, extensor) in mV. Gives the stretch that is felt, in nA."""
        torque = 0.6 * (drive[..., 0] - drive[..., 1])
        acceleration = torque - 25.0 * np.sin(self.angle) - 1.5 * self.speed
        self.speed += acceleration * DT * 1e-3
        self.angle += self.speed * DT * 1e-3
        # a stretched extensor excites the extensor
        return np.stack([-self.angle, self.angle], axis=-1)


def swings(angles: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Swings per second in the second half, of each leg: by the time between the first and the last that began."""
    late = angles[len(angles) // 2 :]
    begun = (late[:-1] < 0.0) & (late[1:] >= 0.0)
    count = np.sum(begun, axis=0)
    first, last = np.argmax(begun, axis=0), len(begun) - 1 - np.argmax(begun[::-1], axis=0)
    return np.asarray((count - 1) / np.maximum(last - first, 1) / (DT * 1e-3) * (count > 1), dtype=np.float64)


def one_leg(net: Any) -> npt.NDArray[np.float64]:
    """The loop as a robot runs it: outputs, body, inputs, once per step."""
    model, leg, angles = synfire.sns.compile(net, dt=DT), Leg(), np.empty((STEPS, 1))
    x, y = np.zeros(2), np.zeros(2)
    began = time.perf_counter()
    for step in range(STEPS):
        # a nudge, so that one neuron begins
        x[0] += 1.0 if step < 4 else 0.0
        model(x, out=y)
        x[:] = leg.step(y)
        angles[step] = leg.angle
    took = (time.perf_counter() - began) / STEPS
    rate, speed = swings(angles)[0], DT / took / 1000
    print(f"one leg: {rate:.2f} swings a second, {took * 1e6:.1f} us a step, {speed:.0f} times real time")
    return angles


def many_legs(net: Any, taus: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """One ensemble: every network has a body of its own."""
    variants = [{"flexor.tau_max_b": tau, "extensor.tau_max_b": tau} for tau in taus]
    model, leg, angles = (
        synfire.sns.compile(net, dt=DT, variants=variants),
        Leg(len(taus)),
        np.empty((STEPS, len(taus))),
    )
    x = np.zeros((len(taus), 2))
    for step in range(STEPS):
        x[:, 0] += 1.0 if step < 4 else 0.0
        x = leg.step(model(x))
        angles[step] = leg.angle
    return angles


def main() -> None:
    net = half_centre()
    one_leg(net)
    taus = np.linspace(100.0, 700.0, 16)
    for tau, rate in zip(taus, swings(many_legs(net, taus))):
        print(f"slow gate {tau:5.0f} ms: {rate:.2f} swings a second")


if __name__ == "__main__":
    main()
