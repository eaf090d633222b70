"""Days in trouble, by a bound that is declared and never fitted to what comes after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Truths = NDArray[np.bool_]


def trouble(counts: Floats, exposure_h: Floats, *, most_per_h: float) -> Truths:
    """Return whether each day has more incidents an hour that was covered than is bearable.

    A day on which nothing was covered is as the day before it: nobody knows better. The first such
    days are in no trouble.

    Args:
        counts: Incidents of each day, (days,).
        exposure_h: Covered hours of each day, (days,).
        most_per_h: Rate above which a day is in trouble, above 0.

    Raises:
        BadInput: The bound is not above 0.
    """
    if not most_per_h > 0:
        raise BadInput("trouble", f"bound is {most_per_h}, must be above 0")
    found = counts > most_per_h * exposure_h
    known = exposure_h > 0
    last = np.maximum.accumulate(np.where(known, np.arange(len(counts)), -1))
    return np.asarray((last >= 0) & found[np.maximum(last, 0)])
