"""The logbook: every record with its acts, as of any time; for the mission alone."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
import polars as pl
from litestar.params import FromPath

from trucewatch.access.policy import What
from trucewatch.errors import BadInput, NotFound
from trucewatch.mission.logbook import every_record, record_of, size_at
from trucewatch.records.canonical import canonical
from trucewatch.records.logbook.kinds import MACHINES
from trucewatch.records.logbook.standing import row
from trucewatch.serve.api._asked import ASOF, PAGE, cut, delimited, resource, word
from trucewatch.serve.ask import Ask
from trucewatch.serve.sought import instant
from trucewatch.store.schema import LOGBOOK

if TYPE_CHECKING:
    from trucewatch.records.logbook.machine import Record
    from trucewatch.serve.ask import Asking

_KIND = word("kind", "Kind of record.", enum=list(MACHINES))


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One act as it was entered.

    Attributes:
        entry: Its entry.
        act: Its name.
        at: When it was done, as claimed.
        logged_at: When the log acknowledged it.
        by: Name of whoever entered it, as typed.
        note: In their words.
        objects: SHA-256 of the sealed objects that show it.
        detail: What the act needs besides.
        voided_by: Entry of the act that struck it, or null.
    """

    entry: int
    act: str
    at: datetime
    logged_at: datetime
    by: str
    note: str
    objects: list[str]
    detail: dict[str, Any]
    voided_by: int | None


class LogbookRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A record of the logbook as it stands.

    Attributes:
        id: Its name, such as `window-12`.
        kind: What it is.
        entry: Entry of the act that opened it.
        state: Where it stands.
        opened_at: As claimed.
        state_at: Of the act that brought it into its state, as claimed.
        time_start: When what it tells of begins.
        time_end: Null while it lasts.
        lat_deg: WGS 84; null without a place.
        lon_deg: Likewise.
        error_m: One standard deviation along each axis.
        summary: What the opening act says, in one line.
        detail: What it says in full.
        steps: Everything that was entered, struck or not, in log order.
    """

    id: str
    kind: str
    entry: int
    state: str
    opened_at: datetime
    state_at: datetime
    time_start: datetime
    time_end: datetime | None
    lat_deg: float | None
    lon_deg: float | None
    error_m: float | None
    summary: str
    detail: dict[str, Any]
    steps: list[Step]


class LogbookRecords(msgspec.Struct, frozen=True, kw_only=True):
    """A page of records, the latest first.

    Attributes:
        total: Records that the filter leaves.
        page: Which page.
        size: Records of a page.
        next: Address of the next page, null on the last.
        items: The records.
    """

    total: int
    page: int
    size: int
    next: str | None
    items: list[LogbookRecord]


@resource("/logbook", *PAGE, _KIND, ASOF)
def logbook_json(ask: Ask) -> LogbookRecords:
    """Return the records of the logbook, a page at a time."""
    found = _wanted(ask)
    at = cut(ask, len(found))
    items = [record_as(each) for each in found[at.start : at.start + at.size]]
    return LogbookRecords(total=at.total, page=at.page, size=at.size, next=at.next, items=items)


@resource("/logbook.csv", _KIND, ASOF, csv=True)
def logbook_csv(ask: Ask) -> str:
    """Return the records of the logbook; detail and steps as JSON."""
    rows = []
    for each in _wanted(ask):
        told = row(each)
        rows.append(told | {n: canonical(told[n]).decode() for n in ("detail", "steps")})
    return delimited(pl.DataFrame(rows, schema=LOGBOOK))


@resource("/logbook/{name:str}", ASOF)
def record_json(ask: Ask, name: FromPath[str]) -> LogbookRecord:
    """Return one record, act by act.

    Raises:
        NotFound: There is none of that name.
    """
    found = record_of(_records(ask), name[:80])
    if found is None:
        raise NotFound(name[:40], "is no record of the logbook, expected one such as window-12")
    return record_as(found)


def record_as(record: Record) -> LogbookRecord:
    """Return a record as the API tells it."""
    return msgspec.convert(row(record), LogbookRecord)


def _wanted(ask: Asking) -> list[Record]:
    """Return what the address asks for, the latest first.

    Raises:
        BadInput: There is no such kind.
    """
    kind = ask.value("kind").strip()
    ask.expect(What.LOGBOOK)
    if kind and kind not in MACHINES:
        raise BadInput("kind", f"is {kind[:80]!r}, expected one of {', '.join(MACHINES)}")
    found = [each for each in _records(ask) if kind in ("", each.kind)]
    return sorted(found, key=lambda each: each.entry, reverse=True)


def _records(ask: Asking) -> tuple[Record, ...]:
    """Return every record, as the log has it or had it at a time."""
    ask.expect(What.LOGBOOK)
    as_of = instant("asof", ask.value("asof").strip())
    with ask.site.reading() as (log, _):
        return tuple(every_record(log, log.size if as_of is None else size_at(log, as_of)))


ROUTES = (logbook_json, logbook_csv, record_json)
