"""Whether counts vary more from step to step than Poisson counts, and by how much.

Fire draws fire, and one fight is many bangs; intervals that take each for its own are too narrow.
The measure is Pearson's: X^2 = sum of (n - e)^2 / e over steps, e being the total shared out by
exposure. Given the total, its mean under Poisson is d - 1 and its variance is known exactly; its
tail is taken from the gamma distribution with both. Below `LEVEL_P` counts are taken as
over-dispersed with dispersion X^2 / (d - 1), else as Poisson. With few counts the test sees little:
an interval of 3 incidents is one of 3 incidents, whatever their kind.

Source: Haldane 1937 (moments of X^2 given the total); McCullagh and Nelder 1989, 4.5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaincc

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]

LEVEL_P = 0.05
"""A convention. At .05, intervals of Poisson counts hardly widen; see `tw evaluate coverage`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How much counts vary.

    Attributes:
        steps: Compared; those with exposure.
        tail_p: Chance of as much variation, were the counts Poisson; None if nothing to compare.
        dispersion_ratio: Variance over mean: 1 if taken as Poisson, above 1 if not.
    """

    steps: int
    tail_p: float | None
    dispersion_ratio: float


def spread_of(count: Whole, exposure_h: Floats) -> Spread:
    """Return the spread of counts, (d,), whose exposures, (d,), are all above 0."""
    steps = len(count)
    if steps < 2 or count.sum() == 0:  # noqa: PLR2004 - nothing to compare
        return Spread(steps=steps, tail_p=None, dispersion_ratio=1.0)
    tail, dispersion = spreads(count[None, :], exposure_h)
    return Spread(steps=steps, tail_p=float(tail[0]), dispersion_ratio=float(dispersion[0]))


def spreads(count: NDArray[np.integer], exposure_h: Floats) -> tuple[Floats, Floats]:
    """Return tail chances and dispersions, (s,), of counts (s, d) with exposures (d,) or (s, d).

    Cases without a count have a tail chance of 1.
    """
    return _judged(*_pearson(count, exposure_h))


def pooled(parts: list[tuple[Whole, Floats]]) -> float:
    """Return the dispersion of several periods or sectors, each about a mean of its own.

    Args:
        parts: Counts and exposures by step of each, as of `exposure.by_step`.
    """
    found = [
        _pearson(count[None, :], exposure_h)
        for count, exposure_h in parts
        if len(count) > 1 and count.sum() > 0
    ]
    if not found:
        return 1.0
    square, free, variance = (np.asarray(sum(x), np.float64) for x in zip(*found, strict=True))
    return float(_judged(square, free, variance)[1][0])


def _pearson(count: NDArray[np.integer], exposure_h: Floats) -> tuple[Floats, Floats, Floats]:
    """Return X^2, its mean and its variance given the total, (s,) each."""
    share = exposure_h / exposure_h.sum(axis=-1, keepdims=True)
    total = count.sum(axis=-1).astype(np.float64)
    some = np.maximum(total, 1.0)
    expected = some[:, None] * share
    square = np.where(total > 0, ((count - expected) ** 2 / expected).sum(axis=-1), 0.0)
    steps = count.shape[-1]
    lopsided = (1 / share).sum(axis=-1) - steps**2 - 2 * steps + 2
    variance = 2 * (steps - 1) + lopsided / some
    return square, np.full(len(total), steps - 1.0), variance


def _judged(square: Floats, free: Floats, variance: Floats) -> tuple[Floats, Floats]:
    # given one count the statistic hardly varies, and rounding could make that less than nothing
    safe = np.maximum(variance, 1e-9)
    tail = np.asarray(gammaincc(free**2 / safe, square * free / safe))
    more = tail < LEVEL_P
    return tail, np.where(more, np.maximum(square / free, 1.0), 1.0)
