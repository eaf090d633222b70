"""Whether counts changed: the ratio of two rates, exact for Poisson counts, wider for clustered."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.stats import beta

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trucewatch.evaluate.figures import Figure

_TAIL_P = 0.025  # of a two-sided 95 % interval


class Counted(NamedTuple):
    """A count and the days over which it was taken."""

    number: int
    over_d: float


def rate_ratio(one: Counted, other: Counted, *, dispersion_ratio: float = 1.0) -> Figure:
    """Return the rate of one count over that of another, with its 95 % interval.

    Given their sum, the first of two Poisson counts is binomial; the interval is Clopper and
    Pearson's for its share. With a dispersion above 1 both counts are divided by it first: counts
    that come in clusters of that size say as much as so many fewer independent ones.

    Args:
        one: The rate above the line.
        other: The rate below it.
        dispersion_ratio: As `dispersion` gives it; below 1 counts as 1.

    Source: Przyborowski and Wilenski 1940, for the conditional test; the division is the
    quasi-Poisson device.

    Example:
        >>> ratio = rate_ratio(Counted(10, 1.0), Counted(10, 1.0))
        >>> [round(value, 2) for value in ratio.values()]
        [1.0, 0.37, 2.68]
    """
    spread = max(1.0, dispersion_ratio)
    up, down = one.number / spread, other.number / spread
    exposure = other.over_d / one.over_d
    low_p = beta.ppf(_TAIL_P, up, down + 1) if up else 0.0
    high_p = beta.ppf(1 - _TAIL_P, up + 1, down) if down else 1.0
    return {
        "value": exposure * up / down if down else None,
        "low": float(exposure * low_p / (1 - low_p)) if low_p < 1 else None,
        "high": float(exposure * high_p / (1 - high_p)) if high_p < 1 else None,
    }


def dispersion(counts: Sequence[int]) -> float:
    """Return the variance of daily counts over their mean: 1 for Poisson counts, above 1 clustered.

    The variance is half the mean square of the difference of neighbouring days, so that a level
    that drifts, as that of the press does, is not taken for clusters.

    Source: von Neumann 1941, mean square successive difference.

    Example:
        >>> dispersion([4, 8]), dispersion([10, 10, 40, 40])
        (1.3333333333333333, 6.0)
    """
    return float(np.mean(np.diff(counts) ** 2) / (2 * np.mean(counts)))


def as_low(counts: Sequence[int], ratio: float, *, window: int, before: int) -> tuple[int, int]:
    """Return how many windows of some days fall as low as a ratio, and how many there are.

    Args:
        counts: Counts of days in a row.
        ratio: Mean of the window over the mean of the days before it.
        window: Days in a window.
        before: Days before it that it is held against; windows after empty days are left out.
    """
    found = tried = 0
    for start in range(before, len(counts) - window + 1):
        base = np.mean(counts[start - before : start])
        if base:
            tried += 1
            found += bool(np.mean(counts[start : start + window]) <= ratio * base)
    return found, tried
