"""Models in synfire's equation language for what PyNN has and the library of synfire does not."""

#: `adex` with conductances that rise and fall: EIF_cond_alpha_isfa_ista.
ADEX_ALPHA = """
neuron adex_alpha
  param c_m = 281 pF, g_leak = 30 nS, e_leak = -70.6 mV, v_t = -50.4 mV, delta_t = 2 mV
  param a = 4 nS, tau_w = 144 ms, b = 80.5 pA, v_reset = -70.6 mV, v_peak = -40 mV, t_ref = 0 ms, i_e = 0 pA
  param e_exc = 0 mV, e_inh = -80 mV, tau_exc = 5 ms, tau_inh = 5 ms
  state v = e_leak, w = 0 pA, g_exc = 0 nS, g_inh = 0 nS, rise_exc = 0 nS/ms, rise_inh = 0 nS/ms
  input g_exc -> rise_exc*exp(1)/tau_exc
  input g_inh -> rise_inh*exp(1)/tau_inh
  input i_stim : pA
  u            = min(v, v_peak)
  i_spike      = g_leak*delta_t*exp((u - v_t)/delta_t)
  i_syn        = g_exc*(e_exc - u) + g_inh*(e_inh - u)
  dv/dt        = (g_leak*(e_leak - u) + i_spike + i_syn - w + i_e + i_stim)/c_m (unless refractory)
  dw/dt        = (a*(u - e_leak) - w)/tau_w
  dg_exc/dt    = rise_exc - g_exc/tau_exc
  dg_inh/dt    = rise_inh - g_inh/tau_inh
  drise_exc/dt = -rise_exc/tau_exc
  drise_inh/dt = -rise_inh/tau_inh
  threshold v >= v_peak
  reset v = v_reset; w += b
  refractory t_ref
"""

#: The same without an upstroke (delta_T = 0).
LIF_COND_ALPHA_ADAPTIVE = """
neuron lif_cond_alpha_adaptive
  param c_m = 281 pF, g_leak = 30 nS, e_leak = -70.6 mV, v_t = -50.4 mV
  param a = 4 nS, tau_w = 144 ms, b = 80.5 pA, v_reset = -70.6 mV, t_ref = 0 ms, i_e = 0 pA
  param e_exc = 0 mV, e_inh = -80 mV, tau_exc = 5 ms, tau_inh = 5 ms
  state v = e_leak, w = 0 pA, g_exc = 0 nS, g_inh = 0 nS, rise_exc = 0 nS/ms, rise_inh = 0 nS/ms
  input g_exc -> rise_exc*exp(1)/tau_exc
  input g_inh -> rise_inh*exp(1)/tau_inh
  input i_stim : pA
  i_syn        = g_exc*(e_exc - v) + g_inh*(e_inh - v)
  dv/dt        = (g_leak*(e_leak - v) + i_syn - w + i_e + i_stim)/c_m (unless refractory)
  dw/dt        = (a*(v - e_leak) - w)/tau_w
  dg_exc/dt    = rise_exc - g_exc/tau_exc
  dg_inh/dt    = rise_inh - g_inh/tau_inh
  drise_exc/dt = -rise_exc/tau_exc
  drise_inh/dt = -rise_inh/tau_inh
  threshold v >= v_t
  reset v = v_reset; w += b
  refractory t_ref
"""

#: `traub_miles` whose spikes are at the peak of the potential above v_t + 30 mV, with a dead time of 2 ms, as NEST has them.
HODGKIN_HUXLEY = """
neuron pynn_hh
  param c_m = 200 pF, g_leak = 10 nS, g_na = 20 uS, g_k = 6 uS, e_leak = -65 mV, e_na = 50 mV, e_k = -90 mV
  param v_t = -63 mV, e_exc = 0 mV, e_inh = -80 mV, tau_exc = 0.2 ms, tau_inh = 2 ms, i_e = 0 pA
  state v = e_leak, m = 0, h = 1, n = 0, g_exc = 0 nS, g_inh = 0 nS, v_before = v
  input g_exc, g_inh
  input i_stim : pA
  x       = (v - v_t)/(1 mV)
  alpha_m = 1.28 kHz/exprel((13 - x)/4)
  beta_m  = 1.4 kHz/exprel((x - 40)/5)
  alpha_h = 0.128 kHz*exp((17 - x)/18)
  beta_h  = 4 kHz/(1 + exp((40 - x)/5))
  alpha_n = 0.16 kHz/exprel((15 - x)/5)
  beta_n  = 0.5 kHz*exp((10 - x)/40)
  i_ion = g_na*m**3*h*(e_na - v) + g_k*n**4*(e_k - v)
  i_syn = g_exc*(e_exc - v) + g_inh*(e_inh - v)
  dv/dt = (g_leak*(e_leak - v) + i_ion + i_syn + i_e + i_stim)/c_m
  dm/dt = alpha_m*(1 - m) - beta_m*m
  dh/dt = alpha_h*(1 - h) - beta_h*h
  dn/dt = alpha_n*(1 - n) - beta_n*n
  dg_exc/dt = -g_exc/tau_exc
  dg_inh/dt = -g_inh/tau_inh
  threshold v > v_t + 30 mV and v < v_before
  refractory 2 ms
  step
    v_before = v
    integrate
    receive
    spike
"""

#: A spike in a step with the probability rate times dt, so that the mean rate is right at any step; of
#: several sources each has its part of the rate.
POISSON = """
neuron pynn_poisson
  param rate = 1 Hz (from 0 Hz), start = 0 ms, stop = inf ms, sources = 1
  p = rate*dt/sources if t >= start and t < stop else 0
  threshold rand() < p
"""

#: The same with dead time, in which nothing is drawn; the mean interval is 1/rate.
POISSON_REFRACTORY = """
neuron pynn_poisson_refractory
  param t_ref = 0 ms (from 0 ms below 1/max(rate, 1e-12 Hz)), rate = 1 Hz (from 0 Hz), start = 0 ms, stop = inf ms
  p = rate/(1 - rate*t_ref)*dt if t >= start and t < stop else 0
  threshold rand() < p
  refractory t_ref
"""

#: Each `shape`-th event of a Poisson process of rate `beta` is a spike.
GAMMA = """
neuron pynn_gamma
  param beta = 1 Hz (from 0 Hz), shape = 2 (from 1 to floor(shape)), start = 0 ms, stop = inf ms
  p = beta*dt if t >= start and t < stop else 0
  state count = 0
  threshold count > shape - 0.5
  reset count = 0
  step
    count += 1 if rand() < p else 0
    spike
"""
