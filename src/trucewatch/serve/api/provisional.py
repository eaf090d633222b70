"""Incidents of what was posted since the last run, for the mission alone."""

from __future__ import annotations

import json
from datetime import datetime

import msgspec

from trucewatch.access.policy import What
from trucewatch.serve.api._asked import PAGE, cut, resource
from trucewatch.serve.ask import Ask


class Provisional(msgspec.Struct, frozen=True, kw_only=True):
    """What newly sealed reports come to; a run may change it, and assesses it.

    Attributes:
        id: The name that it will keep, unless an earlier report joins it.
        entry: The newest entry of the log that it rests on.
        time: When.
        time_start: Beginning of the 95 % interval.
        time_end: Its end.
        lat_deg: WGS 84.
        lon_deg: Likewise.
        kind: The likeliest kind of happening.
        kinds_p: Probability of each kind.
        real_p: P(something happened: not false alarms alone).
        reports: Distinct reports of it.
        independent: Independence classes among them.
    """

    id: str
    entry: int
    time: datetime
    time_start: datetime
    time_end: datetime
    lat_deg: float
    lon_deg: float
    kind: str
    kinds_p: dict[str, float]
    real_p: float
    reports: int
    independent: int


class ProvisionalIncidents(msgspec.Struct, frozen=True, kw_only=True):
    """A page of them.

    Attributes:
        size: Entries of the log that the last run saw; all that follows is provisional.
        total: How many there are.
        page: Which page.
        next: Address of the next page, null on the last.
        items: They, the newest entry first.
    """

    size: int
    total: int
    page: int
    next: str | None
    items: list[Provisional]


@resource("/provisional", *PAGE)
def provisional_json(ask: Ask) -> ProvisionalIncidents:
    """Return what reports that were posted since the last run come to, newest entry first."""
    ask.expect(What.PROVISIONAL)
    size = ask.site.ran()
    found = ask.site.early.since(size).reverse()
    at = cut(ask, len(found))
    same = ("id", "entry", "time", "time_start", "time_end", "lat_deg", "lon_deg", "real_p")
    items = [
        Provisional(
            **{name: row[name] for name in (*same, "independent")},
            kind=row["class"],
            kinds_p=json.loads(row["class_p"]),
            reports=row["members"],
        )
        for row in found.slice(at.start, at.size).iter_rows(named=True)
    ]
    return ProvisionalIncidents(size=size, total=at.total, page=at.page, next=at.next, items=items)


ROUTES = (provisional_json,)
