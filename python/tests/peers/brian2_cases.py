"""Networks of Brian2 that `brian2_equations.py` runs both ways."""

from __future__ import annotations

import numpy as np
from brian2 import *  # noqa: F403 (scripts of Brian2 are written so)

CASES = {}
# of states that spikes send, where no `clip` says it
RANGES = {}


def case(how, **options):
    """A function that gives a network of Brian2 and the time to run; `how` is what must hold."""

    def register(function):
        CASES[function.__name__] = (how, function, options)
        return function

    return register


@case("equal")
def cuba():
    """Currents that decay, exact integration, a refractory period, random pairs."""
    tau_m, tau_e, tau_i, v_t, v_r, e_l = 20 * ms, 5 * ms, 10 * ms, -50 * mV, -60 * mV, -49 * mV
    eqs = """
    dv/dt = (ge + gi - (v - e_l))/tau_m : volt (unless refractory)
    dge/dt = -ge/tau_e : volt
    dgi/dt = -gi/tau_i : volt
    """
    group = NeuronGroup(1000, eqs, threshold="v > v_t", reset="v = v_r", refractory=5 * ms, method="exact")
    group.v = "v_r + rand()*(v_t - v_r)"
    we, wi = 1.62 * mV, -9 * mV
    exc = Synapses(group[:800], group, on_pre="ge += we", delay=0.1 * ms)
    inh = Synapses(group[800:], group, on_pre="gi += wi", delay=1.5 * ms)
    exc.connect(p=0.05)
    inh.connect(p=0.05)
    return Network(group, exc, inh, SpikeMonitor(group)), 500 * ms, locals()


def _coba(method, n=1000):
    tau_m, tau_e, tau_i, e_l, e_e, e_i = 20 * ms, 5 * ms, 10 * ms, -60 * mV, 0 * mV, -80 * mV
    c_m, g_l = 200 * pF, 10 * nS
    eqs = """
    i_syn = g_e*(e_e - v) + g_i*(e_i - v) : amp
    dv/dt = (g_l*(e_l - v) + i_syn + i_e)/c_m : volt (unless refractory)
    dg_e/dt = -g_e*(1./tau_e) : siemens
    dg_i/dt = -g_i*(1./tau_i) : siemens
    i_e : amp
    """
    group = NeuronGroup(n, eqs, threshold="v > -50*mV", reset="v = -60*mV", refractory=5 * ms, method=method)
    group.v = "e_l + (randn()*5 - 5)*mV"
    group.i_e = "(120 + 40*rand())*pA"
    exc = Synapses(group[: n * 4 // 5], group, "w : siemens", on_pre="g_e += w", delay=0.5 * ms)
    inh = Synapses(group[n * 4 // 5 :], group, on_pre="g_i += 25*nS")
    exc.connect(p=40 / n)
    inh.connect(p=40 / n)
    exc.w = "(2 + 3*rand())*nS"
    inh.delay = "0.2*ms + 2*rand()*ms"
    return Network(group, exc, inh, SpikeMonitor(group)), 500 * ms, locals()


@case("equal")
def coba_euler():
    """Conductances, a weight and a delay for each synapse, a current for each neuron."""
    return _coba("euler")


@case("equal")
def coba_rk4():
    """The same by Runge-Kutta."""
    return _coba("rk4")


@case("equal", faithful=True)
def coba_exponential_euler_at_once():
    """The same by exponential Euler as Brian2 takes it."""
    return _coba("exponential_euler")


@case("alike")
def coba_exponential_euler():
    """The same by exponential Euler, whose states go one after the other here."""
    return _coba("exponential_euler")


def _hh(method, n):
    area = 20000 * umetre**2
    c_m = (1 * ufarad * cm**-2) * area
    g_l, g_na, g_kd = (
        (5e-5 * siemens * cm**-2) * area,
        (100 * msiemens * cm**-2) * area,
        (30 * msiemens * cm**-2) * area,
    )
    e_l, e_k, e_na, v_t = -60 * mV, -90 * mV, 50 * mV, -63 * mV
    tau_e, tau_i, e_e, e_i, we, wi = 5 * ms, 10 * ms, 0 * mV, -80 * mV, 6 * nS, 67 * nS
    eqs = """
    dv/dt = (g_l*(e_l - v) + ge*(e_e - v) + gi*(e_i - v)
             - g_na*(m*m*m)*h*(v - e_na) - g_kd*(n*n*n*n)*(v - e_k))/c_m : volt
    dm/dt = alpha_m*(1 - m) - beta_m*m : 1
    dn/dt = alpha_n*(1 - n) - beta_n*n : 1
    dh/dt = alpha_h*(1 - h) - beta_h*h : 1
    dge/dt = -ge*(1./tau_e) : siemens
    dgi/dt = -gi*(1./tau_i) : siemens
    alpha_m = 0.32*(mV**-1)*4*mV/exprel((13*mV - v + v_t)/(4*mV))/ms : Hz
    beta_m = 0.28*(mV**-1)*5*mV/exprel((v - v_t - 40*mV)/(5*mV))/ms : Hz
    alpha_h = 0.128*exp((17*mV - v + v_t)/(18*mV))/ms : Hz
    beta_h = 4./(1 + exp((40*mV - v + v_t)/(5*mV)))/ms : Hz
    alpha_n = 0.032*(mV**-1)*5*mV/exprel((15*mV - v + v_t)/(5*mV))/ms : Hz
    beta_n = .5*exp((10*mV - v + v_t)/(40*mV))/ms : Hz
    """
    group = NeuronGroup(n, eqs, threshold="v > -20*mV", refractory=3 * ms, method=method)
    exc = Synapses(group[: n * 4 // 5], group, on_pre="ge += we", delay=0.1 * ms)
    inh = Synapses(group[n * 4 // 5 :], group, on_pre="gi += wi", delay=0.1 * ms)
    exc.connect(p=80 / n)
    inh.connect(p=80 / n)
    group.v = "e_l + (randn()*5 - 5)*mV"
    group.ge = "(randn()*1.5 + 4)*10*nS"
    group.gi = "(randn()*12 + 20)*10*nS"
    return Network(group, exc, inh, SpikeMonitor(group)), 200 * ms, locals()


@case("alike")
def cobahh_exponential_euler():
    """Hodgkin-Huxley cells of Traub and Miles, as in the benchmarks of Brette and others 2007; no reset."""
    return _hh("exponential_euler", 1000)


@case("equal", faithful=True)
def cobahh_at_once():
    """The same as Brian2 takes it; 60 ms: such a network forgets its start soon."""
    net, _, names = _hh("exponential_euler", 1000)
    return net, 60 * ms, names


@case("equal")
def cobahh_rk4():
    """The same by Runge-Kutta, at a step of 0.02 ms."""
    defaultclock.dt = 0.02 * ms
    net, _, names = _hh("rk4", 200)
    return net, 60 * ms, names


@case("equal")
def izhikevich():
    """Jumps of the potential that the threshold tests, in a model without dimensions and without a refractory period.

    100 ms: at 200 ms a change of the start by 1e-13, or the compiler's option `-ffast-math`, shows in Brian2's own spikes.
    """
    eqs = """
    dv/dt = (0.04*v**2 + 5*v + 140 - u + drive)/ms : 1
    du/dt = a*(b*v - u)/ms : 1
    a : 1
    b : 1
    c : 1
    d : 1
    drive : 1 (constant)
    """
    defaultclock.dt = 0.5 * ms
    group = NeuronGroup(500, eqs, threshold="v >= 30", reset="v = c; u += d", method="euler")
    group.a, group.b, group.c, group.d = (
        "0.02 + 0.08*int(i >= 400)*rand()",
        0.2,
        "-65 + 15*rand()**2",
        "8 - 6*int(i >= 400)",
    )
    group.v, group.drive = -65, "4 + 8*rand()"
    group.u = "b*v"
    exc = Synapses(group[:400], group, "w : 1", on_pre="v += w", delay=1 * ms)
    inh = Synapses(group[400:], group, "w : 1", on_pre="v -= w", delay=0.5 * ms)
    exc.connect(p=0.2)
    inh.connect(p=0.2)
    # weights that single precision holds, since each is rounded to it once here
    exc.w, inh.w = "floor(rand()*512)/1024", "floor(rand()*1024)/1024"
    return Network(group, exc, inh, SpikeMonitor(group)), 100 * ms, locals()


@case("equal")
def adex():
    """An exponential upstroke, adaptation, a threshold by a number for each neuron, Runge-Kutta."""
    c_m, g_l, e_l, v_t, delta_t = 281 * pF, 30 * nS, -70.6 * mV, -50.4 * mV, 2 * mV
    tau_w, a, b, v_r, tau_e = 144 * ms, 4 * nS, 0.0805 * nA, -70.6 * mV, 5 * ms
    eqs = """
    dv/dt = (g_l*(e_l - v) + g_l*delta_t*exp((v - v_t)/delta_t) + ge*(0*mV - v) + drive - w)/c_m : volt
    dw/dt = (a*(v - e_l) - w)/tau_w : amp
    dge/dt = -ge/tau_e : siemens
    drive : amp
    v_cut : volt (constant)
    """
    group = NeuronGroup(200, eqs, threshold="v > v_cut", reset="v = v_r; w += b", method="rk4")
    group.v, group.drive, group.v_cut = e_l, "(0.8 + 0.4*rand())*nA", "v_t + (2 + rand())*delta_t"
    exc = Synapses(group, group, on_pre="ge += 1*nS", delay=2 * ms)
    exc.connect(p=0.1, condition="i != j")
    return Network(group, exc, SpikeMonitor(group)), 500 * ms, locals()


@case("equal")
def brunel():
    """Jumps onto a potential that is held while refractory: what arrives meanwhile is lost."""
    tau, theta, v_r, jump = 20 * ms, 20 * mV, 10 * mV, 0.3 * mV
    group = NeuronGroup(
        1000,
        "dv/dt = (drive - v)/tau : volt (unless refractory)\ndrive : volt",
        threshold="v > theta",
        reset="v = v_r",
        refractory=2 * ms,
        method="exact",
    )
    group.v, group.drive = "rand()*theta", "(20 + 8*rand())*mV"
    exc = Synapses(group[:800], group, on_pre="v += jump", delay=1.5 * ms)
    inh = Synapses(group[800:], group, on_pre="v += -5*jump", delay=0.1 * ms)
    exc.connect(p=0.1)
    inh.connect(p=0.1)
    return Network(group, exc, inh, SpikeMonitor(group)), 500 * ms, locals()


@case("equal")
def jumps_without_hold():
    """The same where the potential goes on while refractory, and a reset that takes away instead of setting."""
    tau, theta, jump = 20 * ms, 20 * mV, 0.3 * mV
    group = NeuronGroup(
        500,
        "dv/dt = (drive - v)/tau : volt\ndrive : volt",
        threshold="v > theta",
        reset="v -= 15*mV",
        refractory=3 * ms,
        method="exact",
    )
    group.v, group.drive = "rand()*theta", "(20 + 8*rand())*mV"
    exc = Synapses(group[:400], group, on_pre="v += jump", delay=1.5 * ms)
    inh = Synapses(group[400:], group, on_pre="v -= 4*jump", delay=0.1 * ms)
    exc.connect(p=0.1)
    inh.connect(p=0.1)
    return Network(group, exc, inh, SpikeMonitor(group)), 500 * ms, locals()


@case("equal")
def refractory_expressions():
    """Refractory periods for each neuron, and as a condition that holds on."""
    defaultclock.dt = 0.05 * ms
    eqs = """
    dv/dt = (drive - v)/(10*ms) : 1 (unless refractory)
    dx/dt = -x/(7*ms) : 1
    drive : 1
    quiet : second
    """
    one = NeuronGroup(
        50, eqs, threshold="v > 1 + x", reset="v = 0; x += 0.1", refractory="quiet + 1*ms", method="exact"
    )
    two = NeuronGroup(50, eqs, threshold="v > 1", reset="v = 0; x += 1", refractory="x > 0.3", method="exact")
    for group in (one, two):
        group.drive, group.quiet = "1.2 + 2*rand()", "rand()*5*ms"
    link = Synapses(one, two, on_pre="v += 0.2", delay=1 * ms)
    link.connect(p=0.3)
    return Network(one, two, link, SpikeMonitor(one), SpikeMonitor(two)), 400 * ms, locals()


@case("equal")
def stdp():
    """Pairs, additive, event by event; hard bounds by `clip`; sources that list their times."""
    tau_m, tau_pre, tau_post, g_max = 10 * ms, 20 * ms, 20 * ms, 0.05
    d_pre = 0.01 * g_max
    d_post = -d_pre * 1.05
    rng = np.random.default_rng(5)
    index, times = np.nonzero(rng.random((400, 5000)) < 0.0015)
    generator = SpikeGeneratorGroup(400, index, times * 0.1 * ms)
    cells = NeuronGroup(
        5,
        "dv/dt = (ge*(0*mV - v) - (v + 74*mV))/tau_m : volt\ndge/dt = -ge/(5*ms) : 1",
        threshold="v > -54*mV",
        reset="v = -60*mV",
        method="euler",
    )
    cells.v = -74 * mV
    link = Synapses(
        generator,
        cells,
        """w : 1
        dx/dt = -x/tau_pre : 1 (event-driven)
        dy/dt = -y/tau_post : 1 (event-driven)""",
        on_pre="""ge += w
        x += d_pre
        w = clip(w + y, 0, g_max)""",
        on_post="""y += d_post
        w = clip(w + x, 0, g_max)""",
        delay=1 * ms,
    )
    link.connect(p=0.8)
    link.w = "rand()*g_max"
    return (
        Network(generator, cells, link, SpikeMonitor(cells), StateMonitor(link, "w", record=True, dt=50 * ms)),
        500 * ms,
        locals(),
    )


@case("equal")
def summed():
    """Gap junctions, and conductances of their own per synapse that saturate, in every step."""
    eqs = """
    dv/dt = (drive + gap + slow*(1.5 - v) - v)/(10*ms) : 1
    gap : 1
    slow : 1
    drive : 1
    """
    group = NeuronGroup(60, eqs, threshold="v > 1", reset="v = 0", method="euler")
    group.drive, group.v = "1.1 + rand()", "rand()"
    gap = Synapses(group, group, "w : 1\ngap_post = w*(v_pre - v_post) : 1 (summed)")
    gap.connect(p=0.1, condition="i != j")
    gap.w = "0.02*rand()"
    slow = Synapses(
        group,
        group,
        """ds/dt = -s/(50*ms) : 1 (clock-driven)
        w : 1
        slow_post = w*s : 1 (summed)""",
        on_pre="s += 0.5*(1 - s)",
        delay=3 * ms,
    )
    slow.connect(p=0.1)
    slow.w = 0.02
    return Network(group, gap, slow, SpikeMonitor(group)), 300 * ms, locals()


@case("equal")
def timed_array():
    """A current over time, and one for each neuron."""
    steps = TimedArray(np.array([0.5, 1.5, 3.0, 0.0, 2.0]), dt=20 * ms)
    each = TimedArray(np.linspace(0, 2, 40).reshape(4, 10), dt=30 * ms)
    group = NeuronGroup(
        10,
        "dv/dt = (steps(t) + each(t, i) - v)/tau : 1\ntau : second (shared, constant)",
        threshold="v > 1",
        reset="v = 0",
        method="euler",
    )
    group.tau = 8 * ms
    return Network(group, SpikeMonitor(group)), 200 * ms, locals()


@case("near")
def noise():
    """White noise on the potential, Poisson sources, a Poisson input: drawn while it runs, so only the rates agree."""
    tau, sigma = 10 * ms, 4 * mV
    group = NeuronGroup(
        1000,
        "dv/dt = (-60*mV - v)/tau + sigma*sqrt(2/tau)*xi : volt (unless refractory)",
        threshold="v > -52*mV",
        reset="v = -60*mV",
        refractory=2 * ms,
        method="euler",
    )
    group.v = -60 * mV
    source = PoissonGroup(200, rates="20*Hz + i*0.1*Hz")
    link = Synapses(source, group, on_pre="v += 0.5*mV", delay=1 * ms)
    link.connect(p=0.1)
    back = PoissonInput(group, "v", 100, 5 * Hz, 0.3 * mV)
    return Network(group, source, link, back, SpikeMonitor(group), SpikeMonitor(source)), 1000 * ms, locals()


@case("equal")
def short_term_plasticity():
    """States that a spike sends and changes, in ranges that are given."""
    index, times = np.nonzero(np.random.random((20, 5000)) < 0.004)
    source = SpikeGeneratorGroup(20, index, times * 0.1 * ms)
    group = NeuronGroup(
        10,
        "dv/dt = (g - v)/(10*ms) : 1\ndg/dt = -g/(3*ms) : 1",
        threshold="v > 1",
        reset="v = 0",
        method="euler",
    )
    link = Synapses(
        source,
        group,
        """w : 1
        du/dt = -u/(500*ms) : 1 (event-driven)
        dx/dt = (1 - x)/(200*ms) : 1 (event-driven)""",
        on_pre="""u += 0.3*(1 - u)
        g_post += w*u*x
        x -= u*x""",
        delay=1 * ms,
    )
    link.connect(p=0.8)
    link.w, link.x = 4.0, 1.0
    return Network(source, group, link, SpikeMonitor(group)), 500 * ms, locals()


RANGES["short_term_plasticity"] = {"u": ("0", "1"), "x": ("0", "1")}


@case("equal")
def two_pathways():
    """Parts of groups, two kinds of spikes with delays of their own, a variable that the reset changes, two targets at once."""
    group = NeuronGroup(
        60,
        "dv/dt = (drive - v + ge)/(10*ms) : 1\ndge/dt = -ge/(5*ms) : 1\ndrive : 1",
        threshold="v > 1",
        reset="v = 0\ndrive -= 0.001",
        method="euler",
    )
    group.drive = "1.0 + rand()"
    delays = {"up": 1 * ms, "down": 3 * ms}
    some = Synapses(group[:40], group[20:], "w : 1", on_pre={"up": "ge += w", "down": "ge -= 0.5*w"}, delay=delays)
    some.connect(p=0.2)
    some.w = "floor(rand()*100)/1024"
    every = Synapses(group, group, on_pre="ge_post += 0.01\nv_post += 0.01", delay=2 * ms)
    every.connect(p=0.1)
    return Network(group, some, every, SpikeMonitor(group)), 300 * ms, locals()


@case("equal")
def booleans_and_counts():
    """Conditions, a boolean and an integer that the reset writes, a name that only it knows, a refractory period that moves."""
    group = NeuronGroup(
        50,
        """dv/dt = (2 - v)/(10*ms)*int(v < 5) : 1 (unless refractory)
        da/dt = -a/(50*ms) : 1
        level : 1
        n : integer
        up : boolean""",
        threshold="v > level + a and not up",
        reset="""bump = 0.1*level
        v = 0
        a += bump
        n += 1
        up = (n > 5)""",
        refractory="(1 + a)*ms",
        method="euler",
    )
    group.level = "0.5 + rand()"
    return Network(group, SpikeMonitor(group), StateMonitor(group, "n", record=True, dt=5 * ms)), 300 * ms, locals()


@case("equal")
def nmda():
    """Receptors with two states of each synapse, stepped by Euler, and a block that reads the target."""
    group = NeuronGroup(
        40,
        "dv/dt = (-60*mV - v)/(10*ms) + (drive + slow)/(200*pF) : volt\ndrive : amp\nslow : amp",
        threshold="v > -45*mV",
        reset="v = -60*mV",
        method="euler",
    )
    group.v, group.drive = -60 * mV, "(200 + 300*rand())*pA"
    link = Synapses(
        group,
        group,
        """ds/dt = -s/(80*ms) + alpha*x*(1 - s) : 1 (clock-driven)
        dx/dt = -x/(2*ms) : 1 (clock-driven)
        w : siemens
        slow_post = w*s*(0*mV - v_post)/(1 + exp(-0.062*v_post/mV)/3.57) : amp (summed)
        alpha : Hz (shared, constant)""",
        on_pre="x += 1",
        delay=1 * ms,
        method="euler",
    )
    link.connect(p=0.2)
    link.w, link.alpha = 0.3 * nS, 500 * Hz
    return Network(group, link, SpikeMonitor(group), StateMonitor(link, "s", record=[0, 3])), 300 * ms, locals()


@case("equal")
def regularly():
    """Statements every 5 ms and in every step, beside spikes that arrive at what they change."""
    group = NeuronGroup(
        40,
        "dv/dt = (drive - v)/(10*ms) : 1\ndrive : 1\nsum : 1",
        threshold="v > 1",
        reset="v = 0",
        method="exact",
    )
    group.drive = "1 + rand()"
    group.run_regularly("drive = 3 - drive\nv += 0.1*drive", dt=5 * ms)
    group.run_regularly("sum += v")
    link = Synapses(group, group, on_pre="v += 0.05", delay=1 * ms)
    link.connect(p=0.2)
    return Network(group, link, SpikeMonitor(group)), 200 * ms, locals()
