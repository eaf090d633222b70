"""What a level may show of what could have been seen, and of what was in its way."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.report.release import cell_centre, cell_ring, shown_at
from trucewatch.report.watching import CellShare

if TYPE_CHECKING:
    from datetime import datetime

    from trucewatch.report.material import Hindered, ReleaseLevel
    from trucewatch.report.watching import Watching

SIDE_MIN_M = 1000.0
"""Side of the smallest cell that the public sees, metres, as of its places."""
TOLD = "told"
"""In place of words that stay in the mission."""
_M_PER_DEG = 111_195.0  # of a great circle on the mean sphere
_PLACES = 3  # decimals of a cell's share; a map has two shades


def shown(watching: Watching, level: ReleaseLevel) -> Watching:
    """Return what a level may show; what it returns, it returns again unchanged.

    The public sees no cell under 1 km: smaller ones become cells of the public grid, each the mean
    of those whose middle it holds. It is told how many strangers there were, not their names.
    """
    cells, strangers = watching.cells, watching.strangers
    if level == "public":
        strangers = ("",) * len(strangers)
        if cells and min(map(_side_m, cells)) < SIDE_MIN_M:
            cells = _coarse(cells)
    return replace(watching, cells=tuple(map(_rounded, cells)), strangers=strangers)


def shown_hindered(each: Hindered, level: ReleaseLevel) -> Hindered:
    """Return what a level may show of a hindrance; what it returns, it returns again unchanged.

    The public sees the cell and the minute, that something was planned or said, and no asset.
    """
    if level == "mission":
        return each
    lat_deg, lon_deg = shown_at(each.lat_deg, each.lon_deg, level)
    return replace(
        each,
        start=_minute(each.start),
        end=None if each.end is None else _minute(each.end),
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        asset="",
        planned=TOLD if each.planned else "",
        said=TOLD if each.said else "",
    )


def _minute(instant: datetime) -> datetime:
    return instant.replace(second=0, microsecond=0)


def _coarse(cells: tuple[CellShare, ...]) -> tuple[CellShare, ...]:
    middles = pl.DataFrame(
        [(_mean(cell, 1), _mean(cell, 0)) for cell in cells],
        schema={"lat_deg": pl.Float64, "lon_deg": pl.Float64},
        orient="row",
    )
    held: dict[tuple[float, float], list[float]] = defaultdict(list)
    for centre, cell in zip(cell_centre(middles).iter_rows(), cells, strict=True):
        held[centre].append(cell.covered_share)
    return tuple(
        CellShare(ring_deg=cell_ring(*centre), covered_share=math.fsum(shares) / len(shares))
        for centre, shares in sorted(held.items())
    )


def _mean(cell: CellShare, axis: int) -> float:
    return math.fsum(corner[axis] for corner in cell.ring_deg) / len(cell.ring_deg)


def _side_m(cell: CellShare) -> float:
    """Return the shorter side of the box around a cell, metres on the mean sphere."""
    lons_deg = [lon_deg for lon_deg, _ in cell.ring_deg]
    lats_deg = [lat_deg for _, lat_deg in cell.ring_deg]
    shrink = math.cos(math.radians(_mean(cell, 1)))
    wide = (max(lons_deg) - min(lons_deg)) * shrink
    return min(wide, max(lats_deg) - min(lats_deg)) * _M_PER_DEG


def _rounded(cell: CellShare) -> CellShare:
    ring_deg = tuple((round(lon_deg, 6), round(lat_deg, 6)) for lon_deg, lat_deg in cell.ring_deg)
    return CellShare(ring_deg=ring_deg, covered_share=round(cell.covered_share, _PLACES))
