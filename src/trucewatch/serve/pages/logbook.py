"""The logbook: what people notified, agreed, met and saw; each act a sealed, signed statement."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl
from litestar import Response, get
from litestar.params import FromPath

from trucewatch.access.policy import What
from trucewatch.errors import BadInput, NotFound
from trucewatch.evidence.log import Log
from trucewatch.mission.explain import prove
from trucewatch.mission.logbook import every_record, record_of, size_at
from trucewatch.mission.silence_kept import broken
from trucewatch.records.instant import parse_instant
from trucewatch.records.logbook.kinds import MACHINES
from trucewatch.records.logbook.machine import VOIDED
from trucewatch.records.logbook.restriction import HINDRANCES
from trucewatch.records.logbook.standing import place, span, summary
from trucewatch.serve.ask import Ask
from trucewatch.serve.maps.figure import figure
from trucewatch.serve.marks import certainty, outcome_mark
from trucewatch.serve.nav import N_
from trucewatch.serve.pages import _logbook_words as words
from trucewatch.serve.pages import _told, _worded
from trucewatch.serve.pages._numbered import whole
from trucewatch.serve.sought import chosen, instant

if TYPE_CHECKING:
    from trucewatch.mission.home import Home
    from trucewatch.mission.silence_kept import Broken
    from trucewatch.records.logbook.machine import Record
    from trucewatch.serve.ask import Asking

_ROWS = 100
_AROUND = 20
_STANDS = {"open": N_("lasting"), "over": N_("over"), "struck": N_("struck")}
_PATHS = {
    "restriction": ("/logbook/restrictions", N_("Restrictions")),
    "notification": ("/logbook/notifications", N_("Notices")),
    "window": ("/logbook/windows", N_("Windows of silence")),
    "visit": ("/logbook/visits", N_("Visits")),
}
"""Kinds with a page of their own: its address and its name."""
_TABS = (("/logbook", N_("Everything")), *_PATHS.values())
_MAP_PX = (380, 222)
_LAYERS = frozenset({"incidents", "lines", "zones", "windows", "hindered", "names"})


class Line(NamedTuple):
    """A record in a list.

    Attributes:
        record: The record.
        detail: What its opening act says.
        start: When what it tells of begins.
        end: When it ends, None while it lasts.
        summary: What it says, in English.
    """

    record: Record
    detail: dict[str, Any]
    start: datetime
    end: datetime | None
    summary: str


@get("/logbook", sync_to_thread=True, include_in_schema=False)
def logbook(ask: Ask) -> Response[str]:
    """Return the list of all records, filtered.

    Raises:
        BadInput: There is no such kind.
    """
    ask.expect(What.LOGBOOK)
    kind = ask.value("kind")
    if kind and kind not in MACHINES:
        raise BadInput("kind", f"is {kind[:80]!r}, expected one of {', '.join(MACHINES)}")
    return _list(ask, "logbook.html", kind)


@get("/logbook/restrictions", sync_to_thread=True, include_in_schema=False)
def restrictions(ask: Ask) -> Response[str]:
    """Return where monitors were hindered."""
    return _list(ask, "logbook_restrictions.html", "restriction", hindrances=HINDRANCES)


@get("/logbook/notifications", sync_to_thread=True, include_in_schema=False)
def notifications(ask: Ask) -> Response[str]:
    """Return what was notified, and what comparing it with observations gave."""
    return _list(ask, "logbook_notifications.html", "notification", outcomes=words.OUTCOMES)


@get("/logbook/windows", sync_to_thread=True, include_in_schema=False)
def windows(ask: Ask) -> Response[str]:
    """Return the windows of silence, who guaranteed them, and what broke them."""
    ask.expect(What.LOGBOOK)
    ask.expect(What.ASSESSMENT)
    return _list(ask, "logbook_windows.html", "window", broken=_broken(ask))


@get("/logbook/visits", sync_to_thread=True, include_in_schema=False)
def visits(ask: Ask) -> Response[str]:
    """Return the visits of sites: planned, counted, denied."""
    return _list(ask, "logbook_visits.html", "visit")


@get("/logbook/{name:str}", sync_to_thread=True, include_in_schema=False)
def record(ask: Ask, name: FromPath[str]) -> Response[str]:
    """Return one record, act by act.

    Raises:
        NotFound: There is none of that name.
    """
    ask.expect(What.LOGBOOK)
    ask.expect(What.ASSESSMENT)
    with ask.site.reading() as (log, there):
        records = _records(ask.site.home, log.size)
        found = record_of(records, name[:80])
        if found is None:
            problem = "is no record of the logbook, expected one such as window-12"
            raise NotFound(name[:40], problem)
        proven = {step.entry: prove(log, step.entry) for step in found.entered}
        broke = broken(log, there.desk, found, records)
    told = ask.shown.assessments.filter(
        pl.col("subject") == found.id, pl.col("subject_kind") != "incident"
    )
    at = place(found)
    line = _line(found)
    return ask.page(
        "logbook_record.html",
        line=line,
        one=found,
        at=at,
        svg=_drawn(ask, line) if at else "",
        near=_near(ask, line).rows(named=True) if at else [],
        acts=[(step, words.said(ask, found, step)) for step in found.entered],
        proven=proven,
        broke=broke,
        told=_told.against(ask, told),
        **_words(),
    )


def _words() -> dict[str, Any]:
    return {
        "words": words,
        "machines": MACHINES,
        "struck": VOIDED,
        "tabs": _TABS,
        "paths": _PATHS,
        "worded": _worded,
        "outcome_mark": outcome_mark,
        "certainty": certainty,
        "instant": lambda text: parse_instant(str(text), where="the logbook"),
    }


def _list(ask: Asking, template: str, kind: str, **more: Any) -> Response[str]:  # noqa: ANN401
    """Return a list of records, newest first.

    Raises:
        BadInput: There is no such state, or a time or number cannot be read.
    """
    ask.expect(What.LOGBOOK)
    state = ask.value("state")
    if state and state not in _STANDS:
        raise BadInput("state", f"is {state[:80]!r}, expected one of {', '.join(_STANDS)}")
    as_of = instant("asof", ask.value("asof").strip())
    with ask.site.reading() as (log, _):
        size = log.size if as_of is None else size_at(log, as_of)
    every = _records(ask.site.home, size)
    kept = [each for each in every if kind in ("", each.kind) and _stands(each, state)]
    lines = sorted(map(_line, kept), key=lambda each: (each.start, each.record.entry), reverse=True)
    at, last = chosen(whole(ask, "page", 1), lines, _ROWS)
    return ask.page(
        template,
        lines=lines[(at - 1) * _ROWS : at * _ROWS],
        total=len(lines),
        every=len(
            [each for each in every if kind in ("", each.kind) or template == "logbook.html"]
        ),
        at=at,
        last=last,
        kind=kind,
        state=state,
        stands=_STANDS,
        asof=ask.value("asof"),
        **_words(),
        **more,
    )


def _stands(record: Record, state: str) -> bool:
    if state == "struck":
        return record.state == VOIDED
    return not state or (record.state != VOIDED and words.lasts(record) == (state == "open"))


@lru_cache(maxsize=4)
def _records(home: Home, size: int) -> tuple[Record, ...]:
    """Return every record of the first `size` entries; a log's entries never change."""
    with Log.open(home.path) as log:
        return every_record(log, size)


def _line(record: Record) -> Line:
    start, end = span(record)
    return Line(
        record=record,
        detail=dict(record.opening.detail),
        start=start,
        end=end,
        summary=words.plainly(summary(record), record.opening.detail),
    )


def _broken(ask: Asking) -> dict[str, tuple[Broken, ...]]:
    """Return what rules flag in each window, by its id, as of the last run."""
    with ask.site.reading() as (log, there):
        records = _records(ask.site.home, log.size)
        return {
            each.id: broken(log, there.desk, each, records)
            for each in records
            if each.kind == "window"
        }


def _near(ask: Asking, line: Line) -> pl.DataFrame:
    """Return the incidents around a record's place while it lasted, the surest first."""
    at = place(line.record)
    if at is None or not ask.may(What.INCIDENT):
        return ask.shown.incidents.clear()
    west, south, east, north = _box(line)
    during = (pl.col("time") >= line.start) & (pl.col("time") <= (line.end or ask.site.now()))
    found = ask.shown.incidents.filter(
        during,
        pl.col("lon_deg").is_between(west, east),
        pl.col("lat_deg").is_between(south, north),
    )
    return found.sort("real_p", "id", descending=[True, False]).head(_AROUND)


def _box(line: Line) -> tuple[float, float, float, float]:
    """Return a box that holds the place of a record and its radius."""
    at = place(line.record) or {}
    west, south, east, north = words.box_around(at)
    radius_m = float(str(line.detail.get("radius_m") or 0))
    up_deg = max(north - south, 2.6 * radius_m / 111_320) / 2
    over_deg = (east - west) / (north - south) * up_deg
    mid_lon, mid_lat = (west + east) / 2, (south + north) / 2
    return mid_lon - over_deg, mid_lat - up_deg, mid_lon + over_deg, mid_lat + up_deg


def _drawn(ask: Asking, line: Line) -> object:
    return figure(
        ask, box_deg=_box(line), incidents=_near(ask, line), layers=_LAYERS, size_px=_MAP_PX
    )


ROUTES = (logbook, restrictions, notifications, windows, visits, record)
