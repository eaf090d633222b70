"""Which happenings set something on fire, for how long and how hot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

_HOUR_S = 3_600.0
_DURATION_SPREAD = 0.6  # one-sigma of the logarithm of how long a fire burns
_POWER_SPREAD = 0.8  # one-sigma of the logarithm of its radiative power
_DRIFT_M = 120.0  # one-sigma distance between the happening and what burns, each axis


@dataclass(frozen=True, slots=True, kw_only=True)
class Burning:
    """How a kind of happening burns.

    Attributes:
        ignition_p: Chance that it sets something on fire.
        duration_h: Median time that the fire burns.
        power_mw: Median radiative power, megawatt.
        radius_m: One-sigma radius of the fire.
    """

    ignition_p: float
    duration_h: float
    power_mw: float
    radius_m: float


def fires(
    truth: pl.DataFrame, burning: Mapping[str, Burning], *, rng: np.random.Generator
) -> pl.DataFrame:
    """Return the fires of a world.

    Args:
        truth: Numbered happenings: `incident`, `time_s`, `x_m`, `y_m`, `kind`, `cause`.
        burning: By kind for acts, and by cause for the rest.
        rng: Random numbers.

    Returns:
        `incident`, `x_m`, `y_m`, `start_s`, `end_s`, `power_mw`, `radius_m`; at most one fire for
        a happening, beginning with it.
    """
    name = truth.select(
        pl.when(pl.col("cause") == "act").then(pl.col("kind")).otherwise(pl.col("cause"))
    ).to_series()
    traits = np.array(
        [(b.ignition_p, b.duration_h, b.power_mw, b.radius_m) for b in burning.values()]
    )
    place = {key: i for i, key in enumerate(burning)}
    ignition_p, duration_h, power_mw, radius_m = traits[name.replace_strict(place).to_numpy()].T
    count = len(truth)
    start_s = truth["time_s"].to_numpy()
    lasting_h = duration_h * np.exp(rng.normal(0, _DURATION_SPREAD, count))
    table = truth.select("incident").with_columns(
        x_m=pl.Series(truth["x_m"].to_numpy() + rng.normal(0, _DRIFT_M, count)),
        y_m=pl.Series(truth["y_m"].to_numpy() + rng.normal(0, _DRIFT_M, count)),
        start_s=pl.Series(start_s),
        end_s=pl.Series(start_s + lasting_h * _HOUR_S),
        power_mw=pl.Series(power_mw * np.exp(rng.normal(0, _POWER_SPREAD, count))),
        radius_m=pl.Series(radius_m),
    )
    return table.filter(pl.Series(rng.random(count) < ignition_p))
