"""Flights that may not pass through a zone: a track with heights, set against ground and heights.

Between two fixes nobody knows where a craft was. A way that is dark for longer than `DARK_MIN` and
whose straight line crosses the zone is said to be one that software cannot tell.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from trucewatch.assess._exempt import Subject, none_open, one, tried
from trucewatch.assess._place import zone_area
from trucewatch.assess._trace import DECIMALS
from trucewatch.assess._tracks import (
    force_asked,
    inside_p,
    rows,
    sensors_asked,
    span,
    terms_asked,
)
from trucewatch.assess._verdict import Asked, verdict
from trucewatch.records.assessment import Missing, Outcome

if TYPE_CHECKING:
    from datetime import datetime

    import polars as pl

    from trucewatch.agreement.rule import Rule
    from trucewatch.agreement.version import Version
    from trucewatch.agreement.zone import Zone
    from trucewatch.assess._known import Known
    from trucewatch.assess._tracks import Floats, Passage
    from trucewatch.assess._verdict import Verdict

DARK_MIN = 10.0
"""Minutes without a fix after which the straight way between two fixes says nothing.

A small unmanned aircraft at 20 m/s goes 12 km in that time, across most belts; chosen.
"""

_AIRCRAFT = ("uav", "aeroplane", "helicopter")


def check(known: Known, *, rule: Rule, version: Version) -> pl.DataFrame:
    """Return one assessment per passage that may have been in the zone.

    1. It is an aircraft: a vessel is none and gets no row, of `unknown` craft software cannot say.
    2. P(inside the zone) at the fix that lies deepest, ground and height together.
    3. The rule was in force then.
    4. Every term is defined. 5. No exemption holds. 6. None is open, and independent
    sensors, for on its face.

    Args:
        known: What is known; `facts.tracks` is set against the zone.
        rule: A rule of this kind.
        version: The version that it is in.

    Returns:
        `records.table.ASSESSMENT`; `subject_kind` is `track`.
    """
    zone = version.agreement.zone(rule.zone)

    def judge(passage: Passage) -> tuple[Verdict, float, tuple[datetime, datetime]] | None:
        return _judge(passage, known, rule, version, zone)

    return rows(known, rule, version, judge)


def _judge(
    passage: Passage, known: Known, rule: Rule, version: Version, zone: Zone
) -> tuple[Verdict, float, tuple[datetime, datetime]] | None:
    if passage.craft == "vessel":
        return None
    ground_p = inside_p(passage, version, zone)
    height_p = _within_p(passage, zone)
    both_p = ground_p * np.where(np.isnan(height_p), 1.0, height_p)
    deepest = int(np.argmax(both_p))
    chance_p = round(float(both_p[deepest]), DECIMALS)
    during = span(passage, ground_p > rule.thresholds.outside_p_max)
    exemption, asked = tried(
        _subject(passage, deepest, during), rule=rule, version=version, facts=known.facts
    )
    conditions = [
        force_asked(version, zone, during),
        _craft_asked(passage),
        _inside_asked(rule, zone, chance_p, dark=_crosses_dark(passage, version, zone)),
        _height_asked(zone, height_p[deepest]),
        terms_asked(rule, version),
        *([one(exemption, asked), none_open(asked)] if rule.exemptions else []),
        sensors_asked(rule, passage),
    ]
    found = verdict(conditions, met=Outcome.BREACH_ON_ITS_FACE)
    if found.outcome is Outcome.EXEMPT:
        found = replace(found, why=exemption)
    return found, chance_p, during


def _craft_asked(passage: Passage) -> Asked:
    return Asked(
        text="it is an aircraft",
        value=passage.craft,
        holds=True if passage.craft in _AIRCRAFT else None,
        refuted=Outcome.CONSISTENT,
        unknown=Missing.WEAPON,
    )


def _inside_asked(rule: Rule, zone: Zone, chance_p: float, *, dark: bool) -> Asked:
    low_p, high_p = rule.thresholds.outside_p_max, rule.thresholds.inside_p_min
    holds: bool | None = None
    if chance_p >= high_p:
        holds = True
    elif chance_p <= low_p and not dark:
        holds = False
    darkness = f", or a way of over {DARK_MIN:g} min without a fix leads across it" if dark else ""
    return Asked(
        text=f"P(inside {zone.id}) is at least {high_p:g} (at most {low_p:g} is outside){darkness}",
        value=chance_p,
        holds=holds,
        refuted=Outcome.CONSISTENT,
        unknown=Missing.LOCATION,
    )


def _height_asked(zone: Zone, within_p: float) -> Asked:
    known = not np.isnan(within_p)
    value = "not asked" if zone.altitude is None else "known" if known else "unknown"
    return Asked(
        text="its height is known, from the same level as that of the zone",
        value=value,
        holds=True if known else None,
        refuted=Outcome.CONSISTENT,  # never: where it is known, it is a part of P(inside)
        unknown=Missing.ALTITUDE,
    )


def _within_p(passage: Passage, zone: Zone) -> Floats:
    """Return P(between the heights of the zone) of each fix; NaN where nobody can say."""
    count = len(passage.fixes)
    if zone.altitude is None:
        return np.ones(count)
    fixes = passage.fixes
    height_m = fixes["altitude_m"].to_numpy().astype(np.float64)
    sigma_m = fixes["altitude_sigma_m"].to_numpy().astype(np.float64)
    same = (fixes["altitude_datum"] == str(zone.altitude.datum)).fill_null(value=False).to_numpy()
    top_m = np.inf if zone.altitude.to_m is None else zone.altitude.to_m
    within_p = ndtr((top_m - height_m) / sigma_m) - ndtr(
        (zone.altitude.from_m - height_m) / sigma_m
    )
    return np.where(same, within_p, np.nan)


def _crosses_dark(passage: Passage, version: Version, zone: Zone) -> bool:
    """Return whether a long way without a fix may have led through the zone."""
    import shapely

    time_s = passage.time_s
    dark = np.flatnonzero(np.diff(time_s) > DARK_MIN * 60)
    if not len(dark):
        return False
    places = passage.fixes.select("lon_deg", "lat_deg").to_numpy()
    legs = shapely.linestrings([[places[i], places[i + 1]] for i in dark])
    return bool(shapely.intersects(zone_area(version, zone).shape(), legs).any())


def _subject(passage: Passage, deepest: int, during: tuple[datetime, datetime]) -> Subject:
    fix = passage.points().row(deepest, named=True)
    return Subject(
        kind="track",
        start=during[0],
        end=during[1],
        lat_deg=fix["lat_deg"],
        lon_deg=fix["lon_deg"],
        cov_ee_m2=fix["cov_ee_m2"],
        cov_en_m2=fix["cov_en_m2"],
        cov_nn_m2=fix["cov_nn_m2"],
        id=f"track-{fix['sensor']}-{fix['track']}",  # as exemptions name a craft
        act="flight",
    )
