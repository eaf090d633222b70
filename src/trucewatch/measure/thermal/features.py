"""What the fires expected of a cell-day are told by.

Fires of the day itself count only through other cells, and fires of the own cell only through past
days, so that a fire is never explained by itself. Each is the log of what burnt over what burns
there at that season, which also takes out most of the drift between satellites. Neither distance
to any line nor any report enters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trucewatch.measure.thermal.fire_days import DAYS, winsorised
from trucewatch.measure.thermal.layers import DERIVED
from trucewatch.measure.thermal.nearby import decayed, ring

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.measure.thermal.climatology import Climatology
    from trucewatch.measure.thermal.layers import Layers

    Cube = NDArray[np.float32]  # days, rows, columns
    Varying = NDArray[np.float32]  # quantities, days, cells

VARYING = (
    "local", "region",
    "today_1", "today_3", "today_10", "burning_5",
    "own_2", "own_10", "near_2", "near_10",
)  # fmt: skip
"""Quantities of a cell-day: the climatology, the same day's rings by width in cells, the share of
cells that burn, and the past of the cell and of its ring by days of fading."""
_LEVELS = 2  # of them are the climatology itself, the rest ratios
_SMALL = (1e-3, 1e-3, 0.01, 0.003, 0.003, 0.002, 0.05, 0.2, 0.02, 0.05)
"""Pixels added above and below each line, in the order of `VARYING`: about what one pixel in the
reach of the filter comes to, so that the log of nothing is finite. Chosen on 2012-2021."""
_CELL_SMALL = (3e-4, 1e-4)
_FAST_D, _SLOW_D = 1.5, 10.0
_HARMONICS = (1, 2)


class Expected(NamedTuple):
    """What a climatology says of the cells that are judged, made once and used for every year.

    Attributes:
        logs: Logs of what each of `VARYING` is compared with, (10, 365, cells).
        fixed: Quantities of a cell alone, (f, cells).
    """

    logs: Varying
    fixed: NDArray[np.float32]


class Features(NamedTuple):
    """What the fires of one year are told by.

    Attributes:
        varying: Of cell-days, (10, 365, cells), in the order of `VARYING`.
        weather: Of days and regions, (9 or 0, 365, regions).
        region: Of each cell, (cells,), -1 if none.
        fixed: Of cells, (f, cells).
        season: Of days, (4, 365).
    """

    varying: Varying
    weather: NDArray[np.float32]
    region: NDArray[np.int64]
    fixed: NDArray[np.float32]
    season: NDArray[np.float32]


def expected_of(climate: Climatology, layers: Layers) -> Expected:
    """Return what the years of a climatology let one expect."""
    land = layers.land
    logs = np.empty((len(VARYING), DAYS, int(land.sum())), np.float32)
    logs[0] = climate.loc[:, land]
    logs[1] = climate.reg[:, land]
    _fill(logs, climate.loc, climate.occ, land)
    _take_logs(logs)
    cell = np.log(climate.cell[land] + _CELL_SMALL[0])
    around = np.log(climate.cellreg[land] + _CELL_SMALL[1])
    fixed = [cell, around, np.log1p(climate.static[land])]
    fixed += [sheet[land] for _, sheet in sorted(layers.cover.items())]
    return Expected(logs, np.stack(fixed).astype(np.float32))


def features_of(cube: Cube, year: int, expected: Expected, layers: Layers) -> Features:
    """Return the features of one year's counts, (365, rows, columns).

    Where layers have weather of other years but none of this one it is not a number, and so is
    whatever follows from it.
    """
    land = layers.land
    varying = np.empty_like(expected.logs)
    varying[:_LEVELS] = expected.logs[:_LEVELS]
    _fill(varying, winsorised(cube), (cube > 0).astype(np.float32), land)
    _take_logs(varying[_LEVELS:], first=_LEVELS)
    varying[_LEVELS:] -= expected.logs[_LEVELS:]
    return Features(
        varying, _weather(year, layers), layers.region[land], expected.fixed, _seasons()
    )


def _fill(into: Varying, pixels: Cube, burning: Cube, land: NDArray[np.bool_]) -> None:
    """Write everything but the first two of `VARYING`, before logs."""
    fast, slow = decayed(pixels, _FAST_D), decayed(pixels, _SLOW_D)
    into[2] = ring(pixels, 1.0)[:, land]
    into[3] = ring(pixels, 3.0)[:, land]
    into[4] = ring(pixels, 10.0)[:, land]
    into[5] = ring(burning, 5.0)[:, land]
    into[6] = fast[:, land]
    into[7] = slow[:, land]
    into[8] = ring(fast, 1.0)[:, land]
    into[9] = ring(slow, 2.0)[:, land]


def _take_logs(values: Varying, first: int = 0) -> None:
    """Replace values by their logs; the first of them is the one of that place in `VARYING`."""
    for value, small in zip(values, _SMALL[first:], strict=True):
        np.add(value, np.float32(small), out=value)
        np.log(value, out=value)


def _weather(year: int, layers: Layers) -> NDArray[np.float32]:
    if not layers.weather:
        return np.empty((0, DAYS, 1), np.float32)
    regions = next(iter(layers.weather.values())).shape[2]
    unknown = np.full((len(DERIVED), DAYS, regions), np.nan, np.float32)
    return layers.weather.get(year, unknown)


def _seasons() -> NDArray[np.float32]:
    turn = 2 * np.pi * np.arange(DAYS) / DAYS
    waves = [wave(k * turn) for k in _HARMONICS for wave in (np.sin, np.cos)]
    return np.stack(waves).astype(np.float32)
