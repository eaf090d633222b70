"""Discs on the grid: how far each cell is from their middles, and how much of it lies on them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trucewatch.measure.coverage.asset import Disc
    from trucewatch.measure.coverage.cells import Cells

    Floats = NDArray[np.float64]

STRIPS = 64
"""Strips that a disc is cut into within a cell; no share of a cell is off by more than .002, for
discs of a tenth of a cell's side to a hundred times it."""
_M_PER_KM = 1_000.0


def from_middles_km(discs: Sequence[Disc], cells: Cells) -> tuple[Floats, Floats]:
    """Return how far east and north of the middle of each disc each cell's is, both (d, n)."""
    lon_deg = np.array([disc.lon_deg for disc in discs])
    lat_deg = np.array([disc.lat_deg for disc in discs])
    x_m, y_m = cells.plane.project(lon_deg, lat_deg)
    return cells.x_km - x_m[:, None] / _M_PER_KM, cells.y_km - y_m[:, None] / _M_PER_KM


def parts(discs: Sequence[Disc], cells: Cells) -> tuple[Floats, Floats]:
    """Return the share of each cell that lies on each disc, 0 to 1, and its range; both (d, n).

    A range is that of the cell's middle from the disc's, km.
    """
    x_km, y_km = from_middles_km(discs, cells)
    range_km = np.hypot(x_km, y_km)
    radius_km = np.array([disc.radius_km for disc in discs])[:, None]
    corner_km = cells.size_km / math.sqrt(2)
    found = (range_km + corner_km <= radius_km).astype(np.float64)
    disc, cell = np.nonzero((found == 0) & (range_km - corner_km < radius_km))
    if len(disc):
        near = x_km[disc, cell], y_km[disc, cell]
        found[disc, cell] = _overlap(*near, radius_km[disc, 0], cells.size_km)
    return found, range_km


def _overlap(x_km: Floats, y_km: Floats, radius_km: Floats, size_km: float) -> Floats:
    """Return the share of squares that lies on discs around the origin, (k,).

    The disc is cut into strips from south to north, of equal angle, so that they are narrow where
    it is steep.
    """
    half_km = size_km / 2
    west, east = (
        np.arcsin(np.clip((x_km + side * half_km) / radius_km, -1, 1)) for side in (-1, 1)
    )
    angle_rad = west[:, None] + (east - west)[:, None] * (np.arange(STRIPS) + 0.5) / STRIPS
    tall_km = radius_km[:, None] * np.cos(angle_rad)
    south_km = np.maximum((y_km - half_km)[:, None], -tall_km)
    north_km = np.minimum((y_km + half_km)[:, None], tall_km)
    strips_km2 = np.maximum(north_km - south_km, 0.0) * tall_km
    area_km2 = strips_km2.sum(axis=1) * (east - west) / STRIPS
    return np.asarray(np.clip(area_km2 / size_km**2, 0.0, 1.0))
