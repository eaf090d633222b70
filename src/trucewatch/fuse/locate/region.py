"""Regions of highest probability density of located shots, from their mixtures of normals.

One component gives an ellipse exactly. Of several, a fixed low-discrepancy sample gives the
density that the wanted share of the posterior exceeds; it is the same for every shot and call.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.fuse.locate.records import Fixes

SAMPLES = 512
"""Per shot; the level of a point is then right to about a hundredth."""
_PLASTIC = 1.2207440846057596  # root of x^4 = x + 1, for three dimensions (Roberts 2018)
_FAR = 80.0  # squared standard deviations beyond which a component adds nothing


class _Mixture(NamedTuple):
    start: NDArray[np.int64]
    weight: NDArray[np.float64]
    mean: NDArray[np.float64]
    cov: NDArray[np.float64]
    box: tuple[float, float, float]


def credibility(fixes: Fixes, place_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return, for one point per shot, the probability of the region that it stands on the edge of.

    Args:
        fixes: Located shots.
        place_m: [shot, 2] points in the frame of the stations.

    Returns:
        [shot] 0 at the densest point, towards 1 far away; NaN for a shot without a place.

    Raises:
        BadInput: There is not one point per shot.
    """
    if place_m.shape != fixes.place_m.shape:
        shapes = f"shape is {place_m.shape}, must be {fixes.place_m.shape}"
        raise BadInput("places", shapes)
    found = np.full(len(place_m), np.nan)
    _levels(_mixture(fixes), _sample(), np.ascontiguousarray(place_m, np.float64), found)
    return found


def inside(fixes: Fixes, place_m: NDArray[np.float64], level_p: float) -> NDArray[np.bool_]:
    """Return whether each shot's region of probability `level_p` holds its point.

    `BadInput` unless there is one point per shot and the level is between 0 and 1.
    """
    return credibility(fixes, place_m) <= _checked(level_p)


def area_m2(fixes: Fixes, level_p: float) -> NDArray[np.float64]:
    """Return the area of each shot's region; at most the searched square, NaN without a place.

    `BadInput` unless the level is between 0 and 1.
    """
    found = np.full(len(fixes.place_m), np.nan)
    _areas(_mixture(fixes), _sample(), _checked(level_p), found)
    return found


def _checked(level_p: float) -> float:
    if not 0 < level_p < 1:
        raise BadInput("region", f"level is {level_p}, must be between 0 and 1")
    return level_p


def _mixture(fixes: Fixes) -> _Mixture:
    arrays = (fixes.weight, fixes.mean_m, fixes.component_cov_m2)
    weight, mean, cov = (np.ascontiguousarray(a) for a in arrays)
    return _Mixture(fixes.start, weight, mean, cov, fixes.box_m)


def _sample() -> NDArray[np.float64]:
    """Return [SAMPLES, 3]: a uniform number that picks a component, and two standard normals."""
    steps = np.arange(1, SAMPLES + 1)[:, None]
    u = (0.5 + steps * _PLASTIC ** -np.arange(1.0, 4.0)) % 1.0
    radius = np.sqrt(-2.0 * np.log(1.0 - u[:, 1]))
    turn = 2.0 * math.pi * u[:, 2]
    return np.stack(
        [(steps[:, 0] - 0.5) / SAMPLES, radius * np.cos(turn), radius * np.sin(turn)], 1
    )


@njit(cache=True, error_model="numpy")
def _ready(mixture, first, last, form):  # type: ignore[no-untyped-def]
    """Fill inverse covariance, Cholesky factor and height of each component of one shot."""
    for c in range(first, last):
        xx = mixture.cov[c, 0]
        xy = mixture.cov[c, 1]
        yy = mixture.cov[c, 2]
        det = xx * yy - xy * xy
        row = c - first
        form[row, 0] = yy / det
        form[row, 1] = -xy / det
        form[row, 2] = xx / det
        form[row, 3] = math.sqrt(xx)
        form[row, 4] = xy / form[row, 3]
        form[row, 5] = math.sqrt(det / xx)
        form[row, 6] = mixture.weight[c] / (2.0 * math.pi * math.sqrt(det))


@njit(cache=True, error_model="numpy")
def _density(mixture, first, last, form, place):  # type: ignore[no-untyped-def]
    """Return the density of one shot's mixture at a point, before the cut at the square."""
    p = 0.0
    for c in range(first, last):
        dx = place[0] - mixture.mean[c, 0]
        dy = place[1] - mixture.mean[c, 1]
        row = c - first
        z = dx * dx * form[row, 0] + 2.0 * dx * dy * form[row, 1] + dy * dy * form[row, 2]
        if z < _FAR:
            p += form[row, 6] * math.exp(-0.5 * z)
    return p


@njit(cache=True, error_model="numpy")
def _draw(mixture, first, last, form, sample):  # type: ignore[no-untyped-def]
    """Return the densities at the sample, 0 for a point outside the searched square."""
    density = np.zeros(len(sample))
    place = np.empty(2)
    c = first
    passed = mixture.weight[first]
    for q in range(len(sample)):
        while c < last - 1 and sample[q, 0] > passed:
            c += 1
            passed += mixture.weight[c]
        row = c - first
        place[0] = mixture.mean[c, 0] + form[row, 3] * sample[q, 1]
        place[1] = mixture.mean[c, 1] + form[row, 4] * sample[q, 1] + form[row, 5] * sample[q, 2]
        if _within(mixture.box, place):
            density[q] = _density(mixture, first, last, form, place)
    return density


@njit(cache=True, error_model="numpy")
def _within(box, place):  # type: ignore[no-untyped-def]
    """Whether a point lies in the searched square."""
    return max(abs(place[0] - box[0]), abs(place[1] - box[1])) <= box[2]


@njit(cache=True, error_model="numpy")
def _levels(mixture, sample, place, found):  # type: ignore[no-untyped-def]
    """Fill the level of each shot's point."""
    form = np.empty((len(mixture.weight), 7))
    for e in range(len(found)):
        first = mixture.start[e]
        last = mixture.start[e + 1]
        if first == last:
            continue
        _ready(mixture, first, last, form)
        if last == first + 1:
            here = _density(mixture, first, last, form, place[e])
            found[e] = 1.0 - here / form[0, 6]
            continue
        density = _draw(mixture, first, last, form, sample)
        here = _density(mixture, first, last, form, place[e])
        drawn = 0
        denser = 0
        for q in range(len(density)):
            if density[q] > 0:
                drawn += 1
                if density[q] > here:
                    denser += 1
        found[e] = denser / drawn if drawn > 0 else 1.0


@njit(cache=True, error_model="numpy")
def _areas(mixture, sample, level, found):  # type: ignore[no-untyped-def]
    """Fill the area of each shot's region."""
    form = np.empty((len(mixture.weight), 7))
    whole = (2.0 * mixture.box[2]) ** 2
    for e in range(len(found)):
        first = mixture.start[e]
        last = mixture.start[e + 1]
        if first == last:
            continue
        _ready(mixture, first, last, form)
        if last == first + 1:
            area = -math.log(1.0 - level) / form[0, 6]
        else:
            area = _sampled_area(_draw(mixture, first, last, form, sample), level)
        found[e] = min(area, whole)


@njit(cache=True, error_model="numpy")
def _sampled_area(density, level):  # type: ignore[no-untyped-def]
    """Return the area where the density exceeds its quantile, as a mean of 1 / density."""
    ordered = np.sort(density)
    n = len(ordered)
    cut = np.searchsorted(ordered, 0.0, side="right")
    least = cut + int((1.0 - level) * (n - cut))
    area = 0.0
    for q in range(least, n):
        area += 1.0 / ordered[q]
    return area / (n - cut) if cut < n else np.inf
