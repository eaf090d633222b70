"""How a report day stands, as somebody may see it: what was counted, and what could be seen."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from trucewatch.access.policy import What
from trucewatch.agreement.force import Force, in_force
from trucewatch.errors import BadInput
from trucewatch.mission.confidential import erasures
from trucewatch.mission.configuration import versions
from trucewatch.mission.holding import watching_of
from trucewatch.mission.known import as_of
from trucewatch.mission.report_day import last_day, window
from trucewatch.mission.shown import objects_at
from trucewatch.report.bulletin.interval import tally
from trucewatch.report.bulletin.shown import shown
from trucewatch.report.counting.rules import counts_of
from trucewatch.report.counting.table import Row
from trucewatch.serve.lasting import Lasting
from trucewatch.serve.pages._issues import DAILY, issues, latest

if TYPE_CHECKING:
    from collections.abc import Collection

    from trucewatch.evidence.checkpoint import Checkpoint
    from trucewatch.evidence.log import Log
    from trucewatch.mission.configuration import Configuration
    from trucewatch.mission.projection import Projection
    from trucewatch.mission.shown import Shown
    from trucewatch.report.bulletin.interval import Tally
    from trucewatch.report.counting.rules import Count
    from trucewatch.report.watching import Watching
    from trucewatch.serve.ask import Asking
    from trucewatch.serve.pages._issues import Issue

_EARLIEST = date(1970, 1, 1)
"""Nothing is asked of days before; there is no report day that early."""
_DAY = timedelta(days=1)
_watching: Lasting[Watching | None] = Lasting(16)
"""What could be seen on a report day, by run, text, day and role: a second of work each."""
_FIRST_POINT = re.compile(
    r"^SUMMARY\n-+\n +1\. (.*?)(?=\n +2\. |\n\n|\Z)", re.DOTALL | re.MULTILINE
)


class Silence(NamedTuple):
    """A sensor that was silent beyond its own rhythm."""

    sensor: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Standing:
    """One report day.

    Attributes:
        day: The report day.
        first: The first one of which anything was received that may be seen.
        last: The last one that may be seen.
        start: Beginning of its window.
        end: Its end.
        using: The configuration in force, with the text that was in force at the window's end.
        bound: Whether any text was in force in it.
        incidents: Of the window, as `mission.shown` has them.
        before: Of as many hours before it.
        watching: What could have been seen; None where nobody declared it.
        issue: The newest bulletin of a day that is not after this one.
        words: First sentences of that bulletin as sealed, or "".
        silences: As that bulletin tells them, when it is of this very day.
        head: The log's newest checkpoint.
    """

    day: date
    first: date
    last: date
    start: datetime
    end: datetime
    using: Configuration
    bound: bool
    incidents: pl.DataFrame
    before: pl.DataFrame
    watching: Watching | None
    issue: Issue | None
    words: str
    silences: tuple[Silence, ...]
    head: Checkpoint

    @property
    def counts(self) -> list[tuple[Count, Count]]:
        """What each named rule counts, in the window and in the one before."""
        pairs = (counts_of(_rows(table)) for table in (self.incidents, self.before))
        return list(zip(*pairs, strict=True))

    @property
    def real(self) -> tuple[Tally, Tally]:
        """How many incidents are real, in the window and in the one before."""
        now, before = (tally(table["real_p"].to_list()) for table in (self.incidents, self.before))
        return now, before

    @property
    def later(self) -> date | None:
        """The next report day that may be seen."""
        return self.day + _DAY if self.day < self.last else None

    @property
    def earlier(self) -> date | None:
        """The report day before; None where nothing was received of it or of any before."""
        return self.day - _DAY if self.day > self.first else None


def standing(ask: Asking) -> Standing | None:
    """Return the report day that is asked for, else the last that may be seen.

    What the public sees has been released, and was put into incidents by the newest run.

    Returns:
        None before any run, and while no report day may be seen.
    """
    ask.expect(What.INCIDENT)
    ask.expect(What.ASSESSMENT)
    ask.expect(What.REPORT)
    ask.expect(What.LOG)
    row = ask.expect(What.COVERAGE)
    seen = ask.shown
    if not seen.size:
        return None
    settings = seen.using.settings
    with ask.site.reading() as (log, there):
        known = as_of(log, seen.size)
        late = timedelta(hours=settings.release.delay_h) if row.delayed else timedelta()
        last = last_day(settings, min(known, ask.site.now() - late))
        objects = objects_at(log, row.levels) if row.coarse else None
        first = _first_day(there, seen, objects)
        if first > last:
            return None
        day = _asked(ask.value("date"), first, last)
        start, end = window(settings, day)
        bound = _bound(log, seen.size, seen.using, (start, end))
        using = bound or seen.using
        run = str(ask.site.home.path), seen.size, seen.root, len(erasures(log)), using.entry
        told = _watching.get(
            (*run, using.agreement_object, start, end, row.coarse),
            lambda: watching_of(log, there, using, (start, end), shown=objects),
        )
        issue = latest(issues(log), DAILY, day)
        return Standing(
            day=day,
            first=first,
            last=last,
            start=start,
            end=end,
            using=using,
            bound=bound is not None,
            incidents=_between(seen.incidents, start, end),
            before=_between(seen.incidents, start - (end - start), start),
            watching=None if told is None else shown(told, "public" if row.coarse else "mission"),
            issue=issue,
            words=_first_words(_sealed(log, issue, ".txt")),
            silences=_silences(_sealed(log, issue, ".json"), issue, day),
            head=log.checkpoint(),
        )


def _bound(
    log: Log, size: int, using: Configuration, span: tuple[datetime, datetime]
) -> Configuration | None:
    """Return the same with the last text in force in a span; None where none was."""
    for version in reversed(versions(log, size)):
        if in_force(version.agreement, *span) is not Force.NO:
            raw = log.object(version.object)
            return replace(using, agreement_bytes=raw, agreement_object=version.object)
    return None


def _first_day(there: Projection, seen: Shown, objects: Collection[str] | None) -> date:
    """Return the report day of the first row that was received, before which nobody watched."""
    files = there.desk.read("file").filter(pl.col("accepted") > 0, pl.col("entry") < seen.size)
    if objects is not None:
        files = files.filter(pl.col("object").cast(pl.String).is_in(list(objects)))
    first: Any = files["time_min"].min()
    if first is None:
        return _EARLIEST
    settings = seen.using.settings
    day = last_day(settings, first)  # its window ends by then
    while window(settings, day)[1] <= first:
        day += _DAY
    return day


def _asked(text: str, first: date, last: date) -> date:
    """Return the day that an address asks for.

    Raises:
        BadInput: It is none, or one that may not be seen yet.
    """
    if not text:
        return last
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise BadInput("date", f"is {text[:40]!r}, expected a day such as {last}") from error
    if day > last:
        raise BadInput("date", f"is {day}, expected {last} or earlier: later days are not out yet")
    if day < first:
        raise BadInput("date", f"is {day}, expected {first} or later: nobody watched before")
    return day


def _between(table: pl.DataFrame, start: datetime, end: datetime) -> pl.DataFrame:
    return table.filter(pl.col("time") >= start, pl.col("time") < end)


def _rows(table: pl.DataFrame) -> list[Row]:
    """Return incidents as the counting rules take them, in the order of a release table."""
    return [
        Row(
            window="",
            id=each["id"],
            kind=each["class"],
            start=each["time_start"].astimezone(UTC),
            end=each["time_end"].astimezone(UTC),
            place_deg=None if each["lat_deg"] is None else (each["lat_deg"], each["lon_deg"]),
            count_min=each["count_min"],
            count_max=each["count_max"],
            assessments=(),
            said={},
        )
        for each in table.sort("time", "id").iter_rows(named=True)
    ]


def _sealed(log: Log, issue: Issue | None, end: str) -> str:
    file = None if issue is None else issue.file(end)
    return "" if file is None else log.object(file.sha256).decode()


def _first_words(text: str) -> str:
    """Return the first point of a bulletin's summary, its lines joined; "" where there is none."""
    found = _FIRST_POINT.search(text)
    return " ".join(found[1].split()) if found else ""


def _silences(numbers: str, issue: Issue | None, day: date) -> tuple[Silence, ...]:
    """Return the silences that the bulletin of this very day tells."""
    if issue is None or issue.day != day or not numbers:
        return ()
    return tuple(
        Silence(
            sensor=each["sensor"],
            start=datetime.fromisoformat(each["start"]),
            end=datetime.fromisoformat(each["end"]),
        )
        for each in json.loads(numbers)["silences"]
    )
