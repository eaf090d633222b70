"""What came in, page by page: files, rows that were refused, slots of schedules."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from trucewatch.evidence.vault.vault import Closed
from trucewatch.mission.confidential import Plaintexts
from trucewatch.mission.explain import shown as printable
from trucewatch.mission.received_ledger import ReceivedLedger, ledger
from trucewatch.store.schema import TABLES
from trucewatch.store.tally import tallies

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from trucewatch.evidence.log import Log
    from trucewatch.mission.home import Home
    from trucewatch.mission.projection import Projection

_FILE, _REFUSED = TABLES["file"], TABLES["quarantine"]
_WHOLE = -1
"""In place of a row: the whole file was refused."""


class File(NamedTuple):
    """One file that was received.

    Attributes:
        entry: Of the log.
        object: SHA-256 of what was sealed.
        sensor: Its sensor.
        name: What it was called, or the beginning of its hash.
        logged_at: When it was sealed.
        level: At which level.
        bytes: Sealed bytes.
        accepted: Rows that were read.
        refused: Rows that were not; 1 for a whole file.
        first: The earliest time that it speaks of; None where nothing was read.
        last: The latest one.
        problem: Why nothing of it could be read; "" where something was.
        closed: Why this machine cannot open it; "" where it can.
    """

    entry: int
    object: str
    sensor: str
    name: str
    logged_at: datetime
    level: str
    bytes: int
    accepted: int
    refused: int
    first: datetime | None
    last: datetime | None
    problem: str
    closed: str


class Fault(NamedTuple):
    """One thing that was refused.

    Attributes:
        entry: Of the file.
        object: SHA-256 of what was sealed.
        sensor: Its sensor.
        name: Of the file.
        logged_at: When the file was sealed.
        line: In the file, from 1; None where it has none.
        whole: Whether the whole file was refused.
        problem: Why.
    """

    entry: int
    object: str
    sensor: str
    name: str
    logged_at: datetime
    line: int | None
    whole: bool
    problem: str


class Came(NamedTuple):
    """How much came: files, rows that were read, rows and files that were refused."""

    files: int
    accepted: int
    refused: int


def came(there: Projection, sensor: str) -> tuple[Came, list[str]]:
    """Return how much a sensor sent, or all of them, and the names of all that sent something.

    Args:
        there: The projection.
        sensor: Its name, "" for all.
    """
    sent = tallies(there.desk)
    chosen = [each for name, each in sent.items() if sensor in ("", name)]
    counts = [(each.files, each.accepted, each.refused) for each in chosen]
    return Came(*(sum(column) for column in zip((0, 0, 0), *counts, strict=True))), sorted(sent)


def faulty(there: Projection, sensor: str) -> pl.DataFrame:
    """Return the files of which something was refused, the newest first.

    Args:
        there: The projection.
        sensor: Their sensor, "" for all.
    """
    found = there.desk.read("file", _FILE.c.refused > 0, *_of(sensor))
    return found.sort("entry", descending=True)


def newest(there: Projection, sensor: str, skip: int, many: int) -> pl.DataFrame:
    """Return files as the desk has them, the newest first; the rest is not brought here.

    Args:
        there: The projection.
        sensor: Their sensor, "" for all.
        skip: How many newer ones are left out.
        many: How many are returned at most.
    """
    entries = _FILE.select().with_only_columns(_FILE.c.entry).where(*_of(sensor))
    page = entries.order_by(_FILE.c.entry.desc()).offset(skip).limit(many)
    found = there.desk.read("file", _FILE.c.entry.in_(page), *_of(sensor))
    return found.sort("entry", descending=True)


def _of(sensor: str) -> list[ColumnElement[bool]]:
    return [_FILE.c.sensor == sensor] if sensor else []


def files(log: Log, there: Projection, rows: pl.DataFrame) -> list[File]:
    """Return files with what the log says of them.

    Args:
        log: The log.
        there: Its projection.
        rows: Of the desk's `file`.
    """
    named = _names(log, rows)
    objects = rows["object"].cast(pl.String).to_list()
    whole = there.desk.read("quarantine", _REFUSED.c.object.in_(objects), _REFUSED.c.row == _WHOLE)
    why = {(str(row["object"]), row["type"]): row["problem"] for row in whole.rows(named=True)}
    return [
        File(
            entry=int(row["entry"]),
            object=str(row["object"]),
            sensor=row["sensor"],
            name=named[int(row["entry"])][0],
            logged_at=(entry := log.entry(int(row["entry"]))).logged_at,
            level=str(entry.level),
            bytes=int(row["bytes"]),
            accepted=int(row["accepted"]),
            refused=int(row["refused"]),
            first=row["time_min"],
            last=row["time_max"],
            problem=why.get((str(row["object"]), row["type"]), ""),
            closed=named[int(row["entry"])][1],
        )
        for row in rows.rows(named=True)
    ]


def _names(log: Log, rows: pl.DataFrame) -> dict[int, tuple[str, str]]:
    """Return what the file of each entry was called, and why it cannot be opened here."""
    plaintexts, found = Plaintexts(log), {}
    for index in rows["entry"].unique().to_list():
        entry = log.entry(index)
        closed = plaintexts.closed(entry)
        reason = closed.reason if isinstance(closed, Closed) else ""
        found[int(index)] = printable(plaintexts.name(entry)), reason
    return found


def faults(log: Log, there: Projection, rows: pl.DataFrame, *, skip: int, many: int) -> list[Fault]:
    """Return what was refused, of the newest file first, by line.

    Args:
        log: The log.
        there: Its projection.
        rows: What `faulty` returned.
        skip: How many newer ones are left out.
        many: How many are returned at most.
    """
    end = rows["refused"].cum_sum()
    before = end - rows["refused"]
    within = (end > skip) & (before < skip + many)
    page, skipped = rows.filter(within), min(before.filter(within).to_list(), default=0)
    held = page.select(pl.col("object").cast(pl.String), "type", "entry", "sensor")
    told = there.desk.read("quarantine", _REFUSED.c.object.in_(held["object"].to_list()))
    found = told.with_columns(pl.col("object").cast(pl.String)).join(held, on=["object", "type"])
    shown = found.sort("entry", "row", descending=[True, False]).slice(skip - skipped, many)
    named = _names(log, shown)
    return [
        Fault(
            entry=int(row["entry"]),
            object=row["object"],
            sensor=row["sensor"],
            name=named[int(row["entry"])][0],
            logged_at=log.entry(int(row["entry"])).logged_at,
            line=row["line"],
            whole=row["row"] == _WHOLE,
            problem=row["problem"],
        )
        for row in shown.rows(named=True)
    ]


@lru_cache(maxsize=2)
def expected(home: Home, size: int) -> ReceivedLedger:
    """Return what was expected against what was received; a log of one size says one thing.

    Args:
        home: The mission.
        size: Of its log now; what was found for another size is found anew.
    """
    return ledger(home)
