"""Second stop: one night, report by report; who was silent; and a blast that was announced."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.assess import assess
from trucewatch.errors import BadMission
from trucewatch.mission.configuration import versions
from trucewatch.mission.covered import WATCH, size_of, used
from trucewatch.mission.explain import explain
from trucewatch.mission.known import facts
from trucewatch.mission.logbook import logbook
from trucewatch.mission.opened import reading
from trucewatch.mission.tour_stop import Line, Stop, clock, prose
from trucewatch.records.instant import instant_text, parse_instant
from trucewatch.records.watch import watch_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trucewatch.evidence.log import Log
    from trucewatch.mission.explain import Explanation
    from trucewatch.mission.home import Home
    from trucewatch.mission.projection import Projection
    from trucewatch.records.canonical import Json
    from trucewatch.records.logbook.machine import Record

SPEED = 60
"""How much faster the night is played than it was."""
_AROUND = timedelta(minutes=90)
_WINDOW, _NOTICE = "window", "notification"


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """What the demonstration's logbook points to.

    Attributes:
        window: The window of silence, and `broken` the incident that was found in it.
        broken: That incident, by id.
        notice: The notification of a blast.
        blast: The incident that it was matched with, by id.
    """

    window: Record
    broken: str
    notice: Record
    blast: str


def night_of(log: Log, size: int) -> Night:
    """Return the window that was broken and the blast that was announced.

    Raises:
        BadMission: The logbook has none: the demonstration was too short.
    """
    records = logbook(log, size)
    broken = [(r, s) for r in records if r.kind == _WINDOW and (s := r.last("breached"))]
    matched = [(r, s) for r in records if r.kind == _NOTICE and (s := r.last("reconciled"))]
    if not broken or not matched:
        problem = "no broken window and no matched notice, expected both"
        raise BadMission(log.origin, problem, advice="Take a demonstration of 26 days or more.")
    (window, breach), (notice, match) = broken[0], matched[0]
    incidents = match.detail["incidents"]
    blast = str(incidents[0]) if isinstance(incidents, list | tuple) else ""
    return Night(window=window, broken=str(breach.detail["incident"]), notice=notice, blast=blast)


def night_in(home: Home) -> Night:
    """Return the same of a mission that has run."""
    with reading(home) as (log, there):
        return night_of(log, size_of(log, there))


def stop_night(number: int, home: Home, night: Night, broken: Explanation) -> Stop:
    """Return the night of the broken window, and the day of the blast.

    Args:
        number: Of the stop.
        home: A mission that has run.
        night: What its logbook points to.
        broken: What is known of the incident in the window.
    """
    with reading(home) as (log, there):
        size = size_of(log, there)
        watched = watch_table(used(there.archive.family(WATCH), there, size))
        unannounced = _unannounced(log, there, size, night)
    blast = explain(home, night.blast)
    found = _found(night, broken, blast, unannounced)
    played = _played([*_window_turns(night.window), *_reports(broken), *_flights(broken, watched)])
    return Stop(
        number=number,
        title=f"A night at {SPEED} times its speed: several sensors, one incident",
        lines=(*played, Line(), *_said(found)),
        found=found,
        commands=(f"explain {home.path} {night.broken}", f"explain {home.path} {night.blast}"),
    )


def _window_turns(window: Record) -> Iterator[tuple[datetime, str]]:
    site = window.opening.detail["site"]
    for step in window.all("started", "completed"):
        yield step.at, f"{'LOGBOOK':12} window of silence, {site}: {step.act}"


def _reports(broken: Explanation) -> Iterator[tuple[datetime, str]]:
    for link in broken.links:
        at = _instant(link.seen["time_start"])
        channel, kind = link.seen["channel"], str(link.seen["class"]).replace("_", " ")
        yield at, f"{channel:12} reports {kind}  ({link.file}, line {link.line})"


def _flights(broken: Explanation, watched: pl.DataFrame) -> Iterator[tuple[datetime, str]]:
    """Yield when those who should have seen it and did not began and ended their watch."""
    at = _instant(broken.incident["time"])
    for name in _silent(broken):
        own = watched.filter(asset=name).filter(pl.col("start") <= at, pl.col("end") >= at)
        for row in own.iter_rows(named=True):
            yield row["start"], f"{name:12} begins its watch over the place"
            yield row["end"], f"{name:12} ends its watch, and has reported nothing"


def _played(turns: Sequence[tuple[datetime, str]]) -> Iterator[Line]:
    before: datetime | None = None
    for at, text in sorted(turns):
        after_s = 0.0 if before is None else (at - before).total_seconds()
        yield Line(f"  {clock(at)}  {text}"[:98], after_s)
        before = at


def _silent(broken: Explanation) -> list[str]:
    watchers = broken.who_saw.watchers if broken.who_saw else ()
    return [each.asset for each in watchers if each.expected and not each.saw]


def _instant(said: object) -> datetime:
    return said if isinstance(said, datetime) else parse_instant(str(said), where="incident")


def _outcomes(rows: Sequence[Mapping[str, object]]) -> dict[str, Json]:
    return {
        str(row["rule"]): f"{str(row['outcome']).replace('_', ' ')} {row['why'] or ''}".strip()
        for row in rows
        if row["outcome"] != "no_rule"
    }


def _unannounced(log: Log, there: Projection, size: int, night: Night) -> dict[str, Json]:
    """Return what would have been said of the blast had nobody announced it."""
    incidents = there.desk.read("incident")
    known = facts((there.archive, there.desk), log, size, incidents=incidents)
    without = tuple(each for each in known.logbook if each.id != night.notice.id)
    table = assess(replace(known, logbook=without), versions=versions(log, size))
    return _outcomes(table.filter(subject=night.blast).to_dicts())


def _found(
    night: Night, broken: Explanation, blast: Explanation, unannounced: dict[str, Json]
) -> dict[str, Json]:
    watchers = broken.who_saw.watchers if broken.who_saw else ()
    return {
        "incident": night.broken,
        "reports": len(broken.links),
        "seen_by": [*sorted({str(link.seen["channel"]) for link in broken.links})],
        "silent": [
            {
                "asset": each.asset,
                "chance_p": each.chance_p,
                "taken": ", ".join(taken.cause for taken in each.taken),
            }
            for each in watchers
            if each.expected and not each.saw
        ],
        "outcomes": _outcomes(broken.assessments),
        "blast": night.blast,
        "blast_at": instant_text(_instant(blast.incident["time"])),
        "blast_reports": len(blast.links),
        "notice": night.notice.id,
        "blast_outcomes": _outcomes(blast.assessments),
        "blast_unannounced": unannounced,
    }


def _said(found: Mapping[str, Json]) -> Iterator[Line]:
    seen_by = found["seen_by"]
    names = ", ".join(str(each) for each in seen_by) if isinstance(seen_by, list) else ""
    yield from prose(f"{found['reports']} reports became 1 incident, {found['incident']}.")
    yield from prose(f"Seen by {names}.", indent=2, hang=2)
    yield from prose(f"Rules: {_told(found['outcomes'])}.", indent=2, hang=2)
    silent = found["silent"]
    for each in silent if isinstance(silent, list) else []:
        if isinstance(each, dict) and isinstance(each["chance_p"], float):
            taken = each["taken"] or "nothing"
            text = f"{each['asset']} should have seen it (P = {each['chance_p']:.2f}) and did not;"
            yield from prose(f"{text} what had been taken from it: {taken}.", indent=2, hang=2)
    yield Line()
    at = clock(_instant(found["blast_at"]))
    text = f"The blast of {at}, {found['blast_reports']} reports, was announced ({found['notice']})"
    yield from prose(f"{text}: {_told(found['blast_outcomes'])}.", hang=2)
    yield from prose(
        f"The same without the notice, by the same rules: {_told(found['blast_unannounced'])}.",
        hang=2,
    )


def _told(outcomes: Json) -> str:
    several = outcomes.items() if isinstance(outcomes, dict) else ()
    return "; ".join(f"{rule} {each}" for rule, each in several)
