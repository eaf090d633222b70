"""What a page says of one incident: its name in words, its kinds, where it was, what rules say."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from trucewatch.access.role import Role
from trucewatch.records.assessment import Missing, Outcome
from trucewatch.records.happening import HAPPENINGS
from trucewatch.serve.maps.agreed import rings_of, zones_of
from trucewatch.serve.maps.packs import ground_of
from trucewatch.serve.marks import outcome_mark
from trucewatch.serve.nav import N_
from trucewatch.serve.pages._worded import chance, distance, instants, value_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import polars as pl

    from trucewatch.serve.ask import Asking
    from trucewatch.serve.maps.frame import BoxDeg
    from trucewatch.serve.marks import Mark

    Row = Mapping[str, Any]

_CHI2_95 = 5.991464547107979  # 95 % quantile of chi squared, 2 degrees of freedom
_LEAST_SHOWN_P = 0.005
_METRES_PER_DEG = 111_320.0  # of latitude, on average; names and boxes need no more
_AROUND_M = 30_000.0  # how far off a place may be to say where something was
_NEAR_M = 10_000.0  # and how far off to be named in a title
_MAP_PX = 720
_BOX_LEAST_M = 4_000.0  # from the middle of a map to its upper edge
_WIDE = 720 / 420
_VALUE_LETTERS = 26  # a longer value stands on a line of its own
_NUMBER = re.compile(r"^\d+[a-z]?\.\s+")
_ASIDE = re.compile(r"^(.*\S)\s+\((.*)\)$")
_MISSING = {
    Missing.LOCATION: N_("the place is not known well enough"),
    Missing.TIME: N_("the time is not known well enough"),
    Missing.WEAPON: N_("the act or the weapon is not known well enough"),
    Missing.BASELINE: N_("nobody knows how it was before"),
    Missing.DEFINITION: N_("the text does not define a term"),
    Missing.ALTITUDE: N_("the altitude is not known"),
    Missing.OBSERVATION: N_("nobody looked, or nobody could"),
    Missing.OBJECT_LIST: N_("the holder of a confidential list has not answered"),
}
"""What an indeterminate outcome lacks, in words."""
_SAYS_MUCH = (
    Outcome.BREACH_ON_ITS_FACE,
    Outcome.POTENTIAL_BREACH,
    Outcome.INDETERMINATE,
    Outcome.EXEMPT,
)
"""Outcomes whose conditions stand open on the page, in their order."""


class Ellipse(NamedTuple):
    """The 95 % ellipse: both whole axes in km, and the bearing of the long one in degrees."""

    long_km: float
    short_km: float
    bearing_deg: float


class Step(NamedTuple):
    """One condition of a rule, as `records.table.ASSESSMENT` traces it, in English.

    Attributes:
        glyph: Whether it holds: `ok`, `no`, or `hand` where software cannot tell.
        text: The condition.
        value: What was found, if it is short.
        why: What was found, if it is long, and what the condition says in brackets.
        within: Whether it belongs to the exemption above it.
    """

    glyph: str
    text: str
    value: str
    why: str
    within: bool


class Against(NamedTuple):
    """An incident set against one rule.

    Attributes:
        rule: Its id.
        version: Of the agreement.
        mark: Of the outcome.
        why: What is missing, a message, or which exemption it is.
        inside_p: P(where the rule forbids), or None.
        steps: Its conditions; none where they are not shown.
        opened: Whether the conditions stand open.
    """

    rule: str
    version: int
    mark: Mark
    why: str
    inside_p: float | None
    steps: list[Step]
    opened: bool


def kinds_of(row: Row) -> list[tuple[str, float]]:
    """Return what it may have been, the likeliest first."""
    found = sorted(json.loads(row["class_p"]).items(), key=lambda pair: (-pair[1], pair[0]))
    return [(name, float(p)) for name, p in found if p >= _LEAST_SHOWN_P]


def ellipse_of(row: Row) -> Ellipse | None:
    """Return its 95 % ellipse, None where the covariance is not shown."""
    if row.get("cov_ee_m2") is None:
        return None
    ee, en, nn = row["cov_ee_m2"], row["cov_en_m2"], row["cov_nn_m2"]
    middle, half = (ee + nn) / 2, math.hypot((ee - nn) / 2, en)
    axes_km = [
        2 * math.sqrt(max(0.0, each) * _CHI2_95) / 1000 for each in (middle + half, middle - half)
    ]
    bearing_deg = (90 - math.degrees(0.5 * math.atan2(2 * en, ee - nn))) % 180
    return Ellipse(axes_km[0], axes_km[1], round(bearing_deg) % 180.0)


def box_of_one(row: Row) -> BoxDeg:
    """Return a box around one incident that holds its ellipse, or its cell."""
    up_m = max(_BOX_LEAST_M, 1.6 * _reach_m(row))
    up_deg = up_m / _METRES_PER_DEG
    over_deg = min(180.0, _WIDE * up_deg / max(0.01, math.cos(math.radians(row["lat_deg"]))))
    west, east = row["lon_deg"] - over_deg, row["lon_deg"] + over_deg
    return west, max(-85.0, row["lat_deg"] - up_deg), east, min(85.0, row["lat_deg"] + up_deg)


def zones_around(ask: Asking, row: Row) -> list[str]:
    """Return the zones, valid then, that hold the place that is shown; the least first."""
    if row["lat_deg"] is None:
        return []
    import shapely

    using, span = ask.shown.using, (row["time_start"], row["time_end"])
    chosen = zones_of(using.agreement, span, restricted=ask.viewer.role is Role.MISSION)
    found = []
    for zone in chosen:
        areas = [shapely.Polygon(ring) for ring in rings_of(using, zone)]
        if sum(bool(shapely.contains_xy(a, row["lon_deg"], row["lat_deg"])) for a in areas) % 2:
            found.append((sum(area.area for area in areas), zone.id))
    return [name for _, name in sorted(found)]


def near(ask: Asking, row: Row) -> tuple[str, str]:
    """Return the nearest named place and how far off it is, both "" where there is none.

    No distance is told below the error of the incident's own place.
    """
    best, best_m = _nearest(ask, row)
    told = best and best_m > _reach_m(row)
    return best, distance(best_m, ask.tongue) if told else ""


def _nearest(ask: Asking, row: Row) -> tuple[str, float]:
    """Return the nearest named place and how many metres off it is; "" where there is none."""
    best, best_m = "", _AROUND_M
    if row["lat_deg"] is None:
        return best, best_m
    lat_deg, lon_deg = row["lat_deg"], row["lon_deg"]
    up_deg = _AROUND_M / _METRES_PER_DEG
    over_deg = up_deg / max(0.01, math.cos(math.radians(lat_deg)))
    box_deg = lon_deg - over_deg, lat_deg - up_deg, lon_deg + over_deg, lat_deg + up_deg
    for place in ground_of(ask, box_deg, _MAP_PX).places:
        if place.kind != "town":
            continue
        off_m = apart_m((lat_deg, lon_deg), (place.lat_deg, place.lon_deg))
        if off_m < best_m:
            best, best_m = place.name(ask.tongue.code), off_m
    return best, best_m


def _reach_m(row: Row) -> float:
    """Return how far from the place that is shown it may have been, in metres."""
    shape = ellipse_of(row)
    return 500.0 * shape.long_km if shape else 1000.0 * (row.get("error_km") or 1)


def apart_m(one_deg: tuple[float, float], other_deg: tuple[float, float]) -> float:
    """Return the distance in metres of two places (latitude, longitude) that are not far apart."""
    middle_deg = (one_deg[0] + other_deg[0]) / 2
    over_deg = (other_deg[1] - one_deg[1] + 180) % 360 - 180
    east = over_deg * math.cos(math.radians(middle_deg))
    return math.hypot(east, other_deg[0] - one_deg[0]) * _METRES_PER_DEG


def title_of(ask: Asking, row: Row, zones: list[str]) -> str:
    """Return its name in words: what, and near which place or zone."""
    say, number = ask.tongue.words.gettext, ask.tongue.number
    kind = HAPPENINGS.get(row["class"])
    if row["class"] == "undetermined":
        what = say(N_("Something of undetermined kind"))
    else:
        what = say(kind.text) if kind else str(row["class"])
    place, off_m = _nearest(ask, row)
    if place and off_m <= max(_NEAR_M, _reach_m(row)):
        told = say(N_("%(what)s near %(place)s")) % {"what": what, "place": place}
    elif zones:
        told = say(N_("%(what)s, in or near %(zone)s")) % {"what": what, "zone": zones[0]}
    elif row["lat_deg"] is None:
        told = what
    else:
        at = {"lat": number(row["lat_deg"], 2), "lon": number(row["lon_deg"], 2)}
        told = say(N_("%(what)s near %(lat)s, %(lon)s")) % {"what": what, **at}
    return told[:1].upper() + told[1:]


def against(ask: Asking, assessments: pl.DataFrame) -> list[Against]:
    """Return what each rule says, what a person should read first coming first."""
    found = []
    for row in assessments.iter_rows(named=True):
        outcome = Outcome(row["outcome"])
        inside = row["inside_p"]
        found.append(
            Against(
                rule=row["rule"],
                version=row["agreement_version"],
                mark=outcome_mark(outcome),
                why=_MISSING.get(row["why"], row["why"]),
                inside_p=None if inside is None else float(inside),
                steps=list(_steps(ask, json.loads(row["trace"] or "[]"))),
                opened=outcome in _SAYS_MUCH,
            )
        )
    order = [outcome_mark(each) for each in (*_SAYS_MUCH, Outcome.CONSISTENT, Outcome.NO_RULE)]
    return sorted(found, key=lambda each: (order.index(each.mark), each.rule))


def _steps(ask: Asking, trace: list[dict[str, Any]], *, within: bool = False) -> Iterable[Step]:
    for step in trace:
        value = step["value"]
        nested = [e for e in value if isinstance(e, dict)] if isinstance(value, list) else []
        inner = nested if all("condition" in each for each in nested) else []
        text = _NUMBER.sub("", step["condition"])
        aside = _ASIDE.match(text)
        text, why = aside.groups() if aside else (text, "")
        shown = "" if inner else _value(ask, text, value)
        long = len(shown) > _VALUE_LETTERS
        yield Step(
            glyph={True: "ok", False: "no"}.get(step["holds"], "hand"),
            text=instants(text[:1].upper() + text[1:]),
            value="" if long else shown,
            why=instants("; ".join(each for each in (shown if long else "", why) if each)),
            within=within,
        )
        yield from _steps(ask, inner, within=True)


def _value(ask: Asking, text: str, value: object) -> str:
    if "P(" in text and isinstance(value, int | float) and not isinstance(value, bool):
        return chance(value, ask.tongue)
    return value_words(value, ask.tongue)


def count_words(ask: Asking, row: Row) -> str:
    """Return how many units it was, with its qualifier; "" where nobody counted."""
    low, high, qualifier = row["count_min"], row["count_max"], row["count_qualifier"]
    if qualifier is None or low is None:
        return ""
    say, number = ask.tongue.words.gettext, ask.tongue.number
    if high is None:
        return say(N_("at least %(low)s")) % {"low": number(low)}
    if low == high:
        return say(N_("exactly %(low)s")) % {"low": number(low)}
    told = N_("about %(low)s to %(high)s") if qualifier == "about" else N_("%(low)s to %(high)s")
    return say(told) % {"low": number(low), "high": number(high)}
