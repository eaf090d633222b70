"""Did the rate change? Two periods, or two sectors, with different exposure.

Given the sum of both counts, the first is binomial with odds `ratio x V1 / V2`; so the test and the
interval are exact whatever the rates are. When counts are over-dispersed, with variance `d` times
the mean (negative binomial, of the kind whose shape grows with the mean), the first is
beta-binomial with shapes m1 / (d - 1) and m2 / (d - 1), m being the means: again exact, but for d,
which is estimated. Both ends are by tails of half the remaining chance each, and discreteness makes
them cautious.

The chances of detection that both rest on cancel; what does not is averaged over, as a log-normal
error of V1 / V2.

Source: Przyborowski and Wilenski 1940; Clopper and Pearson 1934. For two sectors on two sides, what
is compared is what was seen of them: an interval says nothing of a chance of detection that is
wrong for one side, see `sensitivity`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import betainc, betaln, gammaln
from scipy.stats import norm

from trucewatch.errors import BadInput
from trucewatch.measure.rates.exposure import by_estimate, by_step
from trucewatch.measure.rates.spread import pooled

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from trucewatch.measure.rates.exposure import Detection, Watch

    Floats = NDArray[np.float64]

_NODES = 32  # over the error of V1 / V2
_HALVINGS = 50
_WIDEST_LOG = 60.0  # ratios beyond e^60 are infinite


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The first rate over the second.

    Attributes:
        value_ratio: Estimated, or None when the second count is 0.
        low_ratio: Lower end of the interval; 0 when the first count is 0.
        high_ratio: Upper end; infinite when the second count is 0.
        level_p: Of the interval.
        tail_p: Chance of a difference as large, were the rates equal; two-sided.
        dispersion_ratio: Taken into account; 1 if counts pass for Poisson.
    """

    value_ratio: float | None
    low_ratio: float
    high_ratio: float
    level_p: float
    tail_p: float
    dispersion_ratio: float


class Pair(NamedTuple):
    """Two counts, and how the exposures compare: equally weighing nodes of V1 / V2, (q,)."""

    first: int
    second: int
    odds: Floats


def compare(first: Watch, second: Watch, detection: Detection, *, level_p: float = 0.9) -> Compared:
    """Return the rate of the first over that of the second.

    Args:
        first: Rows of a period or a sector.
        second: Rows of the other.
        detection: Estimates that both rest on.
        level_p: Of the interval.

    Raises:
        BadInput: One of them has no exposure.
    """
    hours = np.stack([by_estimate(first, detection), by_estimate(second, detection)])
    exposure_h = hours @ detection.means
    if exposure_h.min() <= 0:
        raise BadInput("comparison", "one side has no exposure, both need some")
    variance = detection.means * (1 - detection.means) / (detection.trials + 1)
    apart = hours[0] / exposure_h[0] - hours[1] / exposure_h[1]
    error = math.sqrt(float(apart**2 @ variance))
    number = _NODES if error > 0 else 1
    at = norm.ppf((np.arange(number) + 0.5) / number)
    pair = Pair(
        first=int(first.count.sum()),
        second=int(second.count.sum()),
        odds=exposure_h[0] / exposure_h[1] * np.exp(error * at),
    )
    dispersion = pooled([by_step(first, detection), by_step(second, detection)])
    return of_pair(pair, dispersion_ratio=dispersion, level_p=level_p)


def of_pair(pair: Pair, *, dispersion_ratio: float = 1.0, level_p: float = 0.9) -> Compared:
    """Return the ratio of two rates, its interval and the tail chance of equality."""
    half = (1 - level_p) / 2
    middle = math.exp(float(np.log(pair.odds).mean()))
    low, high = 0.0, math.inf
    if pair.first > 0:
        low = _solve(lambda log: _tails(pair, log, dispersion_ratio)[1], half)
    if pair.second > 0:
        high = _solve(lambda log: 1 - _tails(pair, log, dispersion_ratio)[0], 1 - half)
    equal = min(_tails(pair, 0.0, dispersion_ratio))
    return Compared(
        value_ratio=float(pair.first / pair.second / middle) if pair.second > 0 else None,
        low_ratio=low,
        high_ratio=high,
        level_p=level_p,
        tail_p=min(1.0, 2 * equal),
        dispersion_ratio=dispersion_ratio,
    )


def _tails(pair: Pair, log_ratio: float, dispersion_ratio: float) -> tuple[float, float]:
    """Return the chance of a first count so small, and of one so large, at a ratio of rates."""
    odds = pair.odds * math.exp(log_ratio)
    share = odds / (1 + odds)
    chances = _binomial if dispersion_ratio == 1.0 else _beta_binomial
    small, large = chances(pair, share, dispersion_ratio)
    return float(small.mean()), float(large.mean())


def _binomial(pair: Pair, share: Floats, _dispersion_ratio: float) -> tuple[Floats, Floats]:
    first, second, all_ = pair.first, pair.second, np.ones(len(share))
    small = 1 - betainc(first + 1, second, share) if second > 0 else all_
    large = betainc(first, second + 1, share) if first > 0 else all_
    return np.asarray(small), np.asarray(large)


def _beta_binomial(pair: Pair, share: Floats, dispersion_ratio: float) -> tuple[Floats, Floats]:
    total = pair.first + pair.second
    one = (total / (dispersion_ratio - 1) * share)[:, None]
    two = (total / (dispersion_ratio - 1) * (1 - share))[:, None]
    k = np.arange(total + 1)
    ways = gammaln(total + 1) - gammaln(k + 1) - gammaln(total - k + 1)
    chance = np.exp(ways + betaln(k + one, total - k + two) - betaln(one, two))
    return chance[:, : pair.first + 1].sum(axis=1), chance[:, pair.first :].sum(axis=1)


def _solve(rising: Callable[[float], float], wanted_p: float) -> float:
    """Return the ratio at which a function of its logarithm reaches what is wanted."""
    low, high = -_WIDEST_LOG, _WIDEST_LOG
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        if rising(middle) < wanted_p:
            low = middle
        else:
            high = middle
    return math.exp(0.5 * (low + high))
