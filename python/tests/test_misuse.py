"""What people get wrong: every line of `misuse/*.txt` raises, with a class and a text that says what would be right.

A file is a list of such entries, as a session of Python would show them:

    >>> net.probe("cells", "w"); net.check()
    NetworkError: nothing of the name `w` to record
    there are `v`, `g_exc`

Behind the code stands the class, and what the message must contain; each further line must stand in it too. `...` goes
on with the code above.
"""

from __future__ import annotations

import builtins
import copy
import os
import pickle
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import synfire as sf
import synfire.sns

FOLDER = Path(__file__).resolve().parent / "misuse"


@dataclass
class Misuse:
    place: str
    code: str
    kind: str
    texts: list[str] = field(default_factory=list)


def listed() -> Iterator[Misuse]:
    for path in sorted(FOLDER.glob("*.txt")):
        entry: Misuse | None = None
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if line.startswith(">>> "):
                if entry is not None:
                    yield entry
                entry = Misuse(f"{path.stem}:{number}", line[4:], "")
            elif entry is None or not line.strip() or line.startswith("#"):
                continue
            elif line.startswith("... "):
                entry.code += "\n" + line[4:]
            elif not entry.kind:
                entry.kind, _, text = line.partition(": ")
                entry.texts.append(text)
            else:
                entry.texts.append(line)
        if entry is not None:
            yield entry


ALL = list(listed())


def network() -> sf.Network:
    net = sf.Network("misused", dt="0.1 ms", seed=1)
    net.population("cells", "lif_cond_exp", 5, parameters={"i_e": "500 pA"})
    net.population("graded", "non_spiking", 3)
    net.project("cells", "cells", connector=sf.connectors.all_to_all(), port="g_exc", weight="1 nS", delay="1 ms")
    net.input("graded", "i_stim", "1 nA", name="in", per_neuron=True)
    net.output("graded", "v", name="out")
    net.probe("cells", "spikes")
    net.probe("cells", "v")
    return net


def simulation() -> sf.Simulation:
    return network().compile("cpu")


def other() -> sf.Simulation:
    net = sf.Network("other")
    net.population("x", "non_spiking", 2)
    return net.compile("cpu")


def meanwhile(call: Callable[[], Any]) -> None:
    """Runs it in another thread, which has begun when this returns."""
    threading.Thread(target=call, daemon=True).start()
    time.sleep(0.05)


def in_child(call: Callable[[], Any]) -> None:
    """Runs it in a fork, and raises what it raised there."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        told = "RuntimeError|nothing was raised"
        try:
            call()
        except BaseException as error:
            told = f"{type(error).__name__}|{error}"
        finally:
            os.write(writes, told.encode())
            os._exit(0)
    os.close(writes)
    with os.fdopen(reads) as pipe:
        kind, _, text = pipe.read().partition("|")
    assert os.waitpid(child, 0)[1] == 0, "the child was killed"
    raise kind_of(kind)(text)


def kind_of(name: str) -> type[BaseException]:
    found = getattr(sf, name, None) or getattr(builtins, name)
    assert isinstance(found, type) and issubclass(found, BaseException)
    return found


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "misuse",
    [pytest.param(one, id=one.place) for one in ALL],
)
def test_misuse_says_what_would_be_right(misuse: Misuse, tmp_path: Path) -> None:
    known: dict[str, Any] = {
        "sf": sf,
        "np": np,
        "c": sf.connectors,
        "w": sf.waveforms,
        "net": network(),
        "n": network,
        "s": simulation,
        "r": lambda: simulation().run(50),
        "other": other,
        "folder": str(tmp_path),
        "nowhere": str(tmp_path / "no" / "such" / "folder"),
        "pickle": pickle,
        "copy": copy,
        "meanwhile": meanwhile,
        "in_child": in_child,
        "synfire": synfire,
    }
    if "in_child" in misuse.code and not hasattr(os, "fork"):
        pytest.skip("no fork on this system")
    with pytest.raises(kind_of(misuse.kind)) as raised:
        exec(compile(misuse.code, misuse.place, "exec"), known)
    told = re.sub(r"\s+", " ", str(raised.value))
    for text in misuse.texts:
        assert text in told, f"the message lacks `{text}`:\n{raised.value}"


def test_there_are_two_hundred_of_them() -> None:
    assert len(ALL) >= 200 and len({one.code for one in ALL}) == len(ALL)
    for one in ALL:
        assert one.kind and all(one.texts), f"{one.place}: a class and a text are wanted"


def test_a_fork_may_compile_for_itself() -> None:
    if not hasattr(os, "fork"):
        pytest.skip("no fork on this system")
    sim = simulation()
    sim.run(10)
    with pytest.raises(RuntimeError, match="nothing was raised"):
        in_child(lambda: simulation().run(10))
    sim.run(10)


def test_nothing_is_kept_of_what_was_refused() -> None:
    net, sim = network(), simulation()
    before, state = net.to_json(), sim.state["cells"]["v"].copy()
    for wrong in (
        {"name": "x", "model": "lif_cond_exp", "size": "3"},
        {"name": "x", "modl": "lif_cond_exp", "size": 3},
    ):
        with pytest.raises(sf.NetworkError):
            net.add("population", **wrong)
    with pytest.raises(sf.CallError):
        sim.state["cells"]["v"] = [1.0, 2.0]
    with pytest.raises(ValueError):
        sim.step([1.0])
    assert net.to_json() == before and np.array_equal(sim.state["cells"]["v"], state) and sim.time == 0.0
