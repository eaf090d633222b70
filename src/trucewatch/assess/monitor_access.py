"""Monitors' access, and interference with them: each restriction, and what it cost to see.

Who held the place, or who answered for it, is never looked at: a jammer is nobody's because of the
ground on which its effect was met.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.agreement.force import window
from trucewatch.assess._place import points_inside_p
from trucewatch.assess._row import Row, at, force_asked, settled, table, told
from trucewatch.assess._sighted import inside_asked, place_of, points
from trucewatch.assess._tracks import terms_asked
from trucewatch.assess._verdict import Asked
from trucewatch.records.assessment import Outcome
from trucewatch.records.instant import instant_text

if TYPE_CHECKING:
    from datetime import datetime

    import polars as pl

    from trucewatch.agreement.rule import Rule
    from trucewatch.agreement.version import Version
    from trucewatch.agreement.zone import Zone
    from trucewatch.assess._known import Known
    from trucewatch.records.canonical import Json
    from trucewatch.records.facts import Facts
    from trucewatch.records.logbook.machine import Record

DELAY = "delay"
"""The hindrance that is measured in minutes."""


def check(known: Known, *, rule: Rule, version: Version) -> pl.DataFrame:
    """Return one assessment per restriction of the logbook.

    1. Some of it fell under the rule. 2. P(inside the zone), when the rule names one. 3. Every term
    is defined. 4. The rule lists the hindrance; what it cost to see is told here. 5. A delay was
    longer than monitors have to bear. 6. Two assets met it, for on its face.

    Args:
        known: What is known.
        rule: A rule of this kind.
        version: The version that it is in.

    Returns:
        `records.table.ASSESSMENT`; `subject_kind` is `restriction`.
    """
    zone = version.agreement.zone(rule.zone) if rule.zone else None
    rows = [
        _judged(record, known.facts, rule, version, zone)
        for record in known.facts.records("restriction")
    ]
    return table(rows, rule=rule, version=version)


def _judged(record: Record, facts: Facts, rule: Rule, version: Version, zone: Zone | None) -> Row:
    start, end = _span(record)
    held = window(version.agreement, zone)
    inside, chance_p = [], None
    if zone is not None:
        spot = points([place_of(record.opening.detail["place"])])
        chances_p = points_inside_p(spot, version, zone).to_list()
        inside = [inside_asked(rule, zone, chances_p)]
        chance_p = None if zone.restricted else chances_p[0]
    asked = [
        force_asked(held, start, end, facts.as_of),
        *inside,
        terms_asked(rule, version),
        _listed_asked(record, rule, facts.as_of),
        *_delay_asked(record, rule, facts.as_of),
        _assets_asked(record, rule, facts),
    ]
    return Row(
        subject=record.id,
        kind=record.kind,
        start=start,
        end=end,
        verdict=settled(asked, met=Outcome.BREACH_ON_ITS_FACE),
        inside_p=chance_p,
    )


def _span(record: Record) -> tuple[datetime, datetime | None]:
    return record.opening.at, at(record.last("lifted"))


def _listed_asked(record: Record, rule: Rule, as_of: datetime) -> Asked:
    """Return whether the rule lists the hindrance, with what it cost to see."""
    detail = record.opening.detail
    hindrance = str(detail["hindrance"])
    start, end = _span(record)
    effect: dict[str, Json] = {
        "ground_not_observed_within_m": detail["radius_m"],
        "planned": detail["planned"],
    }
    if detail["sensor"] is not None:
        effect["sensor_lost"] = {
            "from": instant_text(start),
            "hours": _lasts(start, end, as_of, 3_600.0),
            "sensor": detail["sensor"],
            "until": told(end),
        }
    return Asked(
        text=f"the rule lists the hindrance ({', '.join(rule.hindrances)})",
        value={"effect": effect, "hindrance": hindrance, "reason_given": detail["said"]},
        holds=hindrance in rule.hindrances,
        refuted=Outcome.CONSISTENT,
    )


def _delay_asked(record: Record, rule: Rule, as_of: datetime) -> list[Asked]:
    if record.opening.detail["hindrance"] != DELAY or rule.delay_max_min is None:
        return []
    start, end = _span(record)
    lasts_min = _lasts(start, end, as_of, 60.0)
    value: Json = {"at_least_min": lasts_min} if end is None else {"min": lasts_min}
    return [
        Asked(
            text=f"the delay was longer than {rule.delay_max_min:g} min",
            value=value,
            holds=lasts_min > rule.delay_max_min,
            refuted=Outcome.CONSISTENT,
        )
    ]


def _lasts(start: datetime, end: datetime | None, as_of: datetime, unit_s: float) -> float:
    """Return how long it lasted, or lasts already, to a hundredth of the unit."""
    until = max(start, as_of) if end is None else end
    return round((until - start).total_seconds() / unit_s, 2)


def _assets_asked(record: Record, rule: Rule, facts: Facts) -> Asked:
    """Return whether several assets met the same: at the same time, on the same ground."""
    least = rule.thresholds.independent_min
    alike = [each for each in facts.records("restriction") if _same(each, record, facts.as_of)]
    assets = {str(each.opening.detail["asset"]) for each in alike}
    return Asked(
        text=f"on its face: assets that met the same, at one time and place, are at least {least}",
        value={"assets": len(assets), "records": [*sorted(each.id for each in alike)]},
        holds=len(assets) >= least,
        refuted=Outcome.POTENTIAL_BREACH,
    )


def _same(one: Record, other: Record, as_of: datetime) -> bool:
    """Return whether two records are of one hindrance: times overlap, and so does the ground."""
    if one.opening.detail["hindrance"] != other.opening.detail["hindrance"]:
        return False
    (start, end), (begun, over) = _span(one), _span(other)
    if start > (over or max(begun, as_of)) or begun > (end or max(start, as_of)):
        return False
    return one is other or _apart_m(one, other) <= _reach_m(one) + _reach_m(other)


def _reach_m(record: Record) -> float:
    return float(str(record.opening.detail["radius_m"]))


def _apart_m(one: Record, other: Record) -> float:
    from pyproj import Geod

    first, last = (place_of(record.opening.detail["place"]) for record in (one, other))
    ends = (first.lon_deg, first.lat_deg, last.lon_deg, last.lat_deg)
    return float(Geod(ellps="WGS84").inv(*ends)[2])
