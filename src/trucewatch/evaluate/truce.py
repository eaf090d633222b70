"""The announced Easter truce of 2025 as an exercise: what the press reports add up to, and do not.

Counts of public reports on 14 to 25 April 2025 by every named rule, how many may lie inside the
thirty hours, where the reported places lie, and what changed. The daily figures are those that were
known before this was written, so they say that the rule is the one they were made by, no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from statistics import mean, median
from typing import TYPE_CHECKING

from trucewatch.agreement.parse import parse
from trucewatch.agreement.shipped import shipped_bytes
from trucewatch.errors import BadInput
from trucewatch.evaluate import truce_words as words
from trucewatch.evaluate.figures import must, of_share
from trucewatch.evaluate.truce_change import Counted, as_low, dispersion, rate_ratio
from trucewatch.evaluate.truce_count import (
    RULES,
    Bounds,
    counts,
    daily,
    days,
    within,
)
from trucewatch.evaluate.truce_line import read_areas
from trucewatch.evaluate.truce_place import around
from trucewatch.evaluate.truce_reports import read_reports

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from trucewatch.evaluate.figures import Figure, Must
    from trucewatch.evaluate.truce_place import Around
    from trucewatch.evaluate.truce_reports import Reports

REPORTS, LINES = "viina_2024_2025.csv.gz", "deepstate_lines.tar.xz"
READS = (REPORTS, LINES)
"""Files that the evaluation needs, in the folder that it is given."""

AGREEMENT = "easter-2025"
BEFORE = (date(2025, 4, 14), date(2025, 4, 18))
TRUCE = (date(2025, 4, 19), date(2025, 4, 20))
AFTER = (date(2025, 4, 21), date(2025, 4, 25))
SPANS = {"before": BEFORE, "truce": TRUCE, "after": AFTER}
WEEKS = (date(2025, 3, 17), date(2025, 4, 13))
"""The four weeks before, from which the spread of daily counts is taken."""
MAY = (date(2025, 5, 8), date(2025, 5, 10))
"""Days of another announced truce, for its daily figures alone."""

KNOWN = {BEFORE: (14, 36, 12, 17, 20), TRUCE: (14, 5), AFTER: (7, 17, 15, 21, 18), MAY: (61, 8, 4)}
"""Settlement-days with fighting that were published with the collection of files."""
KNOWN_BEFORE_MAY = 16  # "about 16"
_WEEK_D, _BASE_D = 7, 5
_DAY_LATE = timedelta(days=1)
_REST = "other_reports_truce_to_before"
_LATE = {"dated_right": timedelta(0), "up_to_a_day_late": _DAY_LATE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """How counts of settlement-days changed.

    Attributes:
        dispersion_ratio: Of the daily counts of the four weeks before.
        ratios: Rate ratios by name, each with its interval, plain and `_clustered`.
        as_low: Two-day windows of the whole file that fall as low against the five days before,
            and all of them.
    """

    dispersion_ratio: float
    ratios: Mapping[str, Figure]
    as_low: tuple[int, int]


def measure(*, seed: int, quick: bool = False, files: Mapping[str, bytes]) -> dict[str, object]:
    """Return the figures of the exercise, the rules in words, and what they cannot say.

    Args:
        seed: Nothing is drawn at random; it is handed back.
        quick: Nothing is left out; the whole takes seconds.
        files: Bytes of each of `READS`, by name.

    Returns:
        `figures.Measured`; besides `rules`, `cannot_say`, and `text`, lines for people.

    A file that cannot be read, or without a report of one of the spans, is refused as `BadInput`.
    """
    del quick
    reports = read_reports(files[REPORTS], name=REPORTS)
    figures = {span: daily(reports.table, *span) for span in KNOWN}
    _check(reports)
    changes = _changes(reports, figures)
    places = around(reports, read_areas(files[LINES], name=LINES), list(SPANS.values()))
    inside = _inside(reports)
    metrics = {
        **_daily(reports, figures),
        **inside,
        **_clocks(reports),
        **_places(places, changes.dispersion_ratio),
        **changes.ratios,
        "dispersion_of_days": _exact(changes.dispersion_ratio),
        "share_of_windows_as_low": _exact(changes.as_low[0] / max(1, changes.as_low[1])),
    }
    by_rule = [counts(reports.between(*span)) for span in SPANS.values()]
    told = [
        *words.daily(figures, _before_may(reports)),
        *words.by_rule(by_rule),
        *words.inside(inside, metrics),
        *words.places(places, metrics),
        *words.changes(
            changes.ratios,
            changes.dispersion_ratio,
            changes.as_low,
            daily(reports.table, *WEEKS),
        ),
        *words.cannot_say(reports.refused),
    ]
    return {
        "name": "truce",
        "seed": seed,
        "note": words.NOTE,
        "metrics": metrics,
        "must": _musts(metrics),
        "rules": dict(RULES),
        "counts": {
            span: {count.rule: count.text for count in found}
            for span, found in zip(SPANS, by_rule, strict=True)
        },
        "cannot_say": list(words.CANNOT_SAY),
        "text": told,
    }


def _check(reports: Reports) -> None:
    """Refuse a file without reports of a span that others are set against.

    Raises:
        BadInput: It has none.
    """
    for table, what in ((reports.table, "fighting"), (_rest(reports.table), "other matters")):
        for first, last in (WEEKS, *KNOWN):
            if not any(daily(table, first, last)):
                problem = f"holds no report of {what} from {first} to {last}, expected some"
                raise BadInput(REPORTS, problem)


def _exact(value: int | float) -> Figure:
    """Return a number that hangs on no chance: the file was counted whole."""
    return {"value": float(value), "low": float(value), "high": float(value)}


def _bounds(found: Bounds) -> Figure:
    return {"value": None, "low": float(found.low), "high": float(found.high)}


def _before_may(reports: Reports) -> tuple[int, ...]:
    """Return the settlement-days of the week before the truce of May."""
    return daily(reports.table, MAY[0] - timedelta(days=_WEEK_D), MAY[0] - timedelta(days=1))


def _daily(
    reports: Reports, figures: Mapping[tuple[date, date], Sequence[int]]
) -> dict[str, Figure]:
    metrics = {
        f"settlement_days_{day:%Y_%m_%d}": _exact(count)
        for span, found in figures.items()
        for day, count in zip(days(*span), found, strict=True)
    }
    week = _before_may(reports)
    middle = float(median(week[-_BASE_D:]))
    same = {
        span: sum(a == b for a, b in zip(figures[span], KNOWN[span], strict=True)) for span in KNOWN
    }
    return metrics | {
        "easter_days_reproduced": _exact(sum(same[span] for span in SPANS.values())),
        "may_days_reproduced": _exact(same[MAY]),
        "before_may_median_of_5_days": _exact(middle),
        "before_may_mean_of_7_days": _exact(float(mean(week))),
        "before_may_off": _exact(abs(middle - KNOWN_BEFORE_MAY)),
    }


def _inside(reports: Reports) -> dict[str, Figure]:
    """Return the bounds of what lies in the hours that the shipped exercise names.

    Raises:
        BadInput: It names none.
    """
    agreement = parse(shipped_bytes(AGREEMENT), name=f"{AGREEMENT}.yaml")
    if agreement.effective is None or agreement.expires is None:
        raise BadInput(AGREEMENT, "names no hours, expected a beginning and an end")
    near = reports.between(TRUCE[0] - 2 * _DAY_LATE, TRUCE[1] + 2 * _DAY_LATE)
    return {
        f"inside_30_h_{rule}_{name}": _bounds(found)
        for name, late in _LATE.items()
        for rule, found in within(near, agreement.effective, agreement.expires, late=late).items()
    }


def _clocks(reports: Reports) -> dict[str, Figure]:
    """Return the shares of rows without a clock time."""
    spans = reports.between(BEFORE[0], AFTER[1])
    tables = {
        "whole_file": reports.table,
        "twelve_days": spans,
        "twelve_days_fighting": spans.filter("kinetic"),
    }
    return {
        f"share_without_clock_{name}": _exact(float((~table["clock"]).sum()) / table.height)
        for name, table in tables.items()
    }


def _places(places: Sequence[Around], dispersion_ratio: float) -> dict[str, Figure]:
    metrics: dict[str, Figure] = {}
    for found in places:
        at = words.AT[found.shift_km]
        for name, numbers in (("near", found.near), ("far", found.far)):
            for span, number in zip(SPANS, numbers, strict=True):
                metrics[f"{name}_{span}_{at}"] = _exact(number)
            before, truce, _ = (
                Counted(n, _length(span)) for n, span in zip(numbers, SPANS.values(), strict=True)
            )
            metrics[f"ratio_{name}_truce_to_before_{at}"] = rate_ratio(truce, before)
            metrics[f"ratio_{name}_truce_to_before_{at}_clustered"] = rate_ratio(
                truce, before, dispersion_ratio=dispersion_ratio
            )
        metrics[f"lean_inner_share_{at}"] = of_share(found.within)
        metrics[f"lean_inner_share_near_{at}"] = of_share(found.within_near)
    return metrics


def _ends(column: pl.Series) -> tuple[date, date]:
    ordered: list[date] = column.sort().to_list()
    return ordered[0], ordered[-1]


def _length(span: tuple[date, date]) -> float:
    return float((span[1] - span[0]).days + 1)


def _changes(reports: Reports, figures: Mapping[tuple[date, date], Sequence[int]]) -> Changes:
    spread, other_spread = (_spread(table) for table in (reports.table, _rest(reports.table)))
    rates = {name: Counted(sum(figures[s]), _length(s)) for name, s in SPANS.items()}
    rates["full_day"] = Counted(figures[TRUCE][-1], 1.0)
    rest = {
        name: Counted(sum(daily(_rest(reports.table), *s)), _length(s)) for name, s in SPANS.items()
    }
    pairs = {
        "truce_to_before": (rates["truce"], rates["before"]),
        "truce_to_after": (rates["truce"], rates["after"]),
        "after_to_before": (rates["after"], rates["before"]),
        "20_april_to_before": (rates["full_day"], rates["before"]),
        _REST: (rest["truce"], rest["before"]),
    }
    ratios = {f"ratio_{name}": rate_ratio(*pair) for name, pair in pairs.items()}
    ratios |= {
        f"ratio_{name}_clustered": rate_ratio(
            *pair, dispersion_ratio=other_spread if name == _REST else spread
        )
        for name, pair in pairs.items()
    }
    whole = daily(reports.table, *_ends(reports.table["day"]))
    fell = ratios["ratio_truce_to_before"]["value"] or 0.0
    low = as_low(whole, fell, window=int(_length(TRUCE)), before=_BASE_D)
    return Changes(dispersion_ratio=spread, ratios=ratios, as_low=low)


def _rest(table: pl.DataFrame) -> pl.DataFrame:
    """Return the rows turned about: those that name no fighting, to see how the press went on."""
    return table.with_columns(~table["kinetic"])


def _spread(table: pl.DataFrame) -> float:
    return dispersion(daily(table, *WEEKS))


def _musts(metrics: Mapping[str, Figure]) -> list[Must]:
    whole = sum(len(KNOWN[span]) for span in SPANS.values())
    return [
        must(f"easter_days_reproduced >= {whole}", metrics),
        must(f"may_days_reproduced >= {len(KNOWN[MAY])}", metrics),
        must("before_may_off <= 0", metrics),
    ]
