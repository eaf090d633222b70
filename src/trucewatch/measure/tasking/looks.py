"""What may be looked at, by what, and how much of what is not known each look would settle.

The worth of a set of looks is the expected uncertainty that it settles: each target counts its
weight times the chance that at least one look of the set sees it, looks being independent. That is
monotone, and submodular: a look is worth less beside others than alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from scipy.spatial import cKDTree

from trucewatch.errors import BadInput
from trucewatch.records.table import TIME

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

TARGET: dict[str, pl.DataType] = {
    "id": pl.String(),
    "lat_deg": pl.Float64(),
    "lon_deg": pl.Float64(),
    "time_start": TIME,
    "time_end": TIME,
    "weight": pl.Float64(),
    "text": pl.String(),
}
"""A thing that is not known: place (WGS 84), when a look would still tell, `weight` (what is not
known of it, nats or any one unit that all targets share, from 0), and what it is in words."""

LOOK: dict[str, pl.DataType] = {
    "id": pl.String(),
    "kind": pl.String(),
    "exclusive": pl.String(),
    "lat_deg": pl.Float64(),
    "lon_deg": pl.Float64(),
    "radius_m": pl.Float64(),
    "time_start": TIME,
    "time_end": TIME,
    "detection_p": pl.Float64(),
    "cost": pl.Float64(),
}
"""A candidate: `kind` such as patrol, flight or image; of those with one `exclusive` name (not "")
at most one is chosen, as of the routes of one patrol; a disc of `radius_m` round its middle, the
chance that it sees a target there, and its cost above 0 in the unit of the budget."""

_EARTH_M = 6_371_008.8  # mean radius; discs of tasking need no better


@dataclass(frozen=True, slots=True, kw_only=True)
class Chances:
    """P(a look sees a target), sparse, row by row of looks.

    Attributes:
        starts: First entry of each look in the other two, shape (looks + 1,).
        targets: Number of the target, shape (entries,).
        detection_p: Chance above 0, shape (entries,).
        weights: Weight of each target, shape (targets,).
        costs: Cost of each look, shape (looks,).
        exclusive: Number of the group of each look, or -1, shape (looks,).
    """

    starts: NDArray[np.int64]
    targets: NDArray[np.int64]
    detection_p: NDArray[np.float64]
    weights: NDArray[np.float64]
    costs: NDArray[np.float64]
    exclusive: NDArray[np.int64]

    def gain(self, look: int, missed_p: NDArray[np.float64]) -> float:
        """Return what a look would add, given P(all chosen looks miss) of each target."""
        row = slice(self.starts[look], self.starts[look + 1])
        seen = self.targets[row]
        return float((self.weights[seen] * missed_p[seen] * self.detection_p[row]).sum())

    def gains(self, missed_p: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what each look would add, shape (looks,)."""
        each = self.weights[self.targets] * missed_p[self.targets] * self.detection_p
        summed = np.concatenate(([0.0], np.cumsum(each)))
        return np.asarray(np.maximum(np.diff(summed[self.starts]), 0.0))

    def add(self, look: int, missed_p: NDArray[np.float64]) -> None:
        """Take a look's chances out of `missed_p`, in place."""
        row = slice(self.starts[look], self.starts[look + 1])
        missed_p[self.targets[row]] *= 1 - self.detection_p[row]

    def worth(self, chosen: Iterable[int]) -> float:
        """Return the worth of a set of looks."""
        missed_p = np.ones(len(self.weights))
        for look in chosen:
            self.add(look, missed_p)
        return float((self.weights * (1 - missed_p)).sum())


def chances(looks: pl.DataFrame, targets: pl.DataFrame) -> Chances:
    """Return which look sees which target, and how likely.

    Args:
        looks: `LOOK`.
        targets: `TARGET`.
    """
    _expect(looks, targets)
    rows = _seen(looks, targets)
    groups: dict[str, int] = {}
    exclusive = [
        groups.setdefault(name, len(groups)) if name else -1 for name in looks["exclusive"]
    ]
    chance_p = looks["detection_p"].to_numpy()
    lengths = [len(row) for row in rows]
    return Chances(
        starts=np.concatenate(([0], np.cumsum(lengths, dtype=np.int64))),
        targets=np.concatenate(rows) if rows else np.empty(0, np.int64),
        detection_p=np.repeat(chance_p, lengths),
        weights=targets["weight"].to_numpy(),
        costs=looks["cost"].to_numpy(),
        exclusive=np.array(exclusive, np.int64),
    )


def _seen(looks: pl.DataFrame, targets: pl.DataFrame) -> list[NDArray[np.int64]]:
    """Return the numbers of the targets in the disc and the time of each look, in order."""
    there, here = _on_sphere(targets), _on_sphere(looks)
    chord = 2 * np.sin(np.minimum(looks["radius_m"].to_numpy() / (2 * _EARTH_M), np.pi / 2))
    near = cKDTree(there).query_ball_point(here, chord) if len(there) else [[]] * len(here)
    opens, closes = (targets[f"time_{end}"].to_numpy() for end in ("start", "end"))
    starts, ends = (looks[f"time_{end}"].to_numpy() for end in ("start", "end"))
    rows = []
    for row, start, end in zip(near, starts, ends, strict=True):
        of = np.sort(np.array(row, np.int64))
        rows.append(of[(opens[of] < end) & (closes[of] > start)])
    return rows


def _on_sphere(table: pl.DataFrame) -> NDArray[np.float64]:
    """Return places on the unit sphere, shape (n, 3)."""
    high, across = (np.radians(table[name].to_numpy()) for name in ("lat_deg", "lon_deg"))
    return np.column_stack(
        (np.cos(high) * np.cos(across), np.cos(high) * np.sin(across), np.sin(high))
    )


def _expect(looks: pl.DataFrame, targets: pl.DataFrame) -> None:
    """Check what is given.

    Raises:
        BadInput: A cost or a radius is not above 0, a chance is outside 0 to 1, a weight is below
            0 or no number, or an id comes twice; the message names the row.
    """
    checks: Sequence[tuple[pl.DataFrame, str, pl.Expr, str]] = (
        (looks, "cost", pl.col("cost") > 0, "must be above 0"),
        (looks, "radius_m", pl.col("radius_m") > 0, "must be above 0"),
        (looks, "detection_p", pl.col("detection_p").is_between(0, 1), "must be 0 to 1"),
        (looks, "time_end", pl.col("time_end") > pl.col("time_start"), "must be after the start"),
        (targets, "weight", pl.col("weight") >= 0, "must be at least 0"),
    )
    for table, column, holds, expected in checks:
        finite = (
            pl.col(column).is_finite() if table[column].dtype == pl.Float64 else pl.lit(value=True)
        )
        bad = table.filter(~(holds & finite).fill_null(value=False))
        if len(bad):
            row = bad.row(0, named=True)
            raise BadInput(str(row["id"]), f"{column} is {row[column]}, {expected}")
    for table in (looks, targets):
        twice = table.filter(pl.col("id").is_duplicated())["id"]
        if len(twice):
            raise BadInput(str(twice[0]), "id comes twice, must come once")
