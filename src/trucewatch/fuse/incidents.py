"""Observations in, incidents out: the whole stage in reading order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from trucewatch.errors import EvidenceBroken
from trucewatch.fuse.associate import Association, associate
from trucewatch.fuse.count import counts
from trucewatch.fuse.distinct import Distinct, distinct
from trucewatch.fuse.estimate import estimate
from trucewatch.fuse.kind import check_meanings, classes
from trucewatch.geo.plane import Plane
from trucewatch.records.incident import incident_id
from trucewatch.records.table import INCIDENT, MEMBER, OBJECT, SUPERSEDED, conform, empty

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.fuse.settings import FusionSettings
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
        unlinked: `UNLINKED`, by object (as text) and row.
    """

    incidents: pl.DataFrame
    members: pl.DataFrame
    superseded: pl.DataFrame
    unlinked: pl.DataFrame


def fuse(
    observations: pl.DataFrame, *, models: Mapping[str, SensorModel], settings: FusionSettings
) -> Fused:
    """Return the incidents that a set of observations speaks of.

    A function of the set: neither the order of the rows nor their division into objects changes a
    bit of any incident. A table or a model that breaks its contract is refused as `BadInput`, which
    names the first such row.

    Args:
        observations: `records.table.OBSERVATION`; `features` and other columns are not looked at.
        models: Detection model of each sensor. One without reports still counts: its silence is
            evidence, so pass the sensors that watched, and no others.
        settings: The mission's fusion settings.

    Returns:
        Incidents, members, superseded ids, and what stayed unlinked.

    Raises:
        EvidenceBroken: Two different reports give the same incident id.
    """
    for name, model in models.items():
        check_meanings(name, model)
    sorted_out = distinct(observations, models=models, settings=settings)
    unlinked = conform(sorted_out.unlinked, UNLINKED)
    reports = sorted_out.reports
    if reports.is_empty():
        return Fused(
            incidents=empty(INCIDENT),
            members=empty(MEMBER),
            superseded=empty(SUPERSEDED),
            unlinked=unlinked,
        )
    plane = Plane(centre_lat_deg=settings.centre_lat_deg, centre_lon_deg=settings.centre_lon_deg)
    x_m, y_m = plane.project(reports["lon_deg"].to_numpy(), reports["lat_deg"].to_numpy())
    reports = reports.with_columns(x_m=x_m, y_m=y_m)
    found = associate(reports, models=models, settings=settings)
    members = _with_ids(reports, found)
    if members["own_id"].n_unique() < members.height:
        twice = members.filter(pl.col("own_id").is_duplicated())
        keys = twice.sort("own_id", "dedup_key")["dedup_key"][:2].to_list()
        problem = f"{keys[0]!r} and {keys[1]!r} give the same one, expected an id each"
        raise EvidenceBroken("incident id", problem)
    placed = estimate(members, found.groups, plane=plane, models=models)
    return Fused(
        incidents=_incidents(members, placed, found, models),
        members=_members(sorted_out, members),
        superseded=_superseded(members),
        unlinked=unlinked,
    )


def _with_ids(reports: pl.DataFrame, found: Association) -> pl.DataFrame:
    """Add `incident` (number), `own_id`, `id` of the incident, `membership_p` to each report."""
    groups = found.groups
    incident = np.empty(reports.height, np.int64)
    incident[groups.row] = np.repeat(np.arange(len(groups.start) - 1), np.diff(groups.start))
    # Hashing text one by one is the only way that the id is defined; nothing else loops over rows.
    own_id = pl.Series([incident_id(key) for key in reports["dedup_key"]], dtype=pl.String)
    least = groups.row[groups.start[:-1]]
    return reports.with_columns(
        incident=pl.Series(incident),
        own_id=own_id,
        id=own_id.gather(least).gather(incident),
        membership_p=pl.Series(found.membership_p),
    )


def _incidents(
    members: pl.DataFrame,
    placed: pl.DataFrame,
    found: Association,
    models: Mapping[str, SensorModel],
) -> pl.DataFrame:
    heads = members.group_by("incident", maintain_order=True).agg(
        pl.col("id", "tier").first(), pl.len().alias("members")
    )
    table = (
        heads.join(placed, on="incident", how="left", maintain_order="left")
        .join(classes(members, models), on="incident", how="left", maintain_order="left")
        .join(counts(members), on="incident", how="left", maintain_order="left")
        .join(
            pl.DataFrame({"incident": np.arange(len(found.real_p)), "real_p": found.real_p}),
            on="incident",
            how="left",
            maintain_order="left",
        )
        .with_columns(state=pl.lit("open"), priority=pl.lit(None, pl.String))
    )
    return conform(table, INCIDENT).sort("time", "id")


def _members(sorted_out: Distinct, members: pl.DataFrame) -> pl.DataFrame:
    spoken = members.select("distinct", pl.col("id").alias("incident"), "membership_p")
    table = sorted_out.copies.join(spoken, on="distinct", how="left")
    by_text = pl.col("object").cast(pl.String)
    return conform(table.sort("incident", by_text, "row"), MEMBER)


def _superseded(members: pl.DataFrame) -> pl.DataFrame:
    taken = members.filter(pl.col("own_id") != pl.col("id"))
    return taken.select(id="own_id", superseded_by="id").sort("id")
