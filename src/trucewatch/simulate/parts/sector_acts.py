"""What somebody did in sectors: single acts at a known rate, and evenings of clustered fire."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from trucewatch.simulate.parts.acts import DAY_S, HAPPENING
from trucewatch.simulate.parts.ground import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.simulate.parts.ground import Floats
    from trucewatch.simulate.parts.sectors import Sector

_HOUR_S = 3_600.0
_EVENING_H = (18.0, 21.0)  # UTC; around sunset at 30 W in September
_CLUSTER_KM = 1.5  # one-sigma distance of an act from the middle of its cluster, each axis


def sector_acts(
    sector: Sector, kinds: Mapping[str, float], *, days: int, rng: np.random.Generator
) -> pl.DataFrame:
    """Return the acts in one sector, a table of `HAPPENING`, in no order.

    Acts are Poisson with the sector's rates. A cluster has one act and a Poisson number of others;
    those that would leave the sector are reflected back.
    """
    x_km, y_km, time_s = (np.concatenate(both) for both in zip(
        _single(sector, days, rng), _clustered(sector, days, rng), strict=True
    ))  # fmt: skip
    names = list(kinds)
    kind = rng.choice(len(names), len(time_s), p=np.array(list(kinds.values())))
    return pl.DataFrame(
        {
            "time_s": time_s,
            "x_m": fold(x_km, (sector.west_km, sector.east_km)) * 1000,
            "y_m": fold(y_km, (sector.south_km, sector.north_km)) * 1000,
            "kind": [names[k] for k in kind],
            "cause": ["act"] * len(time_s),
        },
        schema=HAPPENING,
    )


def _anywhere(sector: Sector, count: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    return (
        rng.uniform(sector.west_km, sector.east_km, count),
        rng.uniform(sector.south_km, sector.north_km, count),
    )


def _single(sector: Sector, days: int, rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    count = int(rng.poisson(sector.acts_per_day_mean * days))
    return *_anywhere(sector, count, rng), rng.uniform(0, days * DAY_S, count)


def _clustered(
    sector: Sector, days: int, rng: np.random.Generator
) -> tuple[Floats, Floats, Floats]:
    clusters = int(rng.poisson(sector.evenings_per_day_mean * days))
    day = rng.integers(0, days, clusters)
    middle_x_km, middle_y_km = _anywhere(sector, clusters, rng)
    size = 1 + rng.poisson(sector.cluster_mean - 1, clusters)
    total = int(size.sum())
    x_km = np.repeat(middle_x_km, size) + rng.normal(0, _CLUSTER_KM, total)
    y_km = np.repeat(middle_y_km, size) + rng.normal(0, _CLUSTER_KM, total)
    time_s = np.repeat(day, size) * DAY_S + rng.uniform(*_EVENING_H, total) * _HOUR_S
    return x_km, y_km, time_s
