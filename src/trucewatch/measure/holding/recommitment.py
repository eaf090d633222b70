"""How the chance of a false answer is shared out over recommitments.

Each recommitment begins the test anew. Were each given the full alpha, twelve recommitments would
have a chance of up to 12 alpha of one false answer. So number j gets alpha / (j (j + 1)), which
sums to alpha however many follow, and no number of them has to be known beforehand. The price is
patience: the first gets half of alpha, the twelfth 1/156, and takes about twice as long.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

import numpy as np

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class Spending(enum.Enum):
    """Over what the chance of a false answer is at most alpha."""

    TOGETHER = "all recommitments together"
    EACH = "each recommitment"


def share_of(number: int, spending: Spending) -> float:
    """Return the share of alpha that recommitment `number` gets, 1 being the first.

    Raises:
        BadInput: The number is below 1.

    Example:
        >>> share_of(1, Spending.TOGETHER), share_of(3, Spending.EACH)
        (0.5, 1.0)
    """
    if number < 1:
        raise BadInput("recommitment", f"its number is {number}, must be 1 or more")
    return 1.0 if spending is Spending.EACH else 1.0 / (number * (number + 1))


def periods(begins: Sequence[int], steps: int) -> NDArray[np.int64]:
    """Return the number of the period that each step is in, (steps,), 1 being the first.

    Args:
        begins: The step that each recommitment begins with, ascending; step 0 need not be among
            them, as the agreement itself begins the first period.
        steps: How many there are.

    Raises:
        BadInput: A recommitment is out of order or out of range.
    """
    marks = np.zeros(steps, np.int64)
    before = 0
    for step in begins:
        if not before < step < steps:
            problem = f"begins with step {step}, must be above {before} and below {steps}"
            raise BadInput("recommitment", problem)
        marks[step], before = 1, step
    return np.cumsum(marks) + 1
