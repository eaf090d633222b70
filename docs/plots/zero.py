"""The plots of `explanation/zero-is-not-zero.md`: what counts hide, and what coverage gives back.

One made-up month (`docs.plots.month`) at one true rate; rates, bounds and answers are those that a
mission would compute, by `measure.rates` and `measure.holding`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from docs.plots.drawing import (
    ACT,
    ACT_SOFT,
    DASHED,
    INK,
    LINE,
    QUIET,
    SIGNAL,
    SIGNAL_SOFT,
    VEILED,
    at,
    bar,
    line,
    page,
    text,
)
from docs.plots.month import CLOUDY, DAY_H, DAYS, DENIED, JAMMED, SPELLS, Month, month
from trucewatch.measure.holding.answer import Answer, Tolerance, Watched, course
from trucewatch.measure.rates.exposure import Exposure
from trucewatch.measure.rates.poisson import quantile
from trucewatch.measure.rates.zero import bound_of_zero

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SEED = 1
RATE_PER_DAY = 8.0
CALM_PER_DAY = 3.0
TOLERATED_PER_DAY = 6.0
COVERAGE_MIN_SHARE = 0.3
LEFT, RIGHT = 56.0, 700.0
_DAY_PX = (RIGHT - LEFT) / DAYS
_GAP_PX = 3.0
_LETTER_PX = 7.4  # of a word of 13 px, generously


NAMES = ("zero-counts", "zero-rates", "zero-bounds", "zero-answers")
"""Of the plots: names of their files without endings, and of the parts of the page."""


class Plot(NamedTuple):
    """A plot: its bytes, what it shows in words, and the sentences beneath it."""

    svg: str
    alt: str
    caption: str


@cache
def told() -> Month:
    """Return the month that the page tells of."""
    return month(RATE_PER_DAY, seed=SEED)


@cache
def plots() -> dict[str, Plot]:
    """Return every plot by the name of its file, without its ending."""
    drawn = (_counts(told()), _rates(told()), _bounds(told()), _answers())
    return dict(zip(NAMES, drawn, strict=True))


def markdown(name: str) -> str:
    """Return what stands on the page: the picture with its words, and its caption."""
    plot = plots()[name]
    return f"![{plot.alt}](../images/{name}.svg)\n\n{plot.caption}\n"


def _day_px(day: float) -> float:
    return LEFT + day * _DAY_PX


def _days(y_px: float) -> list[str]:
    """Return the figures under a row of days."""
    shown = (1, 5, 10, 15, 20, 25, 30)
    marks = [text(_day_px(day - 0.5), y_px, str(day), "m") for day in shown]
    return [*marks, text(LEFT - 8, y_px, "day", "e")]


def _edges(top_px: float, low_px: float) -> list[str]:
    """Return the lines where what took coverage begins and ends."""
    edges = [_day_px(edge) for days, _ in SPELLS for edge in (days[0], days[-1] + 1)]
    return [line((x, top_px), (x, low_px), LINE) for x in edges]


def _spells(y_px: float, low_px: float) -> list[str]:
    """Return the names of what took coverage over a row of days, each with its span."""
    parts = _edges(y_px + 6, low_px)
    for days, words in SPELLS:
        start, end = _day_px(days[0]), _day_px(days[-1] + 1)
        parts.append(line((start, y_px + 6), (end, y_px + 6), QUIET, ' stroke-width="2"'))
        parts.append(text((start + end) / 2, y_px, words, "m"))
    return parts


def _scale(values: Sequence[float], y_px: dict[float, float], unit: str = "") -> list[str]:
    """Return the lines of a scale with their figures."""
    parts = []
    for value in values:
        parts.append(line((LEFT, y_px[value]), (RIGHT, y_px[value]), LINE))
        parts.append(text(LEFT - 8, y_px[value] + 4, f"{value:,.0f}{unit}", "e"))
    return parts


def _counts(of: Month) -> Plot:
    top, low, most = 70.0, 270.0, 20

    def y(value: float) -> float:
        return low - (low - top) * value / most

    wide = _DAY_PX - _GAP_PX
    parts = [text(LEFT, 20, "Seen on each day, and what really happened", "k")]
    parts += _spells(48, low)
    parts += _scale((0, 5, 10, 15, 20), {v: y(v) for v in (0, 5, 10, 15, 20)})
    for day in range(DAYS):
        x = _day_px(day) + _GAP_PX / 2
        happened, seen = int(of.happened[day]), int(of.seen[day])
        parts.append(bar((x, y(happened)), (wide, low - y(happened)), VEILED))
        parts.append(bar((x, y(seen)), (wide, low - y(seen)), f'fill="{INK}"'))
    parts.append(line((LEFT, y(RATE_PER_DAY)), (RIGHT, y(RATE_PER_DAY)), ACT, DASHED))
    parts += _days(low + 18)
    zero = int(np.flatnonzero(of.seen == 0)[0])
    parts.append(bar((LEFT, low + 34), (12, 12), f'fill="{INK}"'))
    parts.append(text(LEFT + 18, low + 45, "seen"))
    parts.append(bar((LEFT + 70, low + 34), (12, 12), VEILED))
    parts.append(text(LEFT + 88, low + 45, "happened and not seen"))
    parts.append(line((LEFT + 250, low + 40), (LEFT + 280, low + 40), ACT, DASHED))
    parts.append(text(LEFT + 286, low + 45, f"true rate, {RATE_PER_DAY:.0f} a day all month", "a"))
    mean = {name: _mean(of.seen, days) for name, days in _spans().items()}
    alt = (
        f"Bars for thirty days; what happens keeps to about {RATE_PER_DAY:.0f} a day all month; "
        f"what is seen falls from {mean['ordinary']:.1f} a day to {mean['denied']:.1f} while "
        f"access is denied, and to {mean['cloudy']:.1f} under cloud."
    )
    caption = (
        f"In this month {of.happened.sum()} incidents happened and {of.seen.sum()} were seen.\n"
        f"On ordinary days {mean['ordinary']:.1f} a day were seen, and {mean['denied']:.1f} a day "
        "while access was denied.\n"
        f"On day {zero + 1} nothing was seen, and {of.happened[zero]} had happened."
    )
    return Plot(page(330, alt, parts), alt, caption)


def _spans() -> dict[str, list[int]]:
    spells = {*DENIED, *JAMMED, *CLOUDY}
    return {
        "ordinary": [day for day in range(DAYS) if day not in spells],
        "denied": list(DENIED),
        "jammed": list(JAMMED),
        "cloudy": list(CLOUDY),
    }


def _mean(values: Floats | NDArray[np.int64], days: list[int]) -> float:
    return float(np.mean(values[days]))


def ends(of: Month) -> tuple[Floats, Floats, Floats]:
    """Return low end, middle and high end of each day's rate, per 1,000 covered hours, (30,).

    They hold 90 %; where nothing was seen there is no middle, and the high end is the bound of 95 %
    alone.
    """
    given = Exposure(of.covered_h, np.zeros(DAYS), of.covered_h)
    low, middle, high = (1_000.0 * quantile(of.seen, given, chance_p=p) for p in (0.05, 0.5, 0.95))
    for day in np.flatnonzero(of.seen == 0):
        low[day], middle[day] = 0.0, np.nan
        high[day] = 1_000.0 * _bound_per_day(float(of.covered_h[day])) / DAY_H
    return low, middle, high


def _rates(of: Month) -> Plot:
    low, middle, high = ends(of)
    truth = 1_000.0 * RATE_PER_DAY / DAY_H
    parts = [*_shares(of), *_intervals((low, middle, high), truth), *_days(398.0)]
    parts.append(line((LEFT, 420), (LEFT + 30, 420), ACT, DASHED))
    parts.append(text(LEFT + 36, 425, f"true rate, {truth:.0f} per 1,000 hours", "a"))
    parts.append(bar((LEFT + 266, 413), (12, 12), VEILED))
    parts.append(text(LEFT + 284, 424, "not covered"))
    parts.append(f'<circle cx="{at(LEFT + 402)}" cy="420" r="4" {_OPEN}/>')
    parts.append(text(LEFT + 412, 424, "nothing seen: upper bound alone"))
    held = int(np.sum((low <= truth) & (truth <= high)))
    wide, spans = high - low, _spans()
    alt = (
        "Above, the covered share of each day: it falls where access is denied, and less where a "
        "link is jammed or cloud hides the ground; below, each day's rate with its interval: the "
        "intervals grow where coverage falls, and most of them hold the true rate."
    )
    caption = (
        f"{held} of {DAYS} intervals hold the true rate; of 90 % intervals one expects 27.\n"
        f"While access was denied, {_share(of, 'denied')} was covered in place of "
        f"{_share(of, 'ordinary')}.\n"
        f"The intervals of those days are {_mean(wide, spans['denied']):,.0f} wide on average, in "
        f"place of {_mean(wide, spans['ordinary']):,.0f}."
    )
    return Plot(page(436, alt, parts), alt, caption)


def _shares(of: Month) -> list[str]:
    """Return the upper row: what was covered of each day."""
    high, low = 60.0, 130.0
    parts = [text(LEFT, 20, "Covered share of each day", "k"), *_spells(48, low)]
    parts += _scale((0, 50, 100), {0: low, 50: (high + low) / 2, 100: high}, " %")
    wide = _DAY_PX - _GAP_PX
    for day, hours in enumerate(of.covered_h.tolist()):
        x, seen = _day_px(day) + _GAP_PX / 2, (low - high) * hours / DAY_H
        parts.append(bar((x, high), (wide, low - high - seen), VEILED))
        parts.append(bar((x, low - seen), (wide, seen), f'fill="{QUIET}"'))
    return parts


def _intervals(of: tuple[Floats, Floats, Floats], truth: float) -> list[str]:
    """Return the lower row: the interval of each day."""
    high, low, most = 180.0, 380.0, 2_000

    def y(value: float) -> float:
        return low - (low - high) * value / most

    parts = [text(LEFT, 162, "Rate per 1,000 covered hours, with its 90 % interval", "k")]
    parts += _edges(high, low)
    marks = range(0, most + 1, 500)
    parts += _scale(marks, {value: y(value) for value in marks})
    parts.append(line((LEFT, y(truth)), (RIGHT, y(truth)), ACT, DASHED))
    for day, (under, middle, over) in enumerate(zip(*of, strict=True)):
        x = _day_px(day + 0.5)
        parts.append(line((x, y(over)), (x, y(under)), INK, ' stroke-width="2"'))
        here, look = (y(over), _OPEN) if np.isnan(middle) else (y(middle), f'fill="{INK}"')
        parts.append(f'<circle cx="{at(x)}" cy="{at(here)}" r="4" {look}/>')
    return parts


_OPEN = f'fill="#ffffff" stroke="{INK}" stroke-width="2"'  # nothing was seen


def _share(of: Month, span: str) -> str:
    return f"{_mean(of.covered_h, _spans()[span]) / DAY_H * 100:.0f} %"


def _bound_per_day(covered_h: float) -> float:
    """Return the rate above which seeing nothing is unlikely (5 %), in incidents a day."""
    bound = bound_of_zero(Exposure(covered_h, 0.0, covered_h))
    if bound is None:  # pragma: no cover - the month has no day without exposure
        return float("inf")
    return DAY_H * bound


def _bounds(of: Month) -> Plot:
    low, most = 300.0, 36.0

    def x(hours: float) -> float:
        return LEFT + (RIGHT - LEFT) * hours / DAY_H

    def y(per_day: float) -> float:
        return low - 240.0 * per_day / most

    parts = [text(LEFT, 20, "Nothing was seen: so many a day could still have happened", "k")]
    parts += _scale((0, 12, 24, 36), {v: y(v) for v in (0, 12, 24, 36)})
    hours = np.linspace(2.0, DAY_H, 89)
    curve = [(x(h), y(_bound_per_day(float(h)))) for h in hours]
    edge = "L".join(f"{at(a)} {at(b)}" for a, b in curve)
    under = f"M{at(x(0))} {at(low)}V{at(y(most))}L{edge}V{at(low)}Z"
    parts.append(f'<path d="{under}" {VEILED}/>')
    parts.append(f'<path d="M{edge}" fill="none" stroke="{INK}" stroke-width="2"/>')
    found = {}
    for span, words in (
        ("denied", "access denied"),
        ("cloudy", "cloud"),
        ("ordinary", "ordinary day"),
    ):
        at_h = _mean(of.covered_h, _spans()[span])
        found[span] = at_h, _bound_per_day(at_h)
        place = x(at_h), y(found[span][1])
        parts.append(f'<circle cx="{at(place[0])}" cy="{at(place[1])}" r="5" fill="{ACT}"/>')
        said = f"{words}: {at_h:.1f} h covered, up to {found[span][1]:.1f} a day"
        rise = 26.0 if span == "cloudy" else 10.0
        parts.append(line(place, (place[0] + 8, place[1] - rise), ACT))
        edge_px, kind = (RIGHT, "a e") if span == "ordinary" else (place[0] + 10, "a")
        parts.append(text(edge_px, place[1] - rise, said, kind))
    parts += [text(x(h), low + 18, str(h), "m") for h in range(0, DAY_H + 1, 4)]
    parts.append(text((LEFT + RIGHT) / 2, low + 38, "covered hours of the day", "m"))
    (few_h, many), (full_h, few) = found["denied"], found["ordinary"]
    alt = (
        f"A falling curve: with {few_h:.1f} covered hours, seeing nothing leaves room for up to "
        f"{many:.1f} incidents a day; with {full_h:.1f} covered hours, for up to {few:.1f}."
    )
    caption = (
        f"A day of zero on an ordinary day ({full_h:.1f} covered hours) speaks against more than "
        f"{few:.1f} a day.\n"
        f"A day of zero while access is denied ({few_h:.1f} covered hours) speaks only against "
        f"more than {many:.1f} a day.\n"
        "Even a day that is watched perfectly leaves room for 3.0."
    )
    return Plot(page(352, alt, parts), alt, caption)


def answers(of: Month) -> tuple[Answer, ...]:
    """Return the answer after each day, against the tolerance that the page declares."""
    day_h = np.full(DAYS, float(DAY_H))
    watched = Watched(
        count=of.seen.astype(np.float64),
        low_h=of.covered_h,
        high_h=of.covered_h,
        possible_h=day_h,
    )
    tolerance = Tolerance(
        rate_per_h=TOLERATED_PER_DAY / DAY_H, coverage_min_share=COVERAGE_MIN_SHARE
    )
    return course(watched, tolerance).answer


_LOOKS = {
    Answer.HOLDING: (f'fill="{ACT_SOFT}" stroke="{ACT}"', "a m"),
    Answer.CANNOT_TELL: (VEILED, "m"),
    Answer.NOT_HOLDING: (f'fill="{SIGNAL_SOFT}" stroke="{SIGNAL}" stroke-width="2"', "s m"),
}


def _runs(said: Sequence[Answer]) -> list[tuple[int, int, Answer]]:
    """Return first day, day after the last, and answer of each run."""
    starts = [k for k in range(len(said)) if k == 0 or said[k] is not said[k - 1]]
    return [
        (start, end, said[start])
        for start, end in zip(starts, [*starts[1:], len(said)], strict=True)
    ]


def _answers() -> Plot:
    cases = (
        (f"{CALM_PER_DAY:.0f} a day happen", month(CALM_PER_DAY, seed=SEED)),
        (f"{RATE_PER_DAY:.0f} a day happen", told()),
        (
            f"{RATE_PER_DAY:.0f} a day happen, and only a satellite watches",
            month(RATE_PER_DAY, seed=SEED, bare=True),
        ),
    )
    tolerated = f"{TOLERATED_PER_DAY:.0f} a day are tolerated, declared before"
    parts = [text(LEFT, 20, f"The answer after each day; {tolerated}", "k")]
    first = []
    for row, (words, of) in enumerate(cases):
        top = 62.0 + 76.0 * row
        parts.append(text(LEFT, top - 8, f"{words}: {of.seen.mean():.1f} a day seen"))
        said = answers(of)
        spoken = [k + 1 for k, each in enumerate(said) if each is not Answer.CANNOT_TELL]
        first.append(spoken[0] if spoken else 0)
        for start, end, answer in _runs(said):
            more, kind = _LOOKS[answer]
            wide, size = _day_px(end) - _day_px(start), len(answer.value) * _LETTER_PX
            parts.append(bar((_day_px(start), top), (wide, 34), more))
            if wide > size:
                middle = (_day_px(start) + _day_px(end)) / 2
                parts.append(bar((middle - size / 2, top + 8), (size, 18), _PLATE[answer]))
                parts.append(text(middle, top + 21, answer.value, kind))
    parts += _days(62.0 + 76.0 * 2 + 52)
    shares = [float(of.seen.mean()) for _, of in cases]
    alt = (
        f"Three strips of thirty days; at {CALM_PER_DAY:.0f} a day the answer goes from cannot "
        f"tell to holding; at {RATE_PER_DAY:.0f} a day, from cannot tell to not holding; where "
        "only a satellite watches, it is cannot tell on every day."
    )
    caption = (
        f"Holding is first said on day {first[0]}, not holding on day {first[1]}.\n"
        f"In the third month {shares[2]:.1f} a day were seen, fewer than the {shares[0]:.1f} a day "
        "of the calm month, and no answer is given, because too little was covered."
    )
    return Plot(page(286, alt, parts), alt, caption)


_PLATE = {
    Answer.HOLDING: f'fill="{ACT_SOFT}"',
    Answer.CANNOT_TELL: 'fill="#ffffff"',
    Answer.NOT_HOLDING: f'fill="{SIGNAL_SOFT}"',
}
"""What lies under a word, so that stipple does not run through it."""
