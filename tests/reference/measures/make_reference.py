#!/usr/bin/env python3
"""Spike trains, and what Elephant measures of them.

    python3 make_reference.py [OUTDIR]      (default: this folder)

Needs elephant, neo and numpy. Conventions and provenance: README.md in this folder.
"""
import json
import os
import sys
import warnings

import elephant
import neo
import numpy as np
import quantities as pq
from elephant import conversion, spectral, spike_train_correlation, spike_train_dissimilarity, statistics

warnings.simplefilter('ignore')
# a step that binary numbers hold exactly, so that no tie at an edge is decided by rounding
DT = 0.125
AFTER, LAST = 800, 16800


def trains(rng):
    """Steps of the spikes of nine neurons: irregular, regular, bursting, copied with jitter, one spike, none."""
    span = np.arange(AFTER + 1, LAST + 1)
    poisson = lambda hz: np.sort(rng.choice(span, rng.poisson(hz * (LAST - AFTER) * DT * 1e-3), replace=False))
    first = poisson(40)
    copied = np.unique(np.clip(first + rng.integers(-12, 13, first.size), AFTER + 1, LAST))
    starts = np.arange(AFTER + 100, LAST - 200, 1600)
    bursts = np.unique(np.concatenate([starts + k * 24 for k in range(5)]))
    gamma = AFTER + np.cumsum(np.rint(rng.gamma(4.0, 60.0, 60)).astype(int) + 1)
    return [first, copied, poisson(8), np.arange(AFTER + 40, LAST, 400), bursts, gamma[gamma <= LAST],
            np.array([AFTER + 5, LAST]), np.array([9000]), np.array([], dtype=int)]


def neo_train(steps, shift=0.0):
    return neo.SpikeTrain((steps - shift) * DT, units='ms', t_start=AFTER * DT, t_stop=LAST * DT)


def plain(values):
    """Lists of numbers; NaN as null."""
    if isinstance(values, (list, tuple)) or np.ndim(values):
        return [plain(value) for value in values]
    value = float(values)
    return None if np.isnan(value) else value


def magnitude(quantity, unit):
    return np.asarray(quantity.rescale(unit).magnitude)


def golomb(v):
    """Golomb and Rinzel 1993, equation 4 squared as in Golomb 2007: not in Elephant; v is samples x neurons."""
    return np.var(v.mean(axis=1)) / np.mean(np.var(v, axis=0))


def main(out):
    rng = np.random.default_rng(20261129)
    steps = trains(rng)
    at = [neo_train(s) for s in steps]
    # bins of ours are closed on the right, Elephant's on the left: half a step earlier no spike lies on an edge
    inside = [neo_train(s, 0.5) for s in steps]
    gaps = [statistics.isi(t) for t in at]
    per_train = lambda measure: [plain(measure(g)) if len(g) >= 2 else None for g in gaps]
    binned = lambda width: conversion.BinnedSpikeTrain(inside, bin_size=width * DT * pq.ms)
    cases = {
        'rate_hz': [plain(magnitude(statistics.mean_firing_rate(t), 'Hz')) for t in at],
        'cv': per_train(lambda g: statistics.cv(magnitude(g, 'ms'))),
        'cv2': per_train(lambda g: statistics.cv2(magnitude(g, 'ms'))),
        'lv': per_train(lambda g: statistics.lv(magnitude(g, 'ms'))),
        'lvr_5_ms': per_train(lambda g: statistics.lvr(g, R=5 * pq.ms)),
        'lvr_2_ms': per_train(lambda g: statistics.lvr(g, R=2 * pq.ms)),
        'fano': plain(statistics.fanofactor(at)),
        'population_rate_hz': {
            'bin_steps': 80,
            'values': plain(magnitude(statistics.time_histogram(inside, 10 * pq.ms, output='rate'), 'Hz')[:, 0])},
        'correlation_matrix': [
            {'bin_steps': width, 'values': plain(spike_train_correlation.correlation_coefficient(binned(width), fast=False))}
            for width in (16, 80)],
        'correlogram': [],
        'tiling': [],
        'van_rossum': [
            {'tau_ms': tau, 'values': plain(spike_train_dissimilarity.van_rossum_distance(at, tau * pq.ms))}
            for tau in (2.0, 20.0)],
        'victor_purpura': [
            {'cost_per_ms': cost,
             'values': plain(spike_train_dissimilarity.victor_purpura_distance(at, cost / pq.ms))}
            for cost in (0.05, 0.5)],
    }
    for i, j in [(0, 1), (1, 0), (0, 4), (3, 4), (5, 2), (7, 0)]:
        a, b = (conversion.BinnedSpikeTrain(inside[k], bin_size=8 * DT * pq.ms) for k in (i, j))
        both = {}
        for name, normal in (('counts', False), ('coefficients', True)):
            values, lags = spike_train_correlation.cross_correlation_histogram(
                a, b, window=[-30, 30], cross_correlation_coefficient=normal, method='memory')
            both[name] = plain(np.asarray(values.magnitude)[:, 0])
        cases['correlogram'].append({'pair': [i, j], 'bin_steps': 8, 'lags': [int(lag) for lag in lags], **both})
    for i in range(len(at)):
        for j in range(i, len(at)):
            for reach in (8, 40):
                value = spike_train_correlation.spike_time_tiling_coefficient(at[i], at[j], dt=reach * DT * pq.ms)
                cases['tiling'].append({'pair': [i, j], 'reach_steps': reach, 'value': plain(value)})
    # a trace of three neurons with two rhythms, sampled every 0.5 ms
    t = np.arange(3000) * 0.5
    v = np.stack([-60 + 4 * np.sin(2 * np.pi * 0.040 * t + phase) + 1.5 * np.sin(2 * np.pi * 0.1234 * t)
                  + rng.normal(0, 1, t.size) for phase in (0.0, 0.4, 2.0)], axis=1).round(6)
    signal = neo.AnalogSignal(v, units='mV', sampling_period=0.5 * pq.ms)
    cases['welch'] = []
    for segment in (256, 500, 729, 3000):
        hz, density = spectral.welch_psd(signal[:, 0], len_segment=segment)
        cases['welch'].append({'segment': segment, 'hz': plain(magnitude(hz, 'Hz')),
                               'density': plain(np.asarray(density.magnitude)[0])})
    cases['chi_squared'] = plain(golomb(v))
    data = {'schema': 'measures/1', 'elephant': elephant.__version__, 'numpy': np.__version__, 'dt_ms': DT,
            'after': AFTER, 'last': LAST, 'trains': [[int(k) for k in s] for s in steps],
            'trace': {'interval_ms': 0.5, 'samples': plain(v)}, 'measures': cases}
    with open(os.path.join(out, 'elephant.json'), 'w') as file:
        json.dump(data, file, separators=(',', ':'))
        file.write('\n')


if __name__ == '__main__':
    main(sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__)))
