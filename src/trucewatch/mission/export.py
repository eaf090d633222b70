"""`tw export`: a bundle with which an outsider can check what was published, without our code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

import polars as pl

from trucewatch.evidence.assemble import assemble
from trucewatch.evidence.bundle import write_bundle
from trucewatch.evidence.statement import LINKED
from trucewatch.mission.configuration import in_force, statements
from trucewatch.mission.linked import CITED_TYPE, LINKED_TYPE
from trucewatch.mission.opened import reading
from trucewatch.records.level import Level

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from trucewatch.evidence.entry import Entry
    from trucewatch.evidence.log import Log
    from trucewatch.mission.clock import Clock
    from trucewatch.mission.home import Home
    from trucewatch.mission.projection import Projection

ExportLevel = Literal["public", "mission"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What a bundle holds.

    Attributes:
        path: The bundle.
        entries: Entries of the log, all of them.
        objects: Objects that are included.
        withheld: Objects that are not, with the reason of each, by entry.
        bytes: Size of the bundle.
    """

    path: Path
    entries: int
    objects: int
    withheld: dict[int, str]
    bytes: int


def export(home: Home, out: Path, *, level: ExportLevel, clock: Clock) -> Exported:
    """Write a bundle: the whole log, and the objects that `level` may see.

    At `public` an object is included when it is CLEAR and every observation in it is older than the
    release delay, counted from its receipt when something in it could not be read; at `mission`
    every object is. What analysts said, and what they cited, names people and exact places: it
    stays in the mission.
    """
    with reading(home) as (log, there):
        settings = in_force(log, log.size).settings
        include: Callable[[int, Entry], str | None] = _everything
        if level == "public":
            limit = clock.now() - timedelta(hours=settings.release.delay_h)
            include = _public(log, there, limit)
        withheld = {
            index: reason
            for index, entry in log.entries(0, log.size)
            if (reason := include(index, entry)) is not None
        }
        files = assemble(
            log, include=include, reports=_reports(log), exercise=settings.mission.exercise
        )
        write_bundle(out, files)
        return Exported(
            path=out,
            entries=log.size,
            objects=log.size - len(withheld),
            withheld=withheld,
            bytes=out.stat().st_size,
        )


def _reports(log: Log) -> dict[str, str]:
    """Return published files by readable name; an earlier edition carries its hash in front.

    The names are those that the statements published, never what somebody called the same bytes.
    """
    editions: dict[str, list[str]] = {}
    for _, statement in statements(log, "published/v1"):
        for subject in statement.subjects:
            seen = editions.setdefault(subject.name, [])
            seen[:] = [*(digest for digest in seen if digest != subject.sha256), subject.sha256]
    earlier = {f"{d[:12]}-{name}": d for name, seen in editions.items() for d in seen[:-1]}
    return earlier | {name: seen[-1] for name, seen in editions.items()}


def _everything(_: int, __: Entry) -> str | None:
    return None


def _public(log: Log, there: Projection, limit: datetime) -> Callable[[int, Entry], str | None]:
    cited = {
        subject.sha256
        for _, statement in statements(log, LINKED)
        for subject in statement.subjects
        if subject.name == CITED_TYPE
    }
    files = there.desk.read("file").group_by(pl.col("object").cast(pl.String))
    totals = files.agg(pl.col("time_max").max(), pl.col("refused").sum())
    read = {digest: (newest, refused) for digest, newest, refused in totals.iter_rows()}

    def reason(_: int, entry: Entry) -> str | None:
        if entry.level is not Level.CLEAR:
            return f"level {entry.level}"
        if entry.type == LINKED_TYPE or entry.object in cited:
            return "mission only"
        if not entry.type.startswith("received/"):
            return None
        latest, refused = read.get(entry.object, (None, 0))
        if latest is None or refused:  # rows whose time nobody could read are as new as the file
            latest = max(latest or entry.logged_at, entry.logged_at)
        return "release delay" if latest > limit else None

    return reason
