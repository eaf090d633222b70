"""What may come before an escalation, day by day, weighed by what could be seen of it.

Heavy weapons, crossed lines, restrictions of monitors, jamming, refused repairs, fewer crossings of
civilians: each is a series of counts. A sign is how much more (or less) of it there was in the last
week than in the four weeks before, and it knows nothing of the days after.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Truths = NDArray[np.bool_]

WEEK_D = 7
MONTH_D = 28
"""Days that a sign looks at, and those that it is compared with; a choice: a week holds each
weekday once, and four weeks of it are what most truces have before they are in trouble."""

_NOTHING = 0.5  # of an incident, as in a Jeffreys prior


@dataclass(frozen=True, slots=True, kw_only=True)
class Precursor:
    """One series.

    Attributes:
        name: What is counted, such as `restrictions`.
        counts: Per day, from 0, shape (days,).
        exposure: What could be seen of it per day, from 0, any one unit, shape (days,).
    """

    name: str
    counts: Floats
    exposure: Floats


def signs(series: Sequence[Precursor]) -> Floats:
    """Return what each series says after each day, shape (days, series): a log ratio of rates.

    Raises:
        BadInput: The series differ in length or hold a number below 0 or none.
    """
    days = {len(each.counts) for each in series} | {len(each.exposure) for each in series}
    if len(days) != 1:
        raise BadInput("precursors", f"have {sorted(days)} days, must all have as many")
    for each in series:
        for values in (each.counts, each.exposure):
            if not (np.isfinite(values) & (values >= 0)).all():
                raise BadInput(each.name, "holds a number below 0 or none, must be from 0")
    return np.column_stack([_ratio(each) for each in series])


def _ratio(series: Precursor) -> Floats:
    week = _rate(series, 0, WEEK_D)
    return np.asarray(np.log(week) - np.log(_rate(series, WEEK_D, MONTH_D)))


def level(series: Precursor) -> Floats:
    """Return the log rate of the last week after each day, shape (days,)."""
    return np.asarray(np.log(_rate(series, 0, WEEK_D)))


def _rate(series: Precursor, skip: int, days: int) -> Floats:
    """Return the rate over some days, the last ones left out, held to the rate of all days before.

    Half an incident at that rate is added, so that an empty week is no sure sign.
    """
    count, seen = (_trailing(each, skip, days) for each in (series.counts, series.exposure))
    counted, watched = np.cumsum(series.counts), np.cumsum(series.exposure)
    usual = watched / np.arange(1, len(watched) + 1)  # exposure of a day so far
    before = (counted + _NOTHING) / (watched + np.where(usual > 0, usual, 1.0) * _NOTHING)
    return np.asarray((count + _NOTHING) / (seen + _NOTHING / before))


def _trailing(values: Floats, skip: int, days: int) -> Floats:
    summed = np.concatenate(([0.0], np.cumsum(values)))
    last = np.maximum(np.arange(1, len(values) + 1) - skip, 0)
    return np.asarray(summed[last] - summed[np.maximum(last - days, 0)])


def begins(trouble: Truths, lead: int) -> tuple[Truths, Truths]:
    """Return whether an escalation begins within some days after each day, and if that is known.

    An escalation begins on a day in trouble after one that was not. After a day in trouble nothing
    is asked: it has begun.

    Args:
        trouble: Whether each day is in trouble, shape (days,).
        lead: Days ahead, from 1.
    """
    n = len(trouble)
    first = trouble & ~np.concatenate(([False], trouble[:-1]))
    summed = np.concatenate(([0], np.cumsum(first)))
    after = np.arange(n) + 1
    came = summed[np.minimum(after + lead, n)] - summed[after] > 0
    known = ~trouble & ((after + lead <= n) | came)
    return came, known
