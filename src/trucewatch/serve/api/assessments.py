"""What rules say, as JSON and CSV; software sets conduct against a text, it finds nobody guilty."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
import polars as pl

from trucewatch.access.policy import What
from trucewatch.errors import BadInput
from trucewatch.records.assessment import Outcome
from trucewatch.serve.api._asked import FROM_TO, PAGE, cut, delimited, resource, word
from trucewatch.serve.api._shapes import Assessment, assessment_of
from trucewatch.serve.ask import Ask
from trucewatch.serve.sought import instant

if TYPE_CHECKING:
    from trucewatch.serve.ask import Asking

_WORDS = (
    *FROM_TO,
    word("subject", "Id of an incident, of a record of the logbook, or of a track."),
    word("subject_kind", "`incident`, a kind of record, or `track`."),
    word("rule", "Id of a rule."),
    word("outcome", "What the rule says.", enum=[str(each) for each in Outcome]),
)
_ORDER = ("time_start", "subject", "rule", "agreement_version", "measured_from")
_INNER = ("agreement",)  # hash of a text, which its version names already


class Assessments(msgspec.Struct, frozen=True, kw_only=True):
    """A page of assessments, the latest subject first.

    Attributes:
        total: Assessments that the filter leaves, of those that may be seen.
        page: Which page.
        size: Assessments of a page.
        next: Address of the next page, null on the last.
        items: The assessments.
    """

    total: int
    page: int
    size: int
    next: str | None
    items: list[Assessment]


@resource("/assessments", *PAGE, *_WORDS)
def assessments_json(ask: Ask) -> Assessments:
    """Return the assessments that a filter leaves, a page at a time."""
    table = _wanted(ask)
    at = cut(ask, len(table))
    rows = table.slice(at.start, at.size).iter_rows(named=True)
    items = [assessment_of(row) for row in rows]
    return Assessments(total=at.total, page=at.page, size=at.size, next=at.next, items=items)


@resource("/assessments.csv", *_WORDS, csv=True)
def assessments_csv(ask: Ask) -> str:
    """Return all assessments that a filter leaves."""
    return delimited(_wanted(ask))


def _wanted(ask: Asking) -> pl.DataFrame:
    """Return what the address asks for, of what may be seen.

    Raises:
        BadInput: There is no such outcome, or a time cannot be read.
    """
    ask.expect(What.ASSESSMENT)
    outcome = ask.value("outcome").strip()
    if outcome and outcome not in set(Outcome):
        raise BadInput("outcome", f"is {outcome[:80]!r}, expected one of {', '.join(Outcome)}")
    table = ask.shown.assessments.drop(_INNER)
    for name in ("subject", "subject_kind", "rule", "outcome"):
        if wanted := ask.value(name).strip():
            table = table.filter(pl.col(name) == wanted)
    start, end = (instant(name, ask.value(name).strip()) for name in ("from", "to"))
    at = _datetimes(start, end)
    return table.filter(*at).sort(_ORDER, descending=[True, *(False,) * (len(_ORDER) - 1)])


def _datetimes(start: datetime | None, end: datetime | None) -> list[pl.Expr]:
    found = [pl.col("time_start") >= start] if start is not None else []
    return [*found, pl.col("time_start") < end] if end is not None else found


ROUTES = (assessments_json, assessments_csv)
