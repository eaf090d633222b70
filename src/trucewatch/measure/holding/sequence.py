"""Bounds on a rate that hold at every time at once, however often one looks.

They are the evidence of `evidence` turned round: the rates that it does not speak against. Because
that evidence hangs on a rate only by the number that the rate lets expect, a bound on the expected
number serves every exposure, and the bound on the rate is that number over the exposure.

Each end fails with chance at most alpha, ever; both together with at most twice that.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from trucewatch.measure.holding.evidence import ABOVE, BELOW, one_above, one_below

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

_HALVINGS = 200  # bisection; ends sooner, when the two ends are neighbouring numbers


class Bounds(NamedTuple):
    """Ends at each step, (n,), per hour; `high_per_h` is infinite where nothing was watched."""

    low_per_h: Floats
    high_per_h: Floats


def expected_low(count: ArrayLike, *, alpha_p: float) -> Floats:
    """Return the least expected number that a count leaves, (n,); 0 for counts under 4."""
    return np.asarray(_lows(np.atleast_1d(np.asarray(count, np.float64)), -math.log(alpha_p)))


def expected_high(count: ArrayLike, *, alpha_p: float) -> Floats:
    """Return the largest expected number that a count leaves, (n,).

    With nothing seen, and alpha .05, it is 4.2, where one look at a fixed time would give 3.0.
    """
    return np.asarray(_highs(np.atleast_1d(np.asarray(count, np.float64)), -math.log(alpha_p)))


def sequence(count: Floats, low_h: Floats, high_h: Floats, *, alpha_p: float) -> Bounds:
    """Return the bounds on the rate after each step.

    Args:
        count: Seen since the beginning, (n,).
        low_h: Lower end of the exposure since then, (n,) hours; see `evidence` on predictability.
        high_h: Upper end.
        alpha_p: Chance that one of the ends ever fails.
    """
    low, high = expected_low(count, alpha_p=alpha_p), expected_high(count, alpha_p=alpha_p)
    return Bounds(
        np.divide(low, high_h, out=np.zeros(len(low)), where=high_h > 0),
        np.divide(high, low_h, out=np.full(len(high), np.inf), where=low_h > 0),
    )


@njit(cache=True)
def _lows(count, needed):  # type: ignore[no-untyped-def]
    out = np.empty(len(count))
    for i in range(len(count)):
        out[i] = _low(count[i], needed)
    return out


@njit(cache=True)
def _highs(count, needed):  # type: ignore[no-untyped-def]
    out = np.empty(len(count))
    for i in range(len(count)):
        out[i] = _high(count[i], needed)
    return out


@njit(cache=True)
def _low(count, needed):  # type: ignore[no-untyped-def]
    """Return where evidence against lower numbers falls to `needed`; it falls as they grow."""
    low, high = 0.0, count
    if one_above(count, low, ABOVE) < needed:
        return 0.0
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        if one_above(count, middle, ABOVE) >= needed:
            low = middle
        else:
            high = middle
    return low


@njit(cache=True)
def _high(count, needed):  # type: ignore[no-untyped-def]
    """Return where evidence against higher numbers reaches `needed`; it grows with them."""
    low, high = count, 2.0 * count + 1.0
    while one_below(count, high, BELOW) < needed:
        high *= 2.0
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        if one_below(count, middle, BELOW) >= needed:
            high = middle
        else:
            low = middle
    return high
