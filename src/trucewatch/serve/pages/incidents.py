"""The list of incidents: filtered, sorted, a page at a time, and the same rows as CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar import Response, get

from trucewatch.access.policy import What
from trucewatch.records.assessment import Outcome
from trucewatch.records.happening import HAPPENINGS
from trucewatch.serve.ask import Ask
from trucewatch.serve.marks import certainty, outcome_mark
from trucewatch.serve.sought import SORTS, Sought, chosen, sought

if TYPE_CHECKING:
    import polars as pl

_ROWS = 100


@get("/incidents", sync_to_thread=True, include_in_schema=False)
def incidents(ask: Ask) -> Response[str]:
    """Return the page."""
    ask.expect(What.INCIDENT)
    wanted = sought(dict(ask.query))
    seen = ask.shown
    table = wanted.of(seen.incidents, seen.assessments)
    at, last = chosen(_whole(ask.value("page")), table, _ROWS)
    rows = table.slice((at - 1) * _ROWS, _ROWS)
    return ask.page(
        "incidents.html",
        wanted=wanted,
        total=len(table),
        every=len(seen.incidents),
        rows=rows.rows(named=True),
        outcomes=_outcomes(rows, seen.assessments),
        kinds=sorted(HAPPENINGS.values(), key=lambda kind: kind.text),
        known_outcomes=[str(each) for each in Outcome],
        rules=[rule.id for rule in seen.using.agreement.rules],
        sorts=list(SORTS),
        at=at,
        last=last,
        csv=_csv_link(wanted),
        certainty=certainty,
        outcome_mark=outcome_mark,
        until=seen.until,
    )


@get("/incidents.csv", sync_to_thread=True, include_in_schema=False)
def incidents_csv(ask: Ask) -> Response[str]:
    """Return all rows that the filter leaves, as the role may see them."""
    ask.expect(What.INCIDENT)
    seen = ask.shown
    table = sought(dict(ask.query)).of(seen.incidents, seen.assessments)
    name = {"Content-Disposition": 'attachment; filename="incidents.csv"'}
    return Response(table.write_csv(), media_type="text/csv; charset=utf-8", headers=name)


def _outcomes(rows: pl.DataFrame, assessments: pl.DataFrame) -> dict[str, list[tuple[str, str]]]:
    """Return the rules that say something of each incident, and what."""
    told = assessments.join(rows.select("id"), left_on="subject", right_on="id", how="semi")
    found: dict[str, list[tuple[str, str]]] = {}
    for subject, rule, outcome in (
        told.select("subject", "rule", "outcome").unique(maintain_order=True).iter_rows()
    ):
        if outcome != Outcome.NO_RULE:
            found.setdefault(subject, []).append((outcome, rule))
    return found


def _csv_link(wanted: Sought) -> str:
    from urllib.parse import urlencode

    words = urlencode(wanted.words())
    return f"/incidents.csv?{words}" if words else "/incidents.csv"


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 1


ROUTES = (incidents, incidents_csv)
