"""A small network and picks of known sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from trucewatch.fuse.arrivals.picks import Network, Picks
from trucewatch.fuse.arrivals.settings import ArrivalSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

SETTINGS = ArrivalSettings()
SOURCES = np.array([(60.0, 70.0, 100.0), (30.0, 40.0, 900.5), (75.0, 20.0, 904.0)])


@pytest.fixture
def network() -> Network:
    along = np.arange(0.0, 101.0, 20.0)
    return Network(place_km=np.array([(east, north) for east in along for north in along]))


def picks_of(
    sources: NDArray[np.float64], network: Network, *, clutter: int = 60, seed: int = 1
) -> tuple[Picks, NDArray[np.int64]]:
    """Return picks of sources (x km, y km, time s) heard by three of four channels, and clutter."""
    rng = np.random.default_rng(seed)
    station, phase, time_s, true = [], [], [], []
    for i, (x, y, t) in enumerate(sources):
        away_km = np.hypot(*(network.place_km - (x, y)).T)
        for k, speed_km_s in enumerate((SETTINGS.speed_p_km_s, SETTINGS.speed_s_km_s)):
            heard = np.flatnonzero((away_km < 60) & (rng.random(len(away_km)) < 0.75))
            station += heard.tolist()
            phase += [k] * len(heard)
            time_s += (t + away_km[heard] / speed_km_s + rng.normal(0, 0.3, len(heard))).tolist()
            true += [i] * len(heard)
    station += rng.integers(0, len(network.place_km), clutter).tolist()
    phase += rng.integers(0, 2, clutter).tolist()
    time_s += rng.uniform(0, 1800, clutter).tolist()
    true += [-1] * clutter
    picks = Picks(
        station=np.array(station, np.int32),
        phase=np.array(phase, np.int8),
        time_s=np.array(time_s, np.float64),
    )
    return picks, np.array(true, np.int64)
