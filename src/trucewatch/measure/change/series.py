"""How fast the mechanism is: hours from one step to the next, by month, open ones counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import binom

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHARES = (0.5, 0.9)
"""Median and 90th percentile, as the clocks of domain practice are reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Hours within which a share of the steps was done.

    Attributes:
        share_p: Of which share.
        hours_h: Within so many hours; None when too many are open to tell.
        low_h: Lower end of a 90 % interval at least, or None when open.
        high_h: Upper end, or None when open.
        number: Of how many.
        open: How many of them were not done yet.
    """

    share_p: float
    hours_h: float | None
    low_h: float | None
    high_h: float | None
    number: int
    open: int


def within(hours: NDArray[np.float64], done: NDArray[np.bool_], *, share_p: float) -> Hours:
    """Return the hours within which a share of the steps was done.

    One that is not done yet is taken as longer than every one that is, so a share beyond those that
    are done cannot be told. Intervals are by ranks, without an assumption on how hours spread.

    Args:
        hours: From one step to the next, or to now when it is not done, from 0, shape (n,).
        done: Whether it was done.
        share_p: Above 0 and below 1.

    Raises:
        BadInput: The arrays differ, a number is below 0 or none, or the share is outside.
    """
    if len(hours) != len(done) or not 0 < share_p < 1:
        problem = f"are {len(hours)} with {len(done)} ends for share {share_p:g}, must be as many"
        raise BadInput("hours", problem)
    if not (np.isfinite(hours) & (hours >= 0)).all():
        raise BadInput("hours", "hold a number below 0 or none, must be from 0")
    n = len(hours)
    ordered = np.sort(np.where(done, hours, np.inf))
    low = int(binom.ppf(0.05, n, share_p)) if n else 0
    high = int(binom.ppf(0.95, n, share_p)) + 1 if n else 1
    ranks = (int(np.ceil(share_p * n)), low, high)
    value, lowest, highest = (
        float(ordered[rank - 1]) if 1 <= rank <= n and np.isfinite(ordered[rank - 1]) else None
        for rank in ranks
    )
    return Hours(
        share_p=share_p,
        hours_h=value,
        low_h=lowest,
        high_h=highest,
        number=n,
        open=int((~done).sum()),
    )
