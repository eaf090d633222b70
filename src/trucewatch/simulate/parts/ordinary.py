"""What burns in peace: harvest fires, and a gas flare that always stands in the same place.

They are real and hot, and nobody's act. A world without them would flatter the software.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from trucewatch.simulate.parts.acts import DAY_S, HAPPENING

if TYPE_CHECKING:
    from trucewatch.simulate.parts.ground import Floats, Ground

_HOUR_S = 3_600.0
_HARVEST_MIDDLE_H = 14.0  # UTC; noon by the sun at 30 W
_HARVEST_SPREAD_H = 1.5


def harvest(
    ground: Ground, *, fires_per_day_mean: float, days: int, rng: np.random.Generator
) -> pl.DataFrame:
    """Return harvest fires, lit on afternoons anywhere on the ground."""
    half_x_m, half_y_m = ground.half_m
    count = int(rng.poisson(fires_per_day_mean * days))
    hour_h = np.clip(rng.normal(_HARVEST_MIDDLE_H, _HARVEST_SPREAD_H, count), 10.0, 22.0)
    time_s = rng.integers(0, days, count) * DAY_S + hour_h * _HOUR_S
    x_m = rng.uniform(-half_x_m, half_x_m, count)
    y_m = rng.uniform(-half_y_m, half_y_m, count)
    return _burning(time_s, x_m, y_m, cause="harvest")


def gas_flare(
    site_m: tuple[float, float], *, lit_p: float, days: int, rng: np.random.Generator
) -> pl.DataFrame:
    """Return the episodes of a flare at `site_m` (east, north): at most one a day.

    Each episode is a happening of its own; a flare that burned all month would be one happening
    that no association in time could ever put together.
    """
    lit = np.flatnonzero(rng.random(days) < lit_p)
    time_s = (lit + rng.random(len(lit))) * DAY_S
    x_m = np.full(len(lit), site_m[0])
    y_m = np.full(len(lit), site_m[1])
    return _burning(time_s, x_m, y_m, cause="gas_flare")


def _burning(time_s: Floats, x_m: Floats, y_m: Floats, *, cause: str) -> pl.DataFrame:
    columns = {"time_s": time_s, "x_m": x_m, "y_m": y_m}
    count = len(time_s)
    names = {"kind": ["thermal_anomaly"] * count, "cause": [cause] * count}
    return pl.DataFrame({**columns, **names}, schema=HAPPENING)
