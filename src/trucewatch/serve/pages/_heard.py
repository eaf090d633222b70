"""Sensors as the desk knows them: what came, what was refused, when they were silent."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from trucewatch.errors import BadMission, NotFound
from trucewatch.observe import sensor as module_of
from trucewatch.observe import sensors as known_modules
from trucewatch.records.table import OBSERVATION, empty
from trucewatch.store.schema import TABLES
from trucewatch.store.tally import Tally, newest_files, tallies

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from trucewatch.evidence.log import Log
    from trucewatch.mission.projection import Projection
    from trucewatch.mission.settings import Settings
    from trucewatch.store.tally import Sent

_WIDE = 100.0
_MORE = 4  # times as many files are looked at where those that end last do not settle it


class Heard(NamedTuple):
    """One sensor.

    Attributes:
        name: Its module.
        procedure: What the module says of itself, in English, in one sentence.
        files: How many objects it sent.
        accepted: Rows that were read.
        refused: Rows and files that were not.
        last: The latest time that a report of it speaks of; None without any.
        last_entry: Entry of its latest object, -1 without any.
        last_logged: When that was sealed; None without any.
        silences: When it sent nothing and should have, from and until.
        bar: Where a bar of the whole period is heard: pairs of left and width, of 100.
        heard_share: How much of that period lies outside its silences; 0 where nothing came.
        every_h: Hours between two files that are expected, 0 without a schedule.
        level: Level at which its files are sealed.
    """

    name: str
    procedure: str
    files: int
    accepted: int
    refused: int
    last: datetime | None
    last_entry: int
    last_logged: datetime | None
    silences: list[tuple[datetime, datetime, float | None]]
    bar: list[tuple[float, float]]
    heard_share: float
    every_h: float
    level: str


class Listened(NamedTuple):
    """All sensors, and the period from the first report of any to the last."""

    sensors: list[Heard]
    start: datetime | None
    end: datetime | None


def listened(log: Log, there: Projection, settings: Settings) -> Listened:
    """Return every sensor that sent something or is expected to, by name.

    Args:
        log: The log.
        there: Its projection.
        settings: In force.
    """
    sent, silent = tallies(there.desk), there.desk.read("silence")
    start = min((t.first for t in sent.values() if t.first), default=None)
    end = max((t.last for t in sent.values() if t.last), default=None)
    names = {
        *sent,
        *settings.intake,
        *(each.sensor for each in settings.coverage.values()),
    }
    found = [
        _heard(
            log,
            sent.get(name, Tally(name, 0, 0, 0, None, None, -1)),
            silent.filter(sensor=name),
            settings,
            (start, end),
        )
        for name in sorted(names)
    ]
    return Listened(found, start, end)


def _heard(
    log: Log,
    sent: Tally,
    silent: pl.DataFrame,
    settings: Settings,
    period: tuple[datetime | None, datetime | None],
) -> Heard:
    silences = list(silent.sort("start").select("start", "end", "expected").iter_rows())
    bar = list(_bar(silences, period)) if sent.accepted else []
    intake = settings.intake_of(sent.sensor)
    return Heard(
        name=sent.sensor,
        procedure=procedure_of(sent.sensor),
        files=sent.files,
        accepted=sent.accepted,
        refused=sent.refused,
        last=sent.last,
        last_entry=sent.entry,
        last_logged=log.entry(sent.entry).logged_at if sent.files else None,
        silences=silences,
        bar=bar,
        heard_share=sum(width for _, width in bar) / _WIDE,
        every_h=intake.every_h,
        level=intake.level,
    )


def procedure_of(name: str) -> str:
    """Return the first sentence of what a sensor's module says of itself; "" for an unknown one."""
    said = (module_of(name).__doc__ or "") if name in known_modules() else ""
    return " ".join(said.split("\n\n")[0].split())


def _bar(
    silences: Sequence[tuple[datetime, datetime, float | None]],
    period: tuple[datetime | None, datetime | None],
) -> Iterator[tuple[float, float]]:
    """Yield the pieces between silences, as left and width of 100."""
    start, end = period
    if start is None or end is None or end <= start:
        return
    whole = end - start
    edges = [start, *(min(max(t, start), end) for s in silences for t in s[:2]), end]
    for left, right in list(pairwise(edges))[::2]:
        if right > left:
            yield _WIDE * ((left - start) / whole), _WIDE * ((right - left) / whole)


def latest(there: Projection, name: str, many: int) -> pl.DataFrame:
    """Return a sensor's latest observations, the newest first, without their features.

    Only the ends of the newest files of the archive are read. A further column `entry` says in
    which entry of the log each was sealed.

    Args:
        there: The projection.
        name: Of the sensor.
        many: How many.
    """
    asked = many
    while True:
        files = newest_files(there.desk, name, asked)
        found = _read(there, files, many)
        if len(files) < asked or _settled(found, many, files[-1].last):
            return found
        asked *= _MORE


def _read(there: Projection, files: Sequence[Sent], many: int) -> pl.DataFrame:
    """Return the latest rows of some files, of which the one that ends last comes first."""
    found = empty({**OBSERVATION, "object": pl.String(), "entry": pl.UInt64()})
    for file in files:
        if _settled(found, many, file.last):
            break
        found = pl.concat([found, _tail(there, file, many)])
        found = found.sort("time_start", "object", "row", descending=True).head(many)
    return found


def _settled(found: pl.DataFrame, many: int, last: datetime) -> bool:
    """Return whether a file that ends then, or before, can hold none of the latest."""
    return len(found) >= many and last < found["time_start"][many - 1]


def _tail(there: Projection, file: Sent, many: int) -> pl.DataFrame:
    """Return the last rows of one file of the archive, which is sorted by time.

    Raises:
        BadMission: It cannot be read.
    """
    path = there.archive.path(file.family, file.object)
    try:
        table = pl.scan_parquet(path).tail(many).collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        problem = f"{str(error).partition(chr(10))[0]}, expected the observations of an object"
        raise BadMission(str(path), problem, advice="Run tw rebuild HOME.") from error
    types = {n: pl.String() if isinstance(t, pl.Categorical) else t for n, t in OBSERVATION.items()}
    types["entry"] = pl.UInt64()
    named = table.with_columns(object=pl.lit(file.object), entry=pl.lit(file.entry))
    return named.select(pl.col(column).cast(kind) for column, kind in types.items())


def refused_of(there: Projection, name: str, many: int) -> tuple[pl.DataFrame, int]:
    """Return what of a sensor was refused, the newest object first, and how many rows in all.

    Args:
        there: The projection.
        name: Of the sensor.
        many: How many are returned at most.
    """
    files = there.desk.read("file", TABLES["file"].c.sensor == name, TABLES["file"].c.refused > 0)
    newest = files.sort("entry", descending=True)
    before = newest["refused"].cum_sum() - newest["refused"]
    entry = (
        newest.filter(before < many).select("object", "type", "entry").cast({"object": pl.String})
    )
    rows = TABLES["quarantine"].c.object.in_(entry["object"].to_list())
    told = there.desk.read("quarantine", rows).cast({"object": pl.String})
    found = told.join(entry, on=["object", "type"], how="inner")
    found = found.sort("entry", "row", descending=[True, False])
    return found.head(many), int(newest["refused"].sum())


def expect_known(known: Collection[str], name: str) -> None:
    """Refuse a sensor that nothing came of and nothing is expected of.

    Raises:
        NotFound: It is none of the known ones.
    """
    if name not in known:
        problem = (
            f"is no sensor of this mission, expected one of {', '.join(sorted(known)) or 'none'}"
        )
        raise NotFound(name[:40], problem)
