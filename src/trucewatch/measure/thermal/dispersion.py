"""How far counts spread about the expected: a negative binomial by expected count.

Fitted on expectations of years that the mean has not seen; on its own years the mean looks better
than it is, and tails would be too thin. Within each bin of the expected count, a factor takes out
what is left of bias, and the size r is that of greatest likelihood; variance is m + m^2 / r.

Cell-days without fire are 98 of 100 and differ in nothing but the expected count, so they are kept
as a histogram of its log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import betainc, gammaln

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_LOG_LEAST, _LOG_STEP, _STEPS = -12.0, 0.01, 1600  # of the histogram, up to 4; as `mean` clips
_BINS_MAX = 25
_BIN_FIRES = 200  # cell-days with fire that a bin needs for its r to be known to about a tenth
_COUNT_MAX = 60.0  # pixels beyond do not pull a bin's factor
_LOG_SIZE = (-9.0, 4.0)
LEAST_P = 1e-300
"""Tails below are written as this."""


class Outcomes(NamedTuple):
    """Cell-days with what was expected of them and what was counted.

    Attributes:
        expected: Of those with fire, (n,).
        pixels: Fire pixels of those, (n,).
        quiet: How many without fire, by log of the expected, (1600,).
    """

    expected: Floats
    pixels: Floats
    quiet: Floats


class Spread(NamedTuple):
    """Mean factor and size by bin of the expected count.

    Attributes:
        edge: Logs of the expected count between bins, ascending, (k - 1,).
        factor: The mean over the expected, (k,).
        size: r of the negative binomial, (k,).
    """

    edge: Floats
    factor: Floats
    size: Floats


def outcomes_of(years: Iterable[tuple[NDArray[np.float32], NDArray[np.float32]]]) -> Outcomes:
    """Return expected and counted pixels of years, (365, cells) each, as outcomes.

    Cell-days whose expected count is not a number are left out.
    """
    expected, count = [], []
    quiet = np.zeros(_STEPS)
    for mean, seen in years:
        fire = (seen > 0) & np.isfinite(mean)
        expected.append(mean[fire].astype(np.float64))
        count.append(seen[fire].astype(np.float64))
        rest = mean[(seen == 0) & np.isfinite(mean)]
        step = ((np.log(rest) - np.float32(_LOG_LEAST)) * np.float32(1 / _LOG_STEP)).astype(
            np.int64
        )
        quiet += np.bincount(np.clip(step, 0, _STEPS - 1), minlength=_STEPS)
    return Outcomes(np.concatenate(expected), np.concatenate(count), quiet)


def quiet_expected() -> Floats:
    """Return the expected count in the middle of each step of `Outcomes.quiet`, (1600,)."""
    middle: Floats = np.exp(_LOG_LEAST + _LOG_STEP * (np.arange(_STEPS) + 0.5))
    return middle


def fit_spread(outcomes: Outcomes) -> Spread:
    """Return factor and size by bin; bins hold equal numbers of cell-days with fire.

    Raises:
        BadInput: There are too few cell-days with fire for a single bin.
    """
    fires = len(outcomes.pixels)
    if fires < _BIN_FIRES:
        raise BadInput("fires", f"{fires} cell-days with fire, expected at least {_BIN_FIRES}")
    bins = min(_BINS_MAX, fires // _BIN_FIRES)
    cuts = np.quantile(np.log(outcomes.expected), np.linspace(0, 1, bins + 1)[1:-1])
    # on the histogram's own edges, so that no step of it lies in two bins
    edge = np.unique(_LOG_LEAST + _LOG_STEP * np.round((cuts - _LOG_LEAST) / _LOG_STEP))
    middle = quiet_expected()
    of_fire = np.digitize(np.log(outcomes.expected), edge)
    of_quiet = np.digitize(np.log(middle), edge)
    factor, size = np.ones(len(edge) + 1), np.ones(len(edge) + 1)
    for one in range(len(edge) + 1):
        fire, rest = of_fire == one, of_quiet == one
        mean, count = outcomes.expected[fire], outcomes.pixels[fire]
        number, empty = outcomes.quiet[rest], middle[rest]
        factor[one] = np.minimum(count, _COUNT_MAX).sum() / (mean.sum() + number @ empty)
        size[one] = _likeliest_size(mean * factor[one], count, empty * factor[one], number)
    return Spread(edge, factor, size)


def _likeliest_size(mean: Floats, count: Floats, empty: Floats, number: Floats) -> float:
    def against(theta: float) -> float:
        r = np.exp(theta)
        fire = gammaln(count + r) - gammaln(r) + r * np.log(r / (r + mean))
        fire += count * np.log(mean / (r + mean))
        return float(-fire.sum() - number @ (r * np.log(r / (r + empty))))

    found = minimize_scalar(against, bounds=_LOG_SIZE, method="bounded")
    return float(np.exp(found.x))


def tails(spread: Spread, expected: Floats, count: Floats) -> tuple[Floats, Floats]:
    """Return the chances of more than was counted and of at least as much, (n,) each."""
    of = np.digitize(np.log(expected), spread.edge)
    mean, r = expected * spread.factor[of], spread.size[of]
    share = mean / (r + mean)
    least = np.where(count > 0, betainc(np.maximum(count, 1), r, share), 1.0)
    more = betainc(count + 1, r, share)
    return np.maximum(more, LEAST_P), np.maximum(least, LEAST_P)
