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

from trucewatch.fuse.likelihood import LAMBDA, S2, SINGLE, U2, T, X, Y, agreement

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.fuse.likelihood import Terms
    from trucewatch.fuse.settings import FusionSettings

LEVELS_KM = (0.75, 1.8)  # sigma between search levels; speed only, never the result
LEVELS_D = (0.3,)  # the same in time
CELL_MIN_KM, CELL_MIN_D = 4.0, 0.25  # smallest search cell; speed only, best of 72 settings tried
MARGIN = 1 + 1e-9  # the search reaches a little past the gate, so that rounding never decides
_GROWTH = 4  # edges per report that are first made room for


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
    """

    pair: NDArray[np.float64]
    gate: float
    theta: float


class Level(NamedTuple):
    """Reports of similar errors, sorted by bucket; a bucket holds one or more cells."""

    report: NDArray[np.float64]
    sensor: NDArray[np.int64]
    row: NDArray[np.int64]  # row in the whole table
    cell: NDArray[np.int64]  # [report, (x, y, time)]
    start: NDArray[np.int64]  # first place of each bucket, and the end
    bound: NDArray[np.float64]  # cell size (km, d), largest S2 (km2), largest U2 (d2)


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
    rule = Rule(pair_terms(terms), settings.gate, settings.theta)
    levels = _levels(reports, sensor, settings.gate)
    room = _GROWTH * len(reports) + 64
    while True:
        found = Found(_room(room), np.zeros(1, np.int64))
        for one, other in combinations_with_replacement(levels, 2):
            asking, asked = _cheaper(one, other, settings.gate)
            search(asking, asked, one is other, rule, found)
        n = int(found.n[0])
        if n <= room:
            low, high, evidence = found.edges
            return Edges(low[:n], high[:n], evidence[:n])
        room = n


def _room(n: int) -> Edges:
    return Edges(np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.float64))


def pair_terms(terms: Terms) -> NDArray[np.float64]:
    """Return log W of two joined reports without density and integral, for each two sensors."""
    odds = terms.log_count[:, 1] - terms.log_count[:, 0]
    pair = terms.silent_log_p + (odds[:, None] + odds[None, :])
    np.fill_diagonal(pair, terms.silent_log_p + (terms.log_count[:, 2] - terms.log_count[:, 0]))
    return np.asarray(pair)


def _levels(reports: NDArray[np.float64], sensor: NDArray[np.int64], gate: float) -> list[Level]:
    level = np.searchsorted(np.square(LEVELS_KM), reports[:, S2]) * (len(LEVELS_D) + 1)
    level += np.searchsorted(np.square(LEVELS_D), reports[:, U2])
    built = []
    for at in np.unique(level):
        row = np.flatnonzero(level == at)
        s2, u2 = reports[row, S2].max(), reports[row, U2].max()
        size_km = max(gate * math.sqrt(2 * s2), CELL_MIN_KM)
        size_d = max(gate * math.sqrt(2 * u2), CELL_MIN_D)
        bound = np.array([size_km, size_d, s2, u2])
        cell = cells_of(reports[row], bound[0], bound[1])
        order, start = into_buckets(cell, (1 << len(row).bit_length()) - 1)
        row = row[order]
        built.append(Level(reports[row], sensor[row], row, cell[order], start, bound))
    return built


def _cheaper(one: Level, other: Level, gate: float) -> tuple[Level, Level]:
    """Return who asks whom, so that the fewest cells are looked into."""
    if _cells_asked(one, other, gate) <= _cells_asked(other, one, gate):
        return one, other
    return other, one


def _cells_asked(asking: Level, asked: Level, gate: float) -> float:
    size_km, size_d, s2, u2 = (float(bound) for bound in asked.bound)
    across = 2 * gate * math.sqrt(float(asking.bound[2]) + s2) / size_km + 1
    through = 2 * gate * math.sqrt(float(asking.bound[3]) + u2) / size_d + 1
    return len(asking.row) * across * across * through


@njit(cache=True)
def cells_of(reports, size_km, size_d):  # type: ignore[no-untyped-def]
    """Return the cell of each report, aligned to the origin of plane and time."""
    cell = np.empty((len(reports), 3), np.int64)
    for i in range(len(reports)):
        cell[i, 0] = math.floor(reports[i, X] / size_km)
        cell[i, 1] = math.floor(reports[i, Y] / size_km)
        cell[i, 2] = math.floor(reports[i, T] / size_d)
    return cell


@njit(cache=True)
def _bucket(ix, iy, it, mask):  # type: ignore[no-untyped-def]
    """Return the bucket of a cell; cells that follow in time have buckets that follow."""
    return (((ix * 73856093) ^ (iy * 19349663)) + it) & mask


@njit(cache=True)
def into_buckets(cell, mask):  # type: ignore[no-untyped-def]
    """Return the order by bucket (rows ascend inside one) and where each bucket starts."""
    start = np.zeros(mask + 2, np.int64)
    for i in range(len(cell)):
        start[_bucket(cell[i, 0], cell[i, 1], cell[i, 2], mask) + 1] += 1
    for b in range(mask + 1):
        start[b + 1] += start[b]
    place = start[:-1].copy()
    order = np.empty(len(cell), np.int64)
    for i in range(len(cell)):
        b = _bucket(cell[i, 0], cell[i, 1], cell[i, 2], mask)
        order[place[b]] = i
        place[b] += 1
    return order, start


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
def _closer(asking, q, asked, at, rule):  # type: ignore[no-untyped-def]
    """Return the evidence that two reports are of one incident."""
    term = rule.pair[asking.sensor[q], asked.sensor[at]]
    return pair_evidence(asking.report[q], asked.report[at], term, rule.gate * rule.gate)


@njit(cache=True)
def _note(found, one, other, evidence):  # type: ignore[no-untyped-def]
    n = found.n[0]
    if n < len(found.edges.low):
        found.edges.low[n] = min(one, other)
        found.edges.high[n] = max(one, other)
        found.edges.evidence[n] = evidence
    found.n[0] = n + 1


@njit(cache=True)
def _span(middle, half, size):  # type: ignore[no-untyped-def]
    """Return the cells that an interval touches, as a half-open range."""
    return math.floor((middle - half) / size), math.floor((middle + half) / size) + 1


@njit(cache=True)
def search(asking, asked, same, rule, found):  # type: ignore[no-untyped-def]
    """Add the edges between two levels, or inside one (`same`)."""
    cell, start, row = asked.cell, asked.start, asked.row
    size_km, size_d, s2_max, u2_max = asked.bound
    mask = len(start) - 2
    for q in range(len(asking.row)):
        least = asking.row[q] if same else -1
        reach = MARGIN * rule.gate * math.sqrt(asking.report[q, S2] + s2_max)
        window = MARGIN * rule.gate * math.sqrt(asking.report[q, U2] + u2_max)
        x0, x1 = _span(asking.report[q, X], reach, size_km)
        y0, y1 = _span(asking.report[q, Y], reach, size_km)
        t0, t1 = _span(asking.report[q, T], window, size_d)
        for place in range((x1 - x0) * (y1 - y0) * (t1 - t0)):
            it = t0 + place % (t1 - t0)
            iy = y0 + place // (t1 - t0) % (y1 - y0)
            ix = x0 + place // ((t1 - t0) * (y1 - y0))
            bucket = _bucket(ix, iy, it, mask)
            for at in range(start[bucket], start[bucket + 1]):
                if row[at] <= least or cell[at, 2] != it or cell[at, 0] != ix or cell[at, 1] != iy:
                    continue  # a bucket may hold rows of other cells
                evidence = _closer(asking, q, asked, at, rule)
                if evidence > rule.theta:
                    _note(found, asking.row[q], row[at], evidence)
