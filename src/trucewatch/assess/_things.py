"""Which sightings are of one thing: the same matter under the same name at the same place.

A name alone makes nothing one: two patrols may each see a `Post 1`, and whoever saw the one gone
would end the other. Nor does a place alone: two posts may stand side by side.
"""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from functools import lru_cache
from itertools import combinations
from math import hypot
from typing import TYPE_CHECKING

from trucewatch.assess._sighted import LOOKS, place_of, sighted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trucewatch.assess._sighted import Place, Sighted
    from trucewatch.records.facts import Facts
    from trucewatch.records.logbook.machine import Record, Step

AGREE_SIGMA = 3.0
"""Two places agree up to so many standard errors of their difference; chosen, as is usual."""

AGREE_LEAST_M = 100.0
"""... and this many metres more: a post has an extent, and two observers name two corners of it.

It is about the size of a platoon's position; chosen, not measured.
"""

_M_PER_KM = 1_000.0
_DECIMALS = 2  # of km


def things(facts: Facts, matters: Iterable[str]) -> tuple[Sighted, ...]:
    """Return every thing of some matters, in the order of the log.

    Sightings of one matter are of one thing when their names agree (in Unicode form NFC, without
    regard to capitals and to the number of blanks) and their places do: each look of the one lies
    where the other was seen just before or just after, or the other way round. One without a name
    is a thing of its own. What moved is one thing only when a record of its own says so, by
    `seen_again` at the other place.

    A record whose place agrees with those of two others that do not agree with each other is a
    thing of its own: nobody can say of which of them it tells, and the order in which they were
    entered says nothing.

    Each thing knows where else something of its name and matter lies.
    """
    wanted = set(matters)
    named: dict[tuple[str, str], list[Record]] = {}
    for record in facts.records("sighting"):
        detail = record.opening.detail
        if detail["matter"] not in wanted:
            continue
        name = record.id if detail["name"] is None else f"named {_plain(str(detail['name']))}"
        named.setdefault((str(detail["matter"]), name), []).append(record)
    found: list[tuple[int, Sighted]] = []
    for records in named.values():
        alike = _groups(records)
        found += [(group[0].entry, _thing(group, alike)) for group in alike]
    return tuple(thing for _, thing in sorted(found, key=lambda each: each[0]))


def _groups(records: list[Record]) -> list[list[Record]]:
    """Return which records of one name and matter are of one thing, each group in log order.

    Among records that fit no two that are apart, whatever fits is one group, whole.
    """
    fits: dict[int, set[int]] = {record.entry: set() for record in records}
    for one, other in combinations(records, 2):
        if _fits(one, other) or _fits(other, one):
            fits[one.entry].add(other.entry)
            fits[other.entry].add(one.entry)
    torn = {
        entry
        for entry, near in fits.items()
        if any(b not in fits[a] for a, b in combinations(sorted(near), 2))
    }
    groups: dict[int, list[Record]] = {}
    for record in records:
        alone = record.entry in torn
        first = record.entry if alone else min({record.entry, *fits[record.entry]} - torn)
        groups.setdefault(first, []).append(record)
    return list(groups.values())


def _thing(group: list[Record], alike: list[list[Record]]) -> Sighted:
    others = [(sighted(other).id, _apart_km(group, other)) for other in alike if other is not group]
    return replace(sighted(group), elsewhere=tuple(others))


def _plain(name: str) -> str:
    """Return a name as it is compared."""
    folded = unicodedata.normalize("NFC", name).casefold()
    return " ".join(unicodedata.normalize("NFC", folded).split())


def _fits(record: Record, way: Record) -> bool:
    """Return whether each look of a record lies where another has it next to that time."""
    known = _looks(way)
    for look in _looks(record):
        before = max((step.at for step in known if step.at <= look.at), default=None)
        after = min((step.at for step in known if step.at >= look.at), default=None)
        near = [step for step in known if step.at in {before, after}]
        if not any(_agree(_place(look), _place(step)) for step in near):
            return False
    return True


def _looks(record: Record) -> list[Step]:
    return [step for step in record.steps if step.act in LOOKS]


def _place(look: Step) -> Place:
    return place_of(look.detail["place"])


def _agree(one: Place, other: Place) -> bool:
    error_m = hypot(one.error_m, other.error_m)
    return _distance_m(one, other) <= AGREE_SIGMA * error_m + AGREE_LEAST_M


def _apart_km(group: list[Record], other: list[Record]) -> float:
    """Return how far apart two things were when each was last seen."""
    one, two = (place_of(sighted(each).looks()[-1].detail["place"]) for each in (group, other))
    return round(_distance_m(one, two) / _M_PER_KM, _DECIMALS)


@lru_cache(maxsize=4096)
def _distance_m(one: Place, other: Place) -> float:
    from pyproj import Geod

    ends = one.lon_deg, one.lat_deg, other.lon_deg, other.lat_deg
    return float(Geod(ellps="WGS84").inv(*ends)[2])
