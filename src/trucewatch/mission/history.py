"""What became of what analysts said: the log's links, held against the reports there are now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.fuse.bound import Bound, bind
from trucewatch.mission.configuration import in_force
from trucewatch.mission.linked import Linked, linked
from trucewatch.mission.opened import reading
from trucewatch.store.schema import TABLES

if TYPE_CHECKING:
    from trucewatch.mission.configuration import Configuration
    from trucewatch.mission.home import Home
    from trucewatch.mission.projection import Projection
    from trucewatch.records.link import Act


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A statement of the past, and what became of it.

    Attributes:
        entry: Index of its entry.
        act: What was done.
        by: Name of the person, as typed.
        logged_at: When the log acknowledged it.
        reason: In their words.
        incidents: Ids as they were then.
        now: Ids of the incidents that hold those observations now.
        in_effect: `whole`, `part` or `none` of it, by what was said later.
        used: Whether a run has used it.
        missing: Addresses `OBJECT:ROW` that form no incident any more.
    """

    entry: int
    act: Act
    by: str
    logged_at: str
    reason: str
    incidents: tuple[str, ...]
    now: tuple[str, ...]
    in_effect: str
    used: bool
    missing: tuple[str, ...]


def history(home: Home) -> list[Told]:
    """Return every statement about incidents, in order, with what became of it."""
    with reading(home) as (log, there):
        every = linked(log, log.size)
        if not every:
            return []
        bound = bind([each.link for each in every], copies_of(there, in_force(log, log.size)))
        members = counted(there)
        used = int(there.desk.state().get("input_size", 0))
        return [_told(each, bound, members, used=each.link.entry < used) for each in every]


def _told(each: Linked, bound: Bound, members: pl.DataFrame, *, used: bool) -> Told:
    link = each.link
    named = pl.DataFrame(
        [*link.observations, *link.against],
        schema={"object": pl.String, "row": pl.UInt32},
        orient="row",
    )
    now = members.join(named, on=["object", "row"], how="semi")["incident"].unique().sort()
    return Told(
        entry=link.entry,
        act=link.act,
        by=each.said.by,
        logged_at=each.logged_at.isoformat(),
        reason=each.said.reason,
        incidents=each.incidents,
        now=tuple(now),
        in_effect=str(bound.standing[link.entry]),
        used=used,
        missing=tuple(f"{m.object}:{m.row}" for m in bound.missing if m.entry == link.entry),
    )


def counted(there: Projection) -> pl.DataFrame:
    """Return `incident`, `object` (text) and `row` where each observation is counted: once."""
    members = there.desk.read("members", TABLES["members"].c.role == "member")
    return members.select("incident", pl.col("object").cast(pl.String), "row")


def copies_of(there: Projection, using: Configuration) -> pl.DataFrame:
    """Return `distinct`, `object` (text) and `row` of every observation that forms an incident."""
    return there.distinct(using).copies.with_columns(pl.col("object").cast(pl.String))
