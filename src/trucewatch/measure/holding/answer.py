"""Is it holding? One of three answers after every step, against a tolerance declared beforehand.

Not holding, when the evidence against every rate up to the tolerated one reaches 1 / alpha: said of
a truce that holds with chance at most alpha, ever. It stays said until the next recommitment.
Holding, when the upper bound on the rate is below the tolerated one: said of a truce that fails
throughout with chance at most alpha, ever. It is taken back when the evidence for it goes.
Cannot tell, otherwise; and whenever too little of the period was covered, whatever the evidence.
"""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trucewatch.errors import BadInput
from trucewatch.measure.holding import evidence
from trucewatch.measure.holding.recommitment import Spending, periods, share_of
from trucewatch.measure.holding.sequence import sequence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Whole = NDArray[np.int64]


class Answer(enum.Enum):
    """What can be said."""

    HOLDING = "holding"
    NOT_HOLDING = "not holding"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """What was declared before the period began; changed afterwards, nothing here is valid.

    Attributes:
        rate_per_h: Tolerated, per hour of exposure; or harm per hour, see `severity`.
        coverage_min_share: Of the possible exposure; below it the answer is "cannot tell".
        alpha_p: Chance of a false answer, of each of the two kinds.
        spending: Over what that chance holds.
    """

    rate_per_h: float
    coverage_min_share: float
    alpha_p: float = 0.05
    spending: Spending = Spending.TOGETHER

    def __post_init__(self) -> None:
        """Refuse a tolerance that is none.

        Raises:
            BadInput: A value is out of range.
        """
        if not (self.rate_per_h > 0 and math.isfinite(self.rate_per_h)):
            raise BadInput("tolerance", f"rate is {self.rate_per_h}, must be positive")
        if not 0 <= self.coverage_min_share <= 1:
            problem = f"least coverage is {self.coverage_min_share}, must be 0 to 1"
            raise BadInput("tolerance", problem)
        if not 0 < self.alpha_p < 1:
            raise BadInput("tolerance", f"alpha is {self.alpha_p}, must be between 0 and 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What was seen in each step, such as a day, and how much of it could have been seen.

    Attributes:
        count: Seen, (n,): whole incidents or episodes; or harm, see `severity`.
        low_h: Lower end of the exposure, (n,) hours times chance of detection; at least 0.
        high_h: Upper end. Both must be known before the step's count is, see `evidence`.
        possible_h: Exposure if everything declared had been watched perfectly, (n,).
    """

    count: Floats
    low_h: Floats
    high_h: Floats
    possible_h: Floats

    def __post_init__(self) -> None:
        """Refuse columns that do not fit together.

        Raises:
            BadInput: Lengths differ, a value is out of range, or something was seen unwatched.
        """
        columns = {
            "counts": self.count,
            "low exposure": self.low_h,
            "high exposure": self.high_h,
            "possible exposure": self.possible_h,
        }
        for name, column in columns.items():
            if column.shape != self.count.shape or column.ndim != 1:
                problem = f"has shape {column.shape}, must be that of counts, {self.count.shape}"
                raise BadInput(name, problem)
            if not (np.isfinite(column) & (column >= 0)).all():
                raise BadInput(name, "has a value that is no number or below 0")
        _refuse(self.low_h > self.high_h, "low exposure is above high exposure")
        _refuse(self.high_h > self.possible_h, "high exposure is above the possible one")
        _refuse((self.count > 0) & (self.high_h == 0), "something was seen without exposure")


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What could be said after each step, (n,).

    Attributes:
        answer: Of `Answer`.
        period: Number of the recommitment, 1 being the agreement itself.
        count: Since the period began.
        above: Log evidence against every rate up to the tolerated one.
        below: Log evidence against every rate from the tolerated one up.
        needed: Log evidence that speaks; grows with the number of the period.
        low_per_h: Lower bound on the rate, valid at all times at once.
        high_per_h: Upper bound.
        coverage_share: Of what was possible since the period began.
    """

    answer: tuple[Answer, ...]
    period: Whole
    count: Floats
    above: Floats
    below: Floats
    needed: Floats
    low_per_h: Floats
    high_per_h: Floats
    coverage_share: Floats


def course(watched: Watched, tolerance: Tolerance, begins: Sequence[int] = ()) -> Course:
    """Return the answer after each step.

    Args:
        watched: By step, since the agreement came into force.
        tolerance: Declared before.
        begins: The step that each recommitment begins with, ascending.
    """
    period = periods(begins, len(watched.count))
    parts = [
        _one(watched, period == number, tolerance, number) for number in range(1, 2 + len(begins))
    ]
    joined = [np.concatenate(columns) for columns in zip(*parts, strict=True)]
    count, above, below, needed, low, high, share = joined
    failed = _since_first(above >= needed, period)
    return Course(
        answer=told(failed, below >= needed, share >= tolerance.coverage_min_share),
        period=period,
        count=count,
        above=above,
        below=below,
        needed=needed,
        low_per_h=low,
        high_per_h=high,
        coverage_share=share,
    )


def told(failed: Flags, held: Flags, covered: Flags) -> tuple[Answer, ...]:
    """Return an answer for each row: of evidence above, evidence below and enough coverage."""
    words = np.select([~covered, failed, held], [0, 1, 2], 0)
    spoken = (Answer.CANNOT_TELL, Answer.NOT_HOLDING, Answer.HOLDING)
    return tuple(spoken[word] for word in words.tolist())


def _refuse(wrong: Flags, problem: str) -> None:
    if wrong.any():
        where = f"step {int(np.argmax(wrong))}"
        raise BadInput(where, problem)


def _one(watched: Watched, here: Flags, tolerance: Tolerance, number: int) -> tuple[Floats, ...]:
    """Return the columns of one period."""
    count, low_h, high_h, possible_h = (
        np.cumsum(column[here])
        for column in (watched.count, watched.low_h, watched.high_h, watched.possible_h)
    )
    alpha_p = tolerance.alpha_p * share_of(number, tolerance.spending)
    bounds = sequence(count, low_h, high_h, alpha_p=alpha_p)
    return (
        count,
        evidence.above(count, tolerance.rate_per_h * high_h),
        evidence.below(count, tolerance.rate_per_h * low_h),
        np.full(len(count), -math.log(alpha_p)),
        bounds.low_per_h,
        bounds.high_per_h,
        np.divide(low_h, possible_h, out=np.zeros(len(low_h)), where=possible_h > 0),
    )


def _since_first(flags: Flags, period: Whole) -> Flags:
    """Return flags that stay up from the first in each period on."""
    total = np.cumsum(flags)
    before = np.concatenate([[0], total])[np.searchsorted(period, period)]
    return np.asarray(total > before)
