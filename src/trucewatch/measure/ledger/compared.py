"""What each party alleges beside what the mission saw; side by side, and never averaged.

That a claim matches no incident does not make it false: most acts are seen by nobody. What can be
said is how many of the claims the mission would have seen, had all of them happened as told.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from trucewatch.errors import BadInput
from trucewatch.geo.plane import Covariances
from trucewatch.measure.ledger.matched import Claimed, Known, by_chance, matched

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from trucewatch.geo.plane import Plane
    from trucewatch.records.alleged import Alleged, Total

    Floats = NDArray[np.float64]

LEVEL_P = 0.9
_EXACT_MAX = 2_000  # acts up to which every number's probability is worked out
_SIGMA_90 = 1.645  # standard errors, of a normal distribution
_US_PER_S = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """One claim that may be one incident.

    Attributes:
        claim: The party's id of it.
        incident: The mission's.
        apart_sigma_ratio: Their distance in place and time, in combined standard errors.
    """

    claim: str
    incident: str
    apart_sigma_ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What one party alleges of a period.

    Attributes:
        party: Its id.
        claimed: Acts that it lists with a place.
        totals: What it says in numbers alone, in its own words; never added to the list.
        matches: Claims that may be an incident, by claim.
        unmatched: Ids of the other claims; unmatched is not false.
        unalleged: Incidents that no claim of it matches.
        by_chance: How many match when the claims are moved by some days: mean, fewest, most.
        visible: How many the mission would have seen, had all happened as told: mean and the ends
            of a 90 % interval; None without declared coverage.
        off: Claims outside the ground or the time that coverage is worked out for.
    """

    party: str
    claimed: int
    totals: tuple[Total, ...]
    matches: tuple[Matched, ...]
    unmatched: tuple[str, ...]
    unalleged: tuple[str, ...]
    by_chance: tuple[float, int, int]
    visible: tuple[float, int, int] | None
    off: int


class Ours(NamedTuple):
    """What the mission knows.

    Attributes:
        incidents: `records.table.INCIDENT`, any order; those just outside the period as well.
        counted: Ids of those of the period.
        plane: In which distances are measured.
        period: From and until.
    """

    incidents: pl.DataFrame
    counted: frozenset[str]
    plane: Plane
    period: tuple[datetime, datetime]


def side(
    party: str,
    claims: Sequence[Alleged],
    totals: Sequence[Total],
    ours: Ours,
    seen_p: Mapping[str, float] | None,
) -> Side:
    """Return what one party alleges beside the incidents.

    Args:
        party: Its id.
        claims: Its acts of the period, any order.
        totals: What it says in numbers alone.
        ours: What the mission knows.
        seen_p: P(the mission sees it) by id of claim, those off the ground or the time left out;
            None without declared coverage.

    Raises:
        BadInput: An id comes twice.
    """
    listed = sorted(claims, key=lambda each: each.id)
    if len({each.id for each in listed}) < len(listed):
        raise BadInput(party, "alleges two acts of one id, expected each once")
    known = ours.incidents.filter(pl.col("lat_deg").is_not_null()).sort("id")
    ids = known["id"].to_list()
    here, theirs = _known(known, ours.plane), _claimed(listed, ours.plane)
    found, apart = matched(theirs, here)
    matches = tuple(
        Matched(claim=each.id, incident=ids[other], apart_sigma_ratio=float(sigma))
        for each, other, sigma in zip(listed, found.tolist(), apart, strict=True)
        if other >= 0
    )
    there = {each.incident for each in matches}
    start, end = ours.period
    return Side(
        party=party,
        claimed=len(listed),
        totals=tuple(totals),
        matches=matches,
        unmatched=tuple(
            each.id for each, other in zip(listed, found.tolist(), strict=True) if other < 0
        ),
        unalleged=tuple(sorted(ours.counted - there)),
        by_chance=by_chance(theirs, here, (start.timestamp(), end.timestamp())),
        visible=None if seen_p is None else visible(np.array([*seen_p.values()])),
        off=0 if seen_p is None else len(listed) - len(seen_p),
    )


def visible(chances_p: Floats) -> tuple[float, int, int]:
    """Return how many of independent acts are seen: mean, and ends of a 90 % interval at least.

    Args:
        chances_p: P(seen) of each, (k,).
    """
    mean = float(chances_p.sum())
    if len(chances_p) > _EXACT_MAX:
        half = _SIGMA_90 * float(np.sqrt((chances_p * (1 - chances_p)).sum()))
        return mean, math.floor(mean - half), math.ceil(mean + half)
    number_p = np.ones(1)
    for chance_p in chances_p:
        number_p = np.convolve(number_p, (1 - chance_p, chance_p))
    below = np.cumsum(number_p)
    low, high = (
        min(int(np.searchsorted(below, at)), len(chances_p))
        for at in ((1 - LEVEL_P) / 2, (1 + LEVEL_P) / 2)
    )
    return mean, low, high


def _claimed(claims: Sequence[Alleged], plane: Plane) -> Claimed:
    lon_deg, lat_deg, sigma_m = (
        np.array([getattr(each, name) for each in claims], np.float64)
        for name in ("lon_deg", "lat_deg", "error_m")
    )
    x_m, y_m = plane.project(lon_deg, lat_deg) if len(claims) else (lon_deg, lat_deg)
    return Claimed(
        start_s=np.array([each.time_start.timestamp() for each in claims], np.float64),
        end_s=np.array([each.time_end.timestamp() for each in claims], np.float64),
        x_m=x_m,
        y_m=y_m,
        sigma_m=sigma_m,
    )


def _known(incidents: pl.DataFrame, plane: Plane) -> Known:
    lon_deg, lat_deg, xx_m2, xy_m2, yy_m2, sigma_s = (
        incidents[name].to_numpy()
        for name in ("lon_deg", "lat_deg", "cov_ee_m2", "cov_en_m2", "cov_nn_m2", "time_sigma_s")
    )
    turned = plane.to_plane(lon_deg, lat_deg, Covariances(xx_m2=xx_m2, xy_m2=xy_m2, yy_m2=yy_m2))
    x_m, y_m = plane.project(lon_deg, lat_deg) if len(incidents) else (lon_deg, lat_deg)
    return Known(
        time_s=incidents["time"].dt.timestamp("us").to_numpy() / _US_PER_S,
        sigma_s=sigma_s,
        x_m=x_m,
        y_m=y_m,
        xx_m2=turned.xx_m2,
        xy_m2=turned.xy_m2,
        yy_m2=turned.yy_m2,
    )
