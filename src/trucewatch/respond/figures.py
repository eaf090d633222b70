"""How long a response took, from the determination on: median and 90th percentile, in hours.

What was not done by now is longer than anything that was: it is not left out, which would make the
slowest responses look fast. So a percentile that it falls into has no number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """How long one step took.

    Attributes:
        step: Its name.
        of: How many were to do it.
        done: How many did.
        median_h: Hours after which half of all had; None when fewer have.
        ninth_h: Hours after which nine in ten had; None when fewer have.
    """

    step: str
    of: int
    done: int
    median_h: float | None
    ninth_h: float | None


def hours(step: str, took_h: Sequence[float | None]) -> Hours:
    """Return the figures of one step.

    Args:
        step: Its name.
        took_h: Of each who was to do it, hours from the determination; None for not yet.
    """
    done = [each for each in took_h if each is not None]
    return Hours(
        step=step,
        of=len(took_h),
        done=len(done),
        median_h=_after(done, len(took_h), 0.5),
        ninth_h=_after(done, len(took_h), 0.9),
    )


def _after(done_h: Sequence[float], number: int, share_p: float) -> float | None:
    """Return the nearest-rank percentile of a number of times, of which some are not over."""
    rank = math.ceil(share_p * number)
    return sorted(done_h)[rank - 1] if 0 < rank <= len(done_h) else None
