"""Incidents as JSON and CSV: the same filter and the same rows as the page."""

from __future__ import annotations

import msgspec
import polars as pl
from litestar.params import FromPath

from trucewatch.access.policy import What
from trucewatch.serve.api._asked import PAGE, SOUGHT, cut, delimited, resource
from trucewatch.serve.api._shapes import Assessment, Incident, assessment_of, incident_of
from trucewatch.serve.ask import Ask
from trucewatch.serve.pages.incident import taken_over
from trucewatch.serve.sought import sought


class Incidents(msgspec.Struct, frozen=True, kw_only=True):
    """A page of incidents.

    Attributes:
        total: Incidents that the filter leaves, of those that may be seen.
        page: Which page.
        size: Incidents of a page.
        next: Address of the next page, null on the last.
        items: The incidents.
    """

    total: int
    page: int
    size: int
    next: str | None
    items: list[Incident]


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """An observation that speaks of an incident.

    Attributes:
        object: SHA-256 of the sealed object.
        row: Data record in it, from 0.
        role: `member`, or `possible` where it is counted in another.
        membership_p: P(it speaks of it).
        link: Address of the observation.
    """

    object: str
    row: int
    role: str
    membership_p: float
    link: str


class OneIncident(msgspec.Struct, frozen=True, kw_only=True):
    """One incident and what rules say of it.

    Attributes:
        incident: The incident.
        assessments: What each rule says.
        members: Its observations; null for the public.
    """

    incident: Incident
    assessments: list[Assessment]
    members: list[Member] | None


@resource("/incidents", *PAGE, *SOUGHT)
def incidents_json(ask: Ask) -> Incidents:
    """Return the incidents that a filter leaves, a page at a time."""
    ask.expect(What.INCIDENT)
    table = sought(dict(ask.query)).of(ask.shown.incidents, ask.shown.assessments)
    at = cut(ask, len(table))
    rows = table.slice(at.start, at.size).iter_rows(named=True)
    items = [incident_of(row) for row in rows]
    return Incidents(total=at.total, page=at.page, size=at.size, next=at.next, items=items)


@resource("/incidents.csv", *SOUGHT, csv=True)
def incidents_csv(ask: Ask) -> str:
    """Return all incidents that a filter leaves, with the columns of the release table."""
    ask.expect(What.INCIDENT)
    return delimited(sought(dict(ask.query)).of(ask.shown.incidents, ask.shown.assessments))


@resource("/incidents/{name:str}")
def incident_json(ask: Ask, name: FromPath[str]) -> OneIncident:
    """Return one incident; for an id that another incident took over it is that one."""
    ask.expect(What.INCIDENT)
    ask.expect(What.ASSESSMENT)
    seen = ask.shown
    row = seen.incidents.filter(pl.col("id") == name)
    if not len(row):
        name = taken_over(ask, name)
        row = seen.incidents.filter(pl.col("id") == name)
    here = (pl.col("subject") == name) & (pl.col("subject_kind") == "incident")
    told = seen.assessments.filter(here).iter_rows(named=True)
    return OneIncident(
        incident=incident_of(row.row(0, named=True)),
        assessments=[assessment_of(each) for each in told],
        members=_members(seen.members, name) if ask.may(What.OBSERVATION) else None,
    )


def _members(members: pl.DataFrame, name: str) -> list[Member]:
    own = members.filter(pl.col("incident") == name).cast({"object": pl.String})
    return [
        Member(
            object=row["object"],
            row=row["row"],
            role=row["role"],
            membership_p=row["membership_p"],
            link=f"/api/v1/observations/{row['object']}/{row['row']}",
        )
        for row in own.sort("object", "row").iter_rows(named=True)
    ]


ROUTES = (incidents_json, incidents_csv, incident_json)
