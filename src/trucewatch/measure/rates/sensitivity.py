"""What if sensors saw one side worse than we believe? The estimates, for several such errors.

Access differs by side, and so may the chance of detection, without any trial to tell. This is no
correction and no interval: it says which conclusions hang on a chance that nobody measured. Sides
are kept in the order given; an estimate of one is no rank over the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trucewatch.errors import BadInput
from trucewatch.measure.rates.exposure import by_estimate
from trucewatch.measure.rates.poisson import rate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trucewatch.measure.rates.exposure import Detection, Watch
    from trucewatch.measure.rates.poisson import Rate

FACTORS = (0.5, 0.8, 1.0, 1.25, 2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """The rate of one side, were its chance of detection another.

    Attributes:
        side: Whose ground was watched.
        factor_ratio: Of every chance of detection there.
        cut_share: Of the hours, where the chance would pass 1 and is taken as 1.
        rate: What follows.
    """

    side: str
    factor_ratio: float
    cut_share: float
    rate: Rate


def what_if(
    sides: Mapping[str, Watch], detection: Detection, *, factors: Sequence[float] = FACTORS
) -> list[WhatIf]:
    """Return the rate of each side under each factor, by side in the order given.

    Raises:
        BadInput: A factor is not above 0.
    """
    wrong = [factor for factor in factors if not factor > 0]
    if wrong:
        problem = f"is {wrong[0]}, must be above 0"
        raise BadInput("factor of a chance of detection", problem)
    return [
        WhatIf(
            side=side,
            factor_ratio=factor,
            cut_share=_cut(watch, detection, factor),
            rate=rate(watch, detection.times(np.full(len(detection.means), factor))),
        )
        for side, watch in sides.items()
        for factor in factors
    ]


def _cut(watch: Watch, detection: Detection, factor_ratio: float) -> float:
    hours = by_estimate(watch, detection)
    total_h = float(hours.sum())
    return float(hours[detection.means * factor_ratio > 1].sum()) / total_h if total_h > 0 else 0.0
