"""To which incident each precise report belongs, and with what chance.

Fused groups are not incidents: one may be a false merge, another a half. A group stands for a true
incident when more than half of its members are of it; of several, the largest stands for it, and of
equals that of the least row. A report belongs to the group that stands for its incident, or to none
when no group does or it is a false alarm. Each sampled grouping is a possible truth; the chances
are those of the report in hand, averaged over samples of all others (Rao-Blackwell).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from trucewatch.fuse.groups import grouped
from trucewatch.fuse.likelihood import LAMBDA, incident_alone
from trucewatch.fuse.walk import (
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
from trucewatch.fuse.weigh import logistic

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.fuse.likelihood import Terms

HEAT = 1.2
"""Temperature at which weights are read, in natural-log units: the model trusts its estimated
density and its cut components too much. Chosen on seeds 500-503 and 515-518 of the first trial at
1e-3, 4e-3 and 2e-2 per km2 and day, where errors of calibration are lowest from 1.2 to 1.3; at 1
they double, and knowing the true density mends little of that."""
SAMPLES = 12  # sweeps; 16 err by .001 less in calibration, and cost a third more
SURE_P = 0.99  # a component whose first sweep finds every report as sure as this needs no more
_SLIGHT_P = 1e-4  # chances that are not looked into; the floor of the result is far above
_PAIRS = 2  # pairs per report that are first made room for


class Belonging(NamedTuple):
    """Chances of precise reports, by row, then incident.

    Attributes:
        row: Report.
        incident: Least row of the fused group, or -1 for none.
        p: Chance that the report belongs there.
    """

    row: NDArray[np.int64]
    incident: NDArray[np.int64]
    p: NDArray[np.float64]


class Fates(NamedTuple):
    """Working memory for one component.

    Attributes:
        fused: Fused group of each report, as the place of its least member.
        size: Number of members, one per fused group.
        chance: [report, fused group], summed over samples.
    """

    fused: NDArray[np.int64]
    size: NDArray[np.int64]
    chance: NDArray[np.float64]


def belong(
    table: tuple[NDArray[np.float64], NDArray[np.int64]],
    grouping: tuple[NDArray[np.int64], NDArray[np.int64]],
    terms: Terms,
    *,
    seeds: NDArray[np.uint64],
    floor_p: float,
    samples: int = SAMPLES,
) -> Belonging:
    """Return to which fused group each report belongs, with what chance.

    Args:
        table: Columns of `likelihood`, canonical order, SINGLE filled; and the row of each report's
            sensor in `terms`.
        grouping: Least row of each report's fused group, and of its component.
        terms: The sensors' terms.
        seeds: One per report; see `sample.seeds_of`.
        floor_p: Chances below it are left out.
        samples: Sweeps through each component that has something to decide.
    """
    label, component = grouping
    groups = grouped(component)
    largest = int(np.diff(groups.start).max(initial=0))
    whole = np.zeros(largest, np.int64)
    walk = empty_walk(largest, len(terms.log_count))
    fates = Fates(whole, whole.copy(), np.zeros((largest, largest)))
    room = _PAIRS * len(label) + 64
    while True:
        pairs = Belonging(np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room))
        parts = (groups, label, seeds, samples)
        found = belong_components(table, parts, terms, (walk, fates), pairs, floor_p)
        if found <= room:
            order = np.lexsort((pairs.incident[:found], pairs.row[:found]))
            return Belonging(pairs.row[order], pairs.incident[order], pairs.p[order])
        room = found


@njit(cache=True)
def stands_for(walk, fates, s, q):  # type: ignore[no-untyped-def]
    """Return the fused group that stands for slot s with report q in it, or -1."""
    best = -1
    a = q
    while a >= 0:
        f = fates.fused[a]
        if best < 0 or _before(fates, f, best):
            same = 1 if fates.fused[q] == f else 0
            b = walk.head[s]
            while b >= 0:
                same += 1 if fates.fused[b] == f else 0
                b = walk.tail[b]
            if 2 * same > fates.size[f]:
                best = f
        a = walk.head[s] if a == q else walk.tail[a]
    return best


@njit(cache=True)
def _before(fates, f, other):  # type: ignore[no-untyped-def]
    """Whether group f rather than the other stands for an incident that both may stand for."""
    if fates.size[f] != fates.size[other]:
        return fates.size[f] > fates.size[other]
    return f < other


@njit(cache=True)
def _note(walk, fates, q, free, terms):  # type: ignore[no-untyped-def]
    """Add the chances of report q to the groups that would stand for its incident."""
    for s in range(len(fates.fused)):
        chance = walk.chance[s]
        if chance < _SLIGHT_P:
            continue
        f = stands_for(walk, fates, s, q)
        if f >= 0:
            if s == free:
                k = walk.sensor[q]
                alone = incident_alone(walk.report[q, LAMBDA], k, terms)
                chance *= logistic(alone - terms.false_alarm_log[k])
            fates.chance[q, f] += chance


@njit(cache=True)
def _sweep(walk, fates, terms):  # type: ignore[no-untyped-def]
    """Move every report once; return the least of their greatest chances."""
    m = len(fates.fused)
    least = 1.0
    for q in range(m):
        leave(walk, q, terms)
        free = weigh_slots(walk, q, m, terms)
        fill_chances(walk, m, HEAT)
        _note(walk, fates, q, free, terms)
        least = min(least, walk.chance[heaviest(walk, m)])
        enter(walk, q, pick(walk, m), terms)
    return least


@njit(cache=True)
def _write(rows, fates, sweeps, floor_p, pairs, found):  # type: ignore[no-untyped-def]
    """Append the chances above the floor; return how many there are so far, room or not."""
    for q in range(len(rows)):
        none = 1.0
        for f in range(len(rows) + 1):
            if f < len(rows):
                p, incident = fates.chance[q, f] / sweeps, rows[f]
                none -= p
            else:
                p, incident = none, -1
            if p >= floor_p:
                if found < len(pairs.row):
                    pairs.row[found], pairs.incident[found], pairs.p[found] = rows[q], incident, p
                found += 1
    return found


@njit(cache=True)
def belong_components(table, parts, terms, rooms, pairs, floor_p):  # type: ignore[no-untyped-def]
    """Walk through each component in turn; return how many pairs there are, room or not."""
    groups, label, seeds, samples = parts
    walk, wide = rooms
    local = np.zeros(len(label), np.int64)
    found = 0
    for g in range(len(groups.start) - 1):
        rows = groups.row[groups.start[g] : groups.start[g + 1]]
        m = len(rows)
        for q in range(m):
            local[rows[q]] = q
        seat(table, rows, local, label, terms, walk)
        seed_state(walk.state, seeds[rows[0]])
        fates = Fates(wide.fused[:m], wide.size[:m], wide.chance[:m, :m])
        fates.size[:] = 0
        fates.chance[:] = 0.0
        for q in range(m):
            fates.fused[q] = local[label[rows[q]]]
            fates.size[fates.fused[q]] += 1
        sweeps = 0
        # the first chances of one report, and of two, are exact
        wanted = samples if m > 2 else 1  # noqa: PLR2004
        while sweeps < wanted:
            least = _sweep(walk, fates, terms)
            sweeps += 1
            if sweeps == 1 and least > SURE_P:
                break
        found = _write(rows, fates, sweeps, floor_p, pairs, found)
    return found
