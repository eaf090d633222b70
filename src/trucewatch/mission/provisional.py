"""What came since the last run, as incidents that nothing has been assessed of yet.

A run looks at everything and takes its time. So that a watch floor need not wait for it, reports
are joined as they are sealed, by the same code and to the same incidents (`fuse.provisional`). What
comes of it is shown to the mission, marked as provisional; it is kept nowhere and enters no log.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from trucewatch.fuse.provisional import PROVISIONAL, RAN, Provisional
from trucewatch.fuse.silence import signs, silences
from trucewatch.mission.configuration import in_force
from trucewatch.mission.home import Home
from trucewatch.mission.opened import reading
from trucewatch.mission.projection import received
from trucewatch.mission.reporting import reporting, reports_of
from trucewatch.observe import sensor as sensor_module
from trucewatch.records.table import OBSERVATION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trucewatch.evidence.log import Log
    from trucewatch.mission.projection import Projection


class Sealed(NamedTuple):
    """What one sealed file held.

    Attributes:
        entry: Its entry of the log.
        sensor: Who sent it.
        observations: `records.table.OBSERVATION`.
    """

    entry: int
    sensor: str
    observations: pl.DataFrame


class Foreseeing:
    """Keeps the reports of a mission, and what the newest of them come to.

    It reads the mission at the first call, and again when its configuration changed or a sensor
    sends for the first time.
    """

    def __init__(self) -> None:
        self._held: Provisional | None = None
        self._configured = -1
        self._since: list[Sealed] = []

    def __call__(self, path: str, sealed: Sequence[Sealed]) -> pl.DataFrame:
        """Return the provisional incidents after some files more.

        Args:
            path: The mission's folder; another process may write it.
            sealed: Files, in the order of their entries.

        Returns:
            `PROVISIONAL`, newest entry last. After an error the mission is read again.
        """
        try:
            return self._joined(path, sealed)
        except Exception:
            self._held = None
            raise

    def _joined(self, path: str, sealed: Sequence[Sealed]) -> pl.DataFrame:
        sealed = [each for each in sealed if reporting(each.sensor)]
        with reading(Home(Path(path))) as (log, there):
            size = int(there.desk.state().get("input_size", "0"))
            self._since = [each for each in (*self._since, *sealed) if each.entry >= size]
            configured = in_force(log, log.size).entry
            strange = {each.sensor for each in sealed} - self._sensors
            if self._held is None or strange or configured != self._configured:
                self._configured = configured
                self._held = _read(log, there, size, self._since)
                sealed = self._since
        self._held.ran(size)
        if sealed:
            self._held.add(_together(sealed))
        return self._held.incidents

    @property
    def _sensors(self) -> frozenset[str]:
        return frozenset() if self._held is None else self._held.sensors


def foreseeing() -> Foreseeing:
    """Return what does it, for a process of its own."""
    return Foreseeing()


def _read(log: Log, there: Projection, size: int, also: Sequence[Sealed]) -> Provisional:
    """Return what the archive holds, a run having looked at what lies below `size`."""
    using = in_force(log, log.size)
    names = {each.sensor for each in also}
    models = there.models() | {name: sensor_module(name).MODEL for name in names}
    held = Provisional(models=models, settings=using.settings.fusion)
    reports = there.reports()
    if len(reports):
        entries = [(each.entry.object, each.index) for each in received(log, log.size)]
        table = pl.DataFrame(entries, schema=["object", "entry"], orient="row")
        table = table.group_by("object").agg(pl.col("entry").min())
        told = reports.with_columns(pl.col("object").cast(pl.String)).join(
            table, on="object", how="left", maintain_order="left"
        )
        entry = pl.when(pl.col("entry") < size).then(RAN).otherwise("entry")
        silent = silences(signs(reports), sensors=list(models))
        held.add(told.with_columns(entry.alias("entry")), silences=silent)
    return held


def _together(sealed: Sequence[Sealed]) -> pl.DataFrame:
    tables = [
        reports_of(each.observations)
        .select(
            pl.col(name).cast(kind) for name, kind in {**OBSERVATION, "object": pl.String()}.items()
        )
        .with_columns(entry=pl.lit(each.entry, pl.Int64))
        for each in sealed
    ]
    return pl.concat(tables)


NOTHING = pl.DataFrame(schema=PROVISIONAL)
"""Where nothing came since."""
