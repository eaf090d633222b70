"""How many acts there were, from those that were seen and what could be seen; or "cannot tell".

Days are the rows: of a day the hours are all it has, and the chance of detection is the covered
share of them. The rate of the period times its hours is the number. It takes the rate of the hours
that were not covered to be that of those that were, which nobody can check. The number by weights
of 1/p beside it weighs every day alike; where the two differ by more than their errors, days that
were hard to see differ from the others, and neither is *the* number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trucewatch.errors import BadInput
from trucewatch.measure.rates.exposure import Detection, Watch
from trucewatch.measure.rates.poisson import rate
from trucewatch.measure.rates.weighed import weighed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]

UNDECLARED = "nobody declared what watches, so nobody knows what was missed"
NOTHING = "nothing was covered"
_PERCENT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number of acts.

    Attributes:
        count: Seen.
        uncovered: Of these, on days on which nothing was covered; they enter no estimate.
        coverage_share: Of the hours; None when nobody declared what watches.
        acts: Lower end, median and upper end of a 90 % interval; None where it cannot be told.
        weighed_mean: By weights of 1/p, as a check; None where no day was covered enough.
        dispersion_ratio: Variance over mean of the days' counts that the interval is widened for.
        why: Why it cannot be told, or "".
    """

    count: int
    uncovered: int
    coverage_share: float | None
    acts: tuple[float, float, float] | None = None
    weighed_mean: float | None = None
    dispersion_ratio: float = 1.0
    why: str = ""


def estimated(
    count: Whole, hours: Floats, covered_h: Floats | None, *, least_share: float
) -> Estimate:
    """Return the number of acts of all days.

    Args:
        count: Seen on each day, (d,).
        hours: That each day has, above 0, (d,).
        covered_h: Of these, in which an act would have been seen, (d,); None when nobody declared
            what watches.
        least_share: Covered share of all hours below which it cannot be told.

    Raises:
        BadInput: The arrays differ in length, or more is covered than there is.
    """
    total = int(count.sum())
    if covered_h is None:
        return Estimate(count=total, uncovered=total, coverage_share=None, why=UNDECLARED)
    if not len(count) == len(hours) == len(covered_h):
        problem = f"has {len(count)} counts for {len(hours)} and {len(covered_h)} hours"
        raise BadInput("estimate", f"{problem}, must have as many")
    if not ((covered_h >= 0) & (covered_h <= hours * (1 + 1e-9)) & (hours > 0)).all():
        raise BadInput("estimate", "a day is covered longer than it is, must be 0 to its hours")
    share = float(covered_h.sum() / hours.sum())
    some = covered_h > 0
    uncovered = int(count[~some].sum())
    if share < least_share or not some.any():
        found = f"{share * _PERCENT:.0f} % of the hours were covered"
        why = f"{found}, {least_share * _PERCENT:g} % are needed" if some.any() else NOTHING
        return Estimate(count=total, uncovered=uncovered, coverage_share=share, why=why)
    days = np.arange(int(some.sum()))
    watch = Watch(count=count[some], hours=hours[some], estimate=days, step=days)
    detection = Detection.known(np.minimum(covered_h[some] / hours[some], 1.0))
    told = rate(watch, detection)
    check = weighed(watch, detection, dispersion_ratio=told.spread.dispersion_ratio)
    all_h, inner = float(hours.sum()), told.intervals[0]
    middle_per_h = told.middle_per_h
    acts = None
    if middle_per_h is not None:
        acts = (inner.low_per_h * all_h, middle_per_h * all_h, inner.high_per_h * all_h)
    return Estimate(
        count=total,
        uncovered=uncovered,
        coverage_share=share,
        acts=acts,
        weighed_mean=None if check.value_per_h is None else check.value_per_h * all_h,
        dispersion_ratio=told.spread.dispersion_ratio,
    )
