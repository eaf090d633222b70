"""P(detected | class, range, day or night, cloud): a model with declared figures, or learned ones.

P = P(class, close) x 2 ^ (-range / half) x night x cloud, each factor from 0 to 1. The factors are
taken as independent: what a camera loses by night it loses at every range alike.

Figures are learned from test detections: blasts set off, or flares fired, at known times, of which
an asset reported some. Trials must be like what they stand for; ones close by, in clear weather and
announced beforehand teach a figure for that and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import betaincinv

from trucewatch.errors import BadInput
from trucewatch.measure.rates.exposure import PRIOR_TRIALS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.measure.coverage.asset import Detection

    Floats = NDArray[np.float64]


def fall(detection: Detection, range_km: Floats) -> Floats:
    """Return what range leaves of P, 0 to 1, in the shape of `range_km`."""
    if detection.half_km == 0:
        return np.ones_like(range_km)
    return np.asarray(np.exp2(-range_km / detection.half_km))


def cloud_left(detection: Detection, cloud_share: Floats) -> Floats:
    """Return what cloud leaves of P, 0 to 1, from the share of the sky that it covers."""
    return 1.0 - cloud_share * (1.0 - detection.cloud_ratio)


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What test detections say of an asset's P(detected).

    Attributes:
        hits: Trials that it reported.
        trials: All of them.
        mean_p: Mean of the posterior.
        low_p: Lower end of the credible interval.
        high_p: Upper end.
    """

    hits: int
    trials: int
    mean_p: float
    low_p: float
    high_p: float


def learned(hits: int, trials: int, *, level_p: float = 0.9) -> Learned:
    """Return the beta posterior of P(detected), with a central interval.

    The prior is the neutral one of `measure.rates`, a third of a hit and a third of a miss.

    Args:
        hits: Trials that were reported.
        trials: All trials.
        level_p: Of the interval.

    Raises:
        BadInput: More hits than trials, fewer than none, or a level that is none.

    Example:
        >>> found = learned(12, 20)
        >>> round(found.mean_p, 3), round(found.low_p, 3), round(found.high_p, 3)
        (0.597, 0.418, 0.765)
    """
    if not 0 <= hits <= trials:
        raise BadInput("trials", f"{hits} hits of {trials}, must be 0 to all of them")
    if not 0 < level_p < 1:
        raise BadInput("level", f"is {level_p}, must be between 0 and 1")
    a, b = hits + PRIOR_TRIALS, trials - hits + PRIOR_TRIALS
    tail_p = (1 - level_p) / 2
    low_p, high_p = (float(betaincinv(a, b, at)) for at in (tail_p, 1 - tail_p))
    return Learned(hits=hits, trials=trials, mean_p=a / (a + b), low_p=low_p, high_p=high_p)
