"""`Network`: what a person describes. Its keys are those of a network file, so that file and program say the same."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import _core
from ._given import ms, path as path_of, text as text_of, told, whole
from ._keys import given, rows as rows_of, spike_times as times_of, tree

if TYPE_CHECKING:
    from .figure import Figure
    from .simulation import Simulation

__all__ = ["Network"]

Value = Any
"""A text such as `"5 mV"`, a number, a quantity, a list or an array of these, a law of `synfire.values`."""


class Network(_core.Network):
    """Populations, projections, stimuli, probes. Nothing is checked before `check`, `explain` or `compile`, which tell all that is
    wrong at once; a key or a kind of value that cannot be is refused where it is given.

    ```python
    net = sf.Network("balanced", dt="0.1 ms", seed=1)
    net.population("exc", "lif_cond_exp", 320, initial={"v": sf.values.uniform("-60 mV", "-50 mV")})
    net.project("exc", "exc", port="g_exc", connector=sf.connectors.fixed_probability(0.1), weight="3 nS", delay="1 ms")
    net.probe("exc", "spikes")
    sim = net.compile()
    rec = sim.run("500 ms")
    ```
    """

    def __new__(
        cls,
        name: str = "",
        *,
        dt: Value = None,
        duration: Value = None,
        seed: int | None = None,
        description: str = "",
        equations: str = "",
        constants: Mapping[str, Value] | None = None,
        space: Mapping[str, Any] | None = None,
        folder: str | os.PathLike[str] = ".",
    ) -> Network:
        """`dt`: the step, 0.1 ms if not given. `seed`: of everything drawn. `equations`: models in the equation language. `constants`:
        numbers by name for expressions in values. `folder`: where files lie that the network names."""
        if not isinstance(name, str):
            raise TypeError(f"name: expected a str, found {told(name)}; help: sf.Network.load(path) reads a file")
        keys = given(dt=dt, duration=duration, seed=seed, constants=constants, space=space)
        words = {"name": name, "description": description, "equations": equations}
        for key, text in words.items():
            text_of(text, key)
        return super().__new__(cls, {**{k: v for k, v in words.items() if v}, **keys}, path_of(folder, "folder"))

    # ---- parts

    def population(
        self,
        name: str,
        model: str,
        size: int | None = None,
        *,
        shape: Sequence[int] | None = None,
        method: str | None = None,
        parameters: Mapping[str, Value] | None = None,
        initial: Mapping[str, Value] | None = None,
        spike_times: Any = None,
        positions: Mapping[str, Any] | None = None,
        colour: str | None = None,
    ) -> str:
        """Neurons of one model; gives the name.

        `model`: a ready one (`sf.models()`) or one of `equations`. `shape` instead of `size`: rows and columns of a sheet. `parameters`,
        `initial`: values by name, one for all or one for each. `spike_times`, of the model `spike_times`: for each neuron its times in ms.
        """
        self._add(
            "population",
            given(
                name=name, model=model, size=size, shape=shape, method=method, parameters=parameters, initial=initial,
                spike_times=times_of(spike_times), positions=positions, colour=colour,
            ),
        )  # fmt: skip
        return name

    def project(
        self,
        source: str | Sequence[str],
        target: str | Sequence[str],
        *,
        connector: Mapping[str, Any],
        port: str | None = None,
        synapse: str | None = None,
        weight: Value = None,
        delay: Value = None,
        parameters: Mapping[str, Value] | None = None,
        name: str | None = None,
        source_rows: Any = None,
        target_rows: Any = None,
        modulators: Mapping[str, str] | None = None,
        normalise: str | None = None,
        both_ways: bool | None = None,
        connectivity: str | None = None,
        space: Mapping[str, Any] | None = None,
    ) -> str:
        """Synapses from one population to another; gives the name, `"source -> target"` if none is given.

        A plain synapse has a `port` of the target and a `weight` in its unit; another has a `synapse` model and `parameters`. `delay`: at
        least one step, which is what it is if not given. `source_rows`, `target_rows`: some neurons of the ends, counted from 0 by the
        connector. `connectivity`: `"stored"`, `"procedural_weights"` or `"procedural"`, drawn again for each spike; as memory allows if not
        given.
        """
        self._add(
            "projection",
            given(
                name=name, source=source, target=target, connector=connector, port=port, synapse=synapse, weight=weight, delay=delay,
                parameters=parameters, source_rows=rows_of(source_rows), target_rows=rows_of(target_rows), modulators=modulators,
                normalise=normalise, both_ways=both_ways or None, connectivity=connectivity, space=space,
            ),
        )  # fmt: skip
        return name or f"{source} -> {target}"

    def stimulate(
        self,
        target: str | Sequence[str],
        input: str,
        waveform: Mapping[str, Any],
        *,
        name: str | None = None,
        rows: Any = None,
        start: Value = None,
        stop: Value = None,
        clamp: bool | None = None,
    ) -> str:
        """Input from outside to a continuous input of the target, or of Poisson events to a port; gives the name that addresses it.

        With `clamp` the waveform is the level at which the state named by `input` is held.
        """
        keys = given(target=target, input=input, waveform=waveform, name=name, start=start, stop=stop, clamp=clamp or None)
        self._add("stimulus", {**keys, **given(rows=rows_of(rows))})
        return name or f"{input} of {target}"

    def probe(
        self,
        population: str | Sequence[str],
        record: str | Sequence[str],
        *,
        rows: Any = None,
        every: Value = None,
        start: Value = None,
        stop: Value = None,
        offset: Value = None,
        reduce: str | None = None,
        bins: int | None = None,
        edges: Sequence[Value] | None = None,
    ) -> None:
        """Records `"spikes"`, a `"rate"` in bins of `every`, or a state; `reduce`: `mean`, `sum` or `histogram` over the rows."""
        keys = given(population=population, record=record, every=every, start=start, stop=stop, offset=offset, reduce=reduce, bins=bins)
        self._add("probe", {**keys, **given(rows=rows_of(rows), edges=edges)})

    def probe_synapses(
        self,
        projection: str,
        record: str,
        *,
        rows: Any = None,
        every: Value = None,
        start: Value = None,
        stop: Value = None,
        offset: Value = None,
        reduce: str | None = None,
        at: str | None = None,
        bins: int | None = None,
        edges: Sequence[Value] | None = None,
    ) -> None:
        """Records a state of synapses; `at="source spikes"`: at the spikes of their sources."""
        keys = given(projection=projection, record=record, every=every, start=start, stop=stop, offset=offset, reduce=reduce, at=at)
        self._add("probe", {**keys, **given(rows=rows_of(rows), bins=bins, edges=edges)})

    def input(
        self,
        target: str,
        input: str,
        scale: Value,
        *,
        name: str | None = None,
        per_neuron: bool | None = None,
        rows: Any = None,
        offset: Value = None,
    ) -> str:
        """A number that a program gives in every step: `offset + scale*number` drives a continuous input of the target."""
        keys = given(name=name, target=target, input=input, scale=scale, offset=offset, per_neuron=per_neuron or None)
        self._add("input", {**keys, **given(rows=rows_of(rows))})
        return name or target

    def output(
        self,
        population: str,
        record: str,
        *,
        name: str | None = None,
        scale: Value = None,
        offset: Value = None,
        rows: Any = None,
    ) -> str:
        """Numbers that a program reads after every step: a state (less `offset`, over `scale`) or `"spikes"`, of each neuron."""
        keys = given(name=name, population=population, record=record, scale=scale, offset=offset)
        self._add("output", {**keys, **given(rows=rows_of(rows))})
        return name or population

    def add(self, section: str, **keys: Any) -> None:
        """What any section of a network file says, by its keys: `population`, `projection`, `stimulus`, `probe`, `input`, `output`,
        `gated`, `electrical`, `preset`, `include` (whose key `as` is said as `rename`)."""
        text_of(section, "section")
        if section in ("preset", "include") and "rename" in keys:
            keys["as"] = keys.pop("rename")
        self._add(section, given(**keys))

    def include(self, other: Network, rename: str) -> None:
        """Copies every part of another network under new names, with `*` for the old: `"left_*"`."""
        if not isinstance(other, Network):
            raise TypeError(f"include: expected a Network, found {told(other)}")
        self._include(other, text_of(rename, "rename"))

    def equations(self, text: str) -> None:
        """Adds models in the equation language (guide: `language`)."""
        self._equations(text_of(text, "text"))

    def set(self, address: str, value: Value) -> None:
        """Changes one value by its address: `"dt"`, `"seed"`, `"exc.v_th"`, `"exc[0..3].v_th"`, `"exc -> inh.weight"` (guide: `addresses`)."""
        self._set(text_of(address, "address"), tree(value))

    # ---- whole

    @property
    def name(self) -> str:
        """What it is called."""
        return self._told()[0]

    @property
    def populations(self) -> list[str]:
        """Names of the populations, in order."""
        return self._names()[0]

    @property
    def projections(self) -> list[str]:
        """Names of the projections, in order."""
        return self._names()[1]

    @property
    def stimuli(self) -> list[str]:
        """Names of the stimuli, in order."""
        return self._names()[2]

    @property
    def inputs(self) -> list[str]:
        """Names of the inputs, in order."""
        return self._names()[3]

    @property
    def outputs(self) -> list[str]:
        """Names of the outputs, in order."""
        return self._names()[4]

    @property
    def folder(self) -> str:
        """Where files lie that it names."""
        return os.fspath(self._folder)

    @classmethod
    def load(cls, path: str | os.PathLike[str], changes: Mapping[str, str] | None = None) -> Network:
        """Reads a `.toml` or `.json` file; `changes` by address also reach constants that sizes follow from, as `--set` does."""
        made = cls()
        if changes is not None and not isinstance(changes, Mapping):
            raise TypeError(f"changes: expected a dict such as {{'exc.size': '100'}}, found {told(changes)}")
        made._load(path_of(path, "path"), [(text_of(key, "changes"), str(value)) for key, value in (changes or {}).items()])
        return made

    @classmethod
    def from_toml(cls, text: str, name: str = "text") -> Network:
        """Reads the TOML text of a network; `name` is what messages call it."""
        made = cls()
        made._read(text_of(text, "text"), text_of(name, "name"), False)
        return made

    @classmethod
    def from_json(cls, text: str, name: str = "text") -> Network:
        """Reads the JSON text of a network."""
        made = cls()
        made._read(text_of(text, "text"), text_of(name, "name"), True)
        return made

    def to_toml(self) -> str:
        """The network as the text of a file."""
        return self._to_toml()

    def to_json(self) -> str:
        """The same as JSON."""
        return self._to_json()

    def to_dict(self) -> dict[str, Any]:
        """The same as a dict."""
        made: dict[str, Any] = json.loads(self._to_json())
        return made

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes a `.toml` or `.json` file: the whole new file, or the old one stays."""
        self._save(path_of(path, "path"))

    def copy(self) -> Network:
        """A network of its own that says the same."""
        made = type(self)()
        made._copy_from(self)
        return made

    def check(self) -> list[str]:
        """Raises everything that is wrong, together; gives remarks on what is not wrong but should be known."""
        return self._check()[1]

    def hash(self) -> str:
        """SHA-256 of the description with its tables: the same from Rust, a file and Python."""
        return self._check()[0]

    def explain(self, duration: Value = "1 s") -> str:
        """The plan in words: methods, memory, delays, synapses."""
        return self._explain(ms(duration, "duration"))

    def memory(self) -> int:
        """Bytes that it takes when it is compiled, without what is recorded."""
        return self._memory()

    def diagram(self) -> Figure:
        """Boxes and arrows."""
        from .figure import Figure

        return Figure(self._diagram(False))

    def to_dot(self) -> str:
        """The diagram for Graphviz."""
        return self._diagram(True)

    def compile(
        self,
        engine: str = "auto",
        precision: str = "f32",
        *,
        threads: int | None = None,
        memory: int | None = None,
        batch: int | None = None,
        variants: Sequence[Mapping[str, Value]] | None = None,
    ) -> Simulation:
        """Checks it, draws its synapses, lays it out on an engine.

        `engine`: `"auto"` (a GPU that is one, else the processor), `"cpu"`, `"gpu"`, or a text in an adapter's name. `precision`: `"f32"`, or
        `"f64"` on the processor. `memory`: bytes that it may take. `variants`: an ensemble, which runs side by side: for each instance its
        values by address, `{"exc.i_e": "300 pA", "seed": 3, "label": "a"}`.
        """
        from .simulation import Simulation

        chosen = options(engine=engine, precision=precision, threads=threads, memory=memory, batch=batch)
        if variants is not None and (isinstance(variants, (str, Mapping)) or not hasattr(variants, "__iter__")):
            raise TypeError(f"variants: expected a list of dicts, one for each instance, found {told(variants)}")
        made = None if variants is None else [_variant(k, variant) for k, variant in enumerate(variants)]
        return Simulation(self._compile(chosen, made))

    # ---- Python's

    def __repr__(self) -> str:
        name, (populations, projections, stimuli, probes, inputs, outputs) = self._told()
        counts = [(populations, "populations"), (projections, "projections"), (stimuli, "stimuli"), (probes, "probes")]
        counts += [(n, word) for n, word in ((inputs, "inputs"), (outputs, "outputs")) if n]
        return f"<synfire.Network {name!r}: {', '.join(f'{n} {word if n != 1 else _one(word)}' for n, word in counts)}>"

    def _repr_html_(self) -> str:
        return f"<p><code>{repr(self).replace('<', '&lt;')}</code></p>{self.diagram()._repr_svg_()}"

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickled, (_VERSION, self.to_json(), self.folder)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Network) and self.to_json() == other.to_json()

    __hash__ = None  # type: ignore[assignment]

    def __copy__(self) -> Network:
        return self.copy()

    def __deepcopy__(self, memo: dict[int, Any]) -> Network:
        return self.copy()


_VERSION = 1


def _unpickled(version: int, text: str, folder: str) -> Network:
    if version != _VERSION:
        from .errors import CallError

        raise CallError(
            f"this network was pickled by another version of synfire (form {version}, this reads {_VERSION})\n"
            "  help: save networks by `net.save(\"name.toml\")`, which every version reads"
        )
    made = Network(folder=folder)
    made._read(text, "pickle", True)
    return made


def options(
    engine: str = "auto",
    precision: str = "f32",
    threads: int | None = None,
    memory: int | None = None,
    batch: int | None = None,
) -> dict[str, Any]:
    """How a network is compiled, looked at.

    **Errors** `TypeError`, `ValueError` that name the argument.
    """
    made: dict[str, Any] = {"engine": text_of(engine, "engine"), "precision": text_of(precision, "precision")}
    bounds = {"threads": (threads, 1, 1 << 16), "memory": (memory, 0, 2**63), "batch": (batch, 1, 2**32 - 1)}
    for key, (value, least, most) in bounds.items():
        if value is not None:
            made[key] = whole(value, f"{key} (bytes)" if key == "memory" else key, least, most)
    return made


def _variant(k: int, variant: Any) -> dict[str, Any]:
    if not isinstance(variant, Mapping):
        raise TypeError(f"variant {k}: expected a dict such as {{'exc.i_e': '300 pA', 'seed': 3}}, found {told(variant)}")
    out: dict[str, Any] = {}
    for key, value in variant.items():
        text_of(key, f"variant {k}: a key")
        if key == "seed":
            out[key] = whole(value, f"variant {k}: seed")
        elif key == "label":
            out[key] = text_of(value, f"variant {k}: label")
        else:
            out[key] = tree(value)
    return out


def _one(word: str) -> str:
    return "stimulus" if word == "stimuli" else word.removesuffix("s")
