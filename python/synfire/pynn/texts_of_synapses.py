"""Synapse models in synfire's equation language, written for a port and the unit of its weights.

`PORT` and `UNIT` in a text stand for both. The models are those of synfire's library of the same kind (`tm`,
`tm_stochastic`, `tm_multiquantal`, `stdp_guetig`, `vogels_2011`) with PyNN's smallest weight beside its largest."""

from __future__ import annotations

STOCHASTIC = """
synapse NAME
  param w : UNIT
  param p = 0.5 (from 0 to 1)
  on_pre PORT += w if rand() < p else 0 UNIT
"""

TSODYKS_MARKRAM = """
synapse NAME
  param w : UNIT
  param u_0 = 0.5 (from 0 to 1), tau_psc = 3 ms, tau_rec = 800 ms, tau_fac = 20 ms, u_start = 0 (from 0 to 1)
  k = tau_rec/(tau_rec - tau_psc)
  x = 1 - s + (k - 1)*y
  state u = u_start (from 0 to 1), y = 0 (from 0 to 1), s = 0, r = 0 (from 0 to 1)
  du/dt = -u/tau_fac
  dy/dt = -y/tau_psc
  ds/dt = -s/tau_rec
  on_pre u += u_0*(1 - u); r = u*x; PORT += w*r; y += r; s += k*r
"""

TM_STOCHASTIC = """
synapse NAME
  param w : UNIT
  param u_0 = 0.5 (from 0 to 1), tau_rec = 800 ms, tau_fac = 20 ms
  state u = 0 (from 0 to 1), e = 0 (from 0 to 1), r = 0 (from 0 to 1)
  du/dt = -u/tau_fac
  de/dt = -e/tau_rec
  on_pre u += u_0*(1 - u)
         e = int(rand() < e)
         r = (1 - e)*int(rand() < u)
         PORT += w*r
         e += r
"""


def _sum(condition: str) -> str:
    terms = [f"int({condition.format(k + 0.5)})" for k in range(10)]
    lines = [" + ".join(terms[k : k + 2]) for k in range(0, 10, 2)]
    return "(" + "\n               + ".join(lines) + ")"


MULTIQUANTAL = f"""
synapse NAME
  param w : UNIT
  param n_sites = 1 (from 1 to min(10, floor(n_sites)))
  param u_0 = 0.5 (from 0 to 1), tau_rec = 800 ms, tau_fac = 20 ms
  state u = 0 (from 0 to 1)
  state n = n_sites (from 0 to n_sites), k = 0 (from 0 to n_sites), h = 0
  du/dt = -u/tau_fac
  dh/dt = -h/tau_rec
  on_pre u += u_0*(1 - u)
         n += {_sum("n_sites - n > {} and rand() >= h")}
         k = {_sum("n > {} and rand() < u")}
         n -= k
         PORT += w/n_sites*k
         h = 1
"""


def written(name: str, text: str, port: str, unit: str) -> tuple[str, str]:
    """The name and the text of a model for a port."""
    name = f"{name}_{port}_{unit}"
    return name, text.replace("NAME", name).replace("PORT", port).replace("UNIT", unit)


def pair(up: str, down: str, powers: bool, where: str) -> str:
    """All pairs of spikes. Potentiation comes first where the delay lies behind the synapse, as in NEST; before it what
    is sent must come first."""
    lines = "  param a_plus = 0.01, a_minus = 0.01, tau_plus = 20 ms, tau_minus = 20 ms\n"
    if powers:
        lines += "  param mu_plus = 0.5 (from 0), mu_minus = 0.5 (from 0)\n"
    lines += "  state x = 0, y = 0\n  dx/dt = -x/tau_plus\n  dy/dt = -y/tau_minus\n"
    strengthen, weaken = f"w += a_plus*{up}*x", f"w -= a_minus*{down}*y"
    if where == "dendritic":
        return lines + f"  on_post {strengthen}\n  on_pre  {weaken}; PORT += w; x += 1\n  on_post y += 1\n"
    return lines + f"  on_pre  {weaken}; PORT += w\n  on_post {strengthen}; y += 1\n  on_pre  x += 1\n"


def vogels(where: str) -> str:
    """Inhibition that balances."""
    lines = "  param eta : UNIT\n  param rho = 3 Hz, tau = 20 ms\n"
    lines += "  state x = 0, y = 0\n  dx/dt = -x/tau\n  dy/dt = -y/tau\n"
    weaken = "w += eta*(y - 2*rho*tau)"
    if where == "dendritic":
        return lines + f"  on_post w += eta*x\n  on_pre  {weaken}; PORT += w; x += 1\n  on_post y += 1\n"
    return lines + f"  on_pre  {weaken}; PORT += w\n  on_post w += eta*x; y += 1\n  on_pre  x += 1\n"


def learning(name: str, body: str, port: str, unit: str, where: str, negative: bool) -> tuple[str, str]:
    """A synapse whose weight `w` is kept between both bounds."""
    ends = ("w_max", "w_min") if negative else ("w_min", "w_max")
    head = f"""
synapse NAME
  param w_min : UNIT
  param w_max : UNIT
  param w_0 : UNIT
  state w = w_0 (from {ends[0]} to {ends[1]})
  delay {where}
"""
    return written(name, head + body, port, unit)
