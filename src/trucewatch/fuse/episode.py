"""Incidents near each other in space and time, grouped for people to look at.

A night of hundreds of explosions is a handful of episodes to a watch floor. An episode is never
counted and no rule uses it; the incidents in it stay what they are.

Two precise incidents are neighbours when they lie at most `reach_m` and `gap_s` further apart than
two standard deviations of the error of that difference. Neighbours join closest first, and a join
that makes an episode too wide or too long is left out, so that chains cannot run along a front; see
`closest`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from trucewatch.errors import BadInput
from trucewatch.fuse.closest import Limits, joined
from trucewatch.fuse.distinct import PRECISE
from trucewatch.records.table import INCIDENT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.geo.plane import Plane

GAP_S = 3600.0
"""An hour, as in the counting rule `episode_60min_30rounds`, by which a past joint force counted
discharges without a gap of an hour as one shelling; here only the hour is taken from it."""
REACH_M = 3000.0
"""A choice, not a measurement: explosions at a village and at its edge are looked at together."""
EXTENT_M = 10_000.0
"""A choice: what one patrol or one camera's ground holds; a longer stretch is several cards."""
SPAN_S = 86_400.0
"""A choice: a day, the period of a daily report."""
_NEEDED = (
    "id", "tier", "time", "time_sigma_s", "lat_deg", "lon_deg", "cov_ee_m2", "cov_nn_m2",
)  # fmt: skip
_WHERE = "episodes"
_US_PER_S = 1e6
RANGES: dict[str, tuple[float, float]] = {
    "reach_m": (1.0, 1e6),
    "gap_s": (1.0, 1e8),
    "extent_m": (0.0, 1e7),
    "span_s": (0.0, 1e10),
}
"""Least and greatest value of each limit, both allowed."""


def episodes(
    incidents: pl.DataFrame,
    *,
    plane: Plane,
    reach_m: float = REACH_M,
    gap_s: float = GAP_S,
    extent_m: float = EXTENT_M,
    span_s: float = SPAN_S,
) -> pl.Series:
    """Return the episode that each incident is shown in: "e-" and what follows "i-" in an id.

    The id is that of the episode's least incident, by time, then id. A function of the set of
    incidents: the order of the rows changes nothing. How close two incidents are is the sum of
    squares of their distances in space and time, each as a share of what is allowed; equally close
    pairs join in order of their earlier, then their later incident. An imprecise incident is an
    episode of its own.

    Args:
        incidents: `records.table.INCIDENT`, any order.
        plane: Where distances are measured.
        reach_m: Greatest distance between neighbours beyond two sigma, at least 1.
        gap_s: Greatest time between neighbours beyond two sigma, at least 1.
        extent_m: Greatest diagonal of the box around the centres of an episode.
        span_s: Greatest time between the first and the last incident of an episode.

    Returns:
        Text, one for each row of `incidents`, named `episode`.

    A limit out of `RANGES` or a table that breaks its contract is refused as `BadInput`.
    """
    limits = _limits(reach_m, gap_s, extent_m, span_s)
    table = _checked(incidents).sort("tier", "time", "id")
    precise = table.filter(pl.col("tier") == PRECISE)
    least = np.arange(table.height)
    if not precise.is_empty():
        least[: precise.height] = joined(_matrix(precise, plane), limits)
    episode = pl.lit("e-") + pl.col("id").gather(pl.Series(least)).str.strip_prefix("i-")
    return table.select("place", episode.alias("episode")).sort("place")["episode"]


def _limits(reach_m: float, gap_s: float, extent_m: float, span_s: float) -> Limits:
    """Return the limits for the kernels.

    Raises:
        BadInput: One is out of `RANGES`.
    """
    given = {"reach_m": reach_m, "gap_s": gap_s, "extent_m": extent_m, "span_s": span_s}
    for name, (low, high) in RANGES.items():
        if not low <= given[name] <= high:
            raise BadInput(_WHERE, f"{name} is {given[name]}, must be {low:g} to {high:g}")
    return Limits(
        float(reach_m), round(gap_s * _US_PER_S), float(extent_m), round(span_s * _US_PER_S)
    )


def _checked(incidents: pl.DataFrame) -> pl.DataFrame:
    """Return the columns that are looked at and `place`, the number of each row.

    Raises:
        BadInput: A column is missing, a figure is null or not a number, or an id is there twice.
    """
    try:
        table = incidents.select(pl.col(name).cast(INCIDENT[name]) for name in _NEEDED)
    except pl.exceptions.PolarsError as error:
        problem = f"{error}, expected the columns of the Incident table"
        raise BadInput(_WHERE, problem) from error
    numbers = ("time_sigma_s", "cov_ee_m2", "cov_nn_m2")
    whole = pl.all_horizontal(pl.all().is_not_null(), pl.col(numbers).is_finite())
    sound = whole & pl.all_horizontal(pl.col(numbers) >= 0)
    broken = table.filter(~sound)
    if not broken.is_empty():
        problem = "has a null or an error that is not a number, expected all figures"
        where = f"{_WHERE}: incident {broken['id'].sort()[0]}"
        raise BadInput(where, problem)
    twice = table.filter(pl.col("id").is_duplicated())
    if not twice.is_empty():
        where = f"{_WHERE}: incident {twice['id'].sort()[0]}"
        raise BadInput(where, "is given twice, expected once")
    return table.with_row_index("place")


def _matrix(precise: pl.DataFrame, plane: Plane) -> NDArray[np.float64]:
    x_m, y_m = plane.project(precise["lon_deg"].to_numpy(), precise["lat_deg"].to_numpy())
    s2_m2 = (precise["cov_ee_m2"] + precise["cov_nn_m2"]).to_numpy() / 2
    time_us = precise["time"].dt.timestamp("us").to_numpy().astype(np.float64)
    sigma_us = precise["time_sigma_s"].to_numpy() * _US_PER_S
    return np.ascontiguousarray(np.column_stack((x_m, y_m, time_us, s2_m2, sigma_us**2)))
