"""A rate in words: never without its interval, and where nothing was seen its upper bound."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from trucewatch.report.bulletin.wording import plural

if TYPE_CHECKING:
    from trucewatch.report.watching import Rated

PER = "per 1,000 covered hours"
NONE_SEEN = "none seen"
_TENTHS, _HUNDREDTHS = 10, 100
_PLACES = {1: 0, _TENTHS: 1, _HUNDREDTHS: 2}
_WHOLE, _TEN = 100.0, 10.0  # from which on a rate has no decimal, and one
_NOISE = 6  # decimals beyond which a digit is arithmetic and no bound
_PERCENT = 100


def seen_text(rated: Rated) -> str:
    """Return how many incidents the rate counts; a zero in words."""
    return plural(rated.count, "incident") if rated.count else NONE_SEEN


def rate_text(rated: Rated) -> str:
    """Return `1.21 (0.80 to 1.90, 90 %)` per 1,000 covered hours, ends rounded outwards.

    Where nothing was seen it is `up to 3.00 (95 %)`, and words where there is no upper end.
    """
    high = rated.high_per_1000h
    if high is None:
        return _without(rated)
    if not rated.count:
        return f"up to {_figure(high, up=True)} ({_percent(rated.level_p)})"
    low, middle = rated.low_per_1000h or 0.0, rated.middle_per_1000h
    ends = f"{_figure(low, up=False)} to {_figure(high, up=True)}"
    said = f"{ends}, {_percent(rated.level_p)}"
    return said if middle is None else f"{_figure(middle, up=None)} ({said})"


def worth_text(rated: Rated) -> str:
    """Return count and rate in words that may stand in a sentence; a zero with what it hides.

    Example:
        `12 incidents seen, 1.21 (0.80 to 1.90, 90 %) per 1,000 covered hours`
    """
    high = rated.high_per_1000h
    if rated.count:
        words = f"{plural(rated.count, 'incident')} seen"
        return f"{words}, {rate_text(rated)}{'' if high is None else f' {PER}'}"
    if high is None:
        return f"{NONE_SEEN}, {_without(rated)}"
    bound = f"{_figure(high, up=True)} {PER}"
    return (
        f"{NONE_SEEN}; at the covered share a rate up to {bound} could have gone unseen "
        f"({_percent(rated.level_p)})"
    )


def _without(rated: Rated) -> str:
    """Return why there is no rate, or none that is bounded from above."""
    if rated.covered_high_h > 0:
        return "no upper bound: a class that counts could not have been seen"
    return "no rate: nothing could have been seen"


def tolerated_text(tolerated_per_1000h: float) -> str:
    """Return a declared rate as it was declared, in as few digits as it has."""
    return f"{tolerated_per_1000h:,.10g}"


def _percent(level_p: float) -> str:
    return f"{level_p * _PERCENT:.3g} %"


def _figure(rate_per_1000h: float, *, up: bool | None) -> str:
    """Return a rate in at most two decimals; `up` rounds an end outwards, None to the nearest."""
    fine = 1 if rate_per_1000h >= _WHOLE else _TENTHS if rate_per_1000h >= _TEN else _HUNDREDTHS
    scaled = _whole(round(rate_per_1000h * fine, _NOISE), up=up)
    if not scaled:
        return "under 0.01"
    return f"{scaled / fine:,.{_PLACES[fine]}f}"


def _whole(amount: float, *, up: bool | None) -> int:
    if up is None:
        return round(amount)
    return math.ceil(amount) if up else math.floor(amount)
