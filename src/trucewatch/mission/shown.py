"""What a role sees of a mission: its tables, cut to the policy before anything is counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from trucewatch.access.policy import What, expect
from trucewatch.errors import BadMission
from trucewatch.evidence.keys import load_release
from trucewatch.evidence.vault.vault import Closed
from trucewatch.mission.alias import aliases
from trucewatch.mission.confidential import Plaintexts
from trucewatch.mission.configuration import in_force
from trucewatch.mission.projection import received
from trucewatch.mission.report_day import window
from trucewatch.records.table import ASSESSMENT, INCIDENT, MEMBER, empty
from trucewatch.report.release import coarse

if TYPE_CHECKING:
    from collections.abc import Collection

    from trucewatch.access.role import Viewer
    from trucewatch.evidence.log import Log
    from trucewatch.mission.configuration import Configuration
    from trucewatch.mission.home import Home
    from trucewatch.mission.projection import Projection
    from trucewatch.mission.settings import Settings
    from trucewatch.records.level import Level


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shown:
    """What one role sees, as of one state of the desk.

    Attributes:
        using: The configuration in force.
        incidents: `records.table.INCIDENT`, by time and id; for the public `report.release.SHARED`
            without `window`, under the names of public products.
        assessments: `records.table.ASSESSMENT` of what is seen, by subject and rule.
        members: `records.table.MEMBER` of these incidents; empty for the public.
        until: End of the last report day that is seen, aware; None where nothing is held back.
        size: Length of the log prefix that the tables are a function of; 0 before the first run.
        root: Root hash of that prefix.
    """

    using: Configuration
    incidents: pl.DataFrame
    assessments: pl.DataFrame
    members: pl.DataFrame
    until: datetime | None
    size: int
    root: str


class Tables(NamedTuple):
    """The tables of the desk that are shown, as a run left them."""

    incidents: pl.DataFrame
    members: pl.DataFrame
    assessments: pl.DataFrame


def tables_of(there: Projection) -> Tables:
    """Return the tables of a desk."""
    return Tables(*(there.desk.read(name) for name in ("incident", "members", "assessment")))


def moved_on(held: Shown, now: datetime) -> bool:
    """Return whether more has been released since."""
    return held.until is not None and held.until != released_until(held.using.settings, now)


def released_until(settings: Settings, now: datetime) -> datetime:
    """Return the end of the last report day whose release delay has passed."""
    latest = now - timedelta(hours=settings.release.delay_h)
    day = latest.astimezone(settings.mission.zone).date()
    end = window(settings, day)[1]
    return end if end <= latest else window(settings, day - timedelta(days=1))[1]


def shown(
    home: Home,
    log: Log,
    there: Projection,
    viewer: Viewer,
    now: datetime,
    *,
    tables: Tables | None = None,
) -> Shown:
    """Return what somebody sees now.

    Args:
        home: The mission.
        log: Its log.
        there: Its projection.
        viewer: Who asks.
        now: Decides what has been released.
        tables: Those of the desk, where they were read before.
    """
    row = expect(viewer, What.INCIDENT)
    state = there.desk.state()
    size = int(state.get("input_size", "0"))
    using = in_force(log, size or log.size)
    incidents, members, assessments = tables or tables_of(there)
    until = released_until(using.settings, now) if row.delayed else None
    if until is not None:
        incidents = incidents.filter(pl.col("time") < until)
    if row.coarse:
        incidents = _resting_on(objects_at(log, row.levels), incidents, members)
        names = aliases(load_release(home.path / "keys" / "release.key"), incidents["id"])
        told = assessments.filter(pl.col("subject_kind") == "incident")
        told = told.filter(pl.col("subject").is_in(incidents["id"].implode()))
        assessments = _renamed(told, "subject", names).with_columns(inside_p=None, trace=None)
        incidents, members = coarse(_renamed(incidents, "id", names)), empty(MEMBER)
    return Shown(
        using=using,
        incidents=incidents.sort("time", "id"),
        assessments=assessments.sort("subject", "rule", maintain_order=True),
        members=members,
        until=until,
        size=size,
        root=state.get("input_root", ""),
    )


def nothing(log: Log) -> Shown:
    """Return what is seen before anything has been run."""
    return Shown(
        using=in_force(log, log.size),
        incidents=empty(INCIDENT),
        assessments=empty(ASSESSMENT),
        members=empty(MEMBER),
        until=None,
        size=0,
        root="",
    )


def objects_at(log: Log, levels: Collection[Level]) -> frozenset[str]:
    """Return the received objects of some levels whose content is not erased.

    Raises:
        BadMission: The key of an object above them is not here, so that nobody can say which
            incidents rest on it.
    """
    plaintexts, found = Plaintexts(log), set()
    for each in received(log, log.size):
        if each.entry.level in levels:
            found.add(each.entry.object)
        elif each.entry.object not in plaintexts.erased:
            held = plaintexts.closed(each.entry)
            if isinstance(held, Closed):
                problem = f"{held.reason}, so what the public may see is not known here"
                where, advice = f"entry {each.index}", "Serve where the keys are."
                raise BadMission(where, problem, advice=advice)
    return frozenset(found)


def _resting_on(
    objects: Collection[str], incidents: pl.DataFrame, members: pl.DataFrame
) -> pl.DataFrame:
    """Return the incidents that have members, each of an object that may be seen."""
    other = members.filter(~pl.col("object").cast(pl.String).is_in(list(objects)))
    known = incidents.join(members, left_on="id", right_on="incident", how="semi")
    return known.join(other, left_on="id", right_on="incident", how="anti")


def _renamed(table: pl.DataFrame, column: str, names: dict[str, str]) -> pl.DataFrame:
    return table.with_columns(pl.col(column).replace_strict(names, return_dtype=pl.String))
