"""Many networks that differ in some values: sweeps, and values that make a network do what is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import _core
from ._given import ms, span, told as told_of, whole, width
from ._keys import given
from ._progress import bar
from .network import Network, options
from .units import plain

if TYPE_CHECKING:
    import pandas

__all__ = ["Fit", "Sweep", "fit", "sweep"]


class Sweep:
    """What a sweep gave: for each point its values, its measures, and why there are none (`fault`)."""

    def __init__(self, axes: list[str], rows: list[dict[str, Any]], arrangement: str) -> None:
        self.axes = axes
        """Addresses that were swept."""
        self.rows = rows
        """For each point a dict: `point`, `repeat`, the axes as texts, measures such as `"exc.rate_mean_hz"`, `fault`."""
        self.arrangement = arrangement
        """What ran together, in words."""

    def to_pandas(self) -> pandas.DataFrame:
        """A data frame, a line for each point."""
        import pandas

        return pandas.DataFrame(self.rows)

    def column(self, key: str) -> list[Any]:
        """One key of every point."""
        return [row.get(key) for row in self.rows]

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        return f"<synfire.Sweep of {len(self.rows)} points over {', '.join(self.axes) or 'nothing'}>"


def _axes(values: Mapping[str, Any] | Sequence[str]) -> list[str]:
    if isinstance(values, str):
        return [values]
    if not isinstance(values, Mapping):
        return [str(text) for text in values]
    out = []
    for address, of in values.items():
        if isinstance(of, str):
            out.append(f"{address}={of}")
        else:
            made = [plain(value) for value in of]
            out.append(f"{address}=" + ", ".join(str(value) for value in made))
    return out


def _described(
    duration: Any,
    window: tuple[Any, Any] | None,
    bin: Any,
    compile: Mapping[str, Any] | None,
    **keys: Any,
) -> dict[str, Any]:
    made = given(**keys)
    if duration is not None:
        made["duration"] = ms(duration, "duration")
    if window is not None:
        made["window"] = span(window)
    if bin is not None:
        made["bin"] = width(bin, "bin")
    made["options"] = options(**(compile or {}))
    return made


def _checked(network: Any, **numbers: tuple[Any, int]) -> None:
    if not isinstance(network, Network):
        raise TypeError(f"network: expected a Network, found {told_of(network)}; help: sf.Network.load(path)")
    for what, (value, least) in numbers.items():
        if value is not None:
            whole(value, what, least, 2**31)


def sweep(
    network: Network,
    values: Mapping[str, Any] | Sequence[str],
    *,
    duration: Any = None,
    measures: Sequence[str] = ("rate", "cv"),
    repeat: int = 1,
    random: int | None = None,
    latin: int | None = None,
    seed: int = 1,
    window: tuple[Any, Any] | None = None,
    bin: Any = None,
    batch: int | None = None,
    compile: Mapping[str, Any] | None = None,
    progress: bool = False,
) -> Sweep:
    """Runs a network over ranges of its values, side by side where they share a plan, and measures each.

    `values`: by address a range as the command takes it (`"8 nS..12 nS:25"`, with `:log` behind it by ratios) or a list of values; all
    combinations are run, or `random` or `latin` (hypercube) so many points. `repeat`: how often each, with the next seeds. `compile`:
    options of `Network.compile`.
    """
    _checked(network, repeat=(repeat, 1), random=(random, 1), latin=(latin, 1), seed=(seed, 0), batch=(batch, 1))
    design = "random" if random is not None else "latin" if latin is not None else "grid"
    points = random if random is not None else latin
    keys = _described(
        duration, window, bin, compile, axes=_axes(values), design=design, points=points, seed=seed, repeat=repeat,
        measures=list(measures), batch=batch,
    )  # fmt: skip
    arrangement, axes, told = _core.sweep_points(network, keys)
    with bar(progress, len(told), "network") as report:
        rows, raised = _core.sweep(network, keys, report)
    made = []
    for point, numbers, fault in rows:
        texts, repetition = told[point]
        made.append({"point": point, "repeat": repetition, **dict(zip(axes, texts)), **dict(numbers), "fault": fault})
    out = Sweep(axes, made, arrangement)
    if raised is not None:
        setattr(raised, "sweep", out)
        raise raised
    return out


class Fit:
    """What a search gave: whether the targets are `reached`, the `best` point, all `evaluations`."""

    def __init__(self, told: dict[str, Any], free: list[str], targets: list[str]) -> None:
        names = ("number", "restart", "generation", "values", "measured", "off", "fault")
        self.reached: bool = told["reached"]

        def made(one: tuple[Any, ...]) -> dict[str, Any]:
            row = dict(zip(names, one))
            return {**row, "values": dict(zip(free, row["values"])), "measured": dict(zip(targets, row["measured"]))}

        self.best: dict[str, Any] | None = None if told["best"] is None else made(told["best"])
        """`values` by address as texts, `measured` by target, `off`: the largest relative distance from a target."""
        self.evaluations: list[dict[str, Any]] = [made(one) for one in told["evaluations"]]

    def __repr__(self) -> str:
        best = "nothing" if self.best is None else f"{self.best['values']}, off by {100 * self.best['off']:.1f} %"
        return f"<synfire.Fit {'reached' if self.reached else 'not reached'} after {len(self.evaluations)} points: {best}>"


def fit(
    network: Network,
    free: Mapping[str, str],
    targets: Mapping[str, Any],
    *,
    duration: Any = None,
    tolerance: float = 0.05,
    seed: int = 1,
    population: int | None = None,
    restarts: int = 4,
    most: int = 2000,
    repeat: int = 1,
    window: tuple[Any, Any] | None = None,
    bin: Any = None,
    compile: Mapping[str, Any] | None = None,
    progress: bool = False,
) -> Fit:
    """Looks by CMA-ES for values of a network that make its measures what is asked for.

    `free`: by address the bounds, `"1 nS..10 nS"` (with `:log` by ratios). `targets`: `{"exc.rate": "5 Hz", "exc.cv": 0.9}`. It ends when all
    are met within `tolerance`, or after `most` points. A generation runs side by side.
    """
    _checked(network, population=(population, 2), restarts=(restarts, 0), most=(most, 1), repeat=(repeat, 1), seed=(seed, 0))
    keys = _described(duration, window, bin, compile, repeat=repeat)
    ranges = [f"{address}={bounds}" for address, bounds in free.items()]
    wanted = [f"{measure}={plain(value)}" for measure, value in targets.items()]
    with bar(progress, most, "network") as report:
        told = _core.fit(network, keys, ranges, wanted, (seed, population, restarts, most, tolerance), report)
    out = Fit(told, list(free), list(targets))
    if told["raised"] is not None:
        told["raised"].fit = out
        raise told["raised"]
    return out

