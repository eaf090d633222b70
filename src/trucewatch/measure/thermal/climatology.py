"""What burns in an ordinary year: by cell and day, by region and day, and by cell alone.

Everything comes from the years named, so that a year can be held against the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trucewatch.errors import BadInput
from trucewatch.measure.thermal.fire_days import winsorised
from trucewatch.measure.thermal.nearby import blurred, seasonal

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    Cube = NDArray[np.float32]  # days, rows, columns
    Sheet = NDArray[np.float32]  # rows, columns

SEASON_SIGMA_D = 10.0
LOCAL_SIGMA_CELLS = 0.6
REGION_SIGMA_CELLS = 4.0
"""Widths of the smoothing. Chosen on 2012-2021: narrower ones follow single fires of the past."""
_REACH = 4.0  # in sigma
STATIC_FIRE_DAYS = 30
"""Fire days in the median year from which a cell is a static source: a plant, a flare. Chosen on
2012-2021, where 30 to 32 of 8,232 cells reach it and hold a sixth or more of all pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Climatology:
    """Expected fire of the years it was made of; pixels are capped at `fire_days.CAP`.

    Attributes:
        years: That it was made of, ascending.
        loc: Pixels of a cell-day, (365, rows, columns).
        reg: Pixels of a cell-day in the region around it, (365, rows, columns).
        cell: Pixels of a cell on the mean day of a year, (rows, columns).
        cellreg: The same in the region around it.
        static: Fire days a year in the median year, (rows, columns).
        occ: Share of years in which the cell burns on such a day, (365, rows, columns).
    """

    years: tuple[int, ...]
    loc: Cube
    reg: Cube
    cell: Sheet
    cellreg: Sheet
    static: Sheet
    occ: Cube

    @property
    def is_static(self) -> NDArray[np.bool_]:
        """Whether a cell is a static source, (rows, columns)."""
        return self.static >= STATIC_FIRE_DAYS


def climatology(cubes: Mapping[int, Cube], years: Collection[int]) -> Climatology:
    """Return the climatology of some of the years counted.

    Args:
        cubes: Fire pixels by year, (365, rows, columns) each.
        years: Those to use, each in `cubes`, at least one.

    Raises:
        BadInput: No year is named, or one that was not counted.
    """
    chosen = tuple(sorted(set(years)))
    absent = [year for year in chosen if year not in cubes]
    if not chosen or absent:
        raise BadInput("climatology", f"years {absent} of {chosen} have no counts, expected all")
    mean: Cube = np.zeros_like(cubes[chosen[0]])
    burnt: Cube = np.zeros_like(mean)
    fire_days = []
    for year in chosen:
        mean += winsorised(cubes[year])
        on_fire = cubes[year] > 0
        burnt += on_fire
        fire_days.append(on_fire.sum(axis=0))
    mean /= len(chosen)
    burnt /= len(chosen)
    season = seasonal(mean, SEASON_SIGMA_D)
    cell = mean.mean(axis=0, dtype=np.float64).astype(np.float32)
    return Climatology(
        years=chosen,
        loc=blurred(season, LOCAL_SIGMA_CELLS, reach=_REACH),
        reg=blurred(season, REGION_SIGMA_CELLS, reach=_REACH),
        cell=cell,
        cellreg=blurred(cell, REGION_SIGMA_CELLS, reach=_REACH),
        static=np.median(np.stack(fire_days), axis=0).astype(np.float32),
        occ=seasonal(burnt, SEASON_SIGMA_D),
    )
