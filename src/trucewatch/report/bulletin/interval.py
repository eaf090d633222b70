"""How many of some uncertain incidents are real: the Poisson-binomial distribution."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

INTERVAL_P = 0.9
_TAIL_P = (1 - INTERVAL_P) / 2
_TIE_P = 1e-9  # a tail that equals 5 % up to rounding counts as 5 % on every machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """A number of incidents, and how many of them are real.

    Attributes:
        n: Incidents counted.
        real_mean: Sum of their P(real).
        low: Lower end of the equal-tailed 90 % interval of the number that are real.
        high: Upper end.
    """

    n: int
    real_mean: float
    low: int
    high: int


def tally(real_p: Sequence[float]) -> Tally:
    """Return the count, its expectation and its 90 % interval.

    Incidents are taken as independent. The interval says which of the counted ones are real; what
    nobody reported is not in it.

    Example:
        >>> tally([0.9, 0.5, 0.5])
        Tally(n=3, real_mean=1.9, low=1, high=3)
    """
    low, high = central(np.asarray(real_p, dtype=np.float64))
    return Tally(n=len(real_p), real_mean=round(math.fsum(real_p), 6), low=low, high=high)


def change(now_p: Sequence[float], before_p: Sequence[float]) -> Tally:
    """Return how many more are real now than before; `n` is the plain difference.

    X - Y + m, with m the number of terms of Y, is again Poisson-binomial: a term that counts
    against is one that counts for with probability 1 - p, less one.
    """
    against = 1 - np.asarray(before_p, dtype=np.float64)
    low, high = central(np.concatenate([np.asarray(now_p, dtype=np.float64), against]))
    return Tally(
        n=len(now_p) - len(before_p),
        real_mean=round(math.fsum([*now_p, *(-share for share in before_p)]), 6) + 0.0,  # no -0.0
        low=low - len(before_p),
        high=high - len(before_p),
    )


def central(trial_p: NDArray[np.float64]) -> tuple[int, int]:
    """Return the ends of the equal-tailed 90 % interval of the number of successes."""
    below_p = np.cumsum(mass(trial_p))
    low = int(np.argmax(below_p > _TAIL_P - _TIE_P))
    high = int(np.argmax(below_p >= 1 - _TAIL_P - _TIE_P))
    return low, high


def mass(trial_p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return P(k successes), k = 0 ... n, of independent trials with these probabilities.

    Polynomials of neighbours are multiplied in a tree; all terms are positive, so nothing cancels.
    """
    factors = [np.array([1 - share, share]) for share in trial_p] or [np.ones(1)]
    while len(factors) > 1:
        odd = factors[-1:] if len(factors) % 2 else []
        pairs = zip(factors[::2], factors[1::2], strict=False)
        factors = [np.convolve(left, right) for left, right in pairs] + odd
    return factors[0]
