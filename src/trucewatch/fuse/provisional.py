"""Incidents of reports that just came, before a run has looked at everything.

A run fuses all that the log holds and takes longer the more that is. Here reports are joined as
they come, and only what they touch is solved again. What it leaves to the run: chances of
memberships, reports of a settlement or a day, picks of stations, what analysts said, every rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from trucewatch.fuse.distinct import PRECISE, distinct
from trucewatch.fuse.gather import plane_of
from trucewatch.fuse.groups import numbered
from trucewatch.fuse.incidents import Known, incidents_of
from trucewatch.fuse.ongoing import Ongoing
from trucewatch.fuse.real import look_by_look, part_of
from trucewatch.records.incident import incident_id
from trucewatch.records.table import INCIDENT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from trucewatch.fuse.associate import Association
    from trucewatch.fuse.settings import FusionSettings
    from trucewatch.records.sensor import SensorModel

PROVISIONAL: dict[str, pl.DataType] = {**INCIDENT, "entry": pl.Int64()}
"""As `records.table.INCIDENT`, and the newest entry of the log that it rests on."""
RAN = -1
"""In place of the entry of a report that a run has looked at."""


class Provisional:
    """The incidents that rest on a report no run has looked at yet.

    Args:
        models: Detection model of every sensor that sends.
        settings: The mission's.

    Attributes:
        incidents: `PROVISIONAL`, newest entry last.
    """

    def __init__(self, *, models: Mapping[str, SensorModel], settings: FusionSettings) -> None:
        self._known = Known(models, settings, plane_of(settings))
        self._ongoing = Ongoing(models=models, settings=settings)
        self._reports = pl.DataFrame()
        self._silences: pl.DataFrame | None = None
        self.incidents = pl.DataFrame(schema=PROVISIONAL)

    @property
    def sensors(self) -> frozenset[str]:
        """Of which it takes reports."""
        return frozenset(self._known.models)

    def add(self, observations: pl.DataFrame, *, silences: pl.DataFrame | None = None) -> None:
        """Take in what came; a report that is held already says nothing new.

        Args:
            observations: `records.table.OBSERVATION`, and `entry`: of each row's object, or `RAN`.
            silences: When sensors were silent beyond chance; as before where it is not said anew.
        """
        if silences is not None:
            self._silences = silences
        fresh = self._fresh(observations)
        if fresh.is_empty():
            return
        again = self._ongoing.add(fresh, silences=self._silences).rows
        held = [self._reports, fresh] if len(self._reports) else [fresh]
        self._reports = pl.concat(held, how="diagonal_relaxed")
        self._put(again)

    def ran(self, size: int) -> None:
        """Leave to a run what it has looked at: the entries below a size."""
        self.incidents = self.incidents.filter(pl.col("entry") >= size)
        if len(self._reports):
            entry = pl.when(pl.col("entry") < size).then(RAN).otherwise("entry")
            self._reports = self._reports.with_columns(entry.alias("entry"))

    def _fresh(self, observations: pl.DataFrame) -> pl.DataFrame:
        """Return the precise reports that are not held, with their places in the plane."""
        told = distinct(observations, models=self._known.models, settings=self._known.settings)
        reports = told.reports.filter(pl.col("tier") == PRECISE).drop("distinct")
        if len(self._reports):
            reports = reports.join(self._reports.select("dedup_key"), on="dedup_key", how="anti")
        entries = observations.select("dedup_key", "entry").group_by("dedup_key").agg(
            pl.col("entry").max()
        )  # fmt: skip
        reports = reports.join(entries, on="dedup_key", how="left", maintain_order="left")
        lon_deg, lat_deg = (reports[name].to_numpy() for name in ("lon_deg", "lat_deg"))
        x_m, y_m = self._known.plane.project(lon_deg, lat_deg)
        keys = reports["dedup_key"]
        own_id = pl.Series([incident_id(key) for key in keys], dtype=pl.String)
        return reports.with_columns(x_m=x_m, y_m=y_m, own_id=own_id, membership_p=pl.lit(1.0))

    def _put(self, again: NDArray[np.int64]) -> None:
        """Put the incidents of the reports that were solved again in place of what they were."""
        order, found = self._ongoing.order, self._ongoing.association()
        was = self._reports["own_id"].gather(order[again]).to_frame("id")
        kept = self.incidents.join(was, on="id", how="anti", maintain_order="left")
        label = found.clustered.label[again]
        news = self._reports["entry"].gather(order[again]).to_numpy() > RAN
        again = again[np.isin(label, label[news])]
        made = self._made(self._reports[order[again]], part_of(found, again))
        self.incidents = pl.concat([kept, made]).sort("entry", maintain_order=True)

    def _made(self, members: pl.DataFrame, found: Association) -> pl.DataFrame:
        """Return the incidents of these reports, which are all of theirs."""
        if members.is_empty():
            return pl.DataFrame(schema=PROVISIONAL)
        found = look_by_look(found, members, self._known.models)
        groups = found.groups
        least, number = groups.row[groups.start[:-1]], numbered(groups)
        ids = members["own_id"].gather(least).gather(number)
        members = members.with_columns(incident=pl.Series(number), id=ids)
        newest = members.group_by("id").agg(pl.col("entry").max())
        return incidents_of(members, groups, found.real_p, self._known).join(newest, on="id")
