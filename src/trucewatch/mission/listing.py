"""`tw incidents`, `tw assessments`, `tw quarantine`: what the projections hold, as known at T."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.errors import BadInput, BadMission
from trucewatch.mission.confidential import Plaintexts
from trucewatch.mission.logbook import size_at
from trucewatch.mission.opened import reading
from trucewatch.mission.projection import Projection, project
from trucewatch.records.assessment import Outcome
from trucewatch.records.happening import HAPPENINGS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from trucewatch.mission.home import Home


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which rows to list.

    Attributes:
        since: Only incidents at or after this instant.
        until: Only incidents before this instant.
        kind: Only incidents whose likeliest kind is this.
        outcome: Only assessments with this outcome.
        subject_kind: Only assessments of this kind of subject, such as `incident` or `sighting`.
        rule: Only assessments against the rule of this id.
        episode: Only incidents of the episode whose name begins like this.
    """

    since: datetime | None = None
    until: datetime | None = None
    kind: str = ""
    outcome: str = ""
    subject_kind: str = ""
    rule: str = ""
    episode: str = ""

    def __post_init__(self) -> None:
        """Refuse a word that no row can have.

        Raises:
            BadInput: No such kind, or no such outcome.
        """
        for what, word, known in (
            ("kind", self.kind, list(HAPPENINGS)),
            ("outcome", self.outcome, [str(o) for o in Outcome]),
        ):
            if word and word not in known:
                raise BadInput(what, f"{word!r} is not known, expected one of {', '.join(known)}")


def incidents(home: Home, *, only: Filter, as_of: datetime | None = None) -> pl.DataFrame:
    """Return incidents (`records.table.INCIDENT`), earliest first."""
    with known_at(home, as_of) as there:
        table = there.desk.read("incident")
    if only.since is not None:
        table = table.filter(pl.col("time") >= only.since)
    if only.until is not None:
        table = table.filter(pl.col("time") < only.until)
    if only.kind:
        table = table.filter(pl.col("class") == only.kind)
    if only.episode:
        table = table.filter(pl.col("episode").str.starts_with(only.episode))
    return table.sort("time", "id")


def episodes(home: Home, *, only: Filter, as_of: datetime | None = None) -> pl.DataFrame:
    """Return incidents gathered for people to look at, earliest first; they are never counted.

    Columns: `episode`, `start` and `end` of the incidents' times, mean `lat_deg` and `lon_deg`,
    `incidents`, `real` (expected number that happened), `reports`, `kinds` (likeliest kinds with
    how many incidents, most first).
    """
    table = incidents(home, only=only, as_of=as_of)
    kinds = (
        table.group_by("episode", "class")
        .len()
        .sort("len", "class", descending=[True, False])
        .group_by("episode", maintain_order=True)
        .agg(pl.concat_str(pl.col("len").cast(pl.String), pl.lit(" "), "class").str.join(", "))
        .rename({"len": "kinds"})
    )
    cards = table.group_by("episode").agg(
        pl.col("time").min().alias("start"),
        pl.col("time").max().alias("end"),
        pl.col("lat_deg", "lon_deg").mean(),
        pl.len().alias("incidents"),
        pl.col("real_p").sum().alias("real"),
        pl.col("members").sum().alias("reports"),
    )
    return cards.join(kinds, on="episode").sort("start", "episode")


def silences(home: Home, *, as_of: datetime | None = None) -> pl.DataFrame:
    """Return when sensors were silent beyond their rhythm (`records.table.SILENCE`).

    Raises:
        BadMission: Nothing has been run yet, so nothing is known of silences.
    """
    with known_at(home, as_of) as there:
        if "input_size" not in there.desk.state():
            problem = "nothing has been run, so no silence was looked for; expected a run"
            raise BadMission(str(home.path), problem, advice=f"Run: tw run {home.path}")
        return there.desk.read("silence").sort("start", "sensor")


def assessments(home: Home, *, only: Filter, as_of: datetime | None = None) -> pl.DataFrame:
    """Return assessments (`records.table.ASSESSMENT`), by subject and rule."""
    with known_at(home, as_of) as there:
        return chosen(there.desk.read("assessment"), only)


def chosen(assessments: pl.DataFrame, only: Filter) -> pl.DataFrame:
    """Return the assessments that a filter leaves."""
    for column in ("outcome", "subject_kind", "rule"):
        if word := getattr(only, column):
            assessments = assessments.filter(pl.col(column) == word)
    return assessments


def quarantine(home: Home) -> pl.DataFrame:
    """Return what was refused (`store.schema.QUARANTINE`) with each file's name in `file`."""
    with reading(home) as (log, there):
        table = there.desk.read("quarantine")
        objects = table["object"].cast(pl.String).unique().to_list()
        plaintexts = Plaintexts(log)
        names = {o: plaintexts.name(log.entry(log.indices_of(o)[0])) for o in objects}
    return table.with_columns(
        pl.col("object").cast(pl.String).replace_strict(names, return_dtype=pl.String).alias("file")
        if names
        else pl.lit("").alias("file")
    )


@contextmanager
def known_at(home: Home, instant: datetime | None) -> Iterator[Projection]:
    """Yield the projection as it is, or of the log prefix that existed at `instant`.

    Raises:
        BadMission: The log held no configuration yet at that instant.
    """
    with reading(home) as (log, there):
        if instant is None:
            yield there
            return
        size = size_at(log, instant)
        if size == 0:
            problem = f"nothing was logged by {instant.isoformat()}, expected a later time"
            raise BadMission(log.origin, problem)
        with tempfile.TemporaryDirectory() as folder:
            places = Path(folder) / "archive", Path(folder) / "desk.db"
            with Projection.at(*places, write=True) as fresh:
                project(log, size, fresh)
                yield fresh
