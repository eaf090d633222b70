"""What is known: incidents, tracks and the logbook, as an agreement is applied to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.assess import assess, assess_again
from trucewatch.mission.configuration import versions
from trucewatch.mission.logbook import every_record
from trucewatch.records.canonical import canonical
from trucewatch.records.facts import Facts
from trucewatch.records.logbook.standing import row
from trucewatch.records.table import TRACK, empty
from trucewatch.records.track import track_table
from trucewatch.store.schema import LOGBOOK

if TYPE_CHECKING:
    from datetime import datetime

    from trucewatch.evidence.log import Log
    from trucewatch.store.archive import Archive
    from trucewatch.store.desk import Desk

POSITIONS = "positions"
"""The family of sensors that send positions of aircraft and vessels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What a run assessed before under the same configuration.

    Attributes:
        facts: What was known then.
        assessed: `records.table.ASSESSMENT` of it.
    """

    facts: Facts
    assessed: pl.DataFrame


def as_of(log: Log, size: int) -> datetime:
    """Return the newest time of the first `size` entries; what is overdue is judged against it."""
    return log.entry(size - 1).logged_at


def facts(tables: tuple[Archive, Desk], log: Log, size: int, *, incidents: pl.DataFrame) -> Facts:
    """Return what is known from the first `size` entries, whose incidents were fused already.

    Args:
        tables: The projection's; it may have read files that came later, which are left out.
        log: The log.
        size: Entries that count.
        incidents: `records.table.INCIDENT` of these entries.
    """
    archive, desk = tables
    files = desk.read("file").filter((pl.col("entry") < size) & (pl.col("accepted") > 0))
    return Facts(
        as_of=as_of(log, size),
        incidents=incidents,
        tracks=_tracks(archive.family(POSITIONS), files),
        logbook=every_record(log, size),
    )


def _tracks(sent: pl.DataFrame, files: pl.DataFrame) -> pl.DataFrame:
    if sent.is_empty():  # then it has no features either
        return empty(TRACK)
    objects = files["object"].cast(pl.String).implode()
    return track_table(sent.filter(pl.col("object").cast(pl.String).is_in(objects)))


def assessed(known: Facts, log: Log, size: int, *, earlier: Earlier | None) -> pl.DataFrame:
    """Return what is known, set against every version of the agreement (`ASSESSMENT`).

    With what a run assessed before, only what changed is assessed; the result is the same.
    """
    texts = versions(log, size)
    if earlier is None:
        return assess(known, versions=texts)
    return assess_again(known, versions=texts, before=earlier.facts, assessed=earlier.assessed)


def logbook_table(log: Log, size: int) -> pl.DataFrame:
    """Return every record of the first `size` entries (`store.schema.LOGBOOK`), by id."""
    rows = []
    for record in every_record(log, size):
        told = row(record)
        for name in ("detail", "steps"):
            told[name] = canonical(told[name]).decode()
        rows.append(told)
    return pl.DataFrame(rows, schema=LOGBOOK).sort("id")
