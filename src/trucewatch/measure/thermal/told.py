"""What the fires of a day say, cell by cell: above the background, not above it, or cannot tell.

A cell-day is *above* when so many fires have a chance of `LEVEL_P` at most in an ordinary year, and
*not above* when it could be observed and is not. It *cannot be told* where it could not be
observed, so that no fire seen is never taken for none; where much burns in an ordinary season or at
a static source, for no alarm rests on those alone; and where the background knows nothing.

What is above the background is unusual. It is no incident, and nobody set it by being so.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trucewatch.errors import BadInput
from trucewatch.measure.thermal.detect import CLOUD_SHARES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Words = NDArray[np.object_]

LEVEL_P = 1e-3
"""Declared before; at this level shares in peace years are right in every season, see
`tw evaluate fires`. One in a thousand ordinary cell-days is above by chance."""
DETECTED_P = (0.11, 0.0, 0.0)
"""P(an incident is seen as a fire on its day) under clear, broken and overcast sky, the classes of
`detect.CLOUD_SHARES`. Source: incidents of the first half of 2022, `tw evaluate fires`; upper 95 %
ends .13, .016 and .009."""
OBSERVED_P = 0.05
"""P(detect) below which a cell-day is not observable; between clear sky and the others' ends."""


class Answer(StrEnum):
    """What can be said of a cell-day."""

    ABOVE = "above the background"
    NOT_ABOVE = "not above the background"
    CANNOT_TELL = "cannot tell"


class Why(StrEnum):
    """Why it cannot be told."""

    TOLD = ""
    CLOUD = "no observation possible: cloud"
    CLOUD_UNKNOWN = "nobody says how cloudy it was"
    NOT_RECORDED = "nothing was received of that day"
    BUSY = "much burns there in an ordinary season"
    STATIC = "a static source"
    UNKNOWN = "the background knows nothing of it"


class Sky(NamedTuple):
    """What could be observed of one day.

    Attributes:
        cloud_share: Of each cell, not a number where nobody says, (rows, columns).
        recorded: Whether anything was received of the day.
    """

    cloud_share: Floats
    recorded: bool


class Fires(NamedTuple):
    """One day against the background, (rows, columns) each.

    Attributes:
        pixels: Fire pixels counted.
        expected: Expected; not a number where nothing is known.
        tail_p: Chance of at least as many.
        static: Whether a cell is a static source.
        carries: Whether an alarm may rest on a cell-day alone, as in `background.Judged`.
    """

    pixels: Floats
    expected: Floats
    tail_p: Floats
    static: Flags
    carries: Flags


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Told:
    """The answers of a day.

    Attributes:
        answer: `Answer` of each cell, (rows, columns).
        why: `Why` of each cell.
        observable: Cells of which it could be told.
        by_chance_mean: How many cells would be above on an ordinary day: those on which an alarm
            may rest, observable or not, times the level; cloud makes it fewer.
    """

    answer: Words
    why: Words
    observable: int
    by_chance_mean: float

    def number(self, answer: Answer) -> int:
        """Return how many cells have an answer."""
        return int((self.answer == answer).sum())

    def reasons(self) -> dict[str, int]:
        """Return how many cells cannot be told for which reason, most first."""
        names, numbers = np.unique(
            [str(why) for why in self.why[self.answer == Answer.CANNOT_TELL]], return_counts=True
        )
        found = sorted(
            zip(numbers.tolist(), names.tolist(), strict=True), key=lambda x: (-x[0], x[1])
        )
        return {name: number for number, name in found}


def detected_p(cloud_share: Floats) -> Floats:
    """Return P(an incident is seen as a fire) by the cloud of the day, same shape; NaN as given."""
    of = np.digitize(cloud_share, CLOUD_SHARES)
    return np.where(np.isfinite(cloud_share), np.array(DETECTED_P)[of], np.nan)


def told(fires: Fires, sky: Sky, judged: Flags) -> Told:
    """Return the answer of each cell; those that are not judged, such as sea, have "" for both.

    A fire that is seen through cloud counts as above the background where it is; what cannot be
    told is that nothing more burned.

    Args:
        fires: The day against the background.
        sky: What could be observed of it.
        judged: Cells to answer for, (rows, columns).

    Raises:
        BadInput: The arrays differ in shape, or a cloud share is none.
    """
    shapes = {each.shape for each in (*fires, sky.cloud_share, judged)}
    if len(shapes) != 1:
        raise BadInput("fires", f"have {len(shapes)} shapes, expected one grid")
    known = sky.cloud_share[np.isfinite(sky.cloud_share)]
    if ((known < 0) | (known > 1)).any():
        raise BadInput("cloud", "a share is outside 0 to 1, expected shares of the sky")
    why = _why(fires, sky)
    answer = np.full(judged.shape, str(Answer.CANNOT_TELL), object)
    able = why == Why.TOLD
    answer[able] = Answer.NOT_ABOVE
    above = fires.carries & (fires.pixels > 0) & (fires.tail_p <= LEVEL_P)
    if sky.recorded:
        answer[above], why[above] = Answer.ABOVE, Why.TOLD
    answer[~judged], why[~judged] = "", ""
    observable = int((judged & able).sum())
    return Told(answer=answer, why=why, observable=observable, by_chance_mean=observable * LEVEL_P)


def _why(fires: Fires, sky: Sky) -> Words:
    """Return why each cell cannot be told; the first reason that holds."""
    chance_p = detected_p(sky.cloud_share)
    why = np.full(fires.pixels.shape, str(Why.TOLD), object)
    dark = np.isnan(chance_p)
    for holds, reason in (  # the last one that holds is kept
        (dark & (fires.pixels == 0), Why.CLOUD_UNKNOWN),
        (chance_p < OBSERVED_P, Why.CLOUD),
        (~fires.carries, Why.BUSY),
        (fires.static, Why.STATIC),
        (~np.isfinite(fires.expected), Why.UNKNOWN),
        (np.full(dark.shape, not sky.recorded), Why.NOT_RECORDED),
    ):
        why[holds] = reason
    return why
