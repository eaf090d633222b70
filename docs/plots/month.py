"""A made-up month on a made-up ground: what happens there, and what could be seen of it.

All of it is invented. Coverage is worked out by `measure.coverage` from declared assets and watch
reports, as for a mission. What happens is drawn at one rate for the whole month, alike at every
hour and place; each happening is seen with the P of its hour and cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from trucewatch.geo.plane import Plane
from trucewatch.measure.coverage.asset import Asset, Detection, Disc
from trucewatch.measure.coverage.cells import Box, Cells, Steps, grid
from trucewatch.measure.coverage.grid import Coverage, coverage
from trucewatch.records.table import LOSS, WATCH, empty

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]

START = datetime(2030, 9, 1, tzinfo=UTC)
DAYS = 30
DAY_H = 24
KIND = "artillery_fire"
DENIED = range(5, 10)  # days from 0: patrols are turned back, flights are not cleared
JAMMED = range(13, 18)  # the drone's link is jammed
CLOUDY = range(21, 27)
SPELLS = ((DENIED, "access denied"), (JAMMED, "jamming"), (CLOUDY, "cloud"))
_PLANE = Plane(centre_lat_deg=45.0, centre_lon_deg=-30.0)
_BOX = Box(west_km=-20.0, south_km=-20.0, east_km=20.0, north_km=20.0)
_SIZE_KM = 5.0
_CLEAR_SHARE, _OVERCAST_SHARE, _JAMMED_SHARE = 0.1, 0.95, 0.1
_PATROL_H = (6, 20)  # out from and until, hours of the day
_ROUTES_KM = {
    "PATROL-1": (-11.0, 9.0),
    "PATROL-2": (10.0, 9.0),
    "PATROL-3": (-9.0, -10.0),
    "PATROL-4": (11.0, -9.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """Thirty days.

    Attributes:
        covered_h: Covered hours of each day, (30,), of 24.
        happened: Number that happened on each day, (30,).
        seen: Number of them that was seen, (30,).
    """

    covered_h: Floats
    happened: Whole
    seen: Whole


def month(rate_per_day: float, *, seed: int, bare: bool = False) -> Month:
    """Return a month at one true rate.

    Args:
        rate_per_day: How many happen on an average day.
        seed: Of what happens and what is seen of it.
        bare: Whether nobody watches but a satellite.
    """
    rng = np.random.default_rng(seed)
    p = _p(bare=bare)
    happened = rng.poisson(rate_per_day / DAY_H, len(p))
    step = np.repeat(np.arange(len(p)), happened)
    cell = rng.integers(0, p.shape[1], len(step))
    saw = rng.random(len(step)) < p[step, cell]
    return Month(
        covered_h=p.mean(axis=1).reshape(DAYS, DAY_H).sum(axis=1),
        happened=happened.reshape(DAYS, DAY_H).sum(axis=1),
        seen=np.bincount(step[saw] // DAY_H, minlength=DAYS),
    )


@cache
def _p(*, bare: bool) -> Floats:
    """Return P(seen), (hours, cells), which no happening changes."""
    return _covered([each for each in _assets() if each.name == "SAT" or not bare]).p(KIND)


def _covered(assets: list[Asset]) -> Coverage:
    names = {asset.name for asset in assets}
    watch = pl.DataFrame(_watch(), schema=WATCH, orient="row").filter(pl.col("asset").is_in(names))
    return coverage(
        assets, watch, empty(LOSS), cells=_cells(), steps=Steps(start=START, count=DAYS * DAY_H)
    )


def _cells() -> Cells:
    return grid(_BOX, plane=_PLANE, size_km=_SIZE_KM, sectors={})


def _assets() -> list[Asset]:
    """Return two cameras, a drone, four patrols and a satellite; their figures are made up."""
    camera = Detection(
        detects={KIND: 0.9}, half_km=8.0, night_ratio=0.3, cloud_ratio=0.3, source="made up"
    )
    drone = Detection(detects={KIND: 0.7}, cloud_ratio=0.3, source="made up")
    patrol = Detection(detects={KIND: 0.85}, source="made up")
    satellite = Detection(detects={KIND: 0.12}, night_ratio=0.8, cloud_ratio=0.05, source="made up")
    return [
        _asset("CAM-1", camera, (-8.0, 2.0), 9.0),
        _asset("CAM-2", camera, (9.0, -2.0), 9.0),
        _asset("DRONE", drone, (0.0, 0.0), 18.0, always=False),
        *(_asset(name, patrol, at, 10.0, always=False) for name, at in _ROUTES_KM.items()),
        Asset(name="SAT", sensor="made-up", footprint=None, always=True, detection=satellite),
    ]


def _asset(
    name: str,
    detection: Detection,
    at_km: tuple[float, float],
    radius_km: float,
    *,
    always: bool = True,
) -> Asset:
    x_m, y_m = (np.array([1_000.0 * each]) for each in at_km)
    lon_deg, lat_deg = _PLANE.unproject(x_m, y_m)
    disc = Disc(lat_deg=float(lat_deg[0]), lon_deg=float(lon_deg[0]), radius_km=radius_km)
    return Asset(name=name, sensor="made-up", footprint=disc, always=always, detection=detection)


def _watch() -> list[tuple[object, ...]]:
    """Return the watch reports of the month: rows of `records.table.WATCH`."""
    rows: list[tuple[object, ...]] = []
    for day in range(DAYS):
        cloud_share = _OVERCAST_SHARE if day in CLOUDY else _CLEAR_SHARE
        told = (1.0, "watching", cloud_share)
        rows += [_row(name, day, (0, DAY_H), *told) for name in ("CAM-1", "CAM-2", "SAT")]
        share, cause = (0.0, "denied") if day in DENIED else (1.0, "watching")
        flown = (_JAMMED_SHARE, "jamming") if day in JAMMED else (share, cause)
        rows.append(_row("DRONE", day, (0, DAY_H), *flown, cloud_share))
        rows += [_row(name, day, _PATROL_H, share, cause, None) for name in _ROUTES_KM]
    return rows


def _row(
    name: str,
    day: int,
    hours: tuple[int, int],
    share: float,
    cause: str,
    cloud_share: float | None,
) -> tuple[object, ...]:
    start, end = (START + timedelta(days=day, hours=hour) for hour in hours)
    return (None, 0, name, start, end, None, None, None, share, cause, cloud_share)
