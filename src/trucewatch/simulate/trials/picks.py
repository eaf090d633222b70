"""Picks of a network of 100 stations, simulated, with the truth apart from them.

The stations stand on a grid over 220 x 220 km; sources lie on the ground. Besides the plain world
there is a hard one, in which what the method believes is wrong, and worlds of nothing but clutter:
homogeneous, in bursts and gusts, in swarms, machines and a storm front, and in shapes that were
drawn when the method seemed finished (thunder, convoys, blips, squalls) and was (cascades).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BOX_KM = 220.0
SIDE = 10  # stations along one side
SPEED_KM_S = (6.3, 3.7)  # P and S
SIGMA_S = 0.4  # of a pick
HEARD_P = 0.85  # probability of a pick near the source
EDGE_KM = 6.0  # its fall about the source's reach, which is 40 to 90 km
REACH_KM = (40.0, 90.0)
HOUR_S, DAY_S = 3600.0, 86_400.0


class PickWorld(NamedTuple):
    """What the network says: one row per pick, by time."""

    station_km: NDArray[np.float64]  # (100, 2)
    station: NDArray[np.int32]  # (n,)
    phase: NDArray[np.int8]  # (n,) 0 P, 1 S
    time_s: NDArray[np.float64]  # (n,) since the world began


class PickTruth(NamedTuple):
    """What it does not say."""

    source: NDArray[np.int64]  # (n,) source of each pick, or -1 for clutter
    place_km: NDArray[np.float64]  # (m, 2)
    time_s: NDArray[np.float64]  # (m,)


class Worse(NamedTuple):
    """What the hard world gets wrong, by how much."""

    ratio: float = 0.02  # relative sd of the speed of each path from a 55 km cell to a station
    static_s: float = 0.2  # sd of a constant delay of each channel
    dead_p: float = 0.15  # probability that a station hears nothing all day
    weakest_p: float = 0.4  # stations hear U(weakest, 1) as well as the best
    edge_km: float = 10.0


def stations() -> NDArray[np.float64]:
    """Return (100, 2) places of the stations, km."""
    along = np.linspace(10.0, 210.0, SIDE)
    return np.array([(east, north) for east in along for north in along])


def draw(
    *, per_day: int, ratio: float, seed: int, length_h: float = 24.0
) -> tuple[PickWorld, PickTruth]:
    """Return a world in which the method's belief is nearly true.

    Args:
        per_day: Sources a day.
        ratio: Clutter picks per true pick, homogeneous in time and over channels.
        seed: Decides everything.
        length_h: How long the world lasts.
    """
    rng = np.random.default_rng(seed)
    sources = _sources(rng, per_day, length_h)
    away_km = _away(sources[0])
    heard_p = HEARD_P / (1 + np.exp((away_km - sources[2][:, None]) / EDGE_KM))
    parts = []
    for phase, speed_km_s in enumerate(SPEED_KM_S):
        which, station = np.nonzero(rng.random(away_km.shape) < heard_p)
        travel_s = away_km[which, station] / speed_km_s
        time_s = sources[1][which] + travel_s + SIGMA_S * rng.normal(size=len(which))
        parts.append((station, np.full(len(which), phase), time_s, which))
    parts.append(_steady(rng, round(ratio * _count(parts)), length_h * HOUR_S))
    return _world(parts, sources)


def draw_hard(
    *, per_day: int, ratio: float, seed: int, length_h: float = 24.0, worse: Worse | None = None
) -> tuple[PickWorld, PickTruth]:
    """Return a world that the method's belief does not fit: speeds, statics, stations, clutter.

    A quarter of the clutter is bursts of single stations, a quarter gusts over all of them.

    Args:
        per_day: Sources a day.
        ratio: Clutter picks per true pick.
        seed: Decides everything.
        length_h: How long the world lasts.
        worse: How wrong; as in `Worse` by default.
    """
    worse = worse or Worse()
    rng = np.random.default_rng(1000 + seed)
    sources = _sources(rng, per_day, length_h)
    many = SIDE * SIDE
    cell = (sources[0] // 55).astype(int) @ [4, 1]
    slower = 1 + worse.ratio * rng.normal(size=(16, many))
    static_s = worse.static_s * rng.normal(size=(many, 2))
    factor = rng.uniform(worse.weakest_p, 1, many) * (rng.random(many) > worse.dead_p)
    away_km = _away(sources[0])
    heard_p = factor / (1 + np.exp((away_km - sources[2][:, None]) / worse.edge_km))
    parts = []
    for phase, speed_km_s in enumerate(SPEED_KM_S):
        which, station = np.nonzero(rng.random(away_km.shape) < heard_p)
        travel_s = away_km[which, station] / speed_km_s * slower[cell[which], station]
        error_s = static_s[station, phase] + SIGMA_S * rng.normal(size=len(which))
        time_s = sources[1][which] + travel_s + error_s
        parts.append((station, np.full(len(which), phase), time_s, which))
    clutter = round(ratio * _count(parts))
    parts.append(_bursty(rng, clutter, length_h * HOUR_S))
    return _world(parts, sources)


def draw_noise(
    picks_per_day: int, seed: int, *, bursty: bool, length_h: float = 24.0
) -> tuple[PickWorld, PickTruth]:
    """Return clutter and nothing else: homogeneous, or a quarter bursts and a quarter gusts.

    Args:
        picks_per_day: How many.
        seed: Decides everything.
        bursty: Whether it comes in the bursts and gusts of the hard world.
        length_h: How long the world lasts.
    """
    rng = np.random.default_rng(seed)
    count = round(picks_per_day * length_h / 24)
    make = _bursty if bursty else _steady
    return _world([make(rng, count, length_h * HOUR_S)], _none())


def draw_unseen(
    picks_per_day: int, seed: int, *, length_h: float = 24.0
) -> tuple[PickWorld, PickTruth]:
    """Return clutter in shapes that the search was not built on; its swarms were added to it later.

    A quarter each: steady; swarms that set in at a few neighbouring stations at once and decay as
    1 / t; machines that strike in a period of their own at one station; a storm front that crosses
    the network at 10 to 25 m/s and makes the stations under it restless.

    Args:
        picks_per_day: How many.
        seed: Decides everything.
        length_h: How long the world lasts.
    """
    rng = np.random.default_rng(2000 + seed)
    count, length_s = round(picks_per_day * length_h / 24 / 4), length_h * HOUR_S
    kinds = (_steady, _swarms, _machines, _front)
    return _world([kind(rng, count, length_s) for kind in kinds], _none())


def draw_other(
    picks_per_day: int, seed: int, *, length_h: float = 24.0
) -> tuple[PickWorld, PickTruth]:
    """Return clutter in shapes that nothing at all was chosen on.

    A fifth each: steady; thunder, each stroke of which a handful of stations picks at once; convoys
    that pass the stations along a road; blips, which stations all over the network pick within a
    second; squalls that set in over half of the network.

    Args:
        picks_per_day: How many.
        seed: Decides everything.
        length_h: How long the world lasts.
    """
    rng = np.random.default_rng(3000 + seed)
    count, length_s = round(picks_per_day * length_h / 24 / 5), length_h * HOUR_S
    kinds = (_steady, _thunder, _convoys, _blips, _squalls)
    return _world([kind(rng, count, length_s) for kind in kinds], _none())


def draw_cascades(
    picks_per_day: int, seed: int, *, length_h: float = 24.0
) -> tuple[PickWorld, PickTruth]:
    """Return clutter in which picks bring on picks, drawn after all other shapes and of none.

    A third each: steady; cascades, each pick of which brings on .8 more on average, seconds later
    at its station or a neighbour; regions that pick within three seconds of coming back.

    Args:
        picks_per_day: How many, nearly: the last cascade is cut short.
        seed: Decides everything.
        length_h: How long the world lasts.
    """
    rng = np.random.default_rng(4000 + seed)
    count, length_s = round(picks_per_day * length_h / 24 / 3), length_h * HOUR_S
    kinds = (_steady, _cascades, _returns)
    return _world([kind(rng, count, length_s) for kind in kinds], _none())


Part = tuple["NDArray[np.int64]", "NDArray[np.int64]", "NDArray[np.float64]", "NDArray[np.int64]"]
Sources = tuple["NDArray[np.float64]", "NDArray[np.float64]", "NDArray[np.float64]"]


def _sources(rng: np.random.Generator, per_day: int, length_h: float) -> Sources:
    """Return places, times and reaches."""
    many = round(per_day * length_h / 24)
    place_km = rng.random((many, 2)) * BOX_KM
    return place_km, rng.random(many) * length_h * HOUR_S, rng.uniform(*REACH_KM, many)


def _none() -> Sources:
    return np.zeros((0, 2)), np.zeros(0), np.zeros(0)


def _away(place_km: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (source, station) distances."""
    east_km, north_km = (place_km[:, None] - stations()[None]).transpose(2, 0, 1)
    away_km: NDArray[np.float64] = np.hypot(east_km, north_km)
    return away_km


def _count(parts: list[Part]) -> int:
    return sum(len(part[0]) for part in parts)


def _clutter(
    rng: np.random.Generator, station: NDArray[np.int64], time_s: NDArray[np.float64]
) -> Part:
    """Return picks of either phase that are of nothing."""
    many = len(station)
    return station, rng.integers(0, 2, many), time_s, np.full(many, -1)


def _steady(rng: np.random.Generator, count: int, length_s: float) -> Part:
    return _clutter(rng, rng.integers(0, SIDE * SIDE, count), rng.random(count) * length_s)


def _bursty(rng: np.random.Generator, count: int, length_s: float) -> Part:
    """A quarter bursts of one station (fading in 120 s), a quarter gusts over all (20 minutes)."""
    station, time_s = rng.integers(0, SIDE * SIDE, count), rng.random(count) * length_s
    quarter, bursts, gusts = count // 4, *_many(length_s, 200, 6)
    of = rng.integers(0, bursts, quarter)
    station[:quarter] = rng.integers(0, SIDE * SIDE, bursts)[of]
    time_s[:quarter] = (rng.random(bursts) * length_s)[of] + rng.exponential(120.0, quarter)
    of = rng.integers(0, gusts, quarter)
    time_s[quarter : 2 * quarter] = (rng.random(gusts) * length_s)[of] + rng.random(quarter) * 1200
    return _clutter(rng, station, np.mod(time_s, length_s))


def _many(length_s: float, *per_day: int) -> list[int]:
    """Return how many of each fit the length, at least one."""
    return [max(round(many * length_s / DAY_S), 1) for many in per_day]


def _swarms(rng: np.random.Generator, count: int, length_s: float) -> Part:
    """Swarms at 3 to 8 neighbouring stations, from 5 s on, decaying as 1 / t over 20 minutes."""
    (swarms,) = _many(length_s, 60)
    nearest = np.argsort(_away(stations()), axis=1, kind="stable")
    of = rng.integers(0, swarms, count)
    centre, wide = rng.integers(0, SIDE * SIDE, swarms), rng.integers(3, 9, swarms)
    station = nearest[centre[of], (rng.random(count) * wide[of]).astype(np.int64)]
    after_s = 5.0 * (240.0 ** rng.random(count) - 1)  # 5 s to 20 minutes, density 1 / (5 s + t)
    return _clutter(rng, station, np.mod((rng.random(swarms) * length_s)[of] + after_s, length_s))


def _machines(rng: np.random.Generator, count: int, length_s: float) -> Part:
    """Twelve machines, each at one station: every 2 to 90 s with 20 ms of play."""
    machines = 12
    at = rng.choice(SIDE * SIDE, machines, replace=False)
    period_s = np.exp(rng.uniform(np.log(2.0), np.log(90.0), machines))
    begin_s = rng.random(machines) * length_s
    strikes = rng.multinomial(count, (1 / period_s) / (1 / period_s).sum())
    of = np.repeat(np.arange(machines), strikes)
    nth = np.concatenate([np.arange(many) for many in strikes])
    time_s = begin_s[of] + nth * period_s[of] + 0.02 * rng.normal(size=count)
    return _clutter(rng, at[of], np.mod(time_s, length_s))


def _front(rng: np.random.Generator, count: int, length_s: float) -> Part:
    """A front 15 km deep crosses the box; stations under it are restless."""
    towards_rad, speed_km_s = rng.uniform(0, 2 * np.pi), rng.uniform(0.010, 0.025)
    along_km = (stations() - BOX_KM / 2) @ [np.cos(towards_rad), np.sin(towards_rad)]
    middle_s = rng.random() * length_s + along_km / speed_km_s
    station = rng.integers(0, SIDE * SIDE, count)
    time_s = middle_s[station] + rng.normal(size=count) * 15.0 / 2 / speed_km_s
    return _clutter(rng, station, np.mod(time_s, length_s))


def _thunder(rng: np.random.Generator, count: int, length_s: float) -> Part:
    """Ten cells of 40 minutes; the 3 to 8 stations around one pick each stroke within 0.1 s."""
    (cells,) = _many(length_s, 10)
    nearest = np.argsort(_away(stations()), axis=1, kind="stable")
    centre, wide = rng.integers(0, SIDE * SIDE, cells), rng.integers(3, 9, cells)
    begin_s = rng.random(cells) * length_s
    strokes = max(count // 5, 1)
    cell, stroke = rng.integers(0, cells, strokes), rng.integers(0, strokes, count)
    struck_s = begin_s[cell] + rng.random(strokes) * 2400.0
    of = cell[stroke]
    station = nearest[centre[of], (rng.random(count) * wide[of]).astype(np.int64)]
    time_s = struck_s[stroke] + 0.1 * rng.normal(size=count)
    return _clutter(rng, station, np.mod(time_s, length_s))


def _convoys(rng: np.random.Generator, count: int, length_s: float) -> Part:
    """Thirty convoys at 8 to 20 m/s along rows of stations, each heard from 2 km away."""
    (convoys,) = _many(length_s, 30)
    road, speed_km_s = rng.integers(0, SIDE, convoys), rng.uniform(0.008, 0.020, convoys)
    spaced_km = (BOX_KM - 20.0) / (SIDE - 1)
    begin_s = rng.random(convoys) * length_s
    of, stop = rng.integers(0, convoys, count), rng.integers(0, SIDE, count)
    station = np.where(of % 2 == 0, road[of] * SIDE + stop, stop * SIDE + road[of])
    along_km = stop * spaced_km + rng.uniform(-2.0, 2.0, count)
    return _clutter(rng, station, np.mod(begin_s[of] + along_km / speed_km_s[of], length_s))


def _blips(rng: np.random.Generator, count: int, length_s: float) -> Part:
    """A blip of power or clocks makes 10 to 50 stations, anywhere, pick within about a second."""
    many = rng.integers(10, 51, max(count // 30, 1))
    of = np.repeat(np.arange(len(many)), many)[:count]
    blip_s = rng.random(len(many)) * length_s
    time_s = blip_s[of] + rng.normal(size=len(of)) * 0.4
    return _clutter(rng, rng.integers(0, SIDE * SIDE, len(of)), np.mod(time_s, length_s))


def _squalls(rng: np.random.Generator, count: int, length_s: float) -> Part:
    """Eight squalls set in within a minute over half of the network and last 15 minutes."""
    (squalls,) = _many(length_s, 8)
    begin_s, towards_rad = rng.random(squalls) * length_s, rng.uniform(0, 2 * np.pi, squalls)
    way = np.stack([np.cos(towards_rad), np.sin(towards_rad)])
    order = np.argsort((stations() - BOX_KM / 2) @ way, axis=0, kind="stable")
    of, half = rng.integers(0, squalls, count), rng.integers(0, SIDE * SIDE // 2, count)
    onset_s = rng.random((squalls, SIDE * SIDE)) * 60.0
    station = order[half, of]
    time_s = begin_s[of] + onset_s[of, station] + rng.random(count) * 900.0
    return _clutter(rng, station, np.mod(time_s, length_s))


def _cascades(rng: np.random.Generator, count: int, length_s: float) -> Part:
    """Branching in generations: .8 picks follow each, 10 s later on average, one step away."""
    nearest = np.argsort(_away(stations()), axis=1, kind="stable")
    station, time_s = rng.integers(0, SIDE * SIDE, count // 5), rng.random(count // 5) * length_s
    stations_, times_s = [station], [time_s]
    while len(station) and sum(map(len, stations_)) < count:
        parent = np.repeat(np.arange(len(station)), rng.poisson(0.8, len(station)))
        station = nearest[station[parent], rng.integers(0, 5, len(parent))]
        time_s = time_s[parent] + rng.exponential(10.0, len(parent))
        stations_.append(station)
        times_s.append(time_s)
    all_s = np.mod(np.concatenate(times_s)[:count], length_s)
    return _clutter(rng, np.concatenate(stations_)[:count], all_s)


def _returns(rng: np.random.Generator, count: int, length_s: float) -> Part:
    """The 10 to 40 stations around one come back within 3 s of each other, and pick as they do."""
    nearest = np.argsort(_away(stations()), axis=1, kind="stable")
    wide = rng.integers(10, 41, max(count // 20, 1))
    of = np.repeat(np.arange(len(wide)), wide)[:count]
    rank = (rng.random(len(of)) * wide[of]).astype(np.int64)
    centre, back_s = rng.integers(0, SIDE * SIDE, len(wide)), rng.random(len(wide)) * length_s
    time_s = back_s[of] + rng.random(len(of)) * 3.0
    return _clutter(rng, nearest[centre[of], rank], np.mod(time_s, length_s))


def _world(parts: list[Part], sources: Sources) -> tuple[PickWorld, PickTruth]:
    """Put all picks in order of time."""
    station, phase, time_s, source = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(time_s, kind="stable")
    world = PickWorld(
        stations(),
        station[order].astype(np.int32),
        phase[order].astype(np.int8),
        time_s[order],
    )
    return world, PickTruth(source[order], *sources[:2])
