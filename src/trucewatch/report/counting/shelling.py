"""The rule `episode_60min_30rounds`: thirty discharges or more without a gap of an hour.

Source: the rule by which the staff of a past joint force counted shellings. It knew each discharge
and its minute; a release table knows incidents, an interval of time for each and a number from at
least to at most. So the count is an interval that holds the true one, places taken as they stand.
"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from trucewatch.report.counting.table import Row

GAP = timedelta(hours=1)
"""A pause as long as this ends a shelling; from the rule's name."""

ROUNDS = 30
"""Fewest discharges of a shelling; from the rule's name."""

PLACE_KM = 1.5
"""Farthest that two incidents at one place may be apart in the table, km.

On a grid of 1 km cells the centres of two that touch by a corner are 1.45 km apart, and of two with
one between them 2.0 km.
"""

DISCHARGES = frozenset(
    {
        "explosion_undetermined",
        "explosion_impact",
        "explosion_outgoing",
        "explosion_airburst",
        "projectile_in_flight",
        "muzzle_flash",
        "artillery_fire",
    }
)
"""Kinds of which each unit is taken as one discharge of a weapon that shells.

Small arms, flares, bombs from aircraft and mines are none.
"""

_EARTH_KM = 6371.0088  # mean radius, IUGG


def shellings(rows: Iterable[Row]) -> tuple[int, int | None]:
    """Return the fewest and the most shellings that incidents can be; None when that is open.

    Args:
        rows: Incidents of one window; of other kinds than `DISCHARGES` are left out.
    """
    fired = [row for row in rows if row.kind in DISCHARGES]
    low, high = 0, 0.0
    for together in groups(fired, _may_follow):
        brief = [row for row in together if row.end - row.start < GAP]
        sure = groups(brief, _must_follow)
        low += any(sum(row.count_min or 0 for row in one) >= ROUNDS for one in sure)
        enough = _enough_for(together)
        high += min(enough, len(sure)) if len(brief) == len(together) else enough
    return low, None if math.isinf(high) else int(high)


def groups(rows: Sequence[Row], near: Callable[[Row, Row], bool]) -> list[list[Row]]:
    """Return the incidents that are near each other, directly or through others, as groups."""
    leader = list(range(len(rows)))

    def lead(place: int) -> int:
        while leader[place] != place:
            leader[place] = place = leader[leader[place]]
        return place

    ordered = sorted(rows, key=lambda row: (row.start, row.id))
    for place, row in enumerate(ordered):
        for later in range(place + 1, len(ordered)):
            if ordered[later].start - row.end >= GAP:
                break  # so does everything that starts later still
            if near(row, ordered[later]):
                one, other = sorted((lead(place), lead(later)))
                leader[other] = one
    found: dict[int, list[Row]] = {}
    for place, row in enumerate(ordered):
        found.setdefault(lead(place), []).append(row)
    return list(found.values())


def apart_km(one: Row, other: Row) -> float:
    """Return how far apart the table puts two incidents, on the sphere, for short distances, km.

    Infinite when one has no place: nothing says that it is at the other's.
    """
    if one.place_deg is None or other.place_deg is None:
        return math.inf
    north = math.radians(one.place_deg[0] - other.place_deg[0])
    turn_deg = (one.place_deg[1] - other.place_deg[1] + 180) % 360 - 180
    middle = math.radians((one.place_deg[0] + other.place_deg[0]) / 2)
    return _EARTH_KM * math.hypot(north, math.radians(turn_deg) * math.cos(middle))


def _may_follow(one: Row, other: Row) -> bool:
    """Whether a discharge of one may have come within the hour of one of the other."""
    gap = max(one.start, other.start) - min(one.end, other.end)
    return gap < GAP and apart_km(one, other) <= PLACE_KM


def _must_follow(one: Row, other: Row) -> bool:
    """Whether every discharge of both came within one hour."""
    span = max(one.end, other.end) - min(one.start, other.start)
    return span < GAP and apart_km(one, other) <= PLACE_KM


def _enough_for(rows: Sequence[Row]) -> float:
    """Return for how many shellings the most discharges would do; infinite when that is open."""
    most = [row.count_max for row in rows]
    return math.inf if None in most else sum(count or 0 for count in most) // ROUNDS
