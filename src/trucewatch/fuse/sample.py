"""How sure a grouping is: single-report Gibbs sampling inside each component.

One report at a time leaves its group and joins another, or stays alone, with the odds of the
model's own weights. A short annealed search finds a better grouping than merging alone; samples
after it give the chance that two reports are of one incident. That chance is the mean of the
conditional chances and not of the moves (Rao-Blackwell), which varies less.

A function of the set of reports: each component has random numbers of its own, seeded by its least
row, and reports are visited by row.

Source: Neal 2000, algorithm 3, with the weights of `likelihood`. Checked against the sum over all
groupings in tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from trucewatch.fuse.groups import grouped
from trucewatch.fuse.likelihood import T, X, Y
from trucewatch.fuse.walk import (
    SIZE,
    empty_walk,
    enter,
    fill_chances,
    heaviest,
    leave,
    pick,
    seat,
    seed_state,
    weigh_slots,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.fuse.edges import Edges
    from trucewatch.fuse.likelihood import Terms

    Clustering = tuple[NDArray[np.int64], Edges, NDArray[np.int64]]

HEAT = 1.5  # first temperature of the search, in natural-log units; taken over from a prototype
GREEDY = 2  # last sweeps of the search, at temperature 0
BURN_IN = 4  # one sweep is thrown away for this many samples


class Sampled(NamedTuple):
    """What sampling found.

    Attributes:
        label: Least row of each report's incident in the best grouping seen.
        pair_p: For each edge, the chance that its two reports are of one incident.
        alone_p: For each report, the chance that no other report is of its incident.
    """

    label: NDArray[np.int64]
    pair_p: NDArray[np.float64]
    alone_p: NDArray[np.float64]


class Neighbours(NamedTuple):
    """Edges by report: those of row i are `edge[start[i]:start[i + 1]]`, to rows `other[...]`."""

    start: NDArray[np.int64]
    other: NDArray[np.int64]
    edge: NDArray[np.int64]


class Plan(NamedTuple):
    """How long to walk: annealed sweeps, then samples."""

    sweeps: int
    samples: int


def sample(  # noqa: PLR0913
    matrix: NDArray[np.float64],
    sensor: NDArray[np.int64],
    clustered: Clustering,
    terms: Terms,
    *,
    seeds: NDArray[np.uint64],
    sweeps: int,
    samples: int,
) -> Sampled:
    """Return the best grouping seen, and the chances of each edge and of being alone.

    Args:
        matrix: Columns of `likelihood`, canonical order, SINGLE filled.
        sensor: Row of each report's sensor in `terms`.
        clustered: Label (least row of each report's incident so far), edges inside the components,
            component (least row of each report's).
        terms: The sensors' terms, for groups as large as the largest component.
        seeds: One for each report; a component takes that of its least row. See `seeds_of`.
        sweeps: Sweeps of annealed search; 0 keeps the grouping that was given.
        samples: Sweeps that count; without any the chances are 0 or 1 as the grouping says.
    """
    label, edges, component = clustered
    groups = grouped(component)
    largest = int(np.diff(groups.start).max(initial=0))
    walk = empty_walk(largest, len(terms.log_count))
    found = Sampled(label.copy(), np.zeros(len(edges.low)), np.zeros(len(label)))
    walk_components(
        (matrix, sensor),
        (groups, _neighbours(len(label), edges), seeds),
        terms,
        walk,
        Plan(sweeps, samples),
        found,
    )
    if samples == 0:
        same = found.label[edges.low] == found.label[edges.high]
        alone = np.bincount(found.label, minlength=len(label))[found.label] == 1
        return Sampled(found.label, same.astype(np.float64), alone.astype(np.float64))
    return found


def seeds_of(matrix: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Return one seed per report from its own place and time, whatever else is in the table."""
    seed = np.zeros(len(matrix), np.uint64)
    for column in (X, Y, T):
        bits = np.ascontiguousarray(matrix[:, column]).view(np.uint64)
        seed = (seed ^ bits) * np.uint64(0x9E3779B97F4A7C15)
        seed ^= seed >> np.uint64(29)
    return seed


def _neighbours(n: int, edges: Edges) -> Neighbours:
    one = np.concatenate((edges.low, edges.high))
    order = np.argsort(one, kind="stable")
    other = np.concatenate((edges.high, edges.low))[order]
    start = np.concatenate((np.zeros(1, np.int64), np.cumsum(np.bincount(one, minlength=n))))
    return Neighbours(start, other, order % max(1, len(edges.low)))


@njit(cache=True)
def walk_components(table, parts, terms, walk, plan, found):  # type: ignore[no-untyped-def]
    """Walk through each component in turn and fill `found`."""
    groups, neighbours, seeds = parts
    local = np.zeros(len(found.label), np.int64)
    for g in range(len(groups.start) - 1):
        rows = groups.row[groups.start[g] : groups.start[g + 1]]
        if len(rows) == 1:
            found.alone_p[rows[0]] = 1.0
            continue
        for q in range(len(rows)):
            local[rows[q]] = q
        seat(table, rows, local, found.label, terms, walk)
        seed_state(walk.state, seeds[rows[0]])
        search(walk, len(rows), plan.sweeps, terms)
        draw(walk, rows, (neighbours, local), plan.samples, terms, found)
        if plan.sweeps > 0:
            relabel(walk.best, rows, local, found.label)


@njit(cache=True)
def search(walk, m, sweeps, terms):  # type: ignore[no-untyped-def]
    """Anneal; leave the walk and `best` in the best grouping seen."""
    walk.best[:m] = walk.slot[:m]
    score = 0.0
    best = 0.0
    for sweep in range(sweeps):
        heat = max(0.0, HEAT * (1 - sweep / (sweeps - GREEDY))) if sweeps > GREEDY else 0.0
        for q in range(m):
            was = walk.slot[q]
            leave(walk, q, terms)
            free = weigh_slots(walk, q, m, terms)
            if walk.group[was, SIZE] == 0:
                was = free
            to = heaviest(walk, m)
            if heat > 0:
                fill_chances(walk, m, heat)
                to = pick(walk, m)
            score += walk.gain[to] - walk.gain[was]
            enter(walk, q, to, terms)
        if score > best + 1e-9:  # natural-log units; rounding must not count as better
            best = score
            walk.best[:m] = walk.slot[:m]
    if sweeps > 0:
        _reseat(walk, m, terms)


@njit(cache=True)
def _reseat(walk, m, terms):  # type: ignore[no-untyped-def]
    """Put every report where `best` says."""
    for s in range(m):
        walk.head[s] = -1
        walk.group[s, SIZE] = 0
        walk.by_sensor[s, :] = 0
    for q in range(m):
        enter(walk, q, walk.best[q], terms)


@njit(cache=True)
def draw(walk, rows, near, samples, terms, found):  # type: ignore[no-untyped-def]
    """Sample at temperature 1 and add up the chances of each edge and of being alone."""
    m = len(rows)
    neighbours, local = near
    if m == 2:  # noqa: PLR2004
        # the first chance of two reports is exact
        samples = min(samples, 1)
    skipped = samples // BURN_IN
    for sweep in range(samples + skipped):
        for q in range(m):
            leave(walk, q, terms)
            free = weigh_slots(walk, q, m, terms)
            fill_chances(walk, m, 1.0)
            if sweep >= skipped:
                found.alone_p[rows[q]] += walk.chance[free] / samples
                for at in range(neighbours.start[rows[q]], neighbours.start[rows[q] + 1]):
                    joint = walk.chance[walk.slot[local[neighbours.other[at]]]]
                    found.pair_p[neighbours.edge[at]] += joint / (2 * samples)
            enter(walk, q, pick(walk, m), terms)


@njit(cache=True)
def relabel(slot, rows, local, label):  # type: ignore[no-untyped-def]
    """Write the least row of each report's slot; rows ascend."""
    m = len(rows)
    for q in range(m):
        label[rows[q]] = -1
    for q in range(m):
        if label[rows[q]] < 0:
            for other in range(q, m):
                if slot[other] == slot[q]:
                    label[rows[other]] = rows[q]
