"""What somebody did: a Poisson process in space and time, part of it in hot spots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from trucewatch.simulate.parts.ground import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.simulate.parts.ground import Ground

DAY_S = 86_400.0

HAPPENING: dict[str, pl.DataType] = {
    "time_s": pl.Float64(),  # seconds after the start of the world
    "x_m": pl.Float64(),
    "y_m": pl.Float64(),
    "kind": pl.String(),  # one of records.happening.HAPPENINGS
    "cause": pl.String(),  # `act`, or what else burned
}
"""True happenings before they are numbered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acts:
    """How often acts happen and where.

    Attributes:
        acts_per_day_mean: Mean number of acts on the whole ground.
        hot_p: Share of acts that belong to a hot spot; the rest is uniform in space and time.
        hot_spots_per_day_mean: Hot spots that begin on a day.
        hot_spread_km: One-sigma distance of an act from its hot spot, each axis.
        hot_spread_d: One-sigma time of an act from the middle of its hot spot.
        line_spread_km: One-sigma distance of hot spots from the east-west line through the centre.
        kinds: Share of each kind; sums to 1.

    Source: the shape (Poisson, 60 % in Neyman-Scott hot spots of 3 km and half a day, about
        1e-3 per km2 and day) is that of the association study; the figures are assumptions.
    """

    acts_per_day_mean: float
    kinds: Mapping[str, float]
    hot_p: float = 0.6
    hot_spots_per_day_mean: float = 0.5
    hot_spread_km: float = 3.0
    hot_spread_d: float = 0.5
    line_spread_km: float = 9.0


def acts(ground: Ground, habits: Acts, *, days: int, rng: np.random.Generator) -> pl.DataFrame:
    """Return the acts of a world, a table of `HAPPENING`, in no order.

    Acts that a hot spot would put off the ground or out of the time are reflected back.
    """
    half_x_m, half_y_m = ground.half_m
    count = int(rng.poisson(habits.acts_per_day_mean * days))
    spots = max(1, round(habits.hot_spots_per_day_mean * days))
    spot_x_m = rng.uniform(-half_x_m, half_x_m, spots)
    spot_y_m = rng.normal(0, habits.line_spread_km * 1000, spots)
    spot_s = rng.uniform(0, days * DAY_S, spots)

    hot = rng.random(count) < habits.hot_p
    spot = rng.integers(0, spots, count)
    spread_m = habits.hot_spread_km * 1000
    near_x_m = spot_x_m[spot] + rng.normal(0, spread_m, count)
    near_y_m = spot_y_m[spot] + rng.normal(0, spread_m, count)
    near_s = spot_s[spot] + rng.normal(0, habits.hot_spread_d * DAY_S, count)
    x_m = np.where(hot, near_x_m, rng.uniform(-half_x_m, half_x_m, count))
    y_m = np.where(hot, near_y_m, rng.uniform(-half_y_m, half_y_m, count))
    time_s = np.where(hot, near_s, rng.uniform(0, days * DAY_S, count))

    names = list(habits.kinds)
    kind = rng.choice(len(names), count, p=np.array(list(habits.kinds.values())))
    return pl.DataFrame(
        {
            "time_s": fold(time_s, (0.0, days * DAY_S)),
            "x_m": fold(x_m, (-half_x_m, half_x_m)),
            "y_m": fold(y_m, (-half_y_m, half_y_m)),
            "kind": [names[k] for k in kind],
            "cause": ["act"] * count,
        },
        schema=HAPPENING,
    )
