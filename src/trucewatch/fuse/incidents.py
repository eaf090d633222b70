"""Observations in, incidents out: the whole stage in reading order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from trucewatch.errors import EvidenceBroken
from trucewatch.fuse.associate import associate
from trucewatch.fuse.bound import bind
from trucewatch.fuse.count import counts
from trucewatch.fuse.distinct import PRECISE, Distinct
from trucewatch.fuse.episode import episodes
from trucewatch.fuse.estimate import estimate
from trucewatch.fuse.gather import gather, plane_of
from trucewatch.fuse.kind import blended, check_meanings, classes
from trucewatch.fuse.membership import memberships
from trucewatch.fuse.real import look_by_look
from trucewatch.fuse.settle import COUNTED, Said, Settled, divide, settle
from trucewatch.fuse.silence import signs, silences
from trucewatch.records.incident import incident_id
from trucewatch.records.table import (
    INCIDENT,
    MEMBER,
    OBJECT,
    SILENCE,
    SUPERSEDED,
    conform,
    empty,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from trucewatch.fuse.groups import Groups
    from trucewatch.fuse.settings import FusionSettings
    from trucewatch.geo.plane import Plane
    from trucewatch.records.link import Link
    from trucewatch.records.sensor import SensorModel

UNLINKED: dict[str, pl.DataType] = {
    "object": OBJECT,
    "row": pl.UInt32(),
    "why": pl.String(),
}
"""Observations that form no incident, and why; they are listed apart, not dropped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fused:
    """What fusion made of a set of observations.

    Attributes:
        incidents: `records.table.INCIDENT`, by time, then id.
        members: `records.table.MEMBER`, by incident, then object (as text) and row; copies of one
            report in overlapping downloads are all listed, with the same membership.
        superseded: `records.table.SUPERSEDED`, by id.
        silences: `records.table.SILENCE`, by sensor and start.
        unlinked: `UNLINKED`, by object (as text) and row.
    """

    incidents: pl.DataFrame
    members: pl.DataFrame
    superseded: pl.DataFrame
    silences: pl.DataFrame
    unlinked: pl.DataFrame


class Known(NamedTuple):
    """What the parts of the stage share."""

    models: Mapping[str, SensorModel]
    settings: FusionSettings
    plane: Plane


def fuse(
    observations: pl.DataFrame,
    *,
    models: Mapping[str, SensorModel],
    settings: FusionSettings,
    links: Sequence[Link] = (),
    picks: pl.DataFrame | None = None,
) -> Fused:
    """Return the incidents that a set of observations speaks of.

    A function of the set: neither the order of the rows nor their division into objects changes a
    bit of any incident. A table or a model that breaks its contract is refused as `BadInput`, which
    names the first such row.

    Args:
        observations: `records.table.OBSERVATION`; `features` are looked at where a model says what
            they tell.
        models: Detection model of each sensor. One that watched and did not report is evidence;
            when it was silent beyond its own rhythm it is taken not to have watched.
        settings: The mission's fusion settings.
        links: What analysts said of observations, in the order of their entries.
        picks: The picks of stations among the observations, with their `features`, if any.

    Returns:
        Incidents, members, superseded ids, silences, and what stayed unlinked. Two different
        reports that give the same incident id are refused as `EvidenceBroken`.
    """
    for name, model in models.items():
        check_meanings(name, model)
    sorted_out = gather(observations, picks, models=models, settings=settings)
    unlinked = conform(sorted_out.unlinked, UNLINKED)
    reports = sorted_out.reports
    if reports.is_empty():
        return Fused(
            incidents=empty(INCIDENT),
            members=empty(MEMBER),
            superseded=empty(SUPERSEDED),
            silences=empty(SILENCE),
            unlinked=unlinked,
        )
    plane = plane_of(settings)
    x_m, y_m = plane.project(reports["lon_deg"].to_numpy(), reports["lat_deg"].to_numpy())
    reports = reports.with_columns(x_m=x_m, y_m=y_m)
    silent = silences(signs(observations), sensors=list(models))
    known = Known(models, settings, plane)
    said = divide(bind(links, sorted_out.copies), int((reports["tier"] == PRECISE).sum()))
    settled = _settled(reports, said, silent, known)
    members = _with_ids(reports, settled)
    incidents = incidents_of(members, settled.groups, settled.real_p, known)
    return Fused(
        incidents=incidents.with_columns(episode=episodes(incidents, plane=plane)),
        members=_members(sorted_out, members, settled),
        superseded=_superseded(members),
        silences=conform(silent, SILENCE),
        unlinked=unlinked,
    )


def _settled(reports: pl.DataFrame, said: Said, silent: pl.DataFrame, known: Known) -> Settled:
    found = associate(
        reports,
        models=known.models,
        settings=known.settings,
        links=said.links,
        silences=silent,
    )
    found = look_by_look(found, reports[: len(found.matrix)], known.models)
    chances = memberships(
        found, reports, models=known.models, settings=known.settings, silences=silent
    )
    return settle(found.clustered.label, chances, said)


def _with_ids(reports: pl.DataFrame, settled: Settled) -> pl.DataFrame:
    """Add `incident` (number), `own_id`, `id` of the incident and `membership_p` to each report.

    Raises:
        EvidenceBroken: Two different reports give the same id.
    """
    groups = settled.groups
    # Hashing text one by one is the only way that the id is defined; nothing else loops over rows.
    own_id = pl.Series([incident_id(key) for key in reports["dedup_key"]], dtype=pl.String)
    least = groups.row[groups.start[:-1]]
    counted = settled.pairs.filter(pl.col("role") == COUNTED).sort("report")
    members = reports.with_columns(
        counted["incident", "membership_p"],
        own_id=own_id,
        id=own_id.gather(least).gather(counted["incident"]),
    )
    if own_id.n_unique() < len(own_id):
        twice = members.filter(pl.col("own_id").is_duplicated())
        keys = twice.sort("own_id", "dedup_key")["dedup_key"][:2].to_list()
        problem = f"{keys[0]!r} and {keys[1]!r} give the same one, expected an id each"
        raise EvidenceBroken("incident id", problem)
    return members


def incidents_of(
    members: pl.DataFrame, groups: Groups, real_p: NDArray[np.float64], known: Known
) -> pl.DataFrame:
    """Return `records.table.INCIDENT`, by time, then id; `episode` is still null.

    Args:
        members: Distinct reports in canonical order with `x_m`, `y_m`, `incident` (number), `id` of
            the incident and `membership_p`.
        groups: The same grouping.
        real_p: One per incident.
        known: Models, settings, plane.
    """
    table = members.group_by("incident", maintain_order=True).agg(
        pl.col("id", "tier").first(),
        pl.len().alias("members"),
        pl.col("sensor").n_unique().alias("sensors"),
    )
    parts = (
        estimate(members, groups, plane=known.plane, models=known.models),
        _classes(members, known),
        counts(members),
        pl.DataFrame({"incident": np.arange(len(real_p)), "real_p": real_p}),
    )
    for part in parts:
        table = table.join(part, on="incident", how="left", maintain_order="left")
    none = pl.lit(None, pl.String)
    table = table.with_columns(state=pl.lit("open"), priority=none, episode=none)
    return conform(table, INCIDENT).sort("time", "id")


def _classes(members: pl.DataFrame, known: Known) -> pl.DataFrame:
    """Return the classes; an imprecise member has its say as far as it is likely to be one."""
    kind_p = known.settings.kind_p
    heard = classes(members, known.models, kind_p=kind_p)
    least_tier = pl.col("tier").min().over("incident")
    joined = members.filter((pl.col("tier") != PRECISE) & (least_tier.is_in([PRECISE])))
    mixed = members.filter(pl.col("incident").is_in(joined["incident"].unique().implode()))
    if joined.is_empty():
        return heard
    alone = classes(mixed.filter(tier=PRECISE), known.models, kind_p=kind_p)
    chance = joined.group_by("incident").agg(pl.col("membership_p").max())
    return blended(heard, alone, chance)


def _members(sorted_out: Distinct, members: pl.DataFrame, settled: Settled) -> pl.DataFrame:
    names = members.unique("incident", keep="first", maintain_order=True)
    table = (
        settled.pairs.join(names.select("incident", incident_name="id"), on="incident", how="left")
        .select(
            pl.col("incident_name").alias("incident"),
            pl.col("report").alias("distinct"),
            "membership_p",
            "role",
            "evidence",
        )
        .join(
            sorted_out.copies.with_columns(pl.col("distinct").cast(pl.Int64)),
            on="distinct",
            how="left",
        )
    )
    by_text = pl.col("object").cast(pl.String)
    return conform(table.sort("incident", by_text, "row"), MEMBER)


def _superseded(members: pl.DataFrame) -> pl.DataFrame:
    taken = members.filter(pl.col("own_id") != pl.col("id"))
    return taken.select(id="own_id", superseded_by="id").sort("id")
