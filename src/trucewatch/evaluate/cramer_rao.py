"""The least error that any unbiased locator can have: the Bayesian Cramer-Rao bound, in numpy.

Written apart from the fit's own derivatives, so that each checks the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.fuse.locate.records import SoundSettings

_EXACT_M_S = 1e-6  # stands for a wind or speed known exactly
_DETERMINANT_LEAST = 1e-13  # of a matrix scaled to ones on its diagonal
_PLACE = 2


def bound(
    stations: NDArray[np.float64],
    place_m: NDArray[np.float64],
    station: NDArray[np.int64],
    settings: SoundSettings,
    outlier: NDArray[np.bool_] | None = None,
    *,
    bearings: bool = False,
) -> NDArray[np.float64]:
    """Return [shot, 2, 2] covariances in m2, NaN where the arrivals do not fix the place.

    Args:
        stations: [station, 2] places in m.
        place_m: [shot, 2] true places.
        station: [shot, arrival] stations that heard it.
        settings: As given to the locator; its share of outliers is not read.
        outlier: [shot, arrival] arrivals that an oracle would leave out.
        bearings: Whether every arrival that stays in has a bearing too.
    """
    rows = _derivatives(stations, place_m, station, settings)
    wind, speed = settings.wind_sigma_m_s, settings.speed_sigma_m_s
    if wind > 0 or speed > 0:
        sigma = np.array([wind, wind, speed]).clip(_EXACT_M_S)
        prior = np.diag(np.concatenate([[0.0, 0.0], sigma**-2.0]))
    else:
        rows, prior = rows[..., :_PLACE], np.zeros((_PLACE, _PLACE))
    information = _information(rows, outlier) + prior
    if bearings:
        turn = _turns(stations, place_m, station) / settings.bearing_sigma_rad
        weight = np.ones(station.shape) if outlier is None else (~outlier).astype(np.float64)
        information[:, :_PLACE, :_PLACE] += np.einsum("ek,eka,ekb->eab", weight, turn, turn)
    return _inverse(information)


def _turns(
    stations: NDArray[np.float64], place_m: NDArray[np.float64], station: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return [shot, arrival, 2] derivatives of bearings by x and y, in rad/m."""
    path = place_m[:, None] - stations[station]
    away2 = (path**2).sum(axis=2)
    return np.stack([path[..., 1] / away2, -path[..., 0] / away2], axis=2)


def dilution(
    stations: NDArray[np.float64],
    place_m: NDArray[np.float64],
    station: NDArray[np.int64],
    settings: SoundSettings,
) -> NDArray[np.float64]:
    """Return [shot] geometric dilution of precision at the true place, without wind."""
    rows = _derivatives(stations, place_m, station, settings)[..., :_PLACE]
    cov = _inverse(_information(rows, None))
    gdop = np.sqrt(np.trace(cov, axis1=1, axis2=2))
    unit_m = settings.speed_m_s * settings.time_sigma_s
    return np.asarray(np.nan_to_num(gdop / unit_m, nan=np.inf))


def _derivatives(
    stations: NDArray[np.float64],
    place_m: NDArray[np.float64],
    station: NDArray[np.int64],
    settings: SoundSettings,
) -> NDArray[np.float64]:
    """Return whitened [shot, arrival, 5] derivatives by x, y, wind x, wind y, speed, at no wind."""
    path = stations[station] - place_m[:, None]
    distance = np.hypot(path[..., 0], path[..., 1])[..., None]
    toward = path / distance
    slow = 1.0 / settings.speed_m_s
    rows = [-toward * slow, -distance * slow**2 * toward, -distance * slow**2]
    return np.concatenate(rows, axis=2) / settings.time_sigma_s


def _information(
    rows: NDArray[np.float64], outlier: NDArray[np.bool_] | None
) -> NDArray[np.float64]:
    """Return J^T J with the time of the shot taken out, left-out arrivals given no weight."""
    weight = np.ones(rows.shape[:2]) if outlier is None else (~outlier).astype(np.float64)
    total = weight.sum(axis=1).clip(1.0)
    weighted = rows * weight[..., None]
    mean = weighted.sum(axis=1) / total[:, None]
    together = rows.transpose(0, 2, 1) @ weighted
    return np.asarray(together - total[:, None, None] * mean[:, :, None] * mean[:, None, :])


def _inverse(information: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the place's block of each inverse, NaN where there is none."""
    scale = np.sqrt(np.einsum("eaa->ea", information))
    scale[scale == 0] = 1.0
    unit = information / (scale[:, :, None] * scale[:, None, :])
    good = np.linalg.det(unit) > _DETERMINANT_LEAST
    cov = np.full((len(information), _PLACE, _PLACE), np.nan)
    inverse = np.linalg.inv(unit[good]) / (scale[good][:, :, None] * scale[good][:, None, :])
    cov[good] = inverse[:, :_PLACE, :_PLACE]
    return cov
