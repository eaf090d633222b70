"""Weighing what was seen by how grave it was: the same test, on sums of weights.

Weights lie between 0 and 1, 1 being the gravest. What is tolerated is then harm per hour: the rate
of incidents times their mean weight. If incidents are Poisson and weights independent of them
with mean w, then for any c, by convexity of the exponential between weight 0 and weight 1,

    mean of exp(c weight) <= 1 + w (exp(c) - 1),

so the sum S of weights obeys E exp(c S) <= exp(rate x exposure x w (exp(c) - 1)), which is what a
Poisson count of mean `harm x exposure` would have. Hence `evidence`, `sequence` and `answer` hold
with S in place of the count, at both sides. They are cautious: weights that are all 0 or 1 use the
whole alpha, all others less. Source: the convexity step is that of Hoeffding 1963, section 4.

Grave incidents are often easier to see. Then no one exposure fits all, and the exposure's upper end
must be that of the class seen best, its lower end that of the class seen worst: see `exposures`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]


def harm(step: Whole, weights: Floats, *, steps: int) -> Floats:
    """Return the sum of weights in each step, (steps,).

    Args:
        step: Of each incident, (k,), from 0.
        weights: Of each incident, (k,), from 0 to 1.
        steps: How many there are.

    Raises:
        BadInput: A weight or a step is out of range.
    """
    wrong = ~((weights >= 0) & (weights <= 1))
    if wrong.any():
        at = int(np.argmax(wrong))
        where, problem = f"incident {at}", f"weight is {weights[at]}, must be 0 to 1"
        raise BadInput(where, problem)
    out = (step < 0) | (step >= steps)
    if out.any():
        at = int(np.argmax(out))
        where, problem = f"incident {at}", f"is in step {step[at]}, must be 0 to {steps - 1}"
        raise BadInput(where, problem)
    return np.bincount(step, weights, minlength=steps).astype(np.float64)


def exposures(by_class_h: Floats) -> tuple[Floats, Floats]:
    """Return the lower and the upper end of exposure in each step, from those by class.

    Args:
        by_class_h: Hours times chance of detection, (steps, classes).
    """
    return by_class_h.min(axis=1), by_class_h.max(axis=1)
