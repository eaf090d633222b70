"""Swarms and pulses are held against a source by all picks there and then."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.fuse.arrivals.conftest import SETTINGS, SOURCES, picks_of

from trucewatch.fuse.arrivals.find import find
from trucewatch.fuse.arrivals.hearing import hearing
from trucewatch.fuse.arrivals.picks import Network, Picks, tidy
from trucewatch.fuse.arrivals.rates import Clutter, clutter
from trucewatch.fuse.arrivals.refine import GATE, NEW_STEPS, REACH, Fit, Free, T, X, Y, fit, refine
from trucewatch.fuse.arrivals.swarm import (
    BEFORE,
    PER_S,
    PULSE_P,
    PULSE_PER_S,
    PULSE_S,
    RESTLESS_P,
    SWARM_P,
    WIDTHS_S,
    otherwise,
    pulses,
    swarm,
)

SPEED_KM_S = (SETTINGS.speed_p_km_s, SETTINGS.speed_s_km_s)
LEAST_S = GATE * SETTINGS.sigma_s


def fitted(network: Network, picks: Picks) -> tuple[Fit, Free, Clutter]:
    """Return the first of the known sources, fitted to the picks."""
    neat = tidy(picks, network)
    free = Free(neat.channel, neat.time_s, np.ones(len(neat.time_s), np.bool_))
    channels, span_s = 2 * len(network.place_km), (-30.0, float(neat.time_s[-1]) + 30)
    rates = clutter(neat.channel, neat.time_s, channels, span_s, SETTINGS.clutter_s)
    memory = fit(len(network.place_km))
    memory.at[[X, Y, T]] = SOURCES[0] - (0, 0, neat.start_s)
    refine(memory, NEW_STEPS, network.place_km, free, rates, hearing(SETTINGS))
    return memory, free, rates


def slow_odds(count: int, usual_per_s: float, more_per_s: float, long_s: float) -> float:
    """Odds of n picks under an exponential rate over those under the usual one."""
    b_s = 1 / (more_per_s + usual_per_s)
    restless = math.factorial(count) * b_s / (b_s + long_s) ** (count + 1)
    return restless / (usual_per_s**count * math.exp(-usual_per_s * long_s))


def slow_swarm(made: Fit, free: Free) -> float:
    odds = np.ones((2, len(WIDTHS_S)))
    near = [s for s in range(len(made.away_km)) if made.away_km[s] <= made.at[REACH]]
    for w, width_s in enumerate(WIDTHS_S):
        for s in near:
            p_s, s_s = (made.at[T] + made.away_km[s] / v for v in SPEED_KM_S)
            begin_s = p_s - max(BEFORE * width_s, LEAST_S)
            end_s = s_s + max((1 - BEFORE) * width_s, LEAST_S)
            here = (free.channel // 2 == s) & free.free
            here &= (begin_s <= free.time_s) & (free.time_s <= end_s)
            own = int((made.who[s] >= 0).sum())
            for i, count in enumerate((int(here.sum()), int(here.sum()) - own)):
                ratio = slow_odds(count, made.per_s[s].sum(), PER_S, end_s - begin_s)
                odds[i, w] *= 1 - RESTLESS_P + RESTLESS_P * ratio
    mixed = 1 - SWARM_P + SWARM_P * odds.mean(axis=1)
    return math.log(mixed[0] / mixed[1])


def slow_pulses(made: Fit, free: Free, rates: Clutter) -> float:
    begin_s, gain = made.at[T] - LEAST_S, 0.0
    end_s = made.at[T] + SETTINGS.cutoff_km / SETTINGS.speed_s_km_s + LEAST_S
    b = int((made.at[T] - rates.from_s) / rates.bin_s)
    own = set(made.who[made.who >= 0].tolist())
    while begin_s < end_s:
        until_s = min(begin_s + PULSE_S, end_s)
        here = free.free & (begin_s <= free.time_s) & (free.time_s < until_s)
        rows = set(np.flatnonzero(here).tolist())
        for sign, count in ((1, len(rows)), (-1, len(rows - own))):
            ratio = slow_odds(count, rates.local_per_s[:, b].sum(), PULSE_PER_S, PULSE_S)
            gain += sign * math.log(1 - PULSE_P + PULSE_P * ratio)
        begin_s += PULSE_S
    return gain


@pytest.mark.parametrize("clutter_picks", [20, 400])
def test_swarms_and_pulses_explain_as_much_as_their_slow_twins_say(
    network: Network, clutter_picks: int
) -> None:
    made, free, rates = fitted(network, picks_of(SOURCES, network, clutter=clutter_picks)[0])
    free.free[::17] = False
    free.free[made.who[made.who >= 0]] = True

    by_swarm = swarm(made, free, hearing(SETTINGS))
    by_pulses = pulses(made, free, rates, hearing(SETTINGS))

    assert by_swarm == pytest.approx(slow_swarm(made, free), rel=1e-9)
    assert by_pulses == pytest.approx(slow_pulses(made, free, rates), rel=1e-9)
    assert otherwise(made, free, rates, hearing(SETTINGS)) == by_swarm + by_pulses


def together(picks: Picks, station: np.ndarray, time_s: np.ndarray) -> Picks:
    """Add picks of alternating phase."""
    return Picks(
        station=np.concatenate([picks.station, station.astype(np.int32)]),
        phase=np.concatenate([picks.phase, (np.arange(len(station)) % 2).astype(np.int8)]),
        time_s=np.concatenate([picks.time_s, time_s]),
    )


def swarms(network: Network, many: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return stations and times of swarms: 150 picks of 5 to 8 neighbours, decaying as 1 / t."""
    station, time_s = [], []
    for i in range(many):
        centre, wide = network.place_km[rng.integers(0, 36)], rng.integers(5, 9)
        near = np.argsort(np.hypot(*(network.place_km - centre).T))[:wide]
        station.append(rng.choice(near, 150))
        time_s.append(i * 1500.0 + 5.0 * (240.0 ** rng.random(150) - 1))
    return np.concatenate(station), np.concatenate(time_s)


def test_swarms_of_neighbouring_stations_are_no_sources(network: Network) -> None:
    picks, _ = picks_of(SOURCES[:0], network)
    station, time_s = swarms(network, 60, np.random.default_rng(4))

    found = find(together(picks, station, time_s), network, SETTINGS)

    assert len(found.time_s) == 0


def test_claimed_picks_speak_for_nothing(network: Network) -> None:
    picks, _ = picks_of(SOURCES[:1], network)
    time_s = np.full(72, SOURCES[0, 2] + 8.0) + np.random.default_rng(2).normal(0, 0.4, 72)
    made, free, rates = fitted(network, together(picks, np.arange(72) % 36, time_s))
    heard = hearing(SETTINGS)
    before = otherwise(made, free, rates, heard)

    free.free[:] = False
    free.free[made.who[made.who >= 0]] = True

    assert otherwise(made, free, rates, heard) < before


def test_two_sources_within_a_second_are_no_swarm(network: Network) -> None:
    picks, _ = picks_of(np.array([(40.0, 45.0, 500.0), (53.0, 47.0, 500.5)]), network)

    found = find(picks, network, SETTINGS)

    assert len(found.time_s) == 2
