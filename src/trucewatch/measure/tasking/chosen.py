"""Which looks to choose under a budget: greedy, with the share of the best that it surely reaches.

Greedy by gain per cost alone may be arbitrarily bad, so it is run after each set of up to three
first choices while candidates are few (Sviridenko 2004: at least 1 - 1/e of the best), and for
many it is compared at each step with filling up by the one best look (Yaroslavtsev, Zhou and
Avdiukhin 2020, Greedy+Max: at least 1/2). Gains are looked at lazily (Minoux 1978). How near the
best a given choice is can be bounded after the fact, and is printed.

Exclusive looks weaken these promises; the bound after the fact holds with them too.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trucewatch.measure.tasking.looks import Chances

SEEDED_MAX = 40
"""Most candidates for which every first three are tried: 9,880 runs of greedy, a few seconds."""

_SEEDS = 3
_BOUNDS = 20  # first parts of a choice at which the bound is worked out
_ROUNDING = 1e-12  # a gain below this share of all weights is none


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Looks that were chosen.

    Attributes:
        looks: Numbers of the looks, in the order in which they were chosen.
        gains: What each added to those before it.
        worth_nats: Uncertainty settled in expectation.
        bound_nats: No set within the budget is worth more.
        share: Least share of the best possible: `worth_nats` over `bound_nats`, 1 when nothing is.
    """

    looks: tuple[int, ...]
    gains: tuple[float, ...]
    worth_nats: float
    bound_nats: float

    @property
    def share(self) -> float:
        """Least share of the best possible."""
        return min(1.0, self.worth_nats / self.bound_nats) if self.bound_nats > 0 else 1.0


def choose(seen: Chances, *, budget: float) -> Choice:
    """Return the looks to choose.

    Args:
        seen: Which look sees what.
        budget: What they may cost together, in the unit of their costs.

    Raises:
        BadInput: The budget is below 0 or no number.
    """
    if not (np.isfinite(budget) and budget >= 0):
        raise BadInput("budget", f"is {budget}, must be a number from 0")
    able = np.flatnonzero(seen.costs <= budget)
    best = _greedy(seen, able, budget, ())
    if len(able) <= SEEDED_MAX:
        for first in _firsts(seen, able, budget):
            best = max(best, _greedy(seen, able, budget, first), key=_worth)
    worth, looks = best
    missed_p, gains = np.ones(len(seen.weights)), []
    for look in looks:
        gains.append(seen.gain(look, missed_p))
        seen.add(look, missed_p)
    return Choice(
        looks=looks,
        gains=tuple(gains),
        worth_nats=worth,
        bound_nats=_bound(seen, able, budget, looks),
    )


def _firsts(seen: Chances, able: NDArray[np.int64], budget: float) -> list[tuple[int, ...]]:
    """Return every set of up to three looks that fits the budget."""
    return [
        first
        for size in range(1, _SEEDS + 1)
        for first in combinations(able.tolist(), size)
        if _fits(seen, first, budget)
    ]


def _fits(seen: Chances, looks: Sequence[int], budget: float) -> bool:
    groups = [int(seen.exclusive[look]) for look in looks if seen.exclusive[look] >= 0]
    cost = float(seen.costs[list(looks)].sum())
    return cost <= budget and len(groups) == len(set(groups))


def _greedy(
    seen: Chances, able: NDArray[np.int64], budget: float, first: tuple[int, ...]
) -> tuple[float, tuple[int, ...]]:
    """Return the worth and the looks of greedy after a first choice, filled up by one at best."""
    missed_p = np.ones(len(seen.weights))
    worth, spent, taken = 0.0, 0.0, list(first)
    left = np.zeros(len(seen.costs), bool)
    left[able] = True
    for look in first:
        worth, spent = worth + seen.gain(look, missed_p), spent + float(seen.costs[look])
        seen.add(look, missed_p)
        _leave_out(seen, look, left)
    best = (worth, tuple(taken))
    least = _ROUNDING * float(seen.weights.sum())
    most = seen.gains(missed_p)  # gains only fall, so an old one bounds the new one
    while True:
        fits = left & (seen.costs <= budget - spent)
        top = _largest(seen, most, missed_p, fits, np.ones_like(seen.costs))
        if top < 0 or most[top] <= least:
            return best
        best = max(best, (worth + float(most[top]), (*taken, top)), key=_worth)
        look = _largest(seen, most, missed_p, fits, seen.costs)
        worth, spent = worth + float(most[look]), spent + float(seen.costs[look])
        seen.add(look, missed_p)
        taken.append(look)
        _leave_out(seen, look, left)
        best = max(best, (worth, tuple(taken)), key=_worth)


def _largest(
    seen: Chances,
    most: NDArray[np.float64],
    missed_p: NDArray[np.float64],
    fits: NDArray[np.bool_],
    costs: NDArray[np.float64],
) -> int:
    """Return the look of the greatest gain per cost that fits, or -1; brings `most` up to date."""
    rates = np.where(fits, most / costs, -1.0)
    while True:
        top = int(np.argmax(rates))
        if rates[top] < 0:
            return -1
        most[top] = seen.gain(top, missed_p)
        old, rates[top] = rates[top], most[top] / costs[top]
        if rates[top] >= old or top == int(np.argmax(rates)):
            return top


def _worth(found: tuple[float, tuple[int, ...]]) -> float:
    return found[0]


def _leave_out(seen: Chances, look: int, left: NDArray[np.bool_]) -> None:
    """Take a look, and those that it excludes, out of what is left, in place."""
    left[look] = False
    if seen.exclusive[look] >= 0:
        left[seen.exclusive == seen.exclusive[look]] = False


def _bound(seen: Chances, able: NDArray[np.int64], budget: float, chosen: tuple[int, ...]) -> float:
    """Return what no set within the budget is worth more than.

    The best set adds to any other at most the sum of what its looks would add each, and that is at
    most the budget filled by gains per cost, the last look in part. So it holds for every first
    part of what was chosen, and the least of some of them is taken.
    """
    missed_p, worth, least = np.ones(len(seen.weights)), 0.0, float(seen.weights.sum())
    parts = {round(k * len(chosen) / _BOUNDS) for k in range(_BOUNDS + 1)}
    for place in range(len(chosen) + 1):
        if place in parts:
            gains = seen.gains(missed_p)[able]
            least = min(least, worth + _filled(gains, seen.costs[able], budget))
        if place < len(chosen):
            worth += seen.gain(chosen[place], missed_p)
            seen.add(chosen[place], missed_p)
    return least


def _filled(gains: NDArray[np.float64], costs: NDArray[np.float64], budget: float) -> float:
    """Return the most that gains can sum to within a budget, the last one taken in part."""
    order = np.argsort(-gains / costs, kind="stable")
    spent = np.cumsum(costs[order])
    whole = int(np.searchsorted(spent, budget, side="right"))
    total = float(gains[order[:whole]].sum())
    if whole < len(order):
        before = float(spent[whole - 1]) if whole else 0.0
        total += float(gains[order[whole]] / costs[order[whole]]) * (budget - before)
    return total
