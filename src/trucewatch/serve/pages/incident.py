"""One incident: what it was, who saw it, who should have, what rules say, and what it rests on."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import polars as pl
from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Redirect

from trucewatch.access.policy import What
from trucewatch.errors import NotFound
from trucewatch.evidence.keys import load_release
from trucewatch.mission import explain_seen
from trucewatch.mission.alias import PREFIX, alias, aliases
from trucewatch.mission.explain_seen import who_saw
from trucewatch.mission.opened import reading
from trucewatch.mission.report_day import last_day, window
from trucewatch.records.instant import instant_text
from trucewatch.serve.ask import Ask
from trucewatch.serve.maps.figure import figure
from trucewatch.serve.marks import certainty
from trucewatch.serve.nav import N_
from trucewatch.serve.pages import _told, _worded
from trucewatch.serve.pages._seen import beneath
from trucewatch.serve.pages._since import since
from trucewatch.store.schema import TABLES

if TYPE_CHECKING:
    from datetime import datetime

    from trucewatch.mission.home import Home
    from trucewatch.mission.settings import Settings
    from trucewatch.serve.ask import Asking

_NAME = re.compile(r"[ip]-[a-z2-7]{16}")
_LAYERS = frozenset({"incidents", "lines", "zones", "names"})
_REPORT = dict.fromkeys(("incident", "sensor", "channel"), pl.String())
_NOTES = {
    explain_seen.UNDECLARED: N_(
        "Nobody declared what watches here, so who should have seen it is not known. Silence of "
        "other sensors says nothing."
    ),
    explain_seen.GROUNDLESS: N_(
        "No zone of the agreement has a ground that is open to all, so what could be seen is not "
        "worked out."
    ),
    explain_seen.OFF_GRID: N_(
        "It has no place on the ground of any zone, so who should have seen it is not known."
    ),
    explain_seen.BLURRED: N_(
        "Its time is not known to the hour; who should have seen it is told for the hour of its "
        "middle."
    ),
}


@get("/incidents/{name:str}", sync_to_thread=True, include_in_schema=False)
def incident(ask: Ask, name: FromPath[str]) -> Response[Any]:
    """Return the page; an id that another incident took over leads there."""
    ask.expect(What.INCIDENT)
    seen = ask.shown
    row = seen.incidents.filter(pl.col("id") == name)
    if not len(row):
        to = taken_over(ask, name)
        return Redirect(ask.link().replace(f"/incidents/{name}", f"/incidents/{to}"))
    own = row.row(0, named=True)
    here = (pl.col("subject") == name) & (pl.col("subject_kind") == "incident")
    zones = _told.zones_around(ask, own)
    words: dict[str, Any] = {
        "row": own,
        "title": _told.title_of(ask, own, zones),
        "sure": certainty(own),
        "kinds": _told.kinds_of(own),
        "told": _told.against(ask, seen.assessments.filter(here)),
        "ellipse": _told.ellipse_of(own),
        "zones": zones,
        "near": _told.near(ask, own),
        "count": _told.count_words(ask, own),
        "worded": _worded,
        "svg": _svg(ask, row),
        "until": seen.until,
        "size": seen.size,
        "released": _released_at(seen.using.settings, own["time"]),
        "instant": instant_text,
    }
    words |= _rest(ask, row) if ask.may(What.OBSERVATION) else dict.fromkeys(_REST)
    return ask.page("incident.html", **words)


_REST = ("under", "missed", "note", "feed", "public_name", "superseded")
"""What the mission sees besides."""


def _rest(ask: Asking, row: pl.DataFrame) -> dict[str, Any]:
    """Return what the mission sees besides; nothing of it is looked at for others."""
    ask.expect(What.OBSERVATION)
    ask.expect(What.COVERAGE)
    ask.expect(What.LOG)
    seen, own = ask.shown, row.row(0, named=True)
    members = seen.members.filter(pl.col("incident") == own["id"])
    with ask.site.reading() as (log, there):
        under = beneath(log, there, own, members)
        told = [(own["id"], each.sensor, each.channel) for each in under.reports]
        reports = pl.DataFrame(told, schema=_REPORT, orient="row")
        found = who_saw(log, there, seen.using, row, reports)
        feed = since(log, there, own["id"], under, members)
        taken = there.desk.read("superseded", TABLES["superseded"].c.superseded_by == own["id"])
    release = load_release(ask.site.home.path / "keys" / "release.key")
    return {
        "under": under,
        "missed": found,
        "note": _NOTES.get(found.note, found.note),
        "feed": feed,
        "public_name": alias(release, own["id"]),
        "superseded": taken["id"].to_list(),
    }


def _svg(ask: Asking, row: pl.DataFrame) -> object:
    own = row.row(0, named=True)
    if own["lat_deg"] is None:
        return ""
    return figure(
        ask,
        box_deg=_told.box_of_one(own),
        incidents=row,
        selected=own["id"],
        layers=_LAYERS,
    )


def _released_at(settings: Settings, time: datetime) -> datetime:
    """Return when the public may see what happened then: its report day's end and the delay."""
    end = window(settings, last_day(settings, time) + timedelta(days=1))[1]
    return end + timedelta(hours=settings.release.delay_h)


def taken_over(ask: Asking, name: str) -> str:
    """Return the incident that a name leads to, among those that who asks may see.

    Raises:
        NotFound: None; in the same words whether it is not there or not to be seen.
    """
    found = ""
    if _NAME.fullmatch(name):
        found = _public(ask, name) if name.startswith(PREFIX) else _own(ask, name)
    if not found or not len(ask.shown.incidents.filter(pl.col("id") == found)):
        raise NotFound(name, "is no incident that you may see", advice="See the list of incidents.")
    return found


def _own(ask: Asking, name: str) -> str:
    """Return what took over an own id; only the mission knows those."""
    if not ask.may(What.OBSERVATION):
        return ""
    with ask.site.reading() as (_, there):
        found = there.desk.read("superseded", TABLES["superseded"].c.id == name)
    return str(found["superseded_by"][0]) if len(found) else ""


def _public(ask: Asking, name: str) -> str:
    """Return what a public name leads to: for the mission the own id, else what took it over."""
    own, to = _behind(ask.site.home, ask.shown.root).get(name, ("", ""))
    return own if ask.may(What.OBSERVATION) else to


@lru_cache(maxsize=2)
def _behind(home: Home, root: str) -> dict[str, tuple[str, str]]:
    """Return the incident behind each public name that was ever given, and its own public name.

    Args:
        home: The mission.
        root: Root of the log prefix that the desk is a function of.
    """
    del root  # asked for as a part of the key alone
    release = load_release(home.path / "keys" / "release.key")
    with reading(home) as (_, there):
        taken = dict(there.desk.read("superseded").select("id", "superseded_by").iter_rows())
        ids = there.desk.read("incident")["id"].to_list()
    names = aliases(release, [*ids, *taken])
    return {
        public: (to := taken.get(own, own), names.get(to) or alias(release, to))
        for own, public in names.items()
    }


ROUTES = (incident,)
