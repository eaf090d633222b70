"""Fire pixels expected of a cell-day: a ridge log-linear count model with squares and products.

Fitted on every cell-day with fire and a weighted sample of those without. It says where to expect
how much; how far counts spread about it is said by `dispersion`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from trucewatch.errors import BadInput
from trucewatch.measure.thermal.features import VARYING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trucewatch.measure.thermal.features import Features

    Floats = NDArray[np.float64]

ZEROS = 40_000
"""Cell-days without fire drawn from a year: about as many as there are with fire."""
COUNT_MAX = 30.0
"""Pixels of a cell-day beyond which more do not pull the mean; see `fire_days.CAP`."""
_CURVED = np.array([0, 1, 2, 3, 4, 5, 6, 8])  # of VARYING: the squares and products are of these
_FAR = 6.0  # standard deviations: features beyond count as this far
_LOG_LEAST, _LOG_MOST = -12.0, 4.0
_RIDGE = 20.0
_STEPS = 40
_STEP_MAX = 1.0
_DONE = 1e-3


class Sample(NamedTuple):
    """Cell-days that a mean is fitted to.

    Attributes:
        features: One row a cell-day: varying, weather, fixed, season, (n, p).
        pixels: Fire pixels, (n,).
        weight: How many cell-days each stands for, (n,).
    """

    features: NDArray[np.float32]
    pixels: NDArray[np.float32]
    weight: Floats


class Mean(NamedTuple):
    """A fitted mean; quantities are standardised and cut at 6 standard deviations.

    Attributes:
        centre: Of each feature, (p,).
        scale: Its standard deviation, (p,).
        coefficient: Constant, features, squares, products with the first, (1 + p + 8 + 7,).
    """

    centre: NDArray[np.float32]
    scale: NDArray[np.float32]
    coefficient: Floats


class _Terms(NamedTuple):
    """Coefficients of `VARYING` as the kernel wants them, (10,) each; those not there are 0."""

    centre: NDArray[np.float32]
    inverse: NDArray[np.float32]
    linear: NDArray[np.float32]
    square: NDArray[np.float32]
    product: NDArray[np.float32]


def sampled(features: Features, count: NDArray[np.float32], rng: np.random.Generator) -> Sample:
    """Return all cell-days with fire and a sample of the others.

    Cell-days of which a feature is not known are left out.

    Args:
        features: Of one year.
        count: Fire pixels, (365, cells).
        rng: Draws those without fire.
    """
    known = np.isfinite(_weather_part(features, np.ones(len(features.weather), np.float32)))
    flat = count.ravel()
    fire = np.flatnonzero((flat > 0) & known.ravel())
    quiet = np.flatnonzero((flat == 0) & known.ravel())
    drawn = rng.choice(quiet, min(ZEROS, len(quiet)), replace=False)
    at = np.concatenate([fire, drawn])
    weight = np.ones(len(at))
    weight[len(fire) :] = len(quiet) / max(len(drawn), 1)
    day, cell = np.divmod(at, count.shape[1])
    rows = [features.varying[:, day, cell]]
    if len(features.weather):
        rows.append(features.weather[:, day, features.region[cell]])
    rows += [features.fixed[:, cell], features.season[:, day]]
    return Sample(np.concatenate(rows).T.copy(), flat[at], weight)


def fit_mean(samples: Sequence[Sample]) -> Mean:
    """Return the mean fitted to samples of several years.

    Weighted least squares, repeated; weights mu / (1 + mu) are those of a geometric count.

    Raises:
        BadInput: There is no fire in the samples, or the fit does not settle.
    """
    features = np.concatenate([s.features for s in samples])
    count = np.minimum(np.concatenate([s.pixels for s in samples]), COUNT_MAX)
    weight = np.concatenate([s.weight for s in samples])
    if not count.any():
        raise BadInput("fires", "no cell-day with fire to fit a mean to, expected some")
    centre = features.mean(axis=0, dtype=np.float64).astype(np.float32)
    scale = (features.std(axis=0, dtype=np.float64) + 1e-6).astype(np.float32)
    wide = design(features, centre, scale)
    ridge = np.full(wide.shape[1], _RIDGE)
    ridge[0] = 0.0
    coefficient = np.zeros(wide.shape[1])
    coefficient[0] = np.log((weight * count).sum() / weight.sum())
    most = np.inf
    for _ in range(_STEPS):
        log_mean = np.clip(wide @ coefficient.astype(np.float32), _LOG_LEAST, _LOG_MOST)
        mean = np.exp(log_mean.astype(np.float64))
        pull = weight * mean / (1 + mean)
        bend = (wide * pull[:, None].astype(np.float32)).T @ wide
        slope = wide.T @ (pull * (count - mean) / mean).astype(np.float32)
        step = np.linalg.solve(bend + np.diag(ridge), slope - ridge * coefficient)
        most = float(np.abs(step).max())
        coefficient += step * min(1.0, _STEP_MAX / most)
        if most < _DONE:
            return Mean(centre, scale, coefficient)
    raise BadInput("fires", f"the mean still moves by {most:.2g} after {_STEPS} steps")


def design(
    features: NDArray[np.float32], centre: NDArray[np.float32], scale: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the columns of the model, (n, 1 + p + 8 + 7), from features (n, p)."""
    standard = np.clip((features - centre) / scale, -_FAR, _FAR)
    curved = standard[:, _CURVED]
    return np.concatenate(
        [
            np.ones((len(features), 1), np.float32),
            standard,
            np.minimum(curved**2, _FAR),
            np.clip(curved[:, :1] * curved[:, 1:], -_FAR, _FAR),
        ],
        axis=1,
    )


def expected_counts(mean: Mean, features: Features) -> NDArray[np.float32]:
    """Return fire pixels expected, (365, cells); not a number where a feature is not known."""
    at = len(VARYING)
    part = slice(at, at + len(features.weather))
    _, days, regions = features.weather.shape
    weather = _standard(mean, part, features.weather.reshape(-1, days * regions))
    log_mean = _weather_part(
        features._replace(weather=weather.reshape(features.weather.shape)),
        mean.coefficient[1:][part].astype(np.float32),
    )
    part = slice(part.stop, part.stop + len(features.fixed))
    log_mean += mean.coefficient[1:][part] @ _standard(mean, part, features.fixed)
    part = slice(part.stop, part.stop + len(features.season))
    season = mean.coefficient[1:][part] @ _standard(mean, part, features.season)
    log_mean += (season + mean.coefficient[0])[:, None]
    counts: NDArray[np.float32] = np.empty(log_mean.shape, np.float32)
    _add_varying(features.varying, _terms(mean), log_mean, counts)
    return counts


def _standard(mean: Mean, part: slice, values: NDArray[np.float32]) -> NDArray[np.float32]:
    centred = (values - mean.centre[part, None]) / mean.scale[part, None]
    standard: NDArray[np.float32] = np.clip(centred, -_FAR, _FAR)
    return standard


def _weather_part(features: Features, coefficient: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the weather's share of the log mean, (365, cells)."""
    days, cells = features.varying.shape[1:]
    if not len(features.weather):
        return np.zeros((days, cells), np.float32)
    by_region: NDArray[np.float32] = np.einsum("k,kdr->dr", coefficient, features.weather)
    found: NDArray[np.float32] = by_region[:, np.maximum(features.region, 0)]
    found[:, features.region < 0] = np.nan
    return found


def _terms(mean: Mean) -> _Terms:
    known = len(mean.centre)
    square, product = np.zeros(len(VARYING), np.float32), np.zeros(len(VARYING), np.float32)
    square[_CURVED] = mean.coefficient[1 + known : 1 + known + len(_CURVED)]
    product[_CURVED[1:]] = mean.coefficient[1 + known + len(_CURVED) :]
    head = slice(0, len(VARYING))
    inverse: NDArray[np.float32] = (1 / mean.scale[head]).astype(np.float32)
    linear = mean.coefficient[1:][head].astype(np.float32)
    return _Terms(mean.centre[head], inverse, linear, square, product)


@njit(cache=True)
def _add_varying(varying, terms, log_mean, counts):  # type: ignore[no-untyped-def]
    """Write exp of the log mean after what varies by cell-day was added to it."""
    far, least, most = np.float32(_FAR), np.float32(_LOG_LEAST), np.float32(_LOG_MOST)
    kinds, days, cells = varying.shape
    first = np.empty(cells, np.float32)
    for d in range(days):
        for c in range(cells):
            z = (varying[0, d, c] - terms.centre[0]) * terms.inverse[0]
            first[c] = min(max(z, -far), far)
        for k in range(kinds):
            centre, inverse = terms.centre[k], terms.inverse[k]
            linear, square, product = terms.linear[k], terms.square[k], terms.product[k]
            for c in range(cells):
                z = min(max((varying[k, d, c] - centre) * inverse, -far), far)
                crossed = min(max(z * first[c], -far), far)
                log_mean[d, c] += linear * z + square * min(z * z, far) + product * crossed
        for c in range(cells):
            # written so that a value that is not a number stays none
            value = log_mean[d, c]
            if value < least:
                value = least
            elif value > most:
                value = most
            counts[d, c] = np.exp(value)
