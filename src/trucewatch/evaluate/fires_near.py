"""Which spots have another one near in place and time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

EARTH_KM = 6371.0088  # mean radius; a sphere is within 0.6 % of the ellipsoid's distances


class Spots(NamedTuple):
    """Places with a day of the year, (n,) each."""

    day: NDArray[np.int64]
    lat_deg: Floats
    lon_deg: Floats

    def shifted(self, days: int) -> Spots:
        """Return the same places, days later."""
        return self._replace(day=self.day + days)


def near(spots: Spots, others: Spots, *, within_km: float, within_days: int) -> NDArray[np.bool_]:
    """Return whether each spot has one of the others near it, (n,).

    Args:
        spots: To be answered for.
        others: To be near to.
        within_km: Along the great circle, at most.
        within_days: Before or after, at most; days do not run on from December into January.
    """
    found = np.zeros(len(spots.day), dtype=np.bool_)
    chord = 2 * np.sin(within_km / EARTH_KM / 2)
    here, there = _on_sphere(spots), _on_sphere(others)
    for day in np.unique(spots.day).tolist():
        mine = np.flatnonzero(spots.day == day)
        theirs = np.abs(others.day - day) <= within_days
        if theirs.any():
            away, _ = cKDTree(there[theirs]).query(here[mine], distance_upper_bound=chord)
            found[mine] = np.isfinite(away)
    return found


def _on_sphere(spots: Spots) -> Floats:
    """Return points on the unit sphere, (n, 3)."""
    lat_rad, lon_rad = np.radians(spots.lat_deg), np.radians(spots.lon_deg)
    flat = np.cos(lat_rad)
    return np.column_stack([flat * np.cos(lon_rad), flat * np.sin(lon_rad), np.sin(lat_rad)])
