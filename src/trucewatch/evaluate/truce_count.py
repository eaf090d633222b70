"""The same press reports counted by every rule, and how many may lie inside thirty hours."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from trucewatch.records.happening import HAPPENINGS
from trucewatch.report.bulletin.figures import OSCE_RULE
from trucewatch.report.counting.rules import (
    CROSSING_RULE,
    EPISODE_RULE,
    RULED_RULE,
    Count,
    counted,
    counts_of,
)
from trucewatch.report.counting.table import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime

SETTLEMENT_DAY = "settlement_day"
RULES: Mapping[str, str] = {
    SETTLEMENT_DAY: (
        "Rule settlement_day: one place on one day is one, however often it was reported. A place "
        "is a distinct longitude and latitude as written in the file; a day is the local day of "
        "the row's date. Rows count that carry one of the labels airstrike, artillery, uav, "
        "firefight, armor or raid, alone or with others. This is the rule of the daily figures."
    ),
    "settlement_day_placed": (
        "Rule settlement_day_placed: the same without four names that are known artefacts of "
        "geocoding, where reports of a whole region were put at one village."
    ),
    "report_group": "Rule report_group: one row of the file with such a label is one.",
    "report": "Rule report: each report that such a row says was grouped in it is one.",
    "incident": (
        "Rule incident: one per row whose kind forms an incident, fire or not; fusion joins no two "
        "reports that name only a settlement and a day, so each stands as an incident of its own."
    ),
    "osce_unit": OSCE_RULE,
    "episode_60min_30rounds": EPISODE_RULE,
    "crossing": CROSSING_RULE,
    "ruled": RULED_RULE,
}
"""Every counting rule in words, by name."""

_PLACE_DAY = ("day", "lon_deg", "lat_deg")
_FORMS = tuple(name for name, kind in HAPPENINGS.items() if kind.forms_incident)


class Bounds(NamedTuple):
    """A count of which only the least and the most are known."""

    low: int
    high: int


def place_days(table: pl.DataFrame) -> pl.DataFrame:
    """Return `day`, `lon_deg`, `lat_deg`, `artefact` of each settlement-day with fighting."""
    fighting = table.filter("kinetic")
    return fighting.group_by(*_PLACE_DAY).agg(pl.col("artefact").any()).sort(*_PLACE_DAY)


def daily(table: pl.DataFrame, first: date, last: date) -> tuple[int, ...]:
    """Return the settlement-days of each local day from the first to the last, both included."""
    found = dict(place_days(table).group_by("day").len().iter_rows())
    return tuple(found.get(day, 0) for day in days(first, last))


def days(first: date, last: date) -> Iterator[date]:
    """Yield every day from the first to the last, both included."""
    for step in range((last - first).days + 1):
        yield first + timedelta(days=step)


def counts(table: pl.DataFrame) -> tuple[Count, ...]:
    """Return what every rule makes of some rows, in the order of `RULES`."""
    fighting, placed = table.filter("kinetic"), place_days(table)
    own = {
        SETTLEMENT_DAY: placed.height,
        "settlement_day_placed": placed.filter(~pl.col("artefact")).height,
        "report_group": fighting.height,
        "report": int(fighting["n_reports"].sum()),
    }
    return (*(counted(rule, n, n) for rule, n in own.items()), *counts_of(_incidents(table)))


def _incidents(table: pl.DataFrame) -> list[Row]:
    formed = table.with_row_index("id").filter(pl.col("class").is_in(_FORMS))
    return [
        Row(
            window="current",
            id=f"{row['id']:09}",
            kind=row["class"],
            start=row["time_start"],
            end=row["time_end"],
            place_deg=(row["lat_deg"], row["lon_deg"]),
            count_min=row["count_min"],
            count_max=row["count_max"],
            assessments=(),
            said={},
        )
        for row in formed.iter_rows(named=True)
    ]


def within(
    table: pl.DataFrame, since: datetime, until: datetime, *, late: timedelta
) -> dict[str, Bounds]:
    """Return the fewest and the most settlement-days and report groups that lie in a span.

    Args:
        table: Rows of `truce_reports.Reports.table`.
        since: First instant of the span, aware.
        until: First instant after it.
        late: By how much at most a row's date may be later than the act; 0 when each is right.

    Returns:
        By rule, `Bounds`. A settlement-day lies surely in the span when one of its rows does, and
        may when one of its rows may.
    """
    earliest, latest = pl.col("time_start") - late, pl.col("time_end")
    instant = pl.col("time_start") == latest  # a clock time belongs to its span, a day's end not
    sure = (earliest >= since) & ((latest < until) | ((latest == until) & ~instant))
    maybe = (earliest < until) & ((latest > since) | ((latest == since) & instant))
    judged = table.filter("kinetic").with_columns(sure=sure, maybe=maybe)
    by_place = judged.group_by(*_PLACE_DAY).agg(pl.col("sure", "maybe").any())
    return {
        SETTLEMENT_DAY: _bounds(by_place),
        "report_group": _bounds(judged),
    }


def _bounds(judged: pl.DataFrame) -> Bounds:
    return Bounds(int(judged["sure"].sum()), int(judged["maybe"].sum()))
