"""Small worlds of ordinary fire, whose counts are negative binomial about a known mean."""

from __future__ import annotations

import numpy as np

from trucewatch.measure.thermal.fire_days import DAYS
from trucewatch.measure.thermal.grid import FireGrid
from trucewatch.measure.thermal.layers import DERIVED, Layers

GRID = FireGrid(south_deg=48.0, west_deg=30.0, step_deg=0.1, rows=12, columns=14)
YEARS = (2001, 2002, 2003, 2004, 2005)


def ordinary(seed: int, years: tuple[int, ...] = YEARS) -> dict[int, np.ndarray]:
    """Seasons, places that burn more, and days on which it burns everywhere or nowhere."""
    rng = np.random.default_rng(seed)
    place = rng.gamma(1.0, 1.0, GRID.shape)
    season = 0.03 + 0.12 * np.sin(np.pi * np.arange(DAYS) / DAYS) ** 6
    cubes = {}
    for year in years:
        whole = rng.gamma(2.0, 0.5, DAYS)
        mean = season[:, None, None] * whole[:, None, None] * place
        cubes[year] = rng.negative_binomial(0.5, 0.5 / (0.5 + mean)).astype(np.float32)
    return cubes


def layered(seed: int, years: tuple[int, ...] = YEARS) -> Layers:
    """Two regions with weather that says nothing, a sea in the east, one sheet of land use."""
    rng = np.random.default_rng(seed)
    region = np.zeros(GRID.shape, np.int64)
    region[6:] = 1
    region[:, 12:] = -1
    weather = {y: rng.normal(0, 1, (len(DERIVED), DAYS, 2)).astype(np.float32) for y in years}
    cover = {"forest": rng.random(GRID.shape).astype(np.float32)}
    return Layers(grid=GRID, land=region >= 0, region=region, cover=cover, weather=weather)
