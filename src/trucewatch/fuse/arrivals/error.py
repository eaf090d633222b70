"""How sure the place and time of a source are, given its picks.

The error of a pick is `sigma_s`; both phases of a station share an error of its path, and all picks
share one of the speeds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trucewatch.fuse.arrivals.picks import PHASES, tidy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.fuse.arrivals.picks import Found, Network, Picks
    from trucewatch.fuse.arrivals.settings import ArrivalSettings

PATH_RATIO = 0.03  # sd of the travel time of a path over itself
REGION_RATIO = 0.02  # the same of all paths together
PRIOR_PICKS = 4.0  # in the mean square of the residuals the settings count as so many picks
CROWD_S = 8.0  # times the rate of other picks on a channel: what wrong picks add to the variance
"""Chosen together on simulated sources (seeds 5 to 9), 500 to 5,000 a day, with up to three picks
of clutter for a true one: of the 90 % regions .93 to .95 held the truth where speeds are right, and
.86 to .89 where they err by 2 % a path and stations have delays of their own."""

_NEVER_0_KM = 1e-6  # added to a distance, which divides
_UNKNOWNS = 3  # east, north, time


class _Seen(NamedTuple):
    """Distinct picks of sources, by source, station and phase, and how each hangs on its source."""

    source: NDArray[np.int64]
    pair: NDArray[np.int64]  # number of its pair of source and station
    late_s: NDArray[np.float64]
    travel_s: NDArray[np.float64]
    slope: NDArray[np.float64]  # (pick, 4) of its time, by east km, north km, s, relative slowness


def errors(
    found: Found, picks: Picks, network: Network, settings: ArrivalSettings
) -> NDArray[np.float64]:
    """Return the (m, 3, 3) covariance of each source's east (km), north (km) and time (s).

    That of weighted least squares at the source's place. What the speeds are is a fourth unknown
    with a prior; another prior is that a source is no farther from where it was found than the
    cut-off. All is scaled by the mean square of the residuals, so that a bad fit reports a large
    error instead of hiding it; and by how crowded the network was, because some of the picks are
    then of something else.

    Args:
        found: Sources of these picks.
        picks: All picks; copies of one count once.
        network: Their stations.
        settings: With which the sources were found.

    Source: equal to the inverse covariance written out pick by pick, by Sherman and Morrison 1950;
    the tests compare the two.
    """
    seen, many = _seen(found, picks, network, settings), len(found.time_s)
    normal = _normal(seen, many, settings.sigma_s)
    prior = np.diag([settings.cutoff_km**-2.0] * 2 + [0.0, REGION_RATIO**-2.0])
    inverse = np.linalg.inv(normal[:, :-1, :-1] + prior)
    count = np.bincount(seen.source, minlength=many)
    scale = (PRIOR_PICKS + normal[:, -1, -1]) / (PRIOR_PICKS + count - _UNKNOWNS)
    scale *= 1 + CROWD_S * _crowd_per_s(found, picks, network, settings)
    return np.asarray(inverse[:, :_UNKNOWNS, :_UNKNOWNS] * scale[:, None, None], np.float64)


def _seen(found: Found, picks: Picks, network: Network, settings: ArrivalSettings) -> _Seen:
    stations = len(network.place_km)
    key = (found.owner * stations + picks.station) * PHASES + picks.phase
    _, row = np.unique(key, return_index=True)
    row = row[found.owner[row] >= 0]
    source, station = found.owner[row], picks.station[row]
    away_km = found.place_km[source] - network.place_km[station]
    far_km = np.hypot(*away_km.T) + _NEVER_0_KM
    speed_km_s = np.array([settings.speed_p_km_s, settings.speed_s_km_s])[picks.phase[row]]
    travel_s = far_km / speed_km_s
    slope_km = away_km / (far_km * speed_km_s)[:, None]
    return _Seen(
        source,
        np.unique(key[row] // PHASES, return_inverse=True)[1],
        found.residual_s[row],
        travel_s,
        np.column_stack([slope_km, np.ones(len(row)), travel_s]),
    )


def _crowd_per_s(
    found: Found, picks: Picks, network: Network, settings: ArrivalSettings
) -> NDArray[np.float64]:
    """Return the rate of other picks per channel while the waves of each source went by."""
    neat = tidy(picks, network)
    origin_s = found.time_s - neat.start_s
    span_s = settings.cutoff_km / settings.speed_s_km_s
    first = np.searchsorted(neat.time_s, origin_s - span_s)
    last = np.searchsorted(neat.time_s, origin_s + span_s)
    channels = PHASES * len(network.place_km)
    others = np.maximum(last - first - found.picks, 0)
    return np.asarray(others / (2 * span_s * channels), np.float64)


def _normal(seen: _Seen, many: int, sigma_s: float) -> NDArray[np.float64]:
    """Return (m, 5, 5) weighted products of the slopes and, last, the residuals."""
    columns = np.column_stack([seen.slope, seen.late_s])
    path_s2 = PATH_RATIO**2 * np.bincount(seen.pair, seen.travel_s**2)
    shared = PATH_RATIO**2 / (sigma_s**2 + path_s2)
    source = np.zeros(len(path_s2), np.int64)
    source[seen.pair] = seen.source
    along = np.column_stack([np.bincount(seen.pair, seen.travel_s * c) for c in columns.T])
    width = columns.shape[1]
    normal = np.empty((many, width, width))
    for i, j in np.ndindex(width, width):
        alone = np.bincount(seen.source, columns[:, i] * columns[:, j], many)
        common = np.bincount(source, shared * along[:, i] * along[:, j], many)
        normal[:, i, j] = (alone - common) / sigma_s**2
    return normal
