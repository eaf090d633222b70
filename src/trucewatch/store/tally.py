"""What each sensor sent, counted inside the database: a mission may hold a hundred thousand files.

`Desk.read("file")` brings every row here, which takes a second at that size; a page cannot wait.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from trucewatch.errors import BadMission
from trucewatch.store.schema import TABLES

if TYPE_CHECKING:
    from trucewatch.store.desk import Desk

_FILE = TABLES["file"].c
_1970 = datetime(1970, 1, 1, tzinfo=UTC)


class Tally(NamedTuple):
    """What one sensor sent, over all of its objects.

    Attributes:
        sensor: Its name.
        files: Objects.
        accepted: Rows that were read.
        refused: Rows and whole files that were not.
        first: Earliest time that an accepted row speaks of; None without any.
        last: Latest one.
        entry: The highest entry of its objects.
    """

    sensor: str
    files: int
    accepted: int
    refused: int
    first: datetime | None
    last: datetime | None
    entry: int


class Sent(NamedTuple):
    """One file of the archive.

    Attributes:
        object: SHA-256 of the sealed object that it was read from.
        family: Folder of the archive.
        entry: Of the object in the log.
        last: Latest time that a row of it speaks of.
    """

    object: str
    family: str
    entry: int
    last: datetime


def tallies(desk: Desk) -> dict[str, Tally]:
    """Return what each sensor sent, by name.

    Args:
        desk: Where `file` is read.
    """
    query = sa.select(
        _FILE.sensor,
        sa.func.count(),
        sa.func.sum(_FILE.accepted),
        sa.func.sum(_FILE.refused),
        sa.func.min(_FILE.time_min),
        sa.func.max(_FILE.time_max),
        sa.func.max(_FILE.entry),
    ).group_by(_FILE.sensor)
    rows = _ask(desk, query)
    return {
        name: Tally(name, files, int(read), int(not_), _time(first), _time(last), entry)
        for name, files, read, not_, first, last, entry in rows
    }


def newest_files(desk: Desk, sensor: str, many: int) -> list[Sent]:
    """Return a sensor's files that end last, of those with an accepted row, the latest first.

    Args:
        desk: Where `file` is read.
        sensor: Its name.
        many: How many at most.
    """
    query = (
        sa.select(_FILE.object, _FILE.family, _FILE.entry, _FILE.time_max)
        .where(_FILE.sensor == sensor, _FILE.accepted > 0)
        .order_by(_FILE.time_max.desc(), _FILE.object.desc())
        .limit(many)
    )
    return [
        Sent(object_, family, entry, _1970 + timedelta(microseconds=last))
        for object_, family, entry, last in _ask(desk, query)
    ]


def _ask(desk: Desk, query: sa.Select[Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a query.

    Raises:
        BadMission: The database refused, or is none.
    """
    try:
        with desk.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(query)]
    except sa.exc.DatabaseError as error:
        problem = f"{error.orig}, expected the tables of a mission"
        where = str(desk.engine.url.database)
        raise BadMission(where, problem, advice="Run tw rebuild HOME.") from error


def _time(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else _1970 + timedelta(microseconds=microseconds)
