"""The exercise on a real truce in plain sentences: every figure with its rule and its limits."""

from __future__ import annotations

import textwrap
from itertools import chain
from statistics import mean
from typing import TYPE_CHECKING

from trucewatch.evaluate.truce_count import RULES
from trucewatch.evaluate.truce_line import REACH_KM

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from trucewatch.evaluate.figures import Figure
    from trucewatch.evaluate.share import Share
    from trucewatch.evaluate.truce_place import Around
    from trucewatch.report.counting.rules import Count

NOTE = (
    "EXERCISE on public reports; a truce of 30 hours that was announced and that nobody signed. "
    "No number is of a party. Low and high are those of a 95 % interval, but the least and the "
    "most possible for inside_30_h; a count of the file has none"
)
LEAN = (
    "This is the lean of the sources and of their access: where there are outlets, people who "
    "speak to them, and what may be printed. It is not conduct. Who fired is not in the file, and "
    "fire on one side of a line says nothing of who fired. No number here is of a party. The "
    "intervals take settlement-days as independent; they are not, so the intervals are too narrow."
)
CLUSTERED = (
    "The plain interval takes settlement-days as independent. They are not: one raid of a night "
    "is told from many places. The clustered interval divides counts by the variance over the mean "
    "first; believe that one, and it too only for what was reported."
)
CANNOT_SAY = (
    "Who did it: no row names who fired, and no rule or place stands in for it.",
    "Whether anybody broke the truce: nobody signed one, and no body determined anything.",
    "When it happened: most rows have no clock time, and the date may be that of the report.",
    "Where it happened: a row names a settlement, some kilometres around its middle, and four "
    "names stand for whole regions.",
    "How much happened: a settlement-day is one shot or a hundred; reports are not incidents.",
    "What was not reported: few reports may be a calm day, or one on which outlets wrote of other "
    "things. Few reports are not few incidents, and zero is not zero.",
    "What either side did: the places lean to where the sources are.",
    "Why counts fell or rose: a truce, the weather, Easter, or the order of a week all would do.",
    "That the hours of the file are in the zone that was taken: it names none.",
    "Whether the line is right: it is a third party's drawing, and it is shifted to see what "
    "hangs on it.",
    "Whether a ceasefire held: without coverage there is no rate, and without a rate no answer.",
)
"""What these data cannot say."""

AT = {0.0: "line_as_drawn", 5.0: "line_plus_5_km", -5.0: "line_minus_5_km"}
"""How figures name each shift of the line, in km."""

_WIDTH = 100
_SPANS = ("14 to 18 April", "19 and 20 April", "21 to 25 April")


def daily(figures: Mapping[tuple[date, date], Sequence[int]], week: Sequence[int]) -> Iterator[str]:
    """Yield the daily figures and their rule."""
    yield "Settlement-days with reported fighting, one number a day, by rule settlement_day"
    *april, may = figures.values()
    for name, found in zip(_SPANS, april, strict=True):
        yield f"  {name:<16} {_row(found)}"
    yield f"  {'8 to 10 May':<16} {_row(may)}   the week before: {_row(week)}"


def by_rule(spans: Sequence[Sequence[Count]]) -> Iterator[str]:
    """Yield the same rows counted by every rule, and what each rule is."""
    yield "The same rows by every rule: " + " | ".join(_SPANS)
    for same in zip(*spans, strict=True):
        texts = [count.text for count in same]
        told = texts[0] if "not " in texts[0] and len(set(texts)) == 1 else " | ".join(texts)
        yield f"  {same[0].rule:<24}{told}"
    yield "Spans are of 5, 2 and 5 days; rows of different rules cannot be added or compared"
    for text in RULES.values():
        yield from _wrapped(text)


def inside(bounds: Mapping[str, Figure], metrics: Mapping[str, Figure]) -> Iterator[str]:
    """Yield what may lie inside the thirty hours."""
    missing = metrics["share_without_clock_twelve_days_fighting"]["value"] or 0.0
    yield "Inside the thirty hours, 19 April 18:00 to 21 April 00:00 (+03:00)"
    for name, found in bounds.items():
        plain = name.removeprefix("inside_30_h_").replace("_", " ")
        yield f"  {plain}: {found['low']:.0f} to {found['high']:.0f}"
    yield from _wrapped(
        f"{missing:.0%} of the rows with fighting of these twelve days have no clock time; one "
        "dated 19 April may lie on either side of 18:00. If dates may be a day late, rows dated "
        "20 and 21 April may lie outside or inside too."
    )


def places(found: Sequence[Around], metrics: Mapping[str, Figure]) -> Iterator[str]:
    """Yield near and far, what changed there, and the lean, for each shift of the line."""
    yield f"By rule settlement_day_placed, near the line (at most {REACH_KM:.0f} km off) and far"
    yield "  " + " | ".join(_SPANS) + "; ratio of 19 and 20 April to 14 to 18 April"
    for one in found:
        for name, numbers in (("near", one.near), ("far", one.far)):
            ratio = f"ratio_{name}_truce_to_before_{AT[one.shift_km]}"
            changed = f"{_figure(metrics[ratio])} clustered {_ends(metrics[f'{ratio}_clustered'])}"
            yield f"  {_line(one):<20}{name:<5}{_spans(numbers):<14}{changed}"
    yield "Lean of the sources: share of settlement-days inside the drawn area, all twelve days"
    for one in found:
        yield f"  {_line(one):<22} all {_share(one.within)}   near {_share(one.within_near)}"
    yield from _wrapped(LEAN)


def changes(
    ratios: Mapping[str, Figure],
    dispersion_ratio: float,
    low: tuple[int, int],
    weeks: Sequence[int],
) -> Iterator[str]:
    """Yield the rate ratios and how far they may be trusted, with the days of the weeks before."""
    yield "Ratio of daily rates by rule settlement_day, with 95 % interval"
    for name, plain in ratios.items():
        wide = ratios.get(f"{name}_clustered")
        if wide is not None:
            told = name.removeprefix("ratio_").replace("_", " ")
            yield f"  {told:<32}{_figure(plain)}   clustered {_ends(wide)}"
    middle = len(weeks) // 2
    earlier, later = mean(weeks[:middle]), mean(weeks[middle:])
    yield from _wrapped(
        f"In the 28 days before 14 April the daily count was {earlier:.1f} in the first half and "
        f"{later:.1f} in the second: what is reported, or kept in the file, drifts by itself. "
        f"Variance over mean, by differences of neighbouring days so that the drift is left out: "
        f"{dispersion_ratio:.1f}. {CLUSTERED}"
    )
    yield from _wrapped(
        f"{low[0]} of {low[1]} windows of two days in the whole file fell as low against the five "
        "days before them, this one among them."
    )


def cannot_say(refused: int) -> Iterator[str]:
    """Yield what these data cannot say."""
    yield "What these data cannot say"
    left_out = [f"What rows say that the reader refused; there are {refused}."] if refused else []
    for text in chain(CANNOT_SAY, left_out):
        yield from _wrapped(text, mark="- ")


def _wrapped(text: str, *, mark: str = "") -> list[str]:
    start = f"  {mark}"
    return textwrap.wrap(text, _WIDTH, initial_indent=start, subsequent_indent=" " * len(start))


def _row(numbers: Sequence[int]) -> str:
    return " ".join(str(number) for number in numbers)


def _spans(numbers: Sequence[int]) -> str:
    return " | ".join(str(number) for number in numbers)


def _line(one: Around) -> str:
    return f"shifted by {one.shift_km:+.0f} km" if one.shift_km else "line as drawn"


def _share(share: Share) -> str:
    if share.value_p is None:
        return "none"
    return f"{share.value_p:.0%} ({share.low_p:.0%} to {share.high_p:.0%})"


def _figure(found: Figure) -> str:
    value = found["value"]
    return f"{'-' if value is None else f'{value:.2f}'} ({_ends(found)})"


def _ends(found: Figure) -> str:
    low, high = found["low"], found["high"]
    return f"{low or 0.0:.2f} to {'no bound' if high is None else f'{high:.2f}'}"
