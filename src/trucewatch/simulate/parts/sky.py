"""Clouds: a drifting random field, thicker on some days, that hides the ground from satellites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trucewatch.simulate.parts.acts import DAY_S

if TYPE_CHECKING:
    from trucewatch.simulate.parts.ground import Flags, Floats

_WAVES = 32
_LENGTH_M = 60_000.0  # typical size of a cloud system
_LIFE_S = 18 * 3_600.0  # typical time in which it changes
_MEMORY = 0.6  # correlation of one day's weather with the next
_MEAN = -0.5  # cover of the average day: 31 % of the ground, as a normal quantile
_SPREAD = 1.0  # one-sigma of that quantile between days


@dataclass(frozen=True, slots=True, kw_only=True)
class Sky:
    """Cloud over the ground; see `clear`.

    Attributes:
        waves: (4, n) wave numbers east and north (rad/m), frequencies (rad/s) and phases (rad).
        cover: Standard normal quantile of the cloudy share of the ground at noon of each day.
    """

    waves: Floats
    cover: Floats


def sky(*, days: int, rng: np.random.Generator) -> Sky:
    """Return the weather of a world."""
    waves = np.stack(
        [
            rng.normal(0, 2 * np.pi / _LENGTH_M, _WAVES),
            rng.normal(0, 2 * np.pi / _LENGTH_M, _WAVES),
            rng.normal(0, 2 * np.pi / _LIFE_S, _WAVES),
            rng.uniform(0, 2 * np.pi, _WAVES),
        ]
    )
    cover = np.empty(days)
    state = rng.normal()
    for day in range(days):
        cover[day] = _MEAN + _SPREAD * state
        state = _MEMORY * state + np.sqrt(1 - _MEMORY**2) * rng.normal()
    return Sky(waves=waves, cover=cover)


def clear(weather: Sky, x_m: Floats, y_m: Floats, time_s: Floats) -> Flags:
    """Return where and when a satellite sees the ground, for n points in space and time.

    A sum of random waves is close to a standard normal field; it is cloudy where the field is
    below the quantile that the day's cover has, so that share of the ground is hidden.
    """
    east, north, frequency, phase = weather.waves
    angle = np.outer(x_m, east) + np.outer(y_m, north) + np.outer(time_s, frequency) + phase
    field = np.sqrt(2 / _WAVES) * np.cos(angle).sum(axis=1)
    noon_s = (np.arange(len(weather.cover)) + 0.5) * DAY_S
    return np.asarray(field >= np.interp(time_s, noon_s, weather.cover))
