"""From rows of a watch to the counts and the ends of exposure that `answer` asks for.

The chance of detection is known from trials only, and stays unknown however long one watches. So
the ends of exposure are those of a cautious interval of each chance. Should a true chance lie
outside its interval, the error of the answer is no longer bounded by alpha: alpha and what the
intervals leave open add up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import betaincinv

from trucewatch.errors import BadInput
from trucewatch.measure.holding.answer import Watched

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.measure.rates.exposure import Detection, Watch

    Floats = NDArray[np.float64]


def chances(detection: Detection, *, level_p: float) -> tuple[Floats, Floats]:
    """Return the lower and the upper end of each chance of detection, (g,) each.

    Args:
        detection: From trials that ended before the period began; see `evidence`.
        level_p: Chance that a true one lies between its ends. One that is known has no width.

    Raises:
        BadInput: The level is not between 0 and 1.
    """
    if not 0 < level_p < 1:
        problem = f"is {level_p}, must be between 0 and 1"
        raise BadInput("level of a chance of detection", problem)
    means, trials = detection.means, detection.trials
    unsure = np.isfinite(trials) & (means > 0) & (means < 1)
    a, b = means[unsure] * trials[unsure], (1 - means[unsure]) * trials[unsure]
    low, high = means.copy(), means.copy()
    low[unsure] = betaincinv(a, b, (1 - level_p) / 2)
    high[unsure] = betaincinv(a, b, (1 + level_p) / 2)
    return low, high


def exposed(
    watch: Watch, detection: Detection, possible_h: Floats, *, level_p: float = 0.95
) -> Watched:
    """Return what was seen in each step, and the ends of its exposure.

    Args:
        watch: Rows; their steps count from 0.
        detection: As in `chances`.
        possible_h: Hours of each step if everything declared had been watched, (n,).
        level_p: As in `chances`.

    Raises:
        BadInput: A row lies in no step, or names an estimate that is not there.
    """
    steps, number = len(possible_h), len(detection.means)
    last = int(watch.step.max(initial=-1))
    if last >= steps:
        problem = f"a row is in step {last}, must be 0 to {steps - 1}"
        raise BadInput("watch", problem)
    if watch.estimate.max(initial=-1) >= number:
        problem = f"names estimate {int(watch.estimate.max())}, there are {number}"
        raise BadInput("watch", problem)
    low, high = chances(detection, level_p=level_p)

    def by_step(values: Floats) -> Floats:
        return np.bincount(watch.step, values, minlength=steps).astype(np.float64)

    return Watched(
        count=by_step(watch.count.astype(np.float64)),
        low_h=by_step(watch.hours * low[watch.estimate]),
        high_h=by_step(watch.hours * high[watch.estimate]),
        possible_h=possible_h,
    )
