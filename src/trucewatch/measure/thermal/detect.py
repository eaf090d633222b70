"""How likely a happening is seen as a fire on its day, by cloud and by overpasses.

Learnt from incidents known otherwise, with and without a fire beside them. Some have one by chance,
because it burns there anyway; how many is told by the same places on other days, and taken out.
Under cloud almost nothing is seen: where no fire was seen nothing is known.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import beta

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]
    Floats = NDArray[np.float64]

CLOUD_SHARES = (0.3, 0.7)
"""Between clear, broken and overcast: mean cloud cover of the day."""
_PRIOR = 0.5  # Jeffreys: both parameters of the beta prior
_ENDS = (0.05, 0.5, 0.95)
_POINTS = 400  # quantiles that each of the two shares is stood for by


@dataclass(frozen=True, slots=True, kw_only=True)
class Detected:
    """How often incidents of one class of cloud and overpasses were seen as fires.

    Attributes:
        cloud_low_share: From this cloud cover on.
        cloud_high_share: Below this; the last class has 1 in it.
        passes: Overpasses on the day; None where they were not told apart.
        incidents: In this class.
        seen: Of them with a fire on the day.
        chance_share: Of the same places, with a fire on other days.
        detected_p: Chance that an incident makes a fire that is seen, those by chance taken out;
            median of the posterior.
        low_p: Its 5 % end.
        high_p: Its 95 % end.
    """

    cloud_low_share: float
    cloud_high_share: float
    passes: int | None
    incidents: int
    seen: int
    chance_share: float
    detected_p: float
    low_p: float
    high_p: float


def detections(
    seen: Flags,
    by_chance: Floats,
    cloud_share: Floats,
    passes: NDArray[np.int64] | None = None,
    edges: Sequence[float] = CLOUD_SHARES,
) -> list[Detected]:
    """Return what incidents tell of detection, by number of overpasses and then by cloud.

    Args:
        seen: Whether a fire lay beside each incident on its day, (n,).
        by_chance: Share of other days with a fire beside the same place, (n,).
        cloud_share: Cloud cover at the place on the day, (n,); incidents where it is not a number
            are left out.
        passes: Overpasses of the day, (n,); all days alike when None.
        edges: Between classes of cloud, ascending, within 0 and 1.

    Raises:
        BadInput: Arrays differ in length, or a share is not one.
    """
    number = np.zeros(len(seen), np.int64) if passes is None else passes
    if len({len(seen), len(by_chance), len(cloud_share), len(number)}) != 1:
        raise BadInput("detections", "arrays differ in length, expected one value an incident")
    for name, share in (("by_chance", by_chance), ("cloud_share", cloud_share)):
        known = share[np.isfinite(share)]
        if ((known < 0) | (known > 1)).any():
            raise BadInput("detections", f"{name} has values outside 0 to 1, expected shares")
    bounds = [0.0, *edges, 1.0]
    found = []
    for one in np.unique(number).tolist():
        for low, high in itertools.pairwise(bounds):
            under = (cloud_share < high) | ((high == 1) & (cloud_share == 1))
            mine = (number == one) & (cloud_share >= low) & under
            shown = None if passes is None else int(one)
            found.append(_detected((low, high), shown, seen[mine], by_chance[mine]))
    return found


def of_passes(one_pass_p: float, passes: int) -> float:
    """Return the chance that at least one of several overpasses sees what each sees with a chance.

    Passes are taken as independent given the cloud; for a fire shorter than the hours between them
    that is too hopeful.
    """
    return float(1 - (1 - one_pass_p) ** passes)


def _detected(
    cloud: tuple[float, float], passes: int | None, seen: Flags, by_chance: Floats
) -> Detected:
    cases, hits = len(seen), int(seen.sum())
    chance_share = float(by_chance.mean()) if cases else 0.0
    low, median, high = _posterior(hits, chance_share, cases)
    return Detected(
        cloud_low_share=cloud[0],
        cloud_high_share=cloud[1],
        passes=passes,
        incidents=cases,
        seen=hits,
        chance_share=chance_share,
        detected_p=median,
        low_p=low,
        high_p=high,
    )


def _posterior(hits: int, chance_share: float, cases: int) -> tuple[float, float, float]:
    """Return ends and median of p, where a hit comes of p or else by chance: h = 1 - (1-p)(1-q).

    Both shares have Jeffreys posteriors, taken as independent; p below 0 counts as 0. The chance
    share is taken as known no better than from as many days as there are incidents.
    """
    at = (np.arange(_POINTS) + 0.5) / _POINTS
    hit = beta.ppf(at, hits + _PRIOR, cases - hits + _PRIOR)
    strays = chance_share * cases
    chance = beta.ppf(at, strays + _PRIOR, cases - strays + _PRIOR)
    detected = np.maximum(1 - (1 - hit[:, None]) / (1 - chance[None, :]), 0)
    low, median, high = np.quantile(detected, _ENDS)
    return float(low), float(median), float(high)
