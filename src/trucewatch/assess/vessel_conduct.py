"""How vessels move in a corridor: speed, staying inside, and what software cannot tell in the dark.

What a vessel does while it sends no position is not known, and a position that it cannot have
reached may be false; both are said, and neither is held against anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from trucewatch.assess._trace import DECIMALS
from trucewatch.assess._tracks import (
    force_asked,
    inside_p,
    rows,
    sensors_asked,
    span,
    sure,
    terms_asked,
)
from trucewatch.assess._verdict import Asked, verdict
from trucewatch.geo.track import TOO_FAST, Tracks, flags
from trucewatch.records.assessment import Missing, Outcome

if TYPE_CHECKING:
    from datetime import datetime

    import polars as pl
    from numpy.typing import NDArray

    from trucewatch.agreement.rule import Conduct, Rule
    from trucewatch.agreement.version import Version
    from trucewatch.agreement.zone import Zone
    from trucewatch.assess._known import Known
    from trucewatch.assess._tracks import Floats, Passage
    from trucewatch.assess._verdict import Verdict
    from trucewatch.records.canonical import Json

SPEED_OVER_S = 300.0
"""Seconds over which a speed is taken: over less, the errors of two positions are most of it."""

FASTEST_M_S = 40.0
"""Speed above which no vessel goes, metres per second (78 knots); a jump beyond it is no movement.

Source: the fastest merchant vessels, catamaran ferries, reach about 58 knots (general knowledge).
"""

_SLACK_SIGMA = 4.0  # position errors that a jump is forgiven


def check(known: Known, *, rule: Rule, version: Version) -> pl.DataFrame:
    """Return one assessment per passage of a vessel that was in the corridor.

    1. The rule was in force. 2. It is a vessel. 3. P(inside the corridor) at the fix that lies
    deepest. 4. Every term is defined. 5. The conduct was not kept: a speed beyond a bound, or out
    of the corridor between two fixes inside it; the doubt that the rule allows is divided by the
    number of looks. A jump leaves it open, and so does a way in the dark where it was kept as far
    as is known. 6. Independent sensors, for on its face.

    Args:
        known: What is known; `facts.tracks` is set against the corridor.
        rule: A rule of this kind; it has a conduct.
        version: The version that it is in.

    Returns:
        `records.table.ASSESSMENT`; `subject_kind` is `track`.
    """
    corridor = version.agreement.zone(rule.zone)

    def judge(passage: Passage) -> tuple[Verdict, float, tuple[datetime, datetime]] | None:
        return _judge(passage, rule, version, corridor)

    return rows(known, rule, version, judge)


def _judge(
    passage: Passage, rule: Rule, version: Version, corridor: Zone
) -> tuple[Verdict, float, tuple[datetime, datetime]] | None:
    if passage.craft not in {"vessel", "unknown"} or rule.conduct is None:
        return None
    there_p = inside_p(passage, version, corridor)
    within = there_p >= rule.thresholds.inside_p_min
    chance_p = round(float(there_p.max()), DECIMALS)
    during = span(passage, within)
    conditions = [
        force_asked(version, corridor, during),
        _vessel_asked(passage),
        _inside_asked(rule, corridor, chance_p),
        terms_asked(rule, version),
        _conduct_asked(rule, rule.conduct, _watch(passage, rule.conduct, there_p, within)),
        sensors_asked(rule, passage),
    ]
    return verdict(conditions, met=Outcome.BREACH_ON_ITS_FACE), chance_p, during


def _vessel_asked(passage: Passage) -> Asked:
    return Asked(
        text="it is a vessel",
        value=passage.craft,
        holds=True if passage.craft == "vessel" else None,
        refuted=Outcome.CONSISTENT,
        unknown=Missing.WEAPON,
    )


def _inside_asked(rule: Rule, corridor: Zone, chance_p: float) -> Asked:
    low_p, high_p = rule.thresholds.outside_p_max, rule.thresholds.inside_p_min
    between = low_p < chance_p < high_p
    return Asked(
        text=f"P(inside {corridor.id}) is at least {high_p:g} (at most {low_p:g} is outside)",
        value=chance_p,
        holds=None if between else chance_p >= high_p,
        refuted=Outcome.CONSISTENT,
        unknown=Missing.LOCATION,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Watched:
    """What is known of a passage in the corridor.

    Attributes:
        chances_p: P(beyond a bound) of each look, by what is asked.
        dark_max_min: Longest time without a fix while in the corridor, minutes.
        jumps: Fixes that cannot have been reached from the one before.
    """

    chances_p: dict[str, list[float]]
    dark_max_min: float
    jumps: int


def _conduct_asked(rule: Rule, conduct: Conduct, watched: _Watched) -> Asked:
    looks = [chance for each in watched.chances_p.values() for chance in each]
    beyond = sure(looks, rule)
    limit_min = conduct.dark_max_min
    dark = limit_min is not None and watched.dark_max_min > limit_min
    if watched.jumps or (dark and beyond is not True):
        beyond = None  # a false position may be what is beyond; in the dark nothing is kept
    value: dict[str, Json] = {
        name: round(max(chances_p), DECIMALS)
        for name, chances_p in watched.chances_p.items()
        if chances_p
    }
    value["looks"] = len(looks)
    value["longest_dark_min"] = round(watched.dark_max_min, 1)
    value["jumps"] = watched.jumps
    return Asked(
        text=f"the conduct was not kept ({_in_words(conduct)})",
        value=value,
        holds=beyond,
        refuted=Outcome.CONSISTENT,
        unknown=Missing.LOCATION,
    )


def _in_words(conduct: Conduct) -> str:
    told = []
    if conduct.speed_min_m_s is not None:
        told.append(f"at least {conduct.speed_min_m_s:g} m/s")
    if conduct.speed_max_m_s is not None:
        told.append(f"at most {conduct.speed_max_m_s:g} m/s")
    if conduct.stay:
        told.append("inside from entry to exit")
    if conduct.dark_max_min is not None:
        told.append(f"nothing is said of more than {conduct.dark_max_min:g} min in the dark")
    return ", ".join(told)


def _watch(
    passage: Passage, conduct: Conduct, there_p: Floats, within: NDArray[np.bool_]
) -> _Watched:
    known = np.flatnonzero(within)
    if not len(known):
        return _Watched(chances_p={}, dark_max_min=0.0, jumps=0)
    stay = slice(int(known[0]), int(known[-1]) + 1)
    chances_p: dict[str, list[float]] = {}
    if conduct.stay:
        chances_p["outside_p"] = (1 - there_p[stay]).tolist()
    speeds = _speeds(passage, within)
    if conduct.speed_min_m_s is not None:
        chances_p["slower_p"] = ndtr((conduct.speed_min_m_s - speeds[0]) / speeds[1]).tolist()
    if conduct.speed_max_m_s is not None:
        chances_p["faster_p"] = ndtr((speeds[0] - conduct.speed_max_m_s) / speeds[1]).tolist()
    time_s = passage.time_s[stay]
    return _Watched(
        chances_p=chances_p,
        dark_max_min=float(np.diff(time_s).max() / 60) if len(time_s) > 1 else 0.0,
        jumps=int((_flags(passage)[stay] & TOO_FAST).astype(bool).sum()),
    )


def _speeds(passage: Passage, within: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return speeds over ground and their errors, m/s, each over at least `SPEED_OVER_S`.

    Both fixes of a speed lie in the corridor; the way between them is taken as straight, so a
    vessel that turned went faster than is said.
    """
    from pyproj import Geod

    time_s, fixes = passage.time_s, passage.fixes
    first, pairs = None, []
    for place in np.flatnonzero(within):
        if first is None or not within[first : place + 1].all():
            first = place
        elif time_s[place] - time_s[first] >= SPEED_OVER_S:
            pairs.append((first, place))
            first = place
    if not pairs:
        return np.empty(0), np.ones(0)
    one, other = (fixes[[int(pair[end]) for pair in pairs]] for end in (0, 1))
    ends = (each[name].to_numpy() for each in (one, other) for name in ("lon_deg", "lat_deg"))
    way_m = Geod(ellps="WGS84").inv(*ends)[2]  # type: ignore[arg-type]
    lasts_s = np.array([time_s[later] - time_s[earlier] for earlier, later in pairs])
    sigma_m = np.hypot(one["sigma_m"].to_numpy(), other["sigma_m"].to_numpy())
    return np.asarray(way_m / lasts_s), np.asarray(sigma_m / lasts_s)


def _flags(passage: Passage) -> NDArray[np.uint8]:
    fixes = passage.fixes
    tracks = Tracks.of(
        np.zeros(len(fixes), np.int64),
        fixes["time"].dt.epoch("us").to_numpy(),
        fixes["lon_deg"].to_numpy(),
        fixes["lat_deg"].to_numpy(),
        np.zeros(len(fixes)),
    )
    slack_m = _SLACK_SIGMA * float(fixes["sigma_m"].max())  # type: ignore[arg-type]
    return flags(tracks, gap_s=np.inf, speed_m_s=FASTEST_M_S, slack_m=slack_m)
