"""How long truces and recommitments last: many are still holding, and those count too.

Kaplan and Meier 1958, intervals by Greenwood on the log-minus-log scale; one that is still holding,
or that ended for another reason, is known to have lasted at least so long.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import ndtri

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Truths = NDArray[np.bool_]

_CHI2_P90 = 2.705543454095404  # of one degree of freedom, .9
_RATIO_MAX = 100.0
_HALF = 0.5
_FAILED_MIN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Survival:
    """The share that lasts at least so long.

    Attributes:
        days: When some failed, ascending.
        at_risk: How many were still followed just before.
        failed: How many failed then.
        share: Share that lasts longer.
        low_p: Lower end of its 90 % interval.
        high_p: Upper end.
    """

    days: Floats
    at_risk: NDArray[np.int64]
    failed: NDArray[np.int64]
    share: Floats
    low_p: Floats
    high_p: Floats

    def median_d(self) -> tuple[float | None, float | None, float | None]:
        """Return the days within which half fail, with the ends of the interval.

        None where so many did not fail yet that it cannot be told.
        """
        return (
            _first_below(self.days, self.share),
            _first_below(self.days, self.low_p),
            _first_below(self.days, self.high_p),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Decay:
    """Whether each recommitment lasts less than the one before.

    Attributes:
        ratio: Time that one lasts over that of the one before it.
        low_ratio: Lower end of the 90 % interval, by likelihood.
        high_ratio: Upper end.
    """

    ratio: float
    low_ratio: float
    high_ratio: float


def survival(days: Floats, failed: Truths) -> Survival:
    """Return how long they last.

    Args:
        days: How long each was followed, above 0, shape (n,).
        failed: Whether it failed then; else it was only followed no longer.
    """
    _expect(days, failed)
    times = np.unique(days[failed])
    at_risk = np.array([(days >= time).sum() for time in times], np.int64)
    ends = np.array([(failed & (days == time)).sum() for time in times], np.int64)
    share: Floats = np.cumprod(1 - ends / at_risk).astype(np.float64)
    left = at_risk - ends
    terms = ends / (at_risk * np.where(left, left, 1))  # the last term is not used: share is 0
    low_p, high_p = np.zeros(len(times)), np.ones(len(times))
    inner = (share > 0) & (share < 1)
    depth = np.log(-np.log(share[inner]))
    width = ndtri(0.95) * np.sqrt(np.cumsum(terms)[inner]) / np.abs(np.log(share[inner]))
    low_p[inner], high_p[inner] = (
        np.exp(-np.exp(depth + width)),
        np.exp(-np.exp(depth - width)),
    )
    last = share == 0
    high_p[last] = np.concatenate(([1.0], high_p))[:-1][last]
    return Survival(
        days=times, at_risk=at_risk, failed=ends, share=share, low_p=low_p, high_p=high_p
    )


def decay(days: Floats, failed: Truths) -> Decay:
    """Return by how much each recommitment lasts less than the one before, in their order.

    Lengths are taken as exponential with a mean that changes by one factor from each to the next;
    the factor is estimated by likelihood, and its interval holds what is not rejected at 10 %.

    Args:
        days: How long each was followed, above 0, in order, shape (n,).
        failed: Whether it failed then.

    Raises:
        BadInput: Fewer than three failed, the arrays differ, or a length is not above 0.
    """
    _expect(days, failed)
    if failed.sum() < _FAILED_MIN:
        problem = f"{failed.sum()} failed, must be at least {_FAILED_MIN} to tell of a decay"
        raise BadInput("recommitments", problem)
    order = np.arange(len(days)) - (np.arange(len(days))[failed]).mean()

    def profiled(log_ratio: float) -> float:
        """Return the log likelihood of a factor, with the mean that suits it best."""
        hazard = failed.sum() / (days * np.exp(-log_ratio * order)).sum()
        return float(failed.sum() * np.log(hazard) - (log_ratio * order[failed]).sum())

    bound = float(np.log(_RATIO_MAX))  # the profile is concave
    top = float(minimize_scalar(lambda x: -profiled(x), bounds=(-bound, bound), method="bounded").x)

    def deficit(log_ratio: float) -> float:
        return 2 * (profiled(top) - profiled(log_ratio)) - _CHI2_P90

    return Decay(
        ratio=float(np.exp(top)),
        low_ratio=float(np.exp(_crossing(deficit, -bound, top))),
        high_ratio=float(np.exp(_crossing(deficit, bound, top))),
    )


def _crossing(deficit: Callable[[float], float], outer_ratio: float, inner_ratio: float) -> float:
    """Return where the deficit is 0 between the two, or the outer_ratio end when it is nowhere."""
    if deficit(outer_ratio) <= 0 or outer_ratio == inner_ratio:
        return outer_ratio
    return float(brentq(deficit, outer_ratio, inner_ratio))


def _first_below(days: Floats, share: Floats) -> float | None:
    below = np.flatnonzero(share <= _HALF)
    return float(days[below[0]]) if len(below) else None


def _expect(days: Floats, failed: Truths) -> None:
    """Check what is given.

    Raises:
        BadInput: None is given, the arrays differ in length, or a length is not above 0.
    """
    if not len(days) or len(days) != len(failed):
        problem = f"are {len(days)} with {len(failed)} ends, must be as many and at least one"
        raise BadInput("lengths", problem)
    bad = np.flatnonzero(~(np.isfinite(days) & (days > 0)))
    if len(bad):
        where = f"length {bad[0]}"
        raise BadInput(where, f"is {days[bad[0]]} days, must be above 0")
