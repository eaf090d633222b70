"""How many were missed, from two lists that were made apart: capture and recapture.

Of n1 on the first list and n2 on the second, m are on both. Then about n1 n2 / m happened, were the
lists independent and every incident equally likely on each. Neither is ever quite so, see
`ASSUMPTIONS`, which are printed with every estimate; three lists and more can say something about
it, see `lists`.

If the lists are dependent, the estimate is wrong by the factor `bias_ratio` says, and more data do
not mend it. What helps one source to see helps the other: then too few are estimated.

Source: Chapman 1951 (estimate), Seber 1970 (variance), Sadinle 2009 (interval by transformed
logits, the best of seven in that comparison for small counts).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.stats import norm

from trucewatch.errors import BadInput

ASSUMPTIONS = (
    "Nothing began or ended between the lists: both speak of the same place and time.",
    "Every incident that is on both lists was recognised as one, and no two were taken for one.",
    "Being on one list makes an incident neither likelier nor less likely to be on the other.",
    "All incidents are equally likely to be on a list, the small and the remote as the others.",
    "If what is easy for one source is easy for the other, the estimate is too low.",
)
"""What an estimate from two lists takes for granted."""

_SMOOTH = 0.5  # of Sadinle's transformed logits


@dataclass(frozen=True, slots=True, kw_only=True)
class Recaptured:
    """How many happened.

    Attributes:
        value_mean: Estimated number.
        low_mean: Lower end; never under the number that was seen.
        high_mean: Upper end.
        level_p: Of the interval.
        seen: On either list.
        assumptions: What it takes for granted; to be printed with it.
    """

    value_mean: float
    low_mean: float
    high_mean: float
    level_p: float
    seen: int
    assumptions: tuple[str, ...] = ASSUMPTIONS


def recaptured(first: int, second: int, both: int, *, level_p: float = 0.9) -> Recaptured:
    """Return how many happened, from two lists.

    Args:
        first: Number on the first list.
        second: Number on the second.
        both: Number on both.
        level_p: Of the interval.

    Raises:
        BadInput: The numbers contradict each other.

    Example:
        >>> round(recaptured(60, 50, 30).value_mean, 1)
        99.4
    """
    if not 0 <= both <= min(first, second):
        problem = f"{both} are on both lists, must be 0 to {min(first, second)}"
        raise BadInput("recapture", problem)
    one, two = first - both, second - both
    seen = one + two + both
    missed = one * two / (both + 1)  # Chapman's estimate, less what was seen
    half = _SMOOTH
    spread = math.sqrt(
        1 / (both + half)
        + 1 / (one + half)
        + 1 / (two + half)
        + (both + half) / ((one + half) * (two + half))
    )
    wide = math.exp(float(norm.ppf((1 + level_p) / 2)) * spread)
    centre = (one + half) * (two + half) / (both + half)
    return Recaptured(
        value_mean=seen + missed,
        low_mean=max(float(seen), seen - half + centre / wide),
        high_mean=seen - half + centre * wide,
        level_p=level_p,
        seen=seen,
    )


def bias_ratio(first_p: float, second_p: float, both_p: float) -> float:
    """Return what the estimate tends to, over the truth, when many happen.

    Args:
        first_p: Share of all incidents on the first list.
        second_p: On the second.
        both_p: On both; the product of the two if they are independent.
    """
    return first_p * second_p / both_p
