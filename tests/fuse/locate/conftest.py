"""Small seeded volleys that every test of the location may use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from trucewatch.fuse.locate.records import Shots, SoundSettings
from trucewatch.simulate.trials.shots import Ground, Volley, Weather, fire, geometry, network

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Draw = Callable[..., tuple[NDArray[np.float64], Volley, Shots, SoundSettings]]


def draw_volley(
    shots: int, arrivals: int, *, seed: int = 5, scale: float = 1.0, **weather: float
) -> tuple[NDArray[np.float64], Volley, Shots, SoundSettings]:
    """Return stations, truth, arrivals and settings that are told the truth about the weather."""
    rng = np.random.default_rng(seed)
    ground = Ground(half_m=10_000.0 * scale, source_half_m=8_000.0 * scale)
    kind = Weather(**{"time_sigma_s": 0.05, **weather})
    stations = network(ground, rng)
    place, station = geometry(ground, shots, arrivals, rng)
    volley = fire(stations, place, station, kind, rng)
    given = Shots(station=station, time_s=volley.time_s, bearing_rad=volley.bearing_rad)
    told = {"bearing_sigma_rad": 0.05, "time_sigma_s": 0.05, **weather}
    return stations, volley, given, SoundSettings(**told)


@pytest.fixture
def draw() -> Draw:
    return draw_volley
