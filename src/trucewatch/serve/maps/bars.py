"""The time bar: incidents of each status per step of time, and when sensors were silent."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
from babel import dates

from trucewatch.serve.maps.dots import STATUSES, status
from trucewatch.serve.maps.ink import joined, mark

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl
    from markupsafe import Markup
    from numpy.typing import NDArray

    from trucewatch.serve.maps.agreed import Span
    from trucewatch.serve.maps.frame import Px
    from trucewatch.serve.tongue import Tongue

    Counts = NDArray[np.int64]

WIDE_PX, HIGH_PX = 992, 92
LEFT_PX, RIGHT_PX = 30.0, 978.0
_TOP_PX, _FOOT_PX = 18.0, 74.0
_STEPS_H = (1, 3, 6, 12, 24, 168, 720)
_BARS_MAX = 130
_LABELS_MAX = 11
_ROUND = (1, 2, 5)
_US_PER_H = 3_600_000_000
_DAY_H = 24


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bars:
    """Counts by step.

    Attributes:
        start: Beginning of the first step.
        step_h: Length of each.
        counts: How many of each of `dots.STATUSES`, (steps, 2).
    """

    start: datetime
    step_h: int
    counts: Counts

    @property
    def end(self) -> datetime:
        """End of the last step."""
        return self.start + timedelta(hours=self.step_h * len(self.counts))

    def x_px(self, time: datetime) -> Px:
        """Return where a time stands, cut to the bar."""
        share = (time - self.start) / (self.end - self.start)
        return LEFT_PX + min(max(share, 0.0), 1.0) * (RIGHT_PX - LEFT_PX)


def bars(incidents: pl.DataFrame, span: tuple[datetime, datetime], step_h: int = 0) -> Bars:
    """Return the counts of a span of time, in steps that begin at whole hours of UTC.

    Args:
        incidents: With `time`, `independent` and `real_p`.
        span: From and until.
        step_h: Length of a step; 0 for the shortest that leaves bars that can be told apart.
    """
    long_h = max(1.0, (span[1] - span[0]) / timedelta(hours=1))
    fitting = (each for each in _STEPS_H if long_h / each <= _BARS_MAX)
    chosen_h = step_h if step_h and long_h / step_h <= _BARS_MAX * 2 else next(fitting, None)
    chosen_h = chosen_h or math.ceil(long_h / _BARS_MAX / _DAY_H) * _DAY_H
    whole_h = span[0].timestamp() // 3600 // chosen_h * chosen_h
    start = datetime.fromtimestamp(whole_h * 3600, UTC)
    steps = max(1, math.ceil((span[1] - start) / timedelta(hours=chosen_h)))
    told = incidents.select("time", status().alias("status")).drop_nulls()
    after_us = told["time"].to_physical().to_numpy() - int(start.timestamp()) * 1_000_000
    place = after_us // (chosen_h * _US_PER_H)
    here = (place >= 0) & (place < steps)
    key = place[here] * len(STATUSES) + told["status"].to_numpy()[here]
    counts = np.bincount(key, minlength=steps * len(STATUSES)).reshape(-1, len(STATUSES))
    return Bars(start=start, step_h=chosen_h, counts=counts)


def merged(spans: Sequence[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Return spans of time with those that touch as one, by start."""
    found: list[tuple[datetime, datetime]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What stands in a time bar beside counts.

    Attributes:
        chosen: From and until, as somebody chose; None has no end.
        silences: When a sensor was silent.
        known: As known at this instant, and how that is said; None for now.
    """

    chosen: Span
    silences: Sequence[tuple[datetime, datetime]] = ()
    known: tuple[datetime, str] | None = None


def drawn(of: Bars, beside: Beside, tongue: Tongue, zone: str) -> Markup:
    """Return the SVG of a time bar.

    Args:
        of: The counts.
        beside: What stands beside them.
        tongue: The language.
        zone: Time zone of the labels.
    """
    made = [
        mark("rect", class_="tb-out", x=of.x_px(start), y=_TOP_PX, height=_FOOT_PX - _TOP_PX,
             width=of.x_px(end) - of.x_px(start))
        for start, end in merged(beside.silences)
        if end > of.start and start < of.end
    ]  # fmt: skip
    made += [*_grid(of, tongue), *_columns(of), *_times(of, tongue, zone)]
    if beside.chosen != (None, None):
        made += _brush(of, beside.chosen)
    if beside.known is not None:
        made += _flag(of, *beside.known)
    said = tongue.words.gettext("Incidents over time, by how sure we are")
    return mark(
        "svg", joined(made), class_="hist", viewBox=f"0 0 {WIDE_PX} {HIGH_PX}", role="img",
        aria_label=said, data_start=of.start.isoformat(), data_end=of.end.isoformat(),
        data_left=LEFT_PX, data_right=RIGHT_PX,
    )  # fmt: skip


def _high(of: Bars) -> tuple[int, int]:
    """Return the greatest count that the bar has room for, and the step of its grid."""
    most = max(1, int(of.counts.sum(axis=1).max()))
    power = 10 ** max(0, math.floor(math.log10(most)) - 1)
    step = next(n * p for p in (power, power * 10) for n in _ROUND if most / (n * p) <= 3.5)  # noqa: PLR2004 - lines
    return max(most, step), step


def _y_px(count: int, most: int) -> Px:
    return _FOOT_PX - count / most * (_FOOT_PX - _TOP_PX)


def _grid(of: Bars, tongue: Tongue) -> list[Markup]:
    most, step = _high(of)
    made = [mark("path", class_="tb-ax", d=f"M{LEFT_PX:g} {_FOOT_PX:g}H{RIGHT_PX:g}")]
    for count in range(step, most + 1, step):
        y = _y_px(count, most)
        text = tongue.number(count)
        made.append(mark("text", text, class_="tb-t", x=LEFT_PX - 6, y=y + 4, text_anchor="end"))
        made.append(mark("path", class_="tb-grid", d=f"M{LEFT_PX:g} {y:.1f}H{RIGHT_PX:g}"))
    return made


def _columns(of: Bars) -> list[Markup]:
    most, _ = _high(of)
    wide_px = (RIGHT_PX - LEFT_PX) / len(of.counts)
    made = []
    for step in np.flatnonzero(of.counts.sum(axis=1)).tolist():
        below = 0
        for name, count in zip(reversed(STATUSES), of.counts[step, ::-1].tolist(), strict=True):
            if count:
                top, foot = _y_px(below + count, most), _y_px(below, most)
                made.append(
                    mark("rect", class_=f"tb-{name}", x=LEFT_PX + step * wide_px + wide_px * 0.1,
                         y=top, width=wide_px * 0.8, height=foot - top)
                )  # fmt: skip
                below += count
    return made


def _times(of: Bars, tongue: Tongue, zone: str) -> list[Markup]:
    hours = (of.end - of.start) / timedelta(hours=1)
    every_h = next((h for h in (1, 2, 6, 12, 24, 48, 96, 168, 336, 720, 1440, 4320, 8760)
                    if hours / h <= _LABELS_MAX), 17520)  # fmt: skip
    first_h = math.ceil(of.start.timestamp() / 3600 / every_h) * every_h
    made = []
    for at_h in range(first_h, math.floor(of.end.timestamp() / 3600) + 1, every_h):
        time = datetime.fromtimestamp(at_h * 3600, UTC)
        x = of.x_px(time)
        text = tongue.minute(time, zone) if every_h < _DAY_H else _day(time, tongue, zone)
        made.append(mark("path", class_="tb-ax", d=f"M{x:.1f} {_FOOT_PX:g}v6"))
        if x < RIGHT_PX - 40:
            made.append(mark("text", text, class_="tb-t", x=x + 3, y=88))
    return made


def _day(time: datetime, tongue: Tongue, zone: str) -> str:
    return dates.format_datetime(time, "d MMM", tzinfo=ZoneInfo(zone), locale=tongue.locale)


def _brush(of: Bars, chosen: Span) -> list[Markup]:
    left, right = of.x_px(chosen[0] or of.start), of.x_px(chosen[1] or of.end)
    high = _FOOT_PX - _TOP_PX
    lines = f"M{left:.1f} {_TOP_PX:g}V{_FOOT_PX:g}M{right:.1f} {_TOP_PX:g}V{_FOOT_PX:g}"
    return [
        mark("rect", class_="tb-brush", x=left, y=_TOP_PX, width=right - left, height=high),
        mark("path", class_="tb-bl", d=lines),
        *(mark("rect", class_="tb-h", x=x - 3.5, y=36, width=7, height=22, rx=2)
          for x in (left, right)),
    ]  # fmt: skip


def _flag(of: Bars, time: datetime, said: str) -> list[Markup]:
    x, wide = of.x_px(time), 6.2 * len(said) + 10
    left = max(0.0, x - wide)
    return [
        mark("rect", class_="tb-flag", x=left, y=0, width=wide, height=16),
        mark("path", class_="tb-asof", d=f"M{x:.1f} 0V{_FOOT_PX:g}"),
        mark("text", said, class_="tb-flag-t", x=left + 5, y=12),
    ]
