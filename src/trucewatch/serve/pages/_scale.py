"""Geometry of the scales of the first page: where a rate, its interval and its line stand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trucewatch.report.watching import Rated, Sector
    from trucewatch.serve.tongue import Tongue

WIDE_PX, NARROW_PX = 960, 360
_TICKS_MAX = 7
_STEPS = (1, 2, 5)
_ROOM_RATIO = 1.12
_HUNDRED, _TEN = 100.0, 10.0  # from which on a rate has no decimal, and one
_NOISE = 6  # decimals beyond which a digit is arithmetic and no bound
_LEAST = 0.01


class Tick(NamedTuple):
    """One tick: where, what it says, and which end of its text stands there."""

    x_px: float
    text: str
    anchor: str


class Scale(NamedTuple):
    """One axis from nothing up, per 1,000 covered hours.

    Attributes:
        width_px: Across.
        low_px: Where the interval begins.
        high_px: Where it ends.
        middle_px: Where the median stands; None where nothing was seen.
        line_px: Where the declared line stands; None where none was declared.
        ticks: Along the axis.
    """

    width_px: int
    low_px: float
    high_px: float
    middle_px: float | None
    line_px: float | None
    ticks: tuple[Tick, ...]


def bounded(rated: Rated) -> bool:
    """Return whether a rate has an upper end."""
    return rated.high_per_1000h is not None and math.isfinite(rated.high_per_1000h)


def top_per_1000h(ones: Sequence[Sector]) -> float:
    """Return the end of an axis that holds the rates since recommitment, and their lines."""
    ends = [one.period.high_per_1000h or 0.0 for one in ones if bounded(one.period)]
    ends += [one.tolerated_per_1000h for one in ones if one.tolerated_per_1000h is not None]
    return max([*ends, _LEAST]) * _ROOM_RATIO


def scale(one: Sector, width_px: int, top_per_1000h: float, tongue: Tongue) -> Scale | None:
    """Return the scale of a sector; None where its rate has no upper end."""
    rated = one.period
    if not bounded(rated):
        return None

    def x(value_per_1000h: float) -> float:
        return round(1 + (width_px - 2) * value_per_1000h / top_per_1000h, 1)

    step = _step(top_per_1000h)
    digits = max(0, -math.floor(math.log10(step)))
    last = math.floor(top_per_1000h / step)
    return Scale(
        width_px=width_px,
        low_px=x(rated.low_per_1000h or 0.0),
        high_px=x(rated.high_per_1000h or 0.0),
        middle_px=x(rated.middle_per_1000h) if rated.count and rated.middle_per_1000h else None,
        line_px=None if one.tolerated_per_1000h is None else x(one.tolerated_per_1000h),
        ticks=tuple(
            Tick(x(n * step), tongue.number(n * step, digits), "start" if n == 0 else "middle")
            for n in range(last + 1)
        ),
    )


def _step(top_per_1000h: float) -> float:
    """Return the least of 1, 2, 5, 10, ... that gives at most so many ticks."""
    power = 10.0 ** math.floor(math.log10(top_per_1000h / _TICKS_MAX))
    wanted = top_per_1000h / _TICKS_MAX
    return float(next(s * power for s in (*_STEPS, 10) if s * power >= wanted))


def rate_figure(rate_per_1000h: float, tongue: Tongue, *, up: bool | None = None) -> str:
    """Return a rate in at most two decimals; `up` rounds an end outwards, None to the nearest."""
    digits = 0 if rate_per_1000h >= _HUNDRED else 1 if rate_per_1000h >= _TEN else 2
    scaled = round(rate_per_1000h * 10**digits, _NOISE)
    whole = round(scaled) if up is None else math.ceil(scaled) if up else math.floor(scaled)
    if not whole:  # an end is never below it; a middle may be above
        least = tongue.number(10**-digits, digits)
        return f"<{least}" if up is None and rate_per_1000h > 0 else "0"
    return tongue.number(whole / 10**digits, digits)
