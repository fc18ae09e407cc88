"""The networks whose kernels are compiled: one of each kind, and pairs that differ in one thing.

A network is a file of examples/ or of benches/peers, or a text made here. What is made here is as small as shows its kernels: weights and
delays are those of its source, sizes are cut.
"""
import math

# name, file, what is changed; an ensemble is a sweep, so that several instances share a plan
FILES = [
    ("coba_4000", "examples/networks/coba_4000.toml", []),
    ("cuba_4000", "examples/networks/cuba_4000.toml", []),
    ("brunel_2000", "examples/networks/brunel_2000.toml", []),
    ("brunel_12500", "examples/networks/brunel_2000.toml", ["exc.size=10000", "inh.size=2500", "constants.c_e=1000"]),
    ("decision", "examples/networks/decision.toml", []),
    ("stdp_song_2000", "examples/networks/stdp_song_2000.toml", []),
    ("izhikevich_2003", "examples/networks/izhikevich_2003.toml", []),
    ("hh_4000", "examples/networks/hh_4000.toml", []),
    ("wang_buzsaki_1996", "examples/networks/wang_buzsaki_1996.toml", []),
    ("opsnn_coba", "examples/networks/opsnn_coba.toml", []),
    ("celegans", "examples/networks/celegans.toml", []),
    ("wave_sheet", "examples/networks/wave_sheet.toml", []),
]
ENSEMBLES = [("psc_exp_small, 4 instances", "examples/networks/psc_exp_small.toml", ["exc.v_th=-52 mV..-49 mV:4"])]

# Potjans and Diesmann (2014) Cereb. Cortex 24:785, tables 4 and 5. Currents that make up for the synapses left out change no kernel
NAMES = ["L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I"]
SIZES = [20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948]
OUTSIDE = [1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100]
# of a pair, by target and source
PROBABILITIES = [
    [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0, 0.0076, 0],
    [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0, 0.0042, 0],
    [0.0077, 0.0059, 0.0497, 0.1350, 0.0067, 0.0003, 0.0453, 0],
    [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0, 0.1057, 0],
    [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0],
    [0.0548, 0.0269, 0.0257, 0.0022, 0.0600, 0.3158, 0.0086, 0],
    [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
    [0.0364, 0.0010, 0.0034, 0.0005, 0.0277, 0.0080, 0.0658, 0.1443],
]


def microcircuit(scale=0.1, synapses_each=0.01):
    """The microcircuit with those shares of its neurons and of the synapses onto each: few enough of these for the turns of a loop that a
    software adapter allows. No kernel depends on how many there are."""
    weight = 87.8 / math.sqrt(synapses_each)
    sizes = [round(size * scale) for size in SIZES]
    lines = ['name = "microcircuit"', 'dt = "0.1 ms"', "seed = 1"]
    for name, size, sources in zip(NAMES, sizes, OUTSIDE):
        lines += [
            f'[[population]]\nname = "{name}"\nmodel = "lif_psc_exp"\nsize = {size}',
            'parameters = { c_m = "250 pF", tau_m = "10 ms", e_leak = "-65 mV", v_th = "-50 mV", v_reset = "-65 mV", t_ref = "2 ms",'
            ' tau_exc = "0.5 ms", tau_inh = "0.5 ms" }',
            'initial.v = { normal = { mean = "-58 mV", sd = "10 mV" } }',
            f'[[probe]]\npopulation = "{name}"\nrecord = "spikes"',
            f'[[stimulus]]\ntarget = "{name}"\ninput = "i_exc"',
            f'waveform = {{ kind = "poisson", rate = "8 Hz", sources = {round(sources * synapses_each)}, weight = "{weight:.3f} pA" }}',
        ]
    for t, row in enumerate(PROBABILITIES):
        for s, p in enumerate(row):
            if p == 0:
                continue
            pairs = SIZES[t] * SIZES[s]
            synapses = math.log(1 - p) / math.log(1 - 1 / pairs)
            number = round(synapses / SIZES[t] * synapses_each * sizes[t])
            excites = s % 2 == 0
            mean = (2 if (t, s) == (0, 2) else 1) * weight if excites else -4 * weight
            bound, delay, port = ('min = "0 pA"', 1.5, "i_exc") if excites else ('max = "0 pA"', 0.75, "i_inh")
            lines += [
                f'[[projection]]\nsource = "{NAMES[s]}"\ntarget = "{NAMES[t]}"\nport = "{port}"',
                f'connector = {{ rule = "fixed_total", n = {number} }}',
                f'weight = {{ normal = {{ mean = "{mean:.3f} pA", sd = "{abs(mean) / 10:.3f} pA", {bound} }} }}',
                f'delay = {{ normal = {{ mean = "{delay} ms", sd = "{delay / 2} ms", min = "0.1 ms" }} }}',
            ]
    return "\n".join(lines) + "\n"


def sns(degree, spiking=False):
    """A hundred neurons as robots have them: graded synapses from each to `degree` others, or to all."""
    connector = '{ rule = "all_to_all" }' if degree is None else f'{{ rule = "fixed_outdegree", n = {degree} }}'
    model, synapse = ("spiking_adaptive", "spiking_synapse") if spiking else ("non_spiking", "graded_synapse")
    return f"""
name = "sns_100"
dt = "0.1 ms"
seed = 1
[[population]]
name = "cells"
model = "{model}"
size = 100
[[projection]]
source = "cells"
target = "cells"
synapse = "{synapse}"
connector = {connector}
[[output]]
name = "v"
population = "cells"
record = "v"
"""


def texts():
    """Name and text of the networks that are made here."""
    return [
        ("microcircuit, 7,717 cells", microcircuit()),
        ("sns_100, 4 synapses each", sns(4)),
        ("sns_100, all to all", sns(None)),
        ("sns_100, spiking", sns(None, spiking=True)),
    ]


# name, text, options, schedules: synapses that the device draws where it keeps them, by every law that it draws, and for each spike
def drawn():
    there, trials = ["--draw", "device"], '{ rule = "fixed_probability", p = 0.02 }'
    text = microcircuit()
    one = text.index("connector = ")
    text = text[:one] + f"connector = {trials}" + text[text.index("\n", one) :]
    return [
        ("microcircuit, drawn on the device", text, there, ["fused"]),
        ("microcircuit, drawn for each spike", text, there + ["--connectivity", "procedural"], ["two-pass"]),
    ]


CELLS = """
name = "cells"
dt = "0.1 ms"
seed = 1
[[population]]
name = "a"
model = "lif_psc_exp"
size = 1000
parameters = {{ i_e = "400 pA"{parameter} }}
[[projection]]
source = "a"
target = "a"
port = "i_exc"
connector = {{ rule = "fixed_indegree", n = 20 }}
weight = {weight}
delay = {delay}
[[probe]]
population = "a"
record = "spikes"
"""

PORT = """[[projection]]
source = "a"
target = "a"
port = "i_inh"
connector = { rule = "fixed_indegree", n = 5 }
weight = "-30 pA"
delay = "1.5 ms"
"""

PROBE = """[[probe]]
population = "a"
record = "v"
"""

# two populations of one model: their rows are one group, and each has a background or none
SECOND = """[[population]]
name = "b"
model = "lif_psc_exp"
size = 1000
parameters = { i_e = "400 pA" }
"""

BACKGROUND = """[[stimulus]]
target = "TARGET"
input = "i_exc"
waveform = { kind = "poisson", rate = "RATE Hz", weight = "20 pA" }
"""

OWN = """
name = "own"
dt = "0.1 ms"
seed = 1
equations = '''
neuron own
  param tau = 10 ms, sigma = 1 mV
  state v = 1 mV
  {states}
  dv/dt = -v/tau{noise}
  {derivatives}
  threshold v >= 10 mV
  reset v = 0 mV
'''
[[population]]
name = "a"
model = "own"
size = 1000
[[probe]]
population = "a"
record = "spikes"
"""


def cells(more="", parameter="", weight='"30 pA"', delay='"1.5 ms"'):
    return CELLS.format(parameter=parameter, weight=weight, delay=delay) + more


def own(states, noise=""):
    """So many states besides the potential, each of which decays by itself."""
    names = [f"x{k}" for k in range(states)]
    declared = "\n  ".join(f"state {name} = 1 mV" for name in names)
    derivatives = "\n  ".join(f"d{name}/dt = -{name}/({k + 3} ms)" for k, name in enumerate(names))
    return OWN.format(states=declared, derivatives=derivatives, noise=noise)


def background(target, rate):
    return BACKGROUND.replace("TARGET", target).replace("RATE", str(rate))


def pairs():
    """What is added, the network without it and the network with it."""
    first = background("a", 1000)
    return [
        ("a state that decays by itself", own(1), own(2)),
        ("white noise", own(1), own(1, " + sigma*sqrt(2/tau)*xi")),
        ("a parameter of its own for each neuron", cells(), cells(parameter=', v_th = { normal = { mean = "-50 mV", sd = "1 mV" } }')),
        ("a second port", cells(), cells(PORT)),
        ("a probe of the potential", cells(), cells(PROBE)),
        ("a Poisson background", cells(), cells(first)),
        ("a population of the same model", cells(), cells(SECOND)),
        ("a Poisson background of another population", cells(SECOND + first), cells(SECOND + first + background("b", 2000))),
        ("weights that differ", cells(), cells(weight='{ uniform = ["10 pA", "50 pA"] }')),
        ("delays that differ", cells(), cells(delay='{ uniform = ["1.5 ms", "3 ms"] }')),
    ]
