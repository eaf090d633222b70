"""`tw export`: a bundle with which an outsider can check what was published, without our code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

import polars as pl

from trucewatch.evidence.assemble import assemble
from trucewatch.evidence.bundle import write_bundle
from trucewatch.mission.configuration import in_force
from trucewatch.mission.naming import label
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

_PUBLISHED = ("report/", "release/", "cited/")
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
    release delay; at `mission` every object is.
    """
    with reading(home) as (log, there):
        settings = in_force(log, log.size).settings
        include: Callable[[int, Entry], str | None] = _everything
        if level == "public":
            limit = clock.now() - timedelta(hours=settings.release.delay_h)
            include = _public(there, limit)
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
    """Return published files by readable name; an earlier edition carries its hash in front."""
    reports: dict[str, str] = {}
    for _, entry in log.entries(0, log.size):
        if entry.type.startswith(_PUBLISHED):
            name = label(log, entry.object)
            if name in reports:
                reports[f"{reports[name][:12]}-{name}"] = reports[name]
            reports[name] = entry.object
    return reports


def _everything(_: int, __: Entry) -> str | None:
    return None


def _public(there: Projection, limit: datetime) -> Callable[[int, Entry], str | None]:
    files = there.desk.read("file").group_by(pl.col("object").cast(pl.String))
    newest = dict(files.agg(pl.col("time_max").max()).iter_rows())

    def reason(_: int, entry: Entry) -> str | None:
        if entry.level is not Level.CLEAR:
            return f"level {entry.level}"
        latest = newest.get(entry.object)
        if latest is not None and latest > limit:
            return "release delay"
        return None

    return reason
