"""The thermal conflict score: how much a burning cell burns as places at war do.

War burns where it did not burn before, again and again, in spots; stubble burns once, in season,
and the whole region with it. The score of a cell and day is

    own + 1.2 near - 0.6 wide + 0.6 people

each a natural logarithm: own, near and wide of observed over usual fire days of the past, each day
faded by exp(-1 / 60 d), in the cell itself, in its neighbours (Gaussian of 1.5 cells) and in the
wider region (15 cells); people of 1 plus the persons per square kilometre (smoothed over a cell).
Today's own fires, the weather, the season and the distance to any line have no part in it.

It is a score, not a probability, and it dates nothing: it says where it burns as in war. Fires at
the same places days before or after score nearly as high, see docs/explanation/fires.md. It ranks
places of one day or season; it says nothing of who set the fire.

Source: after a closed form of an earlier trial; one of 42 sums that were compared, with 33 single
terms, on alternating fortnights of 24 February to 30 June 2022 against the same season of 2018 to
2021. No coefficient was fitted, but the other fortnights were seen as well. People stand in it
partly because incidents are more often geolocated in towns, so that the evaluation prints the
score without them beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trucewatch.errors import BadInput
from trucewatch.measure.thermal.nearby import blurred, decayed, ring

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.measure.thermal.cell_days import CellDays
    from trucewatch.measure.thermal.climatology import Climatology

    Cube = NDArray[np.float32]  # days, rows, columns
    Sheet = NDArray[np.float32]  # rows, columns
    Floats = NDArray[np.float64]

TAU_D = 60.0
"""Fading of past fire days. 30 d ranks within 0.01 of AUC of it on the first half of 2022."""
BEFORE_DAYS = 120
"""Days of the year before that are looked at; what is older has faded below 1/7."""
NEAR_CELLS, WIDE_CELLS, PEOPLE_CELLS = 1.5, 15.0, 1.0
NEAR_WEIGHT, WIDE_WEIGHT, PEOPLE_WEIGHT = 1.2, -0.6, 0.6
OWN_FLOOR_D, RING_FLOOR_D = 0.1, 0.01
"""Faded fire days added above and below, so that cells where it never burnt have a ratio."""


class Past(NamedTuple):
    """Faded past fire days on each day of a year, (days, rows, columns) each.

    Attributes:
        own: Of the cell.
        near: Mean of its neighbours.
        wide: Mean of the region around it.
    """

    own: Cube
    near: Cube
    wide: Cube


def usual_past(usual: Climatology) -> Past:
    """Return what an ordinary year shows on each day, the year before being ordinary as well."""
    return _past(usual.occ, usual.occ)


def seen_past(fires: Cube, usual: Climatology, before: Cube | None = None) -> Past:
    """Return what a year showed before each of its days.

    Args:
        fires: Fire pixels of the year, (365, rows, columns).
        usual: Stands in for the year before when that is not given, so that January leans to no
            side.
        before: Fire pixels of the year before.

    Raises:
        BadInput: The grids differ.
    """
    for one in (fires, before):
        if one is not None and one.shape[1:] != usual.occ.shape[1:]:
            problem = f"grid is {one.shape[1:]}, that of the usual year {usual.occ.shape[1:]}"
            raise BadInput("score", f"{problem}, expected the same")
    earlier = usual.occ if before is None else _burnt(before)
    return _past(_burnt(fires), earlier)


def people_term(persons_per_km2: NDArray[np.float64] | Sheet) -> Sheet:
    """Return the logarithm of 1 plus the density of people, smoothed, (rows, columns).

    Args:
        persons_per_km2: Of each cell; 0 where nobody knows.
    """
    smooth = blurred(np.asarray(persons_per_km2, dtype=np.float32), PEOPLE_CELLS, reach=4.0)
    return np.log1p(smooth)


def score(seen: Past, usual: Past, at: CellDays, people: Sheet | None = None) -> Floats:
    """Return the score of each fire cell-day, (n,); higher burns more as in war.

    Scores with people and without are two scores; never compare one with the other.

    Args:
        seen: Past of the year.
        usual: Past of an ordinary year, from other years than this one.
        at: Fire cell-days of the year.
        people: From `people_term`; left out of the score when None.
    """
    cell = (at.day, at.row, at.column)
    total = _ratio(seen.own[cell], usual.own[cell], OWN_FLOOR_D)
    total += NEAR_WEIGHT * _ratio(seen.near[cell], usual.near[cell], RING_FLOOR_D)
    total += WIDE_WEIGHT * _ratio(seen.wide[cell], usual.wide[cell], RING_FLOOR_D)
    if people is not None:
        total += PEOPLE_WEIGHT * people[at.row, at.column].astype(np.float64)
    return total


def _ratio(seen_d: Cube, usual_d: Cube, floor_d: float) -> Floats:
    over = seen_d.astype(np.float64) + floor_d
    return np.asarray(np.log(over / (usual_d.astype(np.float64) + floor_d)))


def _burnt(fires: Cube) -> Cube:
    return (fires > 0).astype(np.float32)


def _past(days: Cube, before: Cube) -> Past:
    earlier = before[-BEFORE_DAYS:]
    own = decayed(np.concatenate([earlier, days]), TAU_D)[len(earlier) :]
    return Past(own, ring(own, NEAR_CELLS), ring(own, WIDE_CELLS))
