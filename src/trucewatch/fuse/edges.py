"""Which pairs of reports may speak of one incident: inside the gate, and with evidence above theta.

The gate alone is not enough: at realistic densities it joins half of all reports into one component
(day-wide thermal looks are the glue). Evidence holds the local density, so it asks for more where
reports are dense. Reports are searched through cells of a fixed origin; the cells only save time,
the tests on each pair are exact and give the same bits whichever report asks.
"""

from __future__ import annotations

import math
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from trucewatch.fuse.likelihood import (
    LAMBDA,
    LOG_NORMAL_3D,
    S2,
    SINGLE,
    U2,
    T,
    X,
    Y,
    agreement,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.fuse.likelihood import Terms
    from trucewatch.fuse.settings import FusionSettings

LEVELS_KM = (0.75, 1.8)  # sigma between search levels; speed only, never the result
LEVELS_D = (0.3,)  # the same in time
COLUMN_KM = 5.0  # width of a column of ground, or a little more; speed only, best of 4 tried
_COLUMNS_PER_REPORT = 2  # bound of memory: a column is widened until there are at most so many
_COLUMNS_MORE = 1024
_WIDER = 1.2
_SLACK_KM = 1e-6  # the search reaches a little past the gate, so that rounding never decides
_SLACK = 1e-6  # of evidence
_SLACK_D = 1e-8  # ten times the last digit of a time in the year 9999
_GROWTH = 2  # edges per report that are first made room for
_SHORT = 96  # rows in a line of columns that are not worth a binary search; speed only
HALF = 5
"""Column of a search record after X, Y, T, S2, U2: half the log density less the weight alone."""
_RECORD = 6


class Edges(NamedTuple):
    """Pairs of rows (`low` < `high`) and the log evidence that they are one incident."""

    low: NDArray[np.int64]
    high: NDArray[np.int64]
    evidence: NDArray[np.float64]


class Found(NamedTuple):
    """Room for edges; `n` counts on past the end, so that a second pass knows what it needs."""

    edges: Edges
    n: NDArray[np.int64]


class Rule(NamedTuple):
    """When two reports share an edge.

    Attributes:
        pair: Log terms that hang on who the two are, [sensor, sensor].
        gate: Largest distance, in standard deviations of the difference.
        theta: Least evidence.
        pair_max: Largest log term of each sensor with any of the level that is asked.
    """

    pair: NDArray[np.float64]
    gate: float
    theta: float
    pair_max: NDArray[np.float64]


class Ground(NamedTuple):
    """Columns of ground, `nx` by `ny`; where they begin and how wide they are never matters."""

    west_km: float
    south_km: float
    width_km: float
    nx: int
    ny: int


class Level(NamedTuple):
    """Reports of similar errors, by column of ground and by time in each."""

    record: NDArray[np.float64]  # [place, (x, y, t, s2, u2, half)]
    sensor: NDArray[np.int32]
    row: NDArray[np.int32]  # row in the whole table
    start: NDArray[np.int32]  # first place of each column, and the end
    ground: Ground
    least: NDArray[np.float64]  # of the last columns of `record`, see `fill_records`
    most: NDArray[np.float64]
    sensors: NDArray[np.int64]  # those that it holds


def find_edges(
    reports: NDArray[np.float64],
    sensor: NDArray[np.int64],
    terms: Terms,
    settings: FusionSettings,
) -> Edges:
    """Return every edge among the reports, in no order that means anything.

    Args:
        reports: Columns of `likelihood`, rows in canonical order.
        sensor: Row of each report's sensor in `terms`.
        terms: The sensors' terms.
        settings: Gate and theta.
    """
    pair = pair_terms(terms)
    levels = _levels(reports, sensor)
    room = _GROWTH * len(reports) + 64
    while True:
        found = Found(_room(room), np.zeros(1, np.int64))
        for one, other in combinations_with_replacement(levels, 2):
            asking, asked = _cheaper(one, other, settings.gate)
            pair_max = pair[:, asked.sensors].max(axis=1)
            if pair_max[asking.sensors].max() > -math.inf:  # else one sensor, at most once
                rule = Rule(pair, settings.gate, settings.theta, pair_max)
                near = np.empty(len(asked.row), np.int32)
                search(asking, asked, one is other, rule, near, found)
        n = int(found.n[0])
        if n <= room:
            low, high, evidence = found.edges
            return Edges(low[:n], high[:n], evidence[:n])
        room = n


def _room(n: int) -> Edges:
    """Return one block in three parts: a large one is had for less time than many small ones."""
    low, high, evidence = np.empty((3, n), np.int64)
    return Edges(low, high, evidence.view(np.float64))


def pair_terms(terms: Terms) -> NDArray[np.float64]:
    """Return log W of two joined reports without density and integral, for each two sensors."""
    odds = terms.log_count[:, 1] - terms.log_count[:, 0]
    pair = terms.silent_log_p + (odds[:, None] + odds[None, :])
    np.fill_diagonal(pair, terms.silent_log_p + (terms.log_count[:, 2] - terms.log_count[:, 0]))
    return np.asarray(pair)


def _levels(reports: NDArray[np.float64], sensor: NDArray[np.int64]) -> list[Level]:
    level = level_of(reports, np.square(LEVELS_KM), np.square(LEVELS_D))
    row = by_time(reports)
    level = level[row]
    number = np.bincount(level)
    record = np.split(np.empty((len(row), _RECORD)), np.cumsum(number[:-1]))  # see `_room`
    return [_level(reports, sensor, row[level == at], record[at]) for at in np.flatnonzero(number)]


def by_time(reports: NDArray[np.float64]) -> NDArray[np.int32]:
    """Return the rows in order of time; canonical order nearly is, which makes it cheap."""
    time_d = reports[:, T]
    if bool((time_d[1:] >= time_d[:-1]).all()):
        return np.arange(len(time_d), dtype=np.int32)
    return np.argsort(time_d, kind="stable").astype(np.int32)


def _level(
    reports: NDArray[np.float64],
    sensor: NDArray[np.int64],
    row: NDArray[np.int32],
    record: NDArray[np.float64],
) -> Level:
    ground = _ground(reports, row)
    row, start = into_columns(reports, row, ground)
    least, most = fill_records(reports, row, record)
    own = sensor[row].astype(np.int32)
    return Level(record, own, row, start, ground, least, most, np.flatnonzero(np.bincount(own)))


def _ground(reports: NDArray[np.float64], row: NDArray[np.int32]) -> Ground:
    west_km, east_km, south_km, north_km = (float(edge) for edge in outline(reports, row))
    width_km = COLUMN_KM
    while True:
        nx = int((east_km - west_km) / width_km) + 1
        ny = int((north_km - south_km) / width_km) + 1
        if nx * ny <= _COLUMNS_PER_REPORT * len(row) + _COLUMNS_MORE:
            return Ground(west_km, south_km, width_km, nx, ny)
        width_km *= _WIDER


def _cheaper(one: Level, other: Level, gate: float) -> tuple[Level, Level]:
    """Return who asks whom, so that the fewest columns are looked into."""
    if _columns_asked(one, other, gate) <= _columns_asked(other, one, gate):
        return one, other
    return other, one


def _columns_asked(asking: Level, asked: Level, gate: float) -> float:
    reach_km = gate * math.sqrt(float(asking.most[S2] + asked.most[S2]))
    across = 2 * reach_km / asked.ground.width_km + 1
    return len(asking.row) * across * across


@njit(cache=True)
def level_of(reports, s2_levels, u2_levels):  # type: ignore[no-untyped-def]
    """Return the search level of each report, by the size of its errors."""
    level = np.empty(len(reports), np.uint8)
    for i in range(len(reports)):
        at = 0
        for bound in s2_levels:
            at += reports[i, S2] > bound
        at *= len(u2_levels) + 1
        for bound in u2_levels:
            at += reports[i, U2] > bound
        level[i] = at
    return level


@njit(cache=True)
def _reach(s2, u2, best, asked, rule):  # type: ignore[no-untyped-def]
    """Return how far in space (km) and time (d) a partner in a level may lie from a report.

    Within the gate, and not so far that even the best partner would not bring the evidence.
    """
    least, most = asked
    s2_least, u2_least = s2 + least[S2], u2 + least[U2]
    best += most[HALF] + LOG_NORMAL_3D - 0.5 * math.log(s2_least * s2_least * u2_least)
    within2 = min(rule.gate * rule.gate, 2 * (best - rule.theta) + _SLACK)
    if within2 < 0:
        return -1.0, -1.0
    reach = math.sqrt(within2 * (s2 + most[S2])) + _SLACK_KM
    return reach, math.sqrt(within2 * (u2 + most[U2])) + _SLACK_D


@njit(cache=True)
def _step(at, least, width, n):  # type: ignore[no-untyped-def]
    """Return which of n columns along one axis holds a place; the outer ones go on for ever."""
    return int(min(max((at - least) * (1 / width), 0.0), n - 1.0))


@njit(cache=True)
def outline(reports, row):  # type: ignore[no-untyped-def]
    """Return the least and greatest x, then y, of some rows."""
    west, east, south, north = math.inf, -math.inf, math.inf, -math.inf
    for i in row:
        west, east = min(west, reports[i, X]), max(east, reports[i, X])
        south, north = min(south, reports[i, Y]), max(north, reports[i, Y])
    return west, east, south, north


@njit(cache=True)
def fill_records(reports, row, record):  # type: ignore[no-untyped-def]
    """Fill in the search records of some rows; return least and greatest of s2, u2 and half.

    The other bounds are infinite; nothing asks for them.
    """
    least, most = np.full(_RECORD, math.inf), np.full(_RECORD, -math.inf)
    for q in range(len(row)):
        i = row[q]
        for c in range(HALF):
            record[q, c] = reports[i, c]
        record[q, HALF] = 0.5 * reports[i, LAMBDA] - reports[i, SINGLE]
        for c in range(S2, _RECORD):
            least[c], most[c] = min(least[c], record[q, c]), max(most[c], record[q, c])
    return least, most


@njit(cache=True)
def into_columns(reports, row, ground):  # type: ignore[no-untyped-def]
    """Return the rows by column of ground (else their order stays) and where each one starts."""
    start = np.zeros(ground.nx * ground.ny + 1, np.int32)
    column = np.empty(len(row), np.int32)
    for q in range(len(row)):
        ix = _step(reports[row[q], X], ground.west_km, ground.width_km, ground.nx)
        iy = _step(reports[row[q], Y], ground.south_km, ground.width_km, ground.ny)
        column[q] = ix * ground.ny + iy
        start[column[q] + 1] += 1
    for c in range(len(start) - 1):
        start[c + 1] += start[c]
    free = start[:-1].copy()
    placed = np.empty(len(row), np.int32)
    for q in range(len(row)):
        placed[free[column[q]]] = row[q]
        free[column[q]] += 1
    return placed, start


@njit(cache=True)
def pair_evidence(a, b, pair_term, gate2):  # type: ignore[no-untyped-def]
    """Return log W(ab) - log W(a) - log W(b), or -inf outside the gate."""
    u2 = a[U2] + b[U2]
    dt2 = (a[T] - b[T]) ** 2
    if dt2 > gate2 * u2:
        return -math.inf
    s2 = a[S2] + b[S2]
    d2 = (a[X] - b[X]) ** 2 + (a[Y] - b[Y]) ** 2
    if d2 > gate2 * s2:
        return -math.inf
    # Halves first: (a + b) has the same bits as (b + a); a running sum over both has not.
    halves = (0.5 * a[LAMBDA] - a[SINGLE]) + (0.5 * b[LAMBDA] - b[SINGLE])
    return pair_term + halves + agreement(d2, dt2, s2, u2)


@njit(cache=True)
def _from(record, low, high, time):  # type: ignore[no-untyped-def]
    """Return the first place of a column whose time is not before `time`."""
    while low < high:
        middle = (low + high) // 2
        if record[middle, T] < time:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True)
def _narrowed(record, begin, end, t, window):  # type: ignore[no-untyped-def]
    """Return the part of a column that lies in a window of time; all of it when it is short."""
    if end - begin <= _SHORT // 2:
        return begin, end
    begin = _from(record, begin, end, t - window)
    return begin, _from(record, begin, end, t + window)


@njit(cache=True)
def _steps(at, reach, least, width, n):  # type: ignore[no-untyped-def]
    """Return the columns that an interval touches along one axis, as a half-open range."""
    return _step(at - reach, least, width, n), _step(at + reach, least, width, n) + 1


@njit(cache=True)
def _pick(record, run, own, gate2, near, n):  # type: ignore[no-untyped-def]
    """Append to the first n of `near` the places of a run inside the gate; return the new n.

    Without a branch: which places are near is not to be foreseen, and a wrong guess costs more
    than the test of several places.
    """
    x, y, t, s2_own, u2_own = own
    for at in range(run[0], run[1]):
        u2, dt2 = u2_own + record[at, U2], (t - record[at, T]) ** 2
        s2 = s2_own + record[at, S2]
        d2 = (x - record[at, X]) ** 2 + (y - record[at, Y]) ** 2
        near[n] = at
        n += (dt2 <= gate2 * u2) & (d2 <= gate2 * s2)
    return n


@njit(cache=True)
def search(asking, asked, same, rule, near, found):  # type: ignore[no-untyped-def]
    """Add the edges between two levels, or inside one (`same`), where each pair is met once.

    `near` is working memory for as many places as are asked.
    """
    one, other, start, pair = asking.record, asked.record, asked.start, rule.pair
    west, south, width, nx, ny = asked.ground
    pair_max, gate2 = rule.pair_max, rule.gate * rule.gate
    limits, sensors, others = (asked.least, asked.most), asked.sensor, asked.row
    low, high, weight = found.edges
    n, room = found.n[0], len(low)
    for q in range(len(one)):
        x, y, t, half = one[q, X], one[q, Y], one[q, T], one[q, HALF]
        s2_own, u2_own, sensor, row = one[q, S2], one[q, U2], asking.sensor[q], asking.row[q]
        reach, window = _reach(s2_own, u2_own, half + pair_max[sensor], limits, rule)
        if reach < 0:
            continue
        own, close, later = (x, y, t, s2_own, u2_own), 0, q + 1 if same else 0
        x0, x1 = _steps(x, reach, west, width, nx)
        x0 = max(x0, _step(x, west, width, nx)) if same else x0  # before it all are earlier
        y0, y1 = _steps(y, reach, south, width, ny)
        for ix in range(x0, x1):
            begin, end = max(start[ix * ny + y0], later), start[ix * ny + y1]
            if end - begin <= _SHORT:
                close = _pick(other, (begin, end), own, gate2, near, close)
                continue
            for column in range(ix * ny + y0, ix * ny + y1):
                run = max(start[column], later), start[column + 1]
                run = _narrowed(other, run[0], run[1], t, window)
                close = _pick(other, run, own, gate2, near, close)
        for p in range(close):
            at = near[p]
            d2 = (x - other[at, X]) ** 2 + (y - other[at, Y]) ** 2
            dt2, halves = (t - other[at, T]) ** 2, half + other[at, HALF]
            s2, u2 = s2_own + other[at, S2], u2_own + other[at, U2]
            # Halves first, see `pair_evidence`. Two of an at-most-once sensor give -inf.
            evidence = pair[sensor, sensors[at]] + halves + agreement(d2, dt2, s2, u2)
            if evidence > rule.theta:
                if n < room:
                    low[n], high[n] = min(row, others[at]), max(row, others[at])
                    weight[n] = evidence
                n += 1
    found.n[0] = n
