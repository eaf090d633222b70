"""How a station hears a source: the detection model that search and refinement share.

A phase is picked with probability p(d) = detect_p / (1 + exp((d - reach) / edge)), at
origin time + d / speed + N(0, sigma).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.fuse.arrivals.settings import ArrivalSettings

REACHES = 11  # steps of the reach from its least to its greatest value


class Hearing(NamedTuple):
    """The settings that kernels need, as plain numbers."""

    speed_km_s: NDArray[np.float64]  # [phase]
    reach_km: NDArray[np.float64]  # [step], ascending
    sigma_s: float
    cutoff_km: float
    detect_p: float
    edge_km: float
    theta: float
    picks_min: int


def hearing(settings: ArrivalSettings) -> Hearing:
    """Return the kernels' share of the settings."""
    return Hearing(
        np.array([settings.speed_p_km_s, settings.speed_s_km_s]),
        np.linspace(settings.reach_min_km, settings.reach_max_km, REACHES),
        settings.sigma_s,
        settings.cutoff_km,
        settings.detect_p,
        settings.edge_km,
        settings.theta,
        settings.picks_min,
    )


def fall(
    detect_p: float, steep: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return p and 1 - p, where steep is exp((d - reach) / edge)."""
    return detect_p / (1.0 + steep), (1.0 - detect_p + steep) / (1.0 + steep)
