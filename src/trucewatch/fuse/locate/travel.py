"""Travel times of sound, their derivatives, and bearings: the model that the fit linearises.

An arrival at station s of a shot at x, t0 is expected at t0 + d / (c + dc + w.u), with d the
distance, u the unit vector from source to station, c the speed of sound, dc its error and w the
wind, both constant over the area. A bearing is the direction from station to source.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.fuse.locate.records import SoundSettings

ZERO_CELSIUS_K = 273.15
SPEED_AT_ZERO_CELSIUS_M_S = 331.3  # dry air; textbook value, e.g. Pierce, Acoustics, 2019
X, Y, T, B, LOG_IN, LOG_OUT = range(6)
"""Columns of an arrival: station x, y (m, from the centre of the search), time (s, from the first
arrival), bearing (rad) or NaN, log density of being in (without its square) and of being out."""
PICK_COLUMNS = 6
UNKNOWNS = 5
"""x, y, wind x, wind y, error of the speed of sound; the time of the shot is profiled out."""
R, BX, BY, RB = 5, 6, 7, 8
"""Columns of a row after the five derivatives of a time: its residual, the two derivatives of a
bearing, and its residual; all divided by their standard deviation."""
ROW_COLUMNS = 9
_SOFTENING = 1e-9  # of the side of the search, so that a source on a station has a direction


class Model(NamedTuple):
    """The settings as the kernels take them."""

    speed_m_s: float
    time_sigma_s: float
    bearing_sigma_rad: float
    outlier_p: float
    window_s: float
    unknowns: int  # 2 without, 5 with wind and error of speed
    bearings: bool
    precision: NDArray[np.float64]  # [UNKNOWNS] of the priors, 0 for the place
    half_m: float  # half side of the searched square, centred at 0
    side_m: float  # side of the stations' bounding square: the scale of all steps
    step_m: float  # greatest step of the fit


def sound_speed(temperature_k: float) -> float:
    """Return the speed of sound in dry air in m/s.

    Raises:
        BadInput: The temperature is not above absolute zero.

    Example:
        >>> round(sound_speed(288.15), 1)
        340.3
    """
    if not 0 < temperature_k < math.inf:
        raise BadInput("sound speed", f"temperature is {temperature_k} K, must be above 0")
    return SPEED_AT_ZERO_CELSIUS_M_S * math.sqrt(temperature_k / ZERO_CELSIUS_K)


def model(settings: SoundSettings, *, half_m: float, side_m: float, bearings: bool) -> Model:
    """Return the settings for the kernels, with steps in proportion to the network."""
    wind, speed = settings.wind_sigma_m_s, settings.speed_sigma_m_s
    least = 1e-6  # m/s, stands for "known exactly" beside another unknown
    precision = np.zeros(UNKNOWNS)
    precision[2:4] = 1 / max(wind, least) ** 2
    precision[4] = 1 / max(speed, least) ** 2
    return Model(
        speed_m_s=settings.speed_m_s,
        time_sigma_s=settings.time_sigma_s,
        bearing_sigma_rad=settings.bearing_sigma_rad,
        outlier_p=settings.outlier_p,
        window_s=settings.outlier_window_s,
        unknowns=UNKNOWNS if wind > 0 or speed > 0 else 2,
        bearings=bearings,
        precision=precision,
        half_m=half_m,
        side_m=side_m,
        step_m=0.15 * side_m,  # 3 km in the 20 km trials; keeps a step in its basin
    )


@njit(cache=True, error_model="numpy")
def linearise(at, picks, n, model, rows):  # type: ignore[no-untyped-def]
    """Fill the whitened derivatives and residuals of `n` arrivals at one set of unknowns."""
    soft = _SOFTENING * model.side_m
    scale = 1.0 / model.time_sigma_s
    speed = model.speed_m_s + at[4]
    for k in range(n):
        dx = picks[k, X] - at[0]
        dy = picks[k, Y] - at[1]
        d = math.sqrt(dx * dx + dy * dy) + soft
        ux = dx / d
        uy = dy / d
        along = at[2] * ux + at[3] * uy
        slow = 1.0 / (speed + along)
        q = slow * slow * scale
        rows[k, 0] = -ux * slow * scale + (at[2] - along * ux) * q
        rows[k, 1] = -uy * slow * scale + (at[3] - along * uy) * q
        q *= d
        rows[k, 2] = -q * ux
        rows[k, 3] = -q * uy
        rows[k, 4] = -q
        rows[k, R] = (picks[k, T] - d * slow) * scale
    if model.bearings:
        linearise_bearings(at, picks, n, model, rows)


@njit(cache=True, error_model="numpy")
def linearise_bearings(at, picks, n, model, rows):  # type: ignore[no-untyped-def]
    """Fill the rows of the bearings; an arrival without one gets zeros, which say nothing."""
    scale = 1.0 / model.bearing_sigma_rad
    soft = (_SOFTENING * model.side_m) ** 2
    for k in range(n):
        rows[k, BX] = 0.0
        rows[k, BY] = 0.0
        rows[k, RB] = 0.0
        if not math.isnan(picks[k, B]):
            east = at[0] - picks[k, X]
            north = at[1] - picks[k, Y]
            d2 = east * east + north * north + soft
            rows[k, BX] = north / d2 * scale
            rows[k, BY] = -east / d2 * scale
            rows[k, RB] = turned(picks[k, B] - math.atan2(east, north)) * scale


@njit(cache=True, error_model="numpy")
def turned(angle):  # type: ignore[no-untyped-def]
    """Return an angle in radians brought between -pi and pi."""
    return angle - 2 * math.pi * math.floor(angle / (2 * math.pi) + 0.5)
