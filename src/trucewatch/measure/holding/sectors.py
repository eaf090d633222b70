"""Which of many sectors do not hold, with few false ones among those named: e-BH.

With fifty sectors at alpha .05 each, two or three that hold would be named by chance. Here the
share of false ones among the named is at most alpha on average, however the sectors hang together:
shared sensors, shared weather, one order from above.

The guarantee is for one look, which may be at any time and chosen by what was seen. It wants the
evidence at that look; the highest that it ever was is not evidence, and is refused nowhere but here
in words. Over several published looks, what was named and later dropped counts as named.

Source: Wang and Ramdas 2022, "False discovery rate control with e-values", procedure e-BH.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from trucewatch.measure.holding.answer import Answer, told

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]


def named(log_evidence: Floats, *, alpha_p: float) -> Flags:
    """Return which sectors the evidence names, (k,).

    Args:
        log_evidence: Of each sector, (k,), at one look.
        alpha_p: Mean share of false ones among those named, at most.
    """
    number = len(log_evidence)
    if number == 0:
        return np.zeros(0, np.bool_)
    ordered = np.sort(log_evidence)[::-1]
    needed = math.log(number / alpha_p) - np.log(np.arange(1, number + 1))
    enough = np.flatnonzero(ordered >= needed)
    if len(enough) == 0:
        return np.zeros(number, np.bool_)
    return np.asarray(log_evidence >= needed[enough[-1]])


def answers(above: Floats, below: Floats, covered: Flags, *, alpha_p: float) -> tuple[Answer, ...]:
    """Return the answer for each sector, (k,), false ones held down in each direction.

    Sectors without enough coverage still count as asked, so leaving one out gains nothing.

    Args:
        above: Log evidence against every rate up to the tolerated one; after a recommitment, with
            the log of its share of alpha added, see `recommitment.share_of`.
        below: Log evidence against every rate from the tolerated one up; likewise.
        covered: Whether enough of the period was covered.
        alpha_p: As in `named`.
    """
    return told(named(above, alpha_p=alpha_p), named(below, alpha_p=alpha_p), covered)
