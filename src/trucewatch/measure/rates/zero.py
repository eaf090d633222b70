"""How bad it could be though nothing was seen: an upper bound, or that there is none.

The bound is the rate at which seeing nothing has chance 1 - level, here .05: with known exposure V
it is -ln .05 / V, about 3 / V ("rule of three"). Where exposure is uncertain the chance is averaged
over it. It is a bound for one look, chosen beforehand; `holding.sequence` has one for any look.

Clustered fire makes it too low: of clusters of five, as rare as that, nothing is seen five times as
often. Divide the exposure by the dispersion that other days showed.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import brentq

from trucewatch.errors import BadInput
from trucewatch.measure.rates.exposure import Exposure, nodes


def bound_of_zero(
    given: Exposure, *, level_p: float = 0.95, dispersion_ratio: float = 1.0
) -> float | None:
    """Return the upper bound on a rate, per hour, of which nothing was seen.

    Args:
        given: What could have been seen.
        level_p: Chance that a rate above the bound would have shown itself.
        dispersion_ratio: Variance over mean of the counts; what it costs is above.

    Returns:
        The bound, or None without exposure: then nothing at all can be said.

    Raises:
        BadInput: The level is not between 0 and 1.

    Example:
        >>> round(bound_of_zero(Exposure(100.0, 0.0, 100.0)), 5)
        0.02996
    """
    if not 0 < level_p < 1:
        problem = f"is {level_p}, must be between 0 and 1"
        raise BadInput("level of a bound", problem)
    v_h = nodes(given)[0] / dispersion_ratio
    if v_h.min() <= 0:
        return None
    wanted = -math.log(1 - level_p)
    low, high = wanted / v_h.max(), wanted / v_h.min()
    if low == high:
        return float(low)

    def missing(at_per_h: float) -> float:
        return float(np.exp(-at_per_h * v_h).mean()) - (1 - level_p)

    return float(brentq(missing, low, high, xtol=1e-12 * high, rtol=1e-12))
